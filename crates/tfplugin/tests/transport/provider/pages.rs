//! A resource whose objects have an identity, and a history.

use tfplugin::{
    Applied, Attr, Context, Create, Deferred, Delete, Diagnostics, Identified, MovedFrom, RawState,
    Read, Resource, Update,
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

/// A page, and its identity, as version 0 had them.
#[derive(tfplugin::Object)]
struct OldPage {
    /// The book it is in.
    #[attribute(required)]
    volume: Attr<String>,
}

pub(crate) struct Pages;

impl Resource for Pages {
    type Model = Page;
    const TYPE: &'static str = "example_page";
    const VERSION: i64 = 1;

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

    fn upgrade(&self, _: i64, state: RawState<'_>) -> Result<Page, Diagnostics> {
        let old = state.decode::<OldPage>()?;
        Ok(Page { book: old.volume, number: 1.into(), text: Attr::Null })
    }

    async fn move_state(&self, _: &Context, from: MovedFrom<'_>) -> Applied<Page> {
        let MovedFrom { provider_address, type_name, schema_version, private, .. } = &from;
        let text = format!("{provider_address} {type_name} {schema_version} {private:?}");
        match from.state.decode::<OldPage>() {
            Ok(old) => Applied::ok(Page { book: old.volume, number: 1.into(), text: text.into() }),
            Err(error) => Applied::error(error),
        }
    }

    fn generate_config(&self, state: &Page, config: &mut Page) {
        config.text = state.text.clone().map(|text| text.to_uppercase());
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
        let old = identity.decode::<OldPage>()?;
        Ok(PageIdentity { book: old.volume, number: 1.into() })
    }
}
