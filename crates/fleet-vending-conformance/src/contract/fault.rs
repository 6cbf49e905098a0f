//! What the vendor's cloud does wrong, and what the vendor makes of it.

use fleet_vending_proto::v1beta1 as pb;
use pb::ProblemClass;

use crate::kit::{Broken, Kit, Tested, advance, advance_within, classes, ensure, fail, show_end};
use crate::session::End;

/// Seconds for a call whose cloud fails for as long as it lasts.
const SHORT: u32 = 2;

/// A fault, and the class that tells it.
const CLASSES: [(&str, ProblemClass); 10] = [
    ("throttled", ProblemClass::Throttled),
    ("busy", ProblemClass::Busy),
    ("in_flight_limit", ProblemClass::InFlightLimit),
    ("not_yet", ProblemClass::NotYet),
    ("denied", ProblemClass::Denied),
    ("invalid", ProblemClass::Invalid),
    ("quota", ProblemClass::Quota),
    ("unsupported", ProblemClass::Unsupported),
    ("credentials", ProblemClass::Credentials),
    ("unexpected", ProblemClass::Unexpected),
];

pub(super) async fn a_lost_answer_is_looked_up(kit: &Kit) -> Tested {
    kit.needs_fault("lost_answer")?;
    let session = kit.shared().await?;
    let mut account = kit.account();
    let lost = kit.world.fault("lost_answer")?;
    let call = session.advance(advance_within(&account, SHORT)).await.finish().await;
    let (first, _) = call.checkpoint();
    drop(lost);
    kit.settle(&session, &mut account).await?;
    ensure(
        first.is_empty() || first == account.native_id,
        "the account that was made without an answer",
        || format!("{first} before, {} after", account.native_id),
    )?;
    kit.one_account(&session, &account).await
}

pub(super) async fn has_its_class(kit: &Kit) -> Tested {
    let mut tried = 0;
    let mut reason = String::new();
    for (name, class) in CLASSES {
        if let Err(because) = kit.world.knows(name) {
            reason = because;
            continue;
        }
        tried += 1;
        let session = kit.shared().await?;
        let account = kit.account();
        let fault = kit.world.fault(name)?;
        let call = session.advance(advance_within(&account, SHORT)).await.finish().await;
        drop(fault);
        let told = classes(&call);
        ensure(
            told.contains(&class),
            &format!("a cloud that fails with `{name}` is told as {}", class.as_str_name()),
            || {
                let told: Vec<&str> = told.iter().map(ProblemClass::as_str_name).collect();
                let end = call.end.as_ref().map_or("none".into(), show_end);
                format!("problems {told:?}, and at the end {end}")
            },
        )?;
    }
    if tried == 0 { Err(Broken::Skip(reason)) } else { Ok(()) }
}

pub(super) async fn human(kit: &Kit) -> Tested {
    kit.needs_fault("human")?;
    let session = kit.shared().await?;
    let mut account = kit.account();
    let person = kit.world.fault("human")?;
    let expected = "an outcome in PHASE_NEEDS_HUMAN with a status_reason and a problem of class HUMAN with a remedy";
    let began = std::time::Instant::now();
    // A vendor that waits for people hears of it when they answer.
    let outcome = loop {
        let call = session.advance(advance_within(&account, SHORT)).await.finish().await;
        let Some(End::Outcome(outcome)) = call.end else {
            return Err(fail(expected, call.end.as_ref().map_or("none".into(), show_end)));
        };
        account.remember(&outcome);
        if !outcome.identity_pending
            || outcome.phase() != pb::Phase::Requested
            || began.elapsed() > kit.patience
        {
            break outcome;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    };
    let mut problems = outcome.unfinished.iter().chain(&outcome.failures).chain(&outcome.warnings);
    let told = problems
        .any(|problem| problem.class() == ProblemClass::Human && !problem.remedy.is_empty());
    let whole =
        outcome.phase() == pb::Phase::NeedsHuman && !outcome.status_reason.is_empty() && told;
    ensure(whole, expected, || format!("{:?}", End::Outcome(outcome.clone())))?;
    drop(person);
    let settled = kit.settle(&session, &mut account).await?;
    ensure(
        settled.phase() != pb::Phase::NeedsHuman,
        "it goes on after the person has acted",
        || settled.status_reason.clone(),
    )?;
    let again = session.advance(advance(&account)).await.end().await;
    ensure(matches!(again, End::Outcome(_)), "and stays so", || show_end(&again))
}
