//! An account that the organization has no more: it left, or somebody removed it. That is a state of
//! it and not its absence: a new account would take over its key, its file and its clusters.

use fleet_model::inventory::AccountDocument;
use fleet_model::name::Key;
use fleet_model::readiness::{Check, Readiness, Severity, Verdict};
use fleet_vending::Phase;
use fleet_vending::{Refusal, Unusable};
use std::collections::BTreeMap;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::{Applied, Attr, Context, Plan, Private, Value};

use super::memory::SEEN;
use super::model::Model;
use super::{Desk, facts, report};
use crate::diagnostic::{Report, error, warning};
use crate::inventory::{Found, Seen};
use crate::organization::{self, Object};
use crate::refusal;

/// The check that says so.
const CHECK: &str = "membership";

/// Whether the state is that of an account which the organization has no more.
pub(super) fn is(state: &Model) -> bool {
    facts::ended(state) == Some(Phase::Removed)
}

impl Desk {
    /// The state of an account that a refresh did not find. In this run its clusters are not admitted,
    /// whatever its file says; what the file says of it, `found`, is mended by the next apply.
    ///
    /// # Errors
    /// The credentials are of another organization, so nothing is known of the account.
    pub(super) async fn removed(
        &self,
        context: &Context,
        state: Model,
        mut private: Private,
        found: Option<Found<AccountDocument>>,
    ) -> Result<Applied<Model>, Diagnostics> {
        let organization_id = self.same_organization(context, &state).await?;
        let mut mend = false;
        if let (Some(key), Ok(Some(store))) = (key(&state), self.runtime.inventory_if_known()) {
            store.refute(&key, open_check(&organization_id));
            let us = self.runtime.managed_by_if_known();
            mend = found.as_ref().is_some_and(|Found { document, sha256, .. }| {
                let filed = filed(&state, &organization_id, document.clone());
                us.as_ref() == Some(&document.managed_by)
                    && document.id.as_str() == state.id.as_str().unwrap_or_default()
                    && store.account_sha256(&filed).ok().as_ref() != Some(sha256)
            });
        }
        facts::remember_file(&mut private, mend);
        let said = says(warning, &state, &organization_id).build();
        let state = Model {
            inventory_sha256: found.map(|found| found.sha256).into(),
            ..without(state, &organization_id)
        };
        Ok(Applied::ok(state).with(said).with_private(private))
    }

    /// The apply of [`plan`]: the file says from now on that the account is not ready, and nothing else is done.
    ///
    /// # Errors
    /// The account is back, or the credentials are of another organization.
    pub(super) async fn mark_removed(
        &self,
        context: &Context,
        planned: Model,
        prior: &Model,
        mut private: Private,
    ) -> Result<Applied<Model>, Diagnostics> {
        let organization_id = self.same_organization(context, prior).await?;
        let id = prior.id.as_str().unwrap_or_default();
        let looked = self.runtime.vendor(&prior.vendor)?.facts(id, &context.cancelled).await;
        let doing = report::doing("look for", prior);
        if looked.map_err(|refused| refusal::report(&refused, &doing).build())?.is_some() {
            return Err(is_back(prior, &organization_id).into());
        }
        let mut said = Diagnostics::from(says(warning, prior, &organization_id).build());
        let sha256 = self.mark(prior, &organization_id, &mut private, &mut said);
        let state = Model {
            inventory_sha256: sha256.map_or(prior.inventory_sha256.clone(), Attr::Known),
            ..without(planned, &organization_id)
        };
        Ok(Applied::ok(state).with(said).with_private(private))
    }

    /// As [`Self::removed`], for an apply that was to change the account: its file says that it is not
    /// ready from now on.
    ///
    /// # Errors
    /// As [`Self::removed`].
    pub(super) async fn lost(
        &self,
        context: &Context,
        prior: &Model,
        mut private: Private,
    ) -> Result<Applied<Model>, Diagnostics> {
        let organization_id = self.same_organization(context, prior).await?;
        let mut said = Diagnostics::from(says(error, prior, &organization_id).build());
        let sha256 = self.mark(prior, &organization_id, &mut private, &mut said);
        let state = Model {
            inventory_sha256: sha256.map_or(prior.inventory_sha256.clone(), Attr::Known),
            ..without(prior.clone(), &organization_id)
        };
        Ok(Applied::ok(state).with(said).with_private(private))
    }

    /// Writes into the account's file that it is not ready, and gives the file's digest. A file that could not be
    /// written is told, and left to the next apply.
    fn mark(
        &self,
        prior: &Model,
        organization_id: &str,
        private: &mut Private,
        said: &mut Diagnostics,
    ) -> Option<String> {
        let marked = self.file_removed(prior, organization_id, private);
        facts::remember_file(private, marked.is_err());
        marked.unwrap_or_else(|trouble| {
            said.push(trouble);
            None
        })
    }

    fn file_removed(
        &self,
        prior: &Model,
        organization_id: &str,
        private: &mut Private,
    ) -> Result<Option<String>, Diagnostic> {
        let (store, Some(key)) = (self.runtime.inventory()?, key(prior)) else { return Ok(None) };
        let managed_by = self.runtime.managed_by()?;
        let id = prior.id.as_str();
        let Some(file) = super::entry::file(&store, &key, &managed_by, id)? else {
            return Ok(None);
        };
        let document = filed(prior, organization_id, file);
        let written = store.put_account(&document, &Seen::recall(private, SEEN));
        let written = written.map_err(|trouble| trouble.report().build())?;
        written.keep(private, SEEN);
        Ok(written.sha256)
    }

    /// The organization of the credentials, which has to be the one that the state has the account from.
    ///
    /// # Errors
    /// It is another one, or it could not be asked.
    pub(super) async fn same_organization(
        &self,
        context: &Context,
        state: &Model,
    ) -> Result<String, Diagnostics> {
        let account = Object::Account(state.id.as_str().unwrap_or_default());
        let was = state.organization_id.as_str();
        if self.runtime.vendor(&state.vendor)?.aws().is_none() {
            // Who is asked is the vendor that the state names, wherever its credentials are of.
            let vendor = state.vendor.as_str().unwrap_or_default();
            return Ok(was.unwrap_or(vendor).to_owned());
        }
        organization::same(&self.runtime, context, account, was, &report::doing("read", state))
            .await
    }
}

/// What a plan makes of it: an update that only corrects the file, where that is wrong; else nothing. Whatever the
/// configuration asks of the account cannot be done.
pub(super) fn plan(plan: &mut Plan<'_, Model>, prior: &Model) {
    let given = |name: &&str| {
        let configured = plan.config_value(name).is_some_and(|value| !value.is_null());
        configured || plan.planned_value(name).is_some_and(Value::is_wholly_known)
    };
    let asked: Vec<String> =
        plan.changes().into_iter().filter(given).map(|name| format!("`{name}`")).collect();
    let organization_id = prior.organization_id.as_str().unwrap_or("of the provider's credentials");
    if !asked.is_empty() {
        let what = format!("The plan would change {} of the account.", asked.join(", "));
        plan.diagnostics.push(says(error, prior, organization_id).what(what).build());
    } else if facts::remembered(&plan.private).file {
        plan.set_unknown("inventory_sha256");
        plan.diagnostics.push(marks(prior, organization_id));
    }
}

/// That the apply corrects the file.
fn marks(prior: &Model, organization_id: &str) -> Diagnostic {
    let key = prior.key.as_str().unwrap_or_default();
    let id = prior.id.as_str().unwrap_or_default();
    warning("FLEET0156", format!("{}: its inventory file is corrected", report::subject(prior)))
        .at("key")
        .what(format!("The account {id} is not in the organization {organization_id} any more, and `accounts/{key}.yaml` does not say so. The apply writes `phase: removed`, `ready: false` and the failing check `{CHECK}` into the file. It changes nothing else, neither at AWS nor of the account's arguments."))
        .why("Other configurations admit clusters and place workloads by this file. Until it is written, they take the account for what it was.")
        .todo("Apply, and commit the file where the inventory is kept in Git. The account's neighbours are planned and applied as always.")
        .build()
}

/// That the account is in the organization again, so that its plan is over.
fn is_back(prior: &Model, organization_id: &str) -> Diagnostic {
    let id = prior.id.as_str().unwrap_or_default();
    error("FLEET0162", format!("{} is back in the organization", report::subject(prior)))
        .at("key")
        .what(format!("The plan was to note in the inventory file that the account {id} has left the organization {organization_id}, and it is there again. Nothing was changed."))
        .why("What to do with an account that is there was not planned, so nobody has reviewed it.")
        .todo("Plan again: the new plan shows what the account needs now.")
        .build()
}

/// The file of an account that left: as it was, and not ready.
fn filed(state: &Model, organization_id: &str, file: AccountDocument) -> AccountDocument {
    AccountDocument {
        phase: Phase::Removed.as_str().to_owned(),
        ready: false,
        digest: readiness(state, organization_id).digest(),
        verdicts: BTreeMap::from([(CHECK.to_owned(), Verdict::Fail)]),
        open_checks: BTreeMap::from([(CHECK.to_owned(), open_check(organization_id))]),
        ..file
    }
}

fn key(state: &Model) -> Option<Key> {
    Key::new(state.key.as_str()?).ok()
}

fn says(
    kind: impl Fn(&'static str, String) -> Report,
    state: &Model,
    organization_id: &str,
) -> Report {
    let problem = Unusable::NotHere { organization_id: organization_id.to_owned() };
    let refusal = Refusal::KeyTaken {
        key: state.key.as_str().unwrap_or_default().to_owned(),
        account_id: state.id.as_str().unwrap_or_default().to_owned(),
        problem: problem.clone(),
    };
    let summary = format!("{} has left the organization", report::subject(state));
    refusal::key_taken(
        kind("FLEET0156", summary),
        &problem,
        &refusal.to_string(),
        &report::doing("go on with", state),
    )
    .at("key")
}

fn open_check(organization_id: &str) -> String {
    format!("the account is not in the organization {organization_id}")
}

fn readiness(state: &Model, organization_id: &str) -> Readiness {
    let id = state.id.as_str().unwrap_or_default();
    Readiness::from_checks([Check {
        check: CHECK.to_owned(),
        scope: String::new(),
        verdict: Verdict::Fail,
        severity: Severity::Critical,
        expected: format!("account {id} is a member of the organization"),
        observed: open_check(organization_id),
        api: "organizations:DescribeAccount".to_owned(),
        what_to_do: "Invite the account back, or remove its block.".to_owned(),
    }])
}

/// The state without what cannot be known any more.
fn without(state: Model, organization_id: &str) -> Model {
    let readiness = facts::shown(&readiness(&state, organization_id));
    Model {
        parent_id: Attr::Null,
        state: Attr::Null,
        phase: Attr::Known(Phase::Removed.as_str().to_owned()),
        status_reason: Attr::Known(open_check(organization_id)),
        ready: Attr::Known(false),
        readiness: Attr::Known(readiness),
        ..state
    }
}

#[cfg(test)]
mod tests;
