//! What can be known to be wrong with a request before any cluster is looked at.

use std::collections::BTreeSet;
use std::fmt;

use fleet_model::cluster::{FactError, check_free_name, check_name, check_zone};
use fleet_model::label;
use fleet_model::text::check_text;

use crate::request::{Mode, Request, Selector, Strategy, Toleration, TolerationOperator};

/// One step to the attribute that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// An attribute.
    Attribute(&'static str),
    /// An element of a list.
    Index(usize),
    /// An entry of a map.
    Key(String),
}

/// A rule that a request breaks, with the attribute it concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// Where, from the placement's own attributes.
    pub path: Vec<Segment>,
    /// What is wrong: completes a sentence that begins with the path.
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
                Segment::Key(key) => write!(f, "[{key:?}]")?,
            }
        }
        write!(f, ": {}", self.rule)
    }
}

fn invalid(path: &[&'static str], rule: impl Into<String>) -> Invalid {
    Invalid { path: attributes(path), rule: rule.into() }
}

fn attributes(path: &[&'static str]) -> Vec<Segment> {
    path.iter().map(|name| Segment::Attribute(name)).collect()
}

/// The path of an attribute of the element at `index` of a list.
pub(crate) fn element(
    list: &[&'static str],
    index: usize,
    attribute: &'static str,
) -> Vec<Segment> {
    let mut path = attributes(list);
    path.extend([Segment::Index(index), Segment::Attribute(attribute)]);
    path
}

/// The broken rule of a value, as clusters and Kubernetes have it. `{:?}` escapes what is not printable.
fn broken<E: fmt::Display>(
    path: Vec<Segment>,
    value: &str,
    held: Result<(), E>,
) -> Option<Invalid> {
    let rule = held.err()?;
    Some(Invalid {
        path,
        rule: format!("has the value {value:?}, which nothing can match: {rule}"),
    })
}

// === impl Request ===

impl Request {
    /// Every rule that the request breaks by itself.
    #[must_use]
    pub fn invalid(&self) -> Vec<Invalid> {
        let tolerations = self.tolerations.iter().enumerate();
        let environment = &self.environment;
        broken(attributes(&["environment"]), environment, check_free_name(environment))
            .into_iter()
            .chain(self.strategy.invalid())
            .chain(self.strategy.primary_outside(&self.selector))
            .chain(self.selector.invalid())
            .chain(tolerations.flat_map(|(index, toleration)| toleration.invalid(index)))
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
                found.push(invalid(&["strategy", attribute], "is 0, and must be at least 1"));
            }
        }
        if let Some(region) = &self.primary_region {
            let path = attributes(&["strategy", "primary_region"]);
            found.extend(broken(path, region, check_free_name(region)));
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
        let text = |text: &str| Ok(check_text(text)?);
        type Rule = fn(&str) -> Result<(), FactError>;
        let lists: [(_, &Option<BTreeSet<String>>, Rule); 9] = [
            ("regions", &self.regions, check_free_name),
            ("data_classification", &self.data_classification, check_free_name),
            ("tier", &self.tier, check_free_name),
            ("names", &self.names, check_name),
            ("accounts", &self.accounts, check_name),
            ("owners", &self.owners, text),
            ("clouds", &self.clouds, check_free_name),
            ("managed_by", &self.managed_by, text),
            ("zones", &self.zones, check_zone),
        ];
        for (attribute, values, rule) in lists {
            if values.as_ref().is_some_and(BTreeSet::is_empty) {
                let empty =
                    "is empty, which no cluster matches; leave it out to match every cluster";
                found.push(invalid(&["selector", attribute], empty));
            }
            for value in values.iter().flatten() {
                let path = attributes(&["selector", attribute]);
                found.extend(broken(path, value, rule(value)));
            }
        }
        if let Some(environment) = &self.environment {
            let path = attributes(&["selector", "environment"]);
            found.extend(broken(path, environment, check_free_name(environment)));
        }
        for (key, value) in &self.match_labels {
            let mut path = attributes(&["selector", "match_labels"]);
            path.push(Segment::Key(key.clone()));
            found.extend(label_key(path.clone(), key));
            found.extend(broken(path, value, label::check_value(value)));
        }
        for (index, expression) in self.match_expressions.iter().enumerate() {
            let at = |name| element(&["selector", "match_expressions"], index, name);
            found.extend(label_key(at("key"), &expression.key));
            for value in &expression.values {
                found.extend(broken(at("values"), value, label::check_value(value)));
            }
            let rule = match (expression.operator.takes_values(), expression.values.is_empty()) {
                (true, true) => "needs at least one value with In and NotIn",
                (false, false) => "must be left out with Exists and DoesNotExist",
                _ => continue,
            };
            found.push(Invalid { path: at("values"), rule: rule.into() });
        }
        found
    }
}

// === impl Toleration ===

impl Toleration {
    /// Every rule that the toleration, at `index` of its list, breaks by itself.
    #[must_use]
    pub fn invalid(&self, index: usize) -> Vec<Invalid> {
        let at = |name| element(&["tolerations"], index, name);
        let mut found = Vec::from_iter(label_key(at("key"), &self.key));
        if let Some(value) = &self.value {
            found.extend(broken(at("value"), value, label::check_value(value)));
            if self.operator == TolerationOperator::Exists {
                let rule = "must be left out with Exists, which tolerates every value".into();
                found.push(Invalid { path: at("value"), rule });
            }
        }
        found
    }
}

/// The rule of a label's key that `key` breaks; those with our prefix are matched as any other.
fn label_key(path: Vec<Segment>, key: &str) -> Option<Invalid> {
    let rule = label::check_key(key).err()?;
    Some(Invalid { path, rule: format!("has the key {key:?}, which no cluster can carry: {rule}") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labels::{MatchExpression, Operator};

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

    fn selector(edit: impl FnOnce(&mut Selector)) -> Vec<String> {
        let mut selector = Selector::default();
        edit(&mut selector);
        selector.invalid().iter().map(ToString::to_string).collect()
    }

    /// A value that no cluster can have is a mistake: what a registration refuses, a selector refuses.
    #[test]
    fn values_that_no_cluster_can_have_are_refused() {
        let set = |value: &str| Some(BTreeSet::from([value.to_owned()]));
        let expression = |key: &str, word: &str, value: Option<&str>| MatchExpression {
            key: key.into(),
            operator: Operator::parse(word).unwrap(),
            values: value.into_iter().map(str::to_owned).collect(),
        };
        let long = "a".repeat(64);
        let table = [
            (selector(|s| s.regions = set("us east")), "selector.regions: "),
            (selector(|s| s.tier = set("Tier-0")), "selector.tier: "),
            (selector(|s| s.names = set("prod_*")), "selector.names: "),
            (selector(|s| s.names = set("../prod")), "selector.names: "),
            (selector(|s| s.accounts = set("Shop prod")), "selector.accounts: "),
            (selector(|s| s.owners = set("")), "selector.owners: "),
            (selector(|s| s.owners = set("a\nb")), "selector.owners: "),
            (selector(|s| s.clouds = set("AWS")), "selector.clouds: "),
            (selector(|s| s.managed_by = set("")), "selector.managed_by: "),
            (selector(|s| s.zones = set("eu west")), "selector.zones: "),
            (selector(|s| s.zones = Some(BTreeSet::new())), "selector.zones: "),
            (selector(|s| s.data_classification = set("")), "selector.data_classification: "),
            (selector(|s| s.environment = Some("pröd".into())), "selector.environment: "),
            (
                selector(|s| s.match_labels = [("pci ".into(), "true".into())].into()),
                "selector.match_labels[\"pci \"]: ",
            ),
            (
                selector(|s| s.match_labels = [("pci".into(), long.clone())].into()),
                "selector.match_labels[\"pci\"]: ",
            ),
            (
                selector(|s| s.match_labels = [("a/b/c".into(), "true".into())].into()),
                "selector.match_labels[\"a/b/c\"]: ",
            ),
            (
                selector(|s| {
                    s.match_expressions = vec![expression("pci ", "DoesNotExist", None)];
                }),
                "selector.match_expressions[0].key: ",
            ),
            (
                selector(|s| s.match_expressions = vec![expression("pci", "NotIn", Some("no!"))]),
                "selector.match_expressions[0].values: ",
            ),
        ];
        for (found, path) in table {
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(found[0].starts_with(path), "{found:?}");
        }
        let good = selector(|s| {
            s.regions = set("us-east-1");
            s.match_labels = [("example.com/pci".into(), String::new())].into();
            s.match_expressions = vec![expression("fleet/unapproved", "DoesNotExist", None)];
        });
        assert_eq!(good, [""; 0]);
    }

    #[test]
    fn tolerations_that_no_taint_can_meet_are_refused() {
        let table = [
            (("bad key!!", None, TolerationOperator::Exists), vec!["tolerations[1].key"]),
            (("", None, TolerationOperator::Exists), vec!["tolerations[1].key"]),
            (("ok", Some("no way"), TolerationOperator::Equal), vec!["tolerations[1].value"]),
            (("ok", Some("v"), TolerationOperator::Exists), vec!["tolerations[1].value"]),
            (("ok", Some(""), TolerationOperator::Equal), vec![]),
        ];
        for ((key, value, operator), expected) in table {
            let value = value.map(str::to_owned);
            let toleration = Toleration { key: key.into(), operator, value, effect: None };
            let found: Vec<_> = toleration
                .invalid(1)
                .iter()
                .map(|i| i.to_string().split(": ").next().unwrap_or_default().to_owned())
                .collect();
            assert_eq!(found, expected, "{toleration:?}");
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
