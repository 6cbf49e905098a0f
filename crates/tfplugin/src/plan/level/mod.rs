//! The attributes and blocks at one level of a schema: of a resource, of a nested object, of a block.

pub(super) mod pairs;

use std::collections::BTreeMap;

use super::modifier::{is_respelled, keeps_spelling};
use crate::schema::{Attribute, Block, NestedBlock, NestedObject, Nesting};
use crate::value::Value;
use pairs::Elements;

/// The attributes and blocks of one object.
#[derive(Clone, Copy)]
pub(super) struct Level<'a> {
    attributes: &'a BTreeMap<String, Attribute>,
    blocks: Option<&'a BTreeMap<String, NestedBlock>>,
}

impl<'a> From<&'a Block> for Level<'a> {
    fn from(block: &'a Block) -> Self {
        Self { attributes: &block.attributes, blocks: Some(&block.blocks) }
    }
}

impl<'a> From<&'a NestedObject> for Level<'a> {
    fn from(object: &'a NestedObject) -> Self {
        Self { attributes: &object.attributes, blocks: None }
    }
}

impl<'a> Level<'a> {
    pub(super) const fn attributes(self) -> &'a BTreeMap<String, Attribute> {
        self.attributes
    }

    /// The blocks with how they are gathered and what is in each.
    pub(super) fn blocks(self) -> impl Iterator<Item = (&'a str, Nesting, Self)> {
        self.blocks
            .into_iter()
            .flatten()
            .map(|(name, nested)| (name.as_str(), nested.nesting, Level::from(&nested.block)))
    }

    /// The level below an attribute, if it has nested attributes.
    pub(super) fn of_attribute(attribute: &'a Attribute) -> Option<(Nesting, Self)> {
        attribute.nested().map(|(nesting, object)| (nesting, object.into()))
    }

    /// Is there an attribute like this, however deep? Most schemas have none, and their values need no
    /// walk.
    pub(super) fn any(self, like: &dyn Fn(&Attribute) -> bool) -> bool {
        let of_attribute = |attribute: &Attribute| {
            like(attribute)
                || Level::of_attribute(attribute).is_some_and(|(_, level)| level.any(like))
        };
        self.attributes.values().any(of_attribute)
            || self.blocks().any(|(_, _, level)| level.any(like))
    }

    /// Is it sure what is in such an object, whatever the provider computes?
    fn is_all_configured(self) -> bool {
        !self.any(&|attribute| {
            attribute.computed || attribute.write_only || keeps_spelling(attribute)
        })
    }

    /// What of an object is its own whatever the provider computes, to find it among others. What may be
    /// spelled in several ways is left out, and nested objects of which the provider computes a part.
    pub(super) fn identity(self, object: &Value) -> Vec<&Value> {
        let Value::Object(values) = object else { return vec![object] };
        let own = self.attributes.iter().filter(|(_, attribute)| {
            !attribute.computed
                && !attribute.write_only
                && !keeps_spelling(attribute)
                && Level::of_attribute(attribute).is_none_or(|(_, level)| level.is_all_configured())
        });
        let blocks = self.blocks().filter(|(_, _, level)| level.is_all_configured());
        own.map(|(name, _)| name.as_str())
            .chain(blocks.map(|(name, _, _)| name))
            .filter_map(|name| values.get(name))
            .collect()
    }

    /// Is what may be spelled in several ways, and is not the provider's to choose, the same in both?
    pub(super) fn is_same_but_for_spelling(self, prior: &Value, new: &Value) -> bool {
        self.attributes.iter().filter(|(_, found)| keeps_spelling(found) && !found.computed).all(
            |(name, attribute)| match (prior.attribute(name), new.attribute(name)) {
                (Some(prior), Some(new)) => prior == new || is_respelled(attribute, prior, new),
                (prior, new) => prior == new,
            },
        )
    }

    /// May `config` have become `value`, by what the provider computes? Everything that is configured is
    /// the same in it, in whatever spelling, and only what is computed has a value where nothing is configured.
    /// Sets inside of elements of sets are not looked into.
    pub(super) fn may_become(self, config: &Value, value: &Value) -> bool {
        self.fits(config, value, Fit { is_free: Value::is_null, is_deep: false })
    }

    /// May `prior` be the state of what is planned as `planned`? As above, and what is computed may be anything
    /// where its plan is not known yet.
    pub(super) fn may_have_been(self, planned: &Value, prior: &Value) -> bool {
        self.fits(planned, prior, Fit { is_free: |planned| !planned.is_known(), is_deep: false })
    }

    /// Is nothing configured that is not in `prior`, and nothing in it that is neither configured nor computed? As
    /// the first, and every set is looked into: there are elements for its elements, whatever their order.
    pub(super) fn is_unchanged(self, config: &Value, prior: &Value) -> bool {
        self.fits(config, prior, Fit { is_free: Value::is_null, is_deep: true })
    }

    fn fits(self, config: &Value, value: &Value, by: Fit) -> bool {
        let (Value::Object(configs), Value::Object(values)) = (config, value) else {
            return config == value;
        };
        self.attributes.iter().all(|(name, attribute)| {
            let (Some(config), Some(value)) = (configs.get(name), values.get(name)) else {
                return false;
            };
            if attribute.write_only
                || (attribute.computed && (by.is_free)(config))
                || config == value
                || is_respelled(attribute, value, config)
            {
                return true;
            }
            Level::of_attribute(attribute)
                .is_some_and(|(nesting, level)| level.nested_fits(nesting, config, value, by))
        }) && self.blocks().all(|(name, nesting, level)| {
            let (Some(config), Some(value)) = (configs.get(name), values.get(name)) else {
                return false;
            };
            config == value || level.nested_fits(nesting, config, value, by)
        })
    }

    fn nested_fits(self, nesting: Nesting, config: &Value, value: &Value, by: Fit) -> bool {
        match (nesting, config, value) {
            (Nesting::Single, config, value) => self.fits(config, value, by),
            (Nesting::List, Value::List(config), Value::List(value)) => {
                config.len() == value.len()
                    && config.iter().zip(value).all(|(config, value)| self.fits(config, value, by))
            }
            (Nesting::Map, Value::Map(config), Value::Map(value)) => {
                config.keys().eq(value.keys())
                    && config.values().zip(value.values()).all(|(c, v)| self.fits(c, v, by))
            }
            (Nesting::Set, Value::Set(config), Value::Set(value)) => {
                let fits = |config: &Value, value: &Value| self.fits(config, value, by);
                config.len() == value.len()
                    && (!by.is_deep
                        || Elements::new(self, value)
                            .find_all(config, &[&fits])
                            .iter()
                            .all(Option::is_some))
            }
            _ => false,
        }
    }
}

/// When an object is the same as its configuration, but for what is computed.
#[derive(Clone, Copy)]
struct Fit {
    /// Is what is computed free to be anything by this configuration of it?
    is_free: fn(&Value) -> bool,
    /// Are the elements of sets looked for among each other? Of elements that are themselves looked for, it is
    /// enough that there are as many.
    is_deep: bool,
}
