"""IAM: the few AWS managed policies that vending attaches.

moto can load all of them, but then parses them for each account: 1 s and 32 MB. Here they are parsed once.
"""

import json
from datetime import datetime

from moto.iam import models

KEPT = ["AdministratorAccess", "ReadOnlyAccess", "PowerUserAccess", "SecurityAudit", "ViewOnlyAccess", "IAMFullAccess", "Billing",
        "AmazonEKSClusterPolicy", "AmazonSSMManagedInstanceCore", "AWSSupportAccess"]


def _kept():
    known = json.loads(models.aws_managed_policies_data)
    return [(name, known[name], json.dumps(known[name]["Document"]),
             datetime.fromisoformat(known[name]["CreateDate"]), datetime.fromisoformat(known[name]["UpdateDate"]))
            for name in KEPT if name in known]


POLICIES = _kept()


class Iam(models.IAMBackend):
    """moto's IAM with the policies of `KEPT`."""

    from moto.iam import urls as _url_module

    def _init_aws_policies(self):
        return [models.AWSManagedPolicy(name, account_id=self.account_id, region=self.region_name,
                                        default_version_id=data.get("DefaultVersionId"), path=data.get("Path"),
                                        document=document, create_date=created, update_date=updated)
                for name, data, document, created, updated in POLICIES]


models.iam_backends.backend = Iam
