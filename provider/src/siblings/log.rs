//! The log of a run: lines that several processes write at the end of one file, and that each reads in the same order.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Write};
use std::path::Path;

use super::process;

/// How often the file is made anew when somebody removes it in that moment.
const TRIES: u32 = 10;

/// The log of one run.
#[derive(Debug)]
pub(super) struct Log {
    /// Holds a shared lock, so that the file stays for as long as a process of the run lives.
    end: File,
    from: File,
    /// What was read and is no whole line yet.
    rest: Vec<u8>,
}

// === impl Log ===

impl Log {
    /// Opens the log of `run`, and removes those of runs of which no process lives.
    pub(super) fn open(directory: &Path, run: &str) -> io::Result<Self> {
        sweep(directory, run);
        let path = directory.join(run);
        for _ in 0..TRIES {
            let end = File::options().append(true).create(true).open(&path)?;
            end.try_lock_shared().or_else(|error| match error {
                // Somebody is about to remove it.
                TryLockError::WouldBlock => Ok(()),
                TryLockError::Error(error) => Err(error),
            })?;
            let from = File::open(&path);
            // Who opened it before it was removed would be alone with it.
            if let Ok(from) = from
                && is_same(&end, &from)?
            {
                return Ok(Self { end, from, rest: Vec::new() });
            }
        }
        Err(io::ErrorKind::ResourceBusy.into())
    }

    /// Writes whole lines in one go: what another process writes meanwhile comes before or after them.
    pub(super) fn append(&mut self, lines: &str) -> io::Result<()> {
        self.end.write_all(lines.as_bytes())
    }

    /// The lines that came since the last time. What cannot be read is not known.
    pub(super) fn read(&mut self) -> Vec<Vec<u8>> {
        let mut read = Vec::new();
        let _ = self.from.read_to_end(&mut read);
        self.rest.extend(read);
        let Some(end) = self.rest.iter().rposition(|byte| *byte == b'\n') else {
            return Vec::new();
        };
        let whole: Vec<u8> = self.rest.drain(..=end).collect();
        whole.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
    }
}

/// Removes the logs of other runs that are over. Between the processes of a plan and those of its apply nobody has the log
/// open, so it is asked for the CLI, too.
fn sweep(directory: &Path, run: &str) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let is_over = name.to_str().is_none_or(|name| name != run && !process::lives(name));
        if is_over
            && let Ok(file) = File::open(entry.path())
            && file.try_lock().is_ok()
        {
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(unix)]
fn is_same(one: &File, other: &File) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let (one, other) = (one.metadata()?, other.metadata()?);
    Ok(one.ino() == other.ino() && one.dev() == other.dev())
}

#[cfg(not(unix))]
fn is_same(_one: &File, _other: &File) -> io::Result<bool> {
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(place: &Path) -> Vec<String> {
        let names = fs::read_dir(place).unwrap().map(|of| of.unwrap().file_name());
        let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn lines_are_read_whole_and_in_one_order() {
        let place = tempfile::tempdir().unwrap();
        let mut one = Log::open(place.path(), "7").unwrap();
        let mut two = Log::open(place.path(), "7").unwrap();
        one.append("a\n").unwrap();
        two.append("b\nc").unwrap();
        let text = |lines: Vec<Vec<u8>>| lines.concat();
        assert_eq!(text(one.read()), b"ab");
        one.append("d\n").unwrap();
        assert_eq!((text(one.read()), text(two.read())), (b"cd".to_vec(), b"abcd".to_vec()));
        assert_eq!(text(one.read()), b"");
    }

    /// However its processes ended, the log of a run that is over goes with the next one.
    #[test]
    fn a_log_goes_when_the_run_is_over() {
        let place = tempfile::tempdir().unwrap();
        // No process has this number.
        let over = format!("{}-1", u32::MAX >> 1);
        drop(Log::open(place.path(), &over).unwrap());
        assert_eq!(names(place.path()), [over.as_str()], "its apply may come");
        let living = Log::open(place.path(), "ours").unwrap();
        assert_eq!(names(place.path()), ["ours"]);
        drop(Log::open(place.path(), "other").unwrap());
        assert_eq!(names(place.path()), ["other", "ours"], "somebody has it open");
        drop(living);
    }
}
