//! A host of a vendor, as small as one can be: it takes one account through its whole life, and writes down after each step how
//! far it is, as a CLI does. Started again, it goes on from there. For tests that kill it.
//!
//! `drives-a-vendor STATE DIRECTORY PROGRAM [ARGS]`: ends with 0 when the account is closed, with 3 when a step has not come to its
//! end, which the next run takes up.

#![expect(clippy::print_stderr, reason = "it is a program that says how it ended")]

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use fleet_model::account::{
    AccountClass, BaselinePolicy, BaselineVersion, BillingAccess, Contract,
};
use fleet_model::lifecycle::{AccountLifecycleState, LifecyclePhase};
use fleet_model::name::{Key, Name};
use fleet_vending::aws::preflight::Coming;
use fleet_vending::config::RefreshReadiness;
use fleet_vending::wire::{self, Channel, Connect, Generation, Remote};
use fleet_vending::{
    AccountJob, AccountRequest, Adopt, Memory, NotStarted, Outcome, Past, Phase, Proof, Refusal,
    RunIntent, Vendor,
};
use futures::future::BoxFuture;
use goplugin::host::{Launch, Restarts, Supervisor};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

const KEY: &str = "payments";

const LIMIT: Duration = Duration::from_secs(60);

/// How far it is.
#[derive(Serialize, Deserialize, Default)]
struct State {
    /// Of the steps below.
    step: usize,
    /// Empty: there is no account yet.
    id: String,
}

/// One life: what is asked for, from where.
const STEPS: [(&str, AccountLifecycleState, LifecyclePhase); 5] = [
    ("first", AccountLifecycleState::Active, LifecyclePhase::Active),
    ("renamed", AccountLifecycleState::Active, LifecyclePhase::Active),
    ("renamed", AccountLifecycleState::Frozen, LifecyclePhase::Active),
    ("renamed", AccountLifecycleState::Active, LifecyclePhase::Frozen),
    ("renamed", AccountLifecycleState::Retired, LifecyclePhase::Active),
];

/// A process of the vendor, started anew as often as it takes and without a pause.
struct Process(Supervisor);

impl Connect for Process {
    fn channel(&self) -> BoxFuture<'_, Result<(Channel, Generation), Refusal>> {
        Box::pin(async {
            match self.0.instance().await {
                Ok(instance) => Ok((instance.channel, instance.generation)),
                Err(error) => Err(Refusal::NotStarted(Box::new(NotStarted {
                    vendor: "fake".to_owned(),
                    what: error.to_string(),
                    todo: String::new(),
                }))),
            }
        })
    }
}

fn main() -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(life()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(3)
        }
    }
}

async fn life() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args_os().skip(1);
    let (Some(file), Some(directory), Some(program)) = (words.next(), words.next(), words.next())
    else {
        return Err("drives-a-vendor STATE DIRECTORY PROGRAM [ARGS]".into());
    };
    let file = PathBuf::from(file);
    let arguments: Vec<_> = words.collect();
    let process = || -> Arc<dyn Connect> {
        let mut launch = Launch::new(wire::PROTOCOL, &program);
        launch.args.clone_from(&arguments);
        launch.inherit_env = vec!["PATH".into()];
        let restarts =
            Restarts { starts: 100, within: Duration::from_secs(300), backoff: Duration::ZERO };
        Arc::new(Process(Supervisor::new(launch, restarts)))
    };
    let settings = wire::Settings {
        host_version: "0.1.0".to_owned(),
        json: serde_json::json!({ "directory": directory.to_string_lossy() }).to_string(),
        managed_by: "under-fire".to_owned(),
        max_in_flight: 0,
        refresh: RefreshReadiness::Full,
    };
    let vendor = Remote::new("fake", settings, process(), process());
    let mut state: State = match std::fs::read(&file) {
        Ok(bytes) => serde_json::from_slice(&bytes)?,
        Err(_) => State::default(),
    };
    let cancel = CancellationToken::new();
    while let Some((name, wished, from)) = STEPS.get(state.step) {
        let job = job(name, *wished, *from)?;
        let outcome = if state.id.is_empty() {
            let coming = Coming { key: KEY, email: &job.request.contract.email, named: None };
            vendor.found(&coming, &cancel).await?;
            vendor.vend(&job, LIMIT, &cancel).await?
        } else {
            vendor.look(&job, &state.id, None, LIMIT, &cancel).await?;
            vendor.update(&job, &state.id, LIMIT, &cancel).await?
        };
        state.id.clone_from(&outcome.facts.id);
        let is_done = is_done(&outcome, *wished);
        state.step += usize::from(is_done);
        save(&file, &state)?;
        if !is_done {
            return Err(format!("step {} is not done: {outcome:?}", state.step).into());
        }
    }
    let job = job("renamed", AccountLifecycleState::Retired, LifecyclePhase::Retired)?;
    vendor.close(&job, &state.id, LIMIT, &cancel).await?;
    Ok(())
}

fn is_done(outcome: &Outcome, wished: AccountLifecycleState) -> bool {
    outcome.unfinished.is_none()
        && outcome.failures.is_empty()
        && outcome.lifecycle_phase == wished.phase()
}

/// As a CLI does: whole, or not at all.
fn save(file: &Path, state: &State) -> Result<(), Box<dyn Error>> {
    let new = file.with_extension("new");
    std::fs::write(&new, serde_json::to_vec(state)?)?;
    Ok(std::fs::rename(new, file)?)
}

fn job(
    name: &str,
    lifecycle_state: AccountLifecycleState,
    lifecycle_phase: LifecyclePhase,
) -> Result<AccountJob, Box<dyn Error>> {
    let text = Name::new("fire")?;
    Ok(AccountJob {
        request: AccountRequest {
            contract: Contract {
                vendor: Some("fake".to_owned()),
                key: Key::new(KEY)?,
                name: name.to_owned(),
                email: String::new(),
                account_class: AccountClass::Sandbox,
                environment: text.clone(),
                owner: text.clone(),
                data_classification: text.clone(),
                region_set: BTreeSet::new(),
                network_profile: text.clone(),
                baseline_policy: BaselinePolicy::Sandbox,
                baseline_version: BaselineVersion::default(),
                budget_owner: text,
                gitops_enabled: false,
                controls: BTreeMap::new(),
                identity: None,
                role_name: String::new(),
            },
            parent: None,
            onboarding_parent: None,
            tags: BTreeMap::new(),
            lifecycle_state,
            billing_access: BillingAccess::Allow,
            contacts: BTreeMap::new(),
            settings: None,
        },
        past: Past {
            tags_set_before: BTreeSet::new(),
            lifecycle_phase,
            phase: Phase::Ready,
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
    })
}
