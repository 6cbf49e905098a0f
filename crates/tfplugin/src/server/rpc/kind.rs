//! What the values of a message are: their schema, by which they are read and written.

use crate::diagnostic::{Diagnostic, Notice};
use crate::erased::Registered;
use crate::schema::{Block, Schema};
use crate::server::generated::tfplugin6::{DynamicValue, ResourceIdentityData};
use crate::server::{convert, secrets};
use crate::value::{Type, Value, json};

/// The kind of object that a message carries.
pub(super) struct Kind<'a> {
    pub(super) ty: &'a Type,
    block: &'a Block,
    /// In an ephemeral object whatever is computed is a secret.
    is_ephemeral: bool,
    /// What identifies such an object, if it has an identity.
    identity: Option<&'a Type>,
}

impl<'a> Kind<'a> {
    /// The provider's configuration.
    pub(super) fn provider(provider: &'a Registered) -> Self {
        provider.provider_schema().into()
    }

    /// The objects of a resource.
    pub(super) fn resource(provider: &'a Registered, name: &str) -> Result<Self, Diagnostic> {
        let identity = provider.identity_schema(name).map(|(_, ty)| ty);
        let kind = Self::found(provider.resource_schema(name), "resource", name)?;
        Ok(Self { identity, ..kind })
    }

    /// The objects of a data source.
    pub(super) fn data_source(provider: &'a Registered, name: &str) -> Result<Self, Diagnostic> {
        Self::found(provider.data_source_schema(name), "data source", name)
    }

    /// The configurations of a list.
    pub(super) fn list(provider: &'a Registered, name: &str) -> Result<Self, Diagnostic> {
        Self::found(provider.list_resource_schema(name), "list resource", name)
    }

    /// The objects of an ephemeral resource.
    pub(super) fn ephemeral_resource(
        provider: &'a Registered,
        name: &str,
    ) -> Result<Self, Diagnostic> {
        let schema = provider.ephemeral_resource_schema(name);
        let kind = Self::found(schema, "ephemeral resource", name)?;
        Ok(Self { is_ephemeral: true, ..kind })
    }

    /// The configuration of an action.
    pub(super) fn action(provider: &'a Registered, name: &str) -> Result<Self, Diagnostic> {
        Self::found(provider.action_schema(name), "action", name)
    }

    fn found(
        schema: Option<(&'a Schema, &'a Type)>,
        kind: &str,
        name: &str,
    ) -> Result<Self, Diagnostic> {
        schema.map(Self::from).ok_or_else(|| {
            Diagnostic::noticed(
                Notice::Unknown,
                format!("Unknown {kind}"),
                format!("This version of the provider has no {kind} `{name}`."),
            )
        })
    }

    /// Reads one; nothing at all is null. `what` says what it is, for the diagnostic.
    pub(super) fn decode(
        &self,
        message: Option<&DynamicValue>,
        what: &str,
    ) -> Result<Value, Diagnostic> {
        let value = convert::decode(message, self.ty, what)?;
        secrets::keep_of(self.block, self.is_ephemeral, &value);
        Ok(value)
    }

    /// Looks for secrets in a state as the state file has it.
    pub(super) fn keep_secrets(&self, state: &[u8]) {
        if secrets::are_kept()
            && let Ok(state) = json::decode(state, self.ty)
        {
            secrets::keep_of(self.block, self.is_ephemeral, &state);
        }
    }

    /// Writes one. `what` says what it is, for the diagnostic.
    pub(super) fn encode(&self, value: &Value, what: &str) -> Result<DynamicValue, Diagnostic> {
        secrets::keep_of(self.block, self.is_ephemeral, value);
        convert::encode(value, self.ty, what)
    }

    /// Reads the identity of one: null where there is none.
    pub(super) fn decode_identity(
        &self,
        message: Option<&ResourceIdentityData>,
    ) -> Result<Value, Diagnostic> {
        convert::decode_identity(message, self.identity)
    }

    /// Writes the identity of one: nothing for null. `what` says what it is, for the diagnostic.
    pub(super) fn encode_identity(
        &self,
        identity: &Value,
        what: &str,
    ) -> Result<Option<ResourceIdentityData>, Diagnostic> {
        convert::encode_identity(identity, self.identity, what)
    }
}

impl<'a> From<(&'a Schema, &'a Type)> for Kind<'a> {
    fn from((schema, ty): (&'a Schema, &'a Type)) -> Self {
        Self { ty, block: &schema.block, is_ephemeral: false, identity: None }
    }
}
