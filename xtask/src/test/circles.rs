//! No circle between modules: of two that know each other, neither can be read, tested or moved alone.
//!
//! A module knows those whose items its paths name, through re-exports to where the item is defined. A module and those
//! inside of it are one thing here, and what is compiled for tests alone may know whom it likes. Clippy keeps `use` of all
//! that a module has out of the product, so that every name tells where it is from.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use petgraph::algo::kosaraju_scc;
use petgraph::graphmap::DiGraphMap;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{Attribute, Item, UseTree};

/// Names from the root of a crate: a module, or an item in one.
type Names = Vec<String>;

/// The roots of the crates of the product and of the tools.
const CRATES: [&str; 14] = [
    "crates/goplugin/src/lib.rs",
    "crates/tfplugin-macros/src/lib.rs",
    "crates/tfplugin/src/lib.rs",
    "crates/fleet-model/src/lib.rs",
    "crates/fleet-placement/src/lib.rs",
    "crates/fleet-artifacts/src/lib.rs",
    "crates/fleet-inventory/src/lib.rs",
    "crates/fleet-vending-proto/src/lib.rs",
    "crates/fleet-vending-conformance/src/main.rs",
    "crates/fleet-vending-request/src/main.rs",
    "vending/src/lib.rs",
    "provider/src/lib.rs",
    "tests/acceptance/src/lib.rs",
    "xtask/src/main.rs",
];

/// What is one thing in several files: a schema has its attributes' types and rules, and a type of nested objects has
/// their schema.
const ASIDE: [(&str, &str); 2] =
    [("plan::modifier", "schema"), ("value::attribute_type", "schema")];

/// The error lists every circle.
pub(super) fn check(root: &Path) -> Result<()> {
    let mut told = Vec::new();
    for file in CRATES {
        let found = of_crate(&root.join(file))?;
        told.extend(
            found.into_iter().map(|arrows| format!("{file}:\n    {}", arrows.join("\n    "))),
        );
    }
    ensure!(told.is_empty(), "modules know each other in a circle:\n  {}", told.join("\n  "));
    Ok(())
}

/// The circles of a crate whose root is this file, each as its arrows.
fn of_crate(root: &Path) -> Result<Vec<Vec<String>>> {
    let folder = root.parent().context("a file is in a folder")?;
    let mut modules = Modules::default();
    modules.read(Vec::new(), root, folder)?;
    Ok(modules.circles())
}

/// How many re-exports a name may take to where it is defined: one that leads to itself is no path of this crate.
const HOPS: u8 = 8;

/// The modules of a crate.
#[derive(Default)]
struct Modules(BTreeMap<Names, Module>);

#[derive(Default)]
struct Module {
    /// What `use` brings in, under the name that it has here. `None`: all of it.
    uses: Vec<(Option<String>, Names)>,
    /// All other paths of two names and more.
    paths: BTreeSet<Names>,
}

impl Modules {
    /// Reads a module and those inside of it, which have their files in `folder`.
    fn read(&mut self, name: Names, file: &Path, folder: &Path) -> Result<()> {
        let text = fs::read_to_string(file)
            .with_context(|| format!("{} cannot be read", file.display()))?;
        let parsed = syn::parse_file(&text)
            .with_context(|| format!("{} cannot be parsed", file.display()))?;
        self.0.insert(name.clone(), Module::default());
        self.take(&name, parsed.items, folder)
    }

    fn take(&mut self, name: &Names, items: Vec<Item>, folder: &Path) -> Result<()> {
        for item in items {
            match item {
                Item::Mod(inner) if for_tests(&inner.attrs) => {}
                Item::Mod(inner) => {
                    let called = inner.ident.to_string();
                    let mut inside = name.clone();
                    inside.push(called.clone());
                    let folder = folder.join(&called);
                    if let Some((_, items)) = inner.content {
                        self.0.insert(inside.clone(), Module::default());
                        self.take(&inside, items, &folder)?;
                    } else if let Some(file) = file_of(&folder) {
                        self.read(inside, &file, &folder)?;
                    }
                }
                Item::Use(item) if !for_tests(&item.attrs) => {
                    let module = self.0.entry(name.clone()).or_default();
                    flatten(&item.tree, &mut Vec::new(), &mut module.uses);
                }
                Item::Use(_) => {}
                item => {
                    let module = self.0.entry(name.clone()).or_default();
                    paths(item.into_token_stream(), &mut module.paths);
                }
            }
        }
        Ok(())
    }

    /// The module in which that is defined which `path` names within `from`; `None` where it is of another crate.
    fn definer(&self, from: &Names, path: &[String], hops: u8) -> Option<Names> {
        let (first, mut rest) = path.split_first()?;
        let mut at = match first.as_str() {
            "crate" => Vec::new(),
            "self" => from.clone(),
            "super" => from.split_last()?.1.to_vec(),
            _ => {
                return self.inside(from, path, hops);
            }
        };
        while let Some(("super", left)) =
            rest.split_first().map(|(name, left)| (name.as_str(), left))
        {
            at.pop()?;
            rest = left;
        }
        if rest.is_empty() { Some(at) } else { self.inside(&at, rest, hops).or(Some(at)) }
    }

    /// The same for names that `module` has itself, as a child or by a `use`.
    fn inside(&self, module: &Names, path: &[String], hops: u8) -> Option<Names> {
        let (first, rest) = path.split_first()?;
        let mut child = module.clone();
        child.push(first.clone());
        if self.0.contains_key(&child) {
            return if rest.is_empty() {
                Some(child)
            } else {
                self.inside(&child, rest, hops).or(Some(child))
            };
        }
        let hops = hops.checked_sub(1)?;
        self.0.get(module)?.uses.iter().find_map(|(name, target)| {
            let mut path = target.clone();
            match name {
                Some(name) if name == first => path.extend_from_slice(rest),
                Some(_) => return None,
                None => path.push(first.clone()),
            }
            let definer = self.definer(module, &path, hops)?;
            // Everything of a module that does not have the name leads nowhere.
            (name.is_some() || definer != self.definer(module, target, hops)?).then_some(definer)
        })
    }

    /// Each circle as the arrows between its modules.
    fn circles(&self) -> Vec<Vec<String>> {
        let mut known = DiGraphMap::<&Names, ()>::new();
        for (name, module) in &self.0 {
            let uses = module.uses.iter().map(|(_, path)| path);
            for path in uses.chain(&module.paths) {
                let definer = self.definer(name, path, HOPS);
                let Some((definer, _)) = definer.and_then(|of| self.0.get_key_value(&of)) else {
                    continue;
                };
                let is_inside = name.starts_with(definer) || definer.starts_with(name);
                let is_aside = ASIDE.contains(&(&name.join("::"), &definer.join("::")));
                if !is_inside && !is_aside {
                    known.add_edge(name, definer, ());
                }
            }
        }
        let circles = kosaraju_scc(&known).into_iter().filter(|circle| circle.len() > 1);
        let arrows = |circle: Vec<&Names>| {
            let arrows = known
                .all_edges()
                .filter(|(from, to, ())| circle.contains(from) && circle.contains(to));
            arrows
                .map(|(from, to, ())| format!("{} -> {}", from.join("::"), to.join("::")))
                .collect()
        };
        circles.map(arrows).collect()
    }
}

/// The file of a module whose children are in `folder`.
fn file_of(folder: &Path) -> Option<PathBuf> {
    [folder.with_extension("rs"), folder.join("mod.rs")].into_iter().find(|file| file.is_file())
}

/// Whether something is compiled for tests alone.
fn for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.meta.require_list().is_ok_and(|list| list.tokens.to_string() == "test")
    })
}

fn flatten(tree: &UseTree, before: &mut Names, uses: &mut Vec<(Option<String>, Names)>) {
    let with = |last: &str| {
        let mut path = before.clone();
        if last != "self" || path.is_empty() {
            path.push(last.to_owned());
        }
        path
    };
    match tree {
        UseTree::Path(path) => {
            before.push(path.ident.to_string());
            flatten(&path.tree, before, uses);
            before.pop();
        }
        UseTree::Name(name) => {
            let path = with(&name.ident.to_string());
            uses.push((path.last().cloned(), path));
        }
        UseTree::Rename(rename) => {
            uses.push((Some(rename.rename.to_string()), with(&rename.ident.to_string())));
        }
        UseTree::Glob(_) => uses.push((None, before.clone())),
        UseTree::Group(group) => group.items.iter().for_each(|tree| flatten(tree, before, uses)),
    }
}

/// Collects the paths in what is compiled for the product, macros' arguments too.
fn paths(tokens: TokenStream, found: &mut BTreeSet<Names>) {
    let mut path = Names::new();
    let mut colons = 0;
    let mut skips = false;
    for token in tokens {
        // An item for tests ends with its braces, or with a semicolon.
        if skips {
            skips = match &token {
                TokenTree::Group(group) => group.delimiter() != Delimiter::Brace,
                TokenTree::Punct(punct) => punct.as_char() != ';',
                _ => true,
            };
            continue;
        }
        match token {
            TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
            TokenTree::Ident(ident) => {
                if colons != 2 {
                    keep(&mut path, found);
                }
                path.push(ident.to_string());
                colons = 0;
            }
            TokenTree::Group(group) => {
                keep(&mut path, found);
                skips = group.delimiter() == Delimiter::Bracket
                    && group.stream().to_string() == "cfg (test)";
                paths(group.stream(), found);
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => keep(&mut path, found),
        }
    }
    keep(&mut path, found);
}

/// A name alone is a local one, or what a `use` has brought in.
fn keep(path: &mut Names, found: &mut BTreeSet<Names>) {
    if path.len() > 1 {
        found.insert(std::mem::take(path));
    }
    path.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The circles of a crate of these files.
    fn circles(files: &[(&str, &str)]) -> Vec<Vec<String>> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let file = folder.path().join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        of_crate(&folder.path().join("lib.rs")).unwrap()
    }

    const ROOT: (&str, &str) = ("lib.rs", "mod a; mod b; mod c; pub use c::C;");

    #[test]
    fn a_circle_is_told_with_its_arrows_whatever_the_paths_look_like() {
        let c = ("c.rs", "use crate::a::A; pub struct C(A);");
        for b in [
            "use crate::c::C;",
            "use super::{c::{self}};",
            "use crate::C as Other;",
            "fn f(_: crate::c::C) {}",
            "fn f() { println!(\"{:?}\", super::c::X); }",
            "use crate::c; fn f(_: c::C) {}",
        ] {
            let a = ("a.rs", "pub struct A; pub fn f() { crate::b::g() }");
            let b = format!("{b} pub fn g() {{}}");
            assert_eq!(
                circles(&[ROOT, a, ("b.rs", &b), c]),
                [["a -> b", "b -> c", "c -> a"]],
                "{b}"
            );
        }
    }

    #[test]
    fn a_line_is_no_circle_and_neither_are_tests_or_a_module_with_its_own() {
        let a =
            ("a.rs", "use crate::b::B; pub struct A(B); #[cfg(test)] mod tests { use crate::c; }");
        let b = (
            "b/mod.rs",
            "mod inner; pub use inner::I; pub struct B;
             impl B { #[cfg(test)] fn fake() { crate::a::f(); } fn g() {} }
             #[cfg(test)] use crate::a::A;",
        );
        let inner = ("b/inner.rs", "use super::B; pub struct I(B);");
        let c = ("c.rs", "use crate::a::A; use crate::b::I; pub struct C(A, I); use std::fmt;");
        assert_eq!(circles(&[ROOT, a, b, inner, c]), Vec::<Vec<String>>::new());
    }
}
