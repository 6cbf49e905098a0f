//! What can be wrong with the arguments by themselves, each at its own attribute. Values that are not known
//! yet pass; the plan looks at them again.

use std::path::{Path as FilePath, PathBuf};

use fleet_artifacts::argocd::{self, Field, Problem};
use fleet_model::label;
use fleet_model::name::Key;
use tfplugin::Attr;
use tfplugin::diagnostic::{Diagnostics, Path, Step};

use super::artifacts::Kind;
use super::model::Model;
use super::request::{self, Error, Prior};
use super::{arguments, place};

/// Checks every value that is known. `inventories` are the directories that hold no artifacts.
pub(super) fn check(config: &Model, inventories: &[PathBuf], diagnostics: &mut Diagnostics) {
    let before = diagnostics.len();
    let key = match request::given_key(config) {
        Ok(Some(key)) => Some(key),
        Ok(None) => match request::default_key(config) {
            Err(problem @ Error::Key(..)) => {
                diagnostics.push(arguments::refused(&problem));
                None
            }
            key => key.ok(),
        },
        Err(problem @ Error::Key(..)) => {
            diagnostics.push(arguments::refused(&problem));
            None
        }
        Err(_) => None,
    };
    // A key that is made of the app's name has told what is wrong with it.
    if diagnostics.len() == before {
        names(config, diagnostics);
    }
    // Whatever is made of it: Kubernetes has no such namespace.
    if let Attr::Known(namespace) = &config.namespace {
        diagnostics.extend(argocd::namespace_problem(namespace).iter().map(value));
    }
    request(config, key.clone(), diagnostics);
    emission(config, key.as_ref(), inventories, diagnostics);
}

fn names(config: &Model, diagnostics: &mut Diagnostics) {
    if let Some(app) = config.app.known()
        && !app.is_empty()
        && let Err(rule) = label::check_value(app)
    {
        let rule = format!("is {app:?}, which cannot be the value of a label: {rule}");
        diagnostics.push(arguments::invalid(Path::attribute("app"), &rule));
    }
}

/// What decides.
fn request(config: &Model, key: Option<Key>, diagnostics: &mut Diagnostics) {
    // Any key will do to look at the other arguments.
    let Some(key) = key.or_else(|| Key::new("unknown").ok()) else { return };
    let mut problems = Vec::new();
    let request = request::read(config, key, Prior::default(), &mut problems);
    // Unknown values are looked at in the plan, words by the attributes' validators. What follows from a
    // value that could not be read is not told.
    let judged = |problem: &&Error| {
        matches!(
            problem,
            Error::Negative(..) | Error::Null(_) | Error::NullElement(..) | Error::Range(..)
        )
    };
    diagnostics.extend(problems.iter().filter(judged).map(arguments::refused));
    if problems.iter().all(|problem| judged(&problem)) {
        let nulls: Vec<&Path> = problems
            .iter()
            .filter_map(|problem| match problem {
                Error::Null(path) => Some(path),
                _ => None,
            })
            .collect();
        // A set of nulls is empty when they are left out.
        let empty: Vec<&Path> = problems
            .iter()
            .filter_map(|problem| match problem {
                Error::NullElement(path, true) => Some(path),
                _ => None,
            })
            .collect();
        for rule in request.invalid() {
            let path = request::path(&rule.path);
            // The elements after a null one have other places in what was read.
            if !nulls.iter().any(|null| is_beside(&path, null)) && !empty.contains(&&path) {
                diagnostics.push(arguments::invalid(path, &rule.rule));
            }
        }
    }
}

/// Whether `path` leads into the list that has the element `null`.
fn is_beside(path: &Path, null: &Path) -> bool {
    let Some((Step::Index(_), list)) = null.steps().split_last() else { return false };
    path.steps().len() > list.len() && path.steps().starts_with(list)
}

/// What is emitted, and where to.
fn emission(
    config: &Model,
    key: Option<&Key>,
    inventories: &[PathBuf],
    diagnostics: &mut Diagnostics,
) {
    let Ok(emission) = request::emission(config) else { return };
    let inventories: Vec<&FilePath> = inventories.iter().map(PathBuf::as_path).collect();
    for (kind, directory) in emission.directories() {
        if let Err(problem) = place::check(directory, &inventories) {
            diagnostics.push(arguments::directory(kind, directory, &problem));
        }
    }
    let Some((_, application_set)) = &emission.argocd else { return };
    let mut problems = application_set.own_problems();
    problems.extend(key.and_then(|key| argocd::key_problem(key.as_str())));
    diagnostics.extend(problems.iter().map(value));
}

/// A value that cannot stand in an ApplicationSet, at its attribute.
pub(super) fn value(problem: &Problem) -> tfplugin::diagnostic::Diagnostic {
    let of = |name| Path::attribute("emit").nested(Kind::Argocd.attribute()).nested(name);
    let path = match problem.field {
        Field::Project => of("project"),
        Field::RepoUrl => of("repo_url"),
        Field::TargetRevision => of("target_revision"),
        Field::SourcePath => of("source_path"),
        Field::ArgocdNamespace => of("namespace"),
        Field::Namespace => Path::attribute("namespace"),
        Field::Key => Path::attribute("key"),
        Field::Cluster(_) | Field::Region(_) => Path::attribute("targets"),
    };
    arguments::value(path, problem)
}
