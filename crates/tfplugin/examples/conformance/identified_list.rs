//! Finds identified things: as many as are asked for, and all made up.

use tfplugin::{Attr, Context, Diagnostics, Found, List, ListResource, Listed};

use crate::identified::{IdentifiedThings, Model};

/// Where all of them are.
const REGION: &str = "eu";

/// Finds identified things.
#[derive(Debug, Clone, tfplugin::Object)]
pub(crate) struct Config {
    /// What their names begin with.
    #[attribute(optional)]
    prefix: Attr<String>,
    /// How many there are; 3 if nothing is said.
    #[attribute(optional, validate(range(0..=1000)))]
    amount: Attr<i64>,
}

pub(crate) struct IdentifiedList;

impl ListResource for IdentifiedList {
    type Resource = IdentifiedThings;
    type Config = Config;

    async fn list(
        &self,
        _: &Context,
        request: List<Config>,
        found: &mut Found<IdentifiedThings>,
    ) -> Diagnostics {
        let prefix = request.config.prefix.as_str().unwrap_or_default();
        for number in 1..=request.config.amount.known().copied().unwrap_or(3) {
            let name = format!("{prefix}{number}");
            let thing = Model::new(REGION, &name);
            let listed = Listed::new(format!("{REGION}/{name}"), thing.identity());
            let resource = request.include_resource.then_some(thing);
            if found.push(Listed { resource, ..listed }).await.is_break() {
                break;
            }
        }
        Diagnostics::new()
    }
}
