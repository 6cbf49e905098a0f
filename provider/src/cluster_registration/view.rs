//! What a plan of a registration can see.

use std::collections::BTreeSet;

use super::memory::Memory;
use crate::inventory::Store;
use crate::runtime::PlannedAccount;

/// What a plan can see. A part of the provider block that is not known yet is `None`: then what
/// needs it is checked in apply.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'a> {
    /// The inventory.
    pub(super) store: Option<&'a Store>,
    /// The one mutation owner.
    pub(super) managed_by: Option<&'a str>,
    /// What the registration has seen of its files.
    pub(super) memory: &'a Memory,
    /// The account, if this run plans it.
    pub(super) account: Option<&'a PlannedAccount>,
    /// Whether it is for this plan to say what does not fit the account: the account's plan has not said it yet.
    pub(super) tells_misfits: bool,
    /// The fingerprints of accounts' files that may be older than what was seen.
    pub(super) acknowledged: &'a BTreeSet<String>,
}
