//! Tests of the decision as its users see it.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod brute_force;
mod explanations;
mod fleet;
mod rules;
mod selectors;
mod stickiness;
