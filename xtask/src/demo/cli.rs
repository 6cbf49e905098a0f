//! The CLI of the demo, and one session with it.

use std::env;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use fleet_acceptance::{Cli, Emulator, Program};
use serde_json::Value;

use super::folder::Lab;
use super::ui::{self, Ui};
use crate::interrupt;

/// A CLI that was found.
pub(crate) struct Chosen {
    pub(crate) program: Program,
    /// Its name and version.
    pub(crate) name: String,
}

/// Below these, write-only arguments are missing: the lower bounds of the README.
const OLDEST: [(&str, &str, [u32; 2]); 2] =
    [("tofu", "OpenTofu", [1, 12]), ("terraform", "Terraform", [1, 11])];

/// The program a person asked for; else `tofu` or `terraform` from PATH; else Terraform from PyPI.
pub(crate) fn choose(asked: Option<&str>) -> Result<Chosen> {
    if let Some(path) = asked {
        let program = Program::named(path);
        let version =
            program.version().with_context(|| format!("{path} does not answer `version -json`"))?;
        return Ok(Chosen { program, name: format!("{path} {version}") });
    }
    for (command, name, oldest) in OLDEST {
        let program = Program::named(command);
        match program.version() {
            Ok(version) if at_least(&version, oldest) => {
                return Ok(Chosen { program, name: format!("{name} {version}, from PATH") });
            }
            Ok(version) => println!(
                "  {name} {version} on PATH is too old ({}.{} is needed)",
                oldest[0], oldest[1]
            ),
            Err(_) => {}
        }
    }
    let cli = Cli::Terraform1_15;
    Ok(Chosen { program: cli.program()?, name: format!("{cli}, from PyPI") })
}

fn at_least(version: &str, oldest: [u32; 2]) -> bool {
    let numbers: Vec<u32> = version.split(['.', '-']).map_while(|part| part.parse().ok()).collect();
    numbers.as_slice() >= oldest.as_slice()
}

/// A command that has ended.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    /// stdout as it came, with the diagnostics of a `-json` command rendered.
    pub(crate) text: String,
}

impl Ended {
    /// An error with all that was said, unless it ended well.
    pub(crate) fn success(&self, what: &str) -> Result<()> {
        match self.code {
            Some(0) => Ok(()),
            code => bail!("{what} failed (exit code {code:?}):\n{}", self.text),
        }
    }
}

/// A `-json` command that has ended.
pub(crate) struct EndedUi {
    pub(crate) ended: Ended,
    /// The CLI's own last line, such as `Apply complete!`.
    pub(crate) summary: String,
}

/// One CLI in one lab against one AWS.
pub(crate) struct Session<'a> {
    pub(crate) program: Program,
    pub(crate) lab: &'a Lab,
    pub(crate) emulator: &'a Emulator,
}

impl Session<'_> {
    /// What a person has to export to go on by hand.
    fn variables(&self) -> Vec<(&'static str, String)> {
        vec![
            ("TF_CLI_CONFIG_FILE", self.lab.configuration.display().to_string()),
            ("AWS_ENDPOINT_URL", self.emulator.endpoint().to_owned()),
            ("AWS_ACCESS_KEY_ID", "demo".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "demo".to_owned()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
            ("CHECKPOINT_DISABLE", "1".to_owned()),
            ("TF_VAR_email_format", "aws+%s@lab.invalid".to_owned()),
        ]
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.program.command();
        for (name, _) in env::vars_os() {
            let text = name.to_string_lossy();
            // No credentials of the person at the keyboard come near the demo.
            let steers =
                ["TF_", "TOFU_", "AWS_", "FLEET_"].iter().any(|prefix| text.starts_with(prefix));
            if steers && !text.starts_with("TF_LOG") {
                command.env_remove(name);
            }
        }
        command.args(arguments).current_dir(&self.lab.directory).envs(self.variables());
        for file in ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"] {
            command.env(file, "/nonexistent");
        }
        command
    }

    /// Runs a command; what it says is kept for the case that it fails.
    pub(crate) fn run(&self, arguments: &[&str]) -> Result<Ended> {
        let ended = self.collect(arguments, |_| {})?;
        Ok(ended)
    }

    /// Runs a `-json` command and tells its progress as it comes; from the emulated AWS where the CLI is
    /// silent until its end.
    pub(crate) fn run_json(&self, arguments: &[&str]) -> Result<EndedUi> {
        let ui = Arc::new(Mutex::new(Ui::default()));
        let ended = {
            let ui = Arc::clone(&ui);
            self.collect(arguments, move |line| {
                if let Ok(mut ui) = ui.lock()
                    && let Some(text) = ui.read(line)
                {
                    println!("  {text}");
                }
            })?
        };
        let ui = ui.lock().map_err(|_| anyhow::anyhow!("the reader of the CLI's output failed"))?;
        if let Some(rest) = ui.rest() {
            println!("  {rest}");
        }
        let text = if ui.problems.is_empty() { ended.text } else { ui.problems.clone() };
        Ok(EndedUi { ended: Ended { code: ended.code, text }, summary: ui.summary.clone() })
    }

    fn collect(&self, arguments: &[&str], each: impl Fn(&str) + Send + 'static) -> Result<Ended> {
        let mut command = self.command(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = interrupt::spawn(&mut command)?;
        let stdout = child.stdout.take().context("a CLI has no stdout")?;
        let stderr = child.stderr.take().context("a CLI has no stderr")?;
        let reader = thread::spawn(move || {
            let mut text = String::new();
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                each(&line);
                text.push_str(&line);
                text.push('\n');
            }
            text
        });
        let complaints = thread::spawn(move || {
            BufReader::new(stderr).lines().map_while(Result::ok).collect::<Vec<_>>().join("\n")
        });
        let mut watched = ui::Watched::default();
        let mut asked = Instant::now();
        let status = interrupt::wait(&mut child, || {
            if !self.program.prints_as_it_goes && asked.elapsed().as_secs() >= 1 {
                asked = Instant::now();
                if let Ok(status) = self.emulator.get("status")
                    && let Some(text) = watched.news(&status)
                {
                    println!("  {text}");
                }
            }
        })?;
        if interrupt::asked() {
            bail!("interrupted");
        }
        let (Ok(mut text), Ok(complaints)) = (reader.join(), complaints.join()) else {
            bail!("the output of the CLI could not be read");
        };
        text.push_str(&complaints);
        Ok(Ended { code: status.code(), text })
    }

    /// The outputs of the lab.
    pub(crate) fn outputs(&self) -> Result<Value> {
        let ended = self.run(&["output", "-json", "-no-color"])?;
        ended.success("output")?;
        let start = ended.text.find('{').context("output gave no JSON")?;
        let mut values =
            serde_json::Deserializer::from_str(&ended.text[start..]).into_iter::<Value>();
        values.next().context("output gave no JSON")?.context("output gave no JSON")
    }

    /// Says how a person goes on from here.
    pub(crate) fn print_how_to_go_on(&self) {
        println!("\nThe emulated AWS keeps running. To go on by hand:\n");
        println!("  cd {}", self.lab.directory.display());
        for (name, value) in self.variables() {
            println!("  export {name}={value}");
        }
        let command = self.program.command();
        let words: Vec<_> = [command.get_program()]
            .into_iter()
            .chain(command.get_args())
            .map(|word| word.to_string_lossy())
            .collect();
        println!("  {} plan", words.join(" "));
        println!("\nTo end it: kill {}", self.emulator.pid());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number() {
        assert!(at_least("1.11.4", [1, 11]));
        assert!(at_least("1.15.0-rc1", [1, 11]));
        assert!(at_least("2.0.0", [1, 12]));
        assert!(!at_least("1.9.8", [1, 11]));
    }
}
