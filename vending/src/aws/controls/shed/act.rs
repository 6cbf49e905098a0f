//! Takes away what is shed. What is gone already is done; what is not ours any more stays, and is told.

use std::collections::BTreeSet;

use super::super::act::act;
use super::super::{PASSWORD_POLICY, Ports, Problem, Scope};
use super::{Shed, shed};
use crate::aws::api::Clock;
use crate::aws::api::member::{Change, Holder, Member, PasswordPolicy};
use crate::aws::policy::organization::own_name;
use crate::aws::policy::{same, trust};
use crate::error::{Error, Kind};
use crate::memory::{Before, Memory};
use crate::warning::{Stays, Warning};

/// What came of it.
#[derive(Debug, Default)]
pub(in super::super) struct Shedding {
    /// What could not be taken away: it is tried again by the next apply.
    pub(in super::super) problems: Vec<Problem>,
    /// What stays, and is forgotten.
    pub(in super::super) warnings: Vec<Warning>,
}

/// What became of one thing.
#[derive(Debug)]
pub(in super::super) enum Done {
    /// It is gone.
    Gone,
    /// It stays.
    Stays(Stays),
}

/// Sheds what is in the account: before the round looks, so that its checks see what is left.
pub(in super::super) async fn inside(
    ports: &Ports<'_>,
    scope: &Scope<'_>,
    memory: &mut Memory,
) -> Shedding {
    let mut shedding = Shedding::default();
    let Some(member) = ports.member else { return shedding };
    let inside = Inside { member, clock: ports.clock, scope };
    for shed in shed(memory, scope.contract, Some(scope.vending)) {
        let done = match &shed {
            Shed::Trust(role) => {
                let back = trust::management(
                    scope.partition,
                    scope.management_account_id,
                    scope.organization_id,
                );
                inside.trust(&shed, role, back.to_json()).await
            }
            Shed::Role(role) => {
                let locked = trust::locked(scope.partition, scope.account_id());
                inside.trust(&shed, role, locked.to_json()).await
            }
            Shed::Audience { url, audience } => inside.audience(url, audience).await,
            Shed::Provider(url) => inside.provider(url, &memory.made.roles).await,
            Shed::Password(back) => inside.password(*back, memory.made.password).await,
            Shed::Guardrail(_) => continue,
        };
        shedding.note(memory, &shed, done);
    }
    shedding
}

/// Sheds policies of the organization: after the round, so that those which take their place are attached before.
pub(in super::super) async fn outside(
    ports: &Ports<'_>,
    scope: &Scope<'_>,
    memory: &mut Memory,
) -> Shedding {
    let mut shedding = Shedding::default();
    for shed in shed(memory, scope.contract, Some(scope.vending)) {
        let Shed::Guardrail(name) = &shed else { continue };
        let done = detach(ports, name, scope)
            .await
            .map_err(|error| Problem { control: shed.control(), error });
        shedding.note(memory, &shed, done);
    }
    shedding
}

/// Takes a guardrail off the account, known by its plain name: the policy of that name and ours beside it, each only while
/// it carries our tags. The memory has no more than the name, and AWS lets us detach any policy from an account of ours.
async fn detach(ports: &Ports<'_>, plain: &str, scope: &Scope<'_>) -> Result<Done, Error> {
    let own = own_name(plain, scope.managed_by);
    let marks = [scope.marks_of(&own), scope.marks_of(plain)];
    let mut is_off = false;
    let mut stays = None;
    for name in [own.as_str(), plain] {
        let Some(policy) = ports.policies.find(name).await? else { continue };
        if !policy.targets.contains(scope.account_id()) {
            continue;
        }
        let tags = match ports.policies.content(&policy.id).await {
            Err(error) if error.is_not_found() => continue,
            content => content?.tags,
        };
        let [of_own, of_plain] = marks.each_ref().map(|of| Holder::of(of, &tags));
        let manager = match (of_own, of_plain) {
            (Holder::Us, _) | (_, Holder::Us) => None,
            (_, Holder::Other(manager)) => Some(Some(manager)),
            (_, Holder::Nobody) => Some(None),
        };
        if let Some(manager) = manager {
            stays = Some(Stays::Guardrail { name: name.to_owned(), manager });
            continue;
        }
        match ports.policies.detach(&policy.id, scope.account_id()).await {
            Err(error) if error.kind != Kind::NotFound => return Err(error),
            _ => ports.policies.refresh(),
        }
        is_off = true;
    }
    // Beside ours, one of somebody else's was never ours: nothing of ours stays.
    Ok(stays.filter(|_| !is_off).map_or(Done::Gone, Done::Stays))
}

impl Shedding {
    fn note(&mut self, memory: &mut Memory, shed: &Shed, done: Result<Done, Problem>) {
        match done {
            Ok(done) => {
                memory.made.forget(shed);
                if let Done::Stays(what) = done {
                    if let Shed::Password(_) = shed {
                        memory.made.password = None;
                    }
                    self.warnings.push(Warning::Stays(what));
                }
            }
            Err(problem) => self.problems.push(problem),
        }
    }
}

/// What takes things away in an account: of one in use, and of one that is retired or released.
pub(in super::super) struct Inside<'a> {
    pub(in super::super) member: &'a dyn Member,
    pub(in super::super) clock: &'a dyn Clock,
    pub(in super::super) scope: &'a Scope<'a>,
}

impl Inside<'_> {
    async fn change(&self, shed: &Shed, change: Change) -> Result<Done, Problem> {
        match act(self.member, self.clock, None, shed.control(), &[change]).await {
            // Somebody was faster.
            Some(problem) if problem.error.is_not_found() => Ok(Done::Gone),
            Some(problem) => Err(problem),
            None => Ok(Done::Gone),
        }
    }

    async fn trust(&self, shed: &Shed, role: &str, back: String) -> Result<Done, Problem> {
        let failed = |error| Problem { control: shed.control(), error };
        let names = BTreeSet::from([role.to_owned()]);
        let found = self.member.identities(&names, &BTreeSet::new()).await.map_err(failed)?;
        let Some(found) = found.roles.get(role) else { return Ok(Done::Gone) };
        if same(&found.trust, &back) {
            return Ok(Done::Gone);
        }
        match Holder::of(&self.scope.marks(), &found.tags) {
            Holder::Us => {
                self.change(shed, Change::UpdateTrust { role: role.into(), trust: back }).await
            }
            Holder::Other(manager) => {
                Ok(Done::Stays(Stays::Role { role: role.to_owned(), manager: Some(manager) }))
            }
            Holder::Nobody => Ok(Done::Stays(Stays::Role { role: role.to_owned(), manager: None })),
        }
    }

    /// Takes an audience out of a provider, whoever has that.
    ///
    /// # Errors
    /// A call failed.
    pub(in super::super) async fn audience(
        &self,
        url: &str,
        audience: &str,
    ) -> Result<Done, Problem> {
        let shed = Shed::Audience { url: url.to_owned(), audience: audience.to_owned() };
        let failed = |error| Problem { control: shed.control(), error };
        let arn = self.arn(url);
        match self.member.oidc_provider(&arn).await.map_err(failed)? {
            Some(found) if found.audiences.contains(audience) => {
                let audience = audience.to_owned();
                self.change(&shed, Change::RemoveAudience { arn, audience }).await
            }
            _ => Ok(Done::Gone),
        }
    }

    /// Removes a provider with our tags that no other role than `ours` trusts.
    ///
    /// # Errors
    /// A call failed.
    pub(in super::super) async fn provider(
        &self,
        url: &str,
        ours: &BTreeSet<String>,
    ) -> Result<Done, Problem> {
        let shed = Shed::Provider(url.to_owned());
        let failed = |error| Problem { control: shed.control(), error };
        let arn = self.arn(url);
        let Some(found) = self.member.oidc_provider(&arn).await.map_err(failed)? else {
            return Ok(Done::Gone);
        };
        if Holder::of(&self.scope.marks(), &found.tags) != Holder::Us {
            return Ok(Done::Stays(Stays::Provider { url: url.to_owned() }));
        }
        // What it was made for trusts it no more; who else does would be locked out without a word.
        let trusting = self.member.trusting(&arn).await.map_err(failed)?;
        let others: Vec<String> =
            trusting.into_iter().filter(|name| !ours.contains(name)).collect();
        if !others.is_empty() {
            return Ok(Done::Stays(Stays::Trusted { url: url.to_owned(), roles: others }));
        }
        self.change(&shed, Change::DeleteProvider { arn }).await
    }

    /// The password policy as it was before vending changed it, put back where nobody has changed it since: of an account
    /// that is retired or released. `None`: there is nothing to put back, or what stays was told before.
    ///
    /// # Errors
    /// A call failed.
    pub(in super::super) async fn password_before(&self) -> Result<Option<Done>, Problem> {
        let memory = self.scope.memory;
        let Some(before) = memory.password_policy else { return Ok(None) };
        let written = memory.made.password;
        let done = self.password(before, written).await?;
        Ok(Some(done).filter(|of| matches!(of, Done::Gone) || written.is_some()))
    }

    /// `written`: what it has to be for us to change it.
    async fn password(
        &self,
        back: Before<PasswordPolicy>,
        written: Option<PasswordPolicy>,
    ) -> Result<Done, Problem> {
        let failed = |error| Problem { control: PASSWORD_POLICY, error };
        let found = self.member.password_policy().await.map_err(failed)?;
        if super::password_policy::prior(found.as_ref()) == back {
            return Ok(Done::Gone);
        }
        if written.is_none() || found != written {
            return Ok(Done::Stays(Stays::Password));
        }
        let change = match back {
            Before::Was(policy) => Change::PutPasswordPolicy(policy),
            Before::Nothing => Change::DeletePasswordPolicy,
        };
        self.change(&Shed::Password(back), change).await
    }

    fn arn(&self, url: &str) -> String {
        trust::provider_arn(url, self.scope.partition, self.scope.account_id())
    }
}
