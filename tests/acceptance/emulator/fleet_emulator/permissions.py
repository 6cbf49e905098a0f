"""IAM: what a session of a role may do. Its role's policies must allow a call, and so must the role's permissions boundary
and the policies of the session, where there are any; a deny in any of them is final.

Credentials that are no session of a role may do everything: tests look behind the provider's back with them.
"""

import fnmatch
import functools
import json
import re
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from moto.iam import iam_backends
from moto.iam.exceptions import NotFoundException

from . import callers, rest, wire
from .organizations import organization
from .sts import ROLE, further_actions, listed, untrusted

GIVEN_KEY = re.compile(r"<AccessKeyId>(\w+)</AccessKeyId>")
# The names that requests are signed with, where actions have another.
PREFIXES = {"tagging": "tag"}
# What a call that makes something needs as well where it gives tags. Organizations has no id yet: the resource is "*".
TAGS_WITH = {
    ("organizations", "CreateAccount"): "TagResource",
    ("organizations", "CreateOrganizationalUnit"): "TagResource",
    ("organizations", "CreatePolicy"): "TagResource",
    ("iam", "CreateOpenIDConnectProvider"): "TagOpenIDConnectProvider",
    ("iam", "CreatePolicy"): "TagPolicy",
    ("iam", "CreateRole"): "TagRole",
}


# The calls of S3 and S3 Control whose actions have another name, by what follows "Get", "Put" or "Delete". A call that
# deletes a setting needs the right to put it.
S3_SETTINGS = {
    "BucketAccelerateConfiguration": "AccelerateConfiguration",
    "BucketEncryption": "EncryptionConfiguration",
    "BucketLifecycle": "LifecycleConfiguration",
    "BucketLifecycleConfiguration": "LifecycleConfiguration",
    "BucketNotificationConfiguration": "BucketNotification",
    "BucketReplication": "ReplicationConfiguration",
}
S3_ACTIONS = {
    "CompleteMultipartUpload": "PutObject",
    "CopyObject": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "DeleteBucketCors": "PutBucketCORS",
    "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
    "DeleteBucketTagging": "PutBucketTagging",
    "DeleteObjects": "DeleteObject",
    "GetBucketCors": "GetBucketCORS",
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
    "ListBuckets": "ListAllMyBuckets",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListObjectVersions": "ListBucketVersions",
    "PutBucketCors": "PutBucketCORS",
    "UploadPart": "PutObject",
}


@dataclass
class Session:
    """A session that STS gave."""

    role_arn: str
    caller: str
    """The account that asked for it."""
    policy_arns: list[str] = field(default_factory=list)
    policy: str | None = None
    source_identity: str | None = None
    transitive_tags: list[str] = field(default_factory=list)


class Sessions:
    """All sessions: by access key, and in order."""

    def __init__(self):
        self.by_key = {}

    def remember(self, request, caller, access_key, answer):
        """Keeps the session that this answer of STS gives: it inherits from the session that asked."""
        given = GIVEN_KEY.search(answer.decode())
        form = parse_qs(request.decode())
        if given and "RoleArn" in form:
            arns = [value[0] for name, value in sorted(form.items()) if name.startswith("PolicyArns.")]
            source_identity, tags = self.handed_on(access_key)
            own = [value[0] for name, value in sorted(form.items()) if name.startswith("TransitiveTagKeys.")]
            self.by_key[given[1]] = Session(form["RoleArn"][0], caller, arns, form.get("Policy", [None])[0],
                                            form.get("SourceIdentity", [source_identity])[0], sorted({*tags, *own}))

    def handed_on(self, access_key):
        """(source identity, keys of the transitive tags) that the next session of a chain inherits."""
        session = self.by_key.get(access_key)
        return (session.source_identity, session.transitive_tags) if session else (None, [])


@functools.cache
def parsed(text):
    """A policy document."""
    return json.loads(text)


def managed(policy):
    """The document of a managed policy; one that does not exist allows nothing."""
    versions = policy.versions if policy else []
    return next((parsed(version.document) for version in versions if version.is_default), {"Statement": []})


def matches(patterns, value):
    """Whether one of the patterns (`*`, `?`) stands for the value."""
    return any(fnmatch.fnmatchcase(value, re.sub(r"\[", "[[]", pattern)) for pattern in listed(patterns))


TESTS = {
    "StringEquals": lambda wanted, value: value in wanted,
    "StringLike": matches,
    "ArnLike": matches,
    "ArnEquals": matches,
}


def holds(operator, wanted, values):
    """Whether one line of a Condition holds for the values of its key, none where the request has no such key."""
    wanted = listed(wanted)
    if operator == "Null":
        return (not values) == (str(wanted[0]).lower() == "true")
    quantifier, _, operator = operator.rpartition(":")
    negated = operator.replace("Not", "", 1) if "Not" in operator else None
    test = TESTS[negated or operator]
    if negated:
        return not any(test(wanted, value) for value in values)
    if quantifier == "ForAllValues":
        return all(test(wanted, value) for value in values)
    return any(test(wanted, value) for value in values)


def applies(statement, action, resource, context):
    """Whether a statement speaks of this call on this resource."""
    if "NotAction" in statement:
        named = not matches([name.lower() for name in listed(statement["NotAction"])], action.lower())
    else:
        named = matches([name.lower() for name in listed(statement["Action"])], action.lower())
    if "NotResource" in statement:
        meant = not matches(statement["NotResource"], resource)
    else:
        meant = matches(statement.get("Resource", "*"), resource)
    return named and meant and all(
        holds(operator, wanted, context.get(key.lower(), []))
        for operator, lines in statement.get("Condition", {}).items() for key, wanted in lines.items())


def verdict(documents, action, resource, context):
    """`Deny`, `Allow`, or None where none of the documents speaks of the call."""
    effects = set()
    for document in documents:
        statements = document["Statement"]
        for statement in [statements] if isinstance(statements, dict) else statements:
            if applies(statement, action, resource, context):
                effects.add(statement["Effect"])
    return "Deny" if "Deny" in effects else "Allow" if "Allow" in effects else None


def parameters(environ):
    """The request's parameters: of a form, of JSON, or of the path and the query, as S3 has them. A body of another kind is
    what is stored, and says nothing of the call."""
    if wire.operation_of(environ)[0] == "s3":
        return rest.request_of(environ)[1]
    body = wire.body_of(environ).decode()
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        return {name: value[0] for name, value in parse_qs(body).items()}
    given = json.loads(body or "{}")
    return given if isinstance(given, dict) else {}


def organizations_arn(identifier):
    """The ARN of an account, OU, root or policy by its id."""
    org = organization().org
    kind = {"r": "root", "o": "ou", "p": "policy"}.get(identifier[:1] if not identifier[:1].isdigit() else "", "account")
    kind = f"{kind}/{org.id}/service_control_policy" if kind == "policy" else f"{kind}/{org.id}"
    return f"arn:aws:organizations::{org.master_account_id}:{kind}/{identifier}"


def resources(service, account, given):
    """What the call is about: each must be allowed."""
    arns = []
    if service == "organizations":
        names = ("AccountId", "ChildId", "DestinationParentId", "OrganizationalUnitId", "ParentId", "PolicyId",
                 "ResourceId", "SourceParentId", "TargetId")
        arns = [organizations_arn(given[name]) for name in names if given.get(name)]
    elif service == "account":
        org = organization().org
        arns = [f"arn:aws:account::{org.master_account_id}:account/{org.id}/{given['AccountId']}" if given.get("AccountId")
                else f"arn:aws:account::{account}:account"]
    elif service == "controltower" and "landingZoneIdentifier" in given:
        arns = [given["landingZoneIdentifier"]]
    elif service == "sts" and "RoleArn" in given:
        arns = [given["RoleArn"]]
    elif service == "iam":
        own = f"arn:aws:iam::{account}"
        if "RoleName" in given:
            arns = [f"{own}:role/{given['RoleName']}"]
        elif "OpenIDConnectProviderArn" in given:
            arns = [given["OpenIDConnectProviderArn"]]
        elif "Url" in given:
            arns = [f"{own}:oidc-provider/{given['Url'].removeprefix('https://')}"]
        elif "PolicyArn" in given:
            arns = [given["PolicyArn"]]
        elif "PolicyName" in given:
            arns = [f"{own}:policy/{given['PolicyName']}"]
    elif service == "s3" and "Bucket" in given:
        arns = [f"arn:aws:s3:::{given['Bucket']}" + (f"/{given['Key']}" if "Key" in given else "")]
    return arns or ["*"]


def tags_of(service, given, resource):
    """(tags in the request, tags of the resource)."""
    asked = {tag["Key"]: tag["Value"] for tag in given.get("Tags") or [] if isinstance(tag, dict)}
    for name, key in given.items():
        member = re.fullmatch(r"Tags\.member\.(\d+)\.Key", name)
        if member:
            asked[key] = given.get(f"Tags.member.{member[1]}.Value", "")
    carried = {}
    if service == "organizations":
        backend, identifier = organization(), resource.rsplit("/", 1)[-1]
        found = [row for row in [*backend.accounts, *backend.ou, *backend.policies] if row.id == identifier]
        carried = dict(found[0].tags) if found else {}
    elif service == "iam" and ":role/" in resource:
        try:
            backend = iam_backends[resource.split(":")[4]][resource.split(":")[1]]
            tags = backend.get_role(resource.rsplit("/", 1)[-1]).tags
            carried = {tag["Key"]: tag["Value"] for tag in (tags.values() if isinstance(tags, dict) else tags)}
        except NotFoundException:
            pass
    return asked, carried


def context_of(service, given, resource):
    """The condition keys that policies of ours ask for, in lower case."""
    asked, carried = tags_of(service, given, resource)
    context = {f"aws:requesttag/{key}".lower(): [value] for key, value in asked.items()}
    context |= {f"aws:resourcetag/{key}".lower(): [value] for key, value in carried.items()}
    context["aws:tagkeys"] = list(asked)
    context["aws:resourceorgid"] = [organization().org.id]
    for key, parameter in (("account:targetregion", "RegionName"), ("organizations:policytype", "Type"),
                           ("organizations:policytype", "Filter"), ("iam:permissionsboundary", "PermissionsBoundary"),
                           ("iam:policyarn", "PolicyArn")):
        if isinstance(given.get(parameter), str):
            context[key] = [given[parameter]]
    if service == "iam" and ":role/" in resource and "iam:permissionsboundary" not in context:
        _, partition, _, _, account, name = resource.split(":", 5)
        role = next((of for of in iam_backends[account][partition].roles.values() if of.name == name.rsplit("/", 1)[-1]), None)
        if role is not None and role.permissions_boundary_arn:
            context["iam:permissionsboundary"] = [role.permissions_boundary_arn]
    return context


def s3_action(operation, of_account):
    """The action that an operation of S3, or of S3 Control on the account itself, needs."""
    verb, setting = re.match(r"(Get|Put|Delete)?(.*)", operation).groups()
    if verb and setting == "PublicAccessBlock":
        return f"{'Put' if verb == 'Delete' else verb}{'Account' if of_account else 'Bucket'}PublicAccessBlock"
    if verb and setting in S3_SETTINGS:
        return f"{'Put' if verb == 'Delete' else verb}{S3_SETTINGS[setting]}"
    return S3_ACTIONS.get(operation, operation)


def needs(service, account, operation, given, further):
    """(action, resource) for all that has to be allowed."""
    prefix, arns = PREFIXES.get(service, service), resources(service, account, given)
    if service == "s3":
        operation = s3_action(operation or "unknown", "AccountId" in given)
    needed = [(f"{prefix}:{operation}", arn) for arn in arns] + [(action, arn) for action in further for arn in arns]
    tags = TAGS_WITH.get((service, operation))
    if tags and tags_of(service, given, "")[0]:
        needed += [(f"{prefix}:{tags}", arn) for arn in (["*"] if service == "organizations" else arns)]
    return needed


def refusal(sessions, environ, service, operation, access_key):
    """Why the holder of this key may not make this call, or None."""
    session = sessions.by_key.get(access_key)
    assumes = (service, operation) == ("sts", "AssumeRole")
    if operation == "GetCallerIdentity" or session is None and not assumes:
        return None
    given = parameters(environ)
    further = further_actions(given, *sessions.handed_on(access_key)) if assumes else []
    refused = untrusted(given, callers.account_of_key(access_key), further)
    if refused:
        return f"User: {session.role_arn if session else access_key} is not authorized to perform: {refused} on resource: {given['RoleArn']}"
    if session is None:
        return None
    account, name = ROLE.fullmatch(session.role_arn).groups()
    backend = iam_backends[account]["aws"]
    try:
        role = backend.get_role(name)
    except NotFoundException:
        return f"The role {session.role_arn} is gone."
    inline = [parsed(text) for text in role.policies.values()]
    layers = [("identity-based policy", inline + [managed(policy) for policy in role.managed_policies.values()])]
    if role.permissions_boundary_arn:
        layers.append(("permissions boundary", [managed(backend.managed_policies.get(role.permissions_boundary_arn))]))
    if session.policy or session.policy_arns:
        own = [parsed(session.policy)] if session.policy else []
        layers.append(("session policy", own + [managed(backend.managed_policies.get(arn)) for arn in session.policy_arns]))
    for action, resource in needs(service, account, operation, given, further):
        context = context_of(service, given, resource)
        who = f"User: arn:aws:sts::{account}:assumed-role/{name}/session is not authorized to perform: {action} on resource: {resource}"
        verdicts = [(layer, verdict(documents, action, resource, context)) for layer, documents in layers]
        for layer, found in verdicts:
            if found == "Deny":
                return f"{who} with an explicit deny in an {layer}"
        for layer, found in verdicts:
            if found is None:
                return f"{who} because no {layer} allows the {action} action"
    return None
