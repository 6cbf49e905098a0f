//! What the host asks of a vendor, as calls over the wire.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use fleet_model::lifecycle::{AccountLifecycleState, LifecyclePhase};
use fleet_model::tags;
use fleet_vending_proto::v1beta1 as wire;
use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use super::drive::{Came, Change, Drive};
use super::stream::Known;
use super::{Inner, Remote, only_ref, refused, request_of};
use crate::aws::account::converge::look::{Looked, Unread};
use crate::aws::account::converge::{Adoption, Inside};
use crate::aws::account::refresh::Believed;
use crate::aws::organization::standing::Standing;
use crate::aws::preflight::{Coming, Finding, Intent, Taken};
use crate::duplicate::{Claimant, Duplicate};
use crate::error::Kind;
use crate::outcome::{Facts, LetGo, Outcome};
use crate::problem::{Class, Problem};
use crate::refusal::{Refusal, Task};
use crate::request::{Adopt, Past, Wish};
use crate::vendor::{Answer, Description, Vendor};
use crate::wire::convert::problem::{from_message as problem_from, to_error};
use crate::wire::convert::{Nonsense, adoption, facts, let_go, outcome, planned};

/// How many pages of a list are read.
const PAGES: usize = 1000;

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
        wish: &'a Wish,
        limit: Duration,
        cancel: &'a CancellationToken,
    ) -> Answer<'a, Outcome> {
        Box::pin(async move {
            let mut known = Known::default();
            let drive = Drive { wish, change: Change::Advance, limit, cancel };
            let came = self.0.drive(&drive, &mut known).await?;
            let id = known.native_id.as_deref();
            let problem = match came {
                Came::To(told) => match outcome::from_message(*told, self.0.asked(wish, id)) {
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
                Some(id) => Ok(outcome::only_id(self.0.asked(wish, None), id, &problem)),
                None => Err(stopped_or(problem)),
            }
        })
    }

    fn update<'a>(
        &'a self,
        wish: &'a Wish,
        account_id: &'a str,
        limit: Duration,
        cancel: &'a CancellationToken,
    ) -> Answer<'a, Outcome> {
        Box::pin(async move {
            let target = wish.request.lifecycle_state.phase();
            if target == wish.past.lifecycle_phase
                || wish.past.lifecycle_phase == LifecyclePhase::Closed
            {
                return self.0.change(wish, account_id, Change::Advance, limit, cancel).await;
            }
            if wish.request.lifecycle_state == AccountLifecycleState::Retired
                && !wish.intent.proof.holds()
            {
                return Err(Refusal::NotProven { object: format!("account {account_id}") });
            }
            let end = self.0.after(limit);
            let step = Change::Transition(match wish.request.lifecycle_state {
                AccountLifecycleState::Active => wire::LifecycleState::Active,
                AccountLifecycleState::Frozen => wire::LifecycleState::Frozen,
                AccountLifecycleState::Retired => wire::LifecycleState::Retired,
            });
            let outcome = self.0.change(wish, account_id, step, limit, cancel).await?;
            let is_done = outcome.lifecycle_phase == target && outcome.failures.is_empty();
            if !is_done || outcome.unfinished.is_some() || outcome.work.is_empty() {
                return Ok(outcome);
            }
            // The step is taken; what else was asked for goes on from there.
            let on = Wish {
                past: Past {
                    lifecycle_phase: target,
                    phase: outcome.phase,
                    closing_since: outcome.closing_since,
                    vendor: outcome.vendor.remembered.clone(),
                    ..wish.past.clone()
                },
                ..wish.clone()
            };
            let left = end.duration_since(self.0.clock.now());
            let left = Duration::try_from(left).unwrap_or(Duration::ZERO);
            self.0.change(&on, account_id, Change::Advance, left, cancel).await
        })
    }

    fn look<'a>(
        &'a self,
        wish: &'a Wish,
        account_id: &'a str,
        believed: Option<&'a Believed<'a>>,
        limit: Duration,
        cancel: &'a CancellationToken,
    ) -> Answer<'a, Looked> {
        let looking = async move {
            let client = self.0.looking().await?;
            let id = Some(account_id).filter(|id| !id.is_empty());
            let account = wire::ObserveAccount {
                request: Some(request_of(wish, id, &client.described)),
                believed_digest: believed.map_or_else(String::new, |of| of.digest.to_owned()),
            };
            let found = self.0.observe_with_others(account).await?;
            self.0.looked(wish, id, believed.is_some(), found)
        };
        Box::pin(self.0.within(looking, limit, cancel))
    }

    fn release<'a>(
        &'a self,
        wish: &'a Wish,
        account_id: &'a str,
        limit: Duration,
        cancel: &'a CancellationToken,
    ) -> Answer<'a, LetGo> {
        let target = wire::LifecycleState::Released;
        Box::pin(self.0.let_go(wish, account_id, target, limit, cancel))
    }

    fn close<'a>(
        &'a self,
        wish: &'a Wish,
        account_id: &'a str,
        limit: Duration,
        cancel: &'a CancellationToken,
    ) -> Answer<'a, LetGo> {
        let target = wire::LifecycleState::Closed;
        Box::pin(self.0.let_go(wish, account_id, target, limit, cancel))
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
        wish: Option<&'a Wish>,
        intent: &'a Intent,
        cancel: &'a CancellationToken,
    ) -> BoxFuture<'a, Vec<Finding>> {
        let key = intent.key.as_deref().unwrap_or_default();
        let asking = async move {
            let client = self.0.looking().await?;
            let known = planned::request_of(intent);
            let asked = match wish {
                Some(wish) => wire::PlannedAccount {
                    request: Some(request_of(
                        wish,
                        intent.account_id.as_deref(),
                        &client.described,
                    )),
                    adopt: matches!(wish.intent.adopt, Adopt::Any | Adopt::This(_)),
                    unknown_arguments: Vec::new(),
                    ..known
                },
                None => known,
            };
            let said = self.0.preflight(client, asked).await.map_err(refused)?;
            Ok(planned::findings_from(&self.0.name, key, said.findings))
        };
        Box::pin(async move {
            match self.0.within(asking, LOOK, cancel).await {
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
        let asking = async move {
            let client = self.0.looking().await?;
            let said = self.0.preflight(client, planned::of_coming(coming)).await;
            let taken = planned::taken_from(coming.key, said.map_err(refused)?.existing);
            taken.map_err(|nonsense| refused(self.0.broken(&nonsense)))
        };
        Box::pin(self.0.within(asking, LOOK, cancel))
    }

    fn adoption<'a>(
        &'a self,
        wish: &'a Wish,
        cancel: &'a CancellationToken,
    ) -> Answer<'a, Option<Adoption>> {
        use wire::adopt_response::Result as Said;
        let asking = async move {
            let mut client = self.0.looking().await?;
            let native_id = wish.intent.adopt.planned().cloned().unwrap_or_default();
            let request = Some(request_of(wish, None, &client.described));
            let answer = client.rpc.adopt(wire::AdoptRequest { request, native_id }).await;
            let answer =
                answer.map_err(|status| refused(self.0.ended("Adopt", &status).into_problem()))?;
            match answer.into_inner().result {
                Some(Said::Adoption(said)) => {
                    let read = adoption::from_message(said, wish.request.contract.key.as_str());
                    read.map(Some).map_err(|nonsense| refused(self.0.broken(&nonsense)))
                }
                Some(Said::Nothing(_)) => Ok(None),
                Some(Said::Problem(problem)) => Err(refused(problem_from(&self.0.name, &problem))),
                None => Err(refused(self.0.broken(&Nonsense("an empty answer".to_owned())))),
            }
        };
        Box::pin(self.0.within(asking, LOOK, cancel))
    }

    fn inside<'a>(
        &'a self,
        _wish: &'a Wish,
        _account_id: &'a str,
        _cancel: &'a CancellationToken,
    ) -> Answer<'a, Inside> {
        // What a vendor keeps in an account is its own affair.
        Box::pin(async { Ok(Inside::default()) })
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

/// That the CLI asked to stop is no fault of the vendor's.
fn stopped_or(problem: Problem) -> Refusal {
    match problem.class {
        Class::Call(Kind::Cancelled) => {
            Refusal::Stopped { waiting_for: format!("waiting for the vendor `{}`", problem.vendor) }
        }
        _ => refused(problem),
    }
}

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

    /// A change of an account that the state knows.
    async fn change(
        &self,
        wish: &Wish,
        account_id: &str,
        change: Change,
        limit: Duration,
        cancel: &CancellationToken,
    ) -> Result<Outcome, Refusal> {
        let native_id = Some(account_id).filter(|id| !id.is_empty()).map(str::to_owned);
        let mut known = Known { native_id, resume_token: Vec::new() };
        let came = self.drive(&Drive { wish, change, limit, cancel }, &mut known).await?;
        match came {
            Came::To(told) => {
                let asked = self.asked(wish, known.native_id.as_deref());
                outcome::from_message(*told, asked)
                    .map_err(|nonsense| refused(self.broken(&nonsense)))
            }
            Came::Gone => Err(Refusal::NoSuchObject { object: format!("account {account_id}") }),
            Came::Refused(problem) | Came::Untold(problem) => Err(stopped_or(problem)),
        }
    }

    async fn let_go(
        &self,
        wish: &Wish,
        account_id: &str,
        target: wire::LifecycleState,
        limit: Duration,
        cancel: &CancellationToken,
    ) -> Result<LetGo, Refusal> {
        wish.intent.proof.ask(&format!("account {account_id}"))?;
        let native_id = Some(account_id).filter(|id| !id.is_empty()).map(str::to_owned);
        let mut known = Known { native_id, resume_token: Vec::new() };
        let drive = Drive { wish, change: Change::Transition(target), limit, cancel };
        match self.drive(&drive, &mut known).await? {
            Came::To(told) => {
                let asked = self.asked(wish, known.native_id.as_deref());
                match let_go::from_message(*told, asked) {
                    Ok(done) => done.map_err(stopped_or),
                    Err(nonsense) => Err(refused(self.broken(&nonsense))),
                }
            }
            Came::Gone => Ok(LetGo::Gone),
            Came::Refused(problem) | Came::Untold(problem) => Err(stopped_or(problem)),
        }
    }

    /// Reads what a look found.
    fn looked(
        &self,
        wish: &Wish,
        account_id: Option<&str>,
        is_believed: bool,
        found: wire::Observation,
    ) -> Result<Looked, Refusal> {
        use wire::observation::Result as Found;
        let nonsense = |said: &str| Err(refused(self.broken(&Nonsense(said.to_owned()))));
        match found.result {
            Some(Found::AsBelieved(_)) if is_believed => Ok(Looked::AsBelieved),
            Some(Found::AsBelieved(_)) => {
                nonsense("it answers that nothing has changed, and nothing was believed")
            }
            Some(Found::Found(told)) => {
                let read = outcome::from_message(told, self.asked(wish, account_id));
                let outcome = read.map_err(|nonsense| refused(self.broken(&nonsense)))?;
                Ok(Looked::Found(Box::new(outcome)))
            }
            Some(Found::Gone(_)) => Ok(Looked::Gone),
            Some(Found::Problem(problem)) => {
                let problem = problem_from(&self.name, &problem);
                match to_error(&problem) {
                    // What could not be read is no change of the account.
                    Some(error) if !matches!(error.kind, Kind::Credentials | Kind::Cancelled) => {
                        Ok(Looked::Unread(Unread { calls: vec![error], no_access_role: None }))
                    }
                    _ => Err(stopped_or(problem)),
                }
            }
            None => nonsense("an empty answer"),
        }
    }

    fn facts_in(
        &self,
        account_id: &str,
        found: Option<wire::observation::Result>,
    ) -> Result<Option<Facts>, Refusal> {
        use wire::observation::Result as Found;
        let broken = |nonsense: Nonsense| refused(self.broken(&nonsense));
        match found {
            Some(Found::Found(told)) => {
                let (read, _) =
                    facts::from_message(told.facts.unwrap_or_default(), "").map_err(broken)?;
                if read.id != account_id {
                    let said =
                        format!("it was asked about {account_id}, and answers {:?}", read.id);
                    return Err(broken(Nonsense(said)));
                }
                Ok(Some(read))
            }
            Some(Found::Gone(_)) => Ok(None),
            Some(Found::Problem(problem)) => Err(refused(problem_from(&self.name, &problem))),
            Some(Found::AsBelieved(_)) | None => {
                Err(broken(Nonsense("an empty answer".to_owned())))
            }
        }
    }

    async fn preflight(
        &self,
        mut client: super::instance::Client,
        account: wire::PlannedAccount,
    ) -> Result<wire::PreflightResponse, Problem> {
        let answer = client.rpc.preflight(wire::PreflightRequest { accounts: vec![account] }).await;
        let answer = answer.map_err(|status| self.ended("Preflight", &status).into_problem())?;
        Ok(answer.into_inner())
    }

    /// The keys that more than one open account of a list carries.
    async fn duplicates(&self) -> Result<Vec<Duplicate>, Refusal> {
        let mut client = self.looking().await?;
        if !client.described.lists {
            return Ok(Vec::new());
        }
        let mut claims: BTreeMap<String, Vec<Claimant>> = BTreeMap::new();
        let mut page_token = String::new();
        for _ in 0..PAGES {
            let request = wire::ListRequest { page_token, ..wire::ListRequest::default() };
            let page = client.rpc.list(request).await;
            let page = page
                .map_err(|status| refused(self.ended("List", &status).into_problem()))?
                .into_inner();
            for said in page.accounts {
                let key = said.r#ref.as_ref().map_or_else(String::new, |of| of.key.clone());
                let (facts, _) = facts::from_message(said, "")
                    .map_err(|nonsense| refused(self.broken(&nonsense)))?;
                let account = facts::to_account(&facts);
                if let Some(claimant) = Claimant::new(&account, &facts.tags) {
                    let key = facts.tags.get(tags::KEY).cloned().unwrap_or(key);
                    claims.entry(key).or_default().push(claimant);
                }
            }
            page_token = page.next_page_token;
            if page_token.is_empty() {
                let twice = claims.into_iter().filter_map(|(key, of)| Duplicate::of(&key, of));
                return Ok(twice.collect());
            }
        }
        Err(refused(self.broken(&Nonsense(format!("its list has more than {PAGES} pages")))))
    }
}
