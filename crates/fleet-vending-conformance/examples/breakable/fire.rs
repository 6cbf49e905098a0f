//! What goes on in this vendor, point by point, in a file that its processes share; and a process that dies at one of them.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;

/// Which process dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Victim {
    /// This one.
    Vendor,
    /// The one that started it. What this one was doing stays as it is.
    Host,
}

/// The file, and at which of its lines who dies.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fire(Option<Arc<Points>>);

#[derive(Debug)]
struct Points {
    file: PathBuf,
    victim: Option<Victim>,
    /// Numbers of lines, the first of which is 1.
    at: Vec<usize>,
}

impl Fire {
    pub(crate) fn new(file: Option<PathBuf>, victim: Option<Victim>, at: Vec<usize>) -> Self {
        Self(file.map(|file| Arc::new(Points { file, victim, at })))
    }

    /// Something happens here: it is written down, and perhaps it is the last thing that does.
    pub(crate) fn point(&self, what: &str) {
        let Some(points) = &self.0 else { return };
        let (own, host) = (std::process::id(), std::os::unix::process::parent_id());
        let number = add(&points.file, &format!("{host} {own} {what}\n"));
        let Some(victim) = points.victim.filter(|_| points.at.contains(&number)) else { return };
        let dies = match victim {
            Victim::Vendor => own,
            Victim::Host => host,
        };
        // By a signal that nobody handles.
        let _ = Command::new("kill").args(["-9", &dies.to_string()]).status();
        // Nothing more is done here: the end of the host is the end of this process, too.
        while std::os::unix::process::parent_id() == host {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::process::exit(1);
    }
}

/// Adds a line, while no other process does; gives its number.
fn add(file: &Path, line: &str) -> usize {
    let added = File::options().append(true).create(true).open(file).and_then(|mut open| {
        open.lock()?;
        open.write_all(line.as_bytes())?;
        let number = std::fs::read_to_string(file)?.lines().count();
        open.unlock()?;
        Ok(number)
    });
    added.unwrap_or_default()
}
