"""Many accounts at once, for benchmarks: copies of one that was vended, with all that is in it.

Thousands of CreateAccount calls would take AWS's own time, and say nothing about a refresh.
"""

import copy
import io
import pickle

from moto.account.models import account_backends
from moto.iam import iam_backends
from moto.iam.models import AWSManagedPolicy

from .accounts import Account
from .organizations import organization

IN_IAM = ("roles", "managed_policies", "open_id_providers", "account_password_policy", "account_aliases", "inline_policies")


class Writer(pickle.Pickler):
    """Writes what is in an account; AWS's own policies by name, since they are the same in each."""

    def persistent_id(self, obj):
        return obj.arn if isinstance(obj, AWSManagedPolicy) else None


class Reader(pickle.Unpickler):
    """Reads it back into another account."""

    def __init__(self, text, policies):
        super().__init__(io.BytesIO(text))
        self.policies = policies

    def persistent_load(self, pid):
        return self.policies[pid]


def contents_of(account_id):
    """What IAM has of an account, as bytes."""
    backend = iam_backends[account_id]["global"]
    written = io.BytesIO()
    Writer(written).dump({name: getattr(backend, name) for name in IN_IAM})
    return written.getvalue()


def copy_account(like, contents, name, email, tags):
    """An account like another one. Each mention of the other's id, and of a tag that differs, becomes its own."""
    backend = organization()
    account = Account(backend.org, AccountName=name, Email=email, RoleName=like.role_name,
                      Tags=[{"Key": key, "Value": value} for key, value in tags.items()])
    account.parent_id, account.born = like.parent_id, like.born
    backend.join(account)
    for policy in backend.policies:
        if like in policy.attachments and account not in policy.attachments:
            backend.attach_policy(PolicyId=policy.id, TargetId=account.id)
    iam = iam_backends[account.id]["global"]
    own = contents.replace(like.id.encode(), account.id.encode())
    for key, value in tags.items():
        other = like.tags.get(key, value)
        if len(other) != len(value):  # what is pickled says how long each text is
            raise ValueError(f"the tag {key!r} has to be as long as {other!r}, not {value!r}")
        own = own.replace(other.encode(), value.encode())
    for attribute, value in Reader(own, iam.managed_policies).load().items():
        setattr(iam, attribute, value)
    for partition, api in account_backends[like.id].items():
        if hasattr(api, "regions"):
            account_backends[account.id][partition].regions = copy.deepcopy(api.regions)
    return account.id


def copy_accounts(like, accounts):
    """Copies of the account named `like`, each with its `name`, `email` and `tags`. Their ids, in order."""
    backend = organization()
    backend.settle()
    template = next((of for of in backend.accounts if isinstance(of, Account) and of.name == like), None)
    if template is None:
        raise ValueError(f"there is no account {like!r}")
    contents = contents_of(template.id)
    return {"ids": [copy_account(template, contents, **account) for account in accounts]}
