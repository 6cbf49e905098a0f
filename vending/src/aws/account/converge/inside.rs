//! What of ours is in an account that a create goes on with: its roles, policies and identity providers that
//! carry our marks. Only reads, for a plan to name what its apply takes up.

use crate::aws::account::converge::Held;
use crate::aws::account::run::Run;
use crate::aws::api::AccountId;
use crate::aws::api::member::{Holder, Tags};
use crate::aws::controls::access_roles;
use crate::error::Error;
use crate::phase::Gate;
use crate::refusal::Refusal;

/// What in an account carries the marks of this configuration and of the account's key.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Inside {
    /// What each is and its name, for people: "role `fleet-apply`".
    pub objects: Vec<String>,
    /// Why a part could not be read; empty when everything was.
    pub unread: Vec<String>,
}

impl Run<'_> {
    /// What the job would go on with in this account of ours.
    ///
    /// # Errors
    /// There is no such account, or the organization could not be read. What could not be read in the account
    /// itself is in the answer.
    pub(crate) async fn inside(&mut self, account_id: &AccountId) -> Result<Inside, Refusal> {
        let looking = self.ports.organizations.account(account_id);
        let Some(account) = self.patience.within(looking).await? else {
            return Err(Refusal::NoSuchObject { object: format!("account {account_id}") });
        };
        let mut held = Held::take(self, account, None).await?;
        held.only_look();
        held.locate().await;
        held.ask_landing_zone(false).await?;
        held.enter().await?;
        Ok(held.inside().await)
    }
}

impl Held<'_, '_> {
    async fn inside(&mut self) -> Inside {
        let mut inside = Inside::default();
        let parts = self.scope_parts().await;
        let scope = self.scope(&parts);
        let Some((member, _)) = &self.member else {
            inside.unread.push(match &self.seen.access {
                Some(Gate::Pending(reason) | Gate::Blocked(reason)) => reason.to_string(),
                _ => "no role was tried".to_owned(),
            });
            return inside;
        };
        let marks = scope.marks();
        let ours = |tags: &Tags| Holder::of(&marks, tags) == Holder::Us;
        let desired = access_roles::desired(&scope);
        let identities = access_roles::observe(&**member, &desired);
        match self.run.patience.within(identities).await {
            Ok(found) => {
                let roles = found.roles.into_iter().filter(|(_, of)| ours(&of.tags));
                let policies = found.policies.into_iter().filter(|(_, of)| ours(&of.tags));
                inside.objects.extend(roles.map(|(name, _)| format!("role `{name}`")));
                inside.objects.extend(policies.map(|(name, _)| format!("policy `{name}`")));
            }
            Err(error) => inside.unread.push(told(&error)),
        }
        match self.run.patience.within(member.oidc_providers()).await {
            Ok(found) => {
                let providers = found.into_iter().filter(|of| ours(&of.tags));
                let mut named: Vec<String> =
                    providers.map(|of| format!("identity provider `{}`", of.arn)).collect();
                named.sort();
                inside.objects.extend(named);
            }
            Err(error) => inside.unread.push(told(&error)),
        }
        inside
    }
}

fn told(error: &Error) -> String {
    format!("{}: {}", error.call, error.code)
}
