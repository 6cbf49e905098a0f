//! What a vendor over a wire reports, said to a person. The words are the vendor's; what they mean is its class.

use fleet_vending::error::Kind;
use fleet_vending::{Class, NotStarted, Problem};
use tfplugin::diagnostic::{Diagnostic, Path};

use crate::diagnostic::{Report, error, warning};

/// Why a vendor does not do something. `doing` completes "Cannot …".
pub(crate) fn report(problem: &Problem, doing: &str) -> Report {
    described(error("FLEET0560", "The vendor reports a problem"), problem, Some(doing))
}

/// Why a vendor could not be asked at all.
pub(crate) fn not_started(why: &NotStarted, doing: &str) -> Report {
    let NotStarted { vendor, what, todo } = why;
    error("FLEET0570", format!("The vendor {vendor} cannot be started"))
        .what(format!("Cannot {doing}: {what}."))
        .why("The vendor is a program that the `vendor` block of the provider names. Nothing was asked of it and nothing was changed; its accounts keep their state.")
        .todo(todo.as_str())
}

/// What a vendor finds in the way of a planned account.
pub(crate) fn finding(problem: &Problem, blocks: bool, doing: &str) -> Diagnostic {
    if blocks { report(problem, doing).build() } else { told(problem) }
}

/// Trouble that stops nothing.
pub(crate) fn told(problem: &Problem) -> Diagnostic {
    described(warning("FLEET0561", "The vendor warns"), problem, None).build()
}

fn described(report: Report, problem: &Problem, doing: Option<&str>) -> Report {
    let Problem { vendor, class, code, message, why, remedy, object, call, native_code } = problem;
    let mut what = match doing {
        Some(doing) => format!("Cannot {doing}: vendor `{vendor}` says: {message}"),
        None => format!("Vendor `{vendor}` says: {message}"),
    };
    let about =
        [("about", object), ("code", code), ("call", call), ("its cloud answered", native_code)];
    let about: Vec<String> = about
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(name, text)| format!("{name} `{text}`"))
        .collect();
    if !about.is_empty() {
        what = format!("{what} ({})", about.join(", "));
    }
    let why = if why.is_empty() { meaning(*class) } else { why };
    let todo = if remedy.is_empty() { step(*class) } else { remedy };
    let report = match argument(object) {
        Some(path) => report.at(path),
        None => report,
    };
    report.what(what).why(why).todo(todo)
}

/// The arguments of an account that a vendor may name as what its problem is about.
const ARGUMENTS: [&str; 24] = [
    "account_class",
    "alternate_contacts",
    "baseline_policy",
    "baseline_version",
    "budget_owner",
    "controls",
    "data_classification",
    "email",
    "email_update_otp",
    "environment",
    "gitops_enabled",
    "iam_user_access_to_billing",
    "identity",
    "key",
    "lifecycle_state",
    "name",
    "network_profile",
    "onboarding_parent",
    "owner",
    "parent",
    "region_set",
    "role_name",
    "tags",
    "vendor_settings",
];

/// Where in the block the `object` of a problem is, if it is an argument of an account.
fn argument(object: &str) -> Option<Path> {
    match object {
        "email_change" => Some(Path::attribute("email")),
        _ if ARGUMENTS.contains(&object) => Some(Path::attribute(object)),
        _ if object.starts_with("control/") => Some(Path::attribute("controls")),
        _ => None,
    }
}

/// What a class means, where the vendor does not say why.
fn meaning(class: Class) -> &'static str {
    match class {
        Class::ConflictOwner => {
            "Another configuration manages the account, and each account is changed by one configuration only."
        }
        Class::ConflictKey => "Two requests want one email, alias or id.",
        Class::ConflictInput => {
            "The account was asked for before, with something else that cannot change."
        }
        Class::Human => "A person has to do something before the vendor can go on.",
        Class::Call(kind) => match kind {
            Kind::Throttled | Kind::Busy | Kind::InFlightLimit | Kind::NotYet => {
                "The vendor's cloud is not ready for it yet."
            }
            Kind::Denied => "The vendor may not do it in its cloud.",
            Kind::NotFound => "Something that it needs is not there.",
            Kind::AlreadyExists => "There is something of that name already.",
            Kind::Invalid => "The vendor does not take what was asked.",
            Kind::Quota => "A quota of the vendor's cloud is used up.",
            Kind::Unanswered => {
                "The vendor did not get an answer: it is not known whether it was done."
            }
            Kind::Unsupported => "The vendor cannot do it.",
            Kind::Credentials => "The vendor's credentials are missing or refused.",
            Kind::Cancelled => "The run was asked to stop.",
            Kind::DeadlineExceeded => "The time of the operation was over.",
            Kind::Unexpected => "The vendor met something that it does not expect.",
        },
    }
}

/// What to do about a class, where the vendor does not say it.
fn step(class: Class) -> &'static str {
    match class {
        Class::ConflictOwner => "Change it where it is managed, or release it there first.",
        Class::ConflictKey | Class::ConflictInput => {
            "Give the account what it was asked for with before, or another `key`."
        }
        Class::Human => "Do what the vendor asks for, then run the same command again.",
        Class::Call(kind) if kind.may_pass() => {
            "Run the same command again: what was done is found again."
        }
        Class::Call(Kind::Cancelled | Kind::DeadlineExceeded) => {
            "Run the same command again: what was done is found again."
        }
        Class::Call(Kind::Credentials | Kind::Denied) => {
            "Look at the credentials and permissions that the vendor has: its `env`, `inherit_env` and `settings` in the provider block."
        }
        Class::Call(_) => {
            "Correct what the vendor names. Its log lines are shown with `TF_LOG_PROVIDER=debug`."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_told_at_the_argument_that_it_names() {
        for (object, path) in [
            ("email", Some("email")),
            ("email_change", Some("email")),
            ("vendor_settings", Some("vendor_settings")),
            ("control/mfa", Some("controls")),
            ("settings/billing_scope", None),
            ("ready", None),
            ("", None),
        ] {
            let told = argument(object).map(|path| path.to_string());
            assert_eq!(told.as_deref(), path, "{object:?}");
        }
    }

    #[test]
    fn a_problem_is_told_in_the_vendor_s_words_and_explained_by_its_class() {
        let problem = Problem {
            vendor: "azure".into(),
            class: Class::Call(Kind::Quota),
            code: "AZ-17".into(),
            message: "The enrolment account has 5,000 subscriptions.".into(),
            why: String::new(),
            remedy: String::new(),
            object: "settings/billing_scope".into(),
            call: "Microsoft.Subscription:createAlias".into(),
            native_code: "QuotaExceeded".into(),
        };
        let blocks = finding(&problem, true, "create account \"a\"");
        let warns = finding(&problem, false, "create account \"a\"");
        insta::assert_snapshot!(format!("{blocks:#?}\n{warns:#?}"));
    }
}
