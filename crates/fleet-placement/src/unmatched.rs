//! What a request names and the inventory does not have: a spelling mistake, or a wish that comes too
//! early. It decides nothing; it is told, with what is spelt most alike.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::cluster::Record;
use fleet_model::name::Key;
use fleet_model::snapshot::Cluster;

use crate::request::{Request, TolerationOperator};
use crate::validate::{Segment, element};
use crate::version::VersionRange;

/// How many known values are named.
const NAMED: usize = 5;
/// Up to how many letters may differ in what is "spelt nearly the same".
const NEAR: usize = 2;

/// What kind of value it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// An environment of clusters.
    Environment,
    /// A region.
    Region,
    /// A data classification.
    DataClassification,
    /// A tier.
    Tier,
    /// The name of a cluster.
    Name,
    /// The key of an account.
    Account,
    /// An owner.
    Owner,
    /// A cloud.
    Cloud,
    /// A mutation owner.
    ManagedBy,
    /// A zone.
    Zone,
    /// A range of versions of Kubernetes.
    KubernetesVersion(VersionRange),
    /// The key of a label.
    Label,
    /// A value of the label with this key.
    LabelValue(String),
    /// The key of a taint.
    Taint,
    /// A value of the taints with this key.
    TaintValue(String),
    /// An effect of the taints with this key, and with this value where one is asked for.
    TaintEffect(String, Option<String>),
}

/// A value that no cluster of the inventory has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmatched {
    /// Where it stands in the request.
    pub path: Vec<Segment>,
    /// What it is.
    pub subject: Subject,
    /// The value.
    pub value: String,
    /// Whether it is there to keep clusters away (`NotIn`, `DoesNotExist`) or to tolerate their taints,
    /// rather than to select them: then it is only told where something is spelt nearly the same, or where a taint has the
    /// key of a toleration, and not its value or effect.
    pub excludes: bool,
    /// What clusters have instead, the most alike first; at most five.
    pub known: Vec<String>,
}

/// Every value of `request` that no cluster has; none when there are no clusters.
#[must_use]
pub fn unmatched(clusters: &BTreeMap<Key, Cluster>, request: &Request) -> Vec<Unmatched> {
    if clusters.is_empty() {
        return Vec::new();
    }
    let mut named = named(request);
    for cluster in clusters.values() {
        if named.is_empty() {
            break;
        }
        let record = &cluster.record;
        named.retain(|of| !values(&of.subject, record).any(|value| is_meant(of, value)));
    }
    for of in &mut named {
        let records = clusters.values().map(|cluster| &cluster.record);
        let known: BTreeSet<&str> =
            records.flat_map(|record| values(&of.subject, record)).collect();
        of.known = alike(&of.value, known);
    }
    named.retain(|of| match of.subject {
        // A key that nobody has says it all; beside one that is there this is never what was meant.
        Subject::TaintValue(_) | Subject::TaintEffect(..) => !of.known.is_empty(),
        _ => !of.excludes || of.known.first().is_some_and(|near| is_near(&of.value, near)),
    });
    named
}

/// The candidates that are spelt most like `value`, at most five.
#[must_use]
pub fn alike<'a>(value: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut known: Vec<&str> = candidates.into_iter().collect();
    known.sort_by_cached_key(|candidate| (distance(value, candidate), *candidate));
    known.truncate(NAMED);
    known.into_iter().map(str::to_owned).collect()
}

/// A few letters differ, and no digit: `tier-2` is not a misspelt `tier-3`.
fn is_near(value: &str, other: &str) -> bool {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    digits(value) == digits(other) && distance(value, other) <= NEAR
}

fn distance(a: &str, b: &str) -> usize {
    strsim::damerau_levenshtein(&a.to_lowercase(), &b.to_lowercase())
}

/// Whether a cluster that has `value` has what is named.
fn is_meant(of: &Unmatched, value: &str) -> bool {
    match &of.subject {
        Subject::KubernetesVersion(range) => range.contains(value),
        _ => value == of.value,
    }
}

/// Everything that the request names.
fn named(request: &Request) -> Vec<Unmatched> {
    let selector = &request.selector;
    let mut named = Vec::new();
    let mut name = |path: Vec<Segment>, subject: Subject, value: &str, excludes: bool| {
        let (value, known) = (value.to_owned(), Vec::new());
        named.push(Unmatched { path, subject, value, excludes, known });
    };
    let in_selector =
        |attribute| vec![Segment::Attribute("selector"), Segment::Attribute(attribute)];
    match &selector.environment {
        Some(environment) => {
            name(in_selector("environment"), Subject::Environment, environment, false);
        }
        None => {
            let path = vec![Segment::Attribute("environment")];
            name(path, Subject::Environment, &request.environment, false);
        }
    }
    let sets = [
        ("regions", Subject::Region, &selector.regions),
        ("data_classification", Subject::DataClassification, &selector.data_classification),
        ("tier", Subject::Tier, &selector.tier),
        ("names", Subject::Name, &selector.names),
        ("accounts", Subject::Account, &selector.accounts),
        ("owners", Subject::Owner, &selector.owners),
        ("clouds", Subject::Cloud, &selector.clouds),
        ("managed_by", Subject::ManagedBy, &selector.managed_by),
        ("zones", Subject::Zone, &selector.zones),
    ];
    for (attribute, subject, values) in sets {
        for value in values.iter().flatten() {
            name(in_selector(attribute), subject.clone(), value, false);
        }
    }
    if let Some(range) = &selector.kubernetes_version {
        let subject = Subject::KubernetesVersion(range.clone());
        name(in_selector("kubernetes_version"), subject, &range.to_string(), false);
    }
    // A key that nobody carries is an error of the decision where it selects; here its values are.
    for (key, value) in &selector.match_labels {
        let mut path = in_selector("match_labels");
        path.push(Segment::Key(key.clone()));
        name(path, Subject::LabelValue(key.clone()), value, false);
    }
    for (index, expression) in selector.match_expressions.iter().enumerate() {
        let at = |attribute| element(&["selector", "match_expressions"], index, attribute);
        let excludes = !expression.operator.needs_label();
        if excludes {
            name(at("key"), Subject::Label, &expression.key, true);
        }
        for value in &expression.values {
            name(at("values"), Subject::LabelValue(expression.key.clone()), value, excludes);
        }
    }
    for (index, toleration) in request.tolerations.iter().enumerate() {
        let at = |attribute| element(&["tolerations"], index, attribute);
        let key = &toleration.key;
        name(at("key"), Subject::Taint, key, true);
        let value = match toleration.operator {
            TolerationOperator::Equal => Some(toleration.value.clone().unwrap_or_default()),
            TolerationOperator::Exists => None,
        };
        if let Some(value) = &value {
            name(at("value"), Subject::TaintValue(key.clone()), value, true);
        }
        if let Some(effect) = toleration.effect {
            let subject = Subject::TaintEffect(key.clone(), value);
            name(at("effect"), subject, effect.as_str(), true);
        }
    }
    named
}

/// What a cluster has of a kind.
fn values<'a>(subject: &'a Subject, record: &'a Record) -> Box<dyn Iterator<Item = &'a str> + 'a> {
    match subject {
        Subject::Environment => Box::new(std::iter::once(record.environment.as_str())),
        Subject::Region => Box::new(std::iter::once(record.region.as_str())),
        Subject::DataClassification => {
            Box::new(std::iter::once(record.data_classification.as_str()))
        }
        Subject::Tier => Box::new(record.tier.as_deref().into_iter()),
        Subject::Name => Box::new(std::iter::once(record.name.as_str())),
        Subject::Account => Box::new(std::iter::once(record.account.as_str())),
        Subject::Cloud => Box::new(std::iter::once(record.cloud.as_str())),
        Subject::Zone => Box::new(record.zones.iter().map(String::as_str)),
        Subject::Owner => Box::new(record.particulars.iter().filter_map(|of| of.owner.as_deref())),
        Subject::ManagedBy => Box::new(record.particulars.iter().map(|of| of.managed_by.as_str())),
        Subject::KubernetesVersion(_) => {
            Box::new(record.particulars.iter().filter_map(|of| of.kubernetes_version.as_deref()))
        }
        Subject::Label => Box::new(record.labels.keys().map(String::as_str)),
        Subject::LabelValue(key) => {
            Box::new(record.labels.get(key).map(String::as_str).into_iter())
        }
        Subject::Taint => Box::new(record.taints.iter().map(|taint| taint.key.as_str())),
        Subject::TaintValue(key) => {
            let taints = record.taints.iter().filter(move |taint| taint.key == *key);
            Box::new(taints.map(|taint| taint.value.as_str()))
        }
        Subject::TaintEffect(key, value) => {
            let taints = record.taints.iter().filter(move |taint| {
                taint.key == *key && value.as_ref().is_none_or(|value| taint.value == *value)
            });
            Box::new(taints.map(|taint| taint.effect.as_str()))
        }
    }
}
