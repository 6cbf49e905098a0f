//! What is known of a value that is not known yet.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Bound, RangeBounds};
use std::sync::Arc;

use super::{Limit, Number, Type, Value};
use crate::unicode::compose;

/// A value that is not known before apply, with what is known of it all the same.
///
/// Two of them are equal whatever is known of each: that is how the CLI compares a plan with a
/// configuration. Nothing known costs nothing.
#[derive(Clone, Default)]
pub struct Unknown(Option<Arc<Refinement>>);

/// What is known of a value that is not known yet, and so what the value has to be once it is. It lets
/// the CLI decide more in a plan: a value that is not null passes a `!= null`, and `startswith` of a
/// known prefix is true.
///
/// `Refinement::new().not_null().prefix("arn:aws:")`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refinement {
    not_null: bool,
    prefix: String,
    numbers: (Bound<Number>, Bound<Number>),
    lengths: (usize, usize),
}

// === impl Unknown ===

impl Unknown {
    /// Nothing is known of it.
    pub const PLAIN: Self = Self(None);

    /// What is known of it, if anything is.
    #[must_use]
    pub fn refinement(&self) -> Option<&Refinement> {
        self.0.as_deref()
    }
}

impl From<Refinement> for Unknown {
    fn from(refinement: Refinement) -> Self {
        if refinement.is_empty() { Self::PLAIN } else { Self(Some(Arc::new(refinement))) }
    }
}

impl fmt::Debug for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(refinement) => fmt::Debug::fmt(refinement, f),
            None => f.write_str("_"),
        }
    }
}

impl PartialEq for Unknown {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Unknown {}

impl PartialOrd for Unknown {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Unknown {
    fn cmp(&self, _: &Self) -> Ordering {
        Ordering::Equal
    }
}

impl Hash for Unknown {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

// === impl Refinement ===

impl Default for Refinement {
    fn default() -> Self {
        Self::new()
    }
}

impl Refinement {
    /// The longest prefix the protocol carries, in bytes: the CLI refuses a description of more than
    /// 1,024, and cuts prefixes of its own at this length.
    pub const MAX_PREFIX: usize = 256;

    /// Nothing is known.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            not_null: false,
            prefix: String::new(),
            numbers: (Bound::Unbounded, Bound::Unbounded),
            lengths: (0, usize::MAX),
        }
    }

    /// The same, and it will not be null.
    #[must_use]
    pub fn not_null(mut self) -> Self {
        self.not_null = true;
        self
    }

    /// The same, and the string will start with `prefix`.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = compose(prefix.into());
        self
    }

    /// The same, and the number will be in `range`.
    #[must_use]
    pub fn range<N: Limit>(self, range: impl RangeBounds<N>) -> Self {
        let (min, max) = N::range(&range).unwrap_or((Bound::Unbounded, Bound::Unbounded));
        self.numbers(min, max)
    }

    /// The same, and the list, set or map will have so many elements. The protocol knows no length of a
    /// string.
    #[must_use]
    pub fn length(mut self, range: impl RangeBounds<usize>) -> Self {
        self.lengths = bounds(&range);
        self
    }

    pub(crate) fn numbers(mut self, min: Bound<Number>, max: Bound<Number>) -> Self {
        self.numbers = (min, max);
        self
    }

    /// Is nothing known?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::new()
    }

    /// Is it known that the value will not be null?
    #[must_use]
    pub const fn is_not_null(&self) -> bool {
        self.not_null
    }

    /// How the string will start; empty if that is not known.
    #[must_use]
    pub fn known_prefix(&self) -> &str {
        &self.prefix
    }

    /// Between which bounds the number will be.
    #[must_use]
    pub const fn known_range(&self) -> &(Bound<Number>, Bound<Number>) {
        &self.numbers
    }

    /// The least and the most elements there will be.
    #[must_use]
    pub const fn known_length(&self) -> (usize, usize) {
        self.lengths
    }

    /// Does the known `value` keep what is said here? If not: how it breaks it, to go on from "it …".
    ///
    /// # Errors
    /// The first thing that does not hold.
    pub fn check(&self, value: &Value) -> Result<(), String> {
        let size = match value {
            Value::Null if self.not_null => return Err("is null".to_owned()),
            Value::Dynamic(inner) => return self.check(&inner.1),
            Value::String(text) if !text.starts_with(&self.prefix) => {
                // The prefix may be of a secret that a configuration made.
                return Err("does not start as it was to".to_owned());
            }
            Value::Number(number) if !self.numbers.contains(number) => {
                return Err(format!("is not {}", self.said_range()));
            }
            Value::List(elements) | Value::Set(elements) => elements.len(),
            Value::Map(entries) => entries.len(),
            _ => return Ok(()),
        };
        let (least, most) = self.lengths;
        if size < least {
            Err(format!("has {size} elements, and was to have at least {least}"))
        } else if size > most {
            Err(format!("has {size} elements, and was to have at most {most}"))
        } else {
            Ok(())
        }
    }

    /// What is wrong with saying this of a value of type `ty`.
    pub(crate) fn problem(&self, ty: &Type) -> Option<String> {
        let fits = self.of_type(ty);
        if self.is_empty() {
            return Some("`refine()` says nothing".to_owned());
        }
        if fits.prefix != self.prefix {
            return Some(format!("a {ty} has no prefix"));
        }
        if fits.numbers != self.numbers {
            return Some(format!("a {ty} is in no range of numbers"));
        }
        if fits.lengths != self.lengths {
            return Some(format!("the protocol knows no length of a {ty}"));
        }
        if self.prefix.len() > Self::MAX_PREFIX {
            return Some(format!("a prefix has at most {} bytes", Self::MAX_PREFIX));
        }
        let none_between = match &self.numbers {
            (Bound::Included(min), Bound::Included(max)) => min > max,
            (
                Bound::Included(min) | Bound::Excluded(min),
                Bound::Included(max) | Bound::Excluded(max),
            ) => min >= max,
            _ => false,
        };
        if none_between || self.lengths.0 > self.lengths.1 {
            return Some("nothing is in the range of `refine(…)`".to_owned());
        }
        (*ty == Type::Dynamic).then(|| "nothing is known of a value of any type".to_owned())
    }

    /// What of this can be said of a value of type `ty`: the CLI takes nothing else.
    pub(crate) fn of_type(&self, ty: &Type) -> Self {
        let Self { not_null, prefix, numbers, lengths } = self.clone();
        let said = Self { not_null, ..Self::new() };
        match ty {
            Type::Dynamic => Self::new(),
            Type::String => Self { prefix, ..said },
            Type::Number => Self { numbers, ..said },
            Type::List(_) | Type::Set(_) | Type::Map(_) => Self { lengths, ..said },
            Type::Bool | Type::Object(_) | Type::Tuple(_) => said,
        }
    }

    fn said_range(&self) -> String {
        let min = match &self.numbers.0 {
            Bound::Included(min) => format!("at least {min}"),
            Bound::Excluded(min) => format!("more than {min}"),
            Bound::Unbounded => String::new(),
        };
        let max = match &self.numbers.1 {
            Bound::Included(max) => format!("at most {max}"),
            Bound::Excluded(max) => format!("less than {max}"),
            Bound::Unbounded => String::new(),
        };
        if min.is_empty() || max.is_empty() { min + &max } else { format!("{min} and {max}") }
    }
}

/// The least and the most of a range of lengths.
pub(crate) fn bounds(range: &impl RangeBounds<usize>) -> (usize, usize) {
    let min = match range.start_bound() {
        Bound::Included(min) => *min,
        Bound::Excluded(below) => below.saturating_add(1),
        Bound::Unbounded => 0,
    };
    let max = match range.end_bound() {
        Bound::Included(max) => *max,
        Bound::Excluded(above) => above.saturating_sub(1),
        Bound::Unbounded => usize::MAX,
    };
    (min, max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_values_are_equal_whatever_is_known_of_them() {
        let refined = Value::unknown(Refinement::new().not_null());
        assert_eq!(refined, Value::UNKNOWN);
        assert!(refined.is_unknown() && !refined.is_known());
        assert_eq!(Unknown::from(Refinement::new()).refinement(), None);
    }

    #[test]
    fn what_breaks_it_is_said() {
        let list = |size: usize| Value::List(vec![Value::Null; size]);
        let refine = Refinement::new;
        for (refinement, value, said) in [
            (refine().not_null(), Value::Null, "is null"),
            (refine().prefix("arn:"), Value::from("urn:x"), "does not start as it was to"),
            (refine().range(1_i64..=5), Value::from(6), "is not at least 1 and at most 5"),
            (refine().range(..0_i64), Value::from(0), "is not less than 0"),
            (refine().length(2..), list(1), "has 1 elements, and was to have at least 2"),
            (refine().length(..2), list(2), "has 2 elements, and was to have at most 1"),
        ] {
            assert_eq!(refinement.check(&value), Err(said.to_owned()));
        }
        let all = refine().not_null().prefix("a").range(0_i64..9).length(1..=2);
        for value in ["ab".into(), 8.into(), list(2), Value::Bool(true)] {
            assert_eq!(all.check(&value), Ok(()), "{value:?}");
        }
        assert_eq!(refine().prefix("a").check(&Value::Null), Ok(()));
    }

    #[test]
    fn only_what_fits_the_type_is_said() {
        let all = Refinement::new().not_null().prefix("a").range(0_i64..9).length(1..=2);
        assert_eq!(all.of_type(&Type::String), Refinement::new().not_null().prefix("a"));
        assert_eq!(all.of_type(&Type::Number), Refinement::new().not_null().range(0_i64..9));
        let list = Type::list(Type::Bool);
        assert_eq!(all.of_type(&list), Refinement::new().not_null().length(1..=2));
        assert_eq!(all.of_type(&Type::Bool), Refinement::new().not_null());
        assert!(all.of_type(&Type::Dynamic).is_empty());
    }
}
