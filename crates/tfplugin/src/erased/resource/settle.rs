//! What goes into state after a call: by the plan, by what the resource says, and by what the CLI makes
//! of an error.

use super::Outcome;
use crate::deferred::Deferred;
use crate::diagnostic::{Diagnostic, Diagnostics, Notice, Severity};
use crate::erased::{Saved, Stored};
use crate::plan::{consistency, engine, shape};
use crate::private::Private;
use crate::schema::Block;
use crate::value::Value;

/// Everything as it was.
pub(super) fn unchanged(before: Stored<'_>, diagnostics: impl Into<Diagnostics>) -> Saved {
    let Stored { state, identity, private } = before;
    Saved { identity, ..saved(state, private.to_vec(), diagnostics.into()) }
}

/// An object whose identity is still to be asked for.
fn saved(state: Value, private: Vec<u8>, diagnostics: Diagnostics) -> Saved {
    Saved { state, identity: Value::Null, private, deferred: None, diagnostics }
}

/// What a deferred answer comes to: everything as it was, and a fault where the CLI cannot wait.
pub(super) fn deferred(before: Stored<'_>, reason: Deferred, allowed: bool) -> Saved {
    if allowed {
        return Saved { deferred: Some(reason), ..unchanged(before, Diagnostics::new()) };
    }
    unchanged(before, crate::erased::not_deferrable())
}

pub(super) fn read(block: &Block, before: Stored<'_>, outcome: Outcome) -> Saved {
    let Outcome { state, private: kept, mut diagnostics, .. } = outcome;
    if diagnostics.has_errors() {
        return unchanged(before, diagnostics);
    }
    let Some(state) = state else {
        return unchanged(Stored::nothing(), diagnostics);
    };
    let unknown = unknown(&state, "read");
    if !unknown.is_empty() {
        diagnostics.extend(unknown);
        return unchanged(before, diagnostics);
    }
    let state = tidy(block, &before.state, state, &mut diagnostics);
    if diagnostics.has_errors() {
        return unchanged(before, diagnostics);
    }
    saved(state, bytes(kept, before.private), diagnostics)
}

pub(super) fn create(block: &Block, planned: &Value, private: &[u8], outcome: Outcome) -> Saved {
    let Outcome { state, private: kept, mut diagnostics, .. } = outcome;
    let Some(state) = state else {
        if !diagnostics.has_errors() {
            let what = "After the create there is no object, and no error.";
            diagnostics.push(Diagnostic::fault(Severity::Error, "Nothing was created", what));
        }
        return saved(Value::Null, Vec::new(), diagnostics);
    };
    // An error together with an object would have the CLI destroy a good object with the next apply.
    // So what breaks the plan is put right, with a warning; the next read shows what is really there.
    let mut faults = Diagnostics::new();
    let state = tidy(block, planned, state, &mut faults);
    let warning = |fault| Diagnostic { severity: Severity::Warning, ..fault };
    diagnostics.extend(faults.into_iter().map(warning));
    for (path, how) in consistency::check_result(planned, &state) {
        let what = format!("After the create, the value of `{path}` {how}.");
        let fault = Diagnostic::fault(Severity::Warning, "Inconsistent result of a create", &what);
        diagnostics.push(fault.at(path));
    }
    let state = consistency::as_planned(planned, state);
    saved(state, bytes(kept, private), diagnostics)
}

pub(super) fn update(
    block: &Block,
    prior: Value,
    planned: &Value,
    private: &[u8],
    outcome: Outcome,
) -> Saved {
    let Outcome { state, private: kept, mut diagnostics, .. } = outcome;
    let Some(state) = state else {
        if !diagnostics.has_errors() {
            let what = "After the update there is no object, and no error.";
            diagnostics.push(Diagnostic::fault(Severity::Error, "Nothing was updated", what));
        }
        return saved(prior, bytes(kept, private), diagnostics);
    };
    let state = tidy(block, planned, state, &mut diagnostics);
    // With an error the state is what is really there, whatever was planned.
    if !diagnostics.has_errors() {
        for (path, how) in consistency::check_result(planned, &state) {
            let what = format!("After the update, the value of `{path}` {how}.");
            let summary = "Inconsistent result of an update";
            diagnostics.push(Diagnostic::fault(Severity::Error, summary, &what).at(path));
        }
    }
    let state = known_or_prior(state, &prior);
    saved(state, bytes(kept, private), diagnostics)
}

pub(super) fn delete(block: &Block, prior: Value, private: &[u8], outcome: Outcome) -> Saved {
    let Outcome { state, private: kept, mut diagnostics, .. } = outcome;
    if state.is_some() && !diagnostics.has_errors() {
        let what = "After the delete the object is still there, and no error says why.";
        diagnostics.push(Diagnostic::fault(Severity::Error, "Nothing was deleted", what));
    }
    if !diagnostics.has_errors() {
        return saved(Value::Null, Vec::new(), diagnostics);
    }
    let state = match state {
        Some(state) => known_or_prior(tidy(block, &prior, state, &mut diagnostics), &prior),
        None => prior,
    };
    saved(state, bytes(kept, private), diagnostics)
}

/// `which` says which object was asked for.
pub(super) fn import(block: &Block, which: &str, outcome: Outcome) -> Saved {
    let Outcome { state, private: kept, mut diagnostics, .. } = outcome;
    let state = match state {
        Some(state) if !diagnostics.has_errors() => {
            consistency::without_unknown(tidy(block, &Value::Null, state, &mut diagnostics))
        }
        _ => {
            if !diagnostics.has_errors() {
                let detail = format!("There is no {which}.");
                diagnostics.push(Diagnostic::noticed(
                    Notice::NotFound,
                    "Nothing to import",
                    detail,
                ));
            }
            Value::Null
        }
    };
    saved(state, bytes(kept, &[]), diagnostics)
}

/// A state that an upgrade made.
pub(super) fn upgraded(block: &Block, state: Value) -> Result<Value, Diagnostics> {
    whole(block, state, "upgrade")
}

/// The state of an object that a list found.
pub(super) fn listed(block: &Block, state: Value) -> Result<Value, Diagnostics> {
    whole(block, state, "list")
}

fn whole(block: &Block, state: Value, after: &str) -> Result<Value, Diagnostics> {
    let mut wrong = Diagnostics::new();
    let state = tidy(block, &Value::Null, state, &mut wrong);
    wrong.extend(unknown(&state, after));
    if wrong.is_empty() { Ok(state) } else { Err(wrong) }
}

pub(super) fn moved(block: &Block, type_name: &str, outcome: Outcome) -> Saved {
    let Outcome { state, private: kept, deferred, mut diagnostics } = outcome;
    let state = tidy(block, &Value::Null, state.unwrap_or(Value::Null), &mut diagnostics);
    if deferred.is_some() {
        diagnostics.push(crate::erased::not_deferrable());
    }
    if !diagnostics.has_errors() {
        if state.is_null() {
            let what = format!("The move to `{type_name}` brought no object, and no error.");
            diagnostics.push(Diagnostic::fault(Severity::Error, "Nothing was moved", &what));
        }
        diagnostics.extend(unknown(&state, "move"));
    }
    saved(state, bytes(kept, &[]), diagnostics)
}

/// Says of each unknown value that there is none in a state.
fn unknown(state: &Value, after: &str) -> Diagnostics {
    let fault = |path: crate::diagnostic::Path| {
        let what = format!("After the {after}, the value of `{path}` is unknown.");
        Diagnostic::fault(Severity::Error, "Invalid state", &what).at(path)
    };
    consistency::unknown_paths(state).into_iter().map(fault).collect()
}

/// Without write-only values, in the spelling of `before` where that means the same, and in its shape.
fn tidy(block: &Block, before: &Value, mut state: Value, diagnostics: &mut Diagnostics) -> Value {
    engine::without_write_only(block, &mut state);
    engine::keep_equal_spellings(block, before, &mut state, diagnostics);
    shape::restore(block, before, &mut state);
    state
}

/// No state keeps an unknown value: what was not found out is as it was before.
fn known_or_prior(state: Value, prior: &Value) -> Value {
    match (state, prior) {
        (Value::Object(state), Value::Object(prior)) => Value::Object(
            state
                .into_iter()
                .map(|(name, value)| {
                    let value = match prior.get(&name) {
                        Some(prior) if !value.is_wholly_known() => prior.clone(),
                        _ => consistency::without_unknown(value),
                    };
                    (name, value)
                })
                .collect(),
        ),
        (state, _) => consistency::without_unknown(state),
    }
}

fn bytes(kept: Option<Private>, before: &[u8]) -> Vec<u8> {
    kept.map_or_else(|| before.to_vec(), |private| private.to_bytes())
}
