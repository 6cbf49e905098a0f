//! A resource whose objects have an identity, and a history.

use tfplugin::{
    Applied, Attr, Context, Create, Deferred, Delete, Diagnostics, Identified, RawState, Read,
    Resource, Update,
};

/// A page of a book that lives in the state alone.
#[derive(Clone, tfplugin::Object)]
pub(crate) struct Page {
    /// The book it is in.
    #[attribute(required, plan(requires_replace))]
    pub(crate) book: Attr<String>,
    /// Its number.
    #[attribute(required, plan(requires_replace))]
    pub(crate) number: Attr<i64>,
    /// What it says. To read `later` is deferred.
    #[attribute(optional)]
    pub(crate) text: Attr<String>,
}

/// Which page it is.
#[derive(Clone, tfplugin::Object)]
pub(crate) struct PageIdentity {
    /// The book it is in.
    #[attribute(required)]
    pub(crate) book: Attr<String>,
    /// Its number; the first if there is none.
    #[attribute(optional)]
    pub(crate) number: Attr<i64>,
}

/// An identity as version 0 had it.
#[derive(tfplugin::Object)]
struct OldIdentity {
    /// The book it is in.
    #[attribute(required)]
    volume: Attr<String>,
}

pub(crate) struct Pages;

impl Resource for Pages {
    type Model = Page;
    const TYPE: &'static str = "example_page";

    async fn create(&self, _: &Context, request: Create<Page>) -> Applied<Page> {
        Applied::ok(request.planned)
    }

    async fn read(&self, _: &Context, request: Read<Page>) -> Applied<Page> {
        if request.state.text.as_str() == Some("later") {
            return Applied::deferred(Deferred::AbsentPrerequisite);
        }
        Applied::ok(request.state)
    }

    async fn update(&self, _: &Context, request: Update<Page>) -> Applied<Page> {
        Applied::ok(request.planned)
    }

    async fn delete(&self, _: &Context, _: Delete<Page>) -> Applied<Page> {
        Applied::gone()
    }
}

impl Identified for Pages {
    type Identity = PageIdentity;
    const IDENTITY_VERSION: i64 = 1;

    fn identity(&self, state: &Page) -> Option<PageIdentity> {
        Some(PageIdentity { book: state.book.clone(), number: state.number })
    }

    async fn import_by_identity(&self, _: &Context, identity: PageIdentity) -> Applied<Page> {
        let number = if identity.number.is_known() { identity.number } else { 1.into() };
        Applied::ok(Page { book: identity.book, number, text: Attr::Null })
    }

    fn upgrade_identity(
        &self,
        _: i64,
        identity: RawState<'_>,
    ) -> Result<PageIdentity, Diagnostics> {
        let old = identity.decode::<OldIdentity>()?;
        Ok(PageIdentity { book: old.volume, number: 1.into() })
    }
}
