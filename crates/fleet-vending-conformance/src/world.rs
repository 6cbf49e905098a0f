//! The vendor's world as the kit sees it: a directory for the run, what shall go wrong, and whether anything changed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

use crate::options::Options;

/// Stands for the directory of the run in what a person gives.
const SCRATCH: &str = "{scratch}";

/// Made for one run, removed after it.
pub(crate) struct World {
    scratch: tempfile::TempDir,
    fault_file: Option<PathBuf>,
    faults: Vec<String>,
    witness: Vec<PathBuf>,
    beside: Option<Child>,
}

impl World {
    /// Makes the directory and starts what runs beside the vendor.
    pub(crate) fn new(options: &Options) -> Result<Self> {
        let scratch = tempfile::Builder::new().prefix("conformance-").tempdir()?;
        let mut world = Self {
            scratch,
            fault_file: None,
            faults: options.faults.clone(),
            witness: Vec::new(),
            beside: None,
        };
        world.fault_file = options.fault_file.as_deref().map(|file| world.place(file).into());
        world.witness = options.witness.iter().map(|path| world.place(path).into()).collect();
        if let Some(line) = &options.beside {
            let child = Command::new("sh")
                .args(["-c", &format!("exec {}", world.place(line))])
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .spawn()
                .with_context(|| format!("`{line}` cannot be started"))?;
            world.beside = Some(child);
        }
        Ok(world)
    }

    /// `text` with the directory of the run in it.
    pub(crate) fn place(&self, text: &str) -> String {
        text.replace(SCRATCH, &self.path().to_string_lossy())
    }

    /// The directory of the run.
    pub(crate) fn path(&self) -> &Path {
        self.scratch.path()
    }

    /// Whether the fake can be told to do this wrong; if not, why.
    pub(crate) fn knows(&self, fault: &str) -> Result<(), String> {
        if self.fault_file.is_none() {
            return Err(
                "the kit was not told how the vendor's cloud is made to fail (--fault-file)".into(),
            );
        }
        if !self.faults.iter().any(|known| known == fault) {
            return Err(format!(
                "the vendor's cloud cannot be made to fail like this: `{fault}` is not among --faults"
            ));
        }
        Ok(())
    }

    /// Has the fake do this wrong from now on, until the answer is dropped.
    pub(crate) fn fault(&self, name: &str) -> io::Result<Fault<'_>> {
        if let Some(file) = &self.fault_file {
            if let Some(parent) = file.parent() {
                fs::create_dir_all(parent)?;
            }
            let new = file.with_extension("new");
            fs::write(&new, name)?;
            fs::rename(&new, file)?;
        }
        Ok(Fault { world: self })
    }

    /// A digest of everything that a witness shows; `None` without one.
    pub(crate) fn witnessed(&self) -> io::Result<Option<String>> {
        if self.witness.is_empty() {
            return Ok(None);
        }
        let mut total = Sha256::new();
        for path in &self.witness {
            add(&mut total, path)?;
        }
        Ok(Some(total.finalize().iter().map(|byte| format!("{byte:02x}")).collect()))
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(child) = &mut self.beside {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// While it lives, something goes wrong.
pub(crate) struct Fault<'a> {
    world: &'a World,
}

impl Drop for Fault<'_> {
    fn drop(&mut self) {
        if let Some(file) = &self.world.fault_file {
            let _ = fs::remove_file(file);
        }
    }
}

fn add(total: &mut Sha256, path: &Path) -> io::Result<()> {
    let kind = match fs::symlink_metadata(path) {
        Ok(data) => data.file_type(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    total.update(path.as_os_str().as_encoded_bytes());
    if kind.is_dir() {
        let mut inside: Vec<PathBuf> =
            fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
        inside.sort();
        for path in inside {
            let hidden =
                path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
            if !hidden {
                add(total, &path)?;
            }
        }
    } else if kind.is_file() {
        let bytes = fs::read(path)?;
        total.update((bytes.len() as u64).to_be_bytes());
        total.update(bytes);
    }
    Ok(())
}
