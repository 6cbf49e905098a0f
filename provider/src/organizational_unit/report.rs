//! What is said of organizational units.

use fleet_vending::Refusal;
use fleet_vending::aws::{Unit, UnitAdoption, UnitRelease};
use fleet_vending::error::Answer;
use tfplugin::diagnostic::Diagnostic;

use super::Model;
use crate::diagnostic::{error, warning};
use crate::refusal;
use crate::siblings::Sibling;

/// How many of the things in a unit are named.
const NAMED: usize = 20;
/// How deep AWS lets units be nested.
pub(super) const DEPTH: usize = 5;

/// Completes "Cannot …".
pub(super) fn doing(verb: &str, model: &Model) -> String {
    format!("{verb} organizational unit `{}`", model.name.as_str().unwrap_or_default())
}

/// Why something was refused or failed.
pub(super) fn refused(refusal: &Refusal, doing: &str) -> Diagnostic {
    match refusal {
        Refusal::Call(failed) if failed.answer() == Some(Answer::UnitTooDeep) => too_deep(doing),
        other => refusal::report(other, doing).build(),
    }
}

/// That a unit would be nested deeper than AWS allows.
pub(super) fn too_deep(doing: &str) -> Diagnostic {
    error("FLEET0206", "The organizational unit is nested too deep")
        .at("parent")
        .what(format!("Cannot {doing}: it would be more than {DEPTH} units below the root."))
        .why(format!("AWS nests organizational units at most {DEPTH} deep."))
        .todo("Put it under a parent that is nearer to the root.")
        .build()
}

/// What taking over a unit means, before it is done.
pub(super) fn adopts(adoption: &UnitAdoption) -> Diagnostic {
    let unit = &adoption.unit;
    let who = match &adoption.released_from {
        Some(manager) => format!("{manager:?} released it"),
        None => "nobody manages it".to_owned(),
    };
    let tags: Vec<&str> = adoption.tags.keys().map(String::as_str).collect();
    let tags = if tags.is_empty() { "no others".to_owned() } else { tags.join(", ") };
    warning("FLEET0203", format!("Organizational unit {} is taken over", unit.path))
        .what(format!("{} ({}) exists and {who}. The apply writes the tags `fleet:id`, `fleet:key` and `fleet:managed-by` on it, and of yours: {tags}.", unit.path, unit.id))
        .why("`adopt = true` asks for that. What is in the unit, its policies and the tags of others stay as they are; from then on this configuration renames it, tags it and, when it is empty, deletes it.")
        .todo("Apply, if this is the unit you mean. If not, remove `adopt` or use another name.")
        .build()
}

/// That an apply went on with a unit that its plan had not seen.
pub(super) fn took_up(unit: &Unit) -> Diagnostic {
    warning("FLEET0157", format!("Organizational unit {} was taken up", unit.path))
        .at("name")
        .what(format!("The plan was to create {} ({}), and the unit was there when the apply looked, with the tags of this configuration. The apply created none, and went on with it.", unit.path, unit.id))
        .why("Another run created it at the same time: another state or workspace with the same `managed_by`, or an earlier run that was interrupted. Or the answer of AWS to this apply's own request was lost.")
        .todo("Nothing, if no other state or workspace has the unit. If one has, take the unit out of one of the states (`state rm`) and refer to its id there, and give each configuration a `managed_by` of its own: the first of the two that destroys the unit deletes it for both.")
        .build()
}

/// That a create goes on with a unit that is there.
pub(super) fn takes_up(found: &UnitAdoption, managed_by: &str) -> Diagnostic {
    let unit = &found.unit;
    let tags: Vec<&str> = found.tags.keys().map(String::as_str).collect();
    let tags = match tags.as_slice() {
        [] => String::new(),
        tags => format!(" It also writes the tags {}.", tags.join(", ")),
    };
    warning("FLEET0157", format!("Organizational unit {} is taken up", unit.path))
        .at("name")
        .what(format!("{} ({}) is there already, with the tag `fleet:managed-by` = {managed_by:?}. The apply creates no unit: it goes on with this one.{tags}", unit.path, unit.id))
        .why("An apply that created it was interrupted before the state was saved; or the state was lost; or another state or workspace with the same `managed_by` has the unit.")
        .todo("Apply, if this state is to manage the unit. If another state or workspace does, do not: refer to its id there, and give this configuration a `managed_by` of its own.")
        .build()
}

/// That an imported unit needs consent.
pub(super) fn of_nobody(prior: &Model) -> Diagnostic {
    let path = prior.path.as_str().unwrap_or_default();
    error("FLEET0207", "The imported organizational unit is not managed")
        .at("adopt")
        .what(format!(
            "{path} ({}) was imported, and it carries no `fleet:managed-by`.",
            prior.id.as_str().unwrap_or_default()
        ))
        .why("What somebody made by other means, or released, is not taken over silently.")
        .todo("Set `adopt = true`, or take it out of the state again (`state rm`).")
        .build()
}

/// That two blocks would hold one unit.
pub(super) fn second_time(path: &str, id: &str) -> Diagnostic {
    error("FLEET0204", "Two blocks are one organizational unit")
        .at("name")
        .what(format!("The plan creates the organizational unit {path}, and the state has it already ({id})."))
        .why("That is a replacement, a block that was renamed without `moved`, or two blocks of one name. Replacing a unit would take the policies off every account in it; two blocks would undo what the other does.")
        .todo("Leave out `-replace`, run `untaint`, add a `moved` block, or use another name. A name that another unit gives up is free after an apply of its own.")
        .build()
}

/// That one unit has two addresses.
pub(super) fn in_state_twice(unit: &Model) -> Diagnostic {
    let id = unit.id.as_str().unwrap_or_default();
    let (name, path) = (unit.name.as_str().unwrap_or_default(), unit.path.as_str());
    error("FLEET0204", "Two blocks are one organizational unit")
        .at("name")
        .what(format!("The organizational unit {id} (name {name:?}, path {:?}) has two addresses: two `fleet_organizational_unit` blocks of this state, or two elements of `for_each` or `count`, or one that is planned to be imported or created beside one that is there.", path.unwrap_or_default()))
        .why("Each would undo what the other does with every apply, and the first to be destroyed would delete the unit, which the other still has.")
        .todo(format!("Keep one of them. `state list` names the addresses, and `state show` those that have the id {id}: take the other one out with `state rm`, which calls nothing, and remove its block, or its `import` block. For a block that was renamed, use `moved`."))
        .build()
}

/// That this run would give one name to two units under one parent.
pub(super) fn planned_twice(name: &str) -> Diagnostic {
    error("FLEET0204", "Two blocks are one organizational unit")
        .at("name")
        .what(format!("Two `fleet_organizational_unit` blocks of this plan, or two elements of `for_each` or `count`, would have the name {name:?} under the same parent."))
        .why("AWS wants the names of the units under one parent to differ. Two blocks that are one unit undo what the other does, and the first to be destroyed deletes it.")
        .todo("Give one of them another `name` or `parent`, or remove one of the blocks. A name that another unit gives up is free after an apply of its own.")
        .build()
}

/// That another provider block of this run has the unit, or gives its name to one.
pub(super) fn beside(unit: &str, sibling: &Sibling) -> Diagnostic {
    error("FLEET0204", "Two blocks are one organizational unit")
        .at("name")
        .what(format!("Besides this provider block, {sibling} has the organizational unit {unit:?} in this very run."))
        .why("Each would undo what the other does with every apply, and the first to be destroyed would delete the unit, which the other still has.")
        .todo("Keep one of the two `fleet_organizational_unit` blocks, under the provider block that is to manage the unit, or give one of them another `name` or `parent`. If both are in a state already, take one of them out of it with `state rm`, which calls nothing.")
        .build()
}

/// That a unit cannot be imported.
pub(super) fn not_importable(id: &str, what: &str) -> Diagnostic {
    error("FLEET0208", "The organizational unit cannot be imported")
        .what(format!("{what} (`{id}`)."))
        .why("An import needs the id of a unit (`ou-…`), or the path of names from below the root down to it (`Workloads/Prod`).")
        .todo("Look the id up (`aws organizations list-organizational-units-for-parent`), with credentials of its organization.")
        .build()
}

/// What the plan of a destroy says of a unit that would stay.
pub(super) fn will_stay(release: &UnitRelease) -> Diagnostic {
    let (unit, inside) = (&release.unit, &release.inside);
    if inside.is_empty() {
        return warning("FLEET0213", format!("Organizational unit {} stays", unit.path))
            .what(format!(
                "{} ({}) would be destroyed, and it carries no `fleet:managed-by`: nobody manages it any more. The apply leaves it as it is and takes it out of the state.",
                unit.path, unit.id
            ))
            .why("What this configuration does not manage it does not delete.")
            .todo("Apply, if that is meant. To have the unit deleted, delete it by hand.")
            .build();
    }
    warning("FLEET0213", format!("Organizational unit {} is not empty", unit.path))
        .what(format!("{} ({}) would be destroyed. In it: {}. What is still there when the apply comes to the unit keeps it: it is then released, not deleted.", unit.path, unit.id, listed(inside)))
        .why("AWS deletes only units that are empty. A released unit stays where it is with what is in it, and loses its `fleet:` tags.")
        .todo("Apply, if that is meant, or if this plan moves or removes what is in it. Otherwise move it elsewhere first, or keep the block.")
        .build()
}

/// That a unit of the state is another manager's by now.
pub(super) fn of_another(unit: &Unit, manager: &str) -> Diagnostic {
    warning("FLEET0214", format!("Organizational unit {} is another manager's", unit.path))
        .at("name")
        .what(format!("{} ({}) is in this state, and its tag `fleet:managed-by` is {manager:?}.", unit.path, unit.id))
        .why("Another configuration took the unit over, or somebody changed the tag. This one changes nothing of it any more: a plan that renames, tags or destroys it is refused.")
        .todo("Remove the block with a `removed` block and `destroy = false`, and refer to the unit by its id. If the unit belongs here, have the other configuration release it, or put the tag back by hand.")
        .build()
}

/// The first of what is in a unit.
fn listed(inside: &[String]) -> String {
    let named: Vec<&str> = inside.iter().take(NAMED).map(String::as_str).collect();
    match inside.len() - named.len() {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

/// That a unit stays.
pub(super) fn stays(release: &UnitRelease) -> Diagnostic {
    let (unit, inside) = (&release.unit, &release.inside);
    if inside.is_empty() {
        return warning(
            "FLEET0209",
            format!("Organizational unit {} was left as it is", unit.path),
        )
        .what(format!(
            "{} ({}) carries no `fleet:managed-by`: nobody manages it any more.",
            unit.path, unit.id
        ))
        .why("What this configuration does not manage it does not delete.")
        .todo("Delete it by hand, if it is of no use.")
        .build();
    }
    warning("FLEET0209", format!("Organizational unit {} is not empty and was released", unit.path))
        .what(format!("{} ({}) stays in the organization. In it: {}.", unit.path, unit.id, listed(inside)))
        .why("AWS deletes only units that are empty. The tag `fleet:released-from` says who had it, and the other `fleet:` tags are gone.")
        .todo("Nothing, if that was meant. Otherwise move what is in it elsewhere and delete it by hand, or take it over again with `adopt = true`.")
        .build()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_full_unit_names_what_is_in_it_up_to_a_point() {
        let unit = Unit {
            id: "ou-ab12-00000001".into(),
            arn: String::new(),
            name: "Prod".into(),
            parent_id: "r-ab12".into(),
            path: "Prod".into(),
            tags: BTreeMap::new(),
        };
        let of = |n: usize| UnitRelease {
            unit: unit.clone(),
            inside: (1..=n).map(|n| format!("account {n}")).collect(),
        };
        assert!(stays(&of(20)).detail.contains("account 19, account 20."));
        assert!(stays(&of(23)).detail.contains("account 20 and 3 more."));
        assert!(stays(&of(0)).summary.contains("left as it is"));
    }
}
