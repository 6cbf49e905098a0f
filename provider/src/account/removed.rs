//! An account that the organization has no more: it left, or somebody removed it. That is a state of
//! it and not its absence: a new account would take over its key, its file and its clusters.

use fleet_model::inventory::AccountDocument;
use fleet_model::name::Key;
use fleet_model::readiness::{Check, Readiness, Severity, Verdict};
use fleet_vending::engine::Phase;
use fleet_vending::{Refusal, Unusable};
use std::collections::BTreeMap;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::{Applied, Attr, Context, Private};

use super::apply::SEEN;
use super::model::Model;
use super::{Desk, facts, report};
use crate::diagnostic::{Report, error, warning};
use crate::inventory::Seen;
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
    /// whatever its file says.
    ///
    /// # Errors
    /// The credentials are of another organization, so nothing is known of the account.
    pub(super) async fn removed(
        &self,
        context: &Context,
        state: Model,
        mut private: Private,
    ) -> Result<Applied<Model>, Diagnostics> {
        let organization_id = self.same_organization(context, &state).await?;
        if let (Some(key), Ok(Some(store))) = (key(&state), self.runtime.inventory_if_known()) {
            store.refute(&key, open_check(&organization_id));
        }
        facts::remember_nothing(&mut private);
        let said = says(warning, &state, &organization_id);
        Ok(Applied::ok(without(state, &organization_id)).with(said).with_private(private))
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
        let mut said = Diagnostics::from(says(error, prior, &organization_id));
        if let Err(trouble) = self.file_removed(prior, &organization_id, &mut private) {
            said.push(trouble);
        }
        facts::remember_nothing(&mut private);
        Ok(Applied::ok(without(prior.clone(), &organization_id)).with(said).with_private(private))
    }

    fn file_removed(
        &self,
        prior: &Model,
        organization_id: &str,
        private: &mut Private,
    ) -> Result<(), Diagnostic> {
        let (store, Some(key)) = (self.runtime.inventory()?, key(prior)) else { return Ok(()) };
        let managed_by = self.runtime.managed_by()?;
        let id = prior.id.as_str();
        let Some(file) = super::entry::file(&store, &key, &managed_by, id)? else { return Ok(()) };
        let document = AccountDocument {
            phase: Phase::Removed.as_str().to_owned(),
            ready: false,
            digest: readiness(prior, organization_id).digest(),
            verdicts: BTreeMap::from([(CHECK.to_owned(), Verdict::Fail)]),
            open_checks: BTreeMap::from([(CHECK.to_owned(), open_check(organization_id))]),
            ..file
        };
        let written = store.put_account(&document, &Seen::recall(private, SEEN));
        written.map_err(|trouble| trouble.report().build())?.keep(private, SEEN);
        Ok(())
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
        organization::same(&self.runtime, context, account, was, &report::doing("read", state))
            .await
    }
}

/// What a plan says of it: nothing that an apply could do is right.
pub(super) fn refuse(prior: &Model) -> Diagnostic {
    says(error, prior, prior.organization_id.as_str().unwrap_or("of the provider's credentials"))
}

fn key(state: &Model) -> Option<Key> {
    Key::new(state.key.as_str()?).ok()
}

fn says(
    kind: impl Fn(&'static str, String) -> Report,
    state: &Model,
    organization_id: &str,
) -> Diagnostic {
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
    .build()
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
