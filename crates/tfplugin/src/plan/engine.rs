//! The steps from the CLI's proposal to a plan that need no resource: all of them follow from the schema.

use std::collections::BTreeSet;

use super::Draft;
use super::level::Level;
use super::modifier::{Rule, keeps_spelling};
use super::walk::{Site, Task, Trail, walk};
use crate::diagnostic::{Diagnostics, Path};
use crate::erased::guard;
use crate::schema::{Attribute, Block};
use crate::value::Value;

/// The plan the schema makes of the CLI's `proposed` state. `prior` is null on create. What the provider's own rules
/// crash on is told in `faults`, and the plan goes on without it.
pub(crate) fn propose<'a>(
    block: &'a Block,
    config: &'a Value,
    prior: &'a Value,
    proposed: Value,
    faults: &mut Diagnostics,
) -> Draft<'a> {
    // Of two elements of a set that fit the same state, the CLI may give it to the one that could have another, and
    // propose a change where there is none.
    let is_unchanged = proposed != *prior && Level::from(block).is_unchanged(config, prior);
    let planned = if is_unchanged { prior.clone() } else { proposed };
    let mut draft = Draft { block, config, prior, planned, requires_replace: BTreeSet::new() };
    draft.each(&|attribute| attribute.default.is_some(), &mut |site, planned| {
        if let Some(default) = &site.attribute.default
            && site.config.is_null()
        {
            *planned = default.clone().composed();
        }
    });
    draft.each(&|attribute| attribute.write_only, &mut |_, planned| *planned = Value::Null);
    // Before the question whether anything changes: another spelling of the same is no change, and must
    // not make computed values unknown.
    draft.each(&keeps_spelling, &mut |site, planned| keep_equal_spelling(site, planned, faults));
    if draft.planned != *prior {
        let chosen = |attribute: &Attribute| attribute.computed && attribute.default.is_none();
        draft.each(&chosen, &mut |site, planned| {
            if site.config.is_null() {
                *planned = Value::Unknown(site.attribute.unknown.clone());
            }
        });
    }
    let mut requires_replace = BTreeSet::new();
    let decides = |attribute: &Attribute| {
        attribute.modifiers.iter().any(|rule| !matches!(rule.0, Rule::KeepPriorWhenEqual(_)))
    };
    draft.each(&decides, &mut |site, planned| modify(site, planned, &mut requires_replace, faults));
    if prior.is_known() {
        draft.requires_replace = requires_replace;
    }
    draft
}

/// Says of each unknown value of the provider's in `planned` what the schema knows of it.
pub(crate) fn refine(block: &Block, config: &Value, planned: &mut Value) {
    let refined = |attribute: &Attribute| attribute.unknown.refinement().is_some();
    // An attribute with such attributes in it may be the provider's as a whole.
    let wanted = |attribute: &Attribute| {
        refined(attribute)
            || Level::of_attribute(attribute).is_some_and(|(_, level)| level.any(&refined))
    };
    let act = &mut |site: &Site<'_>, planned: &mut Value| {
        // What is configured and not known yet is not the provider's to promise.
        if site.config.is_null() {
            refine_own(site.attribute, planned);
        }
    };
    let mut task = Task { wanted: &wanted, act };
    walk(block.into(), config, None, planned, Trail::Root, &mut task);
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
/// or an apply brings back. A comparison that crashes is told in `faults`; the new spelling then stands.
pub(crate) fn keep_equal_spellings(
    block: &Block,
    prior: &Value,
    new: &mut Value,
    faults: &mut Diagnostics,
) {
    let level = Level::from(block);
    if !level.any(&keeps_spelling) || !prior.is_known() || !new.is_known() {
        return;
    }
    // Taken as its own configuration, an object is walked wherever it is known.
    let config = new.clone();
    let act = &mut |site: &Site<'_>, new: &mut Value| keep_equal_spelling(site, new, faults);
    let mut task = Task { wanted: &keeps_spelling, act };
    walk(level, &config, Some(prior), new, Trail::Root, &mut task);
}

/// Takes every write-only value out of `value`.
pub(crate) fn without_write_only(block: &Block, value: &mut Value) {
    let level = Level::from(block);
    if !level.any(&|attribute| attribute.write_only) {
        return;
    }
    let config = value.clone();
    let act = &mut |_: &Site<'_>, value: &mut Value| *value = Value::Null;
    let mut task = Task { wanted: &|attribute| attribute.write_only, act };
    walk(level, &config, None, value, Trail::Root, &mut task);
}

/// The write-only attributes that `config` sets.
pub(crate) fn configured_write_only(block: &Block, config: &Value) -> Vec<Path> {
    let mut paths = Vec::new();
    let level = Level::from(block);
    if !level.any(&|attribute| attribute.write_only) {
        return paths;
    }
    let mut copy = config.clone();
    let act = &mut |site: &Site<'_>, _: &mut Value| {
        if !site.config.is_null() {
            paths.push(site.path.to_path());
        }
    };
    let mut task = Task { wanted: &|attribute| attribute.write_only, act };
    walk(level, config, None, &mut copy, Trail::Root, &mut task);
    paths
}

impl<'a> Draft<'a> {
    /// The plan to delete: nothing.
    pub(crate) fn delete(block: &'a Block, config: &'a Value, prior: &'a Value) -> Self {
        let requires_replace = BTreeSet::new();
        Self { block, config, prior, planned: Value::Null, requires_replace }
    }

    fn each(
        &mut self,
        wanted: &dyn Fn(&Attribute) -> bool,
        act: &mut dyn FnMut(&Site<'_>, &mut Value),
    ) {
        let prior = self.prior.is_known().then_some(self.prior);
        let mut task = Task { wanted, act };
        walk(self.block.into(), self.config, prior, &mut self.planned, Trail::Root, &mut task);
    }
}

fn keep_equal_spelling(site: &Site<'_>, planned: &mut Value, faults: &mut Diagnostics) {
    for modifier in &site.attribute.modifiers {
        if let Rule::KeepPriorWhenEqual(equal) = modifier.0
            && let Some(prior) = site.prior
            && prior.is_known()
            && planned.is_known()
            && planned != prior
            && asked(site, faults, || equal(prior, planned))
        {
            planned.clone_from(prior);
        }
    }
}

/// What a rule of the provider's says; no, where it crashes.
fn asked(site: &Site<'_>, faults: &mut Diagnostics, rule: impl FnOnce() -> bool) -> bool {
    guard::attribute("compare old and new value of", site.attribute, || site.path.to_path(), rule)
        .unwrap_or_else(|panic| {
            faults.push(panic);
            false
        })
}

fn modify(
    site: &Site<'_>,
    planned: &mut Value,
    requires_replace: &mut BTreeSet<Path>,
    faults: &mut Diagnostics,
) {
    for modifier in &site.attribute.modifiers {
        // A configured value that is only not known yet is not the provider's to choose.
        let free = planned.is_unknown() && !site.config.is_unknown();
        // What is not in state is null there, also in an element that is new.
        let changed = *site.prior.unwrap_or(&Value::Null) != *planned;
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
                let prior = site.prior.unwrap_or(&Value::Null);
                changed && asked(site, faults, || decides(prior, planned))
            }
            Rule::KeepPriorWhenEqual(_) => false,
        };
        if replace {
            requires_replace.insert(site.path.to_path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{AttributeKind, NestedObject, Nesting};
    use crate::value::Type;

    /// A set of objects with two texts that the provider computes where they are not configured.
    fn block() -> Block {
        let mut text = Attribute::new(AttributeKind::Type(Type::String), "");
        (text.optional, text.computed) = (true, true);
        let attributes = ["x", "y"].map(|name| (name.to_owned(), text.clone())).into();
        let object = NestedObject { description: String::new(), attributes };
        let kind = AttributeKind::Nested { nesting: Nesting::Set, object };
        let mut set = Attribute::new(kind, "");
        set.required = true;
        Block { attributes: [("set".to_owned(), set)].into(), ..Block::default() }
    }

    fn state(elements: [[Value; 2]; 2]) -> Value {
        let element = |[x, y]: [Value; 2]| Value::object([("x", x), ("y", y)]);
        Value::object([("set", Value::set(elements.map(element)))])
    }

    #[test]
    fn a_proposal_that_mistakes_elements_of_a_set_is_no_change() {
        let (block, mut faults) = (block(), Diagnostics::new());
        let config = state([[Value::Null, "1".into()], ["1".into(), Value::Null]]);
        let prior = state([["1".into(), "1".into()], ["1".into(), "2".into()]]);
        // Both fit the first element of the state, and the one that could have had the other got it.
        let proposed = state([[Value::Null, "1".into()], ["1".into(), "1".into()]]);
        let planned = propose(&block, &config, &prior, proposed, &mut faults).planned;
        assert_eq!(planned, prior);
    }

    #[test]
    fn what_changes_in_a_set_is_planned() {
        let (block, mut faults) = (block(), Diagnostics::new());
        let config = state([[Value::Null, "1".into()], ["1".into(), "3".into()]]);
        let prior = state([["1".into(), "1".into()], ["1".into(), "2".into()]]);
        let proposed = state([["1".into(), "1".into()], ["1".into(), "3".into()]]);
        let planned = propose(&block, &config, &prior, proposed, &mut faults).planned;
        assert_eq!(planned, state([[Value::UNKNOWN, "1".into()], ["1".into(), "3".into()]]));
    }
}
