//! A panic in a provider's code is a message about one object, not the end of the process and of the work
//! on all others.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};

use futures::FutureExt;

use crate::diagnostic::{Diagnostic, Path, Severity};
use crate::schema::Attribute;

/// Runs `future`; `what` completes "The provider crashed while it tried to …".
pub(super) async fn future<T>(
    what: &str,
    future: impl Future<Output = T>,
) -> Result<T, Diagnostic> {
    // What a panic leaves half done is dropped with the future: nothing looks at it again.
    AssertUnwindSafe(future).catch_unwind().await.map_err(|panic| message(what, panic.as_ref()))
}

/// Calls `call`, in the same way.
pub(super) fn call<T>(what: &str, call: impl FnOnce() -> T) -> Result<T, Diagnostic> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|panic| message(what, panic.as_ref()))
}

/// Calls what an attribute's schema says to call; `what` is followed by the path. Only a panic makes the path. What
/// a panic over a secret says is not told: the secret may be in it.
pub(crate) fn attribute<T>(
    what: &str,
    attribute: &Attribute,
    path: impl FnOnce() -> Path,
    call: impl FnOnce() -> T,
) -> Result<T, Diagnostic> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|panic| {
        let path = path();
        let what = format!("{what} `{path}`");
        let secret = attribute.sensitive || attribute.write_only;
        if secret {
            crashed(&what, "the attribute is sensitive, so no more is told")
        } else {
            message(&what, panic.as_ref())
        }
        .at(path)
    })
}

fn message(what: &str, panic: &(dyn Any + Send)) -> Diagnostic {
    let said = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    crashed(what, said)
}

fn crashed(what: &str, said: &str) -> Diagnostic {
    let what = format!("The provider crashed while it tried to {what}: {said}");
    Diagnostic::fault(Severity::Error, "The provider crashed", &what)
}
