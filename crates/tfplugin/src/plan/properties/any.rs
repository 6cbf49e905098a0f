//! Any schema, and any configuration of it.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use super::Attributes;
use crate::plan::modifier;
use crate::schema::{Attribute, AttributeKind, Block, NestedBlock, NestedObject, Nesting};
use crate::value::{Type, Value};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Role {
    Required,
    Optional,
    Computed,
    Both,
    Default,
    WriteOnly,
}

fn same_but_for_case(prior: &Value, planned: &Value) -> bool {
    match (prior.as_str(), planned.as_str()) {
        (Some(prior), Some(planned)) => prior.eq_ignore_ascii_case(planned),
        _ => false,
    }
}

fn attribute(depth: u32, in_set: bool) -> BoxedStrategy<Attribute> {
    let roles = if in_set {
        vec![Role::Required, Role::Optional, Role::Computed, Role::Both]
    } else {
        use Role::{Both, Computed, Default, Optional, Required, WriteOnly};
        vec![Required, Optional, Computed, Both, Default, WriteOnly]
    };
    let plain = prop_oneof![
        3 => Just(Type::String),
        1 => Just(Type::list(Type::String)),
        1 => Just(Type::set(Type::String)),
    ]
    .prop_map(AttributeKind::Type);
    let kind = if depth == 0 {
        plain.boxed()
    } else {
        // Sets inside of elements of sets are not looked into, here or by the engine.
        let set = if in_set { Nesting::List } else { Nesting::Set };
        let nesting =
            prop_oneof![Just(Nesting::Single), Just(Nesting::List), Just(set), Just(Nesting::Map)];
        let nested = nesting.prop_flat_map(move |nesting| {
            attributes(depth - 1, in_set || nesting == Nesting::Set).prop_map(move |attributes| {
                let object = NestedObject { description: String::new(), attributes };
                AttributeKind::Nested { nesting, object }
            })
        });
        prop_oneof![2 => plain, 1 => nested].boxed()
    };
    (kind, proptest::sample::select(roles), 0..5_u8)
        .prop_map(move |(kind, role, rule)| {
            let text = matches!(kind, AttributeKind::Type(Type::String));
            let nested = matches!(kind, AttributeKind::Nested { .. });
            let role = match role {
                Role::Default if !text => Role::Both,
                Role::WriteOnly if nested => Role::Optional,
                role => role,
            };
            let mut attribute = Attribute::new(kind, "");
            attribute.required = role == Role::Required;
            attribute.optional = !matches!(role, Role::Required | Role::Computed);
            attribute.computed = matches!(role, Role::Computed | Role::Both | Role::Default);
            attribute.write_only = role == Role::WriteOnly;
            attribute.default = (role == Role::Default).then(|| "d".into());
            attribute.modifiers = match rule {
                0 => vec![modifier::use_state_for_unknown()],
                1 => vec![modifier::use_non_null_state()],
                2 => vec![modifier::requires_replace()],
                3 if text && !in_set => vec![modifier::keep_prior_when_equal(same_but_for_case)],
                _ => Vec::new(),
            };
            attribute
        })
        .boxed()
}

fn attributes(depth: u32, in_set: bool) -> BoxedStrategy<Attributes> {
    btree_map("[a-e]", attribute(depth, in_set), 1..5).boxed()
}

pub(super) fn block() -> impl Strategy<Value = Block> {
    let nesting = prop_oneof![
        Just(Nesting::Single),
        Just(Nesting::List),
        Just(Nesting::Set),
        Just(Nesting::Map)
    ];
    let nested = nesting.prop_flat_map(|nesting| {
        attributes(1, nesting == Nesting::Set).prop_map(move |attributes| {
            let block = Block { attributes, ..Block::default() };
            NestedBlock { nesting, block, min: 0, max: 0 }
        })
    });
    (attributes(2, false), btree_map("[v-z]", nested, 0..2))
        .prop_map(|(attributes, blocks)| Block { attributes, blocks, ..Block::default() })
}

// === Configurations ===

fn text() -> impl Strategy<Value = Value> {
    "[abAB]".prop_map(Value::from)
}

fn gathered(nesting: Nesting, object: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    match nesting {
        Nesting::Single => object,
        Nesting::List => vec(object, 0..3).prop_map(Value::List).boxed(),
        Nesting::Set => vec(object, 0..4).prop_map(Value::set).boxed(),
        Nesting::Map => btree_map("[kl]", object, 0..3).prop_map(Value::Map).boxed(),
    }
}

fn object(attributes: &Attributes, unknowns: bool) -> BoxedStrategy<Value> {
    let values: Vec<_> = attributes
        .iter()
        .map(|(name, attribute)| (Just(name.clone()), configured(attribute, unknowns)))
        .collect();
    values.prop_map(Value::object).boxed()
}

fn configured(attribute: &Attribute, unknowns: bool) -> BoxedStrategy<Value> {
    if attribute.computed && !attribute.optional {
        return Just(Value::Null).boxed();
    }
    let known = match &attribute.kind {
        AttributeKind::Type(Type::List(_)) => vec(text(), 0..3).prop_map(Value::List).boxed(),
        AttributeKind::Type(Type::Set(_)) => vec(text(), 0..3).prop_map(Value::set).boxed(),
        AttributeKind::Type(_) => text().boxed(),
        AttributeKind::Nested { nesting, object: nested } => {
            gathered(*nesting, object(&nested.attributes, unknowns))
        }
    };
    let null = u32::from(!attribute.required);
    let unknown = u32::from(unknowns);
    prop_oneof![3 => known, null => Just(Value::Null), unknown => Just(Value::UNKNOWN)].boxed()
}

pub(super) fn config(block: &Block, unknowns: bool) -> BoxedStrategy<Value> {
    let blocks: Vec<_> = block
        .blocks
        .iter()
        .map(|(name, nested)| {
            let one = object(&nested.block.attributes, unknowns);
            (Just(name.clone()), gathered(nested.nesting, one))
        })
        .collect();
    (object(&block.attributes, unknowns), blocks)
        .prop_map(|(object, blocks)| {
            let mut values = object.attributes().cloned().unwrap();
            values.extend(blocks);
            Value::Object(values)
        })
        .boxed()
}
