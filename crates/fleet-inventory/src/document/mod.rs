//! The documents of the inventory: what their kinds have in common, and their form as files.

use fleet_artifacts::yaml;
use fleet_model::inventory::{AccountDocument, ClusterDocument};
use fleet_model::name::{Key, OBSERVED};

mod beside;
pub mod form;

pub use beside::{Beside, WRITER};

/// The folders of all kinds.
pub const FOLDERS: [&str; 2] = [AccountDocument::FOLDER, ClusterDocument::FOLDER];

/// A document that the store keeps, one file each.
pub trait Document: Clone + PartialEq {
    /// The folder within the store.
    const FOLDER: &'static str;
    /// The name of its file, without extension.
    fn key(&self) -> &Key;
    /// The one configuration that may change it.
    fn managed_by(&self) -> &str;
    /// How new it is.
    fn serial(&self) -> u64;
    /// The same with another serial.
    fn with_serial(&self, serial: u64) -> Self;
    /// The text of its file, with what that says beside it.
    fn to_yaml(&self, beside: &Beside) -> Result<String, yaml::Error>;
    /// Reads the text of its file.
    fn from_yaml(text: &str) -> Result<(Self, Beside), form::Error>;
    /// Whether a file of this name, without extension, lies in the folder for somebody else to read.
    fn leaves_alone(stem: &str) -> bool;
}

impl Document for AccountDocument {
    const FOLDER: &'static str = "accounts";

    fn key(&self) -> &Key {
        &self.contract.key
    }

    fn managed_by(&self) -> &str {
        &self.managed_by
    }

    fn serial(&self) -> u64 {
        self.serial
    }

    fn with_serial(&self, serial: u64) -> Self {
        Self { serial, ..self.clone() }
    }

    fn to_yaml(&self, beside: &Beside) -> Result<String, yaml::Error> {
        form::account_to_yaml(self, beside)
    }

    fn from_yaml(text: &str) -> Result<(Self, Beside), form::Error> {
        form::account_from_yaml(text)
    }

    fn leaves_alone(_stem: &str) -> bool {
        false
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

    fn serial(&self) -> u64 {
        self.serial
    }

    fn with_serial(&self, serial: u64) -> Self {
        Self { serial, ..self.clone() }
    }

    fn to_yaml(&self, beside: &Beside) -> Result<String, yaml::Error> {
        form::cluster_to_yaml(self, beside)
    }

    fn from_yaml(text: &str) -> Result<(Self, Beside), form::Error> {
        form::cluster_from_yaml(text)
    }

    fn leaves_alone(stem: &str) -> bool {
        stem.ends_with(OBSERVED)
    }
}
