//! How a file is told that its own state has seen, and that the inventory lacks.

use fleet_inventory::{Kind, Lost, Missing, Store};

use super::Medium;
use crate::diagnostic::{Report, error, warning};

/// How it is told.
pub(crate) trait LostReport {
    /// The warning of a plan that writes the file anew; nothing, where one that stands for all of them was told. `managed_by`: the
    /// configuration that plans.
    fn written_anew(&self, store: &Store, managed_by: Option<&str>) -> Option<Report>;
    /// The diagnostic. `step` is what is held back, and completes "before an apply …".
    fn report(&self, step: &str, store: &Store) -> Report;
}

impl LostReport for Lost {
    fn written_anew(&self, store: &Store, managed_by: Option<&str>) -> Option<Report> {
        match store.miss(self.kind, &self.key, managed_by) {
            Missing::Told => None,
            Missing::Some => Some(alone(self, store)),
            Missing::Most { missing, there } => Some(most(&missing, there, store)),
        }
    }

    fn report(&self, step: &str, store: &Store) -> Report {
        let Self { kind, key, seen, instead } = self;
        let (folder, fingerprint) = (kind.folder(), self.fingerprint());
        let (place, medium) = (store.path().display(), Medium::of(store.path()));
        let (noun, named, restore) = (medium.noun(), medium.named_rightly(), medium.restore());
        let pull =
            if medium == Medium::Directory { "bring it up to date (`git pull`), or " } else { "" };
        error("FLEET0317", "The inventory is not known to be current")
            .what(format!("Before an apply {step}, the inventory has to be current, and `{folder}/{key}.yaml` in `{place}` {instead}. The state of this {kind} has seen the file with the serial {seen}."))
            .why(format!("The step cannot be taken back, and the inventory says what hangs on it. A {noun} that lacks this file, or lacked it, is another one than the object was kept in, or has lost files: it may lack the file of a cluster that still runs, too."))
            .todo(format!("Look whether the `inventory` block of the provider {named}; {pull}restore the file {restore}, and plan again. If the file is lost for good, find out by another way that nothing else is; then add \"{fingerprint}\" to `acknowledge` in the `inventory` block, until the {kind} is gone. It fits this {kind}, and the loss of this file."))
    }
}

/// That one file is missing among others.
fn alone(lost: &Lost, store: &Store) -> Report {
    let Lost { kind, key, seen, .. } = lost;
    let (folder, place, medium) = (kind.folder(), store.path().display(), Medium::of(store.path()));
    let (noun, named, restore) = (medium.noun(), medium.named_rightly(), medium.restore());
    warning("FLEET0323", format!("The file of {kind} {key} is missing"))
        .at(match kind {
            Kind::Account => "key",
            Kind::Cluster => "name",
        })
        .what(format!("`{folder}/{key}.yaml` is not in `{place}`. The state of this {kind} has seen it, with the serial {seen}. The apply writes it anew."))
        .why(format!("A {noun} that lacks the file may be another one than the inventory, or only a part of it: then other files are missing, too, and placements and registrations go by what is there."))
        .todo(format!("Look whether the `inventory` block of the provider {named}; restore the file {restore} if it was deleted. If it is lost for good, apply. That the file is there again does not prove that the {noun} is the inventory: before this {kind} is retired or let go, the plan asks for an acknowledgement (FLEET0317)."))
}

/// That most files of a state are missing.
fn most(missing: &[String], there: usize, store: &Store) -> Report {
    let (place, medium) = (store.path().display(), Medium::of(store.path()));
    let names = missing.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let has = match there {
        0 => "no file of this configuration".to_owned(),
        1 => "one file of this configuration".to_owned(),
        count => format!("{count} files of this configuration"),
    };
    let (looks, todo) = match medium {
        Medium::Directory => (
            "This looks like a clone without the commit of the last apply: the files that an apply writes into a directory are on the machine that it ran on, until somebody commits and pushes them.",
            "Where the last apply ran, commit and push what it wrote (`git status` shows it); here, `git pull`, and plan again. If the inventory is in another directory, correct `path` of the `inventory` block. A pipeline whose runners keep nothing has the inventory on a branch (`git` block): each plan then reads what the last apply wrote. If the files are lost for good, apply: they are written anew.",
        ),
        Medium::Branch => (
            "This looks like another branch or folder than the one that the last apply wrote to, or commits were taken off the branch.",
            "Look whether the `git` block names the right repository, branch and folder, and whether somebody pushed with `--force` (the log of the repository's server shows it). Then plan again. If the files are lost for good, apply: they are written anew.",
        ),
    };
    warning("FLEET0607", "The inventory lacks most files of this state")
        .what(format!("`{place}` has {has}, and lacks {names}, which the state has seen. There may be more. This is told once; the apply writes each missing file anew."))
        .why(format!("{looks} Until the files are there, the plan shows a change for each of them, and placements and registrations go by what is there."))
        .todo(todo)
}

#[cfg(test)]
mod tests {
    use fleet_inventory::Seen;
    use fleet_model::name::Key;

    use super::*;
    use crate::inventory::ErrorReport as _;

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

    /// Where most files are missing, one warning stands for all of them.
    #[test]
    fn a_clone_without_the_last_commit_is_told_once() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path()).unwrap();
        let seen = Seen { serial: 2, sha256: None, missed: None };
        let mut told = Vec::new();
        for name in ["c1", "c2", "c1", "c3"] {
            let lost = store.lost_cluster(&Key::new(name).unwrap(), &seen).unwrap().unwrap();
            told.extend(lost.written_anew(&store, Some("us")).map(Report::build));
        }
        let [told] = &told[..] else { panic!("one warning: {told:?}") };
        let place = store.path().display().to_string();
        let detail = told.detail.replace(&place, "inventory");
        insta::assert_snapshot!(format!("{}\n\n{detail}", told.summary));
    }

    /// Nobody has a copy of a branch to bring up to date.
    #[test]
    fn on_a_branch_the_texts_speak_of_the_branch() {
        let lost =
            |instead| Lost { kind: Kind::Cluster, key: Key::new("c1").unwrap(), seen: 2, instead };
        let place =
            std::path::Path::new("git::https://git.example.com/fleet.git//inventory?ref=main");
        assert_eq!(Medium::of(place), Medium::Branch);
        assert_eq!(Medium::of(&place.with_file_name("inventory")), Medium::Directory);
        let directory = tempfile::tempdir().unwrap();
        let seed = |arguments: &[&str]| {
            let done = std::process::Command::new("git")
                .current_dir(directory.path())
                .args(["-c", "user.name=a", "-c", "user.email=a@example.com"])
                .args(arguments)
                .output()
                .unwrap();
            assert!(done.status.success(), "{arguments:?}");
        };
        seed(&["init", "-q", "-b", "main"]);
        seed(&["commit", "-q", "--allow-empty", "-m", "first"]);
        let place = format!("git::file://{}?ref=main", directory.path().display());
        let store = fleet_inventory::Stores::default().open(std::path::Path::new(&place)).unwrap();
        let lost = lost(fleet_inventory::Instead::Nothing);
        let told = [
            alone(&lost, &store),
            most(&["clusters/c1.yaml".to_owned()], 0, &store),
            lost.report("destroys the registration of `c1`", &store),
            fleet_inventory::Error::Older { path: store.path().to_owned(), seen: 2, found: 1 }
                .report(),
            crate::inventory::report::edited("Cluster c1", "clusters/c1.yaml", 7, Medium::Branch),
        ];
        let told = told.map(|report| {
            let told = report.build();
            for word in ["directory", "git pull", "(`git checkout`)", "checked out"] {
                assert!(!told.detail.contains(word), "{word}: {}", told.detail);
            }
            format!("{}\n\n{}", told.summary, told.detail.replace(&place, "PLACE"))
        });
        insta::assert_snapshot!(told.join("\n\n----\n\n"));
    }
}
