//! What a registration remembers beside its state: how new the files were that it has seen.

use tfplugin::{Attr, Private};

use crate::inventory::{Admission, Remembered as _, Seen};

/// The name under which private state keeps what was seen of the registration's own file.
const FILE: &str = "inventory_file";

/// How new the files were that a registration has seen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Memory {
    /// Its own file.
    pub(super) file: Seen,
    /// The file of its account.
    pub(super) account: Seen,
}

// === impl Memory ===

impl Memory {
    /// What private state keeps. Of another account than `account` nothing was seen.
    pub(super) fn recall(private: &Private, account: &Attr<String>) -> Self {
        let account = account.as_str().map(name).unwrap_or_default();
        Self { file: Seen::recall(private, FILE), account: Seen::recall(private, &account) }
    }

    /// It has seen what the store says about its account.
    pub(super) fn saw(&mut self, admission: &Admission) {
        let seen = std::mem::take(&mut self.account);
        self.account = seen.or(admission.serial, "", admission.is_as_written);
    }

    /// Keeps it in private state.
    pub(super) fn keep(&self, private: &mut Private, account: &Attr<String>) {
        if self.file.serial > 0 {
            self.file.keep(private, FILE);
        }
        let Some(account) = account.as_str() else { return };
        if self.account.serial > 0 {
            self.account.keep(private, &name(account));
        } else {
            private.remove(&name(account));
        }
    }
}

fn name(account: &str) -> String {
    format!("account_file/{account}")
}
