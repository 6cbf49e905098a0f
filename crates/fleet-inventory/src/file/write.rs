//! Writing a file so that a reader, or a crash, sees the old one or the new one and nothing between.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

/// What the writer has seen at the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// No file: one that came meanwhile is not overwritten.
    Nothing,
    /// A file that may be replaced.
    Ours,
}

/// How the names of our temporary files begin and end. The dot keeps one that a crash leaves behind
/// out of listings of the store.
const BEGINS: &str = ".fleet-";
const ENDS: &str = ".tmp";

/// After which a temporary file is nobody's: a write takes far less than a second.
const LEFT_BEHIND: Duration = Duration::from_secs(60 * 60);

/// Writes `bytes` to a temporary file next to `path` and renames it; when this returns, a loss of
/// power takes nothing of it back. Makes the last folder of `path` if it is missing, and no other.
/// The file can be read by everybody: it goes into Git.
pub fn whole(path: &Path, bytes: &[u8], over: Over) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    match fs::create_dir(folder) {
        Ok(()) => folder.parent().map_or(Ok(()), keep_entries)?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => clean(folder),
        Err(error) => return Err(error),
    }
    let mut file = tempfile::Builder::new().prefix(BEGINS).suffix(ENDS).tempfile_in(folder)?;
    file.write_all(bytes)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.as_file().set_permissions(fs::Permissions::from_mode(0o644))?;
    }
    file.as_file().sync_all()?;
    match over {
        Over::Nothing => file.persist_noclobber(path)?,
        Over::Ours => file.persist(path)?,
    };
    keep_entries(folder)
}

/// Makes the folders on the way to the file at `path`, for good. Those that are there stay as they are.
pub fn folders(path: &Path) -> io::Result<()> {
    let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) else {
        return Ok(());
    };
    if folder.is_dir() {
        return Ok(());
    }
    folders(folder)?;
    match fs::create_dir(folder) {
        Ok(()) => keep_entries(folder.parent().unwrap_or(Path::new("."))),
        // Another placement made it meanwhile.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        Err(error) => Err(error),
    }
}

/// Removes the file at `path`, for good.
pub fn remove(path: &Path) -> io::Result<()> {
    fs::remove_file(path)?;
    path.parent().map_or(Ok(()), keep_entries)
}

/// Makes the entries of a directory durable: on Unix a rename is on disk when the directory is.
fn keep_entries(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        match File::open(folder)?.sync_all() {
            // A file system that has no such thing keeps its entries otherwise.
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
            done => done,
        }
    } else {
        Ok(())
    }
}

/// Removes what killed writes left in a folder. Whatever stands in the way, it disturbs nobody.
fn clean(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let is_ours = name.to_str().is_some_and(is_temporary);
        let age = || entry.metadata().ok()?.modified().ok()?.elapsed().ok();
        if is_ours && age().is_some_and(|age| age > LEFT_BEHIND) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Whether a file of this name is one of our temporary files.
pub fn is_temporary(name: &str) -> bool {
    name.starts_with(BEGINS) && name.ends_with(ENDS)
}
