//! How the program of a `vendor` block is started.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use fleet_vending::Vendor;
use fleet_vending::config::RefreshReadiness;
use fleet_vending::wire::{self, Remote};
use goplugin::host::Launch;
use tfplugin::{Attr, Secrets, duration};

use super::process::Process;
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

    /// The vendor `name`, whose accounts `managed_by` owns. Nothing is started.
    pub(super) fn vendor(
        self,
        name: &str,
        managed_by: &str,
        refresh: RefreshReadiness,
    ) -> Arc<dyn Vendor> {
        let secrets = Arc::new(self.secrets());
        let process = || {
            let launch = self.launch(name, Arc::clone(&secrets));
            Arc::new(Process::new(name, launch, Arc::clone(&secrets)))
        };
        let settings = wire::Settings {
            host_version: env!("CARGO_PKG_VERSION").to_owned(),
            json: self.settings.clone().unwrap_or_default(),
            managed_by: managed_by.to_owned(),
            max_in_flight: self.max_in_flight.unwrap_or_default(),
            refresh,
        };
        Arc::new(Remote::new(name, settings, process(), process()))
    }

    fn launch(&self, name: &str, secrets: Arc<Secrets>) -> Launch {
        let (command, within) = self.command();
        let mut launch = Launch::new(wire::PROTOCOL, &command);
        launch.within = within;
        launch.args = self.args.iter().map(OsString::from).collect();
        launch.files = self
            .sha256
            .iter()
            .filter_map(|(file, sum)| {
                // A sum that is none was refused by the block's check.
                let path =
                    if *file == self.command { command.clone() } else { PathBuf::from(file) };
                Some((path, sum.parse().ok()?))
            })
            .collect();
        launch.env = self.env.iter().map(|(name, value)| (name.into(), value.into())).collect();
        launch.inherit_env = self.inherit_env.iter().map(OsString::from).collect();
        launch.start_timeout = self.start_timeout;
        let vendor = name.to_owned();
        launch.stderr = Arc::new(move |line| {
            tracing::debug!(vendor, "{}", secrets.masked(line).escape_debug());
        });
        launch
    }

    /// What the program is given and may write back: the values of `env` and `inherit_env`, and what is in `settings`.
    fn secrets(&self) -> Secrets {
        let mut secrets = Secrets::default();
        let inherited = self.inherit_env.iter().filter_map(|name| std::env::var(name).ok());
        self.env.values().cloned().chain(inherited).for_each(|value| secrets.add(&value));
        if let Some(settings) = self.settings.as_ref()
            && let Ok(settings) = serde_json::from_str(settings)
        {
            secrets.add_json(&settings);
        }
        secrets
    }

    /// Where the program is, and for one that lies beside the provider the directory that it may not lead out of.
    fn command(&self) -> (PathBuf, Option<PathBuf>) {
        let named = PathBuf::from(&self.command);
        if named.is_absolute() {
            return (named, None);
        }
        // The CLI starts us by a relative path, from a directory that may be a link to its cache.
        let own = std::env::current_exe().and_then(std::fs::canonicalize).unwrap_or_default();
        match own.parent() {
            Some(directory) => {
                let program = format!("{}{}", self.command, std::env::consts::EXE_SUFFIX);
                (directory.join(program), Some(directory.to_owned()))
            }
            None => (named, None),
        }
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
