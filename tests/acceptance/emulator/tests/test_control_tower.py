"""Control Tower: the landing zone, and what it does to accounts that are moved."""

import unittest

import boto3

from .emulated import EmulatedTestCase


class ControlTower(EmulatedTestCase):
    """A landing zone in eu-west-1 with one registered unit."""

    def setUp(self):
        super().setUp()
        self.prod, self.sandbox = self.unit("Prod"), self.unit("Sandbox")

    def land(self, **values):
        """Sets the landing zone up."""
        self.control("POST", "landing-zone", {"home": "eu-west-1", "units": [self.prod]} | values)

    def tower(self, region="eu-west-1"):
        """Its client."""
        return boto3.client("controltower", endpoint_url=self.endpoint, region_name=region, aws_access_key_id="test",
                            aws_secret_access_key="test")

    def move(self, account, destination):
        """Moves an account from where it is."""
        source = self.organizations.list_parents(ChildId=account)["Parents"][0]["Id"]
        self.organizations.move_account(AccountId=account, SourceParentId=source, DestinationParentId=destination)

    def moved(self, name, destination=None):
        """A new account in the unit."""
        account = self.account(name)
        self.move(account, destination or self.prod)
        return account

    def baselines(self, **arguments):
        """The enabled baselines, by the id of what they are enabled on."""
        listed = self.tower().list_enabled_baselines(includeChildren=True, **arguments)["enabledBaselines"]
        return {row["targetIdentifier"].rsplit("/", 1)[-1]: row for row in listed}

    def status(self, account):
        """The status of an account's baseline; None where it has none."""
        row = self.baselines(filter={"targetIdentifiers": [self.arn(account)]}).get(account)
        return row and row["statusSummary"]["status"]

    def arn(self, account):
        """The ARN of an account."""
        return self.organizations.describe_account(AccountId=account)["Account"]["Arn"]

    def drift(self, target):
        """The inheritance drift of what a baseline is enabled on."""
        return self.baselines()[target]["driftStatusSummary"]["types"]["inheritance"]["status"]

    def test_an_organization_without_one(self):
        self.assertEqual(self.tower().list_landing_zones()["landingZones"], [])
        self.assertRefused("ResourceNotFoundException", self.tower().list_baselines)
        trusted = self.organizations.list_aws_service_access_for_organization()["EnabledServicePrincipals"]
        self.assertNotIn("controltower.amazonaws.com", [service["ServicePrincipal"] for service in trusted])
        self.land()
        trusted = self.organizations.list_aws_service_access_for_organization()["EnabledServicePrincipals"]
        self.assertIn("controltower.amazonaws.com", [service["ServicePrincipal"] for service in trusted])

    def test_regions_that_are_not_opted_in_know_it_wherever_it_is(self):
        self.land()
        for region, known in (("us-east-1", 1), ("eu-west-1", 1), ("me-south-1", 0)):
            self.assertEqual(len(self.tower(region).list_landing_zones()["landingZones"]), known, region)
        self.land(home="me-south-1")
        for region, known in (("us-east-1", 0), ("me-south-1", 1), ("ap-southeast-3", 0)):
            self.assertEqual(len(self.tower(region).list_landing_zones()["landingZones"]), known, region)

    def test_it_answers_only_at_home(self):
        self.land(version="4.0", manifest={"config": {"enabled": False}}, auto_enrolment=False)
        arn = self.tower("us-east-1").list_landing_zones()["landingZones"][0]["arn"]
        self.assertIn(":eu-west-1:", arn)
        zone = self.tower().get_landing_zone(landingZoneIdentifier=arn)["landingZone"]
        self.assertEqual((zone["version"], zone["status"], "remediationTypes" in zone), ("4.0", "ACTIVE", False))
        self.assertEqual(zone["manifest"], {"config": {"enabled": False}})
        away = self.tower("us-east-1")
        self.assertRefused("ResourceNotFoundException", away.get_landing_zone, landingZoneIdentifier=arn)
        for call in (away.list_baselines, away.list_enabled_baselines):
            self.assertRefused("ResourceNotFoundException", call)
        self.assertRefused("ResourceNotFoundException", away.get_baseline_operation, operationIdentifier="0" * 36)

    def test_what_is_moved_into_a_unit_is_enrolled_after_some_looks(self):
        self.land(enrol_looks=2)
        account = self.moved("a")
        self.assertEqual([self.status(account) for _ in range(3)], ["UNDER_CHANGE", "UNDER_CHANGE", "SUCCEEDED"][:3])
        rows = self.baselines()
        self.assertEqual(rows[account]["parentIdentifier"], rows[self.prod]["arn"])
        names = {row["arn"]: row["name"] for row in self.tower().list_baselines()["baselines"]}
        self.assertEqual(names[rows[account]["baselineIdentifier"]], "AWSControlTowerBaseline")
        self.assertEqual(self.drift(account), "IN_SYNC")

    def test_children_are_listed_where_they_are_asked_for(self):
        self.land()
        account = self.moved("a")
        listed = self.tower().list_enabled_baselines()["enabledBaselines"]
        self.assertEqual([row["targetIdentifier"].rsplit("/", 1)[-1] for row in listed], [self.prod])
        parent = listed[0]["arn"]
        self.assertEqual(list(self.baselines(filter={"parentIdentifiers": [parent], "statuses": ["SUCCEEDED"]})), [account])
        self.assertEqual(self.baselines(filter={"parentIdentifiers": [parent], "statuses": ["UNDER_CHANGE"]}), {})
        self.assertRefused("ValidationException", self.tower().list_enabled_baselines,
                           filter={"targetIdentifiers": [self.arn(account)] * 6})

    def test_the_list_has_pages(self):
        self.land()
        for name in "abcdef":
            self.moved(name)
        first = self.tower().list_enabled_baselines(includeChildren=True, maxResults=5)
        rest = self.tower().list_enabled_baselines(includeChildren=True, maxResults=5, nextToken=first["nextToken"])
        self.assertEqual(len(first["enabledBaselines"] + rest["enabledBaselines"]), 7)
        self.assertNotIn("nextToken", rest)

    def test_one_unit_takes_one_account_after_the_other(self):
        self.land(units=[self.prod, self.sandbox], enrol_looks=1)
        first, second, third = self.account("a"), self.account("b"), self.account("c")
        self.move(first, self.prod)
        self.assertRefused("ConcurrentModificationException", self.move, second, self.prod)
        self.move(third, self.sandbox)
        self.assertEqual(self.status(first), "UNDER_CHANGE")
        self.move(second, self.prod)

    def test_a_failure_has_a_message(self):
        self.land(fails=["A configuration recorder exists."])
        account = self.moved("a")
        row = self.baselines()[account]
        self.assertEqual(row["statusSummary"]["status"], "FAILED")
        operation = row["statusSummary"]["lastOperationIdentifier"]
        said = self.tower().get_baseline_operation(operationIdentifier=operation)["baselineOperation"]
        self.assertEqual((said["status"], said["statusMessage"]), ("FAILED", "A configuration recorder exists."))
        self.tower().reset_enabled_baseline(enabledBaselineIdentifier=row["parentIdentifier"])
        self.assertEqual(self.status(account), "SUCCEEDED")

    def test_without_auto_enrolment_a_move_is_drift(self):
        self.land(units=[self.prod, self.sandbox])
        account, other = self.moved("a"), self.account("b")
        arn = self.tower().list_landing_zones()["landingZones"][0]["arn"]
        self.tower().update_landing_zone(landingZoneIdentifier=arn, version="3.3", manifest={})
        self.move(account, self.sandbox)
        self.move(other, self.prod)
        self.assertEqual((self.drift(account), self.drift(self.prod), self.drift(self.sandbox)), ("DRIFTED", "DRIFTED", "IN_SYNC"))
        self.assertIsNone(self.status(other))
        self.tower().update_landing_zone(landingZoneIdentifier=arn, version="3.3", manifest={}, remediationTypes=["INHERITANCE_DRIFT"])
        self.assertEqual(self.tower().get_landing_zone(landingZoneIdentifier=arn)["landingZone"]["remediationTypes"], ["INHERITANCE_DRIFT"])

    def test_what_leaves_its_units_loses_its_baseline(self):
        self.land()
        account = self.moved("a")
        self.move(account, self.sandbox)
        self.assertIsNone(self.status(account))

    def test_baselines_are_not_enabled_on_accounts(self):
        self.land()
        baseline = self.tower().list_baselines()["baselines"][0]["arn"]
        self.assertRefused("ValidationException", self.tower().enable_baseline, baselineIdentifier=baseline,
                           baselineVersion="4.0", targetIdentifier=self.arn(self.account("a")))

    def test_what_is_in_a_unit_is_enrolled_with_it(self):
        account = self.moved("a")
        self.land()
        self.assertEqual(self.status(account), "SUCCEEDED")


if __name__ == "__main__":
    unittest.main()
