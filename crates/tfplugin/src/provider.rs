//! The provider itself: its configuration, and what it registers.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use crate::action::Action;
use crate::context::Context;
use crate::data_source::DataSource;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::ephemeral::EphemeralResource;
use crate::erased::{
    ErasedAction, ErasedDataSource, ErasedEphemeral, ErasedListResource, ErasedResource,
};
use crate::function::Function;
use crate::identity::Identified;
use crate::list_resource::ListResource;
use crate::resource::Resource;
use crate::value::Object;

/// A provider.
pub trait Provider: Send + Sync + 'static {
    /// Attributes and blocks of the `provider` block.
    type Config: Object;
    /// Its local name: `cloud`.
    const NAME: &'static str;
    /// Its full source address: `registry.terraform.io/example/cloud`.
    const ADDRESS: &'static str;
    /// How long work that is under way may go on once the person stops the CLI ([`Context::cancelled`] says so). What is
    /// then still running is cut off: the person is told what may be half done, and the state stays as it was.
    const STOP_GRACE: Duration = Duration::from_secs(60);

    /// Checks a configuration beyond the validators of its attributes. Values may be unknown.
    #[expect(unused_variables, reason = "the default has nothing to check")]
    fn validate(&self, config: &Self::Config, diagnostics: &mut Diagnostics) {}

    /// Takes the configuration. Values may be unknown while something is planned.
    #[expect(unused_variables, reason = "the default has no settings to keep")]
    fn configure(
        &self,
        cx: &Context,
        config: Self::Config,
    ) -> impl Future<Output = Diagnostics> + Send {
        async { Diagnostics::new() }
    }

    /// The provider as `main` made it, for another run. A CLI starts a process for each run, but one that a person started
    /// with `-debug` serves many, and what was true in one (what has been read, who was asked, what is destroyed since) is
    /// not true in the next. A provider that keeps anything between its calls gives a new one here; each configuration but
    /// the first then goes to a new one, and so do all calls after it. Without one, the same provider is configured again.
    #[must_use]
    fn for_next_run(&self) -> Option<Self>
    where
        Self: Sized,
    {
        None
    }

    /// What the person is told instead of what the SDK would say by itself. It is asked for each message with a
    /// [`Diagnostic::notice`], and for no other; what it says of severity and path is what counts.
    fn reword(&self, diagnostic: Diagnostic) -> Diagnostic {
        diagnostic
    }

    /// Names what the provider offers.
    fn register(&self, registry: &mut Registry);
}

/// What a provider offers.
#[derive(Default)]
pub struct Registry {
    pub(crate) resources: BTreeMap<&'static str, Arc<dyn ErasedResource>>,
    pub(crate) data_sources: BTreeMap<&'static str, Arc<dyn ErasedDataSource>>,
    pub(crate) list_resources: BTreeMap<&'static str, Arc<dyn ErasedListResource>>,
    pub(crate) ephemeral_resources: BTreeMap<&'static str, Arc<dyn ErasedEphemeral>>,
    pub(crate) actions: BTreeMap<&'static str, Arc<dyn ErasedAction>>,
    pub(crate) functions: BTreeMap<&'static str, Arc<dyn crate::erased::ErasedFunction>>,
}

impl Registry {
    /// Offers a resource.
    pub fn resource<R: Resource>(&mut self, resource: R) -> &mut Self {
        self.resources.insert(R::TYPE, crate::erased::resource(resource));
        self
    }

    /// Offers a resource whose objects have an identity.
    pub fn identified_resource<R: Identified>(&mut self, resource: R) -> &mut Self {
        self.resources.insert(R::TYPE, crate::erased::identified_resource(resource));
        self
    }

    /// Offers a data source.
    pub fn data_source<D: DataSource>(&mut self, data_source: D) -> &mut Self {
        self.data_sources.insert(D::TYPE, crate::erased::data_source(data_source));
        self
    }

    /// Offers to list the objects of a resource, which is registered with
    /// [`Self::identified_resource`].
    pub fn list_resource<L: ListResource>(&mut self, list: L) -> &mut Self {
        self.list_resources.insert(L::Resource::TYPE, crate::erased::list_resource(list));
        self
    }

    /// Offers an ephemeral resource.
    pub fn ephemeral_resource<E: EphemeralResource>(&mut self, ephemeral: E) -> &mut Self {
        self.ephemeral_resources.insert(E::TYPE, crate::erased::ephemeral(ephemeral));
        self
    }

    /// Offers an action.
    pub fn action<A: Action>(&mut self, action: A) -> &mut Self {
        self.actions.insert(A::TYPE, crate::erased::action(action));
        self
    }

    /// Offers a function.
    pub fn function<F: Function>(&mut self, function: F) -> &mut Self {
        self.functions.insert(F::NAME, crate::erased::function(function));
        self
    }
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registry")
            .field("resources", &self.resources.keys())
            .field("data_sources", &self.data_sources.keys())
            .field("list_resources", &self.list_resources.keys())
            .field("ephemeral_resources", &self.ephemeral_resources.keys())
            .field("actions", &self.actions.keys())
            .field("functions", &self.functions.keys())
            .finish()
    }
}
