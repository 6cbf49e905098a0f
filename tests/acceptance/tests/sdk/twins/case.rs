//! Cases as they lie on disk.
//!
//! A case is a folder with the configuration of a module in `step1.tf`, `step2.tf`, …: a step without a file
//! of its own keeps the one before. `root2.tf` is added to the root module in step 2 alone, where `import`
//! blocks have to be, and `files2.txt` says what happens to files before step 2: `write PATH TEXT`,
//! `directory PATH` or `remove PATH`, below the case's own directory, which its configuration knows as
//! `files/NAME`. `state2.json` lists objects that an older provider left in the state before step 2. A file
//! `only.txt` names the CLIs that can run the case, and why the others cannot.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use fleet_acceptance::Cli;
use serde_json::Value;

use super::difference::name;

/// What has no case: the run as a whole.
pub(crate) const WHOLE: &str = "-";

/// A folder of cases.
pub(crate) struct Group {
    dir: PathBuf,
    cases: BTreeMap<String, Case>,
    /// How many steps the longest case has.
    pub(crate) steps: usize,
}

/// What happens to a file, before a step.
pub(crate) enum Touch<'a> {
    /// It gets this text.
    Write(&'a str, &'a str),
    /// It becomes a directory.
    Directory(&'a str),
    /// It goes.
    Remove(&'a str),
}

/// One case.
#[derive(Default)]
pub(crate) struct Case {
    modules: BTreeMap<usize, String>,
    roots: BTreeMap<usize, String>,
    files: BTreeMap<usize, String>,
    states: BTreeMap<usize, String>,
}

// === impl Group ===

impl Group {
    /// The cases below `dir` that `cli` can run.
    pub(crate) fn read(dir: &Path, cli: Cli) -> Result<Self> {
        let mut cases = BTreeMap::new();
        for entry in fs::read_dir(dir).with_context(|| format!("no cases in {}", dir.display()))? {
            let path = entry?.path();
            if !path.is_dir() {
                continue;
            }
            let only = fs::read_to_string(path.join("only.txt")).unwrap_or_default();
            let clis = only.split(':').next().unwrap_or_default();
            if clis.is_empty() || clis.split_whitespace().any(|only| only == name(cli)) {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                cases.insert(name, Case::read(&path)?);
            }
        }
        let steps = cases.values().map(Case::steps).max().unwrap_or_default();
        ensure!(steps > 0, "no steps in {}", dir.display());
        Ok(Self { dir: dir.to_path_buf(), cases, steps })
    }

    /// The names of the cases, and [`WHOLE`].
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.cases.keys().map(String::as_str).chain([WHOLE])
    }

    /// Is there such a case here?
    pub(crate) fn has(&self, case: &str) -> bool {
        case == WHOLE || self.cases.contains_key(case)
    }

    /// The cases.
    pub(crate) fn cases(&self) -> impl Iterator<Item = (&str, &Case)> {
        self.cases.iter().map(|(name, case)| (name.as_str(), case))
    }

    /// The file with the differences that are known.
    pub(crate) fn differences(&self) -> PathBuf {
        self.dir.join("differences.txt")
    }
}

// === impl Case ===

impl Case {
    fn read(dir: &Path) -> Result<Self> {
        let mut case = Self::default();
        for entry in fs::read_dir(dir)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name == "only.txt" {
                continue;
            }
            let (stem, extension) = name.split_once('.').unwrap_or((&name, ""));
            let kind = stem.trim_end_matches(|c: char| c.is_ascii_digit());
            let step: usize = stem[kind.len()..]
                .parse()
                .with_context(|| format!("{} is of no step", path.display()))?;
            let files = match (kind, extension) {
                ("step", "tf") => &mut case.modules,
                ("root", "tf") => &mut case.roots,
                ("files", "txt") => &mut case.files,
                ("state", "json") => &mut case.states,
                _ => bail!("{} is no part of a case", path.display()),
            };
            files.insert(step, fs::read_to_string(&path)?);
        }
        Ok(case)
    }

    fn steps(&self) -> usize {
        let last = |files: &BTreeMap<usize, String>| files.keys().next_back().copied();
        [last(&self.modules), last(&self.roots), last(&self.files)]
            .into_iter()
            .flatten()
            .max()
            .unwrap_or_default()
    }

    /// The configuration of its module in a step.
    pub(crate) fn module(&self, step: usize) -> &str {
        self.modules.range(..=step).next_back().map_or("", |(_, text)| text)
    }

    /// What it adds to the root module in a step.
    pub(crate) fn root(&self, step: usize) -> &str {
        self.roots.get(&step).map_or("", String::as_str)
    }

    /// The objects that are put into the state before a step: `type`, `name`, `schema_version`, `attributes`.
    pub(crate) fn objects(&self, step: usize) -> Result<Vec<Value>> {
        match self.states.get(&step) {
            Some(text) => Ok(serde_json::from_str(text)?),
            None => Ok(Vec::new()),
        }
    }

    /// What happens to its files before a step.
    pub(crate) fn files(&self, step: usize) -> impl Iterator<Item = Result<Touch<'_>>> {
        self.files.get(&step).map_or("", String::as_str).lines().map(|line| {
            let mut words = line.splitn(3, ' ');
            Ok(match (words.next(), words.next(), words.next()) {
                (Some("write"), Some(path), text) => Touch::Write(path, text.unwrap_or_default()),
                (Some("directory"), Some(path), None) => Touch::Directory(path),
                (Some("remove"), Some(path), None) => Touch::Remove(path),
                _ => bail!("`{line}` is no change of a file"),
            })
        })
    }
}
