//! What another provider block of the same run has of a placement: each block is a process of its own, and none sees what
//! the other plans.

use std::collections::BTreeMap;

use fleet_model::name::Key;
use serde_json::json;
use tfplugin::diagnostic::Diagnostic;

use super::model::Model;
use super::{Placement, emitted, place};
use crate::diagnostic::error;
use crate::siblings::{Kind, Sibling};

/// The namespace of Argo CD, and the Applications in it with their clusters.
pub(super) type Applications = (String, BTreeMap<String, Key>);

impl Placement {
    /// Notes what the placement has for itself, and refuses it where another provider block of the run has that, too.
    /// `files` are those that it emits, or did.
    pub(super) fn beside(
        &self,
        key: &Key,
        files: &[&str],
        applications: Option<&Applications>,
    ) -> Option<Diagnostic> {
        let runtime = &self.runtime;
        let managed_by = runtime.managed_by_if_known()?;
        let name = json!([managed_by, key.as_str()]).to_string();
        let of_key = runtime.takes(Kind::Placement, &name).map(|sibling| same_key(key, &sibling));
        // Each is noted, whatever is told of the first.
        let of_files: Vec<Diagnostic> = files
            .iter()
            .filter_map(|path| {
                let sibling = runtime.takes(Kind::Emitted, &place::identity(path)?)?;
                Some(same_file(key, path, &sibling))
            })
            .collect();
        let names = applications.into_iter().flat_map(|(namespace, names)| {
            names.iter().map(move |(name, cluster)| (namespace, name, cluster))
        });
        let of_names: Vec<Diagnostic> = names
            .filter_map(|(namespace, name, cluster)| {
                let sibling = runtime.takes(Kind::Application, &format!("{namespace}/{name}"))?;
                Some(same_name(key, cluster, name, &sibling))
            })
            .collect();
        of_key.into_iter().chain(of_files).chain(of_names).next()
    }

    /// As [`Placement::beside`], of one that is to be destroyed.
    pub(super) fn beside_leaving(&self, prior: &Model) -> Option<Diagnostic> {
        let key = Key::new(prior.key.as_str()?).ok()?;
        let paths = emitted::paths(prior);
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        self.beside(&key, &paths, None)
    }
}

fn same_key(key: &Key, sibling: &Sibling) -> Diagnostic {
    error("FLEET0422", format!("Two placements have the key {key}"))
        .at("key")
        .what(format!("Besides this provider block, {sibling} has a placement with the key `{key}` in this very run."))
        .why("The key names the files, the Argo CD objects and the order of clusters: each of the two would overwrite what the other wrote, at every apply. Without `key` it is `<app>-<environment>`.")
        .todo("Set another `key` in one of them; in the one that is new, since the key of the other is fixed. If both are in a state, decide whose targets are to stay, and take the other one out with `state rm`, which destroys nothing and leaves the files.")
        .build()
}

fn same_file(key: &Key, path: &str, sibling: &Sibling) -> Diagnostic {
    error("FLEET0418", "Two placements emit the same file")
        .at("emit")
        .what(format!("Placement `{key}` has the file `{path}`, and in this very run so has a placement of {sibling}."))
        .why("Each would overwrite what the other wrote.")
        .todo("Give one of them another `key`, or another directory in `emit`.")
        .build()
}

fn same_name(key: &Key, cluster: &Key, name: &str, sibling: &Sibling) -> Diagnostic {
    error("FLEET0426", format!("Two Applications are named {name}"))
        .at("key")
        .what(format!("Placement `{key}` on cluster `{cluster}` makes the Application `{name}`, and in this very run so does a placement of {sibling}."))
        .why("The name of an Application is the key of its placement, a hyphen, and the name of its cluster. Argo CD has one Application of a name: the two ApplicationSets would fight over it, and one workload would not run.")
        .todo("Give the placement that is new another `key`, or let its selector leave the cluster out.")
        .build()
}
