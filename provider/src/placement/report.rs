//! What is said when a placement cannot be decided, or not carried out as it was decided.

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::io::ErrorKind;
use std::path::Path as FilePath;

use fleet_model::name::Key;
use fleet_model::snapshot::{self, Snapshot};
use fleet_placement::{Decision, Error, Invalid, Target};
use tfplugin::diagnostic::{Diagnostic, Diagnostics, Path};

use super::manifests::Unread;
use super::{arguments, artifacts, files, request};
use crate::diagnostic::{error, warning};
use crate::inventory;
use crate::inventory::file::Unreadable;
use crate::inventory::report::advice;

/// `inventory` is not known at plan.
pub(super) fn inventory_unknown() -> Diagnostic {
    error("FLEET0401", "The inventory is not known at plan")
        .at("inventory")
        .what("`inventory` depends on something that is only known after apply.")
        .why("Targets are decided in the plan. The usual causes: a data source `fleet_inventory` that refers to a resource with pending changes, or that stands in a module with `depends_on`, is read during apply; or an asserted fact of a registration (a label, a taint) comes from such a resource.")
        .todo("Let `data.fleet_inventory` refer to nothing, take `depends_on` off its module, and give registrations values that are known at plan. With `terraform destroy`, `-refresh=false` goes around this plan.")
        .build()
}

/// `inventory` is null, or no snapshot.
pub(super) fn inventory_invalid(problem: Option<&snapshot::Error>) -> Diagnostic {
    let problem = problem.map_or("it is null".to_owned(), |error| chain(error));
    error("FLEET0402", "The inventory is not a snapshot")
        .at("inventory")
        .what(format!("`inventory` cannot be read: {problem}."))
        .why("An inventory that cannot be read must never be taken for an empty fleet: every target would be removed.")
        .todo("Give `data.fleet_inventory.….snapshot`, or what `provider::fleet::overlay` makes of it, as it is.")
        .build()
}

/// The arguments make no request.
pub(super) fn arguments(problems: &[request::Error]) -> Diagnostics {
    problems.iter().map(arguments::refused).collect()
}

/// Nothing could be decided.
pub(super) fn undecided(key: &Key, problem: &Error, fleet: &Snapshot) -> Diagnostics {
    let explained = problem.evaluation().map(|found| found.explain()).unwrap_or_default();
    let diagnostic = match problem {
        Error::Invalid(rules) => {
            let invalid = |rule: &Invalid| arguments::invalid(request::path(&rule.path), &rule.rule);
            return rules.iter().map(invalid).collect();
        }
        Error::UnknownLabels(keys) => {
            let alike = |known: &[String]| match known {
                [] => "no cluster carries any label".to_owned(),
                known => format!("what clusters carry, the most alike first: `{}`", known.join("`, `")),
            };
            let keys: Vec<_> =
                keys.iter().map(|(key, known)| format!("`{key}` ({})", alike(known))).collect();
            error("FLEET0405", format!("{key}: no cluster carries a label"))
                .at("selector")
                .what(format!("The selector asks for a label that no cluster of the inventory carries: {}.", keys.join("; ")))
                .why("Nothing can match it, whatever its value: a spelling mistake is likelier than a wish for nothing.")
                .todo(format!("Correct the key, or register a cluster with that label.{}", without_overlay(fleet)))
        }
        Error::Empty(_) if fleet.clusters.is_empty() => {
            error("FLEET0406", format!("{key}: the inventory has no cluster"))
                .at("inventory")
                .what("The snapshot in `inventory` has no cluster in it.")
                .why("`data.fleet_inventory` reads what is in the inventory's directory by now. Clusters that this configuration is about to register are not there before the apply; the function `overlay` adds them.")
                .todo("Give `inventory = provider::fleet::overlay(data.fleet_inventory.NAME.snapshot, [fleet_cluster_registration.NAME.record])`, with the record of each cluster of this configuration. If it registers none, register a cluster first.")
        }
        Error::Empty(_) => error("FLEET0406", format!("{key}: no cluster fits"))
            .at("selector")
            .what(format!("Every cluster of the inventory breaks a rule of this placement. Those that break the fewest:\n\n{explained}"))
            .why("An empty result is never taken for a wish to run nowhere.")
            .todo(format!("Widen the selector, tolerate a taint, or register a cluster that fits. To run nowhere, remove the placement.{}", without_overlay(fleet))),
        Error::PrimaryRegion { region, .. } => {
            error("FLEET0407", format!("{key}: nothing fits in the primary region"))
                .at(Path::attribute("strategy").nested("primary_region"))
                .what(format!("No cluster in `{region}` fits. What was found, and the clusters that break the fewest rules:\n\n{explained}"))
                .why("The primary region is the one that serves. The provider never moves it by itself.")
                .todo(format!("Make a cluster there fit, or name another primary region, which moves the workload.{}", without_overlay(fleet)))
        }
        Error::MinRegions { min_regions, .. } => {
            error("FLEET0407", format!("{key}: fewer than {min_regions} regions fit"))
                .at(Path::attribute("strategy").nested("min_regions"))
                .what(format!("{min_regions} regions are needed. What was found, and the clusters that break the fewest rules:\n\n{explained}"))
                .why("`min_regions` is what the workload needs to survive the loss of a region.")
                .todo(format!("Make clusters in more regions fit, or lower `min_regions`.{}", without_overlay(fleet)))
        }
        Error::Limits { broken, decision } => {
            let broken: Vec<_> = broken.iter().map(ToString::to_string).collect();
            let fingerprint = &decision.change.fingerprint;
            error("FLEET0408", format!("{key}: {} is more than blast_radius allows", decision.delta()))
                .at("blast_radius")
                .what(format!("The change {}.\n\n{}", broken.join("; "), decision.explain()))
                .why("The limits keep one change from moving more than was meant.")
                .todo(format!("Find what moves the targets, and undo it or do it in smaller steps. If exactly this change is meant, set `acknowledge = \"{fingerprint}\"` in `blast_radius` (beside others, with a space between); it fits no other change."))
        }
    };
    diagnostic.build().into()
}

/// What is likely, where no cluster of the snapshot is one that a configuration is about to register.
fn without_overlay(fleet: &Snapshot) -> &'static str {
    if fleet.clusters.values().any(|cluster| cluster.planned) {
        ""
    } else {
        " If this configuration registers the cluster that is meant, `inventory` lacks it: wrap the snapshot in `provider::fleet::overlay`, with the `record` of each registration."
    }
}

/// Fewer targets than asked for.
pub(super) fn short(key: &Key, decision: &Decision) -> Diagnostic {
    let (found, count) = (decision.targets.len(), decision.evaluation.count.unwrap_or_default());
    warning("FLEET0411", format!("{key}: {found} of {count} targets"))
        .at(Path::attribute("strategy").nested("count"))
        .what(format!(
            "Fewer clusters fit than `strategy.count` asks for.\n\n{}",
            decision.explain()
        ))
        .why("`min_regions` is met, so the placement goes on with what there is.")
        .todo("Make more clusters fit, or lower `count`.")
        .build()
}

/// The targets change.
pub(super) fn changes(key: &Key, decision: &Decision) -> Diagnostic {
    warning("FLEET0412", format!("{key}: {}", decision.delta()))
        .at("targets")
        .what(format!("The targets change: `+` is new, `-` goes, `~` gets another role, `=` stays, `x` was not chosen.\n\n{}", decision.explain()))
        .why("The fleet or the arguments changed so that another choice follows. Targets that still fit stay.")
        .todo("Read the reasons. Nothing is done before the apply, and the apply does exactly this or nothing.")
        .build()
}

/// Apply decides otherwise than the plan.
pub(super) fn decision_changed(key: &Key, difference: &str) -> Diagnostic {
    error("FLEET0413", format!("{key}: the decision changed since the plan"))
        .at("targets")
        .what(format!("The store says something else than when the plan was made, and another choice follows from it:\n\n{difference}"))
        .why("An apply carries out what the plan showed, or nothing. Nothing was written, and the targets are as they were.")
        .todo("Plan again and read what changes.")
        .build()
}

/// Clusters whose records the configuration gave, and whose files nobody wrote.
pub(super) fn not_registered(key: &Key, absent: &[&Key], store: &str) -> Diagnostic {
    let names: Vec<_> = absent.iter().map(|name| format!("`{name}`")).collect();
    error("FLEET0434", format!("{key}: targets that nobody registered"))
        .at("targets")
        .what(format!("The plan chose {}, since `inventory` has a record for each, and the inventory `{store}` has no file of them. Nothing was written.", names.join(", ")))
        .why("A record that `provider::fleet::overlay` gets stands for a registration of this configuration, which writes the cluster's file before the placement is carried out. None did: the record is written out, comes from another state or from a registration that keeps another inventory, or the registration's file was removed in this moment.")
        .todo("Give `overlay` only the `record` of each `fleet_cluster_registration` of this configuration. A cluster of another state comes with `data.fleet_inventory`, once that state has applied and its file is in this copy of the inventory.")
        .build()
}

/// Apply would add targets that the store does not admit.
pub(super) fn not_admitted(key: &Key, closed: &BTreeMap<&Key, &[String]>) -> Diagnostic {
    let lines: Vec<_> = closed
        .iter()
        .map(|(name, open)| match open {
            [] => format!(" {name}   not in the store"),
            open => format!(" {name}   open: {}", open.join(", ")),
        })
        .collect();
    error("FLEET0414", format!("{key}: {} new targets are not admitted", closed.len()))
        .at("targets")
        .what(format!("The accounts of these clusters are not ready:\n\n{}", lines.join("\n")))
        .why("A cluster takes new workloads only on an account that is ready. Nothing was written, and targets that were there stay.")
        .todo("Plan again: where enough other clusters fit, the next plan does without these. Else bring the accounts to ready first; the open checks say what is missing.")
        .build()
}

/// The store that the snapshot names cannot be read.
pub(super) fn store(path: &str, problem: &inventory::Error) -> Diagnostic {
    error("FLEET0415", "The inventory cannot be read again")
        .at("inventory")
        .what(format!("The snapshot was read from `{path}`, and there: {}.", chain(problem)))
        .why("An apply decides again on the store as it is now. A store that cannot be read must never be taken for an empty fleet.")
        .todo(format!("Apply from the directory the plan was made in, with the store at `{path}`."))
        .build()
}

/// That a create goes on with files that the placement has already.
pub(super) fn takes_up(key: &Key, managed_by: &str, paths: &[String], counted: bool) -> Diagnostic {
    let counts = if counted {
        "The targets in them count as those there are: they are preferred, and `blast_radius` limits what changes."
    } else {
        "They name no targets that could be read, so nothing limits this choice."
    };
    let paths: Vec<String> = paths.iter().map(|path| format!("`{path}`")).collect();
    warning("FLEET0157", format!("Placement {key} takes up its files"))
        .at("emit")
        .what(format!("These files are there already, say that they are of the placement `{key}` of {managed_by:?}, and are not in this state: {}. The apply writes over them. {counts}", paths.join(", ")))
        .why("An apply that wrote them was interrupted before the state was saved; or the state was lost, or the placement is replaced; or another state or workspace with the same `managed_by` has a placement of this key.")
        .todo("Apply, if this state is to manage the placement. If another state or workspace does, do not: give the placement another `key`, or another directory for its files, and each configuration a `managed_by` of its own.")
        .build()
}

/// A file cannot be read, written or removed, or is not ours.
pub(super) fn file(problem: &files::Error) -> Diagnostic {
    match problem {
        files::Error::Read { source: Unreadable::Io(source), .. }
        | files::Error::Write { source, .. } => unusable(problem, advice(source)),
        files::Error::Folder { source, .. } => unusable(problem, match source.kind() {
            ErrorKind::AlreadyExists | ErrorKind::NotADirectory => {
                "Something that is no directory is on the way, a file or a link that leads nowhere: move it away, or name another directory."
            }
            ErrorKind::NotFound => {
                "The directory above was there a moment ago, or takes no new ones: look what became of it, or name another directory."
            }
            _ => advice(source),
        }),
        files::Error::Read { source: Unreadable::Thing(_), .. } => unusable(
            problem,
            "Move what is there away, or name another directory. Links are not followed: a file is replaced as a whole, and what a link leads to is not under the same review.",
        ),
        files::Error::Read { source: Unreadable::Long(_), .. } => unusable(
            problem,
            "Move the file away, or name another directory: no file that a placement writes is that large.",
        ),
        files::Error::Alike { path, other } => error("FLEET0417", "Another file is in the way")
            .at("emit")
            .what(format!("`{path}` would be written, and beside it is `{other}`, whose name differs only in upper and lower case."))
            .why("On macOS and Windows the two are one file: a clone of the repository there has one of them, and each of the two looks like a change of the other.")
            .todo("Rename or remove the file that is there, choose another directory or another `key`.")
            .build(),
        files::Error::NotOurs { path, owner } => {
            let whose = match owner {
                Some(owner) => {
                    format!(
                        "It says that it is of placement `{}`, managed by `{}`.",
                        owner.placement.escape_debug(),
                        owner.managed_by.escape_debug()
                    )
                }
                None => "It does not say which placement it is of, as every file that a placement writes does.".to_owned(),
            };
            error("FLEET0417", "Another file is in the way")
                .at("emit")
                .what(format!("`{path}` is there already. {whose}"))
                .why("A file that another placement, another configuration or a person wrote is never overwritten.")
                .todo("Move the file away, choose another directory or another `key`.")
                .build()
        }
        files::Error::Later { path } => error("FLEET0435", "A later placement has taken up the file")
            .at("emit")
            .what(format!("`{path}` says that a later object of the same key and `managed_by` writes it: that object was created when the file was there already, and its plan said that it takes the file up."))
            .why("Two objects of one key would write the file in turn, and with every apply the one that came last would win. So the later one has it. It is in another state or workspace, under another provider block, or was created with `-target` while this object was out of sight.")
            .todo("If the later object is to stay, take this one out of its state (`state rm`), which leaves the file. If this one is to stay, take the later one out of its state, delete the file, and plan again: it is written anew. To have both, give one of them another `key`.")
            .build(),
        files::Error::Twice { path } => error("FLEET0418", "Two placements emit the same file")
            .at("emit")
            .what(format!("`{path}` was written by another placement in this run."))
            .why("Both have the same key and directory, and each would overwrite the other.")
            .todo("Give one of them another `key`.")
            .build(),
    }
}

fn unusable(problem: &files::Error, todo: &str) -> Diagnostic {
    error("FLEET0416", "An emitted file cannot be used")
        .at("emit")
        .what(format!("{}.", chain(problem)))
        .why("What a placement emits is written to the directories that `emit` names.")
        .todo(todo)
        .build()
}

/// A manifest that may be another placement's, and says nothing.
pub(super) fn unread(path: &FilePath, why: &Unread) -> Diagnostic {
    error("FLEET0430", "A manifest in the directory cannot be read")
        .at(Path::attribute("emit").nested("argocd").nested("path"))
        .what(format!("`{}` cannot be read: {}.", path.display(), chain(why)))
        .why("It may make Applications of the same names as this plan does. Argo CD has one Application of a name: two manifests would fight over it. So nothing is added to the directory while it is not known what is in it.")
        .todo("Restore or correct the file (`git checkout`), or move it out of the directory, whoever manages it. Or give `emit.argocd.path` a directory of its own. Names that begin with a dot are left alone.")
        .build()
}

/// A file was left where it is.
pub(super) fn left(path: &str, removal: files::Removal) -> Option<Diagnostic> {
    let why = match removal {
        files::Removal::Removed | files::Removal::Missing => return None,
        files::Removal::Changed => {
            "Somebody changed it since it was written, and a change by hand is never thrown away."
        }
        files::Removal::WrittenByAnother => {
            "Another placement of the same key wrote it in this run."
        }
        files::Removal::TakenUp => {
            "A later placement of the same key and `managed_by` has taken it up: it is in another state or workspace, or at another address of this one."
        }
    };
    Some(
        warning("FLEET0419", format!("{path} is left"))
            .what(format!("`{path}` is no longer emitted and was not removed."))
            .why(why)
            .todo("Remove it yourself if it is not needed.")
            .build(),
    )
}

/// An artifact cannot be made.
pub(super) fn artifact(problem: &artifacts::Error) -> Diagnostic {
    error("FLEET0420", "A manifest cannot be written")
        .at("emit")
        .what(format!("{}.", chain(problem)))
        .why("A document that cannot be written whole is not written at all.")
        .todo("Report it, with the placement's arguments.")
        .build()
}

/// What apply would do otherwise than the plan, one line per target.
pub(super) fn difference(planned: &BTreeMap<Key, Target>, now: &BTreeMap<Key, Target>) -> String {
    let place = |target: &Target| format!("{} {}", target.region, target.role.as_str());
    let same = |a: &Target, b: &Target| a.is_where(b) && a.role == b.role;
    // Where only account or cloud differ, the region does not tell the two apart.
    let whole = |target: &Target| {
        let account = target.account.as_ref().map_or("", Key::as_str);
        format!("{} account {account} {}", place(target), target.cloud.as_deref().unwrap_or(""))
    };
    let mut lines = Vec::new();
    for (name, target) in planned {
        match now.get(name) {
            None => lines.push(format!(" - {name}   planned {}, now not chosen", place(target))),
            Some(other) if same(target, other) => {}
            Some(other) if place(other) != place(target) => {
                lines.push(format!(" ~ {name}   planned {}, now {}", place(target), place(other)));
            }
            Some(other) => {
                lines.push(format!(" ~ {name}   planned {}, now {}", whole(target), whole(other)));
            }
        }
    }
    for (name, target) in now.iter().filter(|(name, _)| !planned.contains_key(*name)) {
        lines.push(format!(" + {name}   not planned, now {}", place(target)));
    }
    lines.join("\n")
}

/// An error with everything under it, in one line.
fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests;
