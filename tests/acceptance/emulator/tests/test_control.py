"""Faults on demand, counts, settings."""

import time
import unittest
from urllib.error import HTTPError

from botocore.exceptions import ClientError, ConnectionClosedError

from .emulated import EmulatedTestCase


class Control(EmulatedTestCase):
    """`/fleet-emulator/…`."""

    def fault(self, operation, kind, **values):
        """Arms a fault."""
        self.control("POST", "faults", {"operation": operation, "kind": kind} | values)

    def test_calls_are_counted(self):
        self.control("DELETE", "calls")
        account = self.account("a")
        keys = self.client("sts").assume_role(RoleArn=f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole",
                                              RoleSessionName="test")["Credentials"]
        self.client("iam", keys).list_roles()
        self.client("account").list_regions(AccountId=account)
        self.assertEqual(self.control("GET", "calls"), {
            "account:ListRegions": 1, "iam:ListRoles": 1, "organizations:CreateAccount": 1,
            "organizations:DescribeCreateAccountStatus": 1, "sts:AssumeRole": 1})

    def test_the_last_agent_of_each_call_is_kept(self):
        self.organizations.list_roots()
        self.assertRegex(self.control("GET", "agents")["organizations:ListRoots"], "^Boto3/")

    def test_throttling_is_http_400(self):
        self.fault("ListRoots", "error", times=2)
        for _ in range(2):
            answer = self.assertRefused("TooManyRequestsException", self.organizations.list_roots)
            self.assertEqual(answer["ResponseMetadata"]["HTTPStatusCode"], 400)
        self.organizations.list_roots()

    def test_an_error_in_each_protocol(self):
        self.fault("GetCallerIdentity", "error", code="Throttling", status=400)
        self.assertRefused("Throttling", self.client("sts").get_caller_identity)
        self.fault("ListRegions", "error", code="TooManyRequestsException", status=429)
        self.assertRefused("TooManyRequestsException", self.client("account").list_regions)

    def test_an_error_can_have_a_reason(self):
        self.fault("CreateAccount", "error", code="ConstraintViolationException", reason="TAG_POLICY_VIOLATION")
        self.assertRefused("ConstraintViolationException", self.request, "a", reason="TAG_POLICY_VIOLATION")

    def test_a_page_is_no_answer(self):
        self.fault("CreateAccount", "page", status=502)
        with self.assertRaises(ClientError) as caught:
            self.request("a")
        self.assertEqual(caught.exception.response["ResponseMetadata"]["HTTPStatusCode"], 502)
        self.assertEqual(self.control("GET", "status")["accounts"], {})

    def test_an_empty_answer_is_no_list(self):
        self.fault("*", "empty", times=2)
        self.assertNotIn("Roots", self.organizations.list_roots())
        self.assertNotIn("Regions", self.client("account").list_regions())
        self.assertEqual(len(self.organizations.list_roots()["Roots"]), 1)

    def test_a_cut_answer_leaves_the_account(self):
        self.fault("CreateAccount", "drop")
        with self.assertRaises(ConnectionClosedError):
            self.request("a")
        self.assertEqual(list(self.control("GET", "status")["accounts"]), ["a"])

    def test_a_held_answer_leaves_others_alone(self):
        self.fault("DescribeOrganization", "hold", seconds=0.5)
        start = time.monotonic()
        self.organizations.describe_organization()
        self.assertGreater(time.monotonic() - start, 0.5)

    def test_settings_are_checked(self):
        for values in ({"nonsense": 1}, {"create_seconds": "1"}, {"create_seconds": -1}):
            with self.subTest(values), self.assertRaises(HTTPError) as caught:
                self.settings(**values)
            caught.exception.close()

    def test_an_account_can_be_older_than_it_is(self):
        account = self.account("a")
        joined = lambda: self.organizations.describe_account(AccountId=account)["Account"]["JoinedTimestamp"]  # noqa: E731
        before = joined()
        self.control("POST", "age", {"account": "a", "seconds": 3600})
        self.assertEqual((before - joined()).total_seconds(), 3600)

    def test_requests_can_be_ended(self):
        self.settings(create_seconds=600)
        self.assertEqual(self.request("a")["State"], "IN_PROGRESS")
        self.control("POST", "due")
        self.assertEqual(list(self.control("GET", "status")["accounts"]), ["a"])

    def test_reset_empties_the_organization(self):
        self.account("a")
        before = self.organizations.describe_organization()["Organization"]["Id"]
        self.control("POST", "reset")
        self.assertEqual(len(self.organizations.list_accounts()["Accounts"]), 1)
        self.assertNotEqual(self.organizations.describe_organization()["Organization"]["Id"], before)


if __name__ == "__main__":
    unittest.main()
