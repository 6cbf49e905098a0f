//! An account of a key that another account has by right.

use std::collections::BTreeMap;

use fleet_model::inventory::AccountDocument;
use fleet_model::name::Key;
use fleet_vending::Duplicate;
use fleet_vending::Refusal;
use tfplugin::diagnostic::Diagnostics;

use super::model::Model;
use super::{Desk, report};
use crate::inventory::{Error, Seen};

impl Desk {
    /// Why an account that does not have its key is not vended. Where the inventory file is about it, that says from now
    /// on that it is not ready.
    pub(super) fn not_used(
        &self,
        planned: &Model,
        key: &Key,
        duplicate: Box<Duplicate>,
    ) -> Diagnostics {
        let winner = duplicate.winner().id.clone();
        let refusal = Refusal::Duplicate(duplicate);
        let mut said = Diagnostics::from(report::not_vended(planned, &refusal));
        let mended = self.runtime.inventory().and_then(|store| {
            let managed_by = self.runtime.managed_by()?;
            let told = |trouble: Error| trouble.report().build();
            match store.held_account(key, &managed_by).map_err(told)?.map(|of| of.document) {
                Some(file) if file.id != winner => {
                    let open = BTreeMap::from([("phase".to_owned(), refusal.to_string())]);
                    let document = AccountDocument { ready: false, open_checks: open, ..file };
                    store.put_account(&document, &Seen::default()).map(drop).map_err(told)
                }
                _ => Ok(()),
            }
        });
        said.extend(mended.err());
        said
    }
}
