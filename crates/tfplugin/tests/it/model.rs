//! From values to models, and what is said about values that do not fit.

use std::collections::BTreeMap;

use tfplugin::erased::{Capabilities, Registered};
use tfplugin::{Attr, AttributeType, Value};

use crate::cloud::{
    AssumeRole, Cloud, Config, DefaultLabels, Disk, Network, Server, filled, lines, server,
};

const ALLOWED: Capabilities =
    Capabilities { write_only_attributes_allowed: true, deferral_allowed: false };

fn validate(config: Value) -> Vec<String> {
    lines(&Registered::new(Cloud::default()).validate_resource("cloud_server", config, ALLOWED))
}

#[test]
fn null_unknown_and_known_are_told_apart() {
    let value = server([("name", "web".into()), ("zone", Value::UNKNOWN), ("cores", 4.into())]);
    let model = Server::decode(value.clone()).unwrap();
    assert_eq!(model.name, Attr::Known("web".to_owned()));
    assert_eq!(model.zone, Attr::Unknown);
    assert_eq!(model.cores, Attr::Known(4));
    assert_eq!(model.size, Attr::Null);
    assert_eq!(model.encode(), value);
}

#[test]
fn nested_objects_and_collections() {
    let disk = filled::<Disk, 2>([("name", "root".into()), ("id", Value::UNKNOWN)]);
    let network = filled::<Network, 1>([("network", "lan".into())]);
    let value = server([
        ("disks", Value::List(vec![disk])),
        ("networks", Value::set([network])),
        ("labels", Value::Map(BTreeMap::from([("a".to_owned(), "b".into())]))),
        ("timeouts", filled::<tfplugin::Timeouts, 1>([("create", "1.5h".into())])),
    ]);
    let model = Server::decode(value.clone()).unwrap();
    assert_eq!(model.disks.known().unwrap()[0].id, Attr::Unknown);
    let hour = std::time::Duration::from_secs(3600);
    assert_eq!(model.timeouts.create(hour), hour * 3 / 2);
    assert_eq!(model.timeouts.update(hour), hour);
    assert_eq!(model.encode(), value);
}

#[test]
fn a_collection_with_an_unknown_element_is_unknown() {
    let labels = Value::Map(BTreeMap::from([("a".to_owned(), Value::UNKNOWN)]));
    let model =
        Server::decode(server([("labels", labels), ("disks", Value::List(vec![Value::UNKNOWN]))]))
            .unwrap();
    assert_eq!(model.labels, Attr::Unknown);
    assert_eq!(model.disks, Attr::Unknown);
}

#[test]
fn what_does_not_fit_is_named() {
    let labels = Value::Map(BTreeMap::from([("a".to_owned(), Value::Null)]));
    let fraction: tfplugin::Number = "1.5".parse().unwrap();
    for (config, said) in [
        (
            server([("name", "web".into()), ("labels", labels)]),
            "Error [labels[\"a\"]] Invalid value: This value cannot be used: it is null, and a value is needed here.",
        ),
        (
            server([("name", "web".into()), ("cores", fraction.into())]),
            "Error [cores] Invalid value: This value cannot be used: expected a whole number that fits in \
             64 bits.",
        ),
    ] {
        assert_eq!(validate(config).last().map(String::as_str), Some(said));
    }
}

#[test]
fn marks_hold_for_nested_attributes_too() {
    let disk = filled::<Disk, 2>([("name", Value::Null), ("id", "mine".into())]);
    let network = filled::<Network, 2>([("network", Value::Null), ("address", "mine".into())]);
    let config = server([
        ("name", "web".into()),
        ("cores", 2.into()),
        ("disks", Value::List(vec![disk])),
        ("networks", Value::set([network])),
    ]);
    assert_eq!(
        validate(config),
        [
            "Warning [cores] `cores` is deprecated: Use `size`.",
            "Error [disks[0].id] Read-only attribute: The provider sets `disks[0].id`: remove it from the \
             configuration.",
            "Error [disks[0].name] Missing value: `disks[0].name` is required, and must not be null.",
            "Error [networks] Read-only attribute: The provider sets `networks.address`: remove it from the \
             configuration.",
            "Error [networks] Missing value: `networks.network` is required, and must not be null.",
        ]
    );
}

#[test]
fn blocks() {
    let role = filled::<AssumeRole, 1>([("role", "admin".into())]);
    let config = filled::<Config, 2>([
        ("assume_role", Value::List(vec![role])),
        ("default_labels", Value::Null),
    ]);
    let model = Config::decode(config).unwrap();
    assert_eq!(model.assume_role.known().unwrap()[0].role.as_str(), Some("admin"));
    assert!(model.default_labels.is_null());
    let unknown = filled::<Config, 1>([("assume_role", Value::List(vec![Value::UNKNOWN]))]);
    assert!(Config::decode(unknown).unwrap().assume_role.is_unknown());
}

#[test]
fn validators_say_what_is_wrong_as_a_person_would() {
    let disk = filled::<Disk, 2>([("name", "root".into()), ("gigabytes", 0.into())]);
    let labels = [("ok", "short"), ("NO", "too long")];
    let config = server([
        ("name", "much too long a name".into()),
        ("size", "huge".into()),
        ("cores", 65.into()),
        ("disks", Value::List(vec![disk])),
        ("labels", Value::Map(labels.map(|(key, text)| (key.to_owned(), text.into())).into())),
        ("timeouts", filled::<tfplugin::Timeouts, 1>([("create", "1 day".into())])),
    ]);
    assert_eq!(
        validate(config),
        [
            "Warning [cores] `cores` is deprecated: Use `size`.",
            "Error [cores] Invalid value for `cores`: The value must be between 1 and 64.",
            "Error [disks[0].gigabytes] Invalid value for `disks[0].gigabytes`: The value must be at least 1.",
            "Error [labels[\"NO\"]] Invalid value for `labels[\"NO\"]`: The value must be a word of a-z.",
            "Error [labels[\"NO\"]] Invalid value for `labels[\"NO\"]`: The value must be at most 5 \
             characters long; it has 8.",
            "Error [name] Invalid value for `name`: The value must be 1 to 12 characters long; it has 20.",
            "Error [name] Invalid value for `name`: A name has no spaces.",
            "Error [size] Invalid value for `size`: The value must be `small` or `large`.",
            "Error [timeouts.create] Invalid value for `timeouts.create`: The value must be a duration such \
             as `30m` or `1h30m`; this is not one: ` day` is not a unit (ns, us, ms, s, m or h).",
        ]
    );
}

#[test]
fn what_is_not_known_yet_is_not_judged() {
    let config = server([
        ("name", Value::UNKNOWN),
        ("size", Value::UNKNOWN),
        ("labels", Value::UNKNOWN),
        ("timeouts", Value::UNKNOWN),
    ]);
    assert_eq!(validate(config), [] as [&str; 0]);
}

#[test]
fn the_resource_has_its_say_once_the_values_are_right() {
    let config = server([("name", "web".into()), ("size", "large".into())]);
    assert_eq!(validate(config), ["Error [zone] Missing zone: A large server needs a zone."]);
}

#[test]
fn a_cli_that_does_not_know_write_only_attributes_is_told() {
    let disk = filled::<Disk, 2>([("name", "root".into()), ("key", "k".into())]);
    let config = server([
        ("name", "web".into()),
        ("password", "secret".into()),
        ("disks", Value::List(vec![disk])),
    ]);
    let provider = Registered::new(Cloud::default());
    let found = provider.validate_resource("cloud_server", config.clone(), Capabilities::default());
    let said = lines(&found);
    assert_eq!(said.len(), 2);
    assert!(said[0].starts_with("Error [disks[0].key] Write-only attribute not supported"));
    assert!(said[1].starts_with("Error [password] Write-only attribute not supported"));
    assert!(!said.concat().contains("secret"));
    assert!(provider.validate_resource("cloud_server", config, ALLOWED).is_empty());
}

#[test]
fn the_providers_block_is_validated_too() {
    let provider = Registered::new(Cloud::default());
    let role = filled::<AssumeRole, 1>([("role", "".into())]);
    let labels = filled::<DefaultLabels, 0>([]);
    let config = filled::<Config, 3>([
        ("endpoint", "ftp://x".into()),
        ("assume_role", Value::List(vec![role])),
        ("default_labels", labels),
    ]);
    assert_eq!(
        lines(&provider.validate_provider(config)),
        [
            "Error [endpoint] Invalid value for `endpoint`: The value must be an address that starts with \
             `https://`.",
            "Error [assume_role[0].role] Invalid value for `assume_role[0].role`: The value must be at \
             least 1 character long; it has 0.",
        ]
    );
}

#[test]
fn state_is_loaded_whatever_schema_wrote_it() {
    let provider = Registered::new(Cloud::default());
    let state = br#"{"name":"web","cores":4,"gone":{"x":1},"disks":[{"name":"root"}]}"#;
    let (state, diagnostics) = provider.upgrade_resource_state("cloud_server", 2, state);
    let disk = filled::<Disk, 1>([("name", "root".into())]);
    assert_eq!(
        state,
        server([("name", "web".into()), ("cores", 4.into()), ("disks", Value::List(vec![disk]))])
    );
    assert!(diagnostics.is_empty());

    for (version, json, said) in [
        (3, "{}", "Error [] State of a newer provider: "),
        (2, "[", "Error [] Unreadable state: "),
        (2, r#"{"name":["web"]}"#, "Error [] Unreadable state: "),
        (2, r#"{"name":"panic"}"#, "Error [] The provider crashed: "),
    ] {
        let (state, found) =
            provider.upgrade_resource_state("cloud_server", version, json.as_bytes());
        assert_eq!(state, Value::Null);
        assert!(lines(&found)[0].starts_with(said), "{json}: {:?}", lines(&found));
    }
}
