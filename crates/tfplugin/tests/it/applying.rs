//! What goes into state after apply, read, import and data sources; and calls of functions.

use tfplugin::erased::{Capabilities, Registered, Saved, Stored};
use tfplugin::{Applied, Attr, Diagnostic, Private, Refinement, Type, Value};

use crate::cloud::{
    Cloud, Config, Disk, Image, Network, Server, Servers, block_on, filled, lines, server,
};

fn cloud(answer: impl Fn(Option<Server>) -> Applied<Server> + Send + Sync + 'static) -> Registered {
    Registered::new(Cloud::new(Servers { answer: Box::new(answer), modify: Box::new(|_| {}) }))
}

/// What is kept beside the state.
const PRIVATE: &[u8] = b"{\"a\":1}";

fn planned() -> Value {
    let disk = filled::<Disk, 3>([
        ("name", "root".into()),
        ("gigabytes", 10.into()),
        ("id", Value::UNKNOWN),
    ]);
    server([
        ("name", "web".into()),
        ("size", "small".into()),
        ("disks", Value::List(vec![disk])),
        ("id", Value::UNKNOWN),
        ("revision", Value::UNKNOWN),
    ])
}

fn done(mut server: Server) -> Server {
    server.id = "server-1".into();
    server.revision = 1.into();
    if let Some(disks) = server.disks.known_mut() {
        disks[0].id = "disk-1".into();
    }
    server
}

fn existing() -> Value {
    let disk = filled::<Disk, 3>([
        ("name", "root".into()),
        ("gigabytes", 10.into()),
        ("id", "disk-1".into()),
    ]);
    server([
        ("name", "web".into()),
        ("size", "small".into()),
        ("policy", "Allow".into()),
        ("disks", Value::List(vec![disk])),
        ("id", "server-1".into()),
        ("revision", 1.into()),
    ])
}

fn create(provider: &Registered) -> Saved {
    let config = server([("name", "web".into())]);
    let apply = provider.apply_resource_change(
        "cloud_server",
        Value::Null,
        Stored::new(planned(), PRIVATE),
        config,
    );
    block_on(apply)
}

fn update(provider: &Registered) -> Saved {
    let config = server([("name", "web".into())]);
    block_on(provider.apply_resource_change(
        "cloud_server",
        existing(),
        Stored::new(planned(), PRIVATE),
        config,
    ))
}

fn delete(provider: &Registered) -> Saved {
    block_on(provider.apply_resource_change(
        "cloud_server",
        existing(),
        Stored::new(Value::Null, PRIVATE),
        Value::Null,
    ))
}

fn read(provider: &Registered) -> Saved {
    let stored = Stored::new(existing(), PRIVATE);
    block_on(provider.read_resource("cloud_server", stored, Capabilities::default()))
}

fn refused<M>() -> Applied<M> {
    Applied::error(Diagnostic::error("Refused", "No."))
}

const REFUSED: [&str; 1] = ["Error [] Refused: No."];

#[test]
fn create_saves_what_there_is() {
    let saved = create(&cloud(|planned| Applied::ok(done(planned.unwrap()))));
    assert!(saved.diagnostics.is_empty(), "{:?}", lines(&saved.diagnostics));
    assert_eq!(saved.state.attribute("id"), Some(&"server-1".into()));
    assert_eq!(saved.private, b"{\"a\":1}", "what the plan kept stays");
}

#[test]
fn a_null_keeps_its_type() {
    let null = Value::Dynamic(Box::new((Type::String, Value::Null)));
    let mut attributes = planned().attributes().cloned().unwrap();
    attributes.insert("extra".to_owned(), null.clone());
    let provider = cloud(|planned| Applied::ok(done(planned.unwrap())));
    let saved = block_on(provider.apply_resource_change(
        "cloud_server",
        Value::Null,
        Stored::new(Value::Object(attributes), PRIVATE),
        server([("name", "web".into())]),
    ));
    assert!(saved.diagnostics.is_empty(), "{:?}", lines(&saved.diagnostics));
    assert_eq!(saved.state.attribute("extra"), Some(&null));
}

#[test]
fn private_state_is_what_the_resource_says() {
    let saved = create(&cloud(|planned| {
        let mut private = Private::default();
        private.set("token", "t");
        Applied::ok(done(planned.unwrap())).with_private(private)
    }));
    assert_eq!(saved.private, b"{\"token\":\"t\"}");
}

#[test]
fn a_failed_create_saves_nothing() {
    let saved = create(&cloud(|_| refused()));
    assert_eq!(saved.state, Value::Null);
    assert_eq!(lines(&saved.diagnostics), REFUSED);

    let saved = create(&cloud(|_| Applied::gone()));
    assert_eq!(saved.state, Value::Null);
    assert!(saved.diagnostics.has_errors());

    let saved = create(&cloud(|_| panic!("power cut")));
    assert_eq!(saved.state, Value::Null);
    assert!(lines(&saved.diagnostics)[0].ends_with("tried to create `cloud_server`: power cut"));
}

/// With an error the CLI would taint the new object, and destroy it with the next apply.
#[test]
fn a_create_against_its_plan_keeps_the_object_with_a_warning() {
    let saved = create(&cloud(|planned| {
        let mut server = done(planned.unwrap());
        server.size = "large".into();
        server.cores = 4.into();
        server.revision = Attr::Unknown;
        server.password = "secret".into();
        if let Some(disks) = server.disks.known_mut() {
            disks[0].name = "other".into();
        }
        Applied::ok(server)
    }));
    assert!(!saved.diagnostics.has_errors());
    assert_eq!(
        lines(&saved.diagnostics),
        [
            "Warning [cores] Inconsistent result of a create: After the create, the value of `cores` is not \
             what was planned.",
            "Warning [disks[0].name] Inconsistent result of a create: After the create, the value of \
             `disks[0].name` is not what was planned.",
            "Warning [revision] Inconsistent result of a create: After the create, the value of `revision` \
             is still unknown.",
            "Warning [size] Inconsistent result of a create: After the create, the value of `size` is not \
             what was planned.",
        ]
    );
    let expected = Server {
        revision: Attr::Null,
        ..done(tfplugin::AttributeType::decode(planned()).unwrap())
    };
    let mut expected = tfplugin::AttributeType::encode(expected);
    if let Value::Object(attributes) = &mut expected {
        // The list that breaks the plan in one place keeps everything else the resource said.
        let disk = filled::<Disk, 3>([
            ("name", "root".into()),
            ("gigabytes", 10.into()),
            ("id", "disk-1".into()),
        ]);
        attributes.insert("disks".to_owned(), Value::List(vec![disk]));
    }
    assert_eq!(saved.state, expected);
}

#[test]
fn an_update_against_its_plan_is_an_error_with_what_is_there() {
    let saved = update(&cloud(|planned| {
        let mut server = done(planned.unwrap());
        server.size = "large".into();
        server.revision = Attr::Unknown;
        Applied::ok(server)
    }));
    assert_eq!(
        lines(&saved.diagnostics),
        [
            "Error [revision] Inconsistent result of an update: After the update, the value of `revision` is \
             still unknown.",
            "Error [size] Inconsistent result of an update: After the update, the value of `size` is not \
             what was planned.",
        ]
    );
    assert_eq!(saved.state.attribute("size"), Some(&"large".into()));
    assert_eq!(saved.state.attribute("revision"), Some(&1.into()));
}

/// A model has no place for the type of a null; the CLI takes no other one than it planned.
#[test]
fn a_null_of_any_type_keeps_its_type() {
    let typed = Value::Dynamic(Box::new((Type::String, Value::Null)));
    let with = |object: Value| {
        let mut attributes = object.attributes().cloned().unwrap();
        attributes.insert("extra".to_owned(), typed.clone());
        Value::Object(attributes)
    };
    let provider = cloud(|planned| Applied::ok(done(planned.unwrap())));
    let apply = provider.apply_resource_change(
        "cloud_server",
        with(existing()),
        Stored::new(with(planned()), &[]),
        with(server([("name", "web".into())])),
    );
    let saved = block_on(apply);
    assert!(saved.diagnostics.is_empty(), "{:?}", lines(&saved.diagnostics));
    assert_eq!(saved.state.attribute("extra"), Some(&typed));
    let stored = Stored::new(with(existing()), &[]);
    let read = block_on(provider.read_resource("cloud_server", stored, Capabilities::default()));
    assert_eq!(read.state.attribute("extra"), Some(&typed));
}

/// As the CLI compares sets: each element has to have become one of those that are there.
#[test]
fn elements_of_sets_have_to_come_of_the_plan() {
    let network = |name: &str, address: Value| {
        filled::<Network, 2>([("network", name.into()), ("address", address)])
    };
    let planned = |networks: Vec<Value>| {
        let mut planned = planned().attributes().cloned().unwrap();
        planned.insert("networks".to_owned(), Value::set(networks));
        Value::Object(planned)
    };
    let update = |becomes: [(&'static str, &'static str); 2]| {
        let provider = cloud(move |planned| {
            let networks = becomes.map(|(network, address)| Network {
                network: network.into(),
                address: address.into(),
            });
            let networks = std::collections::BTreeSet::from(networks);
            Applied::ok(Server { networks: networks.into(), ..done(planned.unwrap()) })
        });
        let planned =
            planned(vec![network("lan", Value::UNKNOWN), network("wan", "10.0.0.1".into())]);
        let config = server([("name", "web".into())]);
        let apply = provider.apply_resource_change(
            "cloud_server",
            existing(),
            Stored::new(planned, &[]),
            config,
        );
        lines(&block_on(apply).diagnostics)
    };
    let changed = "Error [networks] Inconsistent result of an update: After the update, the value of \
                   `networks` is not what was planned.";
    assert_eq!(update([("lan", "10.0.0.9"), ("wan", "10.0.0.1")]), [] as [&str; 0]);
    assert_eq!(update([("lan", "10.0.0.9"), ("wan", "10.0.0.2")]), [changed]);
    assert_eq!(update([("dmz", "10.0.0.9"), ("wan", "10.0.0.1")]), [changed]);
}

#[test]
fn what_an_unknown_value_promised_is_kept() {
    let promised = |mut planned: Value| {
        let Value::Object(attributes) = &mut planned else { panic!("no object") };
        let id = Refinement::new().not_null().prefix("server-");
        attributes.insert("id".to_owned(), Value::unknown(id));
        attributes.insert("revision".to_owned(), Value::unknown(Refinement::new().range(1_i64..)));
        planned
    };
    let update = |id: &'static str, revision: i64| {
        let provider = cloud(move |planned| {
            Applied::ok(Server {
                id: id.into(),
                revision: revision.into(),
                ..done(planned.unwrap())
            })
        });
        let config = server([("name", "web".into())]);
        let apply = provider.apply_resource_change(
            "cloud_server",
            existing(),
            Stored::new(promised(planned()), &[]),
            config,
        );
        lines(&block_on(apply).diagnostics)
    };
    assert_eq!(update("server-7", 1), [] as [&str; 0]);
    assert_eq!(
        update("7", 0),
        [
            "Error [id] Inconsistent result of an update: After the update, the value of `id` is not what \
             the plan promised: it does not start as it was to.",
            "Error [revision] Inconsistent result of an update: After the update, the value of `revision` \
             is not what the plan promised: it is not at least 1.",
        ]
    );
}

#[test]
fn a_failed_update_loses_nothing() {
    for answer in [refused::<Server> as fn() -> _, || panic!("power cut"), Applied::gone] {
        let saved = update(&cloud(move |_| answer()));
        assert_eq!(saved.state, existing());
        assert_eq!(saved.private, b"{\"a\":1}");
        assert!(saved.diagnostics.has_errors());
    }
    // Half of it was done: the state says which half, and no rule about the plan adds to the error.
    let saved = update(&cloud(|planned| {
        let server = Server { size: "large".into(), ..done(planned.unwrap()) };
        Applied::ok(server).with(Diagnostic::error("Refused", "No."))
    }));
    assert_eq!(lines(&saved.diagnostics), REFUSED);
    assert_eq!(saved.state.attribute("size"), Some(&"large".into()));
}

#[test]
fn delete_is_done_when_no_error_says_otherwise() {
    let saved = delete(&cloud(|_| Applied::gone()));
    assert!(saved.diagnostics.is_empty());
    assert_eq!(saved.state, Value::Null);
    assert!(saved.private.is_empty());

    for answer in [refused::<Server> as fn() -> _, || panic!("power cut")] {
        let saved = delete(&cloud(move |_| answer()));
        assert_eq!(saved.state, existing());
        assert!(saved.diagnostics.has_errors());
    }
    let still_there: Server = tfplugin::AttributeType::decode(existing()).unwrap();
    let saved = delete(&cloud(move |_| Applied::ok(still_there.clone())));
    assert_eq!(saved.state, existing());
    assert!(lines(&saved.diagnostics)[0].starts_with("Error [] Nothing was deleted: "));
}

#[test]
fn reading_an_unchanged_object_changes_no_byte() {
    let saved = read(&cloud(|state| Applied::ok(state.unwrap())));
    assert_eq!(saved.state, existing());
    assert_eq!(saved.private, b"{\"a\":1}");
    assert!(saved.diagnostics.is_empty());
}

#[test]
fn reading_keeps_the_spelling_and_drops_write_only_values() {
    let saved = read(&cloud(|state| {
        let spelled =
            Server { policy: "ALLOW".into(), password: "secret".into(), ..state.unwrap() };
        Applied::ok(spelled)
    }));
    assert_eq!(saved.state, existing());
    let saved =
        read(&cloud(|state| Applied::ok(Server { policy: "Deny".into(), ..state.unwrap() })));
    assert_eq!(saved.state.attribute("policy"), Some(&"Deny".into()));
}

#[test]
fn a_read_that_fails_changes_nothing() {
    for answer in [
        (|_| refused()) as fn(Option<Server>) -> _,
        |_| panic!("power cut"),
        |state| Applied::ok(Server { revision: Attr::Unknown, ..state.unwrap() }),
    ] {
        let saved = read(&cloud(answer));
        assert_eq!(saved.state, existing());
        assert!(saved.diagnostics.has_errors());
    }
    let saved = read(&cloud(|_| Applied::gone()));
    assert_eq!(saved.state, Value::Null);
    assert!(saved.diagnostics.is_empty());
}

#[test]
fn import() {
    let found: Server = tfplugin::AttributeType::decode(existing()).unwrap();
    let provider = cloud(move |_| Applied::ok(found.clone()));
    let saved = block_on(provider.import_resource_state(
        "cloud_server",
        "server-1",
        Capabilities::default(),
    ));
    assert_eq!(saved.state, existing());

    let provider = cloud(|_| Applied::gone());
    let saved = block_on(provider.import_resource_state(
        "cloud_server",
        "server-1",
        Capabilities::default(),
    ));
    assert_eq!(saved.state, Value::Null);
    assert_eq!(
        lines(&saved.diagnostics),
        ["Error [] Nothing to import: There is no `cloud_server` with the id `server-1`."]
    );
}

#[test]
fn unreadable_private_state_is_an_error() {
    let provider = cloud(|_| panic!("must not be asked"));
    let saved = block_on(provider.read_resource(
        "cloud_server",
        Stored::new(existing(), b"\x00"),
        Capabilities::default(),
    ));
    assert_eq!(saved.state, existing());
    assert!(lines(&saved.diagnostics)[0].starts_with("Error [] Unreadable private state: "));
}

#[test]
fn data_sources() {
    let provider = Registered::new(Cloud::default());
    let ask = |name: &str| {
        let config = filled::<Image, 1>([("name", name.into())]);
        block_on(provider.read_data_source("cloud_image", config, Capabilities::default()))
    };
    let found = ask("linux");
    assert!(found.diagnostics.is_empty());
    assert_eq!(
        found.state,
        filled::<Image, 2>([("name", "linux".into()), ("id", "image-linux".into())])
    );
    for (name, said) in [
        ("nothing", "Error [] Invalid data: `data.cloud_image` found nothing, and no error."),
        ("unknown", "Error [id] Invalid data: The value of `id` is still unknown."),
        (
            "renamed",
            "Error [name] Invalid data: The value of `name` is neither what is configured nor what is in \
             state.",
        ),
    ] {
        let found = ask(name);
        assert_eq!(found.state, Value::Null);
        assert_eq!(lines(&found.diagnostics), [said]);
    }
}

#[test]
fn functions() {
    let provider = Registered::new(Cloud::default());
    let call = |arguments: &[&str]| {
        provider.call_function("join", arguments.iter().map(|text| Value::from(*text)).collect())
    };
    assert_eq!(call(&["-", "a", "b"]), Ok("a-b".into()));
    assert_eq!(call(&["-"]).unwrap_err().argument, Some(1));
    assert!(call(&["panic"]).unwrap_err().text.contains("asked to"));
    assert!(call(&["number"]).unwrap_err().text.contains("not what it says to return"));
    assert!(provider.call_function("split", Vec::new()).is_err());
    let definition = provider.function("join").unwrap();
    assert_eq!(definition.parameter_at(0).unwrap().name, "separator");
    assert_eq!(definition.parameter_at(7).unwrap().name, "parts");
}

#[test]
fn a_crash_while_configuring_is_a_message() {
    let provider = Registered::new(Cloud::default());
    let config = |endpoint: &str| filled::<Config, 1>([("endpoint", endpoint.into())]);
    assert!(block_on(provider.configure(config("https://here"))).is_empty());
    let found = lines(&block_on(provider.configure(config("https://panic"))));
    assert!(found[0].contains("no such place"), "{found:?}");
}
