//! What is shed, decided and done.

use std::collections::BTreeMap;

use fleet_model::account::{BaselinePolicy, BaselineVersion};
use fleet_model::readiness::Verdict;

use super::super::testing::{ACCOUNT, Example, Fake, World};
use super::super::{VendingRoles, repair};
use super::*;
use crate::aws::api::member::{OidcProvider, Role, Tags};
use crate::memory::Issuer;

mod guardrails;

const GITHUB: &str = "https://token.actions.githubusercontent.com";
const AUDIENCE: &str = "sts.amazonaws.com";
const OWN: [&str; 4] = [ACCESS_ROLES, OIDC_TRUST, ORGANIZATION_POLICIES, PASSWORD_POLICY];

fn owning() -> Example {
    let mut example = Example::new();
    for control in OWN {
        set(&mut example, control, ControlMode::Own);
    }
    example.contract.region_set.clear();
    example.contract.baseline_policy = BaselinePolicy::Regulated;
    example.vending =
        VendingRoles { works_from: "999988887777", manage: Some("fleet-vending"), read: None };
    example
}

fn set(example: &mut Example, control: &str, mode: ControlMode) {
    example.contract.controls.insert(control.to_owned(), mode);
}

/// A round, and what is remembered after it.
async fn apply(fake: &Fake, example: &mut Example) -> super::super::Report {
    let report = repair(&fake.ports(), &example.scope()).await;
    example.memory.keep(report.before.clone());
    example.memory.made = report.made.clone();
    if report.password_is_back {
        example.memory.password_policy = None;
    }
    report
}

async fn vended() -> (Fake, Example) {
    let fake = Fake::new(World { policies_enabled: true, ..World::default() });
    let mut example = owning();
    let first = apply(&fake, &mut example).await;
    assert!(first.readiness.ready(), "{:?}", first.readiness);
    (fake, example)
}

fn names(texts: &[&str]) -> BTreeSet<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn policies(profile: &str, names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| format!("fleet-{profile}-{name}")).collect()
}

#[tokio::test]
async fn what_a_round_made_is_remembered() {
    let (_, example) = vended().await;
    let issuer = Issuer { ours: true, audiences: names(&[AUDIENCE]) };
    let texts: BTreeSet<String> = example.memory.made.texts.keys().cloned().collect();
    assert_eq!(texts, example.memory.made.guardrails);
    assert_eq!(
        example.memory.made,
        Made {
            guardrails: policies(
                "regulated",
                &["foundation", "audit-trail", "root-user", "data-protection"]
            ),
            texts: example.memory.made.texts.clone(),
            issuers: BTreeMap::from([(GITHUB.to_owned(), issuer)]),
            trusts: names(&["fleet-apply", "fleet-plan"]),
            roles: names(&["fleet-apply", "fleet-plan", "fleet-read-only", "fleet-vending"]),
            password: Some(
                profile::of(BaselinePolicy::Regulated, BaselineVersion::default()).password
            ),
        }
    );
    // Nothing is asked for less.
    assert_eq!(shed(&example.memory, &example.contract, Some(example.vending)), []);
}

type Edit = fn(&mut Example);

fn ignore(control: &'static str) -> impl Fn(&mut Example) {
    move |example| set(example, control, ControlMode::Ignore)
}

/// Every way to ask for less, and what is shed for it.
fn edits() -> Vec<(&'static str, Edit, Vec<Shed>)> {
    let guardrails = |of: &[&str]| {
        policies("regulated", of).into_iter().map(Shed::Guardrail).collect::<Vec<_>>()
    };
    let all = guardrails(&["foundation", "audit-trail", "root-user", "data-protection"]);
    let trust = |role: &str| Shed::Trust(role.to_owned());
    let role = |role: &str| Shed::Role(role.to_owned());
    let sandbox = profile::of(BaselinePolicy::Sandbox, BaselineVersion::default()).password;
    let gone = vec![trust("fleet-apply"), trust("fleet-plan"), Shed::Provider(GITHUB.to_owned())];
    vec![
        (
            "a weaker profile",
            |of| of.contract.baseline_policy = BaselinePolicy::Sandbox,
            [vec![Shed::Password(Before::Was(sandbox))], all.clone()].concat(),
        ),
        ("identity", |of| of.contract.identity = None, gone.clone()),
        (
            "a role of identity",
            |of| drop(of.contract.identity.as_mut().unwrap().roles.remove("plan")),
            vec![trust("fleet-plan")],
        ),
        (
            "an audience",
            |of| {
                let providers = &mut of.contract.identity.as_mut().unwrap().providers;
                providers.get_mut("github").unwrap().audiences = names(&["other"]);
            },
            vec![Shed::Audience { url: GITHUB.to_owned(), audience: AUDIENCE.to_owned() }],
        ),
        (
            "a role renamed",
            |of| of.vending.manage = Some("fleet-works"),
            vec![role("fleet-vending")],
        ),
        ("oidc-trust", |of| ignore(OIDC_TRUST)(of), gone),
        (
            "access-roles",
            // The roles that `identity` speaks of are still asked for.
            |of| ignore(ACCESS_ROLES)(of),
            vec![role("fleet-read-only")],
        ),
        (
            "access-roles and oidc-trust",
            |of| [ACCESS_ROLES, OIDC_TRUST].iter().for_each(|control| ignore(control)(of)),
            vec![
                role("fleet-apply"),
                role("fleet-plan"),
                role("fleet-read-only"),
                Shed::Provider(GITHUB.to_owned()),
            ],
        ),
        (
            "password-policy",
            |of| ignore(PASSWORD_POLICY)(of),
            vec![Shed::Password(Before::Nothing)],
        ),
        ("organization-policies", |of| ignore(ORGANIZATION_POLICIES)(of), all),
        (
            "all that another one owns from now on",
            |of| OWN.iter().for_each(|control| set(of, control, ControlMode::Verify)),
            vec![],
        ),
    ]
}

#[tokio::test]
async fn each_way_to_ask_for_less_takes_away_what_it_names_and_nothing_else() {
    for (case, edit, expected) in edits() {
        let (fake, mut example) = vended().await;
        edit(&mut example);
        let memory = example.memory.clone();
        assert_eq!(shed(&memory, &example.contract, Some(example.vending)), expected, "{case}");
        let before = fake.0.lock().unwrap().clone();
        let report = apply(&fake, &mut example).await;
        assert_eq!((report.problems.len(), report.has_leftovers), (0, false), "{case}");
        assert_eq!(report.warnings, [], "{case}");
        let failed = report.readiness.checks.values().find(|check| check.verdict == Verdict::Fail);
        assert!(failed.is_none(), "{case}: {failed:?}");
        {
            let after = fake.0.lock().unwrap();
            for shed in &expected {
                assert!(!holds(&before, shed) || !holds(&after, shed), "{case}: {shed:?}");
                assert!(holds(&before, shed), "{case}: {shed:?} was not there");
            }
            if expected.is_empty() {
                assert_eq!(after.providers, before.providers, "{case}");
                assert_eq!(after.identities, before.identities, "{case}");
                assert_eq!(after.password, before.password, "{case}");
            }
        }
        // It is done: the next round has nothing to do.
        let writes = fake.writes();
        let again = apply(&fake, &mut example).await;
        assert_eq!((fake.writes(), again.readiness), (writes, report.readiness), "{case}");
    }
}

/// Whether the account still holds what is shed.
fn holds(world: &World, shed: &Shed) -> bool {
    let arn =
        format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{}", GITHUB.trim_start_matches("https://"));
    let provider = world.providers.get(&arn);
    let trust = |role: &String| &world.identities.roles[role].trust;
    match shed {
        Shed::Trust(role) => trust(role).contains(&arn),
        Shed::Role(role) => trust(role).contains("Allow"),
        Shed::Audience { audience, .. } => {
            provider.is_some_and(|of| of.audiences.contains(audience))
        }
        Shed::Provider(_) => provider.is_some(),
        Shed::Password(back) => password_policy::prior(world.password.as_ref()) != *back,
        Shed::Guardrail(name) => world.policies[name].0.targets.contains(ACCOUNT),
    }
}

#[tokio::test]
async fn a_policy_goes_only_after_the_one_that_takes_its_place_is_there() {
    let (fake, mut example) = vended().await;
    example.contract.baseline_policy = BaselinePolicy::Sandbox;
    fake.0.lock().unwrap().failing.insert("organizations:AttachPolicy", crate::error::Kind::Quota);
    let report = apply(&fake, &mut example).await;
    assert!(report.has_leftovers && !report.problems.is_empty());
    assert!(!fake.writes().iter().any(|call| call.starts_with("organizations:DetachPolicy")));
    fake.0.lock().unwrap().failing.clear();
    let report = apply(&fake, &mut example).await;
    assert_eq!((report.problems, report.has_leftovers), (vec![], false));
    assert_eq!(example.memory.made.guardrails, policies("sandbox", &["foundation"]));
    let calls = fake.writes();
    let at = |call: &str| calls.iter().rposition(|made| made.starts_with(call)).unwrap();
    assert!(at("organizations:AttachPolicy") < at("organizations:DetachPolicy"));
}

#[tokio::test]
async fn what_is_not_ours_stays() {
    type Arrange = fn(&mut World);
    // What others did after our apply; what is asked for less; how often it is told.
    let rows: [(&str, Arrange, Edit, &[&str], usize); 5] = [
        (
            "a provider of another manager by now",
            |world| {
                let provider = world.providers.values_mut().next().unwrap();
                provider.tags.insert("fleet:managed-by".into(), "other".into());
            },
            |of| of.contract.identity = None,
            &["iam:DeleteOpenIDConnectProvider"],
            1,
        ),
        (
            "a provider that a role of somebody's trusts",
            |world| {
                let arn = world.providers.keys().next().unwrap();
                let trust = format!(r#"{{"Statement":{{"Principal":{{"Federated":"{arn}"}}}}}}"#);
                world.identities.roles.insert("theirs".into(), Role { trust, ..Role::default() });
            },
            |of| of.contract.identity = None,
            &["iam:DeleteOpenIDConnectProvider"],
            1,
        ),
        (
            "a password policy that somebody changed since",
            |world| world.password.as_mut().unwrap().minimum_length = 30,
            |of| ignore(PASSWORD_POLICY)(of),
            &["iam:UpdateAccountPasswordPolicy", "iam:DeleteAccountPasswordPolicy"],
            1,
        ),
        (
            "a role of nobody's by now",
            |world| world.identities.roles.get_mut("fleet-vending").unwrap().tags = Tags::new(),
            |of| of.vending.manage = Some("fleet-works"),
            &["iam:UpdateAssumeRolePolicy fleet-vending"],
            1,
        ),
        (
            "what is gone already",
            |world| {
                world.providers.clear();
                world.password = None;
                for (policy, _) in world.policies.values_mut() {
                    policy.targets.clear();
                }
            },
            |of| {
                of.contract.identity = None;
                ignore(PASSWORD_POLICY)(of);
                ignore(ORGANIZATION_POLICIES)(of);
            },
            &["iam:DeleteO", "iam:DeleteA", "organizations:DetachPolicy"],
            0,
        ),
    ];
    for (case, arrange, edit, calls, told) in rows {
        let (fake, mut example) = vended().await;
        arrange(&mut fake.0.lock().unwrap());
        edit(&mut example);
        let before = fake.writes().len();
        let report = apply(&fake, &mut example).await;
        assert_eq!(report.problems, [], "{case}");
        assert_eq!(report.warnings.len(), told, "{case}: {:?}", report.warnings);
        let made = fake.writes();
        let forbidden =
            made.iter().skip(before).find(|made| calls.iter().any(|call| made.starts_with(call)));
        assert_eq!(forbidden, None, "{case}");
        // It is told once, and not planned for ever.
        assert!(!report.has_leftovers, "{case}");
    }
}

#[tokio::test]
async fn of_a_provider_of_nobody_only_what_was_added_goes() {
    let fake = Fake::new(World { policies_enabled: true, ..World::default() });
    let arn = format!("arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com");
    let theirs =
        OidcProvider { arn: arn.clone(), audiences: names(&["theirs"]), ..OidcProvider::default() };
    fake.0.lock().unwrap().providers.insert(arn.clone(), theirs.clone());
    let mut example = owning();
    apply(&fake, &mut example).await;
    let issuer = Issuer { ours: false, audiences: names(&[AUDIENCE]) };
    assert_eq!(example.memory.made.issuers, BTreeMap::from([(GITHUB.to_owned(), issuer)]));
    example.contract.identity = None;
    let report = apply(&fake, &mut example).await;
    assert_eq!((report.problems, report.warnings), (vec![], vec![]));
    assert_eq!(fake.0.lock().unwrap().providers[&arn], theirs);
    assert!(example.memory.made.issuers.is_empty());
}

#[tokio::test]
async fn a_password_policy_goes_back_to_what_it_was_and_never_below() {
    let was = PasswordPolicy {
        minimum_length: 20,
        symbols: false,
        ..profile::of(BaselinePolicy::Sandbox, BaselineVersion::default()).password
    };
    let fake = Fake::new(World { policies_enabled: true, password: Some(was), ..World::default() });
    let mut example = owning();
    apply(&fake, &mut example).await;
    assert_eq!(example.memory.password_policy, Some(Before::Was(was)));
    // Regulated asks for symbols, sandbox does not; the length of before stays through both.
    assert!(
        fake.0.lock().unwrap().password.is_some_and(|of| of.symbols && of.minimum_length == 20)
    );
    example.contract.baseline_policy = BaselinePolicy::Sandbox;
    apply(&fake, &mut example).await;
    assert_eq!(fake.0.lock().unwrap().password, Some(was));
    // And up again.
    example.contract.baseline_policy = BaselinePolicy::ProdRestricted;
    apply(&fake, &mut example).await;
    assert!(fake.0.lock().unwrap().password.is_some_and(|of| of.symbols));
    ignore(PASSWORD_POLICY)(&mut example);
    apply(&fake, &mut example).await;
    assert_eq!(fake.0.lock().unwrap().password, Some(was));
    assert_eq!((example.memory.password_policy, example.memory.made.password), (None, None));
}

#[test]
fn while_the_provider_block_is_not_known_no_role_of_vending_is_shut() {
    let mut example = owning();
    example.memory.made.roles = names(&["fleet-vending", "works"]);
    assert_eq!(shed(&example.memory, &example.contract, None), []);
    let known = shed(&example.memory, &example.contract, Some(VendingRoles::default()));
    assert_eq!(known.len(), 2);
}
