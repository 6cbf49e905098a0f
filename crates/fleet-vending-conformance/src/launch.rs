//! A vendor's process, and the channel to it.

use std::ffi::OsString;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use base64::Engine as _;
use fleet_vending_proto::{COOKIE_NAME, COOKIE_VALUE, PROTOCOL_VERSION};
use hyper_util::rt::TokioIo;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::net::UnixStream;
use tokio::process::{Child, ChildStdin, Command};
use tokio_rustls::TlsConnector;
use tonic::transport::{Channel, Endpoint};

/// Bytes of a log that are kept.
const LOG: usize = 1 << 20;

/// How a vendor is started.
pub(crate) struct Launcher {
    /// Its program and arguments.
    pub(crate) command: Vec<OsString>,
    /// Its environment.
    pub(crate) environment: Vec<(OsString, OsString)>,
    /// How long it may take until it listens.
    pub(crate) limit: Duration,
}

/// What a vendor wrote to stderr.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn add(&self, bytes: &[u8]) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = LOG.saturating_sub(kept.len());
        kept.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    /// All that is kept.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }

    /// The last lines, for people.
    pub(crate) fn end(&self) -> String {
        let text = self.text();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(8)..].join("\n")
    }
}

/// A running vendor. It is killed when this is dropped.
pub(crate) struct Process {
    child: Child,
    stdin: Option<ChildStdin>,
    /// What it logs.
    pub(crate) log: Log,
}

impl Process {
    /// SIGKILL, and waits for the end.
    pub(crate) async fn kill(&mut self) {
        let _ = self.child.kill().await;
    }

    /// Ends its stdin and waits for it to end by itself; whether it did within `limit`.
    pub(crate) async fn ends_with_stdin(&mut self, limit: Duration) -> bool {
        self.stdin = None;
        tokio::time::timeout(limit, self.child.wait()).await.is_ok()
    }

    /// Whether it still runs.
    pub(crate) fn runs(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }
}

impl Launcher {
    /// Starts a vendor whose temporary files are in `scratch`.
    pub(crate) async fn start(&self, scratch: &Path) -> Result<(Process, Channel)> {
        let identity = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
        let (program, arguments) = self.command.split_first().context("no command")?;
        let mut child = Command::new(program)
            .args(arguments)
            .env_clear()
            .envs(self.environment.iter().cloned())
            .env(COOKIE_NAME, COOKIE_VALUE)
            .env("PLUGIN_PROTOCOL_VERSIONS", PROTOCOL_VERSION.to_string())
            .env("PLUGIN_CLIENT_CERT", pem(&identity.cert))
            .env("PLUGIN_UNIX_SOCKET_DIR", scratch)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{} cannot be started", program.display()))?;
        let log = Log::default();
        let reader = child.stderr.take().map(|mut stderr| {
            let log = log.clone();
            tokio::spawn(async move {
                let mut buffer = vec![0; 8192];
                while let Ok(read @ 1..) = stderr.read(&mut buffer).await {
                    log.add(&buffer[..read]);
                }
            })
        });
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().context("no stdout")?;
        let mut process = Process { child, stdin, log };
        match tokio::time::timeout(self.limit, connect(stdout, &identity)).await {
            Ok(Ok(channel)) => Ok((process, channel)),
            Ok(Err(error)) => {
                process.kill().await;
                if let Some(reader) = reader {
                    let _ = tokio::time::timeout(Duration::from_secs(1), reader).await;
                }
                Err(error.context(format!(
                    "the vendor did not start; its log ends with:\n{}",
                    process.log.end()
                )))
            }
            Err(_) => {
                process.kill().await;
                bail!(
                    "the vendor did not listen within {:?}; its log ends with:\n{}",
                    self.limit,
                    process.log.end()
                )
            }
        }
    }
}

async fn connect(
    stdout: tokio::process::ChildStdout,
    own: &rcgen::CertifiedKey<rcgen::KeyPair>,
) -> Result<Channel> {
    let mut lines = BufReader::new(stdout).lines();
    let line = lines.next_line().await?.context("it ended before it said where it listens")?;
    let fields: Vec<&str> = line.trim().split('|').collect();
    let [core, version, network, address, "grpc", certificate, ..] = fields.as_slice() else {
        bail!("its first line on stdout is no handshake: {line:?}");
    };
    ensure!(*core == "1", "its handshake is of version {core}, not 1");
    ensure!(
        *version == PROTOCOL_VERSION.to_string(),
        "it speaks version {version} of the protocol"
    );
    ensure!(*network == "unix", "it listens on {network}, not on a unix socket");
    let der = base64::engine::general_purpose::STANDARD_NO_PAD
        .decode(certificate)
        .context("the certificate in its handshake is no base64 without padding")?;
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });

    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(der))?;
    let key =
        PrivateKeyDer::try_from(own.signing_key.serialize_der()).map_err(|text| anyhow!(text))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_client_auth_cert(vec![own.cert.der().clone()], key)?;
    config.alpn_protocols = vec![b"h2".to_vec()];
    let stream =
        UnixStream::connect(address).await.with_context(|| format!("{address} does not answer"))?;
    let name = ServerName::try_from("localhost")?;
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.context("TLS")?;
    let mut stream = Some(TokioIo::new(stream));
    let connector = tower::service_fn(move |_| {
        std::future::ready(
            stream.take().ok_or_else(|| std::io::Error::other("the connection is gone")),
        )
    });
    Ok(Endpoint::from_static("http://localhost").connect_with_connector(connector).await?)
}

fn pem(certificate: &rcgen::Certificate) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(certificate.der());
    let mut lines = String::from("-----BEGIN CERTIFICATE-----\n");
    for (index, letter) in text.chars().enumerate() {
        if index > 0 && index % 64 == 0 {
            lines.push('\n');
        }
        lines.push(letter);
    }
    lines + "\n-----END CERTIFICATE-----\n"
}
