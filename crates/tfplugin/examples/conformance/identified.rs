//! Objects with an identity: imported by it, and found in lists.

use tfplugin::{
    Applied, Attr, Context, Create, Delete, Diagnostic, Identified, Read, Resource, Update,
};

/// Where a thing is that says nothing else.
const REGION: &str = "eu";

/// A thing that is known by its region and name.
#[derive(Debug, Clone, tfplugin::Object)]
pub(crate) struct Identity {
    /// The name of the thing.
    #[attribute(required)]
    name: Attr<String>,
    /// The region of the thing; `eu` if there is none.
    #[attribute(optional)]
    region: Attr<String>,
}

/// A thing that is known by its region and name.
#[derive(Debug, Clone, tfplugin::Object)]
pub(crate) struct Model {
    /// The name, one of its kind in a region.
    #[attribute(required, plan(requires_replace))]
    name: Attr<String>,
    /// The region.
    #[attribute(optional, computed, default = REGION, plan(requires_replace))]
    region: Attr<String>,
    /// What is noted about it.
    #[attribute(optional)]
    note: Attr<String>,
    /// Region and name, with a slash between them.
    #[attribute(computed, plan(use_state_for_unknown))]
    id: Attr<String>,
}

pub(crate) struct IdentifiedThings;

impl Model {
    /// The thing of this region and name, of which nothing else is known.
    pub(crate) fn new(region: &str, name: &str) -> Self {
        Self {
            name: name.into(),
            region: region.into(),
            note: Attr::Null,
            id: Attr::Known(format!("{region}/{name}")),
        }
    }

    pub(crate) fn identity(&self) -> Identity {
        Identity { name: self.name.clone(), region: self.region.clone() }
    }

    fn with_id(self) -> Self {
        let region = self.region.as_str().unwrap_or_default();
        let id = format!("{region}/{}", self.name.as_str().unwrap_or_default());
        Self { id: id.into(), ..self }
    }
}

impl Resource for IdentifiedThings {
    type Model = Model;
    const TYPE: &'static str = "conformance_identified";

    async fn create(&self, _: &Context, request: Create<Model>) -> Applied<Model> {
        Applied::ok(request.planned.with_id())
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

    async fn import(&self, _: &Context, id: &str) -> Applied<Model> {
        match id.split_once('/') {
            Some((region, name)) => Applied::ok(Model::new(region, name)),
            None => Applied::error(Diagnostic::error(
                "Not an id",
                "The id is the region and the name, with a slash between them.",
            )),
        }
    }
}

impl Identified for IdentifiedThings {
    type Identity = Identity;

    fn identity(&self, state: &Model) -> Option<Identity> {
        Some(state.identity())
    }

    async fn import_by_identity(&self, _: &Context, identity: Identity) -> Applied<Model> {
        let region = identity.region.as_str().unwrap_or(REGION);
        match identity.name.as_str() {
            Some("missing") => Applied::gone(),
            name => Applied::ok(Model::new(region, name.unwrap_or_default())),
        }
    }
}
