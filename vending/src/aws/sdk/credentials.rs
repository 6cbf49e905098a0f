//! Whose credentials calls are signed with: those of the provider block, the environment or the shared
//! files, then the roles that are assumed with them.

use std::fmt;
use std::time::{Duration, SystemTime};

use aws_config::SdkConfig;
use aws_config::ecs::EcsCredentialsProvider;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_sdk_sts::types::{PolicyDescriptorType, Tag};
use aws_types::os_shim_internal::{Env, Fs};
use tokio::sync::Mutex;

use super::fault;
use super::regional_sts::regional_sts;
use super::retry::Sender;
use super::variables::{self, variable};
use crate::config::{AssumeRole, Config, RoleSession, SESSION_NAME, WebIdentity, WebIdentityToken};
use crate::error::{CREDENTIALS, Cause, Error};

/// Instance metadata answers at once or is not there: no waiting for it on a laptop.
const METADATA_TIMEOUT: Duration = Duration::from_secs(1);

/// A session is not handed out any more when it ends within this time.
pub(super) const EARLY: Duration = Duration::from_secs(5 * 60);

/// `base` with the credentials of the configuration: the first ones, then each role of the chain.
///
/// # Errors
/// A source gives none. It is named.
pub(super) async fn resolve(
    config: &Config,
    sender: &Sender,
    base: SdkConfig,
) -> Result<SdkConfig, Error> {
    let first = match &config.web_identity {
        Some(identity) => SharedCredentialsProvider::new(AssumedByToken {
            sender: sender.clone(),
            sts: regional_sts(config, &base),
            identity: identity.clone(),
        }),
        None => own(config, sender, &base),
    };
    let first = SharedCredentialsProvider::new(Kept::new(first));
    if !config.skip_credentials_validation
        && let Err(error) = check(&first, &source(config)).await
    {
        return Err(of_profile(config, error).await);
    }
    let mut sdk = base.into_builder().credentials_provider(first).build();
    for (index, role) in config.assume_roles.iter().enumerate() {
        let which = match config.assume_roles.len() {
            1 => "`assume_role`".to_owned(),
            roles => format!("`assume_role` {} of {roles}", index + 1),
        };
        let said = format!("{which} of the provider block ({})", role.role_arn);
        sdk = assume(config, sender, sdk, role.clone(), &said).await?;
    }
    Ok(sdk)
}

/// `sdk` with the credentials of `role`, which those of `sdk` open. `said` is the role in the user's words.
///
/// # Errors
/// It cannot be assumed.
pub(super) async fn assume(
    config: &Config,
    sender: &Sender,
    sdk: SdkConfig,
    role: AssumeRole,
    said: &str,
) -> Result<SdkConfig, Error> {
    let assumed = SharedCredentialsProvider::new(Kept::new(AssumedRole {
        sender: sender.clone(),
        sts: regional_sts(config, &sdk),
        role,
    }));
    if !config.skip_credentials_validation {
        check(&assumed, said).await?;
    }
    Ok(sdk.into_builder().credentials_provider(assumed).build())
}

/// The files of the provider block, if it names any. A kind that it does not name stays where it is.
pub(super) fn profile_files(config: &Config) -> Option<EnvConfigFiles> {
    let or = |named: &Vec<String>, variable, file| match named.as_slice() {
        [] => variables::shared_file(variable, file).into_iter().collect(),
        named => named.to_vec(),
    };
    let configs = or(&config.shared_config_files, "AWS_CONFIG_FILE", "config");
    let keys = or(&config.shared_credentials_files, "AWS_SHARED_CREDENTIALS_FILE", "credentials");
    if configs.is_empty() && keys.is_empty() {
        return None;
    }
    let mut files = EnvConfigFiles::builder();
    for (kind, named) in
        [(EnvConfigFileKind::Config, configs), (EnvConfigFileKind::Credentials, keys)]
    {
        files = match (named.is_empty(), kind) {
            (true, EnvConfigFileKind::Config) => files.include_default_config_file(true),
            (true, _) => files.include_default_credentials_file(true),
            (false, kind) => named.iter().fold(files, |files, path| files.with_file(kind, path)),
        };
    }
    Some(files.build())
}

fn own(config: &Config, sender: &Sender, base: &SdkConfig) -> SharedCredentialsProvider {
    if let Some(keys) = &config.keys {
        return SharedCredentialsProvider::new(Credentials::new(
            keys.access_key.clone(),
            keys.secret_key.clone(),
            keys.token.clone(),
            None,
            "ProviderBlock",
        ));
    }
    let mut provider = ProviderConfig::without_region()
        .with_region(base.region().cloned())
        .with_use_fips(config.use_fips_endpoint)
        .with_use_dual_stack(config.use_dualstack_endpoint);
    if let Some(http) = base.http_client() {
        provider = provider.with_http_client(http);
    }
    let mut profile = ProfileFileCredentialsProvider::builder().configure(&provider);
    if let Some(files) = profile_files(config) {
        profile = profile.profile_files(files);
    }
    // A profile that is asked for is the only source: keys of the environment would make the calls
    // as somebody else.
    if let Some(name) = &config.profile {
        return SharedCredentialsProvider::new(profile.profile_name(name).build());
    }
    if let Some(name) = variables::profile() {
        profile = profile.profile_name(name);
    }
    let metadata = aws_config::imds::Client::builder()
        .configure(&provider)
        .max_attempts(1)
        .connect_timeout(METADATA_TIMEOUT)
        .read_timeout(METADATA_TIMEOUT)
        .build();
    // An empty variable is no address of a container's credentials.
    let names = ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"];
    let container = names
        .iter()
        .any(|name| variable(name).is_some())
        .then(|| EcsCredentialsProvider::builder().configure(&provider).build());
    let instance =
        ImdsCredentialsProvider::builder().configure(&provider).imds_client(metadata).build();
    let keys = EnvironmentVariableCredentialsProvider::new();
    let mut chain = CredentialsProviderChain::first_try("environment", keys)
        .or_else("profile", profile.build());
    // Not the SDK's, which knows nothing of the block's endpoint and region of STS.
    if let Some(identity) = web_identity_of_the_environment() {
        let sts = regional_sts(config, base);
        let role = AssumedByToken { sender: sender.clone(), sts, identity };
        chain = chain.or_else("web identity", role);
    }
    if let Some(container) = container {
        chain = chain.or_else("container", container);
    }
    SharedCredentialsProvider::new(chain.or_else("instance metadata", instance))
}

/// The role and the token that a pipeline or a cluster gives its processes.
fn web_identity_of_the_environment() -> Option<WebIdentity> {
    Some(WebIdentity {
        role_arn: variable("AWS_ROLE_ARN")?,
        session: RoleSession { name: variable("AWS_ROLE_SESSION_NAME"), ..RoleSession::default() },
        token: WebIdentityToken::File(variable("AWS_WEB_IDENTITY_TOKEN_FILE")?),
    })
}

/// The source of credentials that is tried, in the user's words.
pub(super) fn source(config: &Config) -> String {
    if let Some(identity) = &config.web_identity {
        return format!(
            "`assume_role_with_web_identity` of the provider block ({})",
            identity.role_arn
        );
    }
    if config.keys.is_some() {
        return "`access_key` and `secret_key` of the provider block".into();
    }
    if let Some(profile) = &config.profile {
        return format!("the profile `{profile}` of the provider block");
    }
    if variable("AWS_ACCESS_KEY_ID").is_some() {
        return "the environment variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY".into();
    }
    if let Some(profile) = variable("AWS_PROFILE") {
        return format!("the profile `{profile}` of AWS_PROFILE");
    }
    if variable("AWS_WEB_IDENTITY_TOKEN_FILE").is_some() {
        return "the web identity of AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN".into();
    }
    "the default chain (environment variables, the profile `default`, web identity, container and \
     instance metadata)"
        .into()
}

async fn check(provider: &SharedCredentialsProvider, source: &str) -> Result<(), Error> {
    provider.provide_credentials().await.map(drop).map_err(|failed| {
        let error = fault::of_credentials(CREDENTIALS, &failed);
        // Where nobody was reached, the call and its endpoint are what there is to say.
        if error.cause.is_unreachable() {
            return error;
        }
        Error {
            call: CREDENTIALS.to_owned(),
            code: "NoCredentials".to_owned(),
            message: format!("{source} gave none: {}", fault::innermost(&failed)),
            ..error
        }
    })
}

/// What is wrong with the profile, where credentials were to come from one: the SDK's own errors have no types for it.
async fn of_profile(config: &Config, error: Error) -> Error {
    let of_files = config.keys.is_none() && config.web_identity.is_none();
    if !of_files || !matches!(error.cause, Cause::SourceFailed | Cause::NoCredentials) {
        return error;
    }
    let named = config.profile.clone().or_else(|| variable("AWS_PROFILE"));
    let files = profile_files(config).unwrap_or_default();
    let (fs, env) = (Fs::real(), Env::real());
    let loaded = aws_config::profile::load(&fs, &env, &files, None).await;
    let Ok(profiles) = loaded else { return error };
    let wanted = named.as_deref().unwrap_or("default");
    match (profiles.get_profile(wanted), named.is_some()) {
        (None, true) => {
            let mut known: Vec<&str> = profiles.profiles().collect();
            known.sort_unstable();
            let known = match known.as_slice() {
                [] => "there are none".to_owned(),
                known => format!("there are: {}", known.join(", ")),
            };
            let message = format!("{}: no such profile; {known}", source(config));
            Error { message, cause: Cause::NoSuchProfile, ..error }
        }
        (Some(profile), _)
            if ["sso_session", "sso_start_url"].iter().any(|of| profile.get(of).is_some()) =>
        {
            Error { cause: Cause::SignInEnded, ..error }
        }
        _ => error,
    }
}

/// Remembers what was given while it lasts: the check of it, each client above it and the next role of a chain
/// would otherwise each open a session.
#[derive(Debug)]
struct Kept<P> {
    provider: P,
    given: Mutex<Option<Credentials>>,
}

impl<P> Kept<P> {
    fn new(provider: P) -> Self {
        Self { provider, given: Mutex::default() }
    }
}

impl<P: ProvideCredentials> ProvideCredentials for Kept<P> {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async move {
            let mut given = self.given.lock().await;
            #[expect(
                clippy::disallowed_methods,
                reason = "AWS says until when credentials are good, by the machine's clock"
            )]
            let until = SystemTime::now() + EARLY;
            if let Some(kept) = given.as_ref().filter(|kept| kept.expiry() > Some(until)) {
                return Ok(kept.clone());
            }
            let fresh = self.provider.provide_credentials().await?;
            *given = Some(fresh.clone());
            Ok(fresh)
        })
    }
}

/// A role of the provider block.
struct AssumedRole {
    sender: Sender,
    sts: aws_sdk_sts::Client,
    role: AssumeRole,
}

impl fmt::Debug for AssumedRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AssumedRole").field("role", &self.role).finish_non_exhaustive()
    }
}

impl ProvideCredentials for AssumedRole {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async move {
            let AssumeRole { role_arn, session, external_id, source_identity, .. } = &self.role;
            let tags: Vec<Tag> = self
                .role
                .tags
                .iter()
                .map(|(key, value)| Tag::builder().key(key).value(value).build())
                .collect::<Result<_, _>>()
                .map_err(CredentialsError::invalid_configuration)?;
            let transitive = self.role.transitive_tag_keys.iter().cloned().collect::<Vec<_>>();
            let answer = self
                .sender
                .send("sts:AssumeRole", || {
                    self.sts
                        .assume_role()
                        .role_arn(role_arn)
                        .role_session_name(name(session))
                        .set_duration_seconds(seconds(session))
                        .set_policy(session.policy.clone())
                        .set_policy_arns(policies(session))
                        .set_external_id(external_id.clone())
                        .set_source_identity(source_identity.clone())
                        .set_tags(some(tags.clone()))
                        .set_transitive_tag_keys(some(transitive.clone()))
                        .send()
                })
                .await
                .map_err(CredentialsError::provider_error)?;
            given("sts:AssumeRole", answer.credentials())
        })
    }
}

/// A role that a token of an identity provider opens.
struct AssumedByToken {
    sender: Sender,
    sts: aws_sdk_sts::Client,
    identity: WebIdentity,
}

impl fmt::Debug for AssumedByToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AssumedByToken").field("identity", &self.identity).finish_non_exhaustive()
    }
}

impl ProvideCredentials for AssumedByToken {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async move {
            let WebIdentity { role_arn, session, token } = &self.identity;
            let token = match token {
                WebIdentityToken::Given(token) => token.clone(),
                WebIdentityToken::File(path) => tokio::fs::read_to_string(path)
                    .await
                    .map(|text| text.trim().to_owned())
                    .map_err(|error| {
                        let why = format!("the token file `{path}` cannot be read: {error}");
                        CredentialsError::invalid_configuration(why)
                    })?,
            };
            let answer = self
                .sender
                .send("sts:AssumeRoleWithWebIdentity", || {
                    self.sts
                        .assume_role_with_web_identity()
                        .role_arn(role_arn)
                        .role_session_name(name(session))
                        .web_identity_token(&token)
                        .set_duration_seconds(seconds(session))
                        .set_policy(session.policy.clone())
                        .set_policy_arns(policies(session))
                        .send()
                })
                .await
                .map_err(CredentialsError::provider_error)?;
            given("sts:AssumeRoleWithWebIdentity", answer.credentials())
        })
    }
}

fn name(session: &RoleSession) -> &str {
    session.name.as_deref().unwrap_or(SESSION_NAME)
}

fn seconds(session: &RoleSession) -> Option<i32> {
    session.duration.map(|duration| i32::try_from(duration.as_secs()).unwrap_or(i32::MAX))
}

fn policies(session: &RoleSession) -> Option<Vec<PolicyDescriptorType>> {
    some(
        session
            .policy_arns
            .iter()
            .map(|arn| PolicyDescriptorType::builder().arn(arn).build())
            .collect(),
    )
}

/// An empty list is not sent at all.
fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    if list.is_empty() { None } else { Some(list) }
}

fn given(
    call: &str,
    answer: Option<&aws_sdk_sts::types::Credentials>,
) -> Result<Credentials, CredentialsError> {
    answer.map(credentials).ok_or_else(|| {
        CredentialsError::invalid_configuration(format!("{call} gave no credentials"))
    })
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
mod tests;
