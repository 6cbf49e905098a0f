//! `cargo xtask docs`: the Registry's pages, from the schema, `examples/`, `templates/` and `provider/codes/`.
//!
//! A page is made of what only one place says: descriptions come from the doc comments of the provider's
//! structs, examples from files that are checked by a CLI, prose that fits neither from `templates/`.

mod codes;
mod page;
mod schema;
mod section;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{fs, io};

use anyhow::{Context as _, bail, ensure};

use schema::{ProviderSchema, ProviderSchemas};

/// The provider's name, which its types begin with.
const PROVIDER: &str = "fleet";

/// The folders below `docs/` that hold nothing but generated pages: what is no page there is stale.
const GENERATED: [&str; 3] = ["resources", "data-sources", "functions"];

/// Writes the pages, or, with `check`, fails when one of them is not what would be written.
///
/// # Errors
///
/// A schema that cannot be had, files that cannot be read or written, and with `check` a stale page.
pub(crate) fn run(check: bool) -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let pages = pages(&root, &provider_schema(&root)?)?;
    let docs = root.join("docs");
    let stale = stale(&docs, &pages)?;
    if check {
        let names: Vec<_> = stale.iter().map(|name| format!("docs/{name}")).collect();
        ensure!(stale.is_empty(), "stale, run `cargo xtask docs`: {}", names.join(", "));
        return Ok(());
    }
    for name in stale {
        let path = docs.join(&name);
        match pages.get(&name) {
            Some(text) => write(&path, text),
            None => fs::remove_file(&path).map_err(Into::into),
        }
        .with_context(|| format!("docs/{name}"))?;
    }
    Ok(())
}

/// The schema, as the provider's example `schema` prints it.
fn provider_schema(root: &Path) -> anyhow::Result<ProviderSchema> {
    let program = crate::cargo::build_provider()?.with_file_name("examples").join("schema");
    let output = Command::new(&program)
        .current_dir(root)
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("running {}", program.display()))?;
    if !output.status.success() {
        bail!("the provider's schema could not be printed (example `schema`): {}", output.status);
    }
    let schemas: ProviderSchemas =
        serde_json::from_slice(&output.stdout).context("reading the provider's schema")?;
    schemas.into_only_provider().context("the schema does not hold exactly one provider")
}

/// Every generated page, by its path below `docs/`.
fn pages(root: &Path, provider: &ProviderSchema) -> anyhow::Result<BTreeMap<String, String>> {
    let source = Sources { root };
    let mut pages = BTreeMap::new();
    pages.insert("index.md".to_owned(), page::index(provider, &source)?);
    for (name, schema) in &provider.resource_schemas {
        let text = page::object(page::Kind::Resource, name, schema, &source)?;
        pages.insert(format!("resources/{}.md", page::short(name)), text);
    }
    for (name, schema) in &provider.data_source_schemas {
        let text = page::object(page::Kind::DataSource, name, schema, &source)?;
        pages.insert(format!("data-sources/{}.md", page::short(name)), text);
    }
    for (name, function) in &provider.functions {
        pages.insert(format!("functions/{name}.md"), page::function(name, function, &source)?);
    }
    let codes = codes::read(&root.join("provider/codes"))?;
    pages.insert("guides/diagnostics.md".to_owned(), codes::guide(&codes));
    Ok(pages)
}

/// The files that pages are made from besides the schema.
struct Sources<'a> {
    root: &'a Path,
}

impl Sources<'_> {
    /// The text of a file below the root, without white space at its end; `None` when there is none.
    fn read(&self, path: &str) -> anyhow::Result<Option<String>> {
        match fs::read_to_string(self.root.join(path)) {
            Ok(text) => Ok(Some(text.trim_end().to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("reading {path}")),
        }
    }
}

/// The pages that are missing, differ, or lie in a generated folder without being a page.
fn stale(docs: &Path, pages: &BTreeMap<String, String>) -> anyhow::Result<BTreeSet<String>> {
    let mut stale = BTreeSet::new();
    for (name, text) in pages {
        if fs::read_to_string(docs.join(name)).ok().as_deref() != Some(text) {
            stale.insert(name.clone());
        }
    }
    for folder in GENERATED {
        for path in files(&docs.join(folder))? {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let name = format!("{folder}/{name}");
            if !pages.contains_key(&name) {
                stale.insert(name);
            }
        }
    }
    Ok(stale)
}

/// The entries of a folder in the order of their names; none when it does not exist.
fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| format!("reading {}", folder.display())),
    };
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)?;
    Ok(())
}

#[cfg(test)]
mod tests;
