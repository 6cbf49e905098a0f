//! What identifies an account: its id at AWS, for as long as it lives.

use tfplugin::{Applied, Attr, Context, Identified, Object, Resource};

use super::Account;
use super::model::Model;

/// What identifies an account for as long as it lives.
#[derive(Debug, Clone, Object)]
pub struct Identity {
    /// The account id: 12 digits.
    #[attribute(required)]
    pub id: Attr<String>,
}

impl Identified for Account {
    type Identity = Identity;

    fn identity(&self, state: &Model) -> Option<Identity> {
        state.id.is_known().then(|| Identity { id: state.id.clone() })
    }

    async fn import_by_identity(&self, context: &Context, identity: Identity) -> Applied<Model> {
        self.import(context, identity.id.as_str().unwrap_or_default()).await
    }
}
