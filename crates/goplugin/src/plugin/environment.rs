//! What a host says to a plugin before the first call: environment variables, read once.

use std::ffi::OsString;
use std::path::PathBuf;

/// The variables of go-plugin's handshake, as the process found them.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Environment {
    /// `PLUGIN_CLIENT_CERT`: PEM of the only certificate that may connect. None = plaintext.
    pub(super) client_certificate: Option<String>,
    /// `PLUGIN_UNIX_SOCKET_DIR`: where the socket goes instead of the directory for temporary files.
    pub(super) socket_directory: Option<PathBuf>,
    /// `PLUGIN_MIN_PORT` and `PLUGIN_MAX_PORT`, both included; used where there is no unix socket.
    pub(super) ports: (u16, u16),
    /// `PLUGIN_MULTIPLEX_GRPC`: the host wants to be told whether we multiplex its broker (we do not).
    pub(super) asks_multiplexing: bool,
}

impl Environment {
    /// Reads the environment of this process.
    pub(super) fn of_process() -> Self {
        Self::read(|variable| std::env::var_os(variable))
    }

    /// Reads through `lookup`. An empty variable is the same as an absent one.
    fn read(lookup: impl Fn(&str) -> Option<OsString>) -> Self {
        let path = |variable: &str| lookup(variable).filter(|value| !value.is_empty());
        let text = |variable: &str| path(variable).and_then(|value| value.into_string().ok());
        let port = |variable: &str| text(variable).and_then(|value| value.parse::<u16>().ok());
        Self {
            client_certificate: text("PLUGIN_CLIENT_CERT"),
            socket_directory: path("PLUGIN_UNIX_SOCKET_DIR").map(PathBuf::from),
            // 0 lets the system choose.
            ports: (
                port("PLUGIN_MIN_PORT").unwrap_or_default(),
                port("PLUGIN_MAX_PORT").unwrap_or_default(),
            ),
            asks_multiplexing: text("PLUGIN_MULTIPLEX_GRPC").is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Environment {
        Environment::read(|name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn nothing_is_set_when_a_person_starts_the_process() {
        assert!(read(&[]) == Environment::default());
    }

    #[test]
    fn empty_is_absent() {
        let environment = read(&[("PLUGIN_CLIENT_CERT", ""), ("PLUGIN_UNIX_SOCKET_DIR", "")]);
        assert!(environment == Environment::default());
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
