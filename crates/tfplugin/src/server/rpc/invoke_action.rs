//! `InvokeAction`.

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{Kind, Of, Streaming};
use crate::action::Progress;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::erased::Registered;
use crate::server::generated::tfplugin6 as wire;
use crate::server::generated::tfplugin6::invoke_action::{Event, Request, event};

/// Does an action, and tells of its progress.
impl Streaming for Request {
    type Event = Event;
    const NAME: &'static str = "InvokeAction";

    fn of(&self) -> Of<'_> {
        Of::Action(&self.action_type)
    }

    async fn run(
        &self,
        provider: &Registered,
        cancelled: CancellationToken,
        events: &mpsc::UnboundedSender<Event>,
    ) -> Result<Diagnostics, Diagnostic> {
        let name = &self.action_type;
        let kind = Kind::action(provider, name)?;
        let config = kind.decode(self.config.as_ref(), "configuration")?;
        let events = events.clone();
        // Nobody listens any more once the CLI has hung up.
        let progress = Progress::new(move |message| {
            let progress = event::Type::Progress(event::Progress { message });
            let _ = events.send(Event { r#type: Some(progress) });
        });
        Ok(provider.invoke_action(name, config, cancelled, progress).await)
    }

    fn last(diagnostics: &[wire::Diagnostic]) -> Option<Event> {
        let diagnostics = diagnostics.to_vec();
        Some(Event { r#type: Some(event::Type::Completed(event::Completed { diagnostics })) })
    }

    fn aftermath(&self) -> &'static str {
        "What the action did until then stays done."
    }
}
