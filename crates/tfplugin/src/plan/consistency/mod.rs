//! The rules by which the CLI judges a provider's answer, checked before it is given: a breach then
//! names the attribute, and says whose fault it is.

mod applied;
mod planned;

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::walk::Trail;
use crate::diagnostic::Path;
use crate::schema::Block;
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
    planned::check(block.into(), config, prior, planned, Trail::Root, &mut breaches);
    breaches
}

/// Where the result of an apply breaks the plan, and how.
pub(crate) fn check_result(planned: &Value, result: &Value) -> Vec<Breach> {
    let mut breaches = Vec::new();
    applied::check(planned, result, Trail::Root, &mut breaches);
    breaches
}

/// The result of an apply, made to keep the plan: what breaks it is replaced by what was planned, and what
/// is still unknown by null.
pub(crate) fn as_planned(planned: &Value, result: Value) -> Value {
    if check_result(planned, &result).is_empty() {
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
