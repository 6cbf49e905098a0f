"""Account-wide settings of a region, and the block of the account's S3."""

import json

from botocore.exceptions import ClientError

from .emulated import EmulatedTestCase


class Regional(EmulatedTestCase):
    """As AWS answers in an account where nothing was set, and then."""

    def keys(self, account, **arguments):
        """A session in the account."""
        arn = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
        return self.client("sts").assume_role(RoleArn=arn, RoleSessionName="test", **arguments)["Credentials"]

    def test_snapshots_and_images(self):
        one, two = self.account("a"), self.account("b")
        ec2, other = self.client("ec2", self.keys(one)), self.client("ec2", self.keys(two))
        state = ec2.get_snapshot_block_public_access_state()
        self.assertEqual((state["State"], state["ManagedBy"]), ("unblocked", "account"))
        self.assertEqual(ec2.enable_snapshot_block_public_access(State="block-all-sharing")["State"], "block-all-sharing")
        self.assertEqual(ec2.get_snapshot_block_public_access_state()["State"], "block-all-sharing")
        self.assertEqual(other.get_snapshot_block_public_access_state()["State"], "unblocked")
        self.assertRefused("InvalidParameterValue", ec2.enable_snapshot_block_public_access, State="unblocked")
        ec2.disable_snapshot_block_public_access()
        self.assertEqual(ec2.get_snapshot_block_public_access_state()["State"], "unblocked")
        ec2.enable_image_block_public_access(ImageBlockPublicAccessState="block-new-sharing")
        self.assertEqual(ec2.get_image_block_public_access_state()["ImageBlockPublicAccessState"], "block-new-sharing")

    def test_metadata(self):
        ec2 = self.client("ec2", self.keys(self.account("a")))
        self.assertEqual(ec2.get_instance_metadata_defaults()["AccountLevel"], {"ManagedBy": "account"})
        ec2.modify_instance_metadata_defaults(HttpTokens="required", HttpPutResponseHopLimit=2)
        ec2.modify_instance_metadata_defaults(HttpEndpoint="enabled")
        found = ec2.get_instance_metadata_defaults()["AccountLevel"]
        self.assertEqual((found["HttpTokens"], found["HttpPutResponseHopLimit"], found["HttpEndpoint"]), ("required", 2, "enabled"))
        ec2.modify_instance_metadata_defaults(HttpTokens="no-preference", HttpPutResponseHopLimit=-1)
        self.assertEqual(ec2.get_instance_metadata_defaults()["AccountLevel"], {"HttpEndpoint": "enabled", "ManagedBy": "account"})

    def test_who_may_is_asked_in_the_words_of_each_service(self):
        account = self.account("a")
        allowed = [{"Effect": "Allow", "Action": ["ec2:GetSnapshotBlockPublicAccessState", "s3:GetAccountPublicAccessBlock"], "Resource": "*"}]
        keys = self.keys(account, Policy=json.dumps({"Version": "2012-10-17", "Statement": allowed}))
        ec2 = self.client("ec2", keys)
        ec2.get_snapshot_block_public_access_state()
        self.assertRefused("UnauthorizedOperation", ec2.enable_snapshot_block_public_access, State="block-all-sharing")
        with self.assertRaises(ClientError) as caught:
            self.block(account, keys)
        self.assertEqual(caught.exception.response["Error"]["Code"], "NoSuchPublicAccessBlockConfiguration")

    def block(self, account, keys):
        """The block of the account's S3: boto3 would put the account into the host's name."""
        client = self.client("s3control", keys)
        client.meta.events.register("before-send.s3-control", lambda request, **_: setattr(
            request, "url", request.url.replace(f"{account}.", "")))
        return client.get_public_access_block(AccountId=account)
