//! Versions of Kubernetes, and ranges of them as people write them: `>= 1.31, < 1.33`.
//!
//! A version that leaves its patch out is every patch of its minor version, so versions and conditions alike are spans
//! of patches, and a version meets a range when all of it lies within. What a vendor adds after `-` or `+`
//! (`1.32.4-eks-1a2b3c`) does not count.

use std::fmt;

/// Major, minor, patch.
type Point = (u32, u32, u32);

/// Above every version.
const TOP: Point = (u32::MAX, 0, 0);

/// From the first point to just before the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Span {
    from: Point,
    to: Point,
}

/// A range of versions: what all its conditions allow.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct VersionRange {
    /// As it was written.
    text: String,
    allowed: Span,
    excluded: Vec<Span>,
}

/// Why a text is no range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VersionRangeError {
    /// Not conditions with commas between.
    #[error(
        "a range of versions is written `>= 1.31, < 1.33`: conditions with commas between, each `=`, `!=`, `>`, `>=`, `<`, `<=` or `~>` before `1.32` or `1.32.4`"
    )]
    Form,
    /// The conditions exclude each other.
    #[error("its conditions exclude each other, so no version can meet them all")]
    Empty,
}

// === impl Span ===

impl Span {
    /// The patches of a version, `1.32` or `1.32.4`, without what its vendor adds.
    fn parse(text: &str) -> Option<Self> {
        let parts: Vec<u32> = text
            .split('.')
            .map(|part| {
                let canonical = part == "0" || !part.starts_with(['0', '+']);
                (canonical && part.len() <= 4).then(|| part.parse().ok()).flatten()
            })
            .collect::<Option<_>>()?;
        match *parts.as_slice() {
            [major, minor] => Some(Self { from: (major, minor, 0), to: (major, minor + 1, 0) }),
            [major, minor, patch] => {
                Some(Self { from: (major, minor, patch), to: (major, minor, patch + 1) })
            }
            _ => None,
        }
    }

    fn is_patch(self) -> bool {
        self.from.1 == self.to.1
    }

    fn is_within(self, other: Self) -> bool {
        other.from <= self.from && self.to <= other.to
    }

    fn meets(self, other: Self) -> bool {
        self.from < other.to && other.from < self.to
    }
}

// === impl VersionRange ===

impl VersionRange {
    /// Reads a range. `~> 1.31` is 1.31 or a later minor version, `~> 1.31.2` that patch or a later one of 1.31, as in
    /// Terraform; a version alone is `=`.
    ///
    /// # Errors
    /// See [`VersionRangeError`].
    pub fn parse(text: &str) -> Result<Self, VersionRangeError> {
        let mut range = Self {
            text: text.to_owned(),
            allowed: Span { from: (0, 0, 0), to: TOP },
            excluded: Vec::new(),
        };
        for condition in text.split(',') {
            let condition = condition.trim_matches(' ');
            let version = condition.trim_start_matches(['=', '!', '<', '>', '~']);
            let operator = &condition[..condition.len() - version.len()];
            let of = Span::parse(version.trim_start_matches(' ')).ok_or(VersionRangeError::Form)?;
            let (from, to) = match operator {
                "" | "=" => (of.from, of.to),
                ">=" => (of.from, TOP),
                ">" => (of.to, TOP),
                "<" => ((0, 0, 0), of.from),
                "<=" => ((0, 0, 0), of.to),
                "~>" if of.is_patch() => (of.from, (of.from.0, of.from.1 + 1, 0)),
                "~>" => (of.from, (of.from.0 + 1, 0, 0)),
                "!=" => {
                    range.excluded.push(of);
                    continue;
                }
                _ => return Err(VersionRangeError::Form),
            };
            range.allowed =
                Span { from: range.allowed.from.max(from), to: range.allowed.to.min(to) };
        }
        if range.is_empty() { Err(VersionRangeError::Empty) } else { Ok(range) }
    }

    /// Whether every patch that `version` may be is in the range. A text that is no version is not.
    #[must_use]
    pub fn contains(&self, version: &str) -> bool {
        let version = version.split(['-', '+']).next().unwrap_or_default();
        Span::parse(version).is_some_and(|version| {
            version.is_within(self.allowed)
                && !self.excluded.iter().any(|excluded| excluded.meets(version))
        })
    }

    fn is_empty(&self) -> bool {
        let Span { mut from, to } = self.allowed;
        let mut excluded = self.excluded.clone();
        excluded.sort();
        for gap in excluded {
            if gap.from <= from {
                from = from.max(gap.to);
            }
        }
        from >= to
    }
}

/// As it was written.
impl fmt::Display for VersionRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests;
