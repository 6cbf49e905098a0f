//! What an apply undoes: named in its plan, out of the resource's own memory, which private state keeps. The inventory
//! file has a copy for people. It fills the memory of an account that comes in, and never commands.

use fleet_model::account::Contract;
use fleet_model::contact::{Contact, ContactType};
use fleet_model::inventory::AccountDocument;
use fleet_model::lifecycle::{AccountLifecycleState, LifecyclePhase};
use fleet_vending::memory::Before;
use fleet_vending::{Memory, Quarantine};
use tfplugin::diagnostic::Diagnostic;
use tfplugin::{Attr, Private};

use super::model::Model;
use super::{contacts, facts, report};
use crate::diagnostic::{error, warning};

/// The name under which private state keeps the parent that a refresh found, where nobody asked for it.
const FOUND_PARENT: &str = "found_parent";

/// A refresh found the account under a parent that nobody asked for, and the state shows it.
pub(super) fn found_parent(private: &mut Private, parent: &str) {
    private.set(FOUND_PARENT, parent);
}

/// An apply asks for the parent that the state has.
pub(super) fn asked_for_parent(private: &mut Private) {
    private.remove(FOUND_PARENT);
}

/// The file says which parent was asked for, and not which one was found.
pub(super) fn keep_parent(
    document: &mut AccountDocument,
    found: Option<&AccountDocument>,
    private: &Private,
) {
    let was_found = private.get(FOUND_PARENT).and_then(|parent| parent.as_str());
    if let Some(found) = found.filter(|_| was_found == document.arguments.parent.as_deref()) {
        document.arguments.parent.clone_from(&found.arguments.parent);
    }
}

/// An update, as far as it undoes something.
pub(super) struct Undo<'a> {
    pub(super) desired: &'a Model,
    pub(super) prior: &'a Model,
    pub(super) memory: &'a Memory,
    /// Of the provider block, where it has one.
    pub(super) quarantine: Option<&'a Quarantine>,
}

impl Undo<'_> {
    /// What it undoes of a freeze, or of the quarantine that the account was in, as a list of what it does.
    fn of_freeze(&self) -> Vec<String> {
        let Self { desired, prior, memory, quarantine } = self;
        let phase = facts::lifecycle_phase(prior);
        if facts::ended(prior).is_some() || phase == Some(LifecyclePhase::Closed) {
            return Vec::new();
        }
        let rests = facts::wished(desired) != AccountLifecycleState::Active;
        let current = quarantine.and_then(|of| of.policy_id.as_ref()).filter(|_| rests);
        let from = prior.parent_id.as_str().unwrap_or("where it is");
        let mut lines = Vec::new();
        match (desired.parent.as_str(), &memory.parent_before) {
            _ if rests => {}
            (None, Some(before)) if before != from => lines.push(format!(
                "moves it from {from} back to {before}, where it was before it was frozen"
            )),
            (Some(parent), _)
                if facts::is_at_rest(prior) && quarantine.is_some() && parent != from =>
            {
                lines.push(format!("moves it from {from} to its parent {parent}"));
            }
            _ => {}
        }
        let policies = memory.quarantine_policies.iter().filter(|of| Some(*of) != current);
        lines.extend(policies.map(|policy| {
            format!(
                "detaches the policy {policy} from it, which an earlier apply attached to freeze it"
            )
        }));
        lines
    }

    /// The alternate contacts that it deletes, since the configuration has them no more.
    fn of_contacts(&self) -> Vec<String> {
        let Self { desired, memory, .. } = self;
        if desired.alternate_contacts.is_unknown() {
            return Vec::new();
        }
        let gone = self.gone_contacts().filter(|(of, contact)| self.is_ours(*of, contact));
        let before = |of| match memory.contacts.get(&of) {
            Some(Before::Was(contact)) => format!(
                "; before this configuration first wrote it, it was {}, which is not put back",
                contacts::line(contact)
            ),
            Some(Before::Nothing) | None => String::new(),
        };
        gone.map(|(of, contact)| {
            format!("deletes the {of} contact, {}{}", contacts::line(&contact), before(of))
        })
        .collect()
    }

    /// The alternate contacts of the state that the configuration asks for no more, as they are at AWS.
    fn gone_contacts(&self) -> impl Iterator<Item = (ContactType, Contact)> + use<> {
        let asked = contacts::asked(self.desired);
        contacts::asked(self.prior).into_iter().filter(move |(of, _)| !asked.contains_key(of))
    }

    /// Whether a contact is as this configuration wrote it.
    fn is_ours(&self, of: ContactType, contact: &Contact) -> bool {
        contacts::set_before(self.prior, self.memory).get(&of) == Some(contact)
    }

    /// The alternate contacts that it leaves, since somebody else has written them.
    fn of_others(&self) -> Option<Diagnostic> {
        if self.desired.alternate_contacts.is_unknown() {
            return None;
        }
        let theirs = self.gone_contacts().filter(|(of, contact)| !self.is_ours(*of, contact));
        let lines: Vec<String> = theirs
            .map(|(of, contact)| format!("the {of} contact, {}", contacts::line(&contact)))
            .collect();
        (!lines.is_empty()).then(|| {
            let subject = report::subject(self.prior);
            warning("FLEET0181", format!("{subject}: contacts of others stay"))
                .at("alternate_contacts")
                .what(format!("The configuration asks for it no more, and the apply leaves it at AWS: {}.", lines.join("; ")))
                .why("Somebody else has written it since this configuration set a contact of that type. Only what this configuration wrote is deleted.")
                .todo("Nothing, if the contact is right. Delete it by hand if nobody needs it, or write it into `alternate_contacts`.")
                .build()
        })
    }

    /// What the plan says of it.
    pub(super) fn told(&self) -> Vec<Diagnostic> {
        let subject = report::subject(self.prior);
        let said = |at: &str, summary: String, lines: Vec<String>, why: &str, todo: &str| {
            (!lines.is_empty()).then(|| {
                warning("FLEET0143", summary)
                    .at(at)
                    .what(format!("The apply: {}.", lines.join("; ")))
                    .why(why)
                    .todo(todo)
                    .build()
            })
        };
        let freeze = said(
            "lifecycle_state",
            format!("{subject}: what a freeze did is undone"),
            self.of_freeze(),
            "The state remembers what this configuration did to the account. Nothing else is undone, whatever the inventory file or tags say by the time of the apply.",
            "Apply, if that is meant. To have the account somewhere else, set `parent`.",
        );
        let contacts = said(
            "alternate_contacts",
            format!("{subject}: alternate contacts are deleted"),
            self.of_contacts(),
            "This configuration set them, and has them no more. AWS then writes to the root user's address alone.",
            "Apply, if that is meant. To keep a contact at AWS, leave it in the configuration.",
        );
        freeze.into_iter().chain(contacts).chain(self.of_others()).collect()
    }

    /// Why nothing is undone: the account's file says otherwise than the state.
    pub(super) fn contradiction(&self, file: Option<&AccountDocument>) -> Option<Diagnostic> {
        let lines = self.of_freeze();
        let differences = self.memory.contradicted_by(&file?.prior_settings);
        if lines.is_empty() || differences.is_empty() {
            return None;
        }
        let key = self.prior.key.as_str().unwrap_or("?");
        Some(
            error("FLEET0144", format!("State and file disagree about account {key}"))
                .at("lifecycle_state")
                .what(format!("The apply would undo what a freeze did ({}), and `accounts/{key}.yaml` says otherwise: {}.", lines.join("; "), differences.join("; ")))
                .why("The state decides, and the file is a copy of it that anybody can edit. Where they differ about what is to be undone, one of them is old or was changed, and an account could end up where nobody reviewed it.")
                .todo(format!("Look where the account belongs. If the state is right, take `prior_settings` out of the file (or restore its last version from the repository that keeps it) and plan again. If the file is right, restore the state's last version, or set `parent` and detach the policy by hand. An apply that leaves `lifecycle_state` as it is writes the file anew from the state of {key}."))
                .build(),
        )
    }

    /// Whether the account has to go back, and not to where the configuration says.
    pub(super) fn goes_back(&self) -> bool {
        facts::is_at_rest(self.prior)
            && facts::ended(self.prior).is_none()
            && facts::wished(self.desired) == AccountLifecycleState::Active
            && matches!(self.desired.parent, Attr::Null)
    }
}

/// The contract of what a refresh has seen, as the file should have it.
pub(super) fn seen_contract(state: &Model, before: Contract) -> Contract {
    super::contract::contract(state).unwrap_or(before)
}

#[cfg(test)]
mod tests;
