//! How a plugin ends, and that nothing of it is left.

use std::io::{BufRead as _, BufReader};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, getpgid, kill_process};
use tempfile::TempDir;

use crate::clock::TestClock;
use crate::world::{PATIENCE, PROTOCOL, World, call, runs, subject, until_gone};

/// How long a plugin may take to end by itself.
const GRACE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn it_ends_when_it_is_asked_and_only_once() {
    let world = World::new();
    for what in ["serve", "shared"] {
        let plugin = world.subject(what).start().await.unwrap();
        let channel = plugin.channel();
        // Twice at a time, and once more.
        let (one, other) = tokio::join!(plugin.stop(GRACE), plugin.stop(GRACE));
        assert!(one.success() && other.success(), "{what}: {one}, {other}");
        assert!(plugin.stop(GRACE).await.success());
        assert!(plugin.ended().await.success());
        assert!(!plugin.alive() && !runs(plugin.process_id()));
        assert!(call(&channel, "Echo", "").await.is_err());
        drop(plugin);
        assert_eq!(world.left(), 0);
    }
}

#[tokio::test]
async fn one_that_does_not_end_is_killed() {
    let two = Duration::from_secs(2);
    let world = World::with_clock(TestClock::passing(&[GRACE, two]));
    let plugin = world.subject("stubborn").start().await.unwrap();
    assert_eq!(call(&plugin.channel(), "Echo", "hello").await.unwrap(), "hello");
    let status = plugin.stop(GRACE).await;
    assert_eq!(status.signal(), Some(9), "{status}");
    assert_eq!(world.clock.passed(), [GRACE, two]);
}

#[tokio::test]
async fn dropped_is_killed_whatever_it_does() {
    let world = World::new();
    let plugin = world.subject("stubborn").start().await.unwrap();
    let (id, channel) = (plugin.process_id(), plugin.channel());
    let hangs = tokio::spawn(async move { call(&channel, "Hang", "").await });
    drop(plugin);
    assert!(!runs(id));
    assert_eq!(world.left(), 0);
    // Nobody waits for an answer that cannot come.
    assert!(hangs.await.unwrap().is_err());
}

#[tokio::test]
async fn a_call_to_one_that_dies_fails_and_its_end_is_seen() {
    let world = World::new();
    let plugin = world.subject("serve").start().await.unwrap();
    assert!(call(&plugin.channel(), "Crash", "").await.is_err());
    assert_eq!(plugin.ended().await.signal(), Some(6));
    assert!(!plugin.alive());
}

#[tokio::test]
async fn ctrl_c_reaches_the_host_alone() {
    let world = World::new();
    let plugin = world.subject("serve").start().await.unwrap();
    let id = Pid::from_raw(i32::try_from(plugin.process_id()).unwrap()).unwrap();
    assert_eq!(getpgid(Some(id)), Ok(id));
    // One that is meant for it all the same does not end it.
    kill_process(id, Signal::INT).unwrap();
    assert_eq!(call(&plugin.channel(), "Echo", "still").await.unwrap(), "still");
}

#[tokio::test]
async fn what_it_writes_goes_where_it_belongs() {
    let world = World::new();
    let plugin = world.subject("serve").start().await.unwrap();
    // More than a pipe holds: somebody reads it, or this has no answer.
    assert_eq!(call(&plugin.channel(), "Flood", "done").await.unwrap(), "done");
    let long = "é".repeat(100_000);
    call(&plugin.channel(), "Complain", &long).await.unwrap();
    call(&plugin.channel(), "Complain", "and so on").await.unwrap();
    world.until_logged(|line| line == "and so on").await;
    assert_eq!(plugin.last_lines()[1], "and so on");
    let log = world.log.lock().unwrap();
    assert_eq!(log.len(), 2);
    assert!(log[0].len() <= 64 << 10 && log[0].starts_with("éé"));
}

/// Starts the plugin by hand, with its socket in `place`.
fn by_hand(what: &str, place: &TempDir, stdin: Stdio) -> std::process::Child {
    let mut command = Command::new(subject());
    command.arg(what).env_clear().env(PROTOCOL.cookie_key, PROTOCOL.cookie_value);
    command.env("PLUGIN_UNIX_SOCKET_DIR", place.path());
    command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("1|3|unix|"), "{line}");
    child
}

#[test]
fn a_supervised_plugin_ends_with_its_stdin_and_by_sigterm() {
    let place = tempfile::tempdir().unwrap();
    let mut child = by_hand("serve", &place, Stdio::piped());
    assert!(child.try_wait().unwrap().is_none());
    drop(child.stdin.take());
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert_eq!(place.path().read_dir().unwrap().count(), 0);

    // It may come before there is a handler, and ends it then, too.
    let mut child = by_hand("serve", &place, Stdio::piped());
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    assert!(!child.wait().unwrap().success());
}

#[test]
fn a_supervised_plugin_that_is_blocked_ends_with_its_stdin_too() {
    let place = tempfile::tempdir().unwrap();
    let mut child = by_hand("blocked", &place, Stdio::piped());
    assert!(child.try_wait().unwrap().is_none());
    drop(child.stdin.take());
    let begun = Instant::now();
    while child.try_wait().unwrap().is_none() {
        assert!(begun.elapsed() < PATIENCE, "it outlives its host");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn another_plugin_takes_no_notice_of_its_stdin() {
    let place = tempfile::tempdir().unwrap();
    let mut child = by_hand("shared", &place, Stdio::null());
    std::thread::sleep(Duration::from_millis(300));
    assert!(child.try_wait().unwrap().is_none());
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_plugin_ends_when_its_host_is_killed_and_the_next_host_tidies_up() {
    let place = tempfile::tempdir().unwrap();
    let start = || {
        let mut host = Command::new(subject())
            .args(["host".as_ref(), subject().as_os_str()])
            .env("TMPDIR", place.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(host.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let plugin: u32 = line.trim().parse().unwrap();
        (host, plugin)
    };
    let (mut host, plugin) = start();
    let left: Vec<_> =
        place.path().read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(left.len(), 1);
    assert!(runs(plugin));
    // By a signal that no program can handle.
    host.kill().unwrap();
    host.wait().unwrap();
    until_gone(plugin);
    assert!(left[0].exists());

    let (mut host, plugin) = start();
    let begun = Instant::now();
    while left[0].exists() {
        assert!(begun.elapsed() < PATIENCE, "the directory is left");
        std::thread::sleep(Duration::from_millis(5));
    }
    host.kill().unwrap();
    host.wait().unwrap();
    until_gone(plugin);
}
