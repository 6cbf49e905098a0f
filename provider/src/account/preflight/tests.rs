use fleet_vending::aws::api::{LandingZone, ZoneKind, ZoneState};
use fleet_vending::aws::preflight::{Hindrance, Ungoverned};
use fleet_vending::error::{Error, Kind};

use super::*;

#[test]
fn every_finding_reads_as_it_should() {
    let text = str::to_owned;
    let intent = Intent { create: true, key: Some(text("payments")), ..Intent::default() };
    let quota =
        |certain| Finding::Quota(Quota { accounts: 10, closed: 2, planned: 3, quota: 10, certain });
    let tag = |key: &str, complying: &str| {
        Finding::TagPolicy(Violation {
            key: text(key),
            value: text("x"),
            complying_key: text(complying),
            complying_values: vec![text("a"), text("b")],
        })
    };
    let unguarded =
        |enabled| Finding::Unguarded { missing: vec![text("fleet-sandbox-foundation")], enabled };
    let ungoverned = |why, state| {
        Finding::Ungoverned(Ungoverned {
            asked_by: "parent",
            unit: text("ou-ab12-prod0000"),
            zone: LandingZone {
                arn: text("arn:aws:controltower:eu-west-1:111122223333:landingzone/L"),
                region: text("eu-west-1"),
                version: text("3.3"),
                state,
                is_drifted: false,
                kind: ZoneKind::Baselines,
                enrols: false,
            },
            why,
        })
    };
    let denied = Error::new("organizations:ListRoots", Kind::Denied, "AccessDeniedException", "no");
    let findings = [
        Finding::KeyTwice { key: text("payments") },
        Finding::EmailTwice { email: text("a@example.com") },
        Finding::EmailTaken { email: text("a@example.com"), by: text("111122223333") },
        Finding::NoSuchRegion { name: text("eu-west-9"), near: vec![text("eu-west-1")] },
        quota(true),
        quota(false),
        tag("team", "team"),
        tag("Team", "team"),
        Finding::Features { needed_by: vec!["controls", "close_on_deletion"] },
        Finding::Headroom {
            asked_by: "parent",
            account_id: text("111122223333"),
            attached: 4,
            more: 3,
            most: 5,
        },
        unguarded(true),
        unguarded(false),
        ungoverned(Hindrance::NobodyEnrols { too_old: false }, ZoneState::Active),
        ungoverned(Hindrance::NobodyEnrols { too_old: true }, ZoneState::Active),
        ungoverned(Hindrance::NotRegistered, ZoneState::Active),
        ungoverned(Hindrance::ZoneNotActive, ZoneState::Processing),
        ungoverned(Hindrance::ZoneNotActive, ZoneState::Failed),
        ungoverned(Hindrance::UnitNotReady, ZoneState::Active),
        Finding::Unchecked { check: "room for policies", error: denied },
    ];
    let told = findings.map(|finding| {
        let told = said(&finding, &intent, "create account `payments`", |key| key == "team");
        let [told] = &told[..] else { panic!("{told:?}") };
        assert!(told.summary.chars().count() <= 60, "{}", told.summary);
        let path = told.path.as_ref().map(ToString::to_string).unwrap_or_default();
        format!("{:?}: {} [{path}]\n\n{}", told.severity, told.summary, told.detail)
    });
    insta::assert_snapshot!(told.join("\n\n---\n\n"));
}
