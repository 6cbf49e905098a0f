//! The AWS that a test talks to: one setting, `FLEET_TEST_AWS`, for all tests.

use std::env;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::backend::Backend;
use crate::emulator::Emulator;
use crate::python::{Environment, output};
use crate::server::Server;

/// A running AWS with an organization in it.
#[derive(Debug)]
pub struct Aws {
    endpoint: String,
    environment: Environment,
    emulator: Option<Emulator>,
    /// What ends with this value beside the emulator.
    _ministack: Option<Server>,
    #[cfg(feature = "containers")]
    _container: Option<crate::containers::Running>,
}

impl Aws {
    /// Starts what `FLEET_TEST_AWS` asks for; `settings` are the emulator's.
    pub fn start(settings: &[&str]) -> Result<Self> {
        Self::start_on(Backend::from_environment()?, settings)
    }

    /// Starts this backend; `settings` are the emulator's.
    pub fn start_on(backend: Backend, settings: &[&str]) -> Result<Self> {
        let environment = Environment::emulator()?;
        let aws = match backend {
            Backend::Emulator => {
                let emulator = Emulator::start(&environment, settings)?;
                return Ok(Self::at(emulator.endpoint().to_owned(), environment).emulated(emulator));
            }
            Backend::Ministack => {
                let requirements = Environment::with("ministack/requirements.txt")?;
                let server =
                    Server::start(requirements.module_of("ministack", "fleet_ministack"), true)?;
                let mut aws = Self::at(server.endpoint().to_owned(), environment);
                aws._ministack = Some(server);
                aws
            }
            elsewhere => Self::elsewhere(environment, &elsewhere)?,
        };
        aws.run(&["organization", "found"])?;
        Ok(aws)
    }

    /// What runs at a URL.
    fn at(endpoint: String, environment: Environment) -> Self {
        Self {
            endpoint,
            environment,
            emulator: None,
            _ministack: None,
            #[cfg(feature = "containers")]
            _container: None,
        }
    }

    fn emulated(self, emulator: Emulator) -> Self {
        Self { emulator: Some(emulator), ..self }
    }

    #[cfg(feature = "containers")]
    fn elsewhere(environment: Environment, backend: &Backend) -> Result<Self> {
        if let Backend::Endpoint(url) = backend {
            return Ok(Self::at(url.clone(), environment));
        }
        let running = crate::containers::start(backend)?;
        let aws = Self::at(running.endpoint.clone(), environment);
        Ok(Self { _container: Some(running), ..aws })
    }

    #[cfg(not(feature = "containers"))]
    fn elsewhere(environment: Environment, backend: &Backend) -> Result<Self> {
        match backend {
            Backend::Endpoint(endpoint) => Ok(Self::at(endpoint.clone(), environment)),
            other => anyhow::bail!("{other:?} needs the feature `containers`"),
        }
    }

    /// Its URL.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The emulator behind it, for faults and counts. Another AWS has none, and a test that needs
    /// them fails there and says why.
    pub fn emulator(&self) -> Result<&Emulator> {
        self.emulator.as_ref().context("this test needs the emulator: unset FLEET_TEST_AWS")
    }

    /// One AWS call with the management account's credentials: `("organizations", "list_accounts", json!({}))`.
    pub fn call(&self, service: &str, operation: &str, parameters: &Value) -> Result<Value> {
        self.json(&[service, operation, &parameters.to_string()])
    }

    /// One AWS call as the access role of a member account.
    pub fn call_in(
        &self,
        account: &str,
        service: &str,
        operation: &str,
        parameters: &Value,
    ) -> Result<Value> {
        self.call_as(&[&access_role(account)], service, operation, parameters)
    }

    /// One AWS call in a session of the last of these roles; each is assumed with the one before.
    pub fn call_as(
        &self,
        roles: &[&str],
        service: &str,
        operation: &str,
        parameters: &Value,
    ) -> Result<Value> {
        let parameters = parameters.to_string();
        let roles = roles.iter().flat_map(|role| ["--role", role]);
        let call = [service, operation, &parameters];
        self.json(&roles.chain(call).collect::<Vec<_>>())
    }

    fn json(&self, arguments: &[&str]) -> Result<Value> {
        Ok(serde_json::from_str(&self.run(arguments)?)?)
    }

    fn run(&self, arguments: &[&str]) -> Result<String> {
        let mut command = self.environment.module("fleet_emulator.aws");
        for (name, value) in self.variables() {
            command.env(name, value);
        }
        output(command.args(arguments))
    }

    /// The environment in which an AWS SDK finds it.
    pub fn variables(&self) -> Vec<(String, String)> {
        let own = matches!(Backend::from_environment(), Ok(Backend::Endpoint(_)));
        let given = |name: &str, otherwise: &str| {
            let value = if own { env::var(name).ok() } else { None };
            (name.to_owned(), value.unwrap_or_else(|| otherwise.to_owned()))
        };
        vec![
            ("AWS_ENDPOINT_URL".to_owned(), self.endpoint.clone()),
            given("AWS_ACCESS_KEY_ID", "test"),
            given("AWS_SECRET_ACCESS_KEY", "test"),
            given("AWS_SESSION_TOKEN", ""),
            given("AWS_REGION", "us-east-1"),
            given("AWS_DEFAULT_REGION", "us-east-1"),
            ("AWS_EC2_METADATA_DISABLED".to_owned(), "true".to_owned()),
            // Whatever the person at the keyboard has in `~/.aws` is no part of a test.
            ("AWS_CONFIG_FILE".to_owned(), "/nonexistent".to_owned()),
            ("AWS_SHARED_CREDENTIALS_FILE".to_owned(), "/nonexistent".to_owned()),
        ]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .collect()
    }
}

/// The ARN of the role that AWS makes in a new account.
pub fn access_role(account: &str) -> String {
    format!("arn:aws:iam::{account}:role/OrganizationAccountAccessRole")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_setting_names_a_backend() -> Result<()> {
        assert_eq!(Backend::parse("")?, Backend::Emulator);
        assert_eq!(Backend::parse("emulator")?, Backend::Emulator);
        assert_eq!(Backend::parse("localstack")?, Backend::LocalStack);
        assert_eq!(Backend::parse("ministack")?, Backend::Ministack);
        assert_eq!(Backend::parse("moto-container")?, Backend::MotoContainer);
        let endpoint = Backend::parse("endpoint:http://127.0.0.1:4566")?;
        assert_eq!(endpoint, Backend::Endpoint("http://127.0.0.1:4566".to_owned()));
        assert!(Backend::parse("endpoint:").is_err());
        assert!(Backend::parse("aws").is_err());
        Ok(())
    }
}
