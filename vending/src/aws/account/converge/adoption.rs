//! What taking over an account would change, and signs of who else may be at work in it. Only reads.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::contact::{Contact, ContactType};
use fleet_model::readiness::Verdict;
use fleet_model::tags;

use crate::aws::account::converge::Held;
use crate::aws::account::ownership::Holder;
use crate::aws::account::run::Run;
use crate::aws::api::Account;
use crate::aws::organization::landing_zone::Zone;
use crate::memory::Memory;
use crate::outcome::{Attempt, Facts};
use crate::phase::Gate;
use crate::refusal::{Refusal, Unusable};

/// What taking over an account means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adoption {
    /// The account as it is.
    pub facts: Facts,
    /// The name of the OU that holds it; the root's is its id.
    pub parent: String,
    /// Who released it, if somebody did.
    pub released_from: Option<String>,
    /// Whether it would be moved to the parent of the job.
    pub moves: bool,
    /// Whether it would go there by its onboarding parent.
    pub onboards: bool,
    /// The user's tags that would be written, by key.
    pub tags: BTreeMap<String, String>,
    /// The alternate contacts that would be written, by type: what is there now.
    pub contacts: BTreeMap<ContactType, Option<Contact>>,
    /// Why what is there of the other contacts could not be read; `None` when it was.
    pub contacts_unread: Option<String>,
    /// The checks of owned controls that fail now, and would be mended: what was observed, by check.
    pub mends: BTreeMap<String, String>,
    /// Who else may be at work in it, and by what that shows.
    pub signs: BTreeMap<&'static str, BTreeSet<String>>,
    /// Why nobody could look inside; `None` when somebody could.
    pub unseen: Option<String>,
    /// In the words of a vendor over a wire: what the apply would change. The built-in one says it by what is above.
    pub changes: Vec<String>,
    /// What the apply undoes: as the job has it, and as the account's journal says and could be verified.
    pub memory: Memory,
}

impl Run<'_> {
    /// What a create would take over: the account with the job's email, if it is nobody's.
    ///
    /// # Errors
    /// It is somebody else's, not open or the management account, or a call failed.
    pub(crate) async fn adoption(&mut self) -> Result<Option<Adoption>, Refusal> {
        let sweep = self.patience.within(self.shared.sweep(self.ports)).await?;
        let email = &self.job.request.contract.email;
        let found = sweep.values().find(|of| of.email.eq_ignore_ascii_case(email)).cloned();
        let Some(account) = found else { return Ok(None) };
        let (claims, fleet_id) =
            (self.patience.within(self.shared.claims(self.ports)).await?, self.fleet_id().await?);
        let mut others = claims.get(&fleet_id).into_iter().flatten();
        if let Some(other) = others.find(|of| account.id != of.id) {
            return Err(Refusal::KeyTaken {
                key: self.job.request.contract.key.to_string(),
                account_id: other.id.clone(),
                problem: Unusable::Another(account.id.into()),
            });
        }
        self.adoption_of(account).await
    }

    async fn adoption_of(&mut self, account: Account) -> Result<Option<Adoption>, Refusal> {
        let object = format!("account {} ({})", account.id, account.name);
        self.check_member(&account.id).await?;
        let mut held = Held::take(self, account, None).await?;
        held.only_look();
        let released_from = match held.holder() {
            Holder::Us => return Ok(None),
            Holder::Other(manager) => return Err(Refusal::OtherManager { object, manager }),
            Holder::OtherKey(key) => return Err(Refusal::OtherKey { object, key }),
            Holder::Nobody(from) => from,
        };
        if held.facts.state.is_over() {
            let state = held.facts.state.in_words().to_owned();
            return Err(Refusal::Inactive { object, state });
        }
        held.locate().await;
        held.ask_landing_zone(false).await?;
        held.enter().await?;
        held.round(false).await?;
        held.observe_settings().await?;
        Ok(Some(held.adoption(released_from).await?))
    }
}

impl Held<'_, '_> {
    async fn adoption(&self, released_from: Option<String>) -> Result<Adoption, Refusal> {
        let run = &*self.run;
        let parent_id = &self.facts.parent_id;
        let parent = run.patience.within(run.shared.tree.unit(run.ports, parent_id));
        let parent = match parent_id.starts_with("ou-") {
            true => parent.await?.map_or_else(|| parent_id.clone(), |unit| unit.name),
            false => parent_id.clone(),
        };
        let mut set = self.tag_change().set;
        set.retain(|key, _| !key.starts_with(tags::PREFIX));
        let differs = |of: &ContactType, found: &Option<Contact>| {
            found.as_ref() != run.job.request.contacts.get(of)
        };
        let mut contacts = self.contacts.clone();
        contacts.retain(|of, found| differs(of, found));
        let unread = self.failures.iter().find(|of| of.attempt == Attempt::Contacts);
        let checks = self.readiness.iter().flat_map(|readiness| &readiness.checks);
        let mends = checks
            .filter(|(_, check)| check.verdict == Verdict::Fail)
            .filter(|(_, check)| self.work.contains(check.check.as_str()))
            .map(|(key, check)| (key.clone(), check.observed.clone()))
            .collect();
        let mut signs = Signs::default();
        signs.read_tags(&self.facts.tags);
        // It was asked for this account already.
        let zone = run.shared.landing_zone(run.ports).await;
        if matches!(zone, Ok(Zone::Found(_))) && self.seen.governed == Some(Gate::Open) {
            signs.note("Control Tower", "its enrolment");
        }
        let unseen = match (&self.member, &self.seen.access) {
            (Some((member, _)), _) => match run.patience.within(member.role_names()).await {
                Ok(names) => {
                    names.iter().for_each(|name| signs.read_role(name));
                    None
                }
                Err(error) => Some(format!("{}: {}", error.call, error.code)),
            },
            (None, Some(Gate::Pending(reason) | Gate::Blocked(reason))) => Some(reason.to_string()),
            (None, _) => Some("no role was tried".to_owned()),
        };
        Ok(Adoption {
            facts: self.facts.clone(),
            parent,
            released_from,
            moves: self.seen.placed == Ok(false),
            onboards: self.seen.onboarding.is_some(),
            tags: set,
            contacts,
            contacts_unread: unread.map(|of| of.refusal.to_string()),
            mends,
            signs: signs.0,
            unseen,
            changes: Vec::new(),
            memory: self.memory.clone(),
        })
    }
}

/// Who else may be at work, and by what that shows.
#[derive(Default)]
struct Signs(BTreeMap<&'static str, BTreeSet<String>>);

impl Signs {
    fn note(&mut self, who: &'static str, what: impl Into<String>) {
        self.0.entry(who).or_default().insert(what.into());
    }

    fn read_tags(&mut self, tags: &BTreeMap<String, String>) {
        for key in tags.keys().filter(|key| key.starts_with("Accelerator")) {
            self.note("Landing Zone Accelerator", format!("the tag {key}"));
        }
    }

    /// The names that each tool gives the roles that it makes in the accounts it works in.
    fn read_role(&mut self, name: &str) {
        let who = if name == "AWSControlTowerExecution" || name.starts_with("aws-controltower-") {
            "Control Tower"
        } else if name == "AWSAFTExecution" || name == "AWSAFTService" {
            "Account Factory for Terraform"
        } else if name.starts_with("AWSAccelerator") {
            "Landing Zone Accelerator"
        } else if name.starts_with("stacksets-exec-")
            || name == "AWSCloudFormationStackSetExecutionRole"
        {
            "CloudFormation StackSets"
        } else {
            return;
        };
        self.note(who, format!("the role {name}"));
    }
}

#[cfg(test)]
mod tests {
    use crate::aws::account::converge::adoption::*;

    #[test]
    fn tools_are_known_by_their_roles_and_tags() {
        let mut signs = Signs::default();
        for role in [
            "AWSControlTowerExecution",
            "aws-controltower-ConfigRecorderRole",
            "AWSAFTExecution",
            "AWSAFTService",
            "AWSAccelerator-PipelineRole",
            "stacksets-exec-0123456789abcdef",
            "OrganizationAccountAccessRole",
            "AWSServiceRoleForOrganizations",
        ] {
            signs.read_role(role);
        }
        signs.read_tags(&BTreeMap::from([
            ("Accelerator".to_owned(), "AWSAccelerator".to_owned()),
            ("owner".to_owned(), "x".to_owned()),
        ]));
        let found: Vec<_> = signs.0.iter().map(|(who, what)| (*who, what.len())).collect();
        assert_eq!(
            found,
            [
                ("Account Factory for Terraform", 2),
                ("CloudFormation StackSets", 1),
                ("Control Tower", 2),
                ("Landing Zone Accelerator", 2),
            ]
        );
    }
}
