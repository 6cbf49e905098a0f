//! Configurations that are generated for objects which were imported.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Diagnostics, Notice};
use crate::erased::{Registered, guard};
use crate::schema::{Attribute, Block, NestedBlock};
use crate::value::Value;

impl Registered {
    /// A configuration that would make the object in `state`.
    ///
    /// # Errors
    /// When there is no such resource or object, or when the resource's own code fails.
    pub fn generate_resource_config(
        &self,
        type_name: &str,
        state: Value,
    ) -> Result<Value, Diagnostics> {
        let resource = self.resource(type_name)?;
        if state.is_null() {
            let detail = format!("There is no `{type_name}` to make a configuration of.");
            return Err(
                Diagnostic::noticed(Notice::NotFound, "Nothing to generate from", detail).into()
            );
        }
        let mut config = state.clone();
        configured(&resource.schema().0.block, &mut config);
        let what = format!("generate a configuration of `{type_name}`");
        Ok(guard::call(&what, || resource.generate_config(state, config))??)
    }
}

/// Leaves in a state what a person would configure.
fn configured(block: &Block, value: &mut Value) {
    in_objects(value, &mut |object| {
        configured_attributes(&block.attributes, object);
        for (name, NestedBlock { block, .. }) in &block.blocks {
            if let Some(nested) = object.get_mut(name) {
                configured(block, nested);
            }
        }
    });
}

fn configured_attributes(
    attributes: &BTreeMap<String, Attribute>,
    object: &mut BTreeMap<String, Value>,
) {
    for (name, attribute) in attributes {
        let Some(value) = object.get_mut(name) else { continue };
        let Attribute { required, optional, write_only, .. } = *attribute;
        let is_left_out = !(required || optional)
            || write_only
            || (optional
                && (attribute.deprecated.is_some() || attribute.default.as_ref() == Some(value)));
        if is_left_out {
            *value = Value::Null;
        } else if let Some((_, nested)) = attribute.nested() {
            in_objects(value, &mut |object| configured_attributes(&nested.attributes, object));
        }
    }
}

/// Calls `act` with the object that `value` is, or with each that it holds.
fn in_objects(value: &mut Value, act: &mut dyn FnMut(&mut BTreeMap<String, Value>)) {
    match value {
        Value::Object(object) => act(object),
        Value::List(elements) => elements.iter_mut().for_each(|element| in_objects(element, act)),
        Value::Map(entries) => entries.values_mut().for_each(|entry| in_objects(entry, act)),
        Value::Set(elements) => {
            let mut elements = std::mem::take(elements);
            elements.iter_mut().for_each(|element| in_objects(element, act));
            // What made two elements different may have been computed.
            *value = Value::set(elements);
        }
        _ => {}
    }
}
