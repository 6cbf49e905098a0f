//! Whose an account is: the AWS organization of this process, or a vendor of the provider block; and whether that vendor
//! takes what the account asks for.

use std::collections::BTreeSet;
use std::sync::Arc;

use fleet_model::lifecycle::{AccountLifecycleState, LifecyclePhase};
use fleet_vending::{AccountJob, Description, Outcome, Vending};
use tfplugin::diagnostic::{Diagnostic, Diagnostics, Path};
use tfplugin::{Attr, Change, Context, Plan, Private};

use super::facts::Work;
use super::model::Model;
use super::{Desk, contract, facts, memory, report};
use crate::diagnostic::{error, warning};
use crate::refusal;

impl Desk {
    /// The AWS organization of this process, where it is the account's vendor and its settings are known.
    pub(super) fn aws(&self, of: &Model) -> Option<Arc<Vending>> {
        self.runtime.vendor(&of.vendor).ok()?.aws().cloned()
    }

    /// What the plan asks for, once all of it is known.
    pub(super) fn job_of_plan(
        &self,
        plan: &Plan<'_, Model>,
        desired: &Model,
    ) -> Option<AccountJob> {
        let contract = contract::contract(desired)?;
        let tags = self.runtime.tags().ok()?.merged(&desired.tags);
        let memory = memory::read(&plan.private, None).ok()?;
        let job = facts::job(desired, contract, tags, BTreeSet::new(), memory);
        Some(memory::of_vendor(job, &plan.private))
    }

    /// The state of an account that the vendor has only the request for: no inventory file says that there is one, so
    /// clusters wait.
    pub(super) fn requested(
        &self,
        planned: Model,
        outcome: &Outcome,
        private: &mut Private,
        diagnostics: &mut Diagnostics,
    ) -> Model {
        let work = Work { vending: outcome.work.clone(), bears: outcome.work_bears, file: false };
        facts::remember(private, &work, outcome);
        diagnostics.extend(report::warnings(&planned, outcome));
        let vendor = planned.vendor.as_str().unwrap_or_default();
        let reason = outcome.status_reason.as_deref().unwrap_or("it says no more");
        let subject = report::subject(&planned);
        diagnostics.push(
            warning("FLEET0568", format!("{subject} is asked for ({})", outcome.phase))
                .what(format!("The vendor `{vendor}` has the request, and no account yet: {reason}."))
                .why("The account has no id, so nothing can be done in it, and clusters in it are not admitted. A later plan finds the account once the vendor has made it.")
                .todo("Do what the vendor waits for, if it waits for a person, and plan again later.")
                .build(),
        );
        facts::state(planned, outcome, None)
    }

    /// Whether the account's vendor is there, stays the same, and takes what is asked for. A vendor that cannot be asked
    /// is told where something is planned with it.
    pub(super) async fn plan_vendor(
        &self,
        context: &Context,
        plan: &Plan<'_, Model>,
        desired: &Model,
    ) -> Result<Diagnostics, Diagnostics> {
        let mut told = Diagnostics::new();
        if let Some(prior) = plan.prior.filter(|_| plan.change == Change::Update) {
            told.extend(changed(desired, prior));
        }
        // Where nothing is planned with it, nothing is asked of it, and it need not be there.
        let planned = plan.change == Change::Create || plan.is_changed();
        if told.has_errors() || desired.vendor.is_unknown() || !planned {
            return Ok(told);
        }
        if let (Attr::Known(name), Some(settings)) =
            (&desired.vendor, desired.vendor_settings.as_str())
            && let Err(problem) = crate::vendors::json_object(settings)
        {
            told.push(bad_settings(name, &format!("`vendor_settings` cannot be used: {problem}")));
        }
        let vendor = match self.runtime.vendor_if_known(&desired.vendor) {
            Ok(Some(vendor)) => vendor,
            Ok(None) => return Ok(told),
            Err(missing) => {
                told.push(missing);
                return Err(told);
            }
        };
        match vendor.describe(&context.cancelled).await {
            Ok(None) => {}
            Ok(Some(description)) if !told.has_errors() => {
                told.extend(not_taken(vendor.name(), &description, plan, desired));
            }
            Ok(Some(_)) => {}
            // Another account has told it, and nothing else is to be asked.
            Err(refused) if self.runtime.has_told(&refused) => return Err(told),
            Err(refused) => {
                let doing = report::doing("plan", desired);
                told.push(refusal::report(&refused, &doing).at("vendor").build());
                return Err(told);
            }
        }
        Ok(told)
    }
}

/// An account stays with the vendor that made it.
fn changed(desired: &Model, prior: &Model) -> Option<Diagnostic> {
    // An account that an import has just brought in says whose it is, if the configuration does not.
    let word = |of: &Attr<String>| {
        of.known().map_or("the built-in vendor".to_owned(), |name| format!("`{name}`"))
    };
    if desired.vendor.is_unknown() || desired.vendor == prior.vendor {
        return None;
    }
    Some(
        error("FLEET0567", "An account stays with its vendor")
            .at("vendor")
            .what(format!("The plan would change `vendor` of {} from {} to {}.", report::subject(prior), word(&prior.vendor), word(&desired.vendor)))
            .why("The account is where its vendor made it, and no other vendor can tell how it is or change it.")
            .todo("Keep `vendor`. For an account of another vendor write another block with another key, and retire this one.")
            .build(),
    )
}

/// What the account asks for and the vendor does not take, and what it does not take an account without.
fn not_taken(
    name: &str,
    description: &Description,
    plan: &Plan<'_, Model>,
    desired: &Model,
) -> Vec<Diagnostic> {
    let Description {
        arguments,
        required_arguments,
        vendor_settings_schema,
        adopts,
        freezes,
        closes,
        ..
    } = description;
    let Some(config) = plan.config else { return Vec::new() };
    let given = |argument: &str| plan.config_value(argument).is_some_and(|value| !value.is_null());
    let takes = || match arguments.is_empty() {
        true => "none of the arguments that not every vendor takes".to_owned(),
        false => arguments.iter().map(|of| format!("`{of}`")).collect::<Vec<_>>().join(", "),
    };
    let mut told = Vec::new();
    let mut refuse = |argument: &'static str, what: String, todo: &str| {
        told.push(
            error("FLEET0565", "The vendor does not take an argument")
                .at(argument)
                .what(what)
                .why("What the vendor does not take would not happen, and the plan would show something that the account never is.")
                .todo(todo)
                .build(),
        );
    };
    for argument in OPTIONAL {
        if given(argument) && !arguments.contains(argument) {
            let what =
                format!("The vendor `{name}` does not take `{argument}`. It takes {}.", takes());
            refuse(argument, what, "Leave the argument out.");
        }
    }
    for argument in
        required_arguments.iter().filter_map(|of| OPTIONAL.into_iter().find(|known| known == of))
    {
        if !given(argument) {
            let what = format!("The vendor `{name}` makes no account without `{argument}`.");
            refuse(argument, what, "Add the argument.");
        }
    }
    if !adopts && config.adopt.known() == Some(&true) {
        refuse(
            "adopt",
            format!("The vendor `{name}` does not take over accounts that exist."),
            "Leave `adopt` out.",
        );
    }
    if !closes && config.close_on_deletion.known() == Some(&true) {
        refuse(
            "close_on_deletion",
            format!("The vendor `{name}` does not close accounts."),
            "Leave `close_on_deletion` out: a destroy then lets the account go, and it is closed by other means.",
        );
    }
    let was_frozen =
        plan.prior.is_some_and(|of| facts::lifecycle_phase(of) == Some(LifecyclePhase::Frozen));
    if !freezes && !was_frozen && facts::wished(desired) == AccountLifecycleState::Frozen {
        refuse(
            "lifecycle_state",
            format!("The vendor `{name}` does not freeze accounts."),
            "Leave the account `active`, or retire it.",
        );
    }
    if let Some(settings) = desired.vendor_settings.as_str() {
        told.extend(settings_problem(name, settings, vendor_settings_schema.as_deref()));
    }
    told
}

/// The arguments that not every vendor has to take, and that a configuration may leave out.
const OPTIONAL: [&str; 10] = [
    "alternate_contacts",
    "baseline_version",
    "controls",
    "email",
    "email_update_otp",
    "iam_user_access_to_billing",
    "identity",
    "onboarding_parent",
    "parent",
    "role_name",
];

/// What is wrong with `vendor_settings`, by the schema that the vendor describes.
fn settings_problem(name: &str, settings: &str, schema: Option<&str>) -> Vec<Diagnostic> {
    let Ok(settings) = serde_json::from_str::<serde_json::Value>(settings) else {
        return Vec::new();
    };
    let Some(schema) = schema else {
        return vec![bad_settings(name, "the vendor takes no `vendor_settings`")];
    };
    let schema = serde_json::from_str::<serde_json::Value>(schema).ok();
    let Some(validator) = schema.and_then(|of| jsonschema::validator_for(&of).ok()) else {
        return vec![bad_settings(name, "the schema that the vendor describes is no JSON Schema")];
    };
    validator
        .iter_errors(&settings)
        .map(|error| {
            let at = error.instance_path().to_string();
            let at = if at.is_empty() { "/".to_owned() } else { at };
            // The values are masked: settings may hold secrets.
            bad_settings(name, &format!("at `{at}`: {}", error.masked()))
        })
        .collect()
}

fn bad_settings(name: &str, what: &str) -> Diagnostic {
    error("FLEET0566", "The vendor does not take these settings")
        .at(Path::attribute("vendor_settings"))
        .what(format!("The vendor `{name}` does not take `vendor_settings` as they are: {what}."))
        .why("A vendor describes what it takes by a JSON Schema, and a plan holds the settings against it.")
        .todo("Correct the value; the vendor's documentation says what it takes.")
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_held_against_the_schema_of_the_vendor() {
        let schema = r#"{"type":"object","additionalProperties":false,"required":["workload"],
            "properties":{"workload":{"enum":["DevTest","Production"]},"token":{"type":"string","maxLength":3}}}"#;
        let told = |settings: &str, schema: Option<&str>| -> Vec<String> {
            settings_problem("azure", settings, schema)
                .into_iter()
                .map(|of| of.detail.lines().next().unwrap_or_default().to_owned())
                .collect()
        };
        assert_eq!(told(r#"{"workload":"DevTest"}"#, Some(schema)), [""; 0]);
        insta::assert_snapshot!(
            [
                told("{}", Some(schema)),
                told(r#"{"workload":"devtest"}"#, Some(schema)),
                told(r#"{"workload":"DevTest","typo":1}"#, Some(schema)),
                told(r#"{"workload":"DevTest","token":"hunter2"}"#, Some(schema)),
                told(r#"{"workload":"DevTest"}"#, None),
                told(r#"{"workload":"DevTest"}"#, Some("{\"type\":7}")),
            ]
            .concat()
            .join("\n")
        );
        assert!(
            !told(r#"{"workload":"DevTest","token":"hunter2"}"#, Some(schema))
                .concat()
                .contains("hunter2")
        );
    }
}
