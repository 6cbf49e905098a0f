//! Ephemeral resources: what exists only while the CLI runs, and is in no plan and no state. Tokens, leases, tunnels.

use std::future::Future;
use std::time::SystemTime;

use crate::context::Context;
use crate::deferred::Deferred;
use crate::diagnostic::{Diagnostic, Diagnostics, Notice};
use crate::private::Private;
use crate::value::Object;

/// Something to have for as long as the CLI runs.
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use tfplugin::{Attr, Context, EphemeralResource, Opened};
///
/// /// A token.
/// #[derive(tfplugin::Object)]
/// struct Token {
///     /// Whom it is for.
///     #[attribute(required)]
///     audience: Attr<String>,
///     /// The token.
///     #[attribute(computed, sensitive)]
///     value: Attr<String>,
/// }
///
/// struct Tokens;
///
/// impl EphemeralResource for Tokens {
///     type Model = Token;
///     const TYPE: &'static str = "paper_token";
///
///     async fn open(&self, _: &Context, config: Token) -> Opened<Token> {
///         let value = config.audience.clone().map(|audience| format!("for-{audience}"));
///         Opened::ok(Token { value, ..config })
///     }
/// }
/// ```
pub trait EphemeralResource: Send + Sync + 'static {
    /// Its arguments and results.
    type Model: Object;
    /// Its type, with the provider's name in front: `cloud_token`.
    const TYPE: &'static str;

    /// Checks a configuration beyond the validators of its attributes. Values may be unknown.
    #[expect(unused_variables, reason = "the default has nothing to check")]
    fn validate(&self, config: &Self::Model, diagnostics: &mut Diagnostics) {}

    /// Opens it. What is configured has to come back as it is.
    fn open(
        &self,
        cx: &Context,
        config: Self::Model,
    ) -> impl Future<Output = Opened<Self::Model>> + Send;

    /// Makes it last longer: called at the time that [`Opened::renew_at`] named. Its result stays as it is.
    #[expect(unused_variables, reason = "the default renews nothing")]
    fn renew(&self, cx: &Context, private: Private) -> impl Future<Output = Renewed> + Send {
        async {
            Renewed::error(Diagnostic::noticed(
                Notice::Unsupported,
                "Renewal is not supported",
                format!("An ephemeral `{}` cannot be renewed.", Self::TYPE),
            ))
        }
    }

    /// Ends it: the CLI is done with it.
    #[expect(unused_variables, reason = "the default has nothing to end")]
    fn close(&self, cx: &Context, private: Private) -> impl Future<Output = Diagnostics> + Send {
        async { Diagnostics::new() }
    }
}

/// What came of opening.
#[derive(Debug, Clone)]
pub struct Opened<M> {
    /// The whole object, if it is open.
    pub result: Option<M>,
    /// When it has to be renewed, if it has to.
    pub renew_at: Option<SystemTime>,
    /// What to keep until it is closed. The CLI holds it in memory.
    pub private: Private,
    /// Why the answer has to wait, if it has to.
    pub deferred: Option<Deferred>,
    /// What to tell the person.
    pub diagnostics: Diagnostics,
}

/// What came of renewing.
#[derive(Debug, Clone, Default)]
pub struct Renewed {
    /// When it has to be renewed next, if it has to.
    pub renew_at: Option<SystemTime>,
    /// What to keep until it is closed; none keeps what there is.
    pub private: Option<Private>,
    /// What to tell the person.
    pub diagnostics: Diagnostics,
}

// === impl Opened ===

impl<M> Opened<M> {
    /// It is open, like this.
    #[must_use]
    pub fn ok(result: M) -> Self {
        Self { result: Some(result), ..Self::error(Diagnostics::new()) }
    }

    /// It failed, and nothing is open.
    #[must_use]
    pub fn error(diagnostics: impl Into<Diagnostics>) -> Self {
        Self {
            result: None,
            renew_at: None,
            private: Private::default(),
            deferred: None,
            diagnostics: diagnostics.into(),
        }
    }

    /// Nothing is open: the answer has to wait for a later plan. Only for a CLI that can wait, as
    /// [`Context::deferral_allowed`] says.
    #[must_use]
    pub fn deferred(reason: Deferred) -> Self {
        Self { deferred: Some(reason), ..Self::error(Diagnostics::new()) }
    }

    /// The same, to be renewed at this time.
    #[must_use]
    pub const fn renew_at(mut self, time: SystemTime) -> Self {
        self.renew_at = Some(time);
        self
    }

    /// The same, and this to keep until it is closed.
    #[must_use]
    pub fn with_private(mut self, private: Private) -> Self {
        self.private = private;
        self
    }

    /// The same, and these messages.
    #[must_use]
    pub fn with(mut self, diagnostics: impl Into<Diagnostics>) -> Self {
        self.diagnostics.extend(diagnostics.into());
        self
    }
}

// === impl Renewed ===

impl Renewed {
    /// It lasts until this time.
    #[must_use]
    pub fn until(time: SystemTime) -> Self {
        Self { renew_at: Some(time), ..Self::default() }
    }

    /// It failed.
    #[must_use]
    pub fn error(diagnostics: impl Into<Diagnostics>) -> Self {
        Self { diagnostics: diagnostics.into(), ..Self::default() }
    }

    /// The same, and this to keep from now on.
    #[must_use]
    pub fn with_private(mut self, private: Private) -> Self {
        self.private = Some(private);
        self
    }
}
