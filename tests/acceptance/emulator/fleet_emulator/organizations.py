"""The Organizations backend: moto's, with the rules of its three parts."""

import json
import re

from moto.core.resource_tagging import TaggableResourcesMixin, TaggedResource
from moto.organizations import models, responses, urls

from .accounts import Account, AccountRules
from .control_tower import ControlTower
from .email_updates import EmailUpdates
from .organizational_units import OrganizationalUnitRules
from .policies import PolicyRules
from .settings import SETTINGS
from .tag_policies import TagPolicyRules, describe_effective_policy

MANAGEMENT_ACCOUNT = "123456789012"


class ServicePrincipals(list):
    """Every AWS service's principal, where moto has a list of some."""

    def __contains__(self, principal):
        return bool(re.fullmatch(r"[a-z0-9.-]+\.amazonaws\.com", principal or ""))


models.FakeServiceAccess.TRUSTED_SERVICES = ServicePrincipals()
models.FakeDelegatedAdministrator.SUPPORTED_SERVICES = ServicePrincipals()


class Organizations(AccountRules, OrganizationalUnitRules, PolicyRules, TagPolicyRules, TaggableResourcesMixin):
    """What answers the Organizations API, and `tag:GetResources` for accounts."""

    SERVICE_NAMESPACE = "organizations"
    _url_module = urls

    def _reset(self):
        super()._reset()
        self.email_updates = EmailUpdates()
        self.tower = ControlTower(self)

    def trusts(self, principal):
        """Whether the service has trusted access."""
        enabled = self.list_aws_service_access_for_organization()["EnabledServicePrincipals"]
        return any(service["ServicePrincipal"] == principal for service in enabled)

    def iter_tagged_resources(self):
        for account in self.accounts:
            if isinstance(account, Account) and account.age() >= SETTINGS.read_lag_seconds:
                yield TaggedResource(account.arn, dict(account.tags), "organizations:account")

    def enable_all_features(self):
        """All features, with no invitation to answer: every member was created here."""
        self.org.feature_set = "ALL"
        return {"Handshake": {"Id": "h-" + "0" * 10, "State": "ACCEPTED", "Action": "ENABLE_ALL_FEATURES"}}


def enable_all_features(response):
    """The call that moto's front has no method for."""
    return json.dumps(response.organizations_backend.enable_all_features())


responses.OrganizationsResponse.enable_all_features = enable_all_features
responses.OrganizationsResponse.describe_effective_policy = describe_effective_policy
models.organizations_backends.backend = Organizations


def organization():
    """The backend of the management account."""
    return models.organizations_backends[MANAGEMENT_ACCOUNT]["aws"]


def found_organization():
    """A new organization with all features and trusted access for the Account API."""
    backend = organization()
    backend.create_organization("us-east-1", FeatureSet="ALL")
    for service in ("account.amazonaws.com", "sso.amazonaws.com"):
        backend.enable_aws_service_access(ServicePrincipal=service)


def account_of(account_id):
    """The account with this id in any organization, or None."""
    for partitions in list(models.organizations_backends.values()):
        for backend in list(partitions.values()):
            for account in backend.accounts:
                if account.id == account_id:
                    return account
    return None
