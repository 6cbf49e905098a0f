//! Why a plugin did not start.

use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

use super::handshake::HandshakeError;
use super::sha256::Sha256;
use crate::directory::{NoPlace, Unfit};

/// Why a plugin did not start. Nothing of it is left running.
///
/// What a plugin wrote (`stderr`: its last lines, each cut at 512 bytes) is as it wrote it: who shows it takes out secrets
/// and control characters.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The command or a file is named by a path that depends on where the host stands.
    #[error("{} is no absolute path", path.display())]
    NotAbsolute {
        /// The path.
        path: PathBuf,
    },
    /// The command leads out of the directory in which it has to be ([`Launch::within`](super::Launch::within)).
    #[error("{} leads out of {}", command.display(), directory.display())]
    Outside {
        /// The command, without its links.
        command: PathBuf,
        /// The directory, without its links.
        directory: PathBuf,
    },
    /// A file is not there or cannot be read.
    #[error("{} cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is a directory, a pipe or a device.
    #[error("{} is no regular file", path.display())]
    NotRegular {
        /// The file.
        path: PathBuf,
    },
    /// A file is another one than expected.
    #[error("{} has the SHA-256 {found}, not {expected}", path.display())]
    WrongSum {
        /// The file.
        path: PathBuf,
        /// What was asked for.
        expected: Sha256,
        /// What it has.
        found: Sha256,
    },
    /// The program was written to while it was checked and started.
    #[error("{} changed while it was started", path.display())]
    Changed {
        /// The program.
        path: PathBuf,
    },
    /// There is no directory for the socket and for copies of checked files.
    #[error(transparent)]
    NoPlace(#[from] NoPlace),
    /// The host's certificate could not be made.
    #[error("no certificate could be made")]
    Certificate(#[source] rcgen::Error),
    /// The host's certificate, or the plugin's, is none that TLS can use.
    #[error("TLS could not be set up")]
    Tls(#[source] rustls::Error),
    /// The host has no threads for it.
    #[error("no thread could be started")]
    Threads(#[source] io::Error),
    /// The system does not start it: no program, not executable, another architecture.
    #[error("{} cannot be started", command.display())]
    Spawn {
        /// The command.
        command: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It ended before it said where it listens.
    #[error("the plugin ended before its handshake ({status})")]
    Exited {
        /// How it ended.
        status: ExitStatus,
        /// What it wrote last.
        stderr: Vec<String>,
    },
    /// It did not say in time where it listens, or took no connection there. It was killed.
    #[error("the plugin did not start within {} s", after.as_secs_f64())]
    TimedOut {
        /// [`Launch::start_timeout`](super::Launch::start_timeout).
        after: Duration,
        /// What it wrote last.
        stderr: Vec<String>,
    },
    /// The first line that it printed is not the handshake of such a plugin. It was killed.
    #[error("the plugin's first line on stdout is not the handshake that was expected")]
    Handshake {
        /// What is wrong with it.
        #[source]
        problem: HandshakeError,
        /// What it wrote last.
        stderr: Vec<String>,
    },
    /// Nobody listens where it said, or somebody else does. It was killed.
    #[error("no connection to the plugin")]
    Connect {
        /// Why.
        #[source]
        source: tonic::transport::Error,
        /// What it wrote last.
        stderr: Vec<String>,
    },
}

impl StartError {
    /// Whether the next start fails alike, unless a person changes something: the files, the paths, the versions.
    #[must_use]
    pub fn is_lasting(&self) -> bool {
        match self {
            Self::NotAbsolute { .. }
            | Self::Outside { .. }
            | Self::NotRegular { .. }
            | Self::WrongSum { .. } => true,
            Self::Unreadable { source, .. } | Self::Spawn { source, .. } => !is_shortage(source),
            // A full disk has room again when somebody else is done.
            Self::NoPlace(NoPlace { tried }) => {
                tried.iter().all(|(_, unfit)| !matches!(unfit, Unfit::Io(_)))
            }
            Self::Handshake { problem, .. } => problem.is_lasting(),
            Self::Changed { .. }
            | Self::Certificate(_)
            | Self::Tls(_)
            | Self::Threads(_)
            | Self::Exited { .. }
            | Self::TimedOut { .. }
            | Self::Connect { .. } => false,
        }
    }
}

/// Whether an error comes of what the system is short of just now: processes, memory, a program that is being replaced.
fn is_shortage(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock
            | io::ErrorKind::OutOfMemory
            | io::ErrorKind::ExecutableFileBusy
            | io::ErrorKind::Interrupted
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_by_itself_is_tried_again() {
        let spawn =
            |kind: io::ErrorKind| StartError::Spawn { command: "/a".into(), source: kind.into() };
        let place = |unfit| StartError::NoPlace(NoPlace { tried: vec![("/tmp".into(), unfit)] });
        let said = |problem| StartError::Handshake { problem, stderr: Vec::new() };
        for (error, lasts) in [
            (spawn(io::ErrorKind::NotFound), true),
            (spawn(io::ErrorKind::PermissionDenied), true),
            (spawn(io::ErrorKind::WouldBlock), false),
            (place(Unfit::NoExec), true),
            (place(Unfit::TooLong { length: 200 }), true),
            (place(Unfit::Io(io::ErrorKind::StorageFull.into())), false),
            (said(HandshakeError::NoCertificate), true),
            (said(HandshakeError::AppVersion { found: "2".to_owned(), expected: 1 }), true),
            (said(HandshakeError::Noise { line: String::new() }), false),
            (StartError::TimedOut { after: Duration::ZERO, stderr: Vec::new() }, false),
            (StartError::NotAbsolute { path: "a".into() }, true),
        ] {
            assert_eq!(error.is_lasting(), lasts, "{error:?}");
        }
    }
}
