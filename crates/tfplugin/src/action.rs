//! Actions: what a person wants done now, or whenever an object is created or changed. They leave nothing in state.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use crate::context::Context;
use crate::deferred::Deferred;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::value::Object;

/// Something to do.
///
/// ```
/// use tfplugin::{Action, Attr, Context, Diagnostics, Progress};
///
/// /// Rings a bell.
/// #[derive(tfplugin::Object)]
/// struct Ring {
///     /// How often.
///     #[attribute(required, validate(range(1..=12)))]
///     times: Attr<i64>,
/// }
///
/// struct Bell;
///
/// impl Action for Bell {
///     type Config = Ring;
///     const TYPE: &'static str = "paper_ring";
///
///     async fn invoke(&self, cx: &Context, config: Ring, progress: Progress) -> Diagnostics {
///         for time in 1..=config.times.into_known().unwrap_or_default() {
///             if cx.cancelled.is_cancelled() {
///                 break;
///             }
///             progress.report(format!("Ding {time}"));
///         }
///         Diagnostics::new()
///     }
/// }
/// ```
pub trait Action: Send + Sync + 'static {
    /// Its arguments. An action computes nothing.
    type Config: Object;
    /// Its type, with the provider's name in front: `cloud_reboot`.
    const TYPE: &'static str;

    /// Checks a configuration beyond the validators of its attributes. Values may be unknown.
    #[expect(unused_variables, reason = "the default has nothing to check")]
    fn validate(&self, config: &Self::Config, diagnostics: &mut Diagnostics) {}

    /// Looks, while the CLI plans, whether it can be done. Values may be unknown. An error stops the plan.
    #[expect(unused_variables, reason = "the default has nothing to look at")]
    fn plan(&self, cx: &Context, config: Self::Config) -> impl Future<Output = ActionPlan> + Send {
        async { ActionPlan::default() }
    }

    /// Does it.
    fn invoke(
        &self,
        cx: &Context,
        config: Self::Config,
        progress: Progress,
    ) -> impl Future<Output = Diagnostics> + Send;
}

/// What came of a look at what an action is to do: nothing to say, messages, or that it has to wait.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActionPlan {
    /// Why the answer has to wait, if it has to.
    pub deferred: Option<Deferred>,
    /// What to tell the person.
    pub diagnostics: Diagnostics,
}

/// Tells the person who waits what an action is doing. Clones tell the same person.
#[derive(Clone)]
pub struct Progress(Arc<dyn Fn(String) + Send + Sync>);

// === impl ActionPlan ===

impl ActionPlan {
    /// Whether it can be done has to wait for a later plan. Only for a CLI that can wait, as
    /// [`Context::deferral_allowed`] says.
    #[must_use]
    pub const fn deferred(reason: Deferred) -> Self {
        Self { deferred: Some(reason), diagnostics: Diagnostics::new() }
    }
}

impl From<Diagnostics> for ActionPlan {
    fn from(diagnostics: Diagnostics) -> Self {
        Self { deferred: None, diagnostics }
    }
}

impl From<Diagnostic> for ActionPlan {
    fn from(diagnostic: Diagnostic) -> Self {
        Diagnostics::from(diagnostic).into()
    }
}

// === impl Progress ===

impl Progress {
    /// Hands each message to `listener`: for a test of an action.
    pub fn new(listener: impl Fn(String) + Send + Sync + 'static) -> Self {
        Self(Arc::new(listener))
    }

    /// Says something. Never waits, and does nothing once the action is over or the CLI has gone.
    pub fn report(&self, message: impl Into<String>) {
        (self.0)(message.into());
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Progress")
    }
}
