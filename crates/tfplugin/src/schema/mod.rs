//! What a provider offers: its objects, their attributes, and what holds for each.
//!
//! A struct that derives [`Object`](crate::Object) is a schema; nobody writes one by hand. [`check`] says which rules one
//! breaks, [`json`] prints it as a CLI does.
//!
//! ```
//! use tfplugin::schema::{Offered, Schema, check};
//! use tfplugin::{Attr, Object};
//!
//! /// A disk.
//! #[derive(Clone, Object)]
//! struct Disk {
//!     /// Its name.
//!     #[attribute(required)]
//!     name: Attr<String>,
//!     /// Gigabytes
//!     #[attribute(optional, computed, default = 10)]
//!     size: Attr<i64>,
//! }
//!
//! let schema = Schema { version: 0, block: Disk::block() };
//! assert!(schema.block.attributes["name"].required);
//! let problems = check(Offered::Resource, &schema);
//! assert_eq!(problems[0].to_string(), "size: a description ends with a full stop");
//! ```

mod check;
pub mod json;

use std::collections::{BTreeMap, BTreeSet};

pub use check::{Offered, Problem, check};
pub(crate) use check::{check_function, check_identity, check_type_name};

use crate::plan::modifier::Modifier;
use crate::validator::Validator;
use crate::value::{Type, Unknown, Value};

/// The schema of a resource, a data source, or a provider's configuration.
#[derive(Debug, Clone)]
pub struct Schema {
    /// Version of the state this schema writes.
    pub version: i64,
    /// What is in it.
    pub block: Block,
}

/// Attributes and nested blocks.
#[derive(Debug, Clone, Default)]
pub struct Block {
    /// Description, in Markdown.
    pub description: String,
    /// Attributes by name.
    pub attributes: BTreeMap<String, Attribute>,
    /// Nested blocks by name.
    pub blocks: BTreeMap<String, NestedBlock>,
    /// Why not to use it any more, and what instead.
    pub deprecated: Option<String>,
}

/// One attribute.
#[derive(Debug, Clone)]
pub struct Attribute {
    /// A plain type or nested attributes.
    pub kind: AttributeKind,
    /// Description, in Markdown.
    pub description: String,
    /// Has to be configured.
    pub required: bool,
    /// May be configured.
    pub optional: bool,
    /// The provider may choose the value where the configuration has none.
    pub computed: bool,
    /// Never shown.
    pub sensitive: bool,
    /// Only ever in the configuration: in no plan and no state.
    pub write_only: bool,
    /// Why not to use it any more, and what instead.
    pub deprecated: Option<String>,
    /// Its value where the configuration has none.
    pub default: Option<Value>,
    /// What is known of its value while the provider does not know the value yet.
    pub unknown: Unknown,
    /// What happens to its planned value.
    pub modifiers: Vec<Modifier>,
    /// What a configured value has to be.
    pub validators: Vec<Validator>,
}

/// What an attribute holds.
#[derive(Debug, Clone)]
pub enum AttributeKind {
    /// A plain value.
    Type(Type),
    /// Objects with a schema of their own.
    Nested {
        /// One object or a collection of them.
        nesting: Nesting,
        /// Their attributes.
        object: NestedObject,
    },
}

/// The attributes of a nested object.
#[derive(Debug, Clone, Default)]
pub struct NestedObject {
    /// Description of the object, in Markdown.
    pub description: String,
    /// Attributes by name.
    pub attributes: BTreeMap<String, Attribute>,
}

/// How nested attributes or blocks are gathered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nesting {
    /// One object.
    Single,
    /// A list of objects.
    List,
    /// A set of objects.
    Set,
    /// A map of objects.
    Map,
}

/// A nested block.
#[derive(Debug, Clone)]
pub struct NestedBlock {
    /// One block or a collection of them.
    pub nesting: Nesting,
    /// What is in it.
    pub block: Block,
    /// At least so many.
    pub min: i64,
    /// At most so many; 0 is no limit.
    pub max: i64,
}

/// A Rust type that a `#[block(…)]` field can have.
pub trait BlockType: crate::value::AttributeType {
    /// The struct of one block.
    type Item: crate::value::Object;
}

impl<T: crate::value::Object> BlockType for crate::value::Attr<T> {
    type Item = T;
}

impl<T: crate::value::Object> BlockType for crate::value::Attr<Vec<T>> {
    type Item = T;
}

impl<T: crate::value::Object> BlockType for Vec<T> {
    type Item = T;
}

impl<T: crate::value::Object + Ord> BlockType for crate::value::Attr<BTreeSet<T>> {
    type Item = T;
}

impl<T: crate::value::Object + Ord> BlockType for BTreeSet<T> {
    type Item = T;
}

impl<T: crate::value::Object> BlockType for crate::value::Attr<BTreeMap<String, T>> {
    type Item = T;
}

impl<T: crate::value::Object> BlockType for BTreeMap<String, T> {
    type Item = T;
}

// === impl Schema ===

impl Schema {
    /// The type of a whole object of this schema.
    #[must_use]
    pub fn ty(&self) -> Type {
        self.block.ty()
    }
}

// === impl Block ===

impl Block {
    /// The type of a whole object of this block.
    #[must_use]
    pub fn ty(&self) -> Type {
        let attributes = self.attributes.iter().map(|(name, attr)| (name.clone(), attr.kind.ty()));
        let blocks = self
            .blocks
            .iter()
            .map(|(name, nested)| (name.clone(), nested.nesting.of(nested.block.ty())));
        Type::Object(attributes.chain(blocks).collect())
    }

    /// The block as a nested object. There, nested blocks are optional nested attributes.
    #[must_use]
    pub fn into_nested(self) -> NestedObject {
        let mut attributes = self.attributes;
        for (name, nested) in self.blocks {
            let object = nested.block.into_nested();
            let description = object.description.clone();
            let kind = AttributeKind::Nested { nesting: nested.nesting, object };
            let attribute = Attribute { optional: true, ..Attribute::new(kind, description) };
            attributes.insert(name, attribute);
        }
        NestedObject { description: self.description, attributes }
    }
}

// === impl Attribute ===

impl Attribute {
    /// An attribute of this kind, neither required nor optional nor computed yet.
    #[must_use]
    pub fn new(kind: AttributeKind, description: impl Into<String>) -> Self {
        Self {
            kind,
            description: description.into(),
            required: false,
            optional: false,
            computed: false,
            sensitive: false,
            write_only: false,
            deprecated: None,
            default: None,
            unknown: Unknown::PLAIN,
            modifiers: Vec::new(),
            validators: Vec::new(),
        }
    }

    /// The nested attributes, if it has any.
    #[must_use]
    pub const fn nested(&self) -> Option<(Nesting, &NestedObject)> {
        match &self.kind {
            AttributeKind::Nested { nesting, object } => Some((*nesting, object)),
            AttributeKind::Type(_) => None,
        }
    }
}

// === impl AttributeKind ===

impl AttributeKind {
    /// The type on the wire.
    #[must_use]
    pub fn ty(&self) -> Type {
        match self {
            Self::Type(ty) => ty.clone(),
            Self::Nested { nesting, object } => nesting.of(object.ty()),
        }
    }
}

// === impl NestedObject ===

impl NestedObject {
    /// The type of one such object.
    #[must_use]
    pub fn ty(&self) -> Type {
        Type::Object(
            self.attributes.iter().map(|(name, attr)| (name.clone(), attr.kind.ty())).collect(),
        )
    }
}

// === impl Nesting ===

impl Nesting {
    /// The type of `object`, gathered so.
    #[must_use]
    pub fn of(self, object: Type) -> Type {
        match self {
            Self::Single => object,
            Self::List => Type::list(object),
            Self::Set => Type::set(object),
            Self::Map => Type::map(object),
        }
    }

    /// The name in `providers schema -json`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::List => "list",
            Self::Set => "set",
            Self::Map => "map",
        }
    }
}
