//! Deferred answers as messages.

use crate::deferred::Deferred;
use crate::server::generated::tfplugin6::{self as wire, deferred::Reason};

/// Why there is no answer yet.
pub(crate) fn deferred(reason: Deferred) -> wire::Deferred {
    let reason = match reason {
        Deferred::ResourceConfigUnknown => Reason::ResourceConfigUnknown,
        Deferred::ProviderConfigUnknown => Reason::ProviderConfigUnknown,
        Deferred::AbsentPrerequisite => Reason::AbsentPrereq,
    };
    wire::Deferred { reason: reason.into() }
}
