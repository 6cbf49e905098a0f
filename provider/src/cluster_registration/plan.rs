//! What a plan says about the computed attributes, and what it refuses.

use std::collections::BTreeSet;

use fleet_model::cluster::Record;
use fleet_model::fit::outsider;
use fleet_model::inventory::ClusterDocument;
use fleet_model::lifecycle::{LifecyclePhase, LifecycleState};
use fleet_model::name::Key;
use tfplugin::Attr;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};

use super::facts::{self, NoRecord};
use super::memory::Memory;
use super::model::Model;
use super::view::View;
use super::{check, contract};
use crate::diagnostic::{Report, error, warning};
use crate::inventory::{ErrorReport as _, LostReport as _, Medium, Older, Store, report};

/// The planned values of the computed attributes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Computed {
    pub(super) id: String,
    pub(super) record: String,
    pub(super) lifecycle_phase: String,
    pub(super) inventory_sha256: Attr<String>,
    pub(super) admitted: Attr<bool>,
    pub(super) account_id: Attr<String>,
}

/// Plans a create (`prior` is `None`) or an update. `known_names` are the clusters whose states
/// this process has loaded. `None` only together with an error.
pub(super) fn plan(
    desired: &Model,
    prior: Option<&Model>,
    known_names: &BTreeSet<String>,
    view: View<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Computed> {
    check::check(desired, diagnostics);
    if diagnostics.has_errors() {
        return None;
    }
    let record = match facts::record(desired) {
        Ok(record) => record,
        Err(NoRecord::Unknown(fields)) => {
            diagnostics.extend(fields.into_iter().map(unknown_fact));
            return None;
        }
        Err(NoRecord::Invalid(field)) => {
            diagnostics.push(not_a_record(field));
            return None;
        }
    };
    match prior {
        None => refuse_create(&record, known_names, view, diagnostics),
        Some(prior) => refuse_rename(&record, prior, diagnostics),
    }
    if let (Some(store), Some(managed_by)) = (view.store, view.managed_by) {
        match store.held_cluster(&record.name, managed_by) {
            Ok(Some(found)) if prior.is_none() && !known_names.contains(record.name.as_str()) => {
                diagnostics.push(takes_up(&record, managed_by, &found.document.cluster));
            }
            Ok(_) => {}
            Err(trouble) => diagnostics.push(trouble.report().at("name").build()),
        }
    }
    diagnostics.extend(contract::refused(&record, view));
    if let Some(store) = view.store {
        let memory = view.memory;
        if let Err(trouble) = store.cluster_since(&record.name, &memory.file)
            && !diagnostics.has_errors()
        {
            diagnostics.push(trouble.report().at("name").build());
        }
        diagnostics.extend(edited(store, &record.name, memory));
        if let Ok(Some(lost)) = store.lost_cluster(&record.name, &memory.file)
            && lost.is_missing()
            && !diagnostics.has_errors()
        {
            diagnostics.extend(lost.written_anew(store, view.managed_by).map(Report::build));
        }
    }
    if prior.is_none_or(|prior| prior.account != desired.account) {
        diagnostics.extend(nobodys_account(&record, view));
    }
    let began_anew = match older(&record, view) {
        Ok(began_anew) => began_anew,
        Err(refusal) => {
            if !diagnostics.has_errors() {
                diagnostics.push(refusal);
            }
            false
        }
    };
    if diagnostics.has_errors() {
        return None;
    }
    let computed = computed(desired, &record, prior, view, diagnostics)?;
    // There has to be an update that keeps what was seen now.
    let admitted = if began_anew { Attr::Unknown } else { computed.admitted };
    Some(Computed { admitted, ..computed })
}

/// That neither the inventory nor this plan has the account, as far as that has come.
fn nobodys_account(record: &Record, view: View<'_>) -> Option<Diagnostic> {
    let (store, account, name) = (view.store?, &record.account, &record.name);
    if view.account.is_some() || record.lifecycle_state == LifecycleState::Retired {
        return None;
    }
    let accounts = store.accounts().ok()?;
    if accounts.contains_key(account) {
        return None;
    }
    let near = fleet_placement::alike(account.as_str(), accounts.keys().map(Key::as_str));
    let near: Vec<String> = near.iter().map(|key| format!("`{key}`")).collect();
    let known = match near.as_slice() {
        [] => "The inventory has no account yet.".to_owned(),
        near => format!("It has these, the most alike first: {}.", near.join(", ")),
    };
    Some(
        warning("FLEET0324", format!("Cluster {name}: no account {account} is known"))
            .at("account")
            .what(format!("The cluster `{name}` is to be in the account `{account}`, and the inventory has no `accounts/{account}.yaml`. {known}"))
            .why("A cluster is admitted when the file of its account says that the account is ready. Without the file it takes no workloads, and each plan shows an update in place that waits for it.")
            .todo("Correct the key. If this configuration creates the account, refer to it, `account = fleet_account.NAME.key`, so that it is planned first. If another one does, apply that first.")
            .build(),
    )
}

/// Whether the account's file is older than what was seen, and acknowledged.
///
/// # Errors
/// It is older, and nobody acknowledged it. A retired cluster takes nothing, whatever its account's file says.
fn older(record: &Record, view: View<'_>) -> Result<bool, Diagnostic> {
    let Some(store) = view.store else { return Ok(false) };
    match store.older_account(&record.account, &view.memory.account) {
        Ok(Some(older)) if is_acknowledged(&older, view.acknowledged) => Ok(true),
        Ok(Some(older)) if record.lifecycle_state != LifecycleState::Retired => {
            Err(older_account(&record.name, &older, Medium::of(store.path())))
        }
        Ok(_) => Ok(false),
        Err(trouble) => Err(trouble.report().at("account").build()),
    }
}

/// That the file of the cluster says a serial that no write gave it.
fn edited(store: &Store, name: &Key, memory: &Memory) -> Option<Diagnostic> {
    let found = store.cluster(name).ok()??;
    let serial = found.document.serial;
    (!found.is_as_written && memory.file.serial > 0 && serial != memory.file.serial).then(|| {
        let (object, file) = (format!("Cluster {name}"), format!("clusters/{name}.yaml"));
        report::edited(&object, &file, serial, Medium::of(store.path())).at("name").build()
    })
}

/// Whether the configuration says that this file may be older.
pub(super) fn is_acknowledged(older: &Older, acknowledged: &BTreeSet<String>) -> bool {
    acknowledged.contains(&fingerprint(older))
}

/// The same for all clusters of the account that have seen the same.
fn fingerprint(older: &Older) -> String {
    Older::fingerprint("registrations", &BTreeSet::from([older.clone()]))
}

/// That the account's file is older than what the registration has seen.
pub(super) fn older_account(name: &Key, older: &Older, medium: Medium) -> Diagnostic {
    let (account, fingerprint) = (&older.key, fingerprint(older));
    error("FLEET0318", "The inventory is older than what was seen")
        .at("account")
        .what(format!("In the inventory, {older} by the registration of the cluster `{name}`."))
        .why(format!("Each write of an inventory file raises its serial, and the state keeps the last one. This {} lacks a later write, so what it says may be over: an account that is frozen by now still reads as ready.", medium.noun()))
        .todo(format!("{} If the account `{account}` was let go and came back under its key, or its file and its state were lost, its serials began anew: then add \"{fingerprint}\" to `acknowledge` in the `inventory` block of the provider for one apply. It fits exactly this file as it is.", medium.up_to_date()))
        .build()
}

fn computed(
    desired: &Model,
    record: &Record,
    prior: Option<&Model>,
    view: View<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Computed> {
    let inventory_sha256 = match sha256(desired, record, view) {
        Ok(sha256) => sha256,
        Err(diagnostic) => {
            diagnostics.push(diagnostic);
            return None;
        }
    };
    let same = |a: &Attr<String>, b: &Attr<String>| match (a.known(), b.known()) {
        (Some(a), Some(b)) => a == b,
        _ => false,
    };
    let unchanged = prior.is_some_and(|prior| same(&prior.inventory_sha256, &inventory_sha256));
    let Some(canonical) = canonical(desired, record, prior.filter(|_| unchanged), view) else {
        diagnostics.push(not_a_record("name"));
        return None;
    };
    let retired = record.lifecycle_state.as_str() == LifecyclePhase::Retired.as_str();
    let (admitted, account_id) = match prior {
        // Nothing to do, and nothing to wait for: a retired cluster takes no targets anyway.
        Some(prior) if unchanged && (retired || prior.admitted.known() == Some(&true)) => {
            (prior.admitted, prior.account_id.clone())
        }
        // The id of an account never changes, so what hangs on it need not wait for this update.
        Some(prior) if same(&prior.account, &desired.account) && !prior.account_id.is_null() => {
            (Attr::Unknown, prior.account_id.clone())
        }
        _ => (Attr::Unknown, Attr::Unknown),
    };
    Some(Computed {
        id: record.name.as_str().to_owned(),
        record: canonical,
        lifecycle_phase: record.lifecycle_state.as_str().to_owned(),
        inventory_sha256,
        admitted,
        account_id,
    })
}

/// The attribute `record`. `unchanged` is the state of a registration whose file stays as it is: a record that says nothing of its
/// particulars, as an earlier version wrote it, stays too, since the file says them.
fn canonical(
    desired: &Model,
    record: &Record,
    unchanged: Option<&Model>,
    view: View<'_>,
) -> Option<String> {
    let bare = record.to_canonical_json().ok()?;
    if unchanged.and_then(|prior| prior.record.known()) == Some(&bare) {
        return Some(bare);
    }
    facts::placed(record, desired, view.managed_by).to_canonical_json().ok()
}

/// The digest of the file that apply will write, when all of it is known.
fn sha256(desired: &Model, record: &Record, view: View<'_>) -> Result<Attr<String>, Diagnostic> {
    let (Some(about), Some(store), Some(managed_by)) =
        (facts::about(desired), view.store, view.managed_by)
    else {
        return Ok(Attr::Unknown);
    };
    let managed_by = managed_by.to_owned();
    let document = ClusterDocument { serial: 0, managed_by, cluster: record.clone(), about };
    match store.cluster_sha256(&document, &view.memory.file) {
        Ok(sha256) => Ok(Attr::Known(sha256)),
        Err(trouble) => Err(trouble.report().build()),
    }
}

fn refuse_create(
    record: &Record,
    known_names: &BTreeSet<String>,
    view: View<'_>,
    diagnostics: &mut Diagnostics,
) {
    if known_names.contains(record.name.as_str()) {
        diagnostics.push(
            error("FLEET0307", format!("Registration {} would be replaced", record.name))
                .at("name")
                .what(format!("The cluster `{}` is registered in this state already, and the plan would create it anew.", record.name))
                .why("Core destroys the existing registration in a replacement without asking at plan. The ways there: `-replace`, a tainted object, `replace_triggered_by`, a block that was renamed without `moved`, two blocks of one name.")
                .todo("Leave out `-replace` (a missing or changed file is written again anyway), `untaint` the object, add a `moved` block, or give one of the blocks another name.")
                .build(),
        );
    }
    let (Some(store), Some(us)) = (view.store, view.managed_by) else { return };
    let account = match store.account(&record.account) {
        Ok(found) => found.map(|found| found.document),
        Err(trouble) => return diagnostics.push(trouble.report().at("account").build()),
    };
    // One that takes none of our clusters is told as that.
    let theirs = account.filter(|account| {
        let outsider = outsider(us, &account.managed_by, account.registrars.as_ref());
        account.managed_by != us && outsider.is_none()
    });
    if let Some(account) = theirs.filter(|account| !account.is_ready()) {
        let (key, owner) = (&record.account, &account.managed_by);
        let open: Vec<_> = account.not_ready().iter().map(ToString::to_string).collect();
        diagnostics.push(
            error("FLEET0311", format!("Account {key} is not ready"))
                .at("account")
                .what(format!("The account `{key}` is managed by `{owner}` and is not ready; open: {}.", open.join(", ")))
                .why("No apply of this configuration can make it ready, so the new cluster would stay closed.")
                .todo(format!("Have it brought to ready where `{owner}` is applied, or name another account by its key."))
                .build(),
        );
    }
}

/// That a create goes on with the file that a cluster of this name has already.
fn takes_up(record: &Record, managed_by: &str, filed: &Record) -> Diagnostic {
    let name = &record.name;
    let facts = [
        ("account", record.account.as_str(), filed.account.as_str()),
        ("environment", &record.environment, &filed.environment),
        ("region", &record.region, &filed.region),
        ("cloud", &record.cloud, &filed.cloud),
        ("data_classification", &record.data_classification, &filed.data_classification),
        ("lifecycle_state", record.lifecycle_state.as_str(), filed.lifecycle_state.as_str()),
    ];
    let differs = facts.into_iter().filter(|(_, to, from)| to != from);
    let differs: Vec<String> =
        differs.map(|(fact, to, from)| format!("`{fact}` from {from:?} to {to:?}")).collect();
    let changes = match differs.as_slice() {
        [] => String::new(),
        differs => format!(" It changes {}.", differs.join(", ")),
    };
    warning("FLEET0157", format!("Cluster {name} takes up its file"))
        .at("name")
        .what(format!("`clusters/{name}.yaml` is there already, with `managed_by` = {managed_by:?}, and this state does not have the cluster. The apply writes over the file.{changes}"))
        .why("An apply that wrote it was interrupted before the state was saved; or the state was lost; or another state or workspace with the same `managed_by` has registered the cluster.")
        .todo("Apply, if this state is to manage the registration. If another state or workspace does, do not: give the cluster another name here, and each configuration a `managed_by` of its own.")
        .build()
}

fn refuse_rename(record: &Record, prior: &Model, diagnostics: &mut Diagnostics) {
    if let Some(name) = prior.name.known()
        && name != record.name.as_str()
    {
        diagnostics.push(
            error("FLEET0305", "The name of a cluster cannot change")
                .at("name")
                .what(format!("The plan would rename the cluster `{name}` to `{}`.", record.name))
                .why("Placements, GitOps artifacts and the inventory file know the cluster by its name: to them a rename is one cluster that vanished and one that appeared.")
                .todo("Register the new name in a block of its own, and retire the old one. For a change of the block's address only, use `moved` and keep `name`.")
                .build(),
        );
    }
}

/// Refuses the destruction of a registration that is not retired, at plan and in apply.
pub(super) fn refuse_destroy(prior: &Model) -> Option<Diagnostic> {
    let phase = prior.lifecycle_phase.known().map_or("unknown", String::as_str);
    if phase == LifecyclePhase::Retired.as_str() {
        return None;
    }
    let name = prior.name.known().map_or("?", String::as_str);
    Some(
        error("FLEET0306", format!("Registration {name} is not retired"))
            .at("lifecycle_state")
            .what(format!("The registration of `{name}` would be destroyed, and its lifecycle phase is `{phase}`."))
            .why("Destroying comes last: placements must have left the cluster before it vanishes from the inventory, and they leave a retired one under their own limits.")
            .todo("Set `lifecycle_state = \"retired\"` and apply; then remove the block, or destroy, in a second apply. To only forget it, use a `removed` block with `destroy = false`.")
            .build(),
    )
}

/// That two registrations of one plan would write one file.
pub(super) fn planned_twice(name: &str) -> Diagnostic {
    twice(
        name,
        format!(
            "This plan registers the cluster `{name}` in two blocks, or in two elements of `for_each` or `count`."
        ),
    )
}

/// That one registration has two addresses.
pub(super) fn in_state_twice(name: &str) -> Diagnostic {
    error("FLEET0314", format!("Two blocks are the registration {name}"))
        .at("name")
        .what(format!("The registration of the cluster `{name}` has two addresses: two `fleet_cluster_registration` blocks of this state, or two elements of `for_each` or `count`, or one that is planned to be imported or created beside one that is there."))
        .why("Each would undo what the other does with every apply, and the first to be destroyed would take the file of the cluster away from both.")
        .todo(format!("Keep one of them. `state list` names the addresses, and `state show` those of the cluster `{name}`: take the other one out with `state rm`, which changes nothing but the state, and remove its block, or its `import` block. For a block that was renamed, use `moved`."))
        .build()
}

/// That two registrations have one name.
pub(super) fn twice(name: &str, what: String) -> Diagnostic {
    error("FLEET0314", format!("Two registrations are named {name}"))
        .at("name")
        .what(what)
        .why("A name is unique in the fleet: both would write the same file in turn, with every apply.")
        .todo("Give one of the clusters another name, or remove one of the blocks.")
        .build()
}

fn unknown_fact(field: &'static str) -> Diagnostic {
    error("FLEET0308", format!("`{field}` is not known at plan"))
        .at(field)
        .what(format!("The value of `{field}` will only be known in the apply."))
        .why("Placements decide on it, and a plan shows where everything goes. The usual cause is a reference to a computed attribute of a resource with pending changes, or a module's `depends_on`.")
        .todo("Use a value that the configuration says itself: an account's `key` rather than its `id`, a local, a variable.")
        .build()
}

fn not_a_record(field: &'static str) -> Diagnostic {
    error("FLEET0309", "A value of the registration is not valid")
        .at(field)
        .what(format!("`{field}` is null or empty, or is not written as it has to be."))
        .why("Placements choose clusters by this value, so each cluster has to have one.")
        .todo(format!("Give `{field}` a value, or leave it out where it has a default."))
        .build()
}

/// The document of a planned registration, for apply: everything is known there.
pub(super) fn document(
    planned: &Model,
    managed_by: &str,
) -> Result<(Key, ClusterDocument), Diagnostic> {
    let record = facts::record(planned).map_err(|no| match no {
        NoRecord::Unknown(fields) => unknown_fact(fields.first().copied().unwrap_or("name")),
        NoRecord::Invalid(field) => not_a_record(field),
    })?;
    let about = facts::about(planned).ok_or_else(|| not_a_record("owner"))?;
    let name = record.name.clone();
    let managed_by = managed_by.to_owned();
    Ok((name, ClusterDocument { serial: 0, managed_by, cluster: record, about }))
}
