//! The store against real repositories, with a remote on the same disk.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::*;
use crate::store::Store;
use crate::store::tests::{cluster, key};

/// A remote, a clone of it that everybody pushes from, and a second one that is looked at.
struct World {
    directory: tempfile::TempDir,
}

fn git(directory: &Path, arguments: &[&str]) {
    let done = Command::new("git")
        .current_dir(directory)
        .args([
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@example.com",
            "-c",
            "init.defaultBranch=main",
        ])
        .args(arguments)
        .env_remove("GIT_DIR")
        .output()
        .unwrap();
    assert!(done.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
}

impl World {
    fn new() -> Self {
        let world = Self { directory: tempfile::tempdir().unwrap() };
        let here = world.directory.path();
        git(here, &["init", "-q", "--bare", "-b", "main", "remote.git"]);
        git(here, &["clone", "-q", "remote.git", "first"]);
        fs::create_dir_all(here.join("first/inventory/accounts")).unwrap();
        fs::write(here.join("first/inventory/accounts/.gitkeep"), "").unwrap();
        world.register("c1");
        world.push("inventory");
        git(here, &["clone", "-q", "remote.git", "second"]);
        world
    }

    fn path(&self, relative: &str) -> PathBuf {
        self.directory.path().join(relative)
    }

    /// The store of another process in a clone.
    fn store(&self, clone: &str) -> Store {
        Store::open(self.path(clone).join("inventory")).unwrap()
    }

    fn register(&self, name: &str) {
        self.store("first").put_cluster_unseen(&cluster(name, "us")).unwrap();
    }

    fn push(&self, what: &str) {
        git(&self.path("first"), &["add", "-A"]);
        git(&self.path("first"), &["commit", "-qm", what]);
        git(&self.path("first"), &["push", "-q", "origin", "HEAD"]);
    }

    /// In the clone that is looked at.
    fn commit(&self, what: &str) {
        git(&self.path("second"), &["add", "-A"]);
        git(&self.path("second"), &["commit", "-qm", what]);
    }

    /// Whether what is lacked is of the branch that HEAD follows.
    fn follows(&self) -> Option<bool> {
        match self.store("second").is_current(Freshness::Git, Upstream::default()) {
            Err(Doubt::Behind { follows, .. }) => Some(follows),
            _ => None,
        }
    }

    fn doubt(&self) -> Option<String> {
        self.doubt_beside(None)
    }

    /// With this branch in the provider block.
    fn doubt_beside(&self, branch: Option<&str>) -> Option<String> {
        let doubt = self
            .store("second")
            .is_current(Freshness::Git, Upstream { branch, ..Upstream::default() })
            .err()?;
        let here = fs::canonicalize(self.directory.path()).unwrap().display().to_string();
        Some(doubt.to_string().replace(&here, "HERE"))
    }
}

#[test]
fn a_clone_that_lacks_a_commit_is_not_current() {
    let world = World::new();
    assert_eq!(world.doubt(), None);
    world.register("c9");
    world.push("c9");
    insta::assert_snapshot!("behind", world.doubt().unwrap());
    assert_eq!(world.follows(), Some(true));
    // Whoever runs may say otherwise.
    world.store("second").is_current(Freshness::Asserted, Upstream::default()).unwrap();
    // Knowing of the commit is not having it.
    git(&world.path("second"), &["fetch", "-q"]);
    assert!(world.doubt().is_some());
    git(&world.path("second"), &["merge", "-q", "--ff-only", "origin/main"]);
    assert_eq!(world.doubt(), None);
    // A commit that the remote lacks is none that we lack, as long as it leaves the inventory as it was.
    fs::write(world.path("second/README"), "").unwrap();
    world.commit("ahead");
    assert_eq!(world.doubt(), None);
}

#[test]
fn what_nobody_else_has_is_not_current() {
    let world = World::new();
    let second = world.path("second");
    let back = |to: &str| git(&second, &["reset", "-q", "--hard", to]);
    // Deleted, changed, added.
    fs::remove_file(second.join("inventory/clusters/c1.yaml")).unwrap();
    world.commit("lost");
    insta::assert_snapshot!("unpushed", world.doubt().unwrap());
    back("HEAD~1");
    let file = second.join("inventory/clusters/c1.yaml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("lifecycle_state: active", "lifecycle_state: retired")).unwrap();
    world.commit("retired");
    assert!(world.doubt().unwrap().contains("clusters/c1.yaml (another text)"));
    back("HEAD~1");
    let store = world.store("second");
    store.put_cluster_unseen(&cluster("c2", "us")).unwrap();
    world.commit("c2");
    assert!(world.doubt().unwrap().contains("clusters/c2.yaml (only here)"));
    // It is as new as can be for the run that wrote it, until it is pushed, and for everybody then.
    store.is_current(Freshness::Git, Upstream::default()).unwrap();
    git(&second, &["push", "-q", "origin", "HEAD"]);
    assert_eq!(world.doubt(), None);
    // A merge that takes nothing of what it merges.
    git(&world.path("first"), &["pull", "-q"]);
    world.register("c9");
    world.push("c9");
    git(&second, &["fetch", "-q"]);
    git(&second, &["merge", "-qs", "ours", "-m", "merged", "origin/main"]);
    assert!(world.doubt().unwrap().contains("clusters/c9.yaml (only there)"));
    // Taken out of Git, and ignored.
    back("origin/main");
    git(&second, &["rm", "-rq", "--cached", "inventory"]);
    fs::remove_file(second.join("inventory/clusters/c9.yaml")).unwrap();
    fs::write(second.join(".gitignore"), "/inventory/\n").unwrap();
    world.commit("out of Git");
    assert!(world.doubt().unwrap().contains("clusters/c9.yaml (only there)"));
    // Its own repository, inside of the other.
    back("origin/main");
    fs::remove_file(second.join("inventory/clusters/c9.yaml")).unwrap();
    git(&second.join("inventory"), &["init", "-q"]);
    git(&second.join("inventory"), &["add", "-A"]);
    git(&second.join("inventory"), &["commit", "-qm", "alone"]);
    assert!(world.doubt().unwrap().contains("clusters/c9.yaml"));
}

/// Whatever the repository's own files say of what Git should overlook.
#[test]
fn nothing_is_overlooked() {
    let world = World::new();
    let second = world.path("second");
    let file = second.join("inventory/clusters/c1.yaml");
    let text = fs::read_to_string(&file).unwrap();
    for flag in ["--assume-unchanged", "--skip-worktree"] {
        git(&second, &["update-index", flag, "inventory/clusters/c1.yaml"]);
        fs::remove_file(&file).unwrap();
        assert!(world.doubt().unwrap().contains("clusters/c1.yaml"), "{flag}");
        fs::write(&file, &text).unwrap();
        assert_eq!(world.doubt(), None);
    }
    for flag in ["--no-assume-unchanged", "--no-skip-worktree"] {
        git(&second, &["update-index", flag, "inventory/clusters/c1.yaml"]);
    }
    // Only a part of the tree is checked out.
    git(&second, &["reset", "-q", "--hard"]);
    git(&second, &["sparse-checkout", "set", "--no-cone", "/other"]);
    fs::create_dir_all(second.join("inventory/clusters")).unwrap();
    assert!(world.doubt().unwrap().contains("clusters/c1.yaml"));
    git(&second, &["sparse-checkout", "disable"]);
    // Another working tree than the one that the store is in.
    fs::create_dir(world.path("elsewhere")).unwrap();
    git(&second, &["config", "core.worktree", "../../elsewhere"]);
    assert_eq!(world.doubt(), None);
    fs::remove_file(&file).unwrap();
    assert!(world.doubt().unwrap().contains("clusters/c1.yaml"));
    fs::write(&file, &text).unwrap();
    git(&second, &["config", "--unset", "core.worktree"]);
    // Another history than the one that there is.
    world.register("c9");
    world.push("c9");
    git(&second, &["fetch", "-q"]);
    let id = |name: &str| {
        let output = Command::new("git").current_dir(&second).args(["rev-parse", name]).output();
        String::from_utf8(output.unwrap().stdout).unwrap().trim().to_owned()
    };
    let (here, there) = (id("HEAD"), id("origin/main"));
    git(&second, &["replace", &there, &here]);
    assert!(world.doubt().is_some());
    git(&second, &["replace", "-d", &there]);
    fs::create_dir_all(second.join(".git/info")).unwrap();
    fs::write(second.join(".git/info/grafts"), format!("{here} {there}\n")).unwrap();
    assert!(world.doubt().is_some());
    fs::remove_file(second.join(".git/info/grafts")).unwrap();
    git(&second, &["merge", "-q", "--ff-only", "origin/main"]);
    assert_eq!(world.doubt(), None);
    // A working tree of the same repository has a HEAD of its own.
    git(&second, &["worktree", "add", "-q", "-b", "third", "../third", &here]);
    let third = world.store("third").is_current(Freshness::Git, Upstream::default());
    assert!(matches!(third, Err(Doubt::Behind { .. })), "{third:?}");
    git(&world.path("third"), &["merge", "-q", "--ff-only", "origin/main"]);
    world.store("third").is_current(Freshness::Git, Upstream::default()).unwrap();
}

/// As a fork, whose owner decides what it has.
#[test]
fn every_remote_counts_unless_one_is_named() {
    let world = World::new();
    let second = world.path("second");
    git(world.directory.path(), &["clone", "-q", "--bare", "remote.git", "fork.git"]);
    git(&second, &["remote", "add", "fork", "../fork.git"]);
    git(&second, &["fetch", "-q", "fork"]);
    git(&second, &["branch", "-qu", "fork/main"]);
    assert_eq!(world.doubt(), None);
    world.register("c9");
    world.push("c9");
    insta::assert_snapshot!("one_of_two_remotes", world.doubt().unwrap());
    let named = |remote: &str| {
        let upstream = Upstream { remote: Some(remote), branch: None };
        world.store("second").is_current(Freshness::Git, upstream).map_err(|of| of.to_string())
    };
    assert_eq!(named("fork"), Ok(()));
    assert!(named("origin").unwrap_err().contains("lacks commits"));
    assert!(named("no-such").unwrap_err().contains("no Git working tree with the remote"));
    // What the fork lacks is not there alone.
    git(&second, &["pull", "-q", "--ff-only", "origin", "main"]);
    assert!(world.doubt().unwrap().contains("`main` of the remote `fork` has not"));
    assert_eq!(named("origin"), Ok(()));
    // The repository itself is no remote, however it is called.
    let url = format!("file://{}", second.display());
    git(&second, &["branch", "-q", "--unset-upstream"]);
    for itself in [".", "./.git", "../second", url.as_str()] {
        git(&second, &["remote", "set-url", "fork", itself]);
        assert_eq!(world.doubt(), None, "{itself}");
        git(&second, &["remote", "set-url", "origin", itself]);
        assert!(world.doubt().unwrap().contains("is this very repository"), "{itself}");
        git(&second, &["remote", "set-url", "origin", "../remote.git"]);
    }
    // A repository that the provider block names a remote of is none that nobody else has.
    git(&second, &["remote", "remove", "origin"]);
    git(&second, &["remote", "remove", "fork"]);
    assert_eq!(world.doubt(), None);
    assert!(named("origin").is_err());
    let plain = Store::open(tempfile::tempdir().unwrap().keep()).unwrap();
    let upstream = Upstream { remote: Some("origin"), branch: None };
    assert!(matches!(plain.is_current(Freshness::Git, upstream), Err(Doubt::NoRemote { .. })));
    fs::remove_dir_all(plain.path()).unwrap();
}

#[test]
fn no_secret_of_an_address_is_told() {
    let world = World::new();
    let url = "http://user:s3cr3t@127.0.0.1:1/x.git?private_token=s3cr3t";
    git(&world.path("second"), &["remote", "set-url", "origin", url]);
    let doubt = world.doubt().unwrap();
    assert!(doubt.contains("http://127.0.0.1:1/x.git") && !doubt.contains("s3cr3t"), "{doubt}");
}

#[test]
fn what_was_never_committed_is_not_current_unless_this_run_wrote_it() {
    let world = World::new();
    let store = world.store("second");
    store.put_cluster_unseen(&cluster("c2", "us")).unwrap();
    store.is_current(Freshness::Git, Upstream::default()).unwrap();
    // To another process it is a file that nobody reviewed.
    let file = world.path("second/inventory/clusters/c1.yaml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("lifecycle_state: active", "lifecycle_state: retired")).unwrap();
    insta::assert_snapshot!("uncommitted", world.doubt().unwrap());
    assert!(store.is_current(Freshness::Git, Upstream::default()).is_err());
    fs::remove_file(&file).unwrap();
    fs::remove_file(world.path("second/inventory/clusters/c2.yaml")).unwrap();
    assert!(world.doubt().unwrap().contains("clusters/c1.yaml"));
    fs::write(&file, text).unwrap();
    assert_eq!(world.doubt(), None);
    // Others' files do not count.
    fs::write(world.path("second/notes"), "").unwrap();
    assert_eq!(world.doubt(), None);
    let deleting = world.store("second");
    deleting.delete_cluster(&key("c1"), "us").unwrap();
    deleting.is_current(Freshness::Git, Upstream::default()).unwrap();
}

#[test]
fn what_cannot_be_compared_is_not_current() {
    let world = World::new();
    git(&world.path("second"), &["switch", "-q", "--detach"]);
    insta::assert_snapshot!("detached", world.doubt().unwrap());
    // Unless the configuration says what to compare it with.
    assert_eq!(world.doubt_beside(Some("main")), None);
    let doubt = world.doubt_beside(Some("no-such")).unwrap();
    assert!(doubt.contains("has no branch `no-such`"), "{doubt}");
    // A branch that follows none is compared with what the remote's default branch has.
    git(&world.path("second"), &["switch", "-qc", "local"]);
    assert_eq!(world.doubt(), None);
    git(&world.path("second"), &["switch", "-q", "main"]);
    git(&world.path("remote.git"), &["symbolic-ref", "HEAD", "refs/heads/nothing"]);
    insta::assert_snapshot!("no_default", world.doubt().unwrap());
    assert_eq!(world.doubt_beside(Some("main")), None);
    fs::rename(world.path("remote.git"), world.path("moved.git")).unwrap();
    let doubt = world.doubt().unwrap();
    assert!(doubt.contains("the remote `origin`"), "{doubt}");
}

#[test]
fn a_directory_that_nobody_else_has_is_its_own_truth() {
    let world = World::new();
    // In no Git.
    let plain = tempfile::tempdir().unwrap();
    Store::open(plain.path()).unwrap().is_current(Freshness::Git, Upstream::default()).unwrap();
    // In a working tree without a remote.
    git(&world.path("second"), &["remote", "remove", "origin"]);
    assert_eq!(world.doubt(), None);
    // Left out of Git on purpose.
    let ignored = world.path("first/out");
    fs::create_dir(&ignored).unwrap();
    fs::write(world.path("first/.gitignore"), "/out/\n").unwrap();
    git(&world.path("first"), &["switch", "-q", "--detach"]);
    Store::open(&ignored).unwrap().is_current(Freshness::Git, Upstream::default()).unwrap();
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_working_tree_is_no_truth_of_its_own() {
    let world = World::new();
    let elsewhere = tempfile::tempdir().unwrap();
    let copy = elsewhere.path().join("inventory");
    fs::rename(world.path("second/inventory"), &copy).unwrap();
    std::os::unix::fs::symlink(&copy, world.path("second/inventory")).unwrap();
    assert!(world.doubt().is_some_and(|doubt| doubt.contains("is a link out of")), "told");
    // As a link further up, and not where the path leaves the tree by name.
    let via = world.path("second/via");
    std::os::unix::fs::symlink(elsewhere.path(), &via).unwrap();
    let current =
        |path: PathBuf| Store::open(path).unwrap().is_current(Freshness::Git, Upstream::default());
    assert!(matches!(current(via.join("inventory")), Err(Doubt::LeadsOut { .. })));
    fs::create_dir_all(world.path("plain/accounts")).unwrap();
    current(world.path("second/../plain")).unwrap();
    fs::remove_file(&via).unwrap();
    // One into another working tree is compared there.
    fs::remove_file(world.path("second/inventory")).unwrap();
    std::os::unix::fs::symlink(world.path("first/inventory"), world.path("second/inventory"))
        .unwrap();
    assert_eq!(world.doubt(), None);
}

/// A branch on which somebody works is compared with the one that the inventory is kept on.
#[test]
fn a_branch_that_lacks_commits_of_the_default_branch_is_not_current() {
    let world = World::new();
    let second = world.path("second");
    git(&second, &["switch", "-qc", "retire-qa"]);
    fs::write(second.join("main.tf"), "").unwrap();
    git(&second, &["add", "-A"]);
    git(&second, &["commit", "-qm", "retire"]);
    // Nobody else has it yet.
    assert_eq!(world.doubt(), None);
    git(&second, &["push", "-qu", "origin", "retire-qa"]);
    assert_eq!(world.doubt(), None);
    world.register("c9");
    world.push("c9");
    insta::assert_snapshot!("behind_the_default_branch", world.doubt().unwrap());
    assert_eq!(world.follows(), Some(false));
    // It has every commit of its own, and the inventory may be kept there.
    assert_eq!(world.doubt_beside(Some("retire-qa")), None);
    assert!(world.doubt_beside(Some("main")).is_some());
    git(&second, &["fetch", "-q"]);
    git(&second, &["merge", "-q", "origin/main"]);
    assert_eq!(world.doubt(), None);
    // What a colleague pushed to it counts as before.
    git(&world.path("first"), &["fetch", "-q"]);
    git(&world.path("first"), &["switch", "-q", "retire-qa"]);
    world.register("c8");
    world.push("c8");
    assert!(world.doubt().unwrap().contains("lacks commits of `retire-qa`"));
    // After a merge it is often deleted at the remote, and then only the default branch tells.
    git(&second, &["push", "-q", "origin", ":retire-qa"]);
    assert_eq!(world.doubt(), None);
}

#[test]
fn a_history_that_is_cut_off_says_so() {
    let world = World::new();
    world.register("c2");
    world.push("c2");
    let url = format!("file://{}", world.path("remote.git").display());
    fs::remove_dir_all(world.path("second")).unwrap();
    git(world.directory.path(), &["clone", "-q", "--depth=1", &url, "second"]);
    assert_eq!(world.doubt(), None);
    git(&world.path("second"), &["switch", "-qc", "work"]);
    world.register("c3");
    world.push("c3");
    let doubt = world.doubt().unwrap();
    assert!(doubt.contains("shallow clone"), "{doubt}");
}

/// A file that the run is writing in this moment is the run's own already.
#[test]
fn what_is_being_written_is_as_new_as_can_be() {
    let world = World::new();
    let store = world.store("second");
    let file = world.path("second/inventory/clusters/c1.yaml");
    let is_current =
        || store.is_current(Freshness::Git, Upstream::default()).map_err(|of| of.to_string());
    let name = "clusters/c1.yaml";
    // Written, and about to be made durable.
    store
        .touched()
        .touch(name, || {
            fs::write(&file, "half")?;
            is_current().map_err(std::io::Error::other)
        })
        .unwrap();
    fs::remove_file(&file).unwrap();
    assert_eq!(is_current(), Ok(()));
    // What could not be written is not the run's.
    let other = world.store("second");
    let failed = || Err::<(), _>(std::io::Error::other("full"));
    other.touched().touch(name, failed).unwrap_err();
    assert!(other.is_current(Freshness::Git, Upstream::default()).is_err());
}

/// Nothing that a repository's configuration names is executed, whoever wrote it.
#[cfg(unix)]
#[test]
fn nothing_of_the_repository_is_executed() {
    let world = World::new();
    let (second, trace) = (world.path("second"), world.path("executed"));
    let touch = format!("touch {}; false", trace.display());
    let script = world.path("second/.git/hooks/post-index-change");
    fs::write(&script, format!("#!/bin/sh\n{touch}\n")).unwrap();
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    }
    fs::write(world.path("second/.git/info/attributes"), "* filter=evil diff=evil\n").unwrap();
    for (name, value) in [
        ("core.fsmonitor", touch.as_str()),
        ("core.sshCommand", &touch),
        ("core.askPass", &touch),
        ("core.pager", &touch),
        ("core.alternateRefsCommand", &touch),
        ("credential.helper", &format!("!{touch}")),
        ("filter.evil.clean", &touch),
        ("filter.evil.smudge", &touch),
        ("diff.evil.textconv", &touch),
        ("remote.origin.uploadpack", &touch),
        ("alias.ls-remote", &format!("!{touch}")),
        ("protocol.ext.allow", "always"),
    ] {
        git(&second, &["config", name, value]);
    }
    assert_eq!(world.doubt(), None);
    assert!(!trace.exists());
    let _ = fs::remove_file(&trace);
    git(&second, &["config", "remote.origin.url", &format!("ext::sh -c {touch}")]);
    assert!(world.doubt().is_some());
    assert!(!trace.exists());
    git(&second, &["config", "remote.origin.url", "--upload-pack=touch"]);
    assert!(world.doubt().is_some());
}
