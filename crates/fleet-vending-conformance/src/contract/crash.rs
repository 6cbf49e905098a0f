//! The end of a vendor's process, wanted or not.

use std::time::{Duration, Instant};

use fleet_vending_proto::v1beta1 as pb;
use pb::Capability;

use crate::kit::{Kit, MANAGER, Tested, advance, advance_within, ensure, fail, show_end};

/// At how many events a process is killed at most.
const KILLS: usize = 12;

/// How long a vendor may take to end.
const END: Duration = Duration::from_secs(5);

pub(super) async fn is_survived(kit: &Kit) -> Tested {
    let with_token: &[bool] =
        if kit.can(Capability::ResumeToken) { &[false, true] } else { &[false] };
    let mut session = kit.own(MANAGER, false).await?;
    for kill_after in 1..=KILLS {
        let mut ended = false;
        for token in with_token {
            let mut account = kit.account();
            let mut call = session.advance(advance(&account)).await;
            for _ in 0..kill_after {
                if call.next().await.is_none() {
                    return Err(fail(
                        "an event",
                        call.end.as_ref().map_or("none".into(), show_end),
                    ));
                }
                ended |= call.end.is_some();
                if ended {
                    break;
                }
            }
            session.kill();
            let (native_id, resume_token) = call.checkpoint();
            drop(call);
            session = kit.own(MANAGER, false).await?;
            if *token {
                let mut request = advance(&account);
                request.resume_token = resume_token;
                let end = session.advance(request).await.end().await;
                ensure(
                    matches!(end, crate::session::End::Outcome(_)),
                    "an outcome with the token of the killed process",
                    || show_end(&end),
                )?;
            }
            kit.settle(&session, &mut account).await?;
            ensure(
                native_id.is_empty() || native_id == account.native_id,
                "the account of the killed process",
                || {
                    format!(
                        "killed after event {kill_after}: {native_id} before, {} after",
                        account.native_id
                    )
                },
            )?;
            kit.one_account(&session, &account).await?;
        }
        if ended {
            break;
        }
    }
    Ok(())
}

pub(super) async fn ends_with_stdin(kit: &Kit) -> Tested {
    let session = kit.own(MANAGER, false).await?;
    let account = kit.account();
    let at_work = match kit.needs_fault("slow") {
        Ok(()) => {
            let slow = kit.world.fault("slow")?;
            let mut call = session.advance(advance_within(&account, 60)).await;
            call.next().await;
            Some((slow, call))
        }
        Err(_) => None,
    };
    let began = Instant::now();
    let ended = session.ends_with_stdin(END).await;
    drop(at_work);
    ensure(
        ended,
        "the process ends within 5 seconds of the end of its stdin, whatever it does",
        || {
            format!(
                "it runs after {:?}; its log ends with:\n{}",
                began.elapsed(),
                session.log_end()
            )
        },
    )
}
