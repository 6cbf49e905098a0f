//! List resources: finding the objects that exist, so that a person can choose which ones to import.
//!
//! ```
//! use tfplugin::{Applied, Attr, Context, Diagnostics, Found, Identified, List, ListResource, Listed, Object};
//! # use tfplugin::{Create, Delete, Read, Resource, Update};
//! #
//! # /// A note.
//! # #[derive(Clone, Object)]
//! # struct Note {
//! #     /// Its number.
//! #     #[attribute(computed)]
//! #     number: Attr<i64>,
//! # }
//! #
//! # /// Where a note lies.
//! # #[derive(Clone, Object)]
//! # struct Place {
//! #     /// The number.
//! #     #[attribute(required)]
//! #     number: Attr<i64>,
//! # }
//! #
//! # struct Notes;
//! # impl Resource for Notes {
//! #     type Model = Note;
//! #     const TYPE: &'static str = "paper_note";
//! #     async fn create(&self, _: &Context, request: Create<Note>) -> Applied<Note> {
//! #         Applied::ok(request.planned)
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
//! # impl Identified for Notes {
//! #     type Identity = Place;
//! #     fn identity(&self, note: &Note) -> Option<Place> {
//! #         Some(Place { number: note.number })
//! #     }
//! #     async fn import_by_identity(&self, _: &Context, place: Place) -> Applied<Note> {
//! #         Applied::ok(Note { number: place.number })
//! #     }
//! # }
//!
//! /// Which notes to look for.
//! #[derive(Object)]
//! struct Search {
//!     /// From which number on.
//!     #[attribute(optional)]
//!     from: Attr<i64>,
//! }
//!
//! /// The notes in the drawer, `Notes` being the resource and `Place` its identity.
//! struct Drawer;
//!
//! impl ListResource for Drawer {
//!     type Resource = Notes;
//!     type Config = Search;
//!
//!     async fn list(
//!         &self,
//!         _: &Context,
//!         request: List<Search>,
//!         found: &mut Found<Notes>,
//!     ) -> Diagnostics {
//!         for number in request.config.from.into_known().unwrap_or(1)..=12 {
//!             let place = Place { number: number.into() };
//!             let mut note = Listed::new(format!("note {number}"), place);
//!             note.resource = request.include_resource.then(|| Note { number: number.into() });
//!             if found.push(note).await.is_break() {
//!                 break;
//!             }
//!         }
//!         Diagnostics::new()
//!     }
//! }
//! ```

use std::future::Future;
use std::marker::PhantomData;
use std::ops::ControlFlow;

use crate::context::Context;
use crate::diagnostic::Diagnostics;
use crate::erased::{ListEvent, ListSink};
use crate::identity::Identified;
use crate::value::{Object, Value};

/// A search for the objects of a resource: a `list` block in a `*.tfquery.hcl` file, asked by `terraform query`. Its
/// type is that of its resource, and the identity of each object that it finds is what an import of it needs.
pub trait ListResource: Send + Sync + 'static {
    /// What it looks for.
    type Resource: Identified;
    /// What can be said of the search, in the `config` block of the list.
    type Config: Object;

    /// Checks a configuration beyond the validators of its attributes. Values may be unknown.
    #[expect(unused_variables, reason = "the default has nothing to check")]
    fn validate(&self, config: &Self::Config, diagnostics: &mut Diagnostics) {}

    /// Looks for objects, and hands over each with [`Found::push`] as soon as it is found. What concerns the search as a
    /// whole is in the answer: an error says that it did not get to its end.
    fn list(
        &self,
        cx: &Context,
        request: List<Self::Config>,
        found: &mut Found<Self::Resource>,
    ) -> impl Future<Output = Diagnostics> + Send;
}

/// What to look for.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct List<C> {
    /// What the list block says.
    pub config: C,
    /// So many objects are wanted at most; none is no limit. [`Found::push`] keeps count.
    pub limit: Option<usize>,
    /// Are the objects wanted too, or only what identifies them?
    pub include_resource: bool,
}

/// An object that was found.
#[derive(Debug, Clone)]
pub struct Listed<R: Identified> {
    /// Its name, as a person knows it.
    pub display_name: String,
    /// What identifies it.
    pub identity: R::Identity,
    /// The object, where [`List::include_resource`] asks for it.
    pub resource: Option<R::Model>,
    /// What to tell the person about this object. The CLI ends the list with an error.
    pub diagnostics: Diagnostics,
}

/// Where the objects go that were found.
#[derive(Debug)]
pub struct Found<R> {
    sink: ListSink,
    of: PhantomData<fn(R)>,
}

// === impl List ===

impl<C> List<C> {
    /// A search without a limit, for identities only.
    pub const fn new(config: C) -> Self {
        Self { config, limit: None, include_resource: false }
    }

    /// The same for at most so many objects.
    #[must_use]
    pub fn at_most(mut self, limit: usize) -> Self {
        self.limit = Some(limit);
        self
    }

    /// The same for whole objects.
    #[must_use]
    pub fn with_resources(mut self) -> Self {
        self.include_resource = true;
        self
    }
}

// === impl Listed ===

impl<R: Identified> Listed<R> {
    /// An object of which only the identity is known.
    pub fn new(display_name: impl Into<String>, identity: R::Identity) -> Self {
        Self {
            display_name: display_name.into(),
            identity,
            resource: None,
            diagnostics: Diagnostics::new(),
        }
    }
}

// === impl Found ===

impl<R: Identified> Found<R> {
    pub(crate) const fn new(sink: ListSink) -> Self {
        Self { sink, of: PhantomData }
    }

    /// Hands over an object, and waits until the CLI has taken those before it. [`ControlFlow::Break`] says to stop: there
    /// are as many as are wanted, or the CLI does not listen any more. What is pushed after that goes nowhere.
    pub async fn push(&mut self, listed: Listed<R>) -> ControlFlow<()> {
        let Listed { display_name, identity, resource, diagnostics } = listed;
        let event = ListEvent {
            display_name,
            identity: Value::of(identity),
            resource: resource.map(Value::of),
            diagnostics,
        };
        self.sink.push(event).await
    }
}
