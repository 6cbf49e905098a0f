//! The way of the objects of a list to the CLI.

use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::list_event::ListEvent;
use super::resource::{ErasedResource, check_listed};

/// Where the objects of a list go.
pub(crate) struct ListSink {
    pub(super) resource: Arc<dyn ErasedResource>,
    pub(super) events: mpsc::Sender<ListEvent>,
    pub(super) cancelled: CancellationToken,
    /// How many more are wanted.
    pub(super) left: Option<usize>,
    pub(super) include_resource: bool,
}

// === impl ListSink ===

impl ListSink {
    /// Hands over one object that keeps the rules. Break says to stop.
    pub(crate) async fn push(&mut self, mut event: ListEvent) -> ControlFlow<()> {
        if self.left == Some(0) || self.cancelled.is_cancelled() {
            return ControlFlow::Break(());
        }
        check_listed(self.resource.as_ref(), &mut event, self.include_resource);
        tokio::select! {
            biased;
            () = self.cancelled.cancelled() => return ControlFlow::Break(()),
            sent = self.events.send(event) => if sent.is_err() {
                return ControlFlow::Break(());
            },
        }
        self.left = self.left.map(|left| left - 1);
        if self.left == Some(0) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

impl fmt::Debug for ListSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListSink").field("left", &self.left).finish_non_exhaustive()
    }
}
