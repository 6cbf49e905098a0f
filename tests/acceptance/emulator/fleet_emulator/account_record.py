"""What an account says of itself (Account Management API): its alternate contacts, and the root user's address."""

import re

from moto.account import responses
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult

from .organizations import MANAGEMENT_ACCOUNT, account_of, organization

EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
CONTACT = {"Name": (64, re.compile(r".+")), "Title": (50, re.compile(r".+")),
           "EmailAddress": (254, EMAIL), "PhoneNumber": (25, re.compile(r"[\s0-9()+-]+"))}


def invalid(message):
    """The input is refused."""
    return JsonRESTError("ValidationException", message)


class AccountRecord(responses.AccountResponse):
    """Contacts with AWS's rules, and the change of a root address in its two steps."""

    def _whose(self):
        raise NotImplementedError

    def _get_account_id(self):
        return self._whose()

    def put_alternate_contact(self):
        for name, (longest, pattern) in CONTACT.items():
            value = self._get_param(name) or ""
            if not 1 <= len(value) <= longest or not pattern.fullmatch(value):
                raise invalid(f"{name} has a wrong length or a character that is not allowed.")
        return super().put_alternate_contact()

    def delete_alternate_contact(self):
        self.get_alternate_contact()
        return super().delete_alternate_contact()

    def _member(self):
        """The account whose address is meant: never the caller's own."""
        account_id = self._get_param("AccountId")
        if self.current_account != MANAGEMENT_ACCOUNT:
            raise JsonRESTError("AccessDeniedException", "Only the management account can change the primary email of a member.")
        self._whose()
        return account_of(account_id)

    def start_primary_email_update(self):
        account, email = self._member(), self._get_param("PrimaryEmail")
        if not 5 <= len(email) <= 64 or not EMAIL.fullmatch(email):
            raise invalid("PrimaryEmail is not an email of 5 to 64 characters.")
        taken = organization().taken_elsewhere | {other.email.lower() for other in organization().accounts}
        if email.lower() in taken:
            raise JsonRESTError("ConflictException", "The email address is already in use.")
        organization().email_updates.start(account.id, email)
        return ActionResult({"Status": "PENDING"})

    def accept_primary_email_update(self):
        account, email = self._member(), self._get_param("PrimaryEmail")
        organization().email_updates.accept(account.id, email, self._get_param("Otp"))
        account.email = email
        return ActionResult({"Status": "ACCEPTED"})

    def get_primary_email(self):
        return ActionResult({"PrimaryEmail": self._member().email})
