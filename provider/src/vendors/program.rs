//! How the program of a `vendor` block is started.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use fleet_vending::Vendor;
use tfplugin::{Attr, duration};

use crate::config::VendorBlock;

/// How long a vendor may take to start when its block does not say.
const START: Duration = Duration::from_secs(60);

/// A `vendor` block, all of it known.
pub(super) struct Program {
    command: String,
    args: Vec<String>,
    sha256: BTreeMap<String, String>,
    env: BTreeMap<String, String>,
    inherit_env: BTreeSet<String>,
    settings: Option<String>,
    max_in_flight: Option<usize>,
    start_timeout: Duration,
}

impl Program {
    /// `None` while an argument is not known.
    pub(super) fn of(block: &VendorBlock) -> Option<Self> {
        Some(Self {
            command: block.command.known()?.clone(),
            args: or_default(&block.args)?,
            sha256: or_default(&block.sha256)?,
            env: or_default(&block.env)?,
            inherit_env: or_default(&block.inherit_env)?,
            settings: optional(&block.settings)?,
            max_in_flight: optional(&block.max_in_flight)?.and_then(|of| usize::try_from(of).ok()),
            start_timeout: optional(&block.start_timeout)?
                .and_then(|text| duration::parse(&text).ok())
                .unwrap_or(START),
        })
    }

    /// The vendor `name`. Nothing is started.
    pub(super) fn vendor(self, name: &str, managed_by: &str) -> Arc<dyn Vendor> {
        todo!()
    }
}

fn or_default<T: Clone + Default>(of: &Attr<T>) -> Option<T> {
    optional(of).map(Option::unwrap_or_default)
}

/// `None`: it is not known. `Some(None)`: it is left out.
fn optional<T: Clone>(of: &Attr<T>) -> Option<Option<T>> {
    match of {
        Attr::Unknown => None,
        Attr::Null => Some(None),
        Attr::Known(value) => Some(Some(value.clone())),
    }
}
