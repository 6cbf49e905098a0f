//! The vendors of accounts that the provider block names: programs which are started where an account names them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use fleet_vending::config::RefreshReadiness;
use fleet_vending::{Vendor, nearest};
use tfplugin::Attr;
use tfplugin::diagnostic::Diagnostic;

use crate::config::{Settings, VendorBlock};
use crate::diagnostic::error;

mod check;
mod process;
mod program;

pub(crate) use check::{check, json_object};
use program::Program;

/// Those of one provider block. Each is made once, and started by the first call that needs it.
pub(crate) struct Vendors {
    blocks: Attr<BTreeMap<String, VendorBlock>>,
    managed_by: Attr<String>,
    refresh: RefreshReadiness,
    made: Mutex<BTreeMap<String, Arc<dyn Vendor>>>,
}

impl Vendors {
    /// Takes over the blocks. Nothing is started.
    pub(crate) fn of_block(settings: &Settings) -> Self {
        Self {
            blocks: settings.vendors.clone(),
            managed_by: settings.managed_by.clone(),
            refresh: settings.aws.as_ref().map(|of| of.refresh_readiness).unwrap_or_default(),
            made: Mutex::default(),
        }
    }

    /// The vendor of this name.
    ///
    /// # Errors
    /// There is no such block, or an argument of it is not known yet.
    pub(crate) fn of(&self, name: &str) -> Result<Arc<dyn Vendor>, Diagnostic> {
        match self.if_known(name)? {
            Some(vendor) => Ok(vendor),
            None => Err(error("FLEET0003", "Provider configuration is not known yet")
                .what(format!("An argument of `vendor {name:?}` of provider \"fleet\" is not known at this point, and this step needs it."))
                .why("Its value comes from something that the apply has yet to create.")
                .todo("Apply what it depends on first (`-target`), or give the block a value that is known at plan.")
                .build()),
        }
    }

    /// The same; `None` while an argument of the block is not known.
    ///
    /// # Errors
    /// There is no such block.
    pub(crate) fn if_known(&self, name: &str) -> Result<Option<Arc<dyn Vendor>>, Diagnostic> {
        if self.blocks.is_unknown() {
            return Ok(None);
        }
        let Some(block) = self.blocks.known().and_then(|blocks| blocks.get(name)) else {
            return Err(self.missing(name));
        };
        let (Some(program), Some(managed_by)) = (Program::of(block), self.managed_by.as_str())
        else {
            return Ok(None);
        };
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let vendor = made
            .entry(name.to_owned())
            .or_insert_with(|| program.vendor(name, managed_by, self.refresh));
        Ok(Some(Arc::clone(vendor)))
    }

    fn missing(&self, name: &str) -> Diagnostic {
        let names = || self.blocks.known().into_iter().flat_map(BTreeMap::keys);
        let near = nearest(name, names().cloned());
        let names: Vec<&str> = names().map(String::as_str).collect();
        let there = match (names.as_slice(), near.as_slice()) {
            ([], _) => "It has no `vendor` block at all.".to_owned(),
            (_, [near, ..]) => format!("The name that looks most like it is `{near}`."),
            (names, []) => format!("It has: {}.", names.join(", ")),
        };
        error("FLEET0562", "The provider block has no such vendor")
            .at("vendor")
            .what(format!("The account's `vendor` is {name:?}, and the provider block has no `vendor` block of this name. {there}"))
            .why("Only the vendor that made an account can tell how it is. While nobody can be asked, the account is neither changed nor taken for gone: its state stays.")
            .todo(format!("Add `vendor {name:?} {{ … }}` to the provider block, or correct the name. An account stays with the vendor that made it."))
            .build()
    }
}
