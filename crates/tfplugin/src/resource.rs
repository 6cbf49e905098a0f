//! Resources: objects that the provider creates, reads, updates and deletes.
//!
//! The struct of a resource holds what its code needs: a client, usually shared with the others.
//!
//! ```
//! use std::collections::BTreeMap;
//! use std::sync::Mutex;
//!
//! use tfplugin::{Applied, Attr, Context, Create, Delete, Object, Read, Resource, Update};
//!
//! /// A note.
//! #[derive(Clone, Object)]
//! struct Note {
//!     /// Names the note.
//!     #[attribute(required, plan(requires_replace))]
//!     name: Attr<String>,
//!     /// What it says.
//!     #[attribute(optional, computed, default = "")]
//!     text: Attr<String>,
//! }
//!
//! /// The notes that there are, by name: what an API is elsewhere.
//! #[derive(Default)]
//! struct Notes(Mutex<BTreeMap<String, Note>>);
//!
//! impl Notes {
//!     fn put(&self, note: Note) -> Applied<Note> {
//!         let mut notes = self.0.lock().unwrap();
//!         notes.extend(note.name.known().map(|name| (name.clone(), note.clone())));
//!         Applied::ok(note)
//!     }
//!
//!     /// The note, or that it is gone.
//!     fn get(&self, name: Option<&str>) -> Applied<Note> {
//!         let notes = self.0.lock().unwrap();
//!         name.and_then(|name| notes.get(name)).cloned().map_or(Applied::gone(), Applied::ok)
//!     }
//! }
//!
//! impl Resource for Notes {
//!     type Model = Note;
//!     const TYPE: &'static str = "paper_note";
//!
//!     async fn create(&self, _: &Context, request: Create<Note>) -> Applied<Note> {
//!         self.put(request.planned)
//!     }
//!     async fn read(&self, _: &Context, request: Read<Note>) -> Applied<Note> {
//!         self.get(request.state.name.as_str())
//!     }
//!     async fn update(&self, _: &Context, request: Update<Note>) -> Applied<Note> {
//!         self.put(request.planned)
//!     }
//!     async fn delete(&self, _: &Context, request: Delete<Note>) -> Applied<Note> {
//!         self.0.lock().unwrap().remove(request.prior.name.as_str().unwrap_or_default());
//!         Applied::gone()
//!     }
//!     async fn import(&self, _: &Context, id: &str) -> Applied<Note> {
//!         self.get(Some(id))
//!     }
//! }
//! ```

use std::future::Future;

use crate::context::Context;
use crate::deferred::Deferred;
use crate::diagnostic::{Diagnostic, Diagnostics, Notice};
use crate::moved::MovedFrom;
use crate::plan::Plan;
use crate::private::Private;
use crate::raw_state::RawState;
use crate::value::Object;

/// A kind of object that the provider manages.
pub trait Resource: Send + Sync + 'static {
    /// Its attributes.
    type Model: Object + Clone;
    /// Its type, with the provider's name in front: `cloud_server`.
    const TYPE: &'static str;
    /// Version of the state it writes.
    const VERSION: i64 = 0;

    /// Checks a configuration beyond the validators of its attributes. Values may be unknown.
    #[expect(unused_variables, reason = "the default has nothing to check")]
    fn validate(&self, config: &Self::Model, diagnostics: &mut Diagnostics) {}

    /// Sees each state the process loads, before anything is planned.
    #[expect(unused_variables, reason = "the default needs to know of no state")]
    fn state_loaded(&self, state: &Self::Model) {}

    /// Has the last say on a plan, also on the plan to delete.
    #[expect(unused_variables, reason = "the default leaves the plan as it is")]
    fn modify_plan(
        &self,
        cx: &Context,
        plan: &mut Plan<'_, Self::Model>,
    ) -> impl Future<Output = ()> + Send {
        async {}
    }

    /// Creates the object.
    fn create(
        &self,
        cx: &Context,
        request: Create<Self::Model>,
    ) -> impl Future<Output = Applied<Self::Model>> + Send;

    /// Looks at the object. No state in the answer says that it is gone.
    fn read(
        &self,
        cx: &Context,
        request: Read<Self::Model>,
    ) -> impl Future<Output = Applied<Self::Model>> + Send;

    /// Changes the object. With an error, the state in the answer is what is really there; none says that
    /// nothing was changed.
    fn update(
        &self,
        cx: &Context,
        request: Update<Self::Model>,
    ) -> impl Future<Output = Applied<Self::Model>> + Send;

    /// Deletes the object. No error says that it is gone; with an error it is still there.
    fn delete(
        &self,
        cx: &Context,
        request: Delete<Self::Model>,
    ) -> impl Future<Output = Applied<Self::Model>> + Send;

    /// Finds the object with this id, so that the CLI can manage it from now on.
    #[expect(unused_variables, reason = "the default finds nothing")]
    fn import(&self, cx: &Context, id: &str) -> impl Future<Output = Applied<Self::Model>> + Send {
        async {
            Applied::error(Diagnostic::noticed(
                Notice::Unsupported,
                "Import is not supported",
                format!("An object of type `{}` cannot be imported.", Self::TYPE),
            ))
        }
    }

    /// Makes a state of an older schema version, at most [`Self::VERSION`] - 1, one of today. Structs for the versions
    /// there were, read with [`RawState::decode`], keep an upgrade as plain as any other code.
    ///
    /// # Errors
    /// When the state cannot be read, or when there is no way from that version.
    #[expect(unused_variables, reason = "the default knows no older version")]
    fn upgrade(&self, version: i64, state: RawState<'_>) -> Result<Self::Model, Diagnostics> {
        let detail = format!(
            "The state of this `{}` was written under schema version {version}, and this version of the provider has no \
             upgrade from it to version {}.\n\nApply it with an older version of the provider that has one, or take the \
             object out of the state and import it.",
            Self::TYPE,
            Self::VERSION,
        );
        Err(Diagnostic::noticed(Notice::Unreadable, "No upgrade of this state", detail).into())
    }

    /// Takes over an object that a `moved` block moves here from another type.
    fn move_state(
        &self,
        #[expect(unused_variables, reason = "the default takes over nothing")] cx: &Context,
        from: MovedFrom<'_>,
    ) -> impl Future<Output = Applied<Self::Model>> + Send {
        let MovedFrom { provider_address, type_name, .. } = from;
        let detail = format!(
            "A `{type_name}` of the provider `{provider_address}` cannot become a `{}`.\n\nTake the `moved` block out. \
             To keep the object, let go of it with a `removed` block that does not destroy it, and import it as what it \
             is to be.",
            Self::TYPE,
        );
        async {
            Applied::error(Diagnostic::noticed(
                Notice::Unsupported,
                "Move is not supported",
                detail,
            ))
        }
    }

    /// Has the last say on a configuration that is generated for an object which was imported. `config` has what the
    /// schema makes of `state`: nothing computed, write-only or deprecated, and no value that is the default. Take out
    /// what contradicts the rest.
    #[expect(unused_variables, reason = "the default leaves the configuration as it is")]
    fn generate_config(&self, state: &Self::Model, config: &mut Self::Model) {}
}

/// What to create.
#[derive(Debug, Clone)]
pub struct Create<M> {
    /// The configuration, with its write-only values.
    pub config: M,
    /// The plan.
    pub planned: M,
    /// What the plan keeps beside the state.
    pub private: Private,
}

/// What to look at.
#[derive(Debug, Clone)]
pub struct Read<M> {
    /// The object as it is in state.
    pub state: M,
    /// What is kept beside the state.
    pub private: Private,
}

/// What to change.
#[derive(Debug, Clone)]
pub struct Update<M> {
    /// The configuration, with its write-only values.
    pub config: M,
    /// The plan.
    pub planned: M,
    /// The object as it is in state.
    pub prior: M,
    /// What the plan keeps beside the state.
    pub private: Private,
}

/// What to delete.
#[derive(Debug, Clone)]
pub struct Delete<M> {
    /// The object as it is in state.
    pub prior: M,
    /// What is kept beside the state.
    pub private: Private,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct Applied<M> {
    /// The object as it is now, if there is one.
    pub state: Option<M>,
    /// What to keep beside the state; none keeps what there is.
    pub private: Option<Private>,
    /// Why there is no answer yet, if there is none: see [`Applied::deferred`].
    pub deferred: Option<Deferred>,
    /// What to tell the person.
    pub diagnostics: Diagnostics,
}

impl<M> Applied<M> {
    /// The object is there, like this.
    #[must_use]
    pub const fn ok(state: M) -> Self {
        Self { state: Some(state), private: None, deferred: None, diagnostics: Diagnostics::new() }
    }

    /// The object is not there (any more).
    #[must_use]
    pub const fn gone() -> Self {
        Self { state: None, private: None, deferred: None, diagnostics: Diagnostics::new() }
    }

    /// It failed, and changed nothing.
    #[must_use]
    pub fn error(diagnostics: impl Into<Diagnostics>) -> Self {
        Self { diagnostics: diagnostics.into(), ..Self::gone() }
    }

    /// A read or an import that cannot be answered before a later plan. Only where
    /// [`Context::deferral_allowed`] says so.
    #[must_use]
    pub const fn deferred(reason: Deferred) -> Self {
        let diagnostics = Diagnostics::new();
        Self { state: None, private: None, deferred: Some(reason), diagnostics }
    }

    /// The same, and these messages.
    #[must_use]
    pub fn with(mut self, diagnostics: impl Into<Diagnostics>) -> Self {
        self.diagnostics.extend(diagnostics.into());
        self
    }

    /// The same, and this to keep beside the state.
    #[must_use]
    pub fn with_private(mut self, private: Private) -> Self {
        self.private = Some(private);
        self
    }
}
