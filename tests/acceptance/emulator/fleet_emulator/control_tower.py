"""Control Tower: a landing zone that governs units, and enrols accounts that are moved into them.

Time is counted, not measured: what Control Tower does to an account is done after so many looks at it (`enrol_looks`).
Sources: the service's model in botocore, and the user guide on auto-enrollment, drift, baselines and landing zone APIs.
"""

import re
from uuid import NAMESPACE_OID, uuid5

from . import wire
from .regions import OPT_IN

SERVICE = "controltower.amazonaws.com"
BASELINE = "AWSControlTowerBaseline"
# As in the landing zone's home region; the ids are not the same in each region.
BASELINES = {BASELINE: "17BSJV3IGJ2QSGA2", "BackupBaseline": "3WPD0NA6TJ9AOMU2", "IdentityCenterBaseline": "LN25R72TTG6IGPTQ"}
TARGETS, PAGE = 5, 100
INHERITANCE_DRIFT = "INHERITANCE_DRIFT"


def operation(target):
    """The id of the last operation on a unit or an account."""
    return str(uuid5(NAMESPACE_OID, target))


class Refused(Exception):
    """(code, HTTP status, message) of an error."""


class Enrolment:
    """What Control Tower does, or did, with the baseline of one account."""

    def __init__(self, unit, looks, failure=None):
        self.unit, self.looks, self.failure = unit, looks, failure

    @property
    def status(self):
        """As the API names it."""
        if self.looks > 0:
            return "UNDER_CHANGE"
        return "FAILED" if self.failure else "SUCCEEDED"


class ControlTower:
    """The landing zone of an organization; without a home there is none."""

    def __init__(self, organization):
        self.organization = organization
        self.home, self.version, self.manifest = None, "3.3", {}
        self.auto_enrolment, self.state = True, "ACTIVE"
        self.enrol_looks = 0
        self.failures = []
        self.units = set()
        self.accounts = {}

    # === what tests ask for ===

    def set_up(self, units=None, fails=None, resets=None, **values):
        """Makes a landing zone, or changes it: `home`, `version`, `manifest`, `auto_enrolment`, `state`, `enrol_looks`; the ids
        of the registered `units`, whose accounts are enrolled with them; what the next enrolments fail with, in `fails`; a unit that somebody
        `resets`."""
        known = {"home", "version", "manifest", "auto_enrolment", "state", "enrol_looks"}
        if set(values) - known:
            raise ValueError(f"there is no {sorted(set(values) - known)}; there are {sorted(known)}")
        for name, value in values.items():
            setattr(self, name, value)
        if self.home is None:
            raise ValueError("a landing zone has a home")
        if not self.organization.trusts(SERVICE):
            self.organization.enable_aws_service_access(ServicePrincipal=SERVICE)
        self.failures.extend(fails or [])
        if units is not None:
            self.units = set(units)
            for account in self.organization.accounts:
                if account.parent_id in self.units and account.id not in self.accounts:
                    self.accounts[account.id] = Enrolment(account.parent_id, 0)
        if resets:
            self._reset(resets)

    # === what Organizations asks ===

    def takes(self, destination):
        """Whether an account may be moved into this unit now: where it enrols by itself, one at a time for each unit."""
        return not self._enrols_in(destination) or not any(
            of.unit == destination and of.looks > 0 for of in self.accounts.values())

    def moved(self, account_id, destination):
        """An account was moved: it is enrolled, or loses its baseline; or, without auto-enrolment, it drifts."""
        if self._enrols_in(destination):
            self._enrol(account_id, destination)
        elif self.home and self.auto_enrolment:
            self.accounts.pop(account_id, None)

    def _enrols_in(self, unit):
        return self.home is not None and self.auto_enrolment and unit in self.units

    def _enrol(self, account_id, unit):
        failure = self.failures.pop(0) if self.failures else None
        self.accounts[account_id] = Enrolment(unit, self.enrol_looks, failure)

    # === the API ===

    def answer(self, environ, name):
        """(status line, headers, body) of a call."""
        given, region = wire.json_of(environ), wire.region_of(environ)
        call = getattr(self, re.sub("([A-Z])", lambda letter: "_" + letter[1].lower(), name or "None"), None)
        try:
            if call is None:
                raise Refused("UnknownOperationException", 404, f"There is no {name}.")
            return wire.json_answer(call(region, given))
        except Refused as refused:
            return wire.error(environ, *refused.args)

    def _at_home(self, region):
        if self.home is None or region != self.home:
            raise Refused("ResourceNotFoundException", 404, "There is no landing zone in this region.")

    def _arn(self, kind, identifier, account=True):
        owner = self.organization.org.master_account_id if account else ""
        return f"arn:aws:controltower:{self.home}:{owner}:{kind}/{identifier}"

    def _organizations_arn(self, identifier):
        org, kind = self.organization.org, "ou" if identifier.startswith("ou-") else "account"
        return f"arn:aws:organizations::{org.master_account_id}:{kind}/{org.id}/{identifier}"

    def _list_landingzones(self, region, _given):
        """A region that is opted in knows only its own landing zone; every other knows one that is not in such a region."""
        known = self.home and (region == self.home or not {region, self.home} & set(OPT_IN))
        return {"landingZones": [{"arn": self._arn("landingzone", "1A2B3C4D5E6F7G8H")}] if known else []}

    def _get_landingzone(self, region, given):
        self._at_home(region)
        if given.get("landingZoneIdentifier") != self._arn("landingzone", "1A2B3C4D5E6F7G8H"):
            raise Refused("ResourceNotFoundException", 404, "There is no such landing zone.")
        return {"landingZone": {
            "arn": given["landingZoneIdentifier"], "version": self.version, "latestAvailableVersion": "4.0", "status": self.state,
            "driftStatus": {"status": "IN_SYNC"}, "manifest": self.manifest,
        } | ({"remediationTypes": [INHERITANCE_DRIFT]} if self.auto_enrolment else {})}

    def _update_landingzone(self, region, given):
        self._at_home(region)
        self.auto_enrolment = INHERITANCE_DRIFT in given.get("remediationTypes", [])
        return {"operationIdentifier": operation("landing zone")}

    def _list_baselines(self, region, _given):
        self._at_home(region)
        return {"baselines": [{"arn": self._arn("baseline", identifier, account=False), "name": name}
                              for name, identifier in sorted(BASELINES.items())]}

    def _enabled(self, target, status, parent=None, drifted=False):
        baseline = {"arn": self._arn("enabledbaseline", f"XX{target}"), "targetIdentifier": self._organizations_arn(target),
                    "baselineIdentifier": self._arn("baseline", BASELINES[BASELINE], account=False), "baselineVersion": "4.0",
                    "statusSummary": {"status": status, "lastOperationIdentifier": operation(target)},
                    "driftStatusSummary": {"types": {"inheritance": {"status": "DRIFTED" if drifted else "IN_SYNC"}}}}
        return baseline | ({"parentIdentifier": self._arn("enabledbaseline", f"XX{parent}")} if parent else {})

    def _drifts(self, account_id):
        """Whether an account has its baseline from another unit than the one that it is in."""
        found = next((account for account in self.organization.accounts if account.id == account_id), None)
        return found is not None and found.parent_id != self.accounts[account_id].unit

    def _rows(self):
        for unit in sorted(self.units):
            drifted = any(of.unit == unit and self._drifts(account) for account, of in self.accounts.items())
            yield self._enabled(unit, "SUCCEEDED", drifted=drifted)
        for account, of in sorted(self.accounts.items()):
            yield self._enabled(account, of.status, of.unit, self._drifts(account))

    def _list_enabled_baselines(self, region, given):
        self._at_home(region)
        asked = given.get("filter") or {}
        if len(asked.get("targetIdentifiers", [])) > TARGETS:
            raise Refused("ValidationException", 400, f"At most {TARGETS} targets.")
        tests = (("targetIdentifiers", lambda row: row["targetIdentifier"]), ("baselineIdentifiers", lambda row: row["baselineIdentifier"]),
                 ("parentIdentifiers", lambda row: row.get("parentIdentifier")), ("statuses", lambda row: row["statusSummary"]["status"]))
        rows = [row for row in self._rows()
                if (given.get("includeChildren") or "parentIdentifier" not in row)
                and all(name not in asked or of(row) in asked[name] for name, of in tests)]
        for row in rows:
            of = self.accounts.get(row["targetIdentifier"].rsplit("/", 1)[-1])
            if of and of.looks > 0:
                of.looks -= 1
        start, size = int(given.get("nextToken") or 0), int(given.get("maxResults") or PAGE)
        answer = {"enabledBaselines": rows[start:start + size]}
        return answer | ({"nextToken": str(start + size)} if len(rows) > start + size else {})

    def _reset_enabled_baseline(self, region, given):
        """Enrols what is in the unit: all of it, whatever was before."""
        self._at_home(region)
        unit = next((unit for unit in self.units if given.get("enabledBaselineIdentifier") == self._arn("enabledbaseline", f"XX{unit}")), None)
        if unit is None:
            raise Refused("ResourceNotFoundException", 404, "There is no such enabled baseline.")
        self._reset(unit)
        return {"operationIdentifier": operation(unit)}

    def _reset(self, unit):
        for account in self.organization.accounts:
            if account.parent_id == unit:
                self._enrol(account.id, unit)

    def _enable_baseline(self, _region, given):
        if ":account/" in given.get("targetIdentifier", ""):
            raise Refused("ValidationException", 400, "A baseline is enabled on an organizational unit.")
        raise Refused("ValidationException", 400, "This emulator registers units by POST /fleet-emulator/landing-zone.")

    def _get_baseline_operation(self, region, given):
        self._at_home(region)
        identifier = given.get("operationIdentifier", "")
        of = next((of for account, of in self.accounts.items() if operation(account) == identifier), None)
        if of is None:
            raise Refused("ResourceNotFoundException", 404, "There is no such operation.")
        status = {"UNDER_CHANGE": "IN_PROGRESS"}.get(of.status, of.status)
        said = {"statusMessage": of.failure} if of.status == "FAILED" else {}
        return {"baselineOperation": {"operationIdentifier": identifier, "operationType": "ENABLE_BASELINE", "status": status} | said}
