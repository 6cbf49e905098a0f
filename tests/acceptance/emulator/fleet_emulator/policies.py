"""Organization policies: types that must be enabled, attachments that exist once."""

import json

from moto.organizations import models, utils
from moto.organizations.exceptions import DuplicatePolicyException, TargetNotFoundException

from .accounts import check_tags
from .errors import constraint, refusal
from .paging import page

POLICIES_PER_TARGET = 10
TYPES = ["AISERVICES_OPT_OUT_POLICY", "BACKUP_POLICY", "DECLARATIVE_POLICY_EC2",
         "RESOURCE_CONTROL_POLICY", "SERVICE_CONTROL_POLICY", "TAG_POLICY"]
models.FakePolicy.SUPPORTED_POLICY_TYPES = TYPES
models.FakeRoot.SUPPORTED_POLICY_TYPES = TYPES
# moto builds these like any other policy but has no name for them in an ARN.
WITHOUT_ARN_FORMAT = {"BACKUP_POLICY", "DECLARATIVE_POLICY_EC2"}
DEFAULTS = {"SERVICE_CONTROL_POLICY": utils.DEFAULT_SCP_POLICY_ID, "RESOURCE_CONTROL_POLICY": utils.DEFAULT_RCP_POLICY_ID}


class Policy(models.FakePolicy):
    """A policy of any type in `TYPES`."""

    def __init__(self, organization, **arguments):
        kind = arguments.get("Type", "")
        if kind in WITHOUT_ARN_FORMAT:
            super().__init__(organization, **(arguments | {"Type": "TAG_POLICY"}))
            self.type = kind
            self._arn_format = utils.TAG_POLICY_ARN_FORMAT.replace("tag_policy", kind.lower())
        else:
            super().__init__(organization, **arguments)


class PolicyRules(models.OrganizationsBackend):
    """The policy half of the Organizations backend."""

    def create_organization(self, region, **arguments):
        answer = super().create_organization(region, **arguments)
        for target in [*self.ou, *self.accounts]:
            target.attached_policies = []
        for policy in self.policies:
            policy.attachments = []
        # With all features, AWS enables service control policies on the new root.
        if self.org.feature_set == "ALL":
            self.enable_policy_type(RootId=self.org.root_id, PolicyType="SERVICE_CONTROL_POLICY")
        return answer

    def type_enabled(self, kind):
        """Whether the root has this policy type enabled."""
        return any(entry["Type"] == kind for root in self.ou if isinstance(root, models.FakeRoot) for entry in root.policy_types)

    def attach_defaults(self, target):
        """FullAWSAccess and its like, where their type is enabled."""
        for kind, policy_id in DEFAULTS.items():
            if self.type_enabled(kind):
                models.OrganizationsBackend.attach_policy(self, PolicyId=policy_id, TargetId=target.id)

    def enable_policy_type(self, **arguments):
        answer = super().enable_policy_type(**arguments)
        for target in [*self.ou, *self.accounts]:
            self.attach_defaults(target)
        return answer

    def disable_policy_type(self, **arguments):
        """Disables the type, which also detaches every policy of it."""
        answer = super().disable_policy_type(**arguments)
        kind = arguments["PolicyType"]
        for target in [*self.ou, *self.accounts]:
            target.attached_policies = [policy for policy in target.attached_policies if policy.type != kind]
        for policy in self.policies:
            if policy.type == kind:
                policy.attachments = []
        return answer

    def create_policy(self, **arguments):
        self._check_content(arguments["Content"])
        check_tags(arguments.get("Tags") or [])
        policy = Policy(self.org, **arguments)
        if any(other.name == policy.name and other.type == policy.type for other in self.policies):
            raise DuplicatePolicyException
        self.policies.append(policy)
        return policy.describe()

    def update_policy(self, **arguments):
        if "Content" in arguments:
            self._check_content(arguments["Content"])
        return super().update_policy(**arguments)

    @staticmethod
    def _check_content(content):
        try:
            document = json.loads(content)
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise refusal("MalformedPolicyDocumentException")

    def _target(self, target_id):
        for target in [*self.ou, *self.accounts]:
            if target.id == target_id:
                return target
        raise TargetNotFoundException

    def attach_policy(self, **arguments):
        policy, target = self.get_policy_by_id(arguments["PolicyId"]), self._target(arguments["TargetId"])
        if not self.type_enabled(policy.type):
            # While moto makes the organization, the root has no types yet.
            if policy.aws_managed and not target.attached_policies:
                return
            raise refusal("PolicyTypeNotEnabledException")
        if policy in target.attached_policies:
            raise refusal("DuplicatePolicyAttachmentException")
        if sum(other.type == policy.type for other in target.attached_policies) >= POLICIES_PER_TARGET:
            raise constraint("MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
                             f"You can attach at most {POLICIES_PER_TARGET} policies of this type to a target.")
        super().attach_policy(**arguments)

    def detach_policy(self, **arguments):
        policy, target = self.get_policy_by_id(arguments["PolicyId"]), self._target(arguments["TargetId"])
        if policy not in target.attached_policies:
            raise refusal("PolicyNotAttachedException")
        if policy.type in DEFAULTS and sum(other.type == policy.type for other in target.attached_policies) == 1:
            raise constraint("MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
                             "You cannot remove the last policy attached to the specified target. You must have at least one attached at all times.")
        super().detach_policy(**arguments)

    def list_policies(self, policy_type, max_results=None, next_token=None):
        rows = [policy.describe()["Policy"]["PolicySummary"] for policy in self.policies if policy.type == policy_type]
        return page(rows, max_results, next_token)

    def list_policies_for_target(self, target_id, policy_type, max_results=None, next_token=None):
        rows = [policy.describe()["Policy"]["PolicySummary"]
                for policy in self._target(target_id).attached_policies if policy.type == policy_type]
        return page(rows, max_results, next_token)

    def list_targets_for_policy(self, **arguments):
        rows = super().list_targets_for_policy(PolicyId=arguments["PolicyId"])["Targets"]
        rows, token = page(rows, arguments.get("MaxResults"), arguments.get("NextToken"))
        return {"Targets": rows, "NextToken": token}
