//! What cannot be read: a refresh leaves the state as it was, and an apply does not wait for what waiting does not change.

use super::freeze::Frozen;
use super::*;
use crate::engine::preflight::Coming;
use crate::engine::{Looked, Unread, Want};

const IDENTITIES: &str = "GetAccountAuthorizationDetails";
const PASSWORDS: &str = "GetAccountPasswordPolicy";

/// A refresh of an account that the state calls ready, with `fault` on every one of these calls.
async fn refreshed(call: &'static str, fault: &Fault, phase: Phase) -> Result<Looked, Refusal> {
    let (cloud, mut wish, outcome) = vended().await;
    wish.phase = phase;
    for _ in 0..20 {
        cloud.fault(call, fault.clone());
    }
    let cancel = CancellationToken::new();
    vending(&cloud, "us").look(&wish, &outcome.facts.id, None, LIMIT, &cancel).await
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
            let outcome = vend(&cloud, &wish("payments")).await.unwrap();
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
    let mut wish = wish("payments");
    wish.contract.controls.insert("access-roles".to_owned(), ControlMode::Own);
    for _ in 0..20 {
        cloud.fault(IDENTITIES, Fault::Before(Kind::Denied, "AccessDenied"));
    }
    let outcome = vend(&cloud, &wish).await.unwrap();
    let check = &outcome.readiness.checks["access-roles"];
    assert_eq!(check.verdict, Verdict::Unknown);
    assert_eq!(check.observed, format!("{IDENTITIES}: the call was denied"));
}

/// What only looks, and what it says: of the same world always the same.
const LOOKS: [&str; 5] =
    ["a refresh", "an import", "duplicates", "a data source", "a plan of a create"];

async fn said(look: &str, account: &Frozen) -> Result<String, Refusal> {
    let (engine, cancel) = (account.engine(), CancellationToken::new());
    let (id, wish) = (&account.id, &account.wish);
    Ok(match look {
        "a refresh" => match Box::pin(engine.look(wish, id, None, LIMIT, &cancel)).await? {
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
            let Contract { key, email, .. } = &wish.contract;
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
                account.wish.parent = None;
                account.apply(life).await;
                // What is remembered is lost: the journal alone says it.
                account.wish.memory = Memory::default();
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
        account.wish.parent = None;
        account.apply(AccountLifecycleState::Frozen).await;
        let journal = account.cloud.world().tags[&account.id][tags::JOURNAL].clone();
        account.wish.memory = Memory::default();
        for _ in 0..200 {
            account.cloud.fault(call, Fault::Before(kind, "Code"));
        }
        account.apply(AccountLifecycleState::Frozen).await;
        assert_eq!(account.cloud.world().tags[&account.id][tags::JOURNAL], journal, "{call}");
    }
}
