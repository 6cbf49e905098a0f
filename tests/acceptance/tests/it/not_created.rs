//! AWS makes no account: each of its reasons becomes a diagnostic of its own, and nothing is kept.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use fleet_acceptance::{Cli, Diagnostic, Run, Workspace, one_cli};
use serde_json::json;

use crate::account::{members, tags};
use crate::hcl::account;
use crate::outsider;

one_cli!(
    every_reason_of_a_failed_request_has_its_code,
    every_error_of_create_account_has_its_code,
    a_taken_email_has_five_cases,
    an_answer_that_cannot_be_read_is_no_answer,
    what_passes_is_waited_out,
    what_does_not_pass_surfaces_with_the_time,
);

/// Checks the error at one account: its code, a text that it has to have, and the attribute it is at.
fn check(run: &Run, label: &str, code: &str, text: &str, attribute: Option<&str>) -> Result<()> {
    let address = format!("fleet_account.{label}");
    let found: Vec<&Diagnostic> =
        run.errors().filter(|error| error.address.as_deref() == Some(&address)).collect();
    let [error] = found.as_slice() else { bail!("one error at {address}, not {found:?}\n{run}") };
    check_error(error, code, text, attribute)
}

fn check_error(error: &Diagnostic, code: &str, text: &str, attribute: Option<&str>) -> Result<()> {
    assert_eq!(error.code(), Some(code), "{error}");
    assert!(error.detail.contains(text), "{text}: {error}");
    let line = error.snippet.as_ref().context("no snippet")?.code.trim();
    let at = line.split_once(" = ").map(|(attribute, _)| attribute);
    assert_eq!(at, attribute, "{error}");
    Ok(())
}

fn nothing_is_kept(workspace: &Workspace) -> Result<()> {
    assert!(workspace.state()?.resources.is_empty(), "an error without state");
    assert_eq!(members(workspace)?, []);
    Ok(())
}

fn every_reason_of_a_failed_request_has_its_code(cli: Cli) -> Result<()> {
    let workspace = Workspace::with_aws(cli, &["create_seconds=0"])?;
    let reasons = [
        ("account-limit-exceeded", "FLEET0514", None),
        ("email-already-exists", "FLEET0515", Some("email")),
        ("invalid-address", "FLEET0516", None),
        ("invalid-email", "FLEET0517", Some("email")),
        ("concurrent-account-modification", "FLEET0518", None),
        ("internal-failure", "FLEET0519", None),
        ("govcloud-account-already-exists", "FLEET0520", Some("email")),
        ("missing-business-validation", "FLEET0521", None),
        ("pending-business-validation", "FLEET0522", None),
        ("failed-business-validation", "FLEET0523", None),
        ("unknown-business-validation", "FLEET0523", None),
        ("invalid-identity-for-business-validation", "FLEET0524", None),
        ("missing-payment-instrument", "FLEET0525", None),
        ("invalid-payment-instrument", "FLEET0525", None),
        ("update-existing-resource-policy", "FLEET0526", None),
    ];
    let blocks: Vec<String> = reasons
        .iter()
        .map(|(reason, ..)| {
            let block = account(reason).text("email", &format!("aws+fail-{reason}@example.com"));
            // AWS says of this one that it will pass: it ends with its time only.
            match *reason {
                "concurrent-account-modification" => block.set("timeouts", "{ create = \"10s\" }"),
                _ => block,
            }
            .to_string()
        })
        .collect();
    workspace.hcl(&blocks.concat())?;
    let run = workspace.try_apply(&["-parallelism=15"])?.failure()?;
    assert_eq!(run.errors().count(), reasons.len(), "{run}");
    for (reason, code, attribute) in reasons {
        let word = reason.to_uppercase().replace('-', "_");
        check(&run, reason, code, &word, attribute)?;
    }
    let calls = workspace.aws.emulator()?.calls()?;
    let sent = calls["organizations:CreateAccount"];
    assert!((17..50).contains(&sent), "once each, and what resumes a few times more: {sent}");
    nothing_is_kept(&workspace)
}

fn every_error_of_create_account_has_its_code(cli: Cli) -> Result<()> {
    const CONSTRAINT: &str = "ConstraintViolationException";
    const INPUT: &str = "InvalidInputException";
    let workspace = Workspace::new(cli)?;
    let errors = [
        (CONSTRAINT, Some("ACCOUNT_NUMBER_LIMIT_EXCEEDED"), "FLEET0514", None),
        (CONSTRAINT, Some("MASTER_ACCOUNT_MISSING_CONTACT_INFO"), "FLEET0516", None),
        (INPUT, Some("INVALID_EMAIL_ADDRESS_TARGET"), "FLEET0517", Some("email")),
        (CONSTRAINT, Some("MASTER_ACCOUNT_MISSING_BUSINESS_LICENSE"), "FLEET0521", None),
        (CONSTRAINT, Some("MASTER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED"), "FLEET0525", None),
        (CONSTRAINT, Some("UNMET_BILLING_PREREQUISITE"), "FLEET0525", None),
        (CONSTRAINT, Some("TAG_POLICY_VIOLATION"), "FLEET0527", Some("tags")),
        (CONSTRAINT, Some("MASTER_ACCOUNT_ADDRESS_DOES_NOT_MATCH_MARKETPLACE"), "FLEET0528", None),
        (CONSTRAINT, Some("ACCOUNT_CREATION_NOT_COMPLETE"), "FLEET0529", None),
        (CONSTRAINT, Some("MAX_TAG_LIMIT_EXCEEDED"), "FLEET0530", Some("tags")),
        (INPUT, Some("DUPLICATE_TAG_KEY"), "FLEET0530", Some("tags")),
        (INPUT, Some("INVALID_SYSTEM_TAGS_PARAMETER"), "FLEET0530", Some("tags")),
        (INPUT, Some("INVALID_PATTERN"), "FLEET0530", None),
        (INPUT, Some("MAX_LENGTH_EXCEEDED"), "FLEET0530", None),
        (INPUT, Some("MIN_LENGTH_EXCEEDED"), "FLEET0530", None),
        (INPUT, Some("INVALID_FULL_NAME_TARGET"), "FLEET0530", Some("name")),
        (INPUT, Some("INVALID_ROLE_NAME"), "FLEET0530", Some("role_name")),
        (CONSTRAINT, Some("ORGANIZATION_NOT_IN_ALL_FEATURES_MODE"), "FLEET0531", None),
        ("AccessDeniedException", None, "FLEET0532", None),
        ("AccessDeniedForDependencyException", None, "FLEET0532", None),
        ("AWSOrganizationsNotInUseException", None, "FLEET0532", None),
        ("UnsupportedAPIEndpointException", None, "FLEET0532", None),
        (CONSTRAINT, Some("SOMETHING_OF_TOMORROW"), "FLEET0505", None),
    ];
    // Which account meets which error is chance; each error is met once.
    for (code, reason, ..) in &errors {
        let fault = json!({"operation": "CreateAccount", "kind": "error", "code": code, "reason": reason,
            "message": "What AWS says."});
        workspace.aws.emulator()?.post("faults", &fault)?;
    }
    let blocks: Vec<String> = (0..errors.len())
        .map(|n| {
            account(&format!("a{n}"))
                .set("tags", "{ team = \"a\" }")
                .text("role_name", "Vending")
                .without("controls")
                .to_string()
        })
        .collect();
    workspace.hcl(&blocks.concat())?;
    let run = workspace.try_apply(&["-parallelism=32"])?.failure()?;
    assert_eq!(run.errors().count(), errors.len(), "{run}");
    for (code, reason, expected, attribute) in errors {
        let text = format!("{}: What AWS says.", reason.unwrap_or(code));
        let error = run.errors().find(|error| error.detail.contains(&text));
        check_error(error.with_context(|| format!("{text}: {run}"))?, expected, &text, attribute)?;
    }
    nothing_is_kept(&workspace)
}

/// Waits until `CreateAccount` was called so often.
fn wait_for_requests(workspace: &Workspace, count: u64) -> Result<()> {
    let start = Instant::now();
    let emulator = workspace.aws.emulator()?;
    while emulator.calls()?.get("organizations:CreateAccount") < Some(&count) {
        if start.elapsed() > Duration::from_secs(60) {
            bail!("CreateAccount was not called {count} times: {:?}", emulator.calls()?);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

fn a_taken_email_has_five_cases(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let emulator = workspace.aws.emulator()?;
    workspace.hcl(&account("ours").to_string())?;
    workspace.apply()?;
    let ours = workspace.state()?.resource("fleet_account.ours")?.string("id")?.to_owned();
    // Nothing but AWS knows of it.
    for lost in ["work/terraform.tfstate", "inventory/accounts/ours.yaml"] {
        std::fs::remove_file(workspace.file(lost))?;
    }
    let nobodys = outsider::account(&workspace, "nobodys")?;
    emulator.post("age", &json!({"account": "nobodys", "seconds": 3600}))?;
    let theirs = outsider::account(&workspace, "theirs")?;
    let tag = json!({"ResourceId": theirs, "Tags": [{"Key": "fleet:managed-by", "Value": "them"}]});
    workspace.aws.call("organizations", "tag_resource", &tag)?;
    let closed = outsider::account(&workspace, "closed")?;
    workspace.aws.call("organizations", "close_account", &json!({"AccountId": closed}))?;
    emulator.post("taken", &json!({"email": "aws+elsewhere@example.com"}))?;

    // Listings lag, so each email is asked for, and AWS says EMAIL_ALREADY_EXISTS to all five.
    emulator.post("settings", &json!({"read_lag_seconds": 3600}))?;
    emulator.forget_calls()?;
    let keys = ["ours", "nobodys", "theirs", "closed", "elsewhere"];
    workspace.hcl(&keys.map(|key| account(key).to_string()).concat())?;
    let apply = ["apply", "-json", "-auto-approve"];
    let running = workspace.start(&apply)?;
    wait_for_requests(&workspace, 5)?;
    emulator.post("settings", &json!({"read_lag_seconds": 0}))?;
    let run = workspace.finish(&apply, running)?.failure()?;

    assert_eq!(run.errors().count(), 4, "{run}");
    check(&run, "nobodys", "FLEET0503", &nobodys, Some("email"))?;
    check(&run, "theirs", "FLEET0501", "\"them\"", Some("email"))?;
    check(&run, "closed", "FLEET0504", &closed, Some("email"))?;
    check(&run, "elsewhere", "FLEET0515", "EMAIL_ALREADY_EXISTS", Some("email"))?;
    let state = workspace.state()?;
    assert_eq!(state.resources.len(), 1, "the fifth is ours");
    let vended = state.resource("fleet_account.ours")?;
    assert_eq!((vended.string("id")?, vended.tainted), (ours.as_str(), false));
    assert_eq!(emulator.calls()?["organizations:CreateAccount"], 5, "each was asked for once");
    assert_eq!(members(&workspace)?.len(), 4);
    assert_eq!(tags(&workspace, &nobodys)?, json!({}), "nothing was changed");
    Ok(())
}

fn an_answer_that_cannot_be_read_is_no_answer(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let emulator = workspace.aws.emulator()?;
    let page = json!({"operation": "CreateAccount", "kind": "page", "status": 400});
    emulator.post("faults", &page)?;
    workspace.hcl(&account("a").to_string())?;
    let run = workspace.try_apply(&[])?.failure()?;
    let said = &run.error("FLEET0553")?.detail;
    assert!(said.contains("organizations:CreateAccount at "), "{said}");
    assert!(!said.contains("Nothing was created"), "{said}");
    assert_eq!(emulator.calls()?["organizations:CreateAccount"], 1, "never blindly again");
    nothing_is_kept(&workspace)?;
    workspace.apply()?;
    assert_eq!(members(&workspace)?.len(), 1);
    Ok(())
}

fn what_passes_is_waited_out(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let emulator = workspace.aws.emulator()?;
    let mut faults = vec![json!({"kind": "page", "status": 500})];
    for code in ["FinalizingOrganizationException", "ConcurrentModificationException"] {
        faults.push(json!({"kind": "error", "code": code}));
    }
    faults.push(json!({"kind": "error", "code": "ConstraintViolationException",
        "reason": "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED"}));
    for operation in ["CreateAccount", "ListAccounts", "MoveAccount", "AttachPolicy"] {
        for fault in &mut faults {
            fault["operation"] = json!(operation);
            let about_creates = fault.get("reason").is_some();
            if operation == "CreateAccount" || !about_creates {
                emulator.post("faults", fault)?;
            }
        }
    }
    let busy = json!({"operation": "AttachPolicy", "kind": "error", "code": "PolicyChangesInProgressException"});
    emulator.post("faults", &busy)?;
    // Failed once by AWS itself, and asked for anew.
    let email = "aws+fail-once-internal-failure@example.com";
    workspace.hcl(&account("a").text("email", email).to_string())?;
    workspace.apply()?;
    assert_eq!(workspace.state()?.resource("fleet_account.a")?.values["ready"], true);
    assert_eq!(members(&workspace)?.len(), 1);
    workspace.assert_unchanged()
}

fn what_does_not_pass_surfaces_with_the_time(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let emulator = workspace.aws.emulator()?;
    workspace.hcl(&account("a").set("timeouts", "{ create = \"3s\" }").to_string())?;
    let in_flight = "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED";
    for (operation, error, reason, code) in [
        ("ListCreateAccountStatus", "TooManyRequestsException", None, "FLEET0508"),
        ("CreateAccount", "TooManyRequestsException", None, "FLEET0508"),
        ("CreateAccount", "FinalizingOrganizationException", None, "FLEET0533"),
        ("CreateAccount", "ConstraintViolationException", Some(in_flight), "FLEET0534"),
    ] {
        let fault = json!({
            "operation": operation, "kind": "error", "code": error, "reason": reason, "times": 1000,
        });
        emulator.post("faults", &fault)?;
        let run = workspace.try_apply(&[])?.failure()?;
        let said = &run.error(code)?.detail;
        assert!(said.contains(&format!("organizations:{operation} at ")), "{said}");
        assert!(said.contains(" was tried "), "{said}");
        let answered = reason.unwrap_or(error);
        assert!(said.contains(&format!("last answered {answered}")), "{said}");
        assert!(run.took < Duration::from_secs(60), "{:?}", run.took);
        emulator.delete("faults")?;
        nothing_is_kept(&workspace)?;
    }
    workspace.apply()?;
    assert_eq!(members(&workspace)?.len(), 1);
    Ok(())
}
