//! Another address for the root user. AWS changes it in two steps, with a person between them: it
//! sends a one-time password to the new address, and takes the address once it hears the password.
//!
//! So the first apply keeps `email` as it is and sets `pending_email`; the apply that has
//! `email_update_otp` changes `email`. While a password is awaited, plans show no change.

use fleet_vending::aws::api::Otp;
use fleet_vending::error::Kind;
use fleet_vending::{EmailStep, Failure, Refusal};
use tfplugin::diagnostic::Diagnostic;
use tfplugin::{Attr, Plan};

use super::model::Model;
use super::report;
use crate::diagnostic::{error, warning};
use crate::email::same;
use crate::refusal;

/// What a plan does about the address.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Planned {
    /// It stays.
    Keep,
    /// It is not known yet which it is to be.
    Unknown,
    /// Have AWS send the password to this address.
    Start(String),
    /// The password was sent to this address, and nobody has given it yet.
    Wait(String),
    /// Give AWS the password: this address then holds.
    Accept,
}

fn decide(asked: &Attr<String>, prior: &Model, has_password: bool) -> Planned {
    let asked = match asked {
        Attr::Null => return Planned::Keep,
        Attr::Unknown => return Planned::Unknown,
        Attr::Known(asked) => asked,
    };
    let is = |of: &Attr<String>| of.as_str().is_some_and(|of| same(of, asked));
    if is(&prior.email) {
        Planned::Keep
    } else if has_password {
        Planned::Accept
    } else if is(&prior.pending_email) {
        Planned::Wait(asked.clone())
    } else {
        Planned::Start(asked.clone())
    }
}

/// Plans `email` and `pending_email`.
pub(super) fn plan(plan: &mut Plan<'_, Model>, prior: &Model) {
    let Some(config) = plan.config else { return };
    match decide(&config.email, prior, given(&config.email_update_otp)) {
        Planned::Keep | Planned::Accept => plan.set("pending_email", Attr::<String>::Null),
        Planned::Unknown => plan.set_unknown("pending_email"),
        Planned::Start(to) => {
            plan.keep_prior("email");
            plan.set("pending_email", Attr::Known(to));
        }
        Planned::Wait(to) => {
            plan.keep_prior("email");
            plan.keep_prior("pending_email");
            plan.diagnostics.push(awaited(prior, &to));
        }
    }
}

/// The address that the account is to have, where a step towards it is planned.
pub(super) fn asked(config: &Model, prior: &Model) -> Option<String> {
    match decide(&config.email, prior, given(&config.email_update_otp)) {
        Planned::Start(to) => Some(to),
        Planned::Accept => config.email.known().cloned(),
        Planned::Keep | Planned::Unknown | Planned::Wait(_) => None,
    }
}

/// Says what a first step means, once nothing stands in its way.
pub(super) fn tell(plan: &mut Plan<'_, Model>) {
    let (Some(config), Some(prior)) = (plan.config, plan.prior) else { return };
    if let Planned::Start(to) = decide(&config.email, prior, given(&config.email_update_otp)) {
        plan.diagnostics.push(two_steps(prior, &to));
    }
}

fn given(otp: &Attr<String>) -> bool {
    match otp {
        Attr::Null => false,
        Attr::Unknown => true,
        Attr::Known(otp) => !otp.trim().is_empty(),
    }
}

/// The step that the plan decided on.
pub(super) fn step(planned: &Model, prior: &Model, otp: &Attr<String>) -> Option<EmailStep> {
    match (planned.email.as_str(), planned.pending_email.as_str()) {
        (Some(to), _) if prior.email.as_str().is_some_and(|from| !same(from, to)) => {
            Some(EmailStep::Accept(to.to_owned(), Otp::new(otp.as_str().unwrap_or_default())))
        }
        (_, Some(to)) if prior.pending_email.as_str() != Some(to) => {
            Some(EmailStep::Start(to.to_owned()))
        }
        _ => None,
    }
}

/// What is there after a step that AWS did not take. After a refused password nothing is awaited
/// any more: without `email_update_otp`, the next apply has a new one sent.
pub(super) fn untouched(planned: &mut Model, prior: &Model, refusal: &Refusal) {
    let accepting = planned.email != prior.email;
    planned.email = prior.email.clone();
    planned.pending_email = match refusal {
        Refusal::Call(fault) if accepting && refused(fault.kind) => Attr::Null,
        _ => prior.pending_email.clone(),
    };
}

fn refused(kind: Kind) -> bool {
    matches!(kind, Kind::Invalid | Kind::NotFound | Kind::Denied | Kind::AlreadyExists)
        || matches!(kind, Kind::Busy | Kind::Unexpected)
}

/// The address as AWS has it: the state shows what is true, and the plan what that differs from.
pub(super) fn observed(mut model: Model, found: &str) -> Model {
    if found.is_empty() {
        return model;
    }
    if model.email.as_str().is_none_or(|known| !same(known, found)) {
        model.email = Attr::Known(found.to_owned());
    }
    if model.pending_email.as_str().is_some_and(|pending| same(pending, found)) {
        model.pending_email = Attr::Null;
    }
    model
}

fn two_steps(prior: &Model, to: &str) -> Diagnostic {
    warning("FLEET0116", format!("{}: its email changes in two steps", report::subject(prior)))
        .at("email")
        .what(format!("This apply has AWS send a one-time password to `{to}`. Until it is given, the email stays `{}`.", prior.email.as_str().unwrap_or("?")))
        .why("AWS changes the address of a root user only for somebody who reads mail at the new one.")
        .todo("Apply; then put the password into `email_update_otp`, and apply again.")
        .build()
}

/// That a password is awaited.
pub(super) fn awaited(model: &Model, to: &str) -> Diagnostic {
    warning("FLEET0116", format!("{}: the password sent to {to} is awaited", report::subject(model)))
        .at("email_update_otp")
        .what(format!("AWS sent a one-time password to `{to}`. Until it is given, the email stays `{}`.", model.email.as_str().unwrap_or("?")))
        .why("AWS changes the address of a root user only for somebody who reads mail at the new one.")
        .todo("Put the password into `email_update_otp`, and apply. To give the change up, or to have another password sent, write the old `email` and apply.")
        .build()
}

/// That another account of the organization has the address.
pub(super) fn taken(email: &str, by: &str, doing: &str) -> Diagnostic {
    not_taken(format!(
        "Cannot {doing}: the account {by} of the organization has the email `{email}`."
    ))
}

fn not_taken(what: String) -> Diagnostic {
    error("FLEET0120", "AWS does not take the new email")
        .at("email")
        .what(what)
        .why("An address belongs to one AWS account at most, anywhere; that of a closed account stays taken.")
        .todo("Write another email, or the old one to leave it as it is.")
        .build()
}

/// A step that AWS did not take.
pub(super) fn failed(planned: &Model, prior: &Model, failure: &Failure) -> Diagnostic {
    let doing = report::doing("change the email of", planned);
    let Refusal::Call(fault) = &failure.refusal else {
        return refusal::report(&failure.refusal, &doing).at("email").build();
    };
    let accepting = planned.email != prior.email;
    let answered =
        format!("{} answered {}: {}.", fault.call, fault.code, fault.message.trim_end_matches('.'));
    if accepting && refused(fault.kind) {
        // Not at the password's own attribute: a CLI would show the line that holds it.
        error("FLEET0117", "The password for the new email was not accepted")
            .at("email")
            .what(format!("Cannot {doing}: {answered}"))
            .why("The password is mistyped, too old, or was sent for another address. The email is as it was.")
            .todo("Correct `email_update_otp` and apply again; or take it out and apply, and AWS sends a new password.")
            .build()
    } else if fault.kind == Kind::AlreadyExists {
        not_taken(format!("Cannot {doing}: {answered}"))
    } else {
        refusal::report(&failure.refusal, &doing).at("email").build()
    }
}

#[cfg(test)]
mod tests;
