//! What is asked for: the arguments of `fleet_placement`.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::cluster::{Effect, Record, Taint};
use fleet_model::name::Key;

use crate::labels::MatchExpression;
use crate::version::VersionRange;

/// Everything a decision depends on besides the clusters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The key of the placement: the seed of the order.
    pub key: Key,
    /// Who places it, by `managed_by`; `None` while that is not known: then every cluster takes it.
    pub manager: Option<String>,
    /// The workload's environment.
    pub environment: String,
    /// Which clusters fit.
    pub selector: Selector,
    /// How many of them, where, in which roles.
    pub strategy: Strategy,
    /// Which taints do not matter.
    pub tolerations: Vec<Toleration>,
    /// The targets there are now, `None` when the placement is being created: a create has no
    /// incumbents and no limits.
    pub prior: Option<BTreeMap<Key, Target>>,
    /// Whether `prior` was found in an emitted file instead of the state. Such targets are preferred,
    /// and limited, like those of the state; but a file admits nothing, so each of them has to pass
    /// every rule that a new target has to pass.
    pub found: bool,
    /// How much one change may move.
    pub limits: Limits,
}

/// Which clusters fit. Everything given must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selector {
    /// The cluster's environment; `None` is the workload's.
    pub environment: Option<String>,
    /// Allowed regions; `None` is any.
    pub regions: Option<BTreeSet<String>>,
    /// Labels and the values they must have.
    pub match_labels: BTreeMap<String, String>,
    /// Further conditions on labels.
    pub match_expressions: Vec<MatchExpression>,
    /// Allowed data classifications; `None` is any.
    pub data_classification: Option<BTreeSet<String>>,
    /// Allowed tiers; `None` is any.
    pub tier: Option<BTreeSet<String>>,
    /// Allowed names; `None` is any.
    pub names: Option<BTreeSet<String>>,
    /// Allowed accounts, by key; `None` is any.
    pub accounts: Option<BTreeSet<String>>,
    /// Allowed owners; `None` is any.
    pub owners: Option<BTreeSet<String>>,
    /// Allowed clouds; `None` is any.
    pub clouds: Option<BTreeSet<String>>,
    /// Allowed mutation owners; `None` is any.
    pub managed_by: Option<BTreeSet<String>>,
    /// Zones of which the cluster has to span one; `None` is any.
    pub zones: Option<BTreeSet<String>>,
    /// Allowed versions of Kubernetes; `None` is any.
    pub kubernetes_version: Option<VersionRange>,
}

/// How many targets, where, in which roles.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Strategy {
    /// The operating mode (guide §13); without one every target is active.
    pub mode: Option<Mode>,
    /// The most targets; `None` is every cluster that fits.
    pub count: Option<usize>,
    /// In how many regions at least; `None` is 2 for a mode that serves from two regions, else 1.
    pub min_regions: Option<usize>,
    /// The most targets in one region.
    pub max_clusters_per_region: Option<usize>,
    /// The region that serves first.
    pub primary_region: Option<String>,
}

/// An operating mode of guide §13.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// Restore in a second region after a disaster.
    BackupRestore,
    /// Minimal warm infrastructure in other regions.
    PilotLight,
    /// A scaled-down full stack in other regions.
    WarmStandby,
    /// One region serves, the others are ready.
    ActivePassive,
    /// Every region serves.
    ActiveActive,
}

/// What a target does for the workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Serves.
    Active,
    /// Receives backups ([`Mode::BackupRestore`]).
    Backup,
    /// Runs the minimum ([`Mode::PilotLight`]).
    Pilot,
    /// Runs scaled down ([`Mode::WarmStandby`]).
    Standby,
    /// Is ready to serve ([`Mode::ActivePassive`]).
    Passive,
}

/// A taint that does not keep this workload away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toleration {
    /// The taint's key.
    pub key: String,
    /// How the value is compared.
    pub operator: TolerationOperator,
    /// The taint's value, with [`TolerationOperator::Equal`]; `None` is the empty value.
    pub value: Option<String>,
    /// The taint's effect; `None` is every effect.
    pub effect: Option<Effect>,
}

/// How a toleration compares the taint's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TolerationOperator {
    /// Any value.
    Exists,
    /// This value.
    Equal,
}

/// How much one change may move, compared with the targets there are now. `None` is no limit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Limits {
    /// The most targets that one change may add.
    pub max_added: Option<usize>,
    /// The most targets that one change may remove.
    pub max_removed: Option<usize>,
    /// The most regions in which one change may add, remove or give another role.
    pub max_regions_touched: Option<usize>,
    /// The fingerprint of the one change that may break the limits; several, with spaces between, where
    /// there are other things to acknowledge.
    pub acknowledge: Option<String>,
}

/// A cluster that was decided on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The cluster's region.
    pub region: String,
    /// The key of the cluster's account; `None` where it was not remembered.
    pub account: Option<Key>,
    /// The cluster's cloud; `None` where it was not remembered.
    pub cloud: Option<String>,
    /// What it does.
    pub role: Role,
    /// Why it was taken when it became a target; kept for as long as it is one.
    pub reason: String,
}

// === impl Target ===

impl Target {
    /// Whether `record` is the cluster that became this target. One that is in another region, account
    /// or cloud by now is another cluster under the same name: it has to be let in anew.
    #[must_use]
    pub fn is_on(&self, record: &Record) -> bool {
        self.region == record.region
            && self.account.as_ref().is_none_or(|account| *account == record.account)
            && self.cloud.as_ref().is_none_or(|cloud| *cloud == record.cloud)
    }

    /// As [`Target::is_on`], of two targets.
    #[must_use]
    pub fn is_where(&self, other: &Self) -> bool {
        fn same<T: PartialEq>(a: Option<&T>, b: Option<&T>) -> bool {
            a.zip(b).is_none_or(|(a, b)| a == b)
        }
        self.region == other.region
            && same(self.account.as_ref(), other.account.as_ref())
            && same(self.cloud.as_ref(), other.cloud.as_ref())
    }
}

// === impl Strategy ===

impl Strategy {
    /// The least number of regions, with the default of the mode.
    #[must_use]
    pub fn min_regions(&self) -> usize {
        self.min_regions.unwrap_or(match self.mode {
            None | Some(Mode::BackupRestore) => 1,
            Some(_) => 2,
        })
    }
}

// === impl Mode ===

impl Mode {
    /// Every mode, as users write it.
    pub const WORDS: &'static [&'static str] =
        &["backup-restore", "pilot-light", "warm-standby", "active-passive", "active-active"];

    /// The word users write.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BackupRestore => "backup-restore",
            Self::PilotLight => "pilot-light",
            Self::WarmStandby => "warm-standby",
            Self::ActivePassive => "active-passive",
            Self::ActiveActive => "active-active",
        }
    }

    /// The mode of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [
            Self::BackupRestore,
            Self::PilotLight,
            Self::WarmStandby,
            Self::ActivePassive,
            Self::ActiveActive,
        ]
        .into_iter()
        .find(|mode| mode.as_str() == word)
    }

    /// The role of the targets that do not serve first.
    #[must_use]
    pub fn secondary_role(self) -> Role {
        match self {
            Self::BackupRestore => Role::Backup,
            Self::PilotLight => Role::Pilot,
            Self::WarmStandby => Role::Standby,
            Self::ActivePassive => Role::Passive,
            Self::ActiveActive => Role::Active,
        }
    }
}

// === impl Role ===

impl Role {
    /// The word users read.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Backup => "backup",
            Self::Pilot => "pilot",
            Self::Standby => "standby",
            Self::Passive => "passive",
        }
    }

    /// The role of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Active, Self::Backup, Self::Pilot, Self::Standby, Self::Passive]
            .into_iter()
            .find(|role| role.as_str() == word)
    }
}

// === impl Toleration ===

impl Toleration {
    /// Whether `taint` does not keep this workload away (the rule of Kubernetes' tolerations).
    #[must_use]
    pub fn tolerates(&self, taint: &Taint) -> bool {
        self.key == taint.key
            && self.effect.is_none_or(|effect| effect == taint.effect)
            && match self.operator {
                TolerationOperator::Exists => true,
                TolerationOperator::Equal => self.value.as_deref().unwrap_or("") == taint.value,
            }
    }
}

// === impl TolerationOperator ===

impl TolerationOperator {
    /// Every operator, as users write it.
    pub const WORDS: &'static [&'static str] = &["Exists", "Equal"];

    /// The operator of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "Exists" => Some(Self::Exists),
            "Equal" => Some(Self::Equal),
            _ => None,
        }
    }
}
