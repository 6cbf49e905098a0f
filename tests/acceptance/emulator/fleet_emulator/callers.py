"""Who may call Organizations: the management account everything, a delegated administrator what reads and tags, any
other member `DescribeOrganization`."""

from moto.iam.models import get_account_id_from
from moto.organizations import responses

from .organizations import MANAGEMENT_ACCOUNT, organization

OF_A_DELEGATED_ADMINISTRATOR = ("Describe", "List", "TagResource", "UntagResource")
REFUSED = "You don't have permissions to access this resource."


def is_delegated(account_id):
    """Whether it is registered as a delegated administrator of any service."""
    return any(admin.account.id == account_id and admin.services for admin in organization().admins)


def account_of_key(access_key):
    """The account of an access key; one that nobody made is the management account's."""
    return get_account_id_from(access_key) if access_key else MANAGEMENT_ACCOUNT


def refusal(operation, access_key):
    """Why the holder of this key may not make this call of Organizations, or None."""
    account_id = account_of_key(access_key)
    if account_id == MANAGEMENT_ACCOUNT or operation == "DescribeOrganization":
        return None
    if is_delegated(account_id) and operation.startswith(OF_A_DELEGATED_ADMINISTRATOR):
        return None
    return REFUSED


# Whoever may ask, asks about the one organization there is: moto would look into one of the caller's own.
responses.OrganizationsResponse.organizations_backend = property(lambda _: organization())
