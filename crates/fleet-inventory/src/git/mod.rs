//! The program `git`, asked so that nothing of a repository is executed: no hook, no monitor, no
//! filter, no helper of its configuration. It ends in time, and never asks a person.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use fleet_model::address;

mod bare;
mod failure;
#[cfg(test)]
mod tests;
mod trouble;

pub(crate) use bare::{Bare, Fetched, Locked, WORK};
pub use failure::{Failure, Unanswered};
pub use trouble::Trouble;

/// How long one question may take: a remote answers within seconds, or its network does not.
const LIMIT: Duration = Duration::from_secs(30);
/// How often a question is looked after.
const PAUSE: Duration = Duration::from_millis(10);
/// The most bytes of an answer.
const MOST: u64 = 1 << 30;
/// The most characters of a refusal that are told: its end, where the reason stands.
const TOLD: usize = 2_000;

/// Variables that lead to another repository than the one of the working directory, or that a hook
/// sets for what it runs.
const OTHERS: [&str; 16] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_CEILING_DIRECTORIES",
    "GIT_SHALLOW_FILE",
    "GIT_REPLACE_REF_BASE",
    "GIT_EXTERNAL_DIFF",
    "GIT_DEFAULT_HASH",
    "GIT_DEFAULT_REF_FORMAT",
    // It opens a window, and waits for a person.
    "SSH_ASKPASS",
    // What was sent and received, tokens too, between what it says.
    "GIT_CURL_VERBOSE",
];

/// Settings that would have something executed, over whatever the repository says. The settings of the
/// system and of the user stay: who can write those can run commands anyway, and proxies and
/// credentials are in them.
const SAFE: [&str; 3] =
    ["core.fsmonitor=false", "core.hooksPath=/dev/null", "protocol.ext.allow=never"];

/// A repository, asked from one of its directories.
pub(crate) struct Git {
    path: PathBuf,
    /// Whether that directory is the uppermost one of a working tree, whatever the repository's configuration says.
    is_top: bool,
}

/// What a remote has.
#[derive(Default)]
pub(crate) struct Heads {
    /// The commits, by the full names of the refs.
    pub(crate) commits: BTreeMap<String, String>,
    /// The ref that its HEAD leads to, where it says so.
    pub(crate) default: Option<String>,
}

/// What the program answered.
pub(crate) struct Answer {
    status: ExitStatus,
    out: String,
    err: String,
    path: PathBuf,
    verb: &'static str,
}

impl Git {
    /// The working tree whose uppermost directory this is.
    pub(crate) fn in_tree(top: &Path) -> Self {
        Self { path: top.to_owned(), is_top: true }
    }

    /// The repository at a path.
    pub(crate) fn of(path: &Path) -> Self {
        Self { path: path.to_owned(), is_top: false }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn unanswered(&self, verb: &'static str, failure: Failure) -> Unanswered {
        Unanswered { path: self.path.clone(), verb, failure }
    }

    /// Asks in the repository. Nothing is fetched, whatever is missing.
    pub(crate) fn ask(&self, verb: &'static str, arguments: &[&str]) -> Result<Answer, Unanswered> {
        self.ask_with(verb, arguments, None)
    }

    /// As [`Git::ask`], with this on its standard input.
    pub(crate) fn ask_about(
        &self,
        verb: &'static str,
        arguments: &[&str],
        input: &str,
    ) -> Result<Answer, Unanswered> {
        let written = || {
            let mut file = temporary()?;
            file.write_all(input.as_bytes()).map_err(Failure::Temporary)?;
            Ok(file)
        };
        let file = written().map_err(|failure| self.unanswered(verb, failure))?;
        self.ask_with(verb, arguments, Some(file))
    }

    fn ask_with(
        &self,
        verb: &'static str,
        arguments: &[&str],
        input: Option<File>,
    ) -> Result<Answer, Unanswered> {
        let mut command = command(&self.path);
        if self.is_top {
            command.env("GIT_WORK_TREE", &self.path);
            if let Some(above) = self.path.parent() {
                command.env("GIT_CEILING_DIRECTORIES", above);
            }
        }
        command.env("GIT_ALLOW_PROTOCOL", "none").env("GIT_NO_LAZY_FETCH", "1");
        command.arg(verb).args(arguments);
        let (status, out, err) =
            run(command, input, LIMIT).map_err(|failure| self.unanswered(verb, failure))?;
        let out = String::from_utf8_lossy(&out).into_owned();
        Ok(Answer { status, out, err, path: self.path.clone(), verb })
    }

    /// The commits that these refs of a remote are at, as far as it has them. Asked from a directory of its own, so that of the
    /// repository's configuration only the headers count that a pipeline put there to get in.
    pub(crate) fn remote_heads(&self, url: &str, refs: &[&str]) -> Result<Heads, Failure> {
        let apart = tempfile::tempdir().map_err(Failure::Temporary)?;
        let mut command = command(apart.path());
        if let Some(above) = apart.path().parent() {
            command.env("GIT_CEILING_DIRECTORIES", above);
        }
        if std::env::var_os("GIT_ALLOW_PROTOCOL").is_none() {
            command.env("GIT_ALLOW_PROTOCOL", "file:git:http:https:ssh");
        }
        reaches_out(&mut command, apart.path(), self.headers())?;
        command.args(["ls-remote", "--symref", "--", url]).args(refs);
        let (status, out, err) = run(command, None, LIMIT)?;
        if !status.success() {
            return Err(Failure::of(status, &err));
        }
        let out = String::from_utf8_lossy(&out);
        let mut heads = Heads::default();
        for (id, name) in out.lines().filter_map(|line| line.split_once('\t')) {
            match id.strip_prefix("ref: ") {
                Some(branch) if name == "HEAD" => heads.default = Some(branch.to_owned()),
                None if id.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                    heads.commits.insert(name.to_owned(), id.to_owned());
                }
                _ => {}
            }
        }
        Ok(heads)
    }

    /// `http.….extraHeader` of the repository, which is how a pipeline's checkout leaves its token.
    pub(crate) fn headers(&self) -> Vec<(String, String)> {
        let asked = ["--local", "--includes", "-z", "--get-regexp", r"^http\..*extraheader$"];
        let answer = self.ask("config", &asked).ok().filter(Answer::succeeded);
        let text = answer.map(|answer| answer.out).unwrap_or_default();
        let pairs = text.split('\0').filter_map(|pair| pair.split_once('\n'));
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }
}

impl Answer {
    pub(crate) fn succeeded(&self) -> bool {
        self.status.success()
    }

    /// What it said, without the line break at the end.
    pub(crate) fn text(self) -> Result<String, Unanswered> {
        if self.succeeded() { Ok(self.out.trim_end().to_owned()) } else { Err(self.refusal()) }
    }

    /// What it said, `None` for the exit status 1, which says that there is nothing.
    pub(crate) fn text_or_none(self) -> Result<Option<String>, Unanswered> {
        if self.status.code() == Some(1) { Ok(None) } else { self.text().map(Some) }
    }

    /// Yes for 0, no for 1.
    pub(crate) fn yes_or_no(self) -> Result<bool, Unanswered> {
        self.text_or_none().map(|said| said.is_some())
    }

    fn refusal(self) -> Unanswered {
        let failure = Failure::of(self.status, &self.err);
        Unanswered { path: self.path, verb: self.verb, failure }
    }
}

impl Failure {
    /// A refusal, by how the program ended and what it said. Nothing said, and ended by a signal: somebody stopped it.
    fn of(status: ExitStatus, err: &str) -> Self {
        if status.code().is_none() { Self::Stopped(status) } else { Self::said(err) }
    }

    /// A refusal in one line: it may hand on what a remote wrote, and repeat an address with a secret in it.
    fn said(text: &str) -> Self {
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let line: String = line.chars().filter(|of| !of.is_control()).collect();
        let line = address::shown_in(&line);
        let before = line.chars().count().saturating_sub(TOLD);
        let end: String = line.chars().skip(before).collect();
        Self::Said(if before > 0 { format!("… {end}") } else { end })
    }
}

/// Lets a command talk to others: with these headers, and without asking a person.
fn reaches_out(
    command: &mut Command,
    directory: &Path,
    headers: Vec<(String, String)>,
) -> Result<(), Failure> {
    if !has_ssh(directory)? {
        // It would ask for a passphrase, or about a key, on the terminal.
        command.env("GIT_SSH_COMMAND", "ssh -o BatchMode=yes");
    }
    let given = std::env::var("GIT_CONFIG_COUNT").ok().and_then(|count| count.parse().ok());
    let mut count: usize = given.unwrap_or_default();
    for (name, value) in headers {
        command.env(format!("GIT_CONFIG_KEY_{count}"), name);
        command.env(format!("GIT_CONFIG_VALUE_{count}"), value);
        count += 1;
    }
    command.env("GIT_CONFIG_COUNT", count.to_string());
    Ok(())
}

/// Whether the caller's own environment or configuration says how ssh is called.
fn has_ssh(apart: &Path) -> Result<bool, Failure> {
    if ["GIT_SSH_COMMAND", "GIT_SSH"].iter().any(|name| std::env::var_os(name).is_some()) {
        return Ok(true);
    }
    let mut asked = command(apart);
    asked.args(["config", "--get", "core.sshCommand"]);
    Ok(run(asked, None, LIMIT)?.0.success())
}

fn command(directory: &Path) -> Command {
    let mut command = Command::new("git");
    command.current_dir(directory);
    for name in OTHERS {
        command.env_remove(name);
    }
    let traces = std::env::vars_os().map(|(name, _)| name);
    for name in traces.filter(|name| name.to_string_lossy().starts_with("GIT_TRACE")) {
        command.env_remove(name);
    }
    command
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("SSH_ASKPASS_REQUIRE", "never")
        .env("GCM_INTERACTIVE", "never")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_NO_REPLACE_OBJECTS", "1")
        .env("GIT_GRAFT_FILE", "/dev/null")
        .env("LC_ALL", "C");
    for setting in SAFE {
        command.args(["-c", setting]);
    }
    command
}

/// Runs to the end, or until the time is over.
fn run(
    command: Command,
    input: Option<File>,
    limit: Duration,
) -> Result<(ExitStatus, Vec<u8>, String), Failure> {
    let stdin = match input {
        Some(mut file) => {
            file.rewind().map_err(Failure::Io)?;
            Stdio::from(file)
        }
        None => Stdio::null(),
    };
    run_with(command, stdin, limit)
}

/// Runs to the end, or until the time is over. Its output goes to files: a full pipe would stop it. It has a group of its own:
/// an interrupt in the terminal is for the CLI, which waits for what is under way, and what it started ends with it.
fn run_with(
    mut command: Command,
    stdin: Stdio,
    limit: Duration,
) -> Result<(ExitStatus, Vec<u8>, String), Failure> {
    let (mut out, mut err) = (temporary()?, temporary()?);
    command.stdin(stdin);
    apart(&mut command);
    command.stdout(out.try_clone().map_err(Failure::Io)?);
    command.stderr(err.try_clone().map_err(Failure::Io)?);
    let mut child = command.spawn().map_err(Failure::Io)?;
    let begun = Instant::now();
    let status = loop {
        match child.try_wait().map_err(Failure::Io)? {
            Some(status) => break status,
            None if begun.elapsed() > limit => {
                stop(&mut child);
                return Err(Failure::TimedOut(limit));
            }
            None => thread::sleep(PAUSE),
        }
    };
    Ok((status, read(&mut out)?, String::from_utf8_lossy(&read(&mut err)?).into_owned()))
}

/// In a group of its own.
#[cfg(unix)]
fn apart(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;
    command.process_group(0);
}

#[cfg(windows)]
fn apart(command: &mut Command) {
    use std::os::windows::process::CommandExt as _;
    /// `CREATE_NEW_PROCESS_GROUP`.
    const NEW_GROUP: u32 = 0x200;
    command.creation_flags(NEW_GROUP);
}

/// Ends it, and on Unix what it has started, too: that talks to the remote.
fn stop(child: &mut Child) {
    #[cfg(unix)]
    if let Some(group) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.kill();
    let _ = child.wait();
}

fn temporary() -> Result<File, Failure> {
    tempfile::tempfile().map_err(Failure::Temporary)
}

fn read(file: &mut File) -> Result<Vec<u8>, Failure> {
    file.rewind().map_err(Failure::Io)?;
    let mut bytes = Vec::new();
    file.take(MOST).read_to_end(&mut bytes).map_err(Failure::Io)?;
    Ok(bytes)
}
