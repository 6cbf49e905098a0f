//! Which element of one set is which element of another. The elements of a set have no names: they are
//! found by what is theirs whatever the provider computes.

use std::collections::BTreeMap;

use super::Level;
use crate::value::Value;

/// How many candidates are looked at for one element. More of them have the same identity only where
/// nearly everything in an element is computed; then the pairing may be another one, but it takes no
/// quadratic time.
const CANDIDATES: usize = 64;

/// A test whether two elements belong together: one that is looked for, and a candidate.
pub(in crate::plan) type Fits<'f> = &'f dyn Fn(&Value, &Value) -> bool;

/// The elements of a set, each to be found once. `'k` is as long as they are looked for.
pub(in crate::plan) struct Elements<'a, 'k> {
    level: Level<'a>,
    groups: BTreeMap<Vec<&'k Value>, Group<'a>>,
}

/// Elements with the same identity, in the order of the set.
#[derive(Default)]
struct Group<'a> {
    elements: Vec<&'a Value>,
    taken: Vec<Option<Taken>>,
    /// Everything before it is taken.
    first: usize,
    /// How many are looked for here.
    wanted: usize,
}

/// Which of those that are looked for an element was taken for, and in which round.
#[derive(Clone, Copy)]
struct Taken {
    index: usize,
    round: usize,
}

/// Those that are looked for.
struct Search<'a, 'k> {
    wanted: &'k [Value],
    identities: Vec<Vec<&'k Value>>,
    is_found: Vec<bool>,
    groups: BTreeMap<Vec<&'k Value>, Group<'a>>,
}

// === impl Elements ===

impl<'a: 'k, 'k> Elements<'a, 'k> {
    pub(in crate::plan) fn new(level: Level<'a>, elements: &'a [Value]) -> Self {
        let mut groups: BTreeMap<Vec<&'k Value>, Group<'a>> = BTreeMap::new();
        for element in elements {
            let group = groups.entry(level.identity(element)).or_default();
            group.elements.push(element);
            group.taken.push(None);
        }
        Self { level, groups }
    }

    /// For each of `wanted` the element that is the same, else the one that fits it best by the first of
    /// `rounds` in which one is left. An element that fits several in the same round goes to the one that no other
    /// fits: each round finds one for as many as it can.
    pub(in crate::plan) fn find_all(
        self,
        wanted: &'k [Value],
        rounds: &[Fits<'_>],
    ) -> Vec<Option<&'a Value>> {
        let mut search = self.search(wanted);
        for (fits, round) in rounds.iter().zip(1..) {
            search.each(|group, index| group.take(wanted, Taken { index, round }, fits));
            search.each(|group, index| group.make_room(wanted, Taken { index, round }, fits));
        }
        search.found()
    }

    fn search(self, wanted: &'k [Value]) -> Search<'a, 'k> {
        let mut search = Search {
            wanted,
            identities: wanted.iter().map(|wanted| self.level.identity(wanted)).collect(),
            is_found: vec![false; wanted.len()],
            groups: self.groups,
        };
        for identity in &search.identities {
            if let Some(group) = search.groups.get_mut(identity) {
                group.wanted += 1;
            }
        }
        search.each(|group, index| group.take_same(wanted, Taken { index, round: 0 }));
        search
    }
}

// === impl Search ===

impl<'a> Search<'a, '_> {
    /// Takes an element of its group for each that has none yet.
    fn each(&mut self, mut take: impl FnMut(&mut Group<'a>, usize) -> bool) {
        for (index, identity) in self.identities.iter().enumerate() {
            if !self.is_found[index]
                && let Some(group) = self.groups.get_mut(identity)
            {
                self.is_found[index] = take(group, index);
            }
        }
    }

    fn found(self) -> Vec<Option<&'a Value>> {
        let mut found = vec![None; self.wanted.len()];
        for group in self.groups.into_values() {
            for (element, taken) in group.elements.into_iter().zip(group.taken) {
                if let Some(taken) = taken {
                    found[taken.index] = Some(element);
                }
            }
        }
        found
    }
}

// === impl Group ===

impl Group<'_> {
    fn take_same(&mut self, wanted: &[Value], by: Taken) -> bool {
        let wanted = &wanted[by.index];
        let start = self.elements.partition_point(|element| *element < wanted);
        let same = self.elements.iter().enumerate().skip(start).take(CANDIDATES);
        let found = same
            .take_while(|(_, element)| **element == wanted)
            .find(|(candidate, _)| self.taken[*candidate].is_none());
        let Some((candidate, _)) = found else { return false };
        self.taken[candidate] = Some(by);
        true
    }

    fn take(&mut self, wanted: &[Value], by: Taken, fits: Fits<'_>) -> bool {
        while self.taken.get(self.first).is_some_and(Option::is_some) {
            self.first += 1;
        }
        let wanted = &wanted[by.index];
        let candidates = self.elements.iter().enumerate().skip(self.first).take(CANDIDATES);
        let best = candidates
            .filter(|(candidate, element)| {
                self.taken[*candidate].is_none() && fits(wanted, element)
            })
            // The first of those that have most in common.
            .rev()
            .max_by_key(|(_, element)| in_common(wanted, element));
        let Some((candidate, _)) = best else { return false };
        self.taken[candidate] = Some(by);
        true
    }

    /// Takes an element for one that all it fits are taken from, where those that have them can have others. In a
    /// large group, which is hardly ever one, that would take quadratic time.
    fn make_room(&mut self, wanted: &[Value], by: Taken, fits: Fits<'_>) -> bool {
        let is_large = self.wanted.max(self.elements.len()) > CANDIDATES;
        if is_large || self.taken.iter().all(Option::is_some) {
            return false;
        }
        let mut seen = vec![false; self.elements.len()];
        self.give_way(wanted, by, fits, &mut seen)
    }

    /// An augmenting path of a bipartite matching. `seen` are those that were asked for already.
    fn give_way(&mut self, wanted: &[Value], by: Taken, fits: Fits<'_>, seen: &mut [bool]) -> bool {
        for candidate in 0..self.elements.len() {
            if seen[candidate] || !fits(&wanted[by.index], self.elements[candidate]) {
                continue;
            }
            seen[candidate] = true;
            let is_free = match self.taken[candidate] {
                None => true,
                Some(other) if other.round == by.round => self.give_way(wanted, other, fits, seen),
                Some(_) => false,
            };
            if is_free {
                self.taken[candidate] = Some(by);
                return true;
            }
        }
        false
    }
}

/// How much that is set is the same in both, however deep.
fn in_common(one: &Value, other: &Value) -> usize {
    match (one, other) {
        (Value::Null, _) => 0,
        (Value::Object(one), Value::Object(other)) | (Value::Map(one), Value::Map(other)) => {
            one.iter().filter_map(|(name, one)| Some(in_common(one, other.get(name)?))).sum()
        }
        (Value::List(one), Value::List(other)) => {
            one.iter().zip(other).map(|(one, other)| in_common(one, other)).sum()
        }
        (one, other) => usize::from(one == other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Attribute, AttributeKind, Block, NestedObject, Nesting};
    use crate::value::Type;

    /// Two texts, and two more in a nested object, all of which the provider may compute.
    fn block() -> Block {
        let both = |kind| {
            let mut attribute = Attribute::new(kind, "");
            (attribute.optional, attribute.computed) = (true, true);
            attribute
        };
        let texts =
            || ["x", "y"].map(|name| (name.into(), both(AttributeKind::Type(Type::String))));
        let object = NestedObject { description: String::new(), attributes: texts().into() };
        let nested = AttributeKind::Nested { nesting: Nesting::Single, object };
        let mut attributes = BTreeMap::from(texts());
        attributes.insert("deep".to_owned(), both(nested));
        Block { attributes, ..Block::default() }
    }

    fn element(x: &str, y: &str, deep: [&str; 2]) -> Value {
        let text = |text: &str| if text.is_empty() { Value::Null } else { text.into() };
        let texts = |x, y| [("x".to_owned(), text(x)), ("y".to_owned(), text(y))];
        let [deep_x, deep_y] = deep;
        let deep = ("deep".to_owned(), Value::object(texts(deep_x, deep_y)));
        Value::object(texts(x, y).into_iter().chain([deep]))
    }

    /// The configuration that is found for each planned element.
    #[track_caller]
    fn check(configs: Vec<Value>, pairs: &[(Value, Value)]) {
        let block = block();
        let level = Level::from(&block);
        let Value::Set(configs) = Value::set(configs) else { panic!("no set") };
        let planned: Vec<Value> = pairs.iter().map(|(planned, _)| planned.clone()).collect();
        let fits = |planned: &Value, config: &Value| level.may_become(config, planned);
        let found = Elements::new(level, &configs).find_all(&planned, &[&fits]);
        let expected: Vec<_> = pairs.iter().map(|(_, config)| Some(config)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_configured_deep_inside_tells_elements_apart() {
        let (any, exact) = (element("", "", ["", ""]), element("", "", ["b", ""]));
        check(
            vec![any.clone(), exact.clone()],
            &[(element("a", "", ["b", "c"]), exact), (element("a", "", ["d", "d"]), any)],
        );
    }

    #[test]
    fn what_is_not_known_yet_leaves_a_state_to_the_element_that_needs_it() {
        let block = block();
        let level = Level::from(&block);
        let unknown = |mut element: Value, name: &str| {
            let Value::Object(values) = &mut element else { panic!("no object") };
            values.insert(name.to_owned(), Value::UNKNOWN);
            element
        };
        let none = ["", ""];
        let prior = [element("1", "1", none), element("2", "1", none)];
        let planned = [unknown(element("", "1", none), "x"), unknown(element("1", "", none), "y")];
        let fits = |planned: &Value, prior: &Value| level.may_have_been(planned, prior);
        let found = Elements::new(level, &prior).find_all(&planned, &[&fits]);
        assert_eq!(found, [Some(&prior[1]), Some(&prior[0])]);
    }

    #[test]
    fn an_element_that_fits_several_leaves_the_one_that_another_needs() {
        let (first, second) = (element("1", "", ["", ""]), element("", "1", ["", ""]));
        check(
            vec![first.clone(), second.clone()],
            &[(element("1", "1", ["", ""]), first), (element("2", "1", ["", ""]), second)],
        );
    }
}
