"""Organizational units, and the moves of accounts between them."""

from moto.organizations import models
from moto.organizations.exceptions import DuplicateOrganizationalUnitException

from .accounts import check_tags
from .errors import constraint, refusal
from .paging import page

DEPTH = 5


class OrganizationalUnitRules(models.OrganizationsBackend):
    """The OU half of the Organizations backend."""

    def _siblings(self, parent_id, name):
        return [unit for unit in self.ou if unit.parent_id == parent_id and unit.name == name]

    def _depth(self, unit_id):
        depth, parents = 0, {unit.id: unit.parent_id for unit in self.ou}
        while parents.get(unit_id):
            depth, unit_id = depth + 1, parents[unit_id]
        return depth

    def create_organizational_unit(self, **arguments):
        parent_id = self.validate_parent_id(arguments["ParentId"])
        check_tags(arguments.get("Tags") or [])
        if self._siblings(parent_id, arguments["Name"]):
            raise DuplicateOrganizationalUnitException
        if self._depth(parent_id) >= DEPTH:
            raise constraint("OU_DEPTH_LIMIT_EXCEEDED", f"OUs can be nested at most {DEPTH} deep.")
        unit = models.FakeOrganizationalUnit(self.org, **arguments)
        self.ou.append(unit)
        self.attach_defaults(unit)
        return unit.describe()

    def update_organizational_unit(self, **arguments):
        unit = self.get_organizational_unit_by_id(arguments["OrganizationalUnitId"])
        if any(other is not unit for other in self._siblings(unit.parent_id, arguments["Name"])):
            raise DuplicateOrganizationalUnitException
        unit.name = arguments["Name"]
        return unit.describe()

    def delete_organizational_unit(self, **arguments):
        unit = self.get_organizational_unit_by_id(arguments["OrganizationalUnitId"])
        if any(child.parent_id == unit.id for child in [*self.ou, *self.accounts]):
            raise refusal("OrganizationalUnitNotEmptyException")
        for policy in self.policies:
            policy.attachments = [target for target in policy.attachments if target.id != unit.id]
        self.ou.remove(unit)

    def list_organizational_units_for_parent(self, parent_id, max_results=None, next_token=None):
        self.validate_parent_id(parent_id)
        return page([unit for unit in self.ou if unit.parent_id == parent_id], max_results, next_token)

    def list_children(self, **arguments):
        rows = super().list_children(**arguments)["Children"]
        rows, token = page(rows, arguments.get("MaxResults"), arguments.get("NextToken"))
        return {"Children": rows, "NextToken": token}

    def list_parents(self, **arguments):
        child_id = arguments["ChildId"]
        if not any(child.id == child_id for child in [*self.ou, *self.accounts]):
            raise refusal("ChildNotFoundException")
        return super().list_parents(ChildId=child_id)

    def move_account(self, **arguments):
        account = self.get_account_by_id(arguments["AccountId"])
        units = {unit.id for unit in self.ou}
        source, destination = arguments["SourceParentId"], arguments["DestinationParentId"]
        if source not in units or account.parent_id != source:
            raise refusal("SourceParentNotFoundException")
        if destination not in units:
            raise refusal("DestinationParentNotFoundException")
        if destination == account.parent_id:
            raise refusal("DuplicateAccountException")
        if not self.tower.takes(destination):
            raise refusal("ConcurrentModificationException")
        account.parent_id = destination
        self.tower.moved(account.id, destination)
