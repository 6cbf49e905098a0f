//! Identity: what tells an object from all others of its type, for as long as it lives.
//!
//! ```
//! use tfplugin::{Applied, Attr, Context, Identified, Object};
//! # use tfplugin::{Create, Delete, Read, Resource, Update};
//!
//! /// A note.
//! #[derive(Clone, Object)]
//! struct Note {
//!     /// The drawer that it lies in.
//!     #[attribute(required, plan(requires_replace))]
//!     drawer: Attr<String>,
//!     /// Its number there.
//!     #[attribute(computed, plan(use_state_for_unknown))]
//!     number: Attr<i64>,
//! }
//!
//! /// Where a note lies.
//! #[derive(Clone, Object)]
//! struct Place {
//!     /// The drawer; the upper one if it is left out.
//!     #[attribute(optional)]
//!     drawer: Attr<String>,
//!     /// The number.
//!     #[attribute(required)]
//!     number: Attr<i64>,
//! }
//!
//! struct Notes;
//! # impl Resource for Notes {
//! #     type Model = Note;
//! #     const TYPE: &'static str = "paper_note";
//! #     async fn create(&self, _: &Context, request: Create<Note>) -> Applied<Note> {
//! #         Applied::ok(Note { number: 1.into(), ..request.planned })
//! #     }
//! #     async fn read(&self, _: &Context, request: Read<Note>) -> Applied<Note> {
//! #         Applied::ok(request.state)
//! #     }
//! #     async fn update(&self, _: &Context, request: Update<Note>) -> Applied<Note> {
//! #         Applied::ok(request.planned)
//! #     }
//! #     async fn delete(&self, _: &Context, _: Delete<Note>) -> Applied<Note> {
//! #         Applied::gone()
//! #     }
//! # }
//!
//! impl Identified for Notes {
//!     type Identity = Place;
//!
//!     fn identity(&self, note: &Note) -> Option<Place> {
//!         let place = Place { drawer: note.drawer.clone(), number: note.number };
//!         (place.drawer.is_known() && place.number.is_known()).then_some(place)
//!     }
//!
//!     async fn import_by_identity(&self, _: &Context, place: Place) -> Applied<Note> {
//!         let drawer = place.drawer.into_known().unwrap_or_else(|| "upper".to_owned());
//!         Applied::ok(Note { drawer: drawer.into(), number: place.number })
//!     }
//! }
//! ```

use std::future::Future;

use crate::context::Context;
use crate::diagnostic::{Diagnostic, Diagnostics, Notice};
use crate::raw_state::RawState;
use crate::resource::{Applied, Resource};
use crate::value::Object;

/// A resource whose objects have an identity: a few attributes that never change while the object lives, such as an
/// account and a name. By it a CLI imports an object (`import { identity = { … } }`), and by it a list names what it
/// found. Register it with [`Registry::identified_resource`](crate::Registry::identified_resource).
pub trait Identified: Resource {
    /// The attributes of the identity. A `required` one has to be given for an import, an `optional` one may be. Each
    /// is a string, a number, a bool, or a list of them.
    type Identity: Object + Clone;
    /// Version of the identity it writes.
    const IDENTITY_VERSION: i64 = 0;

    /// The identity of the object in `state`, out of `state` alone. None where it cannot be known yet: in a plan, or
    /// in a state that an import only began.
    fn identity(&self, state: &Self::Model) -> Option<Self::Identity>;

    /// Finds the object with this identity, so that the CLI can manage it from now on.
    fn import_by_identity(
        &self,
        cx: &Context,
        identity: Self::Identity,
    ) -> impl Future<Output = Applied<Self::Model>> + Send;

    /// Makes an identity of an older version one of today.
    ///
    /// # Errors
    /// When it cannot be read, or when there is no way from that version.
    #[expect(unused_variables, reason = "the default knows no older version")]
    fn upgrade_identity(
        &self,
        version: i64,
        identity: RawState<'_>,
    ) -> Result<Self::Identity, Diagnostics> {
        let detail = format!(
            "The identity of this `{}` was written under version {version}, and this version of the provider has no \
             upgrade from it to version {}.",
            Self::TYPE,
            Self::IDENTITY_VERSION,
        );
        Err(Diagnostic::noticed(Notice::Unreadable, "No upgrade of this identity", detail).into())
    }
}
