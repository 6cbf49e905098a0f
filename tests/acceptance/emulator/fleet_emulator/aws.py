"""One AWS call from the command line, for tests that look at or change the world behind the provider's back.

    python -m fleet_emulator.aws [--role ARN …] SERVICE OPERATION PARAMETERS

PARAMETERS is JSON as botocore takes it; the answer is JSON on stdout. With `--role` the call is made in a session of that
role; of more than one, each is assumed with the one before. `organization found` makes an organization where there is none.
"""

import argparse
import json
import sys

import boto3
from botocore.exceptions import ClientError


def session_of(roles):
    """A session of the last of the roles."""
    session = boto3.Session()
    for role in roles:
        given = session.client("sts").assume_role(RoleArn=role, RoleSessionName="acceptance")["Credentials"]
        session = boto3.Session(aws_access_key_id=given["AccessKeyId"], aws_secret_access_key=given["SecretAccessKey"],
                                aws_session_token=given["SessionToken"])
    return session


def found_organization():
    """Makes the organization, unless there is one."""
    client = boto3.client("organizations")
    try:
        return client.describe_organization()
    except client.exceptions.AWSOrganizationsNotInUseException:
        client.create_organization(FeatureSet="ALL")
        client.enable_aws_service_access(ServicePrincipal="account.amazonaws.com")
        return client.describe_organization()


def main():
    """Makes the call; an error of AWS goes to stderr with its code, and the exit code is 1."""
    parser = argparse.ArgumentParser(prog="fleet_emulator.aws")
    parser.add_argument("--role", action="append", default=[])
    parser.add_argument("service")
    parser.add_argument("operation")
    parser.add_argument("parameters", nargs="?", default="{}")
    options = parser.parse_args()
    try:
        if (options.service, options.operation) == ("organization", "found"):
            answer = found_organization()
        else:
            call = getattr(session_of(options.role).client(options.service), options.operation)
            answer = call(**json.loads(options.parameters))
    except ClientError as error:
        sys.exit(str(error))
    answer.pop("ResponseMetadata", None)
    json.dump(answer, sys.stdout, default=str)


if __name__ == "__main__":
    main()
