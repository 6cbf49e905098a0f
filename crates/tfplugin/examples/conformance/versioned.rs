//! Objects with a history: states of older versions, and objects that were of another type.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use tfplugin::{
    Applied, Attr, Context, Create, Delete, Diagnostic, Diagnostics, MovedFrom, RawState, Read,
    Resource, Update,
};

/// A thing whose state has changed its shape twice.
#[derive(Debug, Clone, tfplugin::Object)]
pub(crate) struct Model {
    /// The name.
    #[attribute(required, plan(requires_replace))]
    name: Attr<String>,
    /// Labels: version 0 had one, version 1 a list of `key=value`.
    #[attribute(optional)]
    labels: Attr<BTreeMap<String, String>>,
    /// The size: version 1 had it as text.
    #[attribute(optional)]
    size: Attr<i64>,
    /// `versioned-` and the name.
    #[attribute(computed, plan(use_state_for_unknown))]
    id: Attr<String>,
}

/// The state as version 0 had it.
#[derive(tfplugin::Object)]
struct ModelV0 {
    /// The name.
    #[attribute(required)]
    name: Attr<String>,
    /// The only label.
    #[attribute(optional)]
    label: Attr<String>,
}

/// The state as version 1 had it.
#[derive(tfplugin::Object)]
struct ModelV1 {
    /// The name.
    #[attribute(required)]
    name: Attr<String>,
    /// Labels as `key=value`.
    #[attribute(optional)]
    labels: Attr<Vec<String>>,
    /// The size as text.
    #[attribute(optional)]
    size: Attr<String>,
}

pub(crate) struct VersionedThings;

impl Model {
    fn new(name: Attr<String>) -> Self {
        let id = name.as_str().map(id).into();
        Self { name, labels: Attr::Null, size: Attr::Null, id }
    }
}

fn id(name: &str) -> String {
    format!("versioned-{name}")
}

impl Resource for VersionedThings {
    type Model = Model;
    const TYPE: &'static str = "conformance_versioned";
    const VERSION: i64 = 2;

    async fn create(&self, _: &Context, request: Create<Model>) -> Applied<Model> {
        let id = request.planned.name.as_str().map(id).into();
        Applied::ok(Model { id, ..request.planned })
    }

    async fn read(&self, _: &Context, request: Read<Model>) -> Applied<Model> {
        Applied::ok(request.state)
    }

    async fn update(&self, _: &Context, request: Update<Model>) -> Applied<Model> {
        Applied::ok(request.planned)
    }

    async fn delete(&self, _: &Context, _: Delete<Model>) -> Applied<Model> {
        Applied::gone()
    }

    fn upgrade(&self, version: i64, state: RawState<'_>) -> Result<Model, Diagnostics> {
        if version == 0 {
            let ModelV0 { name, label } = state.decode()?;
            let labels = label.map(|label| BTreeMap::from([("label".to_owned(), label)]));
            return Ok(Model { labels, ..Model::new(name) });
        }
        let ModelV1 { name, labels, size } = state.decode()?;
        let labels = labels.map(|labels| {
            let pairs = labels.iter().filter_map(|label| label.split_once('='));
            pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
        });
        let size = size.into_known().and_then(|size| size.parse().ok()).into();
        Ok(Model { labels, size, ..Model::new(name) })
    }

    /// From this provider's `conformance_thing`, and from the CLI's own `terraform_data` with a text as input.
    async fn move_state(&self, _: &Context, from: MovedFrom<'_>) -> Applied<Model> {
        let name = match from.state.json() {
            Err(error) => return Applied::error(error),
            Ok(state) => match from.type_name {
                "conformance_thing" => state.get("name").and_then(Json::as_str).map(str::to_owned),
                "terraform_data" if from.provider_address.starts_with("terraform.io/builtin/") => {
                    let input = state.get("input").and_then(|input| input.get("value"));
                    input.and_then(Json::as_str).map(str::to_owned)
                }
                _ => None,
            },
        };
        match name {
            Some(name) => Applied::ok(Model::new(name.into())),
            None => Applied::error(Diagnostic::error(
                "Cannot be moved",
                format!(
                    "A `{}` of `{}` with no name is no versioned thing.",
                    from.type_name, from.provider_address
                ),
            )),
        }
    }
}
