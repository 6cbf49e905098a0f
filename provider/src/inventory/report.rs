//! How trouble with the store is told to people.

use std::error::Error as _;

use super::Error;
use crate::diagnostic::{self, Report};

impl Error {
    /// The diagnostic of this error, without an attribute: it is the store that is in trouble.
    pub fn report(&self) -> Report {
        match self {
            Self::NoDirectory { path } => {
                diagnostic::error("FLEET0301", "The inventory directory is missing")
                    .what(format!("There is no directory `{}`.", path.display()))
                    .why("A missing directory is never taken for an empty fleet: placements would lose all their targets. The path is relative to the directory in which the CLI runs.")
                    .todo(format!("For a new fleet, `mkdir -p {0}` and commit `{0}/.gitkeep`. Otherwise correct the path of the `inventory` block.", path.display()))
            }
            Self::Read { .. } | Self::Write { .. } | Self::Encode { .. } => {
                diagnostic::error("FLEET0302", "The inventory cannot be read or written")
                    .what(self.sentence())
                    .why("Accounts and clusters are recorded there; without the record nothing can be decided.")
                    .todo("Check the permissions and the free space of the inventory's directory, then run again.")
            }
            Self::NotOurs { .. } | Self::NotText { .. } | Self::Name { .. } | Self::Misplaced { .. } => {
                diagnostic::error("FLEET0303", "Not an inventory file")
                    .what(self.sentence())
                    .why("A file that the provider cannot read is never overwritten, and a fleet without it would be another fleet.")
                    .todo("Restore the file (`git checkout`), resolve a merge conflict in it, or move it out of the inventory.")
            }
            Self::OtherManager { managed_by, .. } => {
                diagnostic::error("FLEET0304", "Another configuration manages this object")
                    .what(self.sentence())
                    .why("Each object has one mutation owner: two configurations that write the same file would undo each other's changes.")
                    .todo(format!("Use another name, or change the object where `{managed_by}` is applied. To take it over, remove it there from the state (`state rm`), set `managed_by` in the file to this configuration's, and import it here."))
            }
        }
    }

    fn sentence(&self) -> String {
        let mut text = self.to_string();
        let mut source = self.source();
        while let Some(error) = source {
            text.push_str(": ");
            text.push_str(&error.to_string());
            source = error.source();
        }
        if let Some(first) = text.get(..1) {
            text = format!("{}{}.", first.to_uppercase(), text.get(1..).unwrap_or_default());
        }
        text
    }
}
