//! Objects that exist already.

use futures::future::BoxFuture;

use super::{ErasedResource, Outcome, identity, settle};
use crate::erased::{Capabilities, Registered, Saved, Stored, guard, validate_values};
use crate::unicode::composed;
use crate::value::{Value, json};

impl Registered {
    /// Finds the object with an id.
    pub async fn import_resource_state(
        &self,
        type_name: &str,
        id: &str,
        capabilities: Capabilities,
    ) -> Saved {
        let resource = match self.resource(type_name) {
            Ok(resource) => resource.as_ref(),
            Err(error) => return settle::unchanged(Stored::nothing(), error),
        };
        let cx = self.context(capabilities);
        // An `import` block has composed it, the command line has not.
        let id = &*composed(id);
        let which = format!("`{type_name}` with the id `{id}`");
        let import = resource.import(&cx, id);
        imported(resource, &which, Value::Null, import, capabilities).await
    }

    /// Finds the object with an identity. What is optional in it may be null.
    pub async fn import_by_identity(
        &self,
        type_name: &str,
        identity: Value,
        capabilities: Capabilities,
    ) -> Saved {
        let found = self.resource(type_name).and_then(|resource| {
            let schema = resource.identity_schema().ok_or_else(|| identity::none(type_name))?;
            Ok((resource.as_ref(), schema))
        });
        let (resource, (schema, _)) = match found {
            Ok(found) => found,
            Err(error) => return settle::unchanged(Stored::nothing(), error),
        };
        let invalid = validate_values(&schema.block, &identity);
        if invalid.has_errors() {
            return settle::unchanged(Stored::nothing(), invalid);
        }
        let text = json::to_json(&identity).map(|text| text.to_string()).unwrap_or_default();
        let which = format!("`{type_name}` with the identity `{text}`");
        let cx = self.context(capabilities);
        let import = resource.import_by_identity(&cx, identity.clone());
        imported(resource, &which, identity, import, capabilities).await
    }
}

/// What an import comes to. `asked` is the identity that was asked for, or null.
async fn imported(
    resource: &dyn ErasedResource,
    which: &str,
    asked: Value,
    import: BoxFuture<'_, Outcome>,
    capabilities: Capabilities,
) -> Saved {
    let outcome = match guard::future(&format!("import {which}"), import).await {
        Ok(outcome) => outcome,
        Err(panic) => return settle::unchanged(Stored::nothing(), panic),
    };
    if let Some(reason) = outcome.deferred {
        return settle::deferred(Stored::nothing(), reason, capabilities.deferral_allowed);
    }
    let mut saved = settle::import(&resource.schema().0.block, which, outcome);
    if saved.state.is_null() {
        return saved;
    }
    match identity::after(resource, which, &saved.state, &asked) {
        Ok(identity) => Saved { identity, ..saved },
        Err(wrong) => {
            saved.diagnostics.extend(wrong);
            settle::unchanged(Stored::nothing(), saved.diagnostics)
        }
    }
}
