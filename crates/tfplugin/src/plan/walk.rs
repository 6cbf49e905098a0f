//! A walk over the attributes of an object that sees, for each, its configuration, its state and its
//! planned value side by side, down into nested attributes.

use std::collections::BTreeMap;

use crate::diagnostic::Path;
use crate::schema::{Attribute, NestedObject, Nesting};
use crate::value::Value;

static NULL: Value = Value::Null;
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

/// Calls `act` for each attribute, then walks into the nested attributes that are both configured and
/// planned. What is not configured is the provider's as a whole, and nothing in it is planned for itself.
pub(super) fn walk(
    attributes: &BTreeMap<String, Attribute>,
    config: &Value,
    prior: Option<&Value>,
    planned: &mut Value,
    path: Trail<'_>,
    act: &mut dyn FnMut(&Site<'_>, &mut Value),
) {
    let Value::Object(planned) = planned else { return };
    for (name, attribute) in attributes {
        let Some(planned) = planned.get_mut(name) else { continue };
        let path = Trail::Attribute(&path, name);
        let config = attribute_of(config, name);
        let prior = prior.and_then(|prior| prior.attribute(name));
        act(&Site { attribute, config, prior, path }, planned);
        if let Some((nesting, object)) = attribute.nested()
            && config.is_known()
        {
            walk_nested(nesting, object, config, prior, planned, path, act);
        }
    }
}

fn attribute_of<'a>(object: &'a Value, name: &str) -> &'a Value {
    if object.is_unknown() { &UNKNOWN } else { object.attribute(name).unwrap_or(&NULL) }
}

fn walk_nested(
    nesting: Nesting,
    object: &NestedObject,
    config: &Value,
    prior: Option<&Value>,
    planned: &mut Value,
    path: Trail<'_>,
    act: &mut dyn FnMut(&Site<'_>, &mut Value),
) {
    let attributes = &object.attributes;
    match (nesting, planned, config) {
        (Nesting::Single, planned, config) => {
            let prior = prior.filter(|prior| prior.is_known());
            walk(attributes, config, prior, planned, path, act);
        }
        (Nesting::List, Value::List(planned), Value::List(config)) => {
            let prior = match prior {
                Some(Value::List(prior)) => prior.as_slice(),
                _ => &[],
            };
            for (index, planned) in planned.iter_mut().enumerate() {
                let config = config.get(index).unwrap_or(&NULL);
                let path = Trail::Index(&path, index);
                walk(attributes, config, prior.get(index), planned, path, act);
            }
        }
        (Nesting::Map, Value::Map(planned), Value::Map(config)) => {
            for (key, planned) in planned {
                let config = config.get(key).unwrap_or(&NULL);
                let prior = match prior {
                    Some(Value::Map(prior)) => prior.get(key),
                    _ => None,
                };
                walk(attributes, config, prior, planned, Trail::Key(&path, key), act);
            }
        }
        (Nesting::Set, Value::Set(planned), Value::Set(config)) => {
            let mut configs = Identities::new(object, config);
            let mut priors = Identities::new(
                object,
                match prior {
                    Some(Value::Set(prior)) => prior,
                    _ => &[],
                },
            );
            for element in planned.iter_mut() {
                let identity = identity(object, element);
                let config = configs.take(&identity).unwrap_or(&NULL);
                let prior = priors.take(&identity);
                // The protocol has no path into a set: whatever happens in it is reported at the set.
                walk(attributes, config, prior, element, Trail::Root, &mut |site, value| {
                    act(&Site { path, ..*site }, value);
                });
            }
            // Elements may have become equal, or changed their order.
            let Value::Set(elements) = Value::set(std::mem::take(planned)) else { return };
            *planned = elements;
        }
        _ => {}
    }
}

/// The elements of a set by what is theirs whatever the provider computes: so an element of the plan finds
/// itself in configuration and state.
struct Identities<'a>(BTreeMap<Value, Vec<&'a Value>>);

impl<'a> Identities<'a> {
    fn new(object: &NestedObject, elements: &'a [Value]) -> Self {
        let mut by_identity: BTreeMap<Value, Vec<&'a Value>> = BTreeMap::new();
        for element in elements.iter().rev() {
            by_identity.entry(identity(object, element)).or_default().push(element);
        }
        Self(by_identity)
    }

    fn take(&mut self, identity: &Value) -> Option<&'a Value> {
        self.0.get_mut(identity)?.pop()
    }
}

fn identity(object: &NestedObject, element: &Value) -> Value {
    let Value::Object(values) = element else { return element.clone() };
    let own = |name: &String| {
        object
            .attributes
            .get(name)
            .is_some_and(|attribute| !attribute.computed && !attribute.write_only)
    };
    Value::Object(
        values
            .iter()
            .filter(|(name, _)| own(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
    )
}
