//! What an apply takes away because the configuration asks for it no more, named in its plan.

use std::collections::BTreeMap;

use fleet_model::account::{Contract, ControlMode};
use fleet_model::lifecycle::{AccountLifecycleState, LifecyclePhase};
use fleet_vending::Memory;
use fleet_vending::aws::controls::{self, ACCESS_ROLES, OIDC_TRUST, Shed, password_policy};
use fleet_vending::memory::Before;
use tfplugin::diagnostic::Diagnostic;

use super::model::Model;
use super::view::View;
use super::{contract, facts, report};
use crate::diagnostic::warning;

/// What the apply takes away of an account that stays in use.
pub(super) fn of(view: &View<'_>, desired: &Model, prior: &Model, memory: &Memory) -> Vec<Shed> {
    let stays = facts::wished(desired) == AccountLifecycleState::Active;
    let Some(to) = contract::contract(desired).filter(|_| stays && facts::ended(prior).is_none())
    else {
        return Vec::new();
    };
    let vending = view.aws().map(|aws| aws.roles());
    controls::shed::shed(memory, &to, vending)
}

/// What the plan says of it: one warning for each argument that asks for less.
pub(super) fn told(desired: &Model, prior: &Model, shed: &[Shed]) -> Vec<Diagnostic> {
    let Some(to) = contract::contract(desired) else { return Vec::new() };
    let mut lines: BTreeMap<Option<&str>, Vec<String>> = BTreeMap::new();
    for of in shed {
        lines.entry(argument(of, &to)).or_default().push(line(of));
    }
    let subject = report::subject(prior);
    lines
        .into_iter()
        .map(|(at, lines)| {
            let summary = match at {
                Some(at) => format!("{subject}: what `{at}` made is taken away"),
                None => format!("{subject}: former roles are shut"),
            };
            let said = warning("FLEET0172", summary)
                .what(format!("The configuration asks for it no more, so the apply: {}.", lines.join("; ")))
                .why("This configuration made it: its tags say so, or the state remembers it. What others made or changed since stays.")
                .todo("Apply, if that is meant. To keep it, ask for it again; to leave it to somebody else, set its control to `verify` in `controls`.");
            at.into_iter().fold(said, |said, at| said.at(at)).build()
        })
        .collect()
}

/// What a plan says that retires the account: its ways in are shut.
pub(super) fn retired(desired: &Model, prior: &Model, memory: &Memory) -> Option<Diagnostic> {
    let retires = facts::wished(desired) == AccountLifecycleState::Retired
        && facts::lifecycle_phase(prior).is_some_and(|phase| phase < LifecyclePhase::Retired)
        && facts::ended(prior).is_none();
    let made = &memory.made;
    let roles = made.roles.iter().cloned().map(Shed::Role);
    let ours = made.issuers.iter().filter(|(_, issuer)| issuer.ours);
    let providers = ours.map(|(url, _)| format!("deletes the OIDC provider {url}"));
    let mut lines: Vec<String> = roles.map(|role| line(&role)).chain(providers).collect();
    if let (Some(before), Some(written)) = (memory.password_policy, made.password)
        && before != Before::Was(written)
    {
        lines.push(line(&Shed::Password(before)));
    }
    (retires && !lines.is_empty()).then(|| {
        warning("FLEET0172", format!("{}: the ways into it are shut", report::subject(prior)))
            .at("lifecycle_state")
            .what(format!("The apply: {}.", lines.join("; ")))
            .why("A retired account keeps no way in that this configuration made. The role by which the apply works may be left open where nothing else can shut it; the apply then says so.")
            .todo("Apply, if that is meant. Until the account is closed, `lifecycle_state = \"active\"` brings all of it back.")
            .build()
    })
}

/// The argument that asks for less; none where that is in the provider block.
fn argument(shed: &Shed, to: &Contract) -> Option<&'static str> {
    if controls::mode(to, shed.control()) == ControlMode::Ignore {
        return Some("controls");
    }
    match shed.control() {
        OIDC_TRUST => Some("identity"),
        ACCESS_ROLES => None,
        _ => Some("baseline_policy"),
    }
}

fn line(shed: &Shed) -> String {
    match shed {
        Shed::Trust(role) => format!(
            "gives the role {role} back to the management account, so that no identity provider lets anybody assume it"
        ),
        Shed::Role(role) => format!("shuts the role {role}, so that nobody can assume it"),
        Shed::Audience { url, audience } => {
            format!("removes the audience {audience} from the OIDC provider {url}")
        }
        Shed::Provider(url) => format!(
            "deletes the OIDC provider {url}, unless a role that something else made trusts it"
        ),
        Shed::Password(Before::Was(policy)) => {
            format!("sets the password policy back to {}", password_policy::text(policy))
        }
        Shed::Password(Before::Nothing) => {
            "deletes the password policy, before which the account had none".to_owned()
        }
        Shed::Guardrail(name) => {
            format!("takes the service control policy {name} off the account")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use fleet_vending::memory::{Issuer, Made};
    use tfplugin::Attr;

    use super::super::tests::planned;
    use super::*;

    const GITHUB: &str = "https://token.actions.githubusercontent.com";

    fn everything() -> Vec<Shed> {
        vec![
            Shed::Trust("fleet-apply".into()),
            Shed::Role("fleet-old".into()),
            Shed::Audience { url: GITHUB.into(), audience: "other".into() },
            Shed::Provider(GITHUB.into()),
            Shed::Password(Before::Nothing),
            Shed::Guardrail("fleet-regulated-root-user".into()),
        ]
    }

    #[test]
    fn each_thing_is_named_at_the_argument_that_asks_for_less() {
        let at = |controls: &[(&str, &str)]| {
            let row = |(control, mode): &(&str, &str)| ((*control).to_owned(), (*mode).to_owned());
            let controls = Attr::Known(controls.iter().map(row).collect());
            let desired = Model { controls, ..planned() };
            let told = told(&desired, &planned(), &everything());
            told.into_iter().map(|of| (of.path, of.detail)).collect::<Vec<_>>()
        };
        let own = at(&[]);
        let paths: Vec<_> = own.iter().map(|(path, _)| path.clone()).collect();
        assert_eq!(paths, [None, Some("baseline_policy".into()), Some("identity".into())]);
        for (told, parts) in own.iter().zip([
            &["shuts the role fleet-old"][..],
            &["deletes the password policy", "policy fleet-regulated-root-user off the account"],
            &["role fleet-apply", "audience other", "deletes the OIDC provider https://token"],
        ]) {
            for part in parts {
                assert!(told.1.contains(part), "{part}: {}", told.1);
            }
        }
        let all = ["access-roles", "oidc-trust", "organization-policies", "password-policy"];
        let ignored = at(&all.map(|control| (control, "ignore")));
        assert_eq!(ignored.len(), 1);
        assert_eq!(ignored[0].0, Some("controls".into()));
    }

    #[test]
    fn a_plan_that_retires_names_what_is_shut() {
        let life = |wished: &str, phase: &str| Model {
            lifecycle_state: Attr::Known(wished.into()),
            lifecycle_phase: Attr::Known(phase.into()),
            phase: Attr::Known("placed".into()),
            ..planned()
        };
        let written = fleet_vending::profile::of(
            fleet_model::account::BaselinePolicy::Regulated,
            fleet_model::account::BaselineVersion::default(),
        )
        .password;
        let issuer = |ours| Issuer { ours, audiences: BTreeSet::new() };
        let memory = Memory {
            password_policy: Some(Before::Nothing),
            made: Made {
                roles: ["fleet-apply".to_owned()].into(),
                issuers: [(GITHUB.to_owned(), issuer(true)), ("https://b".into(), issuer(false))]
                    .into(),
                password: Some(written),
                ..Made::default()
            },
            ..Memory::default()
        };
        let told = |wished, phase| {
            retired(&life(wished, phase), &life(phase, phase), &memory).map(|of| of.detail)
        };
        let said = told("retired", "frozen").unwrap();
        for part in ["shuts the role fleet-apply", GITHUB, "deletes the password policy"] {
            assert!(said.contains(part), "{said}");
        }
        assert!(!said.contains("https://b"), "{said}");
        for (wished, phase) in [("retired", "retired"), ("frozen", "active"), ("active", "frozen")]
        {
            assert_eq!(told(wished, phase), None, "{wished} {phase}");
        }
    }
}
