//! What a plan of an account can see.

use std::sync::Arc;

use fleet_model::inventory::AccountDocument;
use fleet_model::name::Key;
use fleet_vending::{Vending, Vendor};
use tfplugin::Attr;

use crate::inventory::Store;
use crate::tags;

/// A part of the provider block that is not known yet is `None`.
pub(super) struct View<'a> {
    pub(super) store: Option<&'a Store>,
    pub(super) managed_by: Option<&'a str>,
    pub(super) tags: Option<tags::Rules>,
    pub(super) email_pattern: Attr<String>,
    /// The account's vendor.
    pub(super) vendor: Option<Arc<dyn Vendor>>,
    /// The id of the account that has a key in a state that this process has seen.
    /// The roles that vending makes for itself in the account.
    pub(super) own_roles: Vec<String>,
    pub(super) holder: &'a dyn Fn(&str) -> Option<String>,
}

impl View<'_> {
    /// Whether the provider block has a quarantine; `None` while it is not known.
    pub(super) fn has_quarantine(&self) -> Option<bool> {
        self.vendor.as_ref().map(|vendor| vendor.has_quarantine())
    }

    /// The AWS organization of this process, where it is the account's vendor.
    pub(super) fn aws(&self) -> Option<&Arc<Vending>> {
        self.vendor.as_ref()?.aws()
    }

    /// The inventory file of an account that is there, if it is about this one.
    pub(super) fn file(&self, key: &str, id: Option<&str>) -> Option<AccountDocument> {
        let found = self.store?.account(&Key::new(key).ok()?).ok()??.document;
        (id.is_none() || id == Some(found.id.as_str())).then_some(found)
    }
}
