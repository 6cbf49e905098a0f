//! What tests talk to on loopback: an STS, over TLS where asked for, and a proxy. Each keeps what it is sent.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// The requests so far, as they came.
pub(super) type Asked = Arc<Mutex<Vec<String>>>;

/// An STS without TLS. It gives the n-th session the key `ASIA<n>`, and every caller the account 999999999999.
pub(super) async fn sts() -> (String, Asked) {
    let (address, asked) = serve(answer).await;
    (format!("http://{address}"), asked)
}

/// The same for `host`, with a certificate of `authority`.
pub(super) async fn sts_over_tls(authority: &Authority, host: &str) -> (SocketAddr, Asked) {
    let (certificate, key) = authority.certify(host);
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    serve(move |stream, asked| {
        let acceptor = acceptor.clone();
        async move {
            // Whoever does not trust us goes away.
            if let Ok(stream) = acceptor.accept(stream).await {
                answer(stream, asked).await;
            }
        }
    })
    .await
}

/// A proxy of tunnels: whatever host is asked for, they lead to `to`, or are refused.
pub(super) async fn tunnels(to: Option<SocketAddr>) -> (SocketAddr, Asked) {
    serve(move |mut stream, asked| async move {
        let request = request(&mut stream).await;
        asked.lock().unwrap().push(request);
        let Some(to) = to else {
            let refusal = b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n";
            let _ = stream.write_all(refusal).await;
            return;
        };
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        let mut there = TcpStream::connect(to).await.unwrap();
        tokio::spawn(async move { copy_bidirectional(&mut stream, &mut there).await });
    })
    .await
}

/// Serves one connection after the other, on a port of its own.
async fn serve<F: Future<Output = ()> + Send>(
    connection: impl Fn(TcpStream, Asked) -> F + Send + 'static,
) -> (SocketAddr, Asked) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Asked::default();
    let kept = Arc::clone(&asked);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            connection(stream, Arc::clone(&kept)).await;
        }
    });
    (address, asked)
}

/// An authority that no system trusts.
pub(super) struct Authority {
    /// Its certificate.
    pub(super) pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub(super) fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let der = aws_smithy_types::base64::encode(params.self_signed(&key).unwrap().der());
        let pem = format!("-----BEGIN CERTIFICATE-----\n{der}\n-----END CERTIFICATE-----\n");
        Self { pem, issuer: Issuer::new(params, key) }
    }

    fn certify(&self, host: &str) -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([host.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (certificate.into(), PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())))
    }
}

/// A whole request, which may come in pieces.
async fn request(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut text = String::new();
    let mut bytes = vec![0; 65_536];
    loop {
        let count = stream.read(&mut bytes).await.unwrap_or_default();
        text.push_str(&String::from_utf8_lossy(&bytes[..count]));
        let is_whole = text.split_once("\r\n\r\n").is_some_and(|(head, body)| {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            body.len() >= length.map_or(0, |length| length.parse().unwrap())
        });
        if is_whole || count == 0 {
            return text;
        }
    }
}

async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin, asked: Asked) {
    let request = request(&mut stream).await;
    let number = {
        let mut asked = asked.lock().unwrap();
        asked.push(request.clone());
        asked.len()
    };
    let keys = format!(
        "<Credentials><AccessKeyId>ASIA{number}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
         <SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"
    );
    let body = ["AssumeRoleWithWebIdentity", "AssumeRole", "GetCallerIdentity"]
        .into_iter()
        .find(|action| request.contains(&format!("Action={action}&")))
        .map(|action| {
            let inner = match action {
                "GetCallerIdentity" => "<Account>999999999999</Account>",
                _ => keys.as_str(),
            };
            format!(
                "<{action}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{action}Result>\
                 {inner}</{action}Result></{action}Response>"
            )
        })
        .unwrap_or_default();
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
}
