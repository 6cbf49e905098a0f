//! What a model has no place for, put back into what it brings: the type of a null, and the difference
//! between no blocks and null.

use std::collections::BTreeMap;

use super::level::Level;
use crate::schema::{AttributeKind, Block, Nesting};
use crate::value::Value;

/// Gives `new` the shape the CLI wants: a null of any type has the type it has in `before`, and where
/// there are no blocks there is an empty collection of them.
pub(crate) fn restore(block: &Block, before: &Value, new: &mut Value) {
    no_null_blocks(block, new);
    if Level::from(block).any(&|attribute| match &attribute.kind {
        AttributeKind::Type(ty) => ty.holds_dynamic(),
        AttributeKind::Nested { .. } => false,
    }) {
        typed_nulls(before, new);
    }
}

fn typed_nulls(before: &Value, new: &mut Value) {
    match (before, new) {
        (Value::Dynamic(before), new @ Value::Null) if !before.1.is_known() => {
            *new = Value::Dynamic(Box::new((before.0.clone(), Value::Null)));
        }
        (Value::Object(before), Value::Object(new)) => {
            for (name, new) in new {
                if let Some(before) = before.get(name) {
                    typed_nulls(before, new);
                }
            }
        }
        _ => {}
    }
}

fn no_null_blocks(block: &Block, value: &mut Value) {
    let Value::Object(values) = value else { return };
    for (name, nested) in &block.blocks {
        let Some(value) = values.get_mut(name) else { continue };
        match (nested.nesting, &mut *value) {
            (Nesting::Single, value) => no_null_blocks(&nested.block, value),
            (Nesting::List, Value::Null) => *value = Value::List(Vec::new()),
            (Nesting::Set, Value::Null) => *value = Value::Set(Vec::new()),
            (Nesting::Map, Value::Null) => *value = Value::Map(BTreeMap::new()),
            (_, Value::List(elements) | Value::Set(elements)) => {
                elements.iter_mut().for_each(|element| no_null_blocks(&nested.block, element));
            }
            (_, Value::Map(entries)) => {
                entries.values_mut().for_each(|entry| no_null_blocks(&nested.block, entry));
            }
            _ => {}
        }
    }
}
