//! What the controls need to know of an account, and the ports by which they work in it.

use fleet_model::account::{Contract, ControlMode};

use crate::aws::account::converge::Held;
use crate::aws::account::converge::observed::Onboarding;
use crate::aws::controls;
use crate::aws::controls::{Scope, VendingRoles};
use crate::error::Error;
use crate::memory::Memory;
use crate::partition;

/// What a [`Scope`] borrows.
pub(super) struct ScopeParts {
    pub(super) contract: Contract,
    path: Result<Vec<String>, Error>,
    management_account_id: String,
    works_from: String,
    partition: String,
    access_role_names: Vec<String>,
    pub(super) memory: Memory,
}

impl Held<'_, '_> {
    pub(super) async fn scope_parts(&mut self) -> ScopeParts {
        let path = async { self.run.shared.path(self.run.ports, &self.facts.parent_id).await };
        let path = self.run.patience.within(path).await;
        let management_account_id = match self.run.shared.organization(self.run.ports).await {
            Ok(organization) => organization.management_account_id.to_string(),
            Err(_) => String::new(),
        };
        let partition = partition::of_arn(&self.facts.arn).to_owned();
        let config = self.run.config;
        // It was asked before anything else, and is known.
        let works_from = match self.run.shared.standing(self.run.ports).await {
            Ok(standing) => standing.works_from.to_string(),
            Err(_) => management_account_id.clone(),
        };
        let mut contract = self.run.job.request.contract.clone();
        if self.seen.onboarding == Some(Onboarding::There)
            && controls::mode(&contract, controls::ORGANIZATION_POLICIES) == ControlMode::Own
        {
            // Which policies bind it is a matter of its parent: attached here, they would stay.
            let control = controls::ORGANIZATION_POLICIES.to_owned();
            contract.controls.insert(control, ControlMode::Verify);
        }
        ScopeParts {
            contract,
            path,
            management_account_id,
            works_from,
            partition,
            access_role_names: config.access_role_names(),
            memory: self.memory.clone(),
        }
    }

    pub(super) fn scope<'s>(&'s self, parts: &'s ScopeParts) -> Scope<'s> {
        Scope {
            contract: &parts.contract,
            account: Some(&self.id),
            organization_id: &self.facts.organization_id,
            management_account_id: &parts.management_account_id,
            partition: &parts.partition,
            managed_by: &self.run.config.managed_by,
            path: parts.path.as_deref(),
            access_role_names: &parts.access_role_names,
            vending: VendingRoles {
                works_from: &parts.works_from,
                manage: self.run.config.manage_role_name.as_deref(),
                read: self.run.config.read_role_name.as_deref(),
            },
            memory: &parts.memory,
            denied_until: self.denied_until,
        }
    }

    pub(super) fn control_ports(&self) -> controls::Ports<'_> {
        controls::Ports {
            member: self.member.as_ref().map(|(member, _)| &**member),
            regions: &*self.run.ports.regions,
            policies: &*self.run.ports.policies,
            clock: &*self.run.ports.clock,
        }
    }
}
