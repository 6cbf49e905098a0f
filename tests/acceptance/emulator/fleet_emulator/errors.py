"""Errors in AWS's words."""

from moto.organizations.exceptions import OrganizationsClientError

MESSAGES = {
    "AccountAlreadyClosedException": "The provided account is already closed.",
    "ChildNotFoundException": "We can't find an organizational unit (OU) or AWS account with the ChildId that you specified.",
    "ConcurrentModificationException": "The target of the operation is currently being modified by a different request. Try again later.",
    "ConflictException": "The request couldn't be completed because it conflicts with the current state of the resource.",
    "CreateAccountStatusNotFoundException": "We can't find an create account request with the CreateAccountRequestId that you specified.",
    "DestinationParentNotFoundException": "We can't find the destination container (a root or OU) with the ParentId that you specified.",
    "DuplicateAccountException": "That account is already present in the specified destination.",
    "DuplicatePolicyAttachmentException": "The selected policy is already attached to the specified target.",
    "EffectivePolicyNotFoundException": "No policy of the specified type is in effect for the target.",
    "MalformedPolicyDocumentException": "The provided policy document does not meet the requirements of the specified policy type.",
    "OrganizationalUnitNotEmptyException": "The specified OU is not empty. Move all accounts to another root or to other OUs, remove all child OUs, and try the operation again.",
    "PolicyNotAttachedException": "The policy isn't attached to the specified target in the specified root.",
    "PolicyTypeNotEnabledException": "The specified policy type isn't currently enabled in this root.",
    "SourceParentNotFoundException": "We can't find a source root or OU with the ParentId that you specified.",
    "TargetNotFoundException": "We can't find a root, OU, account, or policy with the TargetId that you specified.",
}


def refusal(code):
    """An error of the Organizations API that has only a code and its message."""
    return OrganizationsClientError(code, MESSAGES[code])


def with_reason(code, reason, message):
    """An error with a `Reason`: ConstraintViolation, InvalidInput."""
    error = OrganizationsClientError(code, message)
    error.Reason = reason
    return error


def constraint(reason, message):
    """A ConstraintViolationException."""
    return with_reason("ConstraintViolationException", reason, message)


def invalid(reason, message):
    """An InvalidInputException."""
    return with_reason("InvalidInputException", reason, message)
