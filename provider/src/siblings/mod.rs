//! The other provider processes of the same run of the CLI.
//!
//! A CLI starts a process for each provider block, aliases too, so that two blocks of one inventory do not see what the
//! other plans: each would write the same files, and vend the same account twice. Here they tell each other: each notes
//! what it plans in one log of the run, in a directory that only the user can read.
//!
//! A CLI ends the processes of a plan before it starts those of an apply. So what somebody noted *after* this process
//! began is of another block, whether that process still lives or not; what was noted before is maybe this very block's, in
//! an earlier part of the run. Nothing is locked for that: what a killed process has left behind blocks nobody. A CLI may
//! begin the processes of a plan one after the other, so a process waits for the others before its first note: how many
//! blocks there are is known, since one process of each was asked to validate its block before.
//!
//! It is a courtesy of processes that share a machine. Where there is no directory for the log nobody is seen, and what an
//! apply finds when it writes is left. A block that is only configured when another one has planned all it has, since it
//! needs something of that, is not seen either.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value as Json, json};

mod log;
mod process;

use log::Log;

/// How often a process looks for the others before its first note, and how long it waits in between: a second in all.
const LOOKS: u32 = 100;
const BETWEEN: Duration = Duration::from_millis(10);

/// What an object has for itself in a run, whichever block it is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A file of an account in an inventory.
    AccountFile,
    /// The key of an account in an organization.
    AccountKey,
    /// An account, by its id.
    Account,
    /// The address of an account, in lower case.
    Email,
    /// A file of a cluster in an inventory.
    ClusterFile,
    /// The key of a placement, and who manages it.
    Placement,
    /// A file that a placement emits.
    Emitted,
    /// An Application, with its namespace.
    Application,
    /// An organizational unit, by its name and parent.
    Unit,
}

/// Another provider block of the run, which has what is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sibling {
    /// Its `managed_by`.
    pub(crate) managed_by: String,
}

/// What is known of the other provider processes of this run.
#[derive(Debug, Default)]
pub(crate) struct Siblings {
    meeting: Option<Meeting>,
    joined: Mutex<Option<Joined>>,
}

/// Where the processes of a run meet.
#[derive(Debug, Clone)]
struct Meeting {
    directory: PathBuf,
    run: String,
}

/// A process, and what it has read of the log.
#[derive(Debug)]
struct Joined {
    log: Log,
    /// Tells it from the others in the log.
    process: String,
    noted: BTreeSet<(String, String)>,
    has_waited: bool,
    /// Whether its own first line was read.
    has_begun: bool,
    /// The processes that were asked to look at their block, and those that were asked to work with it.
    looked: BTreeSet<String>,
    works: BTreeSet<String>,
    /// What others noted since this one began.
    others: BTreeMap<(String, String), Sibling>,
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Line {
    Begins,
    /// The process was asked to look at its provider block.
    Looks,
    /// The process was asked to work with its provider block.
    Works,
    Notes((String, String), Sibling),
}

// === impl Kind ===

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::AccountFile => "account-file",
            Self::AccountKey => "account-key",
            Self::Account => "account",
            Self::Email => "email",
            Self::ClusterFile => "cluster-file",
            Self::Placement => "placement",
            Self::Emitted => "emitted",
            Self::Application => "application",
            Self::Unit => "unit",
        }
    }
}

// === impl Sibling ===

impl std::fmt::Display for Sibling {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "another block `provider \"fleet\"` (`managed_by` = {:?})", self.managed_by)
    }
}

// === impl Siblings ===

impl Siblings {
    /// For this process, which is there from now on. One that no CLI started, or of a run that the system cannot tell from
    /// others, sees nobody.
    pub(crate) fn of_process() -> Self {
        let meeting = process::run().and_then(|run| Some((run, process::directory()?)));
        let meeting = meeting.map(|(run, directory)| Meeting { directory, run });
        let siblings = Self { meeting, joined: Mutex::default() };
        siblings.join();
        siblings
    }

    /// Of a run that is known by `run`, in a directory that is there.
    #[cfg(test)]
    pub(crate) fn at(directory: &std::path::Path, run: &str) -> Self {
        let meeting = Meeting { directory: directory.to_owned(), run: run.to_owned() };
        let siblings = Self { meeting: Some(meeting), joined: Mutex::default() };
        siblings.join();
        siblings
    }

    fn join(&self) {
        let Some(meeting) = &self.meeting else { return };
        let mut joined = self.joined.lock().unwrap_or_else(PoisonError::into_inner);
        if joined.is_none() {
            *joined = Joined::new(meeting).ok();
        }
    }

    /// This process was asked to look at its provider block.
    pub(crate) fn looks(&self) {
        self.write(&Line::Looks);
    }

    /// This process was asked to work with its provider block.
    pub(crate) fn works(&self) {
        self.write(&Line::Works);
    }

    fn write(&self, line: &Line) {
        let mut joined = self.joined.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(joined) = joined.as_mut() {
            joined.write(line);
        }
    }

    /// Notes that an object of this process has `name`, and gives the other block that has it too. Of two processes that
    /// note the same, the one that is second in the log is told, and the first maybe, too.
    pub(crate) fn note(&self, kind: Kind, name: &str, managed_by: &str) -> Option<Sibling> {
        let mut joined = self.joined.lock().unwrap_or_else(PoisonError::into_inner);
        let joined = joined.as_mut()?;
        joined.wait_for_others();
        let what = (kind.word().to_owned(), name.to_owned());
        if joined.noted.insert(what.clone()) {
            joined.write(&Line::Notes(what.clone(), Sibling { managed_by: managed_by.to_owned() }));
        }
        joined.read();
        joined.others.get(&what).cloned()
    }
}

// === impl Joined ===

impl Joined {
    fn new(meeting: &Meeting) -> io::Result<Self> {
        /// A process that serves several runs is several.
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let mut joined = Self {
            log: Log::open(&meeting.directory, &meeting.run)?,
            process: format!("{}-{count}", std::process::id()),
            noted: BTreeSet::new(),
            has_waited: false,
            has_begun: false,
            looked: BTreeSet::new(),
            works: BTreeSet::new(),
            others: BTreeMap::new(),
        };
        joined.write(&Line::Begins);
        Ok(joined)
    }

    fn write(&mut self, line: &Line) {
        // What does not fit on the disk is seen by nobody.
        let _ = self.log.append(&line.written(&self.process));
    }

    /// Waits, once, until as many processes work as others have only looked. In the apply of a plan there are from the
    /// first, since those of the plan count.
    fn wait_for_others(&mut self) {
        if std::mem::replace(&mut self.has_waited, true) {
            return;
        }
        for _ in 0..LOOKS {
            self.read();
            if self.looked.difference(&self.works).count() <= self.works.len() {
                return;
            }
            std::thread::sleep(BETWEEN);
        }
    }

    fn read(&mut self) {
        for line in self.log.read() {
            let Some((process, line)) = Line::parse(&line) else { continue };
            match line {
                Line::Begins if process == self.process => self.has_begun = true,
                Line::Looks => _ = self.looked.insert(process),
                Line::Works => _ = self.works.insert(process),
                Line::Notes(what, by) if self.has_begun && process != self.process => {
                    self.others.insert(what, by);
                }
                Line::Begins | Line::Notes(..) => {}
            }
        }
    }
}

// === impl Line ===

impl Line {
    fn written(&self, process: &str) -> String {
        let line = match self {
            Self::Begins => json!([process, "begins"]),
            Self::Looks => json!([process, "looks"]),
            Self::Works => json!([process, "works"]),
            Self::Notes((kind, name), by) => {
                json!([process, "notes", kind, name, by.managed_by])
            }
        };
        format!("{line}\n")
    }

    /// A line with the process that wrote it; `None` for what is none.
    fn parse(line: &[u8]) -> Option<(String, Self)> {
        let parts: Vec<Json> = serde_json::from_slice(line).ok()?;
        let mut texts = parts.iter().map(|part| part.as_str().map(str::to_owned));
        let (process, word) = (texts.next()??, texts.next()??);
        let line = match word.as_str() {
            "begins" => Self::Begins,
            "looks" => Self::Looks,
            "works" => Self::Works,
            "notes" => {
                let what = (texts.next()??, texts.next()??);
                Self::Notes(what, Sibling { managed_by: texts.next()?? })
            }
            _ => return None,
        };
        Some((process, line))
    }
}

#[cfg(test)]
mod tests;
