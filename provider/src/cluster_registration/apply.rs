//! What an apply does: write the file, look at the gate; or delete the file of a retired cluster.

use std::collections::BTreeSet;

use fleet_model::fit::{misfits, outsider};
use fleet_model::lifecycle::{LifecyclePhase, LifecycleState};
use fleet_model::name::Key;
use tfplugin::Attr;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};

use super::memory::Memory;
use super::model::Model;
use super::{contract, facts, plan};
use crate::diagnostic::warning;
use crate::inventory::{Admission, Error, ErrorReport as _, Found, Medium, Removal, Seen, Store};

/// How a registration's file is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Writing<'a> {
    /// The inventory.
    pub(super) store: &'a Store,
    /// The one mutation owner.
    pub(super) managed_by: &'a str,
    /// Whether the registration is new.
    pub(super) first: bool,
    /// The fingerprints of accounts' files that may be older than what was seen.
    pub(super) acknowledged: &'a BTreeSet<String>,
}

/// Writes the registration's file and returns its state.
pub(super) fn assert(
    planned: Model,
    writing: Writing<'_>,
    memory: &mut Memory,
    diagnostics: &mut Diagnostics,
) -> Result<Model, Diagnostic> {
    let Writing { store, managed_by, first, acknowledged } = writing;
    let (name, document) = plan::document(&planned, managed_by)?;
    if first && store.asserted_cluster(&name) {
        let what = format!(
            "Another `fleet_cluster_registration` of this configuration has just written the file of `{name}`."
        );
        return Err(plan::twice(name.as_str(), what));
    }
    let account = &document.cluster.account;
    if let Ok(Some(older)) = store.older_account(account, &memory.account) {
        if plan::is_acknowledged(&older, acknowledged) {
            memory.account = Seen::default();
        } else if document.cluster.lifecycle_state != LifecycleState::Retired {
            return Err(plan::older_account(&name, &older, Medium::of(store.path())));
        }
    }
    match store.account(account) {
        Ok(Some(Found { document: account, .. }))
            if document.cluster.lifecycle_state != LifecycleState::Retired =>
        {
            let misfits = misfits(&document.cluster, &account.contract);
            if let Some(misfit) = misfits.first() {
                return Err(contract::misfitting(&document.cluster, misfit));
            }
            let registrars = account.registrars.as_ref();
            if let Some(outsider) = outsider(managed_by, &account.managed_by, registrars) {
                return Err(contract::of_outsider(
                    &document.cluster,
                    &account.managed_by,
                    &outsider,
                ));
            }
        }
        _ => {}
    }
    let told = |trouble: Error| trouble.report().at("name").build();
    let written = store.put_cluster(&document, &memory.file).map_err(told)?;
    memory.file = written.clone();
    let record = document.placed().to_canonical_json().ok();
    let phase = document.cluster.lifecycle_state.as_str();
    let admission = match store.admission(&document.cluster, Some(managed_by)) {
        Ok(admission) => admission,
        // The file is written: a create that failed now would be tainted.
        Err(trouble) => {
            Admission { admitted: false, open_checks: vec![trouble.told()], ..Admission::default() }
        }
    };
    memory.saw(&admission);
    if !admission.admitted && phase != LifecyclePhase::Retired.as_str() {
        diagnostics.push(not_admitted(&name, &document.cluster.account, &admission));
    }
    Ok(Model {
        id: Attr::Known(name.into()),
        record: settle(&planned.record, record.into()),
        lifecycle_phase: Attr::Known(phase.to_owned()),
        inventory_sha256: settle(&planned.inventory_sha256, written.sha256.into()),
        // What the plan promised stays; the next refresh looks again.
        admitted: settle(&planned.admitted, Attr::Known(admission.admitted)),
        account_id: settle(&planned.account_id, admission.account_id.into()),
        ..planned
    })
}

fn settle<T: Clone>(planned: &Attr<T>, found: Attr<T>) -> Attr<T> {
    if planned.is_unknown() { found } else { planned.clone() }
}

/// Reads what the store says about a registration: the digest of its file, and the gate.
pub(super) fn refresh(
    state: Model,
    store: &Store,
    managed_by: Option<&str>,
    memory: &mut Memory,
) -> Result<Model, Diagnostic> {
    let told = |trouble: Error| trouble.report().build();
    let key = |value: &Attr<String>| value.known().and_then(|text| Key::new(text.as_str()).ok());
    let sha256 = match key(&state.name) {
        Some(name) => {
            let found = store.cluster_since(&name, &memory.file).map_err(told)?;
            if let Some(found) = &found {
                let seen = memory.file.clone();
                memory.file = seen.or(found.document.serial, &found.sha256, found.is_as_written);
            }
            found.map(|found| found.sha256)
        }
        None => None,
    };
    let (admitted, account_id) = match facts::record(&state).ok() {
        Some(record) => {
            let account = &record.account;
            let admission = store.admission(&record, managed_by).map_err(told)?;
            if store.older_account(account, &memory.account).map_err(told)?.is_some() {
                // The plan says so, if it matters to it: a refresh knows of no acknowledgement.
                (state.admitted.known() == Some(&true), None)
            } else {
                memory.saw(&admission);
                (admission.admitted, admission.account_id)
            }
        }
        None => (false, None),
    };
    Ok(Model {
        inventory_sha256: sha256.into(),
        admitted: Attr::Known(admitted),
        // An account that is gone from the inventory keeps the id that it had.
        account_id: account_id.map_or(state.account_id, Attr::Known),
        ..state
    })
}

/// Deletes the file of a retired registration.
pub(super) fn remove(
    prior: &Model,
    store: &Store,
    managed_by: &str,
    diagnostics: &mut Diagnostics,
) -> Result<(), Diagnostic> {
    if let Some(refusal) = plan::refuse_destroy(prior) {
        return Err(refusal);
    }
    let Some(name) = prior.name.known().and_then(|name| Key::new(name.as_str()).ok()) else {
        return Ok(());
    };
    let why = match store.delete_cluster(&name, managed_by).map_err(|e| e.report().build())? {
        Removal::Removed | Removal::Missing => return Ok(()),
        Removal::AssertedInThisRun => "this apply wrote it for another object".to_owned(),
        Removal::OtherManager(other) => format!("it is managed by `{other}`"),
    };
    diagnostics.push(
        warning("FLEET0312", format!("The file of {name} was left in place"))
            .what(format!("The registration of `{name}` is destroyed, and its inventory file stays: {why}."))
            .why("A file is deleted only by the configuration that manages it, and only if nothing else asserts it.")
            .todo("If nobody needs the file, delete it from the inventory.")
            .build(),
    );
    Ok(())
}

fn not_admitted(name: &Key, account: &Key, admission: &Admission) -> Diagnostic {
    let open = admission.open_checks.join(", ");
    warning("FLEET0310", format!("Cluster {name} is not admitted: {open}"))
        .at("account")
        .what(format!("The registration of `{name}` is written, and the account `{account}` is not ready; open: {open}."))
        .why("A cluster takes new targets only on an account that is ready; what already runs there stays.")
        .todo("Mend what is open and apply again: the plan shows an update in place until the cluster is admitted. A taint with the effect NoSelectIfNew lets the rest of the fleet be placed meanwhile.")
        .build()
}
