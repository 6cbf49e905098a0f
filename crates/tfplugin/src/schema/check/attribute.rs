//! The rules of attributes, those that stand alone and those that stand in others.

use std::collections::BTreeMap;

use super::{Offered, Problem, report, text};
use crate::diagnostic::Path;
use crate::plan::modifier::{Modifier, Rule};
use crate::schema::{Attribute, AttributeKind, NestedObject, Nesting};
use crate::value::{Type, Value};

/// Deeper than this nobody finds an attribute, in the documentation or in a configuration.
const DEEPEST: usize = 6;

/// Names of texts that are secret wherever they occur.
const SECRETS: [&str; 4] = ["password", "passphrase", "private_key", "secret_key"];

/// What the operations are called that can have a timeout.
const OPERATIONS: [&str; 8] =
    ["create", "read", "update", "delete", "open", "renew", "close", "invoke"];

/// Where an attribute stands.
#[derive(Clone, Copy)]
pub(super) struct Within<'a> {
    pub(super) offered: Offered,
    /// The names beside it.
    pub(super) known: &'a dyn Fn(&str) -> bool,
    /// How many objects and blocks it is in.
    pub(super) depth: usize,
    pub(super) in_set: bool,
    /// In an element that is told from its neighbours by its place alone.
    pub(super) in_list: bool,
    pub(super) in_write_only: bool,
    /// In something that only the provider sets.
    pub(super) in_computed: bool,
}

/// Checks attributes, and those within them.
pub(super) fn check_attributes(
    attributes: &BTreeMap<String, Attribute>,
    path: &Path,
    within: Within<'_>,
    problems: &mut Vec<Problem>,
) {
    for (name, attribute) in attributes {
        let path = path.clone().nested(name);
        text::check_name(name, &path, problems);
        text::check_description(&attribute.description, &path, problems);
        text::check_deprecation(attribute.deprecated.as_deref(), &path, problems);
        let broken = flags(name, attribute, within).into_iter();
        for rule in broken.map(str::to_owned).chain(values(attribute, within.known)) {
            report(problems, &path, &rule);
        }
        if let Some((nesting, object)) = attribute.nested() {
            if object.attributes.is_empty() {
                report(problems, &path, "a nested object without attributes");
            }
            if within.depth == DEEPEST {
                report(problems, &path, "it is nested too deeply to be found");
            }
            let within = Within {
                known: &|name| object.attributes.contains_key(name),
                depth: within.depth + 1,
                in_set: within.in_set || nesting == Nesting::Set,
                in_list: within.in_list || nesting == Nesting::List,
                in_write_only: within.in_write_only || attribute.write_only,
                in_computed: within.in_computed || (attribute.computed && !attribute.optional),
                ..within
            };
            check_attributes(&object.attributes, &path, within, problems);
        }
    }
}

/// Rules about who sets an attribute and what becomes of it.
fn flags(name: &str, attribute: &Attribute, within: Within<'_>) -> Vec<&'static str> {
    let Attribute { required, optional, computed, sensitive, write_only, .. } = *attribute;
    let has_default = attribute.default.is_some();
    let is_text = matches!(attribute.kind, AttributeKind::Type(Type::String));
    let is_planned = within.offered == Offered::Resource;
    let keeps_state = |Modifier(rule): &Modifier| {
        matches!(rule, Rule::UseStateForUnknown | Rule::UseNonNullState)
    };
    let replaces = |Modifier(rule): &Modifier| {
        matches!(
            rule,
            Rule::RequiresReplace | Rule::RequiresReplaceIf(_) | Rule::RequiresReplaceIfConfigured
        )
    };
    [
        (!(required || optional || computed), "it is neither required nor optional nor computed"),
        (required && optional, "required and optional exclude each other"),
        (required && computed, "required and computed exclude each other"),
        (has_default && required, "a required attribute needs no default"),
        (has_default && !(optional && computed), "a default needs optional and computed"),
        (
            computed && !optional && !attribute.validators.is_empty(),
            "nobody configures a computed attribute, so there is nothing to validate",
        ),
        (
            within.in_computed && (required || optional),
            "nobody configures what is in a computed attribute: it is computed, too",
        ),
        (write_only && computed, "a write-only attribute cannot be computed: no state keeps it"),
        (write_only && within.in_set, "a write-only attribute cannot be inside a set"),
        (
            write_only && !matches!(within.offered, Offered::Resource | Offered::Action),
            "only resources and actions can have write-only attributes",
        ),
        (
            within.in_write_only && !write_only,
            "what is in a write-only attribute is write-only, too",
        ),
        (
            !is_planned && !attribute.modifiers.is_empty(),
            "only resources are planned, so there is nothing to modify",
        ),
        (
            !computed && attribute.modifiers.iter().any(keeps_state),
            "only a computed attribute can keep what is in state",
        ),
        (
            within.in_list && attribute.modifiers.iter().any(keeps_state),
            "an element of a list is known by its place: once the first is removed, each would keep what was its \
             neighbour's (a set or a map has no such places, and `modify_plan` can find the element by its name)",
        ),
        (
            write_only && attribute.modifiers.iter().any(replaces),
            "no state has a write-only value, so its change cannot replace the object",
        ),
        (
            within.offered == Offered::EphemeralResource && has_default,
            "only resources are planned, so there is no default",
        ),
        (
            within.offered == Offered::Action && computed,
            "an action has no result, so that nothing is computed",
        ),
        (
            is_text && SECRETS.contains(&name) && !(sensitive || write_only),
            "a secret is sensitive or write-only",
        ),
        (
            within.depth == 0 && name == "id" && !is_text,
            "`id` is a string: that is what an import takes",
        ),
        (
            within.depth == 0 && name == "timeouts" && !is_timeouts(attribute),
            "`timeouts` is one object of optional texts, named as operations are",
        ),
    ]
    .into_iter()
    .filter_map(|(broken, rule)| broken.then_some(rule))
    .collect()
}

/// Rules about the values that an attribute can have.
fn values(attribute: &Attribute, known: &dyn Fn(&str) -> bool) -> Vec<String> {
    let ty = attribute.kind.ty();
    let mut rules = Vec::new();
    if let Some(default) = &attribute.default
        && (!ty.admits(default) || *default == Value::Null || !default.is_wholly_known())
    {
        rules.push(format!("the default is not a {ty}"));
    }
    if let Some(refinement) = attribute.unknown.refinement() {
        if !attribute.computed {
            rules.push("only a computed attribute is unknown by the provider's doing".to_owned());
        }
        rules.extend(refinement.problem(&ty));
    }
    let dynamic_elements = match &attribute.kind {
        AttributeKind::Type(ty) => dynamic_in_collection(ty),
        AttributeKind::Nested { nesting, object } => {
            *nesting != Nesting::Single && object.ty().holds_dynamic()
        }
    };
    if dynamic_elements {
        rules.push("a collection cannot hold values of any type".to_owned());
    }
    rules.extend(attribute.validators.iter().filter_map(|rule| rule.problem_at(&ty, known)));
    rules
}

/// Whether it has the shape that people know: `timeouts = { create = "30m" }`.
fn is_timeouts(attribute: &Attribute) -> bool {
    let Some((Nesting::Single, NestedObject { attributes, .. })) = attribute.nested() else {
        return false;
    };
    attribute.optional
        && attributes.iter().all(|(name, attribute)| {
            OPERATIONS.contains(&name.as_str())
                && attribute.optional
                && matches!(attribute.kind, AttributeKind::Type(Type::String))
        })
}

/// Whether a collection in this type holds values of any type, which no CLI takes.
pub(super) fn dynamic_in_collection(ty: &Type) -> bool {
    match ty {
        Type::List(element) | Type::Set(element) | Type::Map(element) => element.holds_dynamic(),
        Type::Object(types) => types.values().any(dynamic_in_collection),
        Type::Tuple(types) => types.iter().any(dynamic_in_collection),
        Type::Bool | Type::Number | Type::String | Type::Dynamic => false,
    }
}
