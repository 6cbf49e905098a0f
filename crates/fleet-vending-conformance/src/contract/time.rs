//! Cancellation, deadlines and the order of events.

use std::time::{Duration, Instant};

use fleet_vending_proto::{limits, v1beta1 as pb};
use pb::event::Event;
use tonic::Code;

use crate::kit::{Kit, Tested, advance, advance_within, ensure, fail, show_end};
use crate::session::{Call, End};

/// Until when a cancelled call has to be over.
const CANCELLED: Duration = Duration::from_secs(10);

/// Seconds for a call that cannot be done in them.
const DEADLINE: u32 = 2;

/// How much later than its deadline a call may end.
const LATE: Duration = Duration::from_secs(10);

pub(super) async fn cancelled_and_resumed(kit: &Kit) -> Tested {
    kit.needs_fault("slow")?;
    let session = kit.shared().await?;
    let mut account = kit.account();
    let slow = kit.world.fault("slow")?;
    let mut call = session.advance(advance_within(&account, 60)).await;
    while let Some(event) = call.next().await {
        if matches!(event, Event::Progress(_)) {
            break;
        }
    }
    if let Some(end) = &call.end {
        return Err(fail("a call that waits", show_end(end)));
    }
    drop(call);
    let began = Instant::now();
    loop {
        let end = session.advance(advance_within(&account, 1)).await.end().await;
        if !matches!(end, End::Status(Code::Aborted, _)) {
            break;
        }
        ensure(
            began.elapsed() < CANCELLED,
            "the cancelled call is over within 10 seconds",
            || "another call for the key is still ABORTED".into(),
        )?;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    drop(slow);
    kit.settle(&session, &mut account).await?;
    kit.one_account(&session, &account).await
}

pub(super) async fn deadline_is_an_outcome(kit: &Kit) -> Tested {
    kit.needs_fault("slow")?;
    let session = kit.shared().await?;
    let account = kit.account();
    let slow = kit.world.fault("slow")?;
    let began = Instant::now();
    let limit = Duration::from_secs(DEADLINE.into()) + LATE;
    let call = session.advance(advance_within(&account, DEADLINE)).await;
    let end = tokio::time::timeout(limit, call.end()).await;
    drop(slow);
    let expected = "an outcome that is unfinished, at the deadline";
    let Ok(end) = end else {
        return Err(fail(expected, format!("the call goes on after {:?}", began.elapsed())));
    };
    let unfinished = matches!(&end, End::Outcome(outcome) if outcome.unfinished.is_some() || outcome.identity_pending);
    ensure(unfinished, expected, || show_end(&end))
}

pub(super) async fn events_are_in_order(kit: &Kit) -> Tested {
    let session = kit.shared().await?;
    let account = kit.account();
    // The first call makes the account, the second finds it.
    for _ in 0..2 {
        let call = session.advance(advance(&account)).await.finish().await;
        in_order(&call)?;
    }
    if kit.needs_fault("slow").is_ok() {
        let account = kit.account();
        let slow = kit.world.fault("slow")?;
        let deadline = u32::try_from(kit.silence.as_secs()).unwrap_or(60) + DEADLINE;
        let call = session.advance(advance_within(&account, deadline)).await;
        let call =
            tokio::time::timeout(Duration::from_secs(deadline.into()) + LATE, call.finish()).await;
        drop(slow);
        let call = call.map_err(|_| fail("an end", "none"))?;
        ensure(
            call.longest_silence <= kit.silence,
            &format!("something at least every {:?}", kit.silence),
            || format!("nothing for {:?}", call.longest_silence),
        )?;
        in_order(&call)?;
    }
    Ok(())
}

fn in_order(call: &Call) -> Tested {
    let names = || call.events.iter().map(name).collect::<Vec<_>>().join(", ");
    ensure(matches!(call.events.first(), Some(Event::Accepted(_))), "Accepted first", names)?;
    let accepted = call.events.iter().filter(|event| matches!(event, Event::Accepted(_))).count();
    ensure(accepted == 1, "Accepted once", names)?;
    ensure(call.surplus == 0, "nothing after the Outcome", names)?;
    ensure(
        !matches!(call.end, None | Some(End::Silent)),
        "an Outcome, Refused or Gone at the end",
        names,
    )?;
    let (checkpointed, _) = call.checkpoint();
    for event in &call.events {
        match event {
            Event::Checkpoint(checkpoint) => {
                ensure(
                    checkpoint.resume_token.len() <= limits::RESUME_TOKEN,
                    "a resume token of at most 4 KiB",
                    || format!("{} bytes", checkpoint.resume_token.len()),
                )?;
                let same = checkpoint.native_id.is_empty() || checkpoint.native_id == checkpointed;
                ensure(same, "one native_id in all checkpoints", || {
                    format!("{} and {checkpointed}", checkpoint.native_id)
                })?;
            }
            Event::Outcome(outcome) => {
                let told = outcome.facts.as_ref().and_then(|facts| facts.r#ref.as_ref());
                let told = told.map_or("", |of| of.native_id.as_str());
                ensure(
                    told == checkpointed,
                    "a Checkpoint with the native_id before the Outcome that has it",
                    || {
                        format!(
                            "{told:?} in the Outcome, {checkpointed:?} in checkpoints: {}",
                            names()
                        )
                    },
                )?;
                ensure(
                    !told.is_empty() || outcome.identity_pending,
                    "an Outcome without a native_id says identity_pending",
                    || {
                        pb::Phase::try_from(outcome.phase)
                            .map_or("", |phase| phase.as_str_name())
                            .into()
                    },
                )?;
                ensure(outcome.memory.len() <= limits::MEMORY, "memory of at most 64 KiB", || {
                    format!("{} bytes", outcome.memory.len())
                })?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn name(event: &Event) -> &'static str {
    match event {
        Event::Accepted(_) => "Accepted",
        Event::Checkpoint(_) => "Checkpoint",
        Event::Progress(_) => "Progress",
        Event::Evidence(_) => "Evidence",
        Event::Warning(_) => "Warning",
        Event::Outcome(_) => "Outcome",
        Event::Refused(_) => "Refused",
        Event::Gone(_) => "Gone",
    }
}
