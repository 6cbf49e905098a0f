//! What an apply could not do on an account that exists, and what keeps it from being ready. What
//! is refused altogether is said by [`crate::refusal`].

use fleet_model::lifecycle::LifecyclePhase;
use fleet_vending::engine::Unread;
use fleet_vending::error::Kind;
use fleet_vending::{Attempt, Failure, Outcome, Refusal, Unfinished};
use tfplugin::diagnostic::Diagnostic;

use super::model::Model;
use crate::diagnostic::warning;
use crate::refusal;
use crate::refusal::cause::{self, Meaning};

/// What a summary begins with: warnings of equal summaries are folded together by the CLIs.
pub(super) fn subject(model: &Model) -> String {
    format!("Account {}", model.key.as_str().or(model.name.as_str()).unwrap_or("?"))
}

/// Completes "Cannot …".
pub(super) fn doing(verb: &str, model: &Model) -> String {
    format!("{verb} account `{}`", model.key.as_str().or(model.name.as_str()).unwrap_or("?"))
}

/// Why there is no account. What stands in the way was found by its email.
pub(super) fn not_vended(model: &Model, refused: &Refusal) -> Diagnostic {
    let report = refusal::report(refused, &doing("create", model));
    match refused {
        Refusal::OtherManager { .. } | Refusal::OtherKey { .. } | Refusal::Unmanaged { .. } => {
            report.at("email")
        }
        Refusal::NoSuchObject { .. } => report.at("parent"),
        _ => report,
    }
    .build()
}

/// A change that the configuration asked for and that could not be made.
pub(super) fn refused(model: &Model, refused: &Failure) -> Diagnostic {
    let verb = match refused.attempt {
        Attempt::Name => "rename",
        Attempt::Contacts => "write the alternate contacts of",
        Attempt::Email => "change the email of",
        Attempt::Parent | Attempt::Onboarding => "move",
        Attempt::Tags => "tag",
        Attempt::Quarantine => "isolate",
        Attempt::Shut => "retire",
        Attempt::Everything
        | Attempt::Read
        | Attempt::Rivals
        | Attempt::Journal
        | Attempt::Regions
        | Attempt::Enter
        | Attempt::Control(_) => "change",
    };
    let report = refusal::report(&refused.refusal, &doing(verb, model));
    match refused.attempt {
        // In quarantine it is not where `parent` says.
        Attempt::Parent
            if model.lifecycle_state.as_str() != Some(LifecyclePhase::Active.as_str()) =>
        {
            report.at("lifecycle_state")
        }
        Attempt::Parent => report.at("parent"),
        Attempt::Onboarding => report.at("onboarding_parent"),
        Attempt::Quarantine | Attempt::Shut => report.at("lifecycle_state"),
        _ => report,
    }
    .build()
}

/// Something that was tried and failed while the apply went on.
pub(super) fn failed(model: &Model, failure: &Failure) -> Diagnostic {
    let outcome = match failure.attempt {
        Attempt::Everything => "it could not be changed".to_owned(),
        Attempt::Read => "it could not be read back".to_owned(),
        Attempt::Rivals => "nobody looked for other accounts of its key".to_owned(),
        Attempt::Journal => "what its tag `fleet:journal` says could not be verified".to_owned(),
        Attempt::Name => "it could not be renamed".to_owned(),
        Attempt::Contacts => "its alternate contacts could not be read or written".to_owned(),
        Attempt::Email => "its email could not be changed".to_owned(),
        Attempt::Parent => "it could not be moved to its parent".to_owned(),
        Attempt::Onboarding => "it could not be moved to its onboarding parent".to_owned(),
        Attempt::Tags => "its tags could not be written".to_owned(),
        Attempt::Quarantine => {
            "the quarantine's policy could not be attached or taken off".to_owned()
        }
        Attempt::Shut => {
            "the roles by which pipelines and the provider enter it could not be shut".to_owned()
        }
        Attempt::Regions => "its regions could not be opted in".to_owned(),
        Attempt::Enter => "no role lets the provider in".to_owned(),
        Attempt::Control(control) => format!("`{control}` could not be mended"),
    };
    if let Refusal::NoAccessRole { account_id, caller, tried, remedy } = &failure.refusal {
        let report = warning("FLEET0535", format!("{}: {outcome}", subject(model)));
        return refusal::no_access_role(report, account_id, caller, tried, remedy).build();
    }
    if let Refusal::Duplicate(duplicate) = &failure.refusal {
        let report = warning("FLEET0158", format!("{} does not have its key", subject(model)));
        return refusal::duplicate::describe(report, duplicate).build();
    }
    let report = warning("FLEET0110", format!("{}: {outcome}", subject(model)));
    let kept = "The account exists, so the apply went on with the rest: an error would make the CLI forget the account or replace it.";
    match &failure.refusal {
        Refusal::Call(fault) => {
            let Meaning { why, todo, .. } = cause::meaning(fault);
            report.what(cause::what(fault)).why(format!("{why} {kept}")).todo(todo)
        }
        other => report
            .what(format!("{other}."))
            .why(kept)
            .todo("Remove the cause and apply again: the apply continues where this one stopped."),
    }
    .build()
}

/// That a refresh could not read something, so that the state stays as it was.
pub(super) fn unread(model: &Model, unread: &Unread) -> Diagnostic {
    let calls: Vec<String> = unread.calls.iter().map(cause::what).collect();
    let report = warning("FLEET0544", format!("{} could not be checked", subject(model)))
        .what(calls.join(" "))
        .why("What could not be read is not taken for a change: the state stays as it was before this refresh, and a plan shows no change for it.");
    match (&unread.no_access_role, unread.calls.first()) {
        (Some(Refusal::NoAccessRole { account_id, remedy, .. }), _) => report.todo(format!(
            "Plan again. If the role still refuses, it was removed or its trust policy was changed: as an administrator of account {account_id}, run these commands:\n\n{remedy}"
        )),
        (_, Some(first)) => {
            let Meaning { why, todo, .. } = cause::meaning(first);
            report.todo(format!("{why} {todo}"))
        }
        (_, None) => report.todo("Plan again."),
    }
    .build()
}

/// That another account has the key, too; `None` when that is told as a failure.
pub(super) fn contested(model: &Model, outcome: &Outcome) -> Option<Diagnostic> {
    let duplicate = outcome.duplicate.as_ref()?;
    let report = warning("FLEET0158", format!("{}: another account has its key", subject(model)));
    (!duplicate.loses(&outcome.facts.id))
        .then(|| refusal::duplicate::describe(report, duplicate).build())
}

/// The engine's own warnings.
pub(super) fn warnings(model: &Model, outcome: &Outcome) -> Vec<Diagnostic> {
    let warnings = outcome.warnings.iter();
    warnings
        .map(|of| {
            warning("FLEET0111", format!("{}: {}", subject(model), of.summary))
                .what(of.detail.clone())
                .why("The state shows what AWS has.")
                .todo("Check whether this is intended. If the time was over, apply again: the next apply continues.")
                .build()
        })
        .chain(contested(model, outcome))
        .collect()
}

/// That AWS suspended the account, or that it is closed or being closed.
pub(super) fn ended(model: &Model) -> Diagnostic {
    let phase = model.phase.as_str().unwrap_or("unknown");
    let (what, todo) = match phase {
        "suspended" => (
            "AWS suspended it: nothing can be changed in it, and its clusters are not admitted.",
            "AWS Support says why and lifts it; the next apply then goes on. To have done with the account, set `lifecycle_state = \"retired\"`, and remove the block once `lifecycle_phase` is `retired`.",
        ),
        "closing" => (
            "AWS is closing it. Until that is done, its reads may call the account active; it is not taken for active again.",
            "Nothing, if that was meant: remove the block, and the account is let go. If it was not, AWS Support can reopen it within 90 days.",
        ),
        _ => (
            "It is closed. AWS lists it for 90 days, and its email stays taken for good.",
            "Remove the block: the account is let go without a call. If it was closed by mistake, AWS Support can reopen it within 90 days.",
        ),
    };
    warning("FLEET0126", format!("{} is {phase}", subject(model)))
        .what(what)
        .why("Such an account is neither replaced nor created again; changes of its block wait until it is open.")
        .todo(todo)
        .build()
}

/// Whether something failed that the same apply may do later: with other credentials, over another way, or by itself.
pub(super) fn may_heal(failures: &[Failure]) -> bool {
    failures.iter().any(|failure| {
        let Refusal::Call(error) = &failure.refusal else { return false };
        error.kind.may_pass()
            || matches!(error.kind, Kind::Credentials | Kind::DeadlineExceeded | Kind::Cancelled)
    })
}

/// That an account is not ready, in plan and apply; and, in an apply, why that ended before it had
/// gone as far as it could. `goes_on`: the next apply has something to do. One warning for each account, with its name in the summary.
pub(super) fn not_ready(
    model: &Model,
    goes_on: bool,
    unfinished: Option<&Unfinished>,
) -> Diagnostic {
    let ended = unfinished.map(|of| format!(" {}", ended_early(of))).unwrap_or_default();
    let phase = model.phase.as_str().unwrap_or("unknown");
    let reason = model.status_reason.as_str().unwrap_or("no reason was given");
    warning("FLEET0112", format!("{} is not ready ({phase}): {reason}", subject(model)))
        .what(format!("The last phase that it reached is `{phase}`: {reason}.{ended}"))
        .why("Clusters in it are not admitted until every phase holds and no check is `fail` or `unknown`.")
        .todo(if goes_on || unfinished.is_some() {
            "Apply again: the next apply continues where this one stopped."
        } else {
            "Another apply alone does not change this. `status_reason` and `readiness.findings` in the state say for each check what to do."
        })
        .build()
}

/// That an apply ended early on an account that is ready all the same.
pub(super) fn unfinished(model: &Model, unfinished: &Unfinished) -> Diagnostic {
    warning("FLEET0111", format!("{}: the apply ended early", subject(model)))
        .what(ended_early(unfinished))
        .why("The account is ready. What the apply did not come to, such as its tags, is left as it was.")
        .todo("Apply again: the next apply continues where this one stopped.")
        .build()
}

fn ended_early(unfinished: &Unfinished) -> String {
    match unfinished {
        Unfinished::Stopped => "The apply was asked to stop.".to_owned(),
        Unfinished::OutOfTime(None) => "The time of the apply was over.".to_owned(),
        Unfinished::OutOfTime(Some(tries)) => {
            format!("The time of the apply was over: {}.", tries.to_string().trim_end_matches('.'))
        }
        Unfinished::Failed(error) => {
            let Meaning { why, todo, .. } = cause::meaning(error);
            format!("The apply ended early: {} {why} {todo}", cause::what(error))
        }
    }
}
