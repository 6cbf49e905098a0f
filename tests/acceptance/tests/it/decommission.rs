//! Decommissioning: active, frozen, retired, destroyed; one step per apply, and back until it is closed.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use fleet_acceptance::{Cli, Workspace, each_cli, one_cli};
use serde_json::{Value, json};

use crate::account::{tags, vended};
use crate::hcl::{Block, account, all, cluster};
use crate::preflight::fill;

each_cli!(an_account_is_frozen_retired_and_destroyed);

one_cli!(
    nothing_is_undone_but_what_the_plan_names,
    a_step_is_not_left_out_where_there_is_a_quarantine,
    a_frozen_account_comes_back,
    a_freeze_that_is_killed_leaves_the_gate_shut,
    an_account_with_clusters_goes_no_step,
    a_policy_that_locks_us_out_is_refused_while_planning,
    a_policy_without_room_is_refused_while_planning,
    an_account_whose_state_was_lost_goes_on_where_its_file_says,
    without_a_quarantine_frozen_is_a_mark,
    a_stale_clone_lets_no_account_go,
);

pub(crate) const SPARING: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/OrganizationAccountAccessRole"}}}]}"#;
const LOCKING: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;

/// A workspace whose organization has a unit `Quarantine` and a policy for it.
struct Fleet {
    workspace: Workspace,
    unit: String,
    policy: String,
}

impl Fleet {
    fn new(cli: Cli, policy: &str) -> Result<Self> {
        let workspace = Workspace::new(cli)?;
        let aws = &workspace.aws;
        let text = |value: &Value| value.as_str().map(str::to_owned).context("no text");
        let roots = aws.call("organizations", "list_roots", &json!({}))?;
        let unit = json!({"ParentId": roots["Roots"][0]["Id"], "Name": "Quarantine"});
        let made = aws.call("organizations", "create_organizational_unit", &unit)?;
        let unit = text(&made["OrganizationalUnit"]["Id"])?;
        let policy = json!({"Name": "quarantine", "Description": "nothing but vending", "Type": "SERVICE_CONTROL_POLICY", "Content": policy});
        let made = aws.call("organizations", "create_policy", &policy)?;
        let policy = text(&made["Policy"]["PolicySummary"]["Id"])?;
        Ok(Self { workspace, unit, policy })
    }

    /// The account `a` is all there is, as `block` says.
    fn write(&self, block: &Block) -> Result<()> {
        self.write_all(&block.to_string())
    }

    fn write_all(&self, text: &str) -> Result<()> {
        self.write_in("Quarantine", text)
    }

    /// The same with another unit as the quarantine.
    fn write_in(&self, quarantine: &str, text: &str) -> Result<()> {
        let policy = &self.policy;
        let block = format!(
            "quarantine {{\n    parent    = \"{quarantine}\"\n    policy_id = \"{policy}\"\n  }}\n\n  "
        );
        self.write_with(&block, text)
    }

    /// The same with these lines for the quarantine.
    fn write_with(&self, quarantine: &str, text: &str) -> Result<()> {
        let inventory = self.workspace.file("inventory");
        self.workspace.hcl_whole(&format!(
            "terraform {{\n  required_providers {{\n    fleet = {{ source = \"fleet-iac/fleet\" }}\n  }}\n}}\n\n\
             provider \"fleet\" {{\n  managed_by = \"acceptance\"\n  region     = \"us-east-1\"\n\n  \
             {quarantine}inventory {{\n    path = \"{}\"\n  }}\n}}\n\n{text}",
            inventory.display()
        ))
    }

    fn vend(&self) -> Result<String> {
        self.write(&account("a"))?;
        self.workspace.apply()?;
        Ok(self.workspace.state()?.resource("fleet_account.a")?.string("id")?.to_owned())
    }

    /// One step, with nothing to do after it.
    fn step(&self, state: &str) -> Result<()> {
        self.write(&wished(state))?;
        let plan = self.workspace.plan()?;
        assert_eq!(plan.actions["fleet_account.a"], "update");
        self.workspace.apply()?;
        assert_eq!(self.life()?.0, state);
        self.workspace.assert_unchanged()
    }

    /// `lifecycle_phase` and `ready` in state.
    fn life(&self) -> Result<(String, bool)> {
        let state = self.workspace.state()?;
        let account = state.resource("fleet_account.a")?;
        Ok((account.string("lifecycle_phase")?.to_owned(), account.values["ready"] == true))
    }

    /// Whether the account is in quarantine, and bound by the policy.
    fn confined(&self, id: &str) -> Result<(bool, bool)> {
        let aws = &self.workspace.aws;
        let parents = aws.call("organizations", "list_parents", &json!({"ChildId": id}))?;
        let policy = json!({"PolicyId": self.policy});
        let targets = aws.call("organizations", "list_targets_for_policy", &policy)?;
        let targets = targets["Targets"].as_array().context("no targets")?;
        Ok((
            parents["Parents"][0]["Id"] == self.unit.as_str(),
            targets.iter().any(|target| target["TargetId"] == id),
        ))
    }
}

fn wished(state: &str) -> Block {
    account("a").text("lifecycle_state", state).set("close_on_deletion", "true")
}

fn an_account_is_frozen_retired_and_destroyed(cli: Cli) -> Result<()> {
    let fleet = Fleet::new(cli, SPARING)?;
    let workspace = &fleet.workspace;
    let id = fleet.vend()?;
    let role = json!({"RoleName": "fleet-apply"});
    let open = workspace.aws.call_in(&id, "iam", "get_role", &role)?;
    fleet.step("frozen")?;
    assert_eq!(fleet.life()?, ("frozen".to_owned(), false));
    assert_eq!(fleet.confined(&id)?, (true, true));
    assert!(workspace.read("inventory/accounts/a.yaml")?.contains("ready: false"));
    let before = workspace.state_bytes()?;
    workspace.run(&["apply", "-json", "-auto-approve", "-refresh-only"])?.success()?;
    assert_eq!(before, workspace.state_bytes()?, "a refresh changes no byte");
    workspace.try_destroy(&[])?.failure()?.error("FLEET0103")?;

    fleet.step("retired")?;
    assert_eq!(fleet.confined(&id)?, (true, true));
    let shut = workspace.aws.call_in(&id, "iam", "get_role", &role)?;
    let trust = |role: &Value| role["Role"]["AssumeRolePolicyDocument"].to_string();
    assert_ne!(trust(&open), trust(&shut), "our roles open to nobody");

    workspace.try_destroy(&[])?.success()?;
    assert!(workspace.state()?.resources.is_empty());
    let file = workspace.read("inventory/accounts/a.yaml")?;
    assert!(file.contains("lifecycle_phase: closed") && file.contains("closed_at: "), "{file}");
    Ok(())
}

fn a_step_is_not_left_out_where_there_is_a_quarantine(cli: Cli) -> Result<()> {
    let fleet = Fleet::new(cli, SPARING)?;
    let id = fleet.vend()?;
    fleet.write(&wished("retired"))?;
    let run = fleet.workspace.try_plan(&[])?.failure()?;
    assert!(run.error("FLEET0127")?.detail.contains("frozen"), "{run}");
    fleet.workspace.try_apply(&[])?.failure()?.error("FLEET0127")?;
    assert_eq!(fleet.life()?, ("active".to_owned(), true));
    assert_eq!(fleet.confined(&id)?, (false, false));
    Ok(())
}

fn a_frozen_account_comes_back(cli: Cli) -> Result<()> {
    let fleet = Fleet::new(cli, SPARING)?;
    let id = fleet.vend()?;
    for down in [&["frozen"][..], &["frozen", "retired"]] {
        for state in down {
            fleet.step(state)?;
        }
        fleet.step("active")?;
        assert_eq!(fleet.life()?, ("active".to_owned(), true), "its baseline is back");
        assert_eq!(fleet.confined(&id)?, (false, false));
        assert_eq!(tags(&fleet.workspace, &id)?["fleet:readiness"], "pass");
    }
    let file = fleet.workspace.read("inventory/accounts/a.yaml")?;
    assert!(file.contains("ready: true") && !file.contains("prior_settings:\n  parent"), "{file}");

    // Where it was is gone by the time that it is to come back: the plan says so, and it stays held.
    let aws = &fleet.workspace.aws;
    let roots = aws.call("organizations", "list_roots", &json!({}))?;
    let root = &roots["Roots"][0]["Id"];
    let unit = json!({"ParentId": root, "Name": "Former"});
    let unit = aws.call("organizations", "create_organizational_unit", &unit)?;
    let unit = unit["OrganizationalUnit"]["Id"].as_str().context("no id")?.to_owned();
    let moved = json!({"AccountId": id, "SourceParentId": root, "DestinationParentId": unit});
    aws.call("organizations", "move_account", &moved)?;
    fleet.step("frozen")?;
    let gone = json!({"OrganizationalUnitId": unit});
    aws.call("organizations", "delete_organizational_unit", &gone)?;
    fleet.write(&wished("active"))?;
    let run = fleet.workspace.try_plan(&[])?.failure()?;
    assert!(run.error("FLEET0145")?.detail.contains(&unit), "{run}");
    assert_eq!(fleet.confined(&id)?, (true, true));
    Ok(())
}

/// The file says so before AWS is asked, and the next apply goes on. An inventory without the file lets no account go.
fn a_freeze_that_is_killed_leaves_the_gate_shut(cli: Cli) -> Result<()> {
    const APPLY: [&str; 3] = ["apply", "-json", "-auto-approve"];
    const FILE: &str = "inventory/accounts/a.yaml";
    let fleet = Fleet::new(cli, SPARING)?;
    let workspace = &fleet.workspace;
    let id = fleet.vend()?;
    fleet.write(&wished("frozen"))?;
    let emulator = workspace.aws.emulator()?;
    let held = json!({"operation": "MoveAccount", "kind": "hold", "seconds": 60});
    emulator.post("faults", &held)?;
    let apply = workspace.start(&APPLY)?;
    emulator.wait_for_call("organizations:MoveAccount", Duration::from_secs(60))?;
    workspace.kill_provider()?;
    workspace.finish(&APPLY, apply)?.failure()?;
    emulator.delete("faults")?;
    let file = workspace.read(FILE)?;
    assert!(file.contains("ready: false") && file.contains("being frozen"), "{file}");
    workspace.apply()?;
    assert_eq!(fleet.life()?, ("frozen".to_owned(), false));
    assert_eq!(fleet.confined(&id)?, (true, true));
    assert!(!workspace.read(FILE)?.contains("being frozen"));
    workspace.assert_unchanged()?;

    let (inventory, away) = (workspace.file("inventory"), workspace.file("away"));
    let elsewhere = |step: &dyn Fn() -> Result<()>| -> Result<()> {
        fs::rename(&inventory, &away)?;
        fs::create_dir(&inventory)?;
        step()?;
        fs::remove_dir_all(&inventory)?;
        Ok(fs::rename(&away, &inventory)?)
    };
    fleet.write(&wished("retired"))?;
    elsewhere(&|| {
        let run = workspace.try_plan(&[])?.failure()?;
        assert!(run.error("FLEET0317")?.detail.contains("accounts/a.yaml"), "{run}");
        Ok(())
    })?;
    fleet.step("retired")?;
    elsewhere(&|| {
        let run = workspace.try_destroy(&[])?.failure()?;
        assert!(run.error("FLEET0317")?.detail.contains("accounts/a.yaml"), "{run}");
        Ok(())
    })?;
    workspace.try_destroy(&[])?.success()?;
    assert!(workspace.read(FILE)?.contains("lifecycle_phase: closed"));
    Ok(())
}

fn an_account_with_clusters_goes_no_step(cli: Cli) -> Result<()> {
    let fleet = Fleet::new(cli, SPARING)?;
    fleet.vend()?;
    fleet.write_all(&all(&[&account("a"), &cluster("c1", "a"), &cluster("c2", "a")]))?;
    fleet.workspace.apply()?;
    let frozen = account("a").text("lifecycle_state", "frozen");
    fleet.write_all(&all(&[&frozen, &cluster("c1", "a"), &cluster("c2", "a")]))?;
    let run = fleet.workspace.try_plan(&[])?.failure()?;
    assert!(run.error("FLEET0106")?.detail.contains("c1, c2"), "{run}");
    // A line in a file shows no cluster to have gone: neither that it is retired, nor that it is elsewhere.
    let file = |name: &str| format!("inventory/clusters/{name}.yaml");
    let kept = ["c1", "c2"].map(|name| fleet.workspace.read(&file(name)).unwrap_or_default());
    let edits =
        [("lifecycle_state: active", "lifecycle_state: retired"), ("account: a", "account: zz")];
    for (at, (from, to)) in edits.into_iter().enumerate() {
        let name = ["c1", "c2"][at];
        assert!(kept[at].contains(from), "{}", kept[at]);
        fleet.workspace.write(&file(name), &kept[at].replace(from, to))?;
    }
    let target = "-target=fleet_account.a";
    let run = fleet.workspace.try_plan(&[target])?.failure()?;
    assert!(run.error("FLEET0163")?.detail.contains("clusters/c1.yaml"), "{run}");
    for (name, text) in ["c1", "c2"].into_iter().zip(&kept) {
        fleet.workspace.write(&file(name), text)?;
    }
    // A contract that leaves them behind is told, where their own plans are left out.
    fleet.write_all(&all(&[
        &account("a").text("environment", "dev"),
        &cluster("c1", "a"),
        &cluster("c2", "a"),
    ]))?;
    let run = fleet.workspace.try_plan(&[target])?.success()?;
    let told = run.warning("FLEET0320")?;
    assert!(told.detail.contains("`c1`") && told.detail.contains("`c2`"), "{run}");
    let gone = |name: &str| cluster(name, "a").text("lifecycle_state", "retired");
    fleet.write_all(&all(&[&account("a"), &gone("c1"), &gone("c2")]))?;
    fleet.workspace.apply()?;
    fleet.write_all(&all(&[&frozen, &gone("c1"), &gone("c2")]))?;
    fleet.workspace.apply()?;
    assert_eq!(fleet.life()?, ("frozen".to_owned(), false));
    fleet.workspace.assert_unchanged()?;

    // Another quarantine takes it along: the plan says so.
    let roots = fleet.workspace.aws.call("organizations", "list_roots", &json!({}))?;
    let other = json!({"ParentId": roots["Roots"][0]["Id"], "Name": "Other"});
    let made = fleet.workspace.aws.call("organizations", "create_organizational_unit", &other)?;
    let other = made["OrganizationalUnit"]["Id"].as_str().context("no id")?;
    let blocks = all(&[&frozen, &gone("c1"), &gone("c2")]);
    fleet.write_in("Other", &blocks)?;
    let plan = fleet.workspace.plan()?;
    assert_eq!(plan.actions["fleet_account.a"], "update");
    let told = plan.run.warning("FLEET0165")?;
    assert!(told.detail.contains(&fleet.unit) && told.detail.contains(other), "{told}");
    Ok(())
}

fn a_policy_that_locks_us_out_is_refused_while_planning(cli: Cli) -> Result<()> {
    let fleet = Fleet::new(cli, LOCKING)?;
    let id = fleet.vend()?;
    fleet.write(&wished("frozen"))?;
    let run = fleet.workspace.try_plan(&[])?.failure()?;
    let error = run.error("FLEET0128")?;
    assert!(error.detail.contains("OrganizationAccountAccessRole"), "{error}");
    assert_eq!(fleet.confined(&id)?, (false, false));
    let policy = json!({"PolicyId": fleet.policy, "Content": SPARING});
    fleet.workspace.aws.call("organizations", "update_policy", &policy)?;
    fleet.step("frozen")?;
    assert_eq!(fleet.confined(&id)?, (true, true));

    // Somebody takes the policy off: the plan says that it comes back.
    let (workspace, aws) = (&fleet.workspace, &fleet.workspace.aws);
    let of = |target: &str| json!({"PolicyId": fleet.policy, "TargetId": target});
    aws.call("organizations", "detach_policy", &of(&id))?;
    let plan = workspace.try_plan(&[])?.success()?;
    assert!(plan.warning("FLEET0165")?.detail.contains(&fleet.policy), "{plan}");
    workspace.apply()?;
    assert_eq!(fleet.confined(&id)?, (true, true));
    // What holds it does not go with a line of the provider block.
    let frozen = wished("frozen").to_string();
    let alone = "quarantine {\n    parent = \"Quarantine\"\n  }\n\n  ";
    for (block, code) in [("", "FLEET0185"), (alone, "FLEET0184")] {
        fleet.write_with(block, &frozen)?;
        workspace.try_plan(&[])?.failure()?.error(code)?;
    }
    aws.call("organizations", "attach_policy", &of(&fleet.unit))?;
    let plan = workspace.try_plan(&[])?.success()?;
    assert!(plan.warning("FLEET0143")?.detail.contains("detaches"), "{plan}");
    workspace.apply()?;
    assert_eq!((fleet.life()?.0.as_str(), fleet.confined(&id)?), ("frozen", (true, false)));

    // What holds it at its unit goes, and nothing else changes: each plan says so.
    assert!(workspace.try_plan(&[])?.success()?.warning("FLEET0222").is_err());
    aws.call("organizations", "detach_policy", &of(&fleet.unit))?;
    for _ in 0..2 {
        let plan = workspace.plan()?;
        assert_eq!(plan.actions.get("fleet_account.a"), None);
        let told = plan.run.warning("FLEET0222")?;
        assert!(told.detail.contains(&fleet.unit), "{told}");
    }
    Ok(())
}

fn a_policy_without_room_is_refused_while_planning(cli: Cli) -> Result<()> {
    let fleet = Fleet::new(cli, SPARING)?;
    let id = fleet.vend()?;
    fill(&fleet.workspace, &id)?;
    fleet.write(&wished("frozen"))?;
    let run = fleet.workspace.try_plan(&[])?.failure()?;
    let error = run.error("FLEET0140")?.to_string();
    assert!(error.contains(&id) && error.contains("lifecycle_state = \"frozen\""), "{error}");
    // Attached to the unit it needs no room on the account.
    let attached = json!({"PolicyId": fleet.policy, "TargetId": fleet.unit});
    fleet.workspace.aws.call("organizations", "attach_policy", &attached)?;
    fleet.step("frozen")?;
    assert_eq!(fleet.confined(&id)?, (true, false));
    Ok(())
}

fn an_account_whose_state_was_lost_goes_on_where_its_file_says(cli: Cli) -> Result<()> {
    let fleet = Fleet::new(cli, SPARING)?;
    let id = fleet.vend()?;
    let lost = || fleet.workspace.run(&["state", "rm", "fleet_account.a"])?.success();
    // It is in use, and comes in so.
    lost()?;
    for state in ["frozen", "retired"] {
        fleet.write(&wished(state))?;
        fleet.workspace.try_plan(&[])?.failure()?.error("FLEET0127")?;
    }
    fleet.write(&wished("active"))?;
    fleet.workspace.apply()?;
    fleet.step("frozen")?;

    // Frozen it stays, or goes on, under the same guards.
    lost()?;
    fleet.workspace.apply()?;
    assert_eq!((fleet.life()?, fleet.confined(&id)?), (("frozen".to_owned(), false), (true, true)));
    fleet.workspace.assert_unchanged()?;
    lost()?;
    let record = |state: &str| cluster("c1", "a").text("lifecycle_state", state);
    fleet.write_all(&record("active").to_string())?;
    fleet.workspace.apply()?;
    // No further than its file says, and never as retired: that is a step of its own.
    fleet.write_all(&all(&[&record("active"), &wished("retired")]))?;
    fleet.workspace.try_plan(&[])?.failure()?.error("FLEET0127")?;
    fleet.write_all(&all(&[&record("active"), &wished("frozen")]))?;
    fleet.workspace.apply()?;
    fleet.write_all(&all(&[&record("active"), &wished("retired")]))?;
    fleet.workspace.try_plan(&[])?.failure()?.error("FLEET0106")?;
    fleet.write_all(&all(&[&record("retired"), &wished("frozen")]))?;
    fleet.workspace.apply()?;
    fleet.write(&wished("retired"))?;
    fleet.workspace.apply()?;
    assert_eq!((fleet.life()?.0.as_str(), fleet.confined(&id)?), ("retired", (true, true)));
    lost()?;
    fleet.workspace.try_plan(&[])?.failure()?.error("FLEET0127")?;
    fleet.write(&wished("frozen"))?;
    fleet.workspace.apply()?;
    fleet.step("retired")?;

    // A file about an account that is not there lets nobody in.
    lost()?;
    fleet.write(&wished("frozen"))?;
    let file = fleet.workspace.read("inventory/accounts/a.yaml")?;
    fleet.workspace.write("inventory/accounts/a.yaml", &file.replace(&id, "111111111111"))?;
    let run = fleet.workspace.try_apply(&[])?.failure()?;
    assert!(run.error("FLEET0156")?.detail.contains("111111111111"), "{run}");
    fleet.workspace.write("inventory/accounts/a.yaml", &file)?;

    // And back to where it was before.
    fleet.write(&wished("active"))?;
    fleet.workspace.apply()?;
    assert_eq!(
        (fleet.life()?, fleet.confined(&id)?),
        (("active".to_owned(), true), (false, false))
    );
    fleet.workspace.assert_unchanged()
}

fn without_a_quarantine_frozen_is_a_mark(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    workspace.hcl(&account("a").to_string())?;
    workspace.apply()?;
    workspace.aws.emulator()?.forget_calls()?;
    for state in ["frozen", "active", "retired", "active"] {
        workspace.hcl(&account("a").text("lifecycle_state", state).to_string())?;
        workspace.apply()?;
        let kept = workspace.state()?;
        let account = kept.resource("fleet_account.a")?;
        assert_eq!(account.string("lifecycle_phase")?, state);
        assert_eq!(account.values["ready"], state == "active");
        workspace.assert_unchanged()?;
    }
    let calls = workspace.aws.emulator()?.calls()?;
    for call in ["MoveAccount", "AttachPolicy", "DetachPolicy"] {
        assert!(!calls.contains_key(&format!("organizations:{call}")), "{call}: {calls:?}");
    }
    Ok(())
}

/// What was committed elsewhere hangs on the account, and this clone does not have it.
fn a_stale_clone_lets_no_account_go(cli: Cli) -> Result<()> {
    let (workspace, id) = vended(cli)?;
    let ours = workspace.file("inventory");
    let (remote, theirs) = (workspace.file("remote.git"), workspace.file("theirs"));
    let at = |directory: &Path, arguments: &[&str]| -> Result<()> {
        let done = Command::new("git")
            .args(["-c", "user.name=a", "-c", "user.email=a@example.com", "-C"])
            .arg(directory)
            .args(arguments)
            .output()?;
        ensure!(
            done.status.success(),
            "git {arguments:?}: {}",
            String::from_utf8_lossy(&done.stderr)
        );
        Ok(())
    };
    let commit = |directory: &Path| -> Result<()> {
        at(directory, &["add", "-A"])?;
        at(directory, &["commit", "-qm", "inventory"])?;
        at(directory, &["push", "-q", "-u", "origin", "main"])
    };
    let text = |path: &Path| path.display().to_string();
    at(&ours, &["init", "-q", "--bare", "-b", "main", &text(&remote)])?;
    at(&ours, &["init", "-q", "-b", "main"])?;
    at(&ours, &["remote", "add", "origin", &text(&remote)])?;
    commit(&ours)?;
    at(&ours, &["clone", "-q", &text(&remote), &text(&theirs)])?;
    fs::write(theirs.join("note"), "a later commit")?;
    commit(&theirs)?;

    let retired = account("a").text("lifecycle_state", "retired");
    workspace.hcl(&retired.to_string())?;
    // Nor does a branch on which somebody works, and which has every commit of its own.
    at(&ours, &["switch", "-qc", "retire-a"])?;
    at(&ours, &["push", "-q", "-u", "origin", "retire-a"])?;
    let run = workspace.try_plan(&[])?.failure()?;
    let told = &run.error("FLEET0317")?.detail;
    assert!(
        told.contains("lacks commits of `main`") && told.contains("merge origin/main"),
        "{run}"
    );
    at(&ours, &["switch", "-q", "main"])?;
    at(&ours, &["pull", "-q"])?;
    workspace.apply()?;

    // What the apply wrote is not committed yet.
    workspace.hcl("")?;
    let run = workspace.try_plan(&[])?.failure()?;
    assert!(run.error("FLEET0317")?.detail.contains("accounts/a.yaml"), "{run}");
    commit(&ours)?;
    workspace.apply()?;
    assert_eq!(tags(&workspace, &id)?["fleet:released-from"], "acceptance");
    Ok(())
}

/// What stands in the file or in tags, and what a person did, has an account neither moved nor freed: an apply undoes
/// what the state remembers, and its plan names it.
fn nothing_is_undone_but_what_the_plan_names(cli: Cli) -> Result<()> {
    let fleet = Fleet::new(cli, SPARING)?;
    let (workspace, aws) = (&fleet.workspace, &fleet.workspace.aws);
    let id = fleet.vend()?;
    let file = "inventory/accounts/a.yaml";

    // A saved plan of something else; then somebody edits the file.
    let guard = json!({"Name": "guard", "Description": "theirs", "Type": "SERVICE_CONTROL_POLICY", "Content": SPARING});
    let guard = aws.call("organizations", "create_policy", &guard)?;
    let guard = guard["Policy"]["PolicySummary"]["Id"].as_str().context("no id")?.to_owned();
    let binds = |policy: &str| -> Result<bool> {
        let targets = json!({"PolicyId": policy});
        let targets = aws.call("organizations", "list_targets_for_policy", &targets)?;
        Ok(targets["Targets"].to_string().contains(&id))
    };
    for policy in [&guard, &fleet.policy] {
        let attached = json!({"PolicyId": policy, "TargetId": id});
        aws.call("organizations", "attach_policy", &attached)?;
    }
    fleet.write(&account("a").text("budget_owner", "other"))?;
    let plan = workspace.try_plan(&[])?.success()?;
    assert!(
        plan.warning("FLEET0181")?.detail.contains(&fleet.policy),
        "a policy of others: {plan}"
    );
    let (before, unit) = (workspace.read(file)?, &fleet.unit);
    let prior = "prior_settings:\n";
    assert!(before.contains(prior), "the password policy was set: {before}");
    let lines = format!("{prior}  parent: {unit}\n  quarantine-policies: {guard}\n");
    let lie = before.replace(prior, &lines);
    workspace.write(file, &lie)?;
    workspace.apply_saved()?.success()?;
    let stays = || -> Result<()> {
        assert_eq!(
            fleet.confined(&id)?,
            (false, true),
            "where it was, and bound by the policy of others"
        );
        assert!(binds(&guard)?);
        Ok(())
    };
    stays()?;
    assert!(!workspace.read(file)?.contains(&guard), "the copy is right again");
    workspace.write(file, &workspace.read(file)?.replace(prior, &lines))?;
    workspace.apply()?;
    stays()?;
    workspace.assert_unchanged()?;
    for policy in [&guard, &fleet.policy] {
        let detached = json!({"PolicyId": policy, "TargetId": id});
        aws.call("organizations", "detach_policy", &detached)?;
    }

    // Frozen, and its file lost: the state knows where it was, and the plan says so.
    fleet.step("frozen")?;
    fs::remove_file(workspace.file(file))?;
    fleet.write(&wished("active"))?;
    let plan = workspace.try_plan(&[])?.success()?;
    let told = plan.warning("FLEET0143")?;
    assert!(told.detail.contains(&fleet.policy) && told.detail.contains(unit.as_str()), "{told}");
    // A file that names another place stops it.
    fleet.write(&wished("frozen"))?;
    workspace.apply()?;
    let right = workspace.read(file)?;
    let lie = right.replace("quarantine-policies: ", &format!("quarantine-policies: {guard},"));
    assert_ne!(lie, right);
    workspace.write(file, &lie)?;
    fleet.write(&wished("active"))?;
    workspace.try_plan(&[])?.failure()?.error("FLEET0144")?;
    workspace.write(file, &right)?;
    fleet.step("active")?;
    assert_eq!(
        (fleet.life()?, fleet.confined(&id)?),
        (("active".to_owned(), true), (false, false))
    );

    // Moved by hand, and `parent` ignored: left alone. Otherwise the plan shows it, and it goes back.
    let roots = aws.call("organizations", "list_roots", &json!({}))?;
    let root = roots["Roots"][0]["Id"].as_str().context("no root")?.to_owned();
    let home = account("a").text("parent", &root);
    fleet.write(&home)?;
    workspace.apply()?;
    let moved = json!({"AccountId": id, "SourceParentId": root, "DestinationParentId": unit});
    aws.call("organizations", "move_account", &moved)?;
    let ignoring = home.clone().set("lifecycle", "").to_string();
    fleet.write_all(
        &ignoring.replace("lifecycle = ", "lifecycle {\n    ignore_changes = [parent]\n  }"),
    )?;
    workspace.assert_unchanged()?;
    workspace.apply()?;
    assert_eq!(fleet.confined(&id)?, (true, false));
    fleet.write(&home)?;
    workspace.apply()?;
    assert_eq!(fleet.confined(&id)?, (false, false));
    workspace.assert_unchanged()
}
