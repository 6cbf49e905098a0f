//! What the host asks of a vendor, as calls over the wire.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use fleet_model::lifecycle::{AccountLifecycleState, LifecyclePhase};
use fleet_vending_proto::v1beta1 as wire;
use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use super::drive::{Came, Change, Drive};
use super::stream::Known;
use super::{Inner, Remote, only_ref, refused, request_of, stopped_or};
use crate::aws::account::converge::look::Looked;
use crate::aws::account::converge::{Adoption, Inside};
use crate::aws::account::refresh::Believed;
use crate::aws::organization::standing::Standing;
use crate::aws::preflight::{Coming, Finding, Intent, Taken};
use crate::duplicate::Duplicate;
use crate::error::Kind;
use crate::outcome::{Facts, LetGo, Outcome};
use crate::problem::Class;
use crate::refusal::{Refusal, Task};
use crate::request::{AccountJob, Past};
use crate::vendor::{Answer, Description, Vendor};
use crate::wire::convert::outcome;

impl Vendor for Remote {
    fn name(&self) -> &str {
        &self.0.name
    }

    /// Where its accounts rest is the vendor's to say: none has to be frozen before it is retired.
    fn has_quarantine(&self) -> bool {
        false
    }

    fn describe<'a>(
        &'a self,
        cancel: &'a CancellationToken,
    ) -> Answer<'a, Option<Arc<Description>>> {
        Box::pin(async move {
            let told = cancel.run_until_cancelled(self.described()).await;
            let Some(told) = told else {
                return Err(Refusal::Stopped { waiting_for: "a vendor that starts".to_owned() });
            };
            told.map(Some)
        })
    }

    fn vend<'a>(
        &'a self,
        job: &'a AccountJob,
        limit: Duration,
        cancel: &'a CancellationToken,
    ) -> Answer<'a, Outcome> {
        Box::pin(async move {
            let mut known = Known::default();
            let drive = Drive { job, change: Change::Advance, limit, cancel };
            let came = self.0.drive(&drive, &mut known).await?;
            let id = known.native_id.as_deref();
            let problem = match came {
                Came::To(told) => match outcome::from_message(*told, self.0.asked(job, id)) {
                    Ok(outcome) => return Ok(outcome),
                    Err(nonsense) => self.0.broken(&nonsense),
                },
                Came::Refused(problem) => return Err(refused(problem)),
                Came::Gone => self.0.problem(
                    Class::Call(Kind::NotFound),
                    "the account that it made is not there any more".to_owned(),
                ),
                Came::Untold(problem) => problem,
            };
            // Once there is an id, nothing makes the state forget the account.
            match id {
                Some(id) => Ok(outcome::only_id(self.0.asked(job, None), id, &problem)),
                None => Err(stopped_or(problem)),
            }
        })
    }

    fn update<'a>(
        &'a self,
        job: &'a AccountJob,
        account_id: &'a str,
        limit: Duration,
        cancel: &'a CancellationToken,
    ) -> Answer<'a, Outcome> {
        Box::pin(async move {
            let target = job.request.lifecycle_state.phase();
            if target == job.past.lifecycle_phase
                || job.past.lifecycle_phase == LifecyclePhase::Closed
            {
                return self.0.change(job, account_id, Change::Advance, limit, cancel).await;
            }
            if job.request.lifecycle_state == AccountLifecycleState::Retired
                && !job.intent.proof.holds()
            {
                return Err(Refusal::NotProven { object: format!("account {account_id}") });
            }
            let end = self.0.after(limit);
            let step = Change::Transition(match job.request.lifecycle_state {
                AccountLifecycleState::Active => wire::LifecycleState::Active,
                AccountLifecycleState::Frozen => wire::LifecycleState::Frozen,
                AccountLifecycleState::Retired => wire::LifecycleState::Retired,
            });
            let outcome = self.0.change(job, account_id, step, limit, cancel).await?;
            let is_done = outcome.lifecycle_phase == target && outcome.failures.is_empty();
            if !is_done || outcome.unfinished.is_some() || outcome.work.is_empty() {
                return Ok(outcome);
            }
            // The step is taken; what else was asked for goes on from there.
            let on = AccountJob {
                past: Past {
                    lifecycle_phase: target,
                    phase: outcome.phase,
                    closing_since: outcome.closing_since,
                    vendor: outcome.vendor.remembered.clone(),
                    ..job.past.clone()
                },
                ..job.clone()
            };
            let left = end.duration_since(self.0.clock.now());
            let left = Duration::try_from(left).unwrap_or(Duration::ZERO);
            self.0.change(&on, account_id, Change::Advance, left, cancel).await
        })
    }

    fn look<'a>(
        &'a self,
        job: &'a AccountJob,
        account_id: &'a str,
        believed: Option<&'a Believed<'a>>,
        limit: Duration,
        cancel: &'a CancellationToken,
    ) -> Answer<'a, Looked> {
        let looking = async move {
            let client = self.0.looking().await?;
            let id = Some(account_id).filter(|id| !id.is_empty());
            let account = wire::ObserveAccount {
                request: Some(request_of(job, id, &client.described)),
                believed_digest: believed.map_or_else(String::new, |of| of.digest.to_owned()),
            };
            let found = self.0.observe_with_others(account).await?;
            self.0.looked(job, id, believed.is_some(), found)
        };
        Box::pin(self.0.within(looking, limit, cancel))
    }

    fn release<'a>(
        &'a self,
        job: &'a AccountJob,
        account_id: &'a str,
        limit: Duration,
        cancel: &'a CancellationToken,
    ) -> Answer<'a, LetGo> {
        let target = wire::LifecycleState::Released;
        Box::pin(self.0.let_go(job, account_id, target, limit, cancel))
    }

    fn close<'a>(
        &'a self,
        job: &'a AccountJob,
        account_id: &'a str,
        limit: Duration,
        cancel: &'a CancellationToken,
    ) -> Answer<'a, LetGo> {
        let target = wire::LifecycleState::Closed;
        Box::pin(self.0.let_go(job, account_id, target, limit, cancel))
    }

    fn facts<'a>(
        &'a self,
        account_id: &'a str,
        cancel: &'a CancellationToken,
    ) -> Answer<'a, Option<Facts>> {
        let looking = async move {
            let account = wire::ObserveAccount {
                request: Some(only_ref(account_id)),
                believed_digest: String::new(),
            };
            let found = self.0.look_at(vec![account], wire::Depth::Exists).await;
            let found = found?.pop().and_then(|of| of.result);
            self.0.facts_in(account_id, found)
        };
        Box::pin(self.0.within(looking, LOOK, cancel))
    }

    fn tags<'a>(
        &'a self,
        account_id: &'a str,
        cancel: &'a CancellationToken,
    ) -> Answer<'a, BTreeMap<String, String>> {
        Box::pin(async move {
            match self.facts(account_id, cancel).await? {
                Some(facts) => Ok(facts.tags),
                None => Err(Refusal::NoSuchObject { object: format!("account {account_id}") }),
            }
        })
    }

    fn preflight<'a>(
        &'a self,
        job: Option<&'a AccountJob>,
        intent: &'a Intent,
        cancel: &'a CancellationToken,
    ) -> BoxFuture<'a, Vec<Finding>> {
        Box::pin(async move {
            match self.0.within(self.0.findings(job, intent), LOOK, cancel).await {
                Ok(findings) => findings,
                // A vendor that does not answer at plan does not make the account in the apply.
                Err(refusal) => vec![Finding::Problem {
                    problem: Box::new(self.0.problem_of(refusal)),
                    blocks: true,
                }],
            }
        })
    }

    fn found<'a>(
        &'a self,
        coming: &'a Coming<'a>,
        cancel: &'a CancellationToken,
    ) -> Answer<'a, Option<Taken>> {
        Box::pin(self.0.within(self.0.found(coming), LOOK, cancel))
    }

    fn adoption<'a>(
        &'a self,
        job: &'a AccountJob,
        cancel: &'a CancellationToken,
    ) -> Answer<'a, Option<Adoption>> {
        Box::pin(self.0.within(self.0.adoption(job), LOOK, cancel))
    }

    fn inside<'a>(
        &'a self,
        job: &'a AccountJob,
        account_id: &'a str,
        cancel: &'a CancellationToken,
    ) -> Answer<'a, Inside> {
        Box::pin(self.0.within(self.0.inside(job, account_id), LOOK, cancel))
    }

    fn duplicates<'a>(&'a self, cancel: &'a CancellationToken) -> Answer<'a, Vec<Duplicate>> {
        Box::pin(self.0.within(self.0.duplicates(), LOOK, cancel))
    }

    fn standing<'a>(
        &'a self,
        _task: Option<Task>,
        _cancel: &'a CancellationToken,
    ) -> Answer<'a, Option<Standing>> {
        Box::pin(async { Ok(None) })
    }
}

/// How long a look may take that has no limit of its own.
const LOOK: Duration = Duration::from_secs(10 * 60);

impl Inner {
    /// `work`, unless the CLI asks to stop or the time is over first.
    async fn within<T>(
        &self,
        work: impl Future<Output = Result<T, Refusal>>,
        limit: Duration,
        cancel: &CancellationToken,
    ) -> Result<T, Refusal> {
        let waiting_for = || format!("waiting for the vendor `{}`", self.name);
        tokio::select! {
            () = cancel.cancelled() => Err(Refusal::Stopped { waiting_for: waiting_for() }),
            () = self.clock.reaches(self.after(limit)) => {
                Err(Refusal::OutOfTime { waiting_for: waiting_for(), tried: None })
            }
            done = work => done,
        }
    }
}
