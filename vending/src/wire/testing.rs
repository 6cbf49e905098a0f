//! A wire in memory, for tests: processes that are started, cut off and started anew.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fleet_vending_proto::v1beta1::account_vendor_server::{AccountVendor, AccountVendorServer};
use futures::future::BoxFuture;
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use tokio::io::DuplexStream;
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tonic::transport::{Channel, Endpoint, Server};
use tower::service_fn;

use super::client::{Connect, Generation};
use crate::aws::api::Clock;
use crate::refusal::Refusal;

/// A clock that runs on when it is slept on, and when a test says so.
#[derive(Default)]
pub(super) struct TestClock {
    seconds: Mutex<i64>,
    moved: Notify,
    asked: AtomicUsize,
}

impl TestClock {
    pub(super) fn run_on(&self, duration: Duration) {
        *self.seconds.lock().unwrap() += i64::try_from(duration.as_secs()).unwrap();
        self.moved.notify_waiters();
    }

    /// How often somebody asked what time it is.
    pub(super) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn time(&self) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + *self.seconds.lock().unwrap()).unwrap()
    }
}

/// By which a `Remote` waits.
#[derive(Clone, Default)]
pub(super) struct Hands(pub(super) Arc<TestClock>);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        self.0.asked.fetch_add(1, Ordering::SeqCst);
        self.0.time()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.0.run_on(duration);
        Box::pin(tokio::task::yield_now())
    }

    fn reaches(&self, at: Timestamp) -> BoxFuture<'static, ()> {
        let clock = self.clone();
        Box::pin(async move {
            loop {
                let moved = clock.0.moved.notified();
                if clock.0.time() >= at {
                    return;
                }
                moved.await;
            }
        })
    }
}

/// Gives way until it holds.
pub(super) async fn until(holds: impl Fn() -> bool) {
    while !holds() {
        tokio::task::yield_now().await;
    }
}

/// Processes of a vendor, one after the other.
pub(super) struct Lives<S: AccountVendor> {
    make: Box<dyn Fn() -> AccountVendorServer<S> + Send + Sync>,
    running: Mutex<Running>,
}

#[derive(Default)]
struct Running {
    channel: Option<(Channel, AbortHandle)>,
    generation: Generation,
}

impl<S: AccountVendor> Lives<S> {
    pub(super) fn new(
        make: impl Fn() -> AccountVendorServer<S> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self { make: Box::new(make), running: Mutex::default() })
    }

    /// The process dies: nobody hears anything of the other side any more.
    pub(super) fn cut(&self) {
        if let Some((_, line)) = self.running.lock().unwrap().channel.take() {
            line.abort();
        }
    }

    /// The next one to ask meets another process; who speaks to this one still hears it.
    pub(super) fn replace(&self) {
        self.running.lock().unwrap().channel = None;
    }

    /// How often it was started.
    pub(super) fn starts(&self) -> Generation {
        self.running.lock().unwrap().generation
    }
}

impl<S: AccountVendor> Connect for Lives<S> {
    fn channel(&self) -> BoxFuture<'_, Result<(Channel, Generation), Refusal>> {
        let mut running = self.running.lock().unwrap();
        if running.channel.is_none() {
            running.generation += 1;
            running.channel = Some(connected((self.make)()));
        }
        let channel = running.channel.as_ref().unwrap().0.clone();
        let generation = running.generation;
        Box::pin(async move { Ok((channel, generation)) })
    }
}

/// A channel to the server, and the line between the two, to be cut.
pub(super) fn connected<S: AccountVendor>(
    server: AccountVendorServer<S>,
) -> (Channel, AbortHandle) {
    let (client, mut near) = tokio::io::duplex(1 << 16);
    let (mut far, served) = tokio::io::duplex(1 << 16);
    let line = tokio::spawn(async move {
        let _ended = tokio::io::copy_bidirectional(&mut near, &mut far).await;
    });
    let incoming = tokio_stream::once(Ok::<DuplexStream, std::io::Error>(served));
    tokio::spawn(Server::builder().serve_with_incoming(server, incoming));
    let client = Mutex::new(Some(client));
    let connector = service_fn(move |_| {
        let client = client.lock().unwrap().take();
        async move {
            client.map(TokioIo::new).ok_or_else(|| std::io::Error::other("the process is gone"))
        }
    });
    let channel =
        Endpoint::from_static("http://vendor.invalid").connect_with_connector_lazy(connector);
    (channel, line.abort_handle())
}
