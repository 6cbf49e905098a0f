"""Copies of an account, and when requests were in progress."""

import json
import unittest

from .emulated import EmulatedTestCase


class Copies(EmulatedTestCase):
    """`POST /fleet-emulator/copies`."""

    def iam(self, account):
        """IAM of an account, as its access role."""
        keys = self.client("sts").assume_role(RoleArn=f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole",
                                              RoleSessionName="test")["Credentials"]
        return self.client("iam", keys)

    def test_a_copy_has_what_is_in_the_account_with_its_own_id(self):
        a = self.account("a", Tags=[{"Key": "key", "Value": "of a"}])
        policy = self.organizations.create_policy(
            Name="p", Description="", Type="SERVICE_CONTROL_POLICY",
            Content='{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"a:b","Resource":"*"}}')["Policy"]["PolicySummary"]["Id"]
        self.organizations.attach_policy(PolicyId=policy, TargetId=a)
        self.client("account").enable_region(AccountId=a, RegionName="ap-southeast-3")
        self.client("account").get_region_opt_status(AccountId=a, RegionName="ap-southeast-3")
        trust = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{a}:root"}, "Action": "sts:AssumeRole"}]}
        iam = self.iam(a)
        iam.create_role(RoleName="reader", AssumeRolePolicyDocument=json.dumps(trust), Tags=[{"Key": "key", "Value": "of a"}])
        iam.attach_role_policy(RoleName="reader", PolicyArn="arn:aws:iam::aws:policy/SecurityAudit")
        iam.update_account_password_policy(MinimumPasswordLength=20)

        accounts = [{"name": name, "email": f"aws+{name}@example.com", "tags": {"key": "of " + name}} for name in ("b", "c")]
        b, c = self.control("POST", "copies", {"like": "a", "accounts": accounts})["ids"]
        self.assertEqual(len({a, b, c}), 3)
        self.assertEqual(self.organizations.describe_account(AccountId=b)["Account"]["Email"], "aws+b@example.com")
        self.assertEqual(self.organizations.list_tags_for_resource(ResourceId=c)["Tags"], [{"Key": "key", "Value": "of c"}])
        targets = self.organizations.list_targets_for_policy(PolicyId=policy)["Targets"]
        self.assertEqual({target["TargetId"] for target in targets}, {a, b, c})
        copied = self.iam(b)
        role = copied.get_role(RoleName="reader")["Role"]
        self.assertEqual(role["Arn"], f"arn:aws:iam::{b}:role/reader")
        self.assertEqual(role["Tags"], [{"Key": "key", "Value": "of b"}])
        self.assertIn(f"::{b}:root", json.dumps(role["AssumeRolePolicyDocument"]))
        self.assertEqual(copied.get_account_password_policy()["PasswordPolicy"]["MinimumPasswordLength"], 20)
        attached = copied.list_attached_role_policies(RoleName="reader")["AttachedPolicies"]
        self.assertEqual([policy["PolicyName"] for policy in attached], ["SecurityAudit"])
        status = self.client("account").get_region_opt_status(AccountId=b, RegionName="ap-southeast-3")
        self.assertIn(status["RegionOptStatus"], ("ENABLING", "ENABLED"))
        # What changes in one stays in it.
        copied.delete_account_password_policy()
        iam.get_account_password_policy()

    def test_what_cannot_be_copied_is_refused(self):
        self.account("a", Tags=[{"Key": "key", "Value": "a"}])
        longer = {"name": "b", "email": "aws+b@example.com", "tags": {"key": "longer"}}
        for values in ({"like": "nobody", "accounts": []}, {"like": "a", "accounts": [longer]}):
            with self.subTest(values), self.assertRaises(OSError) as caught:
                self.control("POST", "copies", values)
            caught.exception.close()

    def test_creates_say_when_they_were_in_progress(self):
        self.settings(create_seconds=0.2)
        self.account("a")
        [[begin, end]] = self.control("GET", "creates")
        self.assertGreaterEqual(end - begin, 0.2)


if __name__ == "__main__":
    unittest.main()
