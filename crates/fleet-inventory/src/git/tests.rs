//! How the program is run.

use std::io::{BufRead as _, BufReader};

use super::*;

/// One Ctrl-C in a terminal goes to the whole group of the CLI, which waits for what is under way.
#[cfg(target_os = "linux")]
#[test]
fn an_interrupt_in_the_terminal_does_not_reach_git() {
    let mut asked = command(Path::new("/"));
    asked.args(["-c", "alias.group=!cut -d' ' -f5 /proc/self/stat", "group"]);
    let (status, out, err) = run(asked, None, LIMIT).unwrap();
    assert!(status.success(), "{err}");
    let group: i32 = String::from_utf8_lossy(&out).trim().parse().unwrap();
    assert_ne!(group, rustix::process::getpgrp().as_raw_nonzero().get());
}

/// What talks to the remote is a child of `git`.
#[cfg(unix)]
#[test]
fn what_is_stopped_ends_with_all_that_it_started() {
    let mut asked = Command::new("sh");
    asked.args(["-c", "(sleep 600; echo late) & echo $!; wait"]).stdout(Stdio::piped());
    apart(&mut asked);
    let mut child = asked.spawn().unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    assert!(line.trim().parse::<u32>().is_ok(), "it has started: {line:?}");
    stop(&mut child);
    // The pipe ends when the last one that has it is gone.
    assert_eq!(said.read_line(&mut line).unwrap(), 0);
}

#[test]
fn a_refusal_is_told_without_what_moves_the_cursor_and_by_its_end() {
    let Failure::Said(text) = Failure::said(&format!("{}\u{1b}[2Jend", "a ".repeat(3_000))) else {
        panic!("it was said")
    };
    assert!(text.starts_with("… ") && text.ends_with("[2Jend"), "{text}");
    assert_eq!(text.chars().count(), TOLD + 2);
}

#[test]
fn no_window_opens_and_no_token_is_traced() {
    let command = command(Path::new("/"));
    let set: BTreeMap<_, _> = command.get_envs().collect();
    for name in ["SSH_ASKPASS", "GIT_CURL_VERBOSE", "GIT_DIR"] {
        assert_eq!(set.get(std::ffi::OsStr::new(name)), Some(&None), "{name}");
    }
    let never = Some(std::ffi::OsStr::new("never"));
    assert_eq!(set[std::ffi::OsStr::new("SSH_ASKPASS_REQUIRE")], never);
}
