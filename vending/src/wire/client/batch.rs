//! What is asked at the same time goes in one call: a refresh of a fleet, or its plan, is a few calls of a vendor.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use fleet_vending_proto::limits;
use tokio::sync::oneshot;

use crate::refusal::Refusal;

/// How long the first of a batch waits for others.
pub(super) const WINDOW: Duration = Duration::from_millis(10);

/// Bytes of the accounts of one call: well below what a message may have.
pub(super) const BYTES: usize = limits::MESSAGE_TO_VENDOR / 2;

/// One question that waits, and whom to tell.
pub(super) struct Waiting<Q, A> {
    pub(super) question: Q,
    pub(super) teller: oneshot::Sender<Result<A, Refusal>>,
}

/// Those that wait for the next call.
pub(super) struct Batch<Q, A>(Mutex<Vec<Waiting<Q, A>>>);

impl<Q, A> Default for Batch<Q, A> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

/// Where the answer comes, and whether the question is the first of its batch: who asked it then sees to the call.
pub(super) type Joined<A> = (oneshot::Receiver<Result<A, Refusal>>, bool);

impl<Q, A> Batch<Q, A> {
    /// Puts a question to the others.
    pub(super) fn join(&self, question: Q) -> Joined<A> {
        let (teller, answer) = oneshot::channel();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(Waiting { question, teller });
        (answer, all.len() == 1)
    }

    /// All that wait.
    pub(super) fn take(&self) -> Vec<Waiting<Q, A>> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Cuts a batch into what fits into calls of at most `most` questions; `length` gives the bytes of one.
pub(super) fn calls<Q, A>(
    all: Vec<Waiting<Q, A>>,
    most: usize,
    length: impl Fn(&Q) -> usize,
) -> Vec<Vec<Waiting<Q, A>>> {
    let mut calls: Vec<Vec<Waiting<Q, A>>> = Vec::new();
    let mut bytes = 0;
    for waiting in all {
        let own = length(&waiting.question);
        match calls.last_mut() {
            Some(call) if call.len() < most && bytes + own <= BYTES => {
                bytes += own;
                call.push(waiting);
            }
            _ => {
                bytes = own;
                calls.push(vec![waiting]);
            }
        }
    }
    calls
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_has_no_more_accounts_and_bytes_than_it_may() {
        let waiting =
            |bytes: usize| Waiting::<usize, ()> { question: bytes, teller: oneshot::channel().0 };
        let sizes = |of: Vec<Waiting<usize, ()>>| {
            calls(of, limits::ACCOUNTS, |bytes| *bytes).iter().map(Vec::len).collect::<Vec<_>>()
        };
        assert_eq!(sizes((0..130).map(|_| waiting(10)).collect()), [64, 64, 2]);
        assert_eq!(sizes((0..40).map(|_| waiting(limits::MEMORY)).collect()), [32, 8]);
        assert_eq!(sizes(vec![waiting(3 << 20), waiting(10)]), [1, 1]);
    }
}
