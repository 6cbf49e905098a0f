//! The environment variables that the provider itself reads, in one place. What the AWS SDK reads
//! (`AWS_REGION`, `AWS_ENDPOINT_URL`, `AWS_PROFILE` …) it reads by its own rules.

/// Stands in for `managed_by` of the provider block.
pub const MANAGED_BY: &str = "FLEET_MANAGED_BY";

/// The value of a variable; unset, empty and not-Unicode are all `None`.
#[must_use]
pub fn read(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
