use std::fs;
use std::path::PathBuf;

use fleet_model::name::Key;
use serde_json::{Value, json};

use super::*;
use crate::digest::sha256_hex;
use crate::targets::tests::payments;

fn application_set() -> ApplicationSet {
    ApplicationSet {
        project: "payments".into(),
        repo_url: "https://git.example.com/payments.git".into(),
        target_revision: "4b825dc642cb6eb9a060e54bf8d69288fbee4904".into(),
        source_path: "deploy/prod".into(),
        namespace: "argocd".into(),
    }
}

fn data() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/crds")
}

/// The schema of the ApplicationSet, closed wherever the API server would prune: an object node
/// that lists properties and keeps no unknown ones takes no others.
fn schema() -> Value {
    let text = fs::read_to_string(data().join("argo-cd/applicationset-crd.yaml")).unwrap();
    let crd: Value = yaml::from_str(&text).unwrap();
    let mut schema = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"].clone();
    close(&mut schema);
    schema
}

fn close(schema: &mut Value) {
    match schema {
        Value::Object(node) => {
            node.values_mut().for_each(close);
            let is_schema_node = node.get("type").is_some_and(Value::is_string);
            let keeps_unknown = node.contains_key("x-kubernetes-preserve-unknown-fields");
            if is_schema_node
                && !keeps_unknown
                && node.get("properties").is_some_and(Value::is_object)
            {
                node.entry("additionalProperties").or_insert(Value::Bool(false));
            }
        }
        Value::Array(nodes) => nodes.iter_mut().for_each(close),
        _ => {}
    }
}

#[test]
fn the_manifest_is_golden_and_names_its_owner() {
    let text = application_set().render(&payments()).unwrap();
    expectorate::assert_contents("tests/golden/applicationset.yaml", &text);
    assert_eq!(owner(&text), Some(payments().owner));
}

#[test]
fn the_manifest_is_valid_for_its_crd_and_a_misspelt_one_is_not() {
    let schema = jsonschema::validator_for(&schema()).unwrap();
    let text = application_set().render(&payments()).unwrap();
    let manifest: Value = yaml::from_str(&text).unwrap();
    let errors: Vec<_> = schema.iter_errors(&manifest).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");

    type Edit = fn(&mut Value);
    let broken: [(&str, Edit); 5] = [
        ("unknown field", |m| m["spec"]["goTemplat"] = json!(true)),
        ("unknown nested field", |m| {
            m["spec"]["template"]["spec"]["source"]["repoUrl"] = json!("x");
        }),
        ("wrong type", |m| m["spec"]["goTemplate"] = json!("true")),
        ("not in the enum", |m| m["spec"]["syncPolicy"]["applicationsSync"] = json!("delete")),
        ("missing", |m| _ = m["spec"].as_object_mut().unwrap().remove("template")),
    ];
    for (what, edit) in broken {
        let mut manifest = manifest.clone();
        edit(&mut manifest);
        assert!(!schema.is_valid(&manifest), "{what}");
    }
}

/// The CRD files are the ones that MANIFEST.tsv names.
#[test]
fn the_crds_are_unchanged() {
    let manifest = fs::read_to_string(data().join("MANIFEST.tsv")).unwrap();
    let mut files = 0;
    for line in manifest.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let name = columns[3].rsplit('/').next().unwrap();
        let file = data().join(columns[0]).join(name);
        assert_eq!(sha256_hex(&fs::read(&file).unwrap()), columns[4], "{}", file.display());
        files += 1;
    }
    assert!(files > 0);
}

#[test]
fn templates_and_names_that_kubernetes_refuses_are_errors() {
    type Edit = fn(&mut ApplicationSet, &mut Placement);
    let table: [(Edit, &str); 6] = [
        (|set, _| set.project = "{{ .name }}".into(), "emit.argocd.project"),
        (|set, _| set.source_path = "deploy/{{.region}}".into(), "emit.argocd.source_path"),
        (|_, placement| placement.namespace = "{{ .role }}".into(), "namespace"),
        (|set, _| set.repo_url.clear(), "emit.argocd.repo_url"),
        (|_, placement| placement.owner.placement = "payments_api".into(), "payments_api"),
        (
            |_, placement| {
                let (_, target) = placement.targets.pop_first().unwrap();
                placement.targets.insert(Key::new("prod_1").unwrap(), target);
            },
            "prod_1",
        ),
    ];
    for (edit, named) in table {
        let (mut set, mut placement) = (application_set(), payments());
        edit(&mut set, &mut placement);
        let error = set.render(&placement).unwrap_err().to_string();
        assert!(error.contains(named), "{error}");
    }
}

#[test]
fn other_manifests_have_no_owner() {
    let ours = application_set().render(&payments()).unwrap();
    let another_kind = ours.replace("kind: ApplicationSet", "kind: Application");
    let no_annotation = ours.replace(MANAGED_BY, "example.com/managed-by");
    assert_ne!(ours, another_kind);
    for text in ["", "a: [", "kind: ApplicationSet\n", &another_kind, &no_annotation] {
        assert_eq!(owner(text), None, "{text}");
    }
}
