//! A gRPC client that plays the CLI.

use std::path::Path;
use std::sync::Arc;

use hyper_util::rt::TokioIo;
use p521::ecdsa::DerSignature;
use p521::ecdsa::signature::Signer as _;
use rustls::client::ResolvesClientCert;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::sign::{CertifiedKey, Signer, SigningKey};
use rustls::{ClientConfig, RootCertStore, SignatureAlgorithm, SignatureScheme};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::UnixStream;
use tokio_rustls::TlsConnector;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status, Streaming};
use tonic_prost::ProstCodec;

use crate::process::{CLI_CERTIFICATE, Handshake};

/// The limit of a CLI.
const MESSAGE_LIMIT: usize = 256 << 20;

/// What a client shows.
#[derive(Debug)]
pub(crate) enum Shows {
    /// The CLI's certificate, signed for with its key.
    Cli,
    /// None.
    Nothing,
    /// A certificate of its own.
    Another,
    /// The CLI's certificate, which is no secret, but another key.
    Stolen,
}

/// A connection to a provider.
#[derive(Clone)]
pub(crate) struct Client(Grpc<Channel>);

impl Client {
    /// Connects as the handshake says, with TLS if it holds a certificate.
    pub(crate) async fn connect(handshake: &Handshake) -> Self {
        Self::try_connect(handshake, Shows::Cli).await.unwrap()
    }

    /// Connects and makes one call, since TLS 1.3 tells a client only then that it was refused.
    pub(crate) async fn try_connect(handshake: &Handshake, shows: Shows) -> Result<Self, String> {
        assert_eq!(handshake.network, "unix");
        let stream = UnixStream::connect(Path::new(&handshake.address)).await.unwrap();
        let channel = match &handshake.certificate {
            None => channel(stream).await?,
            Some(certificate) => {
                let connector = TlsConnector::from(Arc::new(config(certificate, &shows)));
                let name = ServerName::try_from("localhost").unwrap();
                let stream =
                    connector.connect(name, stream).await.map_err(|error| error.to_string())?;
                assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
                channel(stream).await?
            }
        };
        let client = Self(
            Grpc::new(channel)
                .max_decoding_message_size(MESSAGE_LIMIT)
                .max_encoding_message_size(MESSAGE_LIMIT),
        );
        match client.call::<(), ()>("/grpc.health.v1.Health/Check", ()).await {
            Ok(()) => Ok(client),
            Err(status) => Err(format!("{status:?}")),
        }
    }

    /// Calls a method by its full path.
    pub(crate) async fn call<Q, A>(&self, path: &'static str, request: Q) -> Result<A, Status>
    where
        Q: prost::Message + 'static,
        A: prost::Message + Default + 'static,
    {
        let mut grpc = self.0.clone();
        grpc.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
        let codec: ProstCodec<Q, A> = ProstCodec::default();
        grpc.unary(Request::new(request), PathAndQuery::from_static(path), codec)
            .await
            .map(tonic::Response::into_inner)
    }

    /// Calls a method of the provider.
    pub(crate) async fn provider<Q, A>(&self, path: &'static str, request: Q) -> A
    where
        Q: prost::Message + 'static,
        A: prost::Message + Default + 'static,
    {
        self.call(path, request).await.unwrap()
    }

    /// Calls a method with a stream of answers.
    pub(crate) async fn stream<Q, A>(&self, path: &'static str, request: Q) -> Streaming<A>
    where
        Q: prost::Message + 'static,
        A: prost::Message + Default + 'static,
    {
        let mut grpc = self.0.clone();
        grpc.ready().await.unwrap();
        let codec: ProstCodec<Q, A> = ProstCodec::default();
        let path = PathAndQuery::from_static(path);
        grpc.server_streaming(Request::new(request), path, codec).await.unwrap().into_inner()
    }

    /// Opens the stream of output that a CLI keeps open.
    pub(crate) async fn stdio(&self) -> Streaming<()> {
        self.stream("/plugin.GRPCStdio/StreamStdio", ()).await
    }

    /// Ends the process.
    pub(crate) async fn shutdown(&self) {
        self.call::<(), ()>("/plugin.GRPCController/Shutdown", ()).await.unwrap();
    }
}

/// gRPC over a connection that is there already.
async fn channel<S>(stream: S) -> Result<Channel, String>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut stream = Some(TokioIo::new(stream));
    Endpoint::from_static("http://localhost")
        .connect_with_connector(tower::service_fn(move |_| {
            let stream = stream.take().ok_or_else(|| std::io::Error::other("used up"));
            std::future::ready(stream)
        }))
        .await
        .map_err(|error| format!("{error:?}"))
}

/// Trusts exactly the provider's certificate, as go-plugin does, and shows one of ours.
fn config(provider: &[u8], shows: &Shows) -> ClientConfig {
    let crypto = Arc::new(ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(provider.to_vec())).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::clone(&crypto))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let mut config = match identity(shows, &crypto) {
        None => builder.with_no_client_auth(),
        Some(identity) => builder.with_client_cert_resolver(Arc::new(Always(Arc::new(identity)))),
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    config
}

/// The certificate that is shown, and the key that signs for it.
fn identity(shows: &Shows, crypto: &CryptoProvider) -> Option<CertifiedKey> {
    let cli_certificate = CertificateDer::from_pem_slice(CLI_CERTIFICATE.as_bytes()).unwrap();
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let own_key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap();
    let own_key = crypto.key_provider.load_private_key(own_key).unwrap();
    let (certificate, key) = match shows {
        Shows::Nothing => return None,
        Shows::Cli => (cli_certificate, P521Key::read(include_bytes!("data/cli-key.pem"))),
        Shows::Another => (own.cert.der().clone(), own_key),
        Shows::Stolen => (cli_certificate, P521Key::read(include_bytes!("data/other-key.pem"))),
    };
    Some(CertifiedKey::new(vec![certificate], key))
}

/// The key of a CLI, which ring cannot sign with. That signatures of other libraries hold is shown beside what checks
/// them, and by the real CLIs.
#[derive(Debug, Clone)]
struct P521Key(p521::ecdsa::SigningKey);

impl P521Key {
    /// Reads a PKCS #8 file, in which the scalar of 66 bytes follows the version of its `ECPrivateKey` (RFC 5915).
    fn read(pem: &[u8]) -> Arc<dyn SigningKey> {
        let key = PrivateKeyDer::from_pem_slice(pem).unwrap();
        let der = key.secret_der();
        let before = [0x02, 0x01, 0x01, 0x04, 66];
        let at = der.windows(5).position(|of| of == before).unwrap() + before.len();
        Arc::new(Self(p521::ecdsa::SigningKey::from_slice(&der[at..at + 66]).unwrap()))
    }
}

impl SigningKey for P521Key {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        offered.contains(&self.scheme()).then(|| Box::new(self.clone()) as Box<dyn Signer>)
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ECDSA
    }
}

impl Signer for P521Key {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rustls::Error> {
        let signature: DerSignature = self.0.sign(message);
        Ok(signature.as_bytes().to_vec())
    }

    fn scheme(&self) -> SignatureScheme {
        SignatureScheme::ECDSA_NISTP521_SHA512
    }
}

/// Shows a certificate whatever the server asks for, as an attacker would.
#[derive(Debug)]
struct Always(Arc<CertifiedKey>);

impl ResolvesClientCert for Always {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }

    fn has_certs(&self) -> bool {
        true
    }
}
