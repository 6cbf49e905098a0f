"""The Account Management API: regions that are opted in slowly, and the account's name."""

import time

from moto.account import models, urls
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow

from .account_record import AccountRecord
from .callers import is_delegated
from .organizations import MANAGEMENT_ACCOUNT, account_of, organization
from .paging import PAGE
from .regions import BY_DEFAULT, OPT_IN
from .settings import SETTINGS


class Regions:
    """The opt-in status of each region in one account."""

    def __init__(self):
        self.status = dict.fromkeys(OPT_IN, "DISABLED") | dict.fromkeys(BY_DEFAULT, "ENABLED_BY_DEFAULT")
        self.due = {}

    def settle(self):
        """Lets time pass."""
        for region, (status, due) in list(self.due.items()):
            if time.monotonic() >= due:
                self.status[region] = status
                del self.due[region]

    def change(self, region, wish):
        """Starts ENABLED or DISABLED; refuses what is so already or is changing."""
        self.known(region)
        now = self.status[region]
        if now in ("ENABLING", "DISABLING"):
            raise JsonRESTError("ConflictException", f"The region {region} is currently {now}.")
        if now == wish or now == "ENABLED_BY_DEFAULT":
            raise JsonRESTError("ValidationException", f"The region {region} is already {now}.")
        self.status[region] = wish.removesuffix("ED") + "ING"
        self.due[region] = (wish, time.monotonic() + SETTINGS.region_seconds)

    def known(self, region):
        """Refuses a name that is no region."""
        if region not in self.status:
            raise JsonRESTError("ValidationException", f"There is no region {region}.")


class AccountApi(AccountRecord):
    """moto's front of the API, with the calls it lacks."""

    def _whose(self):
        account_id = self._get_param("AccountId")
        if account_id and self.current_account != MANAGEMENT_ACCOUNT and not is_delegated(self.current_account):
            raise JsonRESTError("AccessDeniedException", "You don't have permission to access information about another account.")
        if account_id and not organization().trusts("account.amazonaws.com"):
            raise JsonRESTError("AccessDeniedException", "Trusted access for AWS Account Management is not enabled in the organization.")
        if account_id == MANAGEMENT_ACCOUNT:
            raise JsonRESTError("ValidationException", "The management account cannot specify its own AccountId.")
        if account_id and account_of(account_id) is None:
            raise JsonRESTError("AccessDeniedException", f"The account {account_id} is not in the organization.")
        return account_id or self.current_account

    def _regions(self):
        backend = models.account_backends[self._whose()][self.partition]
        if not hasattr(backend, "regions"):
            backend.regions = Regions()
        backend.regions.settle()
        return backend.regions

    def enable_region(self):
        self._regions().change(self._get_param("RegionName"), "ENABLED")
        return EmptyResult()

    def disable_region(self):
        self._regions().change(self._get_param("RegionName"), "DISABLED")
        return EmptyResult()

    def get_region_opt_status(self):
        regions, region = self._regions(), self._get_param("RegionName")
        regions.known(region)
        return ActionResult({"RegionName": region, "RegionOptStatus": regions.status[region]})

    def list_regions(self):
        wanted = self._get_param("RegionOptStatusContains")
        rows = [{"RegionName": name, "RegionOptStatus": status}
                for name, status in sorted(self._regions().status.items()) if not wanted or status in wanted]
        start, size = int(self._get_param("NextToken") or 0), int(self._get_param("MaxResults") or PAGE)
        answer = {"Regions": rows[start:start + size]}
        if len(rows) > start + size:
            answer["NextToken"] = str(start + size)
        return ActionResult(answer)

    def put_account_name(self):
        account, name = account_of(self._whose()), self._get_param("AccountName")
        if set("<>") & set(name) or not 1 <= len(name) <= 50:
            raise JsonRESTError("ValidationException", "AccountName must be 1 to 50 characters without < and >.")
        account.name = name
        return EmptyResult()

    def get_account_information(self):
        account_id = self._whose()
        account = account_of(account_id)
        return ActionResult({"AccountId": account_id, "AccountName": account.name if account else "",
                             "AccountCreatedDate": account.create_time if account else utcnow()})


for call in ("putAlternateContact", "getAlternateContact", "deleteAlternateContact", "enableRegion", "disableRegion",
             "getRegionOptStatus", "listRegions", "putAccountName", "getAccountInformation",
             "startPrimaryEmailUpdate", "acceptPrimaryEmailUpdate", "getPrimaryEmail"):
    urls.url_paths["{0}/" + call + "$"] = AccountApi.dispatch
