//! The clusters in an account, by the files of the inventory: which of them are in the way when the account is taken
//! down, and which files that goes by.

use fleet_model::lifecycle::{AccountLifecycleState, LifecycleState};
use fleet_model::name::Key;
use tfplugin::diagnostic::Diagnostic;

use crate::diagnostic::{error, warning};
use crate::inventory::{Error, ErrorReport as _, Medium, Store};

/// A step that clusters are in the way of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// It can be taken back.
    Freeze,
    /// What comes after it cannot be taken back.
    Retire,
    /// The account is released or closed.
    LetGo,
}

/// Why a cluster that does not say that it is in use in the account counts as one that may be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Doubt {
    /// Nothing that the file says is believed: neither that the cluster is retired, nor that it is in another account.
    #[error("was not written by an apply: its `seal` is missing, or does not fit what it says")]
    Edited,
    /// The cluster is in use, and nothing tells where.
    #[error("names the account `{0}`, of which the inventory has no file")]
    NoAccount(Key),
}

/// What the files say.
#[derive(Debug, Default)]
struct Clusters {
    /// In use in the account.
    left: Vec<Key>,
    /// Perhaps in use in it.
    doubted: Vec<(Key, Doubt)>,
    /// Retired in it, with the serial of the file.
    retired: Vec<(Key, u64)>,
}

// === impl Step ===

impl Step {
    /// The step to what is wished, if that is one.
    pub(super) fn to(wished: AccountLifecycleState) -> Option<Self> {
        match wished {
            AccountLifecycleState::Active => None,
            AccountLifecycleState::Frozen => Some(Self::Freeze),
            AccountLifecycleState::Retired => Some(Self::Retire),
        }
    }

    /// Completes "the account would be …".
    pub(super) fn done(self) -> &'static str {
        match self {
            Self::Freeze => "frozen",
            Self::Retire => "retired",
            Self::LetGo => "released or closed",
        }
    }

    /// Why it matters that no cluster is left.
    fn matters(self) -> &'static str {
        match self {
            Self::Freeze => "A freeze stops what runs in the account.",
            Self::Retire => "What comes after this step cannot be undone.",
            Self::LetGo => "This step cannot be undone.",
        }
    }
}

/// Refuses the step while the account has clusters, or may have some. A file counts only as an apply wrote it: a line
/// that somebody edited shows no cluster to have gone. Before a step that nothing undoes that holds for each file, since
/// an edited one may name another account than it did.
pub(super) fn left(key: &str, step: Step, store: &Store) -> Option<Diagnostic> {
    let found = match look(key, step, store) {
        Ok(found) => found,
        Err(trouble) => return Some(trouble.report().build()),
    };
    let done = step.done();
    let doubts: Vec<String> = found
        .doubted
        .iter()
        .map(|(name, doubt)| format!("`clusters/{name}.yaml` {doubt}"))
        .collect();
    let doubted = format!("{}.", doubts.join("; "));
    let restore = format!(
        "Have the file written again by an apply of the configuration that registers the cluster (`managed_by` in the file names it). Where no state has the cluster any more, restore the file's last version {}, or delete it in a change of its own that is reviewed. A cluster whose account has no file needs one: correct its `account`, or retire it.",
        Medium::of(store.path()).restore()
    );
    if found.left.is_empty() && found.doubted.is_empty() {
        return None;
    }
    if found.left.is_empty() {
        return Some(
            error("FLEET0163", format!("Account {key} may still have clusters"))
                .at("lifecycle_state")
                .what(format!("The account `{key}` would be {done}, and it cannot be told that these clusters are not in it: {doubted}"))
                .why(format!("{} The step goes by the files of the clusters, and one that was edited by hand proves nothing: neither that its cluster is retired, nor that it is in another account.", step.matters()))
                .todo(restore)
                .build(),
        );
    }
    let names: Vec<&str> = found.left.iter().map(Key::as_str).collect();
    let report = error("FLEET0106", format!("Account {key} still has clusters"))
        .at("lifecycle_state")
        .what(format!(
            "The account `{key}` would be {done}, and these clusters in it are not retired: {}.",
            names.join(", ")
        ));
    let report = match doubts.is_empty() {
        true => report,
        false => report.what(format!("It may have more: {doubted}")),
    };
    let report = report
        .why("Clusters leave the fleet before the account they run in: placements must have left them, under their own limits.")
        .todo("Set `lifecycle_state = \"retired\"` on the clusters and apply; then take the account further, in a second apply.");
    Some(if doubts.is_empty() { report } else { report.todo(restore) }.build())
}

/// What the plan of a step that nothing undoes goes by. Nothing, where it is refused.
pub(super) fn told(key: &str, step: Step, store: &Store) -> Option<Diagnostic> {
    let found = look(key, step, store).ok()?;
    let files: Vec<String> = found
        .retired
        .iter()
        .map(|(name, serial)| format!("`clusters/{name}.yaml` is retired (serial {serial})"))
        .collect();
    let files = match files.is_empty() {
        true => format!("no file in `clusters/` names the account `{key}`"),
        false => files.join("; "),
    };
    let refused = !found.left.is_empty() || !found.doubted.is_empty();
    (step != Step::Freeze && !refused).then(|| {
        warning("FLEET0164", format!("Account {key} counts as empty of clusters"))
            .at("lifecycle_state")
            .what(format!("The account `{key}` would be {}. That it has no cluster in use is told by the inventory alone: {files}.", step.done()))
            .why(format!("{} The provider looks into no cluster; whoever writes to the inventory can say of one that it has gone.", step.matters()))
            .todo("Look whether that is so: whether each cluster that ran in the account is retired, and nothing in the account is needed any more. Then apply.")
            .build()
    })
}

fn look(key: &str, step: Step, store: &Store) -> Result<Clusters, Error> {
    let clusters = store.clusters()?;
    let finally = step != Step::Freeze;
    let accounts = if finally { store.accounts()? } else { Default::default() };
    let mut found = Clusters::default();
    for (name, file) in clusters {
        let cluster = &file.document.cluster;
        let here = cluster.account.as_str() == key;
        let retired = cluster.lifecycle_state == LifecycleState::Retired;
        // A write gives each file a serial.
        let written = file.is_as_written && file.document.serial > 0;
        if here && !retired {
            found.left.push(name);
        } else if !written && (finally || here) {
            found.doubted.push((name, Doubt::Edited));
        } else if here {
            found.retired.push((name, file.document.serial));
        } else if finally && !retired && !accounts.contains_key(&cluster.account) {
            found.doubted.push((name, Doubt::NoAccount(cluster.account.clone())));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
