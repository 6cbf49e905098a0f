//! Identities and their schemas as messages.

use super::{decode, encode};
use crate::diagnostic::Diagnostic;
use crate::schema::Schema;
use crate::server::generated::tfplugin6::resource_identity_schema::IdentityAttribute;
use crate::server::generated::tfplugin6::{ResourceIdentityData, ResourceIdentitySchema};
use crate::value::{Type, Value};

/// The schema of an identity.
pub(crate) fn identity_schema(schema: &Schema) -> ResourceIdentitySchema {
    let attributes = schema.block.attributes.iter().map(|(name, attribute)| IdentityAttribute {
        name: name.clone(),
        r#type: attribute.kind.ty().to_json(),
        required_for_import: attribute.required,
        optional_for_import: attribute.optional,
        description: attribute.description.clone(),
    });
    ResourceIdentitySchema { version: schema.version, identity_attributes: attributes.collect() }
}

/// The identity in a message; null where there is none, or where the resource has none.
pub(crate) fn decode_identity(
    message: Option<&ResourceIdentityData>,
    ty: Option<&Type>,
) -> Result<Value, Diagnostic> {
    match (message, ty) {
        (Some(message), Some(ty)) => decode(message.identity_data.as_ref(), ty, "identity"),
        _ => Ok(Value::Null),
    }
}

/// The message for an identity: none for null. `what` says what it is, for the diagnostic.
pub(crate) fn encode_identity(
    identity: &Value,
    ty: Option<&Type>,
    what: &str,
) -> Result<Option<ResourceIdentityData>, Diagnostic> {
    match ty {
        Some(ty) if !identity.is_null() => {
            Ok(Some(ResourceIdentityData { identity_data: Some(encode(identity, ty, what)?) }))
        }
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Attr;

    /// Where a thing is.
    #[derive(tfplugin::Object)]
    struct Place {
        /// The account.
        #[attribute(optional)]
        account: Attr<String>,
        /// The ports.
        #[attribute(required)]
        ports: Attr<Vec<i64>>,
    }

    #[test]
    fn a_schema_says_what_an_import_needs() {
        let block = <Place as crate::Object>::block();
        let made = identity_schema(&Schema { version: 2, block });
        assert_eq!(made.version, 2);
        let [account, ports] = made.identity_attributes.as_slice() else { panic!("{made:?}") };
        assert_eq!(
            (account.name.as_str(), account.r#type.as_slice()),
            ("account", &br#""string""#[..])
        );
        assert!(account.optional_for_import && !account.required_for_import);
        assert_eq!(ports.r#type, br#"["list","number"]"#);
        assert!(ports.required_for_import && !ports.optional_for_import);
        assert_eq!(ports.description, "The ports.");
    }

    #[test]
    fn no_identity_is_no_message() {
        assert_eq!(encode_identity(&Value::Null, Some(&Type::String), "identity").unwrap(), None);
        assert_eq!(decode_identity(None, Some(&Type::String)).unwrap(), Value::Null);
        let given = encode_identity(&"a".into(), Some(&Type::String), "identity").unwrap();
        assert!(given.is_some());
        assert_eq!(decode_identity(given.as_ref(), Some(&Type::String)).unwrap(), "a".into());
        assert_eq!(decode_identity(given.as_ref(), None).unwrap(), Value::Null);
    }
}
