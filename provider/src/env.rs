//! The environment variables that the provider itself reads, in one place. What the AWS SDK reads
//! (`AWS_REGION`, `AWS_ENDPOINT_URL`, `AWS_PROFILE` …) it reads by its own rules.

/// Stands in for `managed_by` of the provider block.
pub const MANAGED_BY: &str = "FLEET_MANAGED_BY";

/// Stands in for `freshness` of the `inventory` block.
pub const INVENTORY_FRESHNESS: &str = "FLEET_INVENTORY_FRESHNESS";

/// Stands in for `role_arn` of `assume_role_with_web_identity`.
pub const ROLE_ARN: &str = "AWS_ROLE_ARN";
/// Stands in for `session_name` of `assume_role_with_web_identity`.
pub const ROLE_SESSION_NAME: &str = "AWS_ROLE_SESSION_NAME";
/// Stands in for `web_identity_token_file` of `assume_role_with_web_identity`.
pub const WEB_IDENTITY_TOKEN_FILE: &str = "AWS_WEB_IDENTITY_TOKEN_FILE";
/// Attempts of a call, the first one included: stands in for `max_retries`.
pub const MAX_ATTEMPTS: &str = "AWS_MAX_ATTEMPTS";
/// Stands in for `retry_mode`.
pub const RETRY_MODE: &str = "AWS_RETRY_MODE";
/// Stands in for `keys` of `ignore_tags`: separated by commas.
pub const IGNORE_TAGS_KEYS: &str = "TF_AWS_IGNORE_TAGS_KEYS";
/// Stands in for `key_prefixes` of `ignore_tags`: separated by commas.
pub const IGNORE_TAGS_KEY_PREFIXES: &str = "TF_AWS_IGNORE_TAGS_KEY_PREFIXES";
/// What pipelines append to the header `User-Agent`.
pub const APPEND_USER_AGENT: &str = "TF_APPEND_USER_AGENT";

/// Set by a CLI for the providers that it starts.
pub const MAGIC_COOKIE: &str = "TF_PLUGIN_MAGIC_COOKIE";

/// The value of a variable; unset, empty and not-Unicode are all `None`.
#[must_use]
pub fn read(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The words of a variable that holds a list separated by commas.
pub fn list(name: &str) -> impl Iterator<Item = String> {
    let text = read(name).unwrap_or_default();
    let words: Vec<_> =
        text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect();
    words.into_iter()
}
