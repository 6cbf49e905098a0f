//! What an apply could not do on an account that exists, and what keeps it from being ready. What
//! is refused altogether is said by [`crate::refusal`].

use fleet_model::lifecycle::LifecyclePhase;
use fleet_vending::Phase;
use fleet_vending::aws::Unread;
use fleet_vending::error::{Error, Kind};
use fleet_vending::{Attempt, Failure, Outcome, Refusal, Stays, Unfinished, Warning};
use tfplugin::diagnostic::Diagnostic;

use super::model::Model;
use crate::diagnostic::{Report, warning};
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
    let (_, verb) = undone(refused.attempt);
    let report = refusal::report(&refused.refusal, &doing(&verb, model));
    match refused.attempt {
        // In quarantine it is not where `parent` says.
        Attempt::Parent
            if model.lifecycle_state.as_str() != Some(LifecyclePhase::Active.as_str()) =>
        {
            report.at("lifecycle_state")
        }
        attempt => match argument(attempt) {
            Some(argument) => report.at(argument),
            None => report,
        },
    }
    .build()
}

/// What could not be done, as a clause after the account's name, and what completes "Cannot …".
fn undone(attempt: Attempt) -> (String, String) {
    let (outcome, verb) = match attempt {
        Attempt::Everything => ("it could not be changed", "change"),
        Attempt::Read => ("it could not be read back", "read"),
        Attempt::Rivals => (
            "nobody looked for other accounts of its key",
            "look for other accounts that have the key of",
        ),
        Attempt::Journal => (
            "what its tag `fleet:journal` says could not be verified",
            "verify what the tag `fleet:journal` says of",
        ),
        Attempt::Name => ("it could not be renamed", "rename"),
        Attempt::Contacts => (
            "its alternate contacts could not be read or written",
            "read or write the alternate contacts of",
        ),
        Attempt::Email => ("its email could not be changed", "change the email of"),
        Attempt::Parent => ("it could not be moved to its parent", "move"),
        Attempt::Onboarding => ("it could not be moved to its onboarding parent", "move"),
        Attempt::Tags => ("its tags could not be written", "tag"),
        Attempt::Quarantine => (
            "the quarantine's policy was not attached or detached",
            "attach or detach the quarantine's policy of",
        ),
        Attempt::Shut => ("access to it could not be revoked", "revoke the access of pipelines to"),
        Attempt::Regions => ("its regions could not be enabled", "enable the regions of"),
        Attempt::Enrolment => ("Control Tower does not govern it", "go on with"),
        Attempt::Enter => ("no role lets the provider in", "get into"),
        Attempt::Vendor => ("its vendor could not do all of it", "change"),
        Attempt::Control(control) => {
            return (
                format!("`{control}` could not be repaired"),
                format!("repair `{control}` of"),
            );
        }
    };
    (outcome.to_owned(), verb.to_owned())
}

/// The argument that asks for what was attempted.
fn argument(attempt: Attempt) -> Option<&'static str> {
    Some(match attempt {
        Attempt::Name => "name",
        Attempt::Contacts => "alternate_contacts",
        Attempt::Email => "email",
        Attempt::Parent | Attempt::Enrolment => "parent",
        Attempt::Onboarding => "onboarding_parent",
        Attempt::Quarantine | Attempt::Shut => "lifecycle_state",
        Attempt::Tags => "tags",
        Attempt::Regions => "region_set",
        Attempt::Control(_) => "controls",
        Attempt::Rivals => "key",
        Attempt::Everything
        | Attempt::Read
        | Attempt::Journal
        | Attempt::Enter
        | Attempt::Vendor => return None,
    })
}

/// Something that was tried and failed while the apply went on: in the words of its cause.
pub(super) fn failed(model: &Model, failure: &Failure) -> Diagnostic {
    let (outcome, verb) = undone(failure.attempt);
    let told = refusal::report(&failure.refusal, &doing(&verb, model));
    let summary = format!("{}: {outcome}", subject(model));
    let (told, goes_on) = match &failure.refusal {
        Refusal::NoAccessRole { .. } => (told.into_warning("FLEET0535", summary), false),
        Refusal::NotGoverned { .. } => (told.into_warning("FLEET0242", summary), false),
        Refusal::UnitBusy { .. } => (told.into_warning("FLEET0243", summary), false),
        // At its key, whatever was attempted.
        Refusal::Duplicate(_) => {
            let summary = format!("{} does not have its key", subject(model));
            return told.into_warning("FLEET0158", summary).build();
        }
        _ => (told.into_warning("FLEET0110", summary), true),
    };
    let told = match argument(failure.attempt) {
        Some(argument) => told.at(argument),
        None => told,
    };
    if goes_on {
        told.todo("The apply went on with the rest of the account, and the next one goes on where this one stopped.")
    } else {
        told
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
    let told = outcome.warnings.iter().map(|of| warned(&subject(model), of));
    told.chain(contested(model, outcome)).collect()
}

/// One of them. `subject` begins the summary.
pub(super) fn warned(subject: &str, said: &Warning) -> Diagnostic {
    let still_open = "The account trusts nobody else through this configuration any more. This role had to revoke that, and cannot take its own trust away.";
    let unseen = "Nobody could look into the account, so nothing was revoked in it: roles and identity providers that this configuration made can still be trusted there.";
    let of = |code, summary: &str| warning(code, format!("{subject} {summary}"));
    match said {
        Warning::Problem(problem) => return refusal::vendor::told(problem),
        Warning::RoleStays { role } => of("FLEET0180", "is retired, and one role stays open")
            .at("lifecycle_state")
            .what(format!("The role `{role}` in the account can still be assumed."))
            .why(still_open)
            .todo(format!("Delete the role by hand once nothing in the account is needed any more (`aws iam delete-role --role-name {role}`, after its policies).")),
        Warning::RetiredUnseen { reason } => of("FLEET0180", "was retired without a look inside")
            .at("lifecycle_state")
            .what(format!("No role let the provider into the account: {reason}."))
            .why(unseen)
            .todo("As an administrator of the account, look for roles and OIDC providers whose tag `fleet:managed-by` names this configuration, and delete them."),
        Warning::EmailDiffers { found, asked } => of("FLEET0111", "has another email at AWS")
            .at("email")
            .what(format!("AWS has the email `{found}`, and the configuration has `{asked}`."))
            .why("The account was found by its tags, and somebody changed the address of its root user. A new address takes two applies, so this one leaves it.")
            .todo(format!("Plan again: the plan then shows what an apply changes. To keep AWS's address, write `email = \"{found}\"`.")),
        Warning::PolicyStays { policy } => of("FLEET0181", "keeps a policy of a former freeze")
            .at("lifecycle_state")
            .what(format!("The policy {policy} stays attached to the account. Its tag `fleet:journal` says that a freeze attached it; the state does not know that, and it is not the policy of the block `quarantine`."))
            .why("Others can write tags, so a tag alone takes no policy away.")
            .todo(format!("If the policy is not needed, detach it by hand: `aws organizations detach-policy --policy-id {policy} --target-id …`.")),
        Warning::ForeignPolicy { policy } => of("FLEET0181", "has the quarantine's policy")
            .at("lifecycle_state")
            .what(format!("The policy {policy} of the block `quarantine` is attached to the account, which is in use. No freeze of this configuration attached it."))
            .why("Somebody else attached it, perhaps in an emergency. It stays, and binds everybody in the account.")
            .todo(format!("When it is not needed any more, detach it by hand: `aws organizations detach-policy --policy-id {policy} --target-id …`.")),
        Warning::InQuarantine { unit } => of("FLEET0181", "is in the quarantine")
            .at("parent")
            .what(format!("The account is in the unit {unit} of the block `quarantine`, and it is in use. No freeze that the state or the account's journal knows put it there."))
            .why("Somebody moved it there, perhaps in an emergency, or two runs froze it and brought it back at the same moment and one of them died. Without `parent` the configuration does not say where it belongs, so it stays.")
            .todo("If it is to leave the quarantine, name its unit in `parent`. If it is to stay there, set `lifecycle_state = \"frozen\"`."),
        Warning::ContactStays { of: contact } => of("FLEET0181", "keeps a contact that was to be deleted")
            .at("alternate_contacts")
            .what(format!("AWS has another {contact} contact than the one that the plan was to delete: somebody has written it since. It is left alone."))
            .why("Only what the plan showed is deleted.")
            .todo("Delete it by hand if it is not needed, or write it into `alternate_contacts`."),
        Warning::Stays(stays) => of("FLEET0181", "keeps something that it does not ask for")
            .at(match stays {
                Stays::Password | Stays::Guardrail { .. } => "controls",
                Stays::Role { .. } | Stays::Provider { .. } | Stays::Trusted { .. } => "identity",
            })
            .what(format!("It stays in the account: {stays}."))
            .why("This configuration made it or asked for it, and asks for it no more. It is only taken away where nobody else can depend on it. From now on nothing here changes it.")
            .todo(match stays {
                Stays::Guardrail { .. } => "If it is not needed, ask whoever manages it, or detach it by hand: `aws organizations detach-policy --policy-id … --target-id …`.",
                Stays::Trusted { .. } => "Delete the provider by hand once those roles do not need it.",
                _ => "Remove it by hand if nobody needs it.",
            }),
        Warning::Released { shut, open_role, .. } => {
            let revoked = match shut.as_slice() {
                [] => "Nothing in it trusted an identity provider through this configuration.".to_owned(),
                shut => format!("Revoked or removed in it: {}.", shut.join(", ")),
            };
            let open = open_role.as_ref().map(|role| format!(" The role `{role}` did that and can still be assumed: delete it by hand."));
            of("FLEET0114", "was released")
                .what(format!("{revoked}{}", open.unwrap_or_default()))
                .why(LET_GO)
                .todo(RELEASED)
        }
        Warning::ReleasedUnseen { reason, .. } => of("FLEET0114", "was released without a look inside")
            .what(format!("No role let the provider into the account: {reason}."))
            .why(unseen)
            .todo(format!("As an administrator of the account, look for roles and OIDC providers whose tag `fleet:managed-by` names this configuration, and delete them. {RELEASED}")),
        Warning::Closing { .. } => of("FLEET0114", "is being closed")
            .what("AWS has taken the request to close the account.")
            .why(LET_GO)
            .todo("Nothing, if that was intended. AWS Support can reopen the account within 90 days. Its email stays taken after that, and its inventory file keeps key and email."),
    }
    .build()
}

const LET_GO: &str =
    "The account was retired and its block is gone, so this configuration manages it no more.";
const RELEASED: &str = "A released account keeps the service control policies that are attached to it, including those that this configuration attached: detach them where the account is to be used otherwise. Its tag `fleet:released-from` names the configuration that had it.";

/// That AWS suspended the account, or that it is closed or being closed.
pub(super) fn ended(model: &Model, phase: Phase) -> Diagnostic {
    let (what, todo) = match phase {
        Phase::Suspended => (
            "AWS suspended it: nothing can be changed in it, and its clusters are not admitted.",
            "Ask AWS Support why it was suspended; once it is open again, the next apply goes on. To end with the account, set `lifecycle_state = \"retired\"`, and remove the block once `lifecycle_phase` is `retired`.",
        ),
        Phase::Closing => (
            "AWS is closing it. Until that is done AWS may still answer that the account is active, which is not believed.",
            "Nothing, if that was intended: remove the block, and this configuration manages the account no more. If it was not, AWS Support can reopen it within 90 days.",
        ),
        _ => (
            "It is closed. AWS lists it for 90 days, and its email stays taken for good.",
            "Remove the block: nothing is called for that. If the account was closed by mistake, AWS Support can reopen it within 90 days.",
        ),
    };
    warning("FLEET0126", format!("{} is {}", subject(model), phase.as_str()))
        .what(what)
        .why("Such an account is neither replaced nor created again; changes of its block wait until it is open.")
        .todo(todo)
        .build()
}

/// Why an apply ended before it had gone as far as it could, where the credentials did.
pub(super) fn credentials_ended(outcome: &Outcome) -> Option<&Error> {
    match &outcome.unfinished {
        Some(Unfinished::Failed(error)) if error.kind == Kind::Credentials => Some(error),
        _ => None,
    }
}

/// That the credentials ended before the apply did: what else was to be done was not tried.
pub(super) fn no_credentials(model: &Model, error: &Error) -> Report {
    refusal::report(&Refusal::Call(error.clone()), &doing("go on with", model))
        .todo("Nothing that came after this call was tried. The state says what is really there.")
}

/// The same beside an account that was just created, where it cannot be an error.
pub(super) fn no_credentials_now(model: &Model, error: &Error) -> Diagnostic {
    let code = cause::meaning(error).code;
    let summary = format!("{}: the credentials ended", subject(model));
    no_credentials(model, error).into_warning(code, summary).build()
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

#[cfg(test)]
mod tests;
