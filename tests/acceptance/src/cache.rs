//! What is fetched or built once per machine and kept outside the clone.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

/// A file in an entry that says it is whole.
const COMPLETE: &str = ".complete";

/// `$XDG_CACHE_HOME/terraform-provider-fleet`, or the same under `~/.cache`.
pub fn dir() -> Result<PathBuf> {
    let base = match env::var_os("XDG_CACHE_HOME") {
        Some(base) => PathBuf::from(base),
        None => {
            env::home_dir().context("there is no home directory to keep a cache in")?.join(".cache")
        }
    };
    Ok(base.join("terraform-provider-fleet"))
}

/// The directory of the entry `name`; `make` fills it when it is not there or was left half done.
///
/// Processes that want the same entry at the same time wait for the first.
pub fn entry(name: &str, make: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
    entry_in(&dir()?, name, make)
}

fn entry_in(base: &Path, name: &str, make: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
    let dir = base.join(name);
    if dir.join(COMPLETE).exists() {
        return Ok(dir);
    }
    fs::create_dir_all(base)?;
    let lock = File::create(base.join(format!("{name}.lock")))?;
    lock.lock().context("the cache cannot be locked")?;
    if !dir.join(COMPLETE).exists() {
        if dir.exists() {
            fs::remove_dir_all(&dir)?;
        }
        fs::create_dir_all(&dir)?;
        make(&dir)?;
        File::create(dir.join(COMPLETE))?;
    }
    Ok(dir)
}

/// The first twelve hexadecimal digits of the SHA-256 of `parts`: the part of an entry's name that
/// changes with what is in it.
pub fn key(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_made_once_and_again_when_it_was_left_half_done() -> Result<()> {
        let base = tempfile::tempdir()?;
        let failed = entry_in(base.path(), "a", |dir| {
            fs::write(dir.join("half"), "")?;
            anyhow::bail!("interrupted")
        });
        assert!(failed.is_err());
        let dir = entry_in(base.path(), "a", |dir| Ok(fs::write(dir.join("whole"), "")?))?;
        assert!(!dir.join("half").exists());
        assert!(dir.join("whole").exists());
        entry_in(base.path(), "a", |_| anyhow::bail!("made twice"))?;
        Ok(())
    }

    #[test]
    fn a_key_tells_parts_apart() {
        assert_ne!(key(&[b"ab", b"c"]), key(&[b"a", b"bc"]));
        assert_eq!(key(&[b"a"]).len(), 12);
    }
}
