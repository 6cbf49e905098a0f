//! What a state, and what is kept beside it, say of the files that were emitted.

use std::collections::BTreeSet;

use fleet_artifacts::targets::FIRST;
use serde_json::Value as Json;
use tfplugin::Private;

use super::model::Model;

/// The name in private state of what was emitted.
pub(super) const EMITTED: &str = "emitted";
/// The name in private state of which object of its key the placement is, by those that its files have had.
pub(super) const GENERATION: &str = "generation";

/// Which object of its key it is that has this beside it.
pub(super) fn generation(private: &Private) -> u64 {
    private.get(GENERATION).and_then(Json::as_u64).unwrap_or(FIRST)
}

/// The digests of the files that a state says were emitted.
pub(super) fn by(state: &Model) -> serde_json::Map<String, Json> {
    let artifacts = state.artifacts.known().into_iter().flatten();
    let files = artifacts.filter(|(_, artifact)| artifact.content.is_null());
    files.filter_map(|(path, of)| Some((path.clone(), of.sha256.as_str()?.into()))).collect()
}

/// The paths of the files that a state says were emitted.
pub(super) fn paths(state: &Model) -> BTreeSet<String> {
    let artifacts = state.artifacts.known().into_iter().flatten();
    let files = artifacts.filter(|(_, artifact)| artifact.content.is_null());
    files.map(|(path, _)| path.clone()).collect()
}
