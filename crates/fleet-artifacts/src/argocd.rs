//! Argo CD: an `ApplicationSet` whose generator is a frozen list of the decided targets.
//!
//! What the controller may do with it is kept small (guide §6): the list is literal, so no label,
//! secret or repository elsewhere can add or remove a cluster; a parameter that is missing is an
//! error, not an empty text; the project is literal; Applications are created and updated, never
//! deleted, and deleting the ApplicationSet leaves what runs.

use std::collections::BTreeMap;

use fleet_model::name::Key;
use serde::{Deserialize, Serialize};

use crate::targets::{Element, FIRST, Owner, Placement, Target};
use crate::yaml;

mod others;
mod rules;

pub use others::{Others, Unclear, mentions_fleet, others};
pub use rules::{APPLICATION_NAME, Field, Problem, Rule, key_problem, namespace_problem};

/// Group, version and kind of what is emitted.
pub const GVK: &str = "argoproj.io/v1alpha1/ApplicationSet";
const API_VERSION: &str = "argoproj.io/v1alpha1";
const KIND: &str = "ApplicationSet";
const MANAGED_BY: &str = "fleet-iac.github.io/managed-by";
const PLACEMENT: &str = "fleet-iac.github.io/placement";
const GENERATION: &str = "fleet-iac.github.io/generation";
const REGION: &str = "fleet-iac.github.io/region";
const ROLE: &str = "fleet-iac.github.io/role";
const HEADER: &str = "\
# Written by the Terraform provider fleet. Change the placement in HCL instead: what is changed here
# is written over by its next apply.
";

/// What an `ApplicationSet` needs besides the placement. Every text is literal: `{{` is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationSet {
    /// The Argo CD project, which bounds what the Applications may touch.
    pub project: String,
    /// The repository of the manifests.
    pub repo_url: String,
    /// The branch, tag or commit.
    pub target_revision: String,
    /// The directory in the repository.
    pub source_path: String,
    /// The namespace Argo CD watches.
    pub namespace: String,
}

/// Why no `ApplicationSet` can be written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Values that cannot stand in one.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Values(Vec<Problem>),
    /// The document has no form in YAML.
    #[error("the ApplicationSet cannot be written")]
    Yaml(#[source] yaml::Error),
}

/// An ApplicationSet of ours, read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emitted {
    /// Whose it is.
    pub owner: Owner,
    /// The namespace that Argo CD watches.
    pub namespace: String,
    /// The clusters in it, with region and role.
    pub targets: BTreeMap<Key, Target>,
}

/// The name of the Application of one cluster.
#[must_use]
pub fn application_name(placement: &str, cluster: &str) -> String {
    format!("{placement}-{cluster}")
}

// === impl ApplicationSet ===

impl ApplicationSet {
    /// The manifest, with a comment that says where it comes from. Equal inputs give equal bytes.
    ///
    /// # Errors
    /// When a text is not literal or a name is not one for Kubernetes.
    pub fn render(&self, placement: &Placement) -> Result<String, Error> {
        let problems = self.problems(placement);
        if !problems.is_empty() {
            return Err(Error::Values(problems));
        }
        let key = placement.owner.placement.as_str();
        let generation = placement.generation.to_string();
        let mut annotations =
            BTreeMap::from([(MANAGED_BY, placement.owner.managed_by.as_str()), (PLACEMENT, key)]);
        if placement.generation > FIRST {
            annotations.insert(GENERATION, &generation);
        }
        let manifest = Manifest {
            api_version: API_VERSION,
            kind: KIND,
            metadata: Metadata { name: key, namespace: &self.namespace, annotations },
            spec: Spec {
                go_template: true,
                go_template_options: ["missingkey=error"],
                generators: [Generator { list: List { elements: placement.elements() } }],
                sync_policy: SyncPolicy {
                    applications_sync: "create-update",
                    preserve_resources_on_deletion: true,
                },
                template: Template {
                    metadata: TemplateMetadata {
                        name: application_name(key, "{{ .name }}"),
                        labels: BTreeMap::from([
                            (PLACEMENT, key),
                            (REGION, "{{ .region }}"),
                            (ROLE, "{{ .role }}"),
                        ]),
                    },
                    spec: Application {
                        project: &self.project,
                        source: Source {
                            repo_url: &self.repo_url,
                            target_revision: &self.target_revision,
                            path: &self.source_path,
                        },
                        destination: Destination {
                            name: "{{ .name }}",
                            namespace: &placement.namespace,
                        },
                    },
                },
            },
        };
        let text = yaml::to_string(&manifest).map_err(Error::Yaml)?;
        Ok(format!("{HEADER}{text}"))
    }
}

/// Whose a manifest is; `None` when it is none of ours. What else is in it does not matter.
#[must_use]
pub fn owner(text: &str) -> Option<Owner> {
    let Owned { kind, mut metadata } = yaml::from_str(text).ok()?;
    (kind == KIND).then_some(())?;
    Some(Owner {
        managed_by: metadata.annotations.remove(MANAGED_BY)?,
        placement: metadata.annotations.remove(PLACEMENT)?,
    })
}

/// The generation that a manifest of ours says; [`FIRST`] where it says none.
#[must_use]
pub fn generation(text: &str) -> u64 {
    let owned: Option<Owned> = yaml::from_str(text).ok();
    let said = owned.and_then(|owned| owned.metadata.annotations.get(GENERATION)?.parse().ok());
    said.unwrap_or(FIRST).max(FIRST)
}

/// What a manifest of ours says; `None` when it is none of ours, or no longer as we write it.
#[must_use]
pub fn read(text: &str) -> Option<Emitted> {
    let owner = owner(text)?;
    let written: Written = yaml::from_str(text).ok()?;
    Some(others::emitted(owner, written))
}

// === the manifest ===

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Manifest<'a> {
    api_version: &'a str,
    kind: &'a str,
    metadata: Metadata<'a>,
    spec: Spec<'a>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    name: &'a str,
    namespace: &'a str,
    annotations: BTreeMap<&'a str, &'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Spec<'a> {
    go_template: bool,
    go_template_options: [&'a str; 1],
    generators: [Generator<'a>; 1],
    sync_policy: SyncPolicy<'a>,
    template: Template<'a>,
}

#[derive(Serialize)]
struct Generator<'a> {
    list: List<'a>,
}

#[derive(Serialize)]
struct List<'a> {
    elements: Vec<Element<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SyncPolicy<'a> {
    applications_sync: &'a str,
    preserve_resources_on_deletion: bool,
}

#[derive(Serialize)]
struct Template<'a> {
    metadata: TemplateMetadata<'a>,
    spec: Application<'a>,
}

#[derive(Serialize)]
struct TemplateMetadata<'a> {
    name: String,
    labels: BTreeMap<&'a str, &'a str>,
}

#[derive(Serialize)]
struct Application<'a> {
    project: &'a str,
    source: Source<'a>,
    destination: Destination<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Source<'a> {
    #[serde(rename = "repoURL")]
    repo_url: &'a str,
    target_revision: &'a str,
    path: &'a str,
}

#[derive(Serialize)]
struct Destination<'a> {
    name: &'a str,
    namespace: &'a str,
}

#[derive(Deserialize)]
struct Owned {
    kind: String,
    metadata: OwnedMetadata,
}

#[derive(Deserialize)]
struct OwnedMetadata {
    annotations: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Written {
    metadata: WrittenMetadata,
    spec: WrittenSpec,
}

#[derive(Deserialize)]
struct WrittenMetadata {
    namespace: String,
}

#[derive(Deserialize)]
struct WrittenSpec {
    generators: Vec<WrittenGenerator>,
}

#[derive(Deserialize)]
struct WrittenGenerator {
    list: WrittenList,
}

#[derive(Deserialize)]
struct WrittenList {
    elements: Vec<WrittenElement>,
}

#[derive(Deserialize)]
struct WrittenElement {
    name: Key,
    region: String,
    role: String,
}

#[cfg(test)]
mod tests;
