"""Alternate contacts, the account's name from outside and inside, and the two steps to another root address."""

import time

from .emulated import EmulatedTestCase

CONTACT = {"Name": "Security team", "Title": "On call", "EmailAddress": "security@example.com", "PhoneNumber": "+65 6123 4567"}


class Record(EmulatedTestCase):
    """An account, and the two ways to its record."""

    def setUp(self):
        super().setUp()
        self.id = self.account("a")
        self.api = self.client("account")

    def inside(self):
        """The API with the credentials of the member's role."""
        arn = f"arn:aws:iam::{self.id}:role/OrganizationAccountAccessRole"
        return self.client("account", self.client("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"])

    def described(self):
        """The account as Organizations shows it."""
        return self.organizations.describe_account(AccountId=self.id)["Account"]


class Contacts(Record):
    """Three types, each there or not."""

    def test_put_get_delete_from_both_sides(self):
        asked = {"AccountId": self.id, "AlternateContactType": "SECURITY"}
        self.assertRefused("ResourceNotFoundException", self.api.get_alternate_contact, **asked)
        self.assertRefused("ResourceNotFoundException", self.api.delete_alternate_contact, **asked)
        self.api.put_alternate_contact(**asked, **CONTACT)
        self.assertEqual(self.inside().get_alternate_contact(AlternateContactType="SECURITY")["AlternateContact"]["Name"], "Security team")
        self.inside().delete_alternate_contact(AlternateContactType="SECURITY")
        self.assertRefused("ResourceNotFoundException", self.api.get_alternate_contact, **asked)

    def test_bad_values(self):
        for name, value in [("PhoneNumber", "call me"), ("EmailAddress", "nowhere"), ("Title", "x" * 51)]:
            self.assertRefused("ValidationException", self.api.put_alternate_contact, AccountId=self.id,
                               AlternateContactType="BILLING", **CONTACT | {name: value})

    def test_from_outside_only_with_trusted_access(self):
        self.organizations.disable_aws_service_access(ServicePrincipal="account.amazonaws.com")
        self.assertRefused("AccessDeniedException", self.api.put_account_name, AccountId=self.id, AccountName="b")
        self.inside().put_account_name(AccountName="b")
        self.assertEqual(self.described()["Name"], "b")


class PrimaryEmail(Record):
    """Started from outside, accepted with the password."""

    def start(self, email="new@example.com"):
        """Starts an update; the password that was mailed."""
        answer = self.api.start_primary_email_update(AccountId=self.id, PrimaryEmail=email)
        self.assertEqual(answer["Status"], "PENDING")
        return self.control("GET", "mails")[email]

    def accept(self, otp, email="new@example.com"):
        """Gives the password."""
        return self.api.accept_primary_email_update(AccountId=self.id, PrimaryEmail=email, Otp=otp)["Status"]

    def test_two_steps(self):
        otp = self.start()
        self.assertEqual(self.described()["Email"], "aws+a@example.com")
        self.assertEqual(self.accept(otp), "ACCEPTED")
        self.assertEqual(self.described()["Email"], "new@example.com")
        self.assertRefused("ResourceNotFoundException", self.accept, otp)

    def test_a_wrong_or_old_password(self):
        self.settings(otp_seconds=0.2)
        otp = self.start()
        self.assertRefused("ValidationException", self.accept, "AAAAAA" if otp != "AAAAAA" else "BBBBBB")
        time.sleep(0.3)
        self.assertRefused("ValidationException", self.accept, otp)
        self.assertRefused("ResourceNotFoundException", self.accept, otp, "other@example.com")

    def test_an_address_that_is_taken(self):
        self.account("b")
        self.assertRefused("ConflictException", self.start, "aws+B@example.com")
        self.control("POST", "taken", {"email": "else@example.com"})
        self.assertRefused("ConflictException", self.start, "Else@example.com")

    def test_not_from_inside(self):
        self.assertRefused("AccessDeniedException", self.inside().start_primary_email_update,
                           AccountId=self.id, PrimaryEmail="new@example.com")
