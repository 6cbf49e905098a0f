//! State as the state file has it: of this version, of an older one, or of another type.

use super::{ErasedResource, identity, settle};
use crate::diagnostic::{Diagnostic, Diagnostics, Notice};
use crate::erased::{Capabilities, Registered, Saved, Stored, guard};
use crate::moved::MovedFrom;
use crate::raw_state::{RawState, newer};
use crate::value::{Value, json};

impl Registered {
    /// Loads state that was written as JSON under `version` of the schema. The answer is null when there
    /// is an error.
    pub fn upgrade_resource_state(
        &self,
        type_name: &str,
        version: i64,
        state: &[u8],
    ) -> (Value, Diagnostics) {
        let found = self.resource(type_name).map_err(Diagnostics::from);
        let upgraded = found.and_then(|resource| {
            let state = upgraded(resource.as_ref(), type_name, version, state)?;
            Ok((resource, state))
        });
        let (resource, state) = match upgraded {
            Ok(found) => found,
            Err(errors) => return (Value::Null, errors),
        };
        if state.is_null() {
            return (state, Diagnostics::new());
        }
        let diagnostics = loaded(resource.as_ref(), type_name, &state);
        if diagnostics.has_errors() { (Value::Null, diagnostics) } else { (state, diagnostics) }
    }

    /// Takes over an object from another type.
    pub async fn move_resource_state(&self, type_name: &str, from: MovedFrom<'_>) -> Saved {
        let failed = |errors: Diagnostics| settle::unchanged(Stored::nothing(), errors);
        let resource = match self.resource(type_name) {
            Ok(resource) => resource.as_ref(),
            Err(error) => return failed(error.into()),
        };
        let cx = self.context(Capabilities::default());
        let what = format!("move a `{}` to `{type_name}`", from.type_name);
        let outcome = match guard::future(&what, resource.move_state(&cx, from)).await {
            Ok(outcome) => outcome,
            Err(panic) => return failed(panic.into()),
        };
        let mut saved = settle::moved(&resource.schema().0.block, type_name, outcome);
        if saved.diagnostics.has_errors() {
            return failed(saved.diagnostics);
        }
        let what = format!("the moved `{type_name}`");
        match identity::after(resource, &what, &saved.state, &Value::Null) {
            Ok(identity) => saved.identity = identity,
            Err(wrong) => saved.diagnostics.extend(wrong),
        }
        saved.diagnostics.extend(loaded(resource, type_name, &saved.state));
        if saved.diagnostics.has_errors() { failed(saved.diagnostics) } else { saved }
    }
}

/// State of any version as one of today.
fn upgraded(
    resource: &dyn ErasedResource,
    type_name: &str,
    version: i64,
    state: &[u8],
) -> Result<Value, Diagnostics> {
    let (schema, ty) = resource.schema();
    if version > schema.version {
        return Err(newer("state", type_name, version, schema.version).into());
    }
    if version < schema.version && state != b"null" {
        let what = format!("upgrade the state of `{type_name}`");
        let upgraded = guard::call(&what, || resource.upgrade(version, RawState::new(state)))??;
        return settle::upgraded(&schema.block, upgraded);
    }
    json::decode(state, ty).map_err(|error| {
        let detail =
            format!("The state of this `{type_name}` does not fit the provider's schema: {error}.");
        Diagnostic::noticed(Notice::Unreadable, "Unreadable state", detail).into()
    })
}

/// Shows the resource a state that the process has loaded.
fn loaded(resource: &dyn ErasedResource, type_name: &str, state: &Value) -> Diagnostics {
    let what = format!("load the state of `{type_name}`");
    guard::call(&what, || resource.state_loaded(state.clone())).unwrap_or_else(Into::into)
}
