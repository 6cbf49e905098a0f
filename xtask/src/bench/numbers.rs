//! The arithmetic of measurements.

use std::time::Duration;

/// The middle of `values`, or the mean of the two in the middle. None of nothing.
pub(crate) fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let upper = *sorted.get(sorted.len() / 2)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = *sorted.get(sorted.len() / 2 - 1)?;
    Some(f64::midpoint(lower, upper))
}

/// The largest of `values`. None of nothing.
pub(crate) fn maximum(values: &[f64]) -> Option<f64> {
    values.iter().copied().max_by(f64::total_cmp)
}

/// The power of the size with which a cost grows, between two measurements `(size, cost)`: 1 is linear, 2 is
/// quadratic. None where there is nothing to divide.
pub(crate) fn growth(small: (f64, f64), large: (f64, f64)) -> Option<f64> {
    let power = (large.1 / small.1).ln() / (large.0 / small.0).ln();
    power.is_finite().then_some(power)
}

/// Milliseconds of a duration.
pub(crate) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: Option<f64>, expected: f64) {
        assert!(found.is_some_and(|found| (found - expected).abs() < 1e-9), "{found:?}");
    }

    #[test]
    fn a_median_is_the_middle_whatever_the_order() {
        close(median(&[9.0, 1.0, 2.0]), 2.0);
        close(median(&[4.0, 1.0, 100.0, 2.0]), 3.0);
        close(median(&[7.0]), 7.0);
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn the_maximum_is_the_largest() {
        close(maximum(&[1.0, 3.0, 2.0]), 3.0);
        assert_eq!(maximum(&[]), None);
    }

    #[test]
    fn growth_is_the_power_of_the_size() {
        close(growth((5.0, 10.0), (20.0, 40.0)), 1.0);
        close(growth((5.0, 10.0), (20.0, 160.0)), 2.0);
        close(growth((5.0, 10.0), (20.0, 10.0)), 0.0);
        assert_eq!(growth((5.0, 0.0), (20.0, 10.0)), None);
        assert_eq!(growth((5.0, 1.0), (5.0, 1.0)), None);
    }

    #[test]
    fn milliseconds_keep_their_fraction() {
        close(Some(milliseconds(Duration::from_micros(1500))), 1.5);
    }
}
