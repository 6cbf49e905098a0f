//! What can be wrong with the address of an endpoint or a proxy.

use fleet_model::address::{self, is_whole};
use tfplugin::diagnostic::{Diagnostics, Path};

use super::Endpoints;
use crate::diagnostic::{Report, error};

/// Checks the endpoints of single services.
pub(super) fn check_endpoints(path: &Path, block: &Endpoints, diagnostics: &mut Diagnostics) {
    for (service, url) in block.by_service() {
        let Some(url) = url.as_str().filter(|url| !is_whole(url)) else { continue };
        diagnostics.push(
            wrong("FLEET0007", "Not the URL of an endpoint", url, &format!("`{service}`"))
                .at(path.clone().nested(service))
                .build(),
        );
    }
}

/// What is said of an endpoint that is none. `what` names the setting.
pub(super) fn wrong(code: &'static str, summary: &str, url: &str, what: &str) -> Report {
    error(code, summary)
        .what(format!("{what} is `{}`.", address::shown(url)))
        .why("It is no URL with a scheme and a host, so no call could be sent there.")
        .todo("Give scheme and host, and a port where it needs one, for example `https://vpce-0123.organizations.us-east-1.vpce.amazonaws.com` or `http://127.0.0.1:5000`.")
}
