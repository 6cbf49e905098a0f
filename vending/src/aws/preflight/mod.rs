//! Preflight: what AWS would refuse of a planned account, told at plan, everything at once.
//!
//! It costs the calls that a process makes once, however many accounts it plans, and one reading of
//! tags for each email that is taken. What may not be read is no obstacle: that check is named, and
//! the plan goes on. Nothing is decided here; apply looks again, fresh.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::account::{BaselinePolicy, Contract};
use fleet_model::tags as fleet_tags;

use crate::aws::account::create;
use crate::aws::account::create::state::{Decision, Lookup, Search};
use crate::aws::account::ownership;
use crate::aws::api::{Account, AccountId, Organization, Ports};
use crate::aws::controls::organization_policies::News;
use crate::aws::deadline::Patience;
use crate::aws::organization::parent;
use crate::aws::organization::shared::Shared;
use crate::config::Config;
use crate::error::Error;
use crate::problem::Problem;
use crate::refusal::Refusal;
use crate::region;
use crate::unit_path::Parent;

mod found;
mod headroom;
mod landing_zone;
pub(super) mod memory;
mod quota;
mod tag_policy;
#[cfg(test)]
mod tests;

pub use found::{Coming, Taken};
pub use headroom::{Guard, Guarded};
pub use landing_zone::{Hindrance, Ungoverned};
use memory::Census;
pub use quota::Quota;
use tag_policy::TagPolicy;
pub use tag_policy::Violation;

/// What a plan knows of an account that it creates or changes. What is not known yet, or does not
/// change, is `None` and passes.
#[derive(Debug, Clone, Default)]
pub struct Intent {
    /// There is no account yet.
    pub create: bool,
    /// The account, if there is one.
    pub account_id: Option<String>,
    /// The key under which it comes in.
    pub key: Option<String>,
    /// The root user's address.
    pub email: Option<String>,
    /// Where it is to belong.
    pub parent: Option<Parent>,
    /// Where it is to get its baseline before.
    pub onboarding_parent: Option<Parent>,
    /// The user's tags, default tags merged in.
    pub tags: Option<BTreeMap<String, String>>,
    /// The regions that are to be used; empty where they do not change.
    pub regions: BTreeSet<String>,
    /// The arguments that only work where all features of the organization are enabled.
    pub needs_all_features: Vec<&'static str>,
    /// The contract of a new account, where its profile's policies are somebody else's to attach.
    pub verifies: Option<Box<Contract>>,
    /// Why policies may be attached to the account that there is.
    pub guarded: Option<Guarded>,
    /// The account's contract, where its profile's policies are ours to keep, and where the account belongs; `None`: in the root.
    pub keeps: Option<(Box<Contract>, Option<Parent>)>,
    /// What is remembered of the account.
    pub remembered: crate::memory::Memory,
    /// The units that it is moved into, and the arguments that name them.
    pub enters: Vec<(&'static str, Parent)>,
}

/// Something that stands in the way of a planned account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// Another block of this configuration has the key.
    KeyTwice {
        /// The key.
        key: String,
    },
    /// Another block of this configuration has the email.
    EmailTwice {
        /// The email.
        email: String,
    },
    /// The email is taken by an account that is not ours to go on with.
    Email(Refusal),
    /// The new email of an account is that of another one.
    EmailTaken {
        /// The email.
        email: String,
        /// The id of the account that has it.
        by: String,
    },
    /// There is no such parent.
    Parent(Refusal),
    /// There is no such onboarding parent.
    OnboardingParent(Refusal),
    /// AWS has no such region.
    NoSuchRegion {
        /// Its name.
        name: String,
        /// The regions whose names look most like it.
        near: Vec<String>,
    },
    /// The account quota.
    Quota(Quota),
    /// A tag policy is enforced that the tags break.
    TagPolicy(Violation),
    /// The organization has only consolidated billing.
    Features {
        /// The arguments that need all features.
        needed_by: Vec<&'static str>,
    },
    /// There is no room for the policies that would be attached.
    Headroom {
        /// The argument that asks for it.
        asked_by: &'static str,
        /// The account.
        account_id: String,
        /// How many are attached.
        attached: usize,
        /// How many more would be.
        more: usize,
        /// How many AWS attaches.
        most: usize,
    },
    /// The account would never be ready: nobody has attached the policies that its profile wants.
    Unguarded {
        /// The names of the policies.
        missing: Vec<String>,
        /// Whether the organization has service control policies switched on.
        enabled: bool,
    },
    /// Control Tower would not govern the account.
    Ungoverned(Ungoverned),
    /// A vendor at the other end of a wire says so.
    Problem {
        /// What.
        problem: Box<Problem>,
        /// Whether the apply would fail.
        blocks: bool,
    },
    /// The policies of this profile change for more than the account. Each is said once per process.
    Guardrails {
        /// The profile.
        profile: BaselinePolicy,
        /// What changes.
        news: Vec<News>,
    },
    /// A check could not be made. Said once per process and check.
    Unchecked {
        /// What was to be checked.
        check: &'static str,
        /// Why it was not.
        error: Error,
    },
}

/// A preflight of one account.
pub(crate) struct Preflight<'a> {
    pub(crate) ports: &'a Ports,
    pub(crate) shared: &'a Shared,
    pub(crate) config: &'a Config,
    pub(crate) patience: Patience,
}

impl Preflight<'_> {
    /// Everything that stands in the way, in the order of the arguments.
    pub(crate) async fn findings(&self, intent: &Intent) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut unchecked = Vec::new();
        if intent.create {
            let (twice, emails) = self.shared.preflight.plan_account(intent);
            findings.extend(twice);
            let census = self.census().await;
            self.check_accounts(intent, &emails, census, &mut findings, &mut unchecked).await;
        } else {
            findings.extend(self.shared.preflight.plan_key(intent));
            match self.new_email(intent).await {
                Ok(finding) => findings.extend(finding),
                Err(error) => unchecked.push(("whether the new email is taken", error)),
            }
        }
        if let Some(parent) = &intent.parent {
            match self.patience.within(self.resolve(parent)).await {
                Ok(None) => {}
                Ok(Some(refusal)) => findings.push(Finding::Parent(refusal)),
                Err(error) => unchecked.push(("whether the parent exists", error)),
            }
        }
        if let Some(parent) = &intent.onboarding_parent {
            match self.patience.within(self.resolve(parent)).await {
                Ok(None) => {}
                Ok(Some(refusal)) => findings.push(Finding::OnboardingParent(refusal)),
                Err(error) => unchecked.push(("whether the onboarding parent exists", error)),
            }
        }
        match self.patience.within(self.ungoverned(intent)).await {
            Ok(found) => findings.extend(found),
            Err(error) => unchecked.push(("whether Control Tower enrols the account", error)),
        }
        match self.unknown_regions(&intent.regions).await {
            Ok(unknown) => findings.extend(unknown),
            Err(error) => unchecked.push(("whether the regions exist", error)),
        }
        if let Some(tags) = &intent.tags {
            match self.tag_policy().await {
                Ok(Some(policy)) => {
                    findings.extend(policy.violations(tags).into_iter().map(Finding::TagPolicy));
                }
                Ok(None) => {}
                Err(error) => {
                    unchecked.push(("whether a tag policy refuses the tags", error.clone()));
                }
            }
        }
        if let Some(contract) = &intent.verifies {
            let lacking = self.unguarded(contract, intent.parent.as_ref());
            match self.patience.within(lacking).await {
                Ok(finding) => findings.extend(finding),
                Err(error) => {
                    unchecked.push(("which service control policies are attached", error));
                }
            }
        }
        if let (Some(guarded), Some(account_id)) = (&intent.guarded, &intent.account_id) {
            let looking = async {
                self.headroom(&AccountId::given(account_id)?, guarded, &intent.remembered).await
            };
            match self.patience.within(looking).await {
                Ok(finding) => findings.extend(finding),
                Err(error) => {
                    unchecked.push(("whether there is room for service control policies", error));
                }
            }
        }
        if let Some((contract, parent)) = &intent.keeps {
            let looking = async {
                let account_id = intent.account_id.as_deref().map(AccountId::given).transpose()?;
                self.news(account_id.as_ref(), contract, parent.as_ref(), &intent.remembered).await
            };
            match self.patience.within(looking).await {
                Ok(news) => {
                    let news = self.shared.preflight.first_news(news);
                    let profile = contract.baseline_policy;
                    findings.extend(
                        (!news.is_empty()).then_some(Finding::Guardrails { profile, news }),
                    );
                }
                Err(error) => {
                    unchecked.push(("which service control policies change", error));
                }
            }
        }
        findings.extend(self.shared.preflight.first_said(unchecked));
        findings
    }

    async fn census(&self) -> &Census {
        let asking = || async {
            let accounts = self.patience.within(self.shared.sweep(self.ports));
            let organization =
                self.patience.within(async { self.shared.organization(self.ports).await.cloned() });
            let quota = self.patience.within(self.ports.quotas.accounts());
            let (accounts, organization, quota) = futures::join!(accounts, organization, quota);
            Census { accounts, organization, quota }
        };
        self.shared.preflight.census.get_or_init(asking).await
    }

    async fn tag_policy(&self) -> &Result<Option<TagPolicy>, Error> {
        let asking = || async {
            let asked = self.ports.organizations.effective_tag_policy();
            Ok(self.patience.within(asked).await?.as_deref().and_then(TagPolicy::parse))
        };
        self.shared.preflight.tag_policy.get_or_init(asking).await
    }

    /// Those of the regions that AWS does not have. It is only asked about regions that are new to this version.
    async fn unknown_regions(&self, regions: &BTreeSet<String>) -> Result<Vec<Finding>, Error> {
        let doubtful: Vec<&String> = regions
            .iter()
            .filter(|name| region::standing(name) != region::Standing::Known)
            .collect();
        if doubtful.is_empty() {
            return Ok(Vec::new());
        }
        let asking = || async { self.patience.within(self.ports.regions.of_caller()).await };
        let all = self.shared.preflight.regions.get_or_init(asking).await.as_ref();
        let all = all.map_err(Clone::clone)?;
        let missing = doubtful.into_iter().filter(|name| !all.contains_key(*name));
        Ok(missing
            .map(|name| Finding::NoSuchRegion { name: name.clone(), near: region::near(name) })
            .collect())
    }

    /// What the accounts that are there, and their quota, say of a new one.
    async fn check_accounts(
        &self,
        intent: &Intent,
        emails: &[Option<String>],
        census: &Census,
        findings: &mut Vec<Finding>,
        unchecked: &mut Vec<(&'static str, Error)>,
    ) {
        match &census.organization {
            Ok(of) if of.feature_set == "CONSOLIDATED_BILLING" => {
                let needed_by = intent.needs_all_features.clone();
                if !needed_by.is_empty() {
                    findings.push(Finding::Features { needed_by });
                }
            }
            Ok(_) => {}
            Err(error) => unchecked.push(("which features the organization has", error.clone())),
        }
        let accounts = match &census.accounts {
            Ok(accounts) => accounts,
            Err(error) => {
                unchecked.push(("whether the email is taken", error.clone()));
                return unchecked.push(("the account quota", error.clone()));
            }
        };
        let taken = intent
            .email
            .as_ref()
            .and_then(|email| accounts.values().find(|of| of.email.eq_ignore_ascii_case(email)));
        match (taken, &census.organization) {
            (Some(account), Ok(organization)) => {
                match self.patience.within(self.judge(intent, account, organization)).await {
                    Ok(refusal) => findings.extend(refusal.map(Finding::Email)),
                    Err(error) => unchecked.push(("whose account has the email", error)),
                }
            }
            // Not known whose: the create looks again.
            (Some(_), Err(_)) => {}
            (None, _) => match &census.quota {
                Ok(quota) => {
                    let found = quota::check(accounts.values(), emails, *quota);
                    findings.extend(found.map(Finding::Quota));
                }
                Err(error) => unchecked.push(("the account quota", error.clone())),
            },
        }
    }

    /// What the create would decide about the account that has the email: the same rule at plan and
    /// in apply. Without a key it cannot be told from another one of ours.
    async fn judge(
        &self,
        intent: &Intent,
        account: &Account,
        organization: &Organization,
    ) -> Result<Option<Refusal>, Error> {
        let Some(key) = &intent.key else { return Ok(None) };
        let found = self.ports.organizations.tags(&account.id).await?;
        let fleet_id = fleet_tags::fleet_id(&organization.id, key);
        let holder = ownership::holder(&found, &self.config.managed_by, &fleet_id);
        let lookup = Lookup {
            now: self.patience.now(),
            in_progress: None,
            by_email: Some((account.clone(), holder)),
            by_id: None,
            duplicate: None,
            ended: None,
        };
        Ok(match create::decide::found(Search::default(), &lookup) {
            Decision::Refuse(refusal) => Some(refusal),
            _ => None,
        })
    }

    /// Why there is no such parent. A path may name an OU that this plan makes.
    async fn resolve(&self, parent: &Parent) -> Result<Option<Refusal>, Error> {
        match parent::resolve(self.ports, self.shared, parent).await {
            Ok(_) => Ok(None),
            Err(Refusal::Call(error)) => Err(error),
            Err(refusal) => {
                let coming = match parent {
                    Parent::Path(names) => self.shared.preflight.plans_one_of(names),
                    Parent::Id(_) => false,
                };
                Ok((!coming).then_some(refusal))
            }
        }
    }

    /// Whether another account of the organization has the new email.
    async fn new_email(&self, intent: &Intent) -> Result<Option<Finding>, Error> {
        let Some(email) = &intent.email else { return Ok(None) };
        let accounts = self.patience.within(self.shared.sweep(self.ports)).await?;
        let other = accounts.values().find(|of| {
            of.email.eq_ignore_ascii_case(email)
                && intent.account_id.as_deref() != Some(of.id.as_str())
        });
        let taken =
            |of: &Account| Finding::EmailTaken { email: email.clone(), by: of.id.to_string() };
        Ok(other.map(taken))
    }
}
