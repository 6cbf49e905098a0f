//! The façade: one per provider configuration.

use std::sync::Arc;

use crate::config::Config;

/// The engine of one provider configuration. Making it opens nothing; clients are made by the first
/// call that needs them.
#[derive(Clone)]
pub struct Vending {
    config: Arc<Config>,
}

impl Vending {
    /// Keeps the settings. No client, no call.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self { config: Arc::new(config) }
    }

    /// The one mutation owner of this configuration.
    #[must_use]
    pub fn managed_by(&self) -> &str {
        &self.config.managed_by
    }
}
