"""A session of a role may do what its role, the role's boundary and the session's own policies all allow."""

import json
import re

from .emulated import EmulatedTestCase

READS = "arn:aws:iam::aws:policy/SecurityAudit"


def policy(*statements):
    """A policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*", **condition):
    """A statement that allows."""
    return {"Effect": "Allow", "Action": action, "Resource": resource} | ({"Condition": condition} if condition else {})


class RolesTestCase(EmulatedTestCase):
    """Roles of the management account, and sessions of any."""

    def role(self, name, *statements, **arguments):
        """Clients for a session of a new role of the management account."""
        iam = self.client("iam")
        trust = policy({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "sts:AssumeRole"})
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust, **arguments)
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=policy(*statements))
        return self.session(f"arn:aws:iam::123456789012:role/{name}")

    def session(self, role, **limits):
        """A function from a service's name to its client in a session."""
        keys = self.client("sts").assume_role(RoleArn=role, RoleSessionName="test", **limits)["Credentials"]
        return lambda service: self.client(service, keys)


class Trust(RolesTestCase):
    """Who may assume a role."""

    def test_the_organization_that_a_trust_names_is_looked_at(self):
        ours = self.organizations.describe_organization()["Organization"]["Id"]
        for name, organization in (("ours", ours), ("theirs", "o-another000")):
            trust = policy({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole",
                            "Condition": {"StringEquals": {"aws:PrincipalOrgID": organization}}})
            self.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)
        self.session("arn:aws:iam::123456789012:role/ours")
        self.assertRefused("AccessDenied", self.client("sts").assume_role, RoleSessionName="test",
                           RoleArn="arn:aws:iam::123456789012:role/theirs")


class Tokens(RolesTestCase):
    """Sessions that a token of an identity provider opens."""

    def test_a_role_has_to_trust_the_provider_and_its_policies_count(self):
        trust = {"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::123456789012:oidc-provider/example.com"},
                 "Action": "sts:AssumeRoleWithWebIdentity"}
        self.role("closed", allow("*"))
        self.client("iam").create_role(RoleName="pipeline", AssumeRolePolicyDocument=policy(trust))
        reads = policy(allow("organizations:List*"))
        self.client("iam").put_role_policy(RoleName="pipeline", PolicyName="p", PolicyDocument=reads)
        sts = self.client("sts")
        request = {"RoleSessionName": "test", "WebIdentityToken": "token"}
        for name in ("closed", "missing"):
            self.assertRefused("AccessDenied", sts.assume_role_with_web_identity,
                               RoleArn=f"arn:aws:iam::123456789012:role/{name}", **request)
        keys = sts.assume_role_with_web_identity(RoleArn="arn:aws:iam::123456789012:role/pipeline", **request)["Credentials"]
        self.client("organizations", keys).list_accounts()
        self.assertRefused("AccessDeniedException", self.client("organizations", keys).describe_organization)
        [session] = [of for of in self.control("GET", "sessions") if of["role_arn"].endswith("/pipeline")]
        self.assertEqual(session["policy"], None)


class Permissions(RolesTestCase):
    """Roles of the management account and of a member."""

    def test_what_no_policy_allows_is_denied(self):
        reader = self.role("reader", allow(["organizations:List*"]))
        reader("organizations").list_accounts()
        self.assertRefused("AccessDeniedException", reader("organizations").describe_organization)
        self.assertRefused("AccessDenied", reader("iam").list_roles)
        reader("sts").get_caller_identity()

    def test_a_deny_is_final(self):
        both = self.role("both", allow("iam:*"), {"Effect": "Deny", "Action": "iam:ListUsers", "Resource": "*"})
        both("iam").list_roles()
        denied = self.assertRefused("AccessDenied", both("iam").list_users)
        self.assertIn("explicit deny", denied["Error"]["Message"])

    def test_each_resource_of_a_call_has_to_be_allowed(self):
        account, unit = self.account("a"), self.unit("Prod")
        mover = self.role("mover", allow("organizations:MoveAccount", ["arn:aws:organizations::*:account/*", "arn:aws:organizations::*:root/*"]))
        move = {"AccountId": account, "SourceParentId": self.root(), "DestinationParentId": unit}
        self.assertRefused("AccessDeniedException", mover("organizations").move_account, **move)
        full = self.role("full", allow("organizations:MoveAccount"))
        full("organizations").move_account(**move)

    def test_conditions_on_tags(self):
        marked = {"StringLike": {"aws:RequestTag/fleet:id": "*"}}
        maker = self.role("maker", allow(["organizations:CreateAccount", "organizations:TagResource"], **marked))
        request = {"AccountName": "a", "Email": "aws+a@example.com"}
        self.assertRefused("AccessDeniedException", maker("organizations").create_account, **request)
        maker("organizations").create_account(**request, Tags=[{"Key": "fleet:id", "Value": "1"}])
        account = self.account("b", Tags=[{"Key": "fleet:id", "Value": "2"}])
        closer = self.role("closer", allow("organizations:CloseAccount", StringEquals={"aws:ResourceTag/fleet:id": "2"}))
        self.assertRefused("AccessDeniedException", closer("organizations").close_account, AccountId=self.account("c"))
        closer("organizations").close_account(AccountId=account)

    def test_a_session_policy_narrows_an_administrator(self):
        account = self.account("a")
        role = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
        limited = self.session(role, PolicyArns=[{"arn": READS}])
        limited("iam").get_account_authorization_details()
        denied = self.assertRefused("AccessDenied", limited("iam").create_user, UserName="x")
        self.assertIn("no session policy", denied["Error"]["Message"])
        self.session(role)("iam").create_user(UserName="x")

    def test_a_boundary_narrows_a_role(self):
        boundary = self.client("iam").create_policy(PolicyName="edge", PolicyDocument=policy(allow("iam:List*")))["Policy"]["Arn"]
        bounded = self.role("bounded", allow("iam:*"), PermissionsBoundary=boundary)
        bounded("iam").list_roles()
        self.assertRefused("AccessDenied", bounded("iam").create_user, UserName="x")

    def test_the_boundary_of_a_role_is_a_condition(self):
        edge = "arn:aws:iam::123456789012:policy/edge"
        self.client("iam").create_policy(PolicyName="edge", PolicyDocument=policy(allow("*")))
        within = {"ArnLike": {"iam:PermissionsBoundary": "arn:aws:iam::*:policy/edge"}}
        maker = self.role("maker", allow(["iam:CreateRole", "iam:AttachRolePolicy"], **within))("iam")
        trust = policy({"Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "sts:AssumeRole"})
        self.assertRefused("AccessDenied", maker.create_role, RoleName="open", AssumeRolePolicyDocument=trust)
        maker.create_role(RoleName="bounded", AssumeRolePolicyDocument=trust, PermissionsBoundary=edge)
        maker.attach_role_policy(RoleName="bounded", PolicyArn=READS)
        self.client("iam").create_role(RoleName="open", AssumeRolePolicyDocument=trust)
        self.assertRefused("AccessDenied", maker.attach_role_policy, RoleName="open", PolicyArn=READS)

    def test_tags_given_at_create_have_to_be_allowed(self):
        tags, nodes = [{"Key": "fleet:id", "Value": "1"}], "arn:aws:organizations::*:ou/*"
        calls = allow(["organizations:CreateOrganizationalUnit", "organizations:CreatePolicy", "iam:CreateRole"])
        trust = policy({"Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "sts:AssumeRole"})
        for name, statements, allowed in (
            ("none", [calls], False),
            ("nodes", [calls, allow("organizations:TagResource", nodes)], False),
            ("all", [calls, allow(["organizations:TagResource", "iam:TagRole"], StringEquals={"aws:RequestTag/fleet:id": "1"})], True),
        ):
            client = self.role(name, *statements)
            unit = {"Name": name, "ParentId": self.root()}
            guardrail = {"Name": name, "Description": "", "Type": "SERVICE_CONTROL_POLICY", "Content": policy(allow("*"))}
            role = {"RoleName": f"made-by-{name}", "AssumeRolePolicyDocument": trust}
            for service, call, request, code in (
                ("organizations", "create_organizational_unit", unit, "AccessDeniedException"),
                ("organizations", "create_policy", guardrail, "AccessDeniedException"),
                ("iam", "create_role", role, "AccessDenied"),
            ):
                with self.subTest(name, call=call):
                    make = getattr(client(service), call)
                    if allowed:
                        make(**request, Tags=tags)
                    else:
                        said = self.assertRefused(code, make, **request, Tags=tags)["Error"]["Message"]
                        self.assertRegex(said, "organizations:TagResource on resource: \\*|iam:TagRole on resource: arn")
        self.role("untagged", calls)("organizations").create_organizational_unit(Name="untagged", ParentId=self.root())

    def test_sessions_are_told(self):
        account = self.account("a")
        role = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
        self.session(role, PolicyArns=[{"arn": READS}], Policy=policy(allow("account:ListRegions")))
        told = self.control("GET", "sessions")
        self.assertEqual([(one["role_arn"], one["caller"], one["policy_arns"]) for one in told], [(role, "123456789012", [READS])])
        self.assertIn("ListRegions", told[0]["policy"])


class Storage(RolesTestCase):
    """S3, whose requests have bodies of any kind."""

    def session_of(self, name, *statements):
        """S3 and S3 Control in a session of a role with a bucket to work on."""
        made = self.role(name, *statements)
        control = made("s3control")

        # It puts the account's id before the host's name, and nobody resolves that here.
        def straight(request, **_):
            request.url = re.sub(r"//\d{12}\.", "//", request.url)

        control.meta.events.register("before-send", straight)
        return made("s3"), control

    def test_a_body_of_any_kind_is_only_stored(self):
        s3, _ = self.session_of("all", allow("s3:*"))
        s3.create_bucket(Bucket="state")
        for number, body in enumerate((b"", b"1", b"[]", b"null", b"{", b'"text"', b"<a/>", b"\xff\x00", b'{"RoleArn": 1}')):
            with self.subTest(body=body):
                s3.put_object(Bucket="state", Key=f"a/{number}", Body=body)
                self.assertEqual(s3.get_object(Bucket="state", Key=f"a/{number}")["Body"].read(), body)

    def test_actions_have_their_own_names_and_resources(self):
        self.client("s3").create_bucket(Bucket="state")
        block = {"PublicAccessBlockConfiguration": {"BlockPublicAcls": True}}
        one = {"Bucket": "state"}
        key = {"Bucket": "state", "Key": "a/b.tfstate"}
        rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
        bucket, anything = "arn:aws:s3:::state", "arn:aws:s3:::state/a/*"
        for action, resource, call, request in (
            ("s3:PutBucketPublicAccessBlock", bucket, "put_public_access_block", {**one, **block}),
            ("s3:PutEncryptionConfiguration", bucket, "put_bucket_encryption", {**one, "ServerSideEncryptionConfiguration": rules}),
            ("s3:PutBucketVersioning", bucket, "put_bucket_versioning", {**one, "VersioningConfiguration": {"Status": "Enabled"}}),
            ("s3:GetBucketVersioning", bucket, "get_bucket_versioning", one),
            ("s3:PutObject", anything, "put_object", {**key, "Body": b"1"}),
            ("s3:GetObject", anything, "get_object", key),
            ("s3:ListBucket", bucket, "list_objects_v2", one),
            ("s3:ListAllMyBuckets", "*", "list_buckets", {}),
            ("s3:PutEncryptionConfiguration", bucket, "delete_bucket_encryption", one),
            ("s3:DeleteObject", anything, "delete_object", key),
        ):
            with self.subTest(call):
                allowed, _ = self.session_of(f"{call}-allowed", allow(action, resource))
                denied, _ = self.session_of(f"{call}-denied", allow("s3:*"), {"Effect": "Deny", "Action": action, "Resource": resource})
                said = self.assertRefused("AccessDenied", getattr(denied, call), **request)
                self.assertIn(action, said["Error"]["Message"])
                getattr(allowed, call)(**request)

    def test_the_account_has_a_block_of_its_own(self):
        block = {"AccountId": "123456789012", "PublicAccessBlockConfiguration": {"BlockPublicAcls": True}}
        _, bucket = self.session_of("bucket", allow("s3:PutBucketPublicAccessBlock"))
        said = self.assertRefused("AccessDenied", bucket.put_public_access_block, **block)
        self.assertIn("s3:PutAccountPublicAccessBlock", said["Error"]["Message"])
        _, account = self.session_of("account", allow("s3:*AccountPublicAccessBlock"))
        account.put_public_access_block(**block)
        found = account.get_public_access_block(AccountId="123456789012")["PublicAccessBlockConfiguration"]
        self.assertTrue(found["BlockPublicAcls"])


class Chains(RolesTestCase):
    """What a session hands on to the next one has to be allowed by the caller's policies and by the role's trust."""

    GIVEN = {
        "sts:SetSourceIdentity": {"SourceIdentity": "someone"},
        "sts:TagSession": {"Tags": [{"Key": "team", "Value": "a"}], "TransitiveTagKeys": ["team"]},
    }

    def trusting(self, name, actions, *statements):
        """The ARN of a new role of the management account, which trusts that account with these actions."""
        iam = self.client("iam")
        trust = policy({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": actions})
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=policy(*statements))
        return arn

    def test_what_a_call_sets_the_trust_allows(self):
        plain = self.trusting("plain", "sts:AssumeRole")
        for action, given in self.GIVEN.items():
            with self.subTest(action):
                sts = self.client("sts")
                said = self.assertRefused("AccessDenied", sts.assume_role, RoleArn=plain, RoleSessionName="test", **given)
                self.assertIn(f"{action} on resource: {plain}", said["Error"]["Message"])
                self.session(self.trusting(f"open-{action[4:]}", ["sts:AssumeRole", action]), **given)

    def test_what_a_session_hands_on_both_sides_allow(self):
        everything = ["sts:AssumeRole", *self.GIVEN]
        target, plain = self.trusting("target", everything), self.trusting("plain", "sts:AssumeRole")
        free = self.trusting("free", everything, allow("sts:*"))
        bound = self.trusting("bound", everything, allow("sts:AssumeRole"))
        for action, given in self.GIVEN.items():
            with self.subTest(action):
                chained = self.session(free, **given)("sts")
                chained.assume_role(RoleArn=target, RoleSessionName="test")
                said = self.assertRefused("AccessDenied", chained.assume_role, RoleArn=plain, RoleSessionName="test")
                self.assertIn(f"{action} on resource: {plain}", said["Error"]["Message"])
                narrow = self.session(bound, **given)("sts")
                said = self.assertRefused("AccessDenied", narrow.assume_role, RoleArn=target, RoleSessionName="test")
                self.assertIn(f"no identity-based policy allows the {action}", said["Error"]["Message"])
        # Tags that are not transitive end with their session.
        ended = self.session(free, Tags=[{"Key": "team", "Value": "a"}])("sts")
        ended.assume_role(RoleArn=plain, RoleSessionName="test")

    def test_a_new_account_takes_no_source_identity_and_no_tags(self):
        role = f"arn:aws:iam::{self.account('a')}:role/OrganizationAccountAccessRole"
        sts = self.client("sts")
        sts.assume_role(RoleArn=role, RoleSessionName="test")
        for action, given in self.GIVEN.items():
            said = self.assertRefused("AccessDenied", sts.assume_role, RoleArn=role, RoleSessionName="test", **given)
            self.assertIn(action, said["Error"]["Message"])

    def test_a_session_further_on_still_has_it(self):
        free = self.trusting("free", ["sts:AssumeRole", *self.GIVEN], allow("sts:*"))
        second = self.trusting("second", ["sts:AssumeRole", *self.GIVEN], allow("sts:*"))
        given = {**self.GIVEN["sts:SetSourceIdentity"], **self.GIVEN["sts:TagSession"]}
        self.session(free, **given)("sts").assume_role(RoleArn=second, RoleSessionName="test")
        told = self.control("GET", "sessions")[-1]
        self.assertEqual((told["source_identity"], told["transitive_tags"]), ("someone", ["team"]))
