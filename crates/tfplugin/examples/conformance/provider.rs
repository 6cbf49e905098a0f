//! The provider and its configuration.

use std::sync::{Arc, PoisonError, RwLock};

use tfplugin::{Attr, Context, Diagnostics, Provider, Registry};

use crate::announce::Announce;
use crate::describe::Describe;
use crate::divide::Divide;
use crate::echo::Echoes;
use crate::failing::Failings;
use crate::file::Files;
use crate::identified::IdentifiedThings;
use crate::identified_list::IdentifiedList;
use crate::join::Join;
use crate::thing::Things;
use crate::token::Tokens;
use crate::versioned::VersionedThings;

/// Offers types that use every part of the protocol.
#[derive(Debug, Clone, tfplugin::Object)]
pub(crate) struct Config {
    /// Where things are, for the data sources that say so.
    #[attribute(optional)]
    region: Attr<String>,
    /// Proves who asks.
    #[attribute(optional, sensitive)]
    token: Attr<String>,
    /// Whom to act as.
    #[block(list(max = 1))]
    assume: Attr<Vec<Assume>>,
}

/// Whom to act as.
#[derive(Debug, Clone, tfplugin::Object)]
pub(crate) struct Assume {
    /// The role to take.
    #[attribute(required, validate(length(1..)))]
    role: Attr<String>,
}

/// The region that the provider block names, once it is configured.
#[derive(Clone, Default)]
pub(crate) struct Region(Arc<RwLock<Option<String>>>);

#[derive(Default)]
pub(crate) struct Conformance(Region);

impl Region {
    pub(crate) fn get(&self) -> Option<String> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, region: Option<String>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = region;
    }
}

impl Provider for Conformance {
    type Config = Config;
    const NAME: &'static str = "conformance";
    const ADDRESS: &'static str = "registry.terraform.io/example/conformance";

    async fn configure(&self, _: &Context, config: Config) -> Diagnostics {
        self.0.set(config.region.into_known());
        Diagnostics::new()
    }

    fn register(&self, registry: &mut Registry) {
        registry
            .resource(Things)
            .resource(Files)
            .resource(Failings)
            .resource(VersionedThings)
            .identified_resource(IdentifiedThings)
            .list_resource(IdentifiedList)
            .data_source(Echoes(self.0.clone()))
            .ephemeral_resource(Tokens)
            .action(Announce)
            .function(Describe)
            .function(Divide)
            .function(Join);
    }
}
