//! An account that goes to another baseline: what comes in and what goes, named in the plan, and how many accounts of a run may.

use fleet_model::account::{Contract, ControlMode};
use fleet_vending::aws::controls;
use tfplugin::diagnostic::Diagnostic;
use tfplugin::{Attr, Change, Plan};

use super::model::Model;
use super::{Desk, contract, facts, report};
use crate::diagnostic::{error, warning};

impl Desk {
    /// What the plan of a change says where the account goes to another baseline.
    pub(super) fn plan_baseline(&self, plan: &Plan<'_, Model>) -> Vec<Diagnostic> {
        let (Change::Update, Some(prior)) = (plan.change, plan.prior) else { return Vec::new() };
        let Ok(Some(desired)) = plan.planned() else { return Vec::new() };
        if facts::ended(prior).is_some() {
            return Vec::new();
        }
        let (Some(from), Some(to)) = (contract::contract(prior), contract::contract(&desired))
        else {
            return Vec::new();
        };
        // What its vendor makes of a baseline only that vendor knows.
        if to.vendor.is_some() {
            return Vec::new();
        }
        let Some(at) = argument(&from, &to) else { return Vec::new() };
        let subject = report::subject(prior);
        let mut told: Vec<Diagnostic> = moved(&subject, at, &from, &to).into_iter().collect();
        let number = self.runtime.changes_baseline(to.key.as_str());
        told.extend(beyond(&subject, at, number, &self.runtime.baseline_change_limit()));
        told
    }
}

/// The argument by which the baseline of an account becomes another one; none, where it stays as it is.
fn argument(from: &Contract, to: &Contract) -> Option<&'static str> {
    if from.baseline_policy != to.baseline_policy {
        Some("baseline_policy")
    } else if from.baseline_version != to.baseline_version {
        Some("baseline_version")
    } else if modes(from) != modes(to) {
        Some("controls")
    } else {
        None
    }
}

/// Who keeps each control that the account asks for.
fn modes(of: &Contract) -> Vec<(&'static str, ControlMode)> {
    let all = controls::names().map(|name| (name, controls::mode(of, name)));
    all.filter(|(_, mode)| *mode != ControlMode::Ignore).collect()
}

/// What comes in, and what goes. A change of `controls` alone says it itself.
fn moved(subject: &str, at: &'static str, from: &Contract, to: &Contract) -> Option<Diagnostic> {
    if at == "controls" {
        return None;
    }
    let (before, after) = (modes(from), modes(to));
    let listed = |rows: &[(&str, ControlMode)], without: &[(&str, ControlMode)]| {
        let is_new = |name: &str| !without.iter().any(|(of, _)| *of == name);
        let new = rows.iter().filter(|(name, _)| is_new(name));
        new.map(|(name, mode)| format!("`{name}` ({mode})")).collect::<Vec<_>>().join(", ")
    };
    let (comes, goes) = (listed(&after, &before), listed(&before, &after));
    let changes = match (comes.is_empty(), goes.is_empty()) {
        (true, true) => {
            "The controls are the same, and some of them ask for other values".to_owned()
        }
        (true, false) => format!("Is asked for no more: {goes}"),
        (false, true) => format!("Comes in: {comes}"),
        (false, false) => format!("Comes in: {comes}. Is asked for no more: {goes}"),
    };
    let name = |of: &Contract| {
        format!("`{}`, version {}", of.baseline_policy, of.baseline_version.number())
    };
    Some(
        warning("FLEET0252", format!("{subject}: another baseline"))
            .at(at)
            .what(format!(
                "The account goes from {} to {}. {changes}.",
                name(from),
                name(to)
            ))
            .why("An account is ready when all checks of its baseline pass. What is `own` the apply sets or makes; what is `verify` somebody else has to have done before, or the account and its clusters are closed until then.")
            .todo("Apply, if that is meant. To look first, set what comes in to `verify` in `controls`, in an account that nobody waits for; or take it account by account.")
            .build(),
    )
}

/// The refusal of the account that is one too many. `number`: how many of the run go to another baseline, with this one.
fn beyond(
    subject: &str,
    at: &'static str,
    number: usize,
    limit: &Attr<usize>,
) -> Option<Diagnostic> {
    let limit = *limit.known().filter(|limit| number > **limit)?;
    Some(
        error("FLEET0253", "Too many accounts change their baseline")
            .at(at)
            .what(format!("{subject} is account number {number} of this run that goes to another baseline, and `baseline_change_limit` of the provider block is {limit}."))
            .why("A change of a baseline changes settings in each account, and closes those where a check does not pass. The limit keeps a change for all of them from being made at once.")
            .todo("Change a few accounts at a time: give those the new `baseline_policy`, `baseline_version` or `controls` first, apply, and go on. Or raise the limit for this run.")
            .build(),
    )
}

#[cfg(test)]
mod tests {
    use fleet_model::account::{BaselinePolicy, BaselineVersion};

    use super::super::tests::planned;
    use super::*;

    fn contract() -> Contract {
        contract::contract(&planned()).unwrap()
    }

    /// What it goes by is said at the argument that changes, with the checks by name.
    #[test]
    fn what_comes_in_and_what_goes_is_named() {
        let from = contract();
        assert_eq!(argument(&from, &from), None);
        let second = Contract { baseline_version: BaselineVersion::V2, ..from.clone() };
        let sandbox = Contract { baseline_policy: BaselinePolicy::Sandbox, ..second.clone() };
        for (from, to, at, says) in [
            (
                &from,
                &second,
                "baseline_version",
                [
                    "Comes in: `ami-public-access` (own), `ebs-encryption` (own), `imds-defaults` (own), `root-user` (verify), `s3-public-access-block` (own), `snapshot-public-access` (own).",
                    "from `prod-restricted`, version 1 to `prod-restricted`, version 2",
                ],
            ),
            (
                &second,
                &from,
                "baseline_version",
                ["version 1. Is asked for", "no more: `ami-public-access` (own)"],
            ),
            (
                &from,
                &Contract { baseline_policy: BaselinePolicy::Sandbox, ..from.clone() },
                "baseline_policy",
                [
                    "to `sandbox`, version 1.",
                    "The controls are the same, and some of them ask for other",
                ],
            ),
            (
                &second,
                &sandbox,
                "baseline_policy",
                [
                    "version 2. Is asked for",
                    "no more: `ebs-encryption` (own), `imds-defaults` (own), `root-user` (verify).",
                ],
            ),
        ] {
            assert_eq!(argument(from, to), Some(at));
            let told = moved("Account a", at, from, to).unwrap();
            assert_eq!(told.path, Some(at.into()));
            assert!(told.summary.chars().count() <= 60 && told.detail.ends_with("FLEET0252"));
            for part in says {
                assert!(told.detail.contains(part), "{part}: {}", told.detail);
            }
        }
        // What is named and ignored anyway changes nothing; a control that is named says what it is itself.
        let with = |mode| {
            let controls = [("root-user".to_owned(), mode)].into();
            Contract { controls, ..contract() }
        };
        let bare = Contract { controls: Default::default(), ..contract() };
        assert_eq!(argument(&bare, &with(ControlMode::Ignore)), None);
        assert_eq!(argument(&bare, &with(ControlMode::Verify)), Some("controls"));
        assert!(moved("Account a", "controls", &bare, &with(ControlMode::Verify)).is_none());
    }

    #[test]
    fn a_limit_holds_from_the_first_that_is_too_many() {
        for (number, limit, refused) in [
            (1, Attr::Null, false),
            (1, Attr::Unknown, false),
            (1, Attr::Known(0), true),
            (2, Attr::Known(2), false),
            (3, Attr::Known(2), true),
        ] {
            let told = beyond("Account a", "baseline_version", number, &limit);
            assert_eq!(told.is_some(), refused, "{number} of {limit:?}");
            assert!(told.is_none_or(|told| told.detail.ends_with("FLEET0253")));
        }
    }
}
