//! The settings of the AWS vendor as JSON: the names of the provider block, which the schema beside this file describes.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use fleet_model::address::is_whole;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_path_to_error::Path;

use crate::config::{
    AssumeRole, BOOTSTRAP_ROLE_NAMES, Config, OrganizationRoles, Quarantine, RefreshReadiness,
    RetryMode, RoleSession, StaticKeys, Transport, WebIdentity, WebIdentityToken,
};
use crate::region::{self, Standing};
use crate::unit_path::Parent;

/// JSON Schema of the settings.
pub(super) const SCHEMA: &str = include_str!("settings.schema.json");

/// As the block has them. No `Debug`: there are keys in it.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Settings {
    #[serde(rename = "$schema")]
    _schema: IgnoredAny,
    region: Option<String>,
    sts_region: Option<String>,
    profile: Option<String>,
    shared_config_files: Vec<String>,
    shared_credentials_files: Vec<String>,
    access_key: Option<String>,
    secret_key: Option<String>,
    token: Option<String>,
    allowed_account_ids: BTreeSet<String>,
    forbidden_account_ids: BTreeSet<String>,
    skip_credentials_validation: bool,
    retry_mode: Option<Mode>,
    max_retries: Option<u32>,
    refresh_readiness: Option<Refresh>,
    custom_ca_bundle: Option<String>,
    http_proxy: Option<String>,
    https_proxy: Option<String>,
    no_proxy: Option<String>,
    use_fips_endpoint: Option<bool>,
    use_dualstack_endpoint: Option<bool>,
    assume_role: Vec<Role>,
    assume_role_with_web_identity: Option<Web>,
    endpoints: BTreeMap<Endpoint, String>,
    organization: Organization,
    member_access: MemberAccess,
    quarantine: Option<Isolation>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum Mode {
    Standard,
    Adaptive,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum Refresh {
    Full,
    Cached,
    Off,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
enum Endpoint {
    Account,
    Controltower,
    Ec2,
    Iam,
    Organizations,
    Resourcegroupstaggingapi,
    S3control,
    Servicequotas,
    Sts,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Session {
    session_name: Option<String>,
    /// Seconds.
    duration_seconds: Option<u64>,
    policy: Option<String>,
    policy_arns: BTreeSet<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Role {
    role_arn: String,
    #[serde(default)]
    session: Session,
    external_id: Option<String>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    #[serde(default)]
    transitive_tag_keys: BTreeSet<String>,
    source_identity: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Web {
    role_arn: String,
    #[serde(default)]
    session: Session,
    web_identity_token: Option<String>,
    web_identity_token_file: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Organization {
    read_role_arn: Option<String>,
    write_role_arn: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct MemberAccess {
    bootstrap_role_names: Option<Vec<String>>,
    manage_role_name: Option<String>,
    read_role_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Isolation {
    parent: String,
    policy_id: Option<String>,
}

/// What is wrong: the JSON pointer to it, and why.
pub(super) type Wrong = (Cow<'static, str>, String);

impl Settings {
    /// Reads the settings; an empty text has none.
    pub(super) fn parse(json: &str) -> Result<Self, Wrong> {
        let json = if json.is_empty() { "{}" } else { json };
        // Serde would read a list as the fields in their order.
        if !json.trim_start().starts_with('{') && serde_json::from_str::<IgnoredAny>(json).is_ok() {
            return Err(("".into(), "they are no JSON object".to_owned()));
        }
        // The place and kind of the mistake; never the text, which may hold keys.
        let mut reader = serde_json::Deserializer::from_str(json);
        let read = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
            let pointer = pointer(error.path());
            (pointer, error.into_inner())
        });
        let read = read.and_then(|read| {
            let end = reader.end();
            end.map(|()| read).map_err(|error| (String::new(), error))
        });
        read.map_err(|(pointer, error)| {
            let what = match error.classify() {
                serde_json::error::Category::Data => named(&error.to_string()),
                _ => "they are no JSON".to_owned(),
            };
            let place = format!("line {}, column {}", error.line(), error.column());
            (pointer.into(), format!("{what} ({place})"))
        })
    }

    /// What the engine needs to know.
    pub(super) fn config(self, managed_by: String) -> Result<Config, Wrong> {
        let keys = match (self.access_key, self.secret_key) {
            (Some(access_key), Some(secret_key)) => {
                Some(StaticKeys { access_key, secret_key, token: self.token })
            }
            (None, None) => None,
            (Some(_), None) => {
                return Err(("/secret_key".into(), "access_key needs secret_key".into()));
            }
            (None, Some(_)) => {
                return Err(("/access_key".into(), "secret_key needs access_key".into()));
            }
        };
        let quarantine = match self.quarantine {
            None => None,
            Some(of) => Some(Quarantine {
                parent: Parent::parse(&of.parent)
                    .map_err(|why| ("/quarantine/parent".into(), why.to_owned()))?,
                policy_id: of.policy_id,
            }),
        };
        for (name, region) in [("region", &self.region), ("sts_region", &self.sts_region)] {
            if region.as_deref().is_some_and(|of| region::standing(of) == Standing::Impossible) {
                return Err((format!("/{name}").into(), "AWS has no such region".into()));
            }
        }
        for (of, url) in &self.endpoints {
            if !is_whole(url) {
                let why = "it is no URL with a scheme and a host";
                return Err((format!("/endpoints/{}", of.as_str()).into(), why.into()));
            }
        }
        let web_identity = self.assume_role_with_web_identity.map(Web::config).transpose()?;
        let bootstrap = self.member_access.bootstrap_role_names;
        Ok(Config {
            region: self.region,
            sts_region: self.sts_region,
            profile: self.profile,
            shared_config_files: self.shared_config_files,
            shared_credentials_files: self.shared_credentials_files,
            keys,
            web_identity,
            assume_roles: self.assume_role.into_iter().map(Role::config).collect(),
            organization: OrganizationRoles {
                read_role_arn: self.organization.read_role_arn,
                write_role_arn: self.organization.write_role_arn,
            },
            endpoints: self
                .endpoints
                .into_iter()
                .map(|(of, url)| (of.as_str().to_owned(), url))
                .collect(),
            use_fips_endpoint: self.use_fips_endpoint,
            use_dualstack_endpoint: self.use_dualstack_endpoint,
            transport: Transport {
                custom_ca_bundle: self.custom_ca_bundle,
                http_proxy: self.http_proxy,
                https_proxy: self.https_proxy,
                no_proxy: self.no_proxy,
                user_agent: None,
            },
            retry_mode: match self.retry_mode {
                Some(Mode::Adaptive) => RetryMode::Adaptive,
                Some(Mode::Standard) | None => RetryMode::Standard,
            },
            max_retries: self.max_retries,
            allowed_account_ids: self.allowed_account_ids,
            forbidden_account_ids: self.forbidden_account_ids,
            skip_credentials_validation: self.skip_credentials_validation,
            bootstrap_role_names: bootstrap
                .unwrap_or_else(|| BOOTSTRAP_ROLE_NAMES.map(str::to_owned).to_vec()),
            manage_role_name: self.member_access.manage_role_name,
            read_role_name: self.member_access.read_role_name,
            quarantine,
            managed_by,
            refresh_readiness: match self.refresh_readiness {
                Some(Refresh::Cached) => RefreshReadiness::Cached,
                Some(Refresh::Off) => RefreshReadiness::Off,
                Some(Refresh::Full) | None => RefreshReadiness::Full,
            },
        })
    }
}

/// The place of a value as a JSON pointer (RFC 6901).
fn pointer(path: &Path) -> String {
    use serde_path_to_error::Segment;
    let step = |segment: &Segment| match segment {
        Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
        Segment::Seq { index } => format!("/{index}"),
        Segment::Enum { .. } | Segment::Unknown => String::new(),
    };
    path.iter().map(step).collect()
}

/// What serde says of a name that it does not know holds that name and those it knows, and no value.
fn named(error: &str) -> String {
    match error.split_once(" at line ") {
        Some((what, _)) if what.starts_with("unknown field") => what.to_owned(),
        Some((what, _)) if what.starts_with("missing field") => what.to_owned(),
        _ => "a value is of another type than the schema says".to_owned(),
    }
}

impl Session {
    fn config(self) -> RoleSession {
        RoleSession {
            name: self.session_name,
            duration: self.duration_seconds.map(std::time::Duration::from_secs),
            policy: self.policy,
            policy_arns: self.policy_arns,
        }
    }
}

impl Role {
    fn config(self) -> AssumeRole {
        AssumeRole {
            role_arn: self.role_arn,
            session: self.session.config(),
            external_id: self.external_id,
            tags: self.tags,
            transitive_tag_keys: self.transitive_tag_keys,
            source_identity: self.source_identity,
        }
    }
}

impl Web {
    fn config(self) -> Result<WebIdentity, Wrong> {
        let token = match (self.web_identity_token, self.web_identity_token_file) {
            (Some(token), None) => WebIdentityToken::Given(token),
            (None, Some(path)) => WebIdentityToken::File(path),
            _ => {
                return Err((
                    "/assume_role_with_web_identity".into(),
                    "it needs either web_identity_token or web_identity_token_file".into(),
                ));
            }
        };
        Ok(WebIdentity { role_arn: self.role_arn, session: self.session.config(), token })
    }
}

impl Endpoint {
    fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Controltower => "controltower",
            Self::Ec2 => "ec2",
            Self::Iam => "iam",
            Self::Organizations => "organizations",
            Self::Resourcegroupstaggingapi => "resourcegroupstaggingapi",
            Self::S3control => "s3control",
            Self::Servicequotas => "servicequotas",
            Self::Sts => "sts",
        }
    }
}

#[cfg(test)]
mod tests;
