//! Argo CD: an `ApplicationSet` whose generator is a frozen list of the decided targets.
//!
//! What the controller may do with it is kept small (guide §6): the list is literal, so no label,
//! secret or repository elsewhere can add or remove a cluster; a parameter that is missing is an
//! error, not an empty text; the project is literal; Applications are created and updated, never
//! deleted, and deleting the ApplicationSet leaves what runs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::targets::{Element, Owner, Placement};
use crate::yaml;

/// Group, version and kind of what is emitted.
pub const GVK: &str = "argoproj.io/v1alpha1/ApplicationSet";
const API_VERSION: &str = "argoproj.io/v1alpha1";
const KIND: &str = "ApplicationSet";
const MANAGED_BY: &str = "fleet-iac.github.io/managed-by";
const PLACEMENT: &str = "fleet-iac.github.io/placement";
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
    /// A text that Argo CD would read as a template.
    #[error("`{0}` holds `{{{{`, which Argo CD would read as a template; it must be literal")]
    Template(&'static str),
    /// A text that is empty.
    #[error("`{0}` is empty")]
    Empty(&'static str),
    /// A name that Kubernetes does not accept.
    #[error(
        "`{0}` cannot name a Kubernetes object: a-z, 0-9, - and . are allowed, and each part between dots starts and ends with a letter or digit"
    )]
    Name(String),
    /// A region that cannot be the value of a label.
    #[error("the region `{0}` cannot be the value of a Kubernetes label")]
    Region(String),
    /// The document has no form in YAML.
    #[error("the ApplicationSet cannot be written")]
    Yaml(#[source] yaml::Error),
}

// === impl ApplicationSet ===

impl ApplicationSet {
    /// The manifest, with a comment that says where it comes from. Equal inputs give equal bytes.
    ///
    /// # Errors
    /// When a text is not literal or a name is not one for Kubernetes.
    pub fn render(&self, placement: &Placement) -> Result<String, Error> {
        self.check(placement)?;
        let key = placement.owner.placement.as_str();
        let manifest = Manifest {
            api_version: API_VERSION,
            kind: KIND,
            metadata: Metadata {
                name: key,
                namespace: &self.namespace,
                annotations: BTreeMap::from([
                    (MANAGED_BY, placement.owner.managed_by.as_str()),
                    (PLACEMENT, key),
                ]),
            },
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
                        name: format!("{key}-{{{{ .name }}}}"),
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

    fn check(&self, placement: &Placement) -> Result<(), Error> {
        let texts = [
            ("emit.argocd.project", &self.project),
            ("emit.argocd.repo_url", &self.repo_url),
            ("emit.argocd.target_revision", &self.target_revision),
            ("emit.argocd.source_path", &self.source_path),
            ("emit.argocd.namespace", &self.namespace),
            ("namespace", &placement.namespace),
        ];
        for (attribute, text) in texts {
            if text.is_empty() {
                return Err(Error::Empty(attribute));
            }
            if text.contains("{{") {
                return Err(Error::Template(attribute));
            }
        }
        let names = placement.targets.keys().map(AsRef::as_ref);
        for name in [placement.owner.placement.as_str()].into_iter().chain(names) {
            if !is_subdomain(name) {
                return Err(Error::Name(name.to_owned()));
            }
        }
        let mut regions = placement.targets.values().map(|target| &target.region);
        match regions.find(|region| !is_label_value(region)) {
            Some(region) => Err(Error::Region(region.clone())),
            None => Ok(()),
        }
    }
}

/// Whose a manifest is; `None` when it is none of ours.
#[must_use]
pub fn owner(text: &str) -> Option<Owner> {
    let read: Owned = yaml::from_str(text).ok()?;
    let mut annotations = read.metadata.annotations;
    (read.kind == KIND).then_some(())?;
    Some(Owner {
        managed_by: annotations.remove(MANAGED_BY)?,
        placement: annotations.remove(PLACEMENT)?,
    })
}

/// RFC 1123 subdomain, without the limit of 253 that our keys cannot reach.
fn is_subdomain(name: &str) -> bool {
    name.split('.').all(|label| {
        let ends = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
        let inside = |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
        let bytes = label.as_bytes();
        ends(bytes.first()) && ends(bytes.last()) && bytes.iter().all(inside)
    })
}

fn is_label_value(value: &str) -> bool {
    let ends = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let inside = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let bytes = value.as_bytes();
    bytes.len() <= 63 && ends(bytes.first()) && ends(bytes.last()) && bytes.iter().all(inside)
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

#[cfg(test)]
mod tests;
