//! The two folders of files. Each file has one writer: `requests/` is ours, `fulfilments/` is not, and is read only.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::fulfilment::{Fulfilment, Refused};
use crate::request::{Request, Unreadable};

/// Bytes of a request.
const REQUEST: u64 = 1 << 20;

/// Bytes of a fulfilment.
const FULFILMENT: u64 = 64 << 10;

/// Files in a folder.
const FILES: usize = 10_000;

/// The directory of the settings.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    directory: PathBuf,
}

/// Why a file of ours could not be read or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The operating system.
    #[error("{name}: {error}")]
    Io {
        /// The file, below the directory.
        name: String,
        /// What it said.
        error: io::Error,
    },
    /// No request, in a place of ours.
    #[error("{name}: {error}")]
    Request {
        /// The file, below the directory.
        name: String,
        /// What is wrong with it.
        error: Unreadable,
    },
    /// More files than a fleet has.
    #[error("{0} has more than {FILES} files")]
    Crowded(String),
}

/// What stands in `fulfilments/`.
#[derive(Debug)]
pub(crate) enum Answer {
    /// Nothing.
    None,
    /// A fulfilment that can be read.
    Is(Box<Fulfilment>),
    /// A file that is none.
    Refused(Refused),
}

/// While it lives, no other call works on the key.
pub(crate) struct Lock {
    _file: File,
}

/// Whether this can be the name of a file, and the key of an account.
pub(crate) fn is_key(key: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&key.len()) && key.bytes().all(allowed)
}

impl Store {
    pub(crate) fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// The file of a request, as people are told it.
    pub(crate) fn request_name(key: &str) -> String {
        format!("requests/{key}.yaml")
    }

    /// The file of an answer, as people are told it.
    pub(crate) fn fulfilment_name(key: &str) -> String {
        format!("fulfilments/{key}.yaml")
    }

    /// The request of a key, which [`is_key`].
    pub(crate) fn request(&self, key: &str) -> Result<Option<Request>, Error> {
        let name = Self::request_name(key);
        match self.read(&name, REQUEST) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::Io { name, error }),
            Ok(text) => {
                Request::from_text(&text).map(Some).map_err(|error| Error::Request { name, error })
            }
        }
    }

    /// All requests, in the order of their keys.
    pub(crate) fn requests(&self) -> Result<Vec<Request>, Error> {
        let keys = self.keys("requests")?;
        keys.iter().filter_map(|key| self.request(key).transpose()).collect()
    }

    /// Writes the request of its key, for good, unless it stands there already.
    pub(crate) fn write(&self, request: &Request) -> Result<(), Error> {
        let name = Self::request_name(&request.key);
        let text =
            request.to_text().map_err(|error| Error::Request { name: name.clone(), error })?;
        if self.read(&name, REQUEST).is_ok_and(|old| old == text) {
            return Ok(());
        }
        let write = || {
            let path = self.directory.join(&name);
            let folder = path.parent().unwrap_or(&self.directory);
            self.folder(folder)?;
            let mut file =
                tempfile::Builder::new().prefix(".fleet-").suffix(".tmp").tempfile_in(folder)?;
            file.write_all(text.as_bytes())?;
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt as _;
                file.as_file().set_permissions(fs::Permissions::from_mode(0o644))?;
            }
            file.as_file().sync_all()?;
            file.persist(&path)?;
            keep(folder)
        };
        write().map_err(|error| Error::Io { name, error })
    }

    /// Removes the request of a key, for good.
    pub(crate) fn withdraw(&self, key: &str) -> Result<(), Error> {
        let name = Self::request_name(key);
        let path = self.directory.join(&name);
        let removed = fs::remove_file(&path).and_then(|()| path.parent().map_or(Ok(()), keep));
        match removed {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::Io { name, error }),
            _ => Ok(()),
        }
    }

    /// What was answered to a key, which [`is_key`].
    pub(crate) fn answer(&self, key: &str) -> Result<Answer, Error> {
        let name = Self::fulfilment_name(key);
        match self.read(&name, FULFILMENT) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Answer::None),
            Err(error) if error.kind() == ErrorKind::InvalidData => {
                Ok(Answer::Refused(Refused::Form(error.to_string())))
            }
            Err(error) => Err(Error::Io { name, error }),
            Ok(text) => Ok(match Fulfilment::from_text(&text) {
                Ok(fulfilment) => Answer::Is(Box::new(fulfilment)),
                Err(refused) => Answer::Refused(refused),
            }),
        }
    }

    /// The keys whose answer names this id.
    pub(crate) fn keys_of(&self, native_id: &str) -> Result<Vec<String>, Error> {
        let mut keys = self.keys("fulfilments")?;
        let mut failed = None;
        keys.retain(|key| match self.answer(key) {
            Ok(Answer::Is(answer)) => answer.native_id == native_id,
            Ok(_) => false,
            Err(error) => {
                failed.get_or_insert(error);
                false
            }
        });
        failed.map_or(Ok(keys), Err)
    }

    /// Keeps every other call away from a key, of this process and of others; `None` where one is at work.
    pub(crate) fn lock(&self, key: &str) -> Result<Option<Lock>, Error> {
        let name = format!("requests/.fleet-{key}.lock");
        let open = || {
            let path = self.directory.join(&name);
            self.folder(path.parent().unwrap_or(&self.directory))?;
            let mut options = OpenOptions::new();
            options.create(true).truncate(false).write(true);
            no_links(&mut options);
            options.open(path)
        };
        let file = open().map_err(|error| Error::Io { name, error })?;
        Ok(file.try_lock().is_ok().then_some(Lock { _file: file }))
    }

    /// Makes a folder, for good, and the directory itself.
    fn folder(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(&self.directory)?;
        match fs::create_dir(folder) {
            Ok(()) => keep(&self.directory),
            Err(error) if error.kind() == ErrorKind::AlreadyExists && is_folder(folder)? => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// A regular file of at most `limit` bytes of UTF-8, in a folder that is no link.
    fn read(&self, name: &str, limit: u64) -> io::Result<String> {
        let path = self.directory.join(name);
        if !path.parent().map_or(Ok(true), is_folder)? {
            return Err(io::Error::new(
                ErrorKind::InvalidData,
                "its folder is no folder, or a link",
            ));
        }
        if !fs::symlink_metadata(&path)?.file_type().is_file() {
            return Err(io::Error::new(ErrorKind::InvalidData, "it is no regular file"));
        }
        let mut options = OpenOptions::new();
        options.read(true);
        no_links(&mut options);
        let file = options.open(path)?;
        let mut text = String::new();
        if file.metadata()?.len() > limit
            || file.take(limit + 1).read_to_string(&mut text)? as u64 > limit
        {
            return Err(io::Error::new(
                ErrorKind::InvalidData,
                format!("it has more than {limit} bytes"),
            ));
        }
        Ok(text)
    }

    /// The keys of the files in a folder. Names that are no key's are nobody's.
    fn keys(&self, folder: &str) -> Result<Vec<String>, Error> {
        let failed = |error| Error::Io { name: folder.to_owned(), error };
        let mut keys = Vec::new();
        let path = self.directory.join(folder);
        match is_folder(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(keys),
            Ok(true) => {}
            other => {
                let error =
                    other.err().unwrap_or_else(|| io::Error::other("it is no folder, or a link"));
                return Err(failed(error));
            }
        }
        for entry in fs::read_dir(path).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name();
            let key =
                name.to_str().and_then(|name| name.strip_suffix(".yaml")).filter(|key| is_key(key));
            keys.extend(key.map(str::to_owned));
            if keys.len() > FILES {
                return Err(Error::Crowded(folder.to_owned()));
            }
        }
        keys.sort();
        Ok(keys)
    }
}

fn is_folder(path: &Path) -> io::Result<bool> {
    Ok(fs::symlink_metadata(path)?.file_type().is_dir())
}

/// Opening a link fails, also one that has come since it was looked at.
fn no_links(options: &mut OpenOptions) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        // Not on a pipe either, which would wait for a writer.
        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        options.custom_flags(flags.bits().cast_signed());
    }
    #[cfg(not(unix))]
    let _ = options;
}

/// Makes the entries of a folder durable.
fn keep(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests;
