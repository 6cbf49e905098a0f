//! The provider: its block, and the list of what it offers.

use std::sync::Arc;

use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::{Attr, Context, Provider, Registry};

use crate::access_policies::AccessPolicies;
use crate::account::{Account, AccountList};
use crate::account_data::AccountData;
use crate::cluster_registration::ClusterRegistration;
use crate::config::{self, ProviderConfig, Settings};
use crate::diagnostic;
use crate::env;
use crate::inventory_data::InventoryData;
use crate::organization_data::OrganizationData;
use crate::organizational_unit::OrganizationalUnit;
use crate::overlay::Overlay;
use crate::placement::Placement;
use crate::runtime::Runtime;
use crate::siblings::Siblings;

/// `provider "fleet"`.
#[derive(Default)]
pub struct FleetProvider {
    runtime: Arc<Runtime>,
}

impl FleetProvider {
    /// For a process that a CLI starts, maybe beside others for other provider blocks.
    #[must_use]
    pub fn of_process() -> Self {
        Self::beside(Siblings::of_process())
    }

    pub(crate) fn beside(siblings: Siblings) -> Self {
        Self { runtime: Arc::new(Runtime::beside(siblings)) }
    }
}

impl Provider for FleetProvider {
    type Config = ProviderConfig;

    const NAME: &'static str = "fleet";
    const ADDRESS: &'static str = "registry.terraform.io/fleet-iac/fleet";

    fn validate(&self, config: &ProviderConfig, diagnostics: &mut Diagnostics) {
        self.runtime.validates();
        config::check(config, diagnostics);
    }

    async fn configure(&self, _context: &Context, config: ProviderConfig) -> Diagnostics {
        let mut diagnostics = Diagnostics::default();
        let managed_by = match &config.managed_by {
            Attr::Null => env::read(env::MANAGED_BY).into(),
            given => given.clone(),
        };
        config::check_managed_by(&managed_by, &mut diagnostics);
        if !diagnostics.has_errors() {
            self.runtime.configure(Settings::new(managed_by, config));
        }
        diagnostics
    }

    fn for_next_run(&self) -> Option<Self> {
        Some(Self::default())
    }

    fn reword(&self, diagnostic: Diagnostic) -> Diagnostic {
        diagnostic::reword(diagnostic)
    }

    fn register(&self, registry: &mut Registry) {
        registry
            .identified_resource(Account::new(self.runtime.clone()))
            .resource(ClusterRegistration::new(self.runtime.clone()))
            .identified_resource(OrganizationalUnit::new(self.runtime.clone()))
            .resource(Placement::new(self.runtime.clone()))
            .list_resource(AccountList::new(self.runtime.clone()))
            .data_source(AccessPolicies::new(self.runtime.clone()))
            .data_source(AccountData::new(self.runtime.clone()))
            .data_source(InventoryData::new(self.runtime.clone()))
            .data_source(OrganizationData::new(self.runtime.clone()))
            .function(Overlay);
    }
}

#[cfg(test)]
mod tests {
    use tfplugin::Value;
    use tfplugin::erased::{Capabilities, Registered};

    use super::*;

    /// A configuration that sets these attributes; what else is required is not known yet.
    fn given(of: &tfplugin::schema::Block, set: Vec<(&str, Value)>) -> Value {
        let value = |required: bool| if required { Value::UNKNOWN } else { Value::Null };
        let others = of.attributes.iter().map(|(name, of)| (name.clone(), value(of.required)));
        let mut all: std::collections::BTreeMap<String, Value> = others.collect();
        all.extend(set.into_iter().map(|(name, value)| (name.to_owned(), value)));
        Value::Object(all)
    }

    #[test]
    fn a_null_element_is_told_with_its_path_and_a_null_tag_is_none() {
        use tfplugin::{Object as _, Resource};
        let null = |key: &str| Value::Map([(key.to_owned(), Value::Null)].into());
        let provider = Registered::new(FleetProvider::default());
        let capabilities =
            Capabilities { write_only_attributes_allowed: true, deferral_allowed: false };
        let account = <Account as Resource>::Model::block();
        let cluster = <ClusterRegistration as Resource>::Model::block();
        for (kind, block, attribute, value, path) in [
            ("fleet_account", &account, "controls", null("regions"), "controls[\"regions\"]"),
            ("fleet_account", &account, "region_set", Value::set([Value::Null]), "region_set"),
            ("fleet_cluster_registration", &cluster, "labels", null("tier"), "labels[\"tier\"]"),
            (
                "fleet_cluster_registration",
                &cluster,
                "taints",
                Value::List(vec![Value::Null]),
                "taints[0]",
            ),
        ] {
            let config = given(block, vec![(attribute, value)]);
            let said = provider.validate_resource(kind, config, capabilities);
            let said: Vec<_> = said.iter().collect();
            let [one] = said.as_slice() else { panic!("{said:#?}") };
            assert!(one.detail.ends_with("FLEET0166"), "{one:?}");
            assert_eq!(one.path.as_ref().map(ToString::to_string).as_deref(), Some(path));
        }
        for kind in ["fleet_account", "fleet_organizational_unit"] {
            let unit = <OrganizationalUnit as Resource>::Model::block();
            let block = if kind == "fleet_account" { &account } else { &unit };
            let config = given(block, vec![("name", "a".into()), ("tags", null("cost"))]);
            let said = provider.validate_resource(kind, config, capabilities);
            assert!(said.is_empty(), "{said:#?}");
        }
    }

    #[test]
    fn the_schemas_keep_every_rule() {
        let problems = Registered::new(FleetProvider::default()).problems();
        let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(problems, [""; 0]);
    }

    /// What the SDK finds wrong with a value has a code of ours, whichever object it is in.
    #[test]
    fn what_the_sdk_refuses_has_a_code_and_a_path() {
        use tfplugin::{Object as _, Resource};
        let provider = Registered::new(FleetProvider::default());
        let capabilities =
            Capabilities { write_only_attributes_allowed: true, deferral_allowed: false };
        let effect = Value::object([
            ("key", "pci".into()),
            ("value", Value::Null),
            ("effect", "NoSchedule".into()),
        ]);
        let no_key = Value::object([
            ("key", Value::Null),
            ("value", Value::Null),
            ("effect", "NoSelect".into()),
        ]);
        for (kind, block, attribute, value, path, code) in [
            (
                "fleet_account",
                <Account as Resource>::Model::block(),
                "baseline_policy",
                "strict".into(),
                "baseline_policy",
                "FLEET0190",
            ),
            (
                "fleet_organizational_unit",
                <OrganizationalUnit as Resource>::Model::block(),
                "name",
                "".into(),
                "name",
                "FLEET0190",
            ),
            (
                "fleet_cluster_registration",
                <ClusterRegistration as Resource>::Model::block(),
                "taints",
                Value::List(vec![effect]),
                "taints[0].effect",
                "FLEET0190",
            ),
            (
                "fleet_cluster_registration",
                <ClusterRegistration as Resource>::Model::block(),
                "taints",
                Value::List(vec![no_key]),
                "taints[0].key",
                "FLEET0191",
            ),
            (
                "fleet_placement",
                <Placement as Resource>::Model::block(),
                "id",
                "x".into(),
                "id",
                "FLEET0192",
            ),
        ] {
            let config = given(&block, vec![(attribute, value)]);
            let said = provider.validate_resource(kind, config, capabilities);
            let said: Vec<_> = said.iter().filter(|of| of.detail.contains(code)).collect();
            let [one] = said.as_slice() else { panic!("{kind} {path}: {said:#?}") };
            assert!(one.detail.ends_with(code), "{one:?}");
            assert_eq!(one.path.as_ref().map(ToString::to_string).as_deref(), Some(path));
        }
    }
}
