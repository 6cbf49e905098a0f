//! A store on a branch of a Git repository, without a working tree: the tip of the branch is read, and each write is in a
//! commit that the repository has taken when the write ends.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use fleet_artifacts::digest::sha256_hex;

use super::directory::freshness::{Doubt, Freshness, Upstream};
use super::{Backend, Entry, Expected, LONGEST, Touched};
use crate::document::FOLDERS;
use crate::error::Error;
use crate::file::Thing;
use crate::git::{Bare, Failure, Fetched, Locked, Trouble};
use crate::location::Repository;

mod head;
mod message;
#[cfg(test)]
mod tests;

use head::{File, Head};

/// How often a commit is made anew because others were faster.
const TIMES: usize = 20;
/// How long a first write waits for others to come along: objects of one run are applied at the same time.
const GATHER: Duration = Duration::from_millis(50);
/// How many lines of each side of a conflict are told.
const SHOWN: usize = 6;

/// Who writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// The name in each commit.
    pub name: String,
    /// The email in each commit.
    pub email: String,
    /// The configuration that writes.
    pub managed_by: String,
    /// The version of the provider.
    pub version: String,
    /// The run of a pipeline, as people find it again.
    pub run: Option<String>,
}

impl Default for Author {
    fn default() -> Self {
        Self {
            name: "terraform-provider-fleet".to_owned(),
            email: "noreply@terraform-provider-fleet.invalid".to_owned(),
            managed_by: String::new(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            run: message::run(|name| std::env::var(name).ok()),
        }
    }
}

/// A branch of a repository.
#[derive(Debug)]
pub struct Branch {
    repository: Repository,
    location: PathBuf,
    author: Author,
    bare: Bare,
    head: Mutex<Arc<Head>>,
    queue: Mutex<Queue>,
    /// Why the branch could not be read again before a step that nothing undoes: it is asked once.
    unreachable: Mutex<Option<Arc<Trouble>>>,
}

/// The thread that writes for all. Where it panics, nobody waits for it: each write ends as one that was not made.
struct Serving<'a>(&'a Mutex<Queue>);

impl Drop for Serving<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            let mut queue = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            queue.is_served = false;
            queue.waiting.clear();
        }
    }
}

/// The writes that wait.
#[derive(Debug, Default)]
struct Queue {
    waiting: Vec<Waiting>,
    /// Whether somebody carries them out.
    is_served: bool,
}

/// A write that waits.
#[derive(Debug)]
struct Waiting {
    change: Change,
    expected: Expected,
    answer: Sender<Result<bool, Error>>,
}

/// What becomes of a file.
#[derive(Debug, Clone)]
struct Change {
    /// Its name in the store.
    name: String,
    /// Its bytes; `None`: it goes.
    bytes: Option<Arc<[u8]>>,
}

/// What a change comes to on top of a commit.
enum Judged {
    /// It is made. Whether there was a file.
    Make(bool),
    /// It is there already.
    Done(bool),
    /// Somebody else has changed the file.
    Conflict(Trouble),
}

impl Branch {
    /// Opens it: gets the tip of the branch into a copy below `cache`.
    ///
    /// # Errors
    /// [`Error::Git`]: the repository does not answer, or has no such branch, or the branch no such folder.
    pub fn open(repository: Repository, author: Author, cache: &Path) -> Result<Self, Error> {
        let key = format!("{}\n{}", repository.url(), repository.branch());
        let mut name = sha256_hex(key.as_bytes());
        name.truncate(32);
        let bare = Bare::new(cache.join(name), repository.url());
        let location = PathBuf::from(repository.to_string());
        let head = fetched(&bare, &repository)?;
        let head = Mutex::new(Arc::new(head));
        let (queue, unreachable) = (Mutex::default(), Mutex::default());
        Ok(Self { repository, location, author, bare, head, queue, unreachable })
    }

    fn head(&self) -> Arc<Head> {
        Arc::clone(&self.head.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn set(&self, head: &Arc<Head>) {
        *self.head.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(head);
    }

    /// Gets the tip of the branch as it is now.
    fn renew(&self) -> Result<Arc<Head>, Trouble> {
        let lock =
            self.bare.lock().map_err(|failure| cache(&self.bare, &self.repository, failure))?;
        self.renew_under(&lock)
    }

    /// As [`Branch::renew`]. Heads are set under the lock alone, so that no older one takes the place of a newer one.
    fn renew_under(&self, lock: &Locked<'_>) -> Result<Arc<Head>, Trouble> {
        let head = Arc::new(fetched_under(lock, &self.bare, &self.repository)?);
        self.set(&head);
        Ok(head)
    }

    /// Writes, together with whoever else writes at the same time. Whether there was a file before.
    fn write(&self, change: Change, expected: Expected) -> Result<bool, Error> {
        let (answer, told) = channel();
        let serves = {
            let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
            queue.waiting.push(Waiting { change, expected, answer });
            !std::mem::replace(&mut queue.is_served, true)
        };
        if serves {
            let _serving = Serving(&self.queue);
            thread::sleep(GATHER);
            loop {
                let batch = {
                    let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
                    queue.is_served = !queue.waiting.is_empty();
                    std::mem::take(&mut queue.waiting)
                };
                if batch.is_empty() {
                    break;
                }
                self.flush(batch);
            }
        }
        // Who carries it out always answers, but for a panic.
        let gone = || self.refused(Failure::Said("the thread that wrote has ended".to_owned()));
        told.recv().unwrap_or_else(|_| Err(gone().into()))
    }

    /// Carries out writes in one commit, on top of whatever others have pushed meanwhile.
    fn flush(&self, mut batch: Vec<Waiting>) {
        let mut head = self.head();
        for time in 0..TIMES {
            let (mut after, mut changes, mut answers) = ((*head).clone(), Vec::new(), Vec::new());
            for waiting in batch.drain(..) {
                match self.judge(&after, &waiting) {
                    Judged::Make(was_there) => {
                        after = after.with(&waiting.change);
                        changes.push(waiting.change.clone());
                        answers.push((waiting, was_there));
                    }
                    // By a write of the same commit: it is done when that is.
                    Judged::Done(was_there)
                        if changes.iter().any(|of| of.name == waiting.change.name) =>
                    {
                        answers.push((waiting, was_there));
                    }
                    Judged::Done(was_there) => drop(waiting.answer.send(Ok(was_there))),
                    Judged::Conflict(trouble) => drop(waiting.answer.send(Err(trouble.into()))),
                }
            }
            if answers.is_empty() {
                return;
            }
            match self.push(&head.commit, after, &changes) {
                Ok(()) => {
                    for (waiting, was_there) in answers {
                        drop(waiting.answer.send(Ok(was_there)));
                    }
                    return;
                }
                Err(Pushed::Overtaken(now)) => {
                    // So that those who run into each other do not do so each time.
                    thread::sleep(GATHER.saturating_mul(u32::try_from(time).unwrap_or_default()));
                    head = now;
                    batch.extend(answers.into_iter().map(|(waiting, _)| waiting));
                }
                // It may be one file that the repository does not take: the others go without it.
                Err(Pushed::Failed(Trouble::Refused { .. })) if answers.len() > 1 => {
                    for (waiting, _) in answers {
                        self.flush(vec![waiting]);
                    }
                    return;
                }
                Err(Pushed::Failed(trouble)) => {
                    fail(answers.into_iter().map(|(waiting, _)| waiting), trouble);
                    return;
                }
            }
        }
        fail(batch, Trouble::Overtaken { store: self.repository.to_string(), times: TIMES });
    }

    /// Makes a commit and pushes it; then the head is `after`.
    fn push(&self, parent: &str, mut after: Head, changes: &[Change]) -> Result<(), Pushed> {
        let in_cache = |failure| Pushed::Failed(cache(&self.bare, &self.repository, failure));
        let lock = self.bare.lock().map_err(in_cache)?;
        let stream =
            message::stream(changes, after.is_empty(), &self.author, &self.repository, parent);
        let commit = match lock.import(&stream) {
            Ok(commit) => commit,
            // The copy is broken, or another process has made it anew.
            Err(Failure::Said(_) | Failure::Stopped(_)) => {
                lock.forget().map_err(in_cache)?;
                let now = self.renew_under(&lock).map_err(Pushed::Failed)?;
                if now.commit != parent {
                    return Err(Pushed::Overtaken(now));
                }
                lock.import(&stream).map_err(in_cache)?
            }
            Err(failure) => return Err(in_cache(failure)),
        };
        let Err(push) = lock.push(&commit, parent, self.repository.branch()) else {
            after.commit = commit;
            self.set(&Arc::new(after));
            return Ok(());
        };
        // What a refusal says is prose, and an answer that got lost says nothing: the branch itself tells.
        let store = || self.repository.to_string();
        match self.renew_under(&lock) {
            Ok(now) if now.commit == commit => Ok(()),
            Ok(now) if now.commit != parent => Err(Pushed::Overtaken(now)),
            // It ended before the repository had answered, which may go on with it.
            Ok(_) if !matches!(push, Failure::Said(_)) => {
                Err(Pushed::Failed(Trouble::Unsure { store: store(), push, failure: None }))
            }
            Ok(_) => Err(Pushed::Failed(self.refused(push))),
            Err(Trouble::Unreachable { store, failure }) => {
                Err(Pushed::Failed(Trouble::Unsure { store, push, failure: Some(failure) }))
            }
            Err(trouble) => Err(Pushed::Failed(trouble)),
        }
    }

    fn judge(&self, head: &Head, waiting: &Waiting) -> Judged {
        let Waiting { change, expected, .. } = waiting;
        let there = head.file(&change.name);
        let sha256 = match there {
            Some(File::Text(_, sha256)) => Some(sha256),
            _ => None,
        };
        let wanted = change.bytes.as_ref().map(|bytes| sha256_hex(bytes));
        match (there, expected) {
            (Some(_), _) if wanted.is_some() && wanted.as_ref() == sha256 => Judged::Done(true),
            (None, _) if wanted.is_none() => Judged::Done(false),
            (None, Expected::Nothing) => Judged::Make(false),
            (Some(_), Expected::Sha256(seen)) if Some(seen) == sha256 => Judged::Make(true),
            _ => Judged::Conflict(self.conflict(change, there)),
        }
    }

    fn conflict(&self, change: &Change, there: Option<&File>) -> Trouble {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let ours = change.bytes.as_ref().map(|bytes| text(bytes));
        let theirs = match there {
            Some(File::Text(bytes, _)) => Some(text(bytes)),
            _ => None,
        };
        Trouble::Conflict {
            path: self.repository.locate(&change.name),
            ours: only(ours.as_deref(), theirs.as_deref()),
            theirs: only(theirs.as_deref(), ours.as_deref()),
        }
    }

    fn refused(&self, failure: Failure) -> Trouble {
        Trouble::Refused { store: self.repository.to_string(), failure }
    }
}

/// Why a push changed nothing.
enum Pushed {
    /// The branch is elsewhere by now.
    Overtaken(Arc<Head>),
    /// It failed, or may have.
    Failed(Trouble),
}

/// The lines that only the first text has; none where there is no such text.
fn only(of: Option<&str>, other: Option<&str>) -> Vec<String> {
    let other: Vec<&str> = other.unwrap_or_default().lines().collect();
    let lines = of.unwrap_or_default().lines();
    let is_about = |line: &&str| !line.starts_with("seal: ") && !line.starts_with('#');
    let mut found: Vec<String> =
        lines.filter(|line| !other.contains(line)).filter(is_about).map(str::to_owned).collect();
    let more = found.len().saturating_sub(SHOWN);
    found.truncate(SHOWN);
    if more > 0 {
        found.push(format!("and {more} more lines"));
    }
    found
}

/// Tells each of them.
fn fail(waiting: impl IntoIterator<Item = Waiting>, trouble: Trouble) {
    let trouble = Arc::new(trouble);
    for Waiting { answer, .. } in waiting {
        drop(answer.send(Err(Error::Git(Arc::clone(&trouble)))));
    }
}

fn cache(bare: &Bare, repository: &Repository, failure: Failure) -> Trouble {
    Trouble::Cache { store: repository.to_string(), cache: bare.path().to_owned(), failure }
}

fn fetched(bare: &Bare, repository: &Repository) -> Result<Head, Trouble> {
    let lock = bare.lock().map_err(|failure| cache(bare, repository, failure))?;
    fetched_under(&lock, bare, repository)
}

fn fetched_under(lock: &Locked<'_>, bare: &Bare, repository: &Repository) -> Result<Head, Trouble> {
    let in_cache = |failure| cache(bare, repository, failure);
    let head = match read(lock, bare, repository)? {
        Ok(head) => head,
        // The copy is broken in what was fetched: once more from nothing.
        Err(Failure::Said(_) | Failure::Stopped(_)) => {
            lock.forget().map_err(in_cache)?;
            read(lock, bare, repository)?.map_err(in_cache)?
        }
        Err(failure) => return Err(in_cache(failure)),
    };
    let folder = || repository.folder().to_owned();
    head.ok_or_else(|| Trouble::NoFolder { store: repository.to_string(), folder: folder() })
}

/// Gets the tip of the branch, and what the store has in it; the inner error is the copy's.
fn read(
    lock: &Locked<'_>,
    bare: &Bare,
    repository: &Repository,
) -> Result<Result<Option<Head>, Failure>, Trouble> {
    let store = || repository.to_string();
    let branch = || repository.branch().to_owned();
    let commit = match lock.fetch(repository.branch()) {
        Ok(Fetched::At(commit)) => commit,
        Ok(Fetched::NoBranch) => {
            return Err(Trouble::NoBranch { store: store(), branch: branch() });
        }
        Err(failure) => return Err(Trouble::Unreachable { store: store(), failure }),
    };
    Ok(Head::read(bare, repository, &commit, &FOLDERS))
}

impl Backend for Branch {
    fn location(&self) -> &Path {
        &self.location
    }

    fn locate(&self, name: &str) -> PathBuf {
        self.repository.locate(name)
    }

    fn only(&self) -> PathBuf {
        self.location.clone()
    }

    /// It was there when it was opened.
    fn check(&self) -> Result<(), Error> {
        Ok(())
    }

    fn list(&self, folder: &str) -> Result<Vec<Entry>, Error> {
        let head = self.head();
        let Some(inside) = head.folder(folder) else { return Ok(Vec::new()) };
        if let Some(thing) = inside.thing {
            let path = self.locate(folder);
            return Err(match thing {
                Thing::Special => Error::Foreign { path },
                thing => Error::Thing { path, thing },
            });
        }
        let entry = |(name, file): (&String, &File)| Entry {
            name: name.into(),
            thing: match file {
                File::Thing(thing) => Some(*thing),
                File::Text(..) | File::Long => None,
            },
        };
        Ok(inside.files().filter(|(name, _)| !name.starts_with('.')).map(entry).collect())
    }

    fn strays(&self) -> Result<Vec<String>, Error> {
        Ok(self.head().strays.to_vec())
    }

    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        let folder = name.split_once('/').map_or("", |(folder, _)| folder);
        let head = self.head();
        if head.folder(folder).is_some_and(|folder| folder.thing.is_some()) {
            return self.list(folder).map(|_| None);
        }
        match head.file(name) {
            None => Ok(None),
            Some(File::Text(bytes, _)) => Ok(Some(bytes.to_vec())),
            Some(File::Long) => Err(Error::Long { path: self.locate(name), most: LONGEST }),
            Some(File::Thing(thing)) => {
                Err(Error::Thing { path: self.locate(name), thing: *thing })
            }
        }
    }

    fn put(&self, name: &str, bytes: &[u8], expected: &Expected) -> Result<(), Error> {
        let change = Change { name: name.to_owned(), bytes: Some(bytes.into()) };
        self.write(change, expected.clone()).map(drop)
    }

    fn remove(&self, name: &str, expected: &Expected) -> Result<bool, Error> {
        self.write(Change { name: name.to_owned(), bytes: None }, expected.clone())
    }

    fn version(&self, folders: &[&str]) -> Result<String, Error> {
        let head = self.head();
        let versions: BTreeMap<&str, &str> = folders
            .iter()
            .map(|name| (*name, head.folder(name).map_or("", |folder| folder.version.as_str())))
            .collect();
        Ok(format!("{versions:?}"))
    }

    /// The branch is what everybody reads: it is read again, until the repository once did not answer.
    fn is_current(&self, _: Freshness, _: Upstream<'_>, _: &Touched) -> Result<(), Doubt> {
        // Held while asking, so that who asks at the same time does not wait for the same once more.
        let mut unreachable = self.unreachable.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(trouble) = &*unreachable {
            return Err(Doubt::Store(Arc::clone(trouble)));
        }
        match self.renew() {
            Ok(_) => Ok(()),
            Err(trouble) => {
                let trouble = Arc::new(trouble);
                if matches!(*trouble, Trouble::Unreachable { .. }) {
                    *unreachable = Some(Arc::clone(&trouble));
                }
                Err(Doubt::Store(trouble))
            }
        }
    }
}
