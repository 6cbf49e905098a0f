//! Decimal numbers of any size, as the CLI has them.

use std::fmt;
use std::ops::{Bound, RangeBounds};
use std::str::FromStr;

use bigdecimal::{BigDecimal, ToPrimitive};

/// A decimal number without loss: neither `0.1` nor a 23-digit integer survives a float.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(BigDecimal);

/// Why a text is not a number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseNumberError {
    /// Not decimal notation.
    #[error("not a decimal number")]
    Syntax,
    /// Longer than [`Number::MAX_DIGITS`] when it is written out.
    #[error("a number of more than {} digits", Number::MAX_DIGITS)]
    TooLong,
    /// Infinity or not-a-number.
    #[error("not a finite number")]
    NotFinite,
}

/// The limit of a range of numbers, as a provider writes it.
pub trait Limit: Sized {
    /// The number; none for infinity and not-a-number.
    fn number(&self) -> Option<Number>;

    /// A range of numbers, if its limits are.
    fn range(range: &impl RangeBounds<Self>) -> Option<(Bound<Number>, Bound<Number>)> {
        let bound = |bound: Bound<&Self>| {
            Some(match bound {
                Bound::Included(limit) => Bound::Included(limit.number()?),
                Bound::Excluded(limit) => Bound::Excluded(limit.number()?),
                Bound::Unbounded => Bound::Unbounded,
            })
        };
        Some((bound(range.start_bound())?, bound(range.end_bound())?))
    }
}

impl Number {
    /// How many digits a number may have when it is written out without an exponent. A hostile
    /// `1e999999999` would otherwise cost a gigabyte to print.
    pub const MAX_DIGITS: u64 = 10_000;

    /// The value as `i64`, when it is an integer that fits.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        if self.0.is_integer() { self.0.to_i64() } else { None }
    }

    /// The value as `u64`, when it is an integer that fits.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        if self.0.is_integer() { self.0.to_u64() } else { None }
    }

    /// The nearest `f64`.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        // Through text: the standard library's parser rounds correctly in every case.
        self.0.to_scientific_notation().parse().unwrap_or(f64::NAN)
    }

    /// The value as `f64`, when no digit is lost.
    #[must_use]
    pub fn as_exact_f64(&self) -> Option<f64> {
        let float = self.to_f64();
        let back = Self::try_from(float).ok()?;
        (back == *self).then_some(float)
    }

    /// The value as `f64`, when the shortest decimal number that stands for this float is the value, digit by digit:
    /// not so for 2^64, which is a float, and is 18446744073709552000 in short.
    pub(crate) fn as_short_f64(&self) -> Option<f64> {
        let float = self.as_exact_f64()?;
        let short: Self = float.to_string().parse().ok()?;
        (short == *self).then_some(float)
    }

    fn checked(decimal: &BigDecimal) -> Result<Self, ParseNumberError> {
        let normal = decimal.normalized();
        let written_out =
            normal.digits().saturating_add(normal.fractional_digit_count().unsigned_abs());
        if written_out > Self::MAX_DIGITS {
            return Err(ParseNumberError::TooLong);
        }
        Ok(Self(normal))
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Number {
    /// Plain decimal notation, never an exponent.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_plain_string())
    }
}

impl FromStr for Number {
    type Err = ParseNumberError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // The decimal library also takes `1_000`, which no number of the CLI is.
        let plain =
            |byte: u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E');
        if !text.bytes().all(plain) || !text.bytes().any(|byte| byte.is_ascii_digit()) {
            return Err(ParseNumberError::Syntax);
        }
        if text.len() as u64 > Self::MAX_DIGITS {
            return Err(ParseNumberError::TooLong);
        }
        Self::checked(&BigDecimal::from_str(text).map_err(|_| ParseNumberError::Syntax)?)
    }
}

impl TryFrom<f64> for Number {
    type Error = ParseNumberError;

    /// The exact value of the float, digit by digit: `0.1_f64` is not one tenth.
    fn try_from(value: f64) -> Result<Self, Self::Error> {
        Self::checked(&BigDecimal::try_from(value).map_err(|_| ParseNumberError::NotFinite)?)
    }
}

macro_rules! from_integer {
    ($($integer:ty),*) => {$(
        impl From<$integer> for Number {
            fn from(value: $integer) -> Self {
                Self(BigDecimal::from(value).normalized())
            }
        }

        impl Limit for $integer {
            fn number(&self) -> Option<Number> {
                Some((*self).into())
            }
        }
    )*};
}
from_integer!(i32, i64, u32, u64);

impl Limit for f64 {
    /// The shortest decimal number that is this float: `0.1` is one tenth, as it is written.
    fn number(&self) -> Option<Number> {
        self.to_string().parse().ok()
    }
}

impl Limit for Number {
    fn number(&self) -> Option<Number> {
        Some(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_survives() {
        for text in
            ["0", "-1", "0.1", "12345678901234567890123", "-0.5", "1000", "9223372036854775808"]
        {
            assert_eq!(text.parse::<Number>().unwrap().to_string(), text);
        }
        let large: Number = "1.2e29".parse().unwrap();
        assert_eq!(large.to_string(), "120000000000000000000000000000");
        assert_eq!(large, "120000000000000000000000000000".parse().unwrap());
        assert_eq!("1.50".parse::<Number>().unwrap().to_string(), "1.5");
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for (text, why) in [
            ("", ParseNumberError::Syntax),
            ("1_000", ParseNumberError::Syntax),
            ("0x1f", ParseNumberError::Syntax),
            ("inf", ParseNumberError::Syntax),
            ("1e1e1", ParseNumberError::Syntax),
            ("1e999999999", ParseNumberError::TooLong),
            ("-1e-999999999", ParseNumberError::TooLong),
        ] {
            assert_eq!(text.parse::<Number>(), Err(why), "{text}");
        }
    }

    #[test]
    fn a_float_is_taken_exactly() {
        assert_eq!(Number::try_from(0.5).unwrap().to_string(), "0.5");
        assert!(Number::try_from(0.1).unwrap().to_string().starts_with("0.1000000000000000055"));
        assert_eq!(Number::try_from(f64::NAN), Err(ParseNumberError::NotFinite));
        assert_eq!(Number::try_from(f64::INFINITY), Err(ParseNumberError::NotFinite));
    }

    #[test]
    fn integers_are_found() {
        assert_eq!(Number::from(i64::MIN).as_i64(), Some(i64::MIN));
        assert_eq!(Number::from(u64::MAX).as_u64(), Some(u64::MAX));
        assert_eq!(Number::from(u64::MAX).as_i64(), None);
        assert_eq!("0.5".parse::<Number>().unwrap().as_i64(), None);
        assert_eq!("1e3".parse::<Number>().unwrap().as_i64(), Some(1000));
    }

    #[test]
    fn only_an_exact_float_counts_as_one() {
        let exact = |text: &str| text.parse::<Number>().unwrap().as_exact_f64();
        assert_eq!(exact("0.25"), Some(0.25));
        assert_eq!(exact("0.1"), None);
        assert_eq!(exact("1.2e29"), None);
    }
}
