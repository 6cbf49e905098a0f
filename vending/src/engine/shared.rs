//! What all runs of one provider process share: the turn to create, and what need not be asked
//! twice.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use super::preflight;
use super::standing::Standing;
use super::tree::Tree;
use crate::error::Error;
use crate::ports::{Account, Enrolment, Organization, Ports};
use crate::wish::Refusal;

/// The service principal of Control Tower's trusted access.
const CONTROL_TOWER: &str = "controltower.amazonaws.com";

/// See the module. One per provider configuration.
#[derive(Default)]
pub(crate) struct Shared {
    /// Held from counting the requests in progress until `CreateAccount` is answered.
    pub(crate) turn: tokio::sync::Mutex<()>,
    /// Requests of this process that have not ended: a listing may not show them yet.
    in_flight: Mutex<BTreeSet<String>>,
    organization: OnceCell<Organization>,
    standing: OnceCell<Standing>,
    landing_zone: OnceCell<bool>,
    enrolments: OnceCell<BTreeMap<String, Enrolment>>,
    sweep: tokio::sync::Mutex<Option<Arc<BTreeMap<String, Account>>>>,
    parents: tokio::sync::Mutex<BTreeMap<String, String>>,
    pub(crate) tree: Tree,
    pub(crate) preflight: preflight::Memory,
}

impl Shared {
    pub(crate) async fn organization(&self, ports: &Ports) -> Result<&Organization, Error> {
        self.organization.get_or_try_init(|| ports.organizations.organization()).await
    }

    /// Where the caller stands in the organization.
    pub(crate) async fn standing(&self, ports: &Ports) -> Result<&Standing, Refusal> {
        self.standing.get_or_try_init(|| Standing::ask(ports, self)).await
    }

    /// Whether Control Tower has trusted access, which is how a landing zone shows.
    pub(crate) async fn has_landing_zone(&self, ports: &Ports) -> Result<bool, Error> {
        let asked = self.landing_zone.get_or_try_init(|| async {
            Ok(ports.organizations.trusted_services().await?.contains(CONTROL_TOWER))
        });
        asked.await.copied()
    }

    /// Whether Control Tower has enrolled an account, from a listing of all, once per process: for
    /// refresh.
    pub(crate) async fn enrolment(
        &self,
        ports: &Ports,
        account_arn: &str,
    ) -> Result<Enrolment, Error> {
        let listed = self.enrolments.get_or_try_init(|| ports.control_tower.enrolments()).await?;
        Ok(listed.get(account_arn).cloned().unwrap_or(Enrolment::Absent))
    }

    /// All accounts, listed once per process, for refresh. Never for the look-up before a create.
    pub(crate) async fn sweep(
        &self,
        ports: &Ports,
    ) -> Result<Arc<BTreeMap<String, Account>>, Error> {
        let mut sweep = self.sweep.lock().await;
        if let Some(accounts) = &*sweep {
            return Ok(Arc::clone(accounts));
        }
        let listed = ports.organizations.accounts().await?;
        let by_id = listed.into_iter().map(|account| (account.id.clone(), account)).collect();
        Ok(Arc::clone(sweep.insert(Arc::new(by_id))))
    }

    /// After a change of ours, the sweep is not true any more.
    pub(crate) async fn forget_sweep(&self) {
        *self.sweep.lock().await = None;
    }

    /// The ids from `parent_id` up to the root. Where an OU sits never changes. The lock is held over the reads, so that
    /// many accounts of one OU that ask at once cause one call.
    pub(crate) async fn path(&self, ports: &Ports, parent_id: &str) -> Result<Vec<String>, Error> {
        let mut parents = self.parents.lock().await;
        let mut path = vec![parent_id.to_owned()];
        let mut at = parent_id.to_owned();
        while !at.starts_with("r-") {
            let above = match parents.get(&at) {
                Some(above) => above.clone(),
                None => ports.organizations.parent(&at).await?,
            };
            parents.insert(at, above.clone());
            path.push(above.clone());
            at = above;
        }
        Ok(path)
    }

    pub(crate) fn in_flight(&self) -> std::sync::MutexGuard<'_, BTreeSet<String>> {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
