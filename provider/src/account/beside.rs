//! What another provider block of the same run has of an account: each block is a process of its own, and none sees what
//! the other plans.

use tfplugin::Plan;
use tfplugin::diagnostic::Diagnostic;

use super::model::Model;
use super::{Desk, entry};
use crate::diagnostic::error;
use crate::siblings::{Kind, Sibling};

impl Desk {
    /// Notes what the account of this plan is known by, and refuses it where another provider block of the run has it too.
    pub(super) fn beside(&self, plan: &Plan<'_, Model>) -> Option<Diagnostic> {
        let planned = plan.planned().ok().flatten();
        let account = planned.as_ref().or(plan.prior)?;
        let (key, runtime) = (account.key.as_str(), &self.runtime);
        let store = runtime.inventory_if_known().ok().flatten();
        let of_file = key.zip(store).and_then(|(key, store)| {
            runtime.takes_file(Kind::AccountFile, &store, &format!("accounts/{key}.yaml"))
        });
        let of_id = account.id.as_str().and_then(|id| runtime.takes(Kind::Account, id));
        let of_email = account.email.as_str().and_then(|email| {
            // A destroy takes no address.
            planned.as_ref()?;
            runtime.takes(Kind::Email, &email.to_lowercase())
        });
        let key = key.unwrap_or("?");
        of_file
            .map(|sibling| of_key(key, &sibling, "in the same inventory"))
            .or_else(|| of_id.map(|sibling| same_account(account, &sibling)))
            .or_else(|| of_email.map(|sibling| same_email(account, &sibling)))
    }

    /// As [`Desk::beside`], of a key that is to come into an organization, whatever inventory it is kept in.
    pub(super) fn beside_in(&self, organization: &str, key: &str) -> Option<Diagnostic> {
        let sibling = self.runtime.takes(Kind::AccountKey, &format!("{organization}/{key}"))?;
        Some(of_key(key, &sibling, "in the same organization"))
    }
}

fn of_key(key: &str, sibling: &Sibling, place: &str) -> Diagnostic {
    entry::twice(
        key,
        format!(
            "Besides this provider block, {sibling} has an account with the key `{key}` {place}, in this very run."
        ),
    )
}

fn same_account(account: &Model, sibling: &Sibling) -> Diagnostic {
    let (key, id) = (account.key.as_str().unwrap_or("?"), account.id.as_str().unwrap_or("?"));
    error("FLEET0105", format!("Two blocks are account {key}"))
        .at("key")
        .what(format!("The account {id} is in this run twice: here (key `{key}`), and in {sibling}."))
        .why("Each would undo what the other does with every apply, and the first to be destroyed would release or close the account, which the other still has.")
        .todo("Keep one of the two `fleet_account` blocks, under the provider block that is to manage the account. Take the other one out of its state with `state rm`, which calls nothing, or take its `import` block away.")
        .build()
}

fn same_email(account: &Model, sibling: &Sibling) -> Diagnostic {
    let email = account.email.as_str().unwrap_or("?");
    error("FLEET0137", "Two accounts have one email")
        .at("email")
        .what(format!("In this run an account of {sibling} has the email `{email}`, too."))
        .why("An address belongs to one AWS account, whatever its case: the second of them could not be created.")
        .todo("Give each account an address of its own; `aws+name@example.com` reaches the mailbox `aws`.")
        .build()
}
