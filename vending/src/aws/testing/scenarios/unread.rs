//! What cannot be read: a refresh leaves the state as it was, and an apply does not wait for what waiting does not change.

use fleet_model::contact::{Contact, ContactType};

use super::freeze::Frozen;
use super::*;
use crate::aws::account::converge::look::{Looked, Unread};
use crate::aws::organization::survey::Want;
use crate::aws::preflight::Coming;
use crate::operations::{self, Access};

const IDENTITIES: &str = "GetAccountAuthorizationDetails";
const PASSWORDS: &str = "GetAccountPasswordPolicy";

/// A refresh of an account that the state calls ready, with `fault` on every one of these calls.
async fn refreshed(call: &'static str, fault: &Fault, phase: Phase) -> Result<Looked, Refusal> {
    let (cloud, mut job, outcome) = vended().await;
    job.past.phase = phase;
    for _ in 0..20 {
        cloud.fault(call, fault.clone());
    }
    let cancel = CancellationToken::new();
    vending(&cloud, "us").look(&job, &outcome.facts.id, None, LIMIT, &cancel).await
}

#[tokio::test]
async fn what_a_refresh_could_not_read_is_no_change() {
    for (call, kind) in [
        (PASSWORDS, Kind::Unanswered),
        (PASSWORDS, Kind::Throttled),
        (PASSWORDS, Kind::NotYet),
        ("AssumeRole", Kind::Unanswered),
        ("AssumeRole", Kind::NotYet),
        ("AssumeRole", Kind::Denied),
        ("ListRegions", Kind::Unanswered),
        ("DescribeOrganizationalUnit", Kind::Unanswered),
        ("ListAWSServiceAccessForOrganization", Kind::Unanswered),
    ] {
        let fault = Fault::Before(kind, "Code");
        match refreshed(call, &fault, Phase::Ready).await {
            Ok(Looked::Unread(Unread { calls, no_access_role })) => {
                assert_eq!(calls.iter().map(|of| of.kind).collect::<BTreeSet<_>>().len(), 1);
                // A new account's role may have to spread: no person is asked to make one yet.
                let asks = call == "AssumeRole" && kind == Kind::Denied;
                assert_eq!(no_access_role.is_some(), asks, "{call} {kind:?}");
            }
            other => panic!("{call} {kind:?}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn what_was_never_ready_shows_that_its_role_refuses() {
    let fault = Fault::Before(Kind::Denied, "AccessDenied");
    let looked = refreshed("AssumeRole", &fault, Phase::Governed).await.unwrap();
    assert_eq!(looked.found().map(|outcome| outcome.phase), Some(Phase::Governed));
}

#[tokio::test]
async fn credentials_that_ended_end_a_refresh() {
    for call in ["AssumeRole", PASSWORDS] {
        let fault = Fault::Before(Kind::Credentials, "ExpiredToken");
        let refusal = refreshed(call, &fault, Phase::Ready).await.unwrap_err();
        assert!(
            matches!(refusal, Refusal::Call(error) if error.kind == Kind::Credentials),
            "{call}"
        );
    }
}

#[tokio::test]
async fn a_create_waits_for_what_lags_and_not_for_a_denial() {
    for (call, kind, waits) in [
        (PASSWORDS, Kind::NotYet, true),
        (PASSWORDS, Kind::Unanswered, true),
        (PASSWORDS, Kind::Denied, false),
        (PASSWORDS, Kind::Credentials, false),
        (PASSWORDS, Kind::Invalid, false),
        ("AssumeRole", Kind::NotYet, true),
        ("AssumeRole", Kind::Denied, false),
        ("AssumeRole", Kind::Credentials, false),
    ] {
        let seconds = async |faulty: bool| {
            let cloud = Cloud::new();
            for _ in 0..if faulty { 1_000 } else { 0 } {
                cloud.fault(call, Fault::Before(kind, "Code"));
            }
            let begin = cloud.now();
            let outcome = vend(&cloud, &job("payments")).await.unwrap();
            (cloud.now().duration_since(begin).as_secs(), outcome)
        };
        let ((without, _), (with, outcome)) = (seconds(false).await, seconds(true).await);
        assert_eq!(with > without, waits, "{call} {kind:?}: {without} s, {with} s");
        assert!(!outcome.ready(), "{call} {kind:?}");
        let told = outcome.failures.iter().any(|of| of.attempt == Attempt::Enter);
        assert!(told || call == PASSWORDS || kind == Kind::NotYet, "{call} {kind:?}");
    }
}

#[tokio::test]
async fn a_control_that_could_not_be_read_is_told_by_its_call() {
    let cloud = Cloud::new();
    let mut job = job("payments");
    job.request.contract.controls.insert("access-roles".to_owned(), ControlMode::Own);
    for _ in 0..20 {
        cloud.fault(IDENTITIES, Fault::Before(Kind::Denied, "AccessDenied"));
    }
    let outcome = vend(&cloud, &job).await.unwrap();
    let check = &outcome.readiness.checks["access-roles"];
    assert_eq!(check.verdict, Verdict::Unknown);
    assert_eq!(check.observed, format!("{IDENTITIES}: the call was denied"));
}

/// An account for which a refresh reads as much as it can, and the provider block that does so.
struct Read {
    cloud: Cloud,
    job: AccountJob,
    before: Outcome,
}

impl Read {
    async fn new(wished: AccountLifecycleState) -> Self {
        let cloud = Cloud::new();
        {
            cloud.with_landing_zone(0);
            let mut world = cloud.world();
            world.policy.content = r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/OrganizationAccountAccessRole"}}}}"#.to_owned();
        }
        let guard = Contact {
            name: "guard".to_owned(),
            title: "On call".to_owned(),
            email: "guard@example.com".to_owned(),
            phone_number: "+65 1234".to_owned(),
        };
        let mut job = job("payments");
        job.request.parent = Some(Parent::Path(vec!["Workloads".to_owned(), "Prod".to_owned()]));
        job.request.onboarding_parent = Some(Parent::Id(NONPROD.to_owned()));
        job.request.contract.controls.insert("organization-policies".to_owned(), ControlMode::Own);
        job.request.contacts = [(ContactType::Security, guard)].into();
        let cancel = CancellationToken::new();
        let vended = engine(&cloud).vend(&job, LIMIT, &cancel).await.unwrap();
        assert!(vended.ready(), "{:?}", vended.status_reason);
        let mut job = goes_on(&job, &vended);
        if wished != AccountLifecycleState::Active {
            job.request.lifecycle_state = wished;
            let id = &vended.facts.id;
            let rests = engine(&cloud).update(&job, id, LIMIT, &cancel).await.unwrap();
            assert_eq!((rests.failures.len(), rests.lifecycle_phase), (0, wished.phase()));
            job = goes_on(&job, &rests);
        }
        let mut account = Self { cloud, job, before: vended };
        account.cloud.world().calls.clear();
        account.before = account.look().await.unwrap().found().unwrap();
        assert_eq!(account.before.work, [""; 0]);
        account
    }

    async fn look(&self) -> Result<Looked, Refusal> {
        let (cancel, id) = (CancellationToken::new(), &self.before.facts.id);
        engine(&self.cloud).look(&self.job, id, None, LIMIT, &cancel).await
    }

    /// Whether nothing in the state would be another for it.
    fn is_unchanged(&self, seen: &Outcome) -> bool {
        let Outcome { phase, readiness, lifecycle_phase, memory, facts, .. } = &self.before;
        (phase, readiness, lifecycle_phase, memory, facts)
            == (&seen.phase, &seen.readiness, &seen.lifecycle_phase, &seen.memory, &seen.facts)
            && seen.work.is_empty()
            && seen.status_reason == self.before.status_reason
    }
}

/// By a path, so that a refresh reads the tree.
fn engine(cloud: &Cloud) -> Vending {
    lives::engine_with(cloud, Parent::Path(vec!["Workloads".to_owned(), "Nonprod".to_owned()]))
}

#[tokio::test]
async fn no_read_of_a_refresh_that_fails_is_a_change() {
    let mut made = BTreeSet::new();
    let reads: BTreeSet<&str> = operations::ORGANIZATION
        .iter()
        .chain(crate::aws::controls::member_calls())
        .filter(|of| of.access == Access::Read)
        .filter_map(|of| of.call.split_once(':').map(|(_, operation)| operation))
        .collect();
    for wished in [AccountLifecycleState::Active, AccountLifecycleState::Frozen] {
        let account = Read::new(wished).await;
        let calls: BTreeSet<String> = account.cloud.world().calls.iter().cloned().collect();
        for call in reads.iter().copied().filter(|call| calls.contains(*call)) {
            made.insert(call);
            for kind in [
                Kind::Denied,
                Kind::Unanswered,
                Kind::Throttled,
                Kind::Unexpected,
                Kind::Invalid,
                Kind::Unsupported,
            ] {
                for _ in 0..50 {
                    account.cloud.fault(call, Fault::Before(kind, "Code"));
                }
                let looked = account.look().await;
                account.cloud.world().faults.clear();
                let at = format!("{wished} {call} {kind:?}");
                match looked {
                    // Nothing can be told without it: the plan ends with an error.
                    Err(refused) => assert!(refused.to_string().contains(call), "{at}: {refused}"),
                    Ok(Looked::Unread(unread)) => {
                        let named = |of: &crate::error::Error| of.call == call;
                        assert!(unread.calls.iter().all(named), "{at}: {unread:?}");
                    }
                    Ok(Looked::Found(seen)) => {
                        assert!(account.is_unchanged(&seen), "{at}: {seen:?}");
                        // Others answer: the accounts for the index, and each for its own contacts.
                        let told = seen.failures.iter().any(|of| of.attempt == Attempt::Contacts);
                        let others = ["GetResources", "GetAlternateContact"].contains(&call)
                            && seen.contacts == account.before.contacts;
                        assert!(told || others, "{at}: nothing is told");
                    }
                    other => panic!("{at}: {other:?}"),
                }
            }
        }
    }
    // What a refresh does not ask for, or not of this account.
    let left: Vec<&str> = reads.difference(&made).copied().collect();
    assert_eq!(
        left,
        [
            "DescribeAccount",
            "DescribeCreateAccountStatus",
            "DescribeEffectivePolicy",
            "DescribeOrganizationalUnit",
            "GetAccountAuthorizationDetails",
            "GetAccountSummary",
            "GetBaselineOperation",
            "GetEbsEncryptionByDefault",
            "GetImageBlockPublicAccessState",
            "GetInstanceMetadataDefaults",
            "GetOpenIDConnectProvider",
            "GetPublicAccessBlock",
            "GetServiceQuota",
            "GetSnapshotBlockPublicAccessState",
            "ListAccountsForParent",
            "ListCreateAccountStatus",
            "ListDelegatedAdministrators",
            "ListOpenIDConnectProviders",
            "ListPoliciesForTarget",
            "ListPolicyTags",
            "ListRoles",
        ]
    );
}

/// What only looks, and what it says: of the same world always the same.
const LOOKS: [&str; 5] =
    ["a refresh", "an import", "duplicates", "a data source", "a plan of a create"];

async fn said(look: &str, account: &Frozen) -> Result<String, Refusal> {
    let (engine, cancel) = (account.engine(), CancellationToken::new());
    let (id, job) = (&account.id, &account.job);
    Ok(match look {
        "a refresh" => match Box::pin(engine.look(job, id, None, LIMIT, &cancel)).await? {
            Looked::Found(outcome) => format!("{outcome:?}"),
            Looked::Unread(unread) => {
                assert!(!unread.calls.is_empty());
                "unread".to_owned()
            }
            other => panic!("{other:?}"),
        },
        "an import" => format!("{:?}", engine.facts(id, &cancel).await?),
        "duplicates" => format!("{:?}", engine.duplicates(&cancel).await?),
        "a data source" => {
            format!("{:?}", engine.survey(&Want::Tags(BTreeSet::new()), &cancel).await?)
        }
        _ => {
            let Contract { key, email, .. } = &job.request.contract;
            let coming = Coming { key: key.as_str(), email, named: Some(id) };
            format!("{:?}", engine.found(&coming, &cancel).await?)
        }
    })
}

/// Whichever of its calls fails, and however: what only looks says that, or what it says always, and writes nothing.
#[tokio::test]
async fn whatever_cannot_be_read_nothing_else_is_said() {
    let mut runs = 0;
    for life in [AccountLifecycleState::Active, AccountLifecycleState::Frozen] {
        for look in LOOKS {
            let begin = async || {
                let mut account = Box::pin(Frozen::new()).await;
                account.job.request.parent = None;
                account.apply(life).await;
                // What is remembered is lost: the journal alone says it.
                account.job.past.memory = Memory::default();
                account.cloud.world().calls.clear();
                account
            };
            let account = Box::pin(begin()).await;
            let unharmed = said(look, &account).await.unwrap();
            let calls: BTreeSet<String> = account.cloud.world().calls.iter().cloned().collect();
            for call in &calls {
                let call: &'static str = Box::leak(call.clone().into_boxed_str());
                for kind in [Kind::Unanswered, Kind::Throttled, Kind::Unexpected, Kind::Credentials]
                {
                    let account = Box::pin(begin()).await;
                    for _ in 0..200 {
                        account.cloud.fault(call, Fault::Before(kind, "Code"));
                    }
                    let at = format!("{life:?}: {look}, {call} {kind:?}");
                    match said(look, &account).await {
                        Ok(said) => {
                            let same =
                                said == unharmed || said == "unread" && kind != Kind::Credentials;
                            assert!(same, "{at}:\n{said}\n{unharmed}");
                        }
                        Err(Refusal::Call(error)) => assert_eq!(error.kind, kind, "{at}"),
                        Err(Refusal::OutOfTime { .. }) => {}
                        Err(refusal) => panic!("{at}: {refusal:?}"),
                    }
                    let world = account.cloud.world();
                    let wrote = world.calls.iter().any(|of| of == "TagResource" || of == "change");
                    assert!(!wrote, "{at}");
                    runs += 1;
                }
            }
        }
    }
    assert!(runs >= 100, "{runs}");
}

/// What cannot be verified today stays in the journal: the next run may.
#[tokio::test]
async fn a_journal_that_cannot_be_verified_is_not_thrown_away() {
    for (call, kind) in [
        ("ListTargetsForPolicy", Kind::Denied),
        ("ListTargetsForPolicy", Kind::Unanswered),
        ("ListRoots", Kind::Unanswered),
    ] {
        let mut account = Box::pin(Frozen::new()).await;
        account.job.request.parent = None;
        account.apply(AccountLifecycleState::Frozen).await;
        let journal = account.cloud.world().tags[&account.id][tags::JOURNAL].clone();
        account.job.past.memory = Memory::default();
        for _ in 0..200 {
            account.cloud.fault(call, Fault::Before(kind, "Code"));
        }
        account.apply(AccountLifecycleState::Frozen).await;
        assert_eq!(account.cloud.world().tags[&account.id][tags::JOURNAL], journal, "{call}");
    }
}
