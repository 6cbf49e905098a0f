"""Root users and aliases of accounts."""

from .emulated import EmulatedTestCase


class Iam(EmulatedTestCase):
    """What IAM keeps of the account itself."""

    def iam(self, account):
        """IAM of the account."""
        arn = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
        return self.client("iam", self.client("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"])

    def test_root_user(self):
        one, two = self.account("a"), self.account("b")
        names = ("AccountPasswordPresent", "AccountAccessKeysPresent", "AccountSigningCertificatesPresent", "AccountMFAEnabled")

        def present(account):
            counts = self.iam(account).get_account_summary()["SummaryMap"]
            return [counts[name] for name in names]

        self.assertEqual(present(one), [1, 0, 0, 0])
        self.control("POST", "root-user", {"account": one, "password": False, "access_keys": True, "mfa": True})
        self.assertEqual(present(one), [0, 1, 0, 1])
        self.assertEqual(present(two), [1, 0, 0, 0])

    def test_an_alias_is_one_account_s(self):
        one, two = self.iam(self.account("a")), self.iam(self.account("b"))
        self.assertEqual(one.list_account_aliases()["AccountAliases"], [])
        one.create_account_alias(AccountAlias="acme-a")
        self.assertRefused("EntityAlreadyExists", two.create_account_alias, AccountAlias="acme-a")
        for wrong in ("Acme", "-acme", "acme--a", "123456789012"):
            self.assertRefused("ValidationError", two.create_account_alias, AccountAlias=wrong)
        one.create_account_alias(AccountAlias="acme-b")
        self.assertEqual(one.list_account_aliases()["AccountAliases"], ["acme-b"])
        two.create_account_alias(AccountAlias="acme-a")
