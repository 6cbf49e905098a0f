//! The provider: its block, and the list of what it offers.

use std::sync::Arc;

use tfplugin::diagnostic::Diagnostics;
use tfplugin::{Attr, Context, Provider, Registry};

use crate::access_policies::AccessPolicies;
use crate::account::{Account, AccountList};
use crate::account_data::AccountData;
use crate::cluster_registration::ClusterRegistration;
use crate::config::{self, ProviderConfig, Settings};
use crate::env;
use crate::inventory_data::InventoryData;
use crate::organization_data::OrganizationData;
use crate::organizational_unit::OrganizationalUnit;
use crate::overlay::Overlay;
use crate::placement::Placement;
use crate::runtime::Runtime;

/// `provider "fleet"`.
#[derive(Default)]
pub struct FleetProvider {
    runtime: Arc<Runtime>,
}

impl Provider for FleetProvider {
    type Config = ProviderConfig;

    const NAME: &'static str = "fleet";
    const ADDRESS: &'static str = "registry.terraform.io/fleet-iac/fleet";

    fn validate(&self, config: &ProviderConfig, diagnostics: &mut Diagnostics) {
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
    use tfplugin::erased::Registered;

    use super::*;

    #[test]
    fn the_schemas_keep_every_rule() {
        let problems = Registered::new(FleetProvider::default()).problems();
        let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(problems, [""; 0]);
    }
}
