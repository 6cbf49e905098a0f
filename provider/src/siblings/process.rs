//! Which run of a CLI this process belongs to, and where its processes meet.

use std::path::PathBuf;

use crate::env;

/// Tells the run from others, by the process that started this one. `None` where the system does not say which that is, or
/// that is no CLI.
pub(super) fn run() -> Option<String> {
    env::read(env::MAGIC_COOKIE)?;
    #[cfg(unix)]
    {
        let parent = std::os::unix::process::parent_id();
        Some(format!("{parent}-{}", began(parent)))
    }
    #[cfg(not(unix))]
    {
        None
    }
}

/// Whether the process that began the run is still there.
pub(super) fn lives(run: &str) -> bool {
    #[cfg(unix)]
    {
        let named = || {
            let (number, at) = run.split_once('-')?;
            let number: u32 = number.parse().ok()?;
            let process = rustix::process::Pid::from_raw(i32::try_from(number).ok()?)?;
            Some((process, at == began(number)))
        };
        // One that may not be asked is there.
        named().is_some_and(|(process, is_same)| {
            is_same && rustix::process::test_kill_process(process) != Err(rustix::io::Errno::SRCH)
        })
    }
    #[cfg(not(unix))]
    {
        let _ = run;
        false
    }
}

/// When a process began, on systems that say so. Its number comes back, and is another one's in another container.
#[cfg(unix)]
fn began(process: u32) -> String {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok();
    stat.as_deref().and_then(began_at).unwrap_or("0").to_owned()
}

/// The 22nd field of `/proc/PID/stat` (proc_pid_stat(5)): when the process began, in ticks since the system did. The second
/// is its name, in brackets, which may hold anything.
#[cfg(unix)]
fn began_at(stat: &str) -> Option<&str> {
    let (_, fields) = stat.rsplit_once(')')?;
    let field = fields.split_ascii_whitespace().nth(19)?;
    field.bytes().all(|of| of.is_ascii_digit()).then_some(field)
}

/// The directory in which the processes of a user meet, made if it is not there. `None` where none is the user's own.
pub(super) fn directory() -> Option<PathBuf> {
    #[cfg(unix)]
    {
        let user = rustix::process::geteuid().as_raw();
        let places = [std::env::temp_dir(), PathBuf::from("/tmp")];
        let named = |place: PathBuf| place.join(format!("terraform-provider-fleet-{user}"));
        places.into_iter().map(named).find(|path| is_private(path, user))
    }
    #[cfg(not(unix))]
    {
        None
    }
}

/// Whether the directory is the user's own, and nobody else's to look into.
#[cfg(unix)]
fn is_private(path: &std::path::Path, user: u32) -> bool {
    use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};

    // It may be there.
    let _ = std::fs::DirBuilder::new().mode(0o700).create(path);
    std::fs::symlink_metadata(path)
        .is_ok_and(|found| found.is_dir() && found.uid() == user && found.mode() & 0o777 == 0o700)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_run_is_known_by_who_began_it_and_when() {
        let stat = "42 (a b) c) S 1 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 98765 1 2";
        assert_eq!(began_at(stat), Some("98765"));
        assert_eq!(began_at("42 (a) S 1"), None);
        assert_eq!(run(), None, "no CLI started this one");
        let us = std::process::id();
        assert!(lives(&format!("{us}-{}", began(us))));
        for over in [format!("{us}-1"), format!("{}-0", u32::MAX >> 1), "x".to_owned()] {
            assert!(!lives(&over), "{over}");
        }
    }

    #[test]
    fn a_directory_that_others_can_look_into_is_none_to_meet_in() {
        let place = tempfile::tempdir().unwrap();
        let user = rustix::process::geteuid().as_raw();
        let path = place.path().join("meet");
        assert!(is_private(&path, user) && is_private(&path, user));
        assert!(!is_private(&path, user + 1), "another user's");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        assert!(!is_private(&path, user));
        let link = place.path().join("link");
        std::os::unix::fs::symlink(place.path(), &link).unwrap();
        assert!(!is_private(&link, user));
        assert!(!is_private(&place.path().join("no/such"), user));
    }
}
