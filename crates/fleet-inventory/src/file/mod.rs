//! Files on a disk.
//!
//! Reading a file that others can write: a regular one, of a bounded size, and nothing else.

use std::fmt;
use std::fs::{self, File, FileType};
use std::io::{self, Read};
use std::path::Path;

pub mod write;

/// What lies at a path where a file should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thing {
    /// A symbolic link, wherever it leads.
    Link,
    /// A directory.
    Directory,
    /// A pipe, a socket or a device: reading it may wait for ever, or never end.
    Special,
}

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The operating system refuses.
    #[error(transparent)]
    Io(io::Error),
    /// It is no file.
    #[error("it is {0}, and only a regular file is read")]
    Thing(Thing),
    /// It has more bytes than anything we write.
    #[error("it has more than {0} bytes")]
    Long(u64),
}

/// The bytes of the regular file at `path`, at most `most` of them; `None` when nothing is there.
pub fn read(path: &Path, most: u64) -> Result<Option<Vec<u8>>, Unreadable> {
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Unreadable::Io(error)),
    };
    if let Some(thing) = thing(found.file_type()) {
        return Err(Unreadable::Thing(thing));
    }
    let file = match open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Unreadable::Io(error)),
    };
    // It may be another one by now.
    let opened = file.metadata().map_err(Unreadable::Io)?;
    if let Some(thing) = thing(opened.file_type()) {
        return Err(Unreadable::Thing(thing));
    }
    let mut bytes = Vec::new();
    file.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(Unreadable::Io)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= most) {
        Ok(Some(bytes))
    } else {
        Err(Unreadable::Long(most))
    }
}

/// What a directory entry is, if it is no regular file.
pub fn thing(found: FileType) -> Option<Thing> {
    if found.is_file() {
        None
    } else if found.is_symlink() {
        Some(Thing::Link)
    } else if found.is_dir() {
        Some(Thing::Directory)
    } else {
        Some(Thing::Special)
    }
}

#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;

    use rustix::fs::OFlags;
    // A pipe that came meanwhile does not make us wait, and a link is not followed.
    let flags = (OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC).bits();
    let flags = i32::try_from(flags).map_err(io::Error::other)?;
    File::options().read(true).custom_flags(flags).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

// === impl Thing ===

impl fmt::Display for Thing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Link => "a symbolic link",
            Self::Directory => "a directory",
            Self::Special => "a pipe, a socket or a device",
        })
    }
}
