//! Guardrails that would bind the role by which the provider enters the account.

use fleet_model::account::ControlMode;
use fleet_vending::aws::controls;
use fleet_vending::profile;
use tfplugin::diagnostic::Diagnostic;
use tfplugin::{Change, Plan};

use super::model::Model;
use super::{Desk, contract, report};
use crate::diagnostic::error;

impl Desk {
    /// Refuses to own guardrails that deny the account's role of entry what the provider does with it. It is only asked
    /// where the account is created or its controls change, so that no account that is there stops a plan.
    pub(super) fn plan_guarded(&self, plan: &Plan<'_, Model>) -> Option<Diagnostic> {
        let desired = plan.planned().ok()??;
        let asks = match (plan.change, plan.prior) {
            (Change::Create, _) => true,
            (Change::Update, Some(prior)) => prior.controls != desired.controls,
            _ => false,
        };
        let vending = self.aws(&desired).filter(|_| asks)?;
        let contract = contract::contract(&desired)?;
        let role = &contract.role_name;
        let owns = profile::mode(&contract, controls::ORGANIZATION_POLICIES) == ControlMode::Own;
        (owns && !vending.leaves_out(role)).then(|| {
            error("FLEET0161", format!("{} would be shut to the provider", report::subject(&desired)))
                .at("role_name")
                .what(format!("`role_name` is {role:?}, and `controls.organization-policies` is `own`: its service control policies deny everybody but the roles that the provider block names, and {role:?} is none of them."))
                .why("The provider enters a new account by that role. With the policies in force it could make nothing in the account, which would never become ready.")
                .todo(format!("Add {role:?} to `member_access.bootstrap_role_names` of the provider block, or leave out `role_name`, or set the control to `verify`."))
                .build()
        })
    }
}
