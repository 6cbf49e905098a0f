//! What a call goes through while somebody waits for it: so that who stops waiting can say what was tried,
//! and who goes on, which request AWS answered.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::{Error, Tries};

tokio::task_local! {
    static WATCH: Watch;
}

/// A call that AWS answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answered {
    /// `service:Operation`.
    pub(crate) call: &'static str,
    /// AWS's id of the request (`x-amzn-RequestId`), which AWS Support asks for.
    pub(crate) request_id: String,
}

/// What became of the calls inside of some work.
#[derive(Clone, Default)]
pub(crate) struct Watch {
    seen: Arc<Mutex<Seen>>,
    looks: bool,
}

#[derive(Default)]
struct Seen {
    /// The failures of a call that is being made again.
    tries: Option<Tries>,
    /// The last answer that is no error.
    answered: Option<Answered>,
}

impl Watch {
    /// Over work of a plan or a refresh, if `looks`, which changes nothing and is to end soon.
    pub(crate) fn new(looks: bool) -> Self {
        Self { looks, ..Self::default() }
    }

    /// Lets the calls inside of `work` tell here what becomes of them.
    pub(crate) async fn over<T>(&self, work: impl Future<Output = T>) -> T {
        WATCH.scope(self.clone(), work).await
    }

    /// What was tried, and how often, if a call is being made again.
    pub(crate) fn tries(&self) -> Option<Tries> {
        self.seen().tries.clone()
    }

    /// The last call that AWS answered.
    pub(crate) fn answered(&self) -> Option<Answered> {
        self.seen().answered.clone()
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the work only looks: a plan or a refresh.
pub(crate) fn looks() -> bool {
    WATCH.try_with(|watch| watch.looks).unwrap_or_default()
}

/// An attempt failed and is made again. Nobody may be watching.
pub(crate) fn failed(error: &Error, attempts: u32) {
    tell(|seen| seen.tries = Some(Tries { times: attempts, last: error.clone() }));
}

/// The call is over.
pub(crate) fn over() {
    tell(|seen| seen.tries = None);
}

/// AWS answered the call; a service may leave out the id of the request.
pub(crate) fn answered(call: &'static str, request_id: Option<&str>) {
    if let Some(request_id) = request_id {
        let answered = Answered { call, request_id: request_id.to_owned() };
        tell(|seen| seen.answered = Some(answered));
    }
}

fn tell(change: impl FnOnce(&mut Seen)) {
    let _ = WATCH.try_with(|watch| change(&mut watch.seen()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    #[tokio::test]
    async fn the_last_failure_is_told_until_the_call_is_over() {
        let watch = Watch::default();
        watch
            .over(async {
                let error = Error::new("s:Op", Kind::Throttled, "Slow", "wait");
                failed(&error, 1);
                failed(&error, 7);
            })
            .await;
        assert_eq!(
            watch.tries().map(|tries| tries.to_string()).as_deref(),
            Some("s:Op was tried 7 times, and last answered Slow: wait")
        );
        watch.over(async { over() }).await;
        assert_eq!(watch.tries(), None);
        over();
        assert!(!looks() && watch.over(async { !looks() }).await);
        assert!(Watch::new(true).over(async { looks() }).await);
    }

    #[tokio::test]
    async fn the_last_request_that_has_an_id_is_kept() {
        let watch = Watch::default();
        watch
            .over(async {
                answered("s:One", Some("1"));
                answered("s:Two", Some("2"));
                answered("s:Three", None);
            })
            .await;
        assert_eq!(watch.answered(), Some(Answered { call: "s:Two", request_id: "2".into() }));
        answered("s:Four", Some("nobody watches"));
    }
}
