//! What the destroy of an account does: releases it, or closes it and keeps its tombstone.

use fleet_model::lifecycle::{AccountLifecycleState, LifecyclePhase};
use fleet_model::name::Key;
use fleet_vending::{Refusal, Warning};
use jiff::Timestamp;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::{Context, Private};

use super::apply::SEEN;
use super::model::Model;
use super::{Desk, UPDATE, entry, facts, plan, report};
use crate::diagnostic::warning;
use crate::inventory::{Error, Seen, Store};
use crate::refusal;

impl Desk {
    /// Releases the retired account, or closes it. A closed one is let go without a call.
    pub(super) async fn delete(
        &self,
        context: &Context,
        prior: &Model,
        private: &Private,
    ) -> Result<Diagnostics, Diagnostics> {
        let vending = self.runtime.vending()?;
        let store = self.runtime.inventory();
        let doing = report::doing("let go of", prior);
        let id = prior.id.as_str().unwrap_or_default();
        let cancel = &context.cancelled;
        if facts::lifecycle_phase(prior) == Some(LifecyclePhase::Closed) {
            return self.bury(prior, private, None);
        }
        let refused = |refused: Refusal| -> Diagnostics {
            let report = match &refused {
                Refusal::NotClosed { object, reason } => {
                    let closes = store.as_ref().map(|store| closes(store)).unwrap_or_default();
                    refusal::close::report(object, *reason, &doing, &closes)
                }
                _ => refusal::report(&refused, &doing),
            };
            report.build().into()
        };
        if let Some(refusal) = plan::refuse_destroy(prior) {
            // What is gone at AWS may go from the state.
            return match vending.facts(id, cancel).await.map_err(refused)? {
                None => Ok(self.forget(prior, id)),
                Some(_) => Err(refusal.into()),
            };
        }
        if let Ok(store) = &store
            && let Some(key) = prior.key.as_str()
            && let Some(refusal) = plan::clusters_left(key, AccountLifecycleState::Retired, store)
        {
            return Err(refusal.into());
        }
        if store.is_ok() {
            self.may_let_go(prior)?;
        }
        let contract = self.contract(prior)?;
        let wish = facts::wish(
            prior,
            contract,
            prior.tags_all.known().cloned().unwrap_or_default(),
            facts::set_before(prior),
            fleet_vending::Memory::default(),
        );
        let limit = prior.timeouts.delete(UPDATE);
        let mut diagnostics = Diagnostics::new();
        if prior.close_on_deletion.known() == Some(&true) {
            let closed = vending.close(&wish, id, limit, cancel).await.map_err(refused)?;
            diagnostics.extend(closed.warnings.iter().map(said));
            diagnostics.extend(self.bury(prior, private, closed.at)?);
            return Ok(diagnostics);
        }
        let warnings = vending.release(&wish, id, limit, cancel).await.map_err(refused)?;
        diagnostics.extend(warnings.iter().map(said));
        diagnostics.extend(self.forget(prior, id));
        Ok(diagnostics)
    }

    /// Deletes the file of an account that is let go, or gone: without it no cluster is admitted on
    /// it. A file that stays is a matter of the inventory, not an error.
    fn forget(&self, prior: &Model, id: &str) -> Diagnostics {
        let Some(key) = prior.key.as_str().and_then(|key| Key::new(key).ok()) else {
            return Diagnostics::new();
        };
        let (store, managed_by) = match (self.runtime.inventory(), self.runtime.managed_by()) {
            (Ok(store), Ok(managed_by)) => (store, managed_by),
            (Err(trouble), _) | (_, Err(trouble)) => {
                return left_behind(key.as_str(), &format!("{}.", trouble.summary)).into();
            }
        };
        match delete_file(&store, &key, &managed_by, id) {
            Ok(()) => Diagnostics::new(),
            Err(trouble) => left_behind(key.as_str(), &trouble.told()).into(),
        }
    }

    /// Leaves of the account's file what a closed account keeps. It is closed whatever becomes of
    /// the file, so trouble with that is a warning.
    fn bury(
        &self,
        prior: &Model,
        private: &Private,
        closed_at: Option<Timestamp>,
    ) -> Result<Diagnostics, Diagnostics> {
        let contract = self.contract(prior)?;
        let managed_by = self.runtime.managed_by()?;
        let key = contract.key.clone();
        let buried =
            self.runtime.inventory().map_err(|of| format!("{}.", of.summary)).and_then(|store| {
                let found = entry::file(&store, &key, &managed_by, prior.id.as_str());
                let found = found.map_err(|of| format!("{}.", of.summary))?;
                let tombstone = facts::tombstone(prior, contract, &managed_by, found, closed_at);
                // A file that was lost goes on after the last serial that was seen.
                let seen = Seen::recall(private, SEEN);
                store.put_account_since(&tombstone, &seen).map_err(|of| of.told())
            });
        let trouble = buried.err().map(|reason| {
            warning("FLEET0113", format!("Account {key}: its tombstone was not written"))
                .what(reason)
                .why("The account is closed, and its file should keep its key, its email and when it was closed: no other account can have them, and AWS counts closes for 30 days.")
                .todo("Set `lifecycle_phase: closed`, `ready: false` and `closed_at` in the file by hand.")
                .build()
        });
        Ok(trouble.into_iter().collect())
    }
}

/// What the destroy of a retired account will do, said while it is planned.
pub(super) fn announced(prior: &Model) -> Option<Diagnostic> {
    let releases = facts::lifecycle_phase(prior) == Some(LifecyclePhase::Retired)
        && prior.close_on_deletion.known() != Some(&true);
    releases.then(|| {
        warning("FLEET0171", format!("{} will be released", report::subject(prior)))
            .what(format!("The account {} stays open in the organization, where it is. Service control policies that are attached to it stay attached, including those that this configuration attached.", prior.id.as_str().unwrap_or_default()))
            .why("`close_on_deletion` is false: a destroy then only ends the management of the account by this configuration.")
            .todo("Nothing, if that is intended. To close the account instead, set `close_on_deletion = true` and apply before the destroy. To use it otherwise, detach the policies whose names begin with `fleet-` (`aws organizations list-policies-for-target`).")
            .build()
    })
}

/// Deletes the file of the account, and not of another one that has the key.
fn delete_file(store: &Store, key: &Key, managed_by: &str, id: &str) -> Result<(), Error> {
    match store.account(key)? {
        Some(found) if found.document.id != id => Ok(()),
        _ => store.delete_account(key, managed_by).map(drop),
    }
}

/// When the inventory's accounts were closed. Without a readable inventory nothing is known.
fn closes(store: &Store) -> Vec<Timestamp> {
    let accounts = store.accounts().unwrap_or_default();
    let closed = accounts.into_values().filter_map(|found| found.document.closed_at);
    closed.filter_map(|at| at.parse().ok()).collect()
}

fn said(of: &Warning) -> Diagnostic {
    warning("FLEET0114", of.summary.clone())
        .what(of.detail.clone())
        .why("The account was retired and its block is gone, so this configuration lets it go.")
        .todo("Nothing, if that was intended. A released account keeps the service control policies that are attached to it, including those that this configuration attached: detach them where the account is to be used otherwise. Its tag `fleet:released-from` names the configuration that had it. The file of a closed account keeps its key and email.")
        .build()
}

fn left_behind(key: &str, reason: &str) -> Diagnostic {
    warning("FLEET0113", format!("Account {key}: its inventory file was left behind"))
        .what(reason)
        .why("The account is let go, and its file could not be deleted.")
        .todo("Delete the file by hand.")
        .build()
}
