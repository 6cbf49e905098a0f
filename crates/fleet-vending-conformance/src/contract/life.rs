//! The steps of a life, and the list of those who live.

use std::collections::BTreeMap;

use fleet_vending_proto::v1beta1 as pb;
use pb::{AccountState, Capability, LifecycleState};
use tonic::Code;

use crate::kit::{Kit, Tested, advance, ensure, fail, show_end, transition};
use crate::session::End;

/// What no readiness has as its digest.
const ANOTHER_DIGEST: &str = "0000000000000000000000000000000000000000000000000000000000000000";

pub(super) async fn close_is_last(kit: &Kit) -> Tested {
    let session = kit.shared().await?;
    let mut account = kit.account();
    kit.settle(&session, &mut account).await?;
    let mut round = vec![LifecycleState::Retired, LifecycleState::Active];
    if kit.can(Capability::Freeze) {
        round.extend([LifecycleState::Frozen, LifecycleState::Active]);
    }
    for target in round {
        let end = kit.transition(&session, &mut account, target).await?;
        let name = target.as_str_name();
        ensure(lifecycle(&end) == Some(target) && !is_problem(&end), name, || show_end(&end))?;
    }
    let mut unseen = transition(&account, LifecycleState::Retired);
    unseen.expected_digest = ANOTHER_DIGEST.into();
    let end = session.transition(unseen).await.end().await;
    let taken = lifecycle(&end) == Some(LifecycleState::Retired) || !is_problem(&end);
    ensure(!taken, "no step where readiness has another digest than the plan saw", || {
        show_end(&end)
    })?;
    kit.needs(Capability::Close)?;
    let early = kit.transition(&session, &mut account, LifecycleState::Closed).await?;
    ensure(
        !is_closed(&early) && is_problem(&early),
        "a close of an account that is active is a problem",
        || show_end(&early),
    )?;
    let retired = kit.transition(&session, &mut account, LifecycleState::Retired).await?;
    ensure(lifecycle(&retired) == Some(LifecycleState::Retired), "retired", || show_end(&retired))?;
    for times in ["once", "twice"] {
        let closed = kit.transition(&session, &mut account, LifecycleState::Closed).await?;
        let expected = format!("closed {times} is success");
        ensure(is_closed(&closed) && !is_problem(&closed), &expected, || show_end(&closed))?;
        // A cloud that says that an account is closed may not say since when.
        let timed = matches!(&closed, End::Outcome(outcome) if !outcome.let_go_at.is_empty());
        ensure(timed || times == "twice", "a close that is done comes with let_go_at", || {
            "let_go_at is empty".into()
        })?;
    }
    let opened = session.advance(advance(&account)).await.end().await;
    ensure(!is_open(&opened), "an Advance opens nothing that is closed", || show_end(&opened))?;
    let opened = kit.transition(&session, &mut account, LifecycleState::Active).await?;
    ensure(!is_open(&opened) && is_problem(&opened), "a way back to active is a problem", || {
        show_end(&opened)
    })
}

pub(super) async fn list_is_whole(kit: &Kit) -> Tested {
    kit.needs(Capability::List)?;
    let session = kit.shared().await?;
    let mut wanted = Vec::new();
    for _ in 0..3 {
        let mut account = kit.account();
        kit.settle(&session, &mut account).await?;
        wanted.push(account);
    }
    for page_size in [0, 1, 2] {
        let mut times: BTreeMap<String, usize> = BTreeMap::new();
        for facts in kit.listed(&session, false, page_size).await? {
            *times.entry(facts.r#ref.unwrap_or_default().fleet_id).or_default() += 1;
        }
        for account in &wanted {
            let seen = times.get(&account.fleet_id).copied().unwrap_or_default();
            ensure(seen == 1, &format!("each account once, in pages of {page_size}"), || {
                format!("{} {seen} times", account.key)
            })?;
        }
    }
    let request =
        pb::ListRequest { page_token: "a token of nobody".into(), ..pb::ListRequest::default() };
    match session.list(request).await {
        Err(status) if status.code() == Code::InvalidArgument => Ok(()),
        Err(status) => {
            Err(fail("INVALID_ARGUMENT for a page token of nobody", format!("{:?}", status.code())))
        }
        Ok(answer) => {
            Err(fail("INVALID_ARGUMENT for a page token of nobody", format!("{answer:?}")))
        }
    }
}

pub(super) async fn adopt_and_release(kit: &Kit) -> Tested {
    let session = kit.shared().await?;
    let mut account = kit.account();
    kit.settle(&session, &mut account).await?;
    let native_id = account.native_id.clone();
    for times in ["once", "twice"] {
        let released = kit.transition(&session, &mut account, LifecycleState::Released).await?;
        let done = matches!(&released, End::Outcome(outcome) if outcome.failures.is_empty() && !outcome.let_go_at.is_empty() || times == "twice");
        ensure(
            done && !matches!(released, End::Status(..)),
            &format!("released {times} is success, with let_go_at"),
            || show_end(&released),
        )?;
    }
    if kit.can(Capability::ListUnmanaged) {
        let there = kit.listed(&session, true, 0).await?;
        let open = there.iter().any(|facts| {
            facts.r#ref.as_ref().is_some_and(|of| of.native_id == native_id)
                && facts.state() == AccountState::Open
        });
        ensure(open, "the released account is there, open, and nobody's", || format!("{there:?}"))?;
    }
    kit.needs(Capability::Adopt)?;
    let before = kit.world.witnessed()?;
    let mut heir = kit.heir(&account);
    let request = pb::AdoptRequest { request: Some(heir.request()), native_id: native_id.clone() };
    let answer = session.adopt(request).await?;
    let Some(pb::adopt_response::Result::Adoption(_)) = answer.result else {
        return Err(fail(
            "Adopt reports what a take-over would change",
            format!("{:?}", answer.result),
        ));
    };
    ensure(before == kit.world.witnessed()?, "Adopt writes nothing", || {
        "the witness has changed".into()
    })?;
    let mut advance = advance(&heir);
    advance.existing = Some(pb::advance_request::Existing::AdoptNativeId(native_id.clone()));
    let taken = session.advance(advance).await.end().await;
    let End::Outcome(outcome) = &taken else { return Err(fail("an outcome", show_end(&taken))) };
    heir.remember(outcome);
    ensure(heir.native_id == native_id, "the account that was named is taken over", || {
        format!("{} in place of {native_id}", heir.native_id)
    })?;
    kit.one_account(&session, &heir).await
}

fn lifecycle(end: &End) -> Option<LifecycleState> {
    match end {
        End::Outcome(outcome) => Some(outcome.lifecycle()),
        _ => None,
    }
}

fn is_closed(end: &End) -> bool {
    lifecycle(end) == Some(LifecycleState::Closed)
}

/// Whether the account is said to be in use.
fn is_open(end: &End) -> bool {
    match end {
        End::Outcome(outcome) => {
            let state = outcome.facts.as_ref().map_or(AccountState::Unspecified, pb::Facts::state);
            outcome.lifecycle() != LifecycleState::Closed
                || state == AccountState::Open
                || outcome.phase() == pb::Phase::Ready
        }
        _ => false,
    }
}

fn is_problem(end: &End) -> bool {
    match end {
        End::Outcome(outcome) => !outcome.failures.is_empty() || outcome.unfinished.is_some(),
        End::Refused(_) | End::Gone | End::Status(..) => true,
        End::Silent => false,
    }
}
