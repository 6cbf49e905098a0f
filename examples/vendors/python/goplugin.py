"""How a provider talks to a plugin that it starts: HashiCorp's go-plugin, from the plugin's side.

The provider names itself in the environment and hands over its certificate; we answer with one line on stdout that says
where we listen and what our certificate is, and end when our stdin does.
"""

import base64
import datetime
import hashlib
import os
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import grpc
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from fleet.vending.v1beta1 import vending_pb2 as pb
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

COOKIE = ("FLEET_VENDING_PLUGIN", "8232f1927ac7866384552afc05c7b6615a6c8a7290328ff5ac4233d7756f2cb9")
VERDICTS = {pb.VERDICT_PASS: "pass", pb.VERDICT_FAIL: "fail", pb.VERDICT_SKIPPED: "not_applicable"}


def digest(checks):
    """The digest of readiness, as the guide "Write a vendor" defines it."""
    total = hashlib.sha256()
    for check in sorted(checks, key=lambda one: f"{one.check}/{one.scope}" if one.scope else one.check):
        verdict = VERDICTS.get(check.verdict, "unknown")
        for text in (check.check, check.scope, verdict, check.expected, check.observed):
            total.update(len(text.encode()).to_bytes(8, "big") + text.encode())
    return total.hexdigest()


def serve(add_services):
    """Serves until stdin ends."""
    if os.environ.get(COOKIE[0]) != COOKIE[1]:
        sys.exit("This is a vendor of accounts: terraform-provider-fleet starts it. It does nothing when started by hand.")
    key, certificate = own_certificate()
    trusted = os.environ["PLUGIN_CLIENT_CERT"].encode()
    server = grpc.server(ThreadPoolExecutor(max_workers=16))
    add_services(server)
    alive = health.HealthServicer()
    alive.set("plugin", health_pb2.HealthCheckResponse.SERVING)
    health_pb2_grpc.add_HealthServicer_to_server(alive, server)
    directory = tempfile.mkdtemp(dir=os.environ.get("PLUGIN_UNIX_SOCKET_DIR") or None)
    try:
        address = f"{directory}/s"
        secrets = grpc.ssl_server_credentials([(key, certificate.public_bytes(serialization.Encoding.PEM))], trusted, True)
        server.add_secure_port(f"unix:{address}", secrets)
        server.start()
        shown = base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode().rstrip("=")
        print(f"1|1|unix|{address}|grpc|{shown}", flush=True)
        sys.stdin.buffer.read()  # until the provider is done with us, or gone
        server.stop(grace=1).wait()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def own_certificate():
    """A certificate for this process alone, of P-256: gRPC's TLS knows neither P-521 nor Ed25519."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=365))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return pem, certificate
