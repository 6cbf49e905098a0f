"""Organizations answers the management account, and delegated administrators."""

from .emulated import EmulatedTestCase


class Callers(EmulatedTestCase):
    """The same call from different accounts."""

    def member(self, name):
        """A member account and Organizations as it sees it."""
        account = self.account(name)
        role = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
        keys = self.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
        return account, self.client("organizations", keys)

    def test_a_member_is_told_who_manages_it_and_nothing_else(self):
        account, organizations = self.member("a")
        described = organizations.describe_organization()["Organization"]
        self.assertEqual(described["MasterAccountId"], "123456789012")
        for call in (organizations.list_accounts, organizations.list_roots, organizations.list_delegated_administrators):
            self.assertRefused("AccessDeniedException", call)

    def test_a_delegated_administrator_reads_and_tags(self):
        account, organizations = self.member("a")
        self.organizations.register_delegated_administrator(AccountId=account, ServicePrincipal="account.amazonaws.com")
        self.assertEqual(len(organizations.list_accounts()["Accounts"]), 2)
        organizations.tag_resource(ResourceId=account, Tags=[{"Key": "team", "Value": "a"}])
        self.assertEqual(self.organizations.list_tags_for_resource(ResourceId=account)["Tags"], [{"Key": "team", "Value": "a"}])
        self.assertRefused("AccessDeniedException", organizations.create_account, AccountName="b", Email="aws+b@example.com")
        self.assertRefused("AccessDeniedException", organizations.create_organizational_unit, Name="X", ParentId=self.root())
