//! What a vendor says of itself.

use std::collections::BTreeSet;

use fleet_vending_proto::limits;
use fleet_vending_proto::v1beta1 as pb;
use prost::Message as _;
use serde_json::Value;

use crate::kit::{Kit, Tested, ensure, fail};

pub(super) async fn is_stable(kit: &Kit) -> Tested {
    let session = kit.raw().await?;
    let first = session.describe().await?;
    for (answer, which) in
        [(session.describe().await?, "the second time"), (kit.about.clone(), "in another process")]
    {
        ensure(
            answer.encode_to_vec() == first.encode_to_vec(),
            "the same answer each time",
            || format!("another one {which}:\n{first:?}\n{answer:?}"),
        )?;
    }
    ensure(!first.name.is_empty() && !first.version.is_empty(), "a name and a version", || {
        format!("name {:?}, version {:?}", first.name, first.version)
    })?;
    schema("settings_schema", &first.settings_schema)?;
    schema("vendor_settings_schema", &first.vendor_settings_schema)?;
    let arguments: BTreeSet<&String> = first.arguments.iter().collect();
    let stray: Vec<&str> = first
        .required_arguments
        .iter()
        .filter(|name| !arguments.contains(name))
        .map(String::as_str)
        .collect();
    ensure(stray.is_empty(), "required_arguments are among arguments", || stray.join(", "))?;
    let checks: BTreeSet<&String> = first.checks.iter().map(|check| &check.name).collect();
    ensure(checks.len() == first.checks.len(), "each check once", || {
        format!("{:?}", first.checks)
    })?;
    let phases: Vec<i32> = first.phases.iter().map(|phase| phase.phase).collect();
    let whole = phases.is_sorted_by(|a, b| a < b)
        && phases.last() == Some(&pb::Phase::Ready.into())
        && phases.first().is_some_and(|phase| *phase >= pb::Phase::Requested.into());
    ensure(whole, "phases in the order of the protocol, the last of them READY", || {
        format!("{:?}", first.phases)
    })
}

fn schema(name: &str, text: &str) -> Tested {
    if text.is_empty() {
        return Ok(());
    }
    let expected = format!("{name} is a JSON Schema of at most {} bytes", limits::SCHEMA);
    ensure(text.len() <= limits::SCHEMA, &expected, || format!("{} bytes", text.len()))?;
    let value: Value =
        serde_json::from_str(text).map_err(|error| fail(&expected, format!("{error}: {text}")))?;
    ensure(value.is_object(), &expected, || text.to_owned())?;
    jsonschema::draft202012::new(&value).map_err(|error| fail(&expected, error.to_string()))?;
    Ok(())
}
