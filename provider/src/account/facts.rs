//! From what the engine found to the state and to the account's inventory file.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::account::{BillingAccess, Contract};
use fleet_model::inventory::{AccountDocument, Arguments};
use fleet_model::lifecycle::{AccountLifecycleState, LifecyclePhase};
use fleet_model::readiness::{Check, Readiness};
use fleet_vending::aws::Believed;
use fleet_vending::aws::api::AccountState;
use fleet_vending::{
    AccountJob, AccountRequest, Adopt, Memory, Outcome, Parent, Past, Phase, Proof, RunIntent,
};
use jiff::Timestamp;
use tfplugin::{Attr, Private};

use super::model::{Finding, Model, Readiness as Shown};
use super::{contacts, email, memory};
use crate::inventory::Found;
use crate::tags;

/// The name under which private state keeps what an apply could do on the account.
const WORK: &str = "work";
/// The name under which private state keeps whether that bears on where the account is and how its checks stand.
const BEARS: &str = "work_bears";
/// The name under which private state keeps that the account's inventory file has to be written.
const FILE: &str = "file";
/// The name under which private state keeps since when the account is closing.
const CLOSING_SINCE: &str = "closing_since";

/// What an apply could do, though the configuration asks for nothing new.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Work {
    /// On the account: what the engine calls it, for people.
    pub(super) vending: Vec<String>,
    /// Whether some of that bears on where the account is and how its checks stand.
    pub(super) bears: bool,
    /// The inventory file does not say what was observed.
    pub(super) file: bool,
}

impl Work {
    /// Whether there is none.
    pub(super) fn is_none(&self) -> bool {
        self.vending.is_empty() && !self.file
    }
}

/// What the engine is asked for. `tags` are the user's with `default_tags` under them.
pub(super) fn job(
    model: &Model,
    contract: Contract,
    tags: BTreeMap<String, String>,
    set_before: BTreeSet<String>,
    memory: Memory,
) -> AccountJob {
    AccountJob {
        request: AccountRequest {
            contract,
            parent: parent(&model.parent),
            onboarding_parent: parent(&model.onboarding_parent),
            tags,
            lifecycle_state: wished(model),
            billing_access: billing_access(model),
            contacts: contacts::asked(model),
            settings: model.vendor_settings.known().cloned(),
        },
        past: Past {
            tags_set_before: set_before,
            lifecycle_phase: lifecycle_phase(model).unwrap_or_default(),
            phase: phase(model),
            closing_since: None,
            memory,
            contacts_set_before: BTreeMap::new(),
            vendor: None,
        },
        intent: RunIntent {
            adopt: match (&model.adopt, &model.id) {
                // The plan named the account that is taken over.
                (Attr::Known(true), Attr::Known(id)) => Adopt::This(id.clone()),
                (Attr::Known(true), _) => Adopt::Any,
                (_, Attr::Known(id)) => Adopt::Again(id.clone()),
                _ => Adopt::No,
            },
            seen_in: model.parent_id.known().cloned(),
            email_step: None,
            proof: Proof::not_needed(),
        },
    }
}

/// Where the account is wished to be in its life.
pub(super) fn wished(model: &Model) -> AccountLifecycleState {
    let word = model.lifecycle_state.as_str();
    word.and_then(AccountLifecycleState::parse).unwrap_or_default()
}

/// Whether a word for a place in life, wished or true, says that nothing is asked of the account any more.
pub(super) fn rests(life: &Attr<String>) -> bool {
    let word = life.as_str().and_then(AccountLifecycleState::parse);
    matches!(word, Some(AccountLifecycleState::Frozen | AccountLifecycleState::Retired))
}

/// A parent as the engine takes it.
pub(super) fn parent(written: &Attr<String>) -> Option<Parent> {
    Parent::parse(written.as_str()?).ok()
}

fn billing_access(model: &Model) -> BillingAccess {
    let word = model.iam_user_access_to_billing.as_str();
    word.and_then(BillingAccess::parse).unwrap_or_default()
}

/// The account's inventory file.
pub(super) fn document(
    model: &Model,
    contract: Contract,
    managed_by: &str,
    outcome: &Outcome,
) -> AccountDocument {
    let tags = tags::given(&model.tags).into_known().unwrap_or_default();
    let default_tags = model
        .tags_all
        .known()
        .into_iter()
        .flatten()
        .map(|(key, _)| key.clone())
        .filter(|key| !tags.contains_key(key))
        .collect();
    let checks = &outcome.readiness.checks;
    let mut open_checks: BTreeMap<String, String> =
        outcome.readiness.findings().map(|of| (of.key(), of.observed.clone())).collect();
    if !outcome.ready() && open_checks.is_empty() {
        let reason = outcome.status_reason.clone().unwrap_or_default();
        open_checks.insert("phase".to_owned(), format!("{}: {reason}", outcome.phase));
    }
    AccountDocument {
        serial: 0,
        managed_by: managed_by.to_owned(),
        id: outcome.facts.id.clone(),
        registrars: model.registrars.known().cloned(),
        contract,
        phase: outcome.phase.as_str().to_owned(),
        lifecycle_phase: outcome.lifecycle_phase,
        closed_at: None,
        ready: outcome.ready(),
        digest: outcome.readiness.digest(),
        verdicts: checks.iter().map(|(key, check)| (key.clone(), check.verdict)).collect(),
        open_checks,
        prior_settings: outcome.memory.to_file(),
        arguments: Arguments {
            parent: model.parent.known().cloned(),
            onboarding_parent: model.onboarding_parent.known().cloned(),
            tags,
            default_tags,
            vendor_settings: model.vendor_settings.known().cloned(),
            close_on_deletion: model.close_on_deletion.known().copied().unwrap_or_default(),
            timeouts: super::contract::timeouts(model),
            alternate_contacts: contacts::asked(model),
            iam_user_access_to_billing: billing_access(model),
        },
        edited: false,
    }
}

/// When an account was closed is known to its file alone.
pub(super) fn keep_closed_at(
    document: &mut AccountDocument,
    found: Option<&Found<AccountDocument>>,
) {
    if document.is_tombstone() {
        document.closed_at = found.and_then(|found| found.document.closed_at.clone());
    }
}

/// What stays of an account that AWS closes: its key and its email, which no other account can have,
/// and when AWS took the request. `found` is the file it had.
pub(super) fn tombstone(
    prior: &Model,
    contract: Contract,
    managed_by: &str,
    found: Option<AccountDocument>,
    closed_at: Option<Timestamp>,
) -> AccountDocument {
    let known = found.as_ref().and_then(|found| found.closed_at.clone());
    let arguments = found.map(|found| found.arguments).unwrap_or_default();
    let reason = "AWS took the request to close the account".to_owned();
    AccountDocument {
        serial: 0,
        managed_by: managed_by.to_owned(),
        id: prior.id.as_str().unwrap_or_default().to_owned(),
        registrars: None,
        contract,
        phase: Phase::Closed.as_str().to_owned(),
        lifecycle_phase: LifecyclePhase::Closed,
        closed_at: known.or_else(|| closed_at.map(|at| at.to_string())),
        ready: false,
        digest: Readiness::default().digest(),
        verdicts: BTreeMap::new(),
        open_checks: BTreeMap::from([("phase".to_owned(), reason)]),
        prior_settings: BTreeMap::new(),
        arguments,
        edited: false,
    }
}

/// The state of an account: its arguments, and what was found.
pub(super) fn state(model: Model, outcome: &Outcome, sha256: Option<String>) -> Model {
    let facts = &outcome.facts;
    let text = |text: &str| {
        if text.is_empty() { Attr::Null } else { Attr::Known(text.to_owned()) }
    };
    // What identifies the account never changes; an answer that lacked it takes nothing away.
    let fixed = |known: Attr<String>, found: Attr<String>| match (&known, &found) {
        (Attr::Known(_), _) => known,
        _ => found,
    };
    Model {
        id: text(&facts.id),
        arn: fixed(model.arn, text(&facts.arn)),
        organization_id: fixed(model.organization_id, text(&facts.organization_id)),
        parent_id: text(&facts.parent_id),
        state: state_word(facts.state).into(),
        phase: Attr::Known(outcome.phase.as_str().to_owned()),
        status_reason: outcome.status_reason.clone().into(),
        create_request_id: fixed(model.create_request_id, facts.create_request_id.clone().into()),
        joined_at: fixed(model.joined_at, facts.joined_at.clone().into()),
        ready: Attr::Known(outcome.ready()),
        readiness: Attr::Known(shown(&outcome.readiness)),
        lifecycle_phase: Attr::Known(outcome.lifecycle_phase.as_str().to_owned()),
        inventory_sha256: sha256.into(),
        ..model
    }
}

/// The state of an apply that did what was planned: what the plan knew of the account stays, since a plan is kept to the
/// letter; the next refresh says what else became of the account, and the warnings of the apply said it.
pub(super) fn as_promised(state: Model, planned: &Model) -> Model {
    fn keep<T: Clone>(promised: &Attr<T>, found: Attr<T>) -> Attr<T> {
        if promised.is_unknown() { found } else { promised.clone() }
    }
    Model {
        parent_id: keep(&planned.parent_id, state.parent_id),
        state: keep(&planned.state, state.state),
        phase: keep(&planned.phase, state.phase),
        status_reason: keep(&planned.status_reason, state.status_reason),
        ready: keep(&planned.ready, state.ready),
        readiness: keep(&planned.readiness, state.readiness),
        lifecycle_phase: keep(&planned.lifecycle_phase, state.lifecycle_phase),
        inventory_sha256: keep(&planned.inventory_sha256, state.inventory_sha256),
        ..state
    }
}

/// The tags of the state as they are at AWS: a key that is gone there is gone here, and what others
/// put there is not shown.
pub(super) fn observed_tags(mut model: Model, carried: &BTreeMap<String, String>) -> Model {
    if let Attr::Known(written) = &mut model.tags {
        *written = tags::still(written, carried);
    }
    if let Attr::Known(all) = &mut model.tags_all {
        *all = tags::seen(carried, &all.keys().cloned().collect());
    }
    model
}

/// What a refresh may believe: the state of an active account that is ready, with nothing to do and
/// with the inventory file that it had.
pub(super) fn believed<'a>(
    state: &'a Model,
    private: &Private,
    sha256: Option<&str>,
) -> Option<Believed<'a>> {
    let is_settled = state.ready.known() == Some(&true)
        && state.lifecycle_phase.as_str() == Some(LifecyclePhase::Active.as_str())
        && remembered(private).is_none()
        && sha256.is_some()
        && sha256 == state.inventory_sha256.as_str();
    let readiness = state.readiness.known().filter(|_| is_settled)?;
    Some(Believed {
        account_id: state.id.as_str()?,
        parent_id: state.parent_id.as_str()?,
        digest: readiness.digest.as_str()?,
    })
}

/// The settings of the state as they are at AWS.
pub(super) fn observed_settings(model: Model, outcome: &Outcome) -> Model {
    let facts = &outcome.facts;
    let mut model = email::observed(contacts::observed(model, &outcome.contacts), &facts.email);
    if !facts.name.is_empty() {
        model.name = Attr::Known(facts.name.clone());
    }
    if outcome.moved_away {
        model.parent = Attr::Known(facts.parent_id.clone());
    }
    model
}

/// Where the state says that the account is in its life; `None` before the first apply.
pub(super) fn lifecycle_phase(model: &Model) -> Option<LifecyclePhase> {
    LifecyclePhase::parse(model.lifecycle_phase.as_str()?)
}

/// Where the state says that the account stands; before the first apply it is about to be created.
pub(super) fn phase(model: &Model) -> Phase {
    model.phase.as_str().and_then(Phase::parse).unwrap_or(Phase::Created)
}

/// Whether a vendor has the request for the account, and no account yet.
pub(super) fn is_requested(state: &Model) -> bool {
    state.vendor.is_known() && state.id.is_null()
}

/// Whether the state says that nothing more is asked of the account: it is frozen or retired.
pub(super) fn is_at_rest(model: &Model) -> bool {
    rests(&model.lifecycle_phase)
}

/// What AWS made of the account, where nothing can be done with it: `suspended`, `closing`,
/// `closed` or `removed`.
pub(super) fn ended(model: &Model) -> Option<Phase> {
    let phase = Phase::parse(model.phase.as_str()?)?;
    let ends = [Phase::Suspended, Phase::Closing, Phase::Closed, Phase::Removed];
    ends.contains(&phase).then_some(phase)
}

/// Keeps beside the state what the next apply could do, and since when the account is closing.
pub(super) fn remember(private: &mut Private, work: &Work, outcome: &Outcome) {
    keep(private, work);
    memory::keep(private, &outcome.memory);
    memory::keep_of_vendor(private, outcome.vendor.remembered.as_deref());
    match outcome.closing_since {
        Some(since) => private.set(CLOSING_SINCE, since.to_string()),
        None => drop(private.remove(CLOSING_SINCE)),
    }
}

/// That no apply has work to do but, perhaps, on the inventory file.
pub(super) fn remember_file(private: &mut Private, file: bool) {
    keep(private, &Work { file, ..Work::default() });
}

fn keep(private: &mut Private, work: &Work) {
    private.set(WORK, work.vending.clone());
    private.set(BEARS, work.bears);
    private.set(FILE, work.file);
}

/// Since when the account is closing, as the last refresh or apply saw it.
pub(super) fn closing_since(private: &Private) -> Option<Timestamp> {
    private.get(CLOSING_SINCE)?.as_str()?.parse().ok()
}

/// What the next apply could do, as the last refresh or apply left it.
pub(super) fn remembered(private: &Private) -> Work {
    let list = private.get(WORK).and_then(|work| work.as_array());
    let vending: Vec<String> =
        list.into_iter().flatten().filter_map(|of| of.as_str().map(str::to_owned)).collect();
    Work {
        // Where that was not kept, whatever there is bears on all.
        bears: private.get(BEARS).and_then(|bears| bears.as_bool()).unwrap_or(!vending.is_empty()),
        vending,
        file: private.get(FILE).and_then(|file| file.as_bool()).unwrap_or_default(),
    }
}

pub(crate) fn state_word(state: AccountState) -> Option<String> {
    let word = match state {
        AccountState::PendingActivation => "PENDING_ACTIVATION",
        AccountState::Active => "ACTIVE",
        AccountState::Suspended => "SUSPENDED",
        AccountState::PendingClosure => "PENDING_CLOSURE",
        AccountState::Closed => "CLOSED",
        AccountState::Other => return None,
    };
    Some(word.to_owned())
}

pub(super) fn shown(readiness: &Readiness) -> Shown {
    let finding = |check: &Check| Finding {
        check: Attr::Known(check.check.clone()),
        scope: Attr::Known(check.scope.clone()),
        severity: Attr::Known(check.severity.as_str().to_owned()),
        expected: Attr::Known(check.expected.clone()),
        observed: Attr::Known(check.observed.clone()),
        api: Attr::Known(check.api.clone()),
        what_to_do: Attr::Known(check.what_to_do.clone()),
    };
    let checks = readiness.checks.iter();
    Shown {
        checks: Attr::Known(
            checks.map(|(key, check)| (key.clone(), check.verdict.as_str().to_owned())).collect(),
        ),
        findings: Attr::Known(readiness.findings().map(finding).collect()),
        digest: Attr::Known(readiness.digest()),
    }
}
