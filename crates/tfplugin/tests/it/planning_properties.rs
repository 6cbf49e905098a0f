//! What holds for the plan of any configuration: after what was planned was applied, the same
//! configuration plans nothing, and no plan breaks the CLI's rules.

use std::collections::BTreeMap;

use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use tfplugin::erased::{Capabilities, Registered, Stored};
use tfplugin::value::Object;
use tfplugin::{AttributeType, Value};

use crate::cloud::{Cloud, Disk, Network, Server, block_on, filled, lines, server};

const ALLOWED: Capabilities =
    Capabilities { write_only_attributes_allowed: true, deferral_allowed: false };

fn text() -> impl Strategy<Value = Value> {
    "[a-c]{1,2}".prop_map(Value::from)
}

fn or_null(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    option::of(value).prop_map(|value| value.unwrap_or(Value::Null))
}

fn disks() -> impl Strategy<Value = Value> {
    let disk = (text(), or_null((1..9_i64).prop_map(Value::from)), or_null(text()));
    let disk = disk.prop_map(|(name, gigabytes, key)| {
        filled::<Disk, 3>([("name", name), ("gigabytes", gigabytes), ("key", key)])
    });
    vec(disk, 0..3).prop_map(Value::List)
}

fn networks() -> impl Strategy<Value = Value> {
    let network = "[a-e]".prop_map(|name| filled::<Network, 1>([("network", name.into())]));
    btree_set(network, 0..4).prop_map(Value::set)
}

fn config() -> impl Strategy<Value = Value> {
    let attributes = (
        text(),
        or_null(prop_oneof![Just("small".into()), Just("large".into())]),
        or_null(text()),
        or_null(text()),
        or_null(prop_oneof![Just("Allow".into()), Just("ALLOW".into()), Just("Deny".into())]),
        or_null(text()),
        or_null(disks()),
        or_null(networks()),
    );
    attributes.prop_map(|(name, size, zone, image, policy, password, disks, networks)| {
        server([
            ("name", name),
            ("size", size),
            ("zone", zone),
            ("image", image),
            ("policy", policy),
            ("password", password),
            ("disks", disks),
            ("networks", networks),
        ])
    })
}

/// The CLI's proposal, from its documentation: what is configured, and the value in state for what is
/// computed and not configured; list elements belong together by index, those of a set by what is
/// configured in them.
fn proposal(prior: &Value, config: &Value) -> Value {
    let block = Server::block();
    let of = |object: &Value, name: &str| object.attribute(name).cloned().unwrap_or(Value::Null);
    let mut proposed = BTreeMap::new();
    for (name, attribute) in &block.attributes {
        let (prior, config) = (of(prior, name), of(config, name));
        let value = match (name.as_str(), &config) {
            ("disks", Value::List(disks)) => Value::List(
                disks
                    .iter()
                    .enumerate()
                    .map(|(index, disk)| {
                        let old = match &prior {
                            Value::List(old) => old.get(index).cloned().unwrap_or(Value::Null),
                            _ => Value::Null,
                        };
                        let mut new = disk.attributes().cloned().unwrap();
                        for name in ["id", "gigabytes"] {
                            if new[name].is_null() {
                                new.insert(name.to_owned(), of(&old, name));
                            }
                        }
                        Value::Object(new)
                    })
                    .collect(),
            ),
            ("networks", Value::Set(networks)) => Value::set(networks.iter().map(|network| {
                let old = match &prior {
                    Value::Set(old) => {
                        old.iter().find(|old| of(old, "network") == of(network, "network"))
                    }
                    _ => None,
                };
                old.unwrap_or(network).clone()
            })),
            (_, Value::Null) if attribute.computed => prior,
            _ => config,
        };
        proposed.insert(name.clone(), value);
    }
    Value::Object(proposed)
}

/// What a well-behaved resource makes of a plan: something for everything unknown.
fn apply(planned: Value) -> Value {
    let mut server = Server::decode(planned).unwrap();
    let fill = |id: &mut tfplugin::Attr<String>, value: &str| {
        if id.is_unknown() {
            *id = value.into();
        }
    };
    fill(&mut server.id, "server-1");
    fill(&mut server.image, "chosen");
    if server.revision.is_unknown() {
        server.revision = 7.into();
    }
    if let Some(disks) = server.disks.known_mut() {
        disks.iter_mut().for_each(|disk| fill(&mut disk.id, "disk-1"));
    }
    server.networks = server.networks.map(|networks| {
        networks
            .into_iter()
            .map(|mut network| {
                fill(&mut network.address, "10.0.0.1");
                network
            })
            .collect()
    });
    server.encode()
}

fn plan(provider: &Registered, prior: &Value, config: &Value) -> Result<Value, TestCaseError> {
    let proposed = proposal(prior, config);
    let planned = block_on(provider.plan_resource_change(
        "cloud_server",
        Stored::new(prior.clone(), &[]),
        proposed,
        config.clone(),
        ALLOWED,
    ));
    prop_assert!(planned.diagnostics.is_empty(), "{:?}", lines(&planned.diagnostics));
    Ok(planned.planned)
}

fn save(
    provider: &Registered,
    prior: &Value,
    planned: &Value,
    config: &Value,
) -> Result<Value, TestCaseError> {
    // The answer the test's resource gives is the plan with its unknowns filled; here it is filled first,
    // since the provider's own resource only echoes.
    let filled = apply(planned.clone());
    let saved = block_on(provider.apply_resource_change(
        "cloud_server",
        prior.clone(),
        Stored::new(filled, &[]),
        config.clone(),
    ));
    prop_assert!(saved.diagnostics.is_empty(), "{:?}", lines(&saved.diagnostics));
    prop_assert!(saved.state.is_wholly_known());
    Ok(saved.state)
}

proptest! {
    #[test]
    fn a_second_plan_is_empty(first in config(), second in config()) {
        let provider = Registered::new(Cloud::default());
        let planned = plan(&provider, &Value::Null, &first)?;
        let state = save(&provider, &Value::Null, &planned, &first)?;
        prop_assert_eq!(&plan(&provider, &state, &first)?, &state);

        let planned = plan(&provider, &state, &second)?;
        let state = save(&provider, &state, &planned, &second)?;
        prop_assert_eq!(&plan(&provider, &state, &second)?, &state);
    }

    /// What is configured is planned as it is or stays as it is in state, also where it is not known yet.
    #[test]
    fn what_is_configured_is_kept(first in config(), second in config(), unknown in btree_set(0..14_usize, 0..5)) {
        let provider = Registered::new(Cloud::default());
        let state = apply(plan(&provider, &Value::Null, &first)?);
        let mut attributes = second.attributes().cloned().unwrap();
        for (position, (name, value)) in attributes.iter_mut().enumerate() {
            let computed_only = ["id", "revision"].contains(&name.as_str());
            if unknown.contains(&position) && !computed_only {
                *value = Value::UNKNOWN;
            }
        }
        let config = Value::Object(attributes.clone());
        let planned = plan(&provider, &state, &config)?;
        for (name, configured) in attributes {
            let planned = planned.attribute(&name).unwrap();
            if name == "password" {
                prop_assert!(planned.is_null());
            } else if !configured.is_null() && !["disks", "networks"].contains(&name.as_str()) {
                let kept = Some(planned) == state.attribute(&name);
                prop_assert!(*planned == configured || kept, "{name}: {planned:?}");
            }
        }
    }

    /// The plan runs again during apply, in another process: it has to come out the same.
    #[test]
    fn the_same_question_has_the_same_answer(first in config(), second in config()) {
        let provider = Registered::new(Cloud::default());
        let state = apply(plan(&provider, &Value::Null, &first)?);
        let again = Registered::new(Cloud::default());
        prop_assert_eq!(plan(&provider, &state, &second)?, plan(&again, &state, &second)?);
    }
}
