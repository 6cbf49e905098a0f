//! Plan: what the targets will be, known in the first plan.

use std::collections::BTreeMap;

use fleet_artifacts::targets::{self as emitted, Owner};
use fleet_model::name::Key;
use fleet_placement::{Decision, Target, decide};
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::{Attr, Change, Plan};

use super::artifacts::Artifact;
use super::decide::snapshot;
use super::files::{Files, Writer};
use super::model::{self, Model};
use super::{report, request};
use crate::inventory::write::Over;

/// What a plan decided.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) key: Key,
    pub(super) decision: Decision,
    /// `None` while a part of `emit`, or the owner, is not known.
    pub(super) artifacts: Option<Vec<Artifact>>,
}

/// Decides, and sets every computed attribute, so that nothing is left to the apply.
pub(super) fn modify(files: &Files, managed_by: Option<&str>, plan: &mut Plan<'_, Model>) {
    let Some(config) = plan.config else { return };
    let planned = match planned(config, plan.prior, managed_by) {
        Ok(planned) => planned,
        Err(diagnostics) => {
            plan.diagnostics.extend(diagnostics);
            return;
        }
    };
    let Planned { key, decision, artifacts } = &planned;
    if plan.change == Change::Create
        && let Some((artifacts, managed_by)) = artifacts.as_ref().zip(managed_by)
    {
        let writer = Writer {
            owner: Owner { managed_by: managed_by.into(), placement: key.to_string() },
            instance: String::new(),
            emitted: BTreeMap::new(),
        };
        let mut found = Vec::new();
        for artifact in artifacts.iter().filter(|artifact| artifact.is_file) {
            match files.check(artifact, &writer) {
                Ok(Over::Ours) => found.push(artifact.path.as_str()),
                Ok(Over::Nothing) => {}
                Err(problem) => plan.diagnostics.push(report::file(&problem)),
            }
        }
        if !found.is_empty() {
            plan.diagnostics.push(report::takes_up(key, managed_by, &found));
        }
    }
    if decision.is_short() {
        plan.diagnostics.push(report::short(key, decision));
    } else if plan.prior.is_some() && !decision.change.is_empty() {
        plan.diagnostics.push(report::changes(key, decision));
    }
    plan.set("key", Attr::Known(key.to_string()));
    plan.set("id", Attr::Known(key.to_string()));
    plan.set("targets", Attr::Known(request::targets_attribute(&decision.targets)));
    match artifacts {
        Some(artifacts) => plan.set("artifacts", Attr::Known(artifacts_attribute(artifacts))),
        None => plan.set_unknown("artifacts"),
    }
}

/// The decision that `config` asks for, with the targets of `prior` as incumbents.
pub(super) fn planned(
    config: &Model,
    prior: Option<&Model>,
    managed_by: Option<&str>,
) -> Result<Planned, Diagnostics> {
    let arguments = |problem: request::Error| report::arguments(&problem);
    let key = key(config, prior)?;
    let snapshot = snapshot(&config.inventory)?;
    let prior_targets = prior.map(|prior| request::targets(&prior.targets));
    let request = request::request(config, key.clone(), prior_targets).map_err(arguments)?;
    let decision = decide(&snapshot.clusters, &request)
        .map_err(|problem| report::undecided(&key, &problem))?;
    let artifacts = match managed_by {
        Some(managed_by) => artifacts(config, &key, &decision.targets, managed_by)?,
        None => None,
    };
    Ok(Planned { key, decision, artifacts })
}

/// The placement's key: fixed at create, whatever becomes of app and environment.
fn key(config: &Model, prior: Option<&Model>) -> Result<Key, Diagnostic> {
    let arguments = |problem: request::Error| report::arguments(&problem);
    let given = request::given_key(config).map_err(arguments)?;
    let fixed = prior.and_then(|prior| prior.key.known()).and_then(|key| Key::new(key).ok());
    match (fixed, given) {
        (Some(fixed), Some(given)) if fixed != given => {
            Err(report::key_changed(fixed.as_str(), given.as_str()))
        }
        (Some(key), _) | (None, Some(key)) => Ok(key),
        (None, None) => request::default_key(config).map_err(arguments),
    }
}

/// The artifacts of these targets; `None` while a part of `emit` or of the workload is not known.
pub(super) fn artifacts(
    config: &Model,
    key: &Key,
    targets: &BTreeMap<Key, Target>,
    managed_by: &str,
) -> Result<Option<Vec<Artifact>>, Diagnostics> {
    let workload = [&config.app, &config.environment, &config.namespace];
    let [Some(app), Some(environment), Some(namespace)] = workload.map(Attr::known) else {
        return Ok(None);
    };
    let emission = match request::emission(config) {
        Ok(emission) => emission,
        Err(request::Error::Unknown(_)) => return Ok(None),
        Err(problem) => return Err(report::arguments(&problem).into()),
    };
    let target = |target: &Target| emitted::Target {
        region: target.region.clone(),
        role: target.role.as_str().to_owned(),
    };
    let placement = emitted::Placement {
        owner: Owner { managed_by: managed_by.into(), placement: key.to_string() },
        app: app.clone(),
        environment: environment.clone(),
        namespace: namespace.clone(),
        targets: targets.iter().map(|(name, of)| (name.clone(), target(of))).collect(),
    };
    let made = emission.artifacts(&placement);
    made.map(Some).map_err(|problem| report::artifact(&problem).into())
}

/// The attribute `artifacts`.
pub(super) fn artifacts_attribute(artifacts: &[Artifact]) -> BTreeMap<String, model::Artifact> {
    let attribute = |artifact: &Artifact| model::Artifact {
        sha256: Attr::Known(artifact.sha256()),
        gvk: artifact.gvk.map(str::to_owned).into(),
        content: (!artifact.is_file).then(|| artifact.text.clone()).into(),
    };
    artifacts.iter().map(|artifact| (artifact.path.clone(), attribute(artifact))).collect()
}
