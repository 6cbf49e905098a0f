//! What a refresh of forty accounts costs in each mode, and that the cheap ones miss nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::*;
use crate::aws::account::converge::look::Looked;
use crate::aws::testing::scenarios::job;
use crate::aws::testing::simulation::{Cloud, ROOT};
use crate::outcome::Outcome;
use crate::request::AccountJob;
use crate::unit_path::Parent;
use crate::{Config, Vending};

const LIMIT: Duration = Duration::from_secs(30 * 60);

/// How many OUs the simulated organization has.
const UNITS: usize = 3;

/// A process of its own.
fn process(cloud: &Cloud, mode: RefreshReadiness) -> Vending {
    let config = Config { managed_by: "us".into(), refresh_readiness: mode, ..Config::default() };
    Vending::with_ports(config, cloud.ports())
}

async fn vended(cloud: &Cloud, count: usize) -> Vec<(AccountJob, Outcome)> {
    let vending = process(cloud, RefreshReadiness::Full);
    let mut fleet = Vec::new();
    for n in 0..count {
        let mut job = job(&format!("a{n:02}"));
        // Paths and ids, and more than one OU.
        if n % 2 == 0 {
            job.request.parent = Some(Parent::Path(vec!["Workloads".into(), "Nonprod".into()]));
        }
        let outcome = vending.vend(&job, LIMIT, &CancellationToken::new()).await.unwrap();
        assert!(outcome.ready(), "{:?}", outcome.status_reason);
        job.past.tags_set_before = job.request.tags.keys().cloned().collect();
        job.past.memory.clone_from(&outcome.memory);
        fleet.push((job, outcome));
    }
    fleet
}

/// What the provider does at each refresh; whether the account had to be looked at in full.
async fn refresh(vending: &Vending, job: &AccountJob, known: &Outcome) -> Option<Outcome> {
    let cancel = CancellationToken::new();
    let digest = known.readiness.digest();
    let believed = Believed {
        account_id: &known.facts.id,
        parent_id: &known.facts.parent_id,
        digest: &digest,
    };
    let looked = vending.look(job, &known.facts.id, Some(&believed), LIMIT, &cancel).await;
    looked.unwrap().found()
}

#[tokio::test]
async fn a_refresh_of_forty_costs_one_call_of_organizations_for_each() {
    let cloud = Cloud::new();
    let fleet = vended(&cloud, 40).await;
    for (mode, tags_read, entered) in [
        (RefreshReadiness::Full, 40, 40),
        (RefreshReadiness::Cached, 40, 0),
        (RefreshReadiness::Off, 0, 0),
    ] {
        for landing_zone in [false, true] {
            cloud.world().trusted = BTreeSet::new();
            if landing_zone {
                cloud.with_landing_zone(0);
                for (_, known) in &fleet {
                    cloud.world().tower().registered.insert(known.facts.parent_id.clone());
                    cloud.enrol(&known.facts.id, &known.facts.parent_id);
                }
                cloud.world().now += 60_000;
            }
            cloud.world().calls.clear();
            let vending = process(&cloud, mode);
            for (job, known) in &fleet {
                if let Some(seen) = refresh(&vending, job, known).await {
                    assert_eq!(seen.readiness.digest(), known.readiness.digest());
                    assert!(seen.ready() && seen.work.is_empty(), "{:?}", seen.work);
                }
            }
            let mut calls: BTreeMap<String, usize> = BTreeMap::new();
            for call in &cloud.world().calls {
                *calls.entry(call.clone()).or_default() += 1;
            }
            let mut count = |call: &str| calls.remove(call).unwrap_or(0);
            assert_eq!(count("ListTagsForResource"), tags_read, "{mode:?}");
            assert_eq!(count("AssumeRole"), entered, "{mode:?}");
            for member in ["ListRegions", "GetAccountPasswordPolicy"] {
                assert!(count(member) <= entered, "{mode:?} {member}");
            }
            // The rest is asked once for all: the sweep, the organization, the tree, Control Tower.
            assert!(calls.values().sum::<usize>() <= UNITS + 14, "{mode:?}: {calls:?}");
            assert!(calls["ListAccounts"] == 1 && !calls.contains_key("DescribeAccount"));
        }
    }
}

#[tokio::test]
async fn what_differs_is_looked_at_in_full() {
    let cloud = Cloud::new();
    let fleet = vended(&cloud, 1).await;
    let (job, known) = &fleet[0];
    let id = known.facts.id.clone();
    for mode in [RefreshReadiness::Cached, RefreshReadiness::Off] {
        let seen = async || refresh(&process(&cloud, mode), job, known).await;
        assert!(seen().await.is_none(), "{mode:?}");

        let home = cloud.world().parents.insert(id.clone(), ROOT.into()).unwrap();
        assert!(seen().await.is_some_and(|seen| !seen.ready()), "{mode:?}: moved away");
        cloud.world().parents.insert(id.clone(), home);

        cloud.world().accounts[0].state = AccountState::Suspended;
        assert!(seen().await.is_some_and(|seen| !seen.ready()), "{mode:?}: suspended");
        cloud.world().accounts[0].state = AccountState::Active;

        cloud.world().accounts[0].name = "renamed".into();
        assert!(seen().await.is_some_and(|seen| !seen.work.is_empty()), "{mode:?}: renamed");
        cloud.world().accounts[0].name = job.request.contract.name.clone();

        let gone = cloud.world().tags.get_mut(&id).unwrap().remove("cost-center").unwrap();
        let noticed = seen().await.is_some_and(|seen| !seen.work.is_empty());
        assert_eq!(noticed, mode == RefreshReadiness::Cached, "{mode:?}: a tag is gone");
        cloud.world().tags.get_mut(&id).unwrap().insert("cost-center".into(), gone);
        assert!(seen().await.is_none(), "{mode:?}");
    }
    let gone = process(&cloud, RefreshReadiness::Off);
    cloud.world().accounts.clear();
    let digest = known.readiness.digest();
    let believed = Believed { account_id: &id, parent_id: ROOT, digest: &digest };
    let cancel = CancellationToken::new();
    let looked = gone.look(job, &id, Some(&believed), LIMIT, &cancel).await.unwrap();
    assert!(matches!(looked, Looked::Gone), "it is gone, and no longer believed: {looked:?}");
}
