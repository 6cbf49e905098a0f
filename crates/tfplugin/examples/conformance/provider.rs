//! The provider and its configuration.

use tfplugin::{Attr, Context, Diagnostics, Provider, Registry};

use crate::identified::IdentifiedThings;
use crate::identified_list::IdentifiedList;
use crate::thing::Things;
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

pub(crate) struct Conformance;

impl Provider for Conformance {
    type Config = Config;
    const NAME: &'static str = "conformance";
    const ADDRESS: &'static str = "registry.terraform.io/example/conformance";

    async fn configure(&self, _: &Context, _: Config) -> Diagnostics {
        Diagnostics::new()
    }

    fn register(&self, registry: &mut Registry) {
        registry.resource(Things).resource(VersionedThings);
        registry.identified_resource(IdentifiedThings).list_resource(IdentifiedList);
    }
}
