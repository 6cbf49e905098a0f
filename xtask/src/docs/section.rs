//! The section *Schema* of a page: what is required, optional and read-only, with the attributes inside
//! of attributes below, each under an anchor of its own.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::schema::{Attribute, Block, IdentitySchema, NestedBlock};

/// Where Terraform's own documentation says what write-only means.
const WRITE_ONLY: &str =
    "https://developer.hashicorp.com/terraform/language/resources/ephemeral#write-only-arguments";

/// The three groups, in the order of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    Required,
    Optional,
    ReadOnly,
}

impl Group {
    const ALL: [Self; 3] = [Self::Required, Self::Optional, Self::ReadOnly];

    fn title(self) -> &'static str {
        match self {
            Self::Required => "Required",
            Self::Optional => "Optional",
            Self::ReadOnly => "Read-Only",
        }
    }
}

/// What stands inside of an attribute or block.
struct Inside<'a> {
    /// `nestedatt`, `nestedobjatt` or `nestedblock`: how its anchor begins.
    anchor: &'static str,
    members: Vec<Member<'a>>,
}

/// One attribute or block.
struct Member<'a> {
    name: &'a str,
    group: Group,
    /// `String, Sensitive`.
    kind: String,
    write_only: bool,
    description: &'a str,
    /// Why not to use it any more.
    deprecation: Option<&'a str>,
    inside: Option<Inside<'a>>,
}

/// The section of a block, from its heading on.
pub(super) fn schema(block: &Block) -> String {
    let members = members(&block.attributes, Some(&block.block_types));
    let mut text = "## Schema\n".to_owned();
    list(&members, &mut Vec::new(), &|group| top_heading(&members, group), &mut text);
    nested(&members, &mut Vec::new(), &mut text);
    text
}

/// The heading of a group on top, with what a person has to know of its write-only arguments.
fn top_heading(members: &[Member<'_>], group: Group) -> String {
    let mut text = format!("### {}", group.title());
    if members.iter().any(|member| member.group == group && member.write_only) {
        text.push_str(&format!(
            "\n\n-> [Write-only arguments]({WRITE_ONLY}) need Terraform 1.11 or OpenTofu 1.11 at least."
        ));
    }
    text
}

/// The section about what identifies an object.
pub(super) fn identity(schema: &IdentitySchema) -> String {
    let mut text = "### Identity Schema\n".to_owned();
    for (title, required) in [("Required", true), ("Optional", false)] {
        let attributes = schema.attributes.iter();
        let mut attributes = attributes
            .filter(|(_, attribute)| attribute.required_for_import == required)
            .peekable();
        if attributes.peek().is_some() {
            text.push_str(&format!("\n#### {title}\n\n"));
        }
        for (name, attribute) in attributes {
            let description = one_line(&attribute.description);
            let line = format!("- `{name}` ({}) {description}", type_name(&attribute.ty));
            text.push_str(&format!("{}\n", line.trim_end()));
        }
    }
    text
}

/// A type in words: `List of String`.
pub(super) fn type_name(ty: &Value) -> String {
    match ty {
        Value::String(word) => match word.as_str() {
            "bool" => "Boolean".to_owned(),
            other => capitalised(other),
        },
        Value::Array(parts) => match parts.as_slice() {
            [Value::String(of), element] if of == "list" || of == "set" || of == "map" => {
                format!("{} of {}", capitalised(of), type_name(element))
            }
            [Value::String(of), ..] => capitalised(of),
            _ => "Dynamic".to_owned(),
        },
        _ => "Dynamic".to_owned(),
    }
}

/// The text of a doc comment in one line.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn members<'a>(
    attributes: &'a BTreeMap<String, Attribute>,
    blocks: Option<&'a BTreeMap<String, NestedBlock>>,
) -> Vec<Member<'a>> {
    let attributes = attributes.iter().map(|(name, attribute)| of_attribute(name, attribute));
    let blocks = blocks.into_iter().flatten().map(|(name, block)| of_block(name, block));
    let mut members: Vec<_> = attributes.chain(blocks).collect();
    members.sort_by_key(|member| member.name);
    members
}

fn of_attribute<'a>(name: &'a str, attribute: &'a Attribute) -> Member<'a> {
    let group = match (attribute.required, attribute.optional) {
        (true, _) => Group::Required,
        (false, true) => Group::Optional,
        (false, false) => Group::ReadOnly,
    };
    let (mut kind, inside) = match (&attribute.nested_type, &attribute.ty) {
        (Some(nested), _) => (
            of_nesting("Attributes", &nested.nesting_mode),
            Some(Inside { anchor: "nestedatt", members: members(&nested.attributes, None) }),
        ),
        (None, Some(ty)) => (type_name(ty), of_type(ty, group, "nestedatt")),
        (None, None) => ("Dynamic".to_owned(), None),
    };
    for (is, word) in [
        (attribute.sensitive, "Sensitive"),
        (attribute.deprecated, "Deprecated"),
        (attribute.write_only, &format!("[Write-only]({WRITE_ONLY})")),
    ] {
        if is {
            kind.push_str(&format!(", {word}"));
        }
    }
    Member {
        name,
        group,
        kind,
        write_only: attribute.write_only,
        description: &attribute.description,
        deprecation: attribute.deprecation_message.as_deref(),
        inside,
    }
}

/// What stands inside of a type, if it holds objects: their attributes are of the group that the whole is of.
fn of_type<'a>(ty: &'a Value, group: Group, anchor: &'static str) -> Option<Inside<'a>> {
    let members = object_in(ty)?.iter().map(|(name, ty)| Member {
        name,
        group,
        kind: type_name(ty),
        write_only: false,
        description: "",
        deprecation: None,
        inside: of_type(ty, group, "nestedobjatt"),
    });
    Some(Inside { anchor, members: members.collect() })
}

/// The attributes of the object that a type is, or that it is a collection of.
fn object_in(ty: &Value) -> Option<&Map<String, Value>> {
    match ty.as_array()?.as_slice() {
        [Value::String(of), Value::Object(attributes)] if of == "object" => Some(attributes),
        [Value::String(of), element] if of == "list" || of == "set" || of == "map" => {
            object_in(element)
        }
        _ => None,
    }
}

fn of_block<'a>(name: &'a str, nested: &'a NestedBlock) -> Member<'a> {
    let group = if nested.min_items > 0 { Group::Required } else { Group::Optional };
    let mut kind = of_nesting("Block", &nested.nesting_mode);
    if nested.nesting_mode == "single" {
        kind.push_str(&format!(", {}", group.title()));
    }
    for (count, word) in [(nested.min_items, "Min"), (nested.max_items, "Max")] {
        if count > 0 {
            kind.push_str(&format!(", {word}: {count}"));
        }
    }
    if nested.block.deprecated {
        kind.push_str(", Deprecated");
    }
    Member {
        name,
        group,
        kind,
        write_only: false,
        description: &nested.block.description,
        deprecation: nested.block.deprecation_message.as_deref(),
        inside: Some(Inside {
            anchor: "nestedblock",
            members: members(&nested.block.attributes, Some(&nested.block.block_types)),
        }),
    }
}

fn of_nesting(word: &str, mode: &str) -> String {
    match mode {
        "single" => word.to_owned(),
        other => format!("{word} {}", capitalised(other)),
    }
}

/// Each group that has members, under the heading that `heading` gives it.
fn list(
    members: &[Member<'_>],
    path: &mut Vec<String>,
    heading: &dyn Fn(Group) -> String,
    text: &mut String,
) {
    for group in Group::ALL {
        let mut group_members = members.iter().filter(|member| member.group == group).peekable();
        if group_members.peek().is_none() {
            continue;
        }
        text.push_str(&format!("\n{}\n\n", heading(group)));
        for member in group_members {
            text.push_str(&format!("- `{}` ({})", member.name, member.kind));
            let description = one_line(member.description);
            if !description.is_empty() {
                text.push_str(&format!(" {description}"));
            }
            if let Some(message) = member.deprecation {
                text.push_str(&format!(" **Deprecated:** {}", one_line(message)));
            }
            if let Some(inside) = &member.inside {
                path.push(member.name.to_owned());
                text.push_str(&format!(
                    " (see [below for nested schema](#{}))",
                    anchor(inside, path)
                ));
                path.pop();
            }
            text.push('\n');
        }
    }
}

/// What stands inside of the members, depth first.
fn nested(members: &[Member<'_>], path: &mut Vec<String>, text: &mut String) {
    for group in Group::ALL {
        for member in members.iter().filter(|member| member.group == group) {
            let Some(inside) = &member.inside else { continue };
            path.push(member.name.to_owned());
            text.push_str(&format!(
                "\n<a id=\"{}\"></a>\n### Nested Schema for `{}`\n",
                anchor(inside, path),
                path.join(".")
            ));
            list(&inside.members, path, &|group| format!("{}:", group.title()), text);
            nested(&inside.members, path, text);
            path.pop();
        }
    }
}

fn anchor(inside: &Inside<'_>, path: &[String]) -> String {
    format!("{}--{}", inside.anchor, path.join("--"))
}
