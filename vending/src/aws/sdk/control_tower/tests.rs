use super::*;
use crate::aws::sdk::canned::{Answer, serve};
use crate::error::Cause;

const ARN: &str = "arn:aws:controltower:eu-west-1:999999999999:landingzone/1A2B3C4D5E6F7G8H";
const UNIT: &str = "arn:aws:organizations::999999999999:ou/o-exampleorgid/ou-ab12-prod0000";
const ACCOUNT: &str = "arn:aws:organizations::999999999999:account/o-exampleorgid/111122223333";

fn answers(bodies: &[&str]) -> Vec<Answer> {
    bodies.iter().map(|body| Answer::json(200, *body)).collect()
}

#[tokio::test]
async fn the_landing_zone_is_asked_for_in_its_home_region() {
    let zone = r#"{"landingZone": {"arn": "A", "version": "3.3", "status": "ACTIVE", "manifest": {},
        "driftStatus": {"status": "DRIFTED"}, "remediationTypes": ["INHERITANCE_DRIFT"]}}"#;
    let listed = format!(r#"{{"landingZones": [{{"arn": "{ARN}"}}]}}"#);
    let (session, asked) = serve("controltower", answers(&[&listed, zone])).await;
    let tower = AwsControlTower::new(session);
    let arn = tower.landing_zone_arn(None).await.unwrap().unwrap();
    let found = tower.landing_zone(&arn).await.unwrap();
    assert_eq!((found.region.as_str(), found.version.as_str()), ("eu-west-1", "3.3"));
    assert_eq!((found.state, found.kind), (ZoneState::Active, ZoneKind::Baselines));
    assert!(found.is_drifted && found.enrols);
    assert!(asked.lock().unwrap()[1].contains(ARN));
    let clients = tower.clients.lock().await;
    let regions = clients.values().map(|of| of.config().region().unwrap().to_string());
    assert_eq!(regions.collect::<Vec<_>>(), ["us-east-1", "eu-west-1"]);
}

#[tokio::test]
async fn no_list_is_not_an_organization_without_a_landing_zone() {
    let (session, _) = serve("controltower", answers(&[r#"{"landingZones": []}"#])).await;
    assert_eq!(AwsControlTower::new(session).landing_zone_arn(None).await.unwrap(), None);

    let (session, _) = serve("controltower", answers(&["{}"; 5])).await;
    let error = AwsControlTower::new(session).landing_zone_arn(None).await.unwrap_err();
    assert_eq!(error.cause, Cause::IncompleteAnswer);
}

#[tokio::test]
async fn baselines_are_read_with_where_they_come_from_and_how_they_are() {
    let page = format!(
        r#"{{"enabledBaselines": [
            {{"arn": "of-unit", "baselineIdentifier": "b", "targetIdentifier": "{UNIT}",
              "statusSummary": {{"status": "UNDER_CHANGE", "lastOperationIdentifier": "op-1"}}}}],
            "nextToken": "more"}}"#
    );
    let rest = format!(
        r#"{{"enabledBaselines": [
            {{"arn": "of-account", "baselineIdentifier": "b", "targetIdentifier": "{ACCOUNT}",
              "parentIdentifier": "of-unit", "statusSummary": {{"status": "SUCCEEDED"}},
              "driftStatusSummary": {{"types": {{"inheritance": {{"status": "DRIFTED"}}}}}}}},
            {{"arn": "later", "baselineIdentifier": "b", "targetIdentifier": "{ACCOUNT}",
              "statusSummary": {{"status": "A_LATER_WORD"}}}}]}}"#
    );
    let (session, asked) = serve("controltower", answers(&[&page, &rest])).await;
    let tower = AwsControlTower::new(session);
    let targets = [ACCOUNT.to_owned(), UNIT.to_owned()];
    let found = tower.enabled_baselines("eu-west-1", &targets).await.unwrap();
    let status: Vec<Enablement> = found.iter().map(|of| of.status).collect();
    assert_eq!(status, [Enablement::UnderChange, Enablement::Succeeded, Enablement::Other]);
    assert_eq!(found[0].operation.as_deref(), Some("op-1"));
    assert_eq!((found[0].target.as_str(), &found[0].parent), ("ou-ab12-prod0000", &None));
    assert_eq!((found[1].target.as_str(), found[1].is_drifted), ("111122223333", true));
    assert_eq!(found[1].parent.as_deref(), Some("of-unit"));
    let asked = asked.lock().unwrap();
    assert!(asked.iter().all(|body| body.contains(UNIT) && body.contains("includeChildren")));
}

#[tokio::test]
async fn the_baseline_of_a_unit_is_found_by_its_name_and_a_message_by_its_operation() {
    let listed = r#"{"baselines": [{"arn": "i", "name": "IdentityCenterBaseline"},
        {"arn": "c", "name": "ConfigBaseline"}, {"arn": "t", "name": "AWSControlTowerBaseline"}]}"#;
    let said =
        r#"{"baselineOperation": {"status": "FAILED", "statusMessage": "A recorder is there."}}"#;
    let (session, _) = serve("controltower", answers(&[listed, said])).await;
    let tower = AwsControlTower::new(session);
    assert_eq!(tower.unit_baselines("eu-west-1").await.unwrap(), ["t", "c"]);
    let message = tower.status_message("eu-west-1", "op-1").await.unwrap();
    assert_eq!(message.as_deref(), Some("A recorder is there."));
}

#[test]
fn which_integrations_are_on_says_what_accounts_are_governed_by() {
    let manifest = |on: &[&str]| {
        let enabled = |name: &&str| {
            let of = [("enabled".to_owned(), Document::Bool(true))];
            ((*name).to_owned(), Document::Object(of.into()))
        };
        Document::Object(on.iter().map(enabled).collect())
    };
    for (version, on, expected) in [
        ("3.3", &[][..], ZoneKind::Baselines),
        ("4.0", &["config", "securityRoles"], ZoneKind::Baselines),
        ("4.0", &["config", "accessManagement"], ZoneKind::ControlsOnly),
        ("4.1", &[], ZoneKind::ControlsOnly),
        ("odd", &[], ZoneKind::Baselines),
    ] {
        assert_eq!(kind(version, &manifest(on)), expected, "{version} {on:?}");
    }
    assert_eq!(kind("4.0", &Document::Null), ZoneKind::ControlsOnly);
    let off = [("enabled".to_owned(), Document::Bool(false))];
    let off =
        ["config", "securityRoles"].map(|of| (of.to_owned(), Document::Object(off.clone().into())));
    assert_eq!(kind("4.0", &Document::Object(off.into())), ZoneKind::ControlsOnly);
}
