//! The emulated AWS: a process of our own layer on moto, ended when it is dropped.

use std::collections::BTreeMap;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::python::Environment;
use crate::server::Server;

/// A running emulator. It ends with this value, and with this process, however that ends.
#[derive(Debug)]
pub struct Emulator {
    server: Server,
}

impl Emulator {
    /// Starts one on a free port of loopback with `settings` (such as `create_seconds=0.1`).
    pub fn start(environment: &Environment, settings: &[&str]) -> Result<Self> {
        Self::start_on(environment, 0, true, settings)
    }

    /// Starts one on `port` that outlives this process if `ends_with_parent` is false.
    pub fn start_on(
        environment: &Environment,
        port: u16,
        ends_with_parent: bool,
        settings: &[&str],
    ) -> Result<Self> {
        let mut command = environment.module("fleet_emulator");
        command
            .args(["--port", &port.to_string()])
            .args(settings.iter().flat_map(|setting| ["--set", setting]));
        Ok(Self { server: Server::start(command, ends_with_parent)? })
    }

    /// The same for the kit of vendors: what goes wrong is what the file `fault_file` names while it is there, and `witness` is a
    /// file that changes with every change.
    pub fn start_for_kit(
        environment: &Environment,
        settings: &[&str],
        fault_file: &Path,
        witness: &Path,
    ) -> Result<Self> {
        let mut command = environment.module("fleet_emulator");
        command
            .args(["--port", "0"])
            .args(settings.iter().flat_map(|setting| ["--set", setting]))
            .arg("--fault-file")
            .arg(fault_file)
            .arg("--witness")
            .arg(witness);
        Ok(Self { server: Server::start(command, true)? })
    }

    /// Its URL.
    pub fn endpoint(&self) -> &str {
        self.server.endpoint()
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.server.pid()
    }

    /// What it wrote on stderr.
    pub fn log(&self) -> String {
        self.server.log()
    }

    /// A `GET /fleet-emulator/<what>`.
    pub fn get(&self, what: &str) -> Result<Value> {
        answer(ureq::get(self.url(what)).config().http_status_as_error(false).build().call()?)
    }

    /// A `POST /fleet-emulator/<what>`.
    pub fn post(&self, what: &str, values: &Value) -> Result<()> {
        self.ask(what, values).map(|_| ())
    }

    /// The same, with its answer.
    pub fn ask(&self, what: &str, values: &Value) -> Result<Value> {
        let request = ureq::post(self.url(what)).config().http_status_as_error(false).build();
        answer(request.send(values.to_string())?).with_context(|| format!("{what} {values}"))
    }

    /// A `DELETE /fleet-emulator/<what>`.
    pub fn delete(&self, what: &str) -> Result<()> {
        answer(ureq::delete(self.url(what)).config().http_status_as_error(false).build().call()?)?;
        Ok(())
    }

    fn url(&self, what: &str) -> String {
        format!("{}/fleet-emulator/{what}", self.endpoint())
    }

    /// The calls since the last [`forget_calls`](Self::forget_calls): `service:Operation` → count.
    pub fn calls(&self) -> Result<BTreeMap<String, u64>> {
        Ok(serde_json::from_value(self.get("calls")?)?)
    }

    /// Counts calls from zero again.
    pub fn forget_calls(&self) -> Result<()> {
        self.delete("calls")
    }

    /// Waits until an operation was called at least once.
    pub fn wait_for_call(&self, call: &str, at_most: Duration) -> Result<()> {
        let start = Instant::now();
        while !self.calls()?.contains_key(call) {
            if start.elapsed() > at_most {
                bail!("{call} was not called within {at_most:?}; called were {:?}", self.calls()?);
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Lets it go on after this process.
    pub fn keep(self) {
        std::mem::forget(self);
    }
}

/// The JSON of an answer; of a refusal, its reason as an error.
fn answer(mut response: ureq::http::Response<ureq::Body>) -> Result<Value> {
    let value: Value = serde_json::from_str(&response.body_mut().read_to_string()?)?;
    if !response.status().is_success() {
        bail!("the emulated AWS refuses: {}", value["error"]);
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_emulator_answers_counts_and_ends() -> Result<()> {
        let emulator = Emulator::start(&Environment::emulator()?, &["create_seconds=0"])?;
        assert_eq!(emulator.get("health")?["ready"], true);
        assert_eq!(emulator.calls()?, BTreeMap::new());
        let refused = emulator.post("settings", &serde_json::json!({"nonsense": 1})).unwrap_err();
        assert!(format!("{refused:#}").contains("there is no setting"), "{refused:#}");
        let url = format!("{}/fleet-emulator/health", emulator.endpoint());
        drop(emulator);
        assert!(ureq::get(url).call().is_err());
        Ok(())
    }

    #[test]
    fn a_wrong_setting_is_told() -> Result<()> {
        let failed = Emulator::start(&Environment::emulator()?, &["nonsense=1"]).unwrap_err();
        assert!(format!("{failed:#}").contains("there is no setting 'nonsense'"), "{failed:#}");
        Ok(())
    }
}
