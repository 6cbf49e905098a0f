//! Why Control Tower does not govern an account.

use fleet_vending::NotGoverned;

use crate::diagnostic::{Report, error};

/// Says it of `object`; what to do comes from the cause.
pub(crate) fn report(object: &str, why: &NotGoverned, doing: &str) -> Report {
    let (because, todo) = match why {
        NotGoverned::Unseen { management, .. } => (
            "AWS has no delegated administrator for Control Tower: the organization may have a landing zone, and nobody can tell from here whether it governs the account.".to_owned(),
            format!("Set `organization.read_role_arn` of the provider block to a role of account {management}."),
        ),
        NotGoverned::NotRegistered { unit } => (
            "Control Tower enrols accounts in registered units only.".to_owned(),
            format!("Register {unit} with Control Tower (\"Register OU\" in its console, or `aws controltower enable-baseline`), which also enrols the accounts that are in it. Or move the account into a unit that is registered. Then apply again."),
        ),
        NotGoverned::NobodyEnrols => (
            SWITCHED_OFF.to_owned(),
            format!("{SWITCH_ON} An account that is in the unit already is enrolled by \"Enroll account\" in the console of Control Tower. Then apply again."),
        ),
        NotGoverned::Failed { .. } => (
            "Usual causes are a recorder of AWS Config that is in the account already, a missing role `AWSControlTowerExecution`, a service control policy that denies what Control Tower does, and an account that is suspended.".to_owned(),
            "Mend the cause, and update the account in the console of Control Tower (\"Update account\"). Then apply again. The provider does not start it: it writes nothing that Control Tower owns.".to_owned(),
        ),
        NotGoverned::FromElsewhere { unit, .. } | NotGoverned::Drifted { unit, .. } => (
            format!("Only the baseline that an account inherits from the unit it is in counts: another one has other controls. {SWITCHED_OFF}"),
            format!("Update the account in the console of Control Tower (\"Update account\"), or move it back to where it was enrolled. {SWITCH_ON} To reset the baseline of {unit} mends it as well, and changes every other account of the unit. Then apply again."),
        ),
        NotGoverned::NotEnrolled | NotGoverned::Enrolling | NotGoverned::Unknown => (
            "Control Tower takes its time.".to_owned(),
            "Apply again: the apply goes on where this one stopped.".to_owned(),
        ),
    };
    error("FLEET0242", "Control Tower does not govern the account")
        .what(format!("Cannot {doing}: {object} is not governed: {why}."))
        .why(format!("{because} Until the account is governed it stays in the phase `placed`, nothing is made in it, and no cluster in it is admitted."))
        .todo(todo)
}

const SWITCHED_OFF: &str = "Control Tower enrols what is moved into its units only with auto-enrolment, which is off unless somebody switches it on.";
const SWITCH_ON: &str = "To have Control Tower do it by itself, switch auto-enrolment on (\"Landing zone settings\" in its console).";
