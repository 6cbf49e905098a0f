//! Freezing an account, retiring it, and bringing it back, against the simulated cloud.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::lifecycle::{AccountLifecycleState, LifecyclePhase};
use fleet_model::readiness::Verdict;
use fleet_model::tags;
use tokio_util::sync::CancellationToken;

use super::{LIMIT, job, vended};
use crate::aws::api::OrganizationalUnit;
use crate::aws::api::member::{PolicyContent, Role};
use crate::aws::policy::exemption::Open;
use crate::aws::testing::simulation::{Cloud, Fault, ORGANIZATION, PROD, ROOT};
use crate::config::{BOOTSTRAP_ROLE_NAMES, Config, Quarantine};
use crate::error::Kind;
use crate::memory::{Made, Memory};
use crate::outcome::{Attempt, LetGo, Outcome};
use crate::phase::Phase;
use crate::refusal::{Flaw, Refusal};
use crate::request::AccountJob;
use crate::unit_path::Parent;
use crate::{Vending, Warning};

pub(super) const QUARANTINE: &str = "ou-ab12-nonprod0";
pub(super) const POLICY: &str = "p-quarantine";
const MANAGE: &str = "fleet-manage";
const SPARING: &str = r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/OrganizationAccountAccessRole"}}}}"#;
const LOCKING: &str = r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#;

/// What is left to be undone of a freeze.
pub(super) fn undone(outcome: &Outcome) -> Memory {
    Memory { password_policy: None, made: Made::default(), ..outcome.memory.clone() }
}

pub(super) struct Frozen {
    pub(super) cloud: Cloud,
    pub(super) job: AccountJob,
    pub(super) id: String,
    pub(super) policy_id: Option<String>,
    manage: Option<String>,
    /// The provider block has no quarantine (any more).
    pub(super) without_quarantine: bool,
}

impl Frozen {
    pub(super) async fn new() -> Self {
        let (cloud, job, applied) = Box::pin(vended()).await;
        cloud.world().policy.content = SPARING.to_owned();
        let policy_id = Some(POLICY.to_owned());
        let id = applied.facts.id;
        Self { cloud, job, id, policy_id, manage: None, without_quarantine: false }
    }

    /// With a role of vending's own, which alone the policy spares, and one for a pipeline.
    async fn with_roles() -> Self {
        let mut account = Self { manage: Some(MANAGE.to_owned()), ..Self::new().await };
        let tags = BTreeMap::from([
            (tags::ID.to_owned(), tags::fleet_id(ORGANIZATION, "payments")),
            (tags::KEY.to_owned(), "payments".to_owned()),
            (tags::MANAGED_BY.to_owned(), "us".to_owned()),
        ]);
        let role =
            |trust: &str| Role { trust: trust.into(), tags: tags.clone(), ..Role::default() };
        let roles = [(MANAGE, role("us")), ("fleet-apply", role("a pipeline"))];
        account.cloud.world().roles = roles.map(|(name, role)| (name.to_owned(), role)).into();
        account.cloud.world().policy.content = SPARING.replace(BOOTSTRAP_ROLE_NAMES[0], MANAGE);
        account.apply(AccountLifecycleState::Frozen).await;
        account
    }

    /// The roles that somebody may still assume.
    fn open_roles(&self) -> Vec<String> {
        let world = self.cloud.world();
        let open = world.roles.iter().filter(|(_, role)| !role.trust.contains("Deny"));
        open.map(|(name, _)| name.clone()).collect()
    }

    pub(super) fn engine(&self) -> Vending {
        let quarantine = Quarantine {
            parent: Parent::Id(QUARANTINE.to_owned()),
            policy_id: self.policy_id.clone(),
        };
        let config = Config {
            managed_by: "us".to_owned(),
            quarantine: (!self.without_quarantine).then_some(quarantine),
            bootstrap_role_names: BOOTSTRAP_ROLE_NAMES.map(str::to_owned).to_vec(),
            manage_role_name: self.manage.clone(),
            ..Config::default()
        };
        Vending::with_ports(config, self.cloud.ports())
    }

    /// One apply; what it reached is where the next begins.
    pub(super) async fn apply(&mut self, wished: AccountLifecycleState) -> Outcome {
        self.job.request.lifecycle_state = wished;
        let cancel = CancellationToken::new();
        let engine = self.engine();
        let updating = Box::pin(engine.update(&self.job, &self.id, LIMIT, &cancel));
        let done = updating.await.unwrap();
        self.job.past.lifecycle_phase = done.lifecycle_phase;
        self.job.past.memory.clone_from(&done.memory);
        self.job.intent.seen_in = Some(done.facts.parent_id.clone());
        done
    }

    pub(super) async fn look(&self) -> Outcome {
        let cancel = CancellationToken::new();
        let looked = self.engine().look(&self.job, &self.id, None, LIMIT, &cancel).await;
        looked.unwrap().found().unwrap()
    }

    pub(super) fn place(&self) -> String {
        self.cloud.world().parents[&self.id].clone()
    }

    fn is_bound(&self) -> bool {
        self.binding() != [""; 0]
    }

    /// The policies that are attached to it.
    pub(super) fn binding(&self) -> Vec<String> {
        let world = self.cloud.world();
        let targets = world.policy.targets.iter();
        targets.filter(|(_, of)| of.contains(&self.id)).map(|(policy, _)| policy.clone()).collect()
    }
}

#[tokio::test]
async fn a_frozen_account_is_moved_bound_and_asked_nothing_and_comes_back_as_it_was() {
    let mut account = Frozen::new().await;
    let frozen = account.apply(AccountLifecycleState::Frozen).await;
    assert!(frozen.failures.is_empty(), "{:?}", frozen.failures);
    assert_eq!((frozen.phase, frozen.ready()), (Phase::Placed, false));
    assert_eq!(frozen.lifecycle_phase, LifecyclePhase::Frozen);
    assert!(frozen.readiness.checks.values().all(|of| of.verdict == Verdict::NotApplicable));
    assert_eq!((account.place().as_str(), account.is_bound()), (QUARANTINE, true));
    let seen = account.look().await;
    assert_eq!((seen.phase, seen.readiness, seen.work), (frozen.phase, frozen.readiness, vec![]));
    assert_eq!(seen.memory, frozen.memory);
    // Again: nothing to do.
    account.cloud.world().calls.clear();
    account.apply(AccountLifecycleState::Frozen).await;
    for call in ["MoveAccount", "AttachPolicy", "TagResource", "change"] {
        assert_eq!(account.cloud.count(call), 0, "{call}");
    }

    let active = account.apply(AccountLifecycleState::Active).await;
    assert!(active.ready(), "{:?}", active.status_reason);
    assert_eq!(active.lifecycle_phase, LifecyclePhase::Active);
    assert_eq!((account.place().as_str(), account.is_bound()), (PROD, false));
    assert_eq!(undone(&active), Memory::default());
}

#[tokio::test]
async fn an_account_that_is_asked_to_be_nowhere_goes_back_to_where_it_was() {
    let mut account = Frozen::new().await;
    account.job.request.parent = None;
    account.apply(AccountLifecycleState::Frozen).await;
    assert_eq!(account.place(), QUARANTINE);
    account.apply(AccountLifecycleState::Retired).await;
    assert_eq!(account.place(), QUARANTINE);
    account.apply(AccountLifecycleState::Active).await;
    assert_eq!(account.place(), PROD);
    assert_eq!(account.look().await.work, Vec::<String>::new());
}

#[tokio::test]
async fn a_policy_that_the_quarantine_had_before_does_not_stay() {
    let mut account = Frozen::new().await;
    account.apply(AccountLifecycleState::Frozen).await;
    account.policy_id = Some("p-stricter".to_owned());
    assert!(!account.look().await.work.is_empty());
    let frozen = account.apply(AccountLifecycleState::Frozen).await;
    assert_eq!(frozen.failures, []);
    assert_eq!(account.binding(), ["p-stricter"]);
    assert_eq!(account.look().await.work, [""; 0]);

    // It could not be taken off: the next apply does.
    account.policy_id = Some(POLICY.to_owned());
    account.cloud.fault("DetachPolicy", Fault::Before(Kind::Denied, "AccessDeniedException"));
    account.apply(AccountLifecycleState::Frozen).await;
    assert_eq!(account.binding(), [POLICY, "p-stricter"]);
    account.apply(AccountLifecycleState::Frozen).await;
    assert_eq!(account.binding(), [POLICY]);

    // A quarantine that has none any more, and an account that comes back.
    account.policy_id = None;
    account.apply(AccountLifecycleState::Frozen).await;
    assert_eq!(account.binding(), [""; 0]);
    account.policy_id = Some("p-stricter".to_owned());
    account.apply(AccountLifecycleState::Frozen).await;
    account.policy_id = None;
    let active = account.apply(AccountLifecycleState::Active).await;
    assert!(active.ready(), "{:?}", active.status_reason);
    assert_eq!(account.binding(), [""; 0]);
    assert_eq!(undone(&active), Memory::default());
}

#[tokio::test]
async fn a_policy_that_is_attached_above_is_not_attached_again() {
    let mut account = Frozen::new().await;
    let above = BTreeSet::from([QUARANTINE.to_owned()]);
    account.cloud.world().policy.targets.insert(POLICY.to_owned(), above);
    let frozen = account.apply(AccountLifecycleState::Frozen).await;
    assert_eq!((frozen.lifecycle_phase, account.is_bound()), (LifecyclePhase::Frozen, false));
    account.apply(AccountLifecycleState::Active).await;
    assert_eq!(account.cloud.count("DetachPolicy"), 0);
}

#[tokio::test]
async fn a_step_that_fails_is_told_and_the_account_stays_where_it_was_in_its_life() {
    for (call, attempt) in [
        ("MoveAccount", Attempt::Parent),
        ("AttachPolicy", Attempt::Quarantine),
        ("DescribePolicy", Attempt::Quarantine),
    ] {
        let mut account = Frozen::new().await;
        account.cloud.fault(call, Fault::Before(Kind::Denied, "AccessDeniedException"));
        let failed = account.apply(AccountLifecycleState::Frozen).await;
        assert_eq!(failed.failures.first().map(|of| of.attempt), Some(attempt), "{call}");
        assert_eq!(failed.lifecycle_phase, LifecyclePhase::Active, "{call}");
        assert!(!failed.ready(), "{call}");
        let frozen = account.apply(AccountLifecycleState::Frozen).await;
        assert_eq!(frozen.lifecycle_phase, LifecyclePhase::Frozen, "{call}: the next apply");
    }
    for (call, attempt) in [
        ("GetAccountAuthorizationDetails", Attempt::Shut),
        ("ListOpenIDConnectProviders", Attempt::Shut),
    ] {
        let mut account = Frozen::new().await;
        account.apply(AccountLifecycleState::Frozen).await;
        for _ in BOOTSTRAP_ROLE_NAMES {
            account.cloud.fault(call, Fault::Before(Kind::Denied, "AccessDenied"));
        }
        let failed = account.apply(AccountLifecycleState::Retired).await;
        assert_eq!(failed.failures.first().map(|of| of.attempt), Some(attempt), "{call}");
        assert_eq!(failed.lifecycle_phase, LifecyclePhase::Frozen, "{call}");
        let retired = account.apply(AccountLifecycleState::Retired).await;
        assert_eq!(retired.lifecycle_phase, LifecyclePhase::Retired, "{call}: the next apply");
    }
}

#[tokio::test]
async fn retiring_shuts_our_ways_in_once_and_says_where_it_could_not_look() {
    let mut account = Frozen::new().await;
    account.apply(AccountLifecycleState::Frozen).await;
    let before = account.cloud.count("ListOpenIDConnectProviders");
    account.apply(AccountLifecycleState::Retired).await;
    account.apply(AccountLifecycleState::Retired).await;
    assert_eq!(account.cloud.count("ListOpenIDConnectProviders"), before + 1);

    let mut account = Frozen::new().await;
    account.apply(AccountLifecycleState::Frozen).await;
    for _ in 0..3 {
        account.cloud.fault("AssumeRole", Fault::Before(Kind::Denied, "AccessDenied"));
    }
    let retired = account.apply(AccountLifecycleState::Retired).await;
    assert_eq!(retired.lifecycle_phase, LifecyclePhase::Retired);
    assert!(matches!(&retired.warnings[..], [Warning::RetiredUnseen { .. }]));

    // A refusal that passes is no reason to leave a door open.
    let mut account = Frozen::new().await;
    account.apply(AccountLifecycleState::Frozen).await;
    for _ in 0..3 {
        account.cloud.fault("AssumeRole", Fault::Before(Kind::Throttled, "Throttling"));
    }
    let failed = account.apply(AccountLifecycleState::Retired).await;
    assert_eq!(failed.lifecycle_phase, LifecyclePhase::Frozen);
}

#[tokio::test]
async fn what_a_policy_denies_to_one_role_the_next_one_does() {
    let [first, second] = BOOTSTRAP_ROLE_NAMES;
    for (denied, open) in [
        (&[first][..], &[][..]),
        // The role that works comes last, and cannot shut itself.
        (&[first, second], &[MANAGE]),
    ] {
        let mut account = Box::pin(Frozen::with_roles()).await;
        account.cloud.world().denied_roles = denied.iter().map(|role| (*role).to_owned()).collect();
        let retired = account.apply(AccountLifecycleState::Retired).await;
        assert_eq!(retired.failures, [], "{denied:?}");
        assert_eq!(retired.lifecycle_phase, LifecyclePhase::Retired, "{denied:?}");
        assert_eq!(account.open_roles(), open, "{denied:?}");
        let stays = |role: &&str| Warning::RoleStays { role: (*role).to_owned() };
        assert_eq!(retired.warnings, open.iter().map(stays).collect::<Vec<_>>());

        let cancel = CancellationToken::new();
        let released = account.engine().release(&account.job, &account.id, LIMIT, &cancel).await;
        let said = released.unwrap();
        let LetGo::Done { warnings: said, .. } = said else { panic!("{said:?}") };
        let [Warning::Released { open_role, .. }] = &said[..] else { panic!("{said:?}") };
        assert_eq!(open_role.as_deref(), open.first().copied());
    }

    // A change that is denied, and not the look before it.
    let mut account = Box::pin(Frozen::with_roles()).await;
    account.cloud.fault("change", Fault::Before(Kind::Denied, "AccessDenied"));
    let retired = account.apply(AccountLifecycleState::Retired).await;
    assert_eq!((retired.failures, account.open_roles()), (vec![], vec![]));

    // Who is denied everything by every way is told so, and nothing is taken for shut.
    let mut account = Box::pin(Frozen::with_roles()).await;
    account.cloud.world().denied_roles = [first, second, MANAGE].map(str::to_owned).into();
    let failed = account.apply(AccountLifecycleState::Retired).await;
    assert_eq!(failed.lifecycle_phase, LifecyclePhase::Frozen);
    let [failure] = &failed.failures[..] else { panic!("{:?}", failed.failures) };
    assert_eq!(failure.attempt, Attempt::Shut);
    assert!(matches!(&failure.refusal, Refusal::Call(error) if error.kind == Kind::Denied));
}

#[tokio::test]
async fn a_role_is_not_left_open_because_those_that_shut_it_were_busy() {
    for kind in [Kind::Throttled, Kind::Unanswered] {
        let mut account = Box::pin(Frozen::with_roles()).await;
        let busy = || {
            for _ in BOOTSTRAP_ROLE_NAMES {
                account.cloud.fault("AssumeRole", Fault::Before(kind, "Busy"));
            }
        };
        busy();
        let job = account.job.clone();
        let cancel = CancellationToken::new();
        let refused = account.engine().release(&job, &account.id, LIMIT, &cancel).await;
        assert!(matches!(refused, Err(Refusal::Call(error)) if error.kind == kind));
        assert_eq!(account.open_roles(), [MANAGE], "{kind:?}");

        busy();
        let failed = account.apply(AccountLifecycleState::Retired).await;
        assert_eq!(failed.lifecycle_phase, LifecyclePhase::Frozen, "{kind:?}");
        assert_eq!(failed.failures.first().map(|of| of.attempt), Some(Attempt::Shut), "{kind:?}");
        assert_eq!(failed.warnings, [], "{kind:?}");

        let retired = account.apply(AccountLifecycleState::Retired).await;
        assert_eq!(retired.lifecycle_phase, LifecyclePhase::Retired, "{kind:?}: the next apply");
        assert_eq!((retired.warnings, account.open_roles()), (vec![], vec![]), "{kind:?}");
    }

    // With nobody let in there is no role that works either: it is not let go as if a person had locked us out.
    let account = Box::pin(Frozen::with_roles()).await;
    for _ in 0..3 {
        account.cloud.fault("AssumeRole", Fault::Before(Kind::Throttled, "Throttling"));
    }
    let cancel = CancellationToken::new();
    let refused = account.engine().release(&account.job, &account.id, LIMIT, &cancel).await;
    assert!(matches!(refused, Err(Refusal::NoAccess { .. })), "{refused:?}");
}

#[tokio::test]
async fn a_policy_that_was_attached_by_a_run_that_died_is_ours() {
    let mut account = Frozen::new().await;
    account.apply(AccountLifecycleState::Frozen).await;
    account.job.past.memory.quarantine_policies.clear();
    let seen = account.look().await;
    assert_eq!(seen.memory.quarantine_policies, BTreeSet::from([POLICY.to_owned()]));
    account.job.past.memory = seen.memory;
    account.apply(AccountLifecycleState::Frozen).await;
    account.policy_id = Some("p-stricter".to_owned());
    account.apply(AccountLifecycleState::Frozen).await;
    assert_eq!(account.binding(), ["p-stricter"]);
}

#[tokio::test]
async fn without_its_place_an_account_at_rest_is_no_work() {
    for bound in [true, false] {
        let mut account = Frozen::new().await;
        account.apply(AccountLifecycleState::Frozen).await;
        {
            let mut world = account.cloud.world();
            world.units.retain(|(_, unit)| unit.id != QUARANTINE);
            if !bound {
                world.policy.targets.clear();
            }
        }
        let seen = account.look().await;
        assert_eq!(seen.work, [""; 0], "{bound}");
        assert_eq!(seen.failures.first().map(|of| of.attempt), Some(Attempt::Parent), "{bound}");
        assert_eq!(seen.lifecycle_phase, LifecyclePhase::Frozen, "{bound}");
    }
}

#[tokio::test]
async fn what_drifts_in_quarantine_is_work_and_is_mended() {
    let mut account = Frozen::new().await;
    account.apply(AccountLifecycleState::Frozen).await;
    account.cloud.world().parents.insert(account.id.clone(), PROD.to_owned());
    account.cloud.world().policy.targets.clear();
    let seen = account.look().await;
    assert_eq!(seen.work.len(), 2, "{:?}", seen.work);
    assert_eq!(seen.lifecycle_phase, LifecyclePhase::Frozen);
    account.apply(AccountLifecycleState::Frozen).await;
    assert_eq!((account.place().as_str(), account.is_bound()), (QUARANTINE, true));
}

#[tokio::test]
async fn the_quarantine_is_checked_before_anything_is_changed() {
    let cancel = CancellationToken::new();
    for (content, expected) in [
        (SPARING, None),
        ("", Some(Flaw::TypeOff)),
        ("[]", Some(Flaw::Unreadable(String::new()))),
        (LOCKING, Some(Flaw::LocksOut(Vec::new()))),
        (
            r#"{"Statement":{"Effect":"Deny","Action":"worklink:*","Resource":"*"}}"#,
            Some(Flaw::Open(Open::Everything)),
        ),
    ] {
        let account = Frozen::new().await;
        account.cloud.world().policy.content = content.to_owned();
        let (engine, job) = (account.engine(), job("payments"));
        let found = match engine.check_quarantine(&job, &account.id, &cancel).await {
            Ok(_) => None,
            Err(Refusal::Quarantine { flaw, .. }) => Some(flaw),
            Err(other) => panic!("{content}: {other:?}"),
        };
        let kind = |flaw: &Flaw| std::mem::discriminant(flaw);
        assert_eq!(found.as_ref().map(kind), expected.as_ref().map(kind), "{content}: {found:?}");
    }
    let account = Frozen::new().await;
    account.cloud.fault("DescribePolicy", Fault::Before(Kind::NotFound, "PolicyNotFoundException"));
    let checked = account.engine().check_quarantine(&job("payments"), &account.id, &cancel).await;
    assert!(matches!(checked, Err(Refusal::Quarantine { flaw: Flaw::Missing, .. })));
    assert_eq!(account.cloud.count("AttachPolicy"), 0);
}

/// Where the quarantine has no policy of its own, those at its unit and above are judged, and all of them count.
#[tokio::test]
async fn a_quarantine_without_a_policy_holds_by_what_is_attached_to_its_unit_or_above() {
    const NARROW: &str = r#"{"Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}"#;
    const ALLOW: &str = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    const HERE: &str = r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"us-east-1"}}}}"#;
    let wide = SPARING.replace(
        r#""arn:aws:iam::*:role/OrganizationAccountAccessRole""#,
        r#"["arn:aws:iam::*:role/OrganizationAccountAccessRole","arn:aws:iam::*:role/Breakglass"]"#,
    );
    let cancel = CancellationToken::new();
    let held =
        |others: &[&str]| Ok(others.iter().map(|of| (*of).to_owned()).collect::<BTreeSet<_>>());
    /// By the node that has it, the text of a policy; and who is left out, or which policy comes closest.
    type Case<'a> = (&'a [(&'a str, &'a str)], Result<BTreeSet<String>, Option<&'a str>>);
    let cases: [Case<'_>; 7] = [
        (&[], Err(None)),
        (&[(QUARANTINE, ALLOW)], Err(None)),
        (&[(QUARANTINE, NARROW)], Err(None)),
        (&[(QUARANTINE, ALLOW), (ROOT, HERE)], Err(Some("p1"))),
        (&[(ROOT, SPARING), (QUARANTINE, NARROW)], held(&[])),
        (&[(QUARANTINE, &wide)], held(&["arn:aws:iam::*:role/Breakglass"])),
        (&[(QUARANTINE, &wide), (ROOT, SPARING)], held(&[])),
    ];
    for (attached, expected) in cases {
        let mut account = Frozen { policy_id: None, ..Frozen::new().await };
        for (at, (node, content)) in attached.iter().enumerate() {
            let mut world = account.cloud.world();
            let name = format!("p{at}");
            let content =
                PolicyContent { content: (*content).to_owned(), ..PolicyContent::default() };
            world.guardrails.insert(name.clone(), content);
            let types = world.policy_names.entry((*node).to_owned()).or_default();
            types.entry("SERVICE_CONTROL_POLICY".to_owned()).or_default().insert(name);
        }
        // AWS's own is on every node. It is not read: else it would hold here by what this says.
        for node in [QUARANTINE, ROOT] {
            let name = "FullAWSAccess".to_owned();
            let content = PolicyContent { content: SPARING.to_owned(), ..PolicyContent::default() };
            let mut world = account.cloud.world();
            world.guardrails.insert(name.clone(), content);
            let types = world.policy_names.entry(node.to_owned()).or_default();
            types.entry("SERVICE_CONTROL_POLICY".to_owned()).or_default().insert(name);
        }
        let (engine, job) = (account.engine(), job("payments"));
        let found = match engine.check_quarantine(&job, &account.id, &cancel).await {
            Ok(left_out) => Ok(left_out),
            Err(Refusal::NothingHolds { nearest, .. }) => Err(nearest.map(|(name, _)| name)),
            Err(other) => panic!("{attached:?}: {other:?}"),
        };
        assert_eq!(found, expected.clone().map_err(|name| name.map(str::to_owned)), "{attached:?}");
        // An apply moves nothing to where nothing is held, whatever the plan has seen.
        let applied = account.apply(AccountLifecycleState::Frozen).await;
        let (place, life) = match expected {
            Ok(_) => (QUARANTINE, LifecyclePhase::Frozen),
            Err(_) => (PROD, LifecyclePhase::Active),
        };
        assert_eq!((account.place().as_str(), applied.lifecycle_phase), (place, life));
    }
}

/// The policy comes off an account that is back where it belongs, and off no other.
#[tokio::test]
async fn an_account_that_cannot_go_back_stays_held() {
    let mut account = Frozen::new().await;
    account.job.request.parent = None;
    account.apply(AccountLifecycleState::Frozen).await;
    assert_eq!((account.place().as_str(), account.is_bound()), (QUARANTINE, true));
    let prod = |of: &(String, OrganizationalUnit)| of.1.id == PROD;
    let gone = account.cloud.world().units.extract_if(.., |of| prod(of)).next();
    let engine = account.engine();
    assert_eq!(engine.has_unit(PROD, &CancellationToken::new()).await, Ok(false));
    assert_eq!(engine.has_unit(QUARANTINE, &CancellationToken::new()).await, Ok(true));
    let done = account.apply(AccountLifecycleState::Active).await;
    assert_eq!((account.place().as_str(), account.is_bound()), (QUARANTINE, true));
    assert_eq!(done.lifecycle_phase, LifecyclePhase::Frozen);
    account.cloud.world().units.extend(gone);
    let done = account.apply(AccountLifecycleState::Active).await;
    assert_eq!((account.place().as_str(), account.is_bound()), (PROD, false));
    assert_eq!(done.lifecycle_phase, LifecyclePhase::Active);
}
