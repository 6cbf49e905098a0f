//! A cloud in memory for the engine's tests: one organization with AWS's rules as the engine meets
//! them, a clock that runs as fast as it is slept on, and faults on demand.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use fleet_model::contact::{Contact, ContactType};
use futures::future::BoxFuture;
use jiff::Timestamp;
use tokio::sync::Notify;

use crate::aws::api::member::{
    Attached, Change, Identities, ManagedPolicy, Member, NewPolicy, OidcProvider, PasswordPolicy,
    Policies, PolicyContent, RegionStatus, RegionStatuses, Regions, Role, ServiceControlPolicy,
};
use crate::aws::api::{
    Account, AccountId, AccountSettings, AccountState, Call, Caller, Callers, Clock, ControlTower,
    CreateAccount, CreateState, CreateStatus, EnabledBaseline, Enablement, Entry, Found,
    LandingZone, MemberAccess, NotCreated, Organization, OrganizationalUnit, Organizations, Ports,
    Quotas, Root, RootUser, Setting, SettingKind, Settings, Site, TagIndex, ZoneKind, ZoneState,
};
use crate::aws::testing::closing::{Closes, Scp};
use crate::aws::testing::switches::Switches;
use crate::error::{Cause, Error, Kind};
use crate::trying;

mod control_tower;
mod iam;
mod member;
mod organizations;
mod settings;

pub(crate) use control_tower::Tower;
use member::MemberOf;
pub(crate) use settings::OTP;

pub(crate) const ORGANIZATION: &str = "o-exampleorgid";
pub(crate) const MANAGEMENT: &str = "999999999999";
pub(crate) const ROOT: &str = "r-ab12";
pub(crate) const PROD: &str = "ou-ab12-prod0000";
pub(crate) const NONPROD: &str = "ou-ab12-nonprod0";
const BEGINNING: i64 = 1_790_000_000;

/// What may go wrong with one call.
#[derive(Clone)]
pub(crate) enum Fault {
    /// Refused before it had any effect.
    Before(Kind, &'static str),
    /// Its endpoint cannot be reached.
    Unreachable,
    /// Denied, and AWS does not say by what: a role that has not spread is told so as well.
    Denied,
    /// It had its effect, and the answer was lost on the way.
    After,
    /// None: a later call of the name has the next one.
    Not,
}

pub(crate) struct Request {
    status: CreateStatus,
    wanted: CreateAccount,
    ends: i64,
    account_id: AccountId,
}

pub(crate) struct World {
    /// Milliseconds.
    pub(crate) now: i64,
    pub(crate) accounts: Vec<Account>,
    pub(crate) tags: BTreeMap<String, BTreeMap<String, String>>,
    /// Tags of an account are not readable before this time.
    pub(crate) tags_from: BTreeMap<String, i64>,
    pub(crate) requests: Vec<Request>,
    pub(crate) units: Vec<(String, OrganizationalUnit)>,
    pub(crate) parents: BTreeMap<String, String>,
    pub(crate) faults: BTreeMap<&'static str, VecDeque<Fault>>,
    /// Every call that was made.
    pub(crate) calls: Vec<String>,
    /// The account whose credentials read the organization, and the one whose credentials change it.
    pub(crate) callers: (String, String),
    /// Every session that was opened in a member account: its role, and how.
    pub(crate) sessions: Vec<(String, Entry)>,
    /// Whether an account that is not the management account may read the organization.
    pub(crate) lets_in: bool,
    pub(crate) region: &'static str,
    pub(crate) create_seconds: i64,
    /// An account is readable this long after it was made.
    pub(crate) read_lag_seconds: i64,
    /// A role lets in this long after its account was made.
    pub(crate) role_seconds: i64,
    pub(crate) region_seconds: i64,
    pub(crate) regions: BTreeMap<(String, String), i64>,
    pub(crate) most_in_flight: usize,
    pub(crate) failure_reasons: VecDeque<&'static str>,
    /// Emails of accounts outside of the organization, or of such as are listed nowhere any more.
    pub(crate) taken_elsewhere: BTreeSet<String>,
    pub(crate) trusted: BTreeSet<String>,
    /// Control Tower, where the organization has a landing zone.
    pub(crate) tower: Option<Tower>,
    pub(crate) tag_index: bool,
    /// The roles that others made in every member account.
    pub(crate) role_names: Vec<String>,
    pub(crate) quota: u64,
    pub(crate) feature_set: &'static str,
    pub(crate) tag_policy: Option<&'static str>,
    /// Service control policies attached to each account.
    pub(crate) attached: usize,
    pub(crate) passwords: BTreeMap<String, PasswordPolicy>,
    /// The account-wide switches, by account.
    pub(crate) switches: BTreeMap<String, Switches>,
    /// The OUs whose policies deny every change inside of an account.
    pub(crate) denies_changes: BTreeSet<String>,
    /// The roles of every member account that carry marks.
    pub(crate) roles: BTreeMap<String, Role>,
    /// The managed policies of every member account, by name.
    pub(crate) managed: BTreeMap<String, ManagedPolicy>,
    /// The OIDC providers of every member account, by ARN.
    pub(crate) providers: BTreeMap<String, OidcProvider>,
    /// Whether a policy denies that one is deleted.
    pub(crate) keeps_providers: bool,
    /// The service control policies that were made, by name, under the id `p-<name>`.
    pub(crate) guardrails: BTreeMap<String, PolicyContent>,
    /// The roles to whose sessions a policy denies everything.
    pub(crate) denied_roles: BTreeSet<String>,
    /// The OUs whose policies deny entry.
    pub(crate) denies_entry: BTreeSet<String>,
    pub(crate) closes: Closes,
    /// Names of policies, by what they are attached to and type.
    pub(crate) policy_names: BTreeMap<String, BTreeMap<String, BTreeSet<String>>>,
    /// Alternate contacts, by account and type.
    pub(crate) contacts: BTreeMap<(String, ContactType), Contact>,
    /// The address that waits for its password, by account.
    pub(crate) pending_emails: BTreeMap<String, String>,
    /// Whether the management account may ask the Account API about its members.
    pub(crate) account_trusted: bool,
    /// The one service control policy; without content the type is switched off.
    pub(crate) policy: Scp,
    /// The process dies at this call (counted from one), before or after its effect.
    pub(crate) crash: Option<(usize, bool)>,
    /// At the next call of this name somebody moves the account to the OU.
    pub(crate) moved_at: Option<(&'static str, String, &'static str)>,
    pub(crate) crashed: bool,
}

/// The cloud, to be shared by runs.
#[derive(Clone)]
pub(crate) struct Cloud(Arc<Mutex<World>>, Arc<Notify>);

impl Cloud {
    pub(crate) fn new() -> Self {
        let unit = |id: &str, name: &str| OrganizationalUnit {
            id: id.into(),
            arn: format!("arn:aws:organizations::999999999999:ou/{ORGANIZATION}/{id}"),
            name: name.into(),
        };
        Self(
            Arc::new(Mutex::new(World {
                now: BEGINNING * 1000,
                accounts: Vec::new(),
                tags: BTreeMap::new(),
                tags_from: BTreeMap::new(),
                requests: Vec::new(),
                units: vec![
                    (ROOT.into(), unit("ou-ab12-work0000", "Workloads")),
                    ("ou-ab12-work0000".into(), unit(PROD, "Prod")),
                    ("ou-ab12-work0000".into(), unit(NONPROD, "Nonprod")),
                ],
                parents: BTreeMap::from([
                    (PROD.into(), "ou-ab12-work0000".into()),
                    (NONPROD.into(), "ou-ab12-work0000".into()),
                    ("ou-ab12-work0000".into(), ROOT.into()),
                ]),
                faults: BTreeMap::new(),
                calls: Vec::new(),
                callers: (MANAGEMENT.into(), MANAGEMENT.into()),
                sessions: Vec::new(),
                lets_in: false,
                region: "ap-southeast-1",
                create_seconds: 20,
                read_lag_seconds: 0,
                role_seconds: 0,
                region_seconds: 600,
                regions: BTreeMap::new(),
                most_in_flight: 0,
                failure_reasons: VecDeque::new(),
                taken_elsewhere: BTreeSet::new(),
                trusted: BTreeSet::new(),
                tower: None,
                tag_index: true,
                role_names: Vec::new(),
                quota: 10,
                feature_set: "ALL",
                tag_policy: None,
                attached: 1,
                passwords: BTreeMap::new(),
                switches: BTreeMap::new(),
                denies_changes: BTreeSet::new(),
                roles: BTreeMap::new(),
                managed: BTreeMap::new(),
                providers: BTreeMap::new(),
                keeps_providers: false,
                guardrails: BTreeMap::new(),
                denied_roles: BTreeSet::new(),
                denies_entry: BTreeSet::new(),
                closes: Closes::default(),
                policy_names: BTreeMap::new(),
                contacts: BTreeMap::new(),
                pending_emails: BTreeMap::new(),
                account_trusted: true,
                policy: Scp::default(),
                crash: None,
                moved_at: None,
                crashed: false,
            })),
            Arc::default(),
        )
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap()
    }

    pub(crate) fn ports(&self) -> Ports {
        Ports {
            callers: Arc::new(self.clone()),
            organizations: Arc::new(self.clone()),
            regions: Arc::new(self.clone()),
            settings: Arc::new(self.clone()),
            policies: Arc::new(self.clone()),
            quotas: Arc::new(self.clone()),
            tag_index: Arc::new(self.clone()),
            control_tower: Arc::new(self.clone()),
            access: Arc::new(self.clone()),
            clock: Arc::new(self.clone()),
        }
    }

    /// Runs `work` until it ends or the process dies in it. Then a new process may begin.
    pub(crate) async fn until_crash<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let done = tokio::select! {
            biased;
            () = self.1.notified() => None,
            done = work => Some(done),
        };
        let mut world = self.world();
        (world.crash, world.crashed) = (None, false);
        done
    }

    pub(crate) fn fault(&self, call: &'static str, fault: Fault) {
        self.world().faults.entry(call).or_default().push_back(fault);
    }

    pub(crate) fn count(&self, call: &str) -> usize {
        self.world().calls.iter().filter(|made| *made == call).count()
    }

    /// An account that somebody else put there.
    pub(crate) fn put_account(&self, id: &str, email: &str, tags: &[(&str, &str)]) {
        let mut world = self.world();
        let joined = world.now - 86_400_000;
        let account = account(id, &format!("name-{id}"), email, joined);
        world.accounts.push(account);
        world.parents.insert(id.into(), ROOT.into());
        let tags = tags.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        world.tags.insert(id.into(), tags);
    }

    /// A request of somebody else's that ends, with an account, after `seconds`.
    pub(crate) fn put_request(&self, name: &str, seconds: i64) {
        let mut world = self.world();
        let n = world.requests.len() + 1;
        let status = CreateStatus {
            request_id: format!("car-{n:04}"),
            name: name.into(),
            requested_at: Timestamp::from_millisecond(world.now).ok(),
            state: CreateState::InProgress,
        };
        let wanted = CreateAccount {
            email: format!("{name}@elsewhere.example.com"),
            billing_access: fleet_model::account::BillingAccess::Allow,
            name: name.into(),
            role_name: "OrganizationAccountAccessRole".into(),
            tags: BTreeMap::new(),
        };
        let ends = world.now + seconds * 1000;
        let account_id = format!("{:012}", 100_000_000_000 + n).as_str().into();
        world.requests.push(Request { status, wanted, ends, account_id });
    }

    /// One call: counted, with its fault, if one is due.
    fn call<'a, T: Send + 'a>(
        &self,
        name: &'static str,
        effect: impl FnOnce(&mut World) -> Result<T, Error>,
    ) -> Call<'a, T> {
        let mut world = self.world();
        world.calls.push(name.to_owned());
        world.settle();
        if let Some((_, account, to)) = world.moved_at.take_if(|(at, ..)| *at == name) {
            world.parents.insert(account, to.to_owned());
        }
        if let Some((at, with_effect)) = world.crash
            && world.calls.len() == at
        {
            if with_effect {
                let _ = effect(&mut world);
            }
            world.crashed = true;
            self.1.notify_one();
            return Box::pin(std::future::pending());
        }
        let fault = world.faults.get_mut(name).and_then(VecDeque::pop_front);
        let answer =
            match fault {
                Some(Fault::Before(kind, code)) => Err(Error::new(name, kind, code, "")),
                Some(Fault::Unreachable) => {
                    Err(Error::new(name, Kind::Unanswered, "NoSuchHost", "")
                        .with_cause(Cause::NoSuchHost))
                }
                Some(Fault::Denied) => Err(Error::new(name, Kind::NotYet, "AccessDenied", "")
                    .with_cause(Cause::AccessDenied)),
                Some(Fault::After) => {
                    let _ = effect(&mut world);
                    Err(Error::new(name, Kind::Unanswered, "NoConnection", "connection reset"))
                }
                Some(Fault::Not) | None => effect(&mut world),
            };
        // The id of the request is the number of the call.
        let request_id = format!("r-{}", world.calls.len());
        Box::pin(async move {
            // An answer takes its time, and others ask meanwhile.
            tokio::task::yield_now().await;
            match &answer {
                Ok(_) => trying::answered(name, Some(&request_id)),
                Err(error) => trying::given_up(error),
            }
            answer
        })
    }
}

fn account(id: &str, name: &str, email: &str, joined_ms: i64) -> Account {
    Account {
        id: id.into(),
        arn: format!("arn:aws:organizations::999999999999:account/{ORGANIZATION}/{id}"),
        name: name.into(),
        email: email.into(),
        state: AccountState::Active,
        created_here: true,
        joined_at: Timestamp::from_millisecond(joined_ms).ok(),
        parent_id: None,
    }
}

fn denied(call: &str) -> Error {
    let said = "with an explicit deny in a service control policy";
    Error::new(call, Kind::Denied, "AccessDenied", said).with_cause(Cause::PolicyDenies)
}

fn not_found(call: &str, code: &str) -> Error {
    Error::new(call, Kind::NotFound, code, "")
}

impl World {
    /// Ends the requests whose time has come.
    fn settle(&mut self) {
        let now = self.now;
        self.closes.settle(&mut self.accounts, now);
        let mut made = Vec::new();
        for request in &mut self.requests {
            if request.status.state != CreateState::InProgress || request.ends > now {
                continue;
            }
            let taken = self.taken_elsewhere.contains(&request.wanted.email)
                || self.accounts.iter().any(|of| of.email == request.wanted.email);
            request.status.state = if let Some(reason) = self.failure_reasons.pop_front() {
                CreateState::Failed { reason: NotCreated::parse(reason) }
            } else if taken
                || made
                    .iter()
                    .any(|(_, w, _): &(String, CreateAccount, i64)| w.email == request.wanted.email)
            {
                CreateState::Failed { reason: NotCreated::EmailAlreadyExists }
            } else {
                made.push((request.account_id.to_string(), request.wanted.clone(), request.ends));
                CreateState::Succeeded { account_id: request.account_id.clone() }
            };
        }
        for (id, wanted, at) in made {
            self.accounts.push(account(&id, &wanted.name, &wanted.email, at));
            self.parents.insert(id.clone(), ROOT.into());
            self.tags.insert(id, wanted.tags);
        }
    }

    /// What a policy of `units` answers to a call in the account, if it sits in one of them.
    fn denied(&self, call: &str, account_id: &str, units: &BTreeSet<String>) -> Result<(), Error> {
        let parent = self.parents.get(account_id);
        if !parent.is_some_and(|parent| units.contains(parent)) {
            return Ok(());
        }
        Err(denied(call))
    }

    fn visible(&self, of: &Account) -> bool {
        let born = of.joined_at.map_or(0, Timestamp::as_millisecond);
        self.now >= born + self.read_lag_seconds * 1000
    }
}

impl Clock for Cloud {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.world().now).unwrap()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let cloud = self.clone();
        Box::pin(async move {
            if cloud.world().crashed {
                std::future::pending::<()>().await;
            }
            cloud.world().now += i64::try_from(duration.as_millis()).unwrap();
            tokio::task::yield_now().await;
        })
    }

    fn reaches(&self, at: Timestamp) -> BoxFuture<'static, ()> {
        let cloud = self.clone();
        Box::pin(async move {
            while cloud.world().now < at.as_millisecond() {
                tokio::task::yield_now().await;
            }
        })
    }
}
