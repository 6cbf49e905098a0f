//! State as the state file has it.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::erased::{Registered, guard};
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
        let resource = match self.resource(type_name) {
            Ok(resource) => resource,
            Err(error) => return (Value::Null, error.into()),
        };
        let (schema, ty) = resource.schema();
        if version > schema.version {
            let error = newer("state", type_name, version, schema.version);
            return (Value::Null, error.into());
        }
        let state = match json::decode(state, ty) {
            Ok(state) => state,
            Err(error) => {
                let detail = format!(
                    "The state of this `{type_name}` does not fit the provider's schema: {error}."
                );
                return (Value::Null, Diagnostic::error("Unreadable state", detail).into());
            }
        };
        if state.is_null() {
            return (state, Diagnostics::new());
        }
        let loaded = || resource.state_loaded(state.clone());
        let diagnostics = guard::call(&format!("load the state of `{type_name}`"), loaded)
            .unwrap_or_else(Into::into);
        if diagnostics.has_errors() { (Value::Null, diagnostics) } else { (state, diagnostics) }
    }
}

/// Says that `what` (a state, an identity) is of a newer version than the provider has.
pub(super) fn newer(what: &str, type_name: &str, version: i64, ours: i64) -> Diagnostic {
    let detail = format!(
        "The {what} of this `{type_name}` was written by a newer version of the provider (schema version \
         {version}, this provider has {ours}).\n\nUse that version of the provider, or a newer one."
    );
    Diagnostic::error("State of a newer provider", detail)
}
