//! Plan: what the targets will be, known in the first plan.

use std::collections::BTreeMap;
use std::path::PathBuf;

use fleet_artifacts::argocd;
use fleet_artifacts::targets::{self as emitted, FIRST, Owner};
use fleet_model::name::Key;
use fleet_model::snapshot::Snapshot;
use fleet_placement::{Decision, Role, Target, Unmatched, decide, unmatched};
use serde_json::Value as Json;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::{Attr, Change, Plan, Private};

use super::artifacts::{self, Artifact};
use super::decide::snapshot;
use super::emitted::{self as own, GENERATION};
use super::files::{Files, Found};
use super::memory::{INSTANCE, SHOWN};
use super::model::{self, Model};
use super::request::Prior;
use super::run::{Claim, Ends, Kept, Moves, Object, Workload};
use super::{Placement, arguments, check, conflicts, report, request, tenancy};

/// What a plan decided.
#[derive(Debug)]
struct Planned {
    key: Key,
    decision: Decision,
    /// `None` while a part of `emit`, or the owner, is not known.
    artifacts: Option<Vec<Artifact>>,
    /// What is there of a new placement, though the state does not have it.
    found: Found,
    /// What no cluster has.
    unmatched: Vec<Unmatched>,
    /// Which object of its key it is.
    generation: u64,
}

impl Placement {
    /// Decides, and sets every computed attribute, so that nothing is left to the apply.
    pub(super) fn modify(&self, plan: &mut Plan<'_, Model>) {
        let Some(config) = plan.config else {
            let refused = plan.prior.and_then(|prior| self.refuse_destroy(prior, &plan.private));
            plan.diagnostics.extend(refused);
            plan.diagnostics.extend(plan.prior.and_then(|prior| self.beside_leaving(prior)));
            plan.private.set(SHOWN, true);
            return;
        };
        let mut problems = Diagnostics::new();
        check::check(config, &self.inventories(config), &mut problems);
        let failed = problems.has_errors();
        plan.diagnostics.extend(problems);
        if failed {
            return;
        }
        let managed_by = self.runtime.managed_by().ok();
        let generation = plan.prior.map(|_| own::generation(&plan.private));
        let fleet = self.fleets.configured(&self.runtime, &config.inventory);
        let planned = fleet.and_then(|fleet| {
            planned(config, &fleet, plan.prior, generation, managed_by.as_deref())
        });
        let planned = match planned {
            Ok(planned) => planned,
            Err(diagnostics) => {
                plan.diagnostics.extend(diagnostics);
                return;
            }
        };
        plan.diagnostics.extend(self.claim(config, plan, &planned));
        let told = self.tell(plan, &planned, managed_by.as_deref());
        plan.diagnostics.extend(told);
        let Planned { key, decision, artifacts, generation, .. } = &planned;
        if *generation > FIRST {
            plan.private.set(GENERATION, *generation);
        }
        plan.set("key", Attr::Known(key.to_string()));
        plan.set("id", Attr::Known(key.to_string()));
        plan.set("targets", Attr::Known(request::targets_attribute(&decision.targets)));
        match artifacts {
            Some(artifacts) => plan.set("artifacts", Attr::Known(artifacts_attribute(artifacts))),
            None => plan.set_unknown("artifacts"),
        }
        let in_the_way = self.in_the_way(plan, &planned);
        plan.diagnostics.extend(in_the_way);
    }

    /// The directories in which no artifact may be.
    fn inventories(&self, config: &Model) -> Vec<PathBuf> {
        let configured = self.runtime.inventory_path().ok();
        let snapshot = snapshot(&config.inventory).ok();
        let read = snapshot.map(|snapshot| PathBuf::from(&snapshot.store));
        configured.into_iter().chain(read).collect()
    }

    /// A destroy that makes room for a new placement of the same workload would move it without limits; one
    /// beside another object of its key would take that one's files.
    fn refuse_destroy(&self, prior: &Model, private: &Private) -> Option<Diagnostic> {
        let kept = kept(prior, private)?;
        let key = &kept.key;
        Some(match self.run.destroys(&kept)? {
            Ends::Replaced(new) => conflicts::replaced(key, &new),
            Ends::Twin(twins) => conflicts::twins(key, &twins),
        })
    }

    /// What stands in the way of this placement beside others of the run.
    fn claim(&self, config: &Model, plan: &Plan<'_, Model>, planned: &Planned) -> Diagnostics {
        let Planned { key, decision, .. } = planned;
        let object = match plan.change {
            Change::Create => Object::New,
            _ => object(key, &plan.private),
        };
        let runs_on = plan.prior.map(|prior| request::targets(&prior.targets)).unwrap_or_default();
        let emission = request::emission(config).unwrap_or_default();
        let applications = emission.argocd.as_ref().map(|(_, set)| {
            let name = |cluster: &Key| argocd::application_name(key.as_str(), cluster.as_str());
            let names = decision.targets.keys().map(|cluster| (name(cluster), cluster.clone()));
            (set.namespace.clone(), names.collect::<BTreeMap<_, _>>())
        });
        let mut told = Diagnostics::new();
        let files = planned.artifacts.iter().flatten().filter(|of| of.is_file);
        let files: Vec<&str> = files.map(|of| of.path.as_str()).collect();
        told.extend(self.beside(key, &files, applications.as_ref()));
        if let (Some((namespace, names)), Some((Some(directory), _)), Ok(managed_by)) =
            (&applications, &emission.argocd, self.runtime.managed_by())
        {
            let manifests = self.files.manifests(directory);
            let us = Owner { managed_by, placement: key.to_string() };
            for (name, cluster) in names {
                if let Some(maker) = manifests.maker(namespace, name, &us) {
                    told.push(conflicts::made_elsewhere(key, cluster, name, maker));
                }
            }
            // What cannot be read may hold any name; only what is new could meet one.
            let is_new = !decision.change.added.is_empty() || plan.change == Change::Create;
            if is_new && !manifests.unread.is_empty() && self.files.tells_unread(directory) {
                told.extend(manifests.unread.iter().map(|(path, why)| report::unread(path, why)));
            }
        }
        let claim = Claim {
            key: key.clone(),
            object,
            workload: workload(config),
            applications,
            runs_on: runs_on.into_keys().collect(),
        };
        let conflicts = self.run.claim(&claim);
        told.extend(conflicts.iter().map(|conflict| conflicts::conflict(key, conflict)));
        told
    }

    /// What a person has to know of a decision.
    fn tell(
        &self,
        plan: &Plan<'_, Model>,
        planned: &Planned,
        managed_by: Option<&str>,
    ) -> Diagnostics {
        let Planned { key, decision, found, unmatched, .. } = planned;
        let mut told = Diagnostics::new();
        if let (false, Some(managed_by)) = (found.paths.is_empty(), managed_by) {
            let counted = found.targets.is_some();
            told.push(report::takes_up(key, managed_by, &found.paths, counted));
        }
        let changes = !decision.change.is_empty();
        let was_there = plan.prior.is_some() || found.targets.is_some();
        if was_there && changes {
            told.push(report::changes(key, decision));
        }
        if decision.is_short() {
            told.push(report::short(key, decision));
        }
        let waiting = decision.waiting.iter();
        told.extend(waiting.map(|(name, waiting)| conflicts::waits(key, name, waiting)));
        told.extend(unmatched.iter().map(|of| arguments::unmatched(key, of)));
        told.extend(self.count(key, decision, was_there && changes));
        told
    }

    /// Counts the change among those of the run.
    fn count(&self, key: &Key, decision: &Decision, changes: bool) -> Option<Diagnostic> {
        let limits = self.runtime.run_limits();
        let change = &decision.change;
        let is_acknowledged =
            limits.acknowledge.known().is_some_and(|of| of.contains(&change.fingerprint));
        let counts = changes && !is_acknowledged;
        let moves = if counts {
            Moves { placements: 1, removed: change.removed.len() }
        } else {
            Moves::default()
        };
        let total = self.run.moves(key, moves);
        let first = || self.run.tells_of_limits();
        counts.then(|| conflicts::too_much(key, change, total, &limits, first)).flatten()
    }

    /// What is in the way of the files that an apply of this plan would write.
    fn in_the_way(&self, plan: &Plan<'_, Model>, planned: &Planned) -> Diagnostics {
        let files = planned.artifacts.iter().flatten().filter(|artifact| artifact.is_file);
        let (true, Ok(managed_by)) = (plan.is_changed(), self.runtime.managed_by()) else {
            return Diagnostics::new();
        };
        let writer = self.writer(Some(managed_by), planned.key.as_str(), &plan.private);
        let problems = files.filter_map(|of| self.files.check(of, &writer).err());
        problems.map(|problem| report::file(&problem)).collect()
    }
}

/// A placement as the state has it, with what is kept beside it.
pub(super) fn kept(state: &Model, private: &Private) -> Option<Kept> {
    let key = Key::new(state.key.known()?).ok()?;
    Some(Kept {
        object: object(&key, private),
        key,
        workload: workload(state),
        runs_on: request::targets(&state.targets).into_keys().collect(),
    })
}

/// Which object of the state it is that has this beside it.
fn object(key: &Key, private: &Private) -> Object {
    let instance = private.get(INSTANCE).and_then(Json::as_str);
    Object::Old(instance.unwrap_or(key.as_str()).to_owned())
}

/// What a placement is about, where that is known.
pub(super) fn workload(of: &Model) -> Option<Workload> {
    Some(Workload {
        app: of.app.known()?.clone(),
        environment: of.environment.known()?.clone(),
        namespace: of.namespace.known()?.clone(),
    })
}

/// What is there of a new placement with this key, and what of it counts as its targets.
pub(super) fn found(config: &Model, key: &Key, managed_by: Option<&str>) -> (Found, Prior) {
    let emission = request::emission(config);
    let (Ok(emission), Some(managed_by)) = (emission, managed_by) else {
        return (Found::default(), Prior::default());
    };
    let owner = Owner { managed_by: managed_by.to_owned(), placement: key.to_string() };
    let found = Files::found(&emission.files(key.as_str()), &owner);
    let target = |of: &emitted::Target| {
        let (region, role) = (of.region.clone(), Role::parse(&of.role)?);
        Some(Target { region, account: None, cloud: None, role, reason: String::new() })
    };
    let targets = found.targets.as_ref().map(|targets| {
        let targets = targets.iter();
        targets.filter_map(|(name, of)| Some((name.clone(), target(of)?))).collect()
    });
    let is_found = targets.is_some();
    (found, Prior { targets, found: is_found, ..Prior::default() })
}

/// The decision that `config` asks for, with the targets of `prior` as incumbents. `generation` is that of one that
/// is there.
fn planned(
    config: &Model,
    fleet: &Snapshot,
    prior: Option<&Model>,
    generation: Option<u64>,
    managed_by: Option<&str>,
) -> Result<Planned, Diagnostics> {
    let key = key(config, prior)?;
    let (found, prior_targets) = match prior {
        Some(prior) => {
            let targets = Some(request::targets(&prior.targets));
            (Found::default(), Prior { targets, ..Prior::default() })
        }
        None => found(config, &key, managed_by),
    };
    // What takes up files is another object than the one that wrote them.
    let generation =
        generation.or_else(|| found.generation.map(|of| of.saturating_add(1))).unwrap_or(FIRST);
    let prior = Prior { manager: managed_by.map(str::to_owned), ..prior_targets };
    let request = request::request(config, key.clone(), prior)
        .map_err(|problems| report::arguments(&problems))?;
    let unmatched = unmatched(&fleet.clusters, &request);
    let decision = decide(&fleet.clusters, &request);
    let evaluation = match &decision {
        Ok(decision) => Some(&decision.evaluation),
        Err(problem) => problem.evaluation(),
    };
    let refused: Diagnostics =
        evaluation.map(|of| tenancy::refused(&request, of)).into_iter().flatten().collect();
    if refused.has_errors() {
        return Err(refused);
    }
    let decision = decision.map_err(|problem| {
        let mut told = report::undecided(&key, &problem, fleet);
        told.extend(unmatched.iter().map(|of| arguments::unmatched(&key, of)));
        told
    })?;
    let artifacts = match managed_by {
        Some(managed_by) => artifacts(config, &key, &decision.targets, managed_by, generation)?,
        None => None,
    };
    Ok(Planned { key, decision, artifacts, found, unmatched, generation })
}

/// The placement's key: fixed at create, whatever becomes of app and environment.
fn key(config: &Model, prior: Option<&Model>) -> Result<Key, Diagnostic> {
    let refused = |problem: request::Error| arguments::refused(&problem);
    let given = request::given_key(config).map_err(refused)?;
    let fixed = prior.and_then(|prior| prior.key.known()).and_then(|key| Key::new(key).ok());
    match (fixed, given) {
        (Some(fixed), Some(given)) if fixed != given => {
            Err(arguments::key_changed(fixed.as_str(), given.as_str()))
        }
        (Some(key), _) | (None, Some(key)) => Ok(key),
        (None, None) => request::default_key(config).map_err(refused),
    }
}

/// The artifacts of these targets; `None` while a part of `emit` or of the workload is not known.
pub(super) fn artifacts(
    config: &Model,
    key: &Key,
    targets: &BTreeMap<Key, Target>,
    managed_by: &str,
    generation: u64,
) -> Result<Option<Vec<Artifact>>, Diagnostics> {
    let workload = [&config.app, &config.environment, &config.namespace];
    let [Some(app), Some(environment), Some(namespace)] = workload.map(Attr::known) else {
        return Ok(None);
    };
    // One that was not known to the plan.
    if let Some(problem) = argocd::namespace_problem(namespace) {
        return Err(check::value(&problem).into());
    }
    let emission = match request::emission(config) {
        Ok(emission) => emission,
        Err(request::Error::Unknown(_)) => return Ok(None),
        Err(problem) => return Err(arguments::refused(&problem).into()),
    };
    let target = |target: &Target| emitted::Target {
        region: target.region.clone(),
        role: target.role.as_str().to_owned(),
    };
    let placement = emitted::Placement {
        owner: Owner { managed_by: managed_by.into(), placement: key.to_string() },
        generation,
        app: app.clone(),
        environment: environment.clone(),
        namespace: namespace.clone(),
        targets: targets.iter().map(|(name, of)| (name.clone(), target(of))).collect(),
    };
    let made = emission.artifacts(&placement);
    made.map(Some).map_err(|problem| match problem {
        artifacts::Error::Values(problems) => problems.iter().map(check::value).collect(),
        problem => report::artifact(&problem).into(),
    })
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
