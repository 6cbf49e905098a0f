//! A directory in which a test runs one CLI with the providers it names.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use crate::cli::{Cli, Program};
use crate::plan::Plan;
use crate::provider;
use crate::python::output;
use crate::run::Run;
use crate::state::State;

const PLAN: &str = "saved.plan";

/// A fresh directory with some providers, and nothing else to talk to.
#[derive(Debug)]
pub struct Sandbox {
    /// The CLI that runs here.
    pub cli: Cli,
    program: Program,
    dir: TempDir,
    variables: Vec<(String, String)>,
}

impl Sandbox {
    /// One with these providers: source address without a host (`example/conformance`), and program.
    pub fn new(cli: Cli, providers: &[(&str, &Path)]) -> Result<Self> {
        let program = cli.program()?;
        let dir = tempfile::Builder::new().prefix("fleet-").tempdir()?;
        let sandbox = Self { cli, program, dir, variables: Vec::new() };
        fs::create_dir(sandbox.file("work"))?;
        let mut overrides = String::new();
        for (address, program) in providers {
            let dir = provider::place(address, program, &sandbox.file("plugin"))?;
            overrides.push_str(&format!("    \"{address}\" = \"{}\"\n", dir.display()));
        }
        sandbox.write(
            "cli.tfrc",
            &format!(
                "provider_installation {{\n  dev_overrides {{\n{overrides}  }}\n  direct {{}}\n}}\n"
            ),
        )?;
        Ok(sandbox)
    }

    /// The same, with these variables in the environment of every command.
    #[must_use]
    pub fn with_variables(mut self, variables: Vec<(String, String)>) -> Self {
        self.variables.extend(variables);
        self
    }

    /// Its directory; `work` is where the CLI runs.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// A file or directory in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// The text of a file in it.
    pub fn read(&self, name: &str) -> Result<String> {
        let file = self.file(name);
        fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))
    }

    /// Writes a file in it.
    pub fn write(&self, name: &str, text: &str) -> Result<()> {
        let file = self.file(name);
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&file, text).with_context(|| format!("{} cannot be written", file.display()))
    }

    /// Makes `text` the whole configuration, provider block included.
    pub fn hcl_whole(&self, text: &str) -> Result<()> {
        self.write("work/main.tf", text)
    }

    /// A command of the CLI in `work`, with nothing of the caller's environment that could steer it.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.program.command();
        for (name, _) in env::vars_os() {
            let text = name.to_string_lossy();
            if ["TF_", "TOFU_", "AWS_", "FLEET_"].iter().any(|prefix| text.starts_with(prefix)) {
                command.env_remove(name);
            }
        }
        command
            .args(arguments)
            .current_dir(self.file("work"))
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .env("CHECKPOINT_DISABLE", "1")
            .env("TF_IN_AUTOMATION", "1")
            .env("TF_INPUT", "0")
            .env("TF_CLI_CONFIG_FILE", self.file("cli.tfrc"))
            .stdin(Stdio::null());
        command
    }

    /// Runs a command to its end, whatever that is.
    pub fn run(&self, arguments: &[&str]) -> Result<Run> {
        self.finish(arguments, self.start(arguments)?)
    }

    /// Starts a command; [`finish`](Self::finish) waits for it.
    pub fn start(&self, arguments: &[&str]) -> Result<Child> {
        let mut command = self.command(arguments);
        command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("{} cannot be started", self.cli))
    }

    /// Waits for a command that [`start`](Self::start) started.
    pub fn finish(&self, arguments: &[&str], child: Child) -> Result<Run> {
        let start = Instant::now();
        let done = child.wait_with_output()?;
        let mut run = Run {
            command: format!("{}: {}", self.cli, arguments.join(" ")),
            code: done.status.code(),
            stdout: String::from_utf8_lossy(&done.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&done.stderr).into_owned(),
            took: start.elapsed(),
            diagnostics: Vec::new(),
        };
        if arguments.contains(&"-json") {
            run.read_diagnostics();
        }
        Ok(run)
    }

    /// `validate`, whatever it says.
    pub fn validate(&self) -> Result<Run> {
        self.run(&["validate", "-json"])
    }

    /// `plan`, whatever it says; the plan is saved.
    pub fn try_plan(&self, more: &[&str]) -> Result<Run> {
        let out = format!("-out={PLAN}");
        self.run(&[&["plan", "-json", &out], more].concat())
    }

    /// A plan that succeeds.
    pub fn plan(&self) -> Result<Plan> {
        self.plan_with(&[])
    }

    /// A plan that succeeds, with more arguments.
    pub fn plan_with(&self, more: &[&str]) -> Result<Plan> {
        let run = self.try_plan(more)?.success()?;
        let answer = self.show(&[PLAN])?;
        Ok(Plan::read(run, &answer))
    }

    /// Applies the plan that was saved last.
    pub fn apply_saved(&self) -> Result<Run> {
        self.run(&["apply", "-json", PLAN])
    }

    /// `apply`, whatever it says.
    pub fn try_apply(&self, more: &[&str]) -> Result<Run> {
        self.run(&[&["apply", "-json", "-auto-approve"], more].concat())
    }

    /// An apply that succeeds.
    pub fn apply(&self) -> Result<Run> {
        self.try_apply(&[])?.success()
    }

    /// `destroy`, whatever it says.
    pub fn try_destroy(&self, more: &[&str]) -> Result<Run> {
        self.run(&[&["destroy", "-json", "-auto-approve"], more].concat())
    }

    /// The state.
    pub fn state(&self) -> Result<State> {
        Ok(State::read(&self.show(&[])?))
    }

    /// The state file, byte by byte, without its serial number.
    pub fn state_bytes(&self) -> Result<String> {
        let text = self.read("work/terraform.tfstate")?;
        Ok(text
            .lines()
            .filter(|line| !line.trim_start().starts_with("\"serial\":"))
            .collect::<Vec<_>>()
            .join("\n"))
    }

    /// What `show -json` says of the state, or of the plan file in `more`.
    pub fn show(&self, more: &[&str]) -> Result<Value> {
        let run = self.run(&[&["show", "-json"], more].concat())?.success()?;
        serde_json::from_str(&run.stdout).with_context(|| format!("no JSON:\n{run}"))
    }

    /// Checks that a plan has nothing to do, with and without a refresh.
    pub fn assert_unchanged(&self) -> Result<()> {
        for more in [&["-refresh=true"][..], &["-refresh=false"]] {
            let run = self.run(&[&["plan", "-json", "-detailed-exitcode"], more].concat())?;
            if run.code != Some(0) {
                let plan = self.run(&[&["plan", "-no-color"], more].concat())?;
                bail!("there should be nothing to do {more:?}:\n{run}\n{}", plan.stdout);
            }
        }
        Ok(())
    }

    /// The processes of the providers that this sandbox's CLI started.
    pub fn provider_processes(&self) -> Result<Vec<i32>> {
        let mine = self.file("plugin").display().to_string();
        let listed = output(Command::new("ps").args(["-A", "-ww", "-o", "pid=,command="]))?;
        Ok(listed
            .lines()
            .filter(|line| line.contains(&mine))
            .filter_map(|line| line.split_whitespace().next()?.parse().ok())
            .collect())
    }

    /// SIGKILLs the providers. The CLI notices and ends by itself.
    pub fn kill_provider(&self) -> Result<()> {
        let mut killed = 0;
        for pid in self.provider_processes()?.into_iter().filter_map(Pid::from_raw) {
            // One may have ended in between.
            killed += usize::from(kill_process(pid, Signal::KILL).is_ok());
        }
        if killed == 0 { bail!("no provider of this sandbox is running") } else { Ok(()) }
    }

    /// Waits until the providers of this sandbox are gone; one that is left behind would stay for good.
    pub fn wait_for_no_provider(&self) -> Result<()> {
        const AT_MOST: Duration = Duration::from_secs(30);
        let start = Instant::now();
        while !self.provider_processes()?.is_empty() {
            if start.elapsed() > AT_MOST {
                bail!("the provider still runs after {AT_MOST:?}");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}
