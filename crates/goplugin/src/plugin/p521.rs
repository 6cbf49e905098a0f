//! ECDSA over P-521 with SHA-512: the signature of a host that is written in Go, which ring cannot check.

use p521::ecdsa::signature::Verifier as _;
use p521::ecdsa::{DerSignature, VerifyingKey};
use rustls::SignatureScheme;
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{
    AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm, alg_id,
};

/// The scheme by which TLS 1.3 knows it.
pub(super) const SCHEME: SignatureScheme = SignatureScheme::ECDSA_NISTP521_SHA512;

/// It alone, as the check of a handshake's signature wants it.
pub(super) const ALGORITHMS: WebPkiSupportedAlgorithms =
    WebPkiSupportedAlgorithms { all: &[&P521Sha512], mapping: &[(SCHEME, &[&P521Sha512])] };

/// The algorithm. The key is a point on the curve, the signature is DER, and nothing is tolerated in either.
#[derive(Debug)]
struct P521Sha512;

impl SignatureVerificationAlgorithm for P521Sha512 {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        let key = VerifyingKey::from_sec1_bytes(public_key).map_err(|_| InvalidSignature)?;
        let signature = DerSignature::from_bytes(signature).map_err(|_| InvalidSignature)?;
        key.verify(message, &signature).map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_P521
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_SHA512
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Signatures by another library than the one that checks them.
    const SIGNATURES: &str = include_str!("../../tests/data/openssl-signatures.txt");

    fn bytes(hex: &str) -> Vec<u8> {
        let digit = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        (0..hex.len()).step_by(2).map(digit).collect()
    }

    /// The public key, and the signatures by their messages.
    fn signed() -> (Vec<u8>, BTreeMap<&'static str, Vec<u8>>) {
        let mut lines = SIGNATURES.lines().filter(|line| !line.starts_with('#'));
        let key = bytes(lines.next().unwrap());
        let signatures = lines.map(|line| {
            let (message, signature) = line.split_once(' ').unwrap();
            (message, bytes(signature))
        });
        (key, signatures.collect())
    }

    #[test]
    fn a_signature_of_another_library_holds() {
        let (key, signatures) = signed();
        assert_eq!(signatures.len(), 4);
        for (message, signature) in signatures {
            let message = message.as_bytes();
            assert!(P521Sha512.verify_signature(&key, message, &signature).is_ok());
        }
    }

    #[test]
    fn nothing_else_holds() {
        let message = b"handshake".as_slice();
        let (key, signatures) = signed();
        let signature = signatures["handshake"].clone();
        let refused = |key: &[u8], message: &[u8], signature: &[u8]| {
            P521Sha512.verify_signature(key, message, signature).is_err()
        };
        assert!(refused(&key, b"another-handshake", &signature));
        assert!(refused(&key, message, &signatures["another-handshake"]));
        for position in 0..signature.len() {
            let mut changed = signature.clone();
            changed[position] ^= 1;
            assert!(refused(&key, message, &changed), "byte {position} of the signature");
        }
        for position in 0..key.len() {
            let mut changed = key.clone();
            changed[position] ^= 1;
            assert!(refused(&changed, message, &signature), "byte {position} of the key");
        }
        let longer: Vec<u8> = signature.iter().copied().chain([0]).collect();
        assert!(refused(&key, message, &longer));
        assert!(refused(&key, message, &signature[..signature.len() - 1]));
        assert!(refused(&key[1..], message, &signature));
        assert!(refused(&[0], message, &signature), "the point at infinity");
        assert!(refused(&key, message, &[]));
        // r = s = 0, which would hold for every message if it were not refused.
        assert!(refused(&key, message, &[0x30, 6, 2, 1, 0, 2, 1, 0]));
    }
}
