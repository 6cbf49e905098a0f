//! Filters, tolerations, roles, limits and errors, each by a small case.

use std::collections::BTreeSet;

use fleet_model::cluster::Effect;
use fleet_model::lifecycle::LifecycleState;
use fleet_placement::{
    Error, Limit, MatchExpression, Mode, Operator, Role, Toleration, TolerationOperator, decide,
    unmatched,
};

use crate::fleet::{cluster, fleet, key, names, plain, request, taint, targets};

fn set(values: &[&str]) -> Option<BTreeSet<String>> {
    Some(values.iter().map(|value| (*value).to_owned()).collect())
}

/// One cluster breaks everything at once: every reason is there, not only the first.
#[test]
fn every_reason_is_kept() {
    let mut bad = cluster("bad", "eu-west-1");
    bad.record.environment = "test".into();
    bad.record.labels = [("pci".into(), "false".into())].into();
    bad.record.taints = [taint("maintenance", Effect::NoSelect)].into();
    bad.record.schedulable = false;
    bad.record.lifecycle_state = LifecycleState::Retired;
    bad.admitted = false;
    let mut good = cluster("good", "us-east-1");
    good.record.labels =
        [("pci".into(), "true".into()), ("ingress".into(), "private".into())].into();
    good.record.data_classification = "pci".into();
    good.record.tier = Some("tier-0".into());

    let mut request = request();
    request.selector.regions = set(&["us-east-1"]);
    request.selector.match_labels = [("pci".into(), "true".into())].into();
    request.selector.match_expressions = vec![MatchExpression {
        key: "ingress".into(),
        operator: Operator::In,
        values: set(&["private"]).unwrap(),
    }];
    request.selector.data_classification = set(&["pci"]);
    request.selector.tier = set(&["tier-0", "tier-1"]);

    let decision = decide(&fleet([bad, good]), &request).unwrap();
    assert_eq!(names(decision.targets.keys()), ["good"]);
    let why: Vec<_> =
        decision.evaluation.rejected[&key("bad")].iter().map(ToString::to_string).collect();
    assert_eq!(
        why,
        [
            "ENV want=prod got=test",
            "REGION got=eu-west-1",
            "LABEL pci want=true got=false",
            "LABEL ingress want=in (private) got=<absent>",
            "DATA_CLASS got=internal",
            "TIER got=<none>",
            "TAINT maintenance:NoSelect",
            "UNSCHEDULABLE",
            "LIFECYCLE",
            "NOT_ADMITTED",
        ]
    );
}

#[test]
fn the_selector_may_name_another_environment() {
    let mut shared = cluster("shared", "r1");
    shared.record.environment = "nonprod".into();
    let clusters = fleet([shared, cluster("prod", "r1")]);
    let mut request = request();
    request.environment = "dev".into();
    request.selector.environment = Some("nonprod".into());
    assert_eq!(names(decide(&clusters, &request).unwrap().targets.keys()), ["shared"]);
}

/// A key that nobody carries is a mistake with match_labels, In and Exists, and no condition at all
/// with NotIn and DoesNotExist.
#[test]
fn a_label_that_nobody_carries() {
    let clusters = plain(&[("a", "r1")]);
    for (word, is_error) in
        [("In", true), ("Exists", true), ("NotIn", false), ("DoesNotExist", false)]
    {
        let operator = Operator::parse(word).unwrap();
        let values = if operator.takes_values() { set(&["x"]).unwrap() } else { BTreeSet::new() };
        let mut request = request();
        request.selector.match_expressions =
            vec![MatchExpression { key: "pci".into(), operator, values }];
        let decided = decide(&clusters, &request);
        if is_error {
            assert_eq!(
                decided,
                Err(Error::UnknownLabels([("pci".to_owned(), Vec::new())].into())),
                "{word}"
            );
        } else {
            assert_eq!(decided.unwrap().targets.len(), 1, "{word}");
        }
    }
    let mut request = request();
    request.selector.match_labels = [("pci".into(), "true".into())].into();
    assert!(matches!(decide(&clusters, &request), Err(Error::UnknownLabels(_))));
}

#[test]
fn tolerations_follow_kubernetes() {
    let toleration = |operator, value: Option<&str>, effect| Toleration {
        key: "t".into(),
        operator,
        value: value.map(str::to_owned),
        effect,
    };
    use TolerationOperator::{Equal, Exists};
    let table = [
        (toleration(Exists, None, None), true),
        (toleration(Exists, None, Some(Effect::NoSelect)), true),
        (toleration(Exists, None, Some(Effect::NoSelectIfNew)), false),
        (toleration(Equal, Some("v"), None), true),
        (toleration(Equal, Some("w"), None), false),
        (toleration(Equal, None, None), false),
        (Toleration { key: "other".into(), ..toleration(Exists, None, None) }, false),
    ];
    let mut tainted = cluster("a", "r1");
    let mut mark = taint("t", Effect::NoSelect);
    mark.value = "v".into();
    tainted.record.taints.insert(mark);
    let clusters = fleet([tainted]);
    for (toleration, tolerated) in table {
        let mut request = request();
        request.tolerations = vec![toleration.clone()];
        assert_eq!(decide(&clusters, &request).is_ok(), tolerated, "{toleration:?}");
    }
}

#[test]
fn modes_give_roles() {
    let clusters = plain(&[("a", "r1"), ("b", "r1"), ("c", "r2")]);
    let table = [
        (None, None, [1, 0], Role::Active),
        (Some(Mode::ActiveActive), None, [3, 0], Role::Active),
        (Some(Mode::ActivePassive), Some("r1"), [2, 1], Role::Passive),
        (Some(Mode::WarmStandby), Some("r1"), [2, 1], Role::Standby),
        (Some(Mode::PilotLight), Some("r1"), [2, 1], Role::Pilot),
        (Some(Mode::BackupRestore), Some("r1"), [1, 2], Role::Backup),
    ];
    for (mode, primary, [active, secondary], role) in table {
        let mut request = request();
        request.strategy.mode = mode;
        request.strategy.primary_region = primary.map(str::to_owned);
        let targets = decide(&clusters, &request).unwrap().targets;
        let count = |role| targets.values().filter(|target| target.role == role).count();
        if role == Role::Active {
            assert_eq!(count(Role::Active), 3, "{mode:?}");
        } else {
            assert_eq!([count(Role::Active), count(role)], [active, secondary], "{mode:?}");
        }
        if let Some(primary) = primary {
            let serving = targets.values().find(|target| target.role == Role::Active).unwrap();
            assert_eq!(serving.region, primary, "{mode:?}");
        }
    }
}

#[test]
fn limits_hold_until_the_very_change_is_acknowledged() {
    let clusters = plain(&[("a", "r1"), ("b", "r2"), ("c", "r3")]);
    let mut request = request();
    request.prior = Some(targets(&[("gone", "r1")]));
    request.limits.max_added = Some(2);
    request.limits.max_removed = Some(0);
    request.limits.max_regions_touched = Some(2);
    let Err(Error::Limits { broken, decision }) = decide(&clusters, &request) else {
        panic!("the limits are broken")
    };
    let broken: Vec<_> =
        broken.iter().map(|broken| (broken.limit, broken.allowed, broken.actual)).collect();
    assert_eq!(
        broken,
        [(Limit::Added, 2, 3), (Limit::Removed, 0, 1), (Limit::RegionsTouched, 2, 3)]
    );

    let fingerprint = decision.change.fingerprint.clone();
    assert_eq!(fingerprint.len(), 16);
    for wrong in ["", "yes", &fingerprint.to_uppercase(), &fingerprint[..15]] {
        request.limits.acknowledge = Some(wrong.into());
        assert!(matches!(decide(&clusters, &request), Err(Error::Limits { .. })), "{wrong}");
    }
    // Also beside what is acknowledged otherwise.
    for right in [fingerprint.clone(), format!("0123456789abcdef {fingerprint}")] {
        request.limits.acknowledge = Some(right);
        assert_eq!(decide(&clusters, &request).unwrap().targets, decision.targets);
    }

    // Another change of the same size needs another acknowledgement.
    let others = plain(&[("a", "r1"), ("b", "r2"), ("d", "r3")]);
    assert!(matches!(decide(&others, &request), Err(Error::Limits { .. })));
}

#[test]
fn a_create_has_no_limits() {
    let clusters = plain(&[("a", "r1"), ("b", "r2")]);
    let mut request = request();
    request.limits.max_added = Some(0);
    request.limits.max_regions_touched = Some(0);
    assert_eq!(decide(&clusters, &request).unwrap().targets.len(), 2);
}

#[test]
fn an_unlimited_count_takes_all_and_still_checks_the_regions() {
    let clusters = plain(&[("a", "r1"), ("b", "r1"), ("c", "r2")]);
    let mut request = request();
    request.strategy.max_clusters_per_region = Some(1);
    assert_eq!(decide(&clusters, &request).unwrap().targets.len(), 2);
    request.strategy.min_regions = Some(3);
    let Err(Error::MinRegions { min_regions: 3, evaluation }) = decide(&clusters, &request) else {
        panic!("there are only two regions")
    };
    assert_eq!(evaluation.regions.len(), 2);
}

/// What selects is always told; what keeps away or tolerates, only when something is spelt alike.
#[test]
fn a_value_that_no_cluster_has_is_told_with_what_is_spelt_alike() {
    let mut pci = cluster("pci", "us-east-1");
    pci.record.labels = [("pci".into(), "true".into()), ("ring".into(), "2".into())].into();
    pci.record.tier = Some("tier-0".into());
    pci.record.taints = [taint("maintenance", Effect::NoSelect)].into();
    let clusters = fleet([pci, cluster("other", "eu-west-1")]);
    let expression = |key: &str, word: &str, values: &[&str]| MatchExpression {
        key: key.into(),
        operator: Operator::parse(word).unwrap(),
        values: set(values).unwrap(),
    };
    let toleration = |key: &str| Toleration {
        key: key.into(),
        operator: TolerationOperator::Exists,
        value: None,
        effect: None,
    };
    let mut request = request();
    request.selector.regions = set(&["us-eats-1", "us-east-1"]);
    request.selector.tier = set(&["Tier0"]);
    request.selector.data_classification = set(&["internal"]);
    request.selector.match_labels = [("pci".into(), "ture".into())].into();
    request.selector.match_expressions = vec![
        expression("pic", "DoesNotExist", &[]),
        expression("gpu", "DoesNotExist", &[]),
        expression("ring", "NotIn", &["3"]),
        expression("ring", "In", &["2", "3"]),
    ];
    request.tolerations = vec![toleration("maintenence"), toleration("spot")];
    let told: Vec<_> = unmatched(&clusters, &request)
        .into_iter()
        .map(|of| {
            let path = fleet_placement::Invalid { path: of.path, rule: of.value }.to_string();
            format!("{path} -> {}", of.known.first().map_or("", String::as_str))
        })
        .collect();
    assert_eq!(
        told,
        [
            "selector.regions: us-eats-1 -> us-east-1",
            "selector.tier: Tier0 -> tier-0",
            "selector.match_labels[\"pci\"]: ture -> true",
            "selector.match_expressions[0].key: pic -> pci",
            "selector.match_expressions[3].values: 3 -> 2",
            "tolerations[0].key: maintenence -> maintenance",
        ]
    );
    request.environment = "prd".into();
    assert_eq!(unmatched(&clusters, &request)[0].known, ["prod"]);
    assert_eq!(unmatched(&fleet([]), &request), []);
}

/// A toleration names one taint: whatever of key, value and effect no taint has together is told, once.
#[test]
fn a_toleration_that_no_taint_with_its_key_fits_is_told() {
    use Effect::{NoSelect, NoSelectIfNew, PreferNoSelect};
    use TolerationOperator::{Equal, Exists};
    let mut pci = cluster("pci", "us-east-1");
    let of = |key: &str, value: &str, effect| fleet_model::cluster::Taint {
        value: value.into(),
        ..taint(key, effect)
    };
    pci.record.taints = [
        of("pci", "true", NoSelect),
        of("pci", "audit", NoSelectIfNew),
        of("drain", "", PreferNoSelect),
    ]
    .into();
    let clusters = fleet([pci, cluster("other", "eu-west-1")]);
    let told = |key: &str, value: Option<&str>, operator, effect| {
        let value = value.map(str::to_owned);
        let mut request = request();
        request.tolerations = vec![Toleration { key: key.into(), operator, value, effect }];
        let found = unmatched(&clusters, &request).into_iter().map(|of| {
            let path = fleet_placement::Invalid { path: of.path, rule: of.value }.to_string();
            format!("{path} -> {}", of.known.join(", "))
        });
        found.collect::<Vec<_>>().join("; ")
    };
    for (key, value, operator, effect, expected) in [
        ("pci", Some("true"), Equal, Some(NoSelect), ""),
        ("pci", Some("true"), Equal, None, ""),
        ("pci", None, Exists, Some(NoSelectIfNew), ""),
        ("drain", None, Equal, None, ""),
        ("pci", Some("True"), Equal, None, "tolerations[0].value: True -> true, audit"),
        ("pci", Some("prod"), Equal, Some(NoSelect), "tolerations[0].value: prod -> true, audit"),
        ("pci", None, Equal, None, "tolerations[0].value:  -> true, audit"),
        ("drain", Some("x"), Equal, None, "tolerations[0].value: x -> "),
        (
            "pci",
            Some("true"),
            Equal,
            Some(NoSelectIfNew),
            "tolerations[0].effect: NoSelectIfNew -> NoSelect",
        ),
        (
            "pci",
            None,
            Exists,
            Some(PreferNoSelect),
            "tolerations[0].effect: PreferNoSelect -> NoSelect, NoSelectIfNew",
        ),
        // The key alone tells it.
        ("pcii", Some("true"), Equal, Some(NoSelect), "tolerations[0].key: pcii -> pci, drain"),
        ("gpu", Some("x"), Equal, Some(NoSelect), ""),
    ] {
        assert_eq!(told(key, value, operator, effect), expected, "{key} {value:?} {effect:?}");
    }
}
