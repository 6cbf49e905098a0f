"""Writes requests.json: what botocore sends for the calls of the thin client, and where to. Run it with the emulator's Python:

    python requests.py > requests.json
"""

import json
import os

import botocore.session
from botocore.awsrequest import AWSRequest
from botocore.config import Config

ACCOUNT = "111122223333"
BLOCK = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": False}
CALLS = [
    ("ec2", "GetEbsEncryptionByDefault", {}),
    ("ec2", "EnableEbsEncryptionByDefault", {}),
    ("ec2", "GetSnapshotBlockPublicAccessState", {}),
    ("ec2", "EnableSnapshotBlockPublicAccess", {"State": "block-all-sharing"}),
    ("ec2", "GetImageBlockPublicAccessState", {}),
    ("ec2", "EnableImageBlockPublicAccess", {"ImageBlockPublicAccessState": "block-new-sharing"}),
    ("ec2", "GetInstanceMetadataDefaults", {}),
    ("ec2", "ModifyInstanceMetadataDefaults", {"HttpTokens": "required", "HttpPutResponseHopLimit": 2}),
    ("s3control", "GetPublicAccessBlock", {"AccountId": ACCOUNT}),
    ("s3control", "PutPublicAccessBlock", {"AccountId": ACCOUNT, "PublicAccessBlockConfiguration": BLOCK}),
]
REGIONS = ["eu-west-1", "us-gov-west-1", "cn-north-1"]


def client(service, region, fips, dual_stack):
    """A client that is never let onto the network."""
    session = botocore.session.get_session({"config_file": (None, None, os.devnull, None)})
    session.set_credentials("AKIAEXAMPLE", "example")
    config = Config(use_fips_endpoint=fips, use_dualstack_endpoint=dual_stack)
    return session.create_client(service, region_name=region, config=config)


def sent(service, operation, parameters, region="eu-west-1", fips=False, dual_stack=False):
    """The request as it is before it is signed."""
    found = {}

    def keep(request: AWSRequest, **_):
        found.update(method=request.method, url=request.url, headers=dict(request.headers), body=request.body)
        raise StopIteration

    of = client(service, region, fips, dual_stack)
    of.meta.events.register("before-sign", keep)
    try:
        of._make_api_call(operation, parameters)
    except StopIteration:
        pass
    body = found["body"]
    if isinstance(body, dict):
        found["body"] = "&".join(f"{name}={value}" for name, value in body.items())
    else:
        found["body"] = (body or b"").decode()
    kept = ("content-type", "x-amz-account-id", "content-md5")
    found["headers"] = {name.lower(): value if isinstance(value, str) else value.decode()
                        for name, value in found["headers"].items()
                        if name.lower() in kept or name.lower().startswith("x-amz-checksum-") or name.lower() == "x-amz-sdk-checksum-algorithm"}
    return found


def main():
    """Prints both tables."""
    answer = {
        "botocore": botocore.__version__,
        "requests": {f"{service}:{operation}": sent(service, operation, parameters) for service, operation, parameters in CALLS},
        "endpoints": [],
    }
    for service, operation, parameters in (CALLS[0], CALLS[8]):
        for region in REGIONS:
            for fips in (False, True):
                for dual_stack in (False, True):
                    try:
                        url = sent(service, operation, parameters, region, fips, dual_stack)["url"]
                    except Exception:  # The partition has no such endpoint.
                        continue
                    answer["endpoints"].append({"service": service, "region": region, "fips": fips, "dual_stack": dual_stack,
                                                "url": url.removesuffix("/v20180820/configuration/publicAccessBlock").removesuffix("/")})
    print(json.dumps(answer, indent=1))


main()
