use super::*;
use crate::aws::api::ZoneState;

const UNIT: &str = "ou-ab12-prod0000";
const ACCOUNT: &str = "111122223333";

fn ground(kind: ZoneKind) -> Ground {
    let zone = LandingZone {
        arn: "arn:aws:controltower:eu-west-1:999999999999:landingzone/L".into(),
        region: "eu-west-1".into(),
        version: "3.3".into(),
        state: ZoneState::Active,
        is_drifted: false,
        kind,
        enrols: true,
    };
    Ground { zone, baselines: vec!["tower".into(), "config".into()] }
}

fn on(target: &str, baseline: &str, parent: Option<&str>, status: Enablement) -> EnabledBaseline {
    EnabledBaseline {
        arn: format!("{baseline}-on-{target}"),
        baseline: baseline.into(),
        target: target.into(),
        parent: parent.map(str::to_owned),
        status,
        is_drifted: false,
        operation: Some("op".into()),
    }
}

#[test]
fn an_account_is_governed_by_what_it_has_from_the_unit_that_it_is_in() {
    use Enablement::{Failed, Other, Succeeded, UnderChange};
    let unit = || on(UNIT, "tower", None, Succeeded);
    let own = |status| on(ACCOUNT, "tower", Some("tower-on-ou-ab12-prod0000"), status);
    let foreign = |status| on(ACCOUNT, "tower", Some("tower-on-ou-other"), status);
    let drifted = |of| EnabledBaseline { is_drifted: true, ..of };
    let failed = || Verdict::Failed { operation: Some("op".into()) };
    for (case, enabled, expected) in [
        ("nothing", vec![], Verdict::NotRegistered),
        ("registered", vec![unit()], Verdict::NotEnrolled),
        ("being registered", vec![on(UNIT, "tower", None, UnderChange)], Verdict::Enrolling),
        (
            "of another account",
            vec![unit(), on("2", "tower", None, Succeeded)],
            Verdict::NotEnrolled,
        ),
        ("begun", vec![unit(), own(UnderChange)], Verdict::Enrolling),
        ("enrolled", vec![own(Succeeded), unit()], Verdict::Governed),
        ("enrolled, drifted", vec![unit(), drifted(own(Succeeded))], Verdict::Drifted),
        // Another account of the unit has drifted.
        ("its unit has drifted", vec![drifted(unit()), own(Succeeded)], Verdict::Governed),
        (
            "its unit failed",
            vec![on(UNIT, "tower", None, Failed), own(Succeeded)],
            Verdict::Governed,
        ),
        ("failed", vec![unit(), own(Failed)], failed()),
        ("failed, of nowhere", vec![unit(), on(ACCOUNT, "tower", None, Failed)], failed()),
        ("a later word", vec![unit(), own(Other)], Verdict::Unknown),
        ("from elsewhere", vec![unit(), foreign(Succeeded)], Verdict::FromElsewhere),
        ("failed elsewhere", vec![unit(), foreign(Failed)], Verdict::FromElsewhere),
        ("on its way", vec![unit(), foreign(UnderChange)], Verdict::Enrolling),
        ("of nowhere", vec![unit(), on(ACCOUNT, "tower", None, Succeeded)], Verdict::FromElsewhere),
        ("its unit is registered no more", vec![own(Succeeded)], Verdict::NotRegistered),
        // Another baseline stands in for none.
        (
            "another baseline",
            vec![unit(), on(ACCOUNT, "config", Some("tower-on-ou-ab12-prod0000"), Succeeded)],
            Verdict::NotEnrolled,
        ),
        (
            "configuration alone",
            vec![
                on(UNIT, "config", None, Succeeded),
                on(ACCOUNT, "config", Some("config-on-ou-ab12-prod0000"), Succeeded),
            ],
            Verdict::Governed,
        ),
    ] {
        assert_eq!(
            judge(&ground(ZoneKind::Baselines), ACCOUNT, UNIT, &enabled),
            expected,
            "{case}"
        );
        // Controls alone stand in for a unit without a baseline, and for nothing else.
        let alone = match expected {
            Verdict::NotRegistered => Verdict::Governed,
            other => other,
        };
        assert_eq!(
            judge(&ground(ZoneKind::ControlsOnly), ACCOUNT, UNIT, &enabled),
            alone,
            "{case}"
        );
    }
}

#[test]
fn only_what_control_tower_is_going_to_change_is_waited_for() {
    let mut ground = ground(ZoneKind::Baselines);
    for (verdict, with_auto_enrolment, without) in [
        (Verdict::NotRegistered, false, false),
        (Verdict::NotEnrolled, true, false),
        (Verdict::Enrolling, true, true),
        (Verdict::Failed { operation: None }, false, false),
        (Verdict::FromElsewhere, true, false),
        (Verdict::Drifted, true, false),
        (Verdict::Unknown, true, true),
    ] {
        for (enrols, expected) in [(true, with_auto_enrolment), (false, without)] {
            ground.zone.enrols = enrols;
            let why = verdict.clone().why(&ground, UNIT).unwrap();
            assert_eq!(why.may_pass(), expected, "{verdict:?} {enrols}");
        }
    }
    assert_eq!(Verdict::Governed.why(&ground, UNIT), None);
}

#[test]
fn the_arn_of_a_unit_follows_from_that_of_an_account() {
    let account = "arn:aws-us-gov:organizations::999999999999:account/o-exampleorgid/111122223333";
    let unit = "arn:aws-us-gov:organizations::999999999999:ou/o-exampleorgid/ou-ab12-prod0000";
    assert_eq!(unit_arn(account, UNIT).as_deref(), Some(unit));
    assert_eq!(unit_arn(account, "r-ab12"), None);
    assert_eq!(unit_arn("", UNIT), None);
}
