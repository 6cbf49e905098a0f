//! The difference to the targets there are now, its fingerprint, and the limits on it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use fleet_model::name::Key;
use sha2::{Digest, Sha256};

use crate::reason::Reason;
use crate::request::{Limits, Role, Target};

/// What a decision changes. A target whose cluster is in another region, account or cloud now is both
/// removed and added: the workload moves.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Change {
    /// Targets that were none before: where, and in which role.
    pub added: BTreeMap<Key, (String, Role)>,
    /// Targets that are none any more: where they were, and in which role.
    pub removed: BTreeMap<Key, (String, Role)>,
    /// Of the removed targets, those whose cluster is somewhere else under the same name: from where to
    /// where.
    pub moved: BTreeMap<Key, Reason>,
    /// Targets that stay in another role: where, the old role and the new.
    pub role_changes: BTreeMap<Key, (String, Role, Role)>,
    /// Targets that stay as they are.
    pub retained: BTreeSet<Key>,
    /// Names exactly this change of exactly this placement, with the kinds of reasons for which targets
    /// go; empty when nothing changes.
    pub fingerprint: String,
}

/// One limit that a change breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Which limit.
    pub limit: Limit,
    /// The most it allows.
    pub allowed: usize,
    /// What the change does.
    pub actual: usize,
}

/// The limits there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Limit {
    /// [`Limits::max_added`].
    Added,
    /// [`Limits::max_removed`].
    Removed,
    /// [`Limits::max_regions_touched`].
    RegionsTouched,
}

// === impl Change ===

/// Whether a text of fingerprints, with spaces between, has this one.
#[must_use]
pub fn acknowledges(given: &str, fingerprint: &str) -> bool {
    given.split_whitespace().any(|of| of == fingerprint)
}

impl Change {
    /// Compares the targets there are with the new ones. `reasons` has why clusters are no targets: whoever
    /// acknowledges that a drained cluster is left does not acknowledge that its file was lost.
    #[must_use]
    pub fn between(
        placement: &Key,
        prior: &BTreeMap<Key, Target>,
        next: &BTreeMap<Key, Target>,
        reasons: &BTreeMap<Key, Vec<Reason>>,
    ) -> Self {
        let mut change = Self::default();
        for (name, new) in next {
            match prior.get(name) {
                Some(old) if old.is_where(new) && old.role == new.role => {
                    change.retained.insert(name.clone());
                }
                Some(old) if old.is_where(new) => {
                    let roles = (new.region.clone(), old.role, new.role);
                    change.role_changes.insert(name.clone(), roles);
                }
                old => {
                    change.added.insert(name.clone(), (new.region.clone(), new.role));
                    let moved = old.and_then(|old| {
                        moved(old, &new.region, new.account.as_ref(), new.cloud.as_deref())
                    });
                    change.moved.extend(moved.map(|moved| (name.clone(), moved)));
                }
            }
        }
        for (name, old) in prior {
            if next.get(name).is_none_or(|new| !new.is_where(old)) {
                change.removed.insert(name.clone(), (old.region.clone(), old.role));
            }
        }
        if !change.is_empty() {
            change.fingerprint = change.hash(placement, prior, next, reasons);
        }
        change
    }

    /// Whether every target stays as it is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.role_changes.is_empty()
    }

    /// The regions in which something changes.
    #[must_use]
    pub fn regions_touched(&self) -> BTreeSet<&str> {
        let moved = self.added.values().chain(self.removed.values()).map(|(region, _)| region);
        let roles = self.role_changes.values().map(|(region, ..)| region);
        moved.chain(roles).map(String::as_str).collect()
    }

    /// The limits that this change breaks. None when `acknowledge` has exactly its fingerprint: an
    /// override fits one change, and is never a blanket force.
    #[must_use]
    pub fn broken(&self, limits: &Limits) -> Vec<Broken> {
        let given = limits.acknowledge.as_deref().unwrap_or_default();
        if !self.is_empty() && acknowledges(given, &self.fingerprint) {
            return Vec::new();
        }
        [
            (Limit::Added, limits.max_added, self.added.len()),
            (Limit::Removed, limits.max_removed, self.removed.len()),
            (Limit::RegionsTouched, limits.max_regions_touched, self.regions_touched().len()),
        ]
        .into_iter()
        .filter_map(|(limit, allowed, actual)| {
            let allowed = allowed?;
            (actual > allowed).then_some(Broken { limit, allowed, actual })
        })
        .collect()
    }

    /// The first 16 hex digits of SHA-256 over the placement's key and every change, one a line in
    /// the order of their names. Keys and regions hold no line break.
    fn hash(
        &self,
        placement: &Key,
        prior: &BTreeMap<Key, Target>,
        next: &BTreeMap<Key, Target>,
        reasons: &BTreeMap<Key, Vec<Reason>>,
    ) -> String {
        // Only where it moves between accounts or clouds: else the region says where it is.
        let place = |name: &Key, targets: &BTreeMap<Key, Target>| {
            let (Some(old), Some(new)) = (prior.get(name), next.get(name)) else {
                return String::new();
            };
            if old.region != new.region || old.is_where(new) {
                return String::new();
            }
            let target = targets.get(name);
            let account = target.and_then(|of| of.account.as_ref()).map_or("", Key::as_str);
            let cloud = target.and_then(|of| of.cloud.as_deref()).unwrap_or_default();
            format!(" {account} {cloud}")
        };
        let mut text = format!("{placement}\n");
        for (name, (region, role)) in &self.added {
            text.push_str(&format!("+ {name} {region} {}{}\n", role.as_str(), place(name, next)));
        }
        for (name, (region, role)) in &self.removed {
            let why = reasons.get(name).into_iter().flatten().map(Reason::code);
            let why: BTreeSet<&str> = why.collect();
            let why: String = why.iter().map(|code| format!(" {code}")).collect();
            let place = place(name, prior);
            text.push_str(&format!("- {name} {region} {}{place}{why}\n", role.as_str()));
        }
        for (name, (region, old, new)) in &self.role_changes {
            text.push_str(&format!("~ {name} {region} {} {}\n", old.as_str(), new.as_str()));
        }
        short_hash(&text)
    }
}

/// Names exactly these targets of a placement as gone from the inventory. It is another one than that of the
/// change which leaves them: limits that may be passed do not say that a cluster is really gone.
#[must_use]
pub fn gone_fingerprint(placement: &Key, gone: &BTreeMap<Key, Target>) -> String {
    let mut text = format!("gone {placement}\n");
    for (name, Target { region, account, cloud, .. }) in gone {
        let account = account.as_ref().map_or("", Key::as_str);
        let cloud = cloud.as_deref().unwrap_or_default();
        text.push_str(&format!("{name} {region} {account} {cloud}\n"));
    }
    short_hash(&text)
}

/// The first 16 hex digits of SHA-256.
fn short_hash(text: &str) -> String {
    Sha256::digest(text).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Where `old` was, and where its cluster is now: the first fact of the place that differs; `None` where it is
/// the same place. What was not remembered does not differ.
pub(crate) fn moved(
    old: &Target,
    region: &str,
    account: Option<&Key>,
    cloud: Option<&str>,
) -> Option<Reason> {
    let account_was = old.account.as_ref().or(account).map(Key::as_str);
    let facts = [
        ("region", Some(old.region.as_str()), Some(region)),
        ("account", account_was, account.map(Key::as_str)),
        ("cloud", old.cloud.as_deref().or(cloud), cloud),
    ];
    facts.into_iter().find_map(|(fact, from, to)| {
        let (from, to) = from.zip(to).filter(|(from, to)| from != to)?;
        Some(Reason::Moved { fact, from: from.to_owned(), to: to.to_owned() })
    })
}

// === impl Limit ===

impl Limit {
    /// The argument that sets it.
    #[must_use]
    pub fn attribute(self) -> &'static str {
        match self {
            Self::Added => "max_added",
            Self::Removed => "max_removed",
            Self::RegionsTouched => "max_regions_touched",
        }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { limit, allowed, actual } = self;
        match limit {
            Limit::Added => write!(f, "adds {actual} targets, max_added is {allowed}"),
            Limit::Removed => write!(f, "removes {actual} targets, max_removed is {allowed}"),
            Limit::RegionsTouched => {
                write!(f, "touches {actual} regions, max_regions_touched is {allowed}")
            }
        }
    }
}
