//! From the provider block to what the engine and the resources need.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use fleet_vending::Parent;
use fleet_vending::config::{
    AssumeRole, BOOTSTRAP_ROLE_NAMES, Config, OrganizationRoles, Quarantine, RefreshReadiness,
    RetryMode, RoleSession, StaticKeys, Transport, WebIdentity, WebIdentityToken,
};
use tfplugin::{Attr, duration};

use super::{BlastRadius, ProviderConfig, VendorBlock, only, place};
use crate::inventory::Freshness;
use crate::tags::{Ignored, Tags};
use crate::{config, env, tags};

/// The settings of one provider block. What was unknown stays so, and is only an error for the step
/// that needs it.
pub struct Settings {
    /// The one mutation owner.
    pub managed_by: Attr<String>,
    /// Tags that every taggable object gets.
    pub default_tags: Attr<Tags>,
    /// Tags that others manage.
    pub ignored_tags: Attr<Ignored>,
    /// Where the inventory is, as one text.
    pub inventory_path: Attr<String>,
    /// The name and the email of commits to it.
    pub inventory_author: [Option<String>; 2],
    /// What makes the inventory count as current.
    pub inventory_freshness: Freshness,
    /// The name of the remote that it is kept at.
    pub inventory_remote: Attr<String>,
    /// The branch that it is kept on there.
    pub inventory_branch: Attr<String>,
    /// The fingerprints of files that may be older than what was seen of them.
    pub inventory_acknowledged: Attr<BTreeSet<String>>,
    /// What makes an email of an account's key.
    pub email_pattern: Attr<String>,
    /// How much all placements of a run may change together.
    pub blast_radius: RunLimits,
    /// How many accounts of a run may go to another baseline; null is no limit.
    pub baseline_change_limit: Attr<usize>,
    /// The vendors beside the built-in one, by name.
    pub vendors: Attr<BTreeMap<String, VendorBlock>>,
    /// The AWS settings, or the name of the first one that is not known yet.
    pub aws: Result<Config, Unknown>,
}

/// How much all placements of a run may change together. Null is no limit; each may be unknown for itself, so that
/// those that are known hold.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RunLimits {
    /// The most placements whose targets change.
    pub max_placements_changed: Attr<usize>,
    /// The most targets that are removed.
    pub max_targets_removed: Attr<usize>,
    /// The fingerprints of changes that do not count.
    pub acknowledge: Attr<BTreeSet<String>>,
}

/// The name of a setting that is not known yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unknown(pub &'static str);

impl Settings {
    /// Takes the block apart. `managed_by` comes from the block or the environment.
    #[must_use]
    pub fn new(managed_by: Attr<String>, config: ProviderConfig) -> Self {
        Self {
            aws: aws(&managed_by, &config),
            vendors: config.vendor.clone(),
            default_tags: tags::given(&inside(&config.default_tags, |block| &block.tags)),
            ignored_tags: ignored_tags(&config).map_or(Attr::Unknown, Attr::Known),
            email_pattern: config.email_pattern.clone(),
            blast_radius: run_limits(&config),
            // Negative numbers are refused by the block's validators.
            baseline_change_limit: config
                .baseline_change_limit
                .map(|number| usize::try_from(number).unwrap_or_default()),
            inventory_path: place::location(&config.inventory),
            inventory_author: author(&config),
            inventory_freshness: freshness(&inside(&config.inventory, |block| &block.freshness)),
            inventory_remote: inside(&config.inventory, |block| &block.remote),
            inventory_branch: inside(&config.inventory, |block| &block.branch),
            inventory_acknowledged: inside(&config.inventory, |block| &block.acknowledge),
            managed_by,
        }
    }
}

/// Negative numbers are refused by the block's validators.
fn run_limits(config: &ProviderConfig) -> RunLimits {
    let number = |of: fn(&BlastRadius) -> &Attr<i64>| {
        let number = inside(&config.blast_radius, of);
        number.map(|number| usize::try_from(number).unwrap_or_default())
    };
    RunLimits {
        max_placements_changed: number(|block| &block.max_placements_changed),
        max_targets_removed: number(|block| &block.max_targets_removed),
        acknowledge: inside(&config.blast_radius, |block| &block.acknowledge),
    }
}

/// Either list comes from the block, else from the environment.
fn ignored_tags(config: &ProviderConfig) -> Result<Ignored, Unknown> {
    let (keys, key_prefixes) = match block("ignore_tags", &config.ignore_tags)? {
        None => (None, None),
        Some(block) => (
            optional("ignore_tags.keys", &block.keys)?,
            optional("ignore_tags.key_prefixes", &block.key_prefixes)?,
        ),
    };
    Ok(Ignored {
        keys: keys.unwrap_or_else(|| env::list(env::IGNORE_TAGS_KEYS).collect()),
        key_prefixes: key_prefixes
            .unwrap_or_else(|| env::list(env::IGNORE_TAGS_KEY_PREFIXES).collect()),
    })
}

fn aws(managed_by: &Attr<String>, config: &ProviderConfig) -> Result<Config, Unknown> {
    let (bootstrap_role_names, manage_role_name, read_role_name) =
        match block("member_access", &config.member_access)? {
            None => (None, None, None),
            Some(block) => (
                optional("member_access.bootstrap_role_names", &block.bootstrap_role_names)?,
                optional("member_access.manage_role_name", &block.manage_role_name)?,
                optional("member_access.read_role_name", &block.read_role_name)?,
            ),
        };
    Ok(Config {
        region: optional("region", &config.region)?,
        sts_region: optional("sts_region", &config.sts_region)?,
        profile: optional("profile", &config.profile)?,
        shared_config_files: optional("shared_config_files", &config.shared_config_files)?
            .unwrap_or_default(),
        shared_credentials_files: optional(
            "shared_credentials_files",
            &config.shared_credentials_files,
        )?
        .unwrap_or_default(),
        keys: keys(config)?,
        web_identity: web_identity(config)?,
        assume_roles: assume_roles(config)?,
        organization: organization(config)?,
        endpoints: endpoints(config)?,
        use_fips_endpoint: optional("use_fips_endpoint", &config.use_fips_endpoint)?,
        use_dualstack_endpoint: optional("use_dualstack_endpoint", &config.use_dualstack_endpoint)?,
        transport: Transport {
            custom_ca_bundle: optional("custom_ca_bundle", &config.custom_ca_bundle)?,
            http_proxy: optional("http_proxy", &config.http_proxy)?,
            https_proxy: optional("https_proxy", &config.https_proxy)?,
            no_proxy: optional("no_proxy", &config.no_proxy)?,
            user_agent: env::read(env::APPEND_USER_AGENT),
        },
        retry_mode: match optional("retry_mode", &config.retry_mode)?
            .or_else(|| env::read(env::RETRY_MODE))
            .as_deref()
        {
            Some(mode) if mode.eq_ignore_ascii_case("adaptive") => RetryMode::Adaptive,
            _ => RetryMode::Standard,
        },
        max_retries: optional("max_retries", &config.max_retries)?
            .and_then(|retries| u32::try_from(retries).ok())
            .or_else(|| {
                let attempts: u32 = env::read(env::MAX_ATTEMPTS)?.parse().ok()?;
                attempts.checked_sub(1)
            }),
        allowed_account_ids: optional("allowed_account_ids", &config.allowed_account_ids)?
            .unwrap_or_default(),
        forbidden_account_ids: optional("forbidden_account_ids", &config.forbidden_account_ids)?
            .unwrap_or_default(),
        skip_credentials_validation: optional(
            "skip_credentials_validation",
            &config.skip_credentials_validation,
        )?
        .unwrap_or_default(),
        bootstrap_role_names: bootstrap_role_names
            .unwrap_or_else(|| BOOTSTRAP_ROLE_NAMES.map(str::to_owned).to_vec()),
        manage_role_name,
        read_role_name,
        quarantine: quarantine(config)?,
        managed_by: optional("managed_by", managed_by)?.unwrap_or_default(),
        refresh_readiness: optional("refresh_readiness", &config.refresh_readiness)?
            .and_then(|word| RefreshReadiness::parse(&word))
            .unwrap_or_default(),
    })
}

/// A parent that is neither id nor path was refused by [`super::check`].
fn quarantine(config: &ProviderConfig) -> Result<Option<Quarantine>, Unknown> {
    let Some(block) = block("quarantine", &config.quarantine)? else { return Ok(None) };
    let parent = optional("quarantine.parent", &block.parent)?;
    let policy_id = optional("quarantine.policy_id", &block.policy_id)?;
    let parent = parent.and_then(|text| Parent::parse(&text).ok());
    Ok(parent.map(|parent| Quarantine { parent, policy_id }))
}

fn keys(config: &ProviderConfig) -> Result<Option<StaticKeys>, Unknown> {
    let keys = (
        optional("access_key", &config.access_key)?,
        optional("secret_key", &config.secret_key)?,
        optional("token", &config.token)?,
    );
    Ok(match keys {
        (Some(access_key), Some(secret_key), token) => {
            Some(StaticKeys { access_key, secret_key, token })
        }
        _ => None,
    })
}

fn assume_roles(config: &ProviderConfig) -> Result<Vec<AssumeRole>, Unknown> {
    let blocks = optional("assume_role", &config.assume_role)?.unwrap_or_default();
    let role = |block: config::AssumeRole| {
        Ok(AssumeRole {
            role_arn: optional("assume_role.role_arn", &block.role_arn)?.unwrap_or_default(),
            session: RoleSession {
                name: optional("assume_role.session_name", &block.session_name)?,
                duration: length(optional("assume_role.duration", &block.duration)?),
                policy: optional("assume_role.policy", &block.policy)?,
                policy_arns: optional("assume_role.policy_arns", &block.policy_arns)?
                    .unwrap_or_default(),
            },
            external_id: optional("assume_role.external_id", &block.external_id)?,
            tags: optional("assume_role.tags", &tags::given(&block.tags))?.unwrap_or_default(),
            transitive_tag_keys: optional(
                "assume_role.transitive_tag_keys",
                &block.transitive_tag_keys,
            )?
            .unwrap_or_default(),
            source_identity: optional("assume_role.source_identity", &block.source_identity)?,
        })
    };
    blocks.into_iter().map(role).collect()
}

/// What is missing in the block comes from the environment. Without role or token after that, the block
/// says nothing; [`super::check`] has refused it.
fn web_identity(config: &ProviderConfig) -> Result<Option<WebIdentity>, Unknown> {
    const NAME: &str = "assume_role_with_web_identity";
    let Some(block) = block(NAME, &config.assume_role_with_web_identity)? else { return Ok(None) };
    let of = |value: &Attr<String>, variable: &str| {
        Ok(optional(NAME, value)?.or_else(|| env::read(variable)))
    };
    let token = match optional(NAME, &block.web_identity_token)? {
        Some(token) => Some(WebIdentityToken::Given(token)),
        None => of(&block.web_identity_token_file, env::WEB_IDENTITY_TOKEN_FILE)?
            .map(WebIdentityToken::File),
    };
    let session = RoleSession {
        name: of(&block.session_name, env::ROLE_SESSION_NAME)?,
        duration: length(optional(NAME, &block.duration)?),
        policy: optional(NAME, &block.policy)?,
        policy_arns: optional(NAME, &block.policy_arns)?.unwrap_or_default(),
    };
    let role_arn = of(&block.role_arn, env::ROLE_ARN)?;
    Ok(role_arn.zip(token).map(|(role_arn, token)| WebIdentity { role_arn, session, token }))
}

fn organization(config: &ProviderConfig) -> Result<OrganizationRoles, Unknown> {
    let Some(block) = block("organization", &config.organization)? else {
        return Ok(OrganizationRoles::default());
    };
    Ok(OrganizationRoles {
        read_role_arn: optional("organization.read_role_arn", &block.read_role_arn)?,
        write_role_arn: optional("organization.write_role_arn", &block.write_role_arn)?,
    })
}

/// A length of time that the block's validators have checked.
fn length(text: Option<String>) -> Option<Duration> {
    duration::parse(&text?).ok()
}

fn endpoints(config: &ProviderConfig) -> Result<BTreeMap<String, String>, Unknown> {
    let mut endpoints = BTreeMap::new();
    if let Some(block) = block("endpoints", &config.endpoints)? {
        for (service, endpoint) in block.by_service() {
            if let Some(url) = optional("endpoints", endpoint)? {
                endpoints.insert(service.to_owned(), url);
            }
        }
    }
    Ok(endpoints)
}

/// An attribute of a block that occurs at most once.
/// A word that is none is the default, which asks for more.
fn freshness(given: &Attr<String>) -> Freshness {
    let word = given.known().cloned().or_else(|| env::read(env::INVENTORY_FRESHNESS));
    word.and_then(|word| Freshness::parse(&word)).unwrap_or_default()
}

/// The name and the email of commits to the inventory; unknown ones only during validation and in functions.
fn author(config: &ProviderConfig) -> [Option<String>; 2] {
    let block = only(&config.inventory).known().and_then(|block| only(&block.git).known().copied());
    let Some(git) = block else { return [None, None] };
    [&git.author_name, &git.author_email].map(|value| value.known().cloned())
}

fn inside<B, T: Clone>(blocks: &Attr<Vec<B>>, of: impl Fn(&B) -> &Attr<T>) -> Attr<T> {
    match only(blocks) {
        Attr::Null => Attr::Null,
        Attr::Unknown => Attr::Unknown,
        Attr::Known(block) => of(block).clone(),
    }
}

fn block<'a, B>(name: &'static str, blocks: &'a Attr<Vec<B>>) -> Result<Option<&'a B>, Unknown> {
    match only(blocks) {
        Attr::Null => Ok(None),
        Attr::Unknown => Err(Unknown(name)),
        Attr::Known(block) => Ok(Some(block)),
    }
}

fn optional<T: Clone>(name: &'static str, value: &Attr<T>) -> Result<Option<T>, Unknown> {
    match value {
        Attr::Null => Ok(None),
        Attr::Known(value) => Ok(Some(value.clone())),
        Attr::Unknown => Err(Unknown(name)),
    }
}

#[cfg(test)]
mod tests;
