//! The provider's service: each RPC with its log lines. What a provider does not offer yet is left to the generated
//! trait, which answers UNIMPLEMENTED.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tonic::codegen::BoxStream;
use tonic::{Request, Response, Status};
use tracing::{Instrument as _, Span};

use super::generated::tfplugin6::provider_server::Provider;
use super::generated::tfplugin6::{
    apply_resource_change, call_function, configure_provider, generate_resource_config,
    get_functions, get_metadata, get_provider_schema, get_resource_identity_schemas,
    import_resource_state, list_resource, move_resource_state, plan_resource_change,
    read_data_source, read_resource, stop_provider, upgrade_resource_identity,
    upgrade_resource_state, validate_data_resource_config, validate_list_resource_config,
    validate_provider_config, validate_resource_config,
};
use super::handlers::{Handlers, NoResult};
use super::request_log;
use super::rpc::{Of, Rpc};
use crate::diagnostic::{Diagnostic, Severity};
use crate::erased::Registered;

/// The answer to an RPC.
type Answer<T> = Result<Response<T>, Status>;

/// A provider on the wire.
pub(crate) struct Service {
    provider: Arc<Registered>,
    handlers: Arc<Handlers>,
    requests: AtomicU64,
}

impl Service {
    /// Serves `provider`, whose code runs on `handlers`.
    pub(crate) fn new(provider: Registered, handlers: Arc<Handlers>) -> Self {
        Self { provider: Arc::new(provider), handlers, requests: AtomicU64::new(0) }
    }

    /// The log's span for a request.
    fn span(&self, rpc: &'static str, of: Of<'_>) -> Span {
        request_log::span(self.requests.fetch_add(1, Ordering::Relaxed), rpc, of)
    }

    /// Answers an RPC that has one answer.
    async fn unary<R: Rpc>(&self, request: Request<R>) -> Answer<R::Response> {
        let request = Arc::new(request.into_inner());
        let span = self.span(R::NAME, request.of());
        let call = || {
            let (provider, request) = (Arc::clone(&self.provider), Arc::clone(&request));
            async move {
                let received = request_log::received();
                let answer = request.answer(&provider).await;
                let answer = answer.unwrap_or_else(|error| request.failed(error));
                request_log::served(R::diagnostics(&answer), received);
                answer
            }
            .instrument(span.clone())
        };
        let answer = self.handlers.run(&self.provider.stopped(), call).await;
        Ok(Response::new(answer.unwrap_or_else(|why| {
            let error = why.explained(R::NAME, request.of(), request.aftermath());
            let answer = request.failed(error);
            span.in_scope(|| request_log::served(R::diagnostics(&answer), None));
            answer
        })))
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
                Diagnostic::error("The provider did not stop", detail)
            }
            Self::Panicked => {
                let what = format!("The provider crashed in {what}. {aftermath}");
                Diagnostic::fault(Severity::Error, "The provider crashed", &what)
            }
            Self::NoThread => {
                let detail = format!("The system has no thread for {what}: nothing was done.");
                Diagnostic::error("The provider cannot work", detail)
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
        let (provider, handlers) = (Arc::clone(&self.provider), Arc::clone(&self.handlers));
        Ok(Response::new(request.stream(provider, handlers, span)))
    }

    async fn stop_provider(
        &self,
        _: Request<stop_provider::Request>,
    ) -> Answer<stop_provider::Response> {
        self.span("StopProvider", Of::Provider).in_scope(|| {
            let received = request_log::received();
            self.provider.stop();
            request_log::served(&[], received);
        });
        Ok(Response::new(stop_provider::Response::default()))
    }
}
