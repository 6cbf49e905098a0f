//! The handshake line, as a host reads it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use rustls::pki_types::CertificateDer;

use crate::protocol::Protocol;

/// Version of go-plugin's own handshake.
const CORE_PROTOCOL: &str = "1";

/// How much of a line an error keeps, in bytes.
const SHOWN: usize = 512;

/// Go writes no padding, others may.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Where a plugin listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Address {
    /// A socket's path.
    Unix(PathBuf),
    /// A port of this machine.
    Tcp(SocketAddr),
}

/// What a plugin said of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Handshake {
    pub(super) address: Address,
    /// The only certificate that it may show.
    pub(super) certificate: CertificateDer<'static>,
}

/// What is wrong with the first line that a plugin printed. Lines are as it printed them, cut at 512 bytes: who shows one
/// takes out secrets and control characters.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HandshakeError {
    /// It is something else: what a plugin prints to stdout before its handshake, or why it has none.
    #[error("it is no handshake line")]
    Noise {
        /// The line.
        line: String,
    },
    /// It begins as a handshake line does, and is none.
    #[error("{what}")]
    Malformed {
        /// The line.
        line: String,
        /// What is wrong with it.
        what: Malformed,
    },
    /// It speaks another version of go-plugin's own handshake.
    #[error("it speaks version {found} of go-plugin's handshake, not 1")]
    CoreVersion {
        /// The version.
        found: String,
    },
    /// It speaks another version of the application's protocol.
    #[error("it speaks version {found} of the protocol, not {expected}")]
    AppVersion {
        /// The version.
        found: String,
        /// The host's.
        expected: u16,
    },
    /// It has no certificate, so whoever listens at its address could be anyone.
    #[error("it names no certificate: the plugin does not speak mutual TLS")]
    NoCertificate,
}

/// What is wrong with a line that begins as a handshake does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Malformed {
    /// Fewer fields than there have to be.
    #[error("it has fewer than five fields")]
    Fields,
    /// The kind of address is neither `unix` nor `tcp`, or there is none of it here.
    #[error("its kind of address is none of this system")]
    Network,
    /// The address is no absolute path, or no address and port of this very machine.
    #[error("its address is none of this machine")]
    Address,
    /// The plugin does not speak gRPC.
    #[error("it does not speak gRPC")]
    Protocol,
    /// What stands for the certificate is none.
    #[error("its certificate is no base64")]
    Certificate,
    /// The line has no end.
    #[error("it is longer than any handshake line")]
    TooLong,
}

impl HandshakeError {
    /// Whether the next start has the same, unless somebody changes the plugin.
    pub(super) fn is_lasting(&self) -> bool {
        match self {
            Self::CoreVersion { .. } | Self::AppVersion { .. } | Self::NoCertificate => true,
            // A library that complains, a disk that is full: another day it may not.
            Self::Noise { .. } | Self::Malformed { .. } => false,
        }
    }
}

/// Reads the line, which has no line break any more. `whole`: it has not been cut.
pub(super) fn parse(
    line: &str,
    whole: bool,
    protocol: &Protocol,
) -> Result<Handshake, HandshakeError> {
    let line = line.trim();
    let shown = || line[..line.floor_char_boundary(SHOWN)].to_owned();
    let malformed = |what| HandshakeError::Malformed { line: shown(), what };
    let fields: Vec<&str> = line.split('|').collect();
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let [core, rest @ ..] = fields.as_slice() else { return Err(malformed(Malformed::Fields)) };
    if rest.is_empty() || !is_number(core) {
        return Err(HandshakeError::Noise { line: shown() });
    }
    if !whole {
        return Err(malformed(Malformed::TooLong));
    }
    if *core != CORE_PROTOCOL {
        return Err(HandshakeError::CoreVersion { found: shorten(core) });
    }
    // What follows the certificate is of go-plugin's multiplexing, which was not asked for.
    let [version, network, address, wire, rest @ ..] = rest else {
        return Err(malformed(Malformed::Fields));
    };
    if version.parse() != Ok(protocol.version) {
        return Err(HandshakeError::AppVersion {
            found: shorten(version),
            expected: protocol.version,
        });
    }
    if *wire != "grpc" {
        return Err(malformed(Malformed::Protocol));
    }
    let address = match *network {
        "unix" if cfg!(unix) => {
            Path::new(address).is_absolute().then(|| Address::Unix(PathBuf::from(address)))
        }
        "tcp" => address
            .parse()
            .ok()
            .filter(|address: &SocketAddr| address.ip().is_loopback())
            .map(Address::Tcp),
        _ => return Err(malformed(Malformed::Network)),
    };
    let address = address.ok_or_else(|| malformed(Malformed::Address))?;
    let certificate = rest.first().copied().unwrap_or_default();
    if certificate.is_empty() {
        return Err(HandshakeError::NoCertificate);
    }
    let certificate = BASE64.decode(certificate).map_err(|_| malformed(Malformed::Certificate))?;
    Ok(Handshake { address, certificate: certificate.into() })
}

/// A version as it stands in an error.
fn shorten(version: &str) -> String {
    version.chars().take(20).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROTOCOL: Protocol = Protocol { cookie_key: "K", cookie_value: "v", version: 6 };

    fn parse(line: &str) -> Result<Handshake, HandshakeError> {
        super::parse(line, true, &PROTOCOL)
    }

    fn shake(address: Address) -> Handshake {
        Handshake { address, certificate: vec![0xff, 0xfe].into() }
    }

    #[test]
    fn lines_of_plugins_are_read() {
        let unix = || shake(Address::Unix("/tmp/x/s".into()));
        let tcp = |text: &str| shake(Address::Tcp(text.parse().unwrap()));
        for (line, expected) in [
            ("1|6|tcp|127.0.0.1:10000|grpc|//4", tcp("127.0.0.1:10000")),
            // Padded, of IPv6, with what follows, with the line break of Windows.
            ("1|6|tcp|[::1]:9|grpc|//4=|false", tcp("[::1]:9")),
            ("1|6|unix|/tmp/x/s|grpc|//4\r", unix()),
            ("1|6|unix|/tmp/x/s|grpc|//4|true|more", unix()),
        ] {
            assert_eq!(parse(line), Ok(expected), "{line}");
        }
    }

    #[test]
    fn anything_else_is_told_by_what_it_is() {
        let noise = |line: &str| HandshakeError::Noise { line: line.to_owned() };
        let malformed =
            |line: &str, what| HandshakeError::Malformed { line: line.to_owned(), what };
        for line in ["", "hello", "warning: a|b|c", "|6|unix|/s|grpc|//4", "1", "-1|6|unix"] {
            assert_eq!(parse(line), Err(noise(line)), "{line}");
        }
        for (line, what) in [
            ("1|6", Malformed::Fields),
            ("1|6|unix|/s", Malformed::Fields),
            ("1|6|udp|127.0.0.1:1|grpc|//4", Malformed::Network),
            ("1|6|unix|s|grpc|//4", Malformed::Address),
            ("1|6|tcp|localhost:1|grpc|//4", Malformed::Address),
            ("1|6|tcp|10.0.0.1:1|grpc|//4", Malformed::Address),
            ("1|6|tcp|0.0.0.0:1|grpc|//4", Malformed::Address),
            ("1|6|unix|/s|netrpc|//4", Malformed::Protocol),
            ("1|6|unix|/s|grpc|%%", Malformed::Certificate),
        ] {
            assert_eq!(parse(line), Err(malformed(line, what)), "{line}");
        }
        let core = HandshakeError::CoreVersion { found: "2".to_owned() };
        assert_eq!(parse("2|6|unix|/s|grpc|//4"), Err(core));
        for version in ["5", "60", "x", "", "-6"] {
            let found = version.to_owned();
            let other = HandshakeError::AppVersion { found, expected: 6 };
            assert_eq!(parse(&format!("1|{version}|unix|/s|grpc|//4")), Err(other), "{version}");
        }
        for line in ["1|6|unix|/s|grpc", "1|6|unix|/s|grpc|", "1|6|unix|/s|grpc||false"] {
            assert_eq!(parse(line), Err(HandshakeError::NoCertificate), "{line}");
        }
    }

    #[test]
    fn what_is_kept_of_a_line_is_bounded() {
        let long = "é".repeat(SHOWN);
        assert_eq!(parse(&long), Err(HandshakeError::Noise { line: "é".repeat(SHOWN / 2) }));
        let cut = super::parse(&format!("1|6|unix|/{long}"), false, &PROTOCOL);
        assert!(
            matches!(&cut, Err(HandshakeError::Malformed { line, what: Malformed::TooLong }) if line.len() <= SHOWN),
            "{cut:?}"
        );
    }
}
