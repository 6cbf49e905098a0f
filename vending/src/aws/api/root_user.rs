//! What there is of an account's root user, as IAM counts it.

/// Which credentials the root user has (`iam:GetAccountSummary`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RootUser {
    /// A password for the console. Where the organization manages root access, a new account has none.
    pub password: bool,
    /// Access keys.
    pub access_keys: bool,
    /// Certificates that requests can be signed with.
    pub signing_certificates: bool,
    /// A second factor.
    pub mfa: bool,
}
