//! Where accounts go that are frozen: under another OU, and under a policy that denies nearly
//! everything to everybody but vending.

use fleet_model::account::Contract;
use fleet_model::lifecycle::AccountLifecycleState;

use super::create::Run;
use super::governance;
use super::parent;
use crate::config::Quarantine;
use crate::error::{Error, Kind};
use crate::policy::exemption;
use crate::wish::{Flaw, Refusal};

/// Whether the policy of the quarantine binds the account as it should.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Isolation {
    /// As it should, or there is no such policy.
    #[default]
    Settled,
    /// It is at rest, and the policy is attached neither to it nor above it.
    Missing,
    /// It is in use, and the policy is still attached to it.
    Lingering,
    /// That cannot be told or made, and why.
    Unknown(String),
}

impl Run<'_> {
    /// The quarantine of an account that is at rest, where there is one.
    pub(crate) fn quarantine(&self) -> Option<&Quarantine> {
        let at_rest = self.wish.lifecycle_state != AccountLifecycleState::Active;
        self.config.quarantine.as_ref().filter(|_| at_rest)
    }

    /// Whether the account's policy of quarantine is as it should be. `target` is where the account
    /// belongs. One call per process: what the policy is attached to is the same for all.
    pub(crate) async fn isolation(&self, account_id: &str, target: Option<&str>) -> Isolation {
        let policy = self.config.quarantine.as_ref().and_then(|of| of.policy_id.as_deref());
        let Some(policy) = policy else { return Isolation::Settled };
        let at_rest = self.wish.lifecycle_state != AccountLifecycleState::Active;
        let looking = async {
            let targets = self.ports.policies.targets(policy).await?;
            let above = match target {
                Some(target) if at_rest => self.shared.path(self.ports, target).await?,
                _ => Vec::new(),
            };
            Ok((targets.contains(account_id), above.iter().any(|id| targets.contains(id))))
        };
        match (at_rest, self.patience.within(looking).await) {
            (true, Ok((false, false))) => Isolation::Missing,
            (false, Ok((true, _))) => Isolation::Lingering,
            (_, Ok(_)) => Isolation::Settled,
            (true, Err(error)) => Isolation::Unknown(format!("{}: {}", error.call, error.code)),
            // An account in use that was never frozen has nothing to do with the policy.
            (false, Err(error)) => {
                tracing::info!(%error, "the quarantine's policy cannot be looked at");
                Isolation::Settled
            }
        }
    }

    /// Checks what a freeze needs, before anything is changed: the OU, and a policy that leaves out
    /// the roles by which we enter.
    ///
    /// # Errors
    /// What is missing, or a call that failed.
    pub(crate) async fn check_quarantine(&self, account_id: &str) -> Result<(), Refusal> {
        let Some(quarantine) = &self.config.quarantine else { return Ok(()) };
        let resolved = parent::resolve(self.ports, self.shared, &quarantine.parent);
        self.patience.within(async { Ok(resolved.await) }).await??;
        let Some(policy) = &quarantine.policy_id else { return Ok(()) };
        let flaw = |flaw| Refusal::Quarantine { policy: policy.clone(), flaw };
        let policies = &self.ports.policies;
        if !self.patience.within(policies.enabled()).await? {
            return Err(flaw(Flaw::TypeOff));
        }
        let content = match self.patience.within(policies.content(policy)).await {
            Ok(content) => content.content,
            Err(error) if error.kind == Kind::NotFound => return Err(flaw(Flaw::Missing)),
            Err(error) => return Err(error.into()),
        };
        let roles = self.access_roles(account_id).await?;
        let locked_out = exemption::locked_out(&content, &roles)
            .map_err(|problem| flaw(Flaw::Unreadable(problem.to_string())))?;
        // One way in is enough: the first that opens is taken.
        if locked_out.len() == roles.len() {
            return Err(flaw(Flaw::LocksOut(locked_out)));
        }
        Ok(())
    }

    /// The ARNs of the roles by which vending enters the account.
    async fn access_roles(&self, account_id: &str) -> Result<Vec<String>, Error> {
        let organization = self.patience.within(self.shared.organization(self.ports)).await?;
        let partition = organization.arn.split(':').nth(1).unwrap_or("aws");
        let contract: &Contract = &self.wish.contract;
        let ways = governance::ways(self.config, contract, true);
        let arn = |name: &str| format!("arn:{partition}:iam::{account_id}:role/{name}");
        Ok(ways.iter().map(|way| arn(&way.role)).collect())
    }
}
