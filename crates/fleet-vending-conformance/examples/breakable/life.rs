//! The steps of an account's life.

use fleet_vending_proto::v1beta1 as pb;
use futures::stream;
use pb::event::Event;
use pb::{LifecycleState, ProblemClass};
use tonic::Status;

use crate::cloud::{Failure, Life};
use crate::switch::Switch;
use crate::work::{Configured, Events, digest, outcome};

/// What a `Transition` tells.
pub(crate) fn transition(
    configured: Configured,
    call: pb::TransitionRequest,
) -> Result<Events, Status> {
    let request = call.request.clone().unwrap_or_default();
    let end = match step(&configured, &request, &call) {
        Ok(end) => end,
        Err(failure) => Event::Refused(configured.problem(&failure)),
    };
    let mut events = vec![Event::Accepted(pb::Accepted {})];
    if let Event::Outcome(outcome) = &end {
        let native_id =
            outcome.facts.clone().unwrap_or_default().r#ref.unwrap_or_default().native_id;
        events.push(Event::Checkpoint(pb::Checkpoint { native_id, resume_token: Vec::new() }));
    }
    events.push(end);
    let fire = configured.cloud.fire.clone();
    Ok(Box::pin(stream::iter(events.into_iter().map(move |event| {
        fire.point("tells");
        Ok(pb::Event { event: Some(event) })
    }))))
}

fn step(
    configured: &Configured,
    request: &pb::AccountRequest,
    call: &pb::TransitionRequest,
) -> Result<Event, Failure> {
    let fleet_id = request.r#ref.as_ref().map_or("", |of| of.fleet_id.as_str());
    let target = call.target();
    let gone = Event::Gone(pb::Gone { looked_in: "the directory".into() });
    let Some(mut account) = configured.cloud.read(fleet_id)? else { return Ok(gone) };
    if account.lifecycle == Life::Released && target == LifecycleState::Released {
        return Ok(Event::Outcome(outcome(&account)));
    }
    if let Some(problem) = configured.why_not(request, &account) {
        return Ok(Event::Refused(problem));
    }
    let to = match target {
        LifecycleState::Frozen => Life::Frozen,
        LifecycleState::Retired => Life::Retired,
        LifecycleState::Released => Life::Released,
        LifecycleState::Closed => Life::Closed,
        LifecycleState::Active | LifecycleState::Unspecified => Life::Active,
    };
    let from = account.lifecycle;
    let unseen = !call.expected_digest.is_empty() && call.expected_digest != digest();
    let frozen = from == Life::Frozen && configured.breaks(Switch::FreezesForGood);
    let unseen = unseen && !configured.breaks(Switch::DigestIsIgnored);
    let early = to == Life::Closed
        && from != Life::Retired
        && !configured.breaks(Switch::ClosesWhatIsActive);
    if from != to && (from == Life::Closed || early || unseen || frozen) {
        let problem = configured.problem_of(ProblemClass::Invalid);
        return Ok(Event::Outcome(pb::Outcome { failures: vec![problem], ..outcome(&account) }));
    }
    if from != to {
        account.lifecycle = to;
        if matches!(to, Life::Released | Life::Closed) {
            account.let_go_at = "2026-11-30T17:00:00Z".into();
        }
        if to == Life::Released {
            account.managed_by.clear();
            if configured.breaks(Switch::ReleaseDeletes) {
                configured.cloud.delete(fleet_id)?;
                return Ok(Event::Outcome(outcome(&account)));
            }
        }
        configured.cloud.write(&account)?;
    }
    Ok(Event::Outcome(outcome(&account)))
}
