//! What a vendor of accounts can be asked, whoever it is: the AWS organization of this process, or a program at the other
//! end of a wire.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use fleet_model::lifecycle::LifecyclePhase;
use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use crate::aws::account::converge::look::Looked;
use crate::aws::account::converge::{Adoption, Inside};
use crate::aws::account::refresh::Believed;
use crate::aws::organization::standing::Standing;
use crate::aws::preflight::{Coming, Finding, Intent, Taken};
use crate::aws::vending::Vending;
use crate::duplicate::Duplicate;
use crate::outcome::{Facts, LetGo, Outcome};
use crate::refusal::{Refusal, Task};
use crate::request::AccountJob;

/// What a vendor answers, to be awaited.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, Refusal>>;

/// Makes accounts, keeps them and lets them go.
///
/// The host owns the state, the gate and the order of a life. The vendor owns the calls, the waiting and the evidence.
/// Whatever crashes, asking again is right: there is one account per key.
pub trait Vendor: Send + Sync {
    /// What is AWS's alone: units, policies, quarantine, roles. `None`: the vendor is another one, or elsewhere.
    fn aws(&self) -> Option<&Arc<Vending>> {
        None
    }

    /// What people call it: `aws`, or the name of its block.
    fn name(&self) -> &str;

    /// Whether frozen and retired accounts go into a quarantine, so that an account has to be frozen before it is retired.
    fn has_quarantine(&self) -> bool;

    /// What the vendor is and takes; `None` of the built-in one, which takes every argument.
    fn describe<'a>(
        &'a self,
        cancel: &'a CancellationToken,
    ) -> Answer<'a, Option<Arc<Description>>>;

    /// Finds or makes the account, and takes it as far along its phases as `limit` allows. Fails where there is no account
    /// of ours: nothing is to be remembered then. Once there is an id the answer is an outcome, whatever failed.
    fn vend<'a>(
        &'a self,
        job: &'a AccountJob,
        limit: Duration,
        cancel: &'a CancellationToken,
    ) -> Answer<'a, Outcome>;

    /// Takes an account that the state knows as far as `limit` allows. Fails where it is not there or cannot be read.
    fn update<'a>(
        &'a self,
        job: &'a AccountJob,
        account_id: &'a str,
        limit: Duration,
        cancel: &'a CancellationToken,
    ) -> Answer<'a, Outcome>;

    /// What there is, without changing anything. What is as `believed` is not looked at in full.
    fn look<'a>(
        &'a self,
        job: &'a AccountJob,
        account_id: &'a str,
        believed: Option<&'a Believed<'a>>,
        limit: Duration,
        cancel: &'a CancellationToken,
    ) -> Answer<'a, Looked>;

    /// Lets the account go; it stays where it is. Twice is success.
    fn release<'a>(
        &'a self,
        job: &'a AccountJob,
        account_id: &'a str,
        limit: Duration,
        cancel: &'a CancellationToken,
    ) -> Answer<'a, LetGo>;

    /// Closes the account, which is done when its cloud has taken the request. Twice is success.
    fn close<'a>(
        &'a self,
        job: &'a AccountJob,
        account_id: &'a str,
        limit: Duration,
        cancel: &'a CancellationToken,
    ) -> Answer<'a, LetGo>;

    /// The account's own facts; `None` where it is not there.
    fn facts<'a>(
        &'a self,
        account_id: &'a str,
        cancel: &'a CancellationToken,
    ) -> Answer<'a, Option<Facts>>;

    /// The tags of one account, as they are now.
    fn tags<'a>(
        &'a self,
        account_id: &'a str,
        cancel: &'a CancellationToken,
    ) -> Answer<'a, BTreeMap<String, String>>;

    /// What stands in the way of a planned account, everything at once. It changes nothing.
    fn preflight<'a>(
        &'a self,
        job: Option<&'a AccountJob>,
        intent: &'a Intent,
        cancel: &'a CancellationToken,
    ) -> BoxFuture<'a, Vec<Finding>>;

    /// The account of ours that a create would find again, for a plan to say.
    fn found<'a>(
        &'a self,
        coming: &'a Coming<'a>,
        cancel: &'a CancellationToken,
    ) -> Answer<'a, Option<Taken>>;

    /// What [`Self::vend`] would take over, without changing anything.
    fn adoption<'a>(
        &'a self,
        job: &'a AccountJob,
        cancel: &'a CancellationToken,
    ) -> Answer<'a, Option<Adoption>>;

    /// What of ours is in an account that [`Self::vend`] would go on with.
    fn inside<'a>(
        &'a self,
        job: &'a AccountJob,
        account_id: &'a str,
        cancel: &'a CancellationToken,
    ) -> Answer<'a, Inside>;

    /// The keys that more than one open account carries.
    fn duplicates<'a>(&'a self, cancel: &'a CancellationToken) -> Answer<'a, Vec<Duplicate>>;

    /// Where the caller stands, and whether `task` is the caller's to do; `None` where the vendor knows no such thing.
    fn standing<'a>(
        &'a self,
        task: Option<Task>,
        cancel: &'a CancellationToken,
    ) -> Answer<'a, Option<Standing>>;
}

/// What a vendor is and can do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Description {
    /// Its name for people.
    pub name: String,
    /// Its version.
    pub version: String,
    /// JSON Schema of `settings`; `None`: it takes none.
    pub settings_schema: Option<String>,
    /// JSON Schema of `vendor_settings`; `None`: it takes none.
    pub vendor_settings_schema: Option<String>,
    /// The arguments that it honours beside those that every vendor has to.
    pub arguments: BTreeSet<String>,
    /// Those of them without which no account can be made.
    pub required_arguments: BTreeSet<String>,
    /// The checks that readiness may consist of: what each makes sure of, by name.
    pub checks: Vec<(String, String)>,
    /// Steps of a life that nobody can undo.
    pub irreversible: Vec<LifecyclePhase>,
    /// How many changes it takes at the same time; `None`: as many as there are.
    pub max_in_flight: Option<usize>,
    /// It takes over accounts that exist.
    pub adopts: bool,
    /// It lists accounts that are managed.
    pub lists: bool,
    /// It lists accounts that nobody manages, too.
    pub lists_unmanaged: bool,
    /// It freezes accounts.
    pub freezes: bool,
    /// It closes accounts.
    pub closes: bool,
    /// A create may succeed before the account has an id.
    pub defers_identity: bool,
}

impl Description {
    /// Whether it honours the argument.
    #[must_use]
    pub fn takes(&self, argument: &str) -> bool {
        self.arguments.contains(argument)
    }
}

/// The built-in vendor: the AWS organization that the provider block reaches.
pub struct Aws(Arc<Vending>);

impl Aws {
    /// Of one provider configuration. Nothing is opened.
    #[must_use]
    pub fn new(vending: Arc<Vending>) -> Self {
        Self(vending)
    }
}

impl Vendor for Aws {
    fn aws(&self) -> Option<&Arc<Vending>> {
        Some(&self.0)
    }

    fn name(&self) -> &'static str {
        "aws"
    }

    fn has_quarantine(&self) -> bool {
        self.0.has_quarantine()
    }

    fn describe<'a>(&'a self, _: &'a CancellationToken) -> Answer<'a, Option<Arc<Description>>> {
        Box::pin(async { Ok(None) })
    }

    fn vend<'a>(
        &'a self,
        job: &'a AccountJob,
        limit: Duration,
        cancel: &'a CancellationToken,
    ) -> Answer<'a, Outcome> {
        Box::pin(self.0.vend(job, limit, cancel))
    }

    fn update<'a>(
        &'a self,
        job: &'a AccountJob,
        account_id: &'a str,
        limit: Duration,
        cancel: &'a CancellationToken,
    ) -> Answer<'a, Outcome> {
        Box::pin(self.0.update(job, account_id, limit, cancel))
    }

    fn look<'a>(
        &'a self,
        job: &'a AccountJob,
        account_id: &'a str,
        believed: Option<&'a Believed<'a>>,
        limit: Duration,
        cancel: &'a CancellationToken,
    ) -> Answer<'a, Looked> {
        Box::pin(self.0.look(job, account_id, believed, limit, cancel))
    }

    fn release<'a>(
        &'a self,
        job: &'a AccountJob,
        account_id: &'a str,
        limit: Duration,
        cancel: &'a CancellationToken,
    ) -> Answer<'a, LetGo> {
        Box::pin(self.0.release(job, account_id, limit, cancel))
    }

    fn close<'a>(
        &'a self,
        job: &'a AccountJob,
        account_id: &'a str,
        limit: Duration,
        cancel: &'a CancellationToken,
    ) -> Answer<'a, LetGo> {
        Box::pin(self.0.close(job, account_id, limit, cancel))
    }

    fn facts<'a>(
        &'a self,
        account_id: &'a str,
        cancel: &'a CancellationToken,
    ) -> Answer<'a, Option<Facts>> {
        Box::pin(self.0.facts(account_id, cancel))
    }

    fn tags<'a>(
        &'a self,
        account_id: &'a str,
        cancel: &'a CancellationToken,
    ) -> Answer<'a, BTreeMap<String, String>> {
        Box::pin(self.0.tags(account_id, cancel))
    }

    fn preflight<'a>(
        &'a self,
        _job: Option<&'a AccountJob>,
        intent: &'a Intent,
        cancel: &'a CancellationToken,
    ) -> BoxFuture<'a, Vec<Finding>> {
        Box::pin(self.0.preflight(intent, cancel))
    }

    fn found<'a>(
        &'a self,
        coming: &'a Coming<'a>,
        cancel: &'a CancellationToken,
    ) -> Answer<'a, Option<Taken>> {
        Box::pin(self.0.found(coming, cancel))
    }

    fn adoption<'a>(
        &'a self,
        job: &'a AccountJob,
        cancel: &'a CancellationToken,
    ) -> Answer<'a, Option<Adoption>> {
        Box::pin(self.0.adoption(job, cancel))
    }

    fn inside<'a>(
        &'a self,
        job: &'a AccountJob,
        account_id: &'a str,
        cancel: &'a CancellationToken,
    ) -> Answer<'a, Inside> {
        Box::pin(self.0.inside(job, account_id, cancel))
    }

    fn duplicates<'a>(&'a self, cancel: &'a CancellationToken) -> Answer<'a, Vec<Duplicate>> {
        Box::pin(self.0.duplicates(cancel))
    }

    fn standing<'a>(
        &'a self,
        task: Option<Task>,
        cancel: &'a CancellationToken,
    ) -> Answer<'a, Option<Standing>> {
        Box::pin(async move { Ok(Some(self.0.standing(task, cancel).await?)) })
    }
}
