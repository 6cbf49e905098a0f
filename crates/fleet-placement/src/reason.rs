//! Why a cluster is not a target: one reason per rule that it breaks, never only the first.

use std::collections::BTreeSet;
use std::fmt;

use fleet_model::name::Key;

/// Why a cluster is not a target. `Display` is the code, then what was wanted and found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// Another environment.
    Environment {
        /// The selector's.
        want: String,
        /// The cluster's.
        got: String,
    },
    /// Not one of the selector's regions.
    Region {
        /// The cluster's.
        got: String,
    },
    /// A label does not match.
    Label {
        /// Its key.
        key: String,
        /// What is wanted of it.
        want: String,
        /// Its value; `None` when the cluster lacks it.
        got: Option<String>,
    },
    /// Not one of the selector's data classifications.
    DataClassification {
        /// The cluster's.
        got: String,
    },
    /// Not one of the selector's tiers.
    Tier {
        /// The cluster's.
        got: Option<String>,
    },
    /// Not one of the selector's names.
    Name,
    /// Not one of the selector's accounts.
    Account {
        /// The cluster's.
        got: Key,
    },
    /// Not one of the selector's clouds.
    Cloud {
        /// The cluster's.
        got: String,
    },
    /// In none of the selector's zones.
    Zones {
        /// The cluster's.
        got: BTreeSet<String>,
    },
    /// Not one of the selector's owners.
    Owner {
        /// The cluster's; `None` when it names none, or when it is not known yet.
        got: Option<String>,
    },
    /// Not one of the selector's mutation owners.
    ManagedBy {
        /// The cluster's; `None` when it is not known yet.
        got: Option<String>,
    },
    /// Not in the selector's range of versions.
    Version {
        /// The range.
        want: String,
        /// The cluster's version; `None` when it names none, or when it is not known yet.
        got: Option<String>,
    },
    /// The cluster takes workloads of other configurations only.
    Tenants {
        /// Who places.
        want: String,
        /// Whose it takes; nobody's when it is empty.
        got: BTreeSet<String>,
    },
    /// A taint that is not tolerated.
    Taint {
        /// The taint's key.
        key: String,
        /// The taint's effect.
        effect: fleet_model::cluster::Effect,
    },
    /// `schedulable = false`, and the cluster is no target yet.
    Unschedulable,
    /// The cluster is retired.
    Lifecycle,
    /// The cluster's account is not ready, and the cluster is no target yet (guide §25.4).
    NotAdmitted,
    /// The cluster's account is not ready yet, and enough other clusters are. It would be taken if its
    /// account were.
    Waits {
        /// The account.
        account: Key,
        /// Its open checks.
        open: Vec<String>,
    },
    /// The region has its most targets already.
    RegionCap {
        /// The region.
        region: String,
        /// Who has them.
        held_by: Vec<String>,
    },
    /// There are `count` targets already.
    MaxTotal {
        /// The count.
        count: usize,
    },
    /// The places that are left are kept for other regions, so that `min_regions` is reached.
    SpreadReserve {
        /// The least number of regions.
        min_regions: usize,
        /// Who holds the cluster's region.
        held_by: Vec<String>,
    },
    /// The cluster left the inventory.
    Gone,
    /// The cluster is in another region, account or cloud than when it became a target.
    Moved {
        /// `region`, `account` or `cloud`.
        fact: &'static str,
        /// Where it was.
        from: String,
        /// Where it is.
        to: String,
    },
}

impl Reason {
    /// The code, as in explanations and documentation.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Environment { .. } => "ENV",
            Self::Region { .. } => "REGION",
            Self::Label { .. } => "LABEL",
            Self::DataClassification { .. } => "DATA_CLASS",
            Self::Tier { .. } => "TIER",
            Self::Name => "NAME",
            Self::Account { .. } => "ACCOUNT",
            Self::Cloud { .. } => "CLOUD",
            Self::Zones { .. } => "ZONES",
            Self::Owner { .. } => "OWNER",
            Self::ManagedBy { .. } => "MANAGED_BY",
            Self::Version { .. } => "VERSION",
            Self::Tenants { .. } => "TENANTS",
            Self::Taint { .. } => "TAINT",
            Self::Unschedulable => "UNSCHEDULABLE",
            Self::Lifecycle => "LIFECYCLE",
            Self::NotAdmitted => "NOT_ADMITTED",
            Self::Waits { .. } => "WAITS",
            Self::RegionCap { .. } => "REGION_CAP",
            Self::MaxTotal { .. } => "MAX_TOTAL",
            Self::SpreadReserve { .. } => "SPREAD_RESERVE",
            Self::Gone => "GONE",
            Self::Moved { .. } => "MOVED",
        }
    }

    /// Whether a cluster with this reason is not even near: another environment's, one that is not named, or retired.
    pub(crate) fn is_far(&self) -> bool {
        matches!(self, Self::Environment { .. } | Self::Name | Self::Lifecycle)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())?;
        match self {
            Self::Environment { want, got } => write!(f, " want={want} got={got}"),
            Self::Region { got } | Self::DataClassification { got } | Self::Cloud { got } => {
                write!(f, " got={got}")
            }
            Self::Account { got } => write!(f, " got={got}"),
            Self::Zones { got } if got.is_empty() => f.write_str(" got=<none>"),
            Self::Zones { got } => {
                let got: Vec<&str> = got.iter().map(String::as_str).collect();
                write!(f, " got={}", got.join(","))
            }
            // Texts of other configurations: what they hold must not look like a line of ours.
            Self::Owner { got: Some(got) } | Self::ManagedBy { got: Some(got) } => {
                write!(f, " got={got:?}")
            }
            Self::Tenants { want, got } if got.is_empty() => write!(f, " want={want:?} got=<none>"),
            Self::Tenants { want, got } => write!(f, " want={want:?} got={}", listed(got)),
            Self::Version { want, got } => {
                write!(f, " want={want:?} got={}", got.as_deref().unwrap_or("<none>"))
            }
            Self::Label { key, want, got } => {
                write!(f, " {key} want={want} got={}", got.as_deref().unwrap_or("<absent>"))
            }
            Self::Tier { got }
            | Self::Owner { got: got @ None }
            | Self::ManagedBy { got: got @ None } => {
                write!(f, " got={}", got.as_deref().unwrap_or("<none>"))
            }
            Self::Taint { key, effect } => write!(f, " {key}:{effect}"),
            Self::RegionCap { region, held_by } => {
                write!(f, " {region} held by {}", held_by.join(", "))
            }
            Self::Waits { account, open } => {
                write!(f, " for account {account}: {}", open.join(", "))
            }
            Self::MaxTotal { count } => write!(f, " {count}/{count}"),
            Self::SpreadReserve { min_regions, held_by } => {
                write!(f, " for {min_regions} regions; here {}", held_by.join(", "))
            }
            Self::Moved { fact, from, to } => write!(f, " {fact} {from} to {to}"),
            Self::Name | Self::Unschedulable | Self::Lifecycle | Self::NotAdmitted | Self::Gone => {
                Ok(())
            }
        }
    }
}

/// Names of configurations, each in quotes.
fn listed(names: &BTreeSet<String>) -> String {
    names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(",")
}
