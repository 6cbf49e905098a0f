//! The façade: one per provider configuration.

mod units;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::aws::account::converge::look::Looked;
use crate::aws::account::converge::{Adoption, Held, Inside};
use crate::aws::account::quarantine::Confinement;
use crate::aws::account::refresh::Believed;
use crate::aws::account::run::Run;
use crate::aws::api::{Account, AccountId, AccountState, Clock, Ports};
use crate::aws::controls::VendingRoles;
use crate::aws::deadline::Patience;
use crate::aws::organization::policy_difference::PolicyDifference;
use crate::aws::organization::shared::Shared;
use crate::aws::organization::standing::Standing;
use crate::aws::organization::survey::{Survey, Surveyor, Want};
use crate::aws::organization::{parent, policy_difference};
use crate::aws::preflight::{Coming, Finding, Intent, Preflight, Taken};
use crate::aws::sdk;
use crate::config::{Config, Quarantine};
use crate::duplicate::Duplicate;
use crate::error::{Error, Kind};
use crate::outcome::{Attempt, Facts, Failure, LetGo, Outcome, VendorOutcome};
use crate::progress::{self, Step};
use crate::refusal::{Refusal, Task};
use crate::request::AccountJob;
use crate::unit_path::Parent;

/// How long a look may take that has no limit of its own: it waits for nothing but answers.
const LOOK: Duration = Duration::from_secs(10 * 60);

/// How long a preflight may take: a plan goes on without it.
const PREFLIGHT: Duration = Duration::from_secs(2 * 60);

/// The engine of one provider configuration. Making it opens nothing; clients are made by the first
/// call that needs them.
#[derive(Clone)]
pub struct Vending {
    config: Arc<Config>,
    ports: Ports,
    shared: Arc<Shared>,
}

impl Vending {
    /// Keeps the settings. No client, no call.
    #[must_use]
    pub fn new(config: Config) -> Self {
        let config = Arc::new(config);
        let ports = sdk::ports(&config);
        Self { config, ports, shared: Arc::default() }
    }

    /// The engine on other ports: a simulated cloud.
    #[must_use]
    pub fn with_ports(config: Config, ports: Ports) -> Self {
        Self { config: Arc::new(config), ports, shared: Arc::default() }
    }

    /// What was planned so far belongs to another plan.
    pub(crate) fn forget_plans(&self) {
        self.shared.preflight.forget_plans();
    }

    /// By which it waits.
    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.ports.clock
    }

    /// The same engine, which remembers nothing of what it has read.
    #[must_use]
    pub(crate) fn afresh(&self) -> Self {
        Self { shared: Arc::default(), ..self.clone() }
    }

    /// The one mutation owner of this configuration.
    #[must_use]
    pub fn managed_by(&self) -> &str {
        &self.config.managed_by
    }

    /// Finds or creates the account, and takes it as far along its phases as `limit` allows. The
    /// limit counts from the account's turn: AWS creates five at a time.
    ///
    /// # Errors
    /// There is no account of ours: nothing is to be remembered, and the next apply finds whatever
    /// was on its way. Once there is an id the answer is an outcome, whatever failed.
    pub async fn vend(
        &self,
        job: &AccountJob,
        limit: Duration,
        cancel: &CancellationToken,
    ) -> Result<Outcome, Refusal> {
        let mut run = self.run(job, limit, cancel);
        self.admit(&run.patience, Some(Task::CreateAccount)).await?;
        let bound = run.find_or_create().await?;
        progress::tell(|| Step {
            account_id: Some(bound.account_id.to_string()),
            phase: Some(crate::phase::Phase::Created),
            done: "the account is there".to_owned(),
            waiting_for: None,
        });
        let is_new = bound.request_id.is_some();
        let mut outcome = self.carry_on(&mut run, &bound.account_id, bound.request_id).await;
        if is_new && outcome.duplicate.is_none() {
            self.look_once_more(&mut run, &mut outcome).await;
        }
        Ok(outcome)
    }

    /// A create lasts for minutes: by its end everything shows that came under its key meanwhile. What cannot be looked
    /// for then is told: a refresh sees no more than the index of tags, which lags.
    async fn look_once_more(&self, run: &mut Run<'_>, outcome: &mut Outcome) {
        run.patience.grant_grace();
        let run = &*run;
        let id = &outcome.facts.id;
        let looking = async {
            let id = &AccountId::given(id)?;
            let fleet_id = run.fleet_id().await?;
            run.patience.within(run.rivals(id, &fleet_id)).await
        };
        let rivals = match looking.await {
            Ok(rivals) => rivals,
            Err(error) => {
                let refusal = Refusal::of(error, "a look for other accounts of its key");
                outcome.failures.push(Failure { attempt: Attempt::Rivals, refusal });
                return;
            }
        };
        let Some(duplicate) = rivals.duplicate.map(Box::new) else { return };
        if duplicate.loses(id) {
            outcome.phase = crate::phase::Phase::Created;
            let refusal = Refusal::Duplicate(duplicate.clone());
            outcome.status_reason = Some(refusal.to_string());
            outcome.failures.push(Failure { attempt: Attempt::Everything, refusal });
        }
        outcome.duplicate = Some(duplicate);
    }

    /// What [`Self::vend`] would take over, without changing anything; `None` when no account has the
    /// email, or it is ours.
    ///
    /// # Errors
    /// It is somebody else's, not open or the management account, or a call failed.
    pub async fn adoption(
        &self,
        job: &AccountJob,
        cancel: &CancellationToken,
    ) -> Result<Option<Adoption>, Refusal> {
        let mut run = self.run_looking(job, LOOK, cancel);
        self.admit(&run.patience, None).await?;
        run.adoption().await
    }

    /// What of ours is in an account that [`Self::vend`] would go on with, without changing anything.
    ///
    /// # Errors
    /// The organization has no such account, or it could not be read.
    pub async fn inside(
        &self,
        job: &AccountJob,
        account_id: &str,
        cancel: &CancellationToken,
    ) -> Result<Inside, Refusal> {
        let mut run = self.run_looking(job, LOOK, cancel);
        self.admit(&run.patience, None).await?;
        Box::pin(run.inside(&AccountId::given(account_id)?)).await
    }

    /// Takes an account that the state knows as far as `limit` allows.
    ///
    /// # Errors
    /// The organization has no such account, or it could not be read.
    pub async fn update(
        &self,
        job: &AccountJob,
        account_id: &str,
        limit: Duration,
        cancel: &CancellationToken,
    ) -> Result<Outcome, Refusal> {
        let mut run = self.run(job, limit, cancel);
        self.admit(&run.patience, None).await?;
        let account_id = &AccountId::given(account_id)?;
        let looking = self.ports.organizations.account(account_id);
        let Some(account) = run.patience.within(looking).await? else {
            return Err(Refusal::NoSuchObject { object: format!("account {account_id}") });
        };
        let mut held = Held::take(&mut run, account, None).await?;
        held.find_rivals().await?;
        Ok(Box::pin(held.advance()).await)
    }

    /// What there is, without changing anything. A ready account that is what the state says, as far as
    /// the provider block wants a refresh to look, is not looked at in full.
    ///
    /// # Errors
    /// It could not be looked at.
    pub async fn look(
        &self,
        job: &AccountJob,
        account_id: &str,
        believed: Option<&Believed<'_>>,
        limit: Duration,
        cancel: &CancellationToken,
    ) -> Result<Looked, Refusal> {
        let mut run = self.run_looking(job, limit, cancel);
        self.admit(&run.patience, None).await?;
        if let Some(believed) = believed
            && run.is_as_believed(believed, self.config.refresh_readiness).await?
        {
            return Ok(Looked::AsBelieved);
        }
        Box::pin(run.look(&AccountId::given(account_id)?)).await
    }

    /// The organization, its tree and what else is wanted of it, without changing anything.
    ///
    /// # Errors
    /// A call failed.
    pub async fn survey(&self, want: &Want, cancel: &CancellationToken) -> Result<Survey, Refusal> {
        let surveyor = self.surveyor(cancel);
        self.admit(&surveyor.patience, None).await?;
        Ok(surveyor.survey(want).await?)
    }

    /// The keys that more than one open account carries, as far as the tag index tells: one reading of it per process.
    ///
    /// # Errors
    /// The accounts could not be listed.
    pub async fn duplicates(&self, cancel: &CancellationToken) -> Result<Vec<Duplicate>, Refusal> {
        let surveyor = self.surveyor(cancel);
        self.admit(&surveyor.patience, None).await?;
        let claims = surveyor.patience.within(self.shared.claims(&self.ports)).await?;
        let index = surveyor.patience.within(self.shared.index(&self.ports)).await?;
        let found = claims.values().filter_map(|of| {
            let key = index.get(of.first()?.id.as_str())?.get(fleet_model::tags::KEY);
            Duplicate::of(key.map_or("", String::as_str), of.clone())
        });
        Ok(found.collect())
    }

    /// The tags of one account, as they are now.
    ///
    /// # Errors
    /// The call failed.
    pub async fn tags(
        &self,
        account_id: &str,
        cancel: &CancellationToken,
    ) -> Result<BTreeMap<String, String>, Refusal> {
        let surveyor = self.surveyor(cancel);
        self.admit(&surveyor.patience, None).await?;
        Ok(surveyor.tags(&AccountId::given(account_id)?).await?)
    }

    fn surveyor(&self, cancel: &CancellationToken) -> Surveyor<'_> {
        Surveyor { ports: &self.ports, shared: &self.shared, patience: self.looking(LOOK, cancel) }
    }

    /// What stands in the way of a planned account, everything at once. It changes nothing, costs the
    /// calls that a process makes once, and is remembered with the accounts that are planned after it.
    pub async fn preflight(&self, intent: &Intent, cancel: &CancellationToken) -> Vec<Finding> {
        self.preflights(cancel).findings(intent).await
    }

    /// The account of ours that a create would find again, for a plan to say; `None` when it would
    /// be created, or when what has its email is not ours, which [`Self::preflight`] tells.
    ///
    /// # Errors
    /// The account that the inventory names under the key cannot be used, or a call failed.
    pub async fn found(
        &self,
        coming: &Coming<'_>,
        cancel: &CancellationToken,
    ) -> Result<Option<Taken>, Refusal> {
        let preflight = self.preflights(cancel);
        self.admit(&preflight.patience, None).await?;
        preflight.found(coming).await
    }

    fn preflights(&self, cancel: &CancellationToken) -> Preflight<'_> {
        Preflight {
            ports: &self.ports,
            shared: &self.shared,
            config: &self.config,
            patience: self.looking(PREFLIGHT, cancel),
        }
    }

    /// Which policies of the organization start and stop to apply to an account that moves from the
    /// OU or root `from` to `to`.
    ///
    /// # Errors
    /// There is no such parent, or a call failed.
    pub async fn policy_difference(
        &self,
        from: &str,
        to: &Parent,
        cancel: &CancellationToken,
    ) -> Result<PolicyDifference, Refusal> {
        let patience = self.looking(PREFLIGHT, cancel);
        let reading = policy_difference::of_move(&self.ports, &self.shared, from, to);
        patience.within(async { Ok(reading.await) }).await?
    }

    /// The account's own facts, for an import; `None` when the organization has no such account.
    ///
    /// # Errors
    /// It could not be read.
    pub async fn facts(
        &self,
        account_id: &str,
        cancel: &CancellationToken,
    ) -> Result<Option<Facts>, Refusal> {
        let surveyor = self.surveyor(cancel);
        self.admit(&surveyor.patience, None).await?;
        let account_id = &AccountId::given(account_id)?;
        let looking = self.ports.organizations.account(account_id);
        match surveyor.patience.within(looking).await? {
            Some(account) => Ok(Some(surveyor.facts(account).await?)),
            None => Ok(None),
        }
    }

    /// The accounts that could be taken over, by name and id, as far as lists tell: open members of the
    /// organization that carry no `fleet:managed-by`. Of all, or of those anywhere below an OU or the
    /// root. The lists may lag: [`Self::if_unmanaged`] has the last word on each.
    ///
    /// # Errors
    /// There is no such OU or root, or a call failed.
    pub async fn unmanaged(
        &self,
        place: Option<&Parent>,
        cancel: &CancellationToken,
    ) -> Result<Vec<Account>, Refusal> {
        let surveyor = self.surveyor(cancel);
        self.admit(&surveyor.patience, None).await?;
        surveyor.unmanaged(place).await
    }

    /// The facts of an account of [`Self::unmanaged`] as its own tags are now: one call. `None` when
    /// somebody manages it after all, or it has left the organization.
    ///
    /// # Errors
    /// It could not be read.
    pub async fn if_unmanaged(
        &self,
        account: &Account,
        cancel: &CancellationToken,
    ) -> Result<Option<Facts>, Refusal> {
        let surveyor = self.surveyor(cancel);
        self.admit(&surveyor.patience, None).await?;
        Ok(surveyor.if_unmanaged(account).await?)
    }

    /// Lets the account go; it stays in the organization.
    ///
    /// # Errors
    /// It is another manager's, or a call failed; it can be tried again.
    pub async fn release(
        &self,
        job: &AccountJob,
        account_id: &str,
        limit: Duration,
        cancel: &CancellationToken,
    ) -> Result<LetGo, Refusal> {
        let mut run = self.run(job, limit, cancel);
        self.admit(&run.patience, None).await?;
        run.release(&AccountId::given(account_id)?).await
    }

    /// Whether the guardrails that we write leave the role of this name out.
    #[must_use]
    pub fn leaves_out(&self, role_name: &str) -> bool {
        self.config.access_role_names().iter().any(|of| of == role_name)
    }

    /// Whether accounts at rest go into a quarantine.
    #[must_use]
    pub fn has_quarantine(&self) -> bool {
        self.config.quarantine.is_some()
    }

    /// The roles of vending's own that the provider block names.
    #[must_use]
    pub fn roles(&self) -> VendingRoles<'_> {
        VendingRoles {
            works_from: "",
            manage: self.config.manage_role_name.as_deref(),
            read: self.config.read_role_name.as_deref(),
        }
    }

    /// The quarantine of the provider block.
    #[must_use]
    pub fn quarantine(&self) -> Option<&Quarantine> {
        self.config.quarantine.as_ref()
    }

    /// Whether an OU or root, by its id, is the quarantine's.
    ///
    /// # Errors
    /// The quarantine's OU is not there, or a call failed.
    pub async fn is_quarantine(
        &self,
        parent_id: &str,
        cancel: &CancellationToken,
    ) -> Result<bool, Refusal> {
        let Some(quarantine) = self.quarantine() else { return Ok(false) };
        let resolving = parent::resolve(&self.ports, &self.shared, &quarantine.parent);
        let id = self.patience(LOOK, cancel).within(async { Ok(resolving.await) }).await??;
        Ok(id == parent_id)
    }

    /// Whether the organization has an OU or root of this id.
    ///
    /// # Errors
    /// A call failed.
    pub async fn has_unit(&self, id: &str, cancel: &CancellationToken) -> Result<bool, Refusal> {
        let parent = Parent::Id(id.to_owned());
        let resolving = parent::resolve(&self.ports, &self.shared, &parent);
        match self.patience(LOOK, cancel).within(async { Ok(resolving.await) }).await? {
            Err(Refusal::NoSuchObject { .. }) => Ok(false),
            answer => answer.map(|_| true),
        }
    }

    /// What an apply does to an account at rest that is in the OU or root `parent_id`, since the quarantine has another
    /// place or policy for it.
    ///
    /// # Errors
    /// The quarantine's OU is not there, or a call failed.
    pub async fn confinement(
        &self,
        job: &AccountJob,
        account_id: &str,
        parent_id: &str,
        cancel: &CancellationToken,
    ) -> Result<Confinement, Refusal> {
        self.run_looking(job, LOOK, cancel)
            .confinement(&AccountId::given(account_id)?, parent_id)
            .await
    }

    /// Checks what a freeze of the account needs, changing nothing. The answer is who would go on beside vending's roles, as
    /// patterns of ARNs.
    ///
    /// # Errors
    /// What is missing, or a call that failed.
    pub async fn check_quarantine(
        &self,
        job: &AccountJob,
        account_id: &str,
        cancel: &CancellationToken,
    ) -> Result<BTreeSet<String>, Refusal> {
        self.run_looking(job, LOOK, cancel).check_quarantine(&AccountId::given(account_id)?).await
    }

    /// Closes the account, which is done when AWS has taken the request.
    ///
    /// # Errors
    /// It is not ours, AWS does not close it, or a call failed; it can be tried again.
    pub async fn close(
        &self,
        job: &AccountJob,
        account_id: &str,
        limit: Duration,
        cancel: &CancellationToken,
    ) -> Result<LetGo, Refusal> {
        let mut run = self.run(job, limit, cancel);
        self.admit(&run.patience, Some(Task::CloseAccount)).await?;
        run.close(&AccountId::given(account_id)?).await
    }

    /// Where the caller stands, for a plan: at most three calls, once per process.
    ///
    /// # Errors
    /// The organization does not let the caller see it, or `task` is not the caller's to do; or a call failed.
    pub async fn standing(
        &self,
        task: Option<Task>,
        cancel: &CancellationToken,
    ) -> Result<Standing, Refusal> {
        self.admit(&self.looking(LOOK, cancel), task).await.cloned()
    }

    /// Before anything else is called: a wrong caller is told at once.
    async fn admit(&self, patience: &Patience, task: Option<Task>) -> Result<&Standing, Refusal> {
        let asking = async { Ok(self.shared.standing(&self.ports).await) };
        let standing = patience.within(asking).await??;
        if let Some(task) = task {
            standing.check(task)?;
        }
        Ok(standing)
    }

    fn patience(&self, limit: Duration, cancel: &CancellationToken) -> Patience {
        Patience::new(Arc::clone(&self.ports.clock), cancel.clone(), limit)
    }

    fn looking(&self, limit: Duration, cancel: &CancellationToken) -> Patience {
        self.patience(limit, cancel).looking()
    }

    fn run_looking<'a>(
        &'a self,
        job: &'a AccountJob,
        limit: Duration,
        cancel: &CancellationToken,
    ) -> Run<'a> {
        Run { patience: self.looking(limit, cancel), ..self.run(job, limit, cancel) }
    }

    fn run<'a>(
        &'a self,
        job: &'a AccountJob,
        limit: Duration,
        cancel: &CancellationToken,
    ) -> Run<'a> {
        Run {
            ports: &self.ports,
            shared: &self.shared,
            config: &self.config,
            job,
            patience: self.patience(limit, cancel),
        }
    }

    /// From the id on, nothing may be lost: an account that cannot be read yet is an outcome too.
    async fn carry_on(
        &self,
        run: &mut Run<'_>,
        id: &AccountId,
        request_id: Option<String>,
    ) -> Outcome {
        match run.read_back(id).await {
            Ok(account) => match Held::take(run, account.clone(), request_id.clone()).await {
                Ok(held) => Box::pin(held.advance()).await,
                Err(error) => self.unread(run, account, request_id, error),
            },
            Err(error) => self.unread(run, bare(id), request_id, error),
        }
    }

    fn unread(
        &self,
        run: &Run<'_>,
        account: Account,
        request_id: Option<String>,
        error: Error,
    ) -> Outcome {
        Outcome {
            facts: Facts {
                id: account.id.into(),
                arn: account.arn,
                organization_id: String::new(),
                parent_id: String::new(),
                state: account.state,
                name: run.job.request.contract.name.clone(),
                email: run.job.request.contract.email.clone(),
                joined_at: account.joined_at.map(|at| at.to_string()),
                create_request_id: request_id,
                tags: run.job.request.tags.clone(),
            },
            phase: crate::phase::Phase::Created,
            status_reason: Some(format!("{}: {}", error.call, error.code)),
            readiness: fleet_model::readiness::Readiness::default(),
            lifecycle_phase: fleet_model::lifecycle::LifecyclePhase::Active,
            closing_since: None,
            work: Vec::new(),
            work_bears: true,
            memory: run.job.past.memory.clone(),
            vendor: VendorOutcome::default(),
            moved_away: false,
            contacts: BTreeMap::new(),
            duplicate: None,
            warnings: Vec::new(),
            unfinished: None,
            failures: vec![Failure { attempt: Attempt::Read, refusal: Refusal::Call(error) }],
        }
    }
}

/// All that is known of an account that AWS made and does not show yet.
fn bare(id: &AccountId) -> Account {
    Account {
        id: id.to_owned(),
        arn: String::new(),
        name: String::new(),
        email: String::new(),
        state: AccountState::Other,
        created_here: true,
        joined_at: None,
        parent_id: None,
    }
}

impl Run<'_> {
    /// Reads an account that is known to exist: reads lag writes, so a miss is asked again.
    async fn read_back(&self, id: &AccountId) -> Result<Account, Error> {
        for looks in 0.. {
            let found = self.patience.within(self.ports.organizations.account(id)).await?;
            if let Some(account) = found {
                return Ok(account);
            }
            let pause = crate::aws::pause::Pause::growing(looks, 10, "the new account to show");
            self.patience.pause(&pause).await?;
        }
        Err(Error::new("organizations:DescribeAccount", Kind::NotFound, "AccountNotFound", ""))
    }
}
