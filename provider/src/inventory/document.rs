//! What the two kinds of files have in common.

use fleet_artifacts::{inventory, yaml};
use fleet_model::inventory::{AccountDocument, ClusterDocument};
use fleet_model::name::Key;

/// A document that the store keeps, one file each.
pub(super) trait Document: Sized {
    /// The folder within the store.
    const FOLDER: &'static str;
    /// The name of its file, without extension.
    fn key(&self) -> &Key;
    /// The one configuration that may change it.
    fn managed_by(&self) -> &str;
    /// Its bytes.
    fn to_yaml(&self) -> Result<String, yaml::Error>;
    /// Reads its bytes.
    fn from_yaml(text: &str) -> Result<Self, yaml::Error>;
}

impl Document for AccountDocument {
    const FOLDER: &'static str = "accounts";

    fn key(&self) -> &Key {
        &self.contract.key
    }

    fn managed_by(&self) -> &str {
        &self.managed_by
    }

    fn to_yaml(&self) -> Result<String, yaml::Error> {
        inventory::account_to_yaml(self)
    }

    fn from_yaml(text: &str) -> Result<Self, yaml::Error> {
        inventory::account_from_yaml(text)
    }
}

impl Document for ClusterDocument {
    const FOLDER: &'static str = "clusters";

    fn key(&self) -> &Key {
        &self.cluster.name
    }

    fn managed_by(&self) -> &str {
        &self.managed_by
    }

    fn to_yaml(&self) -> Result<String, yaml::Error> {
        inventory::cluster_to_yaml(self)
    }

    fn from_yaml(text: &str) -> Result<Self, yaml::Error> {
        inventory::cluster_from_yaml(text)
    }
}
