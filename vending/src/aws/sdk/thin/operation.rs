//! One operation, for the SDK's orchestrator: how it is signed, written and read.

use aws_config::SdkConfig;
use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::auth::{SigV4OperationSigningConfig, SigningOptions};
use aws_runtime::user_agent::{ApiMetadata, UserAgentInterceptor};
use aws_smithy_runtime::client::identity::IdentityCache;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::auth::{
    AuthSchemeOptionResolverParams, SharedAuthScheme, SharedAuthSchemeOptionResolver,
};
use aws_smithy_runtime_api::client::identity::SharedIdentityResolver;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SigningName;
use aws_types::region::Region;

use super::fault::Fault;
use super::{Answer, Request, Service};

/// The operation `call` (`service:Operation`) of a service in a region, at `url`.
pub(super) fn operation(
    sdk: &SdkConfig,
    service: &'static Service,
    region: &str,
    call: &'static str,
    url: &str,
) -> Operation<Request, Answer, Fault> {
    let name = call.split_once(':').map_or(call, |(_, operation)| operation);
    let mut operation = Operation::builder()
        .service_name(service.id)
        .operation_name(name)
        .endpoint_url(url)
        .no_retry()
        .timeout_config(sdk.timeout_config().cloned().unwrap_or_else(TimeoutConfig::disabled))
        .runtime_plugin(signing(sdk, service, region))
        .interceptor(UserAgentInterceptor::new())
        .with_connection_poisoning();
    if let Some(client) = sdk.http_client() {
        operation = operation.http_client(client);
    }
    if let Some(sleep) = sdk.sleep_impl() {
        operation = operation.sleep_impl(sleep);
    }
    if let Some(time) = sdk.time_source() {
        operation = operation.time_source(time);
    }
    operation.serializer(write).deserializer(read).build()
}

fn signing(sdk: &SdkConfig, service: &Service, region: &str) -> StaticRuntimePlugin {
    let mut options = SigningOptions::default();
    options.double_uri_encode = !service.is_s3;
    options.normalize_uri_path = !service.is_s3;
    options.content_sha256_header = service.is_s3;
    let mut layer = Layer::new("signing");
    layer.store_put(AuthSchemeOptionResolverParams::new(()));
    layer.store_put(ApiMetadata::new(service.name, env!("CARGO_PKG_VERSION")));
    layer.store_put(SigV4OperationSigningConfig {
        region: Some(Region::new(region.to_owned()).into()),
        name: Some(SigningName::from_static(service.signs_as)),
        signing_options: options,
        ..SigV4OperationSigningConfig::default()
    });
    let mut components = RuntimeComponentsBuilder::new("signing")
        .with_auth_scheme(SharedAuthScheme::new(SigV4AuthScheme::new()))
        .with_auth_scheme_option_resolver(Some(SharedAuthSchemeOptionResolver::new(
            StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID]),
        )))
        .with_identity_cache(Some(sdk.identity_cache().unwrap_or_else(IdentityCache::no_cache)));
    if let Some(credentials) = sdk.credentials_provider() {
        components.set_identity_resolver(SCHEME_ID, SharedIdentityResolver::new(credentials));
    }
    StaticRuntimePlugin::new().with_config(layer.freeze()).with_runtime_components(components)
}

fn write(request: Request) -> Result<HttpRequest, BoxError> {
    let mut http = HttpRequest::new(SdkBody::from(request.body));
    http.set_method(request.method)?;
    http.set_uri(request.path)?;
    for (name, value) in request.headers {
        http.headers_mut().try_insert(name, value)?;
    }
    Ok(http)
}

fn read(response: &HttpResponse) -> Result<Answer, OrchestratorError<Fault>> {
    let bytes = response.body().bytes().unwrap_or_default();
    let body = String::from_utf8_lossy(bytes).into_owned();
    if response.status().is_success() {
        Ok(Answer::new(response.headers(), body))
    } else {
        Err(OrchestratorError::operation(Fault::read(response.headers(), &body)))
    }
}
