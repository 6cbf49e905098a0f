//! The engine against the simulated cloud: each invariant of DESIGN.md, and what crashes, lags and
//! other people do to a create.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use fleet_model::account::{
    AccountClass, BaselinePolicy, BaselineVersion, BillingAccess, Contract, ControlMode,
};
use fleet_model::lifecycle::{AccountLifecycleState, LifecyclePhase};
use fleet_model::name::{Key, Name};
use fleet_model::readiness::Verdict;
use fleet_model::tags;
use futures::future::join_all;
use tokio_util::sync::CancellationToken;

use super::simulation::{Cloud, Fault, NONPROD, ORGANIZATION, PROD, ROOT};
use crate::Vending;
use crate::aws::api::{AccountState, Clock as _, NotCreated};
use crate::config::Config;
use crate::error::Kind;
use crate::memory::Memory;
use crate::outcome::{Attempt, Facts, Outcome, Unfinished};
use crate::phase::Phase;
use crate::proof::Proof;
use crate::refusal::Refusal;
use crate::request::{AccountJob, AccountRequest, Adopt, Past, RunIntent};
use crate::unit_path::Parent;

mod adopt;
mod confinement;
mod control_tower;
mod crash;
mod denials;
mod duplicates;
mod found;
mod freeze;
mod guardrails;
mod held;
mod histories;
mod interleaving;
mod journal;
mod lives;
mod lives_of_two;
mod look_up;
mod not_created;
mod onboarding;
mod phases;
mod progress;
mod settings;
mod shed;
mod stopping;
mod turns;
mod undo;
mod units_of_two;
mod unread;

pub(crate) const LIMIT: Duration = Duration::from_secs(30 * 60);

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

pub(crate) fn job(key: &str) -> AccountJob {
    let mode = |control: &str, mode| (control.to_owned(), mode);
    AccountJob {
        request: AccountRequest {
            contract: Contract {
                vendor: None,
                key: Key::new(key).unwrap(),
                name: key.to_owned(),
                email: format!("aws+{key}@example.com"),
                account_class: AccountClass::ProdWorkloads,
                environment: name("prod"),
                owner: name("payments"),
                data_classification: name("internal"),
                region_set: BTreeSet::from(["ap-southeast-1".to_owned()]),
                network_profile: name("private"),
                baseline_policy: BaselinePolicy::ProdRestricted,
                baseline_version: BaselineVersion::default(),
                budget_owner: name("payments"),
                gitops_enabled: true,
                controls: BTreeMap::from([
                    mode("access-roles", ControlMode::Ignore),
                    mode("oidc-trust", ControlMode::Ignore),
                    mode("organization-policies", ControlMode::Ignore),
                ]),
                identity: None,
                role_name: "OrganizationAccountAccessRole".to_owned(),
            },
            parent: Some(Parent::Id(PROD.to_owned())),
            onboarding_parent: None,
            tags: BTreeMap::from([("cost-center".to_owned(), "4711".to_owned())]),
            lifecycle_state: AccountLifecycleState::Active,
            billing_access: BillingAccess::Allow,
            contacts: BTreeMap::new(),
            settings: None,
        },
        past: Past {
            tags_set_before: BTreeSet::new(),
            lifecycle_phase: LifecyclePhase::Active,
            phase: Phase::Created,
            closing_since: None,
            memory: Memory::default(),
            contacts_set_before: BTreeMap::new(),
            vendor: None,
        },
        intent: RunIntent {
            adopt: Adopt::No,
            seen_in: None,
            email_step: None,
            proof: Proof::not_needed(),
        },
    }
}

pub(crate) fn vending(cloud: &Cloud, managed_by: &str) -> Vending {
    let config = Config { managed_by: managed_by.to_owned(), ..Config::default() };
    Vending::with_ports(config, cloud.ports())
}

pub(crate) async fn vend(cloud: &Cloud, job: &AccountJob) -> Result<Outcome, Refusal> {
    vending(cloud, "us").vend(job, LIMIT, &CancellationToken::new()).await
}

/// Applied again as the state says it was before.
async fn update(cloud: &Cloud, job: &AccountJob, id: &str) -> Outcome {
    vending(cloud, "us").update(job, id, LIMIT, &CancellationToken::new()).await.unwrap()
}

/// The job of the next run after one that came to its end: what the state and the memory beside it say then.
fn goes_on(job: &AccountJob, outcome: &Outcome) -> AccountJob {
    AccountJob {
        past: Past {
            lifecycle_phase: outcome.lifecycle_phase,
            phase: outcome.phase,
            closing_since: outcome.closing_since,
            memory: outcome.memory.clone(),
            tags_set_before: job.request.tags.keys().cloned().collect(),
            ..job.past.clone()
        },
        intent: RunIntent { seen_in: Some(outcome.facts.parent_id.clone()), ..job.intent.clone() },
        ..job.clone()
    }
}

fn holding(cloud: &Cloud, email: &str) -> usize {
    cloud.world().accounts.iter().filter(|of| of.email == email).count()
}

pub(crate) async fn vended() -> (Cloud, AccountJob, Outcome) {
    let cloud = Cloud::new();
    let mut job = job("payments");
    let outcome = vend(&cloud, &job).await.unwrap();
    job.past.tags_set_before = job.request.tags.keys().cloned().collect();
    (cloud, job, outcome)
}

pub(crate) async fn look(cloud: &Cloud, job: &AccountJob, id: &str) -> Option<Outcome> {
    let cancel = CancellationToken::new();
    vending(cloud, "us").look(job, id, None, LIMIT, &cancel).await.unwrap().found()
}
