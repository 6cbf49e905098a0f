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
fn a_value_that_kubernetes_or_argo_cd_would_refuse_or_fill_in_is_a_problem_of_its_field() {
    type Edit = fn(&mut ApplicationSet, &mut Placement);
    let long = || Key::new("c".repeat(46)).unwrap();
    let table: [(Edit, Field, Rule); 11] = [
        (|set, _| set.project = "{{ .name }}".into(), Field::Project, Rule::Template),
        (|set, _| set.project = "My Project!".into(), Field::Project, Rule::Subdomain),
        (|set, _| set.source_path = "deploy/{{.region}}".into(), Field::SourcePath, Rule::Template),
        (|set, _| set.repo_url.clear(), Field::RepoUrl, Rule::Empty),
        (|set, _| set.namespace = "Bad_NS".into(), Field::ArgocdNamespace, Rule::Label),
        (|set, _| set.namespace = "a.b".into(), Field::ArgocdNamespace, Rule::Label),
        (|_, p| p.namespace = "{{ .role }}".into(), Field::Namespace, Rule::Template),
        (|_, p| p.namespace = "a".repeat(64), Field::Namespace, Rule::Label),
        (|_, p| p.owner.placement = "payments_api".into(), Field::Key, Rule::Subdomain),
        (
            |_, p| {
                let (_, target) = p.targets.pop_first().unwrap();
                p.targets.insert(Key::new("prod_1").unwrap(), target);
            },
            Field::Cluster(Key::new("prod_1").unwrap()),
            Rule::Subdomain,
        ),
        (
            |_, p| {
                let (_, target) = p.targets.pop_first().unwrap();
                p.targets.insert(Key::new("c".repeat(46)).unwrap(), target);
            },
            Field::Cluster(long()),
            Rule::TooLong { name: application_name("payments-api-prod", long().as_str()) },
        ),
    ];
    for (edit, field, rule) in table {
        let (mut set, mut placement) = (application_set(), payments());
        edit(&mut set, &mut placement);
        assert_eq!(set.problems(&placement), [Problem { field, rule }]);
        assert!(matches!(set.render(&placement), Err(Error::Values(_))));
    }
    // 63 characters are the most that a label has.
    let (set, mut placement) = (application_set(), payments());
    let (_, target) = placement.targets.pop_first().unwrap();
    placement.targets.insert(Key::new("c".repeat(45)).unwrap(), target);
    assert_eq!(set.problems(&placement), []);
}

#[test]
fn an_address_of_a_repository_has_no_secret_and_a_path_stays_inside_of_it() {
    let rule = |edit: &dyn Fn(&mut ApplicationSet)| {
        let mut set = application_set();
        edit(&mut set);
        set.own_problems().into_iter().next().map(|problem| problem.rule)
    };
    let addresses = [
        ("https://git.example.com/a.git", None),
        ("git@git.example.com:team/a.git", None),
        ("ssh://git@git.example.com:2222/a.git", None),
        ("registry.example.com/charts", None),
        ("https://user:hunter2@git.example.com/a.git", Some(Rule::Credentials)),
        ("https://ghp_token@git.example.com/a.git", Some(Rule::Credentials)),
        ("HTTPS://x%3Ay@git.example.com/a.git", Some(Rule::Credentials)),
        ("ssh://git:hunter2@git.example.com/a.git", Some(Rule::Credentials)),
        ("ssh://git%3Ahunter2@git.example.com/a.git", Some(Rule::Credentials)),
        ("user:hunter2@git.example.com/a.git", Some(Rule::Credentials)),
        ("https://git.example.com/a.git?access_token=x", Some(Rule::Query)),
        ("https://git.example.com/a.git#x", Some(Rule::Query)),
        ("https://git.example.com/a b.git", Some(Rule::Blank)),
        ("https://git.example.com/-a/-b.git", None),
        ("--upload-pack=touch", Some(Rule::Option)),
        ("-git@git.example.com:a.git", Some(Rule::Option)),
        ("ssh://-oProxyCommand=x/a.git", Some(Rule::Host)),
        ("git@-oProxyCommand=x:a.git", Some(Rule::Host)),
        ("http://gitea-http.gitea:3000/team/a.git", None),
        ("git://git.example.com/a.git", None),
        ("oci://registry.example.com/team/app", None),
        ("localhost:5000/charts", None),
        ("registry.example.com:5000/charts", None),
        ("ssh://git-codecommit.eu-west-1.amazonaws.com/v1/repos/a", None),
        ("git@ssh.dev.azure.com:v3/org/My%20Project/a", None),
        ("https://dev.azure.com/org/My%20Project%20(old)/_git/a", None),
        ("https://git.example.com/équipe/a.git", None),
        ("git@gitserver:team/a.git", None),
        ("git.example.com:team/a.git", None),
        ("ssh://git@[2001:db8::1]:22/a.git", None),
        ("git@[2001:db8::1]:a.git", None),
        ("file:///etc", Some(Rule::Local)),
        ("FILE:///srv/a.git", Some(Rule::Local)),
        ("file:/etc", Some(Rule::Local)),
        ("x", Some(Rule::Local)),
        ("a/b", Some(Rule::Local)),
        ("/srv/a.git", Some(Rule::Local)),
        ("./a.git", Some(Rule::Local)),
        ("../a.git", Some(Rule::Local)),
        ("~/a.git", Some(Rule::Local)),
        ("C:/a.git", Some(Rule::Local)),
        ("x:y", Some(Rule::Local)),
        ("javascript:alert(1)", Some(Rule::Local)),
        ("git.example.com", Some(Rule::Local)),
        ("git.example.com/", Some(Rule::Local)),
        ("ftp://git.example.com/a.git", Some(Rule::Scheme)),
        ("ext::sh", Some(Rule::Scheme)),
        ("fd::17", Some(Rule::Scheme)),
        ("codecommit::eu-west-1://a", Some(Rule::Scheme)),
        ("ext::https://git.example.com/a", Some(Rule::Scheme)),
        ("git-remote-x://git.example.com/a", Some(Rule::Scheme)),
        ("https://", Some(Rule::Address)),
        ("https:///a.git", Some(Rule::Address)),
        ("https://:443/a.git", Some(Rule::Address)),
        ("https://git.example.com:/a.git", Some(Rule::Address)),
        ("https://git.example.com:0/a.git", Some(Rule::Address)),
        ("https://git.example.com:70000/a.git", Some(Rule::Address)),
        ("https://git.example.com:+22/a.git", Some(Rule::Address)),
        ("https://git..example.com/a.git", Some(Rule::Address)),
        ("https://git_.example-.com/a.git", Some(Rule::Address)),
        ("https://git.exаmple.com/a.git", Some(Rule::Address)),
        ("https://git.example.com/../a.git", Some(Rule::Address)),
        ("https://git.example.com/%2e%2E/a.git", Some(Rule::Address)),
        ("https://git.example.com/a%zz.git", Some(Rule::Address)),
        ("https://git.example.com/a%", Some(Rule::Address)),
        ("https://git.example.com\\a.git", Some(Rule::Address)),
        ("https://git.example.com/a`x`.git", Some(Rule::Address)),
        ("ssh://@git.example.com/a.git", Some(Rule::Address)),
        ("ssh://$(x)@git.example.com/a.git", Some(Rule::Address)),
        ("git@:a.git", Some(Rule::Address)),
        ("git@git.example.com:", Some(Rule::Address)),
        ("git@git.example.com/a.git", Some(Rule::Address)),
        ("git@git.example.com:-x", Some(Rule::Option)),
        ("https://git.example.com/a\n.git", Some(Rule::Blank)),
        ("https://git.example.com/a%0a.git", Some(Rule::Blank)),
        ("https://git.example.com/a%00", Some(Rule::Blank)),
        ("https://git.example.com/\u{202e}a.git", Some(Rule::Blank)),
        ("https://git.example.com/a\u{200b}.git", Some(Rule::Blank)),
        (" https://git.example.com/a.git", Some(Rule::Blank)),
    ];
    for (address, expected) in addresses {
        assert_eq!(rule(&|set| set.repo_url = address.into()), expected, "{address}");
    }
    for (path, expected) in [
        (".", None),
        ("deploy/prod", None),
        ("a..b", None),
        ("deploy/-x", None),
        ("-x", Some(Rule::Option)),
        ("../../etc", Some(Rule::Outside)),
        ("deploy/../../etc", Some(Rule::Outside)),
        ("/etc", Some(Rule::Outside)),
        ("..\\etc", Some(Rule::Outside)),
        ("My Apps/prod", None),
        ("a\u{1b}b", Some(Rule::Blank)),
        ("a\u{202e}b", Some(Rule::Blank)),
        ("a\u{200b}", Some(Rule::Blank)),
        (" a", Some(Rule::Blank)),
        ("a ", Some(Rule::Blank)),
    ] {
        assert_eq!(rule(&|set| set.source_path = path.into()), expected, "{path}");
    }
    for (revision, expected) in [
        ("main", None),
        ("release/1.2", None),
        ("HEAD", None),
        ("v1\n", Some(Rule::Blank)),
        ("v1\u{1b}[31m", Some(Rule::Blank)),
        ("--upload-pack=x", Some(Rule::Revision)),
        ("a..b", Some(Rule::Revision)),
        ("refs/tags/v1.2.3+build", None),
        ("9f2c0d1e9f2c0d1e9f2c0d1e9f2c0d1e9f2c0d1e", None),
        ("1.*", None),
        ("~1.2", None),
        ("^1.2", None),
        ("feature/ünïcode", None),
        ("main^", Some(Rule::Revision)),
        ("HEAD~1", Some(Rule::Revision)),
        ("main:etc", Some(Rule::Revision)),
        ("a?b", Some(Rule::Revision)),
        ("a[b", Some(Rule::Revision)),
        ("a\\b", Some(Rule::Revision)),
        ("/main", Some(Rule::Revision)),
        ("main/", Some(Rule::Revision)),
        ("a//b", Some(Rule::Revision)),
        ("@{u}", Some(Rule::Revision)),
        ("@", Some(Rule::Revision)),
        ("main.lock", Some(Rule::Revision)),
        (".main", Some(Rule::Revision)),
        ("main.", Some(Rule::Revision)),
        ("a\u{202e}b", Some(Rule::Blank)),
    ] {
        assert_eq!(rule(&|set| set.target_revision = revision.into()), expected, "{revision}");
    }
}

#[test]
fn a_manifest_is_read_again() {
    let text = application_set().render(&payments()).unwrap();
    let emitted = read(&text).unwrap();
    assert_eq!(emitted.owner, payments().owner);
    assert_eq!(emitted.namespace, "argocd");
    assert_eq!(emitted.targets, payments().targets);
}

#[test]
fn a_later_generation_is_told_and_the_first_is_not() {
    let render =
        |generation| application_set().render(&Placement { generation, ..payments() }).unwrap();
    assert!(!render(FIRST).contains("generation:"));
    let later = render(3);
    assert!(later.contains("fleet-iac.github.io/generation: \"3\""), "{later}");
    assert_eq!([generation(&render(FIRST)), generation(&later)], [FIRST, 3]);
    assert_eq!(owner(&later), Some(payments().owner));
    assert_eq!(read(&later).map(|of| of.targets), read(&render(FIRST)).map(|of| of.targets));
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
