//! What the provider block said, shared by every resource of the process.
//!
//! Nothing is opened here: the AWS clients and the inventory are made by the first call that needs
//! them, so a plan of placements alone talks to nobody.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use fleet_model::account::Contract;
use fleet_model::cluster::Record;
use fleet_model::name::Key;
use fleet_vending::error::{Cause, Kind, Place};
use fleet_vending::{Aws, Refusal, Vending, Vendor};
use tfplugin::Attr;
use tfplugin::diagnostic::Diagnostic;

use crate::config::{RunLimits, Settings, Unknown};
use crate::diagnostic::{Report, error};
use crate::inventory::{
    self, Author, DoubtReport as _, ErrorReport as _, Lost, LostReport as _, Store, Stores,
    Upstream, holds_back,
};
use crate::siblings::{self, Sibling, Siblings};
use crate::tags;
use crate::vendors::Vendors;

struct Configured {
    settings: Settings,
    vending: OnceLock<Arc<Vending>>,
    vendors: Vendors,
    stores: Stores,
    /// The accounts that this run plans, by key.
    planned_accounts: Mutex<BTreeMap<String, PlannedAccount>>,
    /// The accounts of which a plan of this run has found that they will not be ready, with what stays open.
    closed_accounts: Mutex<BTreeMap<Key, Vec<String>>>,
    /// The registrations that this run plans.
    planned_registrations: Mutex<BTreeMap<Key, Record>>,
    /// The accounts that this run takes to another baseline, by key.
    changed_baselines: Mutex<BTreeSet<String>>,
    /// The clusters of which this run has told that they do not fit their account.
    told_misfits: Mutex<BTreeSet<Key>>,
    /// Whether a plan has looked at what holds the accounts that are at rest.
    quarantine_seen: AtomicBool,
    told: Mutex<BTreeMap<Trouble, Told>>,
}

/// What this run plans an account to be, as far as its clusters need to know.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedAccount {
    /// What is asked for.
    pub contract: Contract,
    /// Who may register clusters in it; null: the configuration that manages it.
    pub registrars: Attr<BTreeSet<String>>,
}

/// What every object of a plan meets alike.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Trouble {
    /// Nothing can be called there.
    Everywhere(Kind, Cause, Option<Place>),
    /// The caller may not make this call, or nothing answers it as AWS does.
    OneCall(String, Kind, Cause, Option<Place>),
    /// The caller is in an account that may not read the organization.
    WrongCaller,
    /// The program of a vendor does not run.
    Vendor(String),
}

impl Trouble {
    /// `None`: what a refusal says is about one object.
    fn of_all(refusal: &Refusal) -> Option<Self> {
        let error = match refusal {
            Refusal::WrongCaller { .. } => return Some(Self::WrongCaller),
            Refusal::NotStarted(why) => return Some(Self::Vendor(why.vendor.clone())),
            Refusal::Call(error) => error,
            _ => return None,
        };
        let place = error.place.as_deref().cloned();
        let is_everywhere = error.cause.is_unreachable()
            || matches!(
                error.cause,
                Cause::NotTheService
                    | Cause::IncompleteAnswer
                    | Cause::NoOrganization
                    | Cause::InvalidProxy
                    | Cause::InvalidCaBundle
            )
            || matches!(error.kind, Kind::Credentials | Kind::Unanswered)
            || (error.kind == Kind::Throttled && error.tried.is_some());
        match error.kind {
            _ if is_everywhere => Some(Self::Everywhere(error.kind, error.cause, place)),
            Kind::Denied | Kind::Unsupported | Kind::Unexpected => {
                Some(Self::OneCall(error.call.clone(), error.kind, error.cause, place))
            }
            _ => None,
        }
    }
}

/// Who has told of a trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Told {
    /// Somebody who may be at work in an apply.
    Once,
    /// A refresh, too: nothing is applied in this run.
    InRefresh,
}

/// The provider block of this process; empty until the CLI configures it (functions and
/// validation run without).
#[derive(Default)]
pub struct Runtime {
    configured: RwLock<Option<Arc<Configured>>>,
    /// The processes of other provider blocks; none, where nobody said that there may be some.
    siblings: Siblings,
}

impl Runtime {
    /// Of a provider block beside others, each of which has a process of its own.
    pub(crate) fn beside(siblings: Siblings) -> Self {
        Self { siblings, ..Self::default() }
    }

    /// The CLI asks what is wrong with the provider block.
    pub(crate) fn validates(&self) {
        self.siblings.looks();
    }

    /// Notes that an object of this run has `name` for itself, and gives the other provider block that has it too.
    /// Nobody, while it is not known who manages it.
    pub(crate) fn takes(&self, kind: siblings::Kind, name: &str) -> Option<Sibling> {
        self.siblings.note(kind, name, &self.managed_by_if_known()?)
    }

    /// As [`Runtime::takes`], of a file in the inventory.
    pub(crate) fn takes_file(
        &self,
        kind: siblings::Kind,
        store: &Store,
        name: &str,
    ) -> Option<Sibling> {
        self.takes(kind, &store.only().join(name).to_string_lossy())
    }

    /// Takes over the settings of the provider block.
    pub fn configure(&self, settings: Settings) {
        self.siblings.works();
        let [name, email] = settings.inventory_author.clone();
        let mut author = Author {
            managed_by: settings.managed_by.known().cloned().unwrap_or_default(),
            ..Author::default()
        };
        author.name = name.unwrap_or(author.name);
        author.email = email.unwrap_or(author.email);
        let configured = Configured {
            vendors: Vendors::of_block(&settings),
            settings,
            vending: OnceLock::new(),
            stores: Stores::of(author),
            planned_accounts: Mutex::default(),
            closed_accounts: Mutex::default(),
            planned_registrations: Mutex::default(),
            changed_baselines: Mutex::default(),
            told_misfits: Mutex::default(),
            quarantine_seen: AtomicBool::new(false),
            told: Mutex::default(),
        };
        *self.configured.write().unwrap_or_else(PoisonError::into_inner) =
            Some(Arc::new(configured));
    }

    /// How much all placements of a run may change together.
    #[must_use]
    pub fn run_limits(&self) -> RunLimits {
        self.configured().map_or_else(
            |_| RunLimits {
                max_placements_changed: Attr::Unknown,
                max_targets_removed: Attr::Unknown,
                acknowledge: Attr::Unknown,
            },
            |configured| configured.settings.blast_radius.clone(),
        )
    }

    fn configured(&self) -> Result<Arc<Configured>, Diagnostic> {
        self.configured
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
            .ok_or_else(|| unknown("the provider block").build())
    }

    /// Notes what this run plans an account to be, for the clusters on it that are planned after it.
    pub fn plans_account(&self, account: PlannedAccount) {
        if let Ok(configured) = self.configured() {
            let mut planned =
                configured.planned_accounts.lock().unwrap_or_else(PoisonError::into_inner);
            planned.insert(account.contract.key.to_string(), account);
        }
    }

    /// Notes that an account which this run creates will not be ready after that, for placements that could choose a cluster
    /// on it. `open` is what stays open.
    pub fn account_stays_closed(&self, key: &Key, open: Vec<String>) {
        if let Ok(configured) = self.configured() {
            let mut closed =
                configured.closed_accounts.lock().unwrap_or_else(PoisonError::into_inner);
            closed.insert(key.clone(), open);
        }
    }

    /// The accounts that this run creates and that will not be ready after that, with what stays open.
    #[must_use]
    pub fn closed_accounts(&self) -> BTreeMap<Key, Vec<String>> {
        let Ok(configured) = self.configured() else { return BTreeMap::new() };
        configured.closed_accounts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes what this run plans a registration to be, for the account that is planned after it.
    pub fn plans_registration(&self, record: Record) {
        if let Ok(configured) = self.configured() {
            let mut planned =
                configured.planned_registrations.lock().unwrap_or_else(PoisonError::into_inner);
            planned.insert(record.name.clone(), record);
        }
    }

    /// Whether a cluster that does not fit its account is told of for the first time in this run: account and cluster are
    /// planned in any order, or side by side, and whoever comes first says it.
    pub fn tells_misfit(&self, cluster: &Key) -> bool {
        let Ok(configured) = self.configured() else { return true };
        let mut told = configured.told_misfits.lock().unwrap_or_else(PoisonError::into_inner);
        told.insert(cluster.clone())
    }

    /// Whether the quarantine is looked at for the first time in this run, for accounts that stay in it.
    pub fn looks_at_quarantine(&self) -> bool {
        self.configured().is_ok_and(|of| !of.quarantine_seen.swap(true, Ordering::AcqRel))
    }

    /// What this run plans registrations to be, as far as it has come to them.
    #[must_use]
    pub fn planned_registrations(&self) -> BTreeMap<Key, Record> {
        let Ok(configured) = self.configured() else { return BTreeMap::new() };
        let planned =
            configured.planned_registrations.lock().unwrap_or_else(PoisonError::into_inner);
        planned.clone()
    }

    /// What this run plans the account of this key to be, if it has come to it.
    #[must_use]
    pub fn planned_account(&self, key: &str) -> Option<PlannedAccount> {
        let configured = self.configured().ok()?;
        let planned = configured.planned_accounts.lock().unwrap_or_else(PoisonError::into_inner);
        planned.get(key).cloned()
    }

    /// The one mutation owner.
    ///
    /// # Errors
    /// A diagnostic when the value is not known yet.
    pub fn managed_by(&self) -> Result<String, Diagnostic> {
        match &self.configured()?.settings.managed_by {
            Attr::Known(name) => Ok(name.clone()),
            Attr::Unknown | Attr::Null => Err(unknown("`managed_by`").build()),
        }
    }

    /// What the provider block says about tags.
    ///
    /// # Errors
    /// A diagnostic when a tag is not known yet.
    pub fn tags(&self) -> Result<tags::Rules, Diagnostic> {
        let configured = self.configured()?;
        let Settings { default_tags, ignored_tags, .. } = &configured.settings;
        Ok(tags::Rules {
            default_tags: match default_tags {
                Attr::Known(tags) => tags.clone(),
                Attr::Null => tags::Tags::new(),
                Attr::Unknown => return Err(unknown("`default_tags`").build()),
            },
            ignored: match ignored_tags {
                Attr::Known(ignored) => ignored.clone(),
                Attr::Null => tags::Ignored::default(),
                Attr::Unknown => return Err(unknown("`ignore_tags`").build()),
            },
        })
    }

    /// What the provider block says about tags, for a plan: `None` while it is not known yet.
    #[must_use]
    pub fn tags_if_known(&self) -> Option<tags::Rules> {
        self.tags().ok()
    }

    /// The roles in accounts that vending makes for itself, as far as the provider block names them and is known.
    #[must_use]
    pub fn own_roles(&self) -> Vec<String> {
        let Ok(configured) = self.configured() else { return Vec::new() };
        let Ok(aws) = &configured.settings.aws else { return Vec::new() };
        [&aws.manage_role_name, &aws.read_role_name].into_iter().flatten().cloned().collect()
    }

    /// Notes that an account goes to another baseline. How many of this run do, with this one.
    pub fn changes_baseline(&self, key: &str) -> usize {
        let Ok(configured) = self.configured() else { return 0 };
        let mut changed =
            configured.changed_baselines.lock().unwrap_or_else(PoisonError::into_inner);
        changed.insert(key.to_owned());
        changed.len()
    }

    /// How many accounts of a run may go to another baseline; unknown also while the whole block is.
    #[must_use]
    pub fn baseline_change_limit(&self) -> Attr<usize> {
        self.configured()
            .map_or(Attr::Unknown, |configured| configured.settings.baseline_change_limit)
    }

    /// What makes an email of an account's key; unknown also while the whole block is.
    #[must_use]
    pub fn email_pattern(&self) -> Attr<String> {
        self.configured()
            .map_or(Attr::Unknown, |configured| configured.settings.email_pattern.clone())
    }

    /// Where the inventory is, as one text.
    ///
    /// # Errors
    /// A diagnostic when the provider block has no `inventory`, or its path is not known yet.
    pub fn inventory_path(&self) -> Result<PathBuf, Diagnostic> {
        match &self.configured()?.settings.inventory_path {
            Attr::Known(path) => Ok(PathBuf::from(path)),
            Attr::Unknown => Err(unknown("`inventory.path`").build()),
            Attr::Null => Err(error("FLEET0004", "No inventory is configured")
                .what("The provider block has no `inventory` block, and this object is kept in the inventory.")
                .why("Accounts and clusters are recorded in a store that placements read; without it nothing could be placed.")
                .todo("Add `inventory { path = \"inventory\" }` to the provider block and create the directory.")
                .build()),
        }
    }

    /// The inventory, shared by every resource, since it remembers what this process wrote.
    ///
    /// # Errors
    /// As [`Runtime::inventory_path`], and a diagnostic when the directory is missing.
    pub fn inventory(&self) -> Result<Arc<Store>, Diagnostic> {
        let path = self.inventory_path()?;
        let store = self.configured()?.stores.open(&path);
        store.map_err(|trouble| trouble.report().build())
    }

    /// The store of any directory, the inventory's own or another. Where the directory is the same, so is what
    /// this run knows of it.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn store(&self, path: &Path) -> Result<Arc<Store>, inventory::Error> {
        match self.configured() {
            Ok(configured) => configured.stores.open(path),
            Err(_) => Store::open(path).map(Arc::new),
        }
    }

    /// The inventory for a plan or a refresh, which go on while the provider block is not known
    /// yet: `None` then.
    ///
    /// # Errors
    /// As [`Runtime::inventory`], without what is not known yet.
    pub fn inventory_if_known(&self) -> Result<Option<Arc<Store>>, Diagnostic> {
        match self.configured() {
            Ok(configured) if !configured.settings.inventory_path.is_unknown() => {
                self.inventory().map(Some)
            }
            _ => Ok(None),
        }
    }

    /// The inventory for a plan that goes by it, before `step`, as in [`Runtime::inventory_is_current`]: a plan that could
    /// not look says nothing of what is in the way.
    ///
    /// # Errors
    /// As [`Runtime::inventory`], also while it is not known yet.
    pub fn inventory_before(&self, step: &str) -> Result<Arc<Store>, Diagnostic> {
        match self.inventory_if_known()? {
            Some(store) => Ok(store),
            None => Err(unknown("`inventory.path`")
                .what(format!("The plan {step}, and cannot look for clusters that are in the way."))
                .build()),
        }
    }

    /// The inventory for who can do without: `None` where the provider block names none.
    ///
    /// # Errors
    /// As [`Runtime::inventory`], without the missing block.
    pub fn inventory_if_configured(&self) -> Result<Option<Arc<Store>>, Diagnostic> {
        if self.configured()?.settings.inventory_path.is_null() {
            return Ok(None);
        }
        self.inventory().map(Some)
    }

    /// Whether the inventory is known to be current, before `step`, which completes "before an apply …".
    ///
    /// # Errors
    /// The diagnostic that says why it is not.
    pub fn inventory_is_current(&self, store: &Store, step: &str) -> Result<(), Diagnostic> {
        let configured = self.configured()?;
        let Settings { inventory_freshness, inventory_remote, inventory_branch, .. } =
            &configured.settings;
        for (name, value) in
            [("`inventory.remote`", inventory_remote), ("`inventory.branch`", inventory_branch)]
        {
            if value.is_unknown() {
                return Err(unknown(name).build());
            }
        }
        let upstream =
            Upstream { remote: inventory_remote.as_str(), branch: inventory_branch.as_str() };
        let current = store.is_current(*inventory_freshness, upstream);
        current.map_err(|doubt| doubt.report(step).build())
    }

    /// Whether the inventory has a document that its own state has seen, before `step`, as in
    /// [`Runtime::inventory_is_current`]. `find` looks for what the store has instead of it.
    ///
    /// # Errors
    /// The diagnostic that says what is missed, unless it is acknowledged; or that the store cannot be read.
    pub fn inventory_has_own(
        &self,
        store: &Store,
        step: &str,
        find: impl FnOnce(&Store) -> Result<Option<Lost>, inventory::Error>,
    ) -> Result<(), Diagnostic> {
        let lost = find(store).map_err(|trouble| trouble.report().build())?;
        match holds_back(lost, &self.acknowledged_files()) {
            Some(lost) => Err(lost.report(step, store).build()),
            None => Ok(()),
        }
    }

    /// The fingerprints of files that may be older than what was seen of them; none while they are not known.
    #[must_use]
    pub fn acknowledged_files(&self) -> BTreeSet<String> {
        let configured = self.configured().ok();
        let known = configured.and_then(|of| of.settings.inventory_acknowledged.known().cloned());
        known.unwrap_or_default()
    }

    /// The one mutation owner for a plan, `None` while it is not known yet.
    #[must_use]
    pub fn managed_by_if_known(&self) -> Option<String> {
        self.managed_by().ok()
    }

    /// The vendor of an account: the `vendor` block of this name, or the built-in one. Making it starts and opens nothing.
    ///
    /// # Errors
    /// A diagnostic where a setting is not known yet, or the provider block has no such vendor.
    pub fn vendor(&self, name: &Attr<String>) -> Result<Arc<dyn Vendor>, Diagnostic> {
        match name {
            Attr::Null => Ok(Arc::new(Aws::new(self.vending()?))),
            Attr::Unknown => Err(unknown("`vendor` of an account").build()),
            Attr::Known(name) => self.configured()?.vendors.of(name),
        }
    }

    /// The same for a refresh: `None` while it is not known yet.
    ///
    /// # Errors
    /// The provider block has no such vendor: nothing can be told of its accounts.
    pub fn vendor_if_known(
        &self,
        name: &Attr<String>,
    ) -> Result<Option<Arc<dyn Vendor>>, Diagnostic> {
        match name {
            Attr::Known(name) => match self.configured() {
                Ok(configured) => configured.vendors.if_known(name),
                Err(_) => Ok(None),
            },
            Attr::Null | Attr::Unknown => Ok(self.vendor(name).ok()),
        }
    }

    /// The engine. Making it opens nothing; its clients are made at their first call.
    ///
    /// # Errors
    /// A diagnostic when an AWS setting of the provider block is not known yet.
    pub fn vending(&self) -> Result<Arc<Vending>, Diagnostic> {
        let configured = self.configured()?;
        match &configured.settings.aws {
            Ok(config) => Ok(configured
                .vending
                .get_or_init(|| Arc::new(Vending::new(config.clone())))
                .clone()),
            Err(Unknown(name)) => Err(unknown(&format!("`{name}`")).build()),
        }
    }
}

impl Runtime {
    /// Whether this run has told of this trouble already, for another object of a plan. Where every object meets the same,
    /// the first error ends the plan, and says all there is to say. What only one object meets is always told.
    #[must_use]
    pub fn has_told(&self, refusal: &Refusal) -> bool {
        self.tells_again(refusal, Told::Once).is_some()
    }

    /// As [`Runtime::has_told`], for the refresh of an object.
    #[must_use]
    pub fn has_told_in_refresh(&self, refusal: &Refusal) -> bool {
        self.tells_again(refusal, Told::InRefresh).is_some()
    }

    /// Whether a refresh has told of this trouble, so that a data source may be silent about it. In an apply, where nothing
    /// is refreshed, something could be made of what it leaves empty.
    #[must_use]
    pub fn a_refresh_has_told(&self, refusal: &Refusal) -> bool {
        self.tells_again(refusal, Told::Once) == Some(Told::InRefresh)
    }

    /// Notes who tells. Gives who has told before.
    fn tells_again(&self, refusal: &Refusal, who: Told) -> Option<Told> {
        let (trouble, configured) = (Trouble::of_all(refusal)?, self.configured().ok()?);
        let mut told = configured.told.lock().unwrap_or_else(PoisonError::into_inner);
        let before = told.get(&trouble).copied();
        told.insert(trouble, before.map_or(who, |before| before.max(who)));
        before
    }
}

fn unknown(what: &str) -> Report {
    error("FLEET0003", "Provider configuration is not known yet")
        .what(format!("{what} of provider \"fleet\" is not known at this point, and this step needs it."))
        .why("Its value comes from something that the apply has yet to create.")
        .todo("Apply what it depends on first (`-target`), or give the provider block a value that is known at plan.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::config;

    fn runtime() -> Runtime {
        let runtime = Runtime::default();
        runtime.configure(Settings::new("m".into(), config()));
        runtime
    }

    fn failed(call: &str, kind: Kind, cause: Cause) -> Refusal {
        Refusal::Call(fleet_vending::error::Error::new(call, kind, "Code", "").with_cause(cause))
    }

    #[test]
    fn what_every_object_meets_is_told_once() {
        let (list, describe) = ("organizations:ListAccounts", "organizations:DescribeOrganization");
        for (kind, cause) in [
            (Kind::Denied, Cause::AccessDenied),
            (Kind::Denied, Cause::PolicyDenies),
            (Kind::Unexpected, Cause::Unsaid),
            (Kind::Unanswered, Cause::IncompleteAnswer),
            (Kind::Unanswered, Cause::NotTheService),
            (Kind::Unanswered, Cause::ConnectionLost),
            (Kind::Unanswered, Cause::Unsaid),
            (Kind::Credentials, Cause::SessionEnded),
            (Kind::Invalid, Cause::NoOrganization),
        ] {
            let runtime = runtime();
            let refusal = failed(list, kind, cause);
            assert!(!runtime.has_told(&refusal), "{kind:?} {cause:?}");
            assert!(runtime.has_told(&refusal), "{kind:?} {cause:?}");
            assert!(runtime.has_told_in_refresh(&refusal), "{kind:?} {cause:?}");
            // Another call that is refused is another matter; an endpoint that is gone is gone for each call.
            let is_of_a_call = matches!(kind, Kind::Denied | Kind::Unexpected);
            assert_eq!(runtime.has_told(&failed(describe, kind, cause)), !is_of_a_call);
        }
        for kind in [Kind::NotFound, Kind::Invalid, Kind::AlreadyExists, Kind::Quota] {
            let (runtime, refusal) = (runtime(), failed(list, kind, Cause::Unsaid));
            assert!(!runtime.has_told(&refusal) && !runtime.has_told(&refusal), "{kind:?}");
        }
    }

    /// An apply refreshes nothing: there a data source that is silent would hand on what it did not read.
    #[test]
    fn a_data_source_is_silent_only_where_nothing_is_applied() {
        let refusal = failed("organizations:ListAccounts", Kind::Denied, Cause::AccessDenied);
        let runtime = runtime();
        assert!(!runtime.a_refresh_has_told(&refusal));
        assert!(!runtime.a_refresh_has_told(&refusal), "another data source may be in an apply");
        assert!(runtime.has_told_in_refresh(&refusal), "the data source's error ends the plan");
        assert!(runtime.a_refresh_has_told(&refusal));
    }
}
