//! Golden files, round trips, and the published schemas against what is written.

use std::error;

use fleet_model::account::{
    AccountClass, BaselinePolicy, BaselineVersion, BillingAccess, Contract, ControlMode,
    FederatedRole, Identity, OidcProvider, SubjectFormat,
};
use fleet_model::cluster::Effect;
use fleet_model::contact::{Contact, ContactType};
use fleet_model::inventory::MAX_SERIAL;
use fleet_model::lifecycle::LifecyclePhase;
use fleet_model::name::Name;
use fleet_model::readiness::Verdict;
use serde_json::Value;

use super::*;

fn account_to_yaml(document: &AccountDocument) -> Result<String, yaml::Error> {
    super::account_to_yaml(document, &Beside::default())
}

fn cluster_to_yaml(document: &ClusterDocument) -> Result<String, yaml::Error> {
    super::cluster_to_yaml(document, &Beside::default())
}

fn account_from_yaml(text: &str) -> Result<AccountDocument, Error> {
    super::account_from_yaml(text).map(|(document, _)| document)
}

fn cluster_from_yaml(text: &str) -> Result<ClusterDocument, Error> {
    super::cluster_from_yaml(text).map(|(document, _)| document)
}

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

/// Every field set, with texts that YAML readers like to take for something else.
fn cluster() -> ClusterDocument {
    ClusterDocument {
        serial: 7,
        managed_by: "platform/clusters".into(),
        cluster: Record {
            name: key("prod-apse1-payments-01"),
            account: key("payments-prod"),
            environment: "no".into(),
            region: "ap-southeast-1".into(),
            cloud: "aws".into(),
            zones: ["ap-southeast-1a", "ap-southeast-1b", "1"].map(String::from).into(),
            tier: Some("tier-0".into()),
            data_classification: "pci".into(),
            labels: [("pci", "true"), ("cost", "1e3"), ("rack", "0777"), ("empty", "")]
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .into(),
            taints: [
                Taint {
                    key: "maintenance".into(),
                    value: "no".into(),
                    effect: Effect::NoSelectIfNew,
                },
                Taint { key: "drain".into(), value: String::new(), effect: Effect::NoSelect },
            ]
            .into(),
            schedulable: false,
            lifecycle_state: LifecycleState::Retired,
            tenants: Some(["payments", "platform/clusters"].map(String::from).into()),
            particulars: None,
        },
        about: About {
            owner: Some("payments-platform".into()),
            kubernetes_version: Some("1.32".into()),
            gitops: Some(Gitops {
                engine: Some("argocd".into()),
                controller_mode: Some("local".into()),
            }),
            policies: Some(Policies {
                baseline: Some("restricted".into()),
                image_verification: Some("required".into()),
            }),
            networking: Some(Networking {
                ingress_class: Some("private-gateway".into()),
                egress_policy: Some("restricted".into()),
            }),
            created_at: Some("2026-06-01".into()),
            decommission_after: Some("2031-06-01T00:00:00Z".into()),
        },
    }
}

/// Nothing set that can be left out.
fn small_cluster() -> ClusterDocument {
    let full = cluster();
    ClusterDocument {
        serial: 0,
        managed_by: full.managed_by,
        cluster: Record {
            zones: BTreeSet::new(),
            tier: None,
            labels: BTreeMap::new(),
            taints: BTreeSet::new(),
            schedulable: true,
            lifecycle_state: LifecycleState::Active,
            tenants: None,
            particulars: None,
            ..full.cluster
        },
        about: About::default(),
    }
}

fn account() -> AccountDocument {
    let role = FederatedRole {
        provider: "github".into(),
        owner_id: Some("0123456".into()),
        repository_id: Some("456789".into()),
        subject_format: SubjectFormat::Immutable,
        claims: [("repository".to_owned(), "example/platform".to_owned())].into(),
    };
    let provider = OidcProvider {
        url: "https://token.actions.githubusercontent.com".into(),
        audiences: ["sts.amazonaws.com".to_owned()].into(),
    };
    AccountDocument {
        serial: 3,
        managed_by: "platform/accounts".into(),
        id: "000000000001".into(),
        registrars: Some(["platform/accounts", "team-payments"].map(String::from).into()),
        contract: Contract {
            vendor: None,
            key: key("payments-prod"),
            name: "payments: prod #1".into(),
            email: "aws+payments-prod@example.com".into(),
            account_class: AccountClass::RegulatedProdWorkloads,
            environment: name("prod"),
            owner: name("payments-platform"),
            data_classification: name("pci"),
            region_set: ["ap-southeast-1", "ap-northeast-1"].map(String::from).into(),
            network_profile: name("private-service"),
            baseline_policy: BaselinePolicy::ProdRestricted,
            baseline_version: BaselineVersion::V2,
            budget_owner: name("payments"),
            gitops_enabled: true,
            controls: [("password-policy".to_owned(), ControlMode::Verify)].into(),
            identity: Some(Identity {
                providers: [("github".to_owned(), provider)].into(),
                roles: [("plan".to_owned(), role)].into(),
            }),
            role_name: "OrganizationAccountAccessRole".into(),
        },
        phase: "accessible".into(),
        lifecycle_phase: LifecyclePhase::Active,
        closed_at: None,
        ready: false,
        digest: "9f2c".into(),
        verdicts: [
            ("password-policy".to_owned(), Verdict::Fail),
            ("regions/ap-southeast-3".to_owned(), Verdict::NotApplicable),
        ]
        .into(),
        open_checks: [("password-policy".to_owned(), "null".to_owned())].into(),
        prior_settings: [("password-policy".to_owned(), "{\"length\":8}\n".to_owned())].into(),
        arguments: fleet_model::inventory::Arguments {
            vendor_settings: None,
            parent: Some("Workloads/Prod".to_owned()),
            onboarding_parent: Some("Onboarding".to_owned()),
            tags: [("cost-center".to_owned(), "4711".to_owned())].into(),
            default_tags: ["team".to_owned()].into(),
            close_on_deletion: true,
            timeouts: [("create".to_owned(), "45m".to_owned())].into(),
            alternate_contacts: [(
                ContactType::Security,
                Contact {
                    name: "Security team".to_owned(),
                    title: "On call".to_owned(),
                    email: "security@example.com".to_owned(),
                    phone_number: "+65 6123 4567".to_owned(),
                },
            )]
            .into(),
            iam_user_access_to_billing: BillingAccess::Deny,
        },
        edited: false,
    }
}

fn small_account() -> AccountDocument {
    let full = account();
    AccountDocument {
        serial: 0,
        registrars: None,
        contract: Contract { controls: BTreeMap::new(), identity: None, ..full.contract },
        open_checks: BTreeMap::new(),
        prior_settings: BTreeMap::new(),
        arguments: fleet_model::inventory::Arguments::default(),
        edited: false,
        ready: true,
        ..full
    }
}

#[test]
fn a_clusters_file_is_golden() {
    insta::assert_snapshot!(cluster_to_yaml(&cluster()).unwrap());
}

#[test]
fn a_small_clusters_file_is_golden() {
    insta::assert_snapshot!(cluster_to_yaml(&small_cluster()).unwrap());
}

#[test]
fn an_accounts_file_is_golden() {
    insta::assert_snapshot!(account_to_yaml(&account()).unwrap());
}

/// What no configuration could have written is refused by every reader of a file, as it is in HCL.
#[test]
fn files_that_say_what_cannot_be_are_refused() {
    let cluster = cluster_to_yaml(&cluster()).unwrap();
    let account = account_to_yaml(&account()).unwrap();
    let mut said = Vec::new();
    for (from, to) in [
        ("region: ap-southeast-1", "region: \"\""),
        ("region: ap-southeast-1", "region: \"eu\\nwest\""),
        ("region: ap-southeast-1", "region: \"\\e[31meu-west-1\""),
        ("account: payments-prod", "account: nul"),
        ("account: payments-prod", "account: pay.observed"),
        ("owner: payments-platform", "owner: \"a\\rb\""),
        ("managed_by: platform/clusters", "managed_by: \"\""),
        ("decommission_after: \"2031-06-01T00:00:00Z\"", "decommission_after: soon"),
        ("key: drain", "key: \"bad key!!\""),
    ] {
        let broken = cluster.replace(from, to);
        assert_ne!(broken, cluster, "{from}");
        said.push(format!("{to} <- {}", cluster_from_yaml(&broken).unwrap_err()));
    }
    for (from, to) in [
        ("id: \"000000000001\"", "id: \"1\""),
        ("phase: accessible", "phase: \"ready\\e[2J\""),
        ("- ap-northeast-1", "- \"\""),
    ] {
        let broken = account.replacen(from, to, 1);
        assert_ne!(broken, account, "{from}");
        said.push(format!("{to} <- {}", account_from_yaml(&broken).unwrap_err()));
    }
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn files_read_back_as_they_were() {
    for document in [cluster(), small_cluster()] {
        let text = cluster_to_yaml(&document).unwrap();
        assert_eq!(cluster_from_yaml(&text).unwrap(), document);
    }
    for document in [account(), small_account()] {
        let text = account_to_yaml(&document).unwrap();
        assert_eq!(account_from_yaml(&text).unwrap(), document);
    }
}

/// A file knows whether it is as it was written, whatever a checkout makes of the ends of its lines.
#[test]
fn a_seal_holds_until_something_is_edited() {
    let text = account_to_yaml(&account()).unwrap();
    assert!(is_as_written(&text, 3));
    assert!(is_as_written(&text.replace('\n', "\r\n"), 3));
    assert_eq!(account_from_yaml(&text.replace('\n', "\r\n")).unwrap(), account());
    let seal = text.lines().last().unwrap();
    for (from, to) in [
        ("serial: 3", "serial: 4"),
        ("serial: 3", "serial: 30"),
        ("ready: false", "ready: true"),
        (seal, "seal: 0000000000000000"),
        (seal, ""),
    ] {
        let edited = text.replace(from, to);
        assert_ne!(edited, text);
        assert!(!is_as_written(&edited, 3), "{to}");
        // It can be read all the same: an edit is told, and not an end of everything.
        account_from_yaml(&edited).unwrap();
    }
    // One from before there were serials has none.
    let old = account_to_yaml(&small_account()).unwrap();
    assert!(!old.contains("seal") && is_as_written(&old, 0));
    assert!(account_from_yaml(&format!("{text}{seal}\n")).is_err());
}

#[test]
fn a_serial_that_no_write_leads_to_is_refused() {
    for serial in [MAX_SERIAL, MAX_SERIAL + 1, u64::MAX] {
        let cluster = cluster_to_yaml(&ClusterDocument { serial, ..cluster() }).unwrap();
        let account = account_to_yaml(&AccountDocument { serial, ..account() }).unwrap();
        let fits = serial == MAX_SERIAL;
        assert_eq!(
            (cluster_from_yaml(&cluster).is_ok(), account_from_yaml(&account).is_ok()),
            (fits, fits)
        );
        for (text, document) in [(CLUSTER_SCHEMA, cluster), (ACCOUNT_SCHEMA, account)] {
            assert_eq!(schema(text).is_valid(&value(&document)), fits, "{serial}");
        }
    }
    let beyond =
        account_to_yaml(&account()).unwrap().replace("serial: 3", "serial: 18446744073709551616");
    assert!(account_from_yaml(&beyond).is_err());
}

fn value(text: &str) -> Value {
    yaml::from_str(text).unwrap()
}

fn schema(text: &str) -> jsonschema::Validator {
    let schema: Value = serde_json::from_str(text).unwrap();
    jsonschema::meta::validate(&schema).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

#[test]
fn the_schemas_accept_what_is_written() {
    for document in [cluster(), small_cluster()] {
        let text = cluster_to_yaml(&document).unwrap();
        schema(CLUSTER_SCHEMA).validate(&value(&text)).unwrap();
    }
    for document in [account(), small_account()] {
        let text = account_to_yaml(&document).unwrap();
        schema(ACCOUNT_SCHEMA).validate(&value(&text)).unwrap();
    }
}

/// Every path of a document's fields, so that each can be broken in turn.
fn paths(value: &Value, here: &str, into: &mut Vec<String>) {
    if let Value::Object(fields) = value {
        for (field, inner) in fields {
            // A JSON Pointer (RFC 6901) writes a slash within a name as `~1`.
            let path = format!("{here}/{}", field.replace('~', "~0").replace('/', "~1"));
            paths(inner, &path, into);
            into.push(path);
        }
    }
}

#[test]
fn the_schemas_refuse_a_wrong_type_anywhere() {
    let documents = [
        (CLUSTER_SCHEMA, cluster_to_yaml(&cluster()).unwrap()),
        (ACCOUNT_SCHEMA, account_to_yaml(&account()).unwrap()),
    ];
    for (text, document) in documents {
        let (schema, document) = (schema(text), value(&document));
        let mut every = Vec::new();
        paths(&document, "", &mut every);
        assert!(every.len() > 20);
        for path in every {
            let mut broken = document.clone();
            *broken.pointer_mut(&path).unwrap() = Value::from(1.5);
            assert!(!schema.is_valid(&broken), "{path}");
        }
    }
}

/// The words of the model and of the schema at `pointer` are the same.
fn assert_words(schema: &str, pointer: &str, words: &[&str]) {
    let schema: Value = serde_json::from_str(schema).unwrap();
    let listed: Vec<&str> = schema
        .pointer(pointer)
        .unwrap()
        .as_array()
        .unwrap()
        .iter()
        .map(|word| word.as_str().unwrap())
        .collect();
    assert_eq!(listed, words, "{pointer}");
}

#[test]
fn the_schemas_know_the_models_words() {
    let cluster = "/properties/cluster/properties";
    assert_words(
        CLUSTER_SCHEMA,
        &format!("{cluster}/taints/items/properties/effect/enum"),
        Effect::WORDS,
    );
    assert_words(CLUSTER_SCHEMA, &format!("{cluster}/lifecycle_state/enum"), LifecycleState::WORDS);
    let contract = "/properties/contract/properties";
    for (pointer, words) in [
        (format!("{contract}/account_class/enum"), AccountClass::WORDS),
        (format!("{contract}/baseline_policy/enum"), BaselinePolicy::WORDS),
        (format!("{contract}/controls/additionalProperties/enum"), ControlMode::WORDS),
        (
            format!(
                "{contract}/identity/properties/roles/additionalProperties/properties/subject_format/enum"
            ),
            SubjectFormat::WORDS,
        ),
        ("/properties/lifecycle_phase/enum".into(), LifecyclePhase::WORDS),
        ("/properties/verdicts/additionalProperties/enum".into(), Verdict::WORDS),
    ] {
        assert_words(ACCOUNT_SCHEMA, &pointer, words);
    }
}

fn chain(error: &dyn error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", chain(source)),
        None => error.to_string(),
    }
}

#[test]
fn what_is_not_ours_says_why() {
    let good = cluster_to_yaml(&small_cluster()).unwrap();
    let cases = [
        String::new(),
        "kind: Cluster\n".into(),
        "- a\n".into(),
        account_to_yaml(&small_account()).unwrap(),
        good.replace("/v1", "/v0"),
        good.replace("  region: ap-southeast-1\n", ""),
        good.replace("  region:", "  regin:"),
        good.replace("schedulable: true", "schedulable: yes"),
        good.replace("payments-prod", "../etc"),
        good.replace("managed_by: platform/clusters\n", "managed_by: a\nmanaged_by: b\n"),
        good.replace("cluster:\n", "cluster: [\n"),
    ];
    let said: Vec<String> =
        cases.iter().map(|case| chain(&cluster_from_yaml(case).unwrap_err())).collect();
    insta::assert_snapshot!(said.join("\n"));
}

/// What an editor, a merge or an attacker makes of a file is refused, or read as it is written: never as something
/// else, and never without an end.
#[test]
fn a_file_is_read_as_it_is_written_or_not_at_all() {
    let good = account_to_yaml(&account()).unwrap();
    let read = |text: &str| account_from_yaml(text);
    let with = |from: &str, to: &str| {
        let text = good.replacen(from, to, 1);
        assert_ne!(text, good, "{from}");
        text
    };
    // Aliases of aliases: a billion entries.
    let mut bomb = String::from("  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..10 {
        let of = format!("*a{}", level - 1);
        bomb += &format!("  a{level}: &a{level} [{}]\n", [of.as_str(); 10].join(", "));
    }
    let mut accepted = Vec::new();
    for (what, text) in [
        ("a key twice", with("ready: false", "ready: false\nready: true")),
        ("a key in another case", with("ready: false", "Ready: false")),
        ("a boolean of YAML 1.1", with("ready: false", "ready: no")),
        ("no boolean", with("ready: false", "ready: ~")),
        ("a merge key of an anchor", with("contract:", "x: &x {ready: true}\n<<: *x\ncontract:")),
        (
            "aliases of aliases",
            with("prior_settings:", &format!("verdicts:\n{bomb}prior_settings:")),
        ),
        ("a tab", with("  email:", "\temail:")),
        ("two documents", format!("{good}---\n{good}")),
        ("nothing", String::new()),
        ("a comment", "# nothing\n".into()),
        ("a list", format!("- {}", good.replace('\n', "\n  "))),
        (
            "a merge conflict",
            with("ready: false", "<<<<<<< HEAD\nready: false\n=======\nready: true\n>>>>>>> x"),
        ),
        ("another schema", with("fleet/account/v1", "fleet/account/v2")),
        ("no schema first", with("schema: fleet/account/v1\n", "")),
        ("a negative serial", with("serial: 3", "serial: -1")),
        ("a broken serial", with("serial: 3", "serial: 3.5")),
        ("a serial that cannot grow", with("serial: 3", "serial: 18446744073709551615")),
        ("a serial beyond all numbers", with("serial: 3", "serial: 18446744073709551616")),
        ("a serial that nothing follows", with("serial: 3", "serial: 9007199254740992")),
        ("a control character", with("id: \"000000000001\"", "id: \"00000000000\\e\"")),
        ("a raw control character", with("aws+payments-prod", "aws+\u{1b}payments-prod")),
    ] {
        if read(&text).is_ok() {
            accepted.push(what);
        }
    }
    assert_eq!(accepted, [""; 0]);
    for (what, text) in [
        // They say the same; what a file says itself goes before what it merges.
        ("a merge key", with("ready: false", "<<: {ready: true}\nready: false")),
        ("a boolean in quotes", with("ready: false", "ready: \"false\"")),
        ("a serial in quotes", with("serial: 3", "serial: \"3\"")),
        ("a byte order mark", format!("\u{feff}{good}")),
        ("line ends of Windows", good.replace('\n', "\r\n")),
        ("one document with its marks", format!("---\n{good}...\n")),
    ] {
        match read(&text) {
            Ok(document) => {
                assert_eq!(AccountDocument { edited: false, ..document }, account(), "{what}");
            }
            Err(error) => panic!("{what}: {error}"),
        }
    }
}

/// Whichever line is taken out, and whatever with it: no account becomes ready by that.
#[test]
fn no_line_that_is_taken_out_makes_an_account_ready() {
    let mut failing = AccountDocument {
        digest: "0f".repeat(32),
        serial: 3,
        phase: "ready".into(),
        lifecycle_phase: LifecyclePhase::Active,
        ..account()
    };
    failing.ready = true;
    failing.open_checks.clear();
    failing.verdicts = [
        ("password-policy", Verdict::Pass),
        ("organization-policies", Verdict::Fail),
        ("regions/ap-southeast-1", Verdict::Pass),
        ("regions/ap-northeast-1", Verdict::Unknown),
    ]
    .map(|(check, verdict)| (check.to_owned(), verdict))
    .into();
    failing.contract.region_set = ["ap-southeast-1", "ap-northeast-1"].map(str::to_owned).into();
    let text = account_to_yaml(&failing).unwrap();
    let without = |out: &[&str]| {
        let kept =
            text.lines().filter(|line| !out.iter().any(|out| line.trim_start().starts_with(out)));
        kept.map(|line| format!("{line}\n")).collect::<String>()
    };
    let failed: &[&str] = &["organization-policies", "regions/ap-northeast-1"];
    let regions: &[&str] = &["organization-policies", "regions/"];
    for checks in [failed, regions] {
        for with in [&[][..], &["seal:"], &["serial:", "seal:"]] {
            let edited = without(&[checks, with].concat());
            assert_ne!(edited, text);
            let document = account_from_yaml(&edited).unwrap();
            assert!(document.edited, "{edited}");
            let open: Vec<_> = document.not_ready().iter().map(ToString::to_string).collect();
            let why = "the file says `ready: true` and is not as an apply wrote it";
            assert!(open.iter().any(|open| open == why), "{open:?}");
        }
    }
    // As it was written it is ready, once everything passes.
    failing.verdicts.values_mut().for_each(|verdict| *verdict = Verdict::Pass);
    let whole = account_from_yaml(&account_to_yaml(&failing).unwrap()).unwrap();
    assert_eq!(whole.not_ready(), []);
}

/// A field of a later version, in every object that can have one, comes back as it was, and nothing else is touched by it.
#[test]
fn a_field_that_is_not_known_goes_back_into_the_file() {
    let texts = [
        (cluster_to_yaml(&cluster()).unwrap(), ["cluster", "gitops", "policies", "networking"]),
        (account_to_yaml(&account()).unwrap(), ["contract", "providers", "plan", "security"]),
    ];
    for (text, objects) in texts {
        let later = "later:\n  on: \"1.10\"\n  \"no\": [1, -2, 2.5, true, null, \"~\"]\n";
        let mut with = text.replace("managed_by:", &format!("{later}managed_by:"));
        for object in objects {
            let line = with.lines().find(|line| line.trim() == format!("{object}:")).unwrap();
            let indent = " ".repeat(line.len() - line.trim_start().len() + 2);
            let to = match object {
                // A map by names: its fields are entries.
                "providers" => continue,
                _ => format!("{line}\n{indent}later: {{a: {object}, b: [{{c: 0777}}]}}\n"),
            };
            with = with.replacen(&format!("{line}\n"), &to, 1);
        }
        assert_ne!(with, text);
        let kept = |from: &str| match from.contains("fleet/account") {
            true => {
                let (document, beside) = super::account_from_yaml(from).unwrap();
                assert_eq!(AccountDocument { edited: false, ..document.clone() }, account());
                (super::account_to_yaml(&document, &beside).unwrap(), beside)
            }
            false => {
                let (document, beside) = super::cluster_from_yaml(from).unwrap();
                assert_eq!(document, cluster());
                (super::cluster_to_yaml(&document, &beside).unwrap(), beside)
            }
        };
        let (again, beside) = kept(&with);
        assert!(beside.unknown().count() >= 4, "{:?}", beside.unknown().collect::<Vec<_>>());
        let without_seal = |text: &str| {
            let mut value = value(text);
            value.as_object_mut().unwrap().remove("seal");
            value
        };
        assert_eq!(without_seal(&again), without_seal(&with));
        assert_eq!(kept(&again).0, again, "written once more it is the same");
    }
}

/// Where the object around it is gone, a field goes too: an object that lacks what it needs could not be read again.
#[test]
fn a_field_that_is_not_known_goes_with_its_object() {
    let text = account_to_yaml(&account()).unwrap();
    let with =
        text.replace("    roles:\n      plan:\n", "    roles:\n      plan:\n        later: 1\n");
    let with = with.replace("arguments:\n", "arguments:\n  later: 2\n");
    let (document, beside) = super::account_from_yaml(&with).unwrap();
    let all: Vec<String> = beside.unknown().collect();
    assert_eq!(all, ["contract.identity.roles.plan.later", "arguments.later"]);
    let small = AccountDocument { serial: 4, ..small_account() };
    assert!(document.contract.identity.is_some() && small.contract.identity.is_none());
    let text = super::account_to_yaml(&small, &beside).unwrap();
    let (read, beside) = super::account_from_yaml(&text).unwrap();
    assert_eq!(read, small);
    assert_eq!(beside.unknown().collect::<Vec<_>>(), ["arguments.later"]);
}

#[test]
fn a_file_says_which_program_wrote_it() {
    let by = Beside::default().signed();
    assert_eq!(by.written_by.as_deref(), Some(beside::WRITER));
    let text = super::cluster_to_yaml(&cluster(), &by).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[lines.len() - 2], format!("written_by: {}", beside::WRITER));
    assert!(is_as_written(&text, 7));
    schema(CLUSTER_SCHEMA).validate(&value(&text)).unwrap();
    let other = text.replace(beside::WRITER, "terraform-provider-fleet 99.0.0");
    assert!(!is_as_written(&other, 7));
    let (read, beside) = super::cluster_from_yaml(&other).unwrap();
    assert_eq!((read, beside.unknown().count()), (cluster(), 0));
    assert_eq!(beside.written_by.as_deref(), Some("terraform-provider-fleet 99.0.0"));
    // Something that somebody added at the end does not hide it, and it stands once.
    let added = format!("{text}later: 1\n");
    assert_eq!(super::cluster_from_yaml(&added).unwrap().1.written_by, by.written_by);
    for twice in ["written_by: terraform-provider-fleet 1\n", "schema: fleet/cluster/v1\n"] {
        assert!(cluster_from_yaml(&format!("{text}{twice}")).is_err(), "{twice}");
    }
    // Nothing that a terminal would act on.
    let escaped = text.replace(beside::WRITER, "\"\\e[2J\"");
    assert!(super::cluster_from_yaml(&escaped).is_err());
}

#[test]
fn only_a_later_version_of_the_kind_stops_a_reader() {
    let text = super::cluster_to_yaml(&cluster(), &Beside::default().signed()).unwrap();
    let with =
        |schema: &str| text.replace("schema: fleet/cluster/v1", &format!("schema: {schema}"));
    for schema in ["fleet/cluster/v2", "\"fleet/cluster/v12\"", "fleet/cluster/v2\nnew: [shape"] {
        let error = cluster_from_yaml(&with(schema)).unwrap_err();
        assert!(matches!(error, Error::Later { .. }), "{schema}: {error}");
    }
    for schema in ["fleet/cluster/v0", "fleet/account/v2", "fleet/cluster/v1.5", "cluster/v2", "v2"]
    {
        let error = cluster_from_yaml(&with(schema)).unwrap_err();
        assert!(matches!(error, Error::Yaml(_)), "{schema}: {error}");
    }
    let later =
        cluster_from_yaml(&with("fleet/cluster/v2").replace(beside::WRITER, "x 9")).unwrap_err();
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        later.to_string(),
        format!(
            "its schema is `fleet/cluster/v2`, and this is terraform-provider-fleet {version}, which knows `fleet/cluster/v1`; it was written by x 9"
        )
    );
}
