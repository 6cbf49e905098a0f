//! What the destroy of an account does: releases it, or closes it and keeps its tombstone.

use std::collections::BTreeSet;

use fleet_model::lifecycle::LifecyclePhase;
use fleet_model::name::Key;
use fleet_vending::{LetGo, Proof, Refusal};
use jiff::Timestamp;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::{Context, Private};

use super::current::LastLook;
use super::memory::SEEN;
use super::model::Model;
use super::{Desk, UPDATE, entry, facts, plan, report};
use crate::diagnostic::{Report, warning};
use crate::inventory::{Error, ErrorReport as _, Remembered as _, Seen, Store};
use crate::refusal;

impl Desk {
    /// Releases the retired account, or closes it. A closed one is let go without a call.
    pub(super) async fn delete(
        &self,
        context: &Context,
        prior: &Model,
        private: &Private,
    ) -> Result<Diagnostics, Diagnostics> {
        let closing_since = facts::closing_since(private);
        let vendor = self.runtime.vendor(&prior.vendor)?;
        let doing = report::doing("release or close", prior);
        let id = prior.id.as_str().unwrap_or_default();
        let cancel = &context.cancelled;
        if facts::lifecycle_phase(prior) == Some(LifecyclePhase::Closed) {
            return self.bury(prior, private, closing_since);
        }
        let last_look = self.lets_go(prior, private);
        let refused = |refused: Refusal| -> Diagnostics {
            let report = match &refused {
                Refusal::NotProven { .. }
                    if let Some(refusal) = last_look.as_ref().and_then(LastLook::refusal) =>
                {
                    return refusal.into();
                }
                Refusal::NotClosed { object, reason } => {
                    let closes = self.runtime.inventory().map(|store| closes(&store));
                    let closes = closes.unwrap_or_default();
                    refusal::close::report(object, *reason, &doing, &closes)
                }
                _ => refusal::report(&refused, &doing),
            };
            report.build().into()
        };
        let organization_id = self.same_organization(context, prior).await?;
        if let Some(refusal) = plan::refuse_destroy(prior) {
            // What is gone at AWS may go from the state.
            return match vendor.facts(id, cancel).await.map_err(refused)? {
                None => Ok(self.forget(prior, id)),
                Some(_) => Err(refusal.into()),
            };
        }
        // Before anything is asked of AWS, and by the engine again before each act.
        last_look.as_ref().map_or(Ok(()), LastLook::look)?;
        self.shut_to_let_go(prior, private)?;
        let contract = self.contract(prior)?;
        let mut job = facts::job(
            prior,
            contract,
            prior.tags_all.known().cloned().unwrap_or_default(),
            BTreeSet::new(),
            fleet_vending::Memory::default(),
        );
        job.intent.proof = last_look.as_ref().map_or_else(Proof::not_needed, LastLook::proof);
        let job = super::memory::of_vendor(job, private);
        let limit = prior.timeouts.delete(UPDATE);
        let closes = prior.close_on_deletion.known() == Some(&true);
        let let_go = match closes {
            true => vendor.close(&job, id, limit, cancel).await,
            false => vendor.release(&job, id, limit, cancel).await,
        };
        let mut diagnostics = Diagnostics::new();
        match let_go.map_err(refused)? {
            LetGo::Done { at, warnings } => {
                let object = report::subject(prior);
                diagnostics.extend(warnings.iter().map(|of| report::warned(&object, of)));
                diagnostics.extend(match closes {
                    true => self.bury(prior, private, Some(at))?,
                    false => self.forget(prior, id),
                });
            }
            LetGo::Closed => diagnostics.extend(self.bury(prior, private, closing_since)?),
            LetGo::Gone => {
                diagnostics.push(has_left(prior, &organization_id, closes));
                diagnostics.extend(self.forget(prior, id));
            }
        }
        Ok(diagnostics)
    }

    /// Whether AWS's word that the account is not there would count: the credentials are of its organization. One that
    /// is closed is let go without asking.
    pub(super) async fn may_believe_gone(
        &self,
        context: &Context,
        prior: &Model,
    ) -> Result<(), Diagnostics> {
        if facts::lifecycle_phase(prior) == Some(LifecyclePhase::Closed)
            || self.runtime.vendor(&prior.vendor).is_err()
        {
            return Ok(());
        }
        self.same_organization(context, prior).await.map(drop)
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
                let trouble = warning("FLEET0113", trouble.summary).what(trouble.detail);
                return left_behind(key.as_str(), trouble).into();
            }
        };
        match delete_file(&store, &key, &managed_by, id) {
            Ok(()) => Diagnostics::new(),
            Err(trouble) => left_behind(key.as_str(), trouble.report()).into(),
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
        let not_written = format!("Account {key}: its tombstone was not written");
        let because = |report: Report| report.into_warning("FLEET0113", not_written.as_str());
        let no_store = |of: Diagnostic| warning("FLEET0113", not_written.as_str()).what(of.detail);
        let buried = self.runtime.inventory().map_err(no_store).and_then(|store| {
            let found = entry::file(&store, &key, &managed_by, prior.id.as_str());
            let found = found.map_err(no_store)?;
            let tombstone = facts::tombstone(prior, contract, &managed_by, found, closed_at);
            // A file that was lost goes on after the last serial that was seen.
            let seen = Seen::recall(private, SEEN);
            let put = store.put_account(&tombstone, &seen);
            put.map_err(|trouble| because(trouble.report()))
        });
        let trouble = buried.err().map(|report| {
            report
                .todo("The account is closed, and its file should keep its key, its email and when it was closed: no other account can have them, and AWS counts closes for 30 days. Set `lifecycle_phase: closed`, `ready: false` and `closed_at` in the file by hand.")
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

/// That there was nothing to let go.
fn has_left(prior: &Model, organization_id: &str, closes: bool) -> Diagnostic {
    let undone = if closes { "closed" } else { "released" };
    warning("FLEET0114", format!("{} has left the organization", report::subject(prior)))
        .what(format!("The organization {organization_id} has no account {}. Nothing was {undone}; the state forgets the account, and its inventory file is deleted.", prior.id.as_str().unwrap_or_default()))
        .why("It left, or somebody removed it. An account outside of the organization is not this configuration's to change.")
        .todo("Look whether it is still in use: it pays for itself, and roles that this configuration made in it may still stand.")
        .build()
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

/// That the file of a released account is still there; `trouble` says why.
fn left_behind(key: &str, trouble: Report) -> Diagnostic {
    trouble
        .into_warning("FLEET0113", format!("Account {key}: its inventory file was left behind"))
        .todo("The account is released. Delete the file by hand: while it is there, its key stays taken. No cluster is admitted by it: that it is not ready was written before the account was released.")
        .build()
}

#[cfg(test)]
mod tests;
