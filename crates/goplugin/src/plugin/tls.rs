//! Mutual TLS with the one process that started us.
//!
//! A host makes a certificate for each plugin it starts and hands it over in `PLUGIN_CLIENT_CERT`. We make one as well
//! and print it in the handshake line. Each side then accepts exactly the other's certificate: nobody else on the
//! machine can talk to a plugin that holds credentials.

use std::sync::Arc;

use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, PeerIncompatible,
    ServerConfig, SignatureScheme,
};

use super::p521;

/// Why TLS could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The host's certificate.
    #[error("PLUGIN_CLIENT_CERT holds no PEM certificate")]
    ClientCertificate(#[source] rustls::pki_types::pem::Error),
    /// Our certificate.
    #[error("no certificate could be made")]
    OwnCertificate(#[source] rcgen::Error),
    /// The TLS library refused.
    #[error("TLS could not be set up")]
    Tls(#[source] Error),
}

/// What the listener needs: the configuration, and our certificate for the handshake line.
pub(super) struct Identity {
    /// Accepts the host, and nobody else.
    pub(super) config: Arc<ServerConfig>,
    /// DER of our certificate, made for this process alone.
    pub(super) certificate: CertificateDer<'static>,
}

/// Makes a certificate for this process and a configuration that accepts only the holder of `client_pem`.
pub(super) fn identity(client_pem: &str) -> Result<Identity, SetupError> {
    let client = CertificateDer::from_pem_slice(client_pem.as_bytes())
        .map_err(SetupError::ClientCertificate)?;
    let (certificate, key) = own_certificate().map_err(SetupError::OwnCertificate)?;

    // ring, which starts at once. What it cannot check, the signature of a host that is
    // written in Go, is in a module of its own.
    let provider = rustls::crypto::ring::default_provider();
    let verifier =
        OnlyThisClient { certificate: client, of_ring: provider.signature_verification_algorithms };
    let mut config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(SetupError::Tls)?
        .with_client_cert_verifier(Arc::new(verifier))
        .with_single_cert(vec![certificate.clone()], key)
        .map_err(SetupError::Tls)?;
    // Terraform 1.15 drops a connection without it.
    config.alpn_protocols = vec![b"h2".to_vec()];
    // There is one connection in the life of a plugin: nothing to resume.
    config.send_tls13_tickets = 0;
    Ok(Identity { config: Arc::new(config), certificate })
}

/// A self-signed P-256 leaf for `localhost`, the name that a host expects whatever the socket is called.
fn own_certificate() -> Result<(CertificateDer<'static>, PrivateKeyDer<'static>), rcgen::Error> {
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
    let mut params = CertificateParams::new(["localhost".to_owned()])?;
    params.distinguished_name.push(DnType::CommonName, "localhost");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let certificate = params.self_signed(&key)?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    Ok((certificate.into(), key))
}

/// Accepts the one certificate it knows, from whoever can sign with its key.
///
/// The usual verifier refuses it: what go-plugin makes is a self-signed certificate authority, used as a leaf. So it is
/// compared byte by byte, and the signature over the handshake is checked with the key in it.
#[derive(Debug)]
struct OnlyThisClient {
    certificate: CertificateDer<'static>,
    /// What else could sign, should a host use it.
    of_ring: WebPkiSupportedAlgorithms,
}

impl ClientCertVerifier for OnlyThisClient {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        if *end_entity == self.certificate {
            Ok(ClientCertVerified::assertion())
        } else {
            Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure))
        }
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::PeerIncompatible(PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms =
            if signed.scheme == p521::SCHEME { &p521::ALGORITHMS } else { &self.of_ring };
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        [vec![p521::SCHEME], self.of_ring.supported_schemes()].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_schemes_of_hosts_are_offered() {
        // Without it, Go sends no certificate at all.
        let (certificate, _) = own_certificate().unwrap();
        let of_ring = rustls::crypto::ring::default_provider().signature_verification_algorithms;
        let schemes = OnlyThisClient { certificate, of_ring }.supported_verify_schemes();
        assert!(schemes.contains(&SignatureScheme::ECDSA_NISTP521_SHA512));
        assert!(schemes.contains(&SignatureScheme::ECDSA_NISTP256_SHA256));
    }

    #[test]
    fn a_client_certificate_that_is_none_is_refused_at_start() {
        assert!(matches!(identity("not PEM"), Err(SetupError::ClientCertificate(_))));
    }

    #[test]
    fn every_process_has_a_key_of_its_own() {
        let (one, _) = own_certificate().unwrap();
        let (other, _) = own_certificate().unwrap();
        assert_ne!(one, other);
    }
}
