//! What happens to the planned value of an attribute, as data.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::schema::Attribute;
use crate::value::Value;

/// One rule for the planned value of an attribute. Rules apply in the order they are listed.
#[derive(Debug, Clone, Copy)]
pub struct Modifier(pub(crate) Rule);

#[derive(Debug, Clone, Copy)]
pub(crate) enum Rule {
    UseStateForUnknown,
    UseNonNullState,
    RequiresReplace,
    RequiresReplaceIfConfigured,
    RequiresReplaceIf(fn(prior: &Value, planned: &Value) -> bool),
    KeepPriorWhenEqual(fn(prior: &Value, planned: &Value) -> bool),
}

/// A computed value stays as it is in state, null too, instead of becoming unknown with every change. In
/// a new element of nested attributes there is nothing to keep, and the value stays unknown.
///
/// Not for what is in a list, of nested attributes or of blocks: the CLI tells its elements by their places alone, so that
/// after the first one is removed each would keep the value of the one before it.
/// [`problems`](crate::erased::Registered::problems) names such attributes. In a set and in a map an element is found again.
#[must_use]
pub const fn use_state_for_unknown() -> Modifier {
    Modifier(Rule::UseStateForUnknown)
}

/// Like [`use_state_for_unknown`], but only a value that is set is kept: null becomes unknown. Not for what is in a list,
/// either.
#[must_use]
pub const fn use_non_null_state() -> Modifier {
    Modifier(Rule::UseNonNullState)
}

/// A change of the value replaces the object.
#[must_use]
pub const fn requires_replace() -> Modifier {
    Modifier(Rule::RequiresReplace)
}

/// A change of the value replaces the object, unless the value was taken out of the configuration.
#[must_use]
pub const fn requires_replace_if_configured() -> Modifier {
    Modifier(Rule::RequiresReplaceIfConfigured)
}

/// A change of the value replaces the object if `decides` says so of the value in state and the planned
/// one, which may be unknown.
#[must_use]
pub const fn requires_replace_if(decides: fn(prior: &Value, planned: &Value) -> bool) -> Modifier {
    Modifier(Rule::RequiresReplaceIf(decides))
}

/// Where the value in state and the new one mean the same, the spelling in state stays: in a plan, after
/// an apply, and after a read. `equal` is asked about known values that differ.
#[must_use]
pub const fn keep_prior_when_equal(equal: fn(prior: &Value, planned: &Value) -> bool) -> Modifier {
    Modifier(Rule::KeepPriorWhenEqual(equal))
}

/// May the value be spelled in several ways that mean the same?
pub(super) fn keeps_spelling(attribute: &Attribute) -> bool {
    attribute.modifiers.iter().any(|rule| matches!(rule.0, Rule::KeepPriorWhenEqual(_)))
}

/// Are the two different spellings of the same? A comparison that crashes counts as a yes: it is then made
/// again where the crash can be told.
pub(super) fn is_respelled(attribute: &Attribute, prior: &Value, new: &Value) -> bool {
    let same = |modifier: &Modifier| match modifier.0 {
        Rule::KeepPriorWhenEqual(equal) => {
            catch_unwind(AssertUnwindSafe(|| equal(prior, new))).unwrap_or(true)
        }
        _ => false,
    };
    prior.is_known() && new.is_known() && prior != new && attribute.modifiers.iter().any(same)
}
