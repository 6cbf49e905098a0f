//! Plans, case by case: which values the schema plans, and what a resource may add.

use tfplugin::erased::{Capabilities, Planned, Registered, Stored};
use tfplugin::{Applied, Change, Diagnostic, Plan, Refinement, Value};

use crate::cloud::{
    Cloud, Disk, Modify, Network, Server, Servers, block_on, filled, lines, server,
};

const ALLOWED: Capabilities =
    Capabilities { write_only_attributes_allowed: true, deferral_allowed: false };

fn cloud(modify: impl Fn(&mut Plan<'_, Server>) + Send + Sync + 'static) -> Registered {
    let modify: Modify = Box::new(modify);
    let answer =
        Box::new(|planned: Option<Server>| planned.map_or_else(Applied::gone, Applied::ok));
    Registered::new(Cloud::new(Servers { answer, modify }))
}

fn plan_with(provider: &Registered, prior: &Value, proposed: &Value, config: &Value) -> Planned {
    block_on(provider.plan_resource_change(
        "cloud_server",
        Stored::new(prior.clone(), &[]),
        proposed.clone(),
        config.clone(),
        ALLOWED,
    ))
}

/// A plan for a configuration that the CLI proposes as it is.
fn plan(prior: &Value, config: &Value) -> Planned {
    plan_with(&cloud(|_| {}), prior, config, config)
}

fn value(planned: &Planned, name: &str) -> Value {
    planned.planned.attribute(name).cloned().unwrap()
}

fn with<const N: usize>(object: &Value, changes: [(&str, Value); N]) -> Value {
    let mut attributes = object.attributes().cloned().unwrap();
    attributes.extend(changes.map(|(name, value)| (name.to_owned(), value)));
    Value::Object(attributes)
}

fn existing() -> Value {
    server([
        ("name", "web".into()),
        ("size", "small".into()),
        ("zone", "a".into()),
        ("policy", "Allow".into()),
        ("id", "server-1".into()),
        ("revision", 1.into()),
    ])
}

/// What the user wrote for [`existing`].
fn written() -> Value {
    with(&existing(), [("size", Value::Null), ("id", Value::Null), ("revision", Value::Null)])
}

#[test]
fn create_takes_defaults_and_leaves_computed_values_unknown() {
    let config = server([("name", "web".into()), ("password", "secret".into())]);
    let planned = plan(&Value::Null, &config);
    assert!(planned.diagnostics.is_empty(), "{:?}", lines(&planned.diagnostics));
    assert_eq!(
        planned.planned,
        server([
            ("name", "web".into()),
            ("size", "small".into()),
            ("image", Value::UNKNOWN),
            ("id", Value::UNKNOWN),
            ("revision", Value::UNKNOWN),
        ])
    );
    assert!(planned.requires_replace.is_empty());
}

#[test]
fn unknown_values_carry_what_the_schema_knows_of_them() {
    let known = |value: Option<&Value>| match value {
        Some(Value::Unknown(unknown)) => unknown.refinement().cloned(),
        other => panic!("{other:?} is known"),
    };
    let disk = filled::<Disk, 1>([("name", "root".into())]);
    let config = server([
        ("name", "web".into()),
        ("zone", Value::UNKNOWN),
        ("disks", Value::List(vec![disk.clone()])),
    ]);
    // An edit through the model has no place for what is known: it is put back.
    let planned = plan_with(
        &cloud(|plan| {
            plan.set_unknown("id");
            plan.set("disks", plan.proposed.clone().unwrap().disks);
        }),
        &Value::Null,
        &config,
        &config,
    );
    assert!(planned.diagnostics.is_empty(), "{:?}", lines(&planned.diagnostics));
    let Some(Value::List(disks)) = planned.planned.attribute("disks") else { panic!("no disks") };
    let refine = Refinement::new;
    let planned = |name| planned.planned.attribute(name);
    assert_eq!(known(planned("id")), Some(refine().not_null().prefix("server-")));
    assert_eq!(known(planned("revision")), Some(refine().range(1_i64..)));
    assert_eq!(known(disks[0].attribute("id")), Some(refine().not_null()));
    assert_eq!(known(planned("image")), None);
    assert_eq!(known(planned("zone")), None, "configured: not the provider's to promise");
}

#[test]
fn no_change_plans_no_change() {
    let planned = plan_with(&cloud(|_| {}), &existing(), &existing(), &written());
    assert_eq!(planned.planned, existing());
    assert!(planned.diagnostics.is_empty());
}

#[test]
fn a_change_makes_computed_values_unknown_unless_they_stay() {
    let proposed = with(&existing(), [("cores", 4.into())]);
    let config = with(&written(), [("cores", 4.into())]);
    let planned = plan_with(&cloud(|_| {}), &existing(), &proposed, &config);
    assert_eq!(value(&planned, "revision"), Value::UNKNOWN);
    assert_eq!(value(&planned, "id"), "server-1".into());
    // Null is what state has, and null it stays.
    assert_eq!(value(&planned, "image"), Value::Null);
    assert_eq!(value(&planned, "size"), "small".into());
}

#[test]
fn a_default_comes_back_when_the_configuration_goes() {
    let prior = with(&existing(), [("size", "large".into())]);
    let planned = plan_with(&cloud(|_| {}), &prior, &prior, &written());
    assert_eq!(value(&planned, "size"), "small".into());
    assert_eq!(value(&planned, "revision"), Value::UNKNOWN);
}

#[test]
fn another_spelling_of_the_same_is_no_change() {
    let proposed = with(&existing(), [("policy", "ALLOW".into())]);
    let config = with(&written(), [("policy", "ALLOW".into())]);
    let planned = plan_with(&cloud(|_| {}), &existing(), &proposed, &config);
    assert_eq!(planned.planned, existing());
    assert!(planned.diagnostics.is_empty());
}

#[test]
fn a_write_only_value_is_no_change() {
    let proposed = with(&existing(), [("password", "secret".into())]);
    let config = with(&written(), [("password", "secret".into())]);
    let planned = plan_with(&cloud(|_| {}), &existing(), &proposed, &config);
    assert_eq!(planned.planned, existing());
}

#[test]
fn replacement() {
    let paths = |planned: &Planned| {
        planned.requires_replace.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let changed = [("zone", Value::from("b")), ("image", "linux".into())];
    let proposed = with(&existing(), changed.clone());
    let planned = plan_with(&cloud(|_| {}), &existing(), &proposed, &with(&written(), changed));
    assert_eq!(paths(&planned), ["image", "zone"]);

    // An unknown zone may turn out another; an image taken out of the configuration replaces nothing.
    let prior = with(&existing(), [("image", "linux".into())]);
    let changed = [("zone", Value::UNKNOWN)];
    let proposed = with(&prior, changed.clone());
    let planned = plan_with(&cloud(|_| {}), &prior, &proposed, &with(&written(), changed));
    assert_eq!(paths(&planned), ["zone"]);

    let planned = plan(&Value::Null, &written());
    assert_eq!(paths(&planned), [] as [&str; 0]);

    let provider = cloud(|plan| {
        plan.requires_replace("name");
        plan.requires_replace("name");
    });
    let planned = plan_with(&provider, &existing(), &existing(), &written());
    assert_eq!(paths(&planned), ["name"]);
}

#[test]
fn nested_attributes() {
    let disk = |name: &str, id: Value| {
        filled::<Disk, 3>([("name", name.into()), ("gigabytes", 10.into()), ("id", id)])
    };
    let configured =
        |name: &str| filled::<Disk, 2>([("name", name.into()), ("key", "secret".into())]);
    let network =
        |address: Value| filled::<Network, 2>([("network", "lan".into()), ("address", address)]);
    let prior = with(
        &existing(),
        [
            ("disks", Value::List(vec![disk("root", "disk-1".into())])),
            ("networks", Value::set([network("10.0.0.1".into())])),
        ],
    );
    let second = filled::<Network, 1>([("network", "wan".into())]);
    let config = with(
        &written(),
        [
            ("disks", Value::List(vec![configured("root"), configured("data")])),
            ("networks", Value::set([network(Value::Null), second.clone()])),
        ],
    );
    let proposed = with(
        &prior,
        [
            (
                "disks",
                Value::List(vec![
                    with(&configured("root"), [("id", "disk-1".into())]),
                    configured("data"),
                ]),
            ),
            ("networks", Value::set([network("10.0.0.1".into()), second])),
        ],
    );
    let planned = plan_with(&cloud(|_| {}), &prior, &proposed, &config);
    assert!(planned.diagnostics.is_empty(), "{:?}", lines(&planned.diagnostics));
    assert_eq!(
        value(&planned, "disks"),
        Value::List(vec![disk("root", "disk-1".into()), disk("data", Value::UNKNOWN)])
    );
    let new = filled::<Network, 2>([("network", "wan".into()), ("address", Value::UNKNOWN)]);
    assert_eq!(value(&planned, "networks"), Value::set([network("10.0.0.1".into()), new]));
}

#[test]
fn the_resource_edits_by_name() {
    let provider = cloud(|plan| {
        assert_eq!(plan.change, Change::Update);
        assert!(!plan.is_changed());
        assert_eq!(plan.config.unwrap().name.as_str(), Some("web"));
        plan.set_unknown("revision");
        assert!(plan.is_changed());
        plan.keep_prior("revision");
        assert!(!plan.is_changed());
        plan.set("revision", 2_i64);
        plan.set_unknown("image");
        plan.private.set("seen", true);
        assert_eq!(plan.planned().unwrap().unwrap().revision.known(), Some(&2));
    });
    let planned = plan_with(&provider, &existing(), &existing(), &written());
    assert!(planned.diagnostics.is_empty(), "{:?}", lines(&planned.diagnostics));
    assert_eq!(
        planned.planned,
        with(&existing(), [("revision", 2.into()), ("image", Value::UNKNOWN)])
    );
    assert_eq!(planned.private, br#"{"seen":true}"#);
}

#[test]
fn deleting_is_planned_too_and_stays_a_delete() {
    let provider = cloud(|plan| {
        assert_eq!(plan.change, Change::Delete);
        assert!(plan.config.is_none() && plan.proposed.is_none());
        assert_eq!(plan.prior.unwrap().id.as_str(), Some("server-1"));
        plan.set_unknown("revision");
        plan.requires_replace("name");
        plan.diagnostics.push(Diagnostic::error("Refused", "It is still in use."));
    });
    let planned = plan_with(&provider, &existing(), &Value::Null, &Value::Null);
    assert_eq!(planned.planned, Value::Null);
    assert!(planned.requires_replace.is_empty());
    assert_eq!(lines(&planned.diagnostics), ["Error [] Refused: It is still in use."]);
}

#[test]
fn a_plan_against_the_rules_names_the_attribute() {
    for (modify, said) in [
        (
            (|plan| plan.set("name", "other".to_owned())) as fn(&mut Plan<'_, Server>),
            "Error [name] Invalid plan: The planned value of `name` is neither what is configured nor what \
             is in state.",
        ),
        (
            |plan| plan.set("cores", 8_i64),
            "Error [cores] Invalid plan: The planned value of `cores` has a value, though it is neither \
             configured nor computed.",
        ),
        (
            |plan| plan.set("password", "x".to_owned()),
            "Error [password] Invalid plan: The planned value of `password` has a value, though the \
             attribute is write-only.",
        ),
        (
            |plan| plan.set("cores", "8".to_owned()),
            "Error [cores] Invalid plan: The plan sets `cores` to a string.",
        ),
        (
            |plan| plan.set_unknown("color"),
            "Error [color] Invalid plan: The plan sets `color`, which is not in the schema.",
        ),
    ] {
        let planned = plan_with(&cloud(modify), &existing(), &existing(), &written());
        assert_eq!(lines(&planned.diagnostics), [said]);
        let detail = &planned.diagnostics.iter().next().unwrap().detail;
        assert!(detail.contains("a bug in the provider"), "{detail}");
    }
}

#[test]
fn a_breach_in_a_nested_attribute_is_found() {
    let disk = filled::<Disk, 2>([("name", "root".into()), ("gigabytes", 10.into())]);
    let config = server([("name", "web".into()), ("disks", Value::List(vec![disk]))]);
    let provider = cloud(|plan| {
        let renamed = plan.proposed.clone().unwrap().disks.map(|mut disks| {
            disks[0].name = "other".into();
            disks
        });
        plan.set("disks", renamed);
    });
    let planned = plan_with(&provider, &Value::Null, &config, &config);
    assert_eq!(
        lines(&planned.diagnostics),
        [
            "Error [disks[0].name] Invalid plan: The planned value of `disks[0].name` is neither what is \
          configured nor what is in state."
        ]
    );
}

/// The CLI only counts the elements of a set; what is invented is found all the same.
#[test]
fn a_breach_in_a_set_is_found() {
    let network = |name: &str| filled::<Network, 1>([("network", name.into())]);
    let networks = Value::set(["lan", "wan"].map(network));
    let config = server([("name", "web".into()), ("networks", networks)]);
    let provider = cloud(|plan| {
        let other = plan.proposed.clone().unwrap().networks.map(|networks| {
            let renamed = networks.into_iter().map(|mut network| {
                network.network = network.network.map(|name| name.replace("wan", "internet"));
                network
            });
            renamed.collect::<std::collections::BTreeSet<_>>()
        });
        plan.set("networks", other);
    });
    let planned = plan_with(&provider, &Value::Null, &config, &config);
    assert_eq!(
        lines(&planned.diagnostics),
        [
            "Error [networks] Invalid plan: The planned value of `networks` has an element whose `network` \
             is neither configured nor in state."
        ]
    );
}

#[test]
fn a_crash_is_a_message_about_one_object() {
    let provider = cloud(|_| panic!("no idea"));
    let planned = plan_with(&provider, &existing(), &existing(), &written());
    assert_eq!(planned.planned, existing());
    assert_eq!(
        lines(&planned.diagnostics),
        [
            "Error [] The provider crashed: The provider crashed while it tried to plan `cloud_server`: no idea"
        ]
    );
}

#[test]
fn a_type_that_is_not_there_is_an_error() {
    let provider = cloud(|_| {});
    let plan = provider.plan_resource_change(
        "cloud_lake",
        Stored::nothing(),
        Value::Null,
        Value::Null,
        ALLOWED,
    );
    assert_eq!(
        lines(&block_on(plan).diagnostics),
        ["Error [] Unknown resource: This provider has no resource `cloud_lake`."]
    );
}
