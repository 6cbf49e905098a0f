//! From the provider block to what the engine and the resources need.

use std::collections::{BTreeMap, BTreeSet};

use fleet_vending::config::{AssumeRole, BOOTSTRAP_ROLE_NAMES, Config, StaticKeys};
use tfplugin::Attr;

use super::{ProviderConfig, only};

/// The settings of one provider block. What was unknown stays so, and is only an error for the step
/// that needs it.
pub struct Settings {
    /// The one mutation owner.
    pub managed_by: Attr<String>,
    /// Tags that every taggable object gets.
    pub default_tags: Attr<BTreeMap<String, String>>,
    /// The directory of the inventory.
    pub inventory_path: Attr<String>,
    /// The AWS settings, or the name of the first one that is not known yet.
    pub aws: Result<Config, Unknown>,
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
            default_tags: inside(&config.default_tags, |block| &block.tags),
            inventory_path: inside(&config.inventory, |block| &block.path),
            managed_by,
        }
    }
}

fn aws(managed_by: &Attr<String>, config: &ProviderConfig) -> Result<Config, Unknown> {
    let keys = match (
        optional("access_key", &config.access_key)?,
        optional("secret_key", &config.secret_key)?,
        optional("token", &config.token)?,
    ) {
        (Some(access_key), Some(secret_key), token) => {
            Some(StaticKeys { access_key, secret_key, token })
        }
        _ => None,
    };
    let assume_role = match block("assume_role", &config.assume_role)? {
        None => None,
        Some(role) => Some(AssumeRole {
            role_arn: optional("assume_role.role_arn", &role.role_arn)?.unwrap_or_default(),
            session_name: optional("assume_role.session_name", &role.session_name)?,
            external_id: optional("assume_role.external_id", &role.external_id)?,
        }),
    };
    let mut endpoints = BTreeMap::new();
    if let Some(block) = block("endpoints", &config.endpoints)? {
        for (service, name, endpoint) in [
            ("account", "endpoints.account", &block.account),
            ("controltower", "endpoints.controltower", &block.controltower),
            ("iam", "endpoints.iam", &block.iam),
            ("organizations", "endpoints.organizations", &block.organizations),
            (
                "resourcegroupstaggingapi",
                "endpoints.resourcegroupstaggingapi",
                &block.resourcegroupstaggingapi,
            ),
            ("sts", "endpoints.sts", &block.sts),
        ] {
            if let Some(url) = optional(name, endpoint)? {
                endpoints.insert(service.to_owned(), url);
            }
        }
    }
    let bootstrap_role_names = match block("member_access", &config.member_access)? {
        None => None,
        Some(block) => optional("member_access.bootstrap_role_names", &block.bootstrap_role_names)?,
    };
    Ok(Config {
        region: optional("region", &config.region)?,
        profile: optional("profile", &config.profile)?,
        keys,
        assume_role,
        endpoints,
        allowed_account_ids: optional("allowed_account_ids", &config.allowed_account_ids)?
            .unwrap_or_else(BTreeSet::new),
        bootstrap_role_names: bootstrap_role_names
            .unwrap_or_else(|| BOOTSTRAP_ROLE_NAMES.map(str::to_owned).to_vec()),
        managed_by: optional("managed_by", managed_by)?.unwrap_or_default(),
    })
}

/// An attribute of a block that occurs at most once.
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
