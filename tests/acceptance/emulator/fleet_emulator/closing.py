"""The end of an account: CloseAccount takes its time and has limits, and AWS suspends accounts of its own accord."""

import time

from moto.organizations.exceptions import AWSOrganizationsNotInUseException

from .errors import constraint, refusal
from .settings import SETTINGS

IN_FLIGHT_CLOSES = 3
WINDOW_SECONDS = 30 * 24 * 60 * 60
# `State`, and the `Status` that AWS gives beside it.
STATUS = {"PENDING_ACTIVATION": "ACTIVE", "ACTIVE": "ACTIVE", "SUSPENDED": "SUSPENDED",
          "PENDING_CLOSURE": "PENDING_CLOSURE", "CLOSED": "SUSPENDED"}


class Closing:
    """The part of an account that knows how it ends."""

    closed = None
    reads_as_open = 0

    def close(self):
        """Starts the closure."""
        self.closed = time.monotonic()
        self.reads_as_open = int(SETTINGS.close_oscillations)
        self.settle()

    def settle(self):
        """Moves PENDING_CLOSURE on to CLOSED when its time has come."""
        if self.closed is not None:
            done = time.monotonic() - self.closed >= SETTINGS.close_seconds
            self.put("CLOSED" if done else "PENDING_CLOSURE")

    def put(self, state):
        """Both words for one state."""
        self.state, self.status = state, STATUS[state]

    def describe(self):
        self.settle()
        answer = super().describe()
        if self.reads_as_open:
            self.reads_as_open -= 1
            answer |= {"State": "ACTIVE", "Status": "ACTIVE"}
        return answer


def put_state(backend, account, state):
    """Puts the account of this name into a state, whatever it was in; PURGED takes it out of the organization."""
    if state not in STATUS and state != "PURGED":
        raise ValueError(f"there is no state {state!r}; there are {sorted([*STATUS, 'PURGED'])}")
    backend.settle()
    for member in backend.accounts:
        if isinstance(member, Closing) and member.name == account:
            if state == "PURGED":
                backend.accounts.remove(member)
            else:
                member.closed = None
                member.put(state)
            return
    raise ValueError(f"there is no account {account!r}")


class ClosingRules:
    """What CloseAccount checks."""

    def close_account(self, **arguments):
        if self.org is None:
            raise AWSOrganizationsNotInUseException
        account = self.get_account_by_id(arguments["AccountId"])
        if account.id == self.org.master_account_id:
            raise constraint("CANNOT_CLOSE_MANAGEMENT_ACCOUNT", "You can't close the management account.")
        account.settle()
        if account.state == "CLOSED":
            raise refusal("AccountAlreadyClosedException")
        if account.state == "PENDING_CLOSURE":
            raise refusal("ConflictException")
        if any(administrator.account.id == account.id for administrator in self.admins):
            raise constraint("CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG",
                             "You attempted to close an account that is designated as a delegated administrator for an AWS service.")
        members = [member for member in self.accounts if isinstance(member, Closing)]
        recent = sum(member.closed is not None and time.monotonic() - member.closed < WINDOW_SECONDS for member in members)
        if recent >= min(1000, max(SETTINGS.close_quota, len(self.accounts) // 5)):
            raise constraint("CLOSE_ACCOUNT_QUOTA_EXCEEDED", "You have exceeded close account quota for the past 30 days.")
        if sum(member.state == "PENDING_CLOSURE" for member in members) >= IN_FLIGHT_CLOSES:
            raise constraint("CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED",
                             "You have exceeded the number of accounts you can close at the same time.")
        account.close()
