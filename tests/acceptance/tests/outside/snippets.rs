//! Every piece of HCL that a reader of this repository sees: example files, and blocks of code in Markdown.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use fleet_acceptance::package_dir;

/// The folders of examples that are whole configurations, of several files each.
const CONFIGURATIONS: &str = "examples/terraform";

/// The folders of examples that are programs.
const PROGRAMS: &str = "examples/vendors";

/// How a comment begins that says why the next block of code is not a whole configuration. Readers do not see it.
const FRAGMENT: &str = "<!-- fragment: ";

/// One piece.
#[derive(Debug)]
pub(crate) struct Snippet {
    /// The first place where it stands.
    pub(crate) place: String,
    pub(crate) text: String,
    /// Why it cannot be validated, if it says so.
    pub(crate) fragment: Option<String>,
}

/// The root of the clone.
pub(crate) fn root() -> PathBuf {
    package_dir().join("../..")
}

/// Every piece once: pages repeat the files that they are made from.
pub(crate) fn all() -> Result<Vec<Snippet>> {
    let mut found = Vec::new();
    for path in files(&root())? {
        let place = path.strip_prefix(root()).unwrap_or(&path).display().to_string();
        let read = || fs::read_to_string(&path).with_context(|| place.clone());
        if place.ends_with(".md") {
            found.extend(blocks(&place, &read()?)?);
        } else if place.starts_with("examples/")
            && ![CONFIGURATIONS, PROGRAMS].iter().any(|other| place.starts_with(other))
        {
            // Commands stand in scripts; all else is HCL.
            if !place.ends_with(".sh") {
                found.push(Snippet { place: place.clone(), text: read()?, fragment: None });
            }
        }
    }
    let mut seen = BTreeSet::new();
    found.retain(|snippet| seen.insert(snippet.text.trim().to_owned()));
    Ok(found)
}

/// Whether a piece belongs in a `.tfquery.hcl` file.
pub(crate) fn is_query(text: &str) -> bool {
    text.lines().any(|line| line.starts_with("list \""))
}

/// The directories of the examples that are whole configurations.
pub(crate) fn configurations() -> Result<Vec<PathBuf>> {
    let mut paths = entries(&root().join(CONFIGURATIONS))?;
    paths.retain(|path| path.is_dir());
    Ok(paths)
}

/// The blocks of HCL in a Markdown text.
fn blocks(place: &str, text: &str) -> Result<Vec<Snippet>> {
    let mut found = Vec::new();
    let mut fragment = None;
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let line = line.trim();
        if let Some(reason) = line.strip_prefix(FRAGMENT) {
            let reason = reason.strip_suffix("-->").unwrap_or_default().trim();
            ensure!(!reason.is_empty(), "{place}:{}: a fragment without a reason", number + 1);
            fragment = Some(reason.to_owned());
        } else if let Some(language) = line.strip_prefix("```") {
            let code: Vec<_> = lines
                .by_ref()
                .map(|(_, line)| line)
                .take_while(|line| line.trim() != "```")
                .collect();
            if matches!(language, "terraform" | "hcl" | "tf") {
                let place = format!("{place}:{}", number + 1);
                let text = format!("{}\n", code.join("\n"));
                found.push(Snippet { place, text, fragment: fragment.take() });
            }
        }
        if let (Some(reason), false) = (&fragment, line.is_empty() || line.starts_with(FRAGMENT)) {
            anyhow::bail!("{place}:{}: no code comes after the fragment ({reason})", number + 1);
        }
    }
    Ok(found)
}

/// The files below a directory, without what is built, hidden, or data of a test.
fn files(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in entries(dir)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with('.') || ["target", "testdata"].contains(&name.as_str()) {
            continue;
        }
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    Ok(found)
}

fn entries(dir: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(dir).with_context(|| dir.display().to_string())?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

// === what a snippet leaves to others ===

/// Blocks of resources and data sources by their addresses: the examples speak of one another's objects.
pub(crate) struct Declared(BTreeMap<String, String>);

impl Declared {
    /// Those of all pieces; of two with the same address the first.
    pub(crate) fn of(snippets: &[Snippet]) -> Self {
        let mut blocks = BTreeMap::new();
        for snippet in snippets.iter().filter(|snippet| snippet.fragment.is_none()) {
            for (address, block) in declarations(&snippet.text) {
                blocks.entry(address).or_insert(block);
            }
        }
        Self(blocks)
    }

    /// The blocks that a piece refers to and does not have, with those that they refer to.
    pub(crate) fn missing(&self, text: &str) -> String {
        let mut whole = text.to_owned();
        let mut missing = String::new();
        loop {
            let there: BTreeSet<_> =
                declarations(&whole).into_iter().map(|(address, _)| address).collect();
            let next = references(&whole)
                .into_iter()
                .filter(|address| !there.contains(address))
                .find_map(|address| self.0.get(&address));
            let Some(block) = next else { return missing };
            for text in [&mut whole, &mut missing] {
                text.push('\n');
                text.push_str(block);
            }
        }
    }
}

/// The top-level blocks of resources and data sources with their addresses. A formatted block ends with a bracket at
/// the beginning of a line, or on the line where it begins.
fn declarations(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let words: Vec<_> = line.split('"').collect();
        let prefix = match words[0].trim_end() {
            "resource" => "",
            "data" => "data.",
            _ => continue,
        };
        let [_, kind, _, name, ..] = words.as_slice() else { continue };
        let mut block = format!("{line}\n");
        if !line.ends_with('}') {
            for line in lines.by_ref() {
                block.push_str(&format!("{line}\n"));
                if line.starts_with('}') {
                    break;
                }
            }
        }
        found.push((format!("{prefix}{kind}.{name}"), block));
    }
    found
}

/// Whatever in a text could be the address of a resource or data source.
fn references(text: &str) -> BTreeSet<String> {
    let parts = text.split(|c: char| !(c.is_ascii_alphanumeric() || "_-.".contains(c)));
    parts
        .filter_map(|part| {
            let steps: Vec<_> = part.split('.').collect();
            match steps.as_slice() {
                ["data", kind, name, ..] => Some(format!("data.{kind}.{name}")),
                [kind, name, ..] => Some(format!("{kind}.{name}")),
                _ => None,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_code_are_found_with_their_marks() {
        let text = "# A\n\n```terraform\na = 1\n```\n\n<!-- fragment: no end -->\n\n```hcl\nb = …\n```\n```sh\nls\n```\n";
        let found = blocks("a.md", text).unwrap();
        let told: Vec<_> = found
            .iter()
            .map(|s| (s.place.as_str(), s.text.as_str(), s.fragment.as_deref()))
            .collect();
        assert_eq!(told, [("a.md:3", "a = 1\n", None), ("a.md:9", "b = …\n", Some("no end"))]);
        for bad in ["<!-- fragment: -->\n```hcl\n```\n", "<!-- fragment: why -->\nWords.\n"] {
            assert!(blocks("a.md", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_a_piece_leaves_to_others_is_added_once() {
        let snippet =
            |text: &str| Snippet { place: String::new(), text: text.to_owned(), fragment: None };
        let declared = Declared::of(&[
            snippet("resource \"a_b\" \"x\" {\n  c = data.a_d.e.f\n}\n"),
            snippet("data \"a_d\" \"e\" {}\n"),
            snippet("data \"a_d\" \"e\" {\n  second = true\n}\n"),
        ]);
        assert_eq!(
            declared.missing("import {\n  to = a_b.x\n}\n"),
            "\nresource \"a_b\" \"x\" {\n  c = data.a_d.e.f\n}\n\ndata \"a_d\" \"e\" {}\n"
        );
        assert_eq!(declared.missing("data \"a_d\" \"e\" {}\n"), "");
    }
}
