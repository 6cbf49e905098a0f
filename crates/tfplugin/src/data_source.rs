//! Data sources: what the provider only looks up.

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
