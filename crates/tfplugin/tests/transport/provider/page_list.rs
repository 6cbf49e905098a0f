//! A list that has no end of its own.

use tfplugin::{Attr, Context, Diagnostic, Diagnostics, Found, List, ListResource, Listed};

use crate::pages::{Page, PageIdentity, Pages};

/// The pages of a book.
#[derive(tfplugin::Object)]
pub(crate) struct Search {
    /// The book. After the first page, `torn` panics, `stuck` waits for ever, and `dark` says that it ends.
    #[attribute(required)]
    book: Attr<String>,
}

pub(crate) struct PageList;

impl ListResource for PageList {
    type Resource = Pages;
    type Config = Search;

    fn validate(&self, config: &Search, diagnostics: &mut Diagnostics) {
        if config.book.as_str() == Some("lost") {
            diagnostics.push(Diagnostic::error("Lost", "Nobody has it.").at("book"));
        }
    }

    async fn list(
        &self,
        _: &Context,
        request: List<Search>,
        found: &mut Found<Pages>,
    ) -> Diagnostics {
        let book = request.config.book;
        for number in 1.. {
            let identity = PageIdentity { book: book.clone(), number: number.into() };
            let mut listed = Listed::new(format!("page {number}"), identity);
            listed.resource =
                Some(Page { book: book.clone(), number: number.into(), text: Attr::Null });
            if found.push(listed).await.is_break() {
                tracing::info!("stopped after {number}");
                break;
            }
            match book.as_str() {
                Some("torn") => panic!("asked to"),
                Some("stuck") => std::future::pending().await,
                Some("dark") => {
                    return Diagnostic::warning("Too dark", "There may be more.").into();
                }
                _ => {}
            }
        }
        Diagnostics::new()
    }
}
