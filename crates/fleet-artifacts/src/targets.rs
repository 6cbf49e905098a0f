//! The targets of a placement: what every emitted artifact is made from, and their plain JSON.

use std::collections::BTreeMap;

use fleet_model::name::Key;
use serde::{Deserialize, Serialize};

/// A decided placement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    /// Who writes the files, and which placement they are of.
    pub owner: Owner,
    /// How often a new object has taken up the files of an earlier one of the same key, the first one counted:
    /// [`FIRST`] for most. So what one object wrote is not what another did, though both say the same.
    pub generation: u64,
    /// The workload.
    pub app: String,
    /// The workload's environment.
    pub environment: String,
    /// The Kubernetes namespace it runs in.
    pub namespace: String,
    /// The clusters it runs on.
    pub targets: BTreeMap<Key, Target>,
}

/// The generation of a placement that found no files of its own.
pub const FIRST: u64 = 1;

/// One cluster of a placement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The cluster's region.
    pub region: String,
    /// What it does: `active`, `standby` …
    pub role: String,
}

/// Whose a file is. Every artifact says it in itself, so that a file can be known as ours, or as
/// somebody else's, from its content alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Owner {
    /// The one mutation owner (guide §3).
    pub managed_by: String,
    /// The key of the placement.
    pub placement: String,
}

#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    owner: &'a Owner,
    #[serde(skip_serializing_if = "is_first")]
    generation: u64,
    app: &'a str,
    environment: &'a str,
    namespace: &'a str,
    targets: Vec<Element<'a>>,
}

/// Files say no generation while there was only one.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands fields over so")]
fn is_first(generation: &u64) -> bool {
    *generation <= FIRST
}

/// A target as a list has it.
#[derive(Serialize)]
pub(crate) struct Element<'a> {
    name: &'a Key,
    region: &'a str,
    role: &'a str,
}

// === impl Placement ===

impl Placement {
    /// The targets in the order of their names.
    pub(crate) fn elements(&self) -> Vec<Element<'_>> {
        let targets = self.targets.iter();
        targets.map(|(name, t)| Element { name, region: &t.region, role: &t.role }).collect()
    }

    /// Plain JSON: the owner, the workload, and the targets in the order of their names. Indented by
    /// two spaces, ending in a newline.
    ///
    /// # Errors
    /// None in practice: texts and lists always have a form in JSON.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        let Self { owner, generation, app, environment, namespace, .. } = self;
        let (generation, targets) = (*generation, self.elements());
        let document = Document { owner, generation, app, environment, namespace, targets };
        Ok(serde_json::to_string_pretty(&document)? + "\n")
    }
}

/// Whose a JSON file of targets is; `None` when it is none of ours.
#[must_use]
pub fn owner(text: &str) -> Option<Owner> {
    serde_json::from_str(text).ok()
}

/// The generation that a JSON file of ours says; [`FIRST`] where it says none.
#[must_use]
pub fn generation(text: &str) -> u64 {
    #[derive(Deserialize)]
    struct Written {
        generation: u64,
    }
    serde_json::from_str(text).map_or(FIRST, |written: Written| written.generation.max(FIRST))
}

/// The targets in a JSON file of ours; `None` when it is none.
#[must_use]
pub fn read(text: &str) -> Option<BTreeMap<Key, Target>> {
    #[derive(Deserialize)]
    struct Written {
        targets: Vec<WrittenTarget>,
    }
    #[derive(Deserialize)]
    struct WrittenTarget {
        name: Key,
        region: String,
        role: String,
    }
    let written: Written = serde_json::from_str(text).ok()?;
    let target = |of: WrittenTarget| (of.name, Target { region: of.region, role: of.role });
    Some(written.targets.into_iter().map(target).collect())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn payments() -> Placement {
        let target = |name: &str, region: &str, role: &str| {
            (Key::new(name).unwrap(), Target { region: region.into(), role: role.into() })
        };
        Placement {
            owner: Owner { managed_by: "platform".into(), placement: "payments-api-prod".into() },
            generation: FIRST,
            app: "payments-api".into(),
            environment: "prod".into(),
            namespace: "payments".into(),
            targets: BTreeMap::from([
                target("prod-payments-apse1", "ap-southeast-1", "active"),
                target("prod-payments-apne1", "ap-northeast-1", "standby"),
            ]),
        }
    }

    #[test]
    fn json_is_golden_and_names_its_owner() {
        let json = payments().to_json().unwrap();
        expectorate::assert_contents("tests/golden/targets.json", &json);
        assert_eq!(owner(&json), Some(payments().owner));
        assert_eq!(read(&json), Some(payments().targets));
    }

    #[test]
    fn a_later_generation_is_told_and_the_first_is_not() {
        assert_eq!(generation(&payments().to_json().unwrap()), FIRST);
        let later = Placement { generation: 3, ..payments() }.to_json().unwrap();
        assert!(later.contains("\"generation\": 3"), "{later}");
        assert_eq!((generation(&later), owner(&later)), (3, Some(payments().owner)));
        assert_eq!(read(&later), Some(payments().targets));
        for text in ["", "{}", r#"{"generation": 0}"#, r#"{"generation": -1}"#] {
            assert_eq!(generation(text), FIRST, "{text}");
        }
    }

    #[test]
    fn other_files_have_no_owner() {
        for text in ["", "{}", "[]", "not json", r#"{"managed_by": "platform"}"#] {
            assert_eq!(owner(text), None, "{text}");
        }
    }
}
