//! Identities without their types, and what the CLI expects of them.

use std::marker::PhantomData;

use futures::future::BoxFuture;

use super::{ErasedResource, Outcome, erase, outcome, settle};
use crate::context::Context;
use crate::diagnostic::{Diagnostic, Diagnostics, Notice, Severity};
use crate::erased::{Lazy, ListEvent, Registered, decode, guard};
use crate::identity::Identified;
use crate::raw_state::{RawState, newer, unreadable};
use crate::schema::{Block, Schema};
use crate::value::{Object, Type, Value, json};

/// The identity of `R`, for code that does not know whether `R` has one.
pub(super) trait ErasedIdentity<R: super::Resource>: Send + Sync {
    fn schema(&self) -> &(Schema, Type);
    fn of(&self, resource: &R, state: &R::Model) -> Option<Value>;
    fn import<'a>(
        &'a self,
        resource: &'a R,
        cx: &'a Context,
        identity: Value,
    ) -> BoxFuture<'a, Outcome>;
    fn upgrade(
        &self,
        resource: &R,
        version: i64,
        identity: RawState<'_>,
    ) -> Result<Value, Diagnostics>;
}

pub(super) struct TypedIdentity<R> {
    schema: Lazy,
    of: PhantomData<fn() -> R>,
}

impl<R: Identified> TypedIdentity<R> {
    pub(super) fn boxed() -> Box<dyn ErasedIdentity<R>> {
        Box::new(Self { schema: Lazy::default(), of: PhantomData })
    }
}

impl<R: Identified> ErasedIdentity<R> for TypedIdentity<R> {
    fn schema(&self) -> &(Schema, Type) {
        self.schema.get(R::IDENTITY_VERSION, R::Identity::block)
    }

    fn of(&self, resource: &R, state: &R::Model) -> Option<Value> {
        resource.identity(state).map(Value::of)
    }

    fn import<'a>(
        &'a self,
        resource: &'a R,
        cx: &'a Context,
        identity: Value,
    ) -> BoxFuture<'a, Outcome> {
        outcome(async move { Ok(erase(resource.import_by_identity(cx, decode(identity)?).await)) })
    }

    fn upgrade(
        &self,
        resource: &R,
        version: i64,
        identity: RawState<'_>,
    ) -> Result<Value, Diagnostics> {
        resource.upgrade_identity(version, identity).map(Value::of)
    }
}

/// Says that a resource has no identity.
pub(super) fn none(type_name: &str) -> Diagnostic {
    let detail = format!(
        "An object of type `{type_name}` has no identity in this version of the provider. Use its id."
    );
    Diagnostic::noticed(Notice::Unsupported, "No identity", detail)
}

/// The identity of an object that is there, after what was done with it. `before` is the identity it had, or that was
/// asked for: what is null in it may be anything. Null where it cannot be known yet.
pub(super) fn after(
    resource: &dyn ErasedResource,
    what: &str,
    state: &Value,
    before: &Value,
) -> Result<Value, Diagnostics> {
    let Some((schema, _)) = resource.identity_schema() else { return Ok(Value::Null) };
    let found =
        guard::call(&format!("tell the identity of {what}"), || resource.identity(state.clone()))
            .and_then(|found| found)?;
    let Some(found) = found else { return Ok(before.clone()) };
    let mut wrong = incomplete(&schema.block, what, &found);
    wrong.extend(changed(&schema.block, before, &found).map(|name| {
        let what = format!(
            "The attribute `{name}` of the identity of {what} is another than before. The identity of an object never \
             changes while it lives."
        );
        Diagnostic::fault(Severity::Error, "Changed identity", &what)
    }));
    if wrong.is_empty() { Ok(found) } else { Err(wrong) }
}

/// The attributes of the identity that a plan would change although the object stays.
pub(super) fn changed_by_plan(
    resource: &dyn ErasedResource,
    what: &str,
    planned: &Value,
    before: &Value,
) -> Diagnostics {
    let Some((schema, _)) = resource.identity_schema() else { return Diagnostics::new() };
    let found =
        guard::call(&format!("tell the identity of {what}"), || resource.identity(planned.clone()));
    let found = match found.and_then(|found| found) {
        Ok(Some(found)) if found.is_wholly_known() => found,
        Ok(_) => return Diagnostics::new(),
        Err(error) => return error.into(),
    };
    changed(&schema.block, before, &found)
        .map(|name| {
            let what = format!(
                "The plan changes the attribute `{name}` of the identity of {what}. The identity of an object never \
                 changes while it lives: what it is made of has to replace the object."
            );
            Diagnostic::fault(Severity::Error, "Changed identity", &what)
        })
        .collect()
}

/// What the CLI would refuse of an identity.
fn incomplete(block: &Block, what: &str, identity: &Value) -> Diagnostics {
    let broken = block.attributes.iter().filter_map(|(name, attribute)| {
        let value = identity.attribute(name).unwrap_or(&Value::Null);
        let how = if !value.is_wholly_known() {
            "unknown"
        } else if attribute.required && value.is_null() {
            "null, though it is required"
        } else {
            return None;
        };
        let what = format!("The attribute `{name}` of the identity of {what} is {how}.");
        Some(Diagnostic::fault(Severity::Error, "Incomplete identity", &what))
    });
    broken.collect()
}

/// The attributes that are set in `before`, and are another in `now`.
fn changed<'a>(
    block: &'a Block,
    before: &'a Value,
    now: &'a Value,
) -> impl Iterator<Item = &'a str> + 'a {
    block.attributes.keys().map(String::as_str).filter(|name| {
        let before = before.attribute(name).filter(|before| !before.is_null());
        before.is_some_and(|before| now.attribute(name) != Some(before))
    })
}

/// Puts right, or says, what is wrong with an object that a list found.
pub(in crate::erased) fn check_listed(
    resource: &dyn ErasedResource,
    event: &mut ListEvent,
    include_resource: bool,
) {
    let what = format!("the listed object `{}`", event.display_name);
    if let Some((schema, _)) = resource.identity_schema() {
        event.diagnostics.extend(incomplete(&schema.block, &what, &event.identity));
    }
    if !include_resource {
        event.resource = None;
    } else if let Some(state) = event.resource.take() {
        match settle::listed(&resource.schema().0.block, state) {
            Ok(state) => event.resource = Some(state),
            Err(unknown) => event.diagnostics.extend(unknown),
        }
    } else if !event.diagnostics.has_errors() {
        let what = format!("The object is missing in {what}, though it was asked for.");
        event.diagnostics.push(Diagnostic::fault(Severity::Warning, "Incomplete list", &what));
    }
}

// === impl Registered ===

impl Registered {
    /// Schema and type of the identity of a resource, if it has one.
    pub fn identity_schema(&self, type_name: &str) -> Option<(&Schema, &Type)> {
        let (schema, ty) = self.registry.resources.get(type_name)?.identity_schema()?;
        Some((schema, ty))
    }

    /// Loads an identity that was written as JSON under `version` of its schema.
    ///
    /// # Errors
    /// When there is no such resource or identity, when it is of a newer version, or cannot be brought to this one.
    pub fn upgrade_resource_identity(
        &self,
        type_name: &str,
        version: i64,
        identity: &[u8],
    ) -> Result<Value, Diagnostics> {
        let resource = self.resource(type_name)?;
        let (schema, ty) = resource.identity_schema().ok_or_else(|| none(type_name))?;
        if version > schema.version {
            return Err(newer("identity", type_name, version, schema.version).into());
        }
        if version == schema.version {
            return json::decode(identity, ty).map_err(|error| unreadable(&error).into());
        }
        let what = format!("upgrade the identity of `{type_name}`");
        let upgrade = || resource.upgrade_identity(version, RawState::new(identity));
        let upgraded = guard::call(&what, upgrade)??;
        let wrong = incomplete(&schema.block, &format!("`{type_name}`"), &upgraded);
        if wrong.is_empty() { Ok(upgraded) } else { Err(wrong) }
    }
}
