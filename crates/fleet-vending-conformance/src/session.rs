//! One vendor's process with which the kit talks.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use fleet_vending_proto::limits;
use fleet_vending_proto::v1beta1 as pb;
use goplugin::host::Running;
use pb::account_vendor_client::AccountVendorClient;
use pb::event;
use prost::Message;
use tonic::transport::Channel;
use tonic::{Code, Status, Streaming};

use crate::launch::Log;

/// Everything that vendors said in a run, as bytes of the wire, and what they logged: secrets are looked for in it.
#[derive(Clone, Default)]
pub(crate) struct Said(Arc<Mutex<Heard>>);

#[derive(Default)]
struct Heard {
    messages: Vec<Vec<u8>>,
    logs: Vec<Log>,
}

impl Said {
    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, message: &impl Message) {
        self.heard().messages.push(message.encode_to_vec());
    }

    fn add_status(&self, status: &Status) {
        self.heard().messages.push(status.message().as_bytes().to_vec());
    }

    /// Where `text` was said, if anywhere.
    pub(crate) fn has(&self, text: &str) -> Option<&'static str> {
        let heard = self.heard();
        let within = |bytes: &[u8]| bytes.windows(text.len()).any(|part| part == text.as_bytes());
        if heard.messages.iter().any(|bytes| within(bytes)) {
            return Some("a message");
        }
        heard.logs.iter().any(|log| log.text().contains(text)).then_some("the log")
    }
}

/// One process.
pub(crate) struct Session {
    client: AccountVendorClient<Channel>,
    process: Mutex<Option<Arc<Running>>>,
    log: Log,
    said: Said,
}

/// How a stream of events ended.
#[derive(Debug, Clone)]
pub(crate) enum End {
    /// With what became of the account.
    Outcome(Box<pb::Outcome>),
    /// There is no account of ours.
    Refused(pb::Problem),
    /// The account of the request is not there.
    Gone,
    /// With a status of gRPC.
    Status(Code, String),
    /// It ended and said nothing.
    Silent,
}

impl Session {
    pub(crate) fn new(running: Running, log: Log, said: Said) -> Self {
        said.heard().logs.push(log.clone());
        let client = AccountVendorClient::new(running.channel())
            .max_decoding_message_size(limits::MESSAGE_OF_VENDOR)
            .max_encoding_message_size(limits::MESSAGE_TO_VENDOR);
        Self { client, process: Mutex::new(Some(Arc::new(running))), log, said }
    }

    fn process(&self) -> MutexGuard<'_, Option<Arc<Running>>> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// SIGKILL, as a crash: what it was doing stays undone.
    pub(crate) fn kill(&self) {
        drop(self.process().take());
    }

    /// Whether the process ends by itself when its stdin does.
    pub(crate) async fn ends_with_stdin(&self, limit: Duration) -> bool {
        let Some(running) = self.process().clone() else { return true };
        running.end_stdin();
        tokio::time::timeout(limit, running.ended()).await.is_ok()
    }

    /// Whether the process is there.
    pub(crate) fn runs(&self) -> bool {
        self.process().as_ref().is_some_and(|running| running.alive())
    }

    /// The end of the process's log.
    pub(crate) fn log_end(&self) -> String {
        self.log.end()
    }

    fn heard<M: Message>(&self, answer: Result<tonic::Response<M>, Status>) -> Result<M, Status> {
        match answer {
            Ok(answer) => {
                let message = answer.into_inner();
                self.said.add(&message);
                Ok(message)
            }
            Err(status) => {
                self.said.add_status(&status);
                Err(status)
            }
        }
    }

    pub(crate) async fn describe(&self) -> Result<pb::DescribeResponse, Status> {
        let request = pb::DescribeRequest {
            host_version: env!("CARGO_PKG_VERSION").to_owned(),
            host_capabilities: vec![pb::HostCapability::DeferredIdentity.into()],
        };
        self.heard(self.client.clone().describe(request).await)
    }

    pub(crate) async fn configure(
        &self,
        request: pb::ConfigureRequest,
    ) -> Result<pb::ConfigureResponse, Status> {
        self.heard(self.client.clone().configure(request).await)
    }

    pub(crate) async fn preflight(
        &self,
        accounts: Vec<pb::PlannedAccount>,
    ) -> Result<pb::PreflightResponse, Status> {
        self.heard(self.client.clone().preflight(pb::PreflightRequest { accounts }).await)
    }

    /// Looks at one account in full.
    pub(crate) async fn observe(
        &self,
        request: pb::AccountRequest,
    ) -> Result<pb::Observation, Status> {
        self.observe_believed(request, String::new()).await
    }

    pub(crate) async fn observe_believed(
        &self,
        request: pb::AccountRequest,
        believed_digest: String,
    ) -> Result<pb::Observation, Status> {
        let account = pb::ObserveAccount { request: Some(request), believed_digest };
        let request = pb::ObserveRequest { accounts: vec![account], depth: pb::Depth::Full.into() };
        let mut answer = self.heard(self.client.clone().observe(request).await)?;
        match answer.observations.len() {
            1 => Ok(answer.observations.remove(0)),
            other => Err(Status::internal(format!("{other} observations of one account"))),
        }
    }

    pub(crate) async fn check(
        &self,
        request: pb::AccountRequest,
    ) -> Result<Vec<pb::CheckResponse>, Status> {
        let request = pb::CheckRequest { request: Some(request), names: Vec::new() };
        let mut stream = match self.client.clone().check(request).await {
            Ok(stream) => stream.into_inner(),
            Err(status) => return Err(status),
        };
        let mut all = Vec::new();
        while let Some(answer) = stream.message().await? {
            self.said.add(&answer);
            all.push(answer);
        }
        Ok(all)
    }

    pub(crate) async fn adopt(
        &self,
        request: pb::AdoptRequest,
    ) -> Result<pb::AdoptResponse, Status> {
        self.heard(self.client.clone().adopt(request).await)
    }

    pub(crate) async fn list(&self, request: pb::ListRequest) -> Result<pb::ListResponse, Status> {
        self.heard(self.client.clone().list(request).await)
    }

    pub(crate) async fn stop(&self) -> Result<pb::StopResponse, Status> {
        self.heard(self.client.clone().stop(pb::StopRequest {}).await)
    }

    pub(crate) async fn advance(&self, request: pb::AdvanceRequest) -> Call {
        let opened = self.client.clone().advance(request).await;
        Call::new(opened.map(tonic::Response::into_inner), self.said.clone())
    }

    pub(crate) async fn transition(&self, request: pb::TransitionRequest) -> Call {
        let opened = self.client.clone().transition(request).await;
        Call::new(opened.map(tonic::Response::into_inner), self.said.clone())
    }
}

/// An `Advance` or `Transition` on its way. Dropping it cancels it.
pub(crate) struct Call {
    stream: Result<Streaming<pb::Event>, Option<Status>>,
    said: Said,
    /// What happened so far.
    pub(crate) events: Vec<event::Event>,
    /// How it ended, once it did.
    pub(crate) end: Option<End>,
    /// The longest time between two events.
    pub(crate) longest_silence: Duration,
    last: Instant,
    /// Events after the last one.
    pub(crate) surplus: usize,
}

impl Call {
    fn new(opened: Result<Streaming<pb::Event>, Status>, said: Said) -> Self {
        let stream = opened.map_err(Some);
        Self {
            stream,
            said,
            events: Vec::new(),
            end: None,
            longest_silence: Duration::ZERO,
            last: Instant::now(),
            surplus: 0,
        }
    }

    /// The next event; `None` at the end.
    pub(crate) async fn next(&mut self) -> Option<event::Event> {
        loop {
            let answer = match &mut self.stream {
                Ok(stream) => stream.message().await,
                Err(status) => status.take().map_or(Ok(None), Err),
            };
            self.longest_silence = self.longest_silence.max(self.last.elapsed());
            self.last = Instant::now();
            let message = match answer {
                Ok(Some(message)) => message,
                Ok(None) => {
                    self.end.get_or_insert(End::Silent);
                    return None;
                }
                Err(status) => {
                    self.said.add_status(&status);
                    self.end.get_or_insert_with(|| {
                        End::Status(status.code(), status.message().to_owned())
                    });
                    return None;
                }
            };
            self.said.add(&message);
            let Some(event) = message.event else { continue };
            if self.end.is_some() {
                self.surplus += 1;
            }
            match &event {
                event::Event::Outcome(outcome) => {
                    self.end = Some(End::Outcome(Box::new(outcome.clone())));
                }
                event::Event::Refused(problem) => self.end = Some(End::Refused(problem.clone())),
                event::Event::Gone(_) => self.end = Some(End::Gone),
                _ => {}
            }
            self.events.push(event.clone());
            return Some(event);
        }
    }

    /// Reads to the end.
    pub(crate) async fn finish(mut self) -> Self {
        while self.next().await.is_some() {}
        self
    }

    /// Reads to the end, and gives how it ended.
    pub(crate) async fn end(self) -> End {
        self.finish().await.end.unwrap_or(End::Silent)
    }

    /// The native id and the last resume token of its checkpoints.
    pub(crate) fn checkpoint(&self) -> (String, Vec<u8>) {
        let mut last = (String::new(), Vec::new());
        for event in &self.events {
            if let event::Event::Checkpoint(checkpoint) = event {
                if !checkpoint.native_id.is_empty() {
                    last.0.clone_from(&checkpoint.native_id);
                }
                if !checkpoint.resume_token.is_empty() {
                    last.1.clone_from(&checkpoint.resume_token);
                }
            }
        }
        last
    }
}
