//! The rules of an identity.

use super::{Problem, report, text};
use crate::diagnostic::Path;
use crate::schema::{Attribute, AttributeKind, Block, Schema};
use crate::value::Type;

/// What is wrong with the schema of an identity.
pub(crate) fn check_identity(schema: &Schema) -> Vec<Problem> {
    let mut problems = Vec::new();
    let Block { description, attributes, blocks, .. } = &schema.block;
    let root = Path::root();
    text::check_description(description, &root, &mut problems);
    for (broken, rule) in [
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
        text::check_name(name, &path, &mut problems);
        text::check_description(&attribute.description, &path, &mut problems);
        let Attribute { required, optional, computed, sensitive, write_only, .. } = *attribute;
        for (broken, rule) in [
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
