//! A walk over the attributes of an object that sees, for each, its configuration, its state and its
//! planned value side by side, down into nested attributes and blocks.

use std::collections::{BTreeMap, BTreeSet};

use super::level::Level;
use super::level::pairs::Elements;
use crate::diagnostic::Path;
use crate::schema::{Attribute, Nesting};
use crate::value::Value;

pub(super) static NULL: Value = Value::Null;
static UNKNOWN: Value = Value::UNKNOWN;

/// The way to where the walk stands. Hardly anything asks for it, so it is no path until something does.
#[derive(Clone, Copy)]
pub(super) enum Trail<'a> {
    Root,
    Attribute(&'a Trail<'a>, &'a str),
    Key(&'a Trail<'a>, &'a str),
    Index(&'a Trail<'a>, usize),
}

impl Trail<'_> {
    pub(super) fn to_path(self) -> Path {
        match self {
            Self::Root => Path::root(),
            Self::Attribute(before, name) => before.to_path().nested(name),
            Self::Key(before, key) => before.to_path().key(key),
            Self::Index(before, index) => {
                before.to_path().index(i64::try_from(index).unwrap_or(i64::MAX))
            }
        }
    }
}

/// Where the walk stands.
pub(super) struct Site<'a> {
    pub(super) attribute: &'a Attribute,
    pub(super) config: &'a Value,
    /// None where the object that has the attribute is not in state: on create, or in a new element.
    pub(super) prior: Option<&'a Value>,
    pub(super) path: Trail<'a>,
}

/// What is done on a walk, and to which attributes: it goes nowhere where there are none.
pub(super) struct Task<'t> {
    pub(super) wanted: &'t dyn Fn(&Attribute) -> bool,
    pub(super) act: &'t mut dyn FnMut(&Site<'_>, &mut Value),
}

/// Does the task for each wanted attribute, then walks into the nested attributes that are both
/// configured and planned. What is not configured is the provider's as a whole, and nothing in it is
/// planned for itself.
pub(super) fn walk(
    level: Level<'_>,
    config: &Value,
    prior: Option<&Value>,
    planned: &mut Value,
    path: Trail<'_>,
    task: &mut Task<'_>,
) {
    let Value::Object(planned) = planned else { return };
    for (name, attribute) in level.attributes() {
        let wanted = (task.wanted)(attribute);
        let nested = Level::of_attribute(attribute).filter(|(_, nested)| nested.any(task.wanted));
        if !wanted && nested.is_none() {
            continue;
        }
        let Some(planned) = planned.get_mut(name) else { continue };
        let path = Trail::Attribute(&path, name);
        let config = attribute_of(config, name);
        let prior = prior.and_then(|prior| prior.attribute(name));
        if wanted {
            (task.act)(&Site { attribute, config, prior, path }, planned);
        }
        if let Some((nesting, nested)) = nested
            && config.is_known()
        {
            walk_nested(nesting, nested, config, prior, planned, path, task);
        }
    }
    for (name, nesting, nested) in level.blocks() {
        if !nested.any(task.wanted) {
            continue;
        }
        let Some(planned) = planned.get_mut(name) else { continue };
        let config = attribute_of(config, name);
        if config.is_known() {
            let prior = prior.and_then(|prior| prior.attribute(name));
            let path = Trail::Attribute(&path, name);
            walk_nested(nesting, nested, config, prior, planned, path, task);
        }
    }
}

fn attribute_of<'a>(object: &'a Value, name: &str) -> &'a Value {
    if object.is_unknown() { &UNKNOWN } else { object.attribute(name).unwrap_or(&NULL) }
}

fn walk_nested(
    nesting: Nesting,
    level: Level<'_>,
    config: &Value,
    prior: Option<&Value>,
    planned: &mut Value,
    path: Trail<'_>,
    task: &mut Task<'_>,
) {
    match (nesting, planned, config) {
        (Nesting::Single, planned, config) => {
            let prior = prior.filter(|prior| prior.is_known());
            walk(level, config, prior, planned, path, task);
        }
        (Nesting::List, Value::List(planned), Value::List(config)) => {
            let prior = match prior {
                Some(Value::List(prior)) => prior.as_slice(),
                _ => &[],
            };
            for (index, planned) in planned.iter_mut().enumerate() {
                let config = config.get(index).unwrap_or(&NULL);
                let path = Trail::Index(&path, index);
                walk(level, config, prior.get(index), planned, path, task);
            }
        }
        (Nesting::Map, Value::Map(planned), Value::Map(config)) => {
            let none = BTreeMap::new();
            let prior = match prior {
                Some(Value::Map(prior)) => prior,
                _ => &none,
            };
            for (key, planned) in planned {
                let config = config.get(key).unwrap_or(&NULL);
                walk(level, config, prior.get(key), planned, Trail::Key(&path, key), task);
            }
        }
        (Nesting::Set, Value::Set(planned), Value::Set(config)) => {
            let prior = match prior {
                Some(Value::Set(prior)) => prior.as_slice(),
                _ => &[],
            };
            walk_set(level, config, prior, planned, path, task);
        }
        _ => {}
    }
}

fn walk_set(
    level: Level<'_>,
    config: &[Value],
    prior: &[Value],
    planned: &mut Vec<Value>,
    path: Trail<'_>,
    task: &mut Task<'_>,
) {
    let from_config = |planned: &Value, config: &Value| level.may_become(config, planned);
    let configs = Elements::new(level, config).find_all(planned, &[&from_config]);
    // The CLI proposes for an element what is in the state of the one that its configuration fits. Where
    // what is configured of it changed, the element that has the same otherwise is still the same.
    let from_prior = |planned: &Value, prior: &Value| level.may_have_been(planned, prior);
    let changed = |planned: &Value, prior: &Value| level.is_same_but_for_spelling(prior, planned);
    let priors = Elements::new(level, prior).find_all(planned, &[&from_prior, &changed]);
    let vague: Vec<(usize, Value)> = planned
        .iter()
        .enumerate()
        .filter(|(_, element)| !element.is_wholly_known())
        .map(|(index, element)| (index, element.clone()))
        .collect();
    for ((element, config), prior) in planned.iter_mut().zip(configs).zip(priors) {
        // The protocol has no path into a set: whatever happens in it is reported at the set.
        let act =
            &mut |site: &Site<'_>, value: &mut Value| (task.act)(&Site { path, ..*site }, value);
        let mut task = Task { wanted: task.wanted, act };
        walk(level, config.unwrap_or(&NULL), prior, element, Trail::Root, &mut task);
    }
    keep_apart(planned, vague);
    // Elements may have become equal, or changed their order.
    if let Value::Set(elements) = Value::set(std::mem::take(planned)) {
        *planned = elements;
    }
}

/// Makes an element vague again where what was kept from state made it equal to another: one of the two would be
/// lost, and a plan has as many elements as the configuration. `vague` has them as they were.
fn keep_apart(planned: &mut [Value], vague: Vec<(usize, Value)>) {
    let settled: Vec<_> =
        vague.into_iter().filter(|(index, _)| planned[*index].is_wholly_known()).collect();
    if settled.is_empty() {
        return;
    }
    let mut by_value: Vec<usize> = (0..planned.len()).collect();
    by_value.sort_unstable_by(|one, other| planned[*one].cmp(&planned[*other]));
    let equal: BTreeSet<usize> = by_value
        .windows(2)
        .filter(|pair| planned[pair[0]] == planned[pair[1]])
        .flat_map(|pair| [pair[0], pair[1]])
        .collect();
    for (index, before) in settled {
        if equal.contains(&index) {
            planned[index] = before;
        }
    }
}
