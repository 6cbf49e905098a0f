//! Which element of one set is which element of another. The elements of a set have no names: they are
//! found by what is theirs whatever the provider computes.

use std::collections::BTreeMap;

use super::level::Level;
use crate::value::Value;

/// How many candidates are looked at for one element. More of them have the same identity only where
/// nearly everything in an element is computed; then the pairing may be another one, but it takes no
/// quadratic time.
const CANDIDATES: usize = 64;

/// A test whether two elements belong together: one that is looked for, and a candidate.
pub(super) type Fits<'f> = &'f dyn Fn(&Value, &Value) -> bool;

/// The elements of a set, each to be found once. `'k` is as long as they are looked for.
pub(super) struct Elements<'a, 'k> {
    level: Level<'a>,
    groups: BTreeMap<Vec<&'k Value>, Group<'a>>,
}

/// Elements with the same identity, in the order of the set.
#[derive(Default)]
struct Group<'a> {
    elements: Vec<&'a Value>,
    taken: Vec<bool>,
    /// Everything before it is taken.
    first: usize,
}

// === impl Elements ===

impl<'a: 'k, 'k> Elements<'a, 'k> {
    pub(super) fn new(level: Level<'a>, elements: &'a [Value]) -> Self {
        let mut groups: BTreeMap<Vec<&'k Value>, Group<'a>> = BTreeMap::new();
        for element in elements {
            let group = groups.entry(level.identity(element)).or_default();
            group.elements.push(element);
            group.taken.push(false);
        }
        Self { level, groups }
    }

    /// For each of `wanted` the element that is the same, else the one that fits it best by the first of
    /// `rounds` in which one is left.
    pub(super) fn find_all(
        mut self,
        wanted: &'k [Value],
        rounds: &[Fits<'_>],
    ) -> Vec<Option<&'a Value>> {
        let keys: Vec<Vec<&'k Value>> =
            wanted.iter().map(|wanted| self.level.identity(wanted)).collect();
        let mut found: Vec<Option<&'a Value>> = wanted
            .iter()
            .zip(&keys)
            .map(|(wanted, key)| self.groups.get_mut(key)?.take_same(wanted))
            .collect();
        for fits in rounds {
            for ((wanted, key), found) in wanted.iter().zip(&keys).zip(&mut found) {
                if found.is_none() {
                    let group = self.groups.get_mut(key);
                    *found = group.and_then(|group| group.take(wanted, fits));
                }
            }
        }
        found
    }
}

// === impl Group ===

impl<'a> Group<'a> {
    fn take_same(&mut self, wanted: &Value) -> Option<&'a Value> {
        let start = self.elements.partition_point(|element| *element < wanted);
        let same = self.elements.iter().enumerate().skip(start).take(CANDIDATES);
        let (index, element) = same
            .take_while(|(_, element)| **element == wanted)
            .find(|(index, _)| !self.taken[*index])?;
        self.taken[index] = true;
        Some(element)
    }

    fn take(&mut self, wanted: &Value, fits: Fits<'_>) -> Option<&'a Value> {
        while self.taken.get(self.first) == Some(&true) {
            self.first += 1;
        }
        let candidates = self.elements.iter().enumerate().skip(self.first).take(CANDIDATES);
        let (index, element) = candidates
            .filter(|(index, element)| !self.taken[*index] && fits(wanted, element))
            // The first of those that have most in common.
            .rev()
            .max_by_key(|(_, element)| in_common(wanted, element))?;
        self.taken[index] = true;
        Some(element)
    }
}

/// How many attributes are set, and the same, in both.
fn in_common(one: &Value, other: &Value) -> usize {
    let attributes = one.attributes().into_iter().flatten();
    attributes
        .filter(|(name, value)| !value.is_null() && other.attribute(name) == Some(value))
        .count()
}
