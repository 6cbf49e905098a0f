//! What the CLI says to a provider process before the first RPC: environment variables, read once.

use std::ffi::OsString;
use std::path::PathBuf;

/// The variables of go-plugin's handshake and of logging, as the process found them.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Environment {
    /// `TF_PLUGIN_MAGIC_COOKIE`: there when a CLI starts the process, absent when a person does.
    pub(crate) cookie: Option<String>,
    /// `PLUGIN_CLIENT_CERT`: PEM of the only certificate that may connect. None = plaintext.
    pub(crate) client_certificate: Option<String>,
    /// `PLUGIN_UNIX_SOCKET_DIR`: where the socket goes instead of the directory for temporary files.
    pub(crate) socket_directory: Option<PathBuf>,
    /// `PLUGIN_MIN_PORT` and `PLUGIN_MAX_PORT`, both included; used where there is no unix socket.
    pub(crate) ports: (u16, u16),
    /// `PLUGIN_MULTIPLEX_GRPC`: the CLI wants to be told whether we multiplex its broker (we do not).
    pub(crate) asks_multiplexing: bool,
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
        let path = |variable: &str| lookup(variable).filter(|value| !value.is_empty());
        let text = |variable: &str| path(variable).and_then(|value| value.into_string().ok());
        let port = |variable: &str| text(variable).and_then(|value| value.parse::<u16>().ok());
        let own_log = format!("TF_LOG_PROVIDER_{}", name.to_uppercase().replace('-', "_"));
        Self {
            cookie: text("TF_PLUGIN_MAGIC_COOKIE"),
            client_certificate: text("PLUGIN_CLIENT_CERT"),
            socket_directory: path("PLUGIN_UNIX_SOCKET_DIR").map(PathBuf::from),
            // 0 lets the system choose.
            ports: (
                port("PLUGIN_MIN_PORT").unwrap_or_default(),
                port("PLUGIN_MAX_PORT").unwrap_or_default(),
            ),
            asks_multiplexing: text("PLUGIN_MULTIPLEX_GRPC").is_some(),
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
        let environment =
            read(&[("PLUGIN_CLIENT_CERT", ""), ("PLUGIN_UNIX_SOCKET_DIR", ""), ("TF_LOG", "")]);
        assert!(environment == Environment::default());
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

    #[test]
    fn ports_and_socket_directory_are_read() {
        let environment = read(&[
            ("PLUGIN_MIN_PORT", "10000"),
            ("PLUGIN_MAX_PORT", "25000"),
            ("PLUGIN_UNIX_SOCKET_DIR", "/run/plugins"),
        ]);
        assert_eq!(environment.ports, (10_000, 25_000));
        assert_eq!(environment.socket_directory, Some(PathBuf::from("/run/plugins")));
    }
}
