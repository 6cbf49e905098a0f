//! What the CLI does and judges, written down plainly a second time.

use super::Attributes;
use crate::schema::{Block, Nesting};
use crate::value::Value;

fn of(object: &Value, name: &str) -> Value {
    object.attribute(name).cloned().unwrap_or(Value::Null)
}

/// Blocks as attributes, to which the same rules apply.
pub(super) fn all(block: &Block) -> Attributes {
    block.clone().into_nested().attributes
}

fn elements(value: &Value) -> Vec<Value> {
    match value {
        Value::List(elements) | Value::Set(elements) => elements.clone(),
        _ => Vec::new(),
    }
}

/// The state the CLI proposes.
pub(super) fn proposed(attributes: &Attributes, prior: &Value, config: &Value) -> Value {
    Value::object(attributes.iter().map(|(name, attribute)| {
        let (prior, config) = (of(prior, name), of(config, name));
        let value = match attribute.nested() {
            _ if attribute.computed && config.is_null() => prior,
            Some((nesting, object)) if config.is_known() => {
                let merge = |prior: &Value, config: &Value| match config {
                    Value::Object(_) => proposed(&object.attributes, prior, config),
                    other => other.clone(),
                };
                match (nesting, &config) {
                    (Nesting::Single, config) => merge(&prior, config),
                    (Nesting::List, Value::List(config)) => {
                        let mut prior = elements(&prior).into_iter();
                        let one = |config| merge(&prior.next().unwrap_or(Value::Null), config);
                        Value::List(config.iter().map(one).collect())
                    }
                    (Nesting::Map, Value::Map(config)) => Value::Map(
                        config
                            .iter()
                            .map(|(key, config)| {
                                let prior = match &prior {
                                    Value::Map(prior) => prior.get(key).cloned(),
                                    _ => None,
                                };
                                (key.clone(), merge(&prior.unwrap_or(Value::Null), config))
                            })
                            .collect(),
                    ),
                    (_, config) => {
                        // Where several fit, the CLI takes the first, and may so make two elements of its
                        // proposal equal. That is not the plan's to mend: here, those of which most is
                        // configured choose first.
                        let mut left = elements(&prior);
                        let mut config = elements(config);
                        config.sort_by_key(|config| std::cmp::Reverse(set(config)));
                        Value::set(config.iter().map(|config| {
                            let fits =
                                |prior: &Value| stems_from(&object.attributes, prior, config);
                            match left.iter().position(fits) {
                                Some(index) => merge(&left.remove(index), config),
                                None => config.clone(),
                            }
                        }))
                    }
                }
            }
            _ => config,
        };
        (name.clone(), value)
    }))
}

/// How much of a value is set.
fn set(value: &Value) -> usize {
    match value {
        Value::Null => 0,
        Value::List(elements) | Value::Set(elements) => 1 + elements.iter().map(set).sum::<usize>(),
        Value::Map(entries) | Value::Object(entries) => {
            1 + entries.values().map(set).sum::<usize>()
        }
        _ => 1,
    }
}

/// Has every set of a proposal as many elements as are configured? Where the CLI filled one in from state
/// that is configured beside it, the two became one, and no plan is right.
pub(super) fn is_sound(proposed: &Value, config: &Value) -> bool {
    match (proposed, config) {
        (Value::Set(proposed), Value::Set(config)) => proposed.len() == config.len(),
        (Value::List(proposed), Value::List(config)) => {
            proposed.iter().zip(config).all(|(proposed, config)| is_sound(proposed, config))
        }
        (Value::Map(proposed), Value::Map(config))
        | (Value::Object(proposed), Value::Object(config)) => {
            proposed.iter().all(|(name, value)| is_sound(value, &config[name]))
        }
        _ => true,
    }
}

/// Could `prior` have come from `config`?
fn stems_from(attributes: &Attributes, prior: &Value, config: &Value) -> bool {
    attributes.iter().all(|(name, attribute)| {
        let (prior, config) = (of(prior, name), of(config, name));
        if attribute.write_only || (attribute.computed && config.is_null()) || prior == config {
            return true;
        }
        let Some((_, object)) = attribute.nested() else { return false };
        let one = |prior: &Value, config: &Value| {
            config.is_known() && stems_from(&object.attributes, prior, config)
        };
        match (&prior, &config) {
            (Value::Object(_), Value::Object(_)) => one(&prior, &config),
            (Value::List(prior), Value::List(config)) => {
                prior.len() == config.len() && prior.iter().zip(config).all(|(p, c)| one(p, c))
            }
            (Value::Map(prior), Value::Map(config)) => {
                prior.keys().eq(config.keys())
                    && prior.values().zip(config.values()).all(|(p, c)| one(p, c))
            }
            _ => false,
        }
    })
}

/// May the CLI be given this plan?
pub(super) fn allowed(
    attributes: &Attributes,
    config: &Value,
    prior: &Value,
    planned: &Value,
) -> bool {
    attributes.iter().all(|(name, attribute)| {
        let (config, prior, planned) = (of(config, name), of(prior, name), of(planned, name));
        if attribute.write_only {
            return planned.is_null();
        }
        if planned == config || (planned == prior && !prior.is_null() && !config.is_null()) {
            return true;
        }
        if config.is_null() {
            return attribute.computed;
        }
        let Some((nesting, object)) = attribute.nested() else { return false };
        let one = |config: &Value, prior: &Value, planned: &Value| {
            allowed(&object.attributes, config, prior, planned)
        };
        match (nesting, &config, &planned) {
            (Nesting::Single, Value::Object(_), Value::Object(_)) => one(&config, &prior, &planned),
            (Nesting::List, Value::List(config), Value::List(planned)) => {
                let mut prior = elements(&prior).into_iter();
                config.len() == planned.len()
                    && config.iter().zip(planned).all(|(config, planned)| {
                        one(config, &prior.next().unwrap_or(Value::Null), planned)
                    })
            }
            (Nesting::Map, Value::Map(config), Value::Map(planned)) => {
                config.keys().eq(planned.keys())
                    && config.iter().all(|(key, config)| {
                        let prior = match &prior {
                            Value::Map(prior) => prior.get(key).cloned(),
                            _ => None,
                        };
                        one(config, &prior.unwrap_or(Value::Null), &planned[key])
                    })
            }
            (Nesting::Set, Value::Set(config), Value::Set(planned)) => {
                config.len() == planned.len()
            }
            _ => false,
        }
    })
}

/// Can this come of the plan? As the CLI compares: each element of a set with each of the other.
pub(super) fn comes_of(planned: &Value, result: &Value) -> bool {
    match (planned, result) {
        (Value::Unknown(_), result) => result.is_wholly_known(),
        (Value::Object(planned), Value::Object(result)) => {
            planned.iter().all(|(name, planned)| comes_of(planned, &result[name]))
        }
        (Value::Map(planned), Value::Map(result)) => {
            planned.keys().eq(result.keys())
                && planned.values().zip(result.values()).all(|(p, r)| comes_of(p, r))
        }
        (Value::List(planned), Value::List(result)) => {
            planned.len() == result.len() && planned.iter().zip(result).all(|(p, r)| comes_of(p, r))
        }
        (Value::Set(planned), Value::Set(result)) => {
            result.len() <= planned.len()
                && planned
                    .iter()
                    .all(|planned| result.iter().any(|result| comes_of(planned, result)))
                && result
                    .iter()
                    .all(|result| planned.iter().any(|planned| comes_of(planned, result)))
        }
        (planned, result) => planned == result,
    }
}
