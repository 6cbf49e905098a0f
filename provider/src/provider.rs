//! The provider: its block, and the list of what it offers.

use std::sync::Arc;

use tfplugin::diagnostic::{Diagnostic, Diagnostics, Step};
use tfplugin::value::{DecodeError, DecodeErrorKind};
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

    fn misfit(&self, error: &DecodeError) -> Diagnostic {
        misfit(error)
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

/// Says which value its attribute has no place for.
fn misfit(error: &DecodeError) -> Diagnostic {
    let path = &error.path;
    if error.kind != DecodeErrorKind::Null {
        return diagnostic::error("FLEET0169", "A value cannot be used")
            .at(path.clone())
            .what(format!("The value of `{path}` cannot be used: {}.", error.kind))
            .why("The argument takes another kind of value.")
            .todo("Write a value of the kind that the page of the resource or data source names.")
            .build();
    }
    let what = match path.steps().last() {
        Some(Step::Key(_) | Step::Index(_)) => format!("`{path}` is null."),
        // A set has no path to its elements.
        _ => format!("An element of `{path}` is null."),
    };
    diagnostic::error("FLEET0166", "An element of a collection is null")
        .at(path.clone())
        .what(what)
        .why("Null stands for no value, and this list, set or map holds a value in each place. Only tags may be null: those are left out.")
        .todo("Leave the element out: `compact([…])` does that for lists and sets of texts, `{ for key, value in … : key => value if value != null }` for maps. Or give it a value.")
        .build()
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
}
