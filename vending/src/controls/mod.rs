//! The controls of the baseline.
