//! The texts people read.

use fleet_model::cluster::Effect;
use fleet_placement::{Mode, decide};

use crate::fleet::{Fleet, cluster, fleet, request, taint, targets};

/// Two payments clusters and a general one in each of two regions.
fn payments() -> Fleet {
    let mut clusters = Vec::new();
    for region in ["ap-northeast-1", "ap-southeast-1"] {
        for kind in ["gen-01", "pay-01", "pay-02"] {
            let short = if region == "ap-northeast-1" { "apne1" } else { "apse1" };
            let mut cluster = cluster(&format!("prod-{short}-{kind}"), region);
            if kind != "gen-01" {
                cluster.record.labels = [("pci".into(), "true".into())].into();
            }
            clusters.push(cluster);
        }
    }
    let mut other = cluster("nonprod", "ap-southeast-1");
    other.record.environment = "nonprod".into();
    clusters.push(other);
    fleet(clusters)
}

#[test]
fn a_change_names_who_came_who_went_and_why() {
    let mut clusters = payments();
    for cluster in clusters.values_mut() {
        if cluster.record.name.as_str() == "prod-apse1-pay-02" {
            cluster.record.taints.insert(taint("maintenance", Effect::NoSelect));
        }
    }
    let mut request = request();
    request.selector.match_labels = [("pci".into(), "true".into())].into();
    request.strategy.count = Some(3);
    request.strategy.max_clusters_per_region = Some(2);
    request.strategy.mode = Some(Mode::ActiveActive);
    request.prior = Some(targets(&[
        ("prod-apse1-pay-01", "ap-southeast-1"),
        ("prod-apse1-pay-02", "ap-southeast-1"),
        ("prod-apne1-pay-01", "ap-northeast-1"),
        ("prod-old", "ap-northeast-1"),
    ]));
    insta::assert_snapshot!(decide(&clusters, &request).unwrap().explain(), @r"
    app-prod: +1 -2 =2   fingerprint 0e003881728b0123   (7 clusters, 3 fit)
     = prod-apne1-pay-01   INCUMBENT active ap-northeast-1 (2 there)
     + prod-apne1-pay-02   NEW active ap-northeast-1 (2 there)   rank 3 of 3 clusters that fit
     = prod-apse1-pay-01   INCUMBENT active ap-southeast-1 (1 there)
     - prod-apse1-pay-02   active ap-southeast-1   TAINT maintenance:NoSelect
     - prod-old   active ap-northeast-1   GONE
     x prod-apne1-gen-01   LABEL pci want=true got=<absent>
     x prod-apse1-gen-01   LABEL pci want=true got=<absent>
    ");
}

#[test]
fn an_error_shows_the_near_misses() {
    let mut request = request();
    request.selector.match_labels = [("pci".into(), "true".into())].into();
    request.selector.regions = Some(["ap-southeast-1".to_owned()].into());
    request.strategy.min_regions = Some(2);
    request.strategy.count = Some(2);
    let error = decide(&payments(), &request).unwrap_err();
    insta::assert_snapshot!(error, @"the clusters that fit are in too few regions: 2 are needed");
    insta::assert_snapshot!(error.evaluation().unwrap().explain(), @r"
    app-prod: 7 clusters, 2 fit, 1 taken in ap-southeast-1
     x prod-apne1-pay-01   REGION got=ap-northeast-1
     x prod-apne1-pay-02   REGION got=ap-northeast-1
     x prod-apse1-gen-01   LABEL pci want=true got=<absent>
     x prod-apse1-pay-02   SPREAD_RESERVE for 2 regions; here prod-apse1-pay-01
     x prod-apne1-gen-01   REGION got=ap-northeast-1; LABEL pci want=true got=<absent>
    ");
}

/// A misspelt environment matches nothing: the near misses are those that fail nothing else.
#[test]
fn a_misspelt_environment_shows_what_it_would_have_matched() {
    let mut request = request();
    request.environment = "production".into();
    request.selector.match_labels = [("pci".into(), "true".into())].into();
    let error = decide(&payments(), &request).unwrap_err();
    insta::assert_snapshot!(error.evaluation().unwrap().explain(), @r"
    app-prod: 7 clusters, 0 fit
     x prod-apne1-pay-01   ENV want=production got=prod
     x prod-apne1-pay-02   ENV want=production got=prod
     x prod-apse1-pay-01   ENV want=production got=prod
     x prod-apse1-pay-02   ENV want=production got=prod
    ");
}

#[test]
fn a_long_list_of_near_misses_ends_in_counts() {
    let clusters = (0..50).map(|i| {
        let mut cluster = cluster(&format!("c{i:02}"), "r1");
        cluster.record.schedulable = i % 2 == 0;
        cluster.record.taints.insert(taint("maintenance", Effect::NoSelect));
        cluster
    });
    let error = decide(&fleet(clusters), &request()).unwrap_err();
    let text = error.evaluation().unwrap().explain();
    insta::assert_snapshot!(text.lines().last().unwrap(), @" x 10 more: TAINT 10, UNSCHEDULABLE 10");
    assert_eq!(text.lines().count(), 42);
}
