//! Durations as Go writes them (`1.5h`, `2h45m`, `300ms`): what a `timeouts` attribute holds. Crates for
//! "human" durations take other words (`1 day`, `2min`) and refuse some of these.

use std::time::Duration;

/// Why a text is not a duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Nothing there.
    #[error("it is empty")]
    Empty,
    /// No digits where a number has to be.
    #[error("a number is missing before `{0}`")]
    Number(String),
    /// A number without a unit.
    #[error("a unit is missing after the number (ns, us, ms, s, m or h)")]
    MissingUnit,
    /// A unit that does not exist.
    #[error("`{0}` is not a unit (ns, us, ms, s, m or h)")]
    UnknownUnit(String),
    /// Below zero: nothing can wait so long.
    #[error("it is negative")]
    Negative,
    /// More than about 292 years.
    #[error("it is longer than 292 years")]
    TooLong,
}

/// Reads a duration in Go's grammar: one or more decimal numbers, each with a unit.
///
/// # Errors
/// When it is something else, negative, or too long.
pub fn parse(text: &str) -> Result<Duration, Error> {
    let (negative, mut rest) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    if rest == "0" {
        return Ok(Duration::ZERO);
    }
    if rest.is_empty() {
        return Err(Error::Empty);
    }
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let (nanoseconds, after) = term(rest)?;
        total = total.checked_add(nanoseconds).filter(fits).ok_or(Error::TooLong)?;
        rest = after;
    }
    if negative && total > 0 { Err(Error::Negative) } else { Ok(Duration::from_nanos(total)) }
}

/// One number with its unit, in nanoseconds, and what comes after.
fn term(text: &str) -> Result<(u64, &str), Error> {
    let (whole, rest) = digits(text);
    let (fraction, rest) = rest.strip_prefix('.').map_or(("", rest), digits);
    if whole.is_empty() && fraction.is_empty() {
        return Err(Error::Number(text.to_owned()));
    }
    let end = rest.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(rest.len());
    let (name, rest) = rest.split_at(end);
    let unit: u64 = match name {
        "" => return Err(Error::MissingUnit),
        "ns" => 1,
        // Both characters that look like a mu: the micro sign and the Greek letter.
        "us" | "\u{b5}s" | "\u{3bc}s" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        other => return Err(Error::UnknownUnit(other.to_owned())),
    };
    let whole: u64 =
        if whole.is_empty() { 0 } else { whole.parse().map_err(|_| Error::TooLong)? };
    let nanoseconds = whole
        .checked_mul(unit)
        .and_then(|nanoseconds| nanoseconds.checked_add(part_of(unit, fraction)))
        .filter(fits)
        .ok_or(Error::TooLong)?;
    Ok((nanoseconds, rest))
}

/// `0.fraction` of a unit. In floating point, since that is how Go rounds: `0.3333333333333333333h` is
/// twenty minutes there, not a nanosecond less.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "the result lies between 0 and an hour of nanoseconds, and dropping its fraction is meant"
)]
fn part_of(unit: u64, fraction: &str) -> u64 {
    let mut digits: u64 = 0;
    let mut scale = 1.0_f64;
    for digit in fraction.bytes().map(|byte| u64::from(byte - b'0')) {
        // What no longer fits in 63 bits is far below a nanosecond.
        let Some(longer) = digits.checked_mul(10).and_then(|tens| tens.checked_add(digit)) else {
            break;
        };
        if !fits(&longer) {
            break;
        }
        digits = longer;
        scale *= 10.0;
    }
    (digits as f64 * (unit as f64 / scale)) as u64
}

const fn fits(nanoseconds: &u64) -> bool {
    *nanoseconds <= i64::MAX.unsigned_abs()
}

fn digits(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        const HOUR: u64 = 3_600_000_000_000;
        for (text, nanoseconds) in [
            ("0", 0),
            ("+0", 0),
            ("-0s", 0),
            ("30m", HOUR / 2),
            ("1.5h", HOUR * 3 / 2),
            ("2h45m", HOUR * 11 / 4),
            ("+5s", 5_000_000_000),
            ("5.s", 5_000_000_000),
            (".5s", 500_000_000),
            ("1.004s", 1_004_000_000),
            ("300ms", 300_000_000),
            ("12\u{b5}s", 12_000),
            ("12\u{3bc}s", 12_000),
            ("12us", 12_000),
            ("10ns", 10),
            ("0.9ns", 0),
            ("3h3h", HOUR * 6),
            ("39h9m14.425s", 140_954_425_000_000),
            ("1h2m3s4ms5us6ns", 3_723_004_005_006),
            ("0.100000000000000000000h", HOUR / 10),
            ("0.3333333333333333333h", HOUR / 3),
            ("9223372036854775807ns", i64::MAX.unsigned_abs()),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_nanos(nanoseconds)), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration() {
        for (text, error) in [
            ("", Error::Empty),
            ("-", Error::Empty),
            ("3", Error::MissingUnit),
            ("1h3", Error::MissingUnit),
            ("s", Error::Number("s".to_owned())),
            (".s", Error::Number(".s".to_owned())),
            (" 1s", Error::Number(" 1s".to_owned())),
            ("+-1s", Error::Number("-1s".to_owned())),
            ("1s ", Error::UnknownUnit("s ".to_owned())),
            ("1 day", Error::UnknownUnit(" day".to_owned())),
            ("2min", Error::UnknownUnit("min".to_owned())),
            ("1d", Error::UnknownUnit("d".to_owned())),
            ("1H", Error::UnknownUnit("H".to_owned())),
            ("-1s", Error::Negative),
            ("9223372036854775808ns", Error::TooLong),
            ("3000000h", Error::TooLong),
            ("99999999999999999999h", Error::TooLong),
        ] {
            assert_eq!(parse(text), Err(error), "{text:?}");
        }
    }
}
