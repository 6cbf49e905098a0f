"""Organizational units, moves, policies."""

import json

from .emulated import EmulatedTestCase

DENY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"}]})


class OrganizationalUnits(EmulatedTestCase):
    """A tree without twins."""

    def test_a_name_is_unique_among_siblings_only(self):
        prod = self.unit("Prod")
        self.assertRefused("DuplicateOrganizationalUnitException", self.unit, "Prod")
        self.unit("Prod", prod)
        other = self.unit("Other")
        update = self.organizations.update_organizational_unit
        self.assertRefused("DuplicateOrganizationalUnitException", update, OrganizationalUnitId=other, Name="Prod")
        update(OrganizationalUnitId=prod, Name="Prod")

    def test_only_an_empty_one_is_deleted(self):
        unit, account = self.unit("Prod"), self.account("a")
        self.organizations.move_account(AccountId=account, SourceParentId=self.root(), DestinationParentId=unit)
        delete = self.organizations.delete_organizational_unit
        self.assertRefused("OrganizationalUnitNotEmptyException", delete, OrganizationalUnitId=unit)
        self.organizations.move_account(AccountId=account, SourceParentId=unit, DestinationParentId=self.root())
        delete(OrganizationalUnitId=unit)
        self.assertRefused("OrganizationalUnitNotFoundException", delete, OrganizationalUnitId=unit)

    def test_unknown_parents_and_children(self):
        self.assertRefused("ParentNotFoundException", self.unit, "X", "ou-abcd-12345678")
        self.assertRefused("ChildNotFoundException", self.organizations.list_parents, ChildId="999999999999")

    def test_at_most_five_deep(self):
        parent = None
        for n in range(5):
            parent = self.unit(f"L{n}", parent)
        self.assertRefused("ConstraintViolationException", self.unit, "L5", parent, reason="OU_DEPTH_LIMIT_EXCEEDED")

    def test_a_move_names_the_right_source_and_another_destination(self):
        account, one, two = self.account("a"), self.unit("One"), self.unit("Two")
        move = self.organizations.move_account
        self.assertRefused("SourceParentNotFoundException", move, AccountId=account, SourceParentId=one, DestinationParentId=two)
        self.assertRefused("DestinationParentNotFoundException", move, AccountId=account, SourceParentId=self.root(),
                           DestinationParentId="ou-abcd-12345678")
        self.assertRefused("DuplicateAccountException", move, AccountId=account, SourceParentId=self.root(), DestinationParentId=self.root())
        self.assertRefused("AccountNotFoundException", move, AccountId="999999999999", SourceParentId=one, DestinationParentId=two)
        move(AccountId=account, SourceParentId=self.root(), DestinationParentId=one)
        self.assertEqual(self.organizations.list_parents(ChildId=account)["Parents"][0]["Id"], one)


class Policies(EmulatedTestCase):
    """Types are enabled, attachments exist once."""

    def policy(self, name="deny-leave", content=DENY, kind="SERVICE_CONTROL_POLICY"):
        """A new policy's id."""
        answer = self.organizations.create_policy(Name=name, Content=content, Type=kind, Description="")
        return answer["Policy"]["PolicySummary"]["Id"]

    def attached(self, target):
        """The names of the SCPs on a target."""
        rows = self.organizations.list_policies_for_target(TargetId=target, Filter="SERVICE_CONTROL_POLICY")["Policies"]
        return [row["Name"] for row in rows]

    def test_a_new_root_has_service_control_policies_and_nothing_else(self):
        types = self.organizations.list_roots()["Roots"][0]["PolicyTypes"]
        self.assertEqual(types, [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}])
        self.assertEqual(self.attached(self.root()), ["FullAWSAccess"])
        self.assertEqual(self.attached(self.account("a")), ["FullAWSAccess"])
        self.assertEqual(self.attached(self.unit("Prod")), ["FullAWSAccess"])

    def test_a_type_that_is_not_enabled_is_not_attached(self):
        self.organizations.disable_policy_type(RootId=self.root(), PolicyType="SERVICE_CONTROL_POLICY")
        self.assertEqual(self.attached(self.root()), [])
        self.assertRefused("PolicyTypeNotEnabledException", self.organizations.attach_policy, PolicyId=self.policy(), TargetId=self.root())

    def test_attached_once_detached_once(self):
        policy, account = self.policy(), self.account("a")
        attach, detach = self.organizations.attach_policy, self.organizations.detach_policy
        self.assertRefused("PolicyNotAttachedException", detach, PolicyId=policy, TargetId=account)
        attach(PolicyId=policy, TargetId=account)
        self.assertRefused("DuplicatePolicyAttachmentException", attach, PolicyId=policy, TargetId=account)
        self.assertRefused("TargetNotFoundException", attach, PolicyId=policy, TargetId="999999999999")
        self.assertRefused("PolicyInUseException", self.organizations.delete_policy, PolicyId=policy)
        self.assertEqual(self.attached(account), ["FullAWSAccess", "deny-leave"])
        detach(PolicyId=policy, TargetId=account)
        self.organizations.delete_policy(PolicyId=policy)

    def test_the_last_one_stays(self):
        self.assertRefused("ConstraintViolationException", self.organizations.detach_policy, PolicyId="p-FullAWSAccess",
                           TargetId=self.account("a"), reason="MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED")

    def test_a_document_is_json_and_a_name_is_used_once(self):
        self.assertRefused("MalformedPolicyDocumentException", self.policy, content="{")
        self.policy()
        self.assertRefused("DuplicatePolicyException", self.policy)

    def test_every_policy_type(self):
        for kind in ("BACKUP_POLICY", "DECLARATIVE_POLICY_EC2", "TAG_POLICY", "RESOURCE_CONTROL_POLICY"):
            with self.subTest(kind):
                self.organizations.enable_policy_type(RootId=self.root(), PolicyType=kind)
                self.organizations.attach_policy(PolicyId=self.policy(kind.lower(), kind=kind), TargetId=self.root())
