//! What the engine refuses or could not do, as diagnostics.

use fleet_vending::error::{Error, Kind};
use fleet_vending::{Attempt, Failure, Outcome, Refusal};

use crate::diagnostic::{Report, error, warning};

/// How serious a refusal is here: without an account it ends the apply, with one it does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    /// The apply of this object fails.
    Error,
    /// The apply went on.
    Warning,
}

impl Weight {
    fn report(self, code: &'static str, summary: String) -> Report {
        match self {
            Self::Error => error(code, summary),
            Self::Warning => warning(code, summary),
        }
    }
}

/// A refusal about `subject`: `Account payments-prod`, `Organizational unit Prod`.
pub(crate) fn report(subject: &str, refusal: &Refusal, weight: Weight) -> Report {
    let of = |code, summary: &str| weight.report(code, format!("{subject}: {summary}"));
    match refusal {
        Refusal::OtherManager { object, manager } => of("FLEET0105", "another manager holds it")
            .what(format!("The {object} is managed by `{manager}` (its tag `fleet:managed-by`)."))
            .why("Every object has one mutation owner. Two configurations that change the same object undo each other's work.")
            .todo(format!("Leave it to `{manager}`, or have it released there first. If this configuration is `{manager}`, correct `managed_by` in the provider block.")),
        Refusal::OtherKey { object, key } => of("FLEET0120", "it has another key")
            .what(format!("The {object} was vended by this configuration under the key `{key}`."))
            .why("The key is fixed at create: the inventory, the clusters and the account's id in the fleet hang on it.")
            .todo(format!("Use `key = \"{key}\"`, or another email for another account.")),
        Refusal::Unmanaged { object, released_from } => of("FLEET0106", "it exists and nobody manages it")
            .what(match released_from {
                Some(from) => format!("The {object} carries no `fleet:managed-by`; `{from}` released it."),
                None => format!("The {object} carries no `fleet:managed-by`."),
            })
            .why("It was made by hand or by another tool, which may still change it. What nobody gave us is not taken.")
            .todo("Use another email (or name), or remove the block."),
        Refusal::Inactive { object, state } => of("FLEET0107", &format!("its email belongs to an account that is {state}"))
            .what(format!("The {object} has this email and is {state}."))
            .why("AWS never gives an email to a second account, not even after the first is closed.")
            .todo("Use another email. A suspended account, and one closed less than 90 days ago, can be reopened by AWS Support."),
        Refusal::CreateFailed { reason, message } => of("FLEET0108", &format!("AWS did not create it: {reason}"))
            .what(if message.is_empty() {
                format!("CreateAccount ended with {reason}.")
            } else {
                format!("CreateAccount ended with {reason}: {message}")
            })
            .why(create_failure(reason))
            .todo("Mend the cause and apply again: nothing was created, and nothing is in the state."),
        Refusal::NoSuchParent { path, nearest } => of("FLEET0109", "its parent does not exist")
            .at("parent")
            .what(format!("There is no organizational unit `{path}`."))
            .why(if nearest.is_empty() {
                "No organizational unit is where the path first leads astray.".to_owned()
            } else {
                format!("The nearest are: {}.", nearest.join(", "))
            })
            .todo("Correct the path (names from below the root, with `/` between them), or refer to the unit by its id."),
        Refusal::NoSuchObject { object } => of("FLEET0109", "something it refers to does not exist")
            .what(format!("There is no {object} in this organization."))
            .why("It was removed, or it belongs to another organization than the credentials do.")
            .todo("Correct the id, or the credentials of the provider block."),
        Refusal::NoAccess { reason } => of("FLEET0114", "no role lets us in")
            .what(format!("{reason}."))
            .why("The provider gets into an account by the role that AWS makes in it, or by one of `member_access.bootstrap_role_names`.")
            .todo("Let one of these roles trust the caller of the provider block."),
        Refusal::OutOfTime { waiting_for } => of("FLEET0112", "the time was over before it existed")
            .what(format!("It ended while waiting for: {waiting_for}."))
            .why("AWS creates five accounts at a time, and each takes minutes. The time counts from the account's turn.")
            .todo("Apply again: a request that is on its way is found, and no second account is made. Give it longer with `timeouts = { create = \"1h\" }`."),
        Refusal::Stopped { waiting_for } => of("FLEET0112", "stopped before it existed")
            .what(format!("It was stopped while waiting for: {waiting_for}."))
            .why("The CLI asked the provider to stop.")
            .todo("Apply again: a request that is on its way is found, and no second account is made."),
        Refusal::Call(fault) => call(subject, fault, weight),
    }
}

fn call(subject: &str, fault: &Error, weight: Weight) -> Report {
    if fault.kind == Kind::Credentials {
        return weight
            .report("FLEET0111", format!("{subject}: AWS does not know who calls"))
            .what(format!("{} ({}): {}", fault.call, fault.code, fault.message))
            .why("Nothing can be read or changed without credentials of the organization's management account.")
            .todo("Set `profile`, keys or `assume_role` in the provider block, or the environment variables and profiles of the AWS CLI; `aws sts get-caller-identity` shows what they give.");
    }
    let why = match fault.kind {
        Kind::Denied => {
            "The caller's policies, or those of the organization, do not allow the call."
        }
        Kind::Throttled | Kind::Busy | Kind::InFlightLimit => {
            "AWS was busy for longer than the operation may take."
        }
        Kind::Unanswered => "No answer came; whether the call had its effect is not known.",
        Kind::Unsupported => "The endpoint does not know the call.",
        Kind::Quota => "A quota of AWS is used up.",
        Kind::DeadlineExceeded => "The time given to the operation was over.",
        Kind::Cancelled => "The CLI asked the provider to stop.",
        Kind::NotYet
        | Kind::NotFound
        | Kind::AlreadyExists
        | Kind::Invalid
        | Kind::Credentials
        | Kind::Unexpected => "AWS refused the call.",
    };
    weight
        .report("FLEET0110", format!("{subject}: {} failed", fault.call))
        .what(format!("{} answered {}: {}", fault.call, fault.code, fault.message))
        .why(why)
        .todo("Mend the cause and apply again; the apply goes on where it stands.")
}

fn create_failure(reason: &str) -> &'static str {
    match reason {
        "EMAIL_ALREADY_EXISTS" => {
            "An email belongs to one AWS account anywhere, for ever. No account of this organization has it, so it is one outside of it, or one that was closed and is gone from the listing."
        }
        "ACCOUNT_LIMIT_EXCEEDED" | "ACCOUNT_NUMBER_LIMIT_EXCEEDED" => {
            "The organization has as many accounts as its quota allows; accounts closed less than 90 days ago count. The quota is raised in Service Quotas (us-east-1, management account)."
        }
        "TAG_POLICY_VIOLATION" => "A tag policy of the organization does not allow one of the tags.",
        "INVALID_EMAIL" | "INVALID_ADDRESS" => "AWS does not accept the email or the address.",
        "INTERNAL_FAILURE" => "AWS failed, and again when it was asked again.",
        _ => "AWS gives no more than the reason; most are about the management account's contact, payment or verification.",
    }
}

/// What was tried on an account that exists and could not be done.
pub(crate) fn failure(subject: &str, failure: &Failure, weight: Weight) -> Report {
    let tried = match failure.attempt {
        Attempt::Everything | Attempt::Parent if !matches!(failure.refusal, Refusal::Call(_)) => {
            return report(subject, &failure.refusal, weight);
        }
        Attempt::Everything => "it could not be changed".to_owned(),
        Attempt::Read => "it could not be read back".to_owned(),
        Attempt::Parent => "it could not be moved to its parent".to_owned(),
        Attempt::Tags => "its tags could not be written".to_owned(),
        Attempt::Regions => "its regions could not be opted in".to_owned(),
        Attempt::Control(control) => format!("`{control}` could not be mended"),
    };
    let what = match &failure.refusal {
        Refusal::Call(fault) => format!("{} answered {}: {}", fault.call, fault.code, fault.message),
        other => format!("{other}."),
    };
    weight
        .report("FLEET0114", format!("{subject}: {tried}"))
        .what(what)
        .why("The account exists, so this is no reason to forget or replace it.")
        .todo("Mend the cause and apply again; the apply goes on where it stands.")
}

/// That an account is not ready, in plan and apply.
pub(crate) fn not_ready(key: &str, phase: &str, reason: &str, work: bool) -> Report {
    warning("FLEET0113", format!("Account {key} is not ready ({phase}): {reason}"))
        .what(format!("The account `{key}` stands at the phase `{phase}`: {reason}."))
        .why("Clusters in it are not admitted until every phase holds and no check is `fail` or `unknown`.")
        .todo(if work {
            "Apply again: the next apply goes on where it stands."
        } else {
            "No apply of this configuration can change it: `readiness.findings` says for each check what to do."
        })
}

/// The warnings of an outcome itself.
pub(crate) fn warnings(subject: &str, outcome: &Outcome) -> Vec<Report> {
    outcome
        .warnings
        .iter()
        .map(|of| {
            warning("FLEET0115", format!("{subject}: {}", of.summary))
                .what(of.detail.clone())
                .why("The account is as AWS has it; what the configuration says beyond that is not so yet.")
                .todo("Look whether this is meant; nothing else has to be done.")
        })
        .collect()
}
