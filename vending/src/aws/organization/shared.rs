//! What all runs of one provider process share: the turn to create, and what need not be asked
//! twice.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use fleet_model::tags;
use tokio::sync::OnceCell;

use super::landing_zone::{self, Moves, Zone};
use super::standing::Standing;
use super::tree::Tree;
use crate::aws::api::{Account, AccountId, EnabledBaseline, Organization, Ports};
use crate::aws::preflight::memory::Memory;
use crate::duplicate::{AllClaims, Claimant};
use crate::error::Error;
use crate::refusal::Refusal;
use crate::trying;

/// The service principal of Control Tower's trusted access.
const CONTROL_TOWER: &str = "controltower.amazonaws.com";

/// The tags of each account.
pub(crate) type TagsOfAccounts = BTreeMap<AccountId, BTreeMap<String, String>>;

/// See the module. One per provider configuration.
#[derive(Default)]
pub(crate) struct Shared {
    /// Held from counting the requests in progress until `CreateAccount` is answered.
    pub(crate) turn: tokio::sync::Mutex<()>,
    /// Requests of this process that have not ended: a listing may not show them yet.
    in_flight: Mutex<BTreeSet<String>>,
    organization: OnceCell<Organization>,
    standing: OnceCell<Standing>,
    landing_zone: OnceCell<Zone>,
    baselines: OnceCell<Vec<EnabledBaseline>>,
    moves: Moves,
    sweep: tokio::sync::Mutex<Option<Arc<BTreeMap<AccountId, Account>>>>,
    parents: tokio::sync::Mutex<BTreeMap<String, String>>,
    index: tokio::sync::Mutex<Option<Arc<TagsOfAccounts>>>,
    claims: tokio::sync::Mutex<Option<AllClaims>>,
    /// The `fleet:id` of accounts, by account id: it never changes.
    keys: Mutex<BTreeMap<AccountId, String>>,
    pub(crate) tree: Tree,
    pub(crate) preflight: Memory,
}

impl Shared {
    pub(crate) async fn organization(&self, ports: &Ports) -> Result<&Organization, Error> {
        self.organization.get_or_try_init(|| ports.organizations.organization()).await
    }

    /// Where the caller stands in the organization.
    pub(crate) async fn standing(&self, ports: &Ports) -> Result<&Standing, Refusal> {
        let asking = || async {
            let caller = ports.callers.caller().await?;
            Standing::of(caller, self.organization(ports).await?, ports).await
        };
        self.standing.get_or_try_init(asking).await
    }

    /// The landing zone, found once per process.
    pub(crate) async fn landing_zone(&self, ports: &Ports) -> Result<&Zone, Refusal> {
        let finding = || async {
            if !ports.organizations.trusted_services().await?.contains(CONTROL_TOWER) {
                return Ok(Zone::None);
            }
            landing_zone::find(ports, self.standing(ports).await?).await
        };
        self.landing_zone.get_or_try_init(finding).await
    }

    /// Every enabled baseline, listed once per process: for refresh and plan.
    pub(crate) async fn baselines(
        &self,
        ports: &Ports,
        home: &str,
    ) -> Result<&[EnabledBaseline], Error> {
        let listing = || ports.control_tower.enabled_baselines(home, &[]);
        self.baselines.get_or_try_init(listing).await.map(Vec::as_slice)
    }

    /// Whose turn it is to move an account into a unit.
    pub(crate) fn moves(&self) -> &Moves {
        &self.moves
    }

    /// All accounts, listed once per process, for refresh. Never for the look-up before a create.
    pub(crate) async fn sweep(
        &self,
        ports: &Ports,
    ) -> Result<Arc<BTreeMap<AccountId, Account>>, Error> {
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
        *self.index.lock().await = None;
        *self.claims.lock().await = None;
    }

    /// The tags of the accounts, once per process: from the tag index, which may lag, or where that does not answer from
    /// each open account itself.
    ///
    /// # Errors
    /// The accounts, or the tags of one, could not be read.
    pub(crate) async fn index(&self, ports: &Ports) -> Result<Arc<TagsOfAccounts>, Error> {
        let mut index = self.index.lock().await;
        if let Some(found) = &*index {
            return Ok(Arc::clone(found));
        }
        let found = match ports.tag_index.tags_of_accounts().await {
            Ok(found) => found,
            Err(error) => {
                tracing::info!(%error, "the tag index does not answer");
                trying::made_up_for(&error);
                let mut found = TagsOfAccounts::new();
                for account in self.sweep(ports).await?.values().filter(|of| of.is_open()) {
                    match ports.organizations.tags(&account.id).await {
                        Ok(has) => drop(found.insert(account.id.clone(), has)),
                        // It left in between.
                        Err(error) if error.is_not_found() => trying::made_up_for(&error),
                        Err(error) => return Err(error),
                    }
                }
                found
            }
        };
        Ok(Arc::clone(index.insert(Arc::new(found))))
    }

    /// The open accounts that somebody manages, by `fleet:id`: from the sweep and the tag index.
    pub(crate) async fn claims(&self, ports: &Ports) -> Result<AllClaims, Error> {
        let mut claims = self.claims.lock().await;
        if let Some(found) = &*claims {
            return Ok(Arc::clone(found));
        }
        let (sweep, index) = (self.sweep(ports).await?, self.index(ports).await?);
        let mut found: BTreeMap<String, Vec<Claimant>> = BTreeMap::new();
        for (id, has) in index.iter() {
            let claimant = sweep.get(id).and_then(|account| Claimant::new(account, has));
            if let (Some(claimant), Some(fleet_id)) = (claimant, has.get(tags::ID)) {
                found.entry(fleet_id.clone()).or_default().push(claimant);
            }
        }
        Ok(Arc::clone(claims.insert(Arc::new(found))))
    }

    /// Remembers the `fleet:id` of an account.
    pub(crate) fn note_key(&self, account_id: &AccountId, fleet_id: &str) {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.insert(account_id.clone(), fleet_id.to_owned());
    }

    /// Whether the account is known to have another key.
    pub(crate) fn has_other_key(&self, account_id: &AccountId, fleet_id: &str) -> bool {
        let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.get(account_id).is_some_and(|id| id != fleet_id)
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
