//! What has to be there before a plugin is started: files that are what they should be, and a private directory.
//!
//! What is checked is what is executed. On Linux a program is executed through the very file that was opened and checked,
//! whatever lies at its path by then. A script is opened again by its interpreter, by its path: so it is copied into the private
//! directory, as all files are that are named with a sum, and everything on other systems; arguments that name a copied file
//! name the copy.

use std::ffi::OsString;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Component, Path, PathBuf};

use sha2::Digest as _;

use super::error::StartError;
use super::launch::Launch;
use super::sha256::Sha256;
use crate::directory::{Kind, PrivateDirectory, Unfit, first_fit, places};

/// Our directories.
const KIND: Kind = Kind { prefix: "goplugin-", mark: "host", holds_files: true };

/// What a plugin adds to the path of our directory for its socket: a directory of its own and a name in it, or the name
/// that go-plugin makes.
const ROOM: usize = "/plugin-provider-XXXXXX/s".len();

/// Where Linux has the files that a process has open.
pub(super) const OPEN_FILES: &str = "/proc/self/fd";

/// Where copies are, in the directory.
const FILES: &str = "files";

/// A plugin that can be started.
pub(super) struct Prepared {
    /// For its socket. Goes last, when the plugin is no more.
    pub(super) directory: PrivateDirectory,
    /// What is executed, and what the program is told that it is called.
    pub(super) program: PathBuf,
    pub(super) args: Vec<OsString>,
    /// The program that is executed through its open file.
    open: Option<Open>,
}

/// A checked program.
struct Open {
    path: PathBuf,
    file: File,
    sum: Sha256,
    before: Stamp,
}

/// What changes when a file is written to, and also when another one takes its place.
#[derive(PartialEq, Eq)]
struct Stamp {
    size: u64,
    #[cfg(unix)]
    changed: (i64, i64),
}

/// A checked file that is to be copied.
struct Content {
    path: PathBuf,
    bytes: Vec<u8>,
    executable: bool,
}

impl Prepared {
    /// Checks all files, makes the directory and the copies in it. Blocks while it reads.
    pub(super) fn of(launch: &Launch) -> Result<Self, StartError> {
        if !launch.command.is_absolute() {
            return Err(StartError::NotAbsolute { path: launch.command.clone() });
        }
        if let Some(directory) = &launch.within {
            stays_within(&launch.command, directory)?;
        }
        let mut open = None;
        let mut copies = Vec::new();
        for (path, sum) in &launch.files {
            match checked(path, *sum, *path == launch.command)? {
                Checked::Open(program) => open = Some(program),
                Checked::Content(content) => copies.push(content),
            }
        }
        let base = common_base(copies.iter().map(|content| content.path.as_path()));
        let copy_of = |directory: &Path, path: &Path| {
            let is_copied = copies.iter().any(|content| content.path == path);
            let below = path.strip_prefix(base.as_deref()?).ok()?;
            is_copied.then(|| directory.join(FILES).join(below))
        };

        let own = places();
        let places = if launch.places.is_empty() { &own } else { &launch.places };
        let directory = first_fit(places, |place| {
            let directory = PrivateDirectory::create_in(place, KIND.prefix, ROOM)?;
            File::create_new(directory.path().join(KIND.mark))?;
            let starts_copy = copy_of(directory.path(), &launch.command).is_some();
            if starts_copy && is_noexec(directory.path()) {
                return Err(Unfit::NoExec);
            }
            for content in &copies {
                if let Some(copy) = copy_of(directory.path(), &content.path) {
                    write(&copy, content)?;
                }
            }
            Ok(directory)
        })?;
        #[cfg(unix)]
        directory.sweep_beside(KIND);

        let copy_of = |path: &Path| copy_of(directory.path(), path);
        let program = match &open {
            Some(open) => open.executed(),
            None => copy_of(&launch.command).unwrap_or_else(|| launch.command.clone()),
        };
        let args = launch
            .args
            .iter()
            .map(|arg| copy_of(Path::new(arg)).map_or_else(|| arg.clone(), PathBuf::into_os_string))
            .collect();
        Ok(Self { program, args, open, directory })
    }

    /// After the start: whether what was started is what was checked. Nobody can write to a program that runs, so that this is
    /// the last word.
    pub(super) fn is_unchanged(&self) -> Result<(), StartError> {
        match &self.open {
            Some(open) if !open.is_unchanged() => {
                Err(StartError::Changed { path: open.path.clone() })
            }
            _ => Ok(()),
        }
    }
}

/// What a check leaves.
enum Checked {
    Open(Open),
    Content(Content),
}

/// Opens a file, and compares its sum. The program itself is kept open where it can be executed so.
fn checked(path: &Path, expected: Sha256, is_command: bool) -> Result<Checked, StartError> {
    let unreadable = |source| StartError::Unreadable { path: path.to_owned(), source };
    if !path.is_absolute() {
        return Err(StartError::NotAbsolute { path: path.to_owned() });
    }
    let mut file = open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(StartError::NotRegular { path: path.to_owned() });
    }
    let before = Stamp::of(&metadata);
    let mut start = [0; 2];
    let is_script = match file.read_exact(&mut start) {
        Ok(()) => start == *b"#!",
        // Shorter than that.
        Err(_) => true,
    };
    io::Seek::rewind(&mut file).map_err(unreadable)?;
    let compare = |found: sha2::Sha256| match Sha256(found.finalize().into()) {
        found if found == expected => Ok(()),
        found => Err(StartError::WrongSum { path: path.to_owned(), expected, found }),
    };
    let mut sum = sha2::Sha256::new();
    // Without this place an open file has no path; then it is copied as on other systems.
    let can_be_executed_open = cfg!(target_os = "linux") && Path::new(OPEN_FILES).exists();
    if can_be_executed_open && is_command && !is_script {
        io::copy(&mut file, &mut sum).map_err(unreadable)?;
        compare(sum)?;
        let path = path.to_owned();
        return Ok(Checked::Open(Open { path, file, sum: expected, before }));
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(unreadable)?;
    sum.update(&bytes);
    compare(sum)?;
    let executable = is_executable(&metadata);
    Ok(Checked::Content(Content { path: path.to_owned(), bytes, executable }))
}

/// Opens a file to read it. One that is a pipe is not waited for.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        let flags = rustix::fs::OFlags::NONBLOCK.bits();
        options.custom_flags(i32::try_from(flags).unwrap_or_default());
    }
    options.open(path)
}

/// Refuses a command that is not in `directory` once all links are followed.
fn stays_within(command: &Path, directory: &Path) -> Result<(), StartError> {
    let resolve = |path: &Path| {
        path.canonicalize()
            .map_err(|source| StartError::Unreadable { path: path.to_owned(), source })
    };
    let (command, directory) = (resolve(command)?, resolve(directory)?);
    if command.starts_with(&directory) {
        Ok(())
    } else {
        Err(StartError::Outside { command, directory })
    }
}

/// The deepest directory that all of these files are below.
fn common_base<'a>(mut files: impl Iterator<Item = &'a Path>) -> Option<PathBuf> {
    let first = files.next()?.parent()?.to_owned();
    Some(files.fold(first, |base, file| {
        let common = base.components().zip(file.components()).take_while(|(a, b)| a == b);
        common.map(|(component, _)| component).collect()
    }))
}

/// Writes a copy that nobody can change by mistake.
fn write(copy: &Path, content: &Content) -> io::Result<()> {
    // A path with `..` in it would lead out of the directory.
    if copy.components().any(|part| part == Component::ParentDir) {
        return Err(io::ErrorKind::InvalidFilename.into());
    }
    if let Some(parent) = copy.parent() {
        std::fs::create_dir_all(parent)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(if content.executable { 0o500 } else { 0o400 });
    }
    #[cfg(not(unix))]
    let _ = content.executable;
    options.open(copy)?.write_all(&content.bytes)
}

#[cfg(unix)]
fn is_executable(metadata: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &Metadata) -> bool {
    true
}

/// Whether no program may be started from a directory.
#[cfg(unix)]
fn is_noexec(directory: &Path) -> bool {
    use rustix::fs::{StatVfsMountFlags, statvfs};
    #[cfg(target_os = "linux")]
    const NOEXEC: StatVfsMountFlags = StatVfsMountFlags::NOEXEC;
    // Not told elsewhere: there the start says that it is denied.
    #[cfg(not(target_os = "linux"))]
    const NOEXEC: StatVfsMountFlags = StatVfsMountFlags::empty();
    statvfs(directory).is_ok_and(|found| !NOEXEC.is_empty() && found.f_flag.contains(NOEXEC))
}

#[cfg(not(unix))]
fn is_noexec(_: &Path) -> bool {
    false
}

impl Open {
    /// Whether the open file still has the content that was checked: read again where it may have another.
    fn is_unchanged(&self) -> bool {
        if self.file.metadata().is_ok_and(|now| Stamp::of(&now) == self.before) {
            return true;
        }
        let mut sum = sha2::Sha256::new();
        let mut file = &self.file;
        let read = io::Seek::rewind(&mut file).and_then(|()| io::copy(&mut file, &mut sum));
        read.is_ok() && Sha256(sum.finalize().into()) == self.sum
    }

    /// The path by which the system executes the open file, in the process that is to become the program.
    #[cfg(target_os = "linux")]
    fn executed(&self) -> PathBuf {
        use std::os::fd::AsRawFd as _;
        Path::new(OPEN_FILES).join(self.file.as_raw_fd().to_string())
    }

    #[cfg(not(target_os = "linux"))]
    fn executed(&self) -> PathBuf {
        self.path.clone()
    }
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        #[cfg(unix)]
        use std::os::unix::fs::MetadataExt as _;
        Self {
            size: metadata.len(),
            #[cfg(unix)]
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

#[cfg(test)]
mod tests;
