//! What a plan knows of an account, and what stands in its way.

use std::collections::BTreeMap;

use fleet_model::lifecycle::LifecyclePhase;
use fleet_vending_proto::v1beta1 as wire;

use super::facts::{self, fleet_id};
use super::problem::{class_to, of_error, to_message as problem_to};
use super::refusal::to_message_of;
use super::request::{parent_from, parent_text};
use super::text::{Nonsense, lines};
use crate::aws::account::converge::Inside;
use crate::aws::preflight::{Coming, Finding, Hindrance, Intent, Taken};
use crate::error::Kind;
use crate::problem::Class;

/// What is not known yet, of what a plan may not know.
const OPEN: [&str; 4] = ["email", "parent", "onboarding_parent", "tags"];

// === To the vendor ===

/// The account of a plan whose contract is not known whole.
pub(in crate::wire) fn request_of(intent: &Intent) -> wire::PlannedAccount {
    let parent = |of: &Option<crate::unit_path::Parent>| of.as_ref().map(parent_text);
    let key = intent.key.clone().unwrap_or_default();
    let texts = [
        intent.email.clone(),
        parent(&intent.parent),
        parent(&intent.onboarding_parent),
        intent.tags.as_ref().map(|_| String::new()),
    ];
    let unknown = OPEN.iter().zip(&texts).filter(|(_, text)| text.is_none());
    let unknown_arguments = unknown.map(|(name, _)| (*name).to_owned()).collect();
    let [email, parent, onboarding_parent, _] = texts.map(Option::unwrap_or_default);
    wire::PlannedAccount {
        request: Some(wire::AccountRequest {
            r#ref: Some(wire::AccountRef {
                fleet_id: fleet_id(&key),
                key,
                native_id: intent.account_id.clone().unwrap_or_default(),
                resource_name: String::new(),
            }),
            contract: Some(wire::Contract {
                email,
                region_set: intent.regions.iter().cloned().collect(),
                ..wire::Contract::default()
            }),
            parent,
            onboarding_parent,
            tags: intent.tags.clone().unwrap_or_default(),
            ..wire::AccountRequest::default()
        }),
        adopt: false,
        unknown_arguments,
        known_native_id: String::new(),
    }
}

/// An account that comes in by a create.
pub(in crate::wire) fn of_coming(coming: &Coming<'_>) -> wire::PlannedAccount {
    let intent = Intent {
        create: true,
        key: Some(coming.key.to_owned()),
        email: Some(coming.email.to_owned()),
        ..Intent::default()
    };
    let known_native_id = coming.named.unwrap_or_default().to_owned();
    wire::PlannedAccount { known_native_id, ..request_of(&intent) }
}

/// The account of ours that is there already.
pub(in crate::wire) fn taken_from(
    key: &str,
    existing: Vec<wire::ExistingAccount>,
) -> Result<Option<Taken>, Nonsense> {
    let asked = fleet_id(key);
    let Some(found) = existing.into_iter().find(|of| of.fleet_id == asked && !of.to_adopt) else {
        return Ok(None);
    };
    let (facts, _) = facts::from_message(found.facts.unwrap_or_default(), key)?;
    if facts.id.is_empty() {
        return Err(Nonsense("it says that the account is there, and gives no id".to_owned()));
    }
    Ok(Some(Taken { account: facts::to_account(&facts), tags: facts.tags, duplicate: None }))
}

/// What of ours is in the account with this id.
pub(in crate::wire) fn inside_from(
    account_id: &str,
    existing: Vec<wire::ExistingAccount>,
) -> Result<Inside, Nonsense> {
    let is_it = |of: &wire::ExistingAccount| {
        let facts = of.facts.as_ref().and_then(|facts| facts.r#ref.as_ref());
        facts.is_some_and(|of| of.native_id == account_id)
    };
    let found = existing.into_iter().find(is_it).unwrap_or_default();
    Ok(Inside {
        objects: lines("objects of ours in an account", found.inside)?,
        unread: lines("lines of what could not be read", found.inside_unread)?,
    })
}

// === From the host ===

/// Reads what a plan knows.
///
/// # Errors
/// What of it cannot be.
pub(in crate::wire) fn intent_from(
    planned: &wire::PlannedAccount,
) -> Result<Intent, Box<wire::Problem>> {
    let request = planned.request.clone().unwrap_or_default();
    let of = request.r#ref.unwrap_or_default();
    let known = |name: &str| !planned.unknown_arguments.iter().any(|of| of == name);
    let contract = request.contract.unwrap_or_default();
    let create = of.native_id.is_empty();
    let mut entered = Vec::new();
    for (argument, place) in
        [("parent", &request.parent), ("onboarding_parent", &request.onboarding_parent)]
    {
        entered.extend(parent_from(argument, place)?.map(|of| (argument, of)));
    }
    Ok(Intent {
        create,
        account_id: Some(of.native_id).filter(|id| !id.is_empty()),
        key: Some(of.key).filter(|key| !key.is_empty()),
        email: Some(contract.email).filter(|email| known("email") && !email.is_empty()),
        parent: parent_from("parent", &request.parent)?,
        onboarding_parent: parent_from("onboarding_parent", &request.onboarding_parent)?,
        tags: known("tags").then_some(request.tags),
        regions: contract.region_set.into_iter().collect(),
        needs_all_features: Vec::new(),
        verifies: None,
        guarded: None,
        keeps: None,
        remembered: crate::memory::Memory::default(),
        // What changes of a parent is not told here, so only of a create is it known that it moves.
        enters: if create { entered } else { Vec::new() },
    })
}

/// What the AWS vendor finds.
pub(in crate::wire) fn finding_to(finding: &Finding, fleet_id: &str) -> wire::Finding {
    let (object, blocks, problem) = match finding {
        Finding::Problem { problem, blocks } => ("", *blocks, problem_to(problem)),
        Finding::Email(refusal) => ("email", true, to_message_of(refusal)),
        Finding::Parent(refusal) => ("parent", true, to_message_of(refusal)),
        Finding::OnboardingParent(refusal) => ("onboarding_parent", true, to_message_of(refusal)),
        Finding::Unchecked { check, error } => {
            let problem = of_error(error);
            let message = format!("not checked: {check}: {}", problem.message);
            ("", false, wire::Problem { message, code: code(finding).to_owned(), ..problem })
        }
        other => {
            let (object, blocks, class, message) = in_words(other);
            let problem = wire::Problem {
                class: class_to(class).into(),
                code: code(other).to_owned(),
                message,
                ..wire::Problem::default()
            };
            (object, blocks, problem)
        }
    };
    let object = if object.is_empty() { problem.object.clone() } else { object.to_owned() };
    wire::Finding {
        fleet_id: fleet_id.to_owned(),
        blocks,
        problem: Some(wire::Problem { object, ..problem }),
        shared_with: Vec::new(),
    }
}

/// The vendor's own code of a finding that is no refusal, for search. It never changes.
fn code(finding: &Finding) -> &'static str {
    match finding {
        Finding::KeyTwice { .. } => "key-twice",
        Finding::EmailTwice { .. } => "email-twice",
        Finding::EmailTaken { .. } => "email-taken",
        Finding::NoSuchRegion { .. } => "no-such-region",
        Finding::Quota(_) => "quota",
        Finding::TagPolicy(_) => "tag-policy",
        Finding::Features { .. } => "features",
        Finding::Headroom { .. } => "headroom",
        Finding::Unguarded { .. } => "unguarded",
        Finding::Guardrails { .. } => "guardrails",
        Finding::Ungoverned(_) => "ungoverned",
        Finding::Unchecked { .. } => "unchecked",
        Finding::Email(_)
        | Finding::Parent(_)
        | Finding::OnboardingParent(_)
        | Finding::Problem { .. } => "",
    }
}

/// The argument, whether the apply would fail, and what is wrong.
fn in_words(finding: &Finding) -> (&'static str, bool, Class, String) {
    let call = Class::Call;
    match finding {
        Finding::KeyTwice { key } => (
            "key",
            true,
            Class::ConflictKey,
            format!("another account of this plan has the key `{key}`"),
        ),
        Finding::EmailTwice { email } => (
            "email",
            true,
            Class::ConflictKey,
            format!("another account of this plan has the email `{email}`"),
        ),
        Finding::EmailTaken { email, by } => {
            ("email", true, Class::ConflictKey, format!("account {by} has the email `{email}`"))
        }
        Finding::NoSuchRegion { name, near } => {
            let near = match near.is_empty() {
                true => String::new(),
                false => format!(" (near: {})", near.join(", ")),
            };
            ("region_set", true, call(Kind::Invalid), format!("AWS has no region `{name}`{near}"))
        }
        Finding::Quota(of) => (
            "",
            of.certain,
            call(Kind::Quota),
            format!(
                "the organization has {} accounts, {} of them suspended or closed, and this plan makes {} more; its quota is {}",
                of.accounts, of.closed, of.planned, of.quota
            ),
        ),
        Finding::TagPolicy(of) => (
            "tags",
            false,
            call(Kind::Invalid),
            format!(
                "the tag {:?} = {:?} does not comply with the effective tag policy",
                of.key, of.value
            ),
        ),
        Finding::Features { needed_by } => (
            needed_by.first().copied().unwrap_or_default(),
            true,
            call(Kind::Unsupported),
            "the organization has only consolidated billing".to_owned(),
        ),
        Finding::Headroom { asked_by, account_id, attached, more, most } => (
            asked_by,
            true,
            call(Kind::Quota),
            format!(
                "{more} more service control policies would be attached to account {account_id}, which has {attached}; {most} are the most"
            ),
        ),
        Finding::Unguarded { missing, .. } => (
            "controls",
            false,
            call(Kind::NotYet),
            format!("nobody has attached the service control policies {}", missing.join(", ")),
        ),
        Finding::Guardrails { profile, news } => (
            "controls",
            false,
            call(Kind::Unexpected),
            format!(
                "{} service control policies of the profile {profile} change for other accounts, too",
                news.len()
            ),
        ),
        Finding::Ungoverned(of) => (
            of.asked_by,
            of.why.blocks(),
            call(Kind::NotYet),
            match of.why {
                Hindrance::NobodyEnrols { .. } => format!(
                    "the auto-enrolment of Control Tower is switched off, so nobody enrols what is moved into {}",
                    of.unit
                ),
                Hindrance::NotRegistered => {
                    format!("{} is not registered with Control Tower", of.unit)
                }
                Hindrance::ZoneNotActive => {
                    "the landing zone of Control Tower is not active".to_owned()
                }
                Hindrance::UnitNotReady => {
                    format!("Control Tower has not finished what it does with {}", of.unit)
                }
            },
        ),
        // These have a problem of their own.
        Finding::Email(_)
        | Finding::Parent(_)
        | Finding::OnboardingParent(_)
        | Finding::Problem { .. }
        | Finding::Unchecked { .. } => ("", true, call(Kind::Unexpected), String::new()),
    }
}

/// An account that an `Advance` would go on with.
pub(in crate::wire) fn existing_to(taken: &Taken, key: &str) -> wire::ExistingAccount {
    let of = facts::of_account(&taken.account, &taken.tags, "");
    wire::ExistingAccount {
        fleet_id: fleet_id(key),
        facts: Some(wire::Facts {
            r#ref: of.r#ref.map(|of| wire::AccountRef {
                key: key.to_owned(),
                fleet_id: fleet_id(key),
                ..of
            }),
            ..of
        }),
        to_adopt: false,
        inside: Vec::new(),
        inside_unread: Vec::new(),
    }
}

/// An account of which nothing more is known than that it is there.
pub(in crate::wire) fn only_there(facts: wire::Facts) -> wire::Outcome {
    wire::Outcome {
        facts: Some(facts),
        lifecycle: super::stage::life_to(LifecyclePhase::Active).into(),
        status_reason: "only looked whether it is there".to_owned(),
        arguments: BTreeMap::new(),
        ..wire::Outcome::default()
    }
}
