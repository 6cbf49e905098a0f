//! The process of a vendor: how it is started, and what a person reads where it is not.

use std::error::Error;
use std::iter::successors;
use std::sync::Arc;

use fleet_vending::wire::{Channel, Connect, Generation};
use fleet_vending::{NotStarted, Refusal};
use futures::future::BoxFuture;
use goplugin::host::{HandshakeError, Launch, Restarts, StartError, Supervisor, Unavailable};
use tfplugin::Secrets;

/// What a vendor may write into an error, in characters.
const LAST_WORDS: usize = 1_000;

/// One process of a vendor, started by the first call that needs it.
pub(super) struct Process {
    vendor: String,
    supervisor: Supervisor,
    secrets: Arc<Secrets>,
}

impl Process {
    /// Starts nothing.
    pub(super) fn new(vendor: &str, launch: Launch, secrets: Arc<Secrets>) -> Self {
        let supervisor = Supervisor::new(launch, Restarts::default());
        Self { vendor: vendor.to_owned(), supervisor, secrets }
    }
}

impl Connect for Process {
    fn channel(&self) -> BoxFuture<'_, Result<(Channel, Generation), Refusal>> {
        Box::pin(async {
            match self.supervisor.instance().await {
                Ok(instance) => Ok((instance.channel, instance.generation)),
                Err(unavailable) => Err(Refusal::NotStarted(Box::new(NotStarted {
                    vendor: self.vendor.clone(),
                    what: what(&unavailable, &self.secrets),
                    todo: todo(&unavailable).to_owned(),
                }))),
            }
        })
    }
}

/// The whole chain of causes, and what the program wrote last.
fn what(unavailable: &Unavailable, secrets: &Secrets) -> String {
    let causes = successors(unavailable.source(), |cause: &&dyn Error| (*cause).source());
    let mut said = causes.fold(unavailable.to_string(), |said, cause| format!("{said}: {cause}"));
    if let Some(StartError::Handshake { problem, .. }) = cause(unavailable)
        && let HandshakeError::Noise { line } | HandshakeError::Malformed { line, .. } = problem
    {
        said = format!("{said}. The line: {}", quoted(&secrets.masked(line)));
    }
    let stderr = cause(unavailable).map(last_words).unwrap_or_default();
    match stderr.join("\n") {
        none if none.is_empty() => said,
        lines => format!("{said}. It wrote last: {}", quoted(&secrets.masked(&lines))),
    }
}

/// Without control characters, and bounded.
fn quoted(text: &str) -> String {
    let end = text.char_indices().rev().nth(LAST_WORDS).map_or(0, |(at, _)| at);
    format!("{:?}", &text[end..])
}

fn cause(unavailable: &Unavailable) -> Option<&StartError> {
    match unavailable {
        Unavailable::Start(error) => Some(error),
        Unavailable::TooManyStarts { last, .. } => last.as_deref(),
        _ => None,
    }
}

fn last_words(error: &StartError) -> &[String] {
    match error {
        StartError::Exited { stderr, .. }
        | StartError::TimedOut { stderr, .. }
        | StartError::Handshake { stderr, .. }
        | StartError::Connect { stderr, .. } => stderr,
        _ => &[],
    }
}

fn todo(unavailable: &Unavailable) -> &'static str {
    let Some(error) = cause(unavailable) else {
        return match unavailable {
            Unavailable::Stopped => "Run the same command again.",
            _ => {
                "The program ends while it works. Its log lines are shown with `TF_LOG_PROVIDER=debug`."
            }
        };
    };
    match error {
        StartError::NotAbsolute { .. } => {
            "Write `command` and the files of `sha256` as absolute paths."
        }
        StartError::Outside { .. } => {
            "The program lies elsewhere than it seems: a link leads out of the provider's directory. Install it there, or write its absolute path and its checksum."
        }
        StartError::Unreadable { .. } | StartError::NotRegular { .. } => {
            "Install the program at this path, or correct `command` and `sha256` of the `vendor` block."
        }
        StartError::WrongSum { .. } => {
            "If you meant to change the program, review it and write its new checksum into `sha256`. If not, find out who changed it before anything is started."
        }
        StartError::Changed { .. } => {
            "Somebody wrote to the program while it was started. Find out who, before you run the command again."
        }
        StartError::NoPlace(_) => {
            "Set `TMPDIR` to a directory with a short path, on a file system with room for files, that only you can write to."
        }
        StartError::Spawn { .. } => {
            "Make the file executable for your user, and look whether it is made for this system. A temporary directory that is mounted `noexec` cannot hold the copy of a checked script: set `TMPDIR` to another one."
        }
        StartError::Handshake {
            problem: HandshakeError::AppVersion { .. } | HandshakeError::CoreVersion { .. },
            ..
        } => {
            "Use a version of the vendor that speaks the protocol of this provider, or the other way round."
        }
        StartError::Handshake { .. } => {
            "The program has to print its handshake as the first line on stdout, and nothing before it. Look whether it is a vendor at all; libraries that print to stdout have to be told to be silent."
        }
        StartError::TimedOut { .. } => {
            "Give it more time with `start_timeout` of its block. If it hangs, its log lines are shown with `TF_LOG_PROVIDER=debug`."
        }
        _ => {
            "What the program wrote may say why. Its log lines are shown with `TF_LOG_PROVIDER=debug`."
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_a_vendor_wrote_last_is_told_without_secrets_and_control_characters() {
        let mut secrets = Secrets::default();
        secrets.add("hunter22");
        let ended = |stderr: &str| {
            let stderr = vec![stderr.to_owned()];
            let error = StartError::TimedOut { after: Duration::from_secs(1), stderr };
            what(&Unavailable::Start(Arc::new(error)), &secrets)
        };
        let told = ended("no \u{1b}[31mtenant, token hunter22");
        assert!(told.contains("did not start within 1 s"), "{told}");
        assert!(told.contains("tenant, token ***"), "{told}");
        assert!(!told.contains("hunter22") && !told.contains('\u{1b}'), "{told}");
        assert!(ended(&"x".repeat(5_000)).len() < 1_500);
    }
}
