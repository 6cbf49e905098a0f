//! The kit against the vendors of this repository, and what the guide shows of it.

use std::path::PathBuf;
use std::process::Command;
use std::{env, fs, thread};

use anyhow::{Context as _, Result, bail, ensure};
use fleet_acceptance::{Emulator, Environment};

use super::count::{Outcome, check};
use crate::cargo::{build_dir, build_vendors, root};

/// The guide that shows what the kit prints.
const GUIDE: &str = "docs/guides/write-a-vendor.md";

/// Where the vendor in Python is.
const PYTHON: &str = "examples/vendors/python";

/// A step of the guide: its marker, what of the vendor is written by then, and the tests that it runs.
const STEPS: [(&str, &str, &str); 4] =
    [("1", "1", "1,2"), ("2", "2", "1,2,3"), ("3", "3", "2,5,8,11,14,17,20"), ("4", "4", "")];

/// Runs all of them. The vendor of AWS waits for its cloud more than it works: the others run meanwhile.
pub(super) fn all() -> Result<Outcome> {
    build_vendors()?;
    let aws = thread::spawn(aws);
    let mut outcome = check(&mut request()?)?;
    let others = [guide(), aws.join().unwrap_or_else(|_| bail!("the kit against AWS panicked"))];
    for done in others {
        outcome += match done {
            Ok(()) => Outcome::success(),
            Err(error) => Outcome::failure(&format!("{error:#}")),
        };
    }
    Ok(outcome)
}

fn program(name: &str) -> Result<PathBuf> {
    Ok(build_dir()?.join(name))
}

fn kit() -> Result<Command> {
    let mut command = Command::new(program("fleet-vending-conformance")?);
    command.current_dir(root());
    Ok(command)
}

/// The vendor that asks people. Somebody answers whatever it asks.
fn request() -> Result<Command> {
    let mut kit = kit()?;
    let people = program("examples/approve-everything")?;
    kit.args(["--settings", "crates/fleet-vending-request/tests/conformance.json"])
        .args(["--witness", "{scratch}/inventory/requests", "--fault-file", "{scratch}/fault"])
        .args(["--faults", "slow,human,denied", "--silence", "6"])
        .arg("--beside")
        .arg(format!("{} {{scratch}}/inventory {{scratch}}/fault", people.display()))
        .arg("--")
        .arg(program("fleet-vending-request")?);
    Ok(kit)
}

/// What the emulated AWS can do wrong: no person has to open an account of AWS once it is there, and what answers that it is not
/// yet is waited for inside of an account (`slow`), not where it is made.
const FAULTS: &str = "slow,lost_answer,throttled,busy,in_flight_limit,denied,invalid,quota,unsupported,credentials,unexpected";

/// The vendor of AWS, on an emulated organization of its own. What it prints is shown when it is done.
fn aws() -> Result<()> {
    let place = tempfile::tempdir()?;
    let (fault, witness) = (place.path().join("fault"), place.path().join("witness"));
    fs::write(&witness, "")?;
    let brisk = ["create_seconds=0.1", "role_seconds=0", "region_seconds=0.1", "close_seconds=0.1"];
    let emulator = Emulator::start_for_kit(&Environment::emulator()?, &brisk, &fault, &witness)?;
    let mut kit = kit()?;
    kit.args(["--settings", "vending/tests/conformance/settings.json"])
        .args(["--account", "vending/tests/conformance/account.json"])
        .arg("--fault-file")
        .arg(&fault)
        .arg("--witness")
        .arg(&witness)
        .args(["--faults", FAULTS]);
    for variable in [
        &format!("AWS_ENDPOINT_URL={}", emulator.endpoint()),
        "AWS_ACCESS_KEY_ID=test",
        "AWS_SECRET_ACCESS_KEY=test",
        "AWS_EC2_METADATA_DISABLED=true",
        // Whatever the person at the keyboard has in `~/.aws` is no part of a test.
        "AWS_CONFIG_FILE=/nonexistent",
        "AWS_SHARED_CREDENTIALS_FILE=/nonexistent",
    ] {
        kit.args(["--env", variable]);
    }
    let done = kit.arg("--").arg(program("fleet-vending-aws")?).output()?;
    let printed = String::from_utf8_lossy(&done.stdout);
    println!("{printed}{}", String::from_utf8_lossy(&done.stderr));
    ensure!(done.status.success(), "the vendor of AWS does not pass the kit:\n{printed}");
    Ok(())
}

/// What the guide shows of each step is what the kit prints; `EXPECTORATE=overwrite` writes it.
fn guide() -> Result<()> {
    let (python, messages) = Environment::vendor()?;
    let path = root().join(GUIDE);
    let text = fs::read_to_string(&path).with_context(|| GUIDE)?;
    let mut fresh = text.clone();
    for (marker, written, tests) in STEPS {
        let mut kit = kit()?;
        kit.args(["--settings", &format!("{PYTHON}/settings.json"), "--silence", "2"])
            .args(["--witness", "{scratch}/cloud", "--fault-file", "{scratch}/cloud/.fault"])
            .arg("--env")
            .arg(format!("PYTHONPATH={}", messages.display()));
        if !tests.is_empty() {
            kit.args(["--only", tests]);
        }
        kit.arg("--").arg(&python.python).args([&format!("{PYTHON}/steps.py"), written]);
        let done = kit.output()?;
        let printed = String::from_utf8_lossy(&done.stdout);
        println!("{printed}{}", String::from_utf8_lossy(&done.stderr));
        let whole = tests.is_empty();
        ensure!(
            done.status.success() == whole,
            "step {marker}: the kit ended with {}",
            done.status
        );
        fresh = replaced(&fresh, marker, printed.trim_end())?;
    }
    if env::var("EXPECTORATE").is_ok_and(|wish| wish == "overwrite") {
        fs::write(&path, fresh).with_context(|| GUIDE)
    } else {
        ensure!(
            fresh == text,
            "{GUIDE} does not show what the kit prints: EXPECTORATE=overwrite writes it"
        );
        Ok(())
    }
}

/// The text with another block of code below the marker `<!-- kit: … -->`.
fn replaced(text: &str, marker: &str, block: &str) -> Result<String> {
    let mark = format!("<!-- kit: {marker} -->\n```text\n");
    let from = text.find(&mark).with_context(|| format!("{GUIDE} has no {mark}"))? + mark.len();
    let length =
        text[from..].find("```").with_context(|| format!("{GUIDE}: no end below {mark}"))?;
    Ok(format!("{}{block}\n{}", &text[..from], &text[from + length..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_block_below_a_marker_is_replaced_and_nothing_else() -> Result<()> {
        let text = "a\n<!-- kit: 1 -->\n```text\nold\n```\nb\n<!-- kit: 2 -->\n```text\nold\n```\n";
        let expected =
            "a\n<!-- kit: 1 -->\n```text\nold\n```\nb\n<!-- kit: 2 -->\n```text\nnew\nlines\n```\n";
        assert_eq!(replaced(text, "2", "new\nlines")?, expected);
        assert!(replaced(text, "3", "").is_err());
        Ok(())
    }
}
