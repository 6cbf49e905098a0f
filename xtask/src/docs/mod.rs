//! `cargo xtask docs`: the Registry's pages, from the schema, `examples/`, `templates/` and `provider/codes/`.
//!
//! A page is made of what only one place says: descriptions come from the doc comments of the provider's
//! structs, examples from files that are checked by a CLI, prose that fits neither from `templates/`.

mod codes;
mod kind;
mod page;
mod registry;
mod schema;
mod section;
mod settings;
mod sources;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail, ensure};

use kind::{FUNCTIONS, GUIDES, Kind};
use schema::{ProviderSchema, ProviderSchemas};
use sources::{Sources, files_below};

/// The provider's name, which its types begin with.
const PROVIDER: &str = "fleet";

/// Writes the pages, or, with `check`, fails when one of them is not what would be written.
///
/// # Errors
///
/// A schema that cannot be had, files that cannot be read or written, a file that no page is made from, a page that
/// the Registry would not take, and with `check` a stale page.
pub(crate) fn run(check: bool) -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let pages = pages(&root, &provider_schema(&root)?)?;
    let docs = root.join("docs");
    let stale = stale(&docs, &pages)?;
    if check {
        let names: Vec<_> = stale.iter().map(|name| format!("docs/{name}")).collect();
        ensure!(stale.is_empty(), "stale, run `cargo xtask docs`: {}", names.join(", "));
        return registry::check(&docs);
    }
    for name in stale {
        let path = docs.join(&name);
        match pages.get(&name) {
            Some(text) => write(&path, text),
            None => fs::remove_file(&path).map_err(Into::into),
        }
        .with_context(|| format!("docs/{name}"))?;
    }
    registry::check(&docs)
}

/// The schema, as the provider prints it.
fn provider_schema(root: &Path) -> anyhow::Result<ProviderSchema> {
    let program = crate::cargo::build_provider()?;
    let output = Command::new(&program)
        .arg("-schema")
        .current_dir(root)
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("running {}", program.display()))?;
    if !output.status.success() {
        bail!("{} -schema ended with {}", program.display(), output.status);
    }
    let schemas: ProviderSchemas =
        serde_json::from_slice(&output.stdout).context("reading the provider's schema")?;
    schemas.into_only_provider().context("the schema does not hold exactly one provider")
}

/// Every generated page, by its path below `docs/`.
fn pages(root: &Path, provider: &ProviderSchema) -> anyhow::Result<BTreeMap<String, String>> {
    let sources = Sources::new(root);
    let mut pages = BTreeMap::new();
    pages.insert("index.md".to_owned(), page::index(provider, &sources)?);
    for kind in Kind::ALL {
        for (name, block) in kind.of(provider) {
            let identity = provider.resource_identity_schemas.get(name);
            let text = page::object(kind, name, block, identity, &sources)?;
            pages.insert(format!("{}/{}.md", kind.folder(), page::short(name)), text);
        }
    }
    for (name, function) in &provider.functions {
        pages.insert(format!("{FUNCTIONS}/{name}.md"), page::function(name, function, &sources)?);
    }
    let codes = codes::read(&root.join("provider/codes"))?;
    pages.insert(format!("{GUIDES}/diagnostics.md"), codes::guide(&codes));
    sources.check_all_read()?;
    Ok(pages)
}

/// The pages that are missing, differ, or lie in a generated folder without being a page.
fn stale(docs: &Path, pages: &BTreeMap<String, String>) -> anyhow::Result<BTreeSet<String>> {
    let mut stale = BTreeSet::new();
    for (name, text) in pages {
        if fs::read_to_string(docs.join(name)).ok().as_deref() != Some(text) {
            stale.insert(name.clone());
        }
    }
    // These folders hold nothing but generated pages: what is no page there is stale.
    for folder in Kind::ALL.map(Kind::folder).into_iter().chain([FUNCTIONS]) {
        for path in files_below(&docs.join(folder))? {
            let name = path.strip_prefix(docs).unwrap_or(&path).display().to_string();
            if !pages.contains_key(&name) {
                stale.insert(name);
            }
        }
    }
    Ok(stale)
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
