//! The names of the controls, as configurations and checks use them.

/// Regions of `region_set` can be used.
pub const REGIONS: &str = "regions";
/// The account's password policy is at least as strict as the profile's.
pub const PASSWORD_POLICY: &str = "password-policy";
/// The three access roles and their permissions boundary.
pub const ACCESS_ROLES: &str = "access-roles";
/// OIDC providers, and who may assume which role by them.
pub const OIDC_TRUST: &str = "oidc-trust";
/// The profile's service control policies.
pub const ORGANIZATION_POLICIES: &str = "organization-policies";
