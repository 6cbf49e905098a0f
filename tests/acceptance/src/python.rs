//! Python environments in the cache, one per set of requirements.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::{announce, cache};

/// A virtual environment.
#[derive(Clone, Debug)]
pub struct Environment {
    /// Its Python interpreter.
    pub python: PathBuf,
}

/// `tests/acceptance` of the clone this was built from.
pub fn package_dir() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

impl Environment {
    /// The environment that holds what `requirements` (a file below `tests/acceptance`) names.
    pub fn with(requirements: &str) -> Result<Self> {
        let file = package_dir().join(requirements);
        let text = fs::read(&file).with_context(|| format!("{} cannot be read", file.display()))?;
        let version = output(Command::new("python3").arg("--version"))
            .context("Python 3 is needed: there is no working `python3` on PATH")?;
        let name = format!("python-{}", cache::key(&[&text, version.as_bytes()]));
        let dir = cache::entry(&name, |dir| {
            announce(&format!("installing {requirements} with pip (once)"));
            output(Command::new("python3").args(["-m", "venv"]).arg(dir))
                .context("a virtual environment cannot be made")?;
            output(
                Command::new(dir.join("bin/python"))
                    .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
                    .arg("--requirement")
                    .arg(&file),
            )?;
            Ok(())
        })?;
        Ok(Self { python: dir.join("bin/python") })
    }

    /// The environment of the emulated AWS.
    pub fn emulator() -> Result<Self> {
        Self::with("emulator/requirements.txt")
    }

    /// The environment of the example of a vendor in Python, and the directory that has the Python of its messages, for
    /// `PYTHONPATH`.
    pub fn vendor() -> Result<(Self, PathBuf)> {
        let root = package_dir().join("../..");
        let environment = Self::with("../../examples/vendors/python/requirements.txt")?;
        let (proto, file) = (root.join("proto"), "fleet/vending/v1beta1/vending.proto");
        let text = fs::read(proto.join(file)).with_context(|| format!("{file} cannot be read"))?;
        let python = environment.python.display().to_string();
        let name = format!("vendor-messages-{}", cache::key(&[&text, python.as_bytes()]));
        let messages = cache::entry(&name, |dir| {
            let mut command = Command::new(&environment.python);
            command.args(["-m", "grpc_tools.protoc", "--proto_path"]).arg(&proto);
            for option in ["--python_out", "--grpc_python_out"] {
                command.arg(option).arg(dir);
            }
            output(command.arg(file))?;
            Ok(())
        })?;
        Ok((environment, messages))
    }

    /// A program that one of the packages brings.
    pub fn tool(&self, name: &str) -> PathBuf {
        self.python.with_file_name(name)
    }

    /// A command that runs a module of the emulator's package.
    pub fn module(&self, name: &str) -> Command {
        self.module_of("emulator", name)
    }

    /// A command that runs a module that lies in `folder` of `tests/acceptance`.
    pub(crate) fn module_of(&self, folder: &str, name: &str) -> Command {
        let mut command = Command::new(&self.python);
        command.args(["-m", name]).env("PYTHONPATH", package_dir().join(folder));
        command
    }
}

/// Runs a command to its end; gives its stdout, or an error with all it said.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let done = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("{command:?} cannot be started"))?;
    let stdout = String::from_utf8_lossy(&done.stdout).into_owned();
    if !done.status.success() {
        bail!(
            "{command:?} ended with {}\n{stdout}{}",
            done.status,
            String::from_utf8_lossy(&done.stderr)
        );
    }
    Ok(stdout)
}
