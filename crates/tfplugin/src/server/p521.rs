//! ECDSA over P-521 with SHA-512: the signature of the CLI, which ring cannot check.

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
    use rustls::crypto::aws_lc_rs;
    use rustls::pki_types::PrivateKeyDer;
    use rustls::pki_types::pem::PemObject as _;

    use super::*;

    /// The key of a CLI, as the tests of the transport have it.
    const KEY: &[u8] = include_bytes!("../../tests/transport/data/cli-key.pem");

    /// The public key, and a signature by another library than the one that checks it.
    fn signed(message: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let key = PrivateKeyDer::from_pem_slice(KEY).unwrap();
        let key = aws_lc_rs::default_provider().key_provider.load_private_key(key).unwrap();
        let info = key.public_key().unwrap();
        let point = info[info.len() - 133..].to_vec();
        (point, key.choose_scheme(&[SCHEME]).unwrap().sign(message).unwrap())
    }

    #[test]
    fn a_signature_of_another_library_holds() {
        for message in [b"".as_slice(), b"a handshake", &[0xa5; 4096]] {
            let (key, signature) = signed(message);
            assert!(P521Sha512.verify_signature(&key, message, &signature).is_ok());
        }
    }

    #[test]
    fn nothing_else_holds() {
        let message = b"a handshake".as_slice();
        let (key, signature) = signed(message);
        let refused = |key: &[u8], message: &[u8], signature: &[u8]| {
            P521Sha512.verify_signature(key, message, signature).is_err()
        };
        assert!(refused(&key, b"another handshake", &signature));
        assert!(refused(&key, message, &signed(b"another handshake").1));
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
