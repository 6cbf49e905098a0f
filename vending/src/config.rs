//! How to reach AWS: the provider block's settings, under terraform-provider-aws's names.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Everything the engine needs to know before its first call. Making one calls nothing.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The region of the calls that have one (STS, tagging, Control Tower). Otherwise `AWS_REGION`,
    /// `AWS_DEFAULT_REGION`, the shared configuration file, and in the end `us-east-1`.
    pub region: Option<String>,
    /// The profile of the shared configuration files.
    pub profile: Option<String>,
    /// Keys that were given in the provider block.
    pub keys: Option<StaticKeys>,
    /// A role to assume before anything else.
    pub assume_role: Option<AssumeRole>,
    /// Endpoints by service: `account`, `controltower`, `iam`, `organizations`,
    /// `resourcegroupstaggingapi`, `sts`. They win over `AWS_ENDPOINT_URL*`.
    pub endpoints: BTreeMap<String, String>,
    /// The accounts the caller may be in; empty = any. Checked before the first other call.
    pub allowed_account_ids: BTreeSet<String>,
    /// The roles to try in a member account after the one that `CreateAccount` made, in order.
    pub bootstrap_role_names: Vec<String>,
    /// The one mutation owner of what this configuration creates.
    pub managed_by: String,
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
    /// The session's name; [`SESSION_NAME`] otherwise.
    pub session_name: Option<String>,
    /// The external id that its trust policy may ask for.
    pub external_id: Option<String>,
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

#[cfg(test)]
mod tests {
    use super::*;

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
