//! Plans of any schema, any configuration and any state: they keep the CLI's rules, which are written down
//! here a second time, plainly; after an apply there is nothing left to do; and no breach goes unseen.

mod any;
mod cli;

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::{consistency, engine};
use crate::diagnostic::Diagnostics;
use crate::schema::{Attribute, Block};
use crate::value::{Type, Value};
use any::{block, config};
use cli::{all, allowed, comes_of, is_sound, proposed};

type Attributes = BTreeMap<String, Attribute>;

fn plan(block: &Block, prior: &Value, config: &Value) -> Result<Value, TestCaseError> {
    let proposed = proposed(&all(block), prior, config);
    prop_assume!(is_sound(&proposed, config));
    let mut faults = Diagnostics::new();
    let mut draft = engine::propose(block, config, prior, proposed, &mut faults);
    prop_assert!(faults.is_empty());
    engine::refine(block, config, &mut draft.planned);
    Ok(draft.planned)
}

/// Something for everything unknown, each time something else.
fn filled(attributes: &Attributes, planned: &Value) -> Value {
    fn fill(attributes: &Attributes, planned: &Value, count: &mut usize) -> Value {
        let Value::Object(values) = planned else { return planned.clone() };
        let mut result = BTreeMap::new();
        for (name, value) in values {
            let attribute = &attributes[name];
            let mut nested = |element: &Value| match attribute.nested() {
                Some((_, object)) => fill(&object.attributes, element, count),
                None => element.clone(),
            };
            let value = match (value, attribute.kind.ty()) {
                (Value::Unknown(_), ty) => {
                    *count += 1;
                    let text = Value::from(format!("filled {count}"));
                    match ty {
                        Type::String => text,
                        Type::List(element) if *element == Type::String => Value::List(vec![text]),
                        Type::Set(element) if *element == Type::String => Value::set([text]),
                        _ => Value::Null,
                    }
                }
                (Value::List(elements), _) => Value::List(elements.iter().map(nested).collect()),
                (Value::Set(elements), _) => Value::set(elements.iter().map(nested)),
                (Value::Map(entries), _) => Value::Map(
                    entries.iter().map(|(key, entry)| (key.clone(), nested(entry))).collect(),
                ),
                (value, _) => nested(value),
            };
            result.insert(name.clone(), value);
        }
        Value::Object(result)
    }
    fill(attributes, planned, &mut 0)
}

/// Changes something in `value`, however deep.
fn spoilt(value: &Value, steps: &[Index]) -> Value {
    let Some((step, steps)) = steps.split_first() else { return "spoilt".into() };
    let at = |count: usize| step.index(count);
    let inside = |elements: &[Value]| {
        let mut elements = elements.to_vec();
        let index = at(elements.len());
        elements[index] = spoilt(&elements[index], steps);
        elements
    };
    let entry = |entries: &BTreeMap<String, Value>| {
        let mut entries = entries.clone();
        let count = entries.len();
        if let Some(value) = entries.values_mut().nth(at(count)) {
            *value = spoilt(value, steps);
        }
        entries
    };
    match value {
        Value::List(elements) if !elements.is_empty() => Value::List(inside(elements)),
        Value::Set(elements) if !elements.is_empty() => Value::set(inside(elements)),
        Value::Map(entries) if !entries.is_empty() => Value::Map(entry(entries)),
        Value::Object(attributes) if !attributes.is_empty() => Value::Object(entry(attributes)),
        Value::Null => "spoilt".into(),
        _ => Value::Null,
    }
}

/// Did elements of a planned set come out equal, and so as one?
fn is_merged(planned: &Value, result: &Value) -> bool {
    match (planned, result) {
        (Value::Set(planned), Value::Set(result)) => result.len() < planned.len(),
        (Value::List(planned), Value::List(result)) => {
            planned.iter().zip(result).any(|(planned, result)| is_merged(planned, result))
        }
        (Value::Map(planned), Value::Map(result))
        | (Value::Object(planned), Value::Object(result)) => planned
            .values()
            .zip(result.values())
            .any(|(planned, result)| is_merged(planned, result)),
        _ => false,
    }
}

fn cases() -> impl Strategy<Value = (Block, Value, Value, Value)> {
    block().prop_flat_map(|block| {
        let (first, second) = (config(&block, false), config(&block, false));
        let vague = config(&block, true);
        (Just(block), first, second, vague)
    })
}

proptest! {
    #[test]
    fn plans_keep_the_rules_and_lead_somewhere((block, first, second, vague) in cases()) {
        let attributes = all(&block);
        let mut state = Value::Null;
        for config in [&first, &second] {
            let planned = plan(&block, &state, config)?;
            prop_assert_eq!(consistency::check_plan(&block, config, &state, &planned), []);
            prop_assert!(allowed(&attributes, config, &state, &planned), "{planned:?}");
            prop_assert_eq!(&plan(&block, &state, config)?, &planned, "the plan inside of apply");
            let result = filled(&attributes, &planned);
            prop_assert_eq!(consistency::check_result(&planned, &result), []);
            prop_assert_eq!(consistency::as_planned(&planned, result.clone()), result.clone());
            // Elements of a set that come out equal are one from then on, and no longer what is configured.
            let is_merged = is_merged(&planned, &result);
            state = result;
            if !is_merged {
                prop_assert_eq!(&plan(&block, &state, config)?, &state, "nothing is left to do");
            }
        }
        let planned = plan(&block, &state, &vague)?;
        prop_assert_eq!(consistency::check_plan(&block, &vague, &state, &planned), []);
        prop_assert!(allowed(&attributes, &vague, &state, &planned), "{planned:?}");
    }

    #[test]
    fn no_breach_goes_unseen(
        (block, first, second, vague) in cases(),
        steps in vec(any::<Index>(), 1..6),
    ) {
        let attributes = all(&block);
        let state = filled(&attributes, &plan(&block, &Value::Null, &first)?);
        for config in [&second, &vague] {
            let planned = spoilt(&plan(&block, &state, config)?, &steps);
            if !allowed(&attributes, config, &state, &planned) {
                let found = consistency::check_plan(&block, config, &state, &planned);
                prop_assert!(!found.is_empty(), "{planned:?}");
            }
        }
        let planned = plan(&block, &state, &second)?;
        let spoilt = spoilt(&filled(&attributes, &planned), &steps);
        let found = consistency::check_result(&planned, &spoilt);
        prop_assert_eq!(found.is_empty(), comes_of(&planned, &spoilt), "{:?}", spoilt);
        // What is put right keeps the plan, and has nothing unknown in it.
        let right = consistency::as_planned(&planned, spoilt);
        prop_assert!(comes_of(&planned, &right), "{right:?}");
    }
}
