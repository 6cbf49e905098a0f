//! Why an account is not closed, said to a person.

use fleet_vending::NotClosed;
use fleet_vending::aws::CloseBudget;

use crate::diagnostic::{Report, error};

/// Says why AWS does not close `object`. `closes` are the times of the closes that the inventory
/// knows of.
pub(crate) fn report(
    object: &str,
    reason: NotClosed,
    doing: &str,
    closes: &[jiff::Timestamp],
) -> Report {
    match reason {
        NotClosed::Management => error("FLEET0130", "AWS never closes the management account")
            .what(format!("Cannot {doing}: {object} is the management account of the organization."))
            .why("It pays for all others, and is closed only when they have left.")
            .todo("Set `close_on_deletion = false` and apply; the destroy then lets it go and leaves it open."),
        NotClosed::Unmarked => error("FLEET0130", "An account that nobody manages is not closed")
            .what(format!("Cannot {doing}: {object} carries no `fleet:managed-by` any more; somebody removed it, or released the account."))
            .why("A close cannot be undone, and nothing at AWS says that the account is still this configuration's to close.")
            .todo("Find out who removed the tag (CloudTrail: UntagResource). If the account is to be closed, put its block back and apply, which writes the tags again, and then destroy. If it is somebody else's by now, take it out of the state (`state rm`)."),
        NotClosed::DelegatedAdministrator => error("FLEET0130", "A delegated administrator is not closed")
            .what(format!("Cannot {doing}: {object} administers a service for the whole organization, and AWS does not close such an account."))
            .why("The service would lose its administrator in every account.")
            .todo("`aws organizations list-delegated-services-for-account` names the services. Deregister the account from each (`deregister-delegated-administrator`), then destroy again. The state keeps the account until then."),
        NotClosed::Quota { accounts, at } => {
            let budget = CloseBudget::of(closes, accounts, at);
            error("FLEET0129", "AWS closes no more accounts for now")
                .what(format!("Cannot {doing}: the organization's quota of closes in 30 days is used up ({} for its {accounts} accounts, unless AWS raised it).", budget.quota))
                .why(when(&budget))
                .todo("Destroy again later; the state keeps the account, and it stays retired. Or set `close_on_deletion = false` and apply, so that the destroy leaves it open.")
        }
    }
}

/// What is known of when. AWS tells neither when accounts were closed, nor who closed them.
fn when(budget: &CloseBudget) -> String {
    match budget.next {
        None => "It is unknown when there is room again: this inventory has closed no account in the last 30 days, and AWS does not tell when others did.".to_owned(),
        Some(next) if budget.is_all_ours() => format!(
            "By this inventory's ledger ({} closes in 30 days) there is no room before {next}.",
            budget.ours
        ),
        Some(next) => format!(
            "This inventory's ledger has {} of these closes, and the next of them is 30 days old at {next}. The others were made elsewhere: AWS does not tell when, so there may be room earlier.",
            budget.ours
        ),
    }
}
