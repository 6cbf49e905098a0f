//! A control, as the round carries it out.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::readiness::Check;
use futures::future::BoxFuture;

use super::meta::Meta;
use super::{Ports, Problem, Scope};
use crate::aws::api::member::RegionStatus;
use crate::error::Error;
use crate::memory::{Made, Memory};

/// A control, or several that share their reads: it observes, decides, acts where it may, and checks what is then there.
pub(crate) trait Control: Sync {
    /// What it says of itself; of several, each.
    fn metas(&self) -> &[&'static Meta];
    /// One round.
    fn round<'a>(&'a self, round: &'a Round<'a>) -> BoxFuture<'a, Part>;
}

/// What a control has for its round.
pub(crate) struct Round<'a> {
    /// The account's ports.
    pub(super) ports: &'a Ports<'a>,
    /// The account.
    pub(super) scope: &'a Scope<'a>,
    /// Whether it may act.
    pub(super) write: bool,
    /// The regions of the set, as far as the control `regions` has read them: for those that come after it.
    pub(super) regions: &'a BTreeMap<String, Option<RegionStatus>>,
}

/// Writes down what a control holds.
pub(super) type Holds = Box<dyn FnOnce(&mut Made) + Send>;

/// What a control gives to the report.
#[derive(Default)]
pub(crate) struct Part {
    pub(super) checks: Vec<Check>,
    pub(super) problems: Vec<Problem>,
    pub(super) unread: Vec<Problem>,
    pub(super) regions: BTreeMap<String, Option<RegionStatus>>,
    /// What was there before it was first changed.
    pub(super) before: Memory,
    /// Writes down what the control holds now, and nothing of the others. `None`: as it was.
    pub(super) holds: Option<Holds>,
    /// The controls of which the next apply would change something, or wait for it.
    pub(super) work: BTreeSet<&'static str>,
}

// === impl Part ===

impl Part {
    /// Keeps that `control` could not be observed.
    pub(super) fn unread<T>(&mut self, control: &'static str, seen: Option<&Result<T, Error>>) {
        if let Some(Err(error)) = seen {
            self.unread.push(Problem { control, error: error.clone() });
        }
    }
}
