//! What may come of a plan.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::Breach;
use crate::plan::walk::Trail;
use crate::value::Value;

const CHANGED: Cow<'static, str> = Cow::Borrowed("is not what was planned");
const PARTLY_UNKNOWN: Cow<'static, str> = Cow::Borrowed("is still unknown in part");

/// How many comparisons of elements of one set are made before the set is trusted: so many are needed
/// only where nearly nothing is known of the elements.
const COMPARISONS: usize = 100_000;

/// Checks one value, and collects what breaks the plan.
pub(super) fn check(planned: &Value, result: &Value, path: Trail<'_>, breaches: &mut Vec<Breach>) {
    let mut breach = |how: Cow<'static, str>| breaches.push((path.to_path(), how));
    match (planned, result) {
        (_, Value::Unknown(_)) => breach("is still unknown".into()),
        (Value::Unknown(_), result) if !result.is_wholly_known() => breach(PARTLY_UNKNOWN),
        (Value::Unknown(unknown), result) => {
            let promised = unknown.refinement().map_or(Ok(()), |promised| promised.check(result));
            if let Err(broken) = promised {
                breach(format!("is not what the plan promised: it {broken}").into());
            }
        }
        (Value::Object(planned), Value::Object(result)) => {
            for (name, planned) in planned {
                if let Some(result) = result.get(name) {
                    check(planned, result, Trail::Attribute(&path, name), breaches);
                }
            }
        }
        (Value::Map(planned), Value::Map(result)) if planned.keys().eq(result.keys()) => {
            for ((key, planned), result) in planned.iter().zip(result.values()) {
                check(planned, result, Trail::Key(&path, key), breaches);
            }
        }
        (Value::List(planned), Value::List(result))
        | (Value::Tuple(planned), Value::Tuple(result))
            if planned.len() == result.len() =>
        {
            for (index, (planned, result)) in planned.iter().zip(result).enumerate() {
                check(planned, result, Trail::Index(&path, index), breaches);
            }
        }
        (Value::Set(_), Value::Set(_)) if planned == result && planned.is_wholly_known() => {}
        (Value::Set(_), Value::Set(result)) if !result.iter().all(Value::is_wholly_known) => {
            breach(PARTLY_UNKNOWN);
        }
        (Value::Set(planned), Value::Set(result)) => {
            if !is_completion(planned, result) {
                breach(CHANGED);
            }
        }
        (Value::Dynamic(planned), Value::Dynamic(result)) if planned.0 == result.0 => {
            check(&planned.1, &result.1, path, breaches);
        }
        (planned, result) if planned == result => {}
        _ => breach(CHANGED),
    }
}

/// Can `planned`, a set, have become `result`? Elements that were unknown in part may turn out equal to
/// others: each planned element has to be there, each that is there has to be planned, and there are not
/// more of them.
fn is_completion(planned: &[Value], result: &[Value]) -> bool {
    if result.len() > planned.len() {
        return false;
    }
    let (known, open): (Vec<&Value>, Vec<&Value>) =
        planned.iter().partition(|element| element.is_wholly_known());
    if !known.iter().all(|element| result.binary_search(element).is_ok()) {
        return false;
    }
    let mut unexplained: Vec<bool> =
        result.iter().map(|element| known.binary_search(&element).is_err()).collect();
    // Elements of which the same attributes are known are looked for together, by these.
    let mut by_mask: BTreeMap<Vec<&str>, Vec<&Value>> = BTreeMap::new();
    for element in open {
        by_mask.entry(known_names(element)).or_default().push(element);
    }
    let mut comparisons = COMPARISONS;
    for (names, open) in by_mask {
        let mut results: BTreeMap<Vec<Option<&Value>>, Vec<usize>> = BTreeMap::new();
        for (index, element) in result.iter().enumerate() {
            results.entry(values_of(element, &names)).or_default().push(index);
        }
        let mut plans: BTreeMap<Vec<Option<&Value>>, Vec<&Value>> = BTreeMap::new();
        for element in open {
            plans.entry(values_of(element, &names)).or_default().push(element);
        }
        for (key, planned) in plans {
            let Some(indices) = results.get(&key) else { return false };
            let mut may_be = |planned: &Value, index: usize| {
                comparisons = comparisons.saturating_sub(1);
                comparisons == 0 || fits(planned, &result[index])
            };
            let found = |planned: &&Value| indices.iter().any(|index| may_be(planned, *index));
            if !planned.iter().all(found) {
                return false;
            }
            for index in indices {
                if unexplained[*index] && planned.iter().any(|planned| may_be(planned, *index)) {
                    unexplained[*index] = false;
                }
            }
        }
    }
    !unexplained.contains(&true)
}

fn fits(planned: &Value, result: &Value) -> bool {
    let mut breaches = Vec::new();
    check(planned, result, Trail::Root, &mut breaches);
    breaches.is_empty()
}

/// The attributes of an object that are wholly known.
fn known_names(element: &Value) -> Vec<&str> {
    let attributes = element.attributes().into_iter().flatten();
    attributes.filter(|(_, value)| value.is_wholly_known()).map(|(name, _)| name.as_str()).collect()
}

fn values_of<'v>(element: &'v Value, names: &[&str]) -> Vec<Option<&'v Value>> {
    names.iter().map(|name| element.attribute(name)).collect()
}
