//! That two accounts have one key.

use fleet_vending::{Claimant, Duplicate};

use crate::diagnostic::Report;

/// What the accounts are, which of them has the key, and how to be rid of the others.
pub(crate) fn describe(report: Report, duplicate: &Duplicate) -> Report {
    let winner = duplicate.winner();
    let (key, keeps) = (duplicate.key(), &winner.id);
    let others: Vec<String> = duplicate.others().iter().map(ToString::to_string).collect();
    let ids: Vec<&str> = duplicate.others().iter().map(|of| of.id.as_str()).collect();
    let release = |of: &Claimant| {
        format!(
            "aws organizations untag-resource --resource-id {} --tag-keys fleet:id fleet:key fleet:managed-by",
            of.id
        )
    };
    let releases: Vec<String> = duplicate.others().iter().map(release).collect();
    report
        .at("key")
        .what(format!("These open accounts carry the `fleet:id` of the key {key:?}: {winner}; {}.", others.join("; ")))
        .what(format!("The key belongs to {keeps}, which came first. Nothing of {} is used: it is not ready, no cluster is admitted on it, and nothing is changed in it.", ids.join(" or ")))
        .why("Two runs that begin together with different emails can each create an account under one key, which AWS cannot prevent; or somebody wrote the tags by hand. A key stands for one account, whichever state has it.")
        .todo(format!("Look into the accounts and keep one. To keep {keeps}, take the other out of the state that has it (`state rm`), and close it (`aws organizations close-account --account-id {}`) or let it go:\n\n{}\n\nTo keep the other one, do the same with {keeps}. One that is let go can come in again under another `key`, with `adopt = true`.", ids.first().copied().unwrap_or_default(), releases.join("\n")))
}
