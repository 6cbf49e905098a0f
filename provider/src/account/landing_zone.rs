//! What Control Tower would not do with a planned account.

use fleet_vending::aws::api::{LandingZone, ZoneState};
use fleet_vending::aws::preflight::{Hindrance, Ungoverned};
use tfplugin::diagnostic::Diagnostic;

use crate::diagnostic::{error, warning};

/// Says why the account would not be governed. `doing` completes "Cannot …".
pub(super) fn ungoverned(found: &Ungoverned, doing: &str) -> Diagnostic {
    let Ungoverned { asked_by, unit, zone, why } = found;
    let LandingZone { arn, region, version, state, .. } = zone;
    let landing_zone =
        format!("The landing zone of AWS Control Tower (version {version}, home region {region})");
    let report = match why {
        Hindrance::NobodyEnrols { too_old } => {
            let update = if *too_old {
                "Auto-enrolment needs version 3.1 or later: update the landing zone first. Then "
            } else {
                ""
            };
            let update = format!(
                "{update}{} auto-enrolment on: in the console under \"Landing zone settings\", or with `aws controltower update-landing-zone --remediation-types INHERITANCE_DRIFT --landing-zone-identifier {arn} --region {region} …`.",
                if *too_old { "switch" } else { "Switch" }
            );
            error("FLEET0240", "Nobody would enrol the account in Control Tower")
                .what(format!("Cannot {doing}: `{asked_by}` is {unit}, which is registered with Control Tower. {landing_zone} does not enrol accounts that are moved into its units: auto-enrolment is switched off."))
                .why("The account would be moved there and stay without the unit's baseline and controls, which Control Tower shows as drift. The provider writes nothing that Control Tower owns, so it does not enrol accounts itself, and an account that is not governed never becomes ready.")
                .todo(format!("One of two. {update} Or enrol the account by hand: leave it for now in a unit that is not registered, or without `{asked_by}`; apply; then move and enrol it with \"Enroll account\" in the console of Control Tower; then write `{asked_by}`: the plan has nothing left to move. To reset the baseline of the unit (`aws controltower reset-enabled-baseline`) enrols an account that is in it as well, but also changes every other account of the unit."))
        }
        Hindrance::NotRegistered => warning("FLEET0241", format!("{unit} is not registered with Control Tower"))
            .what(format!("The apply is to {doing} in {unit}. {landing_zone} has not registered this unit."))
            .why("Control Tower enrols accounts in registered units only. Until the unit is registered, the account stays in the phase `placed`, and no cluster in it is admitted.")
            .todo("Register the unit (\"Register OU\" in the console of Control Tower, or `aws controltower enable-baseline`): that also enrols the accounts that are in it by then. Or use a unit that is registered."),
        Hindrance::ZoneNotActive => {
            let how = match state {
                ZoneState::Processing => "is being changed",
                _ => "could not be set up or updated",
            };
            warning("FLEET0244", "The landing zone is not active")
                .what(format!("{landing_zone} {how}."))
                .why("While that is so, Control Tower may not enrol accounts. The account would wait in the phase `placed`.")
                .todo("Look at the landing zone in the console of Control Tower. Apply once it is active, or apply now: a later apply goes on.")
        }
        Hindrance::UnitNotReady => warning("FLEET0244", format!("The baseline of {unit} is not in place"))
            .what(format!("Control Tower is changing the baseline of {unit}, or could not finish a change of it."))
            .why("Accounts inherit the baseline of their unit. While it is not in place, Control Tower may not enrol the account, which would wait in the phase `placed`.")
            .todo("Look at the unit in the console of Control Tower. Apply once its baseline is in place, or apply now: a later apply goes on."),
    };
    report.at(*asked_by).build()
}
