//! The credentials of the provider block, resolved at the first call that needs them.

use std::sync::Arc;
use std::time::Duration;

use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_smithy_http_client::tls;
use tokio::sync::OnceCell;

use super::fault::{self, Signer};
use super::retry::send;
use crate::config::{AssumeRole, Config, SESSION_NAME};
use crate::error::{Error, Kind};

/// Instance metadata answers at once or is not there: no waiting for it on a laptop.
const METADATA_TIMEOUT: Duration = Duration::from_secs(1);

/// What `allowed_account_ids` and the checks of the credentials are reported as.
const CREDENTIALS: &str = "credentials";

/// Makes the SDK's configuration once, checks the credentials once, and hands both out.
pub(crate) struct Session {
    config: Arc<Config>,
    opened: OnceCell<SdkConfig>,
}

impl Session {
    pub(crate) fn new(config: Arc<Config>) -> Self {
        Self { config, opened: OnceCell::new() }
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// The SDK's configuration with checked credentials. The first caller opens it; a failure is
    /// not kept, so that the next call may try again.
    pub(crate) async fn sdk(&self) -> Result<&SdkConfig, Error> {
        self.opened.get_or_try_init(|| open(&self.config)).await
    }

    /// The endpoint that the provider block gives a service; the SDK knows those of the
    /// environment and of the shared files.
    pub(crate) fn endpoint(&self, service: &str) -> Option<String> {
        self.config.endpoints.get(service).cloned()
    }
}

async fn open(config: &Config) -> Result<SdkConfig, Error> {
    let mut profile_region = ProfileFileRegionProvider::builder();
    if let Some(profile) = &config.profile {
        profile_region = profile_region.profile_name(profile);
    }
    let region = RegionProviderChain::first_try(config.region.clone().map(Region::new))
        .or_else(EnvironmentVariableRegionProvider::new())
        .or_else(profile_region.build())
        .or_else(Region::new("us-east-1"));
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc))
        .build_https();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .region(region)
        .http_client(http.clone())
        .retry_config(RetryConfig::disabled())
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(Duration::from_secs(5))
                .operation_attempt_timeout(Duration::from_secs(60))
                .build(),
        )
        .no_credentials();
    if let Some(profile) = &config.profile {
        loader = loader.profile_name(profile);
    }
    let base = loader.load().await;

    let own = own_credentials(config, &base).await;
    let source = source(config);
    check(&own, &source).await?;
    let sdk = base.into_builder().credentials_provider(own).build();
    let sdk = match &config.assume_role {
        None => sdk,
        Some(role) => {
            let assumed = SharedCredentialsProvider::new(AssumedRole {
                sts: sts(config, &sdk),
                role: role.clone(),
            });
            check(&assumed, &format!("`assume_role` of the provider block ({})", role.role_arn))
                .await?;
            sdk.into_builder().credentials_provider(assumed).build()
        }
    };
    check_account(config, &sdk).await?;
    Ok(sdk)
}

async fn own_credentials(config: &Config, base: &SdkConfig) -> SharedCredentialsProvider {
    if let Some(keys) = &config.keys {
        return SharedCredentialsProvider::new(Credentials::new(
            keys.access_key.clone(),
            keys.secret_key.clone(),
            keys.token.clone(),
            None,
            "ProviderBlock",
        ));
    }
    let mut provider = ProviderConfig::without_region().with_region(base.region().cloned());
    if let Some(http) = base.http_client() {
        provider = provider.with_http_client(http);
    }
    let metadata = aws_config::imds::Client::builder()
        .configure(&provider)
        .max_attempts(1)
        .connect_timeout(METADATA_TIMEOUT)
        .read_timeout(METADATA_TIMEOUT)
        .build();
    let mut chain = DefaultCredentialsChain::builder().imds_client(metadata).configure(provider);
    if let Some(profile) = &config.profile {
        chain = chain.profile_name(profile);
    }
    SharedCredentialsProvider::new(chain.build().await)
}

/// The source of credentials that is tried, in the user's words.
fn source(config: &Config) -> String {
    if config.keys.is_some() {
        return "`access_key` and `secret_key` of the provider block".into();
    }
    if let Some(profile) = &config.profile {
        return format!("the profile `{profile}` of the provider block");
    }
    let set = |name: &str| std::env::var(name).is_ok_and(|value| !value.is_empty());
    if set("AWS_ACCESS_KEY_ID") {
        return "the environment variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY".into();
    }
    if let Ok(profile) = std::env::var("AWS_PROFILE") {
        return format!("the profile `{profile}` of AWS_PROFILE");
    }
    if set("AWS_WEB_IDENTITY_TOKEN_FILE") {
        return "the web identity of AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN".into();
    }
    "the default chain (environment variables, the profile `default`, web identity, container and \
     instance metadata)"
        .into()
}

async fn check(provider: &SharedCredentialsProvider, source: &str) -> Result<(), Error> {
    provider.provide_credentials().await.map(drop).map_err(|error| {
        Error::new(
            CREDENTIALS,
            Kind::Credentials,
            "NoCredentials",
            format!("{source} gave none: {}", fault::innermost(&error)),
        )
    })
}

async fn check_account(config: &Config, sdk: &SdkConfig) -> Result<(), Error> {
    if config.allowed_account_ids.is_empty() {
        return Ok(());
    }
    let client = sts(config, sdk);
    let caller =
        send(Signer::Caller, "sts:GetCallerIdentity", || client.get_caller_identity().send())
            .await?;
    let account = caller.account().unwrap_or_default();
    if config.allowed_account_ids.contains(account) {
        return Ok(());
    }
    let allowed: Vec<&str> = config.allowed_account_ids.iter().map(String::as_str).collect();
    Err(Error::new(
        CREDENTIALS,
        Kind::Credentials,
        "AccountNotAllowed",
        format!(
            "{} belongs to account {account}, and `allowed_account_ids` has only {}",
            source(config),
            allowed.join(", ")
        ),
    ))
}

/// A client of the regional STS endpoint: tokens of the global one fail in opt-in regions.
pub(crate) fn sts(config: &Config, sdk: &SdkConfig) -> aws_sdk_sts::Client {
    let mut builder = aws_sdk_sts::config::Builder::from(sdk);
    if let Some(endpoint) = config.endpoints.get("sts") {
        builder = builder.endpoint_url(endpoint);
    }
    aws_sdk_sts::Client::from_conf(builder.build())
}

/// The role of the provider block; the SDK's cache asks again before the session ends.
#[derive(Debug)]
struct AssumedRole {
    sts: aws_sdk_sts::Client,
    role: AssumeRole,
}

impl ProvideCredentials for AssumedRole {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async move {
            let name = self.role.session_name.as_deref().unwrap_or(SESSION_NAME);
            let answer = send(Signer::Caller, "sts:AssumeRole", || {
                self.sts
                    .assume_role()
                    .role_arn(&self.role.role_arn)
                    .role_session_name(name)
                    .set_external_id(self.role.external_id.clone())
                    .send()
            })
            .await
            .map_err(CredentialsError::provider_error)?;
            answer.credentials().map(credentials).ok_or_else(|| {
                CredentialsError::invalid_configuration("sts:AssumeRole gave no credentials")
            })
        })
    }
}

/// Credentials of an STS answer.
pub(crate) fn credentials(given: &aws_sdk_sts::types::Credentials) -> Credentials {
    Credentials::new(
        given.access_key_id(),
        given.secret_access_key(),
        Some(given.session_token().to_owned()),
        (*given.expiration()).try_into().ok(),
        "AssumeRole",
    )
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::sync::Mutex;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;
    use crate::aws::organizations::AwsOrganizations;
    use crate::config::StaticKeys;
    use crate::ports::{CreateAccount, Organizations};

    /// A service on loopback that answers every request alike; and the requests' targets.
    async fn service(status: u16, body: &'static str) -> (String, Arc<Mutex<usize>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(0));
        let count = Arc::clone(&asked);
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = vec![0; 16_384];
                let _ = stream.read(&mut request).await.unwrap();
                *count.lock().unwrap() += 1;
                let answer = format!(
                    "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                    body.len()
                );
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        (url, asked)
    }

    fn config(service: &str, url: &str) -> Config {
        Config {
            region: Some("us-east-1".into()),
            keys: Some(StaticKeys {
                access_key: "AKIAEXAMPLE".into(),
                secret_key: "very-secret".into(),
                token: None,
            }),
            endpoints: BTreeMap::from([(service.to_owned(), url.to_owned())]),
            ..Config::default()
        }
    }

    const CALLER: &str = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
        <GetCallerIdentityResult><Arn>arn:aws:iam::999999999999:user/a</Arn><UserId>A</UserId>\
        <Account>999999999999</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";

    #[tokio::test]
    async fn the_caller_s_account_is_checked_once_before_anything_else() {
        let (url, asked) = service(200, CALLER).await;
        let allowed = |id: &str| BTreeSet::from([id.to_owned()]);
        let right = Config { allowed_account_ids: allowed("999999999999"), ..config("sts", &url) };
        let session = Session::new(Arc::new(right));
        session.sdk().await.unwrap();
        session.sdk().await.unwrap();
        assert_eq!(*asked.lock().unwrap(), 1);

        let wrong = Config { allowed_account_ids: allowed("111111111111"), ..config("sts", &url) };
        let error = Session::new(Arc::new(wrong)).sdk().await.unwrap_err();
        assert_eq!((error.kind, error.code.as_str()), (Kind::Credentials, "AccountNotAllowed"));
        assert!(error.message.contains("999999999999") && error.message.contains("111111111111"));
        assert!(error.message.contains("`access_key`"), "{}", error.message);
        assert!(!error.message.contains("very-secret"));
    }

    #[tokio::test]
    async fn without_an_allow_list_opening_calls_nobody() {
        let (url, asked) = service(500, "").await;
        Session::new(Arc::new(config("sts", &url))).sdk().await.unwrap();
        assert_eq!(*asked.lock().unwrap(), 0);
    }

    #[tokio::test]
    async fn a_role_that_refuses_is_named_with_its_source() {
        let body = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";
        let (url, _) = service(403, body).await;
        let role =
            AssumeRole { role_arn: "arn:aws:iam::1:role/vend".into(), ..AssumeRole::default() };
        let config = Config { assume_role: Some(role), ..config("sts", &url) };
        let error = Session::new(Arc::new(config)).sdk().await.unwrap_err();
        assert_eq!(error.kind, Kind::Credentials);
        assert!(error.message.contains("arn:aws:iam::1:role/vend"), "{}", error.message);
        assert!(error.message.contains("AccessDenied"), "{}", error.message);
    }

    #[tokio::test]
    async fn create_account_is_sent_exactly_once_whatever_is_answered() {
        let wanted = CreateAccount {
            email: "a@example.com".into(),
            name: "a".into(),
            role_name: "R".into(),
            tags: BTreeMap::new(),
        };
        for (status, body, kind) in [
            (500, "", Kind::Unanswered),
            (503, "{\"__type\":\"ServiceException\"}", Kind::Unanswered),
            (400, "{\"__type\":\"TooManyRequestsException\"}", Kind::Throttled),
            (400, "{\"__type\":\"ConcurrentModificationException\"}", Kind::Busy),
            (
                400,
                "{\"__type\":\"ConstraintViolationException\",\"Reason\":\"ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED\"}",
                Kind::InFlightLimit,
            ),
        ] {
            let (url, asked) = service(status, body).await;
            let session = Arc::new(Session::new(Arc::new(config("organizations", &url))));
            let error = AwsOrganizations::new(session).create_account(&wanted).await.unwrap_err();
            assert_eq!(error.kind, kind, "{status} {body}: {error}");
            assert_eq!(*asked.lock().unwrap(), 1, "{status} {body}");
        }
    }
}
