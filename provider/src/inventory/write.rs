//! Writing a file so that a reader, or a crash, sees the old one or the new one and nothing between.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// What the writer has seen at the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Over {
    /// No file: one that came meanwhile is not overwritten.
    Nothing,
    /// A file that may be replaced.
    Ours,
}

/// Writes `bytes` to a temporary file next to `path` and renames it. Makes the last folder of
/// `path` if it is missing, and no other. The file can be read by everybody: it goes into Git.
pub(crate) fn whole(path: &Path, bytes: &[u8], over: Over) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    match fs::create_dir(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    // The dot keeps it out of listings of the store if a crash leaves it behind.
    let mut file = tempfile::Builder::new().prefix(".").suffix(".tmp").tempfile_in(folder)?;
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
    Ok(())
}
