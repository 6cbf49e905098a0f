"""The end of accounts: AWS's rules and limits."""

import time
from urllib.error import HTTPError

from .emulated import EmulatedTestCase


class CloseAccount(EmulatedTestCase):
    """An account ends slowly."""

    def test_pending_then_closed_and_still_listed(self):
        self.settings(close_seconds=0.3)
        account = self.account("a")
        self.organizations.close_account(AccountId=account)
        describe = lambda: self.organizations.describe_account(AccountId=account)["Account"]  # noqa: E731
        self.assertEqual((describe()["State"], describe()["Status"]), ("PENDING_CLOSURE", "PENDING_CLOSURE"))
        self.assertRefused("ConflictException", self.organizations.close_account, AccountId=account)
        time.sleep(0.4)
        self.assertEqual((describe()["State"], describe()["Status"]), ("CLOSED", "SUSPENDED"))
        self.assertRefused("AccountAlreadyClosedException", self.organizations.close_account, AccountId=account)
        self.assertEqual(len(self.organizations.list_accounts()["Accounts"]), 2)

    def test_reads_after_a_close_can_oscillate(self):
        self.settings(close_oscillations=2)
        account = self.account("a")
        self.organizations.close_account(AccountId=account)
        states = [self.organizations.describe_account(AccountId=account)["Account"]["State"] for _ in range(3)]
        self.assertEqual(states, ["ACTIVE", "ACTIVE", "CLOSED"])

    def test_three_in_flight(self):
        self.settings(close_seconds=10)
        accounts = [self.account(f"a{n}") for n in range(4)]
        for account in accounts[:3]:
            self.organizations.close_account(AccountId=account)
        self.assertRefused("ConstraintViolationException", self.organizations.close_account, AccountId=accounts[3],
                           reason="CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED")

    def test_not_the_management_account(self):
        management = self.organizations.describe_organization()["Organization"]["MasterAccountId"]
        self.assertRefused("ConstraintViolationException", self.organizations.close_account, AccountId=management)

    def test_the_quota_of_thirty_days(self):
        self.settings(close_quota=1)
        accounts = [self.account(f"a{n}") for n in range(2)]
        self.organizations.close_account(AccountId=accounts[0])
        self.assertRefused("ConstraintViolationException", self.organizations.close_account, AccountId=accounts[1],
                           reason="CLOSE_ACCOUNT_QUOTA_EXCEEDED")
        # A fifth of the organization, where that is more.
        for n in range(7):
            self.account(f"b{n}")
        self.organizations.close_account(AccountId=accounts[1])

    def test_not_a_delegated_administrator(self):
        account = self.account("a")
        self.organizations.register_delegated_administrator(AccountId=account, ServicePrincipal="guardduty.amazonaws.com")
        self.assertRefused("ConstraintViolationException", self.organizations.close_account, AccountId=account,
                           reason="CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG")
        self.organizations.deregister_delegated_administrator(AccountId=account, ServicePrincipal="guardduty.amazonaws.com")
        self.organizations.close_account(AccountId=account)

    def test_aws_does_to_an_account_what_it_likes(self):
        account = self.account("a")
        describe = lambda: self.organizations.describe_account(AccountId=account)["Account"]  # noqa: E731
        for state, status in [("PENDING_ACTIVATION", "ACTIVE"), ("SUSPENDED", "SUSPENDED"),
                              ("PENDING_CLOSURE", "PENDING_CLOSURE"), ("CLOSED", "SUSPENDED"), ("ACTIVE", "ACTIVE")]:
            self.control("POST", "state", {"account": "a", "state": state})
            self.assertEqual((describe()["State"], describe()["Status"]), (state, status))
        self.control("POST", "state", {"account": "a", "state": "PURGED"})
        self.assertRefused("AccountNotFoundException", describe)
        for values in [{"account": "a", "state": "ACTIVE"}, {"account": "b", "state": "ODD"}]:
            with self.assertRaises(HTTPError):
                self.control("POST", "state", values)
