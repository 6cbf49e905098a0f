//! Carries out decisions while no account id is known.

mod adopt;
pub(crate) mod decide;
pub(crate) mod state;

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::MutexGuard;

use crate::aws::account::create::decide::{IN_FLIGHT, step};
use crate::aws::account::create::state::{Action, Decision, Lookup, Observation, Search, State};
use crate::aws::account::ownership;
use crate::aws::account::ownership::Holder;
use crate::aws::account::run::Run;
use crate::aws::api::{Account, AccountId, CreateAccount, CreateState, CreateStatus, NotCreated};
use crate::aws::organization::parent;
use crate::aws::organization::shared::Shared;
use crate::aws::pause::Pause;
use crate::duplicate::Rivals;
use crate::error::{Error, Kind, Tries};
use crate::phase::Phase;
use crate::refusal::Refusal;
use crate::request::Adopt;

/// AWS's clock and ours may differ by this much when records are compared with a send of ours.
const SKEW: Duration = Duration::from_secs(5 * 60);

/// An account that is ours.
#[derive(Debug)]
pub(crate) struct Bound {
    pub(crate) account_id: AccountId,
    pub(crate) request_id: Option<String>,
}

impl Run<'_> {
    /// Finds the account, or creates it. Exactly one account per key, whatever crashes where.
    ///
    /// # Errors
    /// There is no account of ours, and why.
    pub(crate) async fn find_or_create(&mut self) -> Result<Bound, Refusal> {
        let fleet_id = self.fleet_id().await?;
        // A parent that does not exist is a mistake to be told before there is an account.
        if let Some(parent) = &self.job.request.parent {
            let resolved = parent::find(self.ports, self.shared, parent);
            self.patience.within(async { Ok(resolved.await) }).await??;
        }
        if let Some(parent) = &self.job.request.onboarding_parent {
            let resolved = parent::find(self.ports, self.shared, parent);
            let found = self.patience.within(async { Ok(resolved.await) }).await?;
            found.map_err(|refusal| Refusal::OnboardingParent(Box::new(refusal)))?;
        }

        let mut requests = InFlight { shared: self.shared, ids: BTreeSet::new() };
        let mut turn: Option<MutexGuard<'_, ()>> = None;
        let mut had_turn = false;
        let mut last_seen = BTreeSet::new();
        let mut waiting =
            Waiting { for_what: "the look for the account".to_owned(), turned_away: None };
        let adopt = matches!(self.job.intent.adopt, Adopt::Any | Adopt::This(_));
        let key = self.job.request.contract.key.to_string();
        let search = Search { adopt, key, ..Search::default() };
        let mut decision =
            Decision::Go(Action::LookUp(Pause::none("the account")), State::Searching(search));
        loop {
            if let Some(refusal) = self.not_as_planned(&decision) {
                return Err(refusal);
            }
            let (action, state) = match decision {
                Decision::Go(action, state) => (action, state),
                Decision::Bind(account_id, request_id) => {
                    self.log_phase(&account_id, Phase::Created, None, request_id.as_deref());
                    self.shared.forget_sweep().await;
                    return Ok(Bound { account_id, request_id });
                }
                Decision::Adopt(account_id) => {
                    self.take_over(&account_id, &fleet_id).await?;
                    self.shared.forget_sweep().await;
                    return Ok(Bound { account_id, request_id: None });
                }
                Decision::Refuse(refusal) => return Err(refusal),
            };
            let observation = match action {
                Action::LookUp(pause) => {
                    turn = None;
                    waiting.for_what.clone_from(&pause.waiting_for);
                    let sent = sent(&state);
                    let looked = async {
                        self.patience.pause(&pause).await?;
                        self.patience.within(self.look_up(sent, &fleet_id)).await
                    };
                    Observation::Lookup(Box::new(
                        looked.await.map_err(|error| waiting.over(error))?,
                    ))
                }
                Action::Count(pause) => {
                    waiting.for_what.clone_from(&pause.waiting_for);
                    if turn.is_none() {
                        let shared = self.shared;
                        let in_line = self.patience.now();
                        let lock = self.patience.unless_cancelled(shared.turn.lock()).await;
                        turn = Some(lock.map_err(|error| waiting.over(error))?);
                        // The time given to a create counts from its first turn, and not while it
                        // stands in line for another.
                        if had_turn {
                            self.patience.forgive(in_line);
                        } else {
                            self.patience.restart();
                        }
                        had_turn = true;
                    }
                    let counted = async {
                        self.patience.pause(&pause).await?;
                        self.patience.within(self.in_progress()).await
                    };
                    let (ids, same_name) = counted.await.map_err(|error| waiting.over(error))?;
                    if ids.len().max(last_seen.len()) >= IN_FLIGHT && ids != last_seen {
                        // Others are getting on, or have made room: the queue moves, and so does the deadline.
                        self.patience.restart();
                    }
                    last_seen.clone_from(&ids);
                    Observation::InFlight { count: ids.len(), same_name }
                }
                Action::Send => {
                    let at = self.patience.now();
                    let answer = self.patience.to_the_end(self.send(&fleet_id)).await;
                    if let Ok(request) = &answer {
                        requests.note(request);
                        self.log_request(request);
                        turn = None;
                    }
                    Observation::Sent(answer, at)
                }
                Action::Poll(request_id, pause) => {
                    waiting.for_what.clone_from(&pause.waiting_for);
                    let polled = async {
                        self.patience.pause(&pause).await?;
                        self.patience
                            .within(self.ports.organizations.create_request(&request_id))
                            .await
                    };
                    let answer = polled.await;
                    if let Err(error) = &answer
                        && error.is_stop()
                    {
                        return Err(waiting.over(error.clone()));
                    }
                    if let Ok(request) = &answer {
                        requests.note(request);
                    }
                    Observation::Request(answer)
                }
                Action::LookForRivals(account_id, pause) => {
                    waiting.for_what.clone_from(&pause.waiting_for);
                    let looked = async {
                        self.patience.pause(&pause).await?;
                        self.patience.within(self.rivals(&account_id, &fleet_id)).await
                    };
                    // There is an account: what happens from here on is in its outcome.
                    Observation::Rivals(looked.await.unwrap_or_else(|error| {
                        tracing::info!(%error, "no look for other accounts of the key");
                        Rivals { duplicate: None, settled: true }
                    }))
                }
            };
            waiting.note(&observation);
            decision = step(&state, &observation);
            tracing::debug!(?state, ?decision, "vending {}", self.job.request.contract.key);
        }
    }

    async fn send(&self, fleet_id: &str) -> Result<CreateStatus, Error> {
        let contract = &self.job.request.contract;
        let request = CreateAccount {
            email: contract.email.clone(),
            name: contract.name.clone(),
            role_name: contract.role_name.clone(),
            billing_access: self.job.request.billing_access,
            tags: ownership::at_birth(
                &self.job.request.tags,
                contract.key.as_str(),
                &self.config.managed_by,
                fleet_id,
            ),
        };
        // Neither the deadline nor a cancellation cuts a request that is being sent: its answer
        // decides whether there is an account. The client's own timeout bounds it.
        self.ports.organizations.create_account(&request).await
    }

    async fn in_progress(&self) -> Result<(BTreeSet<String>, bool), Error> {
        let requests = self.ports.organizations.create_requests(true).await?;
        let same_name = requests.iter().any(|request| self.has_our_name(request));
        let mut ids: BTreeSet<String> =
            requests.into_iter().map(|request| request.request_id).collect();
        ids.extend(self.shared.in_flight().iter().cloned());
        Ok((ids, same_name))
    }

    fn has_our_name(&self, request: &CreateStatus) -> bool {
        request.name == self.job.request.contract.name
    }

    /// A fresh look, in the one order in which nothing can slip through: first the requests in
    /// progress, then the accounts. A request that ends in between is then among the accounts.
    async fn look_up(&self, sent: Option<Timestamp>, fleet_id: &str) -> Result<Lookup, Error> {
        let organizations = &self.ports.organizations;
        let in_progress = organizations
            .create_requests(true)
            .await?
            .into_iter()
            .find(|request| self.has_our_name(request))
            .map(|request| request.request_id);
        let accounts = organizations.accounts().await?;
        let email = &self.job.request.contract.email;
        let claims = self.claims(&accounts, fleet_id, self.patience.now()).await?;
        let duplicate = claims.duplicate(self.job.request.contract.key.as_str());
        let by_email = match accounts.iter().find(|of| of.email.eq_ignore_ascii_case(email)) {
            None => None,
            Some(account) => Some((account.clone(), self.holder(account, fleet_id).await?)),
        };
        let by_id = match self.named(&accounts, fleet_id).await? {
            Some(named) => Some(named),
            None => claims.first().map(|(account, has)| {
                (account.clone(), ownership::holder(has, &self.config.managed_by, fleet_id))
            }),
        };
        let ended = match (sent, &by_email) {
            (Some(sent), None) => self.ended_since(sent).await?,
            _ => None,
        };
        let now = self.patience.now();
        Ok(Lookup { now, in_progress, by_email, by_id, duplicate, ended })
    }

    async fn holder(&self, account: &Account, fleet_id: &str) -> Result<Holder, Error> {
        let found = self.ports.organizations.tags(&account.id).await?;
        Ok(ownership::holder(&found, &self.config.managed_by, fleet_id))
    }

    /// The account that the plan or the inventory file names, whatever its email is by now.
    async fn named(
        &self,
        accounts: &[Account],
        fleet_id: &str,
    ) -> Result<Option<(Account, Holder)>, Error> {
        let Some(id) = self.job.intent.adopt.planned() else { return Ok(None) };
        let Some(account) = accounts.iter().find(|of| of.id == *id) else { return Ok(None) };
        let holder = self.holder(account, fleet_id).await?;
        // One that is to be taken over has the email, and not our id.
        let is_taken_over = matches!(self.job.intent.adopt, Adopt::This(_)) && holder != Holder::Us;
        Ok((!is_taken_over).then(|| (account.clone(), holder)))
    }

    /// The youngest request of our name that ended after `sent`. One that made an account counts
    /// only if that account has our email: names are not unique.
    async fn ended_since(&self, sent: Timestamp) -> Result<Option<CreateStatus>, Error> {
        let after = |request: &CreateStatus| {
            request
                .requested_at
                .is_some_and(|at| at >= sent || sent.duration_since(at).unsigned_abs() <= SKEW)
        };
        let mut requests = self.ports.organizations.create_requests(false).await?;
        requests.retain(|request| self.has_our_name(request) && after(request));
        requests.sort_by_key(|request| request.requested_at);
        let Some(request) = requests.pop() else { return Ok(None) };
        if let CreateState::Succeeded { account_id } = &request.state {
            let email = &self.job.request.contract.email;
            let account = self.ports.organizations.account(account_id).await?;
            if !account.is_some_and(|account| account.email.eq_ignore_ascii_case(email)) {
                return Ok(None);
            }
        }
        Ok(Some(request))
    }
}

/// The requests that this run has in flight. Each stops counting when it ends, and all of them when
/// the run does, however it does.
struct InFlight<'a> {
    shared: &'a Shared,
    ids: BTreeSet<String>,
}

impl InFlight<'_> {
    fn note(&mut self, request: &CreateStatus) {
        let id = &request.request_id;
        if request.state == CreateState::InProgress {
            self.shared.in_flight().insert(id.clone());
            self.ids.insert(id.clone());
        } else {
            self.shared.in_flight().remove(id);
            self.ids.remove(id);
        }
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.shared.in_flight().retain(|id| !self.ids.contains(id));
    }
}

/// When a request was sent whose answer was lost.
fn sent(state: &State) -> Option<Timestamp> {
    match state {
        State::Searching(search)
        | State::Queued(search)
        | State::Sending(search)
        | State::Creating(search, _)
        | State::Made(search, _, _) => search.sent,
    }
}

/// What the run waits for, so that who runs out of time can say so.
struct Waiting {
    /// Completes "while waiting for …".
    for_what: String,
    /// Requests for the account that made none, and after which another was made or will be.
    turned_away: Option<Tries>,
}

impl Waiting {
    fn note(&mut self, observation: &Observation) {
        let ended = |reason: &NotCreated| {
            Error::new("organizations:CreateAccount", Kind::Busy, reason.as_str(), "")
        };
        let last = match observation {
            Observation::Sent(Err(error), _) => error.clone(),
            Observation::Sent(Ok(request), _) | Observation::Request(Ok(request)) => {
                match &request.state {
                    CreateState::Failed { reason } => ended(reason),
                    CreateState::InProgress | CreateState::Succeeded { .. } => return,
                }
            }
            _ => return,
        };
        let times = self.turned_away.as_ref().map_or(0, |tries| tries.times) + 1;
        self.turned_away = Some(Tries { times, last });
    }

    /// The end of the run by `error`.
    fn over(&self, mut error: Error) -> Refusal {
        if error.kind == Kind::DeadlineExceeded && error.tried.is_none() {
            error.tried = self.turned_away.clone().map(Box::new);
        }
        Refusal::of(error, &self.for_what)
    }
}
