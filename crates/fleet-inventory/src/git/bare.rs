//! A bare repository of our own, outside of every working tree: a copy of the heads that were asked for.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::{Failure, Git, LIMIT, command, reaches_out, run, temporary};

/// How long a fetch or a push may take.
const TRANSFER: Duration = Duration::from_secs(300);

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
    pub(crate) fn lock(&self) -> Result<File, Failure> {
        if let Some(above) = self.path.parent() {
            create(above).map_err(Failure::Io)?;
        }
        let name = self.path.with_extension("lock");
        let file = File::options().create(true).append(true).open(name).map_err(Failure::Io)?;
        file.lock().map_err(Failure::Io)?;
        Ok(file)
    }

    /// Gets the tip of a branch, without its history. Under the lock.
    pub(crate) fn fetch(&self, branch: &str) -> Result<Fetched, Failure> {
        let name = format!("refs/heads/{branch}");
        self.make()?;
        let first = match self.fetch_once(&name) {
            Ok(commit) => return Ok(Fetched::At(commit)),
            Err(failure) => failure,
        };
        let asked = self.talk(&["ls-remote", "--", &self.url, &name], None, LIMIT);
        match asked {
            Err(_) => Err(first),
            Ok(said) if said.is_empty() => Ok(Fetched::NoBranch),
            // It is there: the copy is broken, as by a process that was killed in it.
            Ok(_) => {
                fs::remove_dir_all(&self.path).map_err(Failure::Io)?;
                self.make()?;
                self.fetch_once(&name).map(Fetched::At)
            }
        }
    }

    fn fetch_once(&self, name: &str) -> Result<String, Failure> {
        // Whoever left it is gone: the lock is ours.
        let _ = fs::remove_file(self.path.join("shallow.lock"));
        let to = format!("+{name}:{HEAD}");
        let asked = ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--depth=1"];
        self.talk(&[&asked[..], &["--", &self.url, &to]].concat(), None, TRANSFER)?;
        let said = self.ask(&["rev-parse", "--verify", "--quiet", HEAD], None)?;
        Ok(String::from_utf8_lossy(&said).trim().to_owned())
    }

    /// Makes a commit out of a stream for `git fast-import`, and gives its name. Under the lock.
    pub(crate) fn import(&self, stream: &[u8]) -> Result<String, Failure> {
        self.ask(
            &["fast-import", "--quiet", "--force", "--done", "--date-format=now"],
            Some(stream),
        )?;
        let said = self.ask(&["rev-parse", "--verify", "--quiet", WORK], None)?;
        Ok(String::from_utf8_lossy(&said).trim().to_owned())
    }

    /// Puts a commit on top of a branch, if it is on top of what is there.
    pub(crate) fn push(&self, commit: &str, branch: &str) -> Result<(), Failure> {
        let to = format!("{commit}:refs/heads/{branch}");
        let asked = ["push", "--quiet", "--no-verify", "--", &self.url, &to];
        self.talk(&asked, None, TRANSFER).map(drop)
    }

    /// Asks this repository. Nothing is fetched, whatever is missing.
    pub(crate) fn ask(&self, arguments: &[&str], input: Option<&[u8]>) -> Result<Vec<u8>, Failure> {
        let mut command = self.command();
        command.env("GIT_ALLOW_PROTOCOL", "none").env("GIT_NO_LAZY_FETCH", "1");
        said(command, arguments, input, LIMIT)
    }

    fn talk(
        &self,
        arguments: &[&str],
        input: Option<&[u8]>,
        limit: Duration,
    ) -> Result<Vec<u8>, Failure> {
        let mut command = self.command();
        if std::env::var_os("GIT_ALLOW_PROTOCOL").is_none() {
            command.env("GIT_ALLOW_PROTOCOL", "file:http:https:ssh");
        }
        // What a pipeline's checkout left in the working directory's repository to get in, for the hosts that it names.
        let mut headers = Git::of(Path::new(".")).headers();
        headers.retain(|(name, _)| name.matches('.').count() > 1);
        reaches_out(&mut command, &self.path, headers)?;
        said(command, arguments, input, limit)
    }

    fn command(&self) -> Command {
        let mut command = command(&self.path);
        command.env("GIT_DIR", &self.path);
        for setting in PLAIN {
            command.args(["-c", setting]);
        }
        command
    }

    fn make(&self) -> Result<(), Failure> {
        if self.path.join("HEAD").is_file() {
            return Ok(());
        }
        create(&self.path).map_err(Failure::Io)?;
        self.ask(&["init", "--quiet", "--bare", "--template="], None).map(drop)
    }
}

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
    limit: Duration,
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
    let (status, out, err) = run(command, input, limit)?;
    if status.success() { Ok(out) } else { Err(Failure::said(&err)) }
}
