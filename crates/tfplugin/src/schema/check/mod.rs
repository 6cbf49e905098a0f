//! Rules a schema has to keep that its types cannot express. A unit test of every provider runs them.

mod attribute;
mod function;
mod identity;
mod text;

use std::fmt;

use self::attribute::{Within, check_attributes};
pub(crate) use self::function::check_function;
pub(crate) use self::identity::check_identity;
pub(crate) use self::text::check_type_name;
use super::{Block, Nesting, Schema};
use crate::diagnostic::Path;

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

/// What a schema is of: some rules hold for some kinds only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offered {
    /// The provider's own configuration.
    Provider,
    /// A resource.
    Resource,
    /// A data source.
    DataSource,
    /// An ephemeral resource.
    EphemeralResource,
    /// A list resource's configuration.
    ListResource,
    /// An action's configuration.
    Action,
}

impl Offered {
    /// The names that the CLI keeps for itself at the top of such a block. What is in a block `config` of its own is free.
    const fn reserved(self) -> &'static [&'static str] {
        match self {
            Self::Provider => {
                &["alias", "count", "depends_on", "for_each", "lifecycle", "source", "version"]
            }
            Self::Resource | Self::DataSource | Self::EphemeralResource => &[
                "connection",
                "count",
                "depends_on",
                "for_each",
                "lifecycle",
                "provider",
                "provisioner",
            ],
            Self::ListResource | Self::Action => &[],
        }
    }
}

/// What is wrong with the `schema` of what is `offered`, in the order of its attributes.
#[must_use]
pub fn check(offered: Offered, schema: &Schema) -> Vec<Problem> {
    let mut problems = Vec::new();
    let root = Path::root();
    if schema.version < 0 {
        report(&mut problems, &root, "versions of a schema are counted from 0");
    }
    for name in schema.block.attributes.keys().chain(schema.block.blocks.keys()) {
        if offered.reserved().contains(&name.as_str()) {
            report(&mut problems, &Path::attribute(name), "the CLI keeps this name for itself");
        }
    }
    check_block(offered, &schema.block, &root, Nested::default(), &mut problems);
    problems
}

/// What blocks a block is in.
#[derive(Clone, Copy, Default)]
struct Nested {
    set: bool,
    list: bool,
}

fn check_block(
    offered: Offered,
    block: &Block,
    path: &Path,
    nested_in: Nested,
    problems: &mut Vec<Problem>,
) {
    text::check_description(&block.description, path, problems);
    text::check_deprecation(block.deprecated.as_deref(), path, problems);
    let within = Within {
        offered,
        known: &|name| block.attributes.contains_key(name) || block.blocks.contains_key(name),
        depth: path.steps().len(),
        in_set: nested_in.set,
        in_list: nested_in.list,
        in_write_only: false,
        in_computed: false,
    };
    check_attributes(&block.attributes, path, within, problems);
    for (name, nested) in &block.blocks {
        let path = path.clone().nested(name);
        text::check_name(name, &path, problems);
        if block.attributes.contains_key(name) {
            report(problems, &path, "an attribute has the same name");
        }
        if nested.max != 0 && nested.min > nested.max {
            report(problems, &path, "the least number of blocks is more than the most");
        }
        let nested_in = Nested {
            set: nested_in.set || nested.nesting == Nesting::Set,
            // A single one has no neighbours.
            list: nested_in.list || (nested.nesting == Nesting::List && nested.max != 1),
        };
        check_block(offered, &nested.block, &path, nested_in, problems);
    }
}

fn report(problems: &mut Vec<Problem>, path: &Path, rule: &str) {
    problems.push(Problem { path: path.clone(), rule: rule.to_owned() });
}
