//! What a plan asks: what stands in the way of its accounts, and what is there already.
//!
//! Accounts that are planned at the same time go in one call, and those that this process planned to create before them go
//! along, so that the vendor sees what they share. Each is told only what is about itself.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fleet_vending_proto::v1beta1 as wire;
use prost::Message as _;

use super::batch::{BYTES, Batch, WINDOW, Waiting, calls};
use super::{Inner, fleet_id_of, refused, request_of};
use crate::aws::account::converge::{Adoption, Inside};
use crate::aws::preflight::{Coming, Finding, Intent, Taken};
use crate::refusal::Refusal;
use crate::request::{AccountJob, Adopt};
use crate::wire::convert::problem::from_message as problem_from;
use crate::wire::convert::{Nonsense, adoption, planned};

/// What this process has planned, and what waits for its call.
#[derive(Default)]
pub(super) struct Plans {
    waiting: Batch<wire::PlannedAccount, Vec<wire::Finding>>,
    planned: Mutex<Planned>,
}

#[derive(Default)]
struct Planned {
    /// The keys of accounts that come in.
    keys: BTreeSet<String>,
    /// The accounts that are to be made, in the order in which they were planned.
    created: Vec<wire::PlannedAccount>,
}

impl Plans {
    fn planned(&self) -> MutexGuard<'_, Planned> {
        self.planned.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The token of a planned account.
fn fleet_id(account: &wire::PlannedAccount) -> String {
    account.request.as_ref().map_or_else(String::new, fleet_id_of)
}

/// Whether it is to be made.
fn is_create(account: &wire::PlannedAccount) -> bool {
    let of = account.request.as_ref().and_then(|of| of.r#ref.as_ref());
    of.is_some_and(|of| of.native_id.is_empty())
}

/// Of the findings of a call those that one account is told: what is about it, and what it shares with one that was planned
/// before it. `order` has the accounts as they were planned.
fn told(own: &str, findings: &[wire::Finding], order: &[String]) -> Vec<wire::Finding> {
    let place = |id: &String| order.iter().position(|of| of == id);
    let own_place = place(&own.to_owned());
    findings
        .iter()
        .filter(|of| of.fleet_id.is_empty() || of.fleet_id == own)
        .filter(|of| {
            of.shared_with.is_empty() || of.shared_with.iter().any(|id| place(id) < own_place)
        })
        .cloned()
        .collect()
}

impl Inner {
    /// What stands in the way of a planned account.
    pub(super) async fn findings(
        self: &Arc<Self>,
        job: Option<&AccountJob>,
        intent: &Intent,
    ) -> Result<Vec<Finding>, Refusal> {
        let key = intent.key.as_deref().unwrap_or_default();
        // Two accounts of one key would be one to the vendor.
        if !key.is_empty() && !self.plans.planned().keys.insert(key.to_owned()) {
            return Ok(vec![Finding::KeyTwice { key: key.to_owned() }]);
        }
        let client = self.looking().await?;
        let known = planned::request_of(intent);
        let asked = match job {
            Some(job) => wire::PlannedAccount {
                request: Some(request_of(job, intent.account_id.as_deref(), &client.described)),
                adopt: matches!(job.intent.adopt, Adopt::Any | Adopt::This(_)),
                unknown_arguments: Vec::new(),
                ..known
            },
            None => known,
        };
        let said = if fleet_id(&asked).is_empty() {
            // Whose a finding is shows by its key.
            self.preflight(vec![asked]).await?.findings
        } else {
            self.preflight_with_others(asked).await?
        };
        let finding = |of: wire::Finding| Finding::Problem {
            problem: Box::new(problem_from(&self.name, &of.problem.unwrap_or_default())),
            blocks: of.blocks,
        };
        Ok(said.into_iter().map(finding).collect())
    }

    async fn preflight_with_others(
        self: &Arc<Self>,
        account: wire::PlannedAccount,
    ) -> Result<Vec<wire::Finding>, Refusal> {
        let (answer, is_first) = self.plans.waiting.join(account);
        if is_first {
            let inner = Arc::clone(self);
            // A task of its own: whoever came first may be cancelled, and the others wait on.
            tokio::spawn(async move {
                inner.clock.sleep(WINDOW).await;
                for call in calls(inner.plans.waiting.take(), usize::MAX, |of| of.encoded_len()) {
                    inner.preflight_call(call).await;
                }
            });
        }
        self.heard_of(answer).await
    }

    async fn preflight_call(&self, call: Vec<Waiting<wire::PlannedAccount, Vec<wire::Finding>>>) {
        let (accounts, tellers): (Vec<_>, Vec<_>) =
            call.into_iter().map(|of| (of.question, of.teller)).unzip();
        let own: Vec<String> = accounts.iter().map(fleet_id).collect();
        let mut all = {
            let mut planned = self.plans.planned();
            let mut bytes = 0;
            let fits = |of: &&wire::PlannedAccount| {
                bytes += of.encoded_len();
                bytes <= BYTES
            };
            let before: Vec<_> = planned.created.iter().take_while(fits).cloned().collect();
            planned.created.extend(accounts.iter().filter(|of| is_create(of)).cloned());
            before
        };
        all.extend(accounts);
        let order: Vec<String> = all.iter().map(fleet_id).collect();
        let answer = self.preflight(all).await;
        for (teller, own) in tellers.into_iter().zip(own) {
            let answer = answer.as_ref().map(|answer| told(&own, &answer.findings, &order));
            // Whoever asked may have gone.
            let _is_heard = teller.send(answer.map_err(Clone::clone)).is_ok();
        }
    }

    /// The account of ours that a create would find again.
    pub(super) async fn found(&self, coming: &Coming<'_>) -> Result<Option<Taken>, Refusal> {
        let said = self.preflight(vec![planned::of_coming(coming)]).await?;
        let taken = planned::taken_from(coming.key, said.existing);
        taken.map_err(|nonsense| refused(self.broken(&nonsense)))
    }

    /// What of ours is in it.
    pub(super) async fn inside(
        &self,
        job: &AccountJob,
        account_id: &str,
    ) -> Result<Inside, Refusal> {
        let client = self.looking().await?;
        let asked = wire::PlannedAccount {
            request: Some(request_of(job, None, &client.described)),
            known_native_id: account_id.to_owned(),
            ..wire::PlannedAccount::default()
        };
        let said = self.preflight(vec![asked]).await?;
        let inside = planned::inside_from(account_id, said.existing);
        inside.map_err(|nonsense| refused(self.broken(&nonsense)))
    }

    /// What taking an account over would change.
    pub(super) async fn adoption(&self, job: &AccountJob) -> Result<Option<Adoption>, Refusal> {
        use wire::adopt_response::Result as Said;
        let mut client = self.looking().await?;
        let native_id = job.intent.adopt.planned().cloned().unwrap_or_default();
        let request = Some(request_of(job, None, &client.described));
        let answer = client.rpc.adopt(wire::AdoptRequest { request, native_id }).await;
        let answer =
            answer.map_err(|status| refused(self.ended("Adopt", &status).into_problem()))?;
        match answer.into_inner().result {
            Some(Said::Adoption(said)) => {
                let read = adoption::from_message(said, job.request.contract.key.as_str());
                read.map(Some).map_err(|nonsense| refused(self.broken(&nonsense)))
            }
            Some(Said::Nothing(_)) => Ok(None),
            Some(Said::Problem(problem)) => Err(refused(problem_from(&self.name, &problem))),
            None => Err(refused(self.broken(&Nonsense("an empty answer".to_owned())))),
        }
    }

    async fn preflight(
        &self,
        accounts: Vec<wire::PlannedAccount>,
    ) -> Result<wire::PreflightResponse, Refusal> {
        let mut client = self.looking().await?;
        let answer = client.rpc.preflight(wire::PreflightRequest { accounts }).await;
        match answer {
            Ok(answer) => Ok(answer.into_inner()),
            Err(status) => Err(refused(self.ended("Preflight", &status).into_problem())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_that_share_something_the_later_is_told() {
        let finding = |of: &str, shared: &[&str]| wire::Finding {
            fleet_id: of.to_owned(),
            shared_with: shared.iter().map(|of| (*of).to_owned()).collect(),
            ..wire::Finding::default()
        };
        let findings = [
            finding("a", &["b"]),
            finding("b", &["a"]),
            finding("b", &[]),
            finding("", &[]),
            finding("c", &["nobody that was asked about"]),
        ];
        let order = ["b", "a", "c"].map(str::to_owned);
        let heard = |own: &str| told(own, &findings, &order);
        assert_eq!(heard("a"), [findings[0].clone(), findings[3].clone()]);
        assert_eq!(heard("b"), [findings[2].clone(), findings[3].clone()]);
        // Nobody knows who that is, so it is told.
        assert_eq!(heard("c"), [findings[3].clone(), findings[4].clone()]);
    }
}
