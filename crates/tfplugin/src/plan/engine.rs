//! The steps from the CLI's proposal to a plan that need no resource: all of them follow from the schema.

use std::collections::{BTreeMap, BTreeSet};

use super::Draft;
use super::modifier::{Modifier, Rule};
use super::walk::{Site, Trail, walk};
use crate::diagnostic::Path;
use crate::schema::{Attribute, Block};
use crate::value::Value;

/// The plan the schema makes of the CLI's `proposed` state. `prior` is null on create.
pub(crate) fn propose<'a>(
    block: &'a Block,
    config: &'a Value,
    prior: &'a Value,
    proposed: Value,
) -> Draft<'a> {
    let mut draft =
        Draft { block, config, prior, planned: proposed, requires_replace: BTreeSet::new() };
    draft.each(|site, planned| {
        if let Some(default) = &site.attribute.default
            && site.config.is_null()
        {
            planned.clone_from(default);
        }
    });
    draft.each(|site, planned| {
        if site.attribute.write_only {
            *planned = Value::Null;
        }
    });
    // Before the question whether anything changes: another spelling of the same is no change, and must
    // not make computed values unknown.
    draft.each(keep_equal_spelling);
    if draft.planned != *prior {
        draft.each(|site, planned| {
            let attribute = site.attribute;
            if attribute.computed && attribute.default.is_none() && site.config.is_null() {
                *planned = Value::Unknown(attribute.unknown.clone());
            }
        });
    }
    let mut requires_replace = BTreeSet::new();
    draft.each(|site, planned| modify(site, planned, &mut requires_replace));
    if prior.is_known() {
        draft.requires_replace = requires_replace;
    }
    draft
}

/// Says of each unknown value of the provider's in `planned` what the schema knows of it.
pub(crate) fn refine(block: &Block, config: &Value, planned: &mut Value) {
    if !any(&block.attributes, &|attribute| attribute.unknown.refinement().is_some()) {
        return;
    }
    walk(&block.attributes, config, None, planned, Trail::Root, &mut |site, planned| {
        // What is configured and not known yet is not the provider's to promise.
        if site.config.is_null() {
            refine_own(site.attribute, planned);
        }
    });
}

/// The same for an attribute that is not configured, and so the provider's as a whole.
fn refine_own(attribute: &Attribute, planned: &mut Value) {
    if let Value::Unknown(unknown) = planned {
        if unknown.refinement().is_none() {
            unknown.clone_from(&attribute.unknown);
        }
        return;
    }
    let Some((_, object)) = attribute.nested() else { return };
    let each = |element: &mut Value| {
        let Value::Object(values) = element else { return };
        for (name, attribute) in &object.attributes {
            if let Some(value) = values.get_mut(name) {
                refine_own(attribute, value);
            }
        }
    };
    match planned {
        Value::List(elements) | Value::Set(elements) => elements.iter_mut().for_each(each),
        Value::Map(entries) => entries.values_mut().for_each(each),
        object => each(object),
    }
}

/// Keeps the spelling of `prior` in `new` wherever the two mean the same by the schema: for what a read
/// or an apply brings back.
pub(crate) fn keep_equal_spellings(block: &Block, prior: &Value, new: &mut Value) {
    let keeps = |rule: &Modifier| matches!(rule.0, Rule::KeepPriorWhenEqual(_));
    let wanted = any(&block.attributes, &|attribute| attribute.modifiers.iter().any(keeps));
    if !wanted || !prior.is_known() || !new.is_known() {
        return;
    }
    // Taken as its own configuration, an object is walked wherever it is known.
    let config = new.clone();
    walk(&block.attributes, &config, Some(prior), new, Trail::Root, &mut keep_equal_spelling);
}

/// Takes every write-only value out of `value`.
pub(crate) fn without_write_only(block: &Block, value: &mut Value) {
    if !any(&block.attributes, &|attribute| attribute.write_only) {
        return;
    }
    let config = value.clone();
    walk(&block.attributes, &config, None, value, Trail::Root, &mut |site, value| {
        if site.attribute.write_only {
            *value = Value::Null;
        }
    });
}

/// The write-only attributes that `config` sets.
pub(crate) fn configured_write_only(block: &Block, config: &Value) -> Vec<Path> {
    let mut paths = Vec::new();
    if !any(&block.attributes, &|attribute| attribute.write_only) {
        return paths;
    }
    let mut copy = config.clone();
    walk(&block.attributes, config, None, &mut copy, Trail::Root, &mut |site, _| {
        if site.attribute.write_only && !site.config.is_null() {
            paths.push(site.path.to_path());
        }
    });
    paths
}

/// Is there an attribute like this, however deep? Most schemas have none, and their values need no walk.
fn any(attributes: &BTreeMap<String, Attribute>, like: &dyn Fn(&Attribute) -> bool) -> bool {
    attributes.values().any(|attribute| {
        like(attribute)
            || attribute.nested().is_some_and(|(_, object)| any(&object.attributes, like))
    })
}

impl<'a> Draft<'a> {
    /// The plan to delete: nothing.
    pub(crate) fn delete(block: &'a Block, config: &'a Value, prior: &'a Value) -> Self {
        let requires_replace = BTreeSet::new();
        Self { block, config, prior, planned: Value::Null, requires_replace }
    }

    fn each(&mut self, mut act: impl FnMut(&Site<'_>, &mut Value)) {
        let prior = self.prior.is_known().then_some(self.prior);
        let attributes = &self.block.attributes;
        walk(attributes, self.config, prior, &mut self.planned, Trail::Root, &mut act);
    }
}

fn keep_equal_spelling(site: &Site<'_>, planned: &mut Value) {
    for modifier in &site.attribute.modifiers {
        if let Rule::KeepPriorWhenEqual(equal) = modifier.0
            && let Some(prior) = site.prior
            && prior.is_known()
            && planned.is_known()
            && planned != prior
            && equal(prior, planned)
        {
            planned.clone_from(prior);
        }
    }
}

fn modify(site: &Site<'_>, planned: &mut Value, requires_replace: &mut BTreeSet<Path>) {
    for modifier in &site.attribute.modifiers {
        // A configured value that is only not known yet is not the provider's to choose.
        let free = planned.is_unknown() && !site.config.is_unknown();
        let changed = site.prior.is_none_or(|prior| prior != planned);
        let replace = match modifier.0 {
            Rule::UseStateForUnknown | Rule::UseNonNullState if !free => false,
            Rule::UseStateForUnknown => {
                if let Some(prior) = site.prior {
                    planned.clone_from(prior);
                }
                false
            }
            Rule::UseNonNullState => {
                if let Some(prior) = site.prior
                    && !prior.is_null()
                {
                    planned.clone_from(prior);
                }
                false
            }
            Rule::RequiresReplace => changed,
            Rule::RequiresReplaceIfConfigured => changed && !site.config.is_null(),
            Rule::RequiresReplaceIf(decides) => {
                changed && decides(site.prior.unwrap_or(&Value::Null), planned)
            }
            Rule::KeepPriorWhenEqual(_) => false,
        };
        if replace {
            requires_replace.insert(site.path.to_path());
        }
    }
}
