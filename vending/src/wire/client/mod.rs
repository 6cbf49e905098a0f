//! A vendor that is another program, driven by the host.
//!
//! Two processes stand behind it, each started by the first call that needs it: one that is configured read only, for plans
//! and refreshes, and one that changes things. A change whose end is not known is looked after before anything is sent again.

mod batch;
mod change;
mod drive;
mod instance;
mod list;
mod observe;
mod plans;
mod status;
mod stream;
mod vendor;

use std::sync::Arc;
use std::time::Duration;

use fleet_vending_proto::v1beta1 as wire;
use jiff::Timestamp;
use tokio::sync::{OnceCell, Semaphore};

use self::batch::Batch;
use self::instance::Instance;
pub use self::instance::{Connect, Generation};
use self::plans::Plans;
use super::convert::outcome::Asked;
use super::convert::{Nonsense, facts, request};
use crate::aws::api::{Clock, SystemClock};
use crate::config::RefreshReadiness;
use crate::error::Kind;
use crate::problem::{Class, Problem};
use crate::refusal::Refusal;
use crate::request::AccountJob;
use crate::vendor::Description;

/// What the provider block says of a vendor.
#[derive(Clone)]
pub struct Settings {
    /// The host's version, `0.1.0`.
    pub host_version: String,
    /// `settings` of its block: a JSON object, or empty. May hold secrets.
    pub json: String,
    /// The one mutation owner.
    pub managed_by: String,
    /// How many changes it gets at the same time; 0: as many as it takes.
    pub max_in_flight: usize,
    /// How a refresh tells that an account is still ready.
    pub refresh: RefreshReadiness,
}

/// See the module. To be cloned.
#[derive(Clone)]
pub struct Remote(Arc<Inner>);

struct Inner {
    name: String,
    settings: Settings,
    looks: Instance,
    writes: Instance,
    turns: OnceCell<Semaphore>,
    looked_at: Batch<wire::ObserveAccount, wire::Observation>,
    plans: Plans,
    clock: Arc<dyn Clock>,
}

impl Remote {
    /// The vendor that the provider block calls `name`. `looks` leads to the process that changes nothing, `writes` to the one
    /// that does. Nothing is started.
    #[must_use]
    pub fn new(
        name: &str,
        settings: Settings,
        looks: Arc<dyn Connect>,
        writes: Arc<dyn Connect>,
    ) -> Self {
        Self::with_clock(name, settings, looks, writes, Arc::new(SystemClock))
    }

    /// The same with another clock.
    pub(in crate::wire) fn with_clock(
        name: &str,
        settings: Settings,
        looks: Arc<dyn Connect>,
        writes: Arc<dyn Connect>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self(Arc::new(Inner {
            name: name.to_owned(),
            looks: Instance::new(name, looks, true),
            writes: Instance::new(name, writes, false),
            turns: OnceCell::new(),
            looked_at: Batch::default(),
            plans: Plans::default(),
            clock,
            settings,
        }))
    }

    /// What the vendor is and can do. Starts it.
    ///
    /// # Errors
    /// It could not be started, or does not take its settings.
    pub async fn described(&self) -> Result<Arc<Description>, Refusal> {
        Ok(self.0.looks.client(&self.0.settings).await?.described)
    }
}

impl Inner {
    /// What the vendor did that cannot be.
    fn broken(&self, nonsense: &Nonsense) -> Problem {
        let what = format!("it broke the protocol: {nonsense}");
        self.problem(Class::Call(Kind::Unexpected), what)
    }

    fn problem(&self, class: Class, message: String) -> Problem {
        Problem {
            vendor: self.name.clone(),
            class,
            code: String::new(),
            message,
            why: String::new(),
            remedy: String::new(),
            object: String::new(),
            call: String::new(),
            native_code: String::new(),
        }
    }

    fn asked<'a>(&'a self, job: &'a AccountJob, native_id: Option<&'a str>) -> Asked<'a> {
        Asked {
            vendor: &self.name,
            key: job.request.contract.key.as_str(),
            native_id,
            life: job.past.lifecycle_phase,
        }
    }

    /// The time that is so much later than now.
    fn after(&self, duration: Duration) -> Timestamp {
        self.clock.now().saturating_add(duration).unwrap_or(Timestamp::MAX)
    }

    fn depth(&self) -> wire::Depth {
        match self.settings.refresh {
            RefreshReadiness::Full => wire::Depth::Full,
            RefreshReadiness::Cached => wire::Depth::Standing,
            RefreshReadiness::Off => wire::Depth::Exists,
        }
    }
}

/// As a refusal.
fn refused(problem: Problem) -> Refusal {
    Refusal::Problem(Box::new(problem))
}

/// That the CLI asked to stop is no fault of the vendor's.
fn stopped_or(problem: Problem) -> Refusal {
    match problem.class {
        Class::Call(Kind::Cancelled) => {
            Refusal::Stopped { waiting_for: format!("waiting for the vendor `{}`", problem.vendor) }
        }
        _ => refused(problem),
    }
}

/// What is sent of a job to a vendor that is described so.
fn request_of(
    job: &AccountJob,
    native_id: Option<&str>,
    takes: &Description,
) -> wire::AccountRequest {
    request::to_message(job, native_id, |name| takes.takes(name))
}

/// A reference to an account of which only the id is known.
fn only_ref(native_id: &str) -> wire::AccountRequest {
    wire::AccountRequest {
        r#ref: Some(wire::AccountRef {
            native_id: native_id.to_owned(),
            ..wire::AccountRef::default()
        }),
        ..wire::AccountRequest::default()
    }
}

/// The account's token.
fn fleet_id_of(request: &wire::AccountRequest) -> String {
    facts::fleet_id(request.r#ref.as_ref().map_or("", |of| of.key.as_str()))
}

#[cfg(test)]
mod tests;
