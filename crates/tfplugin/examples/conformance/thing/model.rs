//! The attributes of a thing: one of every kind.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::{Attr, Number, Timeouts, Value};

/// A thing that lives in the state alone, with every kind of attribute.
#[derive(Debug, Clone, tfplugin::Object)]
pub(crate) struct Thing {
    /// Names the thing.
    #[attribute(required, validate(length(1..=40)))]
    pub(crate) name: Attr<String>,
    /// Any text.
    #[attribute(optional)]
    pub(crate) text: Attr<String>,
    /// Any number.
    #[attribute(optional)]
    pub(crate) amount: Attr<Number>,
    /// Number of processors.
    #[attribute(optional, validate(range(0..=1024)))]
    pub(crate) cores: Attr<i64>,
    /// Is it switched on?
    #[attribute(optional, computed, default = true)]
    pub(crate) enabled: Attr<bool>,
    /// Its size: `small` or `large`.
    #[attribute(optional, computed, default = "small", validate(one_of(&["small", "large"])))]
    pub(crate) size: Attr<String>,
    /// Its weight.
    #[attribute(optional, computed, default = 2)]
    pub(crate) weight: Attr<Number>,
    /// Lines in order.
    #[attribute(optional)]
    pub(crate) lines: Attr<Vec<Attr<String>>>,
    /// Stages in order.
    #[attribute(optional, computed, default = vec![Value::from("dev"), Value::from("prod")])]
    pub(crate) stages: Attr<Vec<Attr<String>>>,
    /// Tags without order.
    #[attribute(optional)]
    pub(crate) tags: Attr<BTreeSet<Attr<String>>>,
    /// Labels by key.
    #[attribute(optional, validate(keys(length(1..=12))))]
    pub(crate) labels: Attr<BTreeMap<String, Attr<String>>>,
    /// Rows of numbers.
    #[attribute(optional)]
    pub(crate) matrix: Attr<Vec<Attr<Vec<Attr<Number>>>>>,
    /// A value of any type.
    #[attribute(optional)]
    pub(crate) extra: Attr<Value>,
    /// The value of any type, once it is applied.
    #[attribute(computed)]
    pub(crate) echo: Attr<Value>,
    /// Never shown.
    #[attribute(optional, sensitive)]
    pub(crate) secret: Attr<String>,
    /// Kept nowhere.
    #[attribute(optional, write_only)]
    pub(crate) password: Attr<String>,
    /// Another version sends the password again.
    #[attribute(optional)]
    pub(crate) password_version: Attr<i64>,
    /// Length of the password that was sent last.
    #[attribute(computed)]
    pub(crate) password_length: Attr<i64>,
    /// Where it is; another zone is another thing.
    #[attribute(optional, plan(requires_replace))]
    pub(crate) zone: Attr<String>,
    /// What it runs. Chosen by size if it is not configured.
    #[attribute(optional, computed, plan(use_state_for_unknown, requires_replace_if_configured))]
    pub(crate) image: Attr<String>,
    /// Capacity, which can grow but not shrink.
    #[attribute(optional, plan(requires_replace_if(shrinks)))]
    pub(crate) capacity: Attr<Number>,
    /// A policy; upper and lower case mean the same.
    #[attribute(optional, plan(keep_prior_when_equal(same_but_for_case)))]
    pub(crate) policy: Attr<String>,
    /// The former text.
    #[attribute(optional, deprecated = "Use `text`.")]
    pub(crate) old_text: Attr<String>,
    /// Settings.
    #[attribute(optional)]
    pub(crate) settings: Attr<Settings>,
    /// Limits. The thing has its own if they are not configured.
    #[attribute(optional, computed, plan(use_state_for_unknown))]
    pub(crate) limits: Attr<Limits>,
    /// Disks in order.
    #[attribute(optional, validate(length(..=8)))]
    pub(crate) disks: Attr<Vec<Disk>>,
    /// Networks without order.
    #[attribute(optional)]
    pub(crate) networks: Attr<BTreeSet<Network>>,
    /// Ports by name.
    #[attribute(optional)]
    pub(crate) ports: Attr<BTreeMap<String, Port>>,
    /// How long things may take.
    #[attribute(optional)]
    pub(crate) timeouts: Attr<Timeouts>,
    /// Characters of the text, known as soon as the text is.
    #[attribute(computed, refine(not_null, range(0..)))]
    pub(crate) length: Attr<i64>,
    /// Counts the changes.
    #[attribute(computed)]
    pub(crate) revision: Attr<i64>,
    /// The first text it had.
    #[attribute(computed, plan(use_non_null_state))]
    pub(crate) mark: Attr<String>,
    /// What happened last.
    #[attribute(computed, refine(not_null, length(1..)))]
    pub(crate) events: Attr<Vec<Event>>,
    /// Names the thing for an import.
    #[attribute(computed, refine(not_null, prefix("thing-")), plan(use_state_for_unknown))]
    pub(crate) id: Attr<String>,
}

/// Settings.
#[derive(Debug, Clone, tfplugin::Object)]
pub(crate) struct Settings {
    /// How it works: `plain` or `fancy`.
    #[attribute(optional, computed, default = "plain", validate(one_of(&["plain", "fancy"])))]
    pub(crate) mode: Attr<String>,
    /// How much of it.
    #[attribute(optional)]
    pub(crate) level: Attr<i64>,
    /// What unlocks it. Kept nowhere.
    #[attribute(optional, write_only)]
    pub(crate) key: Attr<String>,
    /// Where it reports to.
    #[attribute(optional)]
    pub(crate) report: Attr<Report>,
    /// Mode and level in one.
    #[attribute(computed)]
    pub(crate) summary: Attr<String>,
}

/// Where it reports to.
#[derive(Debug, Clone, tfplugin::Object)]
pub(crate) struct Report {
    /// The address.
    #[attribute(required)]
    pub(crate) address: Attr<String>,
    /// Every so many minutes.
    #[attribute(optional, computed, default = 5)]
    pub(crate) minutes: Attr<i64>,
}

/// Limits.
#[derive(Debug, Clone, tfplugin::Object)]
pub(crate) struct Limits {
    /// Where it warns.
    #[attribute(optional, computed)]
    pub(crate) soft: Attr<i64>,
    /// Where it stops.
    #[attribute(optional, computed)]
    pub(crate) hard: Attr<i64>,
}

/// A disk.
#[derive(Debug, Clone, tfplugin::Object)]
pub(crate) struct Disk {
    /// Its name.
    #[attribute(required, validate(length(1..)))]
    pub(crate) name: Attr<String>,
    /// Its size in gigabytes.
    #[attribute(optional, computed, default = 10, validate(range(1..)))]
    pub(crate) gigabytes: Attr<i64>,
    /// Its partitions.
    #[attribute(optional)]
    pub(crate) partitions: Attr<Vec<Partition>>,
    /// Another kind is another thing.
    #[attribute(optional, plan(requires_replace))]
    pub(crate) kind: Attr<String>,
    /// Names the disk.
    #[attribute(computed)]
    pub(crate) id: Attr<String>,
}

/// A partition.
#[derive(Debug, Clone, tfplugin::Object)]
pub(crate) struct Partition {
    /// Where it is mounted.
    #[attribute(required)]
    pub(crate) mount: Attr<String>,
    /// Can it be written?
    #[attribute(optional, computed, default = false)]
    pub(crate) writable: Attr<bool>,
}

/// A network.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, tfplugin::Object)]
pub(crate) struct Network {
    /// Its name.
    #[attribute(required)]
    pub(crate) network: Attr<String>,
    /// Is it the first to be asked?
    #[attribute(optional)]
    pub(crate) primary: Attr<bool>,
    /// The thing's address in it.
    #[attribute(computed)]
    pub(crate) address: Attr<String>,
}

/// A port.
#[derive(Debug, Clone, tfplugin::Object)]
pub(crate) struct Port {
    /// Its number.
    #[attribute(required, validate(range(1..=65535)))]
    pub(crate) number: Attr<i64>,
    /// What is spoken there.
    #[attribute(optional, computed, default = "tcp")]
    pub(crate) protocol: Attr<String>,
    /// Its address.
    #[attribute(computed)]
    pub(crate) url: Attr<String>,
}

/// What happened.
#[derive(Debug, Clone, tfplugin::Object)]
pub(crate) struct Event {
    /// `created` or `updated`.
    #[attribute(computed)]
    pub(crate) what: Attr<String>,
    /// The revision it led to.
    #[attribute(computed)]
    pub(crate) revision: Attr<i64>,
}

fn shrinks(prior: &Value, planned: &Value) -> bool {
    match (prior, planned) {
        (Value::Number(prior), Value::Number(planned)) => planned < prior,
        _ => false,
    }
}

fn same_but_for_case(prior: &Value, planned: &Value) -> bool {
    match (prior.as_str(), planned.as_str()) {
        (Some(prior), Some(planned)) => prior.eq_ignore_ascii_case(planned),
        _ => false,
    }
}
