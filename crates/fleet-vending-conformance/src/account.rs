//! The accounts that the kit asks for.

use std::collections::BTreeMap;

use fleet_vending_proto::v1beta1 as pb;
use serde::Deserialize;
use serde_json::Value;

/// Stands for the key in a template.
const KEY: &str = "{key}";

/// What is asked for beside the key.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Template {
    contract: Contract,
    parent: String,
    onboarding_parent: String,
    tags: BTreeMap<String, String>,
    vendor_settings: Option<Value>,
    arguments: BTreeMap<String, String>,
}

/// The contract of a template: what is missing is as in the kit's own.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Contract {
    name: String,
    account_class: String,
    environment: String,
    owner: String,
    budget_owner: String,
    data_classification: String,
    email: String,
    region_set: Vec<String>,
    network_profile: String,
    baseline_policy: String,
    gitops_enabled: bool,
    controls: BTreeMap<String, String>,
    identity: Option<Value>,
}

impl Default for Contract {
    fn default() -> Self {
        Self {
            name: format!("Conformance {KEY}"),
            account_class: "sandbox".into(),
            environment: "dev".into(),
            owner: "conformance".into(),
            budget_owner: "conformance".into(),
            data_classification: "internal".into(),
            email: String::new(),
            region_set: Vec::new(),
            network_profile: String::new(),
            baseline_policy: "sandbox".into(),
            gitops_enabled: false,
            controls: BTreeMap::new(),
            identity: None,
        }
    }
}

impl Template {
    /// Which of a vendor's required arguments the template leaves empty. An email is made where there is none.
    pub(crate) fn complete(&mut self, required: &[String]) -> Vec<String> {
        let mut missing = Vec::new();
        for name in required {
            let there = match name.as_str() {
                "email" => {
                    if self.contract.email.is_empty() {
                        self.contract.email = format!("{KEY}@example.com");
                    }
                    true
                }
                "parent" => !self.parent.is_empty(),
                "region_set" => !self.contract.region_set.is_empty(),
                "network_profile" => !self.contract.network_profile.is_empty(),
                "baseline_policy" => !self.contract.baseline_policy.is_empty(),
                other => self.arguments.contains_key(other),
            };
            if !there {
                missing.push(name.clone());
            }
        }
        missing
    }
}

/// One account, and what the host would remember of it.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    template: Template,
    pub(crate) key: String,
    pub(crate) fleet_id: String,
    /// What the state has of it: empty before the first outcome with an id, and after [`Self::forget`].
    pub(crate) native_id: String,
    memory: Vec<u8>,
    lifecycle: pb::LifecycleState,
    phase: i32,
}

impl Account {
    pub(crate) fn new(template: &Template, key: String) -> Self {
        let fleet_id = fleet_vending_proto::fleet_id(&key);
        let lifecycle = pb::LifecycleState::Active;
        let phase = pb::Phase::Requested.into();
        Self {
            template: template.clone(),
            key,
            fleet_id,
            native_id: String::new(),
            memory: Vec::new(),
            lifecycle,
            phase,
        }
    }

    /// An account of another key for the mailbox of this one: some clouds know an account by its email.
    pub(crate) fn heir(&self, key: String) -> Self {
        let mut heir = Self::new(&self.template, key);
        let email = &mut heir.template.contract.email;
        *email = email.replace(KEY, &self.key);
        heir
    }

    /// Takes in what a host would put into its state.
    pub(crate) fn remember(&mut self, outcome: &pb::Outcome) {
        if let Some(of) = outcome.facts.as_ref().and_then(|facts| facts.r#ref.as_ref()) {
            self.native_id.clone_from(&of.native_id);
        }
        self.memory.clone_from(&outcome.memory);
        if let Ok(
            state @ (pb::LifecycleState::Active
            | pb::LifecycleState::Frozen
            | pb::LifecycleState::Retired),
        ) = pb::LifecycleState::try_from(outcome.lifecycle)
        {
            self.lifecycle = state;
        }
        self.phase = outcome.phase;
    }

    /// The same account for a host that has lost its state.
    pub(crate) fn forgotten(&self) -> Self {
        Self::new(&self.template, self.key.clone())
    }

    /// What the host would send.
    pub(crate) fn request(&self) -> pb::AccountRequest {
        self.request_for(pb::LifecycleState::Active)
    }

    /// The same with a wish for its life.
    pub(crate) fn request_for(&self, wish: pb::LifecycleState) -> pb::AccountRequest {
        let place = |text: &str| text.replace(KEY, &self.key);
        let map = |map: &BTreeMap<String, String>| {
            map.iter().map(|(name, text)| (name.clone(), place(text))).collect()
        };
        let json = |value: &Option<Value>| {
            value.as_ref().map_or_else(String::new, |value| place(&value.to_string()))
        };
        let contract = &self.template.contract;
        let mut request = pb::AccountRequest {
            r#ref: Some(pb::AccountRef {
                key: self.key.clone(),
                fleet_id: self.fleet_id.clone(),
                native_id: self.native_id.clone(),
                resource_name: String::new(),
            }),
            generation: 1,
            contract: Some(pb::Contract {
                name: place(&contract.name),
                account_class: place(&contract.account_class),
                environment: place(&contract.environment),
                owner: place(&contract.owner),
                budget_owner: place(&contract.budget_owner),
                data_classification: place(&contract.data_classification),
                email: place(&contract.email),
                region_set: contract.region_set.clone(),
                network_profile: contract.network_profile.clone(),
                baseline_policy: contract.baseline_policy.clone(),
                gitops_enabled: contract.gitops_enabled,
                controls: map(&contract.controls),
                identity: json(&contract.identity),
            }),
            parent: place(&self.template.parent),
            onboarding_parent: place(&self.template.onboarding_parent),
            tags: map(&self.template.tags),
            lifecycle: wish.into(),
            lifecycle_before: self.lifecycle.into(),
            phase_before: self.phase,
            memory: self.memory.clone(),
            vendor_settings: json(&self.template.vendor_settings),
            arguments: map(&self.template.arguments),
            ..pb::AccountRequest::default()
        };
        request.request_sha256 = fleet_vending_proto::digest::of_request(&request);
        request
    }

    /// What is planned of it.
    pub(crate) fn planned(&self) -> pb::PlannedAccount {
        pb::PlannedAccount { request: Some(self.request()), ..pb::PlannedAccount::default() }
    }
}
