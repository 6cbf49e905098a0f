//! Apply: what the plan showed, or nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, RandomState};

use fleet_artifacts::targets::Owner;
use fleet_model::name::Key;
use serde_json::Value as Json;
use tfplugin::Attr;
use tfplugin::Private;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::resource::{Applied, Create, Delete, Read, Update};

use super::artifacts::Artifact;
use super::decide::confirm;
use super::emitted::{self, EMITTED};
use super::files::{self, Writer};
use super::memory::{INSTANCE, SHOWN};
use super::model::Model;
use super::request::Prior;
use super::{Placement, arguments, conflicts, place, plan, report, request};

/// What is to be carried out.
struct Order<'a> {
    config: &'a Model,
    planned: Model,
    prior: Option<&'a Model>,
    private: Private,
}

// === impl Placement ===

impl Placement {
    pub(super) fn apply_create(&self, request: Create<Model>) -> Applied<Model> {
        let Create { config, planned, mut private } = request;
        let instance = instance();
        private.set(INSTANCE, instance.as_str());
        let applied = self.answer(Order { config: &config, planned, prior: None, private });
        if let Some(key) = applied.state.as_ref().and_then(|of| Key::new(of.key.known()?).ok()) {
            self.run.created(&key, &instance);
        }
        applied
    }

    pub(super) fn apply_update(&self, request: Update<Model>) -> Applied<Model> {
        let Update { config, planned, prior, mut private } = request;
        if private.get(INSTANCE).is_none() {
            private.set(INSTANCE, instance());
        }
        self.answer(Order { config: &config, planned, prior: Some(&prior), private })
    }

    /// Looks at the emitted files. Everything else in the state is what was decided.
    pub(super) fn refresh(&self, request: Read<Model>) -> Applied<Model> {
        let mut state = request.state;
        let mut problems = Diagnostics::new();
        if let Some(kept) = plan::kept(&state, &request.private) {
            let beside = self.run.reads(&kept);
            problems.extend(beside.map(|beside| conflicts::beside(&kept.key, &beside)));
        }
        if let Attr::Known(artifacts) = &mut state.artifacts {
            for (path, artifact) in artifacts.iter_mut().filter(|(_, of)| of.content.is_null()) {
                match files::sha256(path) {
                    Ok(found) => artifact.sha256 = found.into(),
                    Err(problem) => problems.push(report::file(&problem)),
                }
            }
        }
        if problems.has_errors() {
            Applied::error(problems)
        } else {
            Applied::ok(state).with(problems)
        }
    }

    /// Removes the emitted files that are as they were written.
    pub(super) fn apply_delete(&self, request: Delete<Model>) -> Applied<Model> {
        let Delete { prior, mut private } = request;
        if private.remove(SHOWN).is_none() {
            // What is kept beside the plan of the other one is not about this object.
            private.set(EMITTED, Json::Object(emitted::by(&prior)));
            private.set(INSTANCE, instance());
            let refusal = conflicts::not_shown(prior.key.as_str().unwrap_or_default());
            return Applied::error(refusal).with_private(private);
        }
        let key = prior.key.as_str().unwrap_or_default();
        match self.remove(&emitted::paths(&prior), &self.writer(None, key, &private)) {
            Ok(left) => Applied::gone().with(left),
            // What the plan showed is not shown by a later one.
            Err(problem) => Applied::error(problem).with_private(private),
        }
    }

    fn answer(&self, order: Order<'_>) -> Applied<Model> {
        match self.carry_out(order) {
            Ok(applied) => applied,
            Err(problems) => Applied::error(problems),
        }
    }

    /// Everything that can refuse comes first; then the files are written; then the ones that are no
    /// longer emitted are removed.
    fn carry_out(&self, order: Order<'_>) -> Result<Applied<Model>, Diagnostics> {
        let Order { config, planned, prior, mut private } = order;
        let (key, artifacts) =
            self.confirmed(config, &planned, prior, emitted::generation(&private))?;
        let memory = self.remembered(config, &planned, prior, &private)?;
        let managed_by = self.runtime.managed_by()?;
        let mut writer = self.writer(Some(managed_by), key.as_str(), &private);

        let to_write: Vec<&Artifact> =
            artifacts.iter().filter(|artifact| artifact.is_file).collect();
        let refused =
            to_write.iter().filter_map(|artifact| self.files.check(artifact, &writer).err());
        let refused: Diagnostics = refused.map(|problem| report::file(&problem)).collect();
        if refused.has_errors() {
            return Err(refused);
        }
        for artifact in &to_write {
            self.files.put(artifact, &writer).map_err(|problem| report::file(&problem))?;
            writer.emitted.insert(artifact.path.clone(), artifact.sha256());
        }
        let mut old = prior.map(emitted::paths).unwrap_or_default();
        // One file has many paths: `out/a.json` that is now `./out/a.json` stays.
        old.retain(|path| !to_write.iter().any(|artifact| place::same(&artifact.path, path)));
        let left = self.remove(&old, &writer)?;
        writer.emitted.retain(|path, _| !old.contains(path));

        let emitted = writer.emitted.into_iter().map(|(path, sha256)| (path, Json::from(sha256)));
        memory.keep(&mut private);
        private.set(EMITTED, Json::Object(emitted.collect()));
        let mut state = planned;
        state.artifacts = Attr::Known(plan::artifacts_attribute(&artifacts));
        Ok(Applied::ok(state).with(left).with_private(private))
    }

    /// The decision again, on the store as it is now.
    fn confirmed(
        &self,
        config: &Model,
        planned: &Model,
        prior: Option<&Model>,
        generation: u64,
    ) -> Result<(Key, Vec<Artifact>), Diagnostics> {
        let key = request::given_key(planned).and_then(|key| match key {
            Some(key) => Ok(key),
            None => request::default_key(config),
        });
        let key = key.map_err(|problem| arguments::refused(&problem))?;
        let managed_by = self.runtime.managed_by()?;
        let prior = match prior {
            Some(prior) => {
                Prior { targets: Some(request::targets(&prior.targets)), ..Prior::default() }
            }
            None => plan::found(config, &key, Some(&managed_by)).1,
        };
        let prior = Prior { manager: Some(managed_by.clone()), ..prior };
        let request =
            request::request(config, key.clone(), prior).map_err(|p| report::arguments(&p))?;
        let targets = request::targets(&planned.targets);
        let configured = self.fleets.configured(&self.runtime, &config.inventory)?;
        confirm(&self.fleets, &self.runtime, &configured, &request, &targets)?;
        let artifacts = plan::artifacts(config, &key, &targets, &managed_by, generation)?;
        Ok((key, artifacts.unwrap_or_default()))
    }

    /// Who writes, by what private state remembers.
    pub(super) fn writer(
        &self,
        managed_by: Option<String>,
        key: &str,
        private: &Private,
    ) -> Writer {
        let text = |json: &Json| json.as_str().unwrap_or_default().to_owned();
        let emitted: BTreeMap<String, String> = private
            .get(EMITTED)
            .and_then(Json::as_object)
            .into_iter()
            .flatten()
            .map(|(path, sha256)| (path.clone(), text(sha256)))
            .collect();
        Writer {
            owner: Owner { managed_by: managed_by.unwrap_or_default(), placement: key.to_owned() },
            instance: private.get(INSTANCE).map(text).unwrap_or_default(),
            emitted,
            generation: emitted::generation(private),
        }
    }

    fn remove(&self, paths: &BTreeSet<String>, writer: &Writer) -> Result<Diagnostics, Diagnostic> {
        let mut left = Diagnostics::new();
        for path in paths {
            let removal = self.files.remove(path, writer).map_err(|error| report::file(&error))?;
            left.extend(report::left(path, removal));
        }
        Ok(left)
    }
}

/// Tells an object from another of its key. No decision depends on it.
fn instance() -> String {
    format!("{:016x}", RandomState::new().hash_one(()))
}
