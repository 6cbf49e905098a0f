"""Accounts: CreateAccount is asynchronous and has rules. How accounts end is in `closing`."""

import re
import time
from datetime import datetime

from moto.core.utils import unix_time, utcnow
from moto.iam import iam_backends
from moto.organizations import models, utils
from moto.organizations.exceptions import AccountNotFoundException, AWSOrganizationsNotInUseException

from .closing import Closing, ClosingRules
from .errors import constraint, invalid, refusal
from .paging import page
from .settings import SETTINGS

IN_FLIGHT_CREATES = 5
TAGS_PER_ACCOUNT = 50
EPOCH = datetime(1970, 1, 1)
NAME = re.compile(r"[\x20-\x7e]{1,50}")
EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
EMAIL_LOCAL_REFUSED = re.compile(r"""[\s"'()<>\[\]:;,\\|%&]|^\.""")
ROLE_NAME = re.compile(r"[\w+=,.@-]{1,64}")
TAG_REFUSED = re.compile(r"[^\w\s.:/=+\-@]")
# `aws+fail-internal-failure@example.com` always fails so, `+fail-once-…` only the first time. An email is
# short, and a reason can be long: as much of it as tells it from the others is enough.
FAILS_ON_DEMAND = re.compile(r"\+fail-(once-)?([a-z-]+)@")
FAILURE_REASONS = {
    "ACCOUNT_LIMIT_EXCEEDED", "EMAIL_ALREADY_EXISTS", "INVALID_ADDRESS", "INVALID_EMAIL",
    "CONCURRENT_ACCOUNT_MODIFICATION", "INTERNAL_FAILURE", "GOVCLOUD_ACCOUNT_ALREADY_EXISTS",
    "MISSING_BUSINESS_VALIDATION", "FAILED_BUSINESS_VALIDATION", "PENDING_BUSINESS_VALIDATION",
    "INVALID_IDENTITY_FOR_BUSINESS_VALIDATION", "UNKNOWN_BUSINESS_VALIDATION",
    "MISSING_PAYMENT_INSTRUMENT", "INVALID_PAYMENT_INSTRUMENT",
    "UPDATE_EXISTING_RESOURCE_POLICY_WITH_TAGS_NOT_SUPPORTED",
}


def failure_on_demand(email):
    """(the reason that the email asks for, whether only once), or None."""
    wished = FAILS_ON_DEMAND.search(email.lower())
    if wished is None:
        return None
    word = wished[2].upper().replace("-", "_")
    meant = {word} & FAILURE_REASONS or {reason for reason in FAILURE_REASONS if reason.startswith(word)}
    if len(meant) != 1:
        raise invalid("INVALID_ENUM", f"This emulator knows no failure reason {wished[2]!r}, or several.")
    return meant.pop(), bool(wished[1])


class Account(Closing, models.FakeAccount):
    """A member account: `State` and `Status` as AWS gives them, and its access role."""

    def __init__(self, organization, **request):
        super().__init__(organization, **request)
        self.born = time.monotonic()
        self.role_name = request.get("RoleName") or "OrganizationAccountAccessRole"
        iam_backends[self.id]["global"].attach_role_policy(
            "arn:aws:iam::aws:policy/AdministratorAccess", self.role_name)

    def age(self):
        """Seconds since the account came to be."""
        return time.monotonic() - self.born


class Request:
    """One CreateAccount request, from IN_PROGRESS to its end."""

    def __init__(self, arguments):
        self.id = utils.make_random_create_account_status_id()
        self.arguments = arguments
        self.state, self.reason, self.account_id = "IN_PROGRESS", None, None
        self.requested, self.completed = utcnow(), None
        self.due = time.monotonic() + SETTINGS.create_seconds

    def end(self, state, reason=None, account_id=None):
        """Ends it, well or badly."""
        self.state, self.reason, self.account_id, self.completed = state, reason, account_id, utcnow()

    def describe(self):
        """The record; it has no email (AWS gives none)."""
        answer = {"Id": self.id, "AccountName": self.arguments["AccountName"], "State": self.state,
                  "RequestedTimestamp": unix_time(self.requested)}
        if self.completed:
            answer["CompletedTimestamp"] = unix_time(self.completed)
        if self.account_id:
            answer["AccountId"] = self.account_id
        if self.reason:
            answer["FailureReason"] = self.reason
        return answer


def check_tags(tags):
    """The checks of tags that AWS makes before it starts: one bad tag, and there is no account."""
    if len(tags) > TAGS_PER_ACCOUNT:
        raise constraint("MAX_TAG_LIMIT_EXCEEDED", f"You can attach at most {TAGS_PER_ACCOUNT} tags.")
    keys = [tag["Key"] for tag in tags]
    if len({key.lower() for key in keys}) < len(keys):
        raise invalid("DUPLICATE_TAG_KEY", "Tag keys must be unique among the tags attached to the same entity.")
    for tag in tags:
        key, value = tag["Key"], tag["Value"]
        if key.lower().startswith("aws:"):
            raise invalid("INVALID_SYSTEM_TAGS_PARAMETER", "You specified a tag key that is a system tag.")
        if not 1 <= len(key) <= 128 or TAG_REFUSED.search(key):
            raise invalid("INVALID_PATTERN", f"The tag key {key!r} has a wrong length or a character that is not allowed.")
        if len(value) > 256 or TAG_REFUSED.search(value):
            raise invalid("INVALID_PATTERN", f"The value of the tag {key!r} has a wrong length or a character that is not allowed.")


class AccountRules(ClosingRules, models.OrganizationsBackend):
    """The account half of the Organizations backend."""

    def create_organization(self, region, **arguments):
        """AWS lists the management account as one that was invited; moto, as one that the organization created."""
        answer = super().create_organization(region, **arguments)
        for account in self.accounts:
            account.joined_method = "INVITED"
        return answer

    def _reset(self):
        super()._reset()
        self.requests = []
        self.failed_once = set()
        self.taken_elsewhere = set()

    def settle(self):
        """Lets time pass: requests that are due end, closures complete."""
        for request in self.requests:
            if request.state == "IN_PROGRESS" and time.monotonic() >= request.due:
                self._finish(request)
        for account in self.accounts:
            if isinstance(account, Account):
                account.settle()

    def _finish(self, request):
        email = request.arguments["Email"].lower()
        reason, once = failure_on_demand(email) or (None, False)
        if reason and not (once and email in self.failed_once):
            self.failed_once.add(email)
            return request.end("FAILED", reason)
        if not EMAIL.fullmatch(email) or EMAIL_LOCAL_REFUSED.search(email.split("@")[0]):
            return request.end("FAILED", "INVALID_EMAIL")
        if email in self.taken_elsewhere or any(account.email.lower() == email for account in self.accounts):  # a closed one's, too
            return request.end("FAILED", "EMAIL_ALREADY_EXISTS")
        account = Account(self.org, **request.arguments)
        self.join(account)
        request.end("SUCCEEDED", account_id=account.id)

    def join(self, account):
        """Takes an account into the organization, with the policies that every account has."""
        self.accounts.append(account)
        for policy_id in (utils.DEFAULT_SCP_POLICY_ID, utils.DEFAULT_RCP_POLICY_ID):
            if any(policy.id == policy_id and self.type_enabled(policy.type) for policy in self.policies):
                models.OrganizationsBackend.attach_policy(self, PolicyId=policy_id, TargetId=account.id)
        models.organizations_backends.master_accounts[account.id] = (self.account_id, self.partition)

    def creates(self):
        """When each request that has ended was in progress, in seconds of this machine's clock."""
        return [[(moment - EPOCH).total_seconds() for moment in (request.requested, request.completed)]
                for request in self.requests if request.completed]

    def create_account(self, **arguments):
        if self.org is None:
            raise AWSOrganizationsNotInUseException
        if not NAME.fullmatch(arguments["AccountName"]):
            raise invalid("INVALID_PATTERN", "AccountName must be 1 to 50 printable ASCII characters.")
        if not 6 <= len(arguments["Email"]) <= 64:
            raise invalid("MIN_LENGTH_EXCEEDED" if len(arguments["Email"]) < 6 else "MAX_LENGTH_EXCEEDED",
                          "Email must be 6 to 64 characters long.")
        if arguments.get("RoleName") and not ROLE_NAME.fullmatch(arguments["RoleName"]):
            raise invalid("INVALID_ROLE_NAME", "You provided a role name that isn't valid.")
        failure_on_demand(arguments["Email"])
        check_tags(arguments.get("Tags") or [])
        if sum(request.state == "IN_PROGRESS" for request in self.requests) >= IN_FLIGHT_CREATES:
            raise constraint("ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED",
                             "You have exceeded the number of accounts you can create at the same time. Try again later.")
        if len(self.accounts) >= SETTINGS.account_quota:
            raise constraint("ACCOUNT_NUMBER_LIMIT_EXCEEDED", "You have exceeded the allowed number of AWS accounts.")
        request = Request(arguments)
        self.requests.append(request)
        self.settle()
        return {"CreateAccountStatus": request.describe()}

    def describe_create_account_status(self, **arguments):
        for request in self.requests:
            if request.id == arguments["CreateAccountRequestId"]:
                return {"CreateAccountStatus": request.describe()}
        raise refusal("CreateAccountStatusNotFoundException")

    def list_create_account_status(self, **arguments):
        states = arguments.get("States") or ["IN_PROGRESS", "SUCCEEDED", "FAILED"]
        rows = [request.describe() for request in self.requests if request.state in states]
        rows, token = page(rows, arguments.get("MaxResults"), arguments.get("NextToken"))
        return {"CreateAccountStatuses": rows, "NextToken": token}

    def _visible(self):
        return [a for a in self.accounts if not isinstance(a, Account) or a.age() >= SETTINGS.read_lag_seconds]

    def _paths(self, account):
        steps, parent = [account.id], account.parent_id
        while parent:
            steps.append(parent)
            parent = next((unit.parent_id for unit in self.ou if unit.id == parent), None)
        return ["/".join([self.org.id, *reversed(steps)]) + "/"]

    def list_accounts(self, max_results=None, next_token=None):
        accounts, token = page(self._visible(), max_results, next_token)
        return [account.describe() | {"Paths": self._paths(account)} for account in accounts], token

    def list_accounts_for_parent(self, parent_id, max_results=None, next_token=None):
        self.validate_parent_id(parent_id)
        return page([a for a in self._visible() if a.parent_id == parent_id], max_results, next_token)

    def describe_account(self, **arguments):
        account = self.get_account_by_id(arguments["AccountId"])
        return {"Account": account.describe() | {"Paths": self._paths(account)}}

    def list_tags_for_resource(self, **arguments):
        resource = self._get_resource_for_tagging(arguments["ResourceId"])
        if isinstance(resource, Account) and resource.age() < SETTINGS.read_lag_seconds:
            return {"Tags": []}
        return super().list_tags_for_resource(ResourceId=arguments["ResourceId"])

    def tag_resource(self, **arguments):
        resource = self._get_resource_for_tagging(arguments["ResourceId"])
        check_tags(arguments["Tags"])
        if len(resource.tags.keys() | {tag["Key"] for tag in arguments["Tags"]}) > TAGS_PER_ACCOUNT:
            raise constraint("MAX_TAG_LIMIT_EXCEEDED", f"You can attach at most {TAGS_PER_ACCOUNT} tags.")
        return super().tag_resource(**arguments)

    def remove_account_from_organization(self, **arguments):
        if not any(account.id == arguments["AccountId"] for account in self.accounts):
            raise AccountNotFoundException
        return super().remove_account_from_organization(**arguments)
