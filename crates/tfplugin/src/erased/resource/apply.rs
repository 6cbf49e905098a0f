//! Reads, and plans that are carried out.

use futures::future::BoxFuture;

use super::{ErasedResource, Outcome, identity, settle};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::erased::{Capabilities, Registered, Saved, Stored, guard};
use crate::resource::{Create, Delete, Read, Update};
use crate::value::Value;

impl Registered {
    /// Looks at an object.
    pub async fn read_resource(
        &self,
        type_name: &str,
        current: Stored<'_>,
        capabilities: Capabilities,
    ) -> Saved {
        let (resource, kept) = match self.resource_and_private(type_name, current.private) {
            Ok(found) => found,
            Err(error) => return settle::unchanged(current, error),
        };
        if current.state.is_null() {
            return settle::unchanged(current, Diagnostics::new());
        }
        let cx = self.context(capabilities);
        let request = Read { state: current.state.clone(), private: kept };
        let read = resource.read(&cx, request);
        let outcome = match guard::future(&format!("read `{type_name}`"), read).await {
            Ok(outcome) => outcome,
            Err(panic) => return settle::unchanged(current, panic),
        };
        if let Some(reason) = outcome.deferred {
            return settle::deferred(current, reason, capabilities.deferral_allowed);
        }
        let mut saved = settle::read(&resource.schema().0.block, current.clone(), outcome);
        if saved.state.is_null() || saved.diagnostics.has_errors() {
            return saved;
        }
        let what = format!("`{type_name}`, as it was read,");
        match identity::after(resource.as_ref(), &what, &saved.state, &current.identity) {
            Ok(identity) => Saved { identity, ..saved },
            Err(wrong) => {
                saved.diagnostics.extend(wrong);
                settle::unchanged(current, saved.diagnostics)
            }
        }
    }

    /// Carries a plan out. `prior` is null on create, the state in `planned` on delete; the identity in `planned` is
    /// that of the object that is there already.
    pub async fn apply_resource_change(
        &self,
        type_name: &str,
        prior: Value,
        planned: Stored<'_>,
        config: Value,
    ) -> Saved {
        let Stored { state: planned, identity, private } = planned;
        let unchanged = |error: Diagnostic| {
            let identity = identity.clone();
            settle::unchanged(Stored { state: prior.clone(), identity, private }, error)
        };
        let (resource, kept) = match self.resource_and_private(type_name, private) {
            Ok(found) => found,
            Err(error) => return unchanged(error),
        };
        let block = &resource.schema().0.block;
        // Whatever is in the plan by now passed the check of what this CLI can handle.
        let cx = self.context(Capabilities {
            write_only_attributes_allowed: true,
            ..Capabilities::default()
        });
        if planned.is_null() {
            let request = Delete { prior: prior.clone(), private: kept };
            let delete = resource.delete(&cx, request);
            let outcome = match carried_out("delete", type_name, delete).await {
                Ok(outcome) => outcome,
                Err(panic) => return unchanged(panic),
            };
            let saved = settle::delete(block, prior, private, outcome);
            let identity = if saved.state.is_null() { Value::Null } else { identity };
            return Saved { identity, ..saved };
        }
        if prior.is_null() {
            let request = Create { config, planned: planned.clone(), private: kept };
            let create = resource.create(&cx, request);
            let outcome = match carried_out("create", type_name, create).await {
                Ok(outcome) => outcome,
                Err(panic) => return unchanged(panic),
            };
            let saved = settle::create(block, &planned, private, outcome);
            return created(resource.as_ref(), type_name, saved);
        }
        let request =
            Update { config, planned: planned.clone(), prior: prior.clone(), private: kept };
        let update = resource.update(&cx, request);
        let outcome = match carried_out("update", type_name, update).await {
            Ok(outcome) => outcome,
            Err(panic) => return unchanged(panic),
        };
        let saved = settle::update(block, prior, &planned, private, outcome);
        updated(resource.as_ref(), type_name, saved, identity)
    }
}

/// Waits for what a resource does. There is no later plan that an apply could be deferred to.
async fn carried_out(
    verb: &str,
    type_name: &str,
    act: BoxFuture<'_, Outcome>,
) -> Result<Outcome, Diagnostic> {
    let outcome = guard::future(&format!("{verb} `{type_name}`"), act).await?;
    if outcome.deferred.is_some() {
        let what = format!("The answer to \"{verb} `{type_name}`\" is to wait for a later plan.");
        return Err(Diagnostic::fault(Severity::Error, "Answer deferred in an apply", &what));
    }
    Ok(outcome)
}

/// A new object with its identity. What is wrong with the identity is a warning, as an error would have the CLI
/// destroy a good object with the next apply.
fn created(resource: &dyn ErasedResource, type_name: &str, mut saved: Saved) -> Saved {
    if saved.state.is_null() || resource.identity_schema().is_none() {
        return saved;
    }
    let what = format!("the new `{type_name}`");
    match identity::after(resource, &what, &saved.state, &Value::Null) {
        Ok(identity) => {
            if identity.is_null() && !saved.diagnostics.has_errors() {
                let what = format!("After the create, the identity of {what} is not known.");
                let fault = Diagnostic::fault(Severity::Warning, "Incomplete identity", &what);
                saved.diagnostics.push(fault);
            }
            Saved { identity, ..saved }
        }
        Err(wrong) => {
            let warning = |found: Diagnostic| Diagnostic { severity: Severity::Warning, ..found };
            saved.diagnostics.extend(wrong.into_iter().map(warning));
            saved
        }
    }
}

/// A changed object with its identity, which is the one it had.
fn updated(
    resource: &dyn ErasedResource,
    type_name: &str,
    mut saved: Saved,
    before: Value,
) -> Saved {
    if saved.diagnostics.has_errors() {
        return Saved { identity: before, ..saved };
    }
    let what = format!("the updated `{type_name}`");
    match identity::after(resource, &what, &saved.state, &before) {
        Ok(identity) => Saved { identity, ..saved },
        Err(wrong) => {
            saved.diagnostics.extend(wrong);
            Saved { identity: before, ..saved }
        }
    }
}
