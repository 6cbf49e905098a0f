//! `UpgradeResourceState`.

use super::resource_type;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::erased::Registered;
use crate::server::convert;
use crate::server::generated::tfplugin6::DynamicValue;
use crate::server::generated::tfplugin6::upgrade_resource_state::{Request, Response};

/// Brings a state, as the state file has it, to the current schema.
pub(in crate::server) fn upgrade_resource_state(
    provider: &Registered,
    request: &Request,
) -> Response {
    let (upgraded_state, diagnostics) =
        upgrade(provider, request).unwrap_or_else(|error| (None, error.into()));
    Response { upgraded_state, diagnostics: convert::diagnostics(diagnostics) }
}

fn upgrade(
    provider: &Registered,
    request: &Request,
) -> Result<(Option<DynamicValue>, Diagnostics), Diagnostic> {
    let name = &request.type_name;
    let ty = resource_type(provider, name)?;
    let raw = request.raw_state.as_ref().filter(|raw| !raw.json.is_empty()).ok_or_else(|| {
        Diagnostic::error(
            "State of an older CLI",
            format!(
                "The state of this `{name}` is not JSON: Terraform 0.11 or older wrote it.\n\nApply it \
                 once with Terraform 0.12, which converts it."
            ),
        )
    })?;
    let (state, diagnostics) = provider.upgrade_resource_state(name, request.version, &raw.json);
    if diagnostics.has_errors() {
        return Ok((None, diagnostics));
    }
    Ok((Some(convert::encode(&state, ty, "state")?), diagnostics))
}
