//! A bare repository of our own, outside of every working tree: a copy of the heads that were asked for.

use std::fs::{self, File, TryLockError};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::{Failure, Git, LIMIT, PAUSE, command, reaches_out, run, run_with, temporary};

/// How long a fetch or a push may take.
const TRANSFER: Duration = Duration::from_secs(300);
/// How long others may work on the copy: one of them may be in a transfer that does not end.
const WAIT: Duration = Duration::from_secs(600);

/// Settings that would sign, tag or tidy beside what is asked for.
const PLAIN: [&str; 6] = [
    "push.gpgSign=false",
    "push.followTags=false",
    "push.recurseSubmodules=no",
    "fetch.recurseSubmodules=no",
    "gc.autoDetach=false",
    "maintenance.autoDetach=false",
];

/// The repository, with one remote.
#[derive(Debug)]
pub(crate) struct Bare {
    path: PathBuf,
    url: String,
}

/// The repository, for this process alone.
#[derive(Debug)]
pub(crate) struct Locked<'a> {
    bare: &'a Bare,
    file: File,
}

/// What a remote says of a branch.
#[derive(Debug)]
pub(crate) enum Fetched {
    /// It is at this commit, which is here now.
    At(String),
    /// There is none.
    NoBranch,
}

impl Bare {
    /// The one at `path`, for the repository at `url`. Makes nothing.
    pub(crate) fn new(path: PathBuf, url: &str) -> Self {
        Self { path, url: url.to_owned() }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps other processes out while it lives: Git's own locks say that somebody is there, and wait for nobody.
    ///
    /// # Errors
    /// The lock cannot be made, or others had it for too long.
    pub(crate) fn lock(&self) -> Result<Locked<'_>, Failure> {
        if let Some(above) = self.path.parent() {
            create(above).map_err(Failure::Io)?;
        }
        let name = self.path.with_extension("lock");
        let file = File::options().create(true).append(true).open(name).map_err(Failure::Io)?;
        let begun = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Locked { bare: self, file }),
                Err(TryLockError::Error(error)) => return Err(Failure::Io(error)),
                Err(TryLockError::WouldBlock) if begun.elapsed() > WAIT => {
                    return Err(Failure::Busy(WAIT));
                }
                Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
            }
        }
    }

    /// Asks this repository. Nothing is fetched, whatever is missing.
    pub(crate) fn ask(&self, arguments: &[&str], input: Option<&[u8]>) -> Result<Vec<u8>, Failure> {
        let mut command = self.command();
        command.env("GIT_ALLOW_PROTOCOL", "none").env("GIT_NO_LAZY_FETCH", "1");
        said(command, arguments, input)
    }

    fn command(&self) -> Command {
        let mut command = command(&self.path);
        command.env("GIT_DIR", &self.path);
        for setting in PLAIN {
            command.args(["-c", setting]);
        }
        command
    }
}

impl Locked<'_> {
    /// Gets the tip of a branch, without its history.
    pub(crate) fn fetch(&self, branch: &str) -> Result<Fetched, Failure> {
        let name = format!("refs/heads/{branch}");
        self.make()?;
        let first = match self.fetch_once(&name) {
            Ok(commit) => return Ok(Fetched::At(commit)),
            Err(failure @ (Failure::Said(_) | Failure::Stopped(_))) => failure,
            // No other copy would help.
            Err(failure) => return Err(failure),
        };
        let asked = self.talk(&["ls-remote", "--", &self.bare.url, &name], LIMIT);
        match asked {
            Err(_) => Err(first),
            Ok(said) if said.is_empty() => Ok(Fetched::NoBranch),
            // It is there: the copy is broken, as by a process that was killed in it, or it has ids of another length.
            Ok(said) => {
                let id = said.split(|byte| *byte == b'\t').next().unwrap_or_default();
                self.make_anew(Format::of(id.len()))?;
                self.fetch_once(&name).map(Fetched::At)
            }
        }
    }

    fn fetch_once(&self, name: &str) -> Result<String, Failure> {
        // Whoever left it is gone: the lock is ours.
        let _ = fs::remove_file(self.bare.path.join("shallow.lock"));
        let to = format!("+{name}:{HEAD}");
        let asked = ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--depth=1"];
        self.talk(&[&asked[..], &["--", &self.bare.url, &to]].concat(), TRANSFER)?;
        let said = self.bare.ask(&["rev-parse", "--verify", "--quiet", HEAD], None)?;
        Ok(String::from_utf8_lossy(&said).trim().to_owned())
    }

    /// Makes a commit out of a stream for `git fast-import`, and gives its name.
    pub(crate) fn import(&self, stream: &[u8]) -> Result<String, Failure> {
        self.make()?;
        self.bare.ask(
            &["fast-import", "--quiet", "--force", "--done", "--date-format=now"],
            Some(stream),
        )?;
        let said = self.bare.ask(&["rev-parse", "--verify", "--quiet", WORK], None)?;
        Ok(String::from_utf8_lossy(&said).trim().to_owned())
    }

    /// Puts a commit on top of a branch that is at its parent; what is elsewhere meanwhile, or gone, stays so.
    pub(crate) fn push(&self, commit: &str, parent: &str, branch: &str) -> Result<(), Failure> {
        let to = format!("{commit}:refs/heads/{branch}");
        let lease = format!("--force-with-lease=refs/heads/{branch}:{parent}");
        let asked = ["push", "--quiet", "--no-verify", &lease, "--", &self.bare.url, &to];
        self.talk(&asked, TRANSFER).map(drop)
    }

    /// Takes away the copy; the next fetch makes it anew.
    pub(crate) fn forget(&self) -> Result<(), Failure> {
        match fs::remove_dir_all(&self.bare.path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(Failure::Io(error)),
            _ => Ok(()),
        }
    }

    fn make(&self) -> Result<(), Failure> {
        let path = &self.bare.path;
        let format = if path.join("HEAD").is_file() { Format::read(path) } else { None };
        match format {
            Some(_) if is_ours(path) => Ok(()),
            format => self.make_anew(format.unwrap_or_default()),
        }
    }

    fn make_anew(&self, format: Format) -> Result<(), Failure> {
        self.forget()?;
        create(&self.bare.path).map_err(Failure::Io)?;
        let of = format!("--object-format={}", format.name());
        self.bare.ask(&["init", "--quiet", "--bare", "--template=", &of], None)?;
        fs::write(self.bare.path.join(CONFIG), format.config()).map_err(Failure::Io)
    }

    fn talk(&self, arguments: &[&str], limit: Duration) -> Result<Vec<u8>, Failure> {
        let mut command = self.bare.command();
        if std::env::var_os("GIT_ALLOW_PROTOCOL").is_none() {
            command.env("GIT_ALLOW_PROTOCOL", "file:http:https:ssh");
        }
        // What a pipeline's checkout left in the working directory's repository to get in, for the hosts that it names.
        let mut headers = Git::of(Path::new(".")).headers();
        headers.retain(|(name, _)| name.matches('.').count() > 1);
        reaches_out(&mut command, &self.bare.path, headers)?;
        command.args(arguments);
        // The program has the lock, too: should this process be killed, others wait until the program has ended.
        let lock = Stdio::from(self.file.try_clone().map_err(Failure::Io)?);
        let (status, out, err) = run_with(command, lock, limit)?;
        if status.success() { Ok(out) } else { Err(Failure::of(status, &err)) }
    }
}

/// How the ids of a repository are made.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum Format {
    #[default]
    Sha1,
    Sha256,
}

impl Format {
    /// By the length of an id.
    fn of(length: usize) -> Self {
        if length == 64 { Self::Sha256 } else { Self::Sha1 }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
        }
    }

    /// All that the copy's own configuration says. Another text is somebody else's: Git would run what it names.
    fn config(self) -> &'static str {
        match self {
            Self::Sha1 => "[core]\n\trepositoryformatversion = 0\n\tbare = true\n",
            Self::Sha256 => {
                "[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectformat = sha256\n"
            }
        }
    }

    /// That of a copy, if its configuration is as we write it, and nothing leads out of it.
    fn read(path: &Path) -> Option<Self> {
        let leads_out = ["commondir", "config.worktree", "objects/info/alternates", "hooks"];
        if leads_out.iter().any(|name| fs::symlink_metadata(path.join(name)).is_ok()) {
            return None;
        }
        let config = fs::read(path.join(CONFIG)).ok()?;
        [Self::Sha1, Self::Sha256].into_iter().find(|format| format.config().as_bytes() == config)
    }
}

/// Whether nobody but this user can have written it.
#[cfg(unix)]
fn is_ours(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let user = rustix::process::geteuid().as_raw();
    fs::symlink_metadata(path)
        .is_ok_and(|found| found.is_dir() && found.uid() == user && found.mode() & 0o022 == 0)
}

#[cfg(not(unix))]
fn is_ours(_: &Path) -> bool {
    true
}

/// The copy's own configuration.
const CONFIG: &str = "config";
/// The tip of the branch, as it was fetched last.
const HEAD: &str = "refs/fleet/head";
/// The commit that is being made.
pub(crate) const WORK: &str = "refs/fleet/work";

/// A directory that nobody else reads: a repository may be for few eyes.
fn create(path: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(path)
}

fn said(
    mut command: Command,
    arguments: &[&str],
    input: Option<&[u8]>,
) -> Result<Vec<u8>, Failure> {
    command.args(arguments);
    let input = match input {
        Some(bytes) => {
            let mut file = temporary()?;
            file.write_all(bytes).map_err(Failure::Temporary)?;
            Some(file)
        }
        None => None,
    };
    let (status, out, err) = run(command, input, LIMIT)?;
    if status.success() { Ok(out) } else { Err(Failure::of(status, &err)) }
}
