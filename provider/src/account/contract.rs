//! From the arguments to the contract of guide §14, and back.

use std::collections::BTreeMap;

use fleet_model::account::{
    AccountClass, BaselinePolicy, BaselineVersion, Contract, ControlMode, FederatedRole, Identity,
    OidcProvider, SubjectFormat,
};
use fleet_model::inventory::AccountDocument;
use fleet_model::lifecycle::LifecyclePhase;
use fleet_model::name::{Key, Name};
use tfplugin::{Attr, Timeouts};

use super::contacts;
use super::model::{self, Model};
use crate::tags;

/// The contract, once every part of it is known and valid.
pub(super) fn contract(model: &Model) -> Option<Contract> {
    let text = |attr: &Attr<String>| attr.known().cloned();
    let name = |attr: &Attr<String>| Name::new(attr.known()?.as_str()).ok();
    let controls = match &model.controls {
        Attr::Null => BTreeMap::new(),
        Attr::Unknown => return None,
        Attr::Known(controls) => controls
            .iter()
            .map(|(control, mode)| Some((control.clone(), ControlMode::parse(mode)?)))
            .collect::<Option<_>>()?,
    };
    let identity = match &model.identity {
        Attr::Null => None,
        Attr::Unknown => return None,
        Attr::Known(given) => Some(identity(given)?),
    };
    Some(Contract {
        vendor: match &model.vendor {
            Attr::Unknown => return None,
            vendor => vendor.known().cloned(),
        },
        key: Key::new(model.key.known()?.as_str()).ok()?,
        name: text(&model.name)?,
        email: match &model.email {
            // Only AWS has an address for each account.
            Attr::Null if model.vendor.is_known() => String::new(),
            email => text(email)?,
        },
        account_class: AccountClass::parse(model.account_class.known()?)?,
        environment: name(&model.environment)?,
        owner: name(&model.owner)?,
        data_classification: name(&model.data_classification)?,
        region_set: model.region_set.known()?.clone(),
        network_profile: name(&model.network_profile)?,
        baseline_policy: BaselinePolicy::parse(model.baseline_policy.known()?)?,
        baseline_version: match &model.baseline_version {
            Attr::Null => BaselineVersion::default(),
            Attr::Unknown => return None,
            Attr::Known(number) => BaselineVersion::of(*number)?,
        },
        budget_owner: name(&model.budget_owner)?,
        gitops_enabled: *model.gitops_enabled.known()?,
        controls,
        identity,
        role_name: text(&model.role_name)?,
    })
}

/// `identity`, once every part of it is known.
pub(super) fn identity(given: &model::Identity) -> Option<Identity> {
    let providers = given
        .providers
        .known()?
        .iter()
        .map(|(name, provider)| {
            let audiences = provider.audiences.known()?.clone();
            Some((name.clone(), OidcProvider { url: provider.url.known()?.clone(), audiences }))
        })
        .collect::<Option<_>>()?;
    let roles = given
        .roles
        .known()?
        .iter()
        .map(|(name, role)| {
            let id = |attr: &Attr<String>| match attr {
                Attr::Null => Some(None),
                Attr::Unknown => None,
                Attr::Known(id) => Some(Some(id.clone())),
            };
            let subject_format = match &role.subject_format {
                Attr::Null => SubjectFormat::default(),
                Attr::Unknown => return None,
                Attr::Known(word) => SubjectFormat::parse(word)?,
            };
            let role = FederatedRole {
                provider: role.provider.known()?.clone(),
                owner_id: id(&role.owner_id)?,
                repository_id: id(&role.repository_id)?,
                subject_format,
                claims: role.claims.known()?.clone(),
            };
            Some((name.clone(), role))
        })
        .collect::<Option<_>>()?;
    Some(Identity { providers, roles })
}

/// The timeouts that are set, by operation.
pub(super) fn timeouts(model: &Model) -> BTreeMap<String, String> {
    let Some(timeouts) = model.timeouts.known() else { return BTreeMap::new() };
    [
        ("create", &timeouts.create),
        ("read", &timeouts.read),
        ("update", &timeouts.update),
        ("delete", &timeouts.delete),
    ]
    .into_iter()
    .filter_map(|(operation, time)| Some((operation.to_owned(), time.known()?.clone())))
    .collect()
}

fn read_timeouts(mut set: BTreeMap<String, String>) -> Attr<Timeouts> {
    if set.is_empty() {
        return Attr::Null;
    }
    let mut of = |operation: &str| set.remove(operation).into();
    Attr::Known(Timeouts {
        create: of("create"),
        read: of("read"),
        update: of("update"),
        delete: of("delete"),
    })
}

/// The arguments that an inventory file says, for an import. What AWS says comes with the read that
/// follows.
pub(super) fn read_back(document: AccountDocument) -> Model {
    let ready = document.is_ready();
    let lifecycle_phase = phase(Some(&document));
    let contract = document.contract;
    let arguments = document.arguments;
    let or_null = |tags: BTreeMap<String, String>| {
        if tags.is_empty() { Attr::Null } else { Attr::Known(tags) }
    };
    // Their values come with the read.
    let mut tags_all = arguments.tags.clone();
    tags_all.extend(arguments.default_tags.into_iter().map(|key| (key, String::new())));
    let controls: BTreeMap<String, String> = contract
        .controls
        .into_iter()
        .map(|(control, mode)| (control, mode.as_str().to_owned()))
        .collect();
    Model {
        name: Attr::Known(contract.name),
        email: Attr::Known(contract.email),
        key: Attr::Known(contract.key.into()),
        account_class: Attr::Known(contract.account_class.as_str().to_owned()),
        environment: Attr::Known(contract.environment.into()),
        owner: Attr::Known(contract.owner.into()),
        data_classification: Attr::Known(contract.data_classification.into()),
        parent: arguments.parent.into(),
        onboarding_parent: arguments.onboarding_parent.into(),
        region_set: Attr::Known(contract.region_set),
        network_profile: Attr::Known(contract.network_profile.into()),
        baseline_policy: Attr::Known(contract.baseline_policy.as_str().to_owned()),
        baseline_version: Attr::Known(contract.baseline_version.number()),
        budget_owner: Attr::Known(contract.budget_owner.into()),
        gitops_enabled: Attr::Known(contract.gitops_enabled),
        tags: or_null(arguments.tags).map(tags::written),
        identity: contract.identity.map(written).into(),
        controls: or_null(controls),
        email_update_otp: Attr::Null,
        alternate_contacts: contacts::written(arguments.alternate_contacts),
        iam_user_access_to_billing: Attr::Known(
            arguments.iam_user_access_to_billing.as_str().to_owned(),
        ),
        role_name: Attr::Known(contract.role_name),
        lifecycle_state: Attr::Known(lifecycle_phase.kept_by().as_str().to_owned()),
        close_on_deletion: Attr::Known(arguments.close_on_deletion),
        adopt: Attr::Known(false),
        registrars: document.registrars.into(),
        vendor: contract.vendor.into(),
        vendor_settings: arguments.vendor_settings.into(),
        timeouts: read_timeouts(arguments.timeouts),
        id: Attr::Known(document.id),
        pending_email: Attr::Null,
        arn: Attr::Null,
        organization_id: Attr::Null,
        parent_id: Attr::Null,
        state: Attr::Null,
        phase: Attr::Known(document.phase),
        status_reason: Attr::Null,
        create_request_id: Attr::Null,
        joined_at: Attr::Null,
        tags_all: Attr::Known(tags_all),
        ready: Attr::Known(ready),
        readiness: Attr::Null,
        lifecycle_phase: Attr::Known(lifecycle_phase.as_str().to_owned()),
        inventory_sha256: Attr::Null,
    }
}

fn written(identity: Identity) -> model::Identity {
    let provider = |of: OidcProvider| model::Provider {
        url: Attr::Known(of.url),
        audiences: Attr::Known(of.audiences),
    };
    let role = |of: FederatedRole| model::Role {
        provider: Attr::Known(of.provider),
        owner_id: of.owner_id.into(),
        repository_id: of.repository_id.into(),
        subject_format: Attr::Known(of.subject_format.as_str().to_owned()),
        claims: Attr::Known(of.claims),
    };
    let providers = identity.providers.into_iter().map(|(name, of)| (name, provider(of)));
    let roles = identity.roles.into_iter().map(|(name, of)| (name, role(of)));
    model::Identity {
        providers: Attr::Known(providers.collect()),
        roles: Attr::Known(roles.collect()),
    }
}

/// Where an account is in its life when it comes in. Its file alone makes none retired, since a retired account may be
/// destroyed, and with it closed: retiring is a step that this state takes itself, once more if it was taken before.
pub(super) fn phase(file: Option<&AccountDocument>) -> LifecyclePhase {
    match file.map_or(LifecyclePhase::Active, |file| file.lifecycle_phase) {
        LifecyclePhase::Retired => LifecyclePhase::Frozen,
        phase => phase,
    }
}
