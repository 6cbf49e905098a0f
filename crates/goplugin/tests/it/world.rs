//! The plugin of these tests, and how it is started and called.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant, SystemTime};

use goplugin::Protocol;
use goplugin::host::Launch;
use rustix::process::{Pid, test_kill_process};
use tempfile::TempDir;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::Channel;
use tonic::{Request, Status};
use tonic_prost::ProstCodec;

use crate::clock::TestClock;

/// What the plugin has too.
pub(crate) const PROTOCOL: Protocol =
    Protocol { cookie_key: "SUBJECT_COOKIE", cookie_value: "4f1c", version: 3 };

/// How long to wait for something that happens at once on an idle machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// The name of the plugin's target, and of its executable.
const SUBJECT: &str = "goplugin-subject";

/// Names the plugin in a test that is run by another one.
pub(crate) const BUILT_AT: &str = "GOPLUGIN_TEST_SUBJECT";

/// The plugin. `cargo test` builds it beside the tests; `cargo test --test it` does not, so that it may be missing, or older
/// than what is to be tested: then it is built here.
pub(crate) fn subject() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        if let Some(built) = std::env::var_os(BUILT_AT) {
            return built.into();
        }
        let test = std::env::current_exe().unwrap();
        let subject = test.parent().unwrap().parent().unwrap().join("examples").join(SUBJECT);
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let newest = newest(&root.join("src")).max(newest(&root.join("tests/it/subject")));
        if subject.exists() && changed(&subject) >= newest { subject } else { build() }
    })
}

/// When a file was written.
fn changed(path: &Path) -> SystemTime {
    path.metadata().unwrap().modified().unwrap()
}

/// When the newest file below a directory was written.
fn newest(directory: &Path) -> SystemTime {
    let entries = directory.read_dir().unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| if path.is_dir() { newest(&path) } else { changed(&path) })
        .max()
        .unwrap_or(SystemTime::UNIX_EPOCH)
}

/// Builds it. What the cargo that runs the tests says of this package is kept from it: build scripts that look at it would
/// make everything above them be built anew.
fn build() -> PathBuf {
    let mut cargo = Command::new(env!("CARGO"));
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(name);
        }
    }
    let status = cargo
        .args(["build", "--quiet", "--package", "goplugin", "--example", SUBJECT])
        .stderr(Stdio::inherit())
        .status()
        .unwrap();
    assert!(status.success(), "the plugin does not build");
    let test = std::env::current_exe().unwrap();
    test.parent().unwrap().parent().unwrap().join("examples").join(SUBJECT)
}

/// Launches that all have one place for their directories, one clock and one log.
pub(crate) struct World {
    pub(crate) place: TempDir,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) log: Arc<Mutex<Vec<String>>>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with_clock(TestClock::passing(&[]))
    }

    pub(crate) fn with_clock(clock: Arc<TestClock>) -> Self {
        Self { place: tempfile::tempdir().unwrap(), clock, log: Arc::default() }
    }

    /// A launch of a program.
    pub(crate) fn launch(&self, command: &Path, args: &[&str]) -> Launch {
        let mut launch = Launch::new(PROTOCOL, command);
        launch.args = args.iter().map(Into::into).collect();
        launch.places = vec![self.place.path().to_owned()];
        let log = Arc::clone(&self.log);
        launch.stderr = Arc::new(move |line| log.lock().unwrap().push(line.to_owned()));
        launch.clock = Arc::clone(&self.clock) as _;
        launch
    }

    /// A launch of the plugin.
    pub(crate) fn subject(&self, what: &str) -> Launch {
        self.launch(subject(), &[what])
    }

    /// A launch of a shell that runs `script`.
    pub(crate) fn shell(&self, script: &str) -> Launch {
        let mut launch = self.launch(Path::new("/bin/sh"), &["-c", script]);
        launch.inherit_env.push("PATH".into());
        launch
    }

    /// What has been left in the place of the directories.
    pub(crate) fn left(&self) -> usize {
        self.place.path().read_dir().unwrap().count()
    }

    /// Waits until the log has such a line.
    pub(crate) async fn until_logged(&self, is_it: impl Fn(&str) -> bool) {
        let start = Instant::now();
        while !self.log.lock().unwrap().iter().any(|line| is_it(line)) {
            assert!(start.elapsed() < PATIENCE, "{:?}", self.log.lock().unwrap());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// Calls a method of the plugin.
pub(crate) async fn call(channel: &Channel, method: &str, text: &str) -> Result<String, Status> {
    let mut grpc = Grpc::new(channel.clone());
    grpc.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
    let path = PathAndQuery::from_maybe_shared(format!("/subject.Subject/{method}")).unwrap();
    let codec: ProstCodec<String, String> = ProstCodec::default();
    let answer = grpc.unary(Request::new(text.to_owned()), path, codec).await;
    answer.map(tonic::Response::into_inner)
}

/// Whether a process is there, and no mere entry in a table.
pub(crate) fn runs(id: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    let id = Pid::from_raw(i32::try_from(id).unwrap()).unwrap();
    test_kill_process(id).is_ok() && !stat.contains(") Z ")
}

/// Waits until a process is no more.
pub(crate) fn until_gone(id: u32) {
    let start = Instant::now();
    while runs(id) {
        assert!(start.elapsed() < PATIENCE, "{id} still runs");
        std::thread::sleep(Duration::from_millis(5));
    }
}
