//! `data.fleet_inventory`: what the store says, and nothing else. A data source that referred to a
//! resource would be read in apply, and placements could not be planned (DESIGN.md, "Inventory").

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use fleet_model::snapshot;
use tfplugin::diagnostic::Diagnostic;
use tfplugin::{Applied, Attr, Context, DataSource};

use crate::diagnostic::error;
use crate::inventory::{ErrorReport as _, Store};
use crate::runtime::Runtime;

mod model;

use model::{Account, Cluster, Model};

/// The data source.
pub struct InventoryData {
    runtime: Arc<Runtime>,
}

impl InventoryData {
    /// The data source of one provider block.
    #[must_use]
    pub fn new(runtime: Arc<Runtime>) -> Self {
        Self { runtime }
    }

    fn store(&self, path: &Attr<String>) -> Result<Arc<Store>, Diagnostic> {
        match path {
            Attr::Null => self.runtime.inventory(),
            Attr::Known(path) => {
                let store = self.runtime.store(Path::new(path));
                store.map_err(|trouble| trouble.report().at("path").build())
            }
            // Core defers a read with an unknown argument; should it ask all the same, an empty
            // answer would be an empty fleet.
            Attr::Unknown => Err(error("FLEET0316", "The path of the inventory is not known")
                .at("path")
                .what("`path` has no value yet.")
                .why(
                    "Without a path there is no store to read, and no store is not an empty fleet.",
                )
                .todo("Give a path that is known at plan.")
                .build()),
        }
    }
}

/// Why there is no snapshot.
fn unmade(problem: &snapshot::Error) -> Diagnostic {
    let todo = match problem {
        snapshot::Error::TooLarge => {
            "Divide the fleet: give a part of the accounts and clusters an inventory of its own, in another directory or repository. Long labels take most of the room."
        }
        _ => "This should not happen: report it with the number of accounts and clusters.",
    };
    error("FLEET0302", "The inventory cannot be encoded")
        .what(format!("The snapshot of the inventory cannot be made: {problem}."))
        .why("Placements get the whole inventory as one text, the snapshot. Its size is limited, so that a file that somebody else wrote cannot use up the memory of the machine.")
        .todo(todo)
        .build()
}

/// Reads the store.
fn read(config: Model, store: &Store) -> Result<Model, Diagnostic> {
    let told = |trouble: crate::inventory::Error| trouble.report().build();
    let mut accounts = store.accounts().map_err(told)?;
    let clusters = store.clusters().map_err(told)?;
    let snapshot = store.join(&accounts, clusters.values().cloned());
    // Their files only keep what no other account can have.
    accounts.retain(|_, found| !found.document.is_tombstone());
    let text = snapshot.encode().map_err(|problem| unmade(&problem))?;
    let asked = |flag: &Attr<bool>| flag.known() == Some(&true);
    let described: BTreeMap<String, Cluster> = if asked(&config.include_clusters) {
        clusters
            .values()
            .filter_map(|found| {
                let placed = snapshot.clusters.get(&found.document.cluster.name)?;
                Some((placed.record.name.to_string(), Cluster::new(&found.document, placed)))
            })
            .collect()
    } else {
        BTreeMap::new()
    };
    let accounted: BTreeMap<String, Account> = if asked(&config.include_accounts) {
        accounts
            .iter()
            .map(|(key, found)| (key.to_string(), found.document.clone().into()))
            .collect()
    } else {
        BTreeMap::new()
    };
    Ok(Model {
        path: match config.path {
            Attr::Known(path) => Attr::Known(path),
            _ => Attr::Known(snapshot.store),
        },
        snapshot: Attr::Known(text),
        cluster_count: count(clusters.len()),
        account_count: count(accounts.len()),
        clusters: if asked(&config.include_clusters) { described.into() } else { Attr::Null },
        accounts: if asked(&config.include_accounts) { accounted.into() } else { Attr::Null },
        include_clusters: config.include_clusters,
        include_accounts: config.include_accounts,
    })
}

fn count(length: usize) -> Attr<i64> {
    i64::try_from(length).ok().into()
}

impl DataSource for InventoryData {
    type Model = Model;

    const TYPE: &'static str = "fleet_inventory";

    async fn read(&self, _context: &Context, config: Model) -> Applied<Model> {
        self.store(&config.path)
            .and_then(|store| read(config, &store))
            .map_or_else(Applied::error, Applied::ok)
    }
}

#[cfg(test)]
mod tests;
