//! Where accounts go that are frozen: under another OU, and under a policy that denies nearly
//! everything to everybody but vending.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::account::Contract;
use fleet_model::lifecycle::AccountLifecycleState;

use super::create::Run;
use super::governance;
use super::parent;
use crate::config::Quarantine;
use crate::error::{Error, Kind};
use crate::partition;
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
    /// Policies with these ids are still attached to it: it is in use, or the quarantine has another policy by now.
    Lingering(Vec<String>),
    /// That cannot be told or made, and why.
    Unknown(String),
}

/// The policies that we have attached to an account, by id: kept beside it, since the quarantine may have another
/// one by the time that the account comes back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Attached(pub(crate) BTreeSet<String>);

impl Attached {
    /// The name under which the inventory file keeps them.
    const NAME: &str = "quarantine-policies";

    pub(crate) fn read(prior_settings: &BTreeMap<String, String>) -> Self {
        let ids = prior_settings.get(Self::NAME).map(String::as_str).unwrap_or_default();
        Self(ids.split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect())
    }

    pub(crate) fn write(&self, prior_settings: &mut BTreeMap<String, String>) {
        if self.0.is_empty() {
            prior_settings.remove(Self::NAME);
        } else {
            let ids: Vec<&str> = self.0.iter().map(String::as_str).collect();
            prior_settings.insert(Self::NAME.to_owned(), ids.join(","));
        }
    }
}

impl Run<'_> {
    /// The quarantine of an account that is at rest, where there is one.
    pub(crate) fn quarantine(&self) -> Option<&Quarantine> {
        let at_rest = self.wish.lifecycle_state != AccountLifecycleState::Active;
        self.config.quarantine.as_ref().filter(|_| at_rest)
    }

    /// Whether the account's policy of quarantine is as it should be. `target` is where the account
    /// belongs, `attached` what earlier runs have attached to it. The policy of the quarantine is ours wherever it is
    /// attached to an account at rest itself, and is added: the run that attached it may have died before it could say so.
    /// One call per process and policy: what it is attached to is the same for all.
    pub(crate) async fn isolation(
        &self,
        account_id: &str,
        target: Option<&str>,
        attached: &mut Attached,
    ) -> Isolation {
        let policy = self.config.quarantine.as_ref().and_then(|of| of.policy_id.as_ref());
        let at_rest = self.wish.lifecycle_state != AccountLifecycleState::Active;
        let looking = async {
            let mut is_bound = Some(true);
            if let Some(policy) = policy.filter(|_| at_rest) {
                let targets = self.policy_targets(policy).await?;
                if targets.contains(account_id) {
                    attached.0.insert(policy.clone());
                } else if let Some(target) = target {
                    let above = self.shared.path(self.ports, target).await?;
                    is_bound = Some(above.iter().any(|id| targets.contains(id)));
                } else {
                    is_bound = None;
                }
            }
            // Those that should not be there.
            let mut others = attached.0.clone();
            if let Some(policy) = policy {
                if at_rest {
                    others.remove(policy)
                } else {
                    others.insert(policy.clone())
                };
            }
            let mut lingering = Vec::new();
            for policy in &others {
                if self.policy_targets(policy).await?.contains(account_id) {
                    lingering.push(policy.clone());
                }
            }
            Ok((is_bound, lingering))
        };
        match (at_rest, self.patience.within(looking).await) {
            (_, Ok((None, _))) => Isolation::Unknown("its place there is not found".to_owned()),
            (_, Ok((Some(false), _))) => Isolation::Missing,
            (_, Ok((Some(true), lingering))) if lingering.is_empty() => Isolation::Settled,
            (_, Ok((Some(true), lingering))) => Isolation::Lingering(lingering),
            (true, Err(error)) => Isolation::Unknown(format!("{}: {}", error.call, error.code)),
            // An account in use that was never frozen has nothing to do with the policy.
            (false, Err(error)) => {
                tracing::info!(%error, "the quarantine's policy cannot be looked at");
                Isolation::Settled
            }
        }
    }

    /// What a policy is attached to: nothing, once it is deleted.
    async fn policy_targets(&self, policy: &str) -> Result<BTreeSet<String>, Error> {
        match self.ports.policies.targets(policy).await {
            Err(error) if error.kind == Kind::NotFound => Ok(BTreeSet::new()),
            answer => answer,
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
        let open = exemption::left_open(&content)
            .map_err(|problem| flaw(Flaw::Unreadable(problem.to_string())))?;
        if let Some(open) = open {
            return Err(flaw(Flaw::Open(open)));
        }
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
        let partition = partition::of_arn(&organization.arn);
        let contract: &Contract = &self.wish.contract;
        let ways = governance::ways(self.config, contract, true);
        let arn = |name: &str| format!("arn:{partition}:iam::{account_id}:role/{name}");
        Ok(ways.iter().map(|way| arn(&way.role)).collect())
    }
}
