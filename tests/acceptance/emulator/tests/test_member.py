"""Roles, regions and the account's name: what happens in a member account."""

import json
import time

from .emulated import EmulatedTestCase


class AssumeRole(EmulatedTestCase):
    """Who may assume what."""

    def assume(self, account, role="OrganizationAccountAccessRole", keys=None, **arguments):
        """The credentials of a role."""
        arn = f"arn:aws:iam::{account}:role/{role}"
        return self.client("sts", keys).assume_role(RoleArn=arn, RoleSessionName="test", **arguments)["Credentials"]

    def test_the_credentials_are_the_members(self):
        account = self.account("a")
        identity = self.client("sts", self.assume(account)).get_caller_identity()
        self.assertEqual(identity["Account"], account)

    def test_not_a_role_that_does_not_exist(self):
        self.assertRefused("AccessDenied", self.assume, self.account("a"), "Nobody")

    def test_not_at_once(self):
        self.settings(role_seconds=0.4)
        account = self.account("a")
        self.assertRefused("AccessDenied", self.assume, account)
        time.sleep(0.5)
        self.assume(account)

    def test_not_in_a_closed_account(self):
        account = self.account("a")
        self.organizations.close_account(AccountId=account)
        self.assertRefused("AccessDenied", self.assume, account)

    def test_not_from_another_member(self):
        one, two = self.account("a"), self.account("b")
        self.assertRefused("AccessDenied", self.assume, two, keys=self.assume(one))

    def test_the_external_id_counts(self):
        account = self.account("a")
        trust = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole",
                                "Condition": {"StringEquals": {"sts:ExternalId": "42"}}}]}
        self.client("iam", self.assume(account)).create_role(RoleName="Guarded", AssumeRolePolicyDocument=json.dumps(trust))
        self.assertRefused("AccessDenied", self.assume, account, "Guarded")
        self.assume(account, "Guarded", ExternalId="42")


class AccountApi(EmulatedTestCase):
    """Regions are opted in slowly."""

    def status(self, account, region):
        """The opt-in status of a region."""
        return self.client("account").get_region_opt_status(AccountId=account, RegionName=region)["RegionOptStatus"]

    def test_an_opt_in_region(self):
        self.settings(region_seconds=0.3)
        account, api = self.account("a"), self.client("account")
        self.assertEqual(self.status(account, "ap-southeast-3"), "DISABLED")
        api.enable_region(AccountId=account, RegionName="ap-southeast-3")
        self.assertEqual(self.status(account, "ap-southeast-3"), "ENABLING")
        self.assertRefused("ConflictException", api.enable_region, AccountId=account, RegionName="ap-southeast-3")
        time.sleep(0.4)
        self.assertEqual(self.status(account, "ap-southeast-3"), "ENABLED")
        self.assertRefused("ValidationException", api.enable_region, AccountId=account, RegionName="ap-southeast-3")

    def test_a_default_region_is_not_opted_in(self):
        account = self.account("a")
        self.assertEqual(self.status(account, "ap-southeast-1"), "ENABLED_BY_DEFAULT")
        self.assertRefused("ValidationException", self.client("account").enable_region, AccountId=account, RegionName="ap-southeast-1")
        self.assertRefused("ValidationException", self.client("account").enable_region, AccountId=account, RegionName="mars-north-1")

    def test_pages_and_filter(self):
        api, account = self.client("account"), self.account("a")
        first = api.list_regions(AccountId=account)
        self.assertEqual(len(first["Regions"]), 20)
        rest = api.list_regions(AccountId=account, NextToken=first["NextToken"])
        self.assertEqual(len(first["Regions"] + rest["Regions"]), 33)
        disabled = api.list_regions(AccountId=account, RegionOptStatusContains=["DISABLED"], MaxResults=50)["Regions"]
        self.assertEqual(len(disabled), 16)

    def test_a_member_may_speak_of_itself_only(self):
        account, other = self.account("a"), self.account("b")
        keys = self.client("sts").assume_role(RoleArn=f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole",
                                              RoleSessionName="test")["Credentials"]
        member = self.client("account", keys)
        member.enable_region(RegionName="me-south-1")
        self.assertEqual(self.status(account, "me-south-1"), "ENABLED")
        self.assertRefused("AccessDeniedException", member.enable_region, AccountId=other, RegionName="me-south-1")

    def test_the_name(self):
        account, api = self.account("a"), self.client("account")
        api.put_account_name(AccountId=account, AccountName="b")
        self.assertEqual(api.get_account_information(AccountId=account)["AccountName"], "b")
        self.assertEqual(self.organizations.describe_account(AccountId=account)["Account"]["Name"], "b")
        self.assertRefused("ValidationException", api.put_account_name, AccountId=account, AccountName="<b>")
