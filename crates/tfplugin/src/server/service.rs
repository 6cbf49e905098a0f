//! The provider's service: each RPC with its log lines. What a provider does not offer yet is left to the generated
//! trait, which answers UNIMPLEMENTED.

use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::mpsc;
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::codegen::BoxStream;
use tonic::{Request, Response, Status};
use tracing::{Instrument as _, Span};

use super::convert;
use super::generated::tfplugin6::provider_server::Provider;
use super::generated::tfplugin6::{
    apply_resource_change, call_function, close_ephemeral_resource, configure_provider,
    generate_resource_config, get_functions, get_metadata, get_provider_schema,
    get_resource_identity_schemas, import_resource_state, invoke_action, list_resource,
    move_resource_state, open_ephemeral_resource, plan_action, plan_resource_change,
    read_data_source, read_resource, renew_ephemeral_resource, stop_provider,
    upgrade_resource_identity, upgrade_resource_state, validate_action_config,
    validate_data_resource_config, validate_ephemeral_resource_config,
    validate_list_resource_config, validate_provider_config, validate_resource_config,
};
use super::handlers::{Handlers, NoResult};
use super::request_log;
use super::rpc::{Of, Rpc, Streaming};
use crate::diagnostic::{Diagnostic, Notice, Severity};
use crate::erased::Registered;

/// The answer to an RPC.
type Answer<T> = Result<Response<T>, Status>;

/// A provider on the wire.
pub(crate) struct Service {
    /// The one of this run. Calls of an earlier run, if any go on, keep theirs.
    provider: RwLock<Arc<Registered>>,
    handlers: Arc<Handlers>,
    requests: AtomicU64,
}

impl Service {
    /// Serves `provider`, whose code runs on `handlers`.
    pub(crate) fn new(provider: Registered, handlers: Arc<Handlers>) -> Self {
        Self { provider: RwLock::new(Arc::new(provider)), handlers, requests: AtomicU64::new(0) }
    }

    /// The provider of this run.
    fn provider(&self) -> Arc<Registered> {
        Arc::clone(&self.provider.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// A run begins with a provider that remembers no other one, if the provider has one to give.
    fn begin_run(&self) {
        if let Some(next) = self.provider().for_next_run() {
            *self.provider.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
        }
    }

    /// The log's span for a request.
    fn span(&self, rpc: &'static str, of: Of<'_>) -> Span {
        request_log::span(self.requests.fetch_add(1, Ordering::Relaxed), rpc, of)
    }

    /// Answers an RPC that has one answer.
    async fn unary<R: Rpc>(&self, request: Request<R>) -> Answer<R::Response> {
        let request = Arc::new(request.into_inner());
        let span = self.span(R::NAME, request.of());
        let provider = self.provider();
        let call = || {
            let (provider, request) = (Arc::clone(&provider), Arc::clone(&request));
            async move {
                let received = request_log::received();
                let answer = request.answer(&provider).await;
                let answer = answer.unwrap_or_else(|error| request.failed(&provider, error));
                request_log::served(R::diagnostics(&answer), received);
                answer
            }
            .instrument(span.clone())
        };
        let answer = self.handlers.run(&provider.stopped(), call).await;
        Ok(Response::new(answer.unwrap_or_else(|why| {
            let error = why.explained(R::NAME, request.of(), request.aftermath());
            let answer = request.failed(&provider, error);
            span.in_scope(|| request_log::served(R::diagnostics(&answer), None));
            answer
        })))
    }

    /// Answers an RPC that has a stream of answers. It is asked to end when the person stops the CLI and when the CLI
    /// hangs up, and cut off when it does not.
    fn stream<R: Streaming>(&self, request: Request<R>) -> Answer<BoxStream<R::Event>> {
        let request = Arc::new(request.into_inner());
        let span = self.span(R::NAME, request.of());
        let (handlers, provider) = (Arc::clone(&self.handlers), self.provider());
        let (answers, receiver) = mpsc::unbounded_channel();
        let answer = async move {
            let received = request_log::received();
            let cancelled = provider.stopped().child_token();
            // A handler that is cut off may keep its end of this for as long as it blocks its thread.
            let (events, mut sent) = mpsc::unbounded_channel();
            let call = || {
                let (provider, request) = (Arc::clone(&provider), Arc::clone(&request));
                let (cancelled, events) = (cancelled.clone(), events.clone());
                async move { request.run(&provider, cancelled, &events).await }.in_current_span()
            };
            let mut running = pin!(handlers.run(&cancelled, call));
            let result = loop {
                tokio::select! {
                    biased;
                    Some(event) = sent.recv() => drop(answers.send(event)),
                    result = &mut running => break result,
                    () = answers.closed(), if !cancelled.is_cancelled() => cancelled.cancel(),
                }
            };
            while let Ok(event) = sent.try_recv() {
                drop(answers.send(event));
            }
            let diagnostics = convert::diagnostics(
                &provider,
                R::NAME,
                match result {
                    Ok(answer) => answer.unwrap_or_else(Into::into),
                    Err(why) => why.explained(R::NAME, request.of(), request.aftermath()).into(),
                },
            );
            request_log::served(&diagnostics, received);
            if let Some(last) = R::last(&diagnostics) {
                drop(answers.send(last));
            }
        };
        tokio::spawn(answer.instrument(span));
        Ok(Response::new(Box::pin(UnboundedReceiverStream::new(receiver).map(Ok))))
    }
}

impl NoResult {
    /// What to tell the person. `aftermath` says what the call may leave behind.
    pub(super) fn explained(self, rpc: &str, of: Of<'_>, aftermath: &str) -> Diagnostic {
        let what = match of.name() {
            Some(name) => format!("`{rpc}` of `{name}`"),
            None => format!("`{rpc}`"),
        };
        match self {
            Self::CutOff(grace) => {
                let detail = format!(
                    "{what} was still running {} s after it was asked to stop, so the provider cut it off.\n\n\
                     {aftermath}",
                    grace.as_secs_f64()
                );
                Diagnostic::noticed(Notice::CutOff, "The provider did not stop", detail)
            }
            Self::Panicked => {
                let what = format!("The provider crashed in {what}. {aftermath}");
                Diagnostic::fault(Severity::Error, "The provider crashed", &what)
            }
            Self::NoThread => {
                let detail = format!("The system has no thread for {what}: nothing was done.");
                Diagnostic::noticed(Notice::NoThread, "The provider cannot work", detail)
            }
        }
    }
}

#[tonic::async_trait]
impl Provider for Service {
    async fn get_metadata(
        &self,
        request: Request<get_metadata::Request>,
    ) -> Answer<get_metadata::Response> {
        self.unary(request).await
    }

    async fn get_provider_schema(
        &self,
        request: Request<get_provider_schema::Request>,
    ) -> Answer<get_provider_schema::Response> {
        self.unary(request).await
    }

    async fn get_resource_identity_schemas(
        &self,
        request: Request<get_resource_identity_schemas::Request>,
    ) -> Answer<get_resource_identity_schemas::Response> {
        self.unary(request).await
    }

    async fn get_functions(
        &self,
        request: Request<get_functions::Request>,
    ) -> Answer<get_functions::Response> {
        self.unary(request).await
    }

    async fn call_function(
        &self,
        request: Request<call_function::Request>,
    ) -> Answer<call_function::Response> {
        self.unary(request).await
    }

    async fn validate_provider_config(
        &self,
        request: Request<validate_provider_config::Request>,
    ) -> Answer<validate_provider_config::Response> {
        self.unary(request).await
    }

    async fn configure_provider(
        &self,
        request: Request<configure_provider::Request>,
    ) -> Answer<configure_provider::Response> {
        self.begin_run();
        self.unary(request).await
    }

    async fn validate_resource_config(
        &self,
        request: Request<validate_resource_config::Request>,
    ) -> Answer<validate_resource_config::Response> {
        self.unary(request).await
    }

    async fn validate_data_resource_config(
        &self,
        request: Request<validate_data_resource_config::Request>,
    ) -> Answer<validate_data_resource_config::Response> {
        self.unary(request).await
    }

    async fn upgrade_resource_state(
        &self,
        request: Request<upgrade_resource_state::Request>,
    ) -> Answer<upgrade_resource_state::Response> {
        self.unary(request).await
    }

    async fn upgrade_resource_identity(
        &self,
        request: Request<upgrade_resource_identity::Request>,
    ) -> Answer<upgrade_resource_identity::Response> {
        self.unary(request).await
    }

    async fn read_resource(
        &self,
        request: Request<read_resource::Request>,
    ) -> Answer<read_resource::Response> {
        self.unary(request).await
    }

    async fn plan_resource_change(
        &self,
        request: Request<plan_resource_change::Request>,
    ) -> Answer<plan_resource_change::Response> {
        self.unary(request).await
    }

    async fn apply_resource_change(
        &self,
        request: Request<apply_resource_change::Request>,
    ) -> Answer<apply_resource_change::Response> {
        self.unary(request).await
    }

    async fn import_resource_state(
        &self,
        request: Request<import_resource_state::Request>,
    ) -> Answer<import_resource_state::Response> {
        self.unary(request).await
    }

    async fn move_resource_state(
        &self,
        request: Request<move_resource_state::Request>,
    ) -> Answer<move_resource_state::Response> {
        self.unary(request).await
    }

    async fn generate_resource_config(
        &self,
        request: Request<generate_resource_config::Request>,
    ) -> Answer<generate_resource_config::Response> {
        self.unary(request).await
    }

    async fn read_data_source(
        &self,
        request: Request<read_data_source::Request>,
    ) -> Answer<read_data_source::Response> {
        self.unary(request).await
    }

    async fn validate_list_resource_config(
        &self,
        request: Request<validate_list_resource_config::Request>,
    ) -> Answer<validate_list_resource_config::Response> {
        self.unary(request).await
    }

    async fn list_resource(
        &self,
        request: Request<list_resource::Request>,
    ) -> Answer<BoxStream<list_resource::Event>> {
        let request = request.into_inner();
        let span = self.span(list_resource::Request::NAME, request.of());
        let (provider, handlers) = (self.provider(), Arc::clone(&self.handlers));
        Ok(Response::new(request.stream(provider, handlers, span)))
    }

    async fn validate_ephemeral_resource_config(
        &self,
        request: Request<validate_ephemeral_resource_config::Request>,
    ) -> Answer<validate_ephemeral_resource_config::Response> {
        self.unary(request).await
    }

    async fn open_ephemeral_resource(
        &self,
        request: Request<open_ephemeral_resource::Request>,
    ) -> Answer<open_ephemeral_resource::Response> {
        self.unary(request).await
    }

    async fn renew_ephemeral_resource(
        &self,
        request: Request<renew_ephemeral_resource::Request>,
    ) -> Answer<renew_ephemeral_resource::Response> {
        self.unary(request).await
    }

    async fn close_ephemeral_resource(
        &self,
        request: Request<close_ephemeral_resource::Request>,
    ) -> Answer<close_ephemeral_resource::Response> {
        self.unary(request).await
    }

    async fn validate_action_config(
        &self,
        request: Request<validate_action_config::Request>,
    ) -> Answer<validate_action_config::Response> {
        self.unary(request).await
    }

    async fn plan_action(
        &self,
        request: Request<plan_action::Request>,
    ) -> Answer<plan_action::Response> {
        self.unary(request).await
    }

    async fn invoke_action(
        &self,
        request: Request<invoke_action::Request>,
    ) -> Answer<BoxStream<invoke_action::Event>> {
        self.stream(request)
    }

    async fn stop_provider(
        &self,
        _: Request<stop_provider::Request>,
    ) -> Answer<stop_provider::Response> {
        self.span("StopProvider", Of::Provider).in_scope(|| {
            let received = request_log::received();
            self.provider().stop();
            request_log::served(&[], received);
        });
        Ok(Response::new(stop_provider::Response::default()))
    }
}
