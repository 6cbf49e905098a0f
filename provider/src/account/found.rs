//! What a create finds again: an account that carries our tags already, or that the inventory file of
//! its key names. The plan says so and names it; the apply then takes that one or none.

use fleet_model::inventory::AccountDocument;
use fleet_model::name::Key;
use fleet_vending::aws::Inside;
use fleet_vending::aws::preflight::{Coming, Taken};
use fleet_vending::{Outcome, Refusal, Vendor};
use tfplugin::diagnostic::Diagnostic;
use tfplugin::{Attr, Change, Context, Plan};

use super::model::Model;
use super::{Account, contract, entry, facts, held, report};
use crate::diagnostic::warning;
use crate::refusal;

impl Account {
    /// Looks for the account that a planned create would go on with, and names it.
    pub(super) async fn plan_found(&self, context: &Context, plan: &mut Plan<'_, Model>) {
        if plan.change != Change::Create {
            return;
        }
        let Ok(Some(desired)) = plan.planned() else { return };
        let (Some(key), Ok(vendor)) =
            (desired.key.as_str(), self.desk.runtime.vendor(&desired.vendor))
        else {
            return;
        };
        // A replacement is refused for what it is: it creates nothing.
        if held(&self.loaded).contains_key(key) {
            return;
        }
        let file = self.file_of(key);
        let coming = Coming {
            key,
            email: desired.email.as_str().unwrap_or_default(),
            named: file.as_ref().map(|file| file.id.as_str()),
        };
        match vendor.found(&coming, &context.cancelled).await {
            Ok(Some(taken)) => {
                if self.addresses.plans(&taken.account.id, Change::Create).is_err() {
                    let account = Model { id: Attr::Known(taken.account.id), ..desired };
                    return plan.diagnostics.push(entry::in_state_twice(&account));
                }
                let inside = self.inside(context, &*vendor, &desired, &taken.account.id).await;
                let managed_by = self.desk.runtime.managed_by().unwrap_or_default();
                let told = takes_up(&desired, &managed_by, &taken, inside.as_ref());
                plan.diagnostics.push(told);
                plan.diagnostics.extend(taken.duplicate.as_ref().map(|duplicate| {
                    let summary =
                        format!("{}: another account has its key", report::subject(&desired));
                    let report = warning("FLEET0158", summary);
                    refusal::duplicate::describe(report, duplicate).build()
                }));
                plan.set("id", Attr::Known(taken.account.id));
                plan.set("arn", Attr::Known(taken.account.arn));
            }
            // A call that failed is told by the preflight, and the apply looks again.
            Ok(None)
            | Err(Refusal::Call(_) | Refusal::OutOfTime { .. } | Refusal::Stopped { .. }) => {}
            Err(refused) => {
                let doing = report::doing("create", &desired);
                plan.diagnostics.push(refusal::report(&refused, &doing).at("key").build());
            }
        }
    }

    /// What of ours is in the account; `None` while the contract is not known, or the account cannot be read.
    async fn inside(
        &self,
        context: &Context,
        vendor: &dyn Vendor,
        desired: &Model,
        id: &str,
    ) -> Option<Inside> {
        let contract = contract::contract(desired)?;
        let tags = self.desk.runtime.tags().ok()?.merged(&desired.tags);
        let job = facts::job(desired, contract, tags, Default::default(), Default::default());
        vendor.inside(&job, id, &context.cancelled).await.ok()
    }

    /// The file of the key, unless it is a closed account's, which keeps the key from every other.
    fn file_of(&self, key: &str) -> Option<AccountDocument> {
        let store = self.desk.runtime.inventory_if_known().ok().flatten()?;
        let found = store.account(&Key::new(key).ok()?).ok().flatten()?;
        Some(found.document).filter(|file| !file.is_tombstone())
    }
}

/// That a create goes on with an account that is there.
fn takes_up(
    desired: &Model,
    managed_by: &str,
    taken: &Taken,
    inside: Option<&Inside>,
) -> Diagnostic {
    let account = &taken.account;
    let key = desired.key.as_str().unwrap_or_default();
    let state = facts::state_word(account.state).unwrap_or_else(|| "state unknown".to_owned());
    let place = account.parent_id.as_deref().map_or_else(String::new, |id| format!(", in {id}"));
    let mut changes = Vec::new();
    if let Some(name) = desired.name.as_str().filter(|name| *name != account.name) {
        changes.push(format!("gives it the name {name:?} instead of {:?}", account.name));
    }
    if let Some(email) = desired.email.as_str()
        && !email.eq_ignore_ascii_case(&account.email)
    {
        changes.push(format!("leaves its email {}, though `email` is {email}", account.email));
    }
    if let Some(parent) = desired.parent.as_str()
        && parent.starts_with("ou-")
        && account.parent_id.as_deref().is_some_and(|id| id != parent)
    {
        changes.push(format!("moves it to {parent}"));
    }
    let changes = match changes.as_slice() {
        [] => String::new(),
        changes => format!(" It also {}.", changes.join(", ")),
    };
    let (why, todo) = if taken.is_finished() {
        (
            "An earlier apply came to its end on this account, and this state does not have it. So another state or workspace manages it, or this state was lost.",
            "Apply, if this state is to manage the account from now on. If another state or workspace manages it, do not: two states that manage one account undo each other's changes. Give this configuration a `managed_by` of its own, and the account another `key` and `email`.",
        )
    } else {
        (
            "No apply has come to its end on this account yet: an apply that created it was interrupted, or another run is at work on it now.",
            "Apply, if no other run is at work: it goes on where the interrupted one stopped. If another state or workspace has the account, give this configuration a `managed_by` of its own, and the account another `key` and `email`.",
        )
    };
    warning("FLEET0157", format!("{} takes up {}", report::subject(desired), account.id))
        .at("key")
        .what(format!("The account {} ({:?}, {}, {state}{place}) exists already, with the tags `fleet:managed-by` = {managed_by:?} and `fleet:key` = {key:?}. The apply creates no account: it goes on with this one.{changes}", account.id, account.name, account.email))
        .what(objects(inside))
        .why(why)
        .todo(todo)
        .build()
}

/// What the apply takes up within the account.
fn objects(inside: Option<&Inside>) -> String {
    const REST: &str = "It also goes on with the roles, identity providers and policies in the account that carry the same tags";
    let Some(inside) = inside else {
        return format!("{REST}; they could not be read for this plan.");
    };
    let unread = inside.unread.join("; ");
    let named = inside.objects.join(", ");
    match (named.is_empty(), inside.unread.is_empty()) {
        (true, true) => {
            "No role, policy or identity provider in the account carries these tags.".to_owned()
        }
        (false, true) => format!("{REST}: {named}."),
        (true, false) => format!("{REST}; they could not be read for this plan ({unread})."),
        (false, false) => {
            format!("{REST}: {named}, and others that could not be read ({unread}).")
        }
    }
}

/// That an apply went on with an account that its plan had not seen: a request of an earlier run was still on its way.
pub(super) fn took_up(planned: &Model, outcome: &Outcome) -> Diagnostic {
    let id = &outcome.facts.id;
    warning("FLEET0157", format!("{} took up {id}", report::subject(planned)))
        .at("key")
        .what(format!("The plan was to create an account, and the account {id} was there when the apply looked, with the tags of this configuration. The apply created none, and went on with it."))
        .why("A request of an earlier run that was interrupted was still on its way, or its answer was lost. It may also be that another state or workspace with the same `managed_by` created the account at the same time.")
        .todo("Nothing, if an earlier apply was interrupted. If another state or workspace has the account, take it out of this state (`state rm`), and give each configuration a `managed_by` of its own.")
        .build()
}
