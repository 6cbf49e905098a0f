"""CreateAccount, the listings, CloseAccount."""

import time

from .emulated import EmulatedTestCase


class CreateAccount(EmulatedTestCase):
    """An account comes to be, or does not."""

    def test_it_is_asynchronous(self):
        self.settings(create_seconds=0.3)
        record = self.request("payments-prod")
        self.assertEqual(record["State"], "IN_PROGRESS")
        self.assertNotIn("AccountId", record)
        self.assertEqual(len(self.organizations.list_accounts()["Accounts"]), 1)
        record = self.ended(record["Id"])
        self.assertEqual(record["State"], "SUCCEEDED")
        account = self.organizations.describe_account(AccountId=record["AccountId"])["Account"]
        self.assertEqual((account["Name"], account["State"], account["Status"], account["JoinedMethod"]),
                         ("payments-prod", "ACTIVE", "ACTIVE", "CREATED"))

    def test_the_management_account_was_not_created(self):
        [management] = self.organizations.list_accounts()["Accounts"]
        self.assertEqual(management["JoinedMethod"], "INVITED")

    def test_tags_go_in_with_the_call(self):
        account = self.account("a", Tags=[{"Key": "fleet:key", "Value": "a"}])
        self.assertEqual(self.organizations.list_tags_for_resource(ResourceId=account)["Tags"], [{"Key": "fleet:key", "Value": "a"}])

    def test_one_bad_tag_and_there_is_no_account(self):
        for key, value, code, reason in [
            ("team", "a,b", "InvalidInputException", "INVALID_PATTERN"),
            ("team", "x" * 257, "InvalidInputException", "INVALID_PATTERN"),
            ("aws:team", "a", "InvalidInputException", "INVALID_SYSTEM_TAGS_PARAMETER"),
        ]:
            self.assertRefused(code, self.request, "a", Tags=[{"Key": "good", "Value": "a"}, {"Key": key, "Value": value}], reason=reason)
        self.assertRefused("InvalidInputException", self.request, "a", reason="DUPLICATE_TAG_KEY",
                           Tags=[{"Key": "team", "Value": "a"}, {"Key": "Team", "Value": "b"}])
        self.assertRefused("ConstraintViolationException", self.request, "a", reason="MAX_TAG_LIMIT_EXCEEDED",
                           Tags=[{"Key": f"k{n}", "Value": ""} for n in range(51)])
        self.assertEqual(self.organizations.list_create_account_status()["CreateAccountStatuses"], [])

    def test_a_taken_email_fails_also_a_closed_accounts(self):
        self.account("a", email="aws+a@example.com")
        record = self.ended(self.request("b", email="AWS+A@example.com")["Id"])
        self.assertEqual((record["State"], record["FailureReason"]), ("FAILED", "EMAIL_ALREADY_EXISTS"))
        closed = self.account("c", email="aws+c@example.com")
        self.organizations.close_account(AccountId=closed)
        record = self.ended(self.request("d", email="aws+c@example.com")["Id"])
        self.assertEqual(record["FailureReason"], "EMAIL_ALREADY_EXISTS")

    def test_an_email_can_be_taken_outside_of_the_organization(self):
        self.control("POST", "taken", {"email": "aws+a@example.com"})
        record = self.ended(self.request("a", email="AWS+a@example.com")["Id"])
        self.assertEqual(record["FailureReason"], "EMAIL_ALREADY_EXISTS")
        self.assertEqual(len(self.organizations.list_accounts()["Accounts"]), 1)

    def test_a_malformed_email_fails(self):
        for email in ["nowhere.example.com", "a b@example.com", ".dot@example.com", "a@b@example.com"]:
            with self.subTest(email):
                self.assertEqual(self.ended(self.request("a", email=email)["Id"])["FailureReason"], "INVALID_EMAIL")

    def test_failures_on_demand(self):
        record = self.ended(self.request("a", email="aws+fail-internal-failure@example.com")["Id"])
        self.assertEqual(record["FailureReason"], "INTERNAL_FAILURE")
        once = "aws+fail-once-account-limit-exceeded@example.com"
        self.assertEqual(self.ended(self.request("b", email=once)["Id"])["FailureReason"], "ACCOUNT_LIMIT_EXCEEDED")
        self.assertEqual(self.ended(self.request("b", email=once)["Id"])["State"], "SUCCEEDED")
        for unclear in ["nonsense", "missing", "invalid-"]:
            self.assertRefused("InvalidInputException", self.request, "c", email=f"aws+fail-{unclear}@example.com")
        record = self.ended(self.request("d", email="aws+fail-update-existing@example.com")["Id"])
        self.assertEqual(record["FailureReason"], "UPDATE_EXISTING_RESOURCE_POLICY_WITH_TAGS_NOT_SUPPORTED")

    def test_five_in_flight(self):
        self.settings(create_seconds=0.4)
        for n in range(5):
            self.request(f"a{n}")
        self.assertRefused("ConstraintViolationException", self.request, "a5", reason="ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED")
        time.sleep(0.5)
        self.request("a5")

    def test_names_are_not_unique(self):
        self.account("same", email="aws+1@example.com")
        self.account("same", email="aws+2@example.com")

    def test_the_record_has_no_email_and_unknown_ones_are_refused(self):
        record = self.request("a")
        self.assertNotIn("Email", record)
        self.assertRefused("CreateAccountStatusNotFoundException", self.organizations.describe_create_account_status,
                           CreateAccountRequestId="car-00000000")
        listed = self.organizations.list_create_account_status(States=["SUCCEEDED"])["CreateAccountStatuses"]
        self.assertEqual([row["Id"] for row in listed], [record["Id"]])

    def test_the_access_role_is_administrator(self):
        account = self.account("a", RoleName="Vending")
        keys = self.client("sts").assume_role(RoleArn=f"arn:aws:iam::{account}:role/Vending", RoleSessionName="test")["Credentials"]
        attached = self.client("iam", keys).list_attached_role_policies(RoleName="Vending")["AttachedPolicies"]
        self.assertEqual([policy["PolicyName"] for policy in attached], ["AdministratorAccess"])


class Listings(EmulatedTestCase):
    """Pages, paths, tags that lag."""

    def test_pages_of_twenty(self):
        for n in range(24):
            self.account(f"a{n}")
        first = self.organizations.list_accounts()
        self.assertEqual(len(first["Accounts"]), 20)
        second = self.organizations.list_accounts(NextToken=first["NextToken"])
        self.assertEqual(len(second["Accounts"]), 5)
        self.assertNotIn("NextToken", second)
        self.assertEqual(len({row["Id"] for row in first["Accounts"] + second["Accounts"]}), 25)
        self.assertRefused("InvalidInputException", self.organizations.list_accounts, NextToken="x", reason="INVALID_NEXT_TOKEN")

    def test_paths(self):
        account, unit = self.account("a"), self.unit("Prod")
        self.organizations.move_account(AccountId=account, SourceParentId=self.root(), DestinationParentId=unit)
        organization = self.organizations.describe_organization()["Organization"]["Id"]
        paths = self.organizations.describe_account(AccountId=account)["Account"]["Paths"]
        self.assertEqual(paths, [f"{organization}/{self.root()}/{unit}/{account}/"])

    def test_reads_can_lag_behind_writes(self):
        self.settings(read_lag_seconds=0.4)
        account = self.account("a", Tags=[{"Key": "k", "Value": "v"}])
        self.assertEqual(len(self.organizations.list_accounts()["Accounts"]), 1)
        self.assertEqual(self.organizations.list_tags_for_resource(ResourceId=account)["Tags"], [])
        time.sleep(0.5)
        self.assertEqual(len(self.organizations.list_accounts()["Accounts"]), 2)
        self.assertEqual(len(self.organizations.list_tags_for_resource(ResourceId=account)["Tags"]), 1)

    def test_accounts_by_tag(self):
        account = self.account("a", Tags=[{"Key": "fleet:id", "Value": "1"}])
        self.account("b", Tags=[{"Key": "fleet:id", "Value": "2"}])
        found = self.client("resourcegroupstaggingapi").get_resources(
            ResourceTypeFilters=["organizations:account"], TagFilters=[{"Key": "fleet:id", "Values": ["1"]}])["ResourceTagMappingList"]
        self.assertEqual([row["ResourceARN"].rsplit("/", 1)[1] for row in found], [account])

    def test_tags_are_checked_and_counted(self):
        account = self.account("a")
        tag = self.organizations.tag_resource
        self.assertRefused("InvalidInputException", tag, ResourceId=account, Tags=[{"Key": "k", "Value": "a,b"}], reason="INVALID_PATTERN")
        tag(ResourceId=account, Tags=[{"Key": f"k{n}", "Value": ""} for n in range(50)])
        self.assertRefused("ConstraintViolationException", tag, ResourceId=account, Tags=[{"Key": "more", "Value": ""}],
                           reason="MAX_TAG_LIMIT_EXCEEDED")
