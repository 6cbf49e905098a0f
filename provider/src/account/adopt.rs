//! Taking over an account that nobody manages: asked for in the configuration, reported in the plan.

use fleet_model::name::Key;
use fleet_vending::aws::Adoption;
use fleet_vending::aws::preflight::Intent;
use fleet_vending::{Facts, Parent, Quarantine, Refusal};
use tfplugin::diagnostic::Diagnostic;
use tfplugin::{Attr, Change, Context, Plan};

use super::model::Model;
use super::undo::Undo;
use super::{Account, contacts, contract, entry, facts, memory, preflight, report};
use crate::diagnostic::{error, warning};
use crate::refusal;

impl Account {
    /// Looks for the account that the plan would take over, says what that means, and names it: the
    /// apply then takes that one or none.
    pub(super) async fn plan_adoption(&self, context: &Context, plan: &mut Plan<'_, Model>) {
        let Ok(Some(desired)) = plan.planned() else { return };
        // It is ours already, and was told as such.
        if plan.change == Change::Create && desired.id.is_known() {
            return;
        }
        let asked = match plan.change {
            Change::Create => desired.adopt.known() == Some(&true),
            Change::Update => plan.prior.is_some_and(is_unclaimed),
            Change::Delete => false,
        };
        let runtime = &self.desk.runtime;
        let (true, Ok(vendor), Ok(rules)) =
            (asked, runtime.vendor(&desired.vendor), runtime.tags())
        else {
            return;
        };
        if desired.adopt.known() != Some(&true) {
            plan.diagnostics.extend(plan.prior.map(of_nobody));
            return;
        }
        // What is not known yet cannot be reported; the apply looks again in any case.
        let Some(contract) = contract::contract(&desired) else { return };
        let tags = rules.merged(&desired.tags);
        // That it cannot be read is told by then.
        let memory = memory::read(&plan.private, None).unwrap_or_default();
        let job = facts::job(&desired, contract, tags, Default::default(), memory);
        match vendor.adoption(&job, &context.cancelled).await {
            Ok(Some(adoption)) => {
                plan.diagnostics.push(adopts(&desired, &adoption));
                if adoption.memory != job.past.memory {
                    let quarantine = vendor.aws().and_then(|aws| aws.quarantine());
                    let told = undoes(&desired, &adoption, quarantine);
                    plan.diagnostics.extend(told);
                    memory::keep(&mut plan.private, &adoption.memory);
                }
                if plan.change == Change::Create {
                    self.plan_taking(context, plan, &desired, adoption).await;
                }
            }
            Ok(None) => plan.diagnostics.extend(self.nothing_to_adopt(plan, &desired)),
            Err(refused) => plan.diagnostics.push(self.refused(&desired, &refused)),
        }
    }

    /// What only shows once it is known which account a create takes over. An import knows it from the start.
    async fn plan_taking(
        &self,
        context: &Context,
        plan: &mut Plan<'_, Model>,
        desired: &Model,
        adoption: Adoption,
    ) {
        let Facts { id, arn, parent_id, .. } = adoption.facts;
        let runtime = &self.desk.runtime;
        if let (Ok(Some(store)), Ok(managed_by)) =
            (runtime.inventory_if_known(), runtime.managed_by())
            && let Some(key) = desired.key.as_str().and_then(|key| Key::new(key).ok())
            && let Err(refusal) = entry::file(&store, &key, &managed_by, Some(&id))
        {
            plan.diagnostics.push(refusal);
        }
        if let Some(to) = desired.parent.as_str().filter(|_| adoption.moves) {
            self.tell_of_move_to(context, plan, desired, &parent_id, to).await;
        }
        let parent = facts::parent(&desired.parent).unwrap_or(Parent::Id(parent_id));
        let intent = Intent {
            account_id: Some(id.clone()),
            guarded: preflight::of_profile("adopt", desired, parent),
            ..Intent::default()
        };
        self.tell(context, plan, desired, &intent).await;
        plan.set("id", Attr::Known(id));
        plan.set("arn", Attr::Known(arn));
    }

    /// An account of ours that is found again, and none at all, look alike from here: only the second
    /// is worth a word, and the inventory file tells them apart.
    fn nothing_to_adopt(&self, plan: &Plan<'_, Model>, desired: &Model) -> Option<Diagnostic> {
        let file = match self.desk.runtime.inventory_if_known() {
            Ok(Some(store)) => {
                let key = Key::new(desired.key.as_str()?).ok()?;
                store.account(&key).ok().flatten()
            }
            _ => None,
        };
        if plan.change != Change::Create || file.is_some() {
            return None;
        }
        let subject = report::subject(desired);
        Some(
            warning("FLEET0152", format!("{subject}: there is nothing to take over"))
                .at("email")
                .what(format!("`adopt = true`, and no account of the organization that nobody manages has the email `{}`.", desired.email.as_str().unwrap_or_default()))
                .why("The apply creates an account, or finds the one again that an earlier apply of this configuration has made.")
                .todo("Apply, if that is meant. Otherwise correct the email. Where an apply says this after its plan named an account, that one is not there any more, and the CLI stops: plan again.")
                .build(),
        )
    }

    fn refused(&self, desired: &Model, refused: &Refusal) -> Diagnostic {
        refusal::report(refused, &report::doing("take over", desired)).at("email").build()
    }
}

/// Whether the state is that of an import which nobody has consented to take over.
pub(super) fn is_unclaimed(state: &Model) -> bool {
    state.adopt.is_null() && state.account_class.is_null()
}

/// That an imported account needs consent.
pub(super) fn of_nobody(prior: &Model) -> Diagnostic {
    let id = prior.id.as_str().unwrap_or_default();
    error("FLEET0153", format!("Imported account {id} is not managed"))
        .at("adopt")
        .what(format!("The account {id} ({}) was imported, and it carries no `fleet:managed-by`.", prior.name.as_str().unwrap_or_default()))
        .why("What somebody made by other means, or released, is not taken over silently.")
        .todo("Set `adopt = true`: the plan then reports what that changes. Or take it out of the state again (`state rm`).")
        .build()
}

/// The report.
fn adopts(desired: &Model, adoption: &Adoption) -> Diagnostic {
    let facts = &adoption.facts;
    let who = match &adoption.released_from {
        Some(manager) => format!("{manager:?} released it"),
        None => "nobody manages it".to_owned(),
    };
    let state = facts::state_word(facts.state).unwrap_or_else(|| "state unknown".to_owned());
    warning("FLEET0151", format!("{} takes over {}", report::subject(desired), facts.id))
        .at("adopt")
        .what(format!(
            "The account {} ({}, {state}, in {}) has this email, and {who}.",
            facts.id, facts.name, adoption.parent
        ))
        .what(format!("The apply: {}.", changes(desired, adoption).join("; ")))
        .why(others(adoption))
        .todo("Apply, if this is the account you mean and nobody else repairs what is listed. If not, remove `adopt`, or set the control to `verify` or `ignore`.")
        .build()
}

/// What the apply undoes of what the account's own journal says, where neither state nor file knew it: whoever released
/// the account had frozen it.
fn undoes(
    desired: &Model,
    adoption: &Adoption,
    quarantine: Option<&Quarantine>,
) -> Vec<Diagnostic> {
    let prior = Model {
        id: Attr::Known(adoption.facts.id.clone()),
        parent_id: Attr::Known(adoption.facts.parent_id.clone()),
        lifecycle_phase: Attr::Null,
        phase: Attr::Null,
        alternate_contacts: Attr::Null,
        ..desired.clone()
    };
    Undo { desired, prior: &prior, memory: &adoption.memory, quarantine }.told()
}

/// What would be written.
fn changes(desired: &Model, adoption: &Adoption) -> Vec<String> {
    let mut changes =
        vec!["writes the tags `fleet:id`, `fleet:key` and `fleet:managed-by`".to_owned()];
    if !adoption.tags.is_empty() {
        let keys: Vec<&str> = adoption.tags.keys().map(String::as_str).collect();
        changes.push(format!("of your tags sets {}", keys.join(", ")));
    }
    if adoption.moves {
        let before = adoption.memory.parent_before.as_deref();
        let to = desired.parent.as_str().or(before).unwrap_or("its parent");
        changes.push(match desired.onboarding_parent.as_str().filter(|_| adoption.onboards) {
            Some(by) => format!(
                "moves it from {} to {by}, and on to {to} once its baseline is applied",
                adoption.parent
            ),
            None => format!("moves it from {} to {to}", adoption.parent),
        });
    }
    if desired.name.as_str() != Some(adoption.facts.name.as_str()) {
        let to = desired.name.as_str().unwrap_or_default();
        changes.push(format!("gives it the name {to:?} instead of {:?}", adoption.facts.name));
    }
    let asked = contacts::asked(desired);
    for (of, there) in &adoption.contacts {
        let to = asked.get(of).map(contacts::line).unwrap_or_default();
        changes.push(match there {
            Some(there) => {
                format!("writes the {of} contact: {to}, instead of {}", contacts::line(there))
            }
            None => format!("writes the {of} contact: {to}"),
        });
    }
    if let Some(reason) = &adoption.contacts_unread {
        changes.push(format!(
            "writes the alternate contacts that differ, which could not all be read now ({reason})"
        ));
    }
    changes.extend(adoption.changes.iter().cloned());
    if let Some(reason) = &adoption.unseen {
        changes.push(format!(
            "repairs what the owned controls find wrong inside, which could not be seen now ({reason})"
        ));
    }
    for (check, observed) in &adoption.mends {
        changes.push(format!("repairs `{check}` ({observed})"));
    }
    changes
}

/// Who else may be at work.
fn others(adoption: &Adoption) -> String {
    if adoption.signs.is_empty() {
        let seen = match adoption.unseen {
            Some(_) => "its tags",
            None => "its tags and roles",
        };
        return format!(
            "`adopt = true` asks for it. In {seen} nothing shows that Control Tower, AFT, LZA or StackSets work in it."
        );
    }
    let signs: Vec<String> = adoption
        .signs
        .iter()
        .map(|(who, by)| {
            format!("{who} ({})", by.iter().map(String::as_str).collect::<Vec<_>>().join(", "))
        })
        .collect();
    format!(
        "`adopt = true` asks for it. Signs of others in it: {}. What they manage, they may change back.",
        signs.join("; ")
    )
}
