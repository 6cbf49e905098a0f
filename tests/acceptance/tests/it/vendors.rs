//! Accounts of vendors that are programs of their own. The vendor here is the one that the kit of the protocol breaks rule by
//! rule in its own tests; unbroken it keeps the contract. Its cloud is a directory.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use fleet_acceptance::{Cli, Workspace, each_cli, example_of, one_cli};
use serde_json::Value;

use crate::hcl::{Block, account, all, cluster};

each_cli!(
    an_account_of_a_vendor_lives_its_whole_life,
    an_account_that_a_person_makes_waits_for_its_id,
);

one_cli!(
    a_vendor_that_is_gone_or_changed_leaves_its_accounts_as_they_are,
    a_plan_without_accounts_of_a_vendor_starts_none,
    what_a_vendor_does_not_take_is_told_by_the_plan,
    a_vendor_block_that_nobody_could_start_is_refused,
    an_aws_account_is_the_same_over_the_wire,
    a_request_is_taken_back,
);

const A: &str = "fleet_account.a";

/// The program, under a path of its own so that a test can change it.
pub(crate) fn vendor(workspace: &Workspace) -> Result<PathBuf> {
    let program = workspace.file("vendor");
    fs::copy(example_of("fleet-vending-conformance", "breakable-vendor")?, &program)?;
    Ok(program)
}

/// The checksum as a person takes it.
fn sha256(file: &Path) -> Result<String> {
    let said = std::process::Command::new("sha256sum").arg(file).output()?;
    let text = String::from_utf8(said.stdout)?;
    Ok(text.split_whitespace().next().context("sha256sum says nothing")?.to_owned())
}

/// The provider block with these blocks in it, and what comes after it.
pub(crate) fn configure(workspace: &Workspace, vendors: &str, rest: &str) -> Result<()> {
    let inventory = workspace.file("inventory");
    workspace.hcl_whole(&format!(
        "terraform {{\n  required_providers {{\n    fleet = {{ source = \"fleet-iac/fleet\" }}\n  }}\n}}\n\n\
         provider \"fleet\" {{\n  managed_by = \"acceptance\"\n  region     = \"us-east-1\"\n\n  inventory {{\n    path = \"{}\"\n  }}\n\n{vendors}}}\n\n{rest}",
        inventory.display()
    ))
}

/// The block of a vendor that vends into `cloud` of the workspace.
pub(crate) fn block(workspace: &Workspace, program: &Path) -> Result<String> {
    let cloud = workspace.file("cloud");
    fs::create_dir_all(&cloud)?;
    Ok(format!(
        "  vendor \"shelf\" {{\n    command  = \"{0}\"\n    sha256   = {{ \"{0}\" = \"{1}\" }}\n    settings = jsonencode({{ directory = \"{2}\" }})\n  }}\n",
        program.display(),
        sha256(program)?,
        cloud.display()
    ))
}

/// An account of the vendor: without what is only AWS's.
pub(crate) fn shelved() -> Block {
    account("a").without("email").without("controls").text("vendor", "shelf")
}

fn file(workspace: &Workspace) -> Result<String> {
    Ok(fs::read_to_string(workspace.file("inventory/accounts/a.yaml"))?)
}

fn an_account_of_a_vendor_lives_its_whole_life(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let vendors = block(&workspace, &vendor(&workspace)?)?;
    configure(&workspace, &vendors, &shelved().to_string())?;
    workspace.apply()?;
    let state = workspace.state()?;
    let made = state.resource(A)?;
    assert_eq!(made.values["ready"], true, "{:?}", made.values);
    assert_eq!(made.values["vendor"], "shelf");
    assert_eq!(made.values["email"], Value::Null);
    let id = made.string("id")?.to_owned();
    assert!(file(&workspace)?.contains("vendor: shelf"), "{}", file(&workspace)?);
    workspace.assert_unchanged()?;
    let calls = workspace.aws.emulator()?.calls()?;
    assert!(calls.is_empty(), "nothing is asked of AWS: {calls:?}");

    // A cluster of whatever cloud is admitted in it, since it is ready.
    let on_it = cluster("c", "a").text("cloud", "shelves");
    configure(&workspace, &vendors, &all(&[&shelved(), &on_it]))?;
    workspace.apply()?.success()?;
    configure(
        &workspace,
        &vendors,
        &all(&[&shelved(), &on_it.text("lifecycle_state", "retired")]),
    )?;
    workspace.apply()?.success()?;
    configure(&workspace, &vendors, &shelved().to_string())?;
    workspace.apply()?.success()?;

    let renamed = shelved().text("name", "another name").text("key", "a");
    configure(&workspace, &vendors, &renamed.to_string())?;
    workspace.apply()?.success()?;
    assert_eq!(workspace.state()?.resource(A)?.values["name"], "another name");
    assert_eq!(workspace.state()?.resource(A)?.string("id")?, id);
    workspace.assert_unchanged()?;

    let refused = workspace.try_destroy(&[])?.failure()?;
    refused.error("FLEET0103")?;
    let closing = renamed.set("close_on_deletion", "true");
    for phase in ["frozen", "retired"] {
        configure(
            &workspace,
            &vendors,
            &closing.clone().text("lifecycle_state", phase).to_string(),
        )?;
        workspace.apply()?.success()?;
        assert_eq!(workspace.state()?.resource(A)?.values["lifecycle_phase"], phase);
        assert_eq!(workspace.state()?.resource(A)?.values["ready"], false);
    }
    workspace.try_destroy(&[])?.success()?;
    assert!(file(&workspace)?.contains("lifecycle_phase: closed"), "{}", file(&workspace)?);
    nothing_runs(&workspace.file("vendor"))
}

/// Waits until no process runs this program any more: a vendor ends when its host has ended.
pub(crate) fn nothing_runs(program: &Path) -> Result<()> {
    let runs = || -> Result<bool> {
        let processes = fs::read_dir("/proc")?.filter_map(Result::ok);
        Ok(processes
            .filter_map(|of| fs::read_link(of.path().join("exe")).ok())
            .any(|exe| exe == program))
    };
    for _ in 0..300 {
        if !runs()? {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(100));
    }
    bail!("{} still runs", program.display())
}

fn a_vendor_that_is_gone_or_changed_leaves_its_accounts_as_they_are(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let program = vendor(&workspace)?;
    let vendors = block(&workspace, &program)?;
    configure(&workspace, &vendors, &shelved().to_string())?;
    workspace.apply()?;
    let (state, filed) = (workspace.state_bytes()?, file(&workspace)?);

    let refused = |vendors: &str, code: &str, says: &str| -> Result<()> {
        configure(&workspace, vendors, &shelved().to_string())?;
        for run in [
            workspace.try_plan(&[])?,
            workspace.try_apply(&[])?,
            workspace.try_plan(&["-destroy"])?,
        ] {
            let run = run.failure()?;
            let told = run.error(code)?;
            assert!(told.detail.contains(says), "{told}");
            assert_eq!(run.errors().count(), 1, "{run}");
        }
        assert_eq!(workspace.state_bytes()?, state);
        assert_eq!(file(&workspace)?, filed);
        Ok(())
    };
    configure(&workspace, "", &shelved().to_string())?;
    workspace.try_plan(&["-refresh=false"])?.success()?;
    refused("", "FLEET0562", "has no `vendor` block at all")?;
    refused(&vendors.replace("\"shelf\"", "\"shelves\""), "FLEET0562", "`shelves`")?;
    let mut changed = fs::read(&program)?;
    changed.push(0);
    fs::write(&program, changed)?;
    refused(&vendors, "FLEET0570", "has the SHA-256")?;
    fs::remove_file(&program)?;
    refused(&vendors, "FLEET0570", "cannot be read")?;
    let silent = workspace.file("silent");
    fs::write(&silent, "#!/bin/sh\necho no vendor at all\nexec sleep 600\n")?;
    let mut mode = fs::metadata(&silent)?.permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut mode, 0o755);
    fs::set_permissions(&silent, mode)?;
    refused(&block(&workspace, &silent)?, "FLEET0570", "no vendor at all")?;

    // The program as it was: nothing has happened to the account.
    vendor(&workspace)?;
    configure(&workspace, &vendors, &shelved().to_string())?;
    workspace.assert_unchanged()
}

fn a_plan_without_accounts_of_a_vendor_starts_none(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let mark = workspace.file("started");
    let program = workspace.file("marks");
    fs::write(&program, format!("#!/bin/sh\necho started >> {}\nexit 1\n", mark.display()))?;
    let mut mode = fs::metadata(&program)?.permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut mode, 0o755);
    fs::set_permissions(&program, mode)?;
    let vendors = block(&workspace, &program)?;
    configure(&workspace, &vendors, &account("b").to_string())?;
    workspace.apply()?.success()?;
    workspace.assert_unchanged()?;
    assert!(!mark.exists(), "{}", fs::read_to_string(&mark)?);
    configure(&workspace, &vendors, &shelved().to_string())?;
    workspace.try_plan(&[])?.failure()?.error("FLEET0570")?;
    assert!(mark.exists(), "the mark shows a start");
    Ok(())
}

fn what_a_vendor_does_not_take_is_told_by_the_plan(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let vendors = block(&workspace, &vendor(&workspace)?)?;
    let refused = |block: Block, code: &str, path: &str| -> Result<()> {
        configure(&workspace, &vendors, &block.to_string())?;
        let run = workspace.try_plan(&[])?.failure()?;
        let told = run.error(code)?;
        assert!(told.detail.contains(path), "{told}");
        Ok(())
    };
    refused(shelved().text("role_name", "Admin"), "FLEET0565", "`role_name`")?;
    refused(
        shelved().set("iam_user_access_to_billing", "\"DENY\""),
        "FLEET0565",
        "`iam_user_access_to_billing`",
    )?;
    refused(shelved().text("vendor_settings", "no JSON"), "FLEET0566", "it is not JSON")?;
    refused(shelved().set("vendor_settings", "jsonencode([1])"), "FLEET0566", "not an object")?;
    refused(shelved().set("vendor_settings", "jsonencode({ typo = 1 })"), "FLEET0566", "shelf")?;
    configure(&workspace, &vendors, &shelved().to_string())?;
    workspace.apply()?;
    refused(account("a"), "FLEET0567", "from `shelf` to the built-in vendor")
}

fn a_vendor_block_that_nobody_could_start_is_refused(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let program = vendor(&workspace)?;
    let good = block(&workspace, &program)?;
    for (bad, code) in [
        (good.replace(&sha256(&program)?, "12"), "FLEET0563"),
        (good.replace("sha256   =", "env      ="), "FLEET0564"),
        (
            good.replace("jsonencode({", "jsonencode([")
                .replace("})\n", "}])\n")
                .replace("directory =", "{ directory ="),
            "FLEET0563",
        ),
    ] {
        configure(&workspace, &bad, &shelved().to_string())?;
        let run = workspace.try_plan(&[])?.failure()?;
        run.error(code)?;
    }
    Ok(())
}

/// The vendor of AWS as a program: what it does is what the built-in one does.
fn an_aws_account_is_the_same_over_the_wire(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let program = beside("fleet-vending-aws")?;
    let variables = workspace.aws.variables();
    let names: Vec<String> = variables.iter().map(|(name, _)| format!("{name:?}")).collect();
    let vendors = format!(
        "  vendor \"organization\" {{\n    command     = \"{0}\"\n    sha256      = {{ \"{0}\" = \"{1}\" }}\n    inherit_env = [{2}]\n    settings    = jsonencode({{ region = \"us-east-1\" }})\n  }}\n",
        program.display(),
        sha256(&program)?,
        names.join(", "),
    );
    let wired = account("w").text("vendor", "organization");
    configure(&workspace, &vendors, &all(&[&account("b"), &wired]))?;
    workspace.apply()?.success()?;
    let state = workspace.state()?;
    let (built_in, wired) =
        (state.resource("fleet_account.b")?, state.resource("fleet_account.w")?);
    assert_eq!(wired.values["ready"], true, "{:?}", wired.values);
    for same in [
        "organization_id",
        "parent_id",
        "state",
        "phase",
        "status_reason",
        "lifecycle_phase",
        "ready",
    ] {
        assert_eq!(wired.values[same], built_in.values[same], "{same}");
    }
    assert_eq!(wired.values["readiness"]["checks"], built_in.values["readiness"]["checks"]);
    workspace.assert_unchanged()
}

/// A person is asked: the account is in the state without an id until somebody answers.
fn an_account_that_a_person_makes_waits_for_its_id(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let (desk, vendors) = people(&workspace)?;
    let asked = account("a").without("email").without("controls").text("vendor", "people");
    let on_it = cluster("c", "a").text("cloud", "people");
    configure(&workspace, &vendors, &asked.to_string())?;
    let run = workspace.try_apply(&[])?.success()?;
    run.warning("FLEET0568")?;
    let state = workspace.state()?;
    let waiting = state.resource(A)?;
    assert_eq!(waiting.values["id"], Value::Null);
    assert_eq!(waiting.values["phase"], "requested");
    assert_eq!(waiting.values["ready"], false);
    assert!(
        !workspace.file("inventory/accounts/a.yaml").exists(),
        "nothing says that there is one"
    );
    workspace.assert_unchanged()?;

    // A cluster waits with it.
    configure(&workspace, &vendors, &all(&[&asked, &on_it]))?;
    let run = workspace.try_apply(&[])?.success()?;
    run.warning("FLEET0310")?;

    let request = fs::read_to_string(desk.join("requests/a.yaml"))?;
    let sha = request
        .lines()
        .find_map(|line| line.strip_prefix("request_sha256: "))
        .context("the request has no digest")?;
    fs::create_dir_all(desk.join("fulfilments"))?;
    fs::write(
        desk.join("fulfilments/a.yaml"),
        format!(
            "version: 1\nrequest_sha256: {sha}\ndecision: approved\napprover: Ann\nnative_id: \"4711\"\nevidence:\n  - https://tickets.example.com/123\n"
        ),
    )?;
    let plan = workspace.plan()?;
    assert_eq!(plan.after(A)?["id"], "4711", "the plan shows the account once there is one");
    workspace.apply_saved()?.success()?;
    let state = workspace.state()?;
    assert_eq!(state.resource(A)?.values["ready"], true, "{:?}", state.resource(A)?.values);
    assert!(file(&workspace)?.contains("vendor: people"), "{}", file(&workspace)?);
    workspace.apply()?;
    workspace.assert_unchanged()
}

/// A request that nobody has answered is taken back without retiring an account that there never was.
fn a_request_is_taken_back(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let (desk, vendors) = people(&workspace)?;
    let asked = account("a").without("email").without("controls").text("vendor", "people");
    configure(&workspace, &vendors, &asked.to_string())?;
    workspace.try_apply(&[])?.success()?;
    assert!(desk.join("requests/a.yaml").exists());
    workspace.try_destroy(&[])?.success()?;
    assert!(!desk.join("requests/a.yaml").exists());
    assert!(workspace.state()?.resource(A).is_err());
    Ok(())
}

/// The directory of requests and answers, and the block of the vendor that keeps them.
fn people(workspace: &Workspace) -> Result<(PathBuf, String)> {
    let program = beside("fleet-vending-request")?;
    let desk = workspace.file("desk");
    fs::create_dir(&desk)?;
    let block = format!(
        "  vendor \"people\" {{\n    command  = \"{0}\"\n    sha256   = {{ \"{0}\" = \"{1}\" }}\n    settings = jsonencode({{ directory = \"{2}\" }})\n  }}\n",
        program.display(),
        sha256(&program)?,
        desk.display()
    );
    Ok((desk, block))
}

/// A program that cargo built beside the provider.
fn beside(name: &str) -> Result<PathBuf> {
    let provider = fleet_acceptance::binary()?;
    Ok(provider.with_file_name(name))
}
