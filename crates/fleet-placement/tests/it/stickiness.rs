//! What stays where it is, and why.

use fleet_model::cluster::Effect;
use fleet_model::lifecycle::LifecycleState;
use fleet_model::name::Key;
use fleet_placement::{Error, Limits, Mode, Reason, Request, Role, decide, gone_fingerprint};
use proptest::prelude::*;

use crate::fleet::{Fleet, cluster, key, names, plain, request, taint, targets};

/// A decision that follows its own result changes nothing, also in its reasons.
#[test]
fn a_second_decision_is_silent() {
    let clusters = plain(&[("a", "r1"), ("b", "r1"), ("c", "r2"), ("d", "r3")]);
    let mut request = request();
    request.strategy.count = Some(3);
    let first = decide(&clusters, &request).unwrap();
    request.prior = Some(first.targets.clone());
    let second = decide(&clusters, &request).unwrap();
    assert!(second.change.is_empty());
    assert_eq!(second.change.fingerprint, "");
    assert_eq!(second.targets, first.targets);
}

#[test]
fn what_evicts_and_what_does_not() {
    type Edit = fn(&mut fleet_model::snapshot::Cluster);
    let table: [(&str, Edit, bool, bool); 6] = [
        ("NoSelect", |c| _ = c.record.taints.insert(taint("t", Effect::NoSelect)), false, false),
        (
            "NoSelectIfNew",
            |c| _ = c.record.taints.insert(taint("t", Effect::NoSelectIfNew)),
            true,
            false,
        ),
        (
            "PreferNoSelect",
            |c| _ = c.record.taints.insert(taint("t", Effect::PreferNoSelect)),
            true,
            true,
        ),
        ("unschedulable", |c| c.record.schedulable = false, true, false),
        ("not admitted", |c| c.admitted = false, true, false),
        ("retired", |c| c.record.lifecycle_state = LifecycleState::Retired, false, false),
    ];
    for (what, edit, incumbent_stays, new_is_taken) in table {
        let mut clusters = plain(&[("a", "r1"), ("other", "r1")]);
        edit(clusters.get_mut(&key("a")).unwrap());
        let mut request = request();
        let created = decide(&clusters, &request).unwrap();
        assert_eq!(created.targets.contains_key(&key("a")), new_is_taken, "new: {what}");
        request.prior = Some(targets(&[("a", "r1"), ("other", "r1")]));
        let updated = decide(&clusters, &request).unwrap();
        assert_eq!(updated.targets.contains_key(&key("a")), incumbent_stays, "incumbent: {what}");
    }
}

#[test]
fn a_planned_cluster_counts_as_admitted() {
    let mut clusters = plain(&[("a", "r1"), ("b", "r1")]);
    for name in ["a", "b"] {
        clusters.get_mut(&key(name)).unwrap().admitted = false;
    }
    clusters.get_mut(&key("a")).unwrap().planned = true;
    let decision = decide(&clusters, &request()).unwrap();
    assert_eq!(names(decision.targets.keys()), ["a"]);
    assert_eq!(decision.evaluation.rejected[&key("b")], [Reason::NotAdmitted]);
}

/// A configuration that writes three clusters, one on an account that is not ready.
fn waiting(ready: [&str; 2], waits: &str) -> Fleet {
    let mut clusters = plain(&[(ready[0], "r1"), (ready[1], "r2"), (waits, "r3")]);
    for cluster in clusters.values_mut() {
        cluster.planned = true;
    }
    let cluster = clusters.get_mut(&key(waits)).unwrap();
    cluster.admitted = false;
    cluster.open_checks = vec!["password-policy".into()];
    clusters
}

/// It goes elsewhere, whichever it is that waits, and says so where it would have been taken.
#[test]
fn a_cluster_that_waits_for_its_account_is_not_taken_while_others_are_there() {
    let mut told = 0;
    for (ready, waits) in [(["a", "b"], "c"), (["a", "c"], "b"), (["b", "c"], "a")] {
        let clusters = waiting(ready, waits);
        let mut request = request();
        request.strategy.count = Some(1);
        let decision = decide(&clusters, &request).unwrap();
        assert!(!decision.targets.contains_key(&key(waits)), "{waits}");
        told += decision.waiting.len();

        // Every cluster that fits: fewer for now, instead of an apply that fails.
        request.strategy.count = None;
        let decision = decide(&clusters, &request).unwrap();
        assert_eq!(names(decision.targets.keys()), ready);
        let waiting = &decision.waiting[&key(waits)];
        assert_eq!((waiting.account.as_str(), waiting.taken), ("prod", false));
        assert_eq!(
            decision.evaluation.rejected[&key(waits)][0].to_string(),
            "WAITS for account prod: password-policy"
        );
        // A target that is there stays, whatever becomes of its account.
        request.prior = Some(targets(&[(waits, "r3")]));
        request.strategy.count = Some(1);
        let decision = decide(&clusters, &request).unwrap();
        assert_eq!(names(decision.targets.keys()), [waits]);
        assert!(decision.waiting.is_empty() && decision.change.is_empty());
    }
    assert_eq!(told, 1, "one of the three is the first choice of this placement");
}

/// Without it there would be no decision: it is taken, and told.
#[test]
fn a_cluster_that_waits_is_taken_where_nothing_else_will_do() {
    let clusters = waiting(["a", "b"], "c");
    let mut request = request();
    request.strategy.min_regions = Some(3);
    let decision = decide(&clusters, &request).unwrap();
    assert_eq!(names(decision.targets.keys()), ["a", "b", "c"]);
    assert!(decision.waiting[&key("c")].taken);

    let mut request = self::request();
    request.selector.regions = Some(["r3".to_owned()].into());
    assert!(decide(&clusters, &request).unwrap().waiting[&key("c")].taken);
    request.strategy.min_regions = Some(2);
    assert!(matches!(decide(&clusters, &request), Err(Error::MinRegions { .. })));
}

/// The accounts of a new fleet are vended in the same run: the first plan is concrete, and prefers what
/// is ready already.
#[test]
fn a_cluster_whose_account_is_to_be_vended_comes_after_those_that_are_ready() {
    for ready in ["a", "b", "c"] {
        let mut clusters = plain(&[("a", "r1"), ("b", "r2"), ("c", "r3")]);
        for cluster in clusters.values_mut() {
            cluster.planned = true;
            cluster.admitted = cluster.record.name.as_str() == ready;
        }
        let mut request = request();
        request.strategy.count = Some(1);
        assert_eq!(names(decide(&clusters, &request).unwrap().targets.keys()), [ready]);
        request.strategy.count = None;
        let decision = decide(&clusters, &request).unwrap();
        assert_eq!(names(decision.targets.keys()), ["a", "b", "c"]);
        assert!(decision.waiting.is_empty());
    }
}

/// In another region, account or cloud it is another cluster under the same name: removed and added,
/// limited, and let in only as a new one would be.
#[test]
fn a_cluster_that_is_somewhere_else_under_its_name_is_a_new_one() {
    type Edit = fn(&mut fleet_model::snapshot::Cluster);
    let edits: [(&str, Edit); 3] = [
        ("MOVED region r1 to r9", |c| c.record.region = "r9".into()),
        ("MOVED account prod to other", |c| c.record.account = key("other")),
        ("MOVED cloud aws to azure", |c| c.record.cloud = "azure".into()),
    ];
    for (why, edit) in edits {
        let mut clusters = plain(&[("a", "r1"), ("b", "r2")]);
        let mut request = request();
        let before = decide(&clusters, &request).unwrap().targets;
        request.prior = Some(before);
        edit(clusters.get_mut(&key("a")).unwrap());
        let decision = decide(&clusters, &request).unwrap();
        assert_eq!(names(decision.change.added.keys()), ["a"], "{why}");
        assert_eq!(names(decision.change.removed.keys()), ["a"], "{why}");
        assert_eq!(names(&decision.change.retained), ["b"], "{why}");
        assert!(decision.explain().contains(why), "{}", decision.explain());
        assert_eq!(
            decision.targets[&key("a")].account.as_ref(),
            Some(&clusters[&key("a")].record.account)
        );

        request.limits.max_removed = Some(0);
        let Err(Error::Limits { broken, decision }) = decide(&clusters, &request) else {
            panic!("{why}: the limit is broken")
        };
        assert_eq!(broken.len(), 1);
        request.limits.acknowledge = Some(decision.change.fingerprint.clone());
        assert!(decide(&clusters, &request).is_ok(), "{why}");

        // What keeps new targets away keeps this one away; the one that stayed stays.
        for cluster in clusters.values_mut() {
            cluster.admitted = false;
        }
        let decision = decide(&clusters, &Request { limits: Limits::default(), ..request });
        assert_eq!(names(decision.unwrap().targets.keys()), ["b"], "{why}");
    }
}

/// Targets out of an emitted file are preferred and limited, and admit nothing.
#[test]
fn targets_that_were_found_in_a_file_count_and_open_no_door() {
    let mut clusters = plain(&[("a", "r1"), ("b", "r2"), ("c", "r3")]);
    for found in ["a", "b", "c"] {
        let mut request = request();
        request.found = true;
        request.strategy.count = Some(1);
        request.prior = Some(targets(&[(found, &clusters[&key(found)].record.region)]));
        let decision = decide(&clusters, &request).unwrap();
        assert_eq!(names(decision.targets.keys()), [found]);
        assert_ne!(decision.targets[&key(found)].reason, "before");
    }
    clusters.get_mut(&key("a")).unwrap().admitted = false;
    let mut request = request();
    request.found = true;
    request.strategy.count = Some(1);
    request.prior = Some(targets(&[("a", "r1")]));
    request.limits.max_removed = Some(0);
    assert!(matches!(decide(&clusters, &request), Err(Error::Limits { .. })));
}

#[test]
fn an_avoided_cluster_is_the_last_of_the_new_ones() {
    let mut clusters = plain(&[("a", "r1"), ("b", "r1"), ("c", "r1")]);
    let mut request = request();
    request.strategy.count = Some(2);
    for name in ["a", "b", "c"] {
        let mut tainted = clusters.clone();
        tainted
            .get_mut(&key(name))
            .unwrap()
            .record
            .taints
            .insert(taint("busy", Effect::PreferNoSelect));
        let decision = decide(&tainted, &request).unwrap();
        assert!(!decision.targets.contains_key(&key(name)), "{name}");
    }
    // It is taken all the same when there is no other, and an incumbent does not mind.
    request.strategy.count = Some(1);
    for cluster in clusters.values_mut() {
        cluster.record.taints.insert(taint("busy", Effect::PreferNoSelect));
    }
    assert_eq!(decide(&clusters, &request).unwrap().targets.len(), 1);
}

#[test]
fn the_one_that_serves_goes_on_serving() {
    let clusters = plain(&[("a", "r1"), ("b", "r1"), ("c", "r2")]);
    for serving in ["a", "b"] {
        let mut prior = targets(&[("a", "r1"), ("b", "r1"), ("c", "r2")]);
        for (name, target) in &mut prior {
            target.role = if name.as_str() == serving { Role::Active } else { Role::Backup };
        }
        let mut request = request();
        request.strategy.mode = Some(Mode::BackupRestore);
        request.strategy.primary_region = Some("r1".into());
        request.prior = Some(prior.clone());
        assert_eq!(decide(&clusters, &request).unwrap().targets, prior);
    }
}

#[test]
fn a_new_primary_is_a_role_change() {
    let clusters = plain(&[("a", "r1"), ("b", "r2")]);
    let mut request = request();
    request.strategy.mode = Some(Mode::ActivePassive);
    request.strategy.primary_region = Some("r1".into());
    request.prior = Some(decide(&clusters, &request).unwrap().targets);
    request.strategy.primary_region = Some("r2".into());
    let decision = decide(&clusters, &request).unwrap();
    assert_eq!(names(decision.change.role_changes.keys()), ["a", "b"]);
    assert_eq!(decision.targets[&key("b")].role, Role::Active);
    assert_eq!(decision.targets[&key("a")].role, Role::Passive);
}

#[test]
fn gone_and_moved_clusters_are_removed_targets() {
    let clusters = plain(&[("moved", "r2"), ("stays", "r1")]);
    let mut request = request();
    request.prior = Some(targets(&[("gone", "r1"), ("moved", "r1"), ("stays", "r1")]));
    let decision = decide(&clusters, &request).unwrap();
    assert_eq!(names(decision.change.removed.keys()), ["gone", "moved"]);
    assert_eq!(names(decision.change.added.keys()), ["moved"]);
    assert_eq!(decision.evaluation.rejected[&key("gone")], [Reason::Gone]);
    assert_eq!(decision.targets[&key("stays")].reason, "before");
    assert_ne!(decision.targets[&key("moved")].reason, "before");
}

/// Pairs of a cluster's name, which is a key (`aux` and the like are none), and a region.
fn small_fleets() -> impl Strategy<Value = Vec<(String, String)>> {
    let names = "[a-z]{1,4}".prop_filter("not a key", |name| Key::new(name).is_ok());
    prop::collection::btree_map(names, 0..4u8, 1..12).prop_map(|clusters| {
        clusters.into_iter().map(|(name, region)| (name, format!("r{region}"))).collect()
    })
}

fn borrowed(clusters: &[(String, String)]) -> Vec<(&str, &str)> {
    clusters.iter().map(|(name, region)| (name.as_str(), region.as_str())).collect()
}

proptest! {
    /// Whatever joins the fleet, no target of a full placement moves.
    #[test]
    fn a_new_cluster_moves_no_incumbent(
        clusters in small_fleets(), count in 1..6usize, cap in 1..4usize, region in 0..5u8,
    ) {
        let mut fleet = plain(&borrowed(&clusters));
        let mut request = request();
        request.strategy.count = Some(count);
        request.strategy.max_clusters_per_region = Some(cap);
        let before = decide(&fleet, &request).unwrap();
        request.prior = Some(before.targets.clone());
        fleet.insert(key("zzzzz"), cluster("zzzzz", &format!("r{region}")));
        let after = decide(&fleet, &request).unwrap();
        prop_assert!(after.change.removed.is_empty());
        prop_assert!(after.change.role_changes.is_empty());
        if before.targets.len() == count {
            prop_assert_eq!(after.targets, before.targets);
        }
    }

    /// A cluster of another environment is not even a change of the explanation's targets.
    #[test]
    fn an_unrelated_cluster_moves_nothing(clusters in small_fleets(), count in 1..6usize) {
        let mut fleet = plain(&borrowed(&clusters));
        let mut request = request();
        request.strategy.count = Some(count);
        let before = decide(&fleet, &request).unwrap();
        let mut unrelated = cluster("zzzzz", "r1");
        unrelated.record.environment = "test".into();
        fleet.insert(key("zzzzz"), unrelated);
        let after = decide(&fleet, &request).unwrap();
        prop_assert_eq!(after.targets, before.targets);
    }

    /// Even without incumbents, a new cluster displaces at most one target.
    #[test]
    fn a_new_cluster_displaces_at_most_one(clusters in small_fleets(), count in 1..6usize) {
        let mut fleet = plain(&borrowed(&clusters));
        let mut request = request();
        request.strategy.count = Some(count);
        let before = decide(&fleet, &request).unwrap();
        fleet.insert(key("zzzzz"), cluster("zzzzz", "r1"));
        let after = decide(&fleet, &request).unwrap();
        let displaced =
            before.targets.keys().filter(|name| !after.targets.contains_key(*name)).count();
        prop_assert!(displaced <= 1);
    }

    /// The order in which clusters were put in does not matter.
    #[test]
    fn the_order_of_the_input_does_not_matter(clusters in small_fleets(), count in 1..6usize) {
        let mut request = request();
        request.strategy.count = Some(count);
        let forward = borrowed(&clusters);
        let backward: Vec<_> = forward.iter().rev().copied().collect();
        prop_assert_eq!(
            decide(&plain(&forward), &request).unwrap(),
            decide(&plain(&backward), &request).unwrap()
        );
    }
}

/// The same targets come and go each time, and each time for another reason: what was acknowledged for one is
/// none for another.
#[test]
fn a_fingerprint_fits_one_kind_of_reason() {
    type Edit = fn(&mut Fleet);
    fn a(clusters: &mut Fleet) -> &mut fleet_model::cluster::Record {
        &mut clusters.get_mut(&key("a")).unwrap().record
    }
    let table: [(&str, Edit); 9] = [
        ("TAINT t:NoSelect", |all| _ = a(all).taints.insert(taint("t", Effect::NoSelect))),
        ("LIFECYCLE", |all| a(all).lifecycle_state = LifecycleState::Retired),
        ("GONE", |all| _ = all.remove(&key("a"))),
        ("ENV want=prod got=dev", |all| a(all).environment = "dev".into()),
        ("TIER got=<none>", |all| a(all).tier = None),
        ("DATA_CLASS got=pci", |all| a(all).data_classification = "pci".into()),
        ("LABEL ring want=1 got=<absent>", |all| a(all).labels.clear()),
        ("MOVED region r1 to r9; REGION got=r9", |all| a(all).region = "r9".into()),
        ("MOVED account prod to other; NOT_ADMITTED", |all| {
            a(all).account = key("other");
            all.get_mut(&key("a")).unwrap().admitted = false;
        }),
    ];
    let mut request = request();
    request.strategy.count = Some(1);
    request.selector.tier = Some(["t0".to_owned()].into());
    request.selector.data_classification = Some(["internal".to_owned()].into());
    request.selector.regions = Some(["r1".to_owned(), "r2".to_owned()].into());
    request.selector.match_labels = [("ring".into(), "1".into())].into();
    request.prior = Some(targets(&[("a", "r1")]));
    request.limits.max_removed = Some(0);
    let mut fleet = plain(&[("a", "r1"), ("b", "r2")]);
    for cluster in fleet.values_mut() {
        cluster.record.tier = Some("t0".into());
        cluster.record.labels = [("ring".into(), "1".into())].into();
    }
    let mut acknowledged = std::collections::BTreeSet::new();
    for (why, edit) in table {
        let mut clusters = fleet.clone();
        edit(&mut clusters);
        // With all that was acknowledged before.
        let given: Vec<String> = acknowledged.iter().cloned().collect();
        request.limits.acknowledge = Some(given.join(" "));
        let Err(Error::Limits { decision, .. }) = decide(&clusters, &request) else {
            panic!("{why} passes with what was acknowledged for another reason")
        };
        let line = format!("\n - a   active r1   {why}");
        assert!(decision.explain().contains(&line), "{}", decision.explain());
        let change = &decision.change;
        assert_eq!(
            (names(change.added.keys()), names(change.removed.keys())),
            (vec!["b"], vec!["a"])
        );
        assert!(acknowledged.insert(change.fingerprint.clone()), "{why}");
    }
    // That a cluster is really gone is another question yet.
    let gone = gone_fingerprint(&request.key, request.prior.as_ref().unwrap());
    assert!(acknowledged.insert(gone.clone()));
    let elsewhere = [targets(&[("a", "r2")]), targets(&[("b", "r1")])];
    assert!(elsewhere.iter().all(|of| gone_fingerprint(&request.key, of) != gone));
    assert_ne!(gone_fingerprint(&key("other"), request.prior.as_ref().unwrap()), gone);
}
