//! Directories for temporary files in which nothing can be started, or written. Who may mount nothing cannot make them; then
//! these see to it that the mounts are refused, and nothing else.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use goplugin::host::{Launch, Sha256, StartError};
use goplugin::{NoPlace, Unfit};
use sha2::Digest as _;

use crate::world::{BUILT_AT, PROTOCOL, call, subject};

/// Names the directory that a test has mounted for itself.
const MOUNTED: &str = "GOPLUGIN_TEST_MOUNTED";

/// A directory that is mounted with `options`, in a name space of the test's own: the test is run again in it, and None is what
/// the first run is given when the other has passed.
fn mounted(test: &str, options: &str) -> Option<PathBuf> {
    let directory = tempfile::tempdir().unwrap();
    mounted_at(test, options, directory.path())
}

/// The same at a place that is there.
fn mounted_at(test: &str, options: &str, directory: &Path) -> Option<PathBuf> {
    if let Some(directory) = std::env::var_os(MOUNTED) {
        return Some(directory.into());
    }
    let script = "mount -t tmpfs -o \"$1\" tmpfs \"$2\" || exit 77; shift 2; exec \"$@\"";
    let status = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "/bin/sh", "-c", script, "sh", options])
        .arg(directory)
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(MOUNTED, directory)
        .env(BUILT_AT, subject())
        .status();
    match status.map(|status| status.code()) {
        // No such program, no right to it, or none to mount.
        Err(_) | Ok(Some(1 | 77)) => eprintln!("{test}: nothing can be mounted here"),
        Ok(code) => assert_eq!(code, Some(0), "{test}"),
    }
    None
}

/// A launch of a checked script, which is copied.
fn launch(directory: &Path, script: &Path, content: &str) -> Launch {
    std::fs::write(script, content).unwrap();
    std::fs::set_permissions(script, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut launch = Launch::new(PROTOCOL, script);
    launch.files = vec![(script.to_owned(), Sha256(sha2::Sha256::digest(content).into()))];
    launch.places = vec![directory.to_owned()];
    launch
}

/// What is wrong with the only place.
async fn unfit(launch: &Launch) -> Unfit {
    match launch.start().await.unwrap_err() {
        StartError::NoPlace(NoPlace { mut tried }) => tried.remove(0).1,
        error => panic!("{error}"),
    }
}

#[tokio::test]
async fn where_no_program_may_be_started_a_script_is_not_and_a_program_is() {
    let name = "places::where_no_program_may_be_started_a_script_is_not_and_a_program_is";
    let Some(directory) = mounted(name, "noexec,size=1m") else { return };
    let elsewhere = tempfile::tempdir().unwrap();
    let launch = launch(&directory, &elsewhere.path().join("script"), "#!/bin/sh\nexit 0\n");
    assert!(matches!(unfit(&launch).await, Unfit::NoExec));
    // The next place is as good.
    let mut launch = launch;
    launch.places.push(elsewhere.path().to_owned());
    assert!(matches!(launch.start().await, Err(StartError::Exited { .. })));
    // A program is started where it is: nothing but its socket is in the directory.
    let mut launch = Launch::new(PROTOCOL, subject());
    launch.args = vec!["serve".into()];
    launch.places = vec![directory];
    launch.start().await.unwrap();
}

#[tokio::test]
async fn where_open_files_have_no_path_a_program_is_copied() {
    let name = "places::where_open_files_have_no_path_a_program_is_copied";
    if mounted_at(name, "size=64k", Path::new("/proc")).is_none() {
        return;
    }
    let program = subject();
    assert!(!Path::new("/proc/self").exists());
    let place = tempfile::tempdir().unwrap();
    let mut launch = Launch::new(PROTOCOL, program);
    launch.args = vec!["serve".into()];
    let sum = Sha256(sha2::Sha256::digest(std::fs::read(program).unwrap()).into());
    launch.files = vec![(program.to_owned(), sum)];
    launch.places = vec![place.path().to_owned()];
    let plugin = launch.start().await.unwrap();
    let arguments = call(&plugin.channel(), "Arguments", "").await.unwrap();
    assert!(arguments.starts_with(place.path().to_str().unwrap()), "{arguments}");
}

#[tokio::test]
async fn a_full_place_is_told() {
    let Some(directory) = mounted("places::a_full_place_is_told", "size=64k") else { return };
    let elsewhere = tempfile::tempdir().unwrap();
    let content = format!("#!/bin/sh\n# {}\n", "x".repeat(100_000));
    let launch = launch(&directory, &elsewhere.path().join("script"), &content);
    let found = unfit(&launch).await;
    assert!(
        matches!(&found, Unfit::Io(error) if error.kind() == std::io::ErrorKind::StorageFull),
        "{found:?}"
    );
    // What was written of it is gone.
    assert_eq!(directory.read_dir().unwrap().count(), 0);
}

#[tokio::test]
async fn a_place_that_is_not_there_is_told() {
    let mut launch = Launch::new(PROTOCOL, "/bin/sh");
    launch.places = vec!["/nowhere/at/all".into()];
    assert!(matches!(unfit(&launch).await, Unfit::Io(_)));
}
