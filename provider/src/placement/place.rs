//! Where files are, whatever their paths look like: `out`, `./out/` and a link to it are one directory.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use unicode_normalization::UnicodeNormalization;

/// Why a directory cannot hold artifacts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Error {
    /// A character that no path should have.
    #[error("holds a control character")]
    Control,
    /// A directory that a tool keeps to itself.
    #[error("leads into `{0}`, which belongs to Git or to the CLI")]
    Tool(String),
    /// The inventory's.
    #[error("leads into the inventory `{0}`, whose files are accounts and clusters")]
    Inventory(String),
    /// A file, or something under one.
    #[error("is no directory: `{0}` is a file")]
    File(String),
    /// The operating system's.
    #[error("leads into `{0}`, which belongs to the operating system")]
    System(&'static str),
    /// A link on the way to nowhere: no directory can be made in its place.
    #[error("leads over {link:?}, a link to {target:?}, where nothing is")]
    Dangling {
        /// The link.
        link: PathBuf,
        /// What it says.
        target: PathBuf,
    },
    /// The operating system does not say.
    #[error("cannot be looked at: {0}")]
    Unreadable(String),
}

/// What a tool keeps to itself, in lower case.
const OF_TOOLS: [&str; 4] = [".git", ".terraform", ".terraform.d", "terraform.tfstate.d"];

/// Where an operating system keeps itself or shows what is no file: nothing there is under review, and most of
/// it would refuse the apply only.
const OF_SYSTEMS: [&str; 13] = [
    "/bin",
    "/boot",
    "/dev",
    "/etc",
    "/lib",
    "/lib64",
    "/private/etc",
    "/proc",
    "/sbin",
    "/sys",
    "/usr/bin",
    "/usr/lib",
    "/usr/sbin",
];
/// Of those, what is a directory like any other.
const LIKE_ANY: &str = "/dev/shm";

/// Whether `directory` may hold artifacts; `inventories` are the directories of inventories.
pub(super) fn check(directory: &str, inventories: &[&Path]) -> Result<(), Error> {
    if directory.contains(char::is_control) {
        return Err(Error::Control);
    }
    let place =
        resolve(Path::new(directory)).map_err(|error| Error::Unreadable(error.to_string()))?;
    let parts = Path::new(directory).components().chain(place.path.components());
    for part in parts {
        let name = part.as_os_str().to_string_lossy().to_lowercase();
        if OF_TOOLS.contains(&name.as_str()) {
            return Err(Error::Tool(name));
        }
    }
    if let Some(file) = place.file {
        return Err(Error::File(file.display().to_string()));
    }
    if let Some((link, target)) = place.dangling {
        return Err(Error::Dangling { link, target });
    }
    if let Some(system) = system(&place.path) {
        return Err(Error::System(system));
    }
    for inventory in inventories {
        // An inventory that cannot be found holds nothing that could be overwritten.
        let Ok(holds) = resolve(inventory) else { continue };
        if folded(&place.path).starts_with(folded(&holds.path)) {
            return Err(Error::Inventory(inventory.display().to_string()));
        }
    }
    Ok(())
}

/// The directory of the operating system that `path` is in; `None` where the CLI runs in it, too.
fn system(path: &Path) -> Option<&'static str> {
    let here = std::env::current_dir().unwrap_or_default();
    let holds =
        |of: &&&str| path.starts_with(of) && !path.starts_with(LIKE_ANY) && !here.starts_with(of);
    OF_SYSTEMS.iter().find(holds).copied()
}

/// Whether two paths are one file, also where a file system does not tell upper from lower case, or
/// composed letters from decomposed ones.
pub(super) fn same(a: &str, b: &str) -> bool {
    match (resolve(Path::new(a)), resolve(Path::new(b))) {
        (Ok(a), Ok(b)) => folded(&a.path) == folded(&b.path),
        _ => a == b,
    }
}

/// What a path has in common with every other path of the same file, as [`same`] compares them.
pub(super) fn identity(path: &str) -> Option<String> {
    let place = resolve(Path::new(path)).ok()?;
    Some(folded(&place.path).to_string_lossy().into_owned())
}

/// The directories above one, nearest first, at most `most`: as far as they are in its Git repository, or else
/// below the one that the CLI runs in, which is the last.
pub(super) fn above(directory: &Path, most: usize) -> Vec<PathBuf> {
    let Ok(Place { path, .. }) = resolve(directory) else { return Vec::new() };
    let all = || path.ancestors().skip(1).take(most).map(Path::to_owned);
    let is_top = |of: &PathBuf| fs::symlink_metadata(of.join(".git")).is_ok();
    let here = std::env::current_dir().ok();
    let top = if is_top(&path) { return Vec::new() } else { all().position(|of| is_top(&of)) };
    let top = top.or_else(|| all().position(|of| Some(&of) == here.as_ref()));
    top.map_or_else(Vec::new, |top| all().take(top + 1).collect())
}

/// A path without links, `.` and `..`.
#[derive(Debug)]
struct Place {
    path: PathBuf,
    /// The part of it that is there and is no directory.
    file: Option<PathBuf>,
    /// The part of it that is a link to nothing, and what the link says.
    dangling: Option<(PathBuf, PathBuf)>,
}

/// Follows what is there; what is not there yet is taken as it is written.
fn resolve(path: &Path) -> io::Result<Place> {
    let mut place = std::env::current_dir()?;
    let (mut file, mut dangling) = (None, None);
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => _ = place.pop(),
            part => {
                place.push(part);
                match fs::canonicalize(&place) {
                    Ok(found) => {
                        place = found;
                        if file.is_none() && !fs::metadata(&place)?.is_dir() {
                            file = Some(place.clone());
                        }
                    }
                    // A link is there, whatever it leads to.
                    Err(error) if is_absent(&error) => {
                        if let (None, Ok(target)) = (&dangling, fs::read_link(&place)) {
                            dangling = Some((place.clone(), target));
                        }
                    }
                    Err(error) => return Err(error),
                }
            }
        }
    }
    Ok(Place { path: place, file, dangling })
}

/// Nothing there, or it would be below a file, which [`resolve`] has noted.
fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// The path as file systems compare it that know no case and no forms of Unicode.
fn folded(path: &Path) -> PathBuf {
    PathBuf::from(path.to_string_lossy().nfc().collect::<String>().to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_directory_has_many_paths() {
        let world = tempfile::tempdir().unwrap();
        let at = |path: &str| world.path().join(path).to_str().unwrap().to_owned();
        fs::create_dir(at("out")).unwrap();
        for other in ["./out", "out/", "out//.", "new/../out", "Out"] {
            assert!(same(&at("out/a.json"), &at(&format!("{other}/a.json"))), "{other}");
        }
        assert!(same(&at("caf\u{e9}/a.json"), &at("cafe\u{301}/a.json")), "two forms of one name");
        assert!(!same(&at("out/a.json"), &at("new/a.json")));
        assert!(same(&at("new/a.json"), &at("./new/a.json")), "nothing there yet");
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(at("out"), at("link")).unwrap();
            assert!(same(&at("out/a.json"), &at("link/a.json")));
        }
    }

    #[test]
    fn artifacts_stay_out_of_inventories_files_and_tools() {
        let world = tempfile::tempdir().unwrap();
        let at = |path: &str| world.path().join(path).to_str().unwrap().to_owned();
        fs::create_dir_all(at("inventory/clusters")).unwrap();
        fs::write(at("file"), "").unwrap();
        let inventory = world.path().join("inventory/.");
        let check = |path: &str| check(&at(path), &[&inventory]);
        for inside in
            ["inventory", "inventory/clusters", "x/../inventory/new", "Inventory/accounts"]
        {
            assert!(matches!(check(inside), Err(Error::Inventory(_))), "{inside}");
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(at("inventory/clusters"), at("link")).unwrap();
            assert!(matches!(check("link/deeper"), Err(Error::Inventory(_))));
        }
        assert!(matches!(check("file"), Err(Error::File(_))));
        assert!(matches!(check("file/below"), Err(Error::File(_))));
        assert_eq!(check(".git/hooks"), Err(Error::Tool(".git".into())));
        assert_eq!(check("a\u{1b}b"), Err(Error::Control));
        for of_tool in ["terraform.tfstate.d/x", ".Terraform.d", "a/.terraform"] {
            assert!(matches!(check(of_tool), Err(Error::Tool(_))), "{of_tool}");
        }
        for good in ["out", "new/deep", "inventory-of-targets", ".", "inventory/../out"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
    }

    /// Of a link it counts where it leads, and whether it leads anywhere.
    #[test]
    #[cfg(unix)]
    fn a_link_to_nowhere_is_no_directory() {
        use std::os::unix::fs::symlink;
        let world = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(world.path()).unwrap();
        let at = |path: &str| root.join(path);
        fs::create_dir_all(at("real/deep")).unwrap();
        symlink("real", at("good")).unwrap();
        symlink("nowhere", at("lnk")).unwrap();
        symlink("lnk", at("chain")).unwrap();
        symlink("good/missing/x", at("far")).unwrap();
        symlink("/etc", at("etc")).unwrap();
        let check = |path: &str| check(at(path).to_str().unwrap(), &[]);
        for (path, link, target) in [
            ("lnk", "lnk", "nowhere"),
            ("lnk/sub", "lnk", "nowhere"),
            ("lnk/sub/..", "lnk", "nowhere"),
            ("chain/sub", "chain", "lnk"),
            ("good/../far", "far", "good/missing/x"),
        ] {
            let dangling = Error::Dangling { link: at(link), target: target.into() };
            assert_eq!(check(path), Err(dangling), "{path}");
        }
        for good in ["good", "good/new", "good/deep/new", "good/../new"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        assert_eq!(check("etc/fleet"), Err(Error::System("/etc")));
        // It is there from now on.
        fs::create_dir(at("nowhere")).unwrap();
        assert_eq!(check("chain/sub"), Ok(()));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_operating_systems_directories_hold_no_artifacts() {
        for (path, of) in [
            ("/proc/self", "/proc"),
            ("/dev", "/dev"),
            ("/etc/fleet/new", "/etc"),
            ("/sys/../proc/x", "/proc"),
            ("/boot/x", "/boot"),
        ] {
            assert_eq!(check(path, &[]), Err(Error::System(of)), "{path}");
        }
        for good in ["/dev/shm/out", "/srv/gitops/out", "/etcetera", "/home/x/etc"] {
            assert_eq!(check(good, &[]), Ok(()), "{good}");
        }
    }
}
