//! Which account's id stands in more than one file: then nothing tells which of them is the account.

use std::collections::BTreeMap;
use std::sync::Arc;

use fleet_model::inventory::AccountDocument;
use fleet_model::name::Key;

use super::{Found, Store, locked};
use crate::document::Document;
use crate::error::Error;

/// Of an account whose id stands in another file too, the key of that file.
pub(super) type Shared = BTreeMap<Key, Key>;

/// What was found, with the metadata of the files it was found in.
#[derive(Debug)]
pub(super) struct Ids {
    metadata: String,
    shared: Arc<Shared>,
}

/// The accounts that share an id. One that was closed has its id for ever, and is no account any more.
pub(super) fn shared(accounts: &BTreeMap<Key, Found<AccountDocument>>) -> Shared {
    let mut of: BTreeMap<&str, Vec<&Key>> = BTreeMap::new();
    for (key, Found { document, .. }) in accounts {
        of.entry(&document.id).or_default().push(key);
    }
    let pairs = of.into_values().filter_map(|keys| match keys.as_slice() {
        [first, rest @ ..] if !rest.is_empty() => {
            let last = rest.last()?;
            let others = rest.iter().map(|key| ((*key).clone(), (*first).clone()));
            Some(std::iter::once(((*first).clone(), (*last).clone())).chain(others).collect())
        }
        _ => None,
    });
    pairs.flat_map(|pairs: Vec<(Key, Key)>| pairs).collect()
}

impl Store {
    /// As [`shared`], of the store as it is now. Read again only when a file changed.
    pub(super) fn shared_ids(&self) -> Result<Arc<Shared>, Error> {
        // Held while reading, so that registrations applied at the same time read once.
        let mut ids = locked(&self.ids);
        let metadata = self.metadata(&[AccountDocument::FOLDER])?;
        if let Some(known) = ids.as_ref().filter(|known| known.metadata == metadata) {
            return Ok(Arc::clone(&known.shared));
        }
        let found = Arc::new(shared(&self.accounts()?));
        *ids = Some(Ids { metadata, shared: Arc::clone(&found) });
        Ok(found)
    }
}
