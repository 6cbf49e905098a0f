//! How trouble with the store is told to people.

use std::io::{self, ErrorKind};

use fleet_artifacts::yaml::Fault;
use fleet_inventory::Error;
use fleet_inventory::document::form as inventory;

use super::{Medium, repository};
use crate::diagnostic::{self, Report};

/// What a person can do about a file that the operating system refuses to read or write.
#[must_use]
pub(crate) fn advice(refused: &io::Error) -> &'static str {
    match refused.kind() {
        ErrorKind::StorageFull => "The disk is full: make room on it, then run again.",
        ErrorKind::QuotaExceeded => {
            "The quota of this user on the disk is used up: remove files or have it raised, then run again."
        }
        ErrorKind::ReadOnlyFilesystem => {
            "The file system is mounted read-only: mount it so that it can be written, or run where it is."
        }
        ErrorKind::PermissionDenied => {
            "Give the user that runs the CLI the right to read and write the file and its directory, then run again."
        }
        ErrorKind::AlreadyExists => {
            "Another process wrote the file in this moment: let one run at a time work on a directory, then run again."
        }
        ErrorKind::NotADirectory | ErrorKind::IsADirectory => {
            "A file is where a directory should be, or the other way round: move it away, then run again."
        }
        ErrorKind::InvalidFilename => {
            "The file system does not accept the name: use a shorter path, or another `key`."
        }
        ErrorKind::FileTooLarge => {
            "The process may not write a file of this size: raise its limit (`ulimit -f`), then run again."
        }
        ErrorKind::NotFound => {
            "A directory on the way to the file is missing: create it, or correct the path."
        }
        _ => "Mend what the operating system names, then run again.",
    }
}

/// That the serial of a file is an edit. The next write of its owner takes it back.
pub(crate) fn edited(object: &str, file: &str, serial: u64, medium: Medium) -> Report {
    diagnostic::warning("FLEET0340", format!("{object}: its file's serial was edited"))
        .what(format!("`{file}` has the serial {serial}, and it is not as an apply wrote it: its `seal` does not fit."))
        .why("Each write gives a file the next serial, so that an older copy is known as one. A serial that no write gave is not believed, since every file that is written from now on would look older.")
        .todo(format!("Look who edited the file (`git log`), and restore it {}, or apply where it is managed: the file is then written again.", medium.restore()))
}

/// How trouble with the store is told.
pub(crate) trait ErrorReport {
    /// The diagnostic, without an attribute: it is the store that is in trouble.
    fn report(&self) -> Report;
}

impl ErrorReport for Error {
    fn report(&self) -> Report {
        let medium = self.path().map_or(Medium::Directory, Medium::of);
        let restore = medium.restore();
        match self {
            Self::NoDirectory { path } => {
                diagnostic::error("FLEET0301", "The inventory directory is missing")
                    .what(format!("There is no directory `{}`.", path.display()))
                    .why("A missing directory is never taken for an empty fleet: placements would lose all their targets. The path is relative to the directory in which the CLI runs.")
                    .todo(format!("For a new fleet, `mkdir -p {0}` and commit `{0}/.gitkeep`. Otherwise correct the path of the `inventory` block.", path.display()))
            }
            Self::Read { source, .. } | Self::Write { source, .. } => unusable(self.told(), advice(source)),
            Self::Git(trouble) => repository::report(trouble),
            Self::Encode { .. } => unusable(
                self.told(),
                "This should not happen: report it with the arguments of the object.",
            ),
            Self::NotOurs { source: inventory::Error::Later { .. }, .. } => {
                diagnostic::error("FLEET0606", "An inventory file has a later format")
                    .what(self.told())
                    .why("A new version of the format says that older readers would take the file for something else than it means. Fields that are new within a version stop no reader: they are kept.")
                    .todo("Use a version of the provider here that is at least as new as the one that wrote the file, by `required_providers` and `init -upgrade`. To go back, restore the file from before (`git log` shows it).")
            }
            Self::NotOurs { source, .. } => not_a_file(self.told(), &mend(source, restore)),
            Self::NotText { .. } => not_a_file(self.told(), &format!("Restore the file {restore}, or save it as UTF-8.")),
            Self::Name { .. } => not_a_file(self.told(), "Move the file out of the inventory. If it was made by a copy, delete it."),
            Self::Misplaced { .. } => not_a_file(self.told(), &format!("Delete the file if it is a copy, or restore it {restore}: a file has the name of its object.")),
            Self::Thing { .. } => not_a_file(self.told(), "Put the file itself there, or move what is there out of the inventory. Links are not followed: what they lead to is not under the same review."),
            Self::Foreign { .. } => not_a_file(self.told(), "Move the file out of the inventory, or give it the name `NAME.yaml` if it is one of its files. Names that begin with a dot are left alone."),
            Self::Stray { .. } => not_a_file(self.told(), "Move it to `accounts/NAME.yaml` or `clusters/NAME.yaml` if it belongs to the inventory, else out of this folder: files are read in these two folders and nowhere else, and the folders are written like this."),
            Self::Long { .. } => not_a_file(self.told(), &format!("Restore the file {restore}, or move it out of the inventory.")),
            Self::Older { path, .. } => {
                diagnostic::error("FLEET0318", "The inventory is older than what was seen")
                    .what(self.told())
                    .why(format!("Each write of an inventory file raises its serial, and the state keeps the last one. This {} lacks a later write, so what it says may be over: an account that is frozen by now still reads as ready.", medium.noun()))
                    .todo(format!("{} If the later version is lost for good, delete `{}`: a missing file is written again, with a serial after the last one.", medium.up_to_date(), path.display()))
            }
            Self::LastSerial { path } => {
                diagnostic::error("FLEET0341", "The serials of an inventory file are used up")
                    .what(self.told())
                    .why("Each write of an inventory file takes the next serial, and no number of writes leads to the last one: somebody has written it into the file, or into the state.")
                    .todo(format!("Restore the last version of `{}` that an apply wrote (`git log` shows it). If the state has the serial, too, take the object out of it (`state rm`), and import it.", path.display()))
            }
            Self::OtherManager { managed_by, .. } => {
                diagnostic::error("FLEET0304", "Another configuration manages this object")
                    .what(self.told())
                    .why("Each object has one mutation owner: two configurations that write the same file would undo each other's changes.")
                    .todo(format!("Use another name, or change the object where `{managed_by}` is applied. To take it over, remove it there from the state (`state rm`), set `managed_by` in the file to this configuration's, and import it here."))
            }
        }
    }
}

/// What to do about a file that cannot be read as one of the inventory, by what is wrong with it.
fn mend(unreadable: &inventory::Error, restore: &str) -> String {
    match unreadable.fault() {
        Some(Fault::Conflict) => {
            "Resolve the conflict: keep one of the two sides. The next apply of whoever manages the object writes the file as it should be.".to_owned()
        }
        Some(Fault::Twice(_) | Fault::Documents) => {
            format!("Two versions of the file were put together, by a merge or by hand. Restore one of them {restore}.")
        }
        Some(Fault::Field(_) | Fault::Word { .. }) => {
            format!("If a later version of the provider wrote the file, use that version here, too. Else restore the file {restore}: it was edited.")
        }
        Some(Fault::Ends) => {
            format!("Restore the file {restore}. If it was never committed, delete it: the next apply of whoever manages the object writes it again.")
        }
        _ => {
            format!("Restore the file {restore}, or move it out of the inventory if it is none of its files.")
        }
    }
}

fn unusable(what: String, todo: &str) -> Report {
    diagnostic::error("FLEET0302", "The inventory cannot be read or written")
        .what(what)
        .why("Accounts and clusters are recorded there; without the record nothing can be decided.")
        .todo(todo)
}

fn not_a_file(what: String, todo: &str) -> Report {
    diagnostic::error("FLEET0303", "Not an inventory file")
        .what(what)
        .why("A file that the provider cannot read is never overwritten, and a fleet without it would be another fleet.")
        .todo(todo)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use fleet_inventory::file::Thing;

    use super::*;

    #[test]
    fn each_trouble_has_its_code() {
        let path = || PathBuf::from("i/clusters/pay-02.yaml");
        let mut told = tfplugin::diagnostic::Diagnostics::new();
        for (error, code) in [
            (Error::NoDirectory { path: path() }, "FLEET0301"),
            (Error::Thing { path: path(), thing: Thing::Link }, "FLEET0303"),
            (Error::Foreign { path: path() }, "FLEET0303"),
            (Error::Stray { path: path() }, "FLEET0303"),
            (Error::Long { path: path(), most: 1 }, "FLEET0303"),
            (Error::Misplaced { path: path(), says: "a".into() }, "FLEET0303"),
            (Error::OtherManager { path: path(), managed_by: "a".into() }, "FLEET0304"),
            (Error::Older { path: path(), seen: 2, found: 1 }, "FLEET0318"),
            (Error::LastSerial { path: path() }, "FLEET0341"),
        ] {
            let report = error.report().build();
            assert!(report.detail.ends_with(code), "{}", report.detail);
            told.push(report);
        }
        insta::assert_snapshot!(diagnostic::plain(&told));
    }

    #[test]
    fn each_cause_has_its_own_advice() {
        let told = |kind: ErrorKind| {
            let source = io::Error::from(kind);
            let error = Error::Write { path: PathBuf::from("i/accounts/pay.yaml"), source };
            let diagnostic = error.report().build();
            assert!(diagnostic.detail.starts_with("`i/accounts/pay.yaml` cannot be written: "));
            assert!(diagnostic.detail.ends_with("FLEET0302"));
            diagnostic.detail
        };
        for (kind, word) in [
            (ErrorKind::StorageFull, "disk is full"),
            (ErrorKind::QuotaExceeded, "quota"),
            (ErrorKind::ReadOnlyFilesystem, "read-only"),
            (ErrorKind::PermissionDenied, "the right to read and write"),
            (ErrorKind::NotADirectory, "A file is where a directory should be"),
            (ErrorKind::FileTooLarge, "ulimit -f"),
        ] {
            assert!(told(kind).contains(word), "{kind:?}: {}", told(kind));
        }
    }

    #[test]
    fn a_later_format_names_the_file_both_versions_and_who_wrote_it() {
        let text =
            "schema: fleet/account/v2\nshape: new\nwritten_by: terraform-provider-fleet 9.1.0\n";
        let source = inventory::account_from_yaml(text).unwrap_err();
        let error = Error::NotOurs { path: PathBuf::from("i/accounts/pay.yaml"), source };
        let said = error.report().build().detail;
        for part in ["`i/accounts/pay.yaml`", "`fleet/account/v2`", "`fleet/account/v1`", "9.1.0"] {
            assert!(said.contains(part), "{part}: {said}");
        }
        assert!(said.contains(fleet_inventory::document::WRITER), "{said}");
        assert!(said.ends_with("FLEET0606"), "{said}");
    }

    /// What is wrong with a text is told in our words, and what to do follows from it.
    #[test]
    fn a_file_that_cannot_be_read_says_what_is_wrong_with_it() {
        let good = "schema: fleet/account/v1\nmanaged_by: us\n";
        for (text, what, todo) in [
            (
                "<<<<<<< HEAD\n",
                "a conflict of a merge is not resolved yet",
                "keep one of the two sides",
            ),
            (
                &format!("{good}managed_by: us\n"),
                "the key `managed_by` stands for the second time",
                "Two versions",
            ),
            (&format!("{good}lifecycle_phase: later\n"), "`later` stands where", "a later version"),
            ("", "the text ends before", "never committed"),
            ("[", "it is not YAML", "move it out"),
            ("schema: x\n", "its schema is `x`", "move it out"),
        ] {
            let source = inventory::account_from_yaml(text).unwrap_err();
            let error = Error::NotOurs { path: PathBuf::from("i/accounts/pay.yaml"), source };
            let said = error.report().build().detail;
            assert!(said.contains(what) && said.contains(todo), "{text}: {said}");
            assert!(!said.contains("DuplicateKeyPolicy"), "{said}");
        }
    }
}
