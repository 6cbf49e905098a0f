"""What a plan asks before accounts are created: their quota, and the tag policy in effect."""

import json

from .emulated import EmulatedTestCase


class Quota(EmulatedTestCase):
    """The number of accounts."""

    def test_it_is_told_in_one_region_and_kept(self):
        self.settings(account_quota=2)
        quotas = self.client("service-quotas")
        asked = {"ServiceCode": "organizations", "QuotaCode": "L-E619E033"}
        self.assertEqual(quotas.get_service_quota(**asked)["Quota"]["Value"], 2.0)
        self.assertRefused("NoSuchResourceException", quotas.get_service_quota, ServiceCode="organizations", QuotaCode="L-00000000")
        self.account("a")
        self.assertRefused("ConstraintViolationException", self.request, "b", reason="ACCOUNT_NUMBER_LIMIT_EXCEEDED")


class TagPolicies(EmulatedTestCase):
    """The tag policy in effect for the management account."""

    def attach(self, name, tags, target):
        content = json.dumps({"tags": {key: {field: {"@@assign": value} for field, value in entry.items()} for key, entry in tags.items()}})
        policy = self.organizations.create_policy(Name=name, Type="TAG_POLICY", Content=content, Description="")["Policy"]["PolicySummary"]
        self.organizations.attach_policy(PolicyId=policy["Id"], TargetId=target)

    def effective(self):
        answer = self.organizations.describe_effective_policy(PolicyType="TAG_POLICY")["EffectivePolicy"]
        return json.loads(answer["PolicyContent"])["tags"]

    def test_it_is_merged_from_the_root_down(self):
        effective = self.organizations.describe_effective_policy
        self.assertRefused("EffectivePolicyNotFoundException", effective, PolicyType="TAG_POLICY")
        self.organizations.enable_policy_type(RootId=self.root(), PolicyType="TAG_POLICY")
        self.attach("root", {"CostCenter": {"tag_key": "CostCenter", "tag_value": ["1", "2"], "enforced_for": ["organizations:account"]}}, self.root())
        self.attach("own", {"costcenter": {"tag_value": ["1"]}, "team": {"tag_key": "Team"}}, "123456789012")
        self.assertEqual(self.effective(), {
            "costcenter": {"tag_key": "CostCenter", "tag_value": ["1"], "enforced_for": ["organizations:account"]},
            "team": {"tag_key": "Team"}})
