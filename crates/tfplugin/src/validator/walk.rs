//! The marks and validators of every attribute of an object, on its values.

use std::collections::BTreeMap;

use super::siblings::{Said, Setting};
use super::{Rule, marks};
use crate::diagnostic::{Diagnostics, Path};
use crate::erased::guard;
use crate::schema::{Attribute, Block, NestedBlock, Nesting};
use crate::value::Value;

/// Checks the marks and runs the validators of every attribute of `block` on the values of `config`, nested
/// ones too.
pub(crate) fn check_block(
    block: &Block,
    config: &Value,
    path: &Path,
    diagnostics: &mut Diagnostics,
) {
    if config.is_known() {
        marks::check_object(block.deprecated.as_ref(), path, diagnostics);
    }
    check_attributes(&block.attributes, &block.blocks, config, path, diagnostics);
    for (name, nested) in &block.blocks {
        let Some(value) = config.attribute(name) else { continue };
        let path = path.clone().nested(name);
        if nested.nesting == Nesting::Single {
            check_block(&nested.block, value, &path, diagnostics);
        } else {
            each_element(value, &path, |element, path| {
                check_block(&nested.block, element, &path, diagnostics);
            });
        }
    }
}

fn check_attributes(
    attributes: &BTreeMap<String, Attribute>,
    blocks: &BTreeMap<String, NestedBlock>,
    config: &Value,
    path: &Path,
    diagnostics: &mut Diagnostics,
) {
    if config.attributes().is_none() {
        return;
    }
    let setting = |name: &str| match config.attribute(name) {
        Some(value) if value.is_unknown() => Setting::Unknown,
        // Without any block there is an empty collection of them.
        Some(value) if blocks.contains_key(name) && is_empty(value) => Setting::Unset,
        Some(value) if !value.is_null() => Setting::Set,
        _ => Setting::Unset,
    };
    let mut said = Said::new();
    for (name, attribute) in attributes {
        let Some(value) = config.attribute(name) else { continue };
        let path = path.clone().nested(name);
        marks::check(attribute, value, &path, diagnostics);
        let secret = attribute.sensitive || attribute.write_only;
        for validator in &attribute.validators {
            match &validator.0 {
                Rule::Siblings(siblings) => {
                    diagnostics.extend(siblings.check(name, &path, &setting, &mut said));
                }
                _ => {
                    let check = || validator.run(value, &path, secret, diagnostics);
                    if let Err(panic) =
                        guard::attribute("validate", attribute, || path.clone(), check)
                    {
                        diagnostics.push(panic);
                    }
                }
            }
        }
        match attribute.nested() {
            Some((Nesting::Single, object)) => {
                check_attributes(&object.attributes, &BTreeMap::new(), value, &path, diagnostics);
            }
            Some((nesting, object)) => each_element(value, &path, |element, path| {
                let (none, mut found) = (BTreeMap::new(), Diagnostics::new());
                check_attributes(&object.attributes, &none, element, &path, &mut found);
                // The protocol has no path into a set.
                diagnostics.extend(found.into_iter().map(|found| match nesting {
                    Nesting::Set => found.at(path.clone()),
                    _ => found,
                }));
            }),
            None => {}
        }
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::List(elements) | Value::Set(elements) | Value::Tuple(elements) => {
            elements.is_empty()
        }
        Value::Map(entries) => entries.is_empty(),
        _ => false,
    }
}

/// Calls `check` for each element with its path.
pub(super) fn each_element(value: &Value, path: &Path, mut check: impl FnMut(&Value, Path)) {
    match value {
        Value::List(elements) | Value::Tuple(elements) => {
            for (index, element) in elements.iter().enumerate() {
                check(element, path.clone().index(i64::try_from(index).unwrap_or(i64::MAX)));
            }
        }
        // The protocol has no path into a set.
        Value::Set(elements) => elements.iter().for_each(|element| check(element, path.clone())),
        Value::Map(entries) => {
            entries.iter().for_each(|(key, entry)| check(entry, path.clone().key(key)));
        }
        _ => {}
    }
}
