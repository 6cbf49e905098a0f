"""STS: a role can be assumed when it exists, its account is open, it trusts the caller, and it is old enough. A source
identity and tags ask for rights of their own, also those that the caller's session hands on."""

import fnmatch
import json
import re

from moto.iam import iam_backends
from moto.iam.exceptions import NotFoundException
from moto.sts import models, urls
from moto.sts.exceptions import STSClientError

from .organizations import Account, account_of, organization
from .settings import SETTINGS

BY_TOKEN = "sts:AssumeRoleWithWebIdentity"
ROLE = re.compile(r"arn:[\w-]+:iam::(\d{12}):role/(?:.*/)?([^/]+)")


def listed(value):
    """A policy element that may be one string or a list of them, as a list."""
    return [value] if isinstance(value, str) else list(value or [])


def trusts(document, caller, external_id, action="sts:AssumeRole"):
    """Whether a trust policy allows the caller's account this action on the role."""
    document = json.loads(document) if isinstance(document, str) else document
    statements = document["Statement"]
    for statement in [statements] if isinstance(statements, dict) else statements:
        if statement.get("Effect") != "Allow":
            continue
        if not any(fnmatch.fnmatchcase(action, pattern) for pattern in listed(statement.get("Action"))):
            continue
        conditions = statement.get("Condition", {}).get("StringEquals", {})
        # Whoever calls is of the one organization that there is.
        known = {"sts:ExternalId": external_id, "aws:PrincipalOrgID": organization().org.id}
        if any(key in conditions and value not in listed(conditions[key]) for key, value in known.items()):
            continue
        principal = statement.get("Principal", {})
        if action == BY_TOKEN:
            return "Federated" in principal
        names = ["*"] if principal == "*" else listed(principal.get("AWS"))
        if any(name in ("*", caller) or f"::{caller}:" in name for name in names):
            return True
    return False


def further_actions(given, source_identity, transitive_tags):
    """What an AssumeRole needs beside the right to assume the role: for what it sets, and for what the caller's session,
    which has this source identity and these tags, hands on."""
    actions = []
    if given.get("SourceIdentity") or source_identity:
        actions.append("sts:SetSourceIdentity")
    if transitive_tags or any(name.startswith("Tags.") for name in given):
        actions.append("sts:TagSession")
    return actions


def untrusted(given, caller, actions):
    """The first of the actions that the role's trust does not allow the caller's account, or None. Whether the role is there
    at all is for AssumeRole to say."""
    match = ROLE.fullmatch(given.get("RoleArn", ""))
    if not match:
        return None
    try:
        role = iam_backends[match[1]]["global"].get_role(match[2])
    except NotFoundException:
        return None
    document, external_id = role.assume_role_policy_document, given.get("ExternalId")
    return next((action for action in actions if not trusts(document, caller, external_id, action)), None)


class Sts(models.STSBackend):
    """moto's STS, which asks before it hands out credentials."""

    _url_module = urls

    def assume_role(self, *, role_arn, external_id, **arguments):
        caller = self.account_id
        refused = STSClientError("AccessDenied", f"User: arn:aws:iam::{caller}:root is not authorized to perform: sts:AssumeRole on resource: {role_arn}")
        match = ROLE.fullmatch(role_arn)
        if not match:
            raise STSClientError("ValidationError", f"{role_arn} is invalid")
        account_id, name = match.groups()
        account = account_of(account_id)
        if isinstance(account, Account):
            account.settle()
            if account.state != "ACTIVE" or account.age() < SETTINGS.role_seconds:
                raise refused
        try:
            role = iam_backends[account_id]["global"].get_role(name)
        except NotFoundException:
            raise refused from None
        if not trusts(role.assume_role_policy_document, caller, external_id):
            raise refused
        return super().assume_role(role_arn=role_arn, external_id=external_id, **arguments)

    def assume_role_with_web_identity(self, *, role_arn, **arguments):
        """Every token is good here: there are no identity providers. Whether the role trusts one is looked at."""
        refused = STSClientError("AccessDenied", f"Not authorized to perform {BY_TOKEN}")
        match = ROLE.fullmatch(role_arn)
        if not match:
            raise refused
        try:
            role = iam_backends[match[1]]["global"].get_role(match[2])
        except NotFoundException:
            raise refused from None
        if not trusts(role.assume_role_policy_document, None, None, BY_TOKEN):
            raise refused
        return models.STSBackend.assume_role(self, role_arn=role_arn, **arguments)


models.sts_backends.backend = Sts
