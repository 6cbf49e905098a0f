//! Which AWS the tests talk to.

use std::env;

use anyhow::{Result, bail};

/// Where the AWS of the tests is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Backend {
    /// Our layer on moto, one process per test: the default.
    Emulator,
    /// LocalStack in a Docker container; its image needs `LOCALSTACK_AUTH_TOKEN` for Organizations.
    LocalStack,
    /// ministack, another implementation of AWS's API, with the few calls that it lacks: one process per test.
    Ministack,
    /// Plain moto in a Docker container.
    MotoContainer,
    /// Something that runs already.
    Endpoint(String),
}

impl Backend {
    /// Reads `emulator`, `ministack`, `localstack`, `moto-container` or `endpoint:URL`.
    pub fn parse(text: &str) -> Result<Self> {
        Ok(match text {
            "" | "emulator" => Self::Emulator,
            "localstack" => Self::LocalStack,
            "ministack" => Self::Ministack,
            "moto-container" => Self::MotoContainer,
            other => match other.strip_prefix("endpoint:") {
                Some(url) if url.starts_with("http") => Self::Endpoint(url.to_owned()),
                _ => bail!(
                    "FLEET_TEST_AWS is emulator, ministack, localstack, moto-container or endpoint:URL, not \
                     {text:?}"
                ),
            },
        })
    }

    /// What `FLEET_TEST_AWS` says.
    pub fn from_environment() -> Result<Self> {
        Self::parse(&env::var("FLEET_TEST_AWS").unwrap_or_default())
    }
}
