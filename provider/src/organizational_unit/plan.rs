//! What a plan of an organizational unit shows, without a call.

use std::collections::BTreeMap;

use tfplugin::Attr;
use tfplugin::diagnostic::Diagnostics;

use super::Model;
use super::report::{self, DEPTH};
use crate::diagnostic::error;
use crate::tags;

/// The attributes that the plan decides on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Planned {
    pub(super) path: Attr<String>,
    pub(super) tags_all: Attr<BTreeMap<String, String>>,
}

/// Decides; `rules` is `None` while they are not known.
pub(super) fn plan(
    desired: &Model,
    prior: Option<&Model>,
    rules: Option<&tags::Rules>,
    diagnostics: &mut Diagnostics,
) -> Planned {
    if let Some(prior) = prior {
        if moves(desired, prior) {
            diagnostics.push(move_refused(desired, prior));
        }
        if prior.adopt.is_null() && desired.adopt.known() != Some(&true) {
            diagnostics.push(report::of_nobody(prior));
        }
    }
    if let Some(rules) = rules {
        rules.check_ignored(desired.tags.known(), diagnostics);
    }
    let tags_all = match (rules, &desired.tags) {
        (None, _) | (_, Attr::Unknown) => Attr::Unknown,
        (Some(rules), own) => Attr::Known(rules.merged(own.known())),
    };
    if let Attr::Known(all) = &tags_all {
        tags::check_number(all, diagnostics);
    }
    let path = path(desired, prior);
    if prior.is_none()
        && let Some(parent) = desired.parent.as_str()
        && is_path(parent)
        && parent.split('/').count() >= DEPTH
    {
        diagnostics.push(report::too_deep(&report::doing("create", desired)));
    }
    Planned { path, tags_all }
}

fn move_refused(desired: &Model, prior: &Model) -> tfplugin::diagnostic::Diagnostic {
    error("FLEET0201", "An organizational unit cannot be moved")
        .at("parent")
        .what(format!(
            "`parent` of the organizational unit {} changes from {} to {}.",
            prior.path.as_str().unwrap_or_default(),
            shown(&prior.parent),
            shown(&desired.parent),
        ))
        .why("AWS Organizations can move accounts, not organizational units.")
        .todo("Declare a second unit under the other parent, change `parent` of the accounts, and remove this unit once it is empty.")
        .build()
}

/// Whether another parent is asked for. An id and a path that mean the same parent are no move.
fn moves(desired: &Model, prior: &Model) -> bool {
    if desired.parent == prior.parent || desired.parent.is_unknown() {
        return false;
    }
    match desired.parent.as_str() {
        None => above(prior).is_some(),
        Some(parent) => prior.parent_id.as_str() != Some(parent) && above(prior) != Some(parent),
    }
}

/// The path of the unit that holds it; `None` below the root. A name may hold a `/` itself.
fn above(unit: &Model) -> Option<&str> {
    unit.path.as_str()?.strip_suffix(unit.name.as_str()?)?.strip_suffix('/')
}

fn path(desired: &Model, prior: Option<&Model>) -> Attr<String> {
    let Some(name) = desired.name.as_str() else { return Attr::Unknown };
    if let Some(prior) = prior.filter(|prior| prior.path.is_known()) {
        return match above(prior) {
            Some(above) => format!("{above}/{name}"),
            None => name.to_owned(),
        }
        .into();
    }
    match &desired.parent {
        Attr::Null => name.into(),
        Attr::Known(parent) if is_path(parent) => format!("{parent}/{name}").into(),
        Attr::Known(_) | Attr::Unknown => Attr::Unknown,
    }
}

fn is_path(parent: &str) -> bool {
    matches!(fleet_vending::Parent::parse(parent), Ok(fleet_vending::Parent::Path(_)))
}

fn shown(parent: &Attr<String>) -> String {
    parent.as_str().map_or_else(|| "the root".to_owned(), |parent| format!("`{parent}`"))
}
