//! What a manifest that somebody else wrote says about Applications, whatever its form: several documents, a
//! list, JSON.

use fleet_model::name::Key;
use serde_json::Value as Json;

use super::{Emitted, KIND, MANAGED_BY, PLACEMENT, Written};
use crate::targets::{Owner, Target};
use crate::yaml;

/// What makes Applications in a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Others {
    /// The ApplicationSet of a placement.
    Set(Emitted),
    /// An Application that somebody wrote.
    Application {
        /// Its namespace; `None` where the manifest leaves it to who applies it.
        namespace: Option<String>,
        /// Its name.
        name: String,
    },
}

/// Why it is not clear what a manifest says.
#[derive(Debug, thiserror::Error)]
pub enum Unclear {
    /// Not YAML.
    #[error(transparent)]
    Yaml(#[from] yaml::Error),
    /// It says that it is of a placement, and is not as a placement writes it.
    #[error("it says that it is of a placement, and is not as the provider writes it")]
    Changed,
}

/// Whether the bytes name an annotation of ours: a manifest of a placement does.
#[must_use]
pub fn mentions_fleet(bytes: &[u8]) -> bool {
    [MANAGED_BY, PLACEMENT].iter().any(|name| contains(bytes, name.as_bytes()))
}

/// Everything in a text that makes Applications and says which.
///
/// # Errors
/// It is not YAML, or a placement's manifest that somebody changed.
pub fn others(text: &str) -> Result<Vec<Others>, Unclear> {
    // Most of what lies beside is something else, and parsing it takes long.
    if !contains(text.as_bytes(), b"argoproj.io") && !mentions_fleet(text.as_bytes()) {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for document in yaml::documents::<Json>(text)? {
        read(document, &mut found)?;
    }
    Ok(found)
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn read(mut document: Json, found: &mut Vec<Others>) -> Result<(), Unclear> {
    let text = |of: &Json| of.as_str().map(str::to_owned);
    let word = |name: &str| document.get(name).and_then(Json::as_str).unwrap_or_default();
    let (kind, of_argocd) = (word("kind"), word("apiVersion").starts_with("argoproj.io/"));
    if kind == "List" || kind == "ApplicationSetList" || kind == "ApplicationList" {
        if let Some(Json::Array(items)) = document.get_mut("items").map(Json::take) {
            items.into_iter().try_for_each(|item| read(item, found))?;
        }
    } else if kind == "Application" && of_argocd {
        let metadata = document.get("metadata").cloned().unwrap_or_default();
        if let Some(name) = metadata.get("name").and_then(text) {
            let namespace = metadata.get("namespace").and_then(text);
            found.push(Others::Application { namespace, name });
        }
    } else if kind == KIND {
        let annotation = |name: &str| document.pointer("/metadata/annotations")?.get(name);
        let (managed_by, placement) = (annotation(MANAGED_BY), annotation(PLACEMENT));
        if managed_by.is_none() && placement.is_none() {
            // Somebody's own: what its generators make is not said in it.
            return Ok(());
        }
        let owner = managed_by.and_then(text).zip(placement.and_then(text));
        let (managed_by, placement) = owner.ok_or(Unclear::Changed)?;
        let written = serde_json::from_value::<Written>(document);
        let written = written.map_err(|_| Unclear::Changed)?;
        found.push(Others::Set(emitted(Owner { managed_by, placement }, written)));
    }
    Ok(())
}

/// What a manifest of ours says.
pub(super) fn emitted(owner: Owner, written: Written) -> Emitted {
    let lists = written.spec.generators.into_iter();
    let elements = lists.flat_map(|generator| generator.list.elements);
    let target = |region, role| Target { region, role };
    let targets: std::collections::BTreeMap<Key, Target> =
        elements.map(|of| (of.name, target(of.region, of.role))).collect();
    Emitted { owner, namespace: written.metadata.namespace, targets }
}

#[cfg(test)]
mod tests {
    use super::super::ApplicationSet;
    use super::*;
    use crate::targets::tests::payments;

    fn ours() -> String {
        let set = ApplicationSet {
            project: "payments".into(),
            repo_url: "https://git.example.com/payments.git".into(),
            target_revision: "main".into(),
            source_path: "deploy".into(),
            namespace: "argocd".into(),
        };
        set.render(&payments()).unwrap()
    }

    fn json(yaml: &str) -> String {
        let value: Json = yaml::from_str(yaml).unwrap();
        value.to_string()
    }

    /// Controllers read them all alike.
    #[test]
    fn every_form_of_a_manifest_says_the_same() {
        let ours = ours();
        let alone = others(&ours).unwrap();
        let [Others::Set(set)] = alone.as_slice() else { panic!("{alone:?}") };
        assert_eq!((&set.owner, set.targets.len()), (&payments().owner, 2));
        let list =
            format!("{{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [{}]}}", json(&ours));
        for form in [
            json(&ours),
            list.clone(),
            list.replace("\"List\"", "\"ApplicationSetList\""),
            format!("apiVersion: v1\nkind: ConfigMap\n---\n{ours}"),
            format!("---\n{ours}---\n"),
            format!("\u{feff}{ours}"),
            ours.replace('\n', "\r\n"),
        ] {
            assert_eq!(others(&form).unwrap(), alone, "{form}");
        }
    }

    #[test]
    fn an_application_by_hand_has_a_name_too() {
        let application =
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: a\n";
        let found = |text: &str| others(text).unwrap();
        let name = || "a".to_owned();
        assert_eq!(found(application), [Others::Application { namespace: None, name: name() }]);
        let placed = format!("{application}  namespace: argocd\n");
        let namespace = Some("argocd".to_owned());
        assert_eq!(found(&placed), [Others::Application { namespace, name: name() }]);
        // What others generate is not known; what is no manifest of Argo CD says nothing.
        let other = application.replace("argoproj.io/v1alpha1", "app.k8s.io/v1beta1");
        let other = format!("{other}# argoproj.io\n");
        let set = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: a}\nspec: {}\n";
        for nothing in
            [set, other.as_str(), "{{ .Values.x }}", "kind: Application", "", "[]", "argoproj.io"]
        {
            assert_eq!(found(nothing), [], "{nothing}");
        }
    }

    /// It may hold any name.
    #[test]
    fn a_manifest_of_ours_that_cannot_be_read_is_unclear() {
        let ours = ours();
        for changed in [
            ours.replacen("platform", "plat\u{1b}form", 1),
            ours.replacen("managed-by: platform", "managed-by: [", 1),
            ours.replacen("generators:", "generator:", 1),
            ours.replacen("prod-payments-apse1", "Prod_Payments", 1),
            ours.replacen("fleet-iac.github.io/managed-by", "managed-by", 1),
            format!("{ours}---\n\t:"),
        ] {
            assert!(others(&changed).is_err(), "{changed}");
            assert!(mentions_fleet(changed.as_bytes()));
        }
        assert!(!mentions_fleet(b"kind: Application"));
    }
}
