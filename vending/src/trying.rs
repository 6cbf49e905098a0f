//! What a call goes through while somebody waits for it: so that who stops waiting can say what was tried.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::{Error, Tries};

tokio::task_local! {
    static TROUBLE: Trouble;
}

/// The last failure of the call that is waited for, if it is being tried again.
#[derive(Clone, Default)]
pub(crate) struct Trouble(Arc<Mutex<Option<Tries>>>);

impl Trouble {
    /// Lets what happens inside of `work` tell of its failures here.
    pub(crate) async fn watch<T>(&self, work: impl Future<Output = T>) -> T {
        TROUBLE.scope(self.clone(), work).await
    }

    /// What was tried, and how often.
    pub(crate) fn told(&self) -> Option<Tries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// An attempt failed and is made again. Nobody may be watching.
pub(crate) fn failed(error: &Error, attempts: u32) {
    let _ = TROUBLE.try_with(|trouble| {
        let mut kept = trouble.0.lock().unwrap_or_else(PoisonError::into_inner);
        *kept = Some(Tries { times: attempts, last: error.clone() });
    });
}

/// The call is over.
pub(crate) fn over() {
    let _ = TROUBLE.try_with(|trouble| {
        trouble.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    #[tokio::test]
    async fn the_last_failure_is_told_until_the_call_is_over() {
        let trouble = Trouble::default();
        trouble
            .watch(async {
                let error = Error::new("s:Op", Kind::Throttled, "Slow", "wait");
                failed(&error, 1);
                failed(&error, 7);
            })
            .await;
        assert_eq!(
            trouble.told().map(|tries| tries.to_string()).as_deref(),
            Some("s:Op was tried 7 times, and last answered Slow: wait")
        );
        trouble.watch(async { over() }).await;
        assert_eq!(trouble.told(), None);
        over();
    }
}
