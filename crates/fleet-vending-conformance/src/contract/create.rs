//! One account per key, whatever calls for it.

use std::time::Duration;

use fleet_vending_proto::v1beta1 as pb;
use pb::event::Event;
use tonic::Code;

use crate::kit::{Kit, MANAGER, Tested, advance, advance_within, ensure, fail, show_end};
use crate::session::End;

/// Seconds that a call may take which waits for something on purpose.
const LONG: u32 = 20;

pub(super) async fn ten_times_is_once(kit: &Kit) -> Tested {
    let session = kit.shared().await?;
    let mut account = kit.account();
    let mut first = String::new();
    for number in 1..=10 {
        // A host that lost its state each time.
        let mut again = account.forgotten();
        kit.settle(&session, &mut again).await?;
        ensure(!again.native_id.is_empty(), "an outcome with a native_id", || "none".into())?;
        if number == 1 {
            first.clone_from(&again.native_id);
        }
        ensure(again.native_id == first, "the same native_id each time", || {
            format!("{first} at first, {} at call {number}", again.native_id)
        })?;
        account = again;
    }
    kit.one_account(&session, &account).await
}

pub(super) async fn one_call_per_key(kit: &Kit) -> Tested {
    kit.needs_fault("slow")?;
    let session = kit.shared().await?;
    let account = kit.account();
    let slow = kit.world.fault("slow")?;
    let mut first = session.advance(advance_within(&account, LONG)).await;
    if first.next().await.is_none() {
        return Err(fail("an event", first.end.as_ref().map_or("none".into(), show_end)));
    }
    let second = session.advance(advance_within(&account, 1)).await.end().await;
    ensure(
        matches!(second, End::Status(Code::Aborted, _)),
        "a second call ends with ABORTED",
        || show_end(&second),
    )?;
    drop(slow);
    let first = first.end().await;
    ensure(matches!(first, End::Outcome(_)), "the first call goes on", || show_end(&first))
}

pub(super) async fn two_processes_make_one(kit: &Kit) -> Tested {
    let one = kit.shared().await?;
    let other = kit.own(MANAGER, false).await?;
    for _ in 0..3 {
        let (mut left, mut right) = (kit.account(), kit.account());
        right.clone_from(&left);
        let (a, b) = tokio::join!(kit.settle(&one, &mut left), kit.settle(&other, &mut right));
        a?;
        b?;
        ensure(left.native_id == right.native_id, "one account", || {
            format!("{} in one process, {} in the other", left.native_id, right.native_id)
        })?;
        kit.one_account(&one, &left).await?;
    }
    Ok(())
}

pub(super) async fn phases_go_forward(kit: &Kit) -> Tested {
    let session = kit.shared().await?;
    let mut account = kit.account();
    let described: Vec<i32> = kit.about.phases.iter().map(|phase| phase.phase).collect();
    // By an outcome of an earlier call; within a call the progress that is told counts, too.
    let mut settled = 0;
    for _ in 0..3 {
        let mut reached = 0;
        let call = session.advance(advance(&account)).await.finish().await;
        for event in &call.events {
            let (phase, reason) = match event {
                Event::Progress(progress) => (progress.phase, ""),
                Event::Outcome(outcome) => (outcome.phase, outcome.status_reason.as_str()),
                _ => continue,
            };
            if matches!(event, Event::Outcome(_)) {
                reached = reached.max(settled);
            }
            step(&described, &mut reached, phase, reason)?;
        }
        let Some(End::Outcome(outcome)) = &call.end else {
            return Err(fail("an outcome", call.end.as_ref().map_or("none".into(), show_end)));
        };
        account.remember(outcome);
        settled = reached;
        if outcome.identity_pending {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
    kit.settle(&session, &mut account).await?;
    let seen = session.observe(account.request()).await?;
    let Some(pb::observation::Result::Found(outcome)) = seen.result else {
        return Err(fail("Observe finds the account", format!("{:?}", seen.result)));
    };
    step(&described, &mut settled, outcome.phase, &outcome.status_reason)
}

/// One phase after another: forward, or back with a reason; those aside of the order need a reason.
fn step(described: &[i32], reached: &mut i32, phase: i32, reason: &str) -> Tested {
    let ready: i32 = pb::Phase::Ready.into();
    let name =
        pb::Phase::try_from(phase).map_or("a phase that is not known", |phase| phase.as_str_name());
    if phase > ready {
        return ensure(
            !reason.is_empty(),
            "a phase aside of the order comes with a status_reason",
            || name.to_owned(),
        );
    }
    ensure(described.contains(&phase), "a phase that Describe names", || name.to_owned())?;
    ensure(
        phase >= *reached || !reason.is_empty(),
        "no phase before the one that was reached, without a status_reason",
        || format!("{name} after phase {reached}"),
    )?;
    *reached = (*reached).max(phase);
    Ok(())
}
