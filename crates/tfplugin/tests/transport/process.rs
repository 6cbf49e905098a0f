//! The provider of these tests as a process, started the way a CLI does it.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use base64::Engine as _;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// What a CLI sets in every plugin's environment.
pub(crate) const COOKIE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

/// The certificate of the CLI that these tests play.
pub(crate) const CLI_CERTIFICATE: &str = include_str!("data/cli-cert.pem");

/// How long to wait for something that happens at once on an idle machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// The name of the provider's target, and of its executable.
const PROVIDER: &str = "transport-provider";

/// The provider. `cargo test` builds it beside the tests; `cargo test --test transport` does not, so that it may be
/// missing, or older than what is to be tested: then it is built here.
pub(crate) fn provider() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let test = std::env::current_exe().unwrap();
        let dependencies = test.parent().unwrap();
        let provider = dependencies.parent().unwrap().join("examples").join(PROVIDER);
        let libraries = dependencies.read_dir().unwrap().map(|entry| entry.unwrap().path());
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transport/provider.rs");
        let newest = libraries
            .filter(|path| {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                name.starts_with("libtfplugin-") && name.ends_with(".rlib")
            })
            .chain([source])
            .map(|path| changed(&path))
            .max();
        if provider.exists() && Some(changed(&provider)) >= newest { provider } else { build() }
    })
}

/// When a file was written.
fn changed(path: &Path) -> SystemTime {
    path.metadata().unwrap().modified().unwrap()
}

/// Builds the provider. What the cargo that runs the tests says of this package is kept from it: build
/// scripts that look at it would make everything above them be built anew.
fn build() -> PathBuf {
    let mut cargo = Command::new(env!("CARGO"));
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(name);
        }
    }
    let output = cargo
        .args(["build", "--quiet", "--package", "tfplugin", "--example", PROVIDER])
        .arg("--message-format=json")
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(output.status.success(), "the provider does not build");
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .unwrap()
}

/// A command for the provider with nothing of the caller's environment in it.
pub(crate) fn command() -> Command {
    let mut command = Command::new(provider());
    command.env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// The fields of the handshake line.
#[derive(Clone)]
pub(crate) struct Handshake {
    pub(crate) network: String,
    pub(crate) address: String,
    /// DER; None = plaintext.
    pub(crate) certificate: Option<Vec<u8>>,
}

impl Handshake {
    pub(crate) fn parse(line: &str) -> Self {
        let fields: Vec<_> = line.strip_suffix('\n').unwrap().split('|').collect();
        let [core, protocol, network, address, "grpc", certificate] = fields[..] else {
            panic!("not a handshake: {line}")
        };
        assert_eq!((core, protocol), ("1", "6"));
        let certificate = (!certificate.is_empty())
            .then(|| base64::engine::general_purpose::STANDARD_NO_PAD.decode(certificate).unwrap());
        Self { network: network.to_owned(), address: address.to_owned(), certificate }
    }
}

/// A running provider. Killed, if it still runs, when dropped.
pub(crate) struct Process {
    child: Child,
    pub(crate) handshake: Handshake,
    /// What it has written to stderr so far.
    said: Arc<Mutex<String>>,
    listener: Option<JoinHandle<()>>,
    /// Where its socket is; empty again when the process has gone.
    pub(crate) directory: TempDir,
}

impl Process {
    /// Starts it with mutual TLS, and with more variables.
    pub(crate) fn start(variables: &[(&str, &str)]) -> Self {
        let mut all = vec![("PLUGIN_CLIENT_CERT", CLI_CERTIFICATE)];
        all.extend(variables);
        Self::start_plain(&all)
    }

    /// Starts it with the cookie and these variables alone.
    pub(crate) fn start_plain(variables: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut command = command();
        command
            .env("TF_PLUGIN_MAGIC_COOKIE", COOKIE)
            .env("PLUGIN_UNIX_SOCKET_DIR", directory.path())
            .envs(variables.iter().copied().collect::<BTreeMap<_, _>>());
        Self::spawn(command, directory, Handshake::parse)
    }

    /// Starts a command whose first output `read` understands.
    pub(crate) fn spawn(
        mut command: Command,
        directory: TempDir,
        read: impl FnOnce(&str) -> Handshake,
    ) -> Self {
        let mut child = command.spawn().unwrap();
        let said = Arc::<Mutex<String>>::default();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let listener = std::thread::spawn({
            let said = Arc::clone(&said);
            move || {
                for line in stderr.lines() {
                    said.lock().unwrap().push_str(&(line.unwrap() + "\n"));
                }
            }
        });
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut text = String::new();
        // The handshake is one line; `-debug` says more, and puts what counts on the line that begins with a tab.
        loop {
            let start = text.len();
            assert_ne!(stdout.read_line(&mut text).unwrap(), 0, "no handshake");
            if text.starts_with("1|") || text[start..].starts_with('\t') {
                break;
            }
        }
        let handshake = read(&text);
        Self { child, handshake, said, listener: Some(listener), directory }
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits for its end; how it ended.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(start.elapsed() < PATIENCE, "still running");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// All of stderr; waits for the end of the process.
    pub(crate) fn stderr(&mut self) -> String {
        self.wait();
        self.listener.take().unwrap().join().unwrap();
        self.said.lock().unwrap().clone()
    }

    /// What `read` finds in stderr, once it finds something.
    pub(crate) async fn until_it_says<T>(&self, read: impl Fn(&str) -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            let said = self.said.lock().unwrap().clone();
            if let Some(found) = read(&said) {
                return found;
            }
            assert!(start.elapsed() < PATIENCE, "it does not say so: {said}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It has gone already, unless the test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
