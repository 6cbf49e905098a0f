//! The evaluator of IAM policies: a package from npm, with a Node from `PATH` or from PyPI.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};

use crate::python::output;
use crate::{Environment, announce, cache, package_dir};

/// The oldest Node that runs it.
const OLDEST: u32 = 20;

/// What it is made of, below `tests/acceptance/iam`.
const FILES: [&str; 3] = ["package.json", "package-lock.json", "evaluate.mjs"];

/// Sends `request` (JSON) to the evaluator; gives what it says (JSON).
///
/// # Errors
/// There is no Node and none can be installed, npm's registry does not answer, or the evaluator fails.
pub fn evaluate(request: &str) -> Result<String> {
    let node = Node::get()?;
    let dir = node.evaluator()?;
    let mut child = node
        .command("node")
        .arg(dir.join("evaluate.mjs"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("the evaluator cannot be started")?;
    // It reads everything before it writes anything.
    let mut stdin = child.stdin.take().context("the evaluator has no stdin")?;
    stdin.write_all(request.as_bytes())?;
    drop(stdin);
    let done = child.wait_with_output()?;
    ensure!(
        done.status.success(),
        "the evaluator ended with {}\n{}",
        done.status,
        String::from_utf8_lossy(&done.stderr)
    );
    Ok(String::from_utf8(done.stdout)?)
}

/// A Node, by the directory of its programs; `None`: those of `PATH`.
struct Node {
    programs: Option<PathBuf>,
}

impl Node {
    fn get() -> Result<Self> {
        let on_path = Self { programs: None };
        if on_path.version().is_ok_and(|version| version >= OLDEST) {
            return Ok(on_path);
        }
        // The wheel's own programs are in the environment's `bin`, `npm` among them.
        let python = Environment::with("iam/requirements.txt")?.python;
        let programs = python.parent().map(PathBuf::from);
        let installed = Self { programs };
        let version = installed.version()?;
        ensure!(version >= OLDEST, "Node {version} is too old for the evaluator");
        Ok(installed)
    }

    fn version(&self) -> Result<u32> {
        output(self.command("npm").arg("--version")).context("there is no working `npm`")?;
        let said = output(self.command("node").arg("--version"))?;
        let major = said.trim().trim_start_matches('v').split('.').next().unwrap_or_default();
        major.parse().with_context(|| format!("`node --version` says {said:?}"))
    }

    fn command(&self, program: &str) -> Command {
        let Some(programs) = &self.programs else { return Command::new(program) };
        let mut command = Command::new(programs.join(program));
        // npm looks for `node` itself.
        let path = std::env::var_os("PATH").unwrap_or_default();
        let all = std::iter::once(programs.clone()).chain(std::env::split_paths(&path));
        if let Ok(joined) = std::env::join_paths(all) {
            command.env("PATH", joined);
        }
        command
    }

    /// The directory that holds the evaluator with what the lock file names. No package's script runs.
    fn evaluator(&self) -> Result<PathBuf> {
        let source = package_dir().join("iam");
        let mut texts = Vec::new();
        for file in FILES {
            let path = source.join(file);
            match fs::read(&path) {
                Ok(text) => texts.push(text),
                Err(error) => bail!("{} cannot be read: {error}", path.display()),
            }
        }
        let parts: Vec<&[u8]> = texts.iter().map(Vec::as_slice).collect();
        cache::entry(&format!("iam-{}", cache::key(&parts)), |dir| {
            announce("installing the evaluator of IAM policies with npm (once)");
            for (file, text) in FILES.iter().zip(&texts) {
                fs::write(dir.join(file), text)?;
            }
            let words = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
            output(self.command("npm").args(words).current_dir(dir))?;
            Ok(())
        })
    }
}
