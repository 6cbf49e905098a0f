//! Private directories of a process: in a place that the other side can be told of, and gone with the process.
//!
//! A process that is killed leaves its directory behind. The next one of its kind that starts in the same place removes it.
//! Whether its owner lives is asked of the system: each process holds a lock on its directory, which ends with it, however
//! it ends. A number of a process would not do: it may be another process's by now, or one of another container that shares
//! the place.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
#[cfg(unix)]
use {
    rustix::fs::{
        AtFlags, Dir, FileType, FlockOperation, Mode, OFlags, flock, fstat, open, openat, statat,
        unlinkat,
    },
    rustix::process::geteuid,
    std::ffi::CStr,
    std::os::fd::OwnedFd,
};

/// How many bytes the path of a socket may have: what `sockaddr_un` holds, less the zero at its end.
pub(crate) const LONGEST: usize =
    if cfg!(any(target_os = "linux", target_os = "android")) { 107 } else { 103 };

/// Opens a directory and nothing else, and never through a link.
#[cfg(unix)]
const DIRECTORY: OFlags =
    OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// No directory for temporary files is fit: each place that was tried, and what is wrong with it.
#[derive(Debug, thiserror::Error)]
pub struct NoPlace {
    /// In the order in which they were tried.
    pub tried: Vec<(PathBuf, Unfit)>,
}

/// What is wrong with a place for temporary files.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unfit {
    /// Longer than a socket's path may be.
    #[error("the path of a socket in it has {length} bytes, and the system takes {LONGEST}")]
    TooLong {
        /// What it would have.
        length: usize,
    },
    /// The line that tells the other side of the socket has fields, with `|` between them.
    #[error(
        "a `|`, a line break or bytes that are no text in its path cannot be told in a handshake line"
    )]
    Untellable,
    /// Programs in it may not be started: it is mounted `noexec`.
    #[error("it is mounted `noexec`, and a program has to be started from it")]
    NoExec,
    /// It is not there, full, or not ours to write in.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl fmt::Display for NoPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "no directory for temporary files is fit for a socket (TMPDIR names another one)",
        )?;
        for (place, unfit) in &self.tried {
            write!(f, "; {}: {unfit}", place.display())?;
        }
        Ok(())
    }
}

/// What the system has for temporary files, best first.
pub(crate) fn places() -> Vec<PathBuf> {
    // An empty variable is not set; the standard library would take it for the working directory.
    let named = Some(std::env::temp_dir()).filter(|place| !place.as_os_str().is_empty());
    let mut places: Vec<PathBuf> = named.into_iter().collect();
    if cfg!(unix) {
        places.extend(["/tmp".into(), "/var/tmp".into()]);
    }
    places
}

/// What `make` makes in the first of `places` that is fit.
pub(crate) fn first_fit<T>(
    places: &[PathBuf],
    mut make: impl FnMut(&Path) -> Result<T, Unfit>,
) -> Result<T, NoPlace> {
    let mut tried = Vec::new();
    for place in places {
        match make(place) {
            Ok(made) => return Ok(made),
            Err(unfit) => tried.push((place.clone(), unfit)),
        }
    }
    Err(NoPlace { tried })
}

/// Directories of one kind of process.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    /// How their names begin. Short: the path of a socket may not be long.
    pub(crate) prefix: &'static str,
    /// What each has in it once it is locked: without that, it is not looked at by others.
    pub(crate) mark: &'static str,
    /// Whether all that is in one that was left behind goes, or the socket alone that `mark` is then.
    #[cfg_attr(not(unix), expect(dead_code, reason = "nothing is swept there"))]
    pub(crate) holds_files: bool,
}

/// A directory that only we can look into. It is removed, with what is in it, when this is dropped.
pub(crate) struct PrivateDirectory {
    directory: TempDir,
    /// Holds the lock that says that the owner lives. After the directory, so that nobody finds it unlocked.
    #[cfg(unix)]
    _owned: OwnedFd,
}

impl PrivateDirectory {
    /// Makes one in `place`. `room` is how many bytes the path of a socket has below it, separators included.
    pub(crate) fn create_in(place: &Path, prefix: &str, room: usize) -> Result<Self, Unfit> {
        // The other side may stand in another directory.
        let place = std::path::absolute(place)?;
        if place.to_str().is_none_or(|text| text.contains(['|', '\n', '\r'])) {
            return Err(Unfit::Untellable);
        }
        let length = place.join(prefix).as_os_str().len() + "XXXXXX".len() + room;
        if cfg!(unix) && length > LONGEST {
            return Err(Unfit::TooLong { length });
        }
        let mut builder = tempfile::Builder::new();
        builder.prefix(prefix);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            builder.permissions(std::fs::Permissions::from_mode(0o700));
        }
        let directory = builder.tempdir_in(&place)?;
        #[cfg(unix)]
        let owned = open(directory.path(), DIRECTORY, Mode::empty()).map_err(io::Error::from)?;
        // Some network file systems know no locks on directories. There nobody can take this one for left, either.
        #[cfg(unix)]
        let _ = flock(&owned, FlockOperation::NonBlockingLockExclusive);
        Ok(Self {
            directory,
            #[cfg(unix)]
            _owned: owned,
        })
    }

    /// Where it is: an absolute path.
    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Removes what processes left behind beside this directory that were killed, on a thread of its own: nobody waits for it.
    #[cfg(unix)]
    pub(crate) fn sweep_beside(&self, kind: Kind) {
        let Some(place) = self.path().parent().map(Path::to_owned) else { return };
        // Where there is no thread for it, the next process will do it.
        let _ = std::thread::Builder::new().name("sweep".to_owned()).spawn(move || {
            if let Err(error) = sweep(&place, kind) {
                tracing::debug!(%error, "cannot look for directories that were left behind");
            }
        });
    }

    /// Leaves it behind as a process does that is killed: its lock is gone, and nothing else.
    #[cfg(test)]
    #[cfg(unix)]
    pub(crate) fn leave(self) -> PathBuf {
        self.directory.keep()
    }
}

/// Removes the directories in `place` that are ours, by kind and owner, and whose processes are gone. They are looked at through
/// what was opened, never by a path that somebody could bend in the meantime.
#[cfg(unix)]
pub(crate) fn sweep(place: &Path, kind: Kind) -> rustix::io::Result<()> {
    let opened = open(place, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    for entry in Dir::read_from(&opened)? {
        let entry = entry?;
        if entry.file_name().to_bytes().starts_with(kind.prefix.as_bytes()) {
            // One that resists is not worth the others.
            let _ = sweep_one(place, &opened, entry.file_name(), kind);
        }
    }
    Ok(())
}

#[cfg(unix)]
fn sweep_one(path: &Path, place: &OwnedFd, name: &CStr, kind: Kind) -> rustix::io::Result<()> {
    use std::os::unix::ffi::OsStrExt as _;

    let directory = openat(place, name, DIRECTORY, Mode::empty())?;
    let found = fstat(&directory)?;
    let is_private = Mode::from_raw_mode(found.st_mode) == Mode::RWXU;
    if !is_private || found.st_uid != geteuid().as_raw() {
        return Ok(());
    }
    let mark = statat(&directory, kind.mark, AtFlags::SYMLINK_NOFOLLOW)?;
    let expected = if kind.holds_files { FileType::RegularFile } else { FileType::Socket };
    if FileType::from_raw_mode(mark.st_mode) != expected {
        return Ok(());
    }
    // As long as the owner lives, it has the lock.
    flock(&directory, FlockOperation::NonBlockingLockExclusive)?;
    if kind.holds_files {
        // Private and ours: nobody else can put another directory in its place, where the place keeps what is others'.
        let _ = std::fs::remove_dir_all(path.join(std::ffi::OsStr::from_bytes(name.to_bytes())));
        Ok(())
    } else {
        unlinkat(&directory, kind.mark, AtFlags::empty())?;
        unlinkat(place, name, AtFlags::REMOVEDIR)
    }
}
