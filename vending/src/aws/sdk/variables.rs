//! The environment variables as they count: an empty one is not set. The SDK takes some of them for values, and an empty
//! endpoint for an address, at which it panics.

use aws_config::SdkConfig;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};

/// A variable that nobody sets: what the SDK finds under it is the shared files' value.
const NOBODYS: &str = "FLEET_NO_SUCH_VARIABLE";

/// The value of a variable. Unset, empty and not Unicode are all `None`.
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The region of the environment.
pub(super) fn region() -> Option<String> {
    variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION"))
}

/// The profile to read where nobody names one: `None` leaves it to the SDK, which would look for one without a name where the
/// variable is empty.
pub(super) fn profile() -> Option<&'static str> {
    is_empty("AWS_PROFILE").then_some("default")
}

/// The shared file to read where nobody names one, likewise: `file` of `~/.aws`, if it is there.
pub(super) fn shared_file(name: &str, file: &str) -> Option<String> {
    let path = std::env::home_dir()?.join(".aws").join(file);
    (is_empty(name) && path.is_file()).then(|| path.display().to_string())
}

fn is_empty(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| value.is_empty())
}

/// The same configuration, in which an empty endpoint of the environment or of the shared files is none.
pub(super) fn without_empty_endpoints(sdk: SdkConfig) -> SdkConfig {
    let Some(inner) = sdk.service_config().map(|_| Endpoints(sdk.clone())) else { return sdk };
    sdk.into_builder().service_config(inner).build()
}

/// Asks the configuration of the SDK.
#[derive(Debug)]
struct Endpoints(SdkConfig);

impl LoadServiceConfig for Endpoints {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        let load = |env: &str| {
            let key = ServiceConfigKey::builder()
                .service_id(key.service_id())
                .env(env)
                .profile(key.profile())
                .build()
                .ok()?;
            self.0.service_config()?.load_config(key)
        };
        let found = load(key.env())?;
        if !found.is_empty() {
            return Some(found);
        }
        // An empty variable hid what comes after it.
        let next = variable(key.env()).or_else(|| load(NOBODYS));
        next.filter(|found| !found.is_empty())
    }
}
