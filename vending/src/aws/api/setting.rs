//! Account-wide switches: settings of a member account, and of each of its regions, that carry no tags. How strict a value is
//! belongs to its type, so that a control needs to say no more than what it asks for.

use std::fmt;

use super::Call;

/// Which switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SettingKind {
    /// Whether buckets of the account can be public: of the account.
    S3PublicAccess,
    /// Whether new volumes are encrypted: of a region.
    EbsEncryption,
    /// Whether snapshots can be shared with everybody: of a region.
    SnapshotSharing,
    /// Whether machine images can be shared with everybody: of a region.
    ImageSharing,
    /// How new instances reach their metadata: of a region.
    InstanceMetadata,
}

/// The value of a switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// See [`SettingKind::S3PublicAccess`].
    S3PublicAccess(S3PublicAccess),
    /// Whether new volumes are encrypted.
    EbsEncryption(bool),
    /// See [`SettingKind::SnapshotSharing`].
    SnapshotSharing(SnapshotSharing),
    /// Whether new public sharing is blocked.
    ImageSharing(bool),
    /// See [`SettingKind::InstanceMetadata`].
    InstanceMetadata(InstanceMetadata),
}

/// The four switches of S3's block, under their own names
/// ([`PublicAccessBlockConfiguration`](https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_PublicAccessBlockConfiguration.html)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "AWS's own words")]
pub struct S3PublicAccess {
    pub block_public_acls: bool,
    pub ignore_public_acls: bool,
    pub block_public_policy: bool,
    pub restrict_public_buckets: bool,
}

/// What is blocked of sharing snapshots with everybody, from nothing to all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum SnapshotSharing {
    /// Nothing.
    #[default]
    Unblocked,
    /// What is not shared yet.
    BlockNew,
    /// What is shared already, too: it cannot be had any more, until the block goes.
    BlockAll,
}

/// The account's defaults for new instances, as far as they are set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct InstanceMetadata {
    /// Whether a session token is required (IMDSv2); `None`: the account has no preference.
    pub tokens_required: Option<bool>,
    /// Over how many hops an answer goes; `None`: no preference.
    pub hop_limit: Option<u8>,
}

/// Who sets a switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ManagedBy {
    /// The account.
    Account,
    /// A declarative policy of the organization: the account cannot change it.
    DeclarativePolicy,
}

/// A switch as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Its value.
    pub setting: Setting,
    /// Who sets it.
    pub managed_by: ManagedBy,
}

/// Where a switch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Site<'a> {
    /// The account.
    Account,
    /// One of its regions.
    Region(&'a str),
}

/// The switches of a member account.
pub trait Settings: Send + Sync {
    /// Reads one. What was never set has AWS's default.
    fn setting<'a>(&'a self, of: SettingKind, site: Site<'a>) -> Call<'a, Found>;
    /// Sets one. AWS may show it minutes later.
    fn set<'a>(&'a self, setting: Setting, site: Site<'a>) -> Call<'a, ()>;
}

// === impl Setting ===

impl Setting {
    /// Which switch it is the value of.
    #[must_use]
    pub fn kind(&self) -> SettingKind {
        match self {
            Self::S3PublicAccess(_) => SettingKind::S3PublicAccess,
            Self::EbsEncryption(_) => SettingKind::EbsEncryption,
            Self::SnapshotSharing(_) => SettingKind::SnapshotSharing,
            Self::ImageSharing(_) => SettingKind::ImageSharing,
            Self::InstanceMetadata(_) => SettingKind::InstanceMetadata,
        }
    }

    /// The stricter of the two in every part; of two switches, this one.
    #[must_use]
    pub fn stricter(self, found: Self) -> Self {
        match (self, found) {
            (Self::S3PublicAccess(a), Self::S3PublicAccess(b)) => {
                Self::S3PublicAccess(S3PublicAccess {
                    block_public_acls: a.block_public_acls || b.block_public_acls,
                    ignore_public_acls: a.ignore_public_acls || b.ignore_public_acls,
                    block_public_policy: a.block_public_policy || b.block_public_policy,
                    restrict_public_buckets: a.restrict_public_buckets || b.restrict_public_buckets,
                })
            }
            (Self::EbsEncryption(a), Self::EbsEncryption(b)) => Self::EbsEncryption(a || b),
            (Self::SnapshotSharing(a), Self::SnapshotSharing(b)) => Self::SnapshotSharing(a.max(b)),
            (Self::ImageSharing(a), Self::ImageSharing(b)) => Self::ImageSharing(a || b),
            (Self::InstanceMetadata(a), Self::InstanceMetadata(b)) => {
                let fewest = |a: Option<u8>, b: Option<u8>| match (a, b) {
                    (Some(a), Some(b)) => Some(a.min(b)),
                    (a, b) => a.or(b),
                };
                Self::InstanceMetadata(InstanceMetadata {
                    tokens_required: a.tokens_required.max(b.tokens_required),
                    hop_limit: fewest(a.hop_limit, b.hop_limit),
                })
            }
            (wanted, _) => wanted,
        }
    }

    /// Whether `found` is at least as strict.
    #[must_use]
    pub fn is_met_by(self, found: Self) -> bool {
        self.stricter(found) == found
    }
}

/// In AWS's own words, as evidence has it.
impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let on = |is_on: bool| if is_on { "enabled" } else { "disabled" };
        match self {
            Self::S3PublicAccess(of) => {
                let parts = [
                    ("BlockPublicAcls", of.block_public_acls),
                    ("IgnorePublicAcls", of.ignore_public_acls),
                    ("BlockPublicPolicy", of.block_public_policy),
                    ("RestrictPublicBuckets", of.restrict_public_buckets),
                ];
                let set: Vec<&str> =
                    parts.iter().filter(|(_, is_on)| *is_on).map(|(name, _)| *name).collect();
                f.write_str(if set.is_empty() { "nothing blocked" } else { "" })?;
                f.write_str(&set.join(", "))
            }
            Self::EbsEncryption(is_on) => write!(f, "encryption by default {}", on(*is_on)),
            Self::SnapshotSharing(state) => f.write_str(match state {
                SnapshotSharing::Unblocked => "unblocked",
                SnapshotSharing::BlockNew => "block-new-sharing",
                SnapshotSharing::BlockAll => "block-all-sharing",
            }),
            Self::ImageSharing(blocked) => {
                f.write_str(if *blocked { "block-new-sharing" } else { "unblocked" })
            }
            Self::InstanceMetadata(of) => {
                f.write_str(match of.tokens_required {
                    Some(true) => "tokens required",
                    Some(false) => "tokens optional",
                    None => "tokens no-preference",
                })?;
                match of.hop_limit {
                    Some(hops) => write!(f, ", hop limit {hops}"),
                    None => f.write_str(", hop limit no-preference"),
                }
            }
        }
    }
}
