//! What an apply does: find or create the account, take it along its phases, write its file.

use std::collections::BTreeSet;

use fleet_model::account::Contract;
use fleet_model::inventory::AccountDocument;
use fleet_model::lifecycle::{AccountLifecycleState, LifecyclePhase};
use fleet_model::name::Key;
use fleet_vending::Phase;
use fleet_vending::aws::Looked;
use fleet_vending::error::Kind;
use fleet_vending::{Attempt, EmailStep, Failure, Outcome, Proof, Quarantine, Refusal, Vendor};
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::{Applied, Attr, Context, Private, Update};

use super::clusters::Step;
use super::current::LastLook;
use super::entry::{self, Enters};
use super::facts::{self, Work};
use super::memory::{self, SEEN};
use super::model::Model;
use super::undo::{self, Undo};
use super::{
    CREATE, Desk, READ, UPDATE, adopt, contacts, contract, email, found, plan, removed, report,
    step,
};
use crate::diagnostic::{Report, error, warning};
use crate::inventory::{self, Error, ErrorReport as _, Found, Medium, Remembered as _, Seen};
use crate::refusal;

impl Desk {
    /// Vends the account. Without an id an error, and no state; with one never an error.
    pub(super) async fn create(
        &self,
        context: &Context,
        planned: Model,
        mut private: Private,
    ) -> Result<Applied<Model>, Diagnostics> {
        let contract = self.contract(&planned)?;
        let enters = Enters {
            key: &contract.key,
            email: &contract.email,
            id: planned.id.as_str(),
            wished: facts::wished(&planned),
        };
        let vendor = self.runtime.vendor(&planned.vendor)?;
        let file = self.enter(context, &enters, &*vendor).await?;
        // The account that the file names, or none, also where the plan could not ask for it.
        let mut named = planned.clone();
        if let (false, Some(file)) = (named.id.is_known(), &file) {
            named.id = Attr::Known(file.id.clone());
        }
        let mut job = facts::job(
            &named,
            contract.clone(),
            self.runtime.tags()?.merged(&planned.tags),
            BTreeSet::new(),
            memory::read(&private, None)?,
        );
        job.past.lifecycle_phase = contract::phase(file.as_ref());
        let job = memory::of_vendor(job, &private);
        let limit = planned.timeouts.create(CREATE);
        let vended = vendor.vend(&job, limit, &context.cancelled).await;
        let lost =
            |outcome: &Outcome| outcome.duplicate.clone().filter(|of| of.loses(&outcome.facts.id));
        let outcome = match vended {
            // It is not used, so it does not come into the state either: the next plan tells of it again.
            Ok(outcome) if let Some(duplicate) = lost(&outcome) => {
                return Err(self.not_used(&planned, &contract.key, duplicate));
            }
            Err(Refusal::Duplicate(duplicate)) => {
                return Err(self.not_used(&planned, &contract.key, duplicate));
            }
            vended => vended.map_err(|refused| report::not_vended(&planned, &refused))?,
        };

        let mut diagnostics = Diagnostics::new();
        if !planned.id.is_known() && outcome.facts.create_request_id.is_none() {
            diagnostics.push(found::took_up(&planned, &outcome));
        }
        // An error beside a state would have core destroy the account.
        let ended = report::credentials_ended(&outcome);
        diagnostics.extend(ended.map(|error| report::no_credentials_now(&planned, error)));
        for failure in told(&outcome) {
            diagnostics.push(report::failed(&planned, failure));
        }
        let promised = planned.clone();
        let state = self.settle(planned, contract, &outcome, &mut private, &mut diagnostics)?;
        let state = facts::as_promised(state, &promised);
        Ok(Applied::ok(state).with(diagnostics).with_private(private))
    }

    /// Changes the account, or goes on with it. Only a change that the configuration asked for and
    /// that could not be made is an error; the state then says what is really there.
    pub(super) async fn update(
        &self,
        context: &Context,
        request: Update<Model>,
    ) -> Result<Applied<Model>, Diagnostics> {
        let Update { config, planned, prior, mut private } = request;
        let prior = &prior;
        if removed::is(prior) {
            return self.mark_removed(context, planned, prior, private).await;
        }
        if adopt::is_unclaimed(prior) && planned.adopt.known() != Some(&true) {
            return Err(adopt::of_nobody(prior).into());
        }
        let frozen = plan::frozen(&planned, prior);
        if !frozen.is_empty() {
            return Err(frozen.into_iter().collect());
        }
        let last_look = self.retires(&planned, prior, &private);
        last_look.as_ref().map_or(Ok(()), LastLook::look)?;
        let contract = self.contract(&planned)?;
        let id = prior.id.as_str().unwrap_or_default();
        let wished = facts::wished(&planned);
        let vendor = self.runtime.vendor(&planned.vendor)?;
        let (file, phase) = if entry::is_new(prior) {
            let (key, email) = (&contract.key, contract.email.as_str());
            let enters = Enters { key, email, id: Some(id), wished };
            let file = self.enter(context, &enters, &*vendor).await?;
            let phase = contract::phase(file.as_ref());
            (file, phase)
        } else {
            let phase = facts::lifecycle_phase(prior).unwrap_or_default();
            let seen = Seen::recall(&private, SEEN);
            (self.goes_on(&contract, id, phase, wished, &seen, &*vendor)?, phase)
        };
        let has_file = file.is_some();
        // As the plan showed it: what the file says by now commands nothing.
        let memory = memory::read(&private, None)?;
        let (desired, quarantine) = (&planned, quarantine_of(&*vendor));
        let undo = Undo { desired, prior, memory: &memory, quarantine };
        if let Some(contradiction) = undo.contradiction(file.as_ref()) {
            return Err(contradiction.into());
        }
        if let Some(step) = Step::to(wished).filter(|_| wished.phase() > phase) {
            self.shut_before(step, file.as_ref(), &mut private)?;
        }
        let mut job = facts::job(
            &planned,
            contract,
            self.runtime.tags()?.merged(&planned.tags),
            self.runtime.tags()?.set_before(&prior.tags_all),
            memory.clone(),
        );
        job.past.lifecycle_phase = phase;
        job.past.phase = facts::phase(prior);
        job.past.closing_since = facts::closing_since(&private);
        job.past.contacts_set_before = contacts::set_before(prior, &memory);
        job.intent.seen_in = prior.parent_id.known().cloned();
        job.intent.email_step = email::step(&planned, prior, &config.email_update_otp);
        job.intent.proof = last_look.as_ref().map_or_else(Proof::not_needed, LastLook::proof);
        let job = memory::of_vendor(job, &private);
        let doing = report::doing("change", &planned);
        let limit = planned.timeouts.update(UPDATE);
        let updated = vendor.update(&job, id, limit, &context.cancelled).await;
        let outcome = match updated {
            Ok(outcome) => outcome,
            Err(Refusal::NoSuchObject { .. }) => return self.lost(context, prior, private).await,
            Err(refused) => return Err(refusal::report(&refused, &doing).build().into()),
        };

        let mut diagnostics = Diagnostics::new();
        let ended = report::credentials_ended(&outcome);
        diagnostics.extend(ended.map(|error| report::no_credentials(&planned, error).build()));
        for failure in told(&outcome) {
            if let Refusal::NotProven { .. } = failure.refusal
                && let Some(refusal) = last_look.as_ref().and_then(LastLook::refusal)
            {
                diagnostics.push(refusal);
                continue;
            }
            diagnostics.push(match failure.attempt {
                Attempt::Email => email::failed(&planned, prior, failure),
                attempt
                    if asked_for(attempt, &planned, prior)
                        || matches!(failure.refusal, Refusal::NotUndone { .. }) =>
                {
                    report::refused(&planned, failure)
                }
                _ => report::failed(&planned, failure),
            });
        }
        if outcome.is_not_ours() {
            let (prior, contract) = (prior.clone(), self.contract(prior)?);
            // Its own file says so from now on; one that is about another account stays as it is.
            let state = match has_file {
                true => self.settle(prior, contract, &outcome, &mut private, &mut diagnostics)?,
                false => facts::state(prior, &outcome, None),
            };
            return Ok(Applied::ok(state).with(diagnostics).with_private(private));
        }
        if outcome.failures.iter().any(|failure| failure.attempt == Attempt::Everything) {
            // Nothing was touched: what was there is still there.
            return Ok(Applied::ok(prior.clone()).with(diagnostics));
        }
        let promised = planned.clone();
        let planned = really_there(planned, prior, &outcome);
        let contract = self.contract(&planned)?;
        if let Some(EmailStep::Start(to)) = &job.intent.email_step
            && planned.pending_email.as_str() == Some(to)
        {
            diagnostics.push(email::awaited(&planned, to));
        }
        let state = self.settle(planned, contract, &outcome, &mut private, &mut diagnostics)?;
        // Where a change failed, the state says what is really there.
        let failed = diagnostics.has_errors();
        let state = if failed { state } else { facts::as_promised(state, &promised) };
        Ok(Applied::ok(state).with(diagnostics).with_private(private))
    }

    /// Writes the inventory file and makes the state. From here on nothing fails: there is an
    /// account, and a file that could not be written is written by the next apply.
    fn settle(
        &self,
        planned: Model,
        contract: Contract,
        outcome: &Outcome,
        private: &mut Private,
        diagnostics: &mut Diagnostics,
    ) -> Result<Model, Diagnostics> {
        if outcome.vendor.identity_pending {
            return Ok(self.requested(planned, outcome, private, diagnostics));
        }
        let managed_by = self.runtime.managed_by()?;
        let key = contract.key.clone();
        let mut document = facts::document(&planned, contract, &managed_by, outcome);
        let mut work =
            Work { vending: outcome.work.clone(), bears: outcome.work_bears, file: false };
        let not_written = format!("Account {key}: its inventory file was not written");
        // What stands behind it is said in its own words.
        let because = |report: Report| report.into_warning("FLEET0113", not_written.as_str());
        let no_store = |of: Diagnostic| warning("FLEET0113", not_written.as_str()).what(of.detail);
        let written = self.runtime.inventory().map_err(no_store).and_then(|store| {
            let found = store.account(&key).map_err(|trouble| because(trouble.report()))?;
            if let Some(other) = found.as_ref().filter(|of| of.document.id != document.id) {
                let other = entry::of_another(&other.document, &document.id);
                return Err(because(other));
            }
            facts::keep_closed_at(&mut document, found.as_ref());
            let seen = Seen::recall(private, SEEN);
            let put = store.put_account(&document, &seen);
            put.map_err(|trouble| because(trouble.report()))
        });
        let sha256 = match written {
            Ok(seen) => {
                seen.keep(private, SEEN);
                seen.sha256
            }
            Err(report) => {
                work.file = true;
                let found = self.runtime.inventory().ok().and_then(|of| of.account(&key).ok()?);
                let admits = found.is_some_and(|found| found.document.is_ready());
                diagnostics.push(report.todo(unwritten(admits)).build());
                None
            }
        };
        let ended = report::credentials_ended(outcome);
        facts::remember(private, &work, outcome);
        undo::asked_for_parent(private);
        diagnostics.extend(report::warnings(&planned, outcome));
        let state = facts::state(planned, outcome, sha256);
        if let Some(end) = facts::ended(&state) {
            diagnostics.push(report::ended(&state, end));
        } else if state.ready.known() == Some(&false) && !facts::is_at_rest(&state) {
            let unfinished = outcome.unfinished.as_ref().filter(|_| ended.is_none());
            let goes_on = !work.is_none() || report::may_heal(&outcome.failures);
            diagnostics.push(report::not_ready(&state, goes_on, unfinished));
        } else if let Some(unfinished) = outcome.unfinished.as_ref().filter(|_| ended.is_none()) {
            diagnostics.push(report::unfinished(&state, unfinished));
        }
        Ok(state)
    }

    /// Looks at the account. `None`: the organization has no such account.
    pub(super) async fn read(
        &self,
        context: &Context,
        state: Model,
        mut private: Private,
    ) -> Result<Applied<Model>, Diagnostics> {
        // A provider block that is not known yet cannot look; what is in state stays.
        let (Some(vendor), Ok(managed_by), Ok(Some(store))) = (
            self.runtime.vendor_if_known(&state.vendor)?,
            self.runtime.managed_by(),
            self.runtime.inventory_if_known(),
        ) else {
            return Ok(Applied::ok(state));
        };
        let Some(contract) = contract::contract(&state) else {
            let found = self.read_imported(context, &state).await?;
            return Ok(found.map_or_else(Applied::gone, Applied::ok));
        };
        let seen = Seen::recall(&private, SEEN);
        let found = store.account_since(&contract.key, &seen);
        let found = found.map_err(|trouble| trouble.report().build())?;
        let medium = Medium::of(store.path());
        let edited = found.as_ref().and_then(|found| edited(&contract.key, found, &seen, medium));
        if let Some(found) = &found {
            let seen = seen.or(found.document.serial, &found.sha256, found.is_as_written);
            seen.keep(&mut private, SEEN);
        }
        let sha256 = found.as_ref().map(|of| of.sha256.clone());
        let filed = found.clone();
        // What the file of another account says is nothing about this one.
        let found = found.filter(|of| Some(of.document.id.as_str()) == state.id.as_str());
        let mut job = facts::job(
            &state,
            contract.clone(),
            state.tags_all.known().cloned().unwrap_or_default(),
            self.runtime.tags()?.set_before(&state.tags_all),
            memory::read(&private, found.as_ref().map(|of| &of.document))?,
        );
        // What is true, not what is asked for: a plan may not have been applied. An account that was
        // closed and is open again has only what is asked for.
        if let Some(phase) = facts::lifecycle_phase(&state)
            && phase != LifecyclePhase::Closed
        {
            job.request.lifecycle_state = phase.kept_by();
        }
        job.past.closing_since = facts::closing_since(&private);
        job = memory::of_vendor(job, &private);
        let doing = report::doing("read", &state);
        let believed = facts::believed(&state, &private, sha256.as_deref());
        let id = state.id.as_str().unwrap_or_default();
        let limit = state.timeouts.read(READ);
        let looked = vendor.look(&job, id, believed.as_ref(), limit, &context.cancelled).await;
        let looked = match looked {
            Ok(looked) => looked,
            // The plan ends with the error that was told.
            Err(refused) if self.runtime.has_told_in_refresh(&refused) => {
                return Ok(Applied::ok(state).with_private(private));
            }
            Err(refused) => return Err(refusal::report(&refused, &doing).build().into()),
        };
        let outcome = match looked {
            Looked::AsBelieved => return Ok(Applied::ok(state).with_private(private)),
            Looked::Unread(unread) => {
                let told = report::unread(&state, &unread);
                return Ok(Applied::ok(state).with(told).with_private(private));
            }
            // Of a closed account nothing is left to be found, sooner or later; of one that was only asked for there was
            // nothing but the request.
            Looked::Gone if is_closed(&state) || facts::is_requested(&state) => {
                return Ok(Applied::gone());
            }
            Looked::Gone => return self.removed(context, state, private, filed).await,
            Looked::Found(outcome) => *outcome,
        };

        let mut diagnostics: Diagnostics = edited.into_iter().collect();
        for failure in &outcome.failures {
            diagnostics.push(report::failed(&state, failure));
        }
        diagnostics.extend(report::warnings(&state, &outcome));
        // What our file says of an account that is ours no more is still ours to mend.
        let ours = (outcome.is_not_ours() && found.is_some())
            || !outcome.failures.iter().any(|of| of.attempt == Attempt::Everything);
        let state = facts::observed_tags(state, &outcome.facts.tags);
        let state = facts::observed_settings(state, &outcome);
        if outcome.moved_away {
            undo::found_parent(&mut private, &outcome.facts.parent_id);
        }
        // As the state has it from now on: what somebody changed at AWS, and the configuration follows, is written.
        let contract = undo::seen_contract(&state, contract);
        let mut document = facts::document(&state, contract, &managed_by, &outcome);
        facts::keep_closed_at(&mut document, found.as_ref());
        undo::keep_parent(&mut document, found.as_ref().map(|of| &of.document), &private);
        let expected = store.account_sha256(&document).ok();
        let file = ours && !outcome.vendor.identity_pending && sha256 != expected;
        let work = Work { vending: outcome.work.clone(), bears: outcome.work_bears, file };
        facts::remember(&mut private, &work, &outcome);
        let state = facts::state(state, &outcome, sha256);
        Ok(Applied::ok(state).with(diagnostics).with_private(private))
    }

    /// The file of an account that we have, if it may take this step of its life.
    fn goes_on(
        &self,
        contract: &Contract,
        id: &str,
        phase: LifecyclePhase,
        wished: AccountLifecycleState,
        seen: &Seen,
        vendor: &dyn Vendor,
    ) -> Result<Option<AccountDocument>, Diagnostic> {
        let (store, managed_by) = (self.runtime.inventory()?, self.runtime.managed_by()?);
        if let Err(older @ Error::Older { .. }) = store.account_since(&contract.key, seen) {
            return Err(older.report().at("key").build());
        }
        let file = entry::file(&store, &contract.key, &managed_by, Some(id))?;
        if phase == LifecyclePhase::Closed {
            return Ok(file);
        }
        let quarantine = Some(vendor.has_quarantine());
        let refusal =
            step::refuse_step(contract.key.as_str(), phase, wished, Some(&store), quarantine);
        refusal.map_or(Ok(file), Err)
    }

    pub(super) fn contract(&self, model: &Model) -> Result<Contract, Diagnostics> {
        contract::contract(model).ok_or_else(|| {
            error("FLEET0101", "A value of the account is not valid")
                .what(format!("An argument of {} is missing, not known yet, or outside of its rule.", report::subject(model)))
                .why("The apply needs every argument of the account. A state that an older version of the provider wrote, or that was edited, can lack one.")
                .todo("Run `plan`, which names the argument. If it names none, restore the state from its backup, or take the account out of it (`state rm`) and import it.")
                .build()
                .into()
        })
    }
}

/// What follows from a file that was not written; the one that is there `admits` clusters.
fn unwritten(admits: bool) -> &'static str {
    if admits {
        "The account exists and stays as it is. Until an apply has written the file, it says what an earlier apply found: that the account is ready. By that, clusters in the account are admitted."
    } else {
        "The account exists and stays as it is. Until an apply has written the file, clusters in the account are not admitted."
    }
}

/// That the account's file says a serial that no write gave it.
fn edited(
    key: &Key,
    found: &Found<AccountDocument>,
    seen: &Seen,
    medium: Medium,
) -> Option<Diagnostic> {
    let serial = found.document.serial;
    (!found.is_as_written && seen.serial > 0 && serial != seen.serial).then(|| {
        let (object, file) = (format!("Account {key}"), format!("accounts/{key}.yaml"));
        inventory::report::edited(&object, &file, serial, medium).at("key").build()
    })
}

/// The failures that are told one by one: what only failed for credentials that ended is told once.
fn told(outcome: &Outcome) -> impl Iterator<Item = &Failure> {
    let ended = report::credentials_ended(outcome).is_some();
    let is_of_credentials = |of: &&Failure| match &of.refusal {
        Refusal::Call(error) => error.kind == Kind::Credentials,
        _ => false,
    };
    outcome.failures.iter().filter(move |of| !(ended && is_of_credentials(of)))
}

fn is_closed(state: &Model) -> bool {
    let ends = [Some(Phase::Closing), Some(Phase::Closed)];
    facts::lifecycle_phase(state) == Some(LifecyclePhase::Closed)
        || ends.contains(&facts::ended(state))
}

/// Whether the configuration asked for what was attempted: a change that could not be made is then
/// an error, and not only a warning.
fn asked_for(attempt: Attempt, planned: &Model, prior: &Model) -> bool {
    match attempt {
        Attempt::Everything | Attempt::Email => true,
        Attempt::Name => planned.name != prior.name,
        Attempt::Contacts => planned.alternate_contacts != prior.alternate_contacts,
        Attempt::Parent => planned.parent != prior.parent || steps(planned, prior),
        // Without it the account does not get on to its parent either.
        Attempt::Onboarding => {
            planned.onboarding_parent != prior.onboarding_parent
                || asked_for(Attempt::Parent, planned, prior)
        }
        Attempt::Quarantine | Attempt::Shut => steps(planned, prior),
        Attempt::Tags => planned.tags_all != prior.tags_all,
        Attempt::Read
        | Attempt::Rivals
        | Attempt::Journal
        | Attempt::Regions
        | Attempt::Enrolment
        | Attempt::Enter
        | Attempt::Vendor
        | Attempt::Control(_) => false,
    }
}

/// Where the vendor puts accounts at rest, where it is AWS's to say.
fn quarantine_of(vendor: &dyn Vendor) -> Option<&Quarantine> {
    vendor.aws().and_then(|aws| aws.quarantine())
}

/// Whether the apply takes the account a step on in its life.
fn steps(planned: &Model, prior: &Model) -> bool {
    planned.lifecycle_state.as_str() != prior.lifecycle_phase.as_str()
}

/// The plan without what could not be made of it.
fn really_there(mut planned: Model, prior: &Model, outcome: &Outcome) -> Model {
    let failed = outcome.failures.iter().map(|of| (of.attempt, Some(&of.refusal)));
    // What the run did not come to either.
    let ended = report::credentials_ended(outcome).is_some();
    let unreached = [Attempt::Name, Attempt::Contacts, Attempt::Parent, Attempt::Tags];
    let unreached = unreached.into_iter().filter(|_| ended).map(|of| (of, None));
    for (attempt, refusal) in failed.chain(unreached).collect::<Vec<_>>() {
        if !asked_for(attempt, &planned, prior) {
            continue;
        }
        match attempt {
            Attempt::Name => planned.name = prior.name.clone(),
            Attempt::Contacts => {
                planned.alternate_contacts = contacts::left(prior, &outcome.contacts);
            }
            Attempt::Email => {
                if let Some(refusal) = refusal {
                    email::untouched(&mut planned, prior, refusal);
                }
            }
            Attempt::Parent | Attempt::Quarantine | Attempt::Shut => {
                planned.parent = prior.parent.clone();
                planned.lifecycle_state = prior.lifecycle_state.clone();
            }
            Attempt::Onboarding => {
                planned.onboarding_parent = prior.onboarding_parent.clone();
                planned.parent = prior.parent.clone();
                planned.lifecycle_state = prior.lifecycle_state.clone();
            }
            Attempt::Tags => {
                planned.tags = prior.tags.clone();
                planned.tags_all = prior.tags_all.clone();
            }
            Attempt::Everything
            | Attempt::Read
            | Attempt::Rivals
            | Attempt::Journal
            | Attempt::Regions
            | Attempt::Enrolment
            | Attempt::Enter
            | Attempt::Vendor
            | Attempt::Control(_) => {}
        }
    }
    planned
}
