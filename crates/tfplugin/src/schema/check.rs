//! Rules a schema has to keep that its types cannot express. A unit test of every provider runs them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::{Attribute, AttributeKind, Block, Nesting, Schema};
use crate::diagnostic::Path;
use crate::function::FunctionDefinition;
use crate::value::{Type, Value};

/// A rule that a schema breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// At which attribute or block.
    pub path: Path,
    /// Which rule.
    pub rule: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.rule)
    }
}

/// The names the CLI keeps for itself at the top of a resource.
const RESERVED: [&str; 7] =
    ["connection", "count", "depends_on", "for_each", "lifecycle", "provider", "provisioner"];

/// What is wrong with `schema`, in the order of its attributes.
#[must_use]
pub fn check(schema: &Schema) -> Vec<Problem> {
    let mut problems = Vec::new();
    for name in schema.block.attributes.keys().chain(schema.block.blocks.keys()) {
        if RESERVED.contains(&name.as_str()) {
            report(&mut problems, &Path::attribute(name), "the CLI keeps this name for itself");
        }
    }
    check_block(&schema.block, &Path::root(), &mut problems);
    problems
}

/// What is wrong with the schema of an identity.
pub(crate) fn check_identity(schema: &Schema) -> Vec<Problem> {
    let mut problems = Vec::new();
    let Block { description, attributes, blocks, .. } = &schema.block;
    let root = Path::root();
    for (broken, rule) in [
        (description.is_empty(), "it has no description"),
        (attributes.is_empty(), "an identity without attributes"),
        (!blocks.is_empty(), "an identity has no blocks"),
        (
            !attributes.values().any(|found| found.required),
            "nothing of it is required for an import",
        ),
    ] {
        if broken {
            report(&mut problems, &root, rule);
        }
    }
    for (name, attribute) in attributes {
        let path = Path::attribute(name);
        check_name(name, &path, &mut problems);
        let Attribute { required, optional, computed, sensitive, write_only, .. } = *attribute;
        for (broken, rule) in [
            (attribute.description.is_empty(), "it has no description"),
            (required == optional, "an import either requires it or may leave it out"),
            (computed, "an identity is no configuration: nothing in it is computed"),
            (sensitive || write_only, "an identity is shown to everyone"),
            (
                attribute.default.is_some() || !attribute.modifiers.is_empty(),
                "an identity is not planned: it has no defaults and no modifiers",
            ),
            (
                !is_plain(&attribute.kind),
                "what identifies is a string, a number, a bool, or a list of them",
            ),
        ] {
            if broken {
                report(&mut problems, &path, rule);
            }
        }
        let (ty, known) = (attribute.kind.ty(), |name: &str| attributes.contains_key(name));
        let broken = attribute.validators.iter().filter_map(|rule| rule.problem_at(&ty, &known));
        for rule in broken {
            report(&mut problems, &path, &rule);
        }
    }
    problems
}

/// Is it of a type that the CLI takes for an identity?
fn is_plain(kind: &AttributeKind) -> bool {
    let is_primitive = |ty: &Type| matches!(ty, Type::Bool | Type::Number | Type::String);
    match kind {
        AttributeKind::Type(Type::List(element)) => is_primitive(element),
        AttributeKind::Type(ty) => is_primitive(ty),
        AttributeKind::Nested { .. } => false,
    }
}

/// What is wrong with a function.
pub(crate) fn check_function(name: &str, function: &FunctionDefinition) -> Vec<Problem> {
    let mut problems = Vec::new();
    let path = Path::attribute(name);
    check_name(name, &path, &mut problems);
    if function.summary.is_empty() || function.description.is_empty() {
        report(&mut problems, &path, "it needs a summary and a description");
    }
    let mut names = BTreeSet::new();
    for parameter in function.parameters.iter().chain(&function.variadic) {
        let path = path.clone().nested(&parameter.name);
        check_name(&parameter.name, &path, &mut problems);
        if parameter.description.is_empty() {
            report(&mut problems, &path, "it has no description");
        }
        if !names.insert(&parameter.name) {
            report(&mut problems, &path, "another parameter has the same name");
        }
    }
    problems
}

fn check_block(block: &Block, path: &Path, problems: &mut Vec<Problem>) {
    if block.description.is_empty() {
        report(problems, path, "it has no description");
    }
    let known = |name: &str| block.attributes.contains_key(name) || block.blocks.contains_key(name);
    check_attributes(&block.attributes, path, false, &known, problems);
    for (name, nested) in &block.blocks {
        let path = path.clone().nested(name);
        check_name(name, &path, problems);
        if block.attributes.contains_key(name) {
            report(problems, &path, "an attribute has the same name");
        }
        if nested.max != 0 && nested.min > nested.max {
            report(problems, &path, "the least number of blocks is more than the most");
        }
        check_block(&nested.block, &path, problems);
    }
}

fn check_attributes(
    attributes: &BTreeMap<String, Attribute>,
    path: &Path,
    in_set: bool,
    known: &dyn Fn(&str) -> bool,
    problems: &mut Vec<Problem>,
) {
    for (name, attribute) in attributes {
        let path = path.clone().nested(name);
        check_name(name, &path, problems);
        for rule in broken_rules(attribute, in_set, known) {
            report(problems, &path, &rule);
        }
        if let Some((nesting, object)) = attribute.nested() {
            if object.attributes.is_empty() {
                report(problems, &path, "a nested object without attributes");
            }
            check_attributes(
                &object.attributes,
                &path,
                in_set || nesting == Nesting::Set,
                &|name| object.attributes.contains_key(name),
                problems,
            );
        }
    }
}

fn broken_rules(attribute: &Attribute, in_set: bool, known: &dyn Fn(&str) -> bool) -> Vec<String> {
    let Attribute { required, optional, computed, write_only, .. } = *attribute;
    let has_default = attribute.default.is_some();
    let mut rules: Vec<String> = [
        (!(required || optional || computed), "it is neither required nor optional nor computed"),
        (required && optional, "required and optional exclude each other"),
        (required && computed, "required and computed exclude each other"),
        (has_default && required, "a required attribute needs no default"),
        (has_default && !(optional && computed), "a default needs optional and computed"),
        (
            computed && !optional && !attribute.validators.is_empty(),
            "nobody configures a computed attribute, so there is nothing to validate",
        ),
        (write_only && computed, "a write-only attribute cannot be computed: no state keeps it"),
        (write_only && in_set, "a write-only attribute cannot be inside a set"),
        (attribute.description.is_empty(), "it has no description"),
    ]
    .into_iter()
    .filter(|(broken, _)| *broken)
    .map(|(_, rule)| rule.to_owned())
    .collect();
    if let Some(default) = &attribute.default {
        let fits = attribute.kind.ty().admits(default);
        if !fits || *default == Value::Null || !default.is_wholly_known() {
            rules.push(format!("the default is not a {}", attribute.kind.ty()));
        }
    }
    if let Some(refinement) = attribute.unknown.refinement() {
        if !computed {
            rules.push("only a computed attribute is unknown by the provider's doing".to_owned());
        }
        rules.extend(refinement.problem(&attribute.kind.ty()));
    }
    if let AttributeKind::Type(ty) = &attribute.kind
        && dynamic_in_collection(ty)
    {
        rules.push("a collection cannot hold values of any type".to_owned());
    }
    let ty = attribute.kind.ty();
    rules.extend(attribute.validators.iter().filter_map(|rule| rule.problem_at(&ty, known)));
    rules
}

fn dynamic_in_collection(ty: &Type) -> bool {
    fn holds_dynamic(ty: &Type) -> bool {
        match ty {
            Type::Dynamic => true,
            Type::Object(types) => types.values().any(holds_dynamic),
            Type::Tuple(types) => types.iter().any(holds_dynamic),
            Type::List(element) | Type::Set(element) | Type::Map(element) => holds_dynamic(element),
            Type::Bool | Type::Number | Type::String => false,
        }
    }
    match ty {
        Type::List(element) | Type::Set(element) | Type::Map(element) => holds_dynamic(element),
        Type::Object(types) => types.values().any(dynamic_in_collection),
        Type::Tuple(types) => types.iter().any(dynamic_in_collection),
        Type::Bool | Type::Number | Type::String | Type::Dynamic => false,
    }
}

fn check_name(name: &str, path: &Path, problems: &mut Vec<Problem>) {
    let mut bytes = name.bytes();
    let starts = bytes.next().is_some_and(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if !starts
        || !bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    {
        report(problems, path, "a name is a-z, 0-9 and _, and does not start with a digit");
    }
}

fn report(problems: &mut Vec<Problem>, path: &Path, rule: &str) {
    problems.push(Problem { path: path.clone(), rule: rule.to_owned() });
}
