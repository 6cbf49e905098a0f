//! go-plugin's handshake: is it a host that started us, and where do we listen?

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::environment::Environment;
use super::listener::Address;
use crate::protocol::Protocol;

/// Version of go-plugin's own handshake.
const CORE_PROTOCOL: u8 = 1;

/// Whether what the environment has for the cookie (`found`) is that of a host.
pub(super) fn is_cookie(protocol: &Protocol, found: Option<&str>) -> bool {
    found == Some(protocol.cookie_value)
}

/// The first and only line on stdout. `certificate` is the DER of the certificate we serve; none = plaintext.
pub(super) fn line(
    protocol: &Protocol,
    Address { network, address }: &Address,
    certificate: Option<&[u8]>,
    environment: &Environment,
) -> String {
    let version = protocol.version;
    let certificate = certificate.map(|der| STANDARD_NO_PAD.encode(der)).unwrap_or_default();
    let multiplexing = if environment.asks_multiplexing { "|false" } else { "" };
    format!("{CORE_PROTOCOL}|{version}|{network}|{address}|grpc|{certificate}{multiplexing}\n")
}

/// What a host reads in place of a handshake, and shows to the person: one line that no host can take for one.
pub(super) fn no_handshake(why: &str) -> String {
    why.replace('|', "\\u{7c}").escape_debug().to_string().replace("\\\"", "\"").replace("\\'", "'")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROTOCOL: Protocol =
        Protocol { cookie_key: "THING_COOKIE", cookie_value: "d602bf", version: 6 };

    fn line(
        network: &'static str,
        address: &str,
        certificate: Option<&[u8]>,
        asks: bool,
    ) -> String {
        let environment = Environment { asks_multiplexing: asks, ..Environment::default() };
        let address = Address { network, address: address.to_owned() };
        super::line(&PROTOCOL, &address, certificate, &environment)
    }

    #[test]
    fn only_the_right_cookie_counts() {
        assert!(is_cookie(&PROTOCOL, Some("d602bf")));
        assert!(!is_cookie(&PROTOCOL, Some("d602")));
        assert!(!is_cookie(&PROTOCOL, None));
    }

    #[test]
    fn the_line_has_six_fields_and_no_padding() {
        // One and two bytes over a multiple of three would be padded.
        assert_eq!(
            line("unix", "/tmp/x/s", Some(&[0xff, 0xfe]), false),
            "1|6|unix|/tmp/x/s|grpc|//4\n"
        );
        assert_eq!(line("tcp", "127.0.0.1:10000", None, false), "1|6|tcp|127.0.0.1:10000|grpc|\n");
    }

    #[test]
    fn multiplexing_is_declined_only_when_asked() {
        assert_eq!(line("unix", "/s", None, true), "1|6|unix|/s|grpc||false\n");
    }

    #[test]
    fn what_comes_in_place_of_a_handshake_is_one_line_and_has_no_fields() {
        let line = no_handshake("cannot listen in /a|b|c|d|e\n1|6|unix");
        assert!(!line.contains(['|', '\n']), "{line}");
        assert!(line.starts_with("cannot listen in /a"), "{line}");
    }
}
