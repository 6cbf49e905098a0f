"""A test case with an emulator of its own, reset before each test."""

import json
import subprocess
import sys
import time
import unittest
from pathlib import Path
from urllib.request import Request, urlopen

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

PACKAGE = Path(__file__).resolve().parent.parent


class EmulatedTestCase(unittest.TestCase):
    """Starts one emulator per class."""

    @classmethod
    def setUpClass(cls):
        cls.process = subprocess.Popen([sys.executable, "-m", "fleet_emulator", "-p", "0", "--end-with-parent"],
                                       cwd=PACKAGE, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        cls.endpoint = json.loads(cls.process.stdout.readline())["endpoint"]

    @classmethod
    def tearDownClass(cls):
        cls.process.stdin.close()
        cls.process.wait(10)
        cls.process.stdout.close()

    def setUp(self):
        self.control("POST", "reset")
        self.settings(create_seconds=0, role_seconds=0, region_seconds=0, close_seconds=0)
        self.organizations = self.client("organizations")

    def control(self, method, what, values=None):
        """A request to `/fleet-emulator/…`."""
        body = None if values is None else json.dumps(values).encode()
        with urlopen(Request(f"{self.endpoint}/fleet-emulator/{what}", body, method=method)) as answer:
            return json.load(answer)

    def settings(self, **values):
        """Changes how slow it is."""
        self.control("POST", "settings", values)

    def client(self, service, keys=None):
        """A client with made-up credentials, or those that AssumeRole gave."""
        keys = keys or {"AccessKeyId": "test", "SecretAccessKey": "test", "SessionToken": None}
        return boto3.client(service, endpoint_url=self.endpoint, region_name="us-east-1",
                            aws_access_key_id=keys["AccessKeyId"], aws_secret_access_key=keys["SecretAccessKey"],
                            aws_session_token=keys["SessionToken"], config=Config(retries={"total_max_attempts": 1}, read_timeout=10))

    def request(self, name, email=None, **arguments):
        """A CreateAccount request, with its record."""
        email = email or f"aws+{name}@example.com"
        return self.organizations.create_account(AccountName=name, Email=email, **arguments)["CreateAccountStatus"]

    def account(self, name, **arguments):
        """A new account, awaited; its id."""
        return self.ended(self.request(name, **arguments)["Id"])["AccountId"]

    def ended(self, request_id):
        """The record of a request when it is no longer in progress."""
        while True:
            record = self.organizations.describe_create_account_status(CreateAccountRequestId=request_id)["CreateAccountStatus"]
            if record["State"] != "IN_PROGRESS":
                return record
            time.sleep(0.05)

    def root(self):
        """The root's id."""
        return self.organizations.list_roots()["Roots"][0]["Id"]

    def unit(self, name, parent=None):
        """A new OU's id."""
        answer = self.organizations.create_organizational_unit(Name=name, ParentId=parent or self.root())
        return answer["OrganizationalUnit"]["Id"]

    def assertRefused(self, code, call, *args, reason=None, **arguments):
        """The call fails with this code, and this reason."""
        with self.assertRaises(ClientError) as caught:
            call(*args, **arguments)
        self.assertEqual(caught.exception.response["Error"]["Code"], code)
        if reason:
            self.assertEqual(caught.exception.response.get("Reason"), reason)
        return caught.exception.response
