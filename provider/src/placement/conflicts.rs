//! What is said when placements get into each other's way, or change more together than a run may.

use std::collections::BTreeSet;

use fleet_artifacts::targets::Owner;
use fleet_model::name::Key;
use fleet_placement::{Change, Waiting};
use tfplugin::Attr;
use tfplugin::diagnostic::{Diagnostic, Path};

use super::manifests::Maker;
use super::run::{Beside, Conflict, Fate, Moves, Twins, Workload};
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
        Conflict::Twin(of) => twins(key, of),
        Conflict::Second(old) => second(old, key),
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

/// Two objects of the state have one key. A refresh only tells of it; what a plan does with one of them would be
/// done to the other.
pub(super) fn twins(key: &Key, twins: &Twins) -> Diagnostic {
    let said = |(runs_on, fate): &(BTreeSet<Key>, Fate)| {
        let clusters: Vec<String> = runs_on.iter().map(|name| format!("`{name}`")).collect();
        let on = if clusters.is_empty() { "no cluster".to_owned() } else { clusters.join(", ") };
        match fate {
            Fate::Open => on,
            Fate::Stays => format!("{on} and stays"),
            Fate::Goes => format!("{on} and is destroyed in this plan"),
        }
    };
    let Twins { this, other } = twins;
    let told = if this.1 == Fate::Open { warning } else { error };
    told("FLEET0431", format!("The state has two placements {key}"))
        .at("key")
        .what(format!("Two objects of this state are placements with the key `{key}`. This one is on {}; the other one is on {}.", said(this), said(other)))
        .why("The second one was created while the plan did not see the first: a block was renamed without `moved`, and applied with `-target`. So no limit held for its targets. Both have the same files, and to destroy one of the two would remove the files of the other.")
        .todo("Decide whose targets are to stay, and let the state forget the other object: `terraform state rm ADDRESS`, which destroys nothing and leaves the files. If the object that stays has an address without a block, add a `moved` block from there to the address that has one. Then plan again.")
        .build()
}

/// A new placement of a workload that has one.
pub(super) fn second(old: &Key, new: &Key) -> Diagnostic {
    warning("FLEET0432", format!("Placement {new} is beside {old}"))
        .at("key")
        .what(format!("The plan creates the placement `{new}`, and this state has the placement `{old}` of the same app, environment and namespace."))
        .why(format!("The new placement chooses its clusters afresh: the targets of `{old}` do not count as its own, and no limit holds for what it chooses. If `{old}` goes in this run (by a `removed` block, or because the object is tainted), the workload moves as a whole."))
        .todo(format!("Nothing, if both placements are to be there. If the workload is to keep its clusters, keep `key = \"{old}\"`: for a block of another name with a `moved` block, for a tainted object after `terraform untaint`."))
        .build()
}

/// What a refresh finds beside a placement.
pub(super) fn beside(key: &Key, beside: &Beside) -> Diagnostic {
    match beside {
        Beside::SameKey => conflict(key, &Conflict::InState),
        Beside::SameWorkload(new) => second(key, new),
        Beside::Twin(of) => twins(key, of),
    }
}

/// An apply that would destroy what no plan has shown to be destroyed.
pub(super) fn not_shown(key: &str) -> Diagnostic {
    error("FLEET0424", format!("Placement {key} would be replaced"))
        .what(format!("The apply would destroy the placement `{key}` to create another one at its address. Nothing was removed."))
        .why("The object is tainted, and `key` changed with it. The new placement would choose its clusters afresh: no limit would hold, and the workload could move as a whole.")
        .todo(format!("`terraform untaint` the object and keep `key = \"{key}\"`. If the workload is to move to another placement, create that one in a block of its own, and remove this one in a later apply."))
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

/// The run changes more than it may, or it is not known what it may. `first` is whether that was not told yet.
pub(super) fn too_much(
    key: &Key,
    change: &Change,
    total: Moves,
    limits: &RunLimits,
    first: impl FnOnce() -> bool,
) -> Option<Diagnostic> {
    let RunLimits { max_placements_changed, max_targets_removed, acknowledge } = limits;
    let removed = change.removed.len();
    let (mut broken, mut unknown) = (Vec::new(), Vec::new());
    for (name, limit, counts, actual, verb, what) in [
        (
            "max_placements_changed",
            max_placements_changed,
            true,
            total.placements,
            "changes the targets of",
            "placements",
        ),
        (
            "max_targets_removed",
            max_targets_removed,
            removed > 0,
            total.removed,
            "removes",
            "targets",
        ),
    ] {
        match limit {
            Attr::Known(allowed) if actual > *allowed => broken
                .push(format!("it {verb} at least {actual} {what}, and `{name}` is {allowed}")),
            Attr::Unknown if counts => unknown.push(name),
            _ => {}
        }
    }
    if !broken.is_empty() {
        if !acknowledge.is_unknown() {
            return Some(beyond(key, &change.fingerprint, &broken));
        }
        unknown.push("acknowledge");
    }
    (!unknown.is_empty() && first()).then(|| not_known(key, &unknown))
}

/// The run changes more than the limits allow that are known.
fn beyond(key: &Key, fingerprint: &str, broken: &[String]) -> Diagnostic {
    error("FLEET0429", format!("{key}: this run changes too much"))
        .at(Path::attribute("targets"))
        .what(format!("With this placement the run goes beyond `blast_radius` of the provider block: {}.", broken.join("; ")))
        .why("One change of the fleet (a taint, a lost account) can move many placements, each within its own limits. The count goes on while the plan is made, in no fixed order: which placements are named here may differ from plan to plan, how many the run allows does not.")
        .todo(format!("Find what moves them together, and undo it or do it in parts. If all of it is meant, raise the limit for this run, or add the fingerprint of each change to `acknowledge` in that block; that of this one is \"{fingerprint}\", and it fits no other change."))
        .build()
}

/// A limit of the run is not known at plan.
fn not_known(key: &Key, unknown: &[&str]) -> Diagnostic {
    let names: Vec<String> = unknown.iter().map(|name| format!("`blast_radius.{name}`")).collect();
    warning("FLEET0433", "The limits of this run are not known at plan")
        .at(Path::attribute("targets"))
        .what(format!("This plan changes the targets of placements, of `{key}` for one, and cannot tell whether that is more than the run may change. Not known yet in the provider block: {}.", names.join(", ")))
        .why("The value comes from something that the apply has yet to create or change. The apply knows it, and stops with FLEET0429 at the first placement that goes beyond; what it has changed until then stays.")
        .todo("Give the provider block a value that is known at plan: a number, a variable. Or apply what it depends on first (`-target`).")
        .build()
}

#[cfg(test)]
mod tests;
