//! A fleet on disk, and core's way of planning and applying.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use fleet_model::account::{AccountClass, BaselinePolicy, BaselineVersion, Contract};
use fleet_model::inventory::AccountDocument;
use fleet_model::lifecycle::LifecyclePhase;
use fleet_model::name::{Key, Name};
use fleet_model::readiness::Verdict;
use tfplugin::Attr;
use tfplugin::diagnostic::{Diagnostic, Diagnostics, Severity};

use super::super::apply::{self, Writing};
use super::super::memory::Memory;
use super::super::model::Model;
use super::super::plan::{self, Computed};
use super::super::view::View;
use crate::inventory::{Seen, Store};

pub(super) const US: &str = "platform/clusters";

pub(super) fn known(text: &str) -> Attr<String> {
    Attr::Known(text.to_owned())
}

/// A configuration with what is required, after defaults.
pub(super) fn config(name: &str) -> Model {
    Model {
        name: known(name),
        environment: known("prod"),
        region: known("ap-southeast-1"),
        cloud: known("aws"),
        account: known("payments-prod"),
        data_classification: known("pci"),
        owner: Attr::Null,
        tier: Attr::Null,
        kubernetes_version: Attr::Null,
        gitops: Attr::Null,
        policies: Attr::Null,
        networking: Attr::Null,
        created_at: Attr::Null,
        decommission_after: Attr::Null,
        labels: Attr::Null,
        taints: Attr::Null,
        zones: Attr::Null,
        tenants: Attr::Null,
        schedulable: Attr::Known(true),
        lifecycle_state: known("active"),
        id: Attr::Unknown,
        account_id: Attr::Unknown,
        record: Attr::Unknown,
        admitted: Attr::Unknown,
        lifecycle_phase: Attr::Unknown,
        inventory_sha256: Attr::Unknown,
    }
}

pub(super) fn account(managed_by: &str, ready: bool) -> AccountDocument {
    let word = |text: &str| Name::new(text).unwrap();
    AccountDocument {
        serial: 0,
        registrars: None,
        managed_by: managed_by.into(),
        id: "123456789012".into(),
        contract: Contract {
            vendor: None,
            key: Key::new("payments-prod").unwrap(),
            name: "payments-prod".into(),
            email: "a@example.com".into(),
            account_class: AccountClass::Sandbox,
            environment: word("prod"),
            owner: word("team"),
            data_classification: word("pci"),
            region_set: BTreeSet::new(),
            network_profile: word("private"),
            baseline_policy: BaselinePolicy::Sandbox,
            baseline_version: BaselineVersion::default(),
            budget_owner: word("team"),
            gitops_enabled: false,
            controls: BTreeMap::new(),
            identity: None,
            role_name: "r".into(),
        },
        phase: if ready { "ready" } else { "accessible" }.into(),
        lifecycle_phase: LifecyclePhase::Active,
        closed_at: None,
        ready,
        digest: "d".into(),
        verdicts: [("password-policy".to_owned(), Verdict::Pass)].into(),
        open_checks: if ready {
            BTreeMap::new()
        } else {
            [("password-policy".to_owned(), "none".to_owned())].into()
        },
        prior_settings: BTreeMap::new(),
        arguments: fleet_model::inventory::Arguments::default(),
        edited: false,
    }
}

/// A fleet on disk; each walk of core opens it anew.
pub(super) struct Fleet {
    directory: tempfile::TempDir,
    /// What the registration remembers.
    pub(super) memory: RefCell<Memory>,
    /// What the provider block acknowledges.
    pub(super) acknowledged: RefCell<BTreeSet<String>>,
}

impl Fleet {
    pub(super) fn new() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
            memory: RefCell::default(),
            acknowledged: RefCell::default(),
        }
    }

    pub(super) fn with_account(managed_by: &str, ready: bool) -> Self {
        let fleet = Self::new();
        fleet.store().put_account(&account(managed_by, ready), &Seen::default()).unwrap();
        fleet
    }

    pub(super) fn store(&self) -> Store {
        Store::open(self.directory.path()).unwrap()
    }

    pub(super) fn file(&self) -> std::path::PathBuf {
        self.directory.path().join("clusters/pay-01.yaml")
    }

    pub(super) fn plan(
        &self,
        desired: &Model,
        prior: Option<&Model>,
    ) -> (Option<Computed>, Diagnostics) {
        let store = self.store();
        let memory = self.memory.borrow().clone();
        let acknowledged = self.acknowledged.borrow();
        let view = View {
            store: Some(&store),
            managed_by: Some(US),
            memory: &memory,
            account: None,
            tells_misfits: true,
            acknowledged: &acknowledged,
        };
        let mut diagnostics = Diagnostics::new();
        let computed = plan::plan(desired, prior, &BTreeSet::new(), view, &mut diagnostics);
        (computed, diagnostics)
    }

    /// Plans and applies as core does, and checks core's rule that what was planned comes back.
    pub(super) fn apply(&self, desired: &Model, prior: Option<&Model>) -> (Model, Diagnostics) {
        let (computed, diagnostics) = self.plan(desired, prior);
        assert!(!diagnostics.has_errors(), "{diagnostics:?}");
        let planned = with(desired.clone(), computed.clone().unwrap());
        let mut diagnostics = Diagnostics::new();
        let first = prior.is_none();
        let state = self.assert(planned, first, &mut diagnostics).unwrap();
        let computed = computed.unwrap();
        assert_eq!(state.id, Attr::Known(computed.id));
        assert_eq!(state.record, Attr::Known(computed.record));
        assert_eq!(state.lifecycle_phase, Attr::Known(computed.lifecycle_phase));
        for (planned, applied) in [
            (computed.inventory_sha256, &state.inventory_sha256),
            (computed.account_id, &state.account_id),
        ] {
            assert!(planned.is_unknown() || planned == *applied);
            assert!(!applied.is_unknown());
        }
        assert!(computed.admitted.is_unknown() || computed.admitted == state.admitted);
        assert!(state.admitted.is_known());
        (state, diagnostics)
    }

    pub(super) fn assert(
        &self,
        planned: Model,
        first: bool,
        diagnostics: &mut Diagnostics,
    ) -> Result<Model, Diagnostic> {
        let mut memory = self.memory.borrow_mut();
        let (store, acknowledged) = (self.store(), self.acknowledged.borrow());
        let writing = Writing { store: &store, managed_by: US, first, acknowledged: &acknowledged };
        apply::assert(planned, writing, &mut memory, diagnostics)
    }

    pub(super) fn refresh(&self, state: &Model) -> Model {
        self.try_refresh(state).unwrap()
    }

    pub(super) fn try_refresh(&self, state: &Model) -> Result<Model, Diagnostic> {
        apply::refresh(state.clone(), &self.store(), Some(US), &mut self.memory.borrow_mut())
    }

    /// Whether a plan of an unchanged configuration shows a change.
    pub(super) fn is_changed(&self, state: &Model) -> bool {
        let (computed, diagnostics) = self.plan(state, Some(state));
        let is_missing = diagnostics.iter().all(|of| of.detail.ends_with("FLEET0323"));
        assert!(is_missing, "{diagnostics:?}");
        assert_eq!(diagnostics.is_empty(), self.file().exists());
        format!("{:?}", with(state.clone(), computed.unwrap())) != format!("{state:?}")
    }

    pub(super) fn told(&self, diagnostics: &Diagnostics) -> String {
        let here = self.directory.path().display().to_string();
        let told = diagnostics.iter().map(|diagnostic| {
            let severity = match diagnostic.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            };
            let path = diagnostic.path.as_ref().map(ToString::to_string).unwrap_or_default();
            format!("{severity} at [{path}]: {}\n{}", diagnostic.summary, diagnostic.detail)
        });
        told.collect::<Vec<_>>().join("\n----\n").replace(&here, "INVENTORY")
    }
}

pub(super) fn with(model: Model, computed: Computed) -> Model {
    Model {
        id: Attr::Known(computed.id),
        record: Attr::Known(computed.record),
        lifecycle_phase: Attr::Known(computed.lifecycle_phase),
        inventory_sha256: computed.inventory_sha256,
        admitted: computed.admitted,
        account_id: computed.account_id,
        ..model
    }
}
