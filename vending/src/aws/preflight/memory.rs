//! What a process knows and has planned already.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OnceCell;

use super::tag_policy::TagPolicy;
use super::{Finding, Intent};
use crate::aws::api::member::RegionStatuses;
use crate::aws::api::{Account, AccountId, Organization};
use crate::aws::controls::organization_policies::News;
use crate::duplicate::AllClaims;
use crate::error::{Error, Kind};

/// What a process keeps for its preflights. Unlike the sweep it outlives the process's own writes:
/// the plan of one account inside of an apply must not meet what that apply made a moment ago.
#[derive(Default)]
pub(crate) struct Memory {
    pub(super) census: OnceCell<Census>,
    pub(super) claims: OnceCell<Result<AllClaims, Error>>,
    pub(super) tag_policy: OnceCell<Result<Option<TagPolicy>, Error>>,
    pub(super) regions: OnceCell<Result<RegionStatuses, Error>>,
    pub(super) plans: Mutex<Plans>,
}

/// The organization as it was when the first account was planned.
pub(super) struct Census {
    pub(super) accounts: Result<Arc<BTreeMap<AccountId, Account>>, Error>,
    pub(super) organization: Result<Organization, Error>,
    pub(super) quota: Result<u64, Error>,
}

/// What this process has planned so far.
#[derive(Default)]
pub(super) struct Plans {
    pub(super) keys: BTreeSet<String>,
    /// Emails of accounts to create, lower case; `None` for one that is not known yet.
    pub(super) emails: Vec<Option<String>>,
    /// Names of OUs to make.
    pub(super) units: BTreeSet<String>,
    /// The checks that were said to be impossible.
    pub(super) unchecked: BTreeSet<&'static str>,
    /// The names of the policies of which it was said what changes.
    pub(super) policies: BTreeSet<String>,
}

impl Memory {
    pub(super) fn plans(&self) -> MutexGuard<'_, Plans> {
        self.plans.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was planned belongs to another plan.
    pub(crate) fn forget_plans(&self) {
        *self.plans() = Plans::default();
    }

    /// An OU of this name is planned: a path that names it is not wrong for its absence.
    pub(crate) fn plan_unit(&self, name: &str) {
        self.plans().units.insert(name.to_owned());
    }

    /// Whether an OU is planned that one of these names may mean.
    pub(crate) fn plans_one_of(&self, names: &[String]) -> bool {
        let plans = self.plans();
        names.iter().any(|name| plans.units.contains(name))
    }

    /// Enters the key of an account that comes in.
    pub(super) fn plan_key(&self, intent: &Intent) -> Vec<Finding> {
        let twice = intent.key.iter().filter(|key| !self.plans().keys.insert((*key).clone()));
        twice.map(|key| Finding::KeyTwice { key: key.clone() }).collect()
    }

    /// Enters an account to be created. Gives what it shares with those before it, and the emails of
    /// all, its own last.
    pub(super) fn plan_account(&self, intent: &Intent) -> (Vec<Finding>, Vec<Option<String>>) {
        let mut findings = self.plan_key(intent);
        let mut plans = self.plans();
        let email = intent.email.as_ref().map(|email| email.to_ascii_lowercase());
        if email.is_some() && plans.emails.contains(&email) {
            let email = intent.email.clone().unwrap_or_default();
            findings.push(Finding::EmailTwice { email });
        }
        plans.emails.push(email);
        (findings, plans.emails.clone())
    }

    /// Keeps of the news those that were not said before.
    pub(super) fn first_news(&self, mut news: Vec<News>) -> Vec<News> {
        let mut plans = self.plans();
        news.retain(|of| {
            let name = match of {
                News::Rewritten(text) => text.name.clone(),
                News::Beside { own, .. } => own.clone(),
                // Said of an account to come, it takes nothing away from what is said of those that have the policy.
                News::Held(text) => format!("{} held", text.name),
            };
            plans.policies.insert(name)
        });
        news
    }

    /// Keeps of the checks that could not be made those that were not said before.
    pub(super) fn first_said(&self, unchecked: Vec<(&'static str, Error)>) -> Vec<Finding> {
        let mut plans = self.plans();
        unchecked
            .into_iter()
            .filter(|(check, error)| error.kind != Kind::Cancelled && plans.unchecked.insert(check))
            .map(|(check, error)| Finding::Unchecked { check, error })
            .collect()
    }
}
