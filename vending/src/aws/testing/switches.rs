//! The account-wide switches of a fake account: as a new account of AWS has them, until they are set.

use std::collections::{BTreeMap, BTreeSet};

use crate::aws::api::{
    Found, InstanceMetadata, ManagedBy, S3PublicAccess, Setting, SettingKind, Site, SnapshotSharing,
};

/// Where a switch is, and which.
pub(crate) type At = (SettingKind, String);

/// The switches of one account.
#[derive(Debug, Clone, Default)]
pub(crate) struct Switches {
    /// What was set.
    pub(crate) set: BTreeMap<At, Setting>,
    /// What a declarative policy sets.
    pub(crate) declared: BTreeSet<At>,
    /// How many reads still show the value from before the last write.
    pub(crate) stale_reads: usize,
    before: BTreeMap<At, Setting>,
}

/// A switch at a site, as the fake keeps it; of the account the site is empty.
pub(crate) fn at(kind: SettingKind, site: Site<'_>) -> At {
    let name = match site {
        Site::Account => "",
        Site::Region(region) => region,
    };
    (kind, name.to_owned())
}

fn of_new_account(kind: SettingKind) -> Setting {
    match kind {
        SettingKind::S3PublicAccess => Setting::S3PublicAccess(S3PublicAccess::default()),
        SettingKind::EbsEncryption => Setting::EbsEncryption(false),
        SettingKind::SnapshotSharing => Setting::SnapshotSharing(SnapshotSharing::Unblocked),
        SettingKind::ImageSharing => Setting::ImageSharing(false),
        SettingKind::InstanceMetadata => Setting::InstanceMetadata(InstanceMetadata::default()),
    }
}

impl Switches {
    /// What a read shows.
    pub(crate) fn read(&mut self, kind: SettingKind, site: Site<'_>) -> Found {
        let at = at(kind, site);
        let shown = match self.stale_reads {
            0 => &self.set,
            _ => &self.before,
        };
        self.stale_reads = self.stale_reads.saturating_sub(1);
        let setting = shown.get(&at).copied().unwrap_or_else(|| of_new_account(kind));
        let declared = self.declared.contains(&at);
        let managed_by = if declared { ManagedBy::DeclarativePolicy } else { ManagedBy::Account };
        Found { setting, managed_by }
    }

    /// Sets one.
    pub(crate) fn write(&mut self, setting: Setting, site: Site<'_>) {
        self.before.clone_from(&self.set);
        self.set.insert(at(setting.kind(), site), setting);
    }
}
