//! `ListResource`.

use std::pin::pin;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::codegen::BoxStream;
use tracing::{Instrument as _, Span};

use super::{Kind, Of};
use crate::diagnostic::{Diagnostic, Diagnostics, Path};
use crate::erased::{ListEvent, Registered};
use crate::list_resource::List;
use crate::server::generated::tfplugin6::list_resource::{Event, Request};
use crate::server::handlers::Handlers;
use crate::server::{convert, request_log};

/// How many objects may wait for the CLI: a list runs no further ahead.
const AHEAD: usize = 1;

/// The block of a list that holds its configuration.
const CONFIG: &str = "config";

/// What is said of a configuration, as seen from the list's own block: the CLI hands over the one, and looks for paths
/// in the other.
pub(super) fn in_config(said: Diagnostics) -> Diagnostics {
    let below = |of: Diagnostic| Diagnostic {
        path: of.path.map(|path| Path::attribute(CONFIG).join(path)),
        ..of
    };
    said.into_iter().map(below).collect()
}

impl Request {
    /// Its name in the protocol.
    pub(in crate::server) const NAME: &'static str = "ListResource";

    /// What it is about.
    pub(in crate::server) fn of(&self) -> Of<'_> {
        Of::List(&self.type_name)
    }

    /// The objects that are found, each as soon as it is. The search is asked to end when the person stops the CLI and
    /// when the CLI hangs up, and cut off when it does not.
    pub(in crate::server) fn stream(
        self,
        provider: Arc<Registered>,
        handlers: Arc<Handlers>,
        span: Span,
    ) -> BoxStream<Event> {
        let (answers, receiver) = mpsc::channel(AHEAD);
        let request = Arc::new(self);
        let answer = async move {
            let received = request_log::received();
            let diagnostics = request.answer(&provider, &handlers, &answers).await;
            let diagnostic = convert::diagnostics(&provider, Self::NAME, in_config(diagnostics));
            request_log::served(&diagnostic, received);
            if !diagnostic.is_empty() {
                // The CLI may have hung up.
                let _ = answers.send(Event { diagnostic, ..Event::default() }).await;
            }
        };
        tokio::spawn(answer.instrument(span));
        Box::pin(ReceiverStream::new(receiver).map(Ok))
    }

    /// Sends what is found; what concerns the search as a whole is still to be told.
    async fn answer(
        self: &Arc<Self>,
        provider: &Arc<Registered>,
        handlers: &Arc<Handlers>,
        answers: &mpsc::Sender<Event>,
    ) -> Diagnostics {
        let cancelled = provider.stopped().child_token();
        // A search that is cut off may keep its end of this for as long as it blocks its thread.
        let (events, mut found) = mpsc::channel(AHEAD);
        let call = || {
            let (provider, request) = (Arc::clone(provider), Arc::clone(self));
            let (cancelled, events) = (cancelled.clone(), events.clone());
            async move { request.search(&provider, cancelled, events).await }.in_current_span()
        };
        let hand_over = async |event| {
            let event = self.event(provider, event);
            tokio::select! {
                biased;
                () = cancelled.cancelled() => {}
                // The next turn sees that the CLI has hung up.
                _ = answers.send(event) => {}
            }
        };
        let mut running = pin!(handlers.run(&cancelled, call));
        let result = loop {
            tokio::select! {
                biased;
                Some(event) = found.recv() => hand_over(event).await,
                result = &mut running => break result,
                () = answers.closed(), if !cancelled.is_cancelled() => cancelled.cancel(),
            }
        };
        while let Ok(event) = found.try_recv() {
            hand_over(event).await;
        }
        match result {
            Ok(searched) => searched.unwrap_or_else(Into::into),
            Err(why) => why
                .explained(Self::NAME, self.of(), "It only looks for objects: nothing was changed.")
                .into(),
        }
    }

    async fn search(
        &self,
        provider: &Registered,
        cancelled: CancellationToken,
        events: mpsc::Sender<ListEvent>,
    ) -> Result<Diagnostics, Diagnostic> {
        let name = &self.type_name;
        let config = Kind::list(provider, name)?.decode(self.config.as_ref(), "configuration")?;
        let limit = usize::try_from(self.limit).ok().filter(|limit| *limit > 0);
        let include_resource = self.include_resource_object;
        let request = List { config, limit, include_resource };
        Ok(provider.list_resource(name, request, cancelled, events).await)
    }

    /// The message for an object that was found.
    fn event(&self, provider: &Registered, event: ListEvent) -> Event {
        let ListEvent { display_name, identity, resource, mut diagnostics } = event;
        let encoded = Kind::resource(provider, &self.type_name).and_then(|kind| {
            let identity = kind.encode_identity(&identity, "identity")?;
            let object = resource.map(|state| kind.encode(&state, "object")).transpose()?;
            Ok((identity, object))
        });
        let (identity, resource_object) = encoded.unwrap_or_else(|error| {
            diagnostics.push(error);
            (None, None)
        });
        let diagnostic = convert::diagnostics(provider, Self::NAME, diagnostics);
        Event { identity, display_name, resource_object, diagnostic }
    }
}
