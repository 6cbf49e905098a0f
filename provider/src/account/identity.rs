//! What identifies an account: its id at AWS, for as long as it lives.

use tfplugin::{Applied, Attr, Context, Identified, Object, Resource};

use super::Account;
use super::model::Model;

/// What identifies an account for as long as it lives.
#[derive(Debug, Clone, Object)]
pub struct Identity {
    /// The account id: 12 digits; of an account of another vendor `VENDOR/ID`.
    #[attribute(required)]
    pub id: Attr<String>,
}

impl Identified for Account {
    type Identity = Identity;

    fn identity(&self, state: &Model) -> Option<Identity> {
        let id = state.id.as_str()?;
        let id = match state.vendor.as_str() {
            Some(vendor) => format!("{vendor}/{id}"),
            None => id.to_owned(),
        };
        Some(Identity { id: Attr::Known(id) })
    }

    async fn import_by_identity(&self, context: &Context, identity: Identity) -> Applied<Model> {
        self.import(context, identity.id.as_str().unwrap_or_default()).await
    }
}
