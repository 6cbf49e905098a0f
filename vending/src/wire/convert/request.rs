//! What is asked of a vendor.
//!
//! What only AWS's accounts have travels as named arguments: `alternate_contacts`, `baseline_version`, `email_change` (the address to go to) with
//! `email_update_otp`, `iam_user_access_to_billing` and `role_name`.

use std::collections::BTreeMap;

use fleet_model::account::{
    AccountClass, BaselinePolicy, BaselineVersion, BillingAccess, Contract, ControlMode,
};
use fleet_model::contact::Contacts;
use fleet_model::name::{Key, Name};
use fleet_vending_proto::{digest, v1beta1 as wire};
use serde::{Deserialize, Serialize};

use super::facts::fleet_id;
use super::stage::{life_from, life_to, phase_from, phase_to, wished_from, wished_to};
use super::text::shown;
use crate::aws::api::Otp;
use crate::error::Kind;
use crate::memory::Memory;
use crate::problem::Class;
use crate::proof::Proof;
use crate::request::{AccountJob, AccountRequest, Adopt, EmailStep, Past, RunIntent};
use crate::unit_path::{self, Parent};

/// The arguments that have no field of their own.
pub(in crate::wire) const ALTERNATE_CONTACTS: &str = "alternate_contacts";
/// The version of the profile; without it the first.
const BASELINE_VERSION: &str = "baseline_version";
const BILLING: &str = "iam_user_access_to_billing";
const EMAIL_CHANGE: &str = "email_change";
const EMAIL_OTP: &str = "email_update_otp";
const ROLE_NAME: &str = "role_name";

/// All of them, and those with fields, that the AWS vendor honours.
pub(in crate::wire) const ARGUMENTS: [&str; 16] = [
    ALTERNATE_CONTACTS,
    "baseline_policy",
    BASELINE_VERSION,
    "controls",
    "email",
    EMAIL_CHANGE,
    EMAIL_OTP,
    "gitops_enabled",
    BILLING,
    "identity",
    "network_profile",
    "onboarding_parent",
    "parent",
    "region_set",
    ROLE_NAME,
    "tags",
];

/// A parent as a text: an id, or a path.
pub(in crate::wire) fn parent_text(parent: &Parent) -> String {
    match parent {
        Parent::Id(id) => id.clone(),
        Parent::Path(names) => unit_path::join(names),
    }
}

// === To the vendor ===

/// The job, for a vendor that takes the arguments which `takes` says. `native_id` is the account, once there is one.
pub(in crate::wire) fn to_message(
    job: &AccountJob,
    native_id: Option<&str>,
    takes: impl Fn(&str) -> bool,
) -> wire::AccountRequest {
    let key = job.request.contract.key.as_str();
    let mut arguments = BTreeMap::from([(ROLE_NAME, job.request.contract.role_name.clone())]);
    arguments.insert(BILLING, job.request.billing_access.as_str().to_owned());
    let version = job.request.contract.baseline_version;
    if version != BaselineVersion::default() {
        arguments.insert(BASELINE_VERSION, version.number().to_string());
    }
    if !job.request.contacts.is_empty() {
        arguments.insert(ALTERNATE_CONTACTS, json(&job.request.contacts));
    }
    match &job.intent.email_step {
        Some(EmailStep::Start(to)) => drop(arguments.insert(EMAIL_CHANGE, to.clone())),
        Some(EmailStep::Accept(to, otp)) => {
            arguments.insert(EMAIL_CHANGE, to.clone());
            arguments.insert(EMAIL_OTP, otp.reveal().to_owned());
        }
        None => {}
    }
    let before = (!job.past.contacts_set_before.is_empty())
        .then(|| (ALTERNATE_CONTACTS.to_owned(), json(&job.past.contacts_set_before)));
    let taken = |of: (&str, String)| takes(of.0).then(|| (of.0.to_owned(), of.1));
    let mut request = wire::AccountRequest {
        r#ref: Some(wire::AccountRef {
            key: key.to_owned(),
            fleet_id: fleet_id(key),
            native_id: native_id.unwrap_or_default().to_owned(),
            resource_name: String::new(),
        }),
        generation: 0,
        contract: Some(contract_to(&job.request.contract, &takes)),
        parent: job.request.parent.as_ref().map(parent_text).unwrap_or_default(),
        onboarding_parent: job
            .request
            .onboarding_parent
            .as_ref()
            .map(parent_text)
            .unwrap_or_default(),
        tags: job.request.tags.clone(),
        tags_set_before: job.past.tags_set_before.iter().cloned().collect(),
        lifecycle: wished_to(job.request.lifecycle_state).into(),
        lifecycle_before: life_to(job.past.lifecycle_phase).into(),
        phase_before: match native_id {
            Some(_) => phase_to(job.past.phase),
            None => wire::Phase::Requested,
        }
        .into(),
        memory: job.past.vendor.clone().unwrap_or_default(),
        vendor_settings: job.request.settings.clone().unwrap_or_default(),
        arguments: arguments.into_iter().filter_map(taken).collect(),
        arguments_before: before.into_iter().filter(|(name, _)| takes(name)).collect(),
        request_sha256: String::new(),
        closing_since: job.past.closing_since.map(|at| at.to_string()).unwrap_or_default(),
        planned_from_parent_id: job.intent.seen_in.clone().unwrap_or_default(),
    };
    request.request_sha256 = digest::of_request(&request);
    request
}

fn contract_to(contract: &Contract, takes: impl Fn(&str) -> bool) -> wire::Contract {
    let taken = |name: &str, text: &str| if takes(name) { text.to_owned() } else { String::new() };
    wire::Contract {
        name: contract.name.clone(),
        account_class: contract.account_class.as_str().to_owned(),
        environment: contract.environment.to_string(),
        owner: contract.owner.to_string(),
        budget_owner: contract.budget_owner.to_string(),
        data_classification: contract.data_classification.to_string(),
        email: taken("email", &contract.email),
        region_set: match takes("region_set") {
            true => contract.region_set.iter().cloned().collect(),
            false => Vec::new(),
        },
        network_profile: contract.network_profile.to_string(),
        baseline_policy: contract.baseline_policy.as_str().to_owned(),
        gitops_enabled: contract.gitops_enabled,
        controls: contract
            .controls
            .iter()
            .map(|(name, mode)| (name.clone(), mode.as_str().to_owned()))
            .collect(),
        identity: contract.identity.as_ref().map(json).unwrap_or_default(),
    }
}

/// Of maps with textual keys, texts, numbers and booleans: there is nothing that JSON could not say.
fn json<T: Serialize>(of: &T) -> String {
    serde_json::to_string(of).unwrap_or_default()
}

/// What may be done with an account that is there already.
pub(in crate::wire) fn existing_to(adopt: &Adopt) -> Option<wire::advance_request::Existing> {
    use wire::advance_request::Existing;
    Some(match adopt {
        Adopt::No => return None,
        Adopt::Any => Existing::AdoptAny(true),
        Adopt::This(id) => Existing::AdoptNativeId(id.clone()),
        Adopt::Again(id) => Existing::ResumeNativeId(id.clone()),
    })
}

// === From the host ===

pub(in crate::wire) fn existing_from(existing: Option<wire::advance_request::Existing>) -> Adopt {
    use wire::advance_request::Existing;
    match existing {
        Some(Existing::AdoptAny(true)) => Adopt::Any,
        Some(Existing::AdoptNativeId(id)) => Adopt::This(id),
        Some(Existing::ResumeNativeId(id)) => Adopt::Again(id),
        Some(Existing::AdoptAny(false)) | None => Adopt::No,
    }
}

/// Reads a request to the AWS vendor.
///
/// # Errors
/// What of it cannot be: its `object` is the argument.
pub(in crate::wire) fn from_message(
    request: wire::AccountRequest,
) -> Result<AccountJob, Box<wire::Problem>> {
    is_whole(&request)?;
    let of = request.r#ref.unwrap_or_default();
    let contract = request.contract.ok_or_else(|| invalid("key", "the request has no contract"))?;
    let argument = |name: &str| request.arguments.get(name).filter(|text| !text.is_empty());
    let version = match argument(BASELINE_VERSION) {
        Some(text) => {
            let known = text.parse().ok().and_then(BaselineVersion::of);
            known
                .ok_or_else(|| invalid(BASELINE_VERSION, "the AWS vendor knows no such version"))?
        }
        None => BaselineVersion::default(),
    };
    let role_name = argument(ROLE_NAME).map_or(DEFAULT_ROLE, String::as_str);
    let contract = contract_from(contract, &of.key, role_name, version)?;
    let lifecycle_phase = life_from(request.lifecycle_before, Default::default());
    let email_step = match (argument(EMAIL_CHANGE), argument(EMAIL_OTP)) {
        (Some(to), Some(otp)) => Some(EmailStep::Accept(to.clone(), Otp::new(otp))),
        (Some(to), None) => Some(EmailStep::Start(to.clone())),
        (None, _) => None,
    };
    let contacts = |of: Option<&String>| match of {
        Some(text) => parsed::<Contacts>(ALTERNATE_CONTACTS, text),
        None => Ok(Contacts::new()),
    };
    Ok(AccountJob {
        request: AccountRequest {
            parent: parent_from("parent", &request.parent)?,
            onboarding_parent: parent_from("onboarding_parent", &request.onboarding_parent)?,
            lifecycle_state: wished_from(request.lifecycle)
                .ok_or_else(|| invalid("lifecycle_state", "nobody can ask for this state"))?,
            billing_access: match argument(BILLING) {
                Some(word) => BillingAccess::parse(word)
                    .ok_or_else(|| invalid(BILLING, "it is neither ALLOW nor DENY"))?,
                None => BillingAccess::default(),
            },
            contacts: contacts(argument(ALTERNATE_CONTACTS))?,
            settings: None,
            tags: request.tags,
            contract,
        },
        past: Past {
            tags_set_before: request.tags_set_before.into_iter().collect(),
            lifecycle_phase,
            phase: phase_from(request.phase_before, true).max_created(),
            closing_since: match request.closing_since.as_str() {
                "" => None,
                text => Some(
                    text.parse()
                        .map_err(|_| invalid("closing_since", "closing_since is no time"))?,
                ),
            },
            memory: memory_from(&request.memory)?,
            contacts_set_before: contacts(request.arguments_before.get(ALTERNATE_CONTACTS))?,
            vendor: None,
        },
        intent: RunIntent {
            adopt: Adopt::No,
            seen_in: Some(request.planned_from_parent_id).filter(|id| !id.is_empty()),
            email_step,
            proof: Proof::not_needed(),
        },
    })
}

/// Whether a reference is one: the `fleet_id` of a key is made of that key.
///
/// # Errors
/// It is another key's.
pub(in crate::wire) fn is_of_its_key(of: &wire::AccountRef) -> Result<(), Box<wire::Problem>> {
    if of.fleet_id == fleet_id(&of.key) {
        return Ok(());
    }
    Err(Box::new(wire::Problem {
        class: super::problem::class_to(Class::ConflictInput).into(),
        code: "other-fleet-id".to_owned(),
        object: "key".to_owned(),
        message: format!(
            "the fleet_id {} is not that of the key {}",
            shown(&of.fleet_id),
            shown(&of.key)
        ),
        ..wire::Problem::default()
    }))
}

/// Whether a request is the one that the host made its digest of.
fn is_whole(request: &wire::AccountRequest) -> Result<(), Box<wire::Problem>> {
    let said = request.request_sha256.as_str();
    if said.is_empty() || said == digest::of_request(request) {
        return Ok(());
    }
    Err(invalid("request_sha256", "the request is not the one that its digest was made of"))
}

/// AWS's own name for the role that it makes.
const DEFAULT_ROLE: &str = "OrganizationAccountAccessRole";

impl crate::phase::Phase {
    /// A new account starts as created: what is before that is no phase of an account.
    fn max_created(self) -> Self {
        if self == Self::Requested { Self::Created } else { self }
    }
}

/// What the host cannot have meant.
pub(in crate::wire) fn invalid(object: &str, message: &str) -> Box<wire::Problem> {
    Box::new(wire::Problem {
        class: super::problem::class_to(Class::Call(Kind::Invalid)).into(),
        object: object.to_owned(),
        message: message.to_owned(),
        ..wire::Problem::default()
    })
}

fn parsed<T: for<'a> Deserialize<'a>>(name: &str, text: &str) -> Result<T, Box<wire::Problem>> {
    serde_json::from_str(text)
        .map_err(|error| invalid(name, &format!("`{name}` cannot be read: {error}")))
}

pub(in crate::wire) fn parent_from(
    name: &str,
    text: &str,
) -> Result<Option<Parent>, Box<wire::Problem>> {
    if text.is_empty() {
        return Ok(None);
    }
    Parent::parse(text).map(Some).map_err(|why| {
        let text = shown(text);
        invalid(name, &format!("{text:?} is no organizational unit: {why}"))
    })
}

fn memory_from(memory: &[u8]) -> Result<Memory, Box<wire::Problem>> {
    if memory.is_empty() {
        return Ok(Memory::default());
    }
    let text = std::str::from_utf8(memory).unwrap_or_default();
    Memory::parse(text).map_err(|why| {
        invalid("memory", &format!("what the vendor gave to be remembered cannot be read: {why}"))
    })
}

fn contract_from(
    contract: wire::Contract,
    key: &str,
    role_name: &str,
    baseline_version: BaselineVersion,
) -> Result<Contract, Box<wire::Problem>> {
    let unknown = |name: &str, text: &str| {
        invalid(name, &format!("the AWS vendor knows no {name} {:?}", shown(text)))
    };
    let name = |what: &str, text: String| {
        Name::new(&text).map_err(|why| invalid(what, &format!("`{what}`: {why}")))
    };
    let controls = contract.controls.into_iter().map(|(control, mode)| {
        let mode = ControlMode::parse(&mode).ok_or_else(|| unknown("controls", &mode))?;
        Ok((control, mode))
    });
    Ok(Contract {
        // To the vendor itself it is its own.
        vendor: None,
        key: Key::new(key).map_err(|why| invalid("key", &format!("`key`: {why}")))?,
        name: contract.name,
        email: contract.email,
        account_class: AccountClass::parse(&contract.account_class)
            .ok_or_else(|| unknown("account_class", &contract.account_class))?,
        environment: name("environment", contract.environment)?,
        owner: name("owner", contract.owner)?,
        data_classification: name("data_classification", contract.data_classification)?,
        region_set: contract.region_set.into_iter().collect(),
        network_profile: name("network_profile", contract.network_profile)?,
        baseline_policy: BaselinePolicy::parse(&contract.baseline_policy)
            .ok_or_else(|| unknown("baseline_policy", &contract.baseline_policy))?,
        baseline_version,
        budget_owner: name("budget_owner", contract.budget_owner)?,
        gitops_enabled: contract.gitops_enabled,
        controls: controls.collect::<Result<_, Box<wire::Problem>>>()?,
        identity: match contract.identity.as_str() {
            "" => None,
            text => Some(parsed("identity", text)?),
        },
        role_name: role_name.to_owned(),
    })
}
