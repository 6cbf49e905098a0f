//! A cloud in memory for the engine's tests: one organization with AWS's rules as the engine meets
//! them, a clock that runs as fast as it is slept on, and faults on demand.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use futures::future::BoxFuture;
use jiff::Timestamp;
use tokio::sync::Notify;

use super::closing_simulation::Closes;
use crate::error::{Error, Kind};
use crate::ports::member::{
    Change, Identities, Member, NewPolicy, OidcProvider, PasswordPolicy, Policies, PolicyContent,
    RegionStatus, RegionStatuses, Regions, ServiceControlPolicy,
};
use crate::ports::{
    Account, AccountState, Call, Caller, Callers, Clock, ControlTower, CreateAccount, CreateState,
    CreateStatus, Enrolment, MemberAccess, Organization, OrganizationalUnit, Organizations, Ports,
    Quotas, Root, TagIndex,
};

pub(crate) const ORGANIZATION: &str = "o-exampleorgid";
pub(crate) const MANAGEMENT: &str = "999999999999";
pub(crate) const ROOT: &str = "r-ab12";
pub(crate) const PROD: &str = "ou-ab12-prod0000";
const BEGINNING: i64 = 1_790_000_000;

/// What may go wrong with one call.
#[derive(Clone)]
pub(crate) enum Fault {
    /// Refused before it had any effect.
    Before(Kind, &'static str),
    /// It had its effect, and the answer was lost on the way.
    After,
}

pub(crate) struct Request {
    status: CreateStatus,
    wanted: CreateAccount,
    ends: i64,
    account_id: String,
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
    pub(crate) trusted: BTreeSet<String>,
    pub(crate) enrolled_from: Option<i64>,
    pub(crate) tag_index: bool,
    pub(crate) quota: u64,
    pub(crate) feature_set: &'static str,
    pub(crate) tag_policy: Option<&'static str>,
    /// Service control policies attached to each account.
    pub(crate) attached: usize,
    pub(crate) passwords: BTreeMap<String, PasswordPolicy>,
    pub(crate) closes: Closes,
    /// The process dies at this call (counted from one), before or after its effect.
    pub(crate) crash: Option<(usize, bool)>,
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
                    ("ou-ab12-work0000".into(), unit("ou-ab12-nonprod0", "Nonprod")),
                ],
                parents: BTreeMap::from([
                    (PROD.into(), "ou-ab12-work0000".into()),
                    ("ou-ab12-nonprod0".into(), "ou-ab12-work0000".into()),
                    ("ou-ab12-work0000".into(), ROOT.into()),
                ]),
                faults: BTreeMap::new(),
                calls: Vec::new(),
                callers: (MANAGEMENT.into(), MANAGEMENT.into()),
                lets_in: false,
                region: "ap-southeast-1",
                create_seconds: 20,
                read_lag_seconds: 0,
                role_seconds: 0,
                region_seconds: 600,
                regions: BTreeMap::new(),
                most_in_flight: 0,
                failure_reasons: VecDeque::new(),
                trusted: BTreeSet::new(),
                enrolled_from: None,
                tag_index: true,
                quota: 10,
                feature_set: "ALL",
                tag_policy: None,
                attached: 1,
                passwords: BTreeMap::new(),
                closes: Closes::default(),
                crash: None,
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

    /// One call: counted, with its fault, if one is due.
    fn call<'a, T: Send + 'a>(
        &self,
        name: &'static str,
        effect: impl FnOnce(&mut World) -> Result<T, Error>,
    ) -> Call<'a, T> {
        let mut world = self.world();
        world.calls.push(name.to_owned());
        world.settle();
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
        let answer = match fault {
            Some(Fault::Before(kind, code)) => Err(Error::new(name, kind, code, "")),
            Some(Fault::After) => {
                let _ = effect(&mut world);
                Err(Error::new(name, Kind::Unanswered, "NoConnection", "connection reset"))
            }
            None => effect(&mut world),
        };
        Box::pin(async move { answer })
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
            let taken = self.accounts.iter().any(|of| of.email == request.wanted.email);
            request.status.state = if let Some(reason) = self.failure_reasons.pop_front() {
                CreateState::Failed { reason: reason.into() }
            } else if taken
                || made
                    .iter()
                    .any(|(_, w, _): &(String, CreateAccount, i64)| w.email == request.wanted.email)
            {
                CreateState::Failed { reason: "EMAIL_ALREADY_EXISTS".into() }
            } else {
                made.push((request.account_id.clone(), request.wanted.clone(), request.ends));
                CreateState::Succeeded { account_id: request.account_id.clone() }
            };
        }
        for (id, wanted, at) in made {
            self.accounts.push(account(&id, &wanted.name, &wanted.email, at));
            self.parents.insert(id.clone(), ROOT.into());
            self.tags.insert(id, wanted.tags);
        }
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

impl Callers for Cloud {
    fn caller(&self) -> Call<'_, Caller> {
        self.call("GetCallerIdentity", |world| {
            let (reads_from, writes_from) = world.callers.clone();
            Ok(Caller { reads_from, writes_from, region: world.region.into() })
        })
    }

    fn is_let_in(&self) -> Call<'_, bool> {
        self.call("ListDelegatedAdministrators", |world| Ok(world.lets_in))
    }
}

impl Organizations for Cloud {
    fn organization(&self) -> Call<'_, Organization> {
        self.call("DescribeOrganization", |world| {
            Ok(Organization {
                id: ORGANIZATION.into(),
                arn: format!("arn:aws:organizations::999999999999:organization/{ORGANIZATION}"),
                management_account_id: MANAGEMENT.into(),
                feature_set: world.feature_set.into(),
            })
        })
    }

    fn root(&self) -> Call<'_, Root> {
        self.call("ListRoots", |_| Ok(Root { id: ROOT.into(), policy_types: BTreeSet::new() }))
    }

    fn trusted_services(&self) -> Call<'_, BTreeSet<String>> {
        self.call("ListAWSServiceAccessForOrganization", |world| Ok(world.trusted.clone()))
    }

    fn effective_tag_policy(&self) -> Call<'_, Option<String>> {
        self.call("DescribeEffectivePolicy", |world| Ok(world.tag_policy.map(str::to_owned)))
    }

    fn accounts(&self) -> Call<'_, Vec<Account>> {
        self.call("ListAccounts", |world| {
            let placed = |of: &Account| {
                let parent_id = world.parents.get(&of.id).cloned();
                Account { parent_id, ..of.clone() }
            };
            let visible = world.accounts.iter().filter(|of| world.visible(of));
            let listed: Vec<Account> = visible.map(placed).collect();
            Ok(listed.into_iter().map(|of| world.closes.read(of)).collect())
        })
    }

    fn account<'a>(&'a self, id: &'a str) -> Call<'a, Option<Account>> {
        self.call("DescribeAccount", |world| {
            let found = world.accounts.iter().find(|of| of.id == id && world.visible(of)).cloned();
            Ok(found.map(|of| world.closes.read(of)))
        })
    }

    fn create_requests(&self, in_progress: bool) -> Call<'_, Vec<CreateStatus>> {
        self.call("ListCreateAccountStatus", |world| {
            Ok(world
                .requests
                .iter()
                .map(|request| request.status.clone())
                .filter(|status| (status.state == CreateState::InProgress) == in_progress)
                .collect())
        })
    }

    fn create_request<'a>(&'a self, request_id: &'a str) -> Call<'a, CreateStatus> {
        self.call("DescribeCreateAccountStatus", |world| {
            let found = world.requests.iter().find(|of| of.status.request_id == request_id);
            found
                .map(|request| request.status.clone())
                .ok_or_else(|| not_found("s:Op", "CreateAccountStatusNotFoundException"))
        })
    }

    fn create_account<'a>(&'a self, wanted: &'a CreateAccount) -> Call<'a, CreateStatus> {
        self.call("CreateAccount", |world| {
            let open = |of: &&Request| of.status.state == CreateState::InProgress;
            let in_flight = world.requests.iter().filter(open).count();
            if in_flight >= 5 {
                return Err(Error::new(
                    "organizations:CreateAccount",
                    Kind::InFlightLimit,
                    "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED",
                    "",
                ));
            }
            world.most_in_flight = world.most_in_flight.max(in_flight + 1);
            let n = world.requests.len() + 1;
            let status = CreateStatus {
                request_id: format!("car-{n:04}"),
                name: wanted.name.clone(),
                requested_at: Timestamp::from_millisecond(world.now).ok(),
                state: CreateState::InProgress,
            };
            world.requests.push(Request {
                status: status.clone(),
                wanted: wanted.clone(),
                ends: world.now + world.create_seconds * 1000,
                account_id: format!("{:012}", 100_000_000_000 + n),
            });
            Ok(status)
        })
    }

    fn close_account<'a>(&'a self, id: &'a str) -> Call<'a, ()> {
        self.call("CloseAccount", |world| {
            let now = world.now;
            world.closes.close(&mut world.accounts, id, now)
        })
    }

    fn move_account<'a>(&'a self, id: &'a str, from: &'a str, to: &'a str) -> Call<'a, ()> {
        self.call("MoveAccount", |world| {
            let at = world.parents.get(id).cloned();
            if at.as_deref() == Some(to) {
                return Err(Error::new(
                    "s:Op",
                    Kind::AlreadyExists,
                    "DuplicateAccountException",
                    "",
                ));
            }
            if at.as_deref() != Some(from) {
                return Err(not_found("s:Op", "SourceParentNotFoundException"));
            }
            world.parents.insert(id.into(), to.into());
            Ok(())
        })
    }

    fn parent<'a>(&'a self, child_id: &'a str) -> Call<'a, String> {
        self.call("ListParents", |world| {
            world.parents.get(child_id).cloned().ok_or_else(|| not_found("s:Op", "ChildNotFound"))
        })
    }

    fn tags<'a>(&'a self, resource_id: &'a str) -> Call<'a, BTreeMap<String, String>> {
        self.call("ListTagsForResource", |world| {
            if world.tags_from.get(resource_id).is_some_and(|from| world.now < *from) {
                return Ok(BTreeMap::new());
            }
            Ok(world.tags.get(resource_id).cloned().unwrap_or_default())
        })
    }

    fn tag<'a>(&'a self, resource_id: &'a str, tags: &'a BTreeMap<String, String>) -> Call<'a, ()> {
        self.call("TagResource", |world| {
            world.tags.entry(resource_id.into()).or_default().extend(tags.clone());
            Ok(())
        })
    }

    fn untag<'a>(&'a self, resource_id: &'a str, keys: &'a BTreeSet<String>) -> Call<'a, ()> {
        self.call("UntagResource", |world| {
            world.tags.entry(resource_id.into()).or_default().retain(|key, _| !keys.contains(key));
            Ok(())
        })
    }

    fn organizational_units<'a>(&'a self, parent_id: &'a str) -> Call<'a, Vec<OrganizationalUnit>> {
        self.call("ListOrganizationalUnitsForParent", |world| {
            let children = world.units.iter().filter(|(parent, _)| parent == parent_id);
            Ok(children.map(|(_, unit)| unit.clone()).collect())
        })
    }

    fn organizational_unit<'a>(&'a self, id: &'a str) -> Call<'a, Option<OrganizationalUnit>> {
        self.call("DescribeOrganizationalUnit", |world| {
            Ok(world.units.iter().find(|(_, unit)| unit.id == id).map(|(_, unit)| unit.clone()))
        })
    }

    fn create_organizational_unit<'a>(
        &'a self,
        parent_id: &'a str,
        name: &'a str,
        tags: &'a BTreeMap<String, String>,
    ) -> Call<'a, OrganizationalUnit> {
        self.call("CreateOrganizationalUnit", |world| {
            if world.units.iter().any(|(parent, of)| parent == parent_id && of.name == name) {
                return Err(Error::new("s:Op", Kind::AlreadyExists, "Duplicate", ""));
            }
            let id = format!("ou-ab12-new{:05}", world.units.len());
            let unit = OrganizationalUnit { arn: format!("arn:{id}"), id, name: name.into() };
            world.units.push((parent_id.into(), unit.clone()));
            world.parents.insert(unit.id.clone(), parent_id.into());
            world.tags.insert(unit.id.clone(), tags.clone());
            Ok(unit)
        })
    }

    fn rename_organizational_unit<'a>(&'a self, id: &'a str, name: &'a str) -> Call<'a, ()> {
        self.call("UpdateOrganizationalUnit", |world| {
            for (_, unit) in world.units.iter_mut().filter(|(_, unit)| unit.id == id) {
                name.clone_into(&mut unit.name);
            }
            Ok(())
        })
    }

    fn delete_organizational_unit<'a>(&'a self, id: &'a str) -> Call<'a, ()> {
        self.call("DeleteOrganizationalUnit", |world| {
            if world.parents.values().any(|parent| parent == id) {
                let code = "OrganizationalUnitNotEmptyException";
                return Err(Error::new("s:Op", Kind::Invalid, code, ""));
            }
            world.units.retain(|(_, unit)| unit.id != id);
            world.parents.remove(id);
            Ok(())
        })
    }

    fn accounts_in<'a>(&'a self, parent_id: &'a str) -> Call<'a, Vec<(String, String)>> {
        self.call("ListAccountsForParent", |world| {
            let inside =
                |of: &&Account| world.parents.get(&of.id).is_some_and(|parent| parent == parent_id);
            let pair = |of: &Account| (of.id.clone(), of.name.clone());
            Ok(world.accounts.iter().filter(inside).map(pair).collect())
        })
    }
}

impl Quotas for Cloud {
    fn accounts(&self) -> Call<'_, u64> {
        self.call("GetServiceQuota", |world| Ok(world.quota))
    }
}

impl TagIndex for Cloud {
    fn accounts_tagged<'a>(&'a self, key: &'a str, value: &'a str) -> Call<'a, Vec<String>> {
        self.call("GetResources", |world| {
            if !world.tag_index {
                return Err(Error::new("s:Op", Kind::Unsupported, "HTTP 404", ""));
            }
            let has = |id: &str| {
                world.tags.get(id).is_some_and(|t| t.get(key).is_some_and(|of| of == value))
            };
            Ok(world.accounts.iter().map(|of| of.id.clone()).filter(|id| has(id)).collect())
        })
    }
}

impl ControlTower for Cloud {
    fn enrolment<'a>(&'a self, _account_arn: &'a str) -> Call<'a, Enrolment> {
        self.call("ListEnabledBaselines", |world| {
            Ok(match world.enrolled_from {
                Some(from) if world.now >= from => Enrolment::Enrolled,
                Some(_) => Enrolment::InProgress("Control Tower is enabling it".into()),
                None => Enrolment::Absent,
            })
        })
    }

    fn enrolments(&self) -> Call<'_, BTreeMap<String, Enrolment>> {
        self.call("ListEnabledBaselines", |world| {
            let enrolled = world.enrolled_from.is_some_and(|from| world.now >= from);
            let arns = world.accounts.iter().filter(|_| enrolled).map(|of| of.arn.clone());
            Ok(arns.map(|arn| (arn, Enrolment::Enrolled)).collect())
        })
    }
}

impl MemberAccess for Cloud {
    fn assume<'a>(&'a self, account_id: &'a str, _role_name: &'a str) -> Call<'a, Arc<dyn Member>> {
        let member = MemberOf { cloud: self.clone(), id: account_id.to_owned() };
        self.call("AssumeRole", |world| {
            let of = world.accounts.iter().find(|of| of.id == account_id);
            let born = of.and_then(|of| of.joined_at).map_or(0, Timestamp::as_millisecond);
            if world.now < born + world.role_seconds * 1000 {
                return Err(Error::new("sts:AssumeRole", Kind::NotYet, "AccessDenied", ""));
            }
            Ok(Arc::new(member) as Arc<dyn Member>)
        })
    }
}

impl Regions for Cloud {
    fn statuses<'a>(&'a self, account_id: &'a str) -> Call<'a, RegionStatuses> {
        self.call("ListRegions", |world| {
            let key = (account_id.to_owned(), "ap-southeast-3".to_owned());
            let jakarta = match world.regions.get(&key) {
                None => RegionStatus::Disabled,
                Some(ends) if world.now < *ends => RegionStatus::Enabling,
                Some(_) => RegionStatus::Enabled,
            };
            Ok(BTreeMap::from([
                ("ap-southeast-1".to_owned(), RegionStatus::EnabledByDefault),
                ("ap-southeast-3".to_owned(), jakarta),
            ]))
        })
    }

    fn enable<'a>(&'a self, account_id: &'a str, region: &'a str) -> Call<'a, ()> {
        self.call("EnableRegion", |world| {
            let ends = world.now + world.region_seconds * 1000;
            world.regions.insert((account_id.into(), region.into()), ends);
            Ok(())
        })
    }
}

impl Policies for Cloud {
    fn enabled(&self) -> Call<'_, bool> {
        self.call("ListRoots", |_| Ok(false))
    }
    fn find<'a>(&'a self, _name: &'a str) -> Call<'a, Option<ServiceControlPolicy>> {
        self.call("ListPolicies", |_| Ok(None))
    }
    fn content<'a>(&'a self, _id: &'a str) -> Call<'a, PolicyContent> {
        self.call("DescribePolicy", |_| Ok(PolicyContent::default()))
    }
    fn attached<'a>(&'a self, _target: &'a str) -> Call<'a, usize> {
        self.call("ListPoliciesForTarget", |world| Ok(world.attached))
    }
    fn create<'a>(&'a self, _policy: &'a NewPolicy) -> Call<'a, String> {
        self.call("CreatePolicy", |_| Ok("p-1".to_owned()))
    }
    fn update<'a>(&'a self, _id: &'a str, _content: &'a str) -> Call<'a, ()> {
        self.call("UpdatePolicy", |_| Ok(()))
    }
    fn attach<'a>(&'a self, _id: &'a str, _target: &'a str) -> Call<'a, ()> {
        self.call("AttachPolicy", |_| Ok(()))
    }
    fn refresh(&self) {}
}

struct MemberOf {
    cloud: Cloud,
    id: String,
}

impl Member for MemberOf {
    fn identities<'a>(
        &'a self,
        _roles: &'a BTreeSet<String>,
        _policies: &'a BTreeSet<String>,
    ) -> Call<'a, Identities> {
        self.cloud.call("GetAccountAuthorizationDetails", |_| Ok(Identities::default()))
    }
    fn oidc_provider<'a>(&'a self, _arn: &'a str) -> Call<'a, Option<OidcProvider>> {
        self.cloud.call("GetOpenIDConnectProvider", |_| Ok(None))
    }
    fn oidc_providers(&self) -> Call<'_, Vec<OidcProvider>> {
        self.cloud.call("ListOpenIDConnectProviders", |_| Ok(Vec::new()))
    }
    fn password_policy(&self) -> Call<'_, Option<PasswordPolicy>> {
        self.cloud.call("GetAccountPasswordPolicy", |w| Ok(w.passwords.get(&self.id).copied()))
    }
    fn change<'a>(&'a self, change: &'a Change) -> Call<'a, ()> {
        self.cloud.call("change", |world| {
            if let Change::PutPasswordPolicy(policy) = change {
                world.passwords.insert(self.id.clone(), *policy);
            }
            Ok(())
        })
    }
    fn own_regions(&self) -> Call<'_, RegionStatuses> {
        self.cloud.statuses("")
    }
    fn enable_own_region<'a>(&'a self, region: &'a str) -> Call<'a, ()> {
        self.cloud.enable(&self.id, region)
    }
}
