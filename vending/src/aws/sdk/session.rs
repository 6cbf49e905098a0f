//! The SDK's configurations, each made at the first call that needs it: with the caller's own credentials, and
//! with those that read and that change the organization.

use std::sync::Arc;
use std::time::Duration;

use aws_config::meta::region::ProvideRegion as _;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use tokio::sync::OnceCell;

use super::regional_sts::regional_sts;
use super::retry::Sender;
use super::{answers, credentials, transport, variables};
use crate::config::{AssumeRole, Config};
use crate::error::{CREDENTIALS, Cause, Error, Kind};
use crate::operations::{self, Access};

/// Makes the SDK's configurations once, checks the credentials once, and hands both out.
pub(crate) struct Session {
    config: Arc<Config>,
    sender: Sender,
    opened: OnceCell<SdkConfig>,
    reader: OnceCell<SdkConfig>,
    writer: OnceCell<SdkConfig>,
    account: OnceCell<String>,
}

/// A service's clients: one for the calls that read the organization, one for those that change it. Each is made by
/// the first call that needs it, so that a run that only reads never opens the role that changes.
pub(crate) struct Clients<C> {
    reader: OnceCell<C>,
    writer: OnceCell<C>,
}

impl<C> Default for Clients<C> {
    fn default() -> Self {
        Self { reader: OnceCell::new(), writer: OnceCell::new() }
    }
}

impl<C> Clients<C> {
    /// The client of `call` (`service:Operation`); `make` makes it.
    pub(crate) async fn of(
        &self,
        session: &Session,
        call: &str,
        make: impl FnOnce(&SdkConfig) -> C,
    ) -> Result<&C, Error> {
        let access = operations::access(call);
        let client = match access {
            Access::Read => &self.reader,
            Access::Write => &self.writer,
        };
        client.get_or_try_init(|| async { session.side(access).await.map(make) }).await
    }
}

impl Session {
    pub(crate) fn new(config: Arc<Config>) -> Self {
        let sender = Sender::new(&config);
        Self {
            config,
            sender,
            opened: OnceCell::new(),
            reader: OnceCell::new(),
            writer: OnceCell::new(),
            account: OnceCell::new(),
        }
    }

    /// Sends requests with the caller's credentials.
    pub(crate) fn sender(&self) -> &Sender {
        &self.sender
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// The SDK's configuration with the caller's own credentials, checked. The first caller opens it; a failure is
    /// not kept, so that the next call may try again.
    pub(crate) async fn sdk(&self) -> Result<&SdkConfig, Error> {
        self.opened.get_or_try_init(|| Box::pin(self.open())).await
    }

    /// The SDK's configuration for calls that read the organization, or that change it.
    pub(crate) async fn side(&self, access: Access) -> Result<&SdkConfig, Error> {
        let (role_arn, setting, opened) = match access {
            Access::Read => {
                (&self.config.organization.read_role_arn, "read_role_arn", &self.reader)
            }
            Access::Write => {
                (&self.config.organization.write_role_arn, "write_role_arn", &self.writer)
            }
        };
        let own = self.sdk().await?;
        let Some(role_arn) = role_arn else { return Ok(own) };
        let role = AssumeRole { role_arn: role_arn.clone(), ..AssumeRole::default() };
        let said = format!("`organization.{setting}` of the provider block ({role_arn})");
        let opening = || credentials::assume(&self.config, &self.sender, own.clone(), role, &said);
        opened.get_or_try_init(opening).await
    }

    /// The account of the caller's own credentials.
    pub(crate) async fn account(&self) -> Result<&str, Error> {
        let sdk = self.sdk().await?;
        self.account_of(sdk).await
    }

    async fn account_of(&self, sdk: &SdkConfig) -> Result<&str, Error> {
        let asking = || async {
            let client = regional_sts(&self.config, sdk);
            let asked = self
                .sender
                .send("sts:GetCallerIdentity", || client.get_caller_identity().send())
                .await?;
            let account = asked.account().filter(|account| !account.is_empty());
            account
                .map(str::to_owned)
                .ok_or_else(|| answers::incomplete("sts:GetCallerIdentity", "Account"))
        };
        self.account.get_or_try_init(asking).await.map(String::as_str)
    }

    /// The endpoint that the provider block gives a service; the SDK knows those of the
    /// environment and of the shared files.
    pub(crate) fn endpoint(&self, service: &str) -> Option<String> {
        self.config.endpoints.get(service).cloned()
    }
}

impl Session {
    async fn open(&self) -> Result<SdkConfig, Error> {
        let config = &*self.config;
        let files = credentials::profile_files(config);
        let mut profile_region = ProfileFileRegionProvider::builder();
        let profile = config.profile.as_deref().or_else(|| variables::profile());
        if let Some(profile) = profile {
            profile_region = profile_region.profile_name(profile);
        }
        if let Some(files) = &files {
            profile_region = profile_region.profile_files(files.clone());
        }
        let region = match config.region.clone().or_else(variables::region) {
            Some(region) => Region::new(region),
            None => {
                let of_files = profile_region.build().region().await;
                let of_files = of_files.filter(|region| !region.as_ref().is_empty());
                of_files.unwrap_or_else(|| Region::new("us-east-1"))
            }
        };
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .region(region)
            .http_client(transport::client(&config.transport)?)
            .retry_config(RetryConfig::disabled())
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(Duration::from_secs(5))
                    .operation_attempt_timeout(Duration::from_secs(60))
                    .build(),
            )
            .no_credentials();
        if let Some(profile) = profile {
            loader = loader.profile_name(profile);
        }
        if let Some(files) = files {
            loader = loader.profile_files(files);
        }
        if let Some(use_fips) = config.use_fips_endpoint {
            loader = loader.use_fips(use_fips);
        }
        if let Some(use_dualstack) = config.use_dualstack_endpoint {
            loader = loader.use_dual_stack(use_dualstack);
        }
        let base = variables::without_empty_endpoints(loader.load().await);
        let sdk = credentials::resolve(config, &self.sender, base).await?;
        self.check_account(&sdk).await?;
        Ok(sdk)
    }

    /// Compares the caller's account with the lists of the provider block.
    async fn check_account(&self, sdk: &SdkConfig) -> Result<(), Error> {
        let Config { allowed_account_ids: allowed, forbidden_account_ids: forbidden, .. } =
            &*self.config;
        if allowed.is_empty() && forbidden.is_empty() {
            return Ok(());
        }
        let account = self.account_of(sdk).await?;
        let why = if forbidden.contains(account) {
            "which `forbidden_account_ids` has".to_owned()
        } else if allowed.is_empty() || allowed.contains(account) {
            return Ok(());
        } else {
            let allowed: Vec<&str> = allowed.iter().map(String::as_str).collect();
            format!("and `allowed_account_ids` has only {}", allowed.join(", "))
        };
        let message = format!(
            "the credentials of {} are those of account {account}, {why}",
            credentials::source(&self.config)
        );
        Err(Error::new(CREDENTIALS, Kind::Credentials, "AccountNotAllowed", message)
            .with_cause(Cause::AccountNotAllowed))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::sync::Mutex;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;
    use crate::aws::api::{CreateAccount, Organizations};
    use crate::aws::sdk::organizations::AwsOrganizations;
    use crate::config::StaticKeys;

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
        let config = Config { assume_roles: vec![role], ..config("sts", &url) };
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
            billing_access: fleet_model::account::BillingAccess::Allow,
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
