//! The provider's service: each RPC with its log lines. What a provider does not offer yet is left to the generated
//! trait, which answers UNIMPLEMENTED.

use std::future::Future;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use tonic::{Request, Response, Status};
use tracing::Instrument as _;

use super::generated::tfplugin6::provider_server::Provider;
use super::generated::tfplugin6::{
    apply_resource_change, call_function, configure_provider, get_functions, get_metadata,
    get_provider_schema, import_resource_state, plan_resource_change, read_data_source,
    read_resource, stop_provider, upgrade_resource_state, validate_data_resource_config,
    validate_provider_config, validate_resource_config,
};
use super::rpc;
use crate::erased::Registered;

/// The answer to an RPC.
type Answer<T> = Result<Response<T>, Status>;

/// What an RPC is about, for the log.
enum Of<'a> {
    Provider,
    Resource(&'a str),
    DataSource(&'a str),
    Function(&'a str),
}

/// A provider on the wire.
pub(crate) struct Service {
    provider: Registered,
    schema: OnceLock<get_provider_schema::Response>,
    requests: AtomicU64,
}

impl Service {
    /// Serves `provider`.
    pub(crate) const fn new(provider: Registered) -> Self {
        Self { provider, schema: OnceLock::new(), requests: AtomicU64::new(0) }
    }

    /// Waits for the answer of an RPC. Every line that is logged meanwhile says which RPC, and of what.
    async fn answer<T>(
        &self,
        rpc: &'static str,
        of: Of<'_>,
        answer: impl Future<Output = T>,
    ) -> Answer<T> {
        // Unique in this process, and, with its id, among all that a CLI runs at a time.
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let span = tracing::error_span!(
            "rpc",
            tf_req_id = format_args!("{}-{number}", std::process::id()),
            tf_rpc = rpc,
            tf_resource_type = if let Of::Resource(name) = of { Some(name) } else { None },
            tf_data_source_type = if let Of::DataSource(name) = of { Some(name) } else { None },
            tf_function_name = if let Of::Function(name) = of { Some(name) } else { None },
        );
        async {
            tracing::trace!("received request");
            let answer = answer.await;
            tracing::trace!("served request");
            Ok(Response::new(answer))
        }
        .instrument(span)
        .await
    }
}

#[tonic::async_trait]
impl Provider for Service {
    async fn get_metadata(
        &self,
        _: Request<get_metadata::Request>,
    ) -> Answer<get_metadata::Response> {
        let answer = async { rpc::get_metadata(&self.provider) };
        self.answer("GetMetadata", Of::Provider, answer).await
    }

    async fn get_provider_schema(
        &self,
        _: Request<get_provider_schema::Request>,
    ) -> Answer<get_provider_schema::Response> {
        let made = || rpc::get_provider_schema(&self.provider);
        let answer = async { self.schema.get_or_init(made).clone() };
        self.answer("GetProviderSchema", Of::Provider, answer).await
    }

    async fn get_functions(
        &self,
        _: Request<get_functions::Request>,
    ) -> Answer<get_functions::Response> {
        let answer = async { rpc::get_functions(&self.provider) };
        self.answer("GetFunctions", Of::Provider, answer).await
    }

    async fn call_function(
        &self,
        request: Request<call_function::Request>,
    ) -> Answer<call_function::Response> {
        let request = request.into_inner();
        let answer = async { rpc::call_function(&self.provider, &request) };
        self.answer("CallFunction", Of::Function(&request.name), answer).await
    }

    async fn validate_provider_config(
        &self,
        request: Request<validate_provider_config::Request>,
    ) -> Answer<validate_provider_config::Response> {
        let request = request.into_inner();
        let answer = async { rpc::validate_provider_config(&self.provider, &request) };
        self.answer("ValidateProviderConfig", Of::Provider, answer).await
    }

    async fn configure_provider(
        &self,
        request: Request<configure_provider::Request>,
    ) -> Answer<configure_provider::Response> {
        let request = request.into_inner();
        let answer = rpc::configure_provider(&self.provider, &request);
        self.answer("ConfigureProvider", Of::Provider, answer).await
    }

    async fn validate_resource_config(
        &self,
        request: Request<validate_resource_config::Request>,
    ) -> Answer<validate_resource_config::Response> {
        let request = request.into_inner();
        let answer = async { rpc::validate_resource_config(&self.provider, &request) };
        self.answer("ValidateResourceConfig", Of::Resource(&request.type_name), answer).await
    }

    async fn validate_data_resource_config(
        &self,
        request: Request<validate_data_resource_config::Request>,
    ) -> Answer<validate_data_resource_config::Response> {
        let request = request.into_inner();
        let answer = async { rpc::validate_data_resource_config(&self.provider, &request) };
        self.answer("ValidateDataResourceConfig", Of::DataSource(&request.type_name), answer).await
    }

    async fn upgrade_resource_state(
        &self,
        request: Request<upgrade_resource_state::Request>,
    ) -> Answer<upgrade_resource_state::Response> {
        let request = request.into_inner();
        let answer = async { rpc::upgrade_resource_state(&self.provider, &request) };
        self.answer("UpgradeResourceState", Of::Resource(&request.type_name), answer).await
    }

    async fn read_resource(
        &self,
        request: Request<read_resource::Request>,
    ) -> Answer<read_resource::Response> {
        let request = request.into_inner();
        let of = request.type_name.clone();
        let answer = rpc::read_resource(&self.provider, request);
        self.answer("ReadResource", Of::Resource(&of), answer).await
    }

    async fn plan_resource_change(
        &self,
        request: Request<plan_resource_change::Request>,
    ) -> Answer<plan_resource_change::Response> {
        let request = request.into_inner();
        let of = request.type_name.clone();
        let answer = rpc::plan_resource_change(&self.provider, request);
        self.answer("PlanResourceChange", Of::Resource(&of), answer).await
    }

    async fn apply_resource_change(
        &self,
        request: Request<apply_resource_change::Request>,
    ) -> Answer<apply_resource_change::Response> {
        let request = request.into_inner();
        let of = request.type_name.clone();
        let answer = rpc::apply_resource_change(&self.provider, request);
        self.answer("ApplyResourceChange", Of::Resource(&of), answer).await
    }

    async fn import_resource_state(
        &self,
        request: Request<import_resource_state::Request>,
    ) -> Answer<import_resource_state::Response> {
        let request = request.into_inner();
        let answer = rpc::import_resource_state(&self.provider, &request);
        self.answer("ImportResourceState", Of::Resource(&request.type_name), answer).await
    }

    async fn read_data_source(
        &self,
        request: Request<read_data_source::Request>,
    ) -> Answer<read_data_source::Response> {
        let request = request.into_inner();
        let answer = rpc::read_data_source(&self.provider, &request);
        self.answer("ReadDataSource", Of::DataSource(&request.type_name), answer).await
    }

    async fn stop_provider(
        &self,
        _: Request<stop_provider::Request>,
    ) -> Answer<stop_provider::Response> {
        let answer = async {
            self.provider.stop();
            stop_provider::Response::default()
        };
        self.answer("StopProvider", Of::Provider, answer).await
    }
}
