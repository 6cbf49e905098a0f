//! What AWS would refuse of a planned account: every finding at once, each at its attribute.

use fleet_model::account::{Contract, ControlMode};
use fleet_model::name::Key;
use fleet_vending::aws::controls;
use fleet_vending::aws::preflight::{Finding, Guard, Guarded, Intent, Quota, Violation};
use fleet_vending::{Memory, Parent, Refusal};
use tfplugin::diagnostic::{Diagnostic, Path};
use tfplugin::{Attr, Change, Context, Plan};

use super::contract::contract;
use super::facts::{self, parent};
use super::model::Model;
use super::{Account, email, entry, guardrails, held, landing_zone, memory, report};
use crate::diagnostic::{error, warning};
use crate::refusal;
use crate::refusal::cause::{self, Meaning};
use crate::region::no_such_region;

impl Account {
    /// Adds what stands in the way of a create, or of a change. While the provider block is not known
    /// there is nobody to ask.
    pub(super) async fn preflight(&self, context: &Context, plan: &mut Plan<'_, Model>) {
        // With the email that the provider block's pattern makes.
        let Ok(Some(desired)) = plan.planned() else { return };
        let Ok(vendor) = self.desk.runtime.vendor(&desired.vendor) else { return };
        if vendor.aws().is_none() && plan.change == Change::Update && !plan.is_changed() {
            return;
        }
        let intent = match plan.change {
            Change::Create => {
                let intent = self.create_intent(plan, &desired);
                // A replacement is refused for what it is: it creates nothing.
                if intent.key.as_ref().is_some_and(|key| held(&self.loaded).contains_key(key)) {
                    return;
                }
                intent
            }
            Change::Update => self.update_intent(plan, &desired, vendor.has_quarantine()),
            Change::Delete => return,
        };
        self.tell(context, plan, &desired, &intent).await;
    }

    /// Adds what stands in the way of `intent`.
    pub(super) async fn tell(
        &self,
        context: &Context,
        plan: &mut Plan<'_, Model>,
        desired: &Model,
        intent: &Intent,
    ) {
        let Ok(vendor) = self.desk.runtime.vendor(&desired.vendor) else { return };
        let job = self.desk.job_of_plan(plan, desired);
        let own = desired.tags.known();
        let doing = report::doing(if intent.create { "create" } else { "change" }, desired);
        let adopts = desired.adopt.known() == Some(&true);
        for finding in vendor.preflight(job.as_ref(), intent, &context.cancelled).await {
            // What nobody manages is taken over, and reported as such.
            if adopts && matches!(&finding, Finding::Email(Refusal::Unmanaged { .. })) {
                continue;
            }
            if let (Finding::Unguarded { .. }, Some(key)) = (&finding, &intent.key)
                && let Ok(key) = Key::new(key.as_str())
            {
                let open = vec![controls::ORGANIZATION_POLICIES.to_owned()];
                self.desk.runtime.account_stays_closed(&key, open);
            }
            let is_own = |key: &str| own.is_some_and(|own| own.contains_key(key));
            plan.diagnostics.extend(said(&finding, intent, &doing, is_own));
        }
    }

    fn create_intent(&self, plan: &Plan<'_, Model>, desired: &Model) -> Intent {
        // Null in configuration: the account's name is its key.
        let key = match plan.config.map(|config| &config.key) {
            Some(Attr::Null) => &desired.name,
            _ => &desired.key,
        };
        Intent {
            create: true,
            account_id: None,
            key: key.known().cloned(),
            email: desired.email.known().cloned(),
            parent: parent(&desired.parent),
            onboarding_parent: parent(&desired.onboarding_parent),
            tags: self.tags(desired),
            regions: desired.region_set.known().cloned().unwrap_or_default(),
            needs_all_features: needs_all_features(&Model { key: key.clone(), ..desired.clone() }),
            verifies: contract(&Model { key: key.clone(), ..desired.clone() })
                .filter(|of| !desired.parent.is_unknown() && verifies(of))
                .map(Box::new),
            guarded: None,
            keeps: contract(&Model { key: key.clone(), ..desired.clone() })
                .filter(keeps)
                .map(|of| (Box::new(of), parent(&desired.parent))),
            remembered: Memory::default(),
            enters: entered([
                ("parent", parent(&desired.parent)),
                ("onboarding_parent", parent(&desired.onboarding_parent)),
            ]),
        }
    }

    fn update_intent(&self, plan: &Plan<'_, Model>, desired: &Model, quarantine: bool) -> Intent {
        let Some(prior) = plan.prior else { return Intent::default() };
        let moves = desired.parent != prior.parent;
        let tags = self.tags(desired);
        Intent {
            account_id: prior.id.known().cloned(),
            key: desired.key.known().filter(|_| entry::is_new(prior)).cloned(),
            email: plan.config.and_then(|config| email::asked(config, prior)),
            parent: parent(&desired.parent).filter(|_| moves),
            onboarding_parent: parent(&desired.onboarding_parent)
                .filter(|_| desired.onboarding_parent != prior.onboarding_parent),
            tags: tags.filter(|tags| prior.tags_all.known() != Some(tags)),
            regions: desired
                .region_set
                .known()
                .filter(|_| desired.region_set != prior.region_set)
                .cloned()
                .unwrap_or_default(),
            guarded: guarded(desired, prior, quarantine),
            // An apply that does nothing changes no policy either.
            keeps: contract(desired)
                .filter(|of| plan.is_changed() && works(desired, prior) && keeps(of))
                .map(|of| (Box::new(of), parent(&desired.parent).or_else(|| stays(prior)))),
            remembered: memory::read(&plan.private, None).unwrap_or_default(),
            enters: entered([(
                "parent",
                parent(&desired.parent).filter(|_| enters(desired, prior, moves)),
            )]),
            ..Intent::default()
        }
    }

    fn tags(&self, desired: &Model) -> Option<crate::tags::Tags> {
        let rules = self.desk.runtime.tags_if_known()?;
        (!desired.tags.is_unknown()).then(|| rules.merged(&desired.tags))
    }
}

/// Whether an apply moves the account into its parent: the parent is another one, or it comes back from a quarantine.
fn enters(desired: &Model, prior: &Model, moves: bool) -> bool {
    works(desired, prior) && (moves || facts::rests(&prior.lifecycle_phase))
}

/// The units that are known.
fn entered<const N: usize>(
    units: [(&'static str, Option<Parent>); N],
) -> Vec<(&'static str, Parent)> {
    units.into_iter().filter_map(|(argument, unit)| unit.map(|unit| (argument, unit))).collect()
}

/// What of a change may attach policies to the account. `quarantine`: whether accounts at rest go into one.
fn guarded(desired: &Model, prior: &Model, quarantine: bool) -> Option<Guarded> {
    if facts::rests(&desired.lifecycle_state) {
        // It is asked nothing else there.
        let freezes = quarantine && !facts::rests(&prior.lifecycle_phase);
        let by = Guard::Quarantine;
        return freezes.then_some(Guarded { asked_by: "lifecycle_state", by });
    }
    let asked_by = if desired.parent != prior.parent {
        "parent"
    } else if desired.baseline_policy != prior.baseline_policy {
        "baseline_policy"
    } else if desired.controls != prior.controls {
        "controls"
    } else {
        return None;
    };
    of_profile(asked_by, desired, parent(&desired.parent).or_else(|| stays(prior))?)
}

/// Where an account is that nothing moves.
fn stays(prior: &Model) -> Option<Parent> {
    prior.parent_id.known().cloned().map(Parent::Id)
}

/// Whether an apply comes to the controls of the account at all.
fn works(desired: &Model, prior: &Model) -> bool {
    !facts::rests(&desired.lifecycle_state) && facts::ended(prior).is_none()
}

/// The policies of the account's profile, where they are ours to attach.
pub(super) fn of_profile(
    asked_by: &'static str,
    desired: &Model,
    parent: Parent,
) -> Option<Guarded> {
    let contract = contract(desired)?;
    keeps(&contract).then(|| Guarded { asked_by, by: Guard::Profile(Box::new(contract), parent) })
}

/// Whether somebody else attaches the policies of the account's profile.
fn verifies(contract: &Contract) -> bool {
    controls::mode(contract, controls::ORGANIZATION_POLICIES) == ControlMode::Verify
}

/// Whether the policies of the account's profile are ours to keep.
fn keeps(contract: &Contract) -> bool {
    controls::mode(contract, controls::ORGANIZATION_POLICIES) == ControlMode::Own
}

/// What only works with all features: service control policies, and to close an account.
fn needs_all_features(desired: &Model) -> Vec<&'static str> {
    let mut needed_by = Vec::new();
    // A contract that is not known whole says nothing yet.
    let policies = contract(desired).is_some_and(|contract| {
        controls::mode(&contract, controls::ORGANIZATION_POLICIES) != ControlMode::Ignore
    });
    if policies {
        needed_by.push("controls");
    }
    if desired.close_on_deletion.known() == Some(&true) {
        needed_by.push("close_on_deletion");
    }
    needed_by
}

fn said(
    finding: &Finding,
    intent: &Intent,
    doing: &str,
    is_own: impl Fn(&str) -> bool,
) -> Vec<Diagnostic> {
    let said = match finding {
        Finding::KeyTwice { key } => {
            let what = format!("Another `fleet_account` of this plan has the key `{key}`.");
            entry::twice(key, what)
        }
        Finding::EmailTwice { email } => error("FLEET0137", "Two accounts have one email")
            .at("email")
            .what(format!("Another `fleet_account` of this plan has the email `{email}`."))
            .why("An address belongs to one AWS account, whatever its case: the second of them could not be created.")
            .todo("Give each account an address of its own; `aws+name@example.com` reaches the mailbox `aws`.")
            .build(),
        Finding::EmailTaken { email, by } => email::taken(email, by, doing),
        Finding::Email(refused) => refusal::report(refused, doing).at("email").build(),
        Finding::Parent(refused) => refusal::report(refused, doing).at("parent").build(),
        Finding::OnboardingParent(refused) => {
            refusal::report(refused, doing).at("onboarding_parent").build()
        }
        Finding::NoSuchRegion { name, near } => no_such_region("region_set", name, near).build(),
        Finding::Quota(found) => quota(found),
        Finding::TagPolicy(found) => tag_policy(found, is_own(&found.key)),
        Finding::Features { needed_by } => {
            let names: Vec<String> = needed_by.iter().map(|name| format!("`{name}`")).collect();
            error("FLEET0139", "The organization lacks all features")
                .at(needed_by.first().copied().unwrap_or("controls"))
                .what(format!("The organization has only consolidated billing, and this account needs all features for {}.", names.join(" and ")))
                .why("Service control policies, and closing accounts, exist only in organizations with all features: the account could never be ready, or never be closed.")
                .todo("Enable all features (`aws organizations enable-all-features`). Or set `controls = { organization-policies = \"ignore\" }` and leave out `close_on_deletion`.")
                .build()
        }
        Finding::Headroom { asked_by, account_id, attached, more, most } => {
            error("FLEET0140", "No room for service control policies")
                .at(*asked_by)
                .what(format!("The apply would attach {more} more service control policies to the account {account_id}, which has {attached}."))
                .why(format!("AWS attaches at most {most} to one account, organizational unit or root; those that are inherited do not count."))
                .todo("Detach policies from the account, or attach those that it needs to its organizational unit. Those of the profile are not attached with `controls = { organization-policies = \"verify\" }`.")
                .build()
        }
        Finding::Unguarded { missing, enabled } => {
            let (of, them) = if *enabled {
                ("They are attached neither to the account's parent nor above it.", "attach them to it")
            } else {
                ("The organization has service control policies switched off.", "switch the policy type on and attach them")
            };
            warning("FLEET0170", format!("Account {} will not become ready", intent.key.as_deref().unwrap_or("of this block")))
                .at("controls")
                .what(format!("`baseline_policy` wants the service control policies {}. {of}", missing.join(", ")))
                .why("The control `organization-policies` is `verify` unless `controls` says otherwise: somebody else attaches these policies, and the provider only checks that they are there. Until they are, the account is not ready, and no cluster in it is admitted.")
                .todo(format!("Set `controls = {{ organization-policies = \"own\" }}` to have the provider create the policies and attach them to the account. Or {them} by other means. Or set `organization-policies = \"ignore\"` where other policies guard the account."))
                .build()
        }
        Finding::Ungoverned(found) => landing_zone::ungoverned(found, doing),
        Finding::Problem { problem, blocks } => refusal::vendor::finding(problem, *blocks, doing),
        Finding::Guardrails { profile, news } => return guardrails::told(*profile, news),
        Finding::Unchecked { check, error } => {
            let Meaning { why, todo, .. } = cause::meaning(error);
            warning("FLEET0141", format!("Not checked at plan: {check}"))
                .at(asked_by(intent))
                .what(cause::what(error))
                .why(format!("{why} What cannot be read is not checked, for this account and for the others of this plan. AWS may refuse in the apply what the plan could have told."))
                .todo(format!("{todo} Or go on without the check."))
                .build()
        }
    };
    vec![said]
}

/// The argument that asks for most of what is checked.
fn asked_by(intent: &Intent) -> &'static str {
    match &intent.guarded {
        Some(guarded) => guarded.asked_by,
        None if intent.create || intent.email.is_some() => "email",
        None => "parent",
    }
}

fn quota(found: &Quota) -> Diagnostic {
    let Quota { accounts, closed, planned, quota, certain } = found;
    let what = format!(
        "The organization has {accounts} accounts, {closed} of them suspended or closed, and this plan creates {planned} more so far; its quota is {quota}."
    );
    let todo = "Ask for a higher quota (Service Quotas in us-east-1, `organizations`, L-E619E033), or create fewer accounts.";
    if *certain {
        error("FLEET0136", "The quota of accounts is used up")
            .at("email")
            .what(what)
            .why("Each account counts, the management account too, and a closed one for 90 more days. AWS refuses what goes beyond.")
            .todo(todo)
            .build()
    } else {
        warning("FLEET0136", "More accounts than the quota says")
            .at("email")
            .what(what)
            .why("There are more accounts than the quota allows, so AWS goes by another number, which Service Quotas does not tell.")
            .todo(todo)
            .build()
    }
}

fn tag_policy(found: &Violation, own: bool) -> Diagnostic {
    let Violation { key, value, complying_key, complying_values } = found;
    let complies = if key == complying_key {
        format!("it complies with one of: {}", complying_values.join(", "))
    } else {
        format!("it complies when it is spelled `{complying_key}`")
    };
    let path = if own { Path::attribute("tags").key(key) } else { Path::attribute("tags") };
    warning("FLEET0138", format!("A tag policy may refuse the tag {key}"))
        .at(path)
        .what(format!("The tag {key:?} = {value:?} does not comply with the effective tag policy of the management account; {complies}."))
        .why("The policy is enforced for `organizations:account`: AWS then refuses to create or tag the account.")
        .todo("Change the tag here or in `default_tags`, or have the tag policy changed.")
        .build()
}

#[cfg(test)]
mod tests;
