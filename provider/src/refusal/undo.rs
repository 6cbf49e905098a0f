//! That an account which was frozen does not go back to where it was.

use fleet_vending::NotUndone;

use crate::diagnostic::{Report, error};

/// Says why. `doing` completes "Cannot …".
pub(crate) fn report(object: &str, reason: &NotUndone, doing: &str) -> Report {
    match reason {
        NotUndone::Lost => error("FLEET0145", "Where a frozen account was is lost")
            .at("parent")
            .what(format!("Cannot {doing}: {object} is in the quarantine, and neither the state nor the account's tag `fleet:journal` says where it was before it was frozen."))
            .why("The configuration has no `parent`, so the account would go back to where it was. The state was lost or the account imported without its inventory file, and its tags were removed. To leave it in the quarantine and call it active would be wrong, and to guess, too.")
            .todo("Set `parent` to the organizational unit where the account belongs: the history of `accounts/<key>.yaml` in Git (`prior_settings`) or AWS CloudTrail (`MoveAccount`) says which it was."),
        NotUndone::NotPlanned(parent) => error("FLEET0144", "The plan did not name what is to be undone")
            .at("parent")
            .what(format!("Cannot {doing}: {object} is in the quarantine, and its tag `fleet:journal` says that it came from {parent}. The plan did not show that."))
            .why("An apply that died after it moved the account left the tag; or somebody wrote it since the plan. Tags can be written by others, so the plan has to show where the account goes.")
            .todo("Plan again, with a refresh, and look at what it says now; or set `parent`."),
        NotUndone::PolicyNotPlanned(policy) => error("FLEET0144", "The plan did not name what is to be undone")
            .at("lifecycle_state")
            .what(format!("Cannot {doing}: the quarantine's policy {policy} is attached to {object}, and its tag `fleet:journal` says that a freeze attached it. The plan did not show that it is detached."))
            .why("An apply that died after it attached the policy left the tag; or somebody wrote it since the plan. To move the account and leave the policy on it would take everything in the account out of use.")
            .todo("Plan again, with a refresh, and look at what it says now. If no freeze attached the policy, take the tag `fleet:journal` off the account first."),
        NotUndone::Gone(parent) => error("FLEET0145", "Where a frozen account was does not exist")
            .at("parent")
            .what(format!("Cannot {doing}: {object} was in {parent} before it was frozen, and the organization has no such unit any more."))
            .why("The configuration has no `parent`, so the account would go back to where it was. It stays in the quarantine, under its policy, until it is said where it goes.")
            .todo("Set `parent` to the organizational unit where the account belongs now."),
        NotUndone::Moved { planned, found } => error("FLEET0144", "The account was moved since the plan")
            .at("parent")
            .what(format!("Cannot {doing}: the plan was to move {object} out of {planned}, and it is in {found} now."))
            .why("An apply does what its plan showed. Somebody moved the account in between, and may have meant it.")
            .todo("Plan again, and look at what it says now."),
    }
}
