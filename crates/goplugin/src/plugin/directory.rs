//! The directory that holds the socket: private, in a place that a host can be told of, and gone with the process.
//!
//! A process that is killed leaves its directory behind. The next one that starts in the same place removes it. Whether its
//! owner lives is asked of the system: each process holds a lock on its directory, which ends with it, however it ends. A
//! number of a process would not do: it may be another process's by now, or one of another container that shares the place.

use std::ffi::CStr;
use std::fmt;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use rustix::fs::{
    AtFlags, Dir, FileType, FlockOperation, Mode, OFlags, flock, fstat, open, openat, statat,
    unlinkat,
};
use rustix::process::geteuid;
use tempfile::TempDir;

use super::environment::Environment;

/// The name of the socket in its directory.
const SOCKET: &str = "s";

/// How many bytes the path of a socket may have: what `sockaddr_un` holds, less the zero at its end.
const LONGEST: usize =
    if cfg!(any(target_os = "linux", target_os = "android")) { 107 } else { 103 };

/// Opens a directory and nothing else, and never through a link.
const DIRECTORY: OFlags =
    OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// Why there is no directory for the socket: each place that was tried, and what is wrong with it.
#[derive(Debug, thiserror::Error)]
pub struct NoPlace(Vec<(PathBuf, Unfit)>);

/// What is wrong with a place.
#[derive(Debug, thiserror::Error)]
enum Unfit {
    /// Longer than a socket's path may be.
    #[error("the path of a socket in it has {length} bytes, and the system takes {LONGEST}")]
    TooLong {
        /// What it would have.
        length: usize,
    },
    /// The line that tells the host of the socket has fields, with `|` between them.
    #[error(
        "a `|`, a line break or bytes that are no text in its path cannot be told in a handshake line"
    )]
    Untellable,
    /// It is not there, or not ours to write in.
    #[error(transparent)]
    Io(io::Error),
}

impl fmt::Display for NoPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no directory is fit for a socket (TMPDIR names another one)")?;
        for (place, unfit) in &self.0 {
            write!(f, "; {}: {unfit}", place.display())?;
        }
        Ok(())
    }
}

/// A private directory with a socket in it. Both are removed when this is dropped.
pub(super) struct SocketDirectory {
    directory: TempDir,
    /// How the names of such directories begin.
    prefix: &'static str,
    /// Holds the lock that says that the owner lives. After the directory, so that nobody finds it unlocked.
    _owned: OwnedFd,
}

/// Where the socket may lie, best first. The host may name one place, and then looks nowhere else.
pub(super) fn places(environment: &Environment) -> Vec<PathBuf> {
    match &environment.socket_directory {
        Some(place) => vec![place.clone()],
        None => vec![std::env::temp_dir(), "/tmp".into(), "/var/tmp".into()],
    }
}

impl SocketDirectory {
    /// Binds a socket in a fresh directory below the first of `places` that is fit for one. The directory's name begins with
    /// `prefix`.
    pub(super) fn bind(
        places: &[PathBuf],
        prefix: &'static str,
    ) -> Result<(Self, UnixListener), NoPlace> {
        let mut tried = Vec::new();
        for place in places {
            match Self::bind_in(place, prefix) {
                Ok(bound) => return Ok(bound),
                Err(unfit) => tried.push((place.clone(), unfit)),
            }
        }
        Err(NoPlace(tried))
    }

    fn bind_in(place: &Path, prefix: &'static str) -> Result<(Self, UnixListener), Unfit> {
        use std::os::unix::fs::PermissionsExt as _;

        // The host may stand in another directory.
        let place = std::path::absolute(place).map_err(Unfit::Io)?;
        if place.to_str().is_none_or(|text| text.contains(['|', '\n', '\r'])) {
            return Err(Unfit::Untellable);
        }
        let length = place.join(prefix).join(SOCKET).as_os_str().len() + "XXXXXX".len();
        if length > LONGEST {
            return Err(Unfit::TooLong { length });
        }
        let directory = tempfile::Builder::new()
            .prefix(prefix)
            .permissions(std::fs::Permissions::from_mode(0o700))
            .tempdir_in(&place)
            .map_err(Unfit::Io)?;
        let owned = open(directory.path(), DIRECTORY, Mode::empty()).map_err(io)?;
        // Some network file systems know no locks on directories. There nobody can take this one for left, either.
        let _ = flock(&owned, FlockOperation::NonBlockingLockExclusive);
        // After the lock: without a socket, a directory is not looked at by others.
        let bound = Self { directory, prefix, _owned: owned };
        let socket = UnixListener::bind(bound.socket())
            .and_then(|socket| socket.set_nonblocking(true).map(|()| socket))
            .map_err(Unfit::Io)?;
        Ok((bound, socket))
    }

    /// The path of the socket.
    pub(super) fn socket(&self) -> PathBuf {
        self.directory.path().join(SOCKET)
    }

    /// Removes what processes left behind that were killed, on a thread of its own: a host waits for none of it.
    pub(super) fn sweep_beside(&self) {
        let Some(place) = self.directory.path().parent().map(Path::to_owned) else { return };
        let prefix = self.prefix;
        // Where there is no thread for it, the next process will do it.
        let _ = std::thread::Builder::new().name("sweep".to_owned()).spawn(move || {
            if let Err(error) = sweep(&place, prefix) {
                tracing::debug!(%error, "cannot look for sockets that were left behind");
            }
        });
    }
}

/// Removes the directories in `place` that are ours, by `prefix` and owner, and whose processes are gone. Everything is looked at and removed through
/// what was opened, never by a path that somebody could bend in the meantime, and nothing but a socket goes.
fn sweep(place: &Path, prefix: &str) -> rustix::io::Result<()> {
    let place = open(place, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    for entry in Dir::read_from(&place)? {
        let entry = entry?;
        if entry.file_name().to_bytes().starts_with(prefix.as_bytes()) {
            // One that resists is not worth the others.
            let _ = sweep_one(&place, entry.file_name());
        }
    }
    Ok(())
}

fn sweep_one(place: &OwnedFd, name: &CStr) -> rustix::io::Result<()> {
    let directory = openat(place, name, DIRECTORY, Mode::empty())?;
    let found = fstat(&directory)?;
    let is_private = Mode::from_raw_mode(found.st_mode) == Mode::RWXU;
    if !is_private || found.st_uid != geteuid().as_raw() {
        return Ok(());
    }
    let socket = statat(&directory, SOCKET, AtFlags::SYMLINK_NOFOLLOW)?;
    if FileType::from_raw_mode(socket.st_mode) != FileType::Socket {
        return Ok(());
    }
    // As long as the owner lives, it has the lock.
    flock(&directory, FlockOperation::NonBlockingLockExclusive)?;
    unlinkat(&directory, SOCKET, AtFlags::empty())?;
    unlinkat(place, name, AtFlags::REMOVEDIR)
}

fn io(error: rustix::io::Errno) -> Unfit {
    Unfit::Io(error.into())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    const PREFIX: &str = "tfplugin-";

    fn bind(place: &Path) -> SocketDirectory {
        SocketDirectory::bind(&[place.to_owned()], PREFIX).unwrap().0
    }

    /// The directory of a process that was killed: its lock is gone, and nothing else.
    fn left(place: &Path) -> PathBuf {
        let SocketDirectory { directory, .. } = bind(place);
        directory.keep()
    }

    fn names(place: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(place)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn the_socket_lies_in_a_private_directory_that_goes_with_it() {
        let place = tempfile::tempdir().unwrap();
        let bound = bind(place.path());
        let directory = bound.socket().parent().unwrap().to_owned();
        assert_eq!(directory.parent(), Some(place.path()));
        assert_eq!(directory.metadata().unwrap().permissions().mode() & 0o777, 0o700);
        assert!(bound.socket().exists());
        drop(bound);
        assert_eq!(names(place.path()), [""; 0]);
    }

    #[test]
    fn a_place_that_is_not_fit_is_passed_over() {
        let root = tempfile::tempdir().unwrap();
        let with = |name: &str| {
            let place = root.path().join(name);
            fs::create_dir_all(&place).unwrap();
            place
        };
        let good = with("good");
        let long = with(&"long/".repeat(30));
        let bad = [
            (with("a|b"), "cannot be told in a handshake line"),
            (with("a\nb"), "cannot be told in a handshake line"),
            (long, "the system takes"),
            (root.path().join("nowhere"), "o such file"),
        ];
        for (place, _) in &bad {
            let places = [place.clone(), good.clone()];
            let (bound, _) = SocketDirectory::bind(&places, PREFIX).unwrap();
            assert!(bound.socket().starts_with(&good), "{}", place.display());
        }
        let places: Vec<PathBuf> = bad.iter().map(|(place, _)| place.clone()).collect();
        let error = SocketDirectory::bind(&places, PREFIX).map(|_| ()).unwrap_err().to_string();
        for (place, why) in &bad {
            assert!(error.contains(&place.display().to_string()), "{error}");
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn a_path_of_the_longest_size_is_taken() {
        let root = tempfile::tempdir().unwrap();
        let rest = LONGEST - root.path().as_os_str().len() - "//tfplugin-XXXXXX/s".len();
        for (length, fits) in [(rest, true), (rest + 1, false)] {
            let place = root.path().join("d".repeat(length));
            fs::create_dir(&place).unwrap();
            assert_eq!(SocketDirectory::bind(&[place], PREFIX).is_ok(), fits, "{length}");
        }
    }

    #[test]
    fn what_was_left_behind_is_removed_and_nothing_else() {
        let root = tempfile::tempdir().unwrap();
        let place = root.path().join("place");
        fs::create_dir(&place).unwrap();
        let lives = bind(&place);
        left(&place);
        left(&place);
        // Another's directory under our name, one that is just being made, one with something of a person's in it, and a
        // link to one that is elsewhere.
        let open = left(&place);
        fs::set_permissions(&open, fs::Permissions::from_mode(0o755)).unwrap();
        let young = place.join("tfplugin-young");
        fs::create_dir(&young).unwrap();
        fs::set_permissions(&young, fs::Permissions::from_mode(0o700)).unwrap();
        let kept = left(&place);
        fs::write(kept.join("notes"), "mine").unwrap();
        let file = left(&place);
        fs::remove_file(file.join(SOCKET)).unwrap();
        fs::write(file.join(SOCKET), "no socket").unwrap();
        let elsewhere = left(root.path());
        let link = place.join("tfplugin-link");
        symlink(&elsewhere, &link).unwrap();

        sweep(&place, PREFIX).unwrap();

        let mut expected: Vec<String> =
            [lives.directory.path(), &open, &young, &kept, &file, &link]
                .iter()
                .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
                .collect();
        expected.sort();
        assert_eq!(names(&place), expected);
        assert!(lives.socket().exists());
        assert!(elsewhere.join(SOCKET).exists());
        assert_eq!(fs::read(kept.join("notes")).unwrap(), b"mine");
    }
}
