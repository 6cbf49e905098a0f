//! What the CLI says about logs: environment variables, read once. Those of the handshake are go-plugin's.

use std::ffi::OsString;

/// The variables of logging, as the process found them.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Environment {
    /// The log level as written in `TF_LOG_PROVIDER_<NAME>`, `TF_LOG_PROVIDER` or `TF_LOG`: the first that is set.
    pub(crate) log: Option<String>,
    /// The level of the lines of this crate, if it is another one: `TF_LOG_SDK_PROTO` or `TF_LOG_SDK`.
    pub(crate) sdk_log: Option<String>,
}

impl Environment {
    /// Reads the environment of this process. `name` is the provider's, as in `TF_LOG_PROVIDER_EXAMPLE`.
    pub(crate) fn of_process(name: &str) -> Self {
        Self::read(name, |variable| std::env::var_os(variable))
    }

    /// Reads through `lookup`. An empty variable is the same as an absent one.
    fn read(name: &str, lookup: impl Fn(&str) -> Option<OsString>) -> Self {
        let text = |variable: &str| {
            lookup(variable)
                .filter(|value| !value.is_empty())
                .and_then(|value| value.into_string().ok())
        };
        let own_log = format!("TF_LOG_PROVIDER_{}", name.to_uppercase().replace('-', "_"));
        Self {
            sdk_log: text("TF_LOG_SDK_PROTO").or_else(|| text("TF_LOG_SDK")),
            log: text(&own_log).or_else(|| text("TF_LOG_PROVIDER")).or_else(|| text("TF_LOG")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Environment {
        Environment::read("cloud", |name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn nothing_is_set_when_a_person_starts_the_process() {
        assert!(read(&[]) == Environment::default());
    }

    #[test]
    fn empty_is_absent() {
        assert!(read(&[("TF_LOG", ""), ("TF_LOG_SDK", "")]) == Environment::default());
    }

    #[test]
    fn the_narrowest_log_variable_wins() {
        let all =
            [("TF_LOG", "info"), ("TF_LOG_PROVIDER", "debug"), ("TF_LOG_PROVIDER_CLOUD", "trace")];
        assert_eq!(read(&all).log.as_deref(), Some("trace"));
        assert_eq!(read(&all[..2]).log.as_deref(), Some("debug"));
        assert_eq!(read(&all[..1]).log.as_deref(), Some("info"));
    }

    #[test]
    fn the_lines_of_the_sdk_have_a_level_of_their_own() {
        let all = [("TF_LOG_SDK", "info"), ("TF_LOG_SDK_PROTO", "off"), ("TF_LOG", "trace")];
        assert_eq!(read(&all).sdk_log.as_deref(), Some("off"));
        assert_eq!(read(&all[..1]).sdk_log.as_deref(), Some("info"));
        assert_eq!(read(&all[2..]).sdk_log, None);
    }
}
