//! What a release or a close came to.

use fleet_model::lifecycle::LifecyclePhase;
use fleet_vending_proto::v1beta1 as wire;

use super::outcome::{Asked, warning_to};
use super::problem::from_message as problem_from;
use super::text::{Nonsense, few, time};
use super::{facts, stage};
use crate::outcome::LetGo;
use crate::phase::Phase;
use crate::problem::Problem;
use crate::warning::Warning;

/// What of the account there is to say; `None`: it is gone.
pub(in crate::wire) fn to_message(
    let_go: &LetGo,
    of: wire::AccountRef,
    target: LifecyclePhase,
) -> Option<wire::Outcome> {
    let (phase, life, at, warnings) = match let_go {
        LetGo::Done { at, warnings } => {
            let phase = match target {
                LifecyclePhase::Closed => Phase::Closing,
                _ => Phase::Removed,
            };
            let life = match target {
                LifecyclePhase::Closed => wire::LifecycleState::Closed,
                _ => wire::LifecycleState::Released,
            };
            (phase, life, at.to_string(), warnings.iter().map(warning_to).collect())
        }
        LetGo::Closed => (Phase::Closed, wire::LifecycleState::Closed, String::new(), Vec::new()),
        LetGo::Gone => return None,
    };
    Some(wire::Outcome {
        facts: Some(wire::Facts { r#ref: Some(of), ..wire::Facts::default() }),
        phase: stage::phase_to(phase).into(),
        lifecycle: life.into(),
        let_go_at: at,
        warnings,
        ..wire::Outcome::default()
    })
}

/// Reads it; inside, why the account was not let go.
pub(in crate::wire) fn from_message(
    outcome: wire::Outcome,
    asked: Asked<'_>,
) -> Result<Result<LetGo, Problem>, Nonsense> {
    let (found, _) = facts::from_message(outcome.facts.unwrap_or_default(), asked.key)?;
    if let Some(known) = asked.native_id
        && known != found.id
    {
        return Err(Nonsense(format!(
            "the account has the id {known}, and it answers with {:?}",
            found.id
        )));
    }
    let problem = |of: &wire::Problem| problem_from(asked.vendor, of);
    if let Some(failed) = outcome.failures.first().or(outcome.unfinished.as_ref()) {
        return Ok(Err(problem(failed)));
    }
    if let Some(at) = time("let_go_at", &outcome.let_go_at)? {
        let warnings = few("warnings", outcome.warnings)?;
        let warnings = warnings.iter().map(|of| Warning::Problem(Box::new(problem(of))));
        return Ok(Ok(LetGo::Done { at, warnings: warnings.collect() }));
    }
    match stage::phase_from(outcome.phase, true) {
        Phase::Closing | Phase::Closed => Ok(Ok(LetGo::Closed)),
        phase => Err(Nonsense(format!(
            "it says neither when the account was let go nor that it is closed: it is {phase}"
        ))),
    }
}
