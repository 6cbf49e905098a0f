//! The rules by which the CLI judges a provider's answer, checked before it is given: a breach then
//! names the attribute, and says whose fault it is.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::diagnostic::Path;
use crate::schema::{Attribute, Block, Nesting};
use crate::value::Value;

/// A value that breaks a rule, and how. The text goes on from "The value of `…`".
pub(crate) type Breach = (Path, Cow<'static, str>);

/// Where a plan (or what a data source found) breaks the rules: what is configured stays as it is, or as
/// it is in state; only what is computed and not configured is the provider's to choose; no write-only
/// value is in it.
pub(crate) fn check_plan(
    block: &Block,
    config: &Value,
    prior: &Value,
    planned: &Value,
) -> Vec<Breach> {
    let mut breaches = Vec::new();
    check_planned(&block.attributes, config, prior, planned, &Path::root(), &mut breaches);
    breaches
}

/// Where the result of an apply breaks the plan, and how.
pub(crate) fn check_result(planned: &Value, result: &Value) -> Vec<Breach> {
    let mut breaches = Vec::new();
    check_applied(planned, result, &Path::root(), &mut breaches);
    breaches
}

/// The result of an apply, made to keep the plan: what breaks it is replaced by what was planned, and what
/// is still unknown by null.
pub(crate) fn as_planned(planned: &Value, result: Value) -> Value {
    let mut breaches = Vec::new();
    check_applied(planned, &result, &Path::root(), &mut breaches);
    if breaches.is_empty() {
        return result;
    }
    match (planned, result) {
        (Value::Unknown(_), result) => without_unknown(result),
        (Value::Object(planned), Value::Object(mut result)) => {
            for (name, planned) in planned {
                let value = result.remove(name).unwrap_or(Value::Null);
                result.insert(name.clone(), as_planned(planned, value));
            }
            Value::Object(result)
        }
        (Value::Map(planned), Value::Map(result)) if planned.keys().eq(result.keys()) => {
            let pairs = planned.values().zip(result);
            Value::Map(
                pairs.map(|(planned, (key, value))| (key, as_planned(planned, value))).collect(),
            )
        }
        (Value::List(planned), Value::List(result)) if planned.len() == result.len() => {
            let pairs = planned.iter().zip(result);
            Value::List(pairs.map(|(planned, value)| as_planned(planned, value)).collect())
        }
        (planned, _) => without_unknown(planned.clone()),
    }
}

/// Where `value` is unknown.
pub(crate) fn unknown_paths(value: &Value) -> Vec<Path> {
    fn collect(value: &Value, path: &Path, paths: &mut Vec<Path>) {
        match value {
            Value::Unknown(_) => paths.push(path.clone()),
            Value::List(elements) | Value::Tuple(elements) => {
                for (index, element) in elements.iter().enumerate() {
                    let index = i64::try_from(index).unwrap_or(i64::MAX);
                    collect(element, &path.clone().index(index), paths);
                }
            }
            Value::Map(entries) => {
                for (key, entry) in entries {
                    collect(entry, &path.clone().key(key), paths);
                }
            }
            Value::Object(attributes) => {
                for (name, attribute) in attributes {
                    collect(attribute, &path.clone().nested(name), paths);
                }
            }
            // The protocol has no path into a set.
            Value::Set(_) if !value.is_wholly_known() => paths.push(path.clone()),
            Value::Dynamic(inner) => collect(&inner.1, path, paths),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Set(_) => {}
        }
    }
    let mut paths = Vec::new();
    collect(value, &Path::root(), &mut paths);
    paths
}

/// `value` with null wherever it is unknown.
pub(crate) fn without_unknown(value: Value) -> Value {
    let all = |values: Vec<Value>| values.into_iter().map(without_unknown);
    let entries = |entries: BTreeMap<String, Value>| {
        entries.into_iter().map(|(key, value)| (key, without_unknown(value))).collect()
    };
    match value {
        Value::Unknown(_) => Value::Null,
        Value::List(elements) => Value::List(all(elements).collect()),
        Value::Set(elements) => Value::set(all(elements)),
        Value::Tuple(elements) => Value::Tuple(all(elements).collect()),
        Value::Map(values) => Value::Map(entries(values)),
        Value::Object(values) => Value::Object(entries(values)),
        Value::Dynamic(inner) => Value::Dynamic(Box::new((inner.0, without_unknown(inner.1)))),
        known => known,
    }
}

fn check_planned(
    attributes: &BTreeMap<String, Attribute>,
    config: &Value,
    prior: &Value,
    planned: &Value,
    path: &Path,
    breaches: &mut Vec<Breach>,
) {
    const NULL: &Value = &Value::Null;
    for (name, attribute) in attributes {
        let path = path.clone().nested(name);
        let config = config.attribute(name).unwrap_or(NULL);
        let prior = prior.attribute(name).unwrap_or(NULL);
        let planned = planned.attribute(name).unwrap_or(NULL);
        if attribute.write_only {
            if !planned.is_null() {
                breaches.push((path, "has a value, though the attribute is write-only".into()));
            }
        } else if config.is_null() {
            // Not configured: the provider's to choose, if it computes the attribute at all.
            if !attribute.computed && !planned.is_null() {
                breaches.push((
                    path,
                    "has a value, though it is neither configured nor computed".into(),
                ));
            }
        } else if planned != config && (planned != prior || prior.is_null()) {
            match attribute.nested() {
                Some((nesting, object)) if planned.is_known() && config.is_known() => {
                    let attributes = &object.attributes;
                    check_nested(nesting, attributes, config, prior, planned, &path, breaches);
                }
                _ => breaches
                    .push((path, "is neither what is configured nor what is in state".into())),
            }
        }
    }
}

fn check_nested(
    nesting: Nesting,
    attributes: &BTreeMap<String, Attribute>,
    config: &Value,
    prior: &Value,
    planned: &Value,
    path: &Path,
    breaches: &mut Vec<Breach>,
) {
    const NULL: &Value = &Value::Null;
    match (nesting, config, planned) {
        (Nesting::Single, config, planned) => {
            check_planned(attributes, config, prior, planned, path, breaches);
        }
        (Nesting::List, Value::List(config), Value::List(planned))
            if config.len() == planned.len() =>
        {
            for (index, (config, planned)) in config.iter().zip(planned).enumerate() {
                let prior = match prior {
                    Value::List(prior) => prior.get(index).unwrap_or(NULL),
                    _ => NULL,
                };
                let path = path.clone().index(i64::try_from(index).unwrap_or(i64::MAX));
                check_element(attributes, config, prior, planned, &path, breaches);
            }
        }
        (Nesting::Map, Value::Map(config), Value::Map(planned))
            if config.keys().eq(planned.keys()) =>
        {
            for ((key, config), planned) in config.iter().zip(planned.values()) {
                let prior = match prior {
                    Value::Map(prior) => prior.get(key).unwrap_or(NULL),
                    _ => NULL,
                };
                check_element(attributes, config, prior, planned, &path.clone().key(key), breaches);
            }
        }
        // Which planned element belongs to which configured one is not certain in a set. The CLI, too,
        // looks only at how many there are.
        (Nesting::Set, Value::Set(config), Value::Set(planned))
            if config.len() == planned.len() => {}
        _ => breaches.push((path.clone(), "has other elements than are configured".into())),
    }
}

fn check_element(
    attributes: &BTreeMap<String, Attribute>,
    config: &Value,
    prior: &Value,
    planned: &Value,
    path: &Path,
    breaches: &mut Vec<Breach>,
) {
    if config.is_known() && planned.is_known() {
        check_planned(attributes, config, prior, planned, path, breaches);
    } else if config != planned {
        breaches.push((path.clone(), "is neither what is configured nor what is in state".into()));
    }
}

fn check_applied(planned: &Value, result: &Value, path: &Path, breaches: &mut Vec<Breach>) {
    const CHANGED: Cow<'static, str> = Cow::Borrowed("is not what was planned");
    let index = |index: usize| path.clone().index(i64::try_from(index).unwrap_or(i64::MAX));
    match (planned, result) {
        (_, Value::Unknown(_)) => breaches.push((path.clone(), "is still unknown".into())),
        (Value::Unknown(_), result) if !result.is_wholly_known() => {
            breaches.push((path.clone(), "is still unknown in part".into()));
        }
        (Value::Unknown(unknown), result) => {
            let promised = unknown.refinement().map_or(Ok(()), |promised| promised.check(result));
            if let Err(broken) = promised {
                let how = format!("is not what the plan promised: it {broken}");
                breaches.push((path.clone(), how.into()));
            }
        }
        (Value::Object(planned), Value::Object(result)) => {
            for (name, planned) in planned {
                if let Some(result) = result.get(name) {
                    check_applied(planned, result, &path.clone().nested(name), breaches);
                }
            }
        }
        (Value::Map(planned), Value::Map(result)) if planned.keys().eq(result.keys()) => {
            for ((key, planned), result) in planned.iter().zip(result.values()) {
                check_applied(planned, result, &path.clone().key(key), breaches);
            }
        }
        (Value::List(planned), Value::List(result))
        | (Value::Tuple(planned), Value::Tuple(result))
            if planned.len() == result.len() =>
        {
            for (position, (planned, result)) in planned.iter().zip(result).enumerate() {
                check_applied(planned, result, &index(position), breaches);
            }
        }
        (Value::Set(planned), Value::Set(result))
            if !planned.iter().all(Value::is_wholly_known) =>
        {
            // An unknown element may become anything, also equal to another: so the known ones have to
            // be there, and there cannot be more than planned.
            let kept = planned
                .iter()
                .filter(|element| element.is_wholly_known())
                .all(|element| result.binary_search(element).is_ok());
            if !kept || result.len() > planned.len() {
                breaches.push((path.clone(), CHANGED));
            } else if !result.iter().all(Value::is_wholly_known) {
                breaches.push((path.clone(), "is still unknown in part".into()));
            }
        }
        (Value::Dynamic(planned), Value::Dynamic(result)) if planned.0 == result.0 => {
            check_applied(&planned.1, &result.1, path, breaches);
        }
        (planned, result) if planned == result => {}
        _ => breaches.push((path.clone(), CHANGED)),
    }
}
