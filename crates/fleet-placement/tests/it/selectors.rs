//! Selectors by what is no label: names, accounts, clouds, zones, owners, mutation owners, versions.

use std::collections::BTreeSet;

use fleet_model::cluster::Particulars;
use fleet_placement::{Error, Request, VersionRange, decide, unmatched};

use crate::fleet::{Fleet, cluster, fleet, key, names, request, targets};

fn set(values: &[&str]) -> Option<BTreeSet<String>> {
    Some(values.iter().map(|value| (*value).to_owned()).collect())
}

fn range(text: &str) -> Option<VersionRange> {
    Some(VersionRange::parse(text).unwrap())
}

/// `pay` says everything, `shop` only who manages it, and `old` nothing.
fn clusters() -> Fleet {
    let mut pay = cluster("pay", "eu-west-1");
    pay.record.account = key("pay-prod");
    pay.record.zones = set(&["eu-west-1a", "eu-west-1b"]).unwrap();
    pay.record.particulars = Some(Particulars {
        managed_by: "platform/clusters".into(),
        owner: Some("Team Pay".into()),
        kubernetes_version: Some("1.32.4-eks-1a2b3c".into()),
    });
    let mut shop = cluster("shop", "eu-west-1");
    shop.record.cloud = "gcp".into();
    shop.record.particulars = Some(Particulars {
        managed_by: "shop/clusters".into(),
        owner: None,
        kubernetes_version: None,
    });
    fleet([pay, shop, cluster("old", "us-east-1")])
}

/// What each cluster says to the selector: `name` when it fits, else `name: why`.
fn said(select: impl FnOnce(&mut Request)) -> Vec<String> {
    let mut request = request();
    select(&mut request);
    match decide(&clusters(), &request) {
        Ok(decision) => {
            let why = decision.evaluation.rejected.iter().map(|(name, why)| {
                let why: Vec<_> = why.iter().map(ToString::to_string).collect();
                format!("{name}: {}", why.join("; "))
            });
            names(decision.targets.keys()).into_iter().map(str::to_owned).chain(why).collect()
        }
        Err(error) => vec![error.to_string()],
    }
}

#[test]
fn each_condition_takes_what_it_names_and_says_why_not() {
    assert_eq!(said(|of| of.selector.names = set(&["old", "pay"])), ["old", "pay", "shop: NAME"]);
    assert_eq!(
        said(|of| of.selector.accounts = set(&["pay-prod"])),
        ["pay", "old: ACCOUNT got=prod", "shop: ACCOUNT got=prod"]
    );
    assert_eq!(
        said(|of| of.selector.clouds = set(&["aws"])),
        ["old", "pay", "shop: CLOUD got=gcp"]
    );
    // One zone is enough.
    assert_eq!(
        said(|of| of.selector.zones = set(&["eu-west-1b", "eu-west-1c"])),
        ["pay", "old: ZONES got=<none>", "shop: ZONES got=<none>"]
    );
    assert_eq!(
        said(|of| of.selector.owners = set(&["Team Pay"])),
        ["pay", "old: OWNER got=<none>", "shop: OWNER got=<none>"]
    );
    assert_eq!(
        said(|of| of.selector.managed_by = set(&["platform/clusters"])),
        ["pay", "old: MANAGED_BY got=<none>", "shop: MANAGED_BY got=\"shop/clusters\""]
    );
    assert_eq!(
        said(|of| of.selector.kubernetes_version = range(">= 1.31, < 1.33")),
        [
            "pay",
            "old: VERSION want=\">= 1.31, < 1.33\" got=<none>",
            "shop: VERSION want=\">= 1.31, < 1.33\" got=<none>"
        ]
    );
    assert_eq!(
        said(|of| of.selector.kubernetes_version = range(">= 1.33")),
        ["no cluster fits"],
        "1.32 is not in it"
    );
    // All of it must hold, and every reason is kept.
    assert_eq!(
        said(|of| {
            of.selector.zones = set(&["eu-west-1a"]);
            of.selector.clouds = set(&["aws"]);
            of.selector.owners = set(&["Team Pay"]);
        })[2],
        "shop: CLOUD got=gcp; ZONES got=<none>; OWNER got=<none>"
    );
}

/// They are rules like the others: a target whose cluster is upgraded out of the range leaves.
#[test]
fn a_target_that_meets_the_selector_no_more_leaves() {
    let mut request = request();
    request.selector.kubernetes_version = range("~> 1.31.0, != 1.31.3");
    let version = |text: &str| {
        let mut clusters = clusters();
        for cluster in clusters.values_mut() {
            let owner = None;
            let (managed_by, kubernetes_version) = ("us".to_owned(), Some(text.to_owned()));
            cluster.record.particulars =
                Some(Particulars { managed_by, owner, kubernetes_version });
        }
        clusters
    };
    let decision = decide(&version("1.31.2"), &request).unwrap();
    assert_eq!(decision.targets.len(), 3);
    request.prior = Some(targets(&[("old", "us-east-1")]));
    let Err(Error::Empty(why)) = decide(&version("1.31.3"), &request) else { panic!("it fits") };
    let why: Vec<_> = why.rejected[&key("old")].iter().map(ToString::to_string).collect();
    assert_eq!(why, ["VERSION want=\"~> 1.31.0, != 1.31.3\" got=1.31.3"]);
}

/// Who may place is for the cluster to say, of new targets and of those that are there.
#[test]
fn a_cluster_takes_its_tenants_only() {
    let with = |manager: Option<&str>, tenants: Option<&[&str]>, prior: bool| {
        let mut clusters = clusters();
        clusters.get_mut(&key("old")).unwrap().record.tenants = tenants.and_then(set);
        let mut request = request();
        request.manager = manager.map(str::to_owned);
        request.prior = prior.then(|| targets(&[("old", "us-east-1")]));
        let decision = decide(&clusters, &request).unwrap();
        let why = decision.evaluation.rejected.get(&key("old"));
        why.into_iter().flatten().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    };
    for prior in [false, true] {
        assert_eq!(with(Some("us"), None, prior), "", "everybody");
        assert_eq!(with(Some("us"), Some(&["them", "us"]), prior), "");
        let refused = "TENANTS want=\"us\" got=\"shop/a\",\"them\"";
        assert_eq!(with(Some("us"), Some(&["them", "shop/a"]), prior), refused);
        assert_eq!(with(Some("us"), Some(&[]), prior), "TENANTS want=\"us\" got=<none>");
        assert_eq!(with(None, Some(&["them"]), prior), "", "the apply knows");
    }
    // Names are compared as they are written.
    assert!(with(Some("Us"), Some(&["us"]), false).starts_with("TENANTS"));
}

/// Those that the selector names and that fail something else are near; the other thousands are not.
#[test]
fn a_cluster_that_is_not_named_is_not_near() {
    let mut request = request();
    request.selector.names = set(&["pay", "shop"]);
    request.selector.clouds = set(&["azure"]);
    let error = decide(&clusters(), &request).unwrap_err();
    insta::assert_snapshot!(error.evaluation().unwrap().explain(), @r"
    app-prod: 3 clusters, 0 fit
     x pay   CLOUD got=aws
     x shop   CLOUD got=gcp
    ");
}

#[test]
fn what_no_cluster_has_is_told_with_what_there_is() {
    let mut request = request();
    request.selector.names = set(&["pay", "shopp"]);
    request.selector.accounts = set(&["pay-prd"]);
    request.selector.owners = set(&["team pay"]);
    request.selector.clouds = set(&["gpc"]);
    request.selector.managed_by = set(&["platform/cluster"]);
    request.selector.zones = set(&["eu-west-1c"]);
    request.selector.kubernetes_version = range(">= 1.33");
    let found: Vec<_> = unmatched(&clusters(), &request)
        .into_iter()
        .map(|of| {
            let path = fleet_placement::Invalid { path: of.path, rule: of.value }.to_string();
            format!("{path} -> {}", of.known.join(", "))
        })
        .collect();
    assert_eq!(
        found,
        [
            "selector.names: shopp -> shop, old, pay",
            "selector.accounts: pay-prd -> pay-prod, prod",
            "selector.owners: team pay -> Team Pay",
            "selector.clouds: gpc -> gcp, aws",
            "selector.managed_by: platform/cluster -> platform/clusters, shop/clusters",
            "selector.zones: eu-west-1c -> eu-west-1a, eu-west-1b",
            "selector.kubernetes_version: >= 1.33 -> 1.32.4-eks-1a2b3c",
        ]
    );
    request.selector.kubernetes_version = range(">= 1.32");
    assert_eq!(unmatched(&clusters(), &request).len(), 6);
}
