//! What a call goes through while somebody waits for it: so that who stops waiting can say what was tried, who goes on,
//! which request AWS answered, and who only looked, what could not be read.

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
    /// The calls that were given up, each once, and for which nothing else has answered.
    given_up: Vec<Error>,
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

    /// The calls that were given up, and for which nothing else has answered.
    pub(crate) fn given_up(&self) -> Vec<Error> {
        self.seen().given_up.clone()
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

/// A call failed for good. Every call passes here, whatever its caller makes of the failure: a look that could not read
/// something is not lost by who forgets to say so.
pub(crate) fn given_up(error: &Error) {
    tell(|seen| {
        if !seen.given_up.contains(error) {
            seen.given_up.push(error.clone());
        }
    });
}

/// What a call that was given up was to tell is known in another way, or its failure is told by whoever made it.
pub(crate) fn made_up_for(error: &Error) {
    tell(|seen| seen.given_up.retain(|of| !is_same(of, error)));
}

/// Whether both are the failure of one call.
pub(crate) fn is_same(a: &Error, b: &Error) -> bool {
    (&a.call, a.kind, &a.code) == (&b.call, b.kind, &b.code)
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
    async fn what_was_given_up_is_kept_until_something_else_answers() {
        let watch = Watch::default();
        let error = |code: &str| Error::new("s:Op", Kind::Denied, code, "no");
        let tell = async {
            given_up(&error("A"));
            given_up(&error("A"));
            given_up(&error("B"));
        };
        watch.over(tell).await;
        assert_eq!(watch.given_up(), [error("A"), error("B")]);
        watch
            .over(async { made_up_for(&Error { message: "other words".into(), ..error("A") }) })
            .await;
        assert_eq!(watch.given_up(), [error("B")]);
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
