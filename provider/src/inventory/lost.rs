//! How a file is told that its own state has seen, and that the inventory lacks.

use fleet_inventory::{Kind, Lost, Store};

use crate::diagnostic::{Report, error, warning};

/// How it is told.
pub(crate) trait LostReport {
    /// The warning of a plan that writes the file anew.
    fn written_anew(&self, store: &Store) -> Report;
    /// The diagnostic. `step` is what is held back, and completes "before an apply …".
    fn report(&self, step: &str, store: &Store) -> Report;
}

impl LostReport for Lost {
    fn written_anew(&self, store: &Store) -> Report {
        let Self { kind, key, seen, .. } = self;
        let (folder, directory) = (kind.folder(), store.path().display());
        let summary = format!("The file of {kind} {key} is missing");
        warning("FLEET0323", summary)
            .at(match kind {
                Kind::Account => "key",
                Kind::Cluster => "name",
            })
            .what(format!("`{folder}/{key}.yaml` is not in `{directory}`. The state of this {kind} has seen it, with the serial {seen}. The apply writes it anew."))
            .why("A directory that lacks the file may be another one than the inventory, or only a part of it: then other files are missing, too, and placements and registrations go by what is there.")
            .todo(format!("Look whether the `inventory` block of the provider names the right directory, and whether all of it was checked out; restore the file (`git checkout`) if it was deleted. If it is lost for good, apply. That the file is there again does not prove that the directory is the inventory: before this {kind} is retired or let go, the plan asks for an acknowledgement (FLEET0317)."))
    }

    fn report(&self, step: &str, store: &Store) -> Report {
        let Self { kind, key, seen, instead } = self;
        let (folder, fingerprint) = (kind.folder(), self.fingerprint());
        let directory = store.path().display();
        error("FLEET0317", "The inventory is not known to be current")
            .what(format!("Before an apply {step}, the inventory has to be current, and `{folder}/{key}.yaml` in `{directory}` {instead}. The state of this {kind} has seen the file with the serial {seen}."))
            .why("The step cannot be taken back, and the inventory says what hangs on it. A directory that lacks this file, or lacked it, is another one than the object was kept in, or has lost files: it may lack the file of a cluster that still runs, too.")
            .todo(format!("Look whether the `inventory` block of the provider names the right directory, and whether all of it was checked out; bring it up to date (`git pull`), or restore the file (`git checkout`), and plan again. If the file is lost for good, find out by another way that nothing else is; then add \"{fingerprint}\" to `acknowledge` in the `inventory` block, until the {kind} is gone. It fits this {kind}, and the loss of this file."))
    }
}

#[cfg(test)]
mod tests {
    use fleet_inventory::Seen;
    use fleet_model::name::Key;

    use super::*;

    #[test]
    fn a_loss_says_what_is_missed_and_what_to_do() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path()).unwrap();
        let seen = Seen { serial: 2, sha256: None, missed: None };
        let lost = store.lost_cluster(&Key::new("c1").unwrap(), &seen).unwrap().unwrap();
        let told = lost.report("destroys the registration of `c1`", &store).build();
        let place = store.path().display().to_string();
        insta::assert_snapshot!(format!(
            "{}\n\n{}",
            told.summary,
            told.detail.replace(&place, "inventory")
        ));
    }
}
