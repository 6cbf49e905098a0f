"""What AWS Organizations has and ministack lacks, as far as vending an account needs it.

Left out by name, since the provider goes on without them and says so: `DescribeEffectivePolicy`, `servicequotas:GetServiceQuota`,
`controltower:ListEnabledBaselines`. They answer what ministack answers to calls that it does not know.
"""

import json

from ministack.core.responses import get_region, request_scope
from ministack.services import iam, organizations

# As a create goes on for some seconds at AWS: what DescribeCreateAccountStatus says this many times first.
IN_PROGRESS_ANSWERS = 2


def answer(body):
    """A successful answer of Organizations."""
    return 200, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(body).encode()


def parameters(**values):
    """Parameters as ministack's IAM takes them from a query."""
    return {name: [value] for name, value in values.items()}


def make_access_role(account, name):
    """AWS makes this role in each account it creates; only the management account is trusted by it."""
    management = organizations._orgs["self"]["MasterAccountId"]
    trust = {"Version": "2012-10-17",
             "Statement": [{"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{management}:root"}, "Action": "sts:AssumeRole"}]}
    with request_scope(account, get_region()):
        for operation, values in [
            ("CreateRole", {"RoleName": name, "AssumeRolePolicyDocument": json.dumps(trust)}),
            ("AttachRolePolicy", {"RoleName": name, "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}),
        ]:
            status, _, body = iam._IAM_HANDLERS[operation](parameters(**values))
            if status != 200:
                raise RuntimeError(f"{operation} {name}: {body}")


def create_account(payload):
    """CreateAccount answers before the account is there, and makes the access role."""
    status, headers, body = organizations_create_account(payload)
    if status != 200:
        return status, headers, body
    created = json.loads(body)["CreateAccountStatus"]
    make_access_role(created["AccountId"], payload.get("RoleName") or "OrganizationAccountAccessRole")
    organizations._create_statuses[created["Id"]]["_answers"] = IN_PROGRESS_ANSWERS
    return answer({"CreateAccountStatus": shown(organizations._create_statuses[created["Id"]])})


def shown(record):
    """A status as AWS shows it: without the account's id while it is in progress."""
    public = {key: value for key, value in record.items() if not key.startswith("_")}
    if record.get("_answers", 0) > 0:
        public["State"] = "IN_PROGRESS"
        for key in ["AccountId", "CompletedTimestamp"]:
            public.pop(key, None)
    return public


def describe_create_account_status(payload):
    """Each answer brings the create nearer to its end."""
    record = organizations._create_statuses.get(payload.get("CreateAccountRequestId"))
    if record is None:
        return organizations_describe_create_account_status(payload)
    record["_answers"] = max(record.get("_answers", 0) - 1, 0)
    return answer({"CreateAccountStatus": shown(record)})


def list_create_account_status(payload):
    """ListCreateAccountStatus, without pages."""
    organizations._ensure_org()
    states = payload.get("States") or ["IN_PROGRESS", "SUCCEEDED", "FAILED"]
    every = [shown(record) for record in organizations._create_statuses.values()]
    return answer({"CreateAccountStatuses": [status for status in every if status["State"] in states]})


def update_organizational_unit(payload):
    """UpdateOrganizationalUnit: a new name."""
    unit = organizations._ous.get(payload.get("OrganizationalUnitId"))
    if unit is None:
        return organizations._describe_organizational_unit(payload)
    organizations._ous[unit["Id"]] = {**unit, "Name": payload.get("Name", unit["Name"])}
    return organizations._describe_organizational_unit(payload)


organizations_create_account = organizations._DISPATCH["CreateAccount"]
organizations_describe_create_account_status = organizations._DISPATCH["DescribeCreateAccountStatus"]


def complete():
    """Adds the calls."""
    organizations._DISPATCH.update({
        "CreateAccount": create_account,
        "DescribeCreateAccountStatus": describe_create_account_status,
        "ListAWSServiceAccessForOrganization": lambda payload: answer({"EnabledServicePrincipals": []}),
        "ListCreateAccountStatus": list_create_account_status,
        "ListDelegatedAdministrators": lambda payload: answer({"DelegatedAdministrators": []}),
        "UpdateOrganizationalUnit": update_organizational_unit,
    })
