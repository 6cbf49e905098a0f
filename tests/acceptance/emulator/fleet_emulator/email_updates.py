"""Addresses that wait for the one-time password which was mailed to them."""

import secrets
import string
import time

from moto.core.exceptions import JsonRESTError

from .settings import SETTINGS

# Passwords as they are mailed: six letters or digits.
LETTERS = string.ascii_uppercase + string.digits


class EmailUpdates:
    """The last update that was started, by account."""

    def __init__(self):
        self.waiting = {}

    def start(self, account_id, email):
        """Mails a password. The last one counts."""
        otp = "".join(secrets.choice(LETTERS) for _ in range(6))
        self.waiting[account_id] = (email, otp, time.monotonic() + SETTINGS.otp_seconds)

    def accept(self, account_id, email, otp):
        """Takes the password, once."""
        asked, right, until = self.waiting.get(account_id, (None, None, 0))
        if asked != email:
            raise JsonRESTError("ResourceNotFoundException", "There is no pending email update for this address.")
        if otp != right or time.monotonic() > until:
            raise JsonRESTError("ValidationException", "The one-time password is not valid or has expired.")
        del self.waiting[account_id]

    def mails(self):
        """The last password of each address that waits."""
        return {email: otp for email, otp, _ in self.waiting.values()}
