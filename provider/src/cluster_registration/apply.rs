//! What an apply does: write the file, look at the gate; or delete the file of a retired cluster.

use fleet_model::lifecycle::LifecyclePhase;
use fleet_model::name::Key;
use tfplugin::Attr;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};

use super::model::Model;
use super::plan;
use crate::diagnostic::{error, warning};
use crate::inventory::{Admission, Error, Removal, Store};

/// Writes the registration's file and returns its state. `first` is true in create.
pub(super) fn assert(
    planned: Model,
    store: &Store,
    managed_by: &str,
    first: bool,
    diagnostics: &mut Diagnostics,
) -> Result<Model, Diagnostic> {
    let (name, document) = plan::document(&planned, managed_by)?;
    if first && store.asserted_cluster(&name) {
        return Err(duplicate(&name));
    }
    let told = |trouble: Error| trouble.report().at("name").build();
    let sha256 = store.put_cluster(&document).map_err(told)?;
    let record = document.cluster.to_canonical_json().ok();
    let phase = document.cluster.lifecycle_state.as_str();
    let admission = match store.admission(&document.cluster.account) {
        Ok(admission) => admission,
        // The file is written: a create that failed now would be tainted.
        Err(trouble) => Admission {
            admitted: false,
            open_checks: vec![trouble.to_string()],
            account_id: None,
            managed_by: None,
        },
    };
    if !admission.admitted && phase != LifecyclePhase::Retired.as_str() {
        diagnostics.push(not_admitted(&name, &document.cluster.account, &admission));
    }
    Ok(Model {
        id: Attr::Known(name.into()),
        record: record.into(),
        lifecycle_phase: Attr::Known(phase.to_owned()),
        inventory_sha256: Attr::Known(sha256),
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
pub(super) fn refresh(state: Model, store: &Store) -> Result<Model, Diagnostic> {
    let told = |trouble: Error| trouble.report().build();
    let key = |value: &Attr<String>| value.known().and_then(|text| Key::new(text.as_str()).ok());
    let sha256 = match key(&state.name) {
        Some(name) => store.cluster(&name).map_err(told)?.map(|found| found.sha256),
        None => None,
    };
    let (admitted, account_id) = match key(&state.account) {
        Some(account) => {
            let admission = store.admission(&account).map_err(told)?;
            (admission.admitted, admission.account_id)
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

fn duplicate(name: &Key) -> Diagnostic {
    error("FLEET0314", format!("Two registrations are named {name}"))
        .at("name")
        .what(format!("Another `fleet_cluster_registration` of this configuration has just written the file of `{name}`."))
        .why("Both would write the same file in turn, with every apply.")
        .todo("Give one of the clusters another name, or remove one of the blocks.")
        .build()
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
