//! The clusters that are registered in an account, against what the account is planned to be: told where it is changed,
//! since the plan of a registration looks at its own cluster alone, and may stand in another state.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::account::Contract;
use fleet_model::cluster::Record;
use fleet_model::fit::{Fact, Misfit, misfits, outsider};
use fleet_model::lifecycle::LifecycleState;
use fleet_model::name::Key;
use tfplugin::Attr;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};

use super::Desk;
use super::model::Model;
use crate::diagnostic::warning;
use crate::inventory::Store;

/// What an account asks of the clusters in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms<'a> {
    pub(super) contract: &'a Contract,
    /// Who may register clusters; `None`: the configuration that manages the account.
    pub(super) registrars: Option<&'a BTreeSet<String>>,
}

/// The clusters of a change, by who registers them.
#[derive(Debug, Default)]
struct Lines {
    ours: Vec<String>,
    theirs: Vec<String>,
}

// === impl Terms ===

impl Terms<'_> {
    /// Whether both ask the same of every cluster.
    fn asks_the_same(&self, other: &Self) -> bool {
        let (one, two) = (self.contract, other.contract);
        one.environment == two.environment
            && one.data_classification == two.data_classification
            && one.region_set == two.region_set
            && self.registrars == other.registrars
    }
}

// === impl Lines ===

impl Lines {
    fn push(&mut self, is_ours: bool, line: String) {
        if is_ours { self.ours.push(line) } else { self.theirs.push(line) }
    }

    fn is_empty(&self) -> bool {
        self.ours.is_empty() && self.theirs.is_empty()
    }

    fn listed(&self) -> String {
        let part = |by: &str, lines: &[String]| {
            (!lines.is_empty()).then(|| format!("Registered by {by}: {}.", lines.join("; ")))
        };
        let parts = [
            part("other configurations", &self.theirs),
            part("this configuration, unless this plan changes them along", &self.ours),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

impl Desk {
    /// What the plan of an account says of the clusters in it. Nothing while the provider block or `registrars` are not
    /// known.
    pub(super) fn plan_fit(
        &self,
        contract: &Contract,
        registrars: &Attr<BTreeSet<String>>,
        prior: Option<&Model>,
    ) -> Diagnostics {
        let runtime = &self.runtime;
        let (Ok(Some(store)), Some(us)) =
            (runtime.inventory_if_known(), runtime.managed_by_if_known())
        else {
            return Diagnostics::new();
        };
        if registrars.is_unknown() {
            return Diagnostics::new();
        }
        let before = prior.and_then(|prior| Some((super::contract::contract(prior)?, prior)));
        let Some((before, prior)) = &before else { return Diagnostics::new() };
        let old = Terms { contract: before, registrars: prior.registrars.known() };
        let new = Terms { contract, registrars: registrars.known() };
        // Reading every cluster is for the plans that need it.
        if old.asks_the_same(&new) {
            return Diagnostics::new();
        }
        told(&us, new, old, &store, &runtime.planned_registrations())
    }
}

/// The clusters that fit the account as it was, `old`, and do not fit what it is planned to be. `planned` are the
/// registrations that this run has planned by now: they count as they will be. An inventory that cannot be read is told elsewhere.
pub(super) fn told(
    us: &str,
    new: Terms<'_>,
    old: Terms<'_>,
    store: &Store,
    planned: &BTreeMap<Key, Record>,
) -> Diagnostics {
    let key = &new.contract.key;
    let Ok(filed) = store.clusters() else { return Diagnostics::new() };
    let filed = filed
        .into_iter()
        .map(|(name, found)| (name, (found.document.managed_by, found.document.cluster)));
    let mut clusters: BTreeMap<Key, (String, Record)> = filed.collect();
    clusters.extend(planned.iter().map(|(name, of)| (name.clone(), (us.to_owned(), of.clone()))));

    let (mut unfit, mut unregistered) = (Lines::default(), Lines::default());
    let mut facts = BTreeSet::new();
    for (name, (manager, record)) in &clusters {
        // What the run has planned by now is refused there, as an error.
        if planned.contains_key(name)
            || record.account != *key
            || record.lifecycle_state == LifecycleState::Retired
        {
            continue;
        }
        let before: BTreeSet<Fact> =
            misfits(record, old.contract).iter().map(|of| of.fact).collect();
        let now = misfits(record, new.contract);
        let now: Vec<&Misfit> = now.iter().filter(|of| !before.contains(&of.fact)).collect();
        facts.extend(now.iter().map(|of| of.fact));
        if !now.is_empty() {
            let why: Vec<String> = now.iter().map(ToString::to_string).collect();
            let line = format!("`{name}` of {manager:?} ({})", why.join(", "));
            unfit.push(manager == us, line);
        }
        let may = |terms: Terms<'_>| outsider(manager, us, terms.registrars).is_none();
        if may(old) && !may(new) {
            unregistered.push(manager == us, format!("`{name}` of {manager:?}"));
        }
    }
    let unfit = (!unfit.is_empty()).then(|| of_contract(key, &unfit, facts.first()));
    let unregistered = (!unregistered.is_empty()).then(|| of_registrars(key, &unregistered));
    unfit.into_iter().chain(unregistered).collect()
}

fn of_contract(key: &Key, lines: &Lines, fact: Option<&Fact>) -> Diagnostic {
    let at = match fact {
        Some(Fact::Region) => "region_set",
        Some(fact) => fact.field(),
        None => "key",
    };
    warning("FLEET0320", format!("Account {key}: clusters do not fit it any more"))
        .at(at)
        .what(format!("With this plan, clusters that are registered in the account `{key}` are not what it is made for. {}", lines.listed()))
        .why("A cluster that does not fit its account takes no new workloads, and each plan of the configuration that registers it fails until one of the two is changed. What runs on it stays.")
        .todo("Change or retire the clusters first, or leave the account as it was. A cluster that this plan changes along is judged by its own plan; `-target` may leave that out.")
        .build()
}

fn of_registrars(key: &Key, lines: &Lines) -> Diagnostic {
    warning("FLEET0322", format!("Account {key}: clusters lose their registrar"))
        .at("registrars")
        .what(format!("With this plan, clusters stay in the account `{key}` whose configuration may not register clusters in it any more. {}", lines.listed()))
        .why("Such a cluster takes no new workloads, and each plan of the configuration that registers it fails until the cluster is retired. What runs on it stays.")
        .todo("Have the clusters retired first, or keep the configuration in `registrars`.")
        .build()
}

#[cfg(test)]
mod tests;
