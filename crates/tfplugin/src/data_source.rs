//! Data sources: what the provider only looks up.
//!
//! ```
//! use tfplugin::{Applied, Attr, Context, DataSource, Diagnostic, Object};
//!
//! /// An image to start from.
//! #[derive(Object)]
//! struct Image {
//!     /// Its name.
//!     #[attribute(required)]
//!     name: Attr<String>,
//!     /// Its newest version.
//!     #[attribute(computed)]
//!     version: Attr<String>,
//! }
//!
//! struct Images;
//!
//! impl DataSource for Images {
//!     type Model = Image;
//!     const TYPE: &'static str = "cloud_image";
//!
//!     async fn read(&self, _: &Context, config: Image) -> Applied<Image> {
//!         match config.name.as_str() {
//!             Some("debian") => Applied::ok(Image { version: "13".into(), ..config }),
//!             _ => Applied::error(
//!                 Diagnostic::error("No such image", "There is only `debian`.").at("name"),
//!             ),
//!         }
//!     }
//! }
//! ```

use std::future::Future;

use crate::context::Context;
use crate::diagnostic::Diagnostics;
use crate::resource::Applied;
use crate::value::Object;

/// Something to look up.
pub trait DataSource: Send + Sync + 'static {
    /// Its arguments and results.
    type Model: Object;
    /// Its type, with the provider's name in front: `cloud_image`.
    const TYPE: &'static str;

    /// Checks a configuration beyond the validators of its attributes. Values may be unknown.
    #[expect(unused_variables, reason = "the default has nothing to check")]
    fn validate(&self, config: &Self::Model, diagnostics: &mut Diagnostics) {}

    /// Looks it up. What is configured has to come back as it is.
    fn read(
        &self,
        cx: &Context,
        config: Self::Model,
    ) -> impl Future<Output = Applied<Self::Model>> + Send;
}
