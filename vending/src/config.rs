//! How to reach AWS: the provider block's settings, under terraform-provider-aws's names.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use fleet_model::address;

use crate::unit_path::Parent;

/// Everything the engine needs to know before its first call. Making one calls nothing.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The region of the calls that have one (STS, tagging, Control Tower). Otherwise `AWS_REGION`,
    /// `AWS_DEFAULT_REGION`, the shared configuration file, and in the end `us-east-1`.
    pub region: Option<String>,
    /// The region of STS where it is not [`Self::region`].
    pub sts_region: Option<String>,
    /// The profile of the shared configuration files.
    pub profile: Option<String>,
    /// Configuration files to read instead of `AWS_CONFIG_FILE` or `~/.aws/config`.
    pub shared_config_files: Vec<String>,
    /// Credentials files to read instead of `AWS_SHARED_CREDENTIALS_FILE` or `~/.aws/credentials`.
    pub shared_credentials_files: Vec<String>,
    /// Keys that were given in the provider block.
    pub keys: Option<StaticKeys>,
    /// A role to assume with a token of an identity provider, instead of any other first credentials.
    pub web_identity: Option<WebIdentity>,
    /// Roles to assume before anything else, one after the other.
    pub assume_roles: Vec<AssumeRole>,
    /// Roles that read and change the organization, assumed with the credentials above.
    pub organization: OrganizationRoles,
    /// Endpoints by service: `account`, `controltower`, `ec2`, `iam`, `organizations`,
    /// `resourcegroupstaggingapi`, `s3control`, `servicequotas`, `sts`. They win over `AWS_ENDPOINT_URL*`.
    pub endpoints: BTreeMap<String, String>,
    /// Endpoints that hold to FIPS 140; otherwise as `AWS_USE_FIPS_ENDPOINT` and the profile say.
    pub use_fips_endpoint: Option<bool>,
    /// Endpoints with IPv6; otherwise as `AWS_USE_DUALSTACK_ENDPOINT` and the profile say.
    pub use_dualstack_endpoint: Option<bool>,
    /// How requests get to AWS.
    pub transport: Transport,
    /// How calls are held back.
    pub retry_mode: RetryMode,
    /// How often a call is tried again, at most. Otherwise throttles and busy services are waited out
    /// until the operation's time is over, and calls without an answer are made five times. What the
    /// engine waits for between its calls, the turn of a `CreateAccount` too, only that time bounds.
    pub max_retries: Option<u32>,
    /// The accounts the caller may be in; empty = any. Checked before the first other call.
    pub allowed_account_ids: BTreeSet<String>,
    /// The accounts the caller may not be in. Checked like [`Self::allowed_account_ids`].
    pub forbidden_account_ids: BTreeSet<String>,
    /// Credentials are not resolved before they are needed.
    pub skip_credentials_validation: bool,
    /// The roles to try in a member account after the one that `CreateAccount` made, in order, while it has not the next
    /// two.
    pub bootstrap_role_names: Vec<String>,
    /// The role of each member account through which an apply works in it, made by the access roles' control.
    pub manage_role_name: Option<String>,
    /// The role of each member account through which a plan looks at it, made by the same control.
    pub read_role_name: Option<String>,
    /// Where accounts go that are frozen or retired.
    pub quarantine: Option<Quarantine>,
    /// The one mutation owner of what this configuration creates.
    pub managed_by: String,
    /// How a refresh tells that an account is still ready.
    pub refresh_readiness: RefreshReadiness,
}

impl Config {
    /// The roles of the provider block by which vending enters a member account: no policy of ours may bind them.
    #[must_use]
    pub fn access_role_names(&self) -> Vec<String> {
        let own = [&self.manage_role_name, &self.read_role_name].into_iter().flatten();
        self.bootstrap_role_names.iter().chain(own).cloned().collect()
    }
}

/// How a refresh tells that an account is still ready. An account that is not ready is checked in
/// full whatever this says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RefreshReadiness {
    /// It makes every check in the account.
    #[default]
    Full,
    /// It believes what the state says while the account's state, place and tags are what they were.
    Cached,
    /// The same, without the tags: no call per account.
    Off,
}

impl RefreshReadiness {
    /// Every word of the provider block.
    pub const WORDS: &'static [&'static str] = &["full", "cached", "off"];

    /// The meaning of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "full" => Some(Self::Full),
            "cached" => Some(Self::Cached),
            "off" => Some(Self::Off),
            _ => None,
        }
    }
}

/// Where accounts go that are frozen or retired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantine {
    /// The OU that takes them.
    pub parent: Parent,
    /// `p-…`: a service control policy that binds them there; it is attached to the account where
    /// neither it nor an OU above has it.
    pub policy_id: Option<String>,
}

/// How calls are held back, in the SDKs' words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RetryMode {
    /// Each group of calls has its rate.
    #[default]
    Standard,
    /// A group that is throttled goes slower until the service takes its calls again.
    Adaptive,
}

/// Static keys. `Debug` shows the access key id and nothing of the secrets.
#[derive(Clone)]
pub struct StaticKeys {
    /// The access key id.
    pub access_key: String,
    /// The secret access key.
    pub secret_key: String,
    /// The session token of temporary keys.
    pub token: Option<String>,
}

/// A role to assume before anything else.
#[derive(Clone, Debug, Default)]
pub struct AssumeRole {
    /// Its ARN.
    pub role_arn: String,
    /// What its session is called, and limited to.
    pub session: RoleSession,
    /// The external id that its trust policy may ask for.
    pub external_id: Option<String>,
    /// Tags of the session.
    pub tags: BTreeMap<String, String>,
    /// Those of them that the next session of a chain keeps.
    pub transitive_tag_keys: BTreeSet<String>,
    /// Who is behind the session, as CloudTrail shows it.
    pub source_identity: Option<String>,
}

/// The roles that calls about the organization are made with. Without one, its calls are made with the caller's
/// own credentials.
#[derive(Clone, Debug, Default)]
pub struct OrganizationRoles {
    /// The ARN of the role that reads: in the management account, or in a delegated administrator's.
    pub read_role_arn: Option<String>,
    /// The ARN of the role that changes: in the management account. A plan never assumes it.
    pub write_role_arn: Option<String>,
}

/// A role to assume with a token of an identity provider.
#[derive(Clone, Debug)]
pub struct WebIdentity {
    /// Its ARN.
    pub role_arn: String,
    /// What its session is called, and limited to.
    pub session: RoleSession,
    /// The token.
    pub token: WebIdentityToken,
}

/// Where a token is. `Debug` does not show the token itself.
#[derive(Clone)]
pub enum WebIdentityToken {
    /// In the provider block.
    Given(String),
    /// In a file, which is read at each use: its owner renews it.
    File(String),
}

/// What a session of a role is called, and limited to.
#[derive(Clone, Debug, Default)]
pub struct RoleSession {
    /// Its name; [`SESSION_NAME`] otherwise.
    pub name: Option<String>,
    /// How long it lasts; an hour otherwise, which is also the most in a chain.
    pub duration: Option<Duration>,
    /// A policy (JSON) that limits it further.
    pub policy: Option<String>,
    /// Managed policies that limit it further.
    pub policy_arns: BTreeSet<String>,
}

/// How requests get to AWS. `Debug` hides a proxy's password.
#[derive(Clone, Default)]
pub struct Transport {
    /// A file with the certificates (PEM) of the authorities to trust instead of the system's.
    pub custom_ca_bundle: Option<String>,
    /// The proxy of requests to `http:` endpoints; otherwise `HTTP_PROXY`.
    pub http_proxy: Option<String>,
    /// The proxy of requests to `https:` endpoints; otherwise `HTTPS_PROXY`.
    pub https_proxy: Option<String>,
    /// Hosts that are reached without a proxy, separated by commas; otherwise `NO_PROXY`.
    pub no_proxy: Option<String>,
    /// What is appended to the header `User-Agent`.
    pub user_agent: Option<String>,
}

/// The name of our sessions, as CloudTrail shows it.
pub const SESSION_NAME: &str = "terraform-provider-fleet";

/// The roles of [`Config::bootstrap_role_names`] when the provider block says nothing.
pub const BOOTSTRAP_ROLE_NAMES: [&str; 2] =
    ["OrganizationAccountAccessRole", "AWSControlTowerExecution"];

impl fmt::Debug for StaticKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaticKeys")
            .field("access_key", &self.access_key)
            .field("secret_key", &"…")
            .field("token", &self.token.as_ref().map(|_| "…"))
            .finish()
    }
}

impl fmt::Debug for WebIdentityToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given(_) => f.write_str("Given(…)"),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
        }
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |proxy: &Option<String>| proxy.as_deref().map(address::shown);
        f.debug_struct("Transport")
            .field("custom_ca_bundle", &self.custom_ca_bundle)
            .field("http_proxy", &shown(&self.http_proxy))
            .field("https_proxy", &shown(&self.https_proxy))
            .field("no_proxy", &self.no_proxy)
            .field("user_agent", &self.user_agent)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_s_password_is_not_shown() {
        let url = "http://user:pa@ss@proxy:3128?t=s3cr3t";
        let transport = Transport { https_proxy: Some(url.into()), ..Transport::default() };
        let shown = format!("{transport:?}");
        assert!(!shown.contains("pa@ss") && !shown.contains("s3cr3t"), "{shown}");
        let token = WebIdentityToken::Given("very-secret".into());
        assert!(!format!("{token:?}").contains("secret"));
    }

    #[test]
    fn no_secret_in_debug() {
        let config = Config {
            keys: Some(StaticKeys {
                access_key: "AKIAEXAMPLE".into(),
                secret_key: "very-secret".into(),
                token: Some("also-secret".into()),
            }),
            ..Config::default()
        };
        let shown = format!("{config:?}");
        assert!(shown.contains("AKIAEXAMPLE"));
        assert!(
            !shown.contains("secret\"") && !shown.contains("very-") && !shown.contains("also-")
        );
    }
}
