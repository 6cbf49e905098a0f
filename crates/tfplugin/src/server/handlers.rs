//! Where the provider's own code runs: on threads of its own, so that the thread that talks to the CLI can answer
//! whatever that code does.
//!
//! After a stop a call has [`Provider::STOP_GRACE`](crate::Provider::STOP_GRACE) to end by itself. Then it is cut off: its
//! task is dropped where it waits. Code that blocks its thread cannot be dropped; it is left behind with its thread, and
//! the calls after it get new ones.
//!
//! A provider may block its threads all the time (a client that knows no `async`). A call that finds every thread inside
//! of some other call gets new ones as well, after the blink of an eye.

use std::any::Any;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::task::{JoinError, JoinHandle};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Threads for calls that do not block. A CLI makes ten at a time; most of their time is spent waiting.
const MOST_WORKERS: usize = 4;

/// Threads for calls once the first ones are blocked: more than a CLI makes calls at a time.
const MORE_WORKERS: usize = 16;

/// How long a call waits for a thread before it looks whether all of them are inside of other calls. Code that blocks none
/// gives its thread back much sooner, even where it computes.
const START_PATIENCE: Duration = Duration::from_millis(5);

/// How often it looks, before it takes the threads for blocked whatever it sees.
const LOOKS: u32 = 200;

/// How long a task that was cut off may take to be gone. After that its thread is lost.
const DROP_PATIENCE: Duration = Duration::from_millis(500);

/// The threads of the provider's code.
pub(crate) struct Handlers {
    grace: Duration,
    /// The last ones take new calls. Those before them are blocked.
    threads: Mutex<Vec<Threads>>,
}

/// Threads, and what they do.
struct Threads {
    runtime: Runtime,
    /// How many there are.
    count: usize,
    /// How many of them are inside of a call, and not waiting for anything in it.
    inside: Arc<AtomicUsize>,
}

/// A thread that is inside of a call, until this is dropped.
struct Inside<'a>(&'a AtomicUsize);

/// A call on its way, whatever it gives.
type Call = Pin<Box<dyn Future<Output = Box<dyn Any + Send>> + Send>>;

/// Why a call has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoResult {
    /// It did not end within this time after the stop.
    CutOff(Duration),
    /// It panicked outside of what guards the provider's code.
    Panicked,
    /// The process has no thread for it, or none any more.
    NoThread,
}

impl Handlers {
    /// Threads for calls that may take `grace` to end after a stop.
    pub(crate) fn start(grace: Duration) -> io::Result<Self> {
        let workers = std::thread::available_parallelism().map_or(1, |n| n.get().min(MOST_WORKERS));
        Ok(Self { grace, threads: Mutex::new(vec![Threads::start(workers)?]) })
    }

    /// Ends all threads, and waits for none.
    pub(crate) fn end(&self) {
        for threads in self.threads().drain(..) {
            threads.runtime.shutdown_background();
        }
    }

    /// Runs the future that `call` makes until it is done, or until it is cut off some time after `stopped`. Another
    /// future is made only where the one before found no thread.
    pub(crate) async fn run<F>(
        self: &Arc<Self>,
        stopped: &CancellationToken,
        call: impl Fn() -> F + Send + Sync,
    ) -> Result<F::Output, NoResult>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        let call = || -> Call {
            let future = call();
            Box::pin(async { Box::new(future.await) as Box<dyn Any + Send> })
        };
        let output = self.run_any(stopped, &call).await?;
        output.downcast().map(|output| *output).map_err(|_| NoResult::NoThread)
    }

    /// The same for any call: a task for each kind of call would be 20 KB of program each.
    async fn run_any(
        self: &Arc<Self>,
        stopped: &CancellationToken,
        call: &(dyn Fn() -> Call + Send + Sync),
    ) -> Result<Box<dyn Any + Send>, NoResult> {
        let mut begun = Arc::new(AtomicBool::new(false));
        let (mut running, mut threads) = self.spawn(first(&begun, call()))?;
        let mut late = pin!(tokio::time::sleep(START_PATIENCE));
        let mut looks = 0;
        loop {
            tokio::select! {
                biased;
                done = &mut running => return result(done),
                () = stopped.cancelled() => break,
                () = &mut late, if !begun.load(Ordering::Acquire) => {
                    looks += 1;
                    let blocked = looks >= LOOKS || self.are_blocked(threads);
                    if blocked && !begun.swap(true, Ordering::AcqRel) {
                        self.renew(threads);
                        begun = Arc::default();
                        (running, threads) = self.spawn(first(&begun, call()))?;
                        looks = 0;
                    }
                    late.as_mut().reset(Instant::now() + START_PATIENCE);
                }
            }
        }
        if let Ok(done) = tokio::time::timeout(self.grace, &mut running).await {
            return result(done);
        }
        running.abort();
        tokio::spawn(Arc::clone(self).see_gone(running, threads));
        Err(NoResult::CutOff(self.grace))
    }

    /// Sees that a task is gone; if it is not, it blocks its thread, and no new call may queue behind it.
    async fn see_gone<T>(self: Arc<Self>, task: JoinHandle<T>, threads: usize) {
        if tokio::time::timeout(DROP_PATIENCE, task).await.is_err() {
            self.renew(threads);
        }
    }

    /// Spawns on the threads that take new calls; says which ones these are.
    fn spawn<F>(&self, future: F) -> Result<(JoinHandle<F::Output>, usize), NoResult>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        let all = self.threads();
        let threads = all.last().ok_or(NoResult::NoThread)?;
        let inside = Arc::clone(&threads.inside);
        let mut future = Box::pin(future);
        let counted = poll_fn(move |cx| {
            let _inside = Inside::of(&inside);
            future.as_mut().poll(cx)
        });
        Ok((threads.runtime.spawn(counted), all.len()))
    }

    /// Is each of the threads `which` inside of a call? Not worth asking where there are newer ones.
    fn are_blocked(&self, which: usize) -> bool {
        let all = self.threads();
        all.len() > which
            || all.last().is_some_and(|last| last.inside.load(Ordering::Acquire) >= last.count)
    }

    /// New threads, unless there are newer ones than `blocked` already. Where the system has none, the old ones stay: they
    /// may come free.
    fn renew(&self, blocked: usize) {
        let mut all = self.threads();
        if all.len() == blocked {
            tracing::debug!("the provider's code blocks its threads: new ones are started");
            all.extend(Threads::start(MORE_WORKERS));
        }
    }

    fn threads(&self) -> MutexGuard<'_, Vec<Threads>> {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Threads {
    fn start(count: usize) -> io::Result<Self> {
        let runtime = Builder::new_multi_thread().worker_threads(count).enable_all().build()?;
        Ok(Self { runtime, count, inside: Arc::default() })
    }
}

impl<'a> Inside<'a> {
    fn of(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::AcqRel);
        Self(count)
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// `future`, unless another one has begun in its place.
fn first(
    begun: &Arc<AtomicBool>,
    future: Call,
) -> impl Future<Output = Option<Box<dyn Any + Send>>> + use<> {
    let begun = Arc::clone(begun);
    async move { if begun.swap(true, Ordering::AcqRel) { None } else { Some(future.await) } }
}

/// What a task came to.
fn result<T>(done: Result<Option<T>, JoinError>) -> Result<T, NoResult> {
    match done {
        Ok(done) => done.ok_or(NoResult::NoThread),
        Err(error) if error.is_panic() => Err(NoResult::Panicked),
        Err(_) => Err(NoResult::NoThread),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs `test` on a single thread, as the CLI is served, with handlers that are cut off after `grace`.
    fn with_handlers<F: Future>(
        grace: Duration,
        test: impl FnOnce(Arc<Handlers>, CancellationToken) -> F,
    ) -> F::Output {
        let handlers = Arc::new(Handlers::start(grace).unwrap());
        let server = Builder::new_current_thread().enable_all().build().unwrap();
        let result = server.block_on(test(Arc::clone(&handlers), CancellationToken::new()));
        handlers.end();
        result
    }

    const LONG: Duration = Duration::from_secs(600);
    const SHORT: Duration = Duration::from_millis(20);

    #[test]
    fn a_call_has_its_result() {
        let result = with_handlers(LONG, async |handlers, stopped| {
            handlers.run(&stopped, || async { 7 }).await
        });
        assert_eq!(result, Ok(7));
    }

    #[test]
    fn a_panic_is_no_result() {
        let result = with_handlers(LONG, async |handlers, stopped| {
            handlers.run(&stopped, || async { panic!("asked to") }).await
        });
        assert_eq!(result, Err::<(), _>(NoResult::Panicked));
    }

    #[test]
    fn a_call_that_ends_by_itself_after_a_stop_keeps_its_result() {
        let result = with_handlers(LONG, async |handlers, stopped| {
            stopped.cancel();
            handlers.run(&stopped, || async { tokio::time::sleep(SHORT).await }).await
        });
        assert_eq!(result, Ok(()));
    }

    #[test]
    fn a_call_that_waits_on_is_cut_off_and_dropped() {
        struct Dropped(CancellationToken);
        impl Drop for Dropped {
            fn drop(&mut self) {
                self.0.cancel();
            }
        }
        with_handlers(SHORT, async |handlers, stopped| {
            stopped.cancel();
            let dropped = CancellationToken::new();
            let result = handlers
                .run(&stopped, || {
                    let guard = Dropped(dropped.clone());
                    async move {
                        std::future::pending::<()>().await;
                        drop(guard);
                    }
                })
                .await;
            assert_eq!(result, Err(NoResult::CutOff(SHORT)));
            dropped.cancelled().await;
        });
    }

    #[test]
    fn calls_that_block_every_thread_hold_up_neither_an_answer_nor_the_next_call() {
        with_handlers(SHORT, async |handlers, stopped| {
            let calls = (0..2 * MOST_WORKERS)
                .map(|_| handlers.run(&stopped, || async { std::thread::sleep(LONG) }));
            let stop = async {
                tokio::time::sleep(START_PATIENCE).await;
                stopped.cancel();
            };
            let (results, ()) = futures::future::join(futures::future::join_all(calls), stop).await;
            assert!(results.iter().all(|result| *result == Err(NoResult::CutOff(SHORT))));
            // As in the next run of a CLI that a person attached.
            let next = handlers.run(&CancellationToken::new(), || async { 7 }).await;
            assert_eq!(next, Ok(7));
        });
    }

    #[test]
    fn calls_that_block_have_a_thread_each() {
        // Each waits until all are there: none ends while one has no thread.
        const CALLS: usize = 60;
        let results = with_handlers(LONG, async |handlers, stopped| {
            let all_there = Arc::new(std::sync::Barrier::new(CALLS));
            let calls = (0..CALLS).map(|_| {
                let all_there = Arc::clone(&all_there);
                handlers.run(&stopped, move || {
                    let all_there = Arc::clone(&all_there);
                    async move {
                        all_there.wait();
                    }
                })
            });
            let results = futures::future::join_all(calls).await;
            // And no more threads than it takes: 2 to 4, then 16 at a time.
            assert!(handlers.threads().len() <= 1 + CALLS.div_ceil(MORE_WORKERS));
            results
        });
        assert!(results.iter().all(Result::is_ok), "{results:?}");
    }

    #[test]
    fn blocked_threads_are_seen_by_what_they_do() {
        with_handlers(LONG, async |handlers, stopped| {
            assert!(!handlers.are_blocked(1), "nothing runs");
            let (entered, entries) = std::sync::mpsc::channel();
            let (leave, left) = std::sync::mpsc::channel::<()>();
            let left = Arc::new(Mutex::new(left));
            let count = handlers.threads()[0].count;
            let calls: Vec<_> = (0..count)
                .map(|_| {
                    let (handlers, stopped) = (Arc::clone(&handlers), stopped.clone());
                    let (entered, left) = (entered.clone(), Arc::clone(&left));
                    tokio::spawn(async move {
                        let call = || {
                            let (entered, left) = (entered.clone(), Arc::clone(&left));
                            async move {
                                entered.send(()).unwrap();
                                left.lock().unwrap().recv().unwrap_or_default();
                            }
                        };
                        handlers.run(&stopped, call).await
                    })
                })
                .collect();
            tokio::task::yield_now().await;
            (0..count).for_each(|_| entries.recv().unwrap());
            assert!(handlers.are_blocked(1), "each is inside of a call");
            drop(leave);
            for call in calls {
                assert_eq!(call.await.unwrap(), Ok(()));
            }
            assert!(!handlers.are_blocked(1), "and out of it");
        });
    }

    #[test]
    fn calls_that_wait_need_no_more_threads() {
        with_handlers(LONG, async |handlers, stopped| {
            let calls = (0..60)
                .map(|_| handlers.run(&stopped, || async { tokio::time::sleep(SHORT).await }));
            futures::future::join_all(calls).await;
            assert_eq!(handlers.threads().len(), 1);
        });
    }

    /// Prints what it costs to hand a call over, for `benches/README.md`.
    #[test]
    fn ten_thousand_calls_in_a_row_have_their_results() {
        const CALLS: u32 = 10_000;
        let took = with_handlers(LONG, async |handlers, stopped| {
            let start = Instant::now();
            for number in 0..CALLS {
                assert_eq!(handlers.run(&stopped, || async move { number }).await, Ok(number));
            }
            start.elapsed()
        });
        eprintln!("{:?} for a call that does nothing", took / CALLS);
    }
}
