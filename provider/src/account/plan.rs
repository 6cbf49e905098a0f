//! What a plan refuses, and when it shows an update.

use fleet_model::inventory::AccountDocument;
use fleet_model::lifecycle::{AccountLifecycleState, LifecyclePhase};
use fleet_model::name::Key;
use fleet_vending::aws::api::AccountState;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::{Attr, Plan};

use super::clusters::{self, Step};
use super::model::Model;
use super::step::refuse_step;
use super::undo::Undo;
use super::view::View;
use super::{check, contract, entry, facts, leftovers, memory, removed, report, shed};
use crate::diagnostic::{Report, error};
use crate::inventory::{LostReport as _, Remembered as _, Seen};
use crate::{email, tags};

/// What an apply finds anew, with what has to change for it to become another one.
const FOUND: [(&str, Follows); 7] = [
    ("parent_id", Follows::Vending),
    ("phase", Follows::Vending),
    ("status_reason", Follows::Vending),
    ("ready", Follows::Vending),
    ("readiness", Follows::Vending),
    ("state", Follows::Activation),
    ("inventory_sha256", Follows::Anything),
];

/// Which changes a computed attribute follows: it is unknown in the plan of those, and of no others.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Follows {
    /// What bears on where the account sits and on its checks; whatever is left to do on one that is not ready.
    Vending,
    /// AWS's work on an account that is not active yet: no update opens, suspends or closes one.
    Activation,
    /// Any change.
    Anything,
}

/// Arguments, and what is planned of them, that no check looks at and nothing moves for: they end in tags, settings and
/// the inventory file. An attribute that is not among them is taken for one that bears on vending.
const DESCRIBES: [&str; 16] = [
    "account_class",
    "alternate_contacts",
    "budget_owner",
    "close_on_deletion",
    "data_classification",
    "email",
    "email_update_otp",
    "environment",
    "gitops_enabled",
    "name",
    "network_profile",
    "owner",
    "pending_email",
    "tags",
    "tags_all",
    "timeouts",
];

/// A plan to create.
pub(super) fn create(plan: &mut Plan<'_, Model>, view: &View<'_>) {
    let Some(desired) = plan.proposed.clone() else { return };
    let key = match (&desired.key, plan.config.map(|config| &config.key)) {
        // Null in configuration: the account's name is its key.
        (_, Some(Attr::Null)) => desired.name.clone(),
        (key, _) => key.clone(),
    };
    if plan.config.is_some_and(|config| config.key.is_null())
        && let Some(name) = desired.name.known()
    {
        check::check_key_from_name(name, &mut plan.diagnostics);
    }
    plan.set("key", key.clone());
    plan.set("pending_email", Attr::<String>::Null);
    if plan.config.is_some_and(|config| config.email.is_null()) {
        match desired.vendor {
            Attr::Null => made_email(plan, &key, &view.email_pattern),
            // Only AWS has an address for each account.
            Attr::Known(_) => plan.set("email", Attr::<String>::Null),
            Attr::Unknown => plan.set_unknown("email"),
        }
    }
    if plan.config.is_some_and(|config| config.baseline_version.is_null()) {
        plan.set("baseline_version", first_version(view, &key, &desired.vendor));
    }
    plan_tags(plan, &desired, view);
    if let Some(role) = desired.role_name.as_str() {
        plan.diagnostics.extend(check::role_of_vending(role, &view.own_roles));
    }
    let Some(key) = key.known() else { return };
    if (view.holder)(key).is_some() {
        plan.diagnostics.push(replacement(key));
    }
    // With the email that the pattern made.
    if let Ok(Some(desired)) = plan.planned() {
        plan.diagnostics.extend(comes_in(view, key, None, &desired));
        if let Some(file) = view.file(key, None) {
            undoes(plan, view, &desired, &as_filed(&desired, &file), Some(&file));
        }
    }
}

/// The version of the baseline of an account that comes in without one: as its file says, where its state was lost.
fn first_version(view: &View<'_>, key: &Attr<String>, vendor: &Attr<String>) -> Attr<i64> {
    if vendor.is_known() {
        return Attr::Null;
    }
    let file = key.known().and_then(|key| view.file(key, None));
    let version = file.map(|file| file.contract.baseline_version).unwrap_or_default();
    Attr::Known(version.number())
}

/// A created account that has a file already is one whose state was lost: what there was is what the file says.
fn as_filed(desired: &Model, file: &AccountDocument) -> Model {
    Model {
        lifecycle_phase: Attr::Known(contract::phase(Some(file)).as_str().to_owned()),
        id: Attr::Known(file.id.clone()),
        parent_id: Attr::Null,
        phase: Attr::Null,
        alternate_contacts: Attr::Null,
        ..desired.clone()
    }
}

/// Keeps what the apply goes by, and says what it undoes.
fn undoes(
    plan: &mut Plan<'_, Model>,
    view: &View<'_>,
    desired: &Model,
    prior: &Model,
    file: Option<&AccountDocument>,
) {
    let memory = match memory::read(&plan.private, file) {
        Ok(memory) => memory,
        Err(unreadable) => return plan.diagnostics.push(unreadable),
    };
    memory::keep(&mut plan.private, &memory);
    let quarantine = view.aws().and_then(|aws| aws.quarantine());
    let undo = Undo { desired, prior, memory: &memory, quarantine };
    match undo.contradiction(file) {
        Some(contradiction) => plan.diagnostics.push(contradiction),
        None => plan.diagnostics.extend(undo.told()),
    }
}

/// Why an account cannot come in as it is planned. `id` is that of one that is there.
fn comes_in(view: &View<'_>, key: &str, id: Option<&str>, desired: &Model) -> Option<Diagnostic> {
    let enters = entry::Enters {
        key: &Key::new(key).ok()?,
        email: desired.email.as_str().unwrap_or_default(),
        id,
        wished: AccountLifecycleState::parse(desired.lifecycle_state.as_str()?)?,
    };
    enters.check(view.store?, view.managed_by?, view.has_quarantine()).err()
}

/// The address that the provider block's pattern makes of the key.
fn made_email(plan: &mut Plan<'_, Model>, key: &Attr<String>, pattern: &Attr<String>) {
    match (pattern, key) {
        (Attr::Null, _) => plan.diagnostics.push(
            error("FLEET0119", "The account has no email")
                .at("email")
                .what("The account has no `email`, and the provider block has no `email_pattern`.")
                .why("AWS creates no account without the address of its root user.")
                .todo("Give the account an `email`, or the provider block an `email_pattern` such as `aws+{key}@example.com`.")
                .build(),
        ),
        (Attr::Known(pattern), Attr::Known(key)) => {
            let made = email::of(pattern, key);
            if let Err(problem) = email::check_new(&made) {
                plan.diagnostics.push(
                    error("FLEET0119", "The account has no email")
                        .at("email")
                        .what(format!("The provider's `email_pattern` makes `{made}` of the key `{key}`: {problem}."))
                        .why("AWS would refuse the address, and create no account.")
                        .todo("Give the account an `email` of its own, or a shorter `key`.")
                        .build(),
                );
            }
            plan.set("email", Attr::Known(made));
        }
        _ => plan.set_unknown("email"),
    }
}

/// A plan to change. An update is shown when something asked for differs, or when the last refresh
/// found that an apply has work to do; otherwise a warning says that the account is not ready.
pub(super) fn update(plan: &mut Plan<'_, Model>, view: &View<'_>) {
    let (Some(desired), Some(prior)) = (plan.proposed.clone(), plan.prior) else { return };
    if removed::is(prior) {
        return removed::plan(plan, prior);
    }
    plan.diagnostics.extend(frozen(&desired, prior));
    // As if nothing changed: what does change is told below.
    for (name, _) in FOUND {
        plan.keep_prior(name);
    }
    plan.keep_prior("lifecycle_phase");
    super::email::plan(plan, prior);
    if let (Some(config), Some(store)) = (plan.config, view.store)
        && let Some(to) = super::email::asked(config, prior)
    {
        plan.diagnostics.extend(entry::buried(store, "", &to));
    }
    let mut key = desired.key.clone();
    if prior.key.is_null() && plan.config.is_some_and(|config| config.key.is_null()) {
        // Imported, and not vended by us: the account's name is its key.
        if let Some(name) = desired.name.known() {
            check::check_key_from_name(name, &mut plan.diagnostics);
        }
        key = desired.name.clone();
        plan.set("key", key.clone());
    }
    plan_tags(plan, &desired, view);
    let closed = facts::lifecycle_phase(prior) == Some(LifecyclePhase::Closed);
    let lifecycle_changes =
        !closed && desired.lifecycle_state.as_str() != prior.lifecycle_phase.as_str();
    plan.diagnostics.extend(match (entry::is_new(prior), key.known()) {
        (true, Some(key)) => imported(plan, view, key, prior),
        (true, None) => None,
        (false, _) => goes_on(view, &desired, prior),
    });

    if let (Some(key), Some(store)) = (key.known(), view.store)
        && lifecycle_changes
        && facts::wished(&desired) == AccountLifecycleState::Retired
    {
        plan.diagnostics.extend(clusters::told(key, Step::Retire, store));
    }
    plan.diagnostics.extend(written_anew(plan, view, prior));
    let file = key.known().and_then(|key| view.file(key, prior.id.as_str()));
    undoes(plan, view, &desired, prior, file.as_ref());
    if let Ok(memory) = memory::read(&plan.private, None) {
        let gone = shed::of(view, &desired, prior, &memory);
        plan.diagnostics.extend(shed::told(&desired, prior, &gone));
        plan.diagnostics.extend(shed::retired(&desired, prior, &memory));
        plan.diagnostics.extend(leftovers::told(&desired, prior, &memory, &gone));
    }

    let work = facts::remembered(&plan.private);
    if let Some(end) = facts::ended(prior) {
        plan.diagnostics.push(report::ended(prior, end));
    }
    if plan.is_changed() || !work.is_none() || lifecycle_changes {
        let bears = plan.changes().iter().any(|name| !DESCRIBES.contains(name));
        let settled = prior.ready.known() == Some(&true) && !work.bears;
        let active = facts::state_word(AccountState::Active);
        for (name, follows) in FOUND {
            let stays = match follows {
                Follows::Vending => settled && !bears && !lifecycle_changes,
                Follows::Activation => prior.state.as_str() == active.as_deref(),
                Follows::Anything => false,
            };
            if !stays {
                plan.set_unknown(name);
            }
        }
        if lifecycle_changes {
            plan.set_unknown("lifecycle_phase");
        }
    } else if prior.ready.known() == Some(&false)
        && !facts::is_at_rest(prior)
        && facts::ended(prior).is_none()
    {
        plan.diagnostics.push(report::not_ready(prior, false, None));
    }
}

/// That the file which the state has seen is not there, and is written anew.
fn written_anew(plan: &Plan<'_, Model>, view: &View<'_>, prior: &Model) -> Option<Diagnostic> {
    let (key, store) = (Key::new(prior.key.as_str()?).ok()?, view.store?);
    let seen = Seen::recall(&plan.private, memory::SEEN);
    let lost = store.lost_account(&key, prior.id.as_str()?, &seen).ok()??;
    let told = lost.is_missing().then(|| lost.written_anew(store, view.managed_by));
    told.flatten().map(Report::build)
}

fn plan_tags(plan: &mut Plan<'_, Model>, desired: &Model, view: &View<'_>) {
    match &view.tags {
        Some(rules) if !desired.tags.is_unknown() => {
            let all = rules.merged(&desired.tags);
            let mut diagnostics = Diagnostics::new();
            rules.check_ignored(&desired.tags, &mut diagnostics);
            tags::check_number(&all, &mut diagnostics);
            tags::check_case(&desired.tags, &all, &mut diagnostics);
            plan.diagnostics.extend(diagnostics);
            plan.set("tags_all", Attr::Known(all));
        }
        _ => plan.set_unknown("tags_all"),
    }
}

/// What cannot change, each with the reason.
pub(super) fn frozen(desired: &Model, prior: &Model) -> Vec<Diagnostic> {
    /// Attribute, what is asked for, state, why it cannot change, what to do.
    type Row<'a> = (&'a str, &'a Attr<String>, &'a Attr<String>, &'a str, &'a str);
    let rows: [Row<'_>; 3] = [
        (
            "key",
            &desired.key,
            &prior.key,
            "The inventory file, the clusters and the account's id in the fleet hang on the key.",
            "Keep the key. It is only a key: the account can be described by every other argument.",
        ),
        (
            "role_name",
            &desired.role_name,
            &prior.role_name,
            "It names the role that AWS made when it created the account; another name would make no other role.",
            "Keep the name. Roles that were made since are tried with `member_access.bootstrap_role_names`.",
        ),
        (
            "iam_user_access_to_billing",
            &desired.iam_user_access_to_billing,
            &prior.iam_user_access_to_billing,
            "It goes in with the call that creates the account, and AWS has no call that changes it.",
            "Keep the value. The root user of the account can change the setting in the console, under its account's billing preferences.",
        ),
    ];
    let mut found = Vec::new();
    for (attribute, desired, prior, why, todo) in rows {
        if let (Some(to), Some(from)) = (desired.known(), prior.known())
            && to != from
        {
            found.push(
                error("FLEET0102", format!("The {attribute} of an account cannot change"))
                    .at(attribute)
                    .what(format!("The plan would change `{attribute}` from `{from}` to `{to}`."))
                    .why(why)
                    .todo(format!("{todo} For another account, write another block with another key, and retire this one."))
                    .build(),
            );
        }
    }
    found
}

/// Why an account cannot come in by its import.
fn imported(
    plan: &Plan<'_, Model>,
    view: &View<'_>,
    key: &str,
    prior: &Model,
) -> Option<Diagnostic> {
    let id = prior.id.as_str()?;
    entry::refuse_key(key, id, (view.holder)(key).as_deref())
        .or_else(|| comes_in(view, key, Some(id), &plan.planned().ok()??))
}

/// Why an account that we have cannot be what is planned.
fn goes_on(view: &View<'_>, desired: &Model, prior: &Model) -> Option<Diagnostic> {
    let key = prior.key.as_str()?;
    if let (Some(store), Some(managed_by), Ok(key)) = (view.store, view.managed_by, Key::new(key))
        && let Err(refusal) = entry::file(store, &key, managed_by, prior.id.as_str())
    {
        return Some(refusal);
    }
    let phase = facts::lifecycle_phase(prior).filter(|phase| *phase != LifecyclePhase::Closed)?;
    let wished = AccountLifecycleState::parse(desired.lifecycle_state.as_str()?)?;
    refuse_step(key, phase, wished, view.store, view.has_quarantine())
}

/// Refuses the destruction of an account that is not retired, at plan and in apply.
pub(super) fn refuse_destroy(prior: &Model) -> Option<Diagnostic> {
    // Of a closed account nothing is left that a destroy could take away; one that was only asked for is not asked for any
    // more.
    if facts::is_requested(prior)
        || matches!(
            facts::lifecycle_phase(prior),
            Some(LifecyclePhase::Retired | LifecyclePhase::Closed)
        )
    {
        return None;
    }
    let key = prior.key.as_str().unwrap_or("?");
    let phase = prior.lifecycle_phase.as_str().unwrap_or(LifecyclePhase::Active.as_str());
    Some(
        error("FLEET0103", format!("Account {key} is not retired"))
            .at("lifecycle_state")
            .what(format!("The account `{key}` would be destroyed, and its lifecycle phase is `{phase}`."))
            .why("Destroying is the last step of decommissioning. What runs in the account would lose its owner, and with `close_on_deletion` the account itself.")
            .todo("Set `lifecycle_state = \"retired\"` and apply; then remove the block, or destroy, in a second apply. To only forget it, use a `removed` block with `destroy = false`.")
            .build(),
    )
}

fn replacement(key: &str) -> Diagnostic {
    error("FLEET0104", format!("Account {key} would be created a second time"))
        .at("key")
        .what(format!("The plan creates an account with the key `{key}`, and the state has one already."))
        .why("That is a replacement, or two blocks with one key. Replacing would let the account go and vend another; nothing about an account needs that. It comes from `-replace`, a tainted object, `replace_triggered_by`, or a block that was renamed without `moved`.")
        .todo("Leave out `-replace` (an apply repairs the account in place), run `untaint`, add a `moved` block, or give one of the blocks another `key`.")
        .build()
}

#[cfg(test)]
mod tests;
