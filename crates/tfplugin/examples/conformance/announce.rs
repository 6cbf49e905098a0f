//! An action: says something, and may write it to a file.

use std::fs::OpenOptions;
use std::io::Write as _;

use tfplugin::{Action, ActionPlan, Attr, Context, Diagnostic, Diagnostics, Progress};

/// Says something to whoever waits.
#[derive(Debug, Clone, tfplugin::Object)]
pub(crate) struct Announcement {
    /// What to say.
    #[attribute(required, validate(length(1..=80)))]
    message: Attr<String>,
    /// How often; once, if not set.
    #[attribute(optional, validate(range(1..=10)))]
    times: Attr<i64>,
    /// A file that gets the message as a line each time.
    #[attribute(optional)]
    file: Attr<String>,
    /// Whether it fails: `plan`, or `invoke` once all is said.
    #[attribute(optional, validate(one_of(&["plan", "invoke"])))]
    fails: Attr<String>,
    /// Whether it waits, once all is said, until it is interrupted.
    #[attribute(optional)]
    waits: Attr<bool>,
}

pub(crate) struct Announce;

impl Action for Announce {
    type Config = Announcement;
    const TYPE: &'static str = "conformance_announce";

    async fn plan(&self, _: &Context, config: Announcement) -> ActionPlan {
        if config.fails.as_str() == Some("plan") {
            let error = Diagnostic::error("Not to be announced", "Nobody may hear of it.");
            return error.at("message").into();
        }
        ActionPlan::default()
    }

    async fn invoke(&self, cx: &Context, config: Announcement, progress: Progress) -> Diagnostics {
        let message = config.message.as_str().unwrap_or_default();
        for time in 1..=config.times.known().copied().unwrap_or(1) {
            progress.report(format!("{time}: {message}"));
            if let Some(path) = config.file.as_str()
                && let Err(error) = write(path, message)
            {
                return Diagnostic::error("Not written", format!("`{path}`: {error}."))
                    .at("file")
                    .into();
            }
        }
        if config.waits.known() == Some(&true) {
            cx.cancelled.cancelled().await;
            return Diagnostic::error("Interrupted", "The announcement was interrupted.").into();
        }
        if config.fails.as_str() == Some("invoke") {
            let detail = format!("Nobody listened to `{message}`.");
            return Diagnostic::error("Not heard", detail).at("message").into();
        }
        Diagnostics::new()
    }
}

/// Adds a line to a file.
fn write(path: &str, message: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    file.write_all(format!("{message}\n").as_bytes())
}
