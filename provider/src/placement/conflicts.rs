//! What is said when placements get into each other's way, or change more together than a run may.

use fleet_artifacts::targets::Owner;
use fleet_model::name::Key;
use fleet_placement::{Change, Waiting};
use tfplugin::diagnostic::{Diagnostic, Path};

use super::manifests::Maker;
use super::run::{Conflict, Moves, Workload};
use crate::config::RunLimits;
use crate::diagnostic::{error, warning};

/// A placement cannot have what it claims.
pub(super) fn conflict(key: &Key, conflict: &Conflict) -> Diagnostic {
    match conflict {
        Conflict::InState => error("FLEET0424", format!("Placement {key} would be replaced"))
            .at("key")
            .what(format!("This state already has a placement with the key `{key}`, and the plan would create it anew."))
            .why("A new placement has no targets yet, so no limit would hold, and the files of the old one would be removed. The ways there: `-replace`, a tainted object, `replace_triggered_by`, a block or a `for_each` key that was renamed without `moved`, two blocks of one key.")
            .todo("Leave out `-replace`, `untaint` the object, add a `moved` block, or give one of two blocks another `key`.")
            .build(),
        Conflict::Key(other) => error("FLEET0422", format!("Two placements have the key {key}"))
            .at("key")
            .what(match other {
                Some(Workload { app, environment, .. }) => format!("Another placement of this configuration, of app {app:?} in environment {environment:?}, has the key `{key}` too."),
                None => format!("Another placement of this configuration has the key `{key}` too."),
            })
            .why("The key names the files, the Argo CD objects and the order of clusters: each of the two would overwrite what the other wrote, at every apply. Without `key` it is `<app>-<environment>`, which is the same for `a` in `b-c` as for `a-b` in `c`.")
            .todo("Set another `key` in one of them; in the one that is new, since the key of the other is fixed.")
            .build(),
        Conflict::Replaces(old) => replaced(old, key),
        Conflict::Application { name, cluster, other: (other, their_cluster) } => {
            error("FLEET0426", format!("Two Applications are named {name}"))
                .at("key")
                .what(format!("Placement `{key}` on cluster `{cluster}` makes the Application `{name}`, and so does placement `{other}` on cluster `{their_cluster}`."))
                .why("The name of an Application is the key of its placement, a hyphen, and the name of its cluster. Argo CD has one Application of a name: the two ApplicationSets would fight over it, and one workload would not run.")
                .todo("Give the placement that is new another `key`, or let its selector leave the cluster out.")
                .build()
        }
    }
}

/// A manifest that is not of this run has an Application of this name.
pub(super) fn made_elsewhere(key: &Key, cluster: &Key, name: &str, maker: &Maker) -> Diagnostic {
    let path = maker.path.display();
    let who = match &maker.owner {
        Some(Owner { managed_by, placement }) => {
            format!("the placement {placement:?}, managed by {managed_by:?}, in `{path}`")
        }
        None => format!("somebody's own manifest, `{path}`"),
    };
    error("FLEET0426", format!("Two Applications are named {name}"))
        .at("key")
        .what(format!("Placement `{key}` on cluster `{cluster}` makes the Application `{name}`, and so does {who}."))
        .why("Argo CD has one Application of a name: the two manifests would fight over it, and one workload would not run.")
        .todo("Give the placement that is new another `key`, or let its selector leave the cluster out. If the other one is removed in this run, remove it in an apply of its own first. If the file is left over from something that is gone, delete it.")
        .build()
}

/// A placement is destroyed in the plan that creates another of the same workload.
pub(super) fn replaced(old: &Key, new: &Key) -> Diagnostic {
    let what = if old == new {
        format!("The plan destroys the placement `{old}` and creates it anew.")
    } else {
        format!(
            "The plan destroys the placement `{old}` and creates `{new}` for the same app, environment and namespace."
        )
    };
    error("FLEET0425", format!("Placement {old} would be replaced"))
        .at("key")
        .what(what)
        .why("The new one would choose its clusters afresh: no limit would hold, and the workload could move as a whole.")
        .todo(format!("If only the address changed, add a `moved` block and keep `key = \"{old}\"`. If the workload is to move to another placement, create that one in one apply, and remove the old one in a later one, when the workload has moved."))
        .build()
}

/// A cluster waits for its account.
pub(super) fn waits(key: &Key, name: &Key, waiting: &Waiting) -> Diagnostic {
    let Waiting { account, open_checks, taken } = waiting;
    let open: Vec<_> = open_checks.iter().map(|check| check.escape_debug().to_string()).collect();
    let (what, todo) = if *taken {
        (
            format!(
                "Placement `{key}` chooses cluster `{name}`, because there are not enough others."
            ),
            "The apply stops before it writes anything if the account is not ready by then. Bring the account to ready first if it is not made ready in the same apply.",
        )
    } else {
        (
            format!(
                "Placement `{key}` does without cluster `{name}` for now; it would choose it if its account were ready."
            ),
            "Bring the account to ready. A later plan chooses the cluster where the placement still has room for it.",
        )
    };
    warning("FLEET0421", format!("Cluster {name} waits for account {account}"))
        .at("targets")
        .what(format!("{what} Open in account `{account}`: {}.", open.join(", ")))
        .why("A cluster takes new workloads only on an account that is ready.")
        .todo(todo)
        .build()
}

/// The run changes more than it may. `None` when it does not.
pub(super) fn too_much(
    key: &Key,
    change: &Change,
    total: Moves,
    limits: &RunLimits,
) -> Option<Diagnostic> {
    let broken = [
        (
            "max_placements_changed",
            limits.max_placements_changed,
            total.placements,
            "changes the targets of",
            "placements",
        ),
        ("max_targets_removed", limits.max_targets_removed, total.removed, "removes", "targets"),
    ]
    .into_iter()
    .filter_map(|(name, allowed, actual, verb, what)| {
        let allowed = allowed?;
        (actual > allowed)
            .then(|| format!("it {verb} at least {actual} {what}, and `{name}` is {allowed}"))
    })
    .collect::<Vec<_>>();
    if broken.is_empty() {
        return None;
    }
    let fingerprint = &change.fingerprint;
    Some(
        error("FLEET0429", format!("{key}: this run changes too much"))
            .at(Path::attribute("targets"))
            .what(format!("With this placement the run goes beyond `blast_radius` of the provider block: {}.", broken.join("; ")))
            .why("One change of the fleet (a taint, a lost account) can move many placements, each within its own limits. The count goes on while the plan is made, in no fixed order: which placements are named here may differ from plan to plan, how many the run allows does not.")
            .todo(format!("Find what moves them together, and undo it or do it in parts. If all of it is meant, raise the limit for this run, or add the fingerprint of each change to `acknowledge` in that block; that of this one is \"{fingerprint}\", and it fits no other change."))
            .build(),
    )
}
