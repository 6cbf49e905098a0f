//! The gate is shut before a step that shuts the account: its file says that it is not ready before AWS is asked, and
//! where that cannot be written, the step is not made. What opens the gate is written last. So no run that dies, and no
//! disk that is full, leaves a file that admits clusters on an account that is frozen, retired or gone.

use fleet_model::inventory::AccountDocument;
use fleet_model::name::Key;
use tfplugin::Private;
use tfplugin::diagnostic::Diagnostic;

use super::Desk;
use super::clusters::Step;
use super::memory::SEEN;
use super::model::Model;
use crate::inventory::{ErrorReport as _, Remembered as _, Seen, Store};

impl Desk {
    /// Shuts the gate before `step`. An account without a file has none that is open. What was written is kept in
    /// `private` as seen.
    ///
    /// # Errors
    /// The file could not be written.
    pub(super) fn shut_before(
        &self,
        step: Step,
        file: Option<&AccountDocument>,
        private: &mut Private,
    ) -> Result<(), Diagnostic> {
        let Some(file) = file else { return Ok(()) };
        let seen = shut(&*self.runtime.inventory()?, step, file, &Seen::recall(private, SEEN))?;
        seen.keep(private, SEEN);
        Ok(())
    }

    /// Shuts the gate before the account is let go. The file of another account or manager is not ours to write.
    ///
    /// # Errors
    /// The file could not be read or written.
    pub(super) fn shut_to_let_go(
        &self,
        prior: &Model,
        private: &Private,
    ) -> Result<(), Diagnostic> {
        let (store, managed_by) = (self.runtime.inventory()?, self.runtime.managed_by()?);
        let Some(key) = prior.key.as_str().and_then(|key| Key::new(key).ok()) else {
            return Ok(());
        };
        let found = store.account(&key).map_err(|trouble| trouble.report().build())?;
        let file = found.map(|found| found.document).filter(|file| {
            file.managed_by == managed_by && Some(file.id.as_str()) == prior.id.as_str()
        });
        match file {
            Some(file) => shut(&store, Step::LetGo, &file, &Seen::recall(private, SEEN)).map(drop),
            None => Ok(()),
        }
    }
}

/// Writes that the account is not ready, since it is about to take the step.
fn shut(
    store: &Store,
    step: Step,
    file: &AccountDocument,
    seen: &Seen,
) -> Result<Seen, Diagnostic> {
    let mut shut = AccountDocument { ready: false, ..file.clone() };
    shut.open_checks.insert("phase".to_owned(), format!("being {}", step.done()));
    store.mark_account(&shut, seen).map_err(|trouble| {
        let report = trouble.report().at("lifecycle_state");
        let key = &file.contract.key;
        report
            .todo(format!("The account `{key}` is not {}, and nothing was done to it: before such a step its file has to say that no cluster is admitted. The next apply goes on with it.", step.done()))
            .build()
    })
}

#[cfg(test)]
mod tests;
