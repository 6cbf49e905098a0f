//! Where accounts go that are frozen: under another OU, and under a policy that denies nearly
//! everything to everybody but vending.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::account::Contract;
use fleet_model::lifecycle::AccountLifecycleState;

use super::governance;
use crate::aws::account::converge::observed::Isolation;
use crate::aws::account::run::Run;
use crate::aws::api::AccountId;
use crate::aws::organization::parent;
use crate::aws::policy::exemption;
use crate::aws::policy::exemption::Open;
use crate::config::Quarantine;
use crate::error::{Error, Kind};
use crate::partition;
use crate::refusal::{Flaw, Refusal};

/// The type of policy that holds an account.
const SERVICE_CONTROL: &str = "SERVICE_CONTROL_POLICY";

/// What an apply does to an account at rest that is not, or not any more, as the quarantine has it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Confinement {
    /// The OU that it moves the account to, by its id.
    pub moves_to: Option<String>,
    /// The policy that it attaches to the account.
    pub attaches: Option<String>,
}

/// AWS's own, which is on every node and denies nothing. It is not an object of the organization, so that a role which may
/// read the organization's policies may not read it.
const FULL_ACCESS: &str = "FullAWSAccess";

impl Run<'_> {
    /// The quarantine of an account that is at rest, where there is one.
    pub(crate) fn quarantine(&self) -> Option<&Quarantine> {
        let at_rest = self.job.request.lifecycle_state != AccountLifecycleState::Active;
        self.config.quarantine.as_ref().filter(|_| at_rest)
    }

    /// Whether the account's policy of quarantine is as it should be. `target` is where the account belongs, `attached`
    /// what vending has attached to it: what is not there any more is taken out. Only that is ever taken off; the
    /// quarantine's policy on an account in use that somebody else put there is named beside the answer. One call per
    /// process and policy: what it is attached to is the same for all.
    pub(crate) async fn isolation(
        &self,
        account_id: &AccountId,
        target: Option<&str>,
        attached: &mut BTreeSet<String>,
    ) -> (Isolation, Option<String>) {
        let policy = self.config.quarantine.as_ref().and_then(|of| of.policy_id.as_ref());
        let at_rest = self.job.request.lifecycle_state != AccountLifecycleState::Active;
        let looking = async {
            let (mut is_bound, mut foreign) = (Some(true), None);
            if let Some(policy) = policy {
                let targets = self.policy_targets(policy).await?;
                let is_attached = targets.contains(account_id.as_str());
                if at_rest && !is_attached {
                    is_bound = match target {
                        Some(target) => {
                            let above = self.shared.path(self.ports, target).await?;
                            Some(above.iter().any(|id| targets.contains(id)))
                        }
                        None => None,
                    };
                }
                foreign =
                    (!at_rest && is_attached && !attached.contains(policy)).then(|| policy.clone());
            }
            let (mut lingering, mut gone) = (Vec::new(), Vec::new());
            // The quarantine's own is where it should be, or is attached again.
            for ours in attached.iter().filter(|of| !(at_rest && Some(*of) == policy)) {
                match self.policy_targets(ours).await?.contains(account_id.as_str()) {
                    true => lingering.push(ours.clone()),
                    false => gone.push(ours.clone()),
                }
            }
            Ok((is_bound, lingering, gone, foreign))
        };
        match (at_rest, self.patience.within(looking).await) {
            (_, Ok((is_bound, lingering, gone, foreign))) => {
                attached.retain(|policy| !gone.contains(policy));
                let isolation = match is_bound {
                    None => Isolation::Unknown("its place there is not found".to_owned()),
                    Some(false) => Isolation::Missing,
                    Some(true) if lingering.is_empty() => Isolation::Settled,
                    Some(true) => Isolation::Lingering(lingering),
                };
                (isolation, foreign)
            }
            (true, Err(error)) => (Isolation::Unread(error), None),
            // An account in use that was never frozen has nothing to do with the policy.
            (false, Err(error)) if attached.is_empty() => {
                tracing::info!(%error, "the quarantine's policy cannot be looked at");
                (Isolation::Settled, None)
            }
            (false, Err(error)) => (Isolation::Unread(error), None),
        }
    }

    /// What an apply does to the account, which is at rest in the OU or root `parent_id`, since the quarantine has another
    /// place or policy for it. Nothing without a quarantine.
    ///
    /// # Errors
    /// The quarantine's OU is not there, or a call failed.
    pub(crate) async fn confinement(
        &self,
        account_id: &AccountId,
        parent_id: &str,
    ) -> Result<Confinement, Refusal> {
        let Some(quarantine) = &self.config.quarantine else { return Ok(Confinement::default()) };
        let resolved = parent::resolve(self.ports, self.shared, &quarantine.parent);
        let target = self.patience.within(async { Ok(resolved.await) }).await??;
        let attaches = match &quarantine.policy_id {
            None => None,
            Some(policy) => {
                let looking = async {
                    let targets = self.policy_targets(policy).await?;
                    let above = self.shared.path(self.ports, &target).await?;
                    Ok(targets.contains(account_id.as_str())
                        || above.iter().any(|id| targets.contains(id)))
                };
                let is_bound = self.patience.within(looking).await?;
                (!is_bound).then(|| policy.clone())
            }
        };
        Ok(Confinement { moves_to: (target != parent_id).then_some(target), attaches })
    }

    /// What a policy is attached to: nothing, once it is deleted.
    async fn policy_targets(&self, policy: &str) -> Result<BTreeSet<String>, Error> {
        match self.ports.policies.targets(policy).await {
            Err(error) if error.kind == Kind::NotFound => Ok(BTreeSet::new()),
            answer => answer,
        }
    }

    /// Checks what a freeze needs, before anything is changed: the OU, and a policy that denies everything to everybody but
    /// the roles by which we enter. It is the quarantine's own, or, where that has none, one that is attached to its OU or
    /// above. The answer is who else is left out, as patterns of ARNs.
    ///
    /// # Errors
    /// What is missing, or a call that failed.
    pub(crate) async fn check_quarantine(
        &self,
        account_id: &AccountId,
    ) -> Result<BTreeSet<String>, Refusal> {
        let Some(quarantine) = &self.config.quarantine else { return Ok(BTreeSet::new()) };
        let resolved = parent::resolve(self.ports, self.shared, &quarantine.parent);
        let unit = self.patience.within(async { Ok(resolved.await) }).await??;
        let roles = self.access_roles(account_id).await?;
        let policies = &self.ports.policies;
        let enabled = self.patience.within(policies.enabled()).await?;
        let Some(policy) = &quarantine.policy_id else {
            return self.check_above(unit, enabled, &roles).await;
        };
        let flaw = |flaw| Refusal::Quarantine { policy: policy.clone(), flaw };
        if !enabled {
            return Err(flaw(Flaw::TypeOff));
        }
        let content = match self.patience.within(policies.content(policy)).await {
            Ok(content) => content.content,
            Err(error) if error.kind == Kind::NotFound => return Err(flaw(Flaw::Missing)),
            Err(error) => return Err(error.into()),
        };
        let open = exemption::left_open(&content)
            .map_err(|problem| flaw(Flaw::Unreadable(problem.to_string())))?;
        match open {
            Some(open) => Err(flaw(Flaw::Open(open))),
            None => others_left_out(&content, &roles).map_err(flaw),
        }
    }

    /// The same, where the quarantine has no policy of its own: of those at its OU and above, one has to deny everything.
    async fn check_above(
        &self,
        unit: String,
        enabled: bool,
        roles: &[String],
    ) -> Result<BTreeSet<String>, Refusal> {
        if !enabled {
            return Err(Refusal::NothingHolds { unit, enabled, nearest: None });
        }
        let policies = &self.ports.policies;
        let reading = async {
            let mut found = BTreeMap::new();
            for node in self.shared.path(self.ports, &unit).await? {
                let names = policies.names_at(&node).await?.remove(SERVICE_CONTROL);
                for name in names.into_iter().flatten().filter(|name| name != FULL_ACCESS) {
                    if let Some(policy) = policies.find(&name).await? {
                        found.insert(name, policies.content(&policy.id).await?.content);
                    }
                }
            }
            Ok(found)
        };
        let found = self.patience.within(reading).await?;
        let mut nearest: Option<(Open, &String)> = None;
        let (mut held, mut left_out) = (false, BTreeSet::new());
        for (name, content) in &found {
            match exemption::left_open(content) {
                Ok(None) => {
                    let flaw = |flaw| Refusal::Quarantine { policy: name.clone(), flaw };
                    let others = others_left_out(content, roles).map_err(flaw)?;
                    // Each of them denies: only who is left out of all goes on.
                    left_out = match held {
                        true => left_out.intersection(&others).cloned().collect(),
                        false => others,
                    };
                    held = true;
                }
                Ok(Some(open)) => nearest = nearest.max(Some((open, name))),
                // What cannot be read holds nothing that we know of.
                Err(_) => {}
            }
        }
        if held {
            return Ok(left_out);
        }
        // One that denies nothing at all is not near.
        let near = nearest.filter(|(open, _)| *open > Open::Everything);
        let nearest = near.map(|(open, name)| (name.clone(), open));
        Err(Refusal::NothingHolds { unit, enabled, nearest })
    }

    /// The ARNs of the roles by which vending enters the account.
    async fn access_roles(&self, account_id: &AccountId) -> Result<Vec<String>, Error> {
        let organization = self.patience.within(self.shared.organization(self.ports)).await?;
        let partition = partition::of_arn(&organization.arn);
        let contract: &Contract = &self.job.request.contract;
        let ways = governance::ways(self.config, contract, true);
        let arn = |name: &str| format!("arn:{partition}:iam::{account_id}:role/{name}");
        Ok(ways.iter().map(|way| arn(&way.role)).collect())
    }
}

/// What of a policy that denies everything is left out beside `roles`, of which it has to leave out one: the first that
/// opens is taken.
fn others_left_out(content: &str, roles: &[String]) -> Result<BTreeSet<String>, Flaw> {
    let unreadable = |problem: exemption::NotAPolicy| Flaw::Unreadable(problem.to_string());
    let locked_out = exemption::locked_out(content, roles).map_err(unreadable)?;
    if locked_out.len() == roles.len() {
        return Err(Flaw::LocksOut(locked_out));
    }
    let mut all = exemption::exempt(content).map_err(unreadable)?;
    let resource = |arn: &str| arn.splitn(6, ':').nth(5).map(str::to_owned);
    all.retain(|pattern| !roles.iter().any(|role| resource(role) == resource(pattern)));
    Ok(all)
}
