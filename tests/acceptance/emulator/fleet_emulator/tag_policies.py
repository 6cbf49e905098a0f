"""The effective tag policy of an account: that of the root first, then each below it; a later `@@assign` wins."""

import json

from moto.core.utils import unix_time, utcnow
from moto.organizations import models

from .errors import refusal


class TagPolicyRules(models.OrganizationsBackend):
    """DescribeEffectivePolicy, for tag policies."""

    def describe_effective_policy(self, **arguments):
        account = self.get_account_by_id(arguments.get("TargetId") or self.account_id)
        merged = {}
        for target in self._from_root_to(account):
            for policy in target.attached_policies:
                if policy.type == arguments["PolicyType"] == "TAG_POLICY":
                    for name, entry in json.loads(policy.content).get("tags", {}).items():
                        merged.setdefault(name.lower(), {}).update({field: value["@@assign"] for field, value in entry.items()})
        if not merged:
            raise refusal("EffectivePolicyNotFoundException")
        return {"EffectivePolicy": {"PolicyContent": json.dumps({"tags": merged}), "PolicyType": arguments["PolicyType"],
                                    "TargetId": account.id, "LastUpdatedTimestamp": unix_time(utcnow())}}

    def _from_root_to(self, account):
        above, parent = [account], account.parent_id
        while parent:
            unit = next(unit for unit in self.ou if unit.id == parent)
            above.append(unit)
            parent = getattr(unit, "parent_id", None)
        return reversed(above)


def describe_effective_policy(response):
    """The call that moto's front has no method for."""
    return json.dumps(response.organizations_backend.describe_effective_policy(**response.request_params))
