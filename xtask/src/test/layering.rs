//! Who may know whom: DESIGN.md's rooms, held by cargo metadata (crates) and a scan of sources (folders).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use cargo_metadata::{DependencyKind, MetadataCommand};

/// The rooms, and the rooms each may depend on (dev-dependencies are free).
const ROOMS: [(&str, &[&str]); 13] = [
    ("goplugin", &[]),
    ("tfplugin-macros", &[]),
    ("tfplugin", &["goplugin", "tfplugin-macros"]),
    ("fleet-model", &[]),
    ("fleet-placement", &["fleet-model"]),
    ("fleet-artifacts", &["fleet-model"]),
    ("fleet-vending-proto", &[]),
    ("fleet-vending-conformance", &["fleet-vending-proto", "goplugin"]),
    ("fleet-vending-request", &["fleet-artifacts", "fleet-vending-proto", "goplugin"]),
    ("fleet-vending", &["fleet-model", "fleet-vending-proto", "goplugin"]),
    (
        "terraform-provider-fleet",
        &[
            "goplugin",
            "tfplugin",
            "fleet-model",
            "fleet-placement",
            "fleet-artifacts",
            "fleet-vending",
        ],
    ),
    ("fleet-acceptance", &[]),
    ("xtask", &["fleet-acceptance", "fleet-model"]),
];

/// Crates that build the product but are no part of it.
const TOOLS: [&str; 2] = ["fleet-acceptance", "xtask"];

/// A family of libraries that few rooms, and in them few folders, may name.
struct Family {
    what: &'static str,
    owners: &'static [&'static str],
    folders: &'static [&'static str],
    /// Beginnings of crate names.
    crates: &'static [&'static str],
    /// The same as paths in Rust.
    paths: &'static [&'static str],
}

const FAMILIES: [Family; 2] = [
    Family {
        what: "the AWS SDK",
        owners: &["fleet-vending"],
        folders: &["vending/src/aws/sdk"],
        crates: &["aws-"],
        paths: &[
            "aws_config",
            "aws_runtime",
            "aws_sdk_",
            "aws_smithy_",
            "aws_types",
            "aws_credential_types",
        ],
    },
    Family {
        what: "gRPC",
        owners: &[
            "goplugin",
            "tfplugin",
            "fleet-vending-proto",
            "fleet-vending-conformance",
            "fleet-vending-request",
            "fleet-vending",
        ],
        folders: &[
            "crates/goplugin/src",
            "crates/tfplugin/src/server",
            "crates/fleet-vending-proto/src",
            "crates/fleet-vending-conformance/src",
            "crates/fleet-vending-request/src",
            "vending/src/wire",
        ],
        crates: &["tonic", "prost"],
        paths: &["tonic::", "tonic_prost", "prost::", "prost_types"],
    },
];

/// The sources of the product.
const SOURCES: [&str; 11] = [
    "crates/goplugin/src",
    "crates/tfplugin/src",
    "crates/tfplugin-macros/src",
    "crates/fleet-model/src",
    "crates/fleet-placement/src",
    "crates/fleet-artifacts/src",
    "crates/fleet-vending-proto/src",
    "crates/fleet-vending-conformance/src",
    "crates/fleet-vending-request/src",
    "vending/src",
    "provider/src",
];

/// The SDK knows nothing of fleets.
const SDK: [&str; 3] = ["crates/goplugin/src", "crates/tfplugin/src", "crates/tfplugin-macros/src"];

/// Checks both; the error lists every breach.
pub(crate) fn check(root: &Path) -> Result<()> {
    let mut breaches = crate_breaches(&dependencies(root)?);
    for (file, text) in sources(root)? {
        breaches.extend(source_breaches(&file, &text));
    }
    ensure!(breaches.is_empty(), "DESIGN.md says who may know whom:\n  {}", breaches.join("\n  "));
    Ok(())
}

/// Package → its normal dependencies.
fn dependencies(root: &Path) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let metadata =
        MetadataCommand::new().manifest_path(root.join("Cargo.toml")).no_deps().exec()?;
    let normal = |package: &cargo_metadata::Package| {
        package
            .dependencies
            .iter()
            .filter(|dependency| dependency.kind == DependencyKind::Normal)
            .map(|dependency| dependency.name.clone())
            .collect()
    };
    Ok(metadata
        .packages
        .iter()
        .map(|package| (package.name.to_string(), normal(package)))
        .collect())
}

fn crate_breaches(dependencies: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let rooms: BTreeMap<&str, &[&str]> = ROOMS.into_iter().collect();
    let mut breaches = Vec::new();
    for (package, known) in dependencies {
        let Some(allowed) = rooms.get(package.as_str()) else {
            breaches.push(format!("{package} is no room of DESIGN.md"));
            continue;
        };
        for name in known {
            if rooms.contains_key(name.as_str()) && !allowed.contains(&name.as_str()) {
                breaches.push(format!("{package} may not depend on {name}"));
            }
            for family in &FAMILIES {
                let member = family.crates.iter().any(|prefix| name.starts_with(prefix));
                let owned = family.owners.contains(&package.as_str());
                if member && !owned && !TOOLS.contains(&package.as_str()) {
                    breaches.push(format!(
                        "{package} depends on {name}; {} belongs to {}",
                        family.what,
                        family.owners.join(" and ")
                    ));
                }
            }
        }
    }
    breaches
}

fn source_breaches(file: &str, text: &str) -> Vec<String> {
    let mut breaches = Vec::new();
    let in_any =
        |folders: &[&str]| folders.iter().any(|folder| file.starts_with(&format!("{folder}/")));
    if let Some(module) = file.strip_suffix("_tests.rs") {
        breaches.push(format!("{file}: the tests of a module stand in {module}/tests.rs"));
    }
    for (number, line) in product(text) {
        let place = format!("{file}:{number}");
        if in_any(&SDK) && line.to_lowercase().contains("fleet") {
            breaches.push(format!("{place} says \"fleet\"; the SDK knows nothing of fleets"));
        }
        if line.trim_start().starts_with("//") {
            continue;
        }
        for family in FAMILIES.iter().filter(|family| !in_any(family.folders)) {
            if family.paths.iter().any(|path| names(line, path)) {
                breaches.push(format!(
                    "{place} names {}, which belongs under {}",
                    family.what,
                    family.folders.join(" or ")
                ));
            }
        }
    }
    breaches
}

/// The lines of the product with their numbers: all but the items that are compiled for tests alone, wherever in the file
/// they stand, which may say what they like. It goes by the form that rustfmt gives to sources, which is checked: an item
/// ends with its only line, or with the brace that stands below its beginning. Where it is mistaken it takes a line too many
/// for the product's, never one too few.
fn product(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut end: Option<End<'_>> = None;
    text.lines().enumerate().filter_map(move |(index, line)| {
        let depth = &line[..line.len() - line.trim_start().len()];
        match end {
            None if line.trim_start() == "#[cfg(test)]" => end = Some(End::AfterItemAt(depth)),
            None => return Some((index + 1, line)),
            Some(End::AfterItemAt(_)) if line.trim_start().starts_with("#[") => {}
            Some(End::AfterItemAt(_)) if line.ends_with([';', '}']) => end = None,
            Some(End::AfterItemAt(at)) => end = Some(End::BraceAt(at)),
            Some(End::BraceAt(at)) if depth == at && line.trim_start().starts_with(['}', ')']) => {
                end = None;
            }
            Some(End::BraceAt(_)) => {}
        }
        None
    })
}

/// Where an item for tests ends.
#[derive(Clone, Copy)]
enum End<'a> {
    /// Its first line is yet to come, at this depth.
    AfterItemAt(&'a str),
    /// With the closing bracket at this depth.
    BraceAt(&'a str),
}

/// Whether `path` stands in `line` as a word's beginning: `prost::` is not in `my_prost::`.
fn names(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        !line[..at]
            .chars()
            .next_back()
            .is_some_and(|before| before.is_alphanumeric() || before == '_')
    })
}

/// The product's source files and their text. Files of tests may name what they like.
fn sources(root: &Path) -> Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    let mut waiting: Vec<PathBuf> = SOURCES.iter().map(|folder| root.join(folder)).collect();
    while let Some(folder) = waiting.pop() {
        for entry in
            fs::read_dir(&folder).with_context(|| format!("{} cannot be read", folder.display()))?
        {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() {
                if name != "tests" {
                    waiting.push(path);
                }
            } else if name.ends_with(".rs") && name != "tests.rs" {
                let file = path.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
                found.push((file, fs::read_to_string(&path)?));
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(edges: &[(&str, &[&str])]) -> BTreeMap<String, BTreeSet<String>> {
        edges
            .iter()
            .map(|(from, to)| {
                ((*from).to_owned(), to.iter().map(|name| (*name).to_owned()).collect())
            })
            .collect()
    }

    #[test]
    fn a_room_knows_only_whom_it_may() {
        let good = graph(&[
            ("fleet-vending", &["fleet-model", "aws-sdk-iam", "tokio"]),
            ("tfplugin", &["goplugin", "tonic"]),
            ("goplugin", &["prost"]),
        ]);
        assert_eq!(crate_breaches(&good), Vec::<String>::new());
        let bad = graph(&[
            ("tfplugin", &["fleet-model"]),
            ("goplugin", &["tfplugin"]),
            ("fleet-placement", &["fleet-vending"]),
            ("terraform-provider-fleet", &["aws-config", "prost"]),
            ("fleet-new", &[]),
        ]);
        assert_eq!(crate_breaches(&bad).len(), 6);
    }

    #[test]
    fn a_folder_names_only_what_it_may() {
        let aws = "use aws_sdk_iam::Client;\n";
        assert_eq!(source_breaches("vending/src/aws/sdk/iam.rs", aws), Vec::<String>::new());
        assert_eq!(source_breaches("vending/src/aws/mod.rs", aws).len(), 1);
        assert_eq!(source_breaches("vending/src/aws/account/step_tests.rs", "").len(), 1);
        assert_eq!(
            source_breaches("provider/src/a.rs", "    tonic::Status::internal(\"\")").len(),
            1
        );
        assert_eq!(
            source_breaches("crates/tfplugin/src/server/a.rs", "use prost::Message;").len(),
            0
        );
        assert_eq!(
            source_breaches("provider/src/a.rs", "// prost::Message is not named here").len(),
            0
        );
        assert_eq!(source_breaches("provider/src/a.rs", "let my_prost::x = 1;").len(), 0);
        assert_eq!(source_breaches("crates/tfplugin/src/lib.rs", "//! For a Fleet.").len(), 1);
        let tests = "#[cfg(test)]\nmod tests {\n    const NAME: &str = \"fleet\";\n}\n";
        assert_eq!(source_breaches("crates/tfplugin/src/lib.rs", tests).len(), 0);
    }

    #[test]
    fn what_stands_below_tests_is_scanned_too() {
        let text = "\
use a::b;
#[cfg(test)]
mod tests;
use tonic::Status;
impl A {
    #[cfg(test)]
    #[must_use]
    fn fake() -> Self {
        if tonic::x() {
        }
        Self
    }

    fn real() -> tonic::Status {}
}
#[cfg(test)]
mod more {
    use tonic::Status;
}
#[cfg(test)]
use tonic::Code;
use tonic::Response;
";
        let lines: Vec<usize> = product(text).map(|(number, _)| number).collect();
        assert_eq!(lines, [1, 4, 5, 13, 14, 15, 22]);
        assert_eq!(source_breaches("provider/src/a.rs", text).len(), 3);
    }

    #[test]
    fn every_room_of_the_list_exists() -> Result<()> {
        let known: BTreeSet<String> = dependencies(crate::cargo::root())?.into_keys().collect();
        let listed: BTreeSet<String> = ROOMS.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(known, listed);
        Ok(())
    }
}
