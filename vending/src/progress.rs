//! What a run has come to, for whoever waits for it at the other end of a wire.

use tokio::sync::mpsc::UnboundedSender;

use crate::phase::Phase;

/// A step of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// The account, once it has an id.
    pub(crate) account_id: Option<String>,
    /// The phase that is reached, where the step is one.
    pub(crate) phase: Option<Phase>,
    /// What was done, for people.
    pub(crate) done: String,
    /// What keeps it from the next phase.
    pub(crate) waiting_for: Option<String>,
}

tokio::task_local! {
    static LISTENER: UnboundedSender<Step>;
}

/// `work`, whose steps go to `listener`.
pub(crate) async fn told_to<T>(
    listener: UnboundedSender<Step>,
    work: impl Future<Output = T>,
) -> T {
    LISTENER.scope(listener, work).await
}

/// Tells whoever listens; nobody has to.
pub(crate) fn tell(step: impl FnOnce() -> Step) {
    // Who has hung up is not told any more, and the run goes on.
    let _listens = LISTENER.try_with(|listener| listener.send(step()).is_ok());
}
