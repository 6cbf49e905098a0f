"""IAM: the few AWS managed policies that vending attaches, the credentials of root users, and account aliases.

moto can load all of them, but then parses them for each account: 1 s and 32 MB. Here they are parsed once.
"""

import json
import re
from datetime import datetime

from moto.iam import models
from moto.iam.exceptions import EntityAlreadyExists, ValidationError

KEPT = ["AdministratorAccess", "ReadOnlyAccess", "PowerUserAccess", "SecurityAudit", "ViewOnlyAccess", "IAMFullAccess", "Billing",
        "AmazonEKSClusterPolicy", "AmazonSSMManagedInstanceCore", "AWSSupportAccess"]


def _kept():
    known = json.loads(models.aws_managed_policies_data)
    return [(name, known[name], json.dumps(known[name]["Document"]),
             datetime.fromisoformat(known[name]["CreateDate"]), datetime.fromisoformat(known[name]["UpdateDate"]))
            for name in KEPT if name in known]


POLICIES = _kept()


ALIAS = re.compile(r"^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$")


class Summary(models.AccountSummary):
    """With the password of the root user, which moto does not count."""

    # AWS gives the root user of a new account a password that nobody knows, unless the organization manages root access.
    root = {"AccountPasswordPresent": 1}

    @property
    def summary_map(self):
        return super().summary_map | self.root


class Iam(models.IAMBackend):
    """moto's IAM with the policies of `KEPT`."""

    from moto.iam import urls as _url_module

    def __init__(self, region_name, account_id):
        super().__init__(region_name, account_id)
        self.account_summary = Summary(self)

    def create_account_alias(self, alias):
        """An account has one alias, a new one takes its place; no two accounts of AWS have the same."""
        if not ALIAS.match(alias) or re.fullmatch(r"[0-9]{12}", alias):
            raise ValidationError(f"The alias {alias} is not valid.")
        if any(alias in kept.account_aliases for kept in backends()):
            raise EntityAlreadyExists(f"The account alias {alias} already exists.")
        super().create_account_alias(alias)

    def _init_aws_policies(self):
        return [models.AWSManagedPolicy(name, account_id=self.account_id, region=self.region_name,
                                        default_version_id=data.get("DefaultVersionId"), path=data.get("Path"),
                                        document=document, create_date=created, update_date=updated)
                for name, data, document, created, updated in POLICIES]


models.iam_backends.backend = Iam


def backends():
    """What is kept of the IAM of each account."""
    return [of for regions in models.iam_backends.values() for of in regions.values()]


def put_root_user(account, **present):
    """Gives the root user of an account these credentials, or takes them away: `password`, `access_keys`, `mfa` …"""
    names = {"password": "AccountPasswordPresent", "access_keys": "AccountAccessKeysPresent", "mfa": "AccountMFAEnabled",
             "signing_certificates": "AccountSigningCertificatesPresent"}
    summary = models.iam_backends[account]["aws"].account_summary
    summary.root = summary.root | {names[name]: int(is_there) for name, is_there in present.items()}
