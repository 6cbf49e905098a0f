//! What can be known to be wrong with a request before any cluster is looked at.

use std::fmt;

use crate::request::{Mode, Request, Selector, Strategy, Toleration, TolerationOperator};

/// One step to the attribute that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Segment {
    /// An attribute.
    Attribute(&'static str),
    /// An element of a list.
    Index(usize),
}

/// A rule that a request breaks, with the attribute it concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// Where, from the placement's own attributes.
    pub path: Vec<Segment>,
    /// What is wrong: completes the sentence "this argument …".
    pub rule: String,
}

/// `strategy.min_regions: …`
impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, segment) in self.path.iter().enumerate() {
            match segment {
                Segment::Attribute(name) if i == 0 => f.write_str(name)?,
                Segment::Attribute(name) => write!(f, ".{name}")?,
                Segment::Index(index) => write!(f, "[{index}]")?,
            }
        }
        write!(f, ": {}", self.rule)
    }
}

fn invalid(path: &[&'static str], rule: impl Into<String>) -> Invalid {
    Invalid { path: path.iter().map(|name| Segment::Attribute(name)).collect(), rule: rule.into() }
}

// === impl Request ===

impl Request {
    /// Every rule that the request breaks by itself.
    #[must_use]
    pub fn invalid(&self) -> Vec<Invalid> {
        let tolerations = self.tolerations.iter().enumerate();
        self.strategy
            .invalid()
            .into_iter()
            .chain(self.strategy.primary_outside(&self.selector))
            .chain(self.selector.invalid())
            .chain(tolerations.filter_map(|(index, toleration)| toleration.invalid(index)))
            .collect()
    }
}

// === impl Strategy ===

impl Strategy {
    /// Every rule that the strategy breaks by itself.
    #[must_use]
    pub fn invalid(&self) -> Vec<Invalid> {
        let mut found = Vec::new();
        let positive = [
            ("count", self.count),
            ("min_regions", self.min_regions),
            ("max_clusters_per_region", self.max_clusters_per_region),
        ];
        for (attribute, value) in positive {
            if value == Some(0) {
                found.push(invalid(&["strategy", attribute], "must be at least 1"));
            }
        }
        match (self.mode, &self.primary_region) {
            (None, Some(_)) => found.push(invalid(
                &["strategy", "primary_region"],
                "needs a mode, which says what the other regions do",
            )),
            (Some(Mode::ActiveActive), Some(_)) => found.push(invalid(
                &["strategy", "primary_region"],
                "is not allowed in active-active, where every region serves",
            )),
            (Some(mode), None) if mode != Mode::ActiveActive => found.push(invalid(
                &["strategy", "primary_region"],
                format!("is required in {}: the region that serves first", mode.as_str()),
            )),
            _ => {}
        }
        if let (Some(mode), Some(given @ 1)) = (self.mode, self.min_regions)
            && given < (Self { min_regions: None, ..self.clone() }).min_regions()
        {
            found.push(invalid(
                &["strategy", "min_regions"],
                format!("must be at least 2 in {}, which spans regions", mode.as_str()),
            ));
        }
        if let Some(count) = self.count
            && count > 0
            && count < self.min_regions()
        {
            found.push(invalid(
                &["strategy", "count"],
                format!(
                    "is {count}, and {count} targets cannot be in {} regions",
                    self.min_regions()
                ),
            ));
        }
        found
    }

    fn primary_outside(&self, selector: &Selector) -> Option<Invalid> {
        let (primary, regions) = (self.primary_region.as_ref()?, selector.regions.as_ref()?);
        (!regions.contains(primary)).then(|| {
            let rule = format!("is `{primary}`, which is not one of selector.regions");
            invalid(&["strategy", "primary_region"], rule)
        })
    }
}

// === impl Selector ===

impl Selector {
    /// Every rule that the selector breaks by itself.
    #[must_use]
    pub fn invalid(&self) -> Vec<Invalid> {
        let mut found = Vec::new();
        let lists = [
            ("regions", &self.regions),
            ("data_classification", &self.data_classification),
            ("tier", &self.tier),
        ];
        for (attribute, values) in lists {
            if values.as_ref().is_some_and(std::collections::BTreeSet::is_empty) {
                let rule =
                    "is empty, which no cluster matches; leave it out to match every cluster";
                found.push(invalid(&["selector", attribute], rule));
            }
        }
        for (index, expression) in self.match_expressions.iter().enumerate() {
            let rule = match (expression.operator.takes_values(), expression.values.is_empty()) {
                (true, true) => "needs at least one value with In and NotIn",
                (false, false) => "must be left out with Exists and DoesNotExist",
                _ => continue,
            };
            found.push(Invalid {
                path: vec![
                    Segment::Attribute("selector"),
                    Segment::Attribute("match_expressions"),
                    Segment::Index(index),
                    Segment::Attribute("values"),
                ],
                rule: rule.into(),
            });
        }
        found
    }
}

// === impl Toleration ===

impl Toleration {
    /// The rule that the toleration, at `index` of its list, breaks by itself.
    #[must_use]
    pub fn invalid(&self, index: usize) -> Option<Invalid> {
        let broken = self.operator == TolerationOperator::Exists && self.value.is_some();
        broken.then(|| Invalid {
            path: vec![
                Segment::Attribute("tolerations"),
                Segment::Index(index),
                Segment::Attribute("value"),
            ],
            rule: "must be left out with Exists, which tolerates every value".into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strategy(
        mode: Option<&str>,
        numbers: [Option<usize>; 3],
        primary: Option<&str>,
    ) -> Strategy {
        Strategy {
            mode: mode.map(|word| Mode::parse(word).unwrap()),
            count: numbers[0],
            min_regions: numbers[1],
            max_clusters_per_region: numbers[2],
            primary_region: primary.map(str::to_owned),
        }
    }

    #[test]
    fn modes_have_rules() {
        let n = [None; 3];
        let table = [
            (strategy(None, n, None), vec![]),
            (strategy(None, n, Some("a")), vec!["strategy.primary_region"]),
            (strategy(Some("active-active"), n, None), vec![]),
            (strategy(Some("active-active"), n, Some("a")), vec!["strategy.primary_region"]),
            (strategy(Some("active-passive"), n, Some("a")), vec![]),
            (strategy(Some("active-passive"), n, None), vec!["strategy.primary_region"]),
            (strategy(Some("backup-restore"), [None, Some(1), None], Some("a")), vec![]),
            (
                strategy(Some("pilot-light"), [None, Some(1), None], Some("a")),
                vec!["strategy.min_regions"],
            ),
            (
                strategy(Some("warm-standby"), [Some(1), None, None], Some("a")),
                vec!["strategy.count"],
            ),
            (strategy(None, [Some(0), None, None], None), vec!["strategy.count"]),
            (strategy(None, [Some(2), Some(3), None], None), vec!["strategy.count"]),
            (strategy(None, [None, None, Some(0)], None), vec!["strategy.max_clusters_per_region"]),
        ];
        for (strategy, expected) in table {
            let found: Vec<_> = strategy
                .invalid()
                .iter()
                .map(|i| i.to_string().split(": ").next().unwrap_or_default().to_owned())
                .collect();
            assert_eq!(found, expected, "{strategy:?}");
        }
    }

    #[test]
    fn every_mode_and_its_word_are_one() {
        for word in Mode::WORDS {
            assert_eq!(Mode::parse(word).map(Mode::as_str), Some(*word));
        }
        assert_eq!(Mode::parse("active"), None);
    }
}
