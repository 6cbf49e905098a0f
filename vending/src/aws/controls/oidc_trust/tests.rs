//! Observation → decision and check.

use fleet_model::readiness::Verdict;
use fleet_model::tags;

use super::super::testing::{ACCOUNT, Example};
use super::*;
use crate::aws::api::member::Role;

const AUDIENCE: &str = "sts.amazonaws.com";

fn arn() -> String {
    format!("arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com")
}

fn provider(audiences: &[&str], tags: &Tags) -> Providers {
    let provider = OidcProvider {
        arn: arn(),
        audiences: audiences.iter().map(|audience| (*audience).to_owned()).collect(),
        tags: tags.clone(),
    };
    BTreeMap::from([(arn(), Some(provider))])
}

/// Both federated roles, with the right trust.
fn roles(desired: &Desired) -> Identities {
    let roles = desired.trusts.iter().map(|(name, trust)| {
        let role =
            Role { trust: trust.clone().unwrap(), tags: desired.marks.clone(), ..Role::default() };
        (name.clone(), role)
    });
    Identities { roles: roles.collect(), ..Identities::default() }
}

fn verdict(mode: ControlMode, desired: &Desired, seen: (Providers, Identities)) -> Check {
    check(mode, Some(desired), Some(&Ok(seen)), false)
}

#[test]
fn a_missing_provider_is_made_and_a_complete_one_left() {
    let example = Example::new();
    let desired = desired(&example.scope()).unwrap();
    let absent = BTreeMap::from([(arn(), None)]);
    let decision = decide(ControlMode::Own, &desired, &absent, &roles(&desired));
    assert!(matches!(&decision.providers[..], [Change::CreateProvider { url, audiences, tags }]
            if url == "https://token.actions.githubusercontent.com"
                && audiences.contains(AUDIENCE) && *tags == desired.marks));
    assert_eq!(decision.trusts, []);
    let found = verdict(ControlMode::Own, &desired, (absent, roles(&desired)));
    assert_eq!(found.verdict, Verdict::Fail);

    let complete = provider(&[AUDIENCE, "somebody-elses"], &desired.marks);
    let decision = decide(ControlMode::Own, &desired, &complete, &roles(&desired));
    assert_eq!(decision, Decision::default());
    let found = verdict(ControlMode::Own, &desired, (complete, roles(&desired)));
    assert_eq!(found.verdict, Verdict::Pass, "{}", found.observed);
}

#[test]
fn nobodys_provider_is_completed_and_not_marked() {
    let example = Example::new();
    let desired = desired(&example.scope()).unwrap();
    let found = provider(&["other"], &Tags::new());
    let decision = decide(ControlMode::Own, &desired, &found, &roles(&desired));
    assert_eq!(
        decision.providers,
        [Change::AddAudience { arn: arn(), audience: AUDIENCE.to_owned() }]
    );
}

#[test]
fn another_managers_provider_passes_complete_and_is_refused_otherwise() {
    let example = Example::new();
    let desired = desired(&example.scope()).unwrap();
    let other = Tags::from([(tags::MANAGED_BY.to_owned(), "landing-zone".to_owned())]);
    let complete = (provider(&[AUDIENCE], &other), roles(&desired));
    assert_eq!(verdict(ControlMode::Own, &desired, complete).verdict, Verdict::Pass);

    let incomplete = provider(&["other"], &other);
    let decision = decide(ControlMode::Own, &desired, &incomplete, &roles(&desired));
    assert_eq!(decision, Decision::default());
    let found = verdict(ControlMode::Own, &desired, (incomplete, roles(&desired)));
    assert!(found.what_to_do.contains("landing-zone"), "{}", found.what_to_do);
}

#[test]
fn a_changed_trust_is_put_back_unless_the_role_is_not_ours() {
    let example = Example::new();
    let desired = desired(&example.scope()).unwrap();
    let providers = provider(&[AUDIENCE], &desired.marks);
    let mut seen = roles(&desired);
    let role = seen.roles.get_mut("fleet-apply").unwrap();
    // One environment more: a difference within a list.
    role.trust = role.trust.replace("payments-prod\"", "anything\"");
    let decision = decide(ControlMode::Own, &desired, &providers, &seen);
    let trust = desired.trusts["fleet-apply"].clone().unwrap();
    assert_eq!(decision.trusts, [Change::UpdateTrust { role: "fleet-apply".into(), trust }]);
    let found = verdict(ControlMode::Own, &desired, (providers.clone(), seen.clone()));
    assert_eq!(found.verdict, Verdict::Fail);
    assert!(found.what_to_do.contains("fleet-apply"), "{}", found.what_to_do);

    seen.roles.get_mut("fleet-apply").unwrap().tags.clear();
    let decision = decide(ControlMode::Own, &desired, &providers, &seen);
    assert_eq!(decision, Decision::default());
    let found = verdict(ControlMode::Own, &desired, (providers, seen));
    assert!(found.what_to_do.contains("no `fleet:managed-by`"), "{}", found.what_to_do);
}

#[test]
fn without_identity_it_does_not_apply() {
    let mut example = Example::new();
    example.contract.identity = None;
    assert!(desired(&example.scope()).is_none());
    let found = check(ControlMode::Own, None, None, false);
    assert_eq!(found.verdict, Verdict::NotApplicable);
}

#[test]
fn verify_decides_nothing_and_ignore_looks_at_nothing() {
    let example = Example::new();
    let desired = desired(&example.scope()).unwrap();
    let absent = BTreeMap::from([(arn(), None)]);
    let decision = decide(ControlMode::Verify, &desired, &absent, &Identities::default());
    assert_eq!(decision, Decision::default());
    let ignored = check(ControlMode::Ignore, Some(&desired), None, false);
    assert_eq!(ignored.verdict, Verdict::NotApplicable);
    assert_eq!(check(ControlMode::Verify, Some(&desired), None, false).verdict, Verdict::Unknown);
}
