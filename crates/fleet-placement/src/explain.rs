//! The text that explains a decision, the same wherever it is shown.

use std::collections::BTreeMap;

use fleet_model::name::Key;

use crate::decide::{Decision, Evaluation};
use crate::reason::Reason;

/// How many near misses a text lists by name; the others are counted by their codes.
const LISTED: usize = 40;

// === impl Decision ===

impl Decision {
    /// `+1 -0 =3`: how many targets are added, removed, and stay.
    #[must_use]
    pub fn delta(&self) -> String {
        let stay = self.change.retained.len() + self.change.role_changes.len();
        format!("+{} -{} ={stay}", self.change.added.len(), self.change.removed.len())
    }

    /// Whether fewer targets were found than asked for.
    #[must_use]
    pub fn is_short(&self) -> bool {
        self.evaluation.count.is_some_and(|count| self.targets.len() < count)
    }

    /// One line per target (`+` new, `=` stays, `~` another role), per target that goes (`-`) and
    /// per near miss (`x`), each with its reasons.
    #[must_use]
    pub fn explain(&self) -> String {
        let Self { targets, change, evaluation, .. } = self;
        let fingerprint = match change.fingerprint.as_str() {
            "" => String::new(),
            fingerprint => format!("   fingerprint {fingerprint}"),
        };
        let mut lines = vec![format!(
            "{}: {}{fingerprint}   ({} clusters, {} fit)",
            evaluation.key,
            self.delta(),
            evaluation.clusters,
            evaluation.eligible
        )];
        let mut per_region: BTreeMap<&str, usize> = BTreeMap::new();
        for target in targets.values() {
            *per_region.entry(&target.region).or_default() += 1;
        }
        for (name, target) in targets {
            let role = target.role.as_str();
            let there = per_region.get(target.region.as_str()).copied().unwrap_or_default();
            let place = format!("{} ({there} there)", target.region);
            lines.push(if change.added.contains_key(name) {
                format!(" + {name}   NEW {role} {place}   {}", target.reason)
            } else if let Some((_, old, _)) = change.role_changes.get(name) {
                format!(" ~ {name}   INCUMBENT {} to {role} {place}", old.as_str())
            } else {
                format!(" = {name}   INCUMBENT {role} {place}")
            });
        }
        for (name, (region, role)) in &change.removed {
            let moved = change.moved.get(name);
            let why = moved.map_or_else(|| evaluation.reasons(name), ToString::to_string);
            lines.push(format!(" - {name}   {} {region}   {why}", role.as_str()));
        }
        lines.extend(evaluation.near_miss_lines());
        lines.join("\n")
    }
}

// === impl Evaluation ===

impl Evaluation {
    /// The clusters that came closest, the closest first: those of the selector's environment that
    /// fail a rule or lost their place. When there is none, those that fail the fewest rules, so
    /// that a misspelt environment shows what it would have matched. A cluster that merely was not
    /// needed (MAX_TOTAL) is no miss, and one that was a target is told as removed.
    #[must_use]
    pub fn near_misses(&self) -> Vec<(&Key, &[Reason])> {
        let missed: Vec<(&Key, &[Reason])> = self
            .rejected
            .iter()
            .filter(|(name, why)| {
                let unneeded = why.iter().any(|reason| matches!(reason, Reason::MaxTotal { .. }));
                !unneeded && !self.removed.contains(*name)
            })
            .map(|(name, why)| (name, why.as_slice()))
            .collect();
        let mut near: Vec<_> =
            missed.iter().copied().filter(|(_, why)| !why.iter().any(Reason::is_far)).collect();
        if near.is_empty() {
            let fewest = missed.iter().map(|(_, why)| why.len()).min();
            near = missed.into_iter().filter(|(_, why)| Some(why.len()) == fewest).collect();
        }
        // Stable: equals stay in the order of their names.
        near.sort_by_key(|(_, why)| why.len());
        near
    }

    /// The head line, then the removed targets and the near misses: what an error shows.
    #[must_use]
    pub fn explain(&self) -> String {
        let mut lines =
            vec![format!("{}: {} clusters, {} fit", self.key, self.clusters, self.eligible)];
        if self.found > 0 {
            let regions: Vec<_> = self.regions.iter().map(String::as_str).collect();
            lines[0].push_str(&format!(", {} taken in {}", self.found, regions.join(", ")));
        }
        for name in &self.removed {
            lines.push(format!(" - {name}   {}", self.reasons(name)));
        }
        lines.extend(self.near_miss_lines());
        lines.join("\n")
    }

    fn near_miss_lines(&self) -> Vec<String> {
        let near = self.near_misses();
        let (listed, counted) = near.split_at(near.len().min(LISTED));
        let mut lines: Vec<_> =
            listed.iter().map(|(name, _)| format!(" x {name}   {}", self.reasons(name))).collect();
        if !counted.is_empty() {
            let mut codes: BTreeMap<&str, usize> = BTreeMap::new();
            for reason in counted.iter().flat_map(|(_, why)| *why) {
                *codes.entry(reason.code()).or_default() += 1;
            }
            let codes: Vec<_> = codes.iter().map(|(code, n)| format!("{code} {n}")).collect();
            lines.push(format!(" x {} more: {}", counted.len(), codes.join(", ")));
        }
        lines
    }

    fn reasons(&self, name: &Key) -> String {
        let reasons = self.rejected.get(name).map_or(&[][..], Vec::as_slice);
        reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    }
}
