//! What a plan of an organizational unit shows, without a call.

use std::collections::BTreeMap;

use fleet_vending::{Parent, unit_path};
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
        rules.check_ignored(&desired.tags, diagnostics);
    }
    let tags_all = match (rules, &desired.tags) {
        (None, _) | (_, Attr::Unknown) => Attr::Unknown,
        (Some(rules), own) => Attr::Known(rules.merged(own)),
    };
    if let Attr::Known(all) = &tags_all {
        tags::check_number(all, diagnostics);
        tags::check_case(&desired.tags, all, diagnostics);
    }
    let path = path(desired, prior);
    if prior.is_none()
        && let Some(names) = desired.parent.as_str().and_then(names)
        && names.len() >= DEPTH
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
        Some(parent) => match names(parent) {
            Some(names) => above(prior) != Some(unit_path::join(&names).as_str()),
            None => prior.parent_id.as_str() != Some(parent),
        },
    }
}

/// The path of the unit that holds it; `None` below the root.
fn above(unit: &Model) -> Option<&str> {
    unit_path::above(unit.path.as_str()?)
}

fn path(desired: &Model, prior: Option<&Model>) -> Attr<String> {
    let Some(name) = desired.name.as_str() else { return Attr::Unknown };
    if let Some(prior) = prior.filter(|prior| prior.path.is_known()) {
        return unit_path::below(above(prior), name).into();
    }
    match &desired.parent {
        Attr::Null => unit_path::below(None, name).into(),
        Attr::Known(parent) => match names(parent) {
            Some(names) => unit_path::below(Some(&unit_path::join(&names)), name).into(),
            None => Attr::Unknown,
        },
        Attr::Unknown => Attr::Unknown,
    }
}

/// The names in `parent`, where it is a path.
fn names(parent: &str) -> Option<Vec<String>> {
    match Parent::parse(parent) {
        Ok(Parent::Path(names)) => Some(names),
        _ => None,
    }
}

fn shown(parent: &Attr<String>) -> String {
    parent.as_str().map_or_else(|| "the root".to_owned(), |parent| format!("`{parent}`"))
}
