//! A cluster against its account, as its contract and its registrars are: told by whichever of the two is planned second.

use std::collections::BTreeSet;

use fleet_model::cluster::Record;
use fleet_model::fit::{Fact, Misfit, Outsider, misfits, outsider};
use fleet_model::inventory::AccountDocument;
use fleet_model::lifecycle::LifecycleState;
use tfplugin::Attr;
use tfplugin::diagnostic::{Diagnostic, Diagnostics, Path};

use super::view::View;
use crate::diagnostic::error;
use crate::runtime::{PlannedAccount, Runtime};

/// Refuses a cluster that its account was not made for, or that is none of its registrars'. The account that this run
/// plans decides before the file of the one that is. A cluster that is retired takes nothing, and may go.
pub(super) fn refused(record: &Record, view: View<'_>) -> Diagnostics {
    if record.lifecycle_state == LifecycleState::Retired || !view.tells_misfits {
        return Diagnostics::new();
    }
    let found = match view.account {
        Some(account) => found(account, record, view.managed_by),
        None => match filed(record, view) {
            Some(account) => {
                let outsider = view.managed_by.and_then(|us| {
                    let found = outsider(us, &account.managed_by, account.registrars.as_ref())?;
                    Some((account.managed_by.clone(), found))
                });
                (misfits(record, &account.contract), outsider)
            }
            None => return Diagnostics::new(),
        },
    };
    let (misfits, outsider) = found;
    let misfits = misfits.iter().map(|misfit| misfitting(record, misfit));
    misfits.chain(outsider.map(|(owner, of)| of_outsider(record, &owner, &of))).collect()
}

/// Refuses, in the plan of an account, the clusters that this run has planned in it before: an account that is named by a
/// literal key has no order with them. Of a cluster that is planned after it, its own plan tells.
pub(crate) fn refused_in(account: &PlannedAccount, runtime: &Runtime) -> Diagnostics {
    let us = runtime.managed_by_if_known();
    let mut told = Diagnostics::new();
    for cluster in runtime.planned_registrations().values() {
        let retired = cluster.lifecycle_state == LifecycleState::Retired;
        if cluster.account == account.contract.key && !retired {
            let (misfits, outsider) = found(account, cluster, us.as_deref());
            let fits = misfits.is_empty() && outsider.is_none();
            // One that spoke against its account's file, before this account was planned, has told it.
            if fits || !runtime.tells_misfit(&cluster.name) {
                continue;
            }
            for misfit in &misfits {
                let mut refusal = misfitting(cluster, misfit);
                refusal.path = of_account(misfit.fact).map(Path::attribute);
                told.push(refusal);
            }
            told.extend(outsider.map(|(us, of)| {
                let mut refusal = of_outsider(cluster, &us, &of);
                refusal.path = Some(Path::attribute("registrars"));
                refusal
            }));
        }
    }
    told
}

/// The argument of an account that a fact of its clusters is held against.
fn of_account(fact: Fact) -> Option<&'static str> {
    match fact {
        Fact::Region => Some("region_set"),
        Fact::Environment | Fact::DataClassification => Some(fact.field()),
        Fact::Cloud => None,
    }
}

/// What speaks against a cluster in an account that this run plans, which `us` manages.
fn found(
    account: &PlannedAccount,
    cluster: &Record,
    us: Option<&str>,
) -> (Vec<Misfit>, Option<(String, Outsider)>) {
    let outsider = us.and_then(|us| match &account.registrars {
        // The apply looks at the file that the account writes.
        Attr::Unknown => None,
        registrars => Some((us.to_owned(), outsider(us, us, registrars.known())?)),
    });
    (misfits(cluster, &account.contract), outsider)
}

/// The file of the cluster's account. One that cannot be read is told elsewhere.
fn filed(record: &Record, view: View<'_>) -> Option<AccountDocument> {
    Some(view.store?.account(&record.account).ok()??.document)
}

/// That the account, which `owner` manages, takes no clusters of this configuration.
pub(super) fn of_outsider(record: &Record, owner: &str, outsider: &Outsider) -> Diagnostic {
    let (name, account, us) = (&record.name, &record.account, &outsider.manager);
    let mut registrars = outsider.registrars.clone();
    registrars.insert(us.clone());
    let todo = if owner == us {
        format!(
            "Add {us:?} to `registrars` of the account, or leave `registrars` out if nobody else registers clusters there."
        )
    } else {
        format!(
            "Name an account that this configuration manages, or have `registrars = {}` set on the account where {owner:?} is applied.",
            list(&registrars)
        )
    };
    error("FLEET0322", format!("Cluster {name} may not be registered"))
        .at("account")
        .what(format!("The cluster `{name}` would be registered in the account `{account}` by {us:?}. The account is managed by {owner:?}, and these configurations may register clusters in it: {}.", outsider.listed()))
        .why("Workloads are placed on the clusters of an account. Who manages the account decides who may offer clusters in it; otherwise any configuration that can write into the inventory could draw workloads there.")
        .todo(format!("{todo} A cluster that is there already and has to go takes `lifecycle_state = \"retired\"`."))
        .build()
}

fn list(names: &BTreeSet<String>) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
    format!("[{}]", names.join(", "))
}

/// That a fact of a cluster is not in the contract of its account.
pub(super) fn misfitting(record: &Record, misfit: &Misfit) -> Diagnostic {
    let (name, account) = (&record.name, &record.account);
    let Misfit { fact, asked, agreed } = misfit;
    let field = fact.field();
    let (what, todo) = match fact {
        Fact::Region => (
            format!("`{account}` is used in {agreed}"),
            "Add the region to the account's `region_set`, or name another account or region. A cluster that is there already and has to go takes `lifecycle_state = \"retired\"`.".to_owned(),
        ),
        Fact::Cloud => (
            format!("`{account}` is an account of `{agreed}`"),
            "Set `cloud` to that of the account, or name another account.".to_owned(),
        ),
        Fact::Environment | Fact::DataClassification => (
            format!("the `{field}` of `{account}` is `{agreed}`"),
            format!(
                "Name an account whose `{field}` is `{asked}`, or change one of the two. A cluster that is there already and has to go takes `lifecycle_state = \"retired\"`."
            ),
        ),
    };
    error("FLEET0320", format!("Cluster {name} does not fit its account"))
        .at(field)
        .what(format!("The `{field}` of the cluster `{name}` is `{asked}`, and {what}."))
        .why("Controls, network and readiness of an account are made for what its contract says. A cluster that says something else would be given workloads that the account was not made for.")
        .todo(todo)
        .build()
}
