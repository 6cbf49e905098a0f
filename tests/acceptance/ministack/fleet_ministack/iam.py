"""What AWS IAM says and ministack leaves out."""

from ministack.services import iam

details = iam._IAM_HANDLERS["GetAccountAuthorizationDetails"]


def get_account_authorization_details(parameters):
    """ministack keeps the permissions boundary of a role, and does not show it here."""
    status, headers, body = details(parameters)
    text = body.decode()
    for role in iam._roles.values():
        boundary = role.get("PermissionsBoundary")
        if boundary:
            arn = f"<Arn>{role['Arn']}</Arn>"
            shown = ("<PermissionsBoundary><PermissionsBoundaryType>Policy</PermissionsBoundaryType>"
                     f"<PermissionsBoundaryArn>{boundary}</PermissionsBoundaryArn></PermissionsBoundary>")
            text = text.replace(arn, arn + shown)
    return status, headers, text.encode()


def complete():
    """Adds it."""
    iam._IAM_HANDLERS["GetAccountAuthorizationDetails"] = get_account_authorization_details
