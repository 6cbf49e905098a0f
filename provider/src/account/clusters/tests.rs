use fleet_model::cluster::Record;
use fleet_model::inventory::{About, ClusterDocument};
use fleet_model::readiness::Verdict;

use super::super::tests::document;
use super::*;
use crate::inventory::Seen;

const KEY: &str = "payments-prod";
const STEPS: [Step; 3] = [Step::Freeze, Step::Retire, Step::LetGo];

/// An inventory with the account, and with what is done to it.
struct Fleet {
    directory: tempfile::TempDir,
    store: Store,
}

impl Fleet {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path()).unwrap();
        store.put_account(&document(Verdict::Pass), &Seen::default()).unwrap();
        Self { directory, store }
    }

    /// A cluster as its registration writes it.
    fn with(self, name: &str, account: &str, state: &str) -> Self {
        let cluster: Record = serde_json::from_value(serde_json::json!({
            "name": name, "account": account, "environment": "prod", "region": "ap-southeast-1",
            "cloud": "aws", "data_classification": "pci", "zones": [], "labels": {}, "taints": [],
            "schedulable": true, "lifecycle_state": state,
        }))
        .unwrap();
        let document = ClusterDocument {
            serial: 0,
            managed_by: "platform".to_owned(),
            cluster,
            about: About::default(),
        };
        self.store.put_cluster(&document, &Seen::default()).unwrap();
        self
    }

    /// Somebody writes `to` for `from` in a cluster's file.
    fn edited(self, name: &str, from: &str, to: &str) -> Self {
        let path = self.directory.path().join(format!("clusters/{name}.yaml"));
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{text}");
        std::fs::write(path, text.replace(from, to)).unwrap();
        Self { store: Store::open(self.directory.path()).unwrap(), ..self }
    }

    /// The code of the refusal of each step, and whether each names the cluster.
    fn refused(&self, name: &str) -> [Option<&'static str>; 3] {
        STEPS.map(|step| {
            let refusal = left(KEY, step, &self.store)?;
            assert!(refusal.detail.contains(name), "{refusal:?}");
            assert!(told(KEY, step, &self.store).is_none(), "a refused step goes by nothing");
            ["FLEET0106", "FLEET0163"].into_iter().find(|code| refusal.detail.ends_with(code))
        })
    }
}

#[test]
fn clusters_that_are_in_use_are_in_the_way() {
    let still = [Some("FLEET0106"); 3];
    assert_eq!(Fleet::new().with("c-a", KEY, "active").refused("c-a"), still);
    assert_eq!(Fleet::new().refused(""), [None; 3]);
    assert_eq!(Fleet::new().with("c-a", KEY, "retired").refused(""), [None; 3]);
}

#[test]
fn a_file_that_somebody_edited_shows_no_cluster_to_have_gone() {
    let doubt = Some("FLEET0163");
    let active = || Fleet::new().with("c-a", KEY, "active");
    let retired = ("lifecycle_state: active", "lifecycle_state: retired");
    let elsewhere = ("account: payments-prod", "account: zz");
    // One line says that it is retired, or that it is in an account of another name.
    assert_eq!(active().edited("c-a", retired.0, retired.1).refused("c-a"), [doubt; 3]);
    let finally = [None, doubt, doubt];
    assert_eq!(active().edited("c-a", elsewhere.0, elsewhere.1).refused("c-a"), finally);
    // Also without what tells that, and of a file that is in the inventory twice over.
    let bare = active().edited("c-a", retired.0, retired.1).edited("c-a", "serial: 1\n", "");
    let seal = std::fs::read_to_string(bare.directory.path().join("clusters/c-a.yaml")).unwrap();
    let seal = seal.lines().find(|line| line.starts_with("seal: ")).unwrap().to_owned();
    assert_eq!(bare.edited("c-a", &seal, "").refused("c-a"), [doubt; 3]);
    // Beside one that is in use for certain both are named.
    let both = active().with("c-b", KEY, "active").edited("c-b", retired.0, retired.1);
    assert_eq!(both.refused("c-b"), [Some("FLEET0106"); 3]);
    assert_eq!(both.refused("c-a"), [Some("FLEET0106"); 3]);
}

#[test]
fn a_cluster_in_an_account_that_nobody_has_may_be_in_any() {
    let of = |account: &str, state: &str| Fleet::new().with("c-a", account, state);
    let doubt = Some("FLEET0163");
    assert_eq!(of("zz", "active").refused("c-a"), [None, doubt, doubt]);
    assert_eq!(of("zz", "retired").refused(""), [None; 3]);
    let mut other = document(Verdict::Pass);
    other.contract.key = Key::new("zz").unwrap();
    other.id = "444455556666".to_owned();
    let known = of("zz", "active");
    known.store.put_account(&other, &Seen::default()).unwrap();
    assert_eq!(known.refused(""), [None; 3]);
}

#[test]
fn what_a_step_goes_by_and_what_it_refuses_reads_as_it_should() {
    let retired = Fleet::new().with("c-a", KEY, "retired").with("c-b", KEY, "retired");
    let none = Fleet::new();
    assert!(told(KEY, Step::Freeze, &retired.store).is_none());
    let line = ("lifecycle_state: active", "lifecycle_state: retired");
    let doubted = Fleet::new()
        .with("c-a", KEY, "active")
        .edited("c-a", line.0, line.1)
        .with("c-b", "zz", "active");
    let both = Fleet::new()
        .with("c-a", KEY, "active")
        .edited("c-a", line.0, line.1)
        .with("c-b", KEY, "active");
    let all = [
        told(KEY, Step::Retire, &retired.store),
        told(KEY, Step::LetGo, &none.store),
        left(KEY, Step::Freeze, &doubted.store),
        left(KEY, Step::Retire, &doubted.store),
        left(KEY, Step::LetGo, &both.store),
    ];
    let all = all.map(|of| {
        let of = of.unwrap();
        format!("{}\n\n{}", of.summary, of.detail)
    });
    insta::assert_snapshot!(all.join("\n\n---\n\n"));
}
