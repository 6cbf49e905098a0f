//! What may be in a plan, and in what a data source found.

use std::collections::{BTreeMap, BTreeSet};

use super::Breach;
use crate::plan::level::Level;
use crate::plan::level::pairs::Elements;
use crate::plan::walk::{NULL, Trail};
use crate::schema::Nesting;
use crate::value::Value;

const NEITHER: &str = "is neither what is configured nor what is in state";

/// Checks one object, and collects what breaks the rules.
pub(super) fn check(
    level: Level<'_>,
    config: &Value,
    prior: &Value,
    planned: &Value,
    path: Trail<'_>,
    breaches: &mut Vec<Breach>,
) {
    for (name, attribute) in level.attributes() {
        let path = Trail::Attribute(&path, name);
        let config = config.attribute(name).unwrap_or(&NULL);
        let prior = prior.attribute(name).unwrap_or(&NULL);
        let planned = planned.attribute(name).unwrap_or(&NULL);
        if attribute.write_only {
            if !planned.is_null() {
                breach(breaches, path, "has a value, though the attribute is write-only");
            }
        } else if config.is_null() {
            // Not configured: the provider's to choose, if it computes the attribute at all.
            if !attribute.computed && !planned.is_null() {
                let how = "has a value, though it is neither configured nor computed";
                breach(breaches, path, how);
            }
        } else if planned != config && (planned != prior || prior.is_null()) {
            match Level::of_attribute(attribute) {
                Some((nesting, level)) if planned.is_known() && config.is_known() => {
                    check_nested(nesting, level, config, prior, planned, path, breaches);
                }
                _ => breach(breaches, path, NEITHER),
            }
        }
    }
    for (name, nesting, level) in level.blocks() {
        let path = Trail::Attribute(&path, name);
        let config = config.attribute(name).unwrap_or(&NULL);
        let prior = prior.attribute(name).unwrap_or(&NULL);
        let planned = planned.attribute(name).unwrap_or(&NULL);
        if planned == config {
            continue;
        }
        if config.is_known() && planned.is_known() {
            check_nested(nesting, level, config, prior, planned, path, breaches);
        } else {
            breach(breaches, path, "has other blocks than are configured");
        }
    }
}

fn check_nested(
    nesting: Nesting,
    level: Level<'_>,
    config: &Value,
    prior: &Value,
    planned: &Value,
    path: Trail<'_>,
    breaches: &mut Vec<Breach>,
) {
    match (nesting, config, planned) {
        (Nesting::Single, Value::Object(_), Value::Object(_)) => {
            check(level, config, prior, planned, path, breaches);
        }
        (Nesting::List, Value::List(config), Value::List(planned))
            if config.len() == planned.len() =>
        {
            for (index, (config, planned)) in config.iter().zip(planned).enumerate() {
                let prior = match prior {
                    Value::List(prior) => prior.get(index).unwrap_or(&NULL),
                    _ => &NULL,
                };
                let path = Trail::Index(&path, index);
                check_element(level, config, prior, planned, path, breaches);
            }
        }
        (Nesting::Map, Value::Map(config), Value::Map(planned))
            if config.keys().eq(planned.keys()) =>
        {
            for ((key, config), planned) in config.iter().zip(planned.values()) {
                let prior = match prior {
                    Value::Map(prior) => prior.get(key).unwrap_or(&NULL),
                    _ => &NULL,
                };
                check_element(level, config, prior, planned, Trail::Key(&path, key), breaches);
            }
        }
        (Nesting::Set, Value::Set(config), Value::Set(planned))
            if config.len() == planned.len() =>
        {
            let prior = match prior {
                Value::Set(prior) => prior.as_slice(),
                _ => &[],
            };
            check_set(level, config, prior, planned, path, breaches);
        }
        _ => breach(breaches, path, "has other elements than are configured"),
    }
}

fn check_element(
    level: Level<'_>,
    config: &Value,
    prior: &Value,
    planned: &Value,
    path: Trail<'_>,
    breaches: &mut Vec<Breach>,
) {
    if config.is_known() && planned.is_known() {
        check(level, config, prior, planned, path, breaches);
    } else if config != planned {
        breach(breaches, path, NEITHER);
    }
}

/// Each planned element has to be a configured one with what the provider computes. The CLI itself looks
/// only at how many there are, since a plan may also take a part of an element from state (another
/// spelling of the same): so where no configured element fits, each value has to be from one of the two.
fn check_set(
    level: Level<'_>,
    config: &[Value],
    prior: &[Value],
    planned: &[Value],
    path: Trail<'_>,
    breaches: &mut Vec<Breach>,
) {
    let fits = |planned: &Value, config: &Value| {
        let mut breaches = Vec::new();
        check_element(level, config, &NULL, planned, Trail::Root, &mut breaches);
        breaches.is_empty()
    };
    let found = Elements::new(level, config).find_all(planned, &[&fits]);
    let strange: Vec<&Value> = planned
        .iter()
        .zip(found)
        .filter(|(_, found)| found.is_none())
        .map(|(one, _)| one)
        .collect();
    if strange.is_empty() {
        return;
    }
    let mut known: BTreeMap<&str, BTreeSet<&Value>> = BTreeMap::new();
    for element in config.iter().chain(prior) {
        for (name, value) in element.attributes().into_iter().flatten() {
            known.entry(name).or_default().insert(value);
        }
    }
    let invented = |element: &Value| {
        level.attributes().iter().find_map(|(name, attribute)| {
            let value = element.attribute(name).unwrap_or(&NULL);
            let own = !attribute.computed && attribute.nested().is_none();
            let seen = known.get(name.as_str()).is_some_and(|seen| seen.contains(value));
            (own && !seen).then_some(name)
        })
    };
    if let Some(name) = strange.into_iter().find_map(invented) {
        let how = format!("has an element whose `{name}` is neither configured nor in state");
        breaches.push((path.to_path(), how.into()));
    }
}

fn breach(breaches: &mut Vec<Breach>, path: Trail<'_>, how: &'static str) {
    breaches.push((path.to_path(), how.into()));
}
