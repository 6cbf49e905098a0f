//! Whether the service control policies that a plan calls for find room on the account itself.

use fleet_model::account::Contract;

use super::{Finding, Preflight};
use crate::aws::api::AccountId;
use crate::aws::controls;
use crate::aws::controls::organization_policies::News;
use crate::aws::controls::{Scope, organization_policies};
use crate::aws::organization::parent;
use crate::config::Quarantine;
use crate::error::{Error, Kind};
use crate::memory::Memory;
use crate::partition;
use crate::refusal::Refusal;
use crate::unit_path::Parent;

/// How many service control policies AWS attaches to one account, OU or root (quotas of AWS
/// Organizations; ten since May 2026).
const ATTACHED: usize = 10;

/// What may attach service control policies to an account.
#[derive(Debug, Clone)]
pub struct Guarded {
    /// The argument that asks for it.
    pub asked_by: &'static str,
    /// Which policies.
    pub by: Guard,
}

/// Service control policies.
#[derive(Debug, Clone)]
pub enum Guard {
    /// Those of the contract's profile, which are ours to attach, for an account in this parent.
    Profile(Box<Contract>, Parent),
    /// The one of the provider block's quarantine.
    Quarantine,
}

impl Preflight<'_> {
    /// Whether the policies that are called for find room on the account itself.
    pub(super) async fn headroom(
        &self,
        account_id: &AccountId,
        guarded: &Guarded,
        remembered: &Memory,
    ) -> Result<Option<Finding>, Error> {
        let more = match &guarded.by {
            Guard::Profile(contract, parent) => {
                self.of_profile(account_id, contract, parent, remembered).await
            }
            Guard::Quarantine => self.of_quarantine(account_id).await,
        }?;
        if more == 0 {
            return Ok(None);
        }
        let attached = self.ports.policies.attached(account_id).await?;
        let (asked_by, account_id) = (guarded.asked_by, account_id.to_string());
        let finding = Finding::Headroom { asked_by, account_id, attached, more, most: ATTACHED };
        Ok((attached + more > ATTACHED).then_some(finding))
    }

    /// How many policies the profile attaches to an account in this parent.
    async fn of_profile(
        &self,
        account_id: &AccountId,
        contract: &Contract,
        parent: &Parent,
        remembered: &Memory,
    ) -> Result<usize, Error> {
        let parent_id = match parent::resolve(self.ports, self.shared, parent).await {
            Ok(id) => id,
            Err(Refusal::Call(error)) => return Err(error),
            // Said of the parent itself, or it is made by this plan.
            Err(_) => return Ok(0),
        };
        let (desired, observed) =
            self.guardrails(Some(account_id), contract, &parent_id, remembered).await?;
        let mode = controls::mode(contract, controls::ORGANIZATION_POLICIES);
        let changes = organization_policies::decide(mode, &desired, &observed);
        let attaches = |of: &&organization_policies::Change| {
            !matches!(of, organization_policies::Change::Update { .. })
        };
        Ok(changes.iter().filter(attaches).count())
    }

    /// What of the profile's policies a new account would lack that only verifies them. `parent`: where it is to belong;
    /// `None`: in the root.
    pub(super) async fn unguarded(
        &self,
        contract: &Contract,
        parent: Option<&Parent>,
    ) -> Result<Option<Finding>, Error> {
        let parent_id = match parent {
            None => self.shared.tree.root(self.ports).await?.id,
            Some(parent) => match parent::resolve(self.ports, self.shared, parent).await {
                Ok(id) => id,
                Err(Refusal::Call(error)) => return Err(error),
                // Said of the parent itself, or it is made by this plan.
                Err(_) => return Ok(None),
            },
        };
        let (desired, observed) =
            self.guardrails(None, contract, &parent_id, &Memory::default()).await?;
        let missing = organization_policies::missing(&desired, &observed);
        let enabled = observed.enabled;
        Ok((!missing.is_empty()).then_some(Finding::Unguarded { missing, enabled }))
    }

    /// What an apply changes of the profile's policies for more than this account. `account_id`: `None`, while there is none.
    pub(super) async fn news(
        &self,
        account_id: Option<&AccountId>,
        contract: &Contract,
        parent: Option<&Parent>,
        remembered: &Memory,
    ) -> Result<Vec<News>, Error> {
        let parent_id = match parent {
            None => self.shared.tree.root(self.ports).await?.id,
            Some(parent) => match parent::resolve(self.ports, self.shared, parent).await {
                Ok(id) => id,
                Err(Refusal::Call(error)) => return Err(error),
                // Said of the parent itself, or it is made by this plan: what there is says what it does elsewhere.
                Err(_) => self.shared.tree.root(self.ports).await?.id,
            },
        };
        let (desired, observed) =
            self.guardrails(account_id, contract, &parent_id, remembered).await?;
        let mode = controls::mode(contract, controls::ORGANIZATION_POLICIES);
        let changes = organization_policies::decide(mode, &desired, &observed);
        Ok(organization_policies::news(&desired, &observed, &changes))
    }

    /// The profile's policies as they should be and as they are, for an account in this parent.
    async fn guardrails(
        &self,
        account: Option<&AccountId>,
        contract: &Contract,
        parent_id: &str,
        remembered: &Memory,
    ) -> Result<(organization_policies::Desired, organization_policies::Observation), Error> {
        let mode = controls::mode(contract, controls::ORGANIZATION_POLICIES);
        let organization = self.shared.organization(self.ports).await?;
        let path = self.shared.path(self.ports, parent_id).await?;
        let scope = Scope {
            contract,
            account,
            organization_id: &organization.id,
            management_account_id: &organization.management_account_id,
            partition: partition::of_arn(&organization.arn),
            managed_by: &self.config.managed_by,
            path: Ok(&path),
            access_role_names: &self.config.access_role_names(),
            vending: controls::VendingRoles::default(),
            memory: remembered,
            denied_until: None,
        };
        let desired = organization_policies::desired(&scope);
        let observed =
            organization_policies::observe(mode, &*self.ports.policies, &desired).await?;
        Ok((desired, observed))
    }

    /// Whether the quarantine's policy is attached to the account: neither to it yet, nor above.
    async fn of_quarantine(&self, account_id: &AccountId) -> Result<usize, Error> {
        let Some(Quarantine { parent, policy_id: Some(policy) }) = &self.config.quarantine else {
            return Ok(0);
        };
        // What else is wrong with them, the freeze's own check tells.
        let Ok(parent_id) = parent::resolve(self.ports, self.shared, parent).await else {
            return Ok(0);
        };
        let targets = match self.ports.policies.targets(policy).await {
            Err(error) if error.kind == Kind::NotFound => return Ok(0),
            answer => answer?,
        };
        let above = self.shared.path(self.ports, &parent_id).await?;
        let binds =
            targets.contains(account_id.as_str()) || above.iter().any(|id| targets.contains(id));
        Ok(usize::from(!binds))
    }
}
