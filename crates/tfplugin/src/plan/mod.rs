//! From configuration and state to a plan, in the order the protocol's reference implementation has:
//! defaults, write-only values out, equal spellings kept, computed values unknown where something
//! changes, attribute modifiers, the resource's own say, consistency.
//!
//! Most of a plan is data in the schema: defaults, and the modifiers of [`modifier`]. What only code can tell stands in
//! [`Resource::modify_plan`](crate::Resource::modify_plan).
//!
//! ```
//! use tfplugin::{Attr, Context, Object, Plan};
//!
//! /// A note.
//! #[derive(Clone, Object)]
//! struct Note {
//!     /// What it says.
//!     #[attribute(required)]
//!     text: Attr<String>,
//!     /// How long that is.
//!     #[attribute(computed)]
//!     length: Attr<i64>,
//!     /// Names the note; it stays as it is in state.
//!     #[attribute(computed, plan(use_state_for_unknown))]
//!     id: Attr<String>,
//!     /// Another drawer is another note.
//!     #[attribute(optional, plan(requires_replace))]
//!     drawer: Attr<String>,
//! }
//!
//! /// The length is known as soon as the text is: the plan shows it.
//! async fn modify_plan(_: &Context, plan: &mut Plan<'_, Note>) {
//!     if let Some(note) = &plan.proposed {
//!         let length = note.text.as_ref().map(|text| text.len() as i64);
//!         plan.set("length", length);
//!     }
//! }
//! ```

pub(crate) mod consistency;
pub(crate) mod engine;
mod level;
pub mod modifier;
#[cfg(test)]
mod properties;
pub(crate) mod shape;
mod walk;

use std::collections::BTreeSet;

use crate::deferred::Deferred;
use crate::diagnostic::{Diagnostic, Diagnostics, Path, Severity};
use crate::private::Private;
use crate::schema::Block;
use crate::value::{AttributeType, DecodeError, Object, Value};

/// What a plan does with the object. A replacement is a delete and a create, each planned for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// There is no object yet.
    Create,
    /// There is one, and it stays.
    Update,
    /// There is one, and it goes.
    Delete,
}

/// A plan that a resource may look at and change. Edits go by attribute name, so that nothing else is
/// decoded and encoded again.
#[derive(Debug)]
#[non_exhaustive]
pub struct Plan<'a, M> {
    /// Create, update or delete.
    pub change: Change,
    /// The configuration, with its write-only values. None on delete.
    pub config: Option<&'a M>,
    /// The object in state. None on create.
    pub prior: Option<&'a M>,
    /// What was planned before the resource had its say: defaults, unknowns and attribute modifiers are
    /// in it, edits are not (see [`Plan::planned`]). None on delete.
    pub proposed: Option<M>,
    /// What the provider keeps beside the state. Changes to it go with the plan to apply.
    pub private: Private,
    /// What to tell the person. An error stops the plan.
    pub diagnostics: Diagnostics,
    deferred: Option<Deferred>,
    draft: Draft<'a>,
}

/// The untyped side of a plan.
#[derive(Debug)]
pub(crate) struct Draft<'a> {
    pub(crate) block: &'a Block,
    pub(crate) config: &'a Value,
    pub(crate) prior: &'a Value,
    pub(crate) planned: Value,
    pub(crate) requires_replace: BTreeSet<Path>,
}

/// What a resource says beside the planned values.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) private: Private,
    pub(crate) deferred: Option<Deferred>,
    pub(crate) diagnostics: Diagnostics,
}

impl<'a, M: Object> Plan<'a, M> {
    pub(crate) fn new(
        change: Change,
        config: Option<&'a M>,
        prior: Option<&'a M>,
        proposed: Option<M>,
        private: Private,
        draft: Draft<'a>,
    ) -> Self {
        Self {
            change,
            config,
            prior,
            proposed,
            private,
            diagnostics: Diagnostics::new(),
            deferred: None,
            draft,
        }
    }

    pub(crate) fn into_parts(self) -> (Draft<'a>, Said) {
        let Self { draft, private, deferred, diagnostics, .. } = self;
        (draft, Said { private, deferred, diagnostics })
    }

    /// The plan has to wait for a later one. Only where
    /// [`Context::deferral_allowed`](crate::Context::deferral_allowed) says so.
    pub const fn defer(&mut self, reason: Deferred) {
        self.deferred = Some(reason);
    }

    /// Plans `value` for a top-level attribute. Has no effect on delete.
    ///
    /// Only a computed attribute that is not configured is the provider's to choose; an edit of any
    /// other comes back as an error when the plan is checked.
    pub fn set(&mut self, name: &str, value: impl AttributeType) {
        self.set_value(name, Value::of(value));
    }

    /// Plans "known after apply" for a top-level attribute.
    pub fn set_unknown(&mut self, name: &str) {
        self.set_value(name, Value::UNKNOWN);
    }

    /// Plans what is in state for a top-level attribute. Has no effect on create.
    pub fn keep_prior(&mut self, name: &str) {
        if let Some(prior) = self.draft.prior.attribute(name) {
            self.set_value(name, prior.clone());
        }
    }

    /// The object has to be replaced because of the value at `path`.
    pub fn requires_replace(&mut self, path: impl Into<Path>) {
        if self.change == Change::Update {
            self.draft.requires_replace.insert(path.into());
        }
    }

    /// Does the plan, with the edits so far, differ from what is in state?
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.draft.planned != *self.draft.prior
    }

    /// The top-level attributes that the plan, with the edits so far, has otherwise than the state, those that are
    /// not known yet among them. Empty on create and on delete.
    #[must_use]
    pub fn changes(&self) -> BTreeSet<&str> {
        let (Value::Object(planned), Value::Object(prior)) =
            (&self.draft.planned, self.draft.prior)
        else {
            return BTreeSet::new();
        };
        let differs = |(name, value): &(&String, &Value)| prior.get(*name) != Some(*value);
        planned.iter().filter(differs).map(|(name, _)| name.as_str()).collect()
    }

    /// The planned object with the edits so far. None on delete.
    ///
    /// # Errors
    /// When an edit does not fit the model.
    pub fn planned(&self) -> Result<Option<M>, DecodeError> {
        if self.draft.planned.is_null() {
            return Ok(None);
        }
        M::decode(self.draft.planned.clone()).map(Some)
    }

    /// The planned value of a top-level attribute, with the edits so far.
    #[must_use]
    pub fn planned_value(&self, name: &str) -> Option<&Value> {
        self.draft.planned.attribute(name)
    }

    /// The configured value of a top-level attribute.
    #[must_use]
    pub fn config_value(&self, name: &str) -> Option<&Value> {
        self.draft.config.attribute(name)
    }

    fn set_value(&mut self, name: &str, value: Value) {
        let Value::Object(attributes) = &mut self.draft.planned else { return };
        let Block { attributes: in_schema, blocks, .. } = self.draft.block;
        let ty = match (in_schema.get(name), blocks.get(name)) {
            (Some(attribute), _) => Some(attribute.kind.ty()),
            (None, Some(nested)) => Some(nested.nesting.of(nested.block.ty())),
            (None, None) => None,
        };
        let fits = ty.is_some_and(|ty| ty.admits(&value));
        match attributes.get_mut(name) {
            Some(slot) if fits => *slot = value,
            slot => {
                let what = match slot {
                    Some(_) => format!("The plan sets `{name}` to {}.", value.kind()),
                    None => format!("The plan sets `{name}`, which is not in the schema."),
                };
                let fault = Diagnostic::fault(Severity::Error, "Invalid plan", &what);
                self.diagnostics.push(fault.at(name));
            }
        }
    }
}
