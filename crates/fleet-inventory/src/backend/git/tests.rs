//! Stores of several machines on one repository, reached by `file://`.

use std::fs;
use std::process::Command;

use fleet_model::inventory::ClusterDocument;

use super::*;
use crate::store::tests::{cluster, key};
use crate::store::{Known, Removal, Seen, Store};

#[cfg(unix)]
mod killed;

struct World {
    directory: tempfile::TempDir,
}

fn git(directory: &Path, arguments: &[&str]) -> String {
    let who = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
    let done = Command::new("git")
        .current_dir(directory)
        .args(who)
        .args(arguments)
        .env_remove("GIT_DIR")
        .output()
        .unwrap();
    assert!(done.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8_lossy(&done.stdout).trim().to_owned()
}

impl World {
    /// A repository with the folder `inventory` on `main`.
    fn new() -> Self {
        let world = Self { directory: tempfile::tempdir().unwrap() };
        git(world.directory.path(), &["init", "-q", "--bare", "-b", "main", "remote.git"]);
        git(world.directory.path(), &["init", "-q", "-b", "main", "seed"]);
        world.add("inventory/.gitkeep", "");
        world
    }

    fn path(&self, relative: &str) -> PathBuf {
        self.directory.path().join(relative)
    }

    /// Somebody pushes a file by hand.
    fn add(&self, name: &str, text: &str) {
        let path = self.path("seed").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self.commit();
    }

    fn commit(&self) {
        let seed = self.path("seed");
        git(&seed, &["add", "-A"]);
        git(&seed, &["commit", "-qm", "by hand"]);
        git(&seed, &["push", "-q", "../remote.git", "HEAD:main"]);
    }

    fn repository(&self, branch: &str, folder: &str) -> Repository {
        let url = format!("file://{}", self.path("remote.git").display());
        Repository::new(&url, folder, branch).unwrap()
    }

    /// The branch as another machine opens it.
    fn try_open(&self, machine: &str, branch: &str, folder: &str) -> Result<Branch, Error> {
        let author = Author { managed_by: machine.to_owned(), run: None, ..Author::default() };
        Branch::open(self.repository(branch, folder), author, &self.path(machine))
    }

    fn open(&self, machine: &str) -> Arc<Branch> {
        Arc::new(self.try_open(machine, "main", "inventory").unwrap())
    }

    fn store(&self, machine: &str) -> Store {
        Store::sharing(self.open(machine), Arc::new(Known::default()))
    }

    fn commits(&self) -> usize {
        git(&self.path("remote.git"), &["rev-list", "--count", "main"]).parse().unwrap()
    }

    /// What the server runs when it is pushed to.
    #[cfg(unix)]
    fn hook(&self, name: &str, script: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt as _;
        let hook = self.path("remote.git/hooks").join(name);
        fs::create_dir_all(hook.parent().unwrap()).unwrap();
        fs::write(&hook, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
        hook
    }

    /// The copy of a machine.
    fn copy(&self, machine: &str) -> PathBuf {
        let entries = fs::read_dir(self.path(machine)).unwrap();
        let mut copies = entries.map(|of| of.unwrap().path()).filter(|of| of.is_dir());
        let copy = copies.next().unwrap();
        assert_eq!(copies.next(), None);
        copy
    }

    fn shown(&self, error: &dyn std::fmt::Display) -> String {
        error.to_string().replace(&self.directory.path().display().to_string(), "HERE")
    }
}

fn put(store: &Store, document: &ClusterDocument) -> Result<Seen, Error> {
    store.put_cluster(document, &Seen::default())
}

#[test]
fn what_one_machine_writes_another_one_reads() {
    let world = World::new();
    let first = world.store("first");
    let written = put(&first, &cluster("c1", "us")).unwrap();
    assert_eq!(written.serial, 1);
    let found = world.store("second").cluster(&key("c1")).unwrap().unwrap();
    assert_eq!(Some(found.sha256), written.sha256);
    assert!(found.is_as_written);
    assert_eq!(world.store("second").snapshot().unwrap().clusters.len(), 1);

    // Nothing new is no commit, and what is removed is gone everywhere.
    assert_eq!(world.commits(), 2);
    put(&first, &cluster("c1", "us")).unwrap();
    assert_eq!(world.commits(), 2);
    let second = world.store("second");
    assert_eq!(second.delete_cluster(&key("c1"), "us").unwrap(), Removal::Removed);
    assert_eq!(second.delete_cluster(&key("c1"), "us").unwrap(), Removal::Missing);
    assert_eq!(world.store("third").clusters().unwrap().len(), 0);

    let message =
        git(&world.path("remote.git"), &["log", "-1", "--format=%an <%ae>%n%B", "main~1"]);
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        message,
        format!(
            "terraform-provider-fleet <noreply@terraform-provider-fleet.invalid>\nInventory: clusters c1\n\n\
             write clusters/c1.yaml\n\nManaged-by: first\nWritten-by: terraform-provider-fleet {version}"
        )
    );
}

#[test]
fn a_file_that_somebody_else_pushed_meanwhile_stays() {
    let world = World::new();
    let (first, second) = (world.store("first"), world.store("second"));
    world.add("README", "by hand");
    put(&second, &cluster("c2", "them")).unwrap();
    put(&first, &cluster("c1", "us")).unwrap();
    // The first one knows by now what the second one wrote.
    assert_eq!(first.clusters().unwrap().len(), 2);
    assert_eq!(world.store("third").clusters().unwrap().len(), 2);
    git(&world.path("remote.git"), &["cat-file", "-e", "main:README"]);
}

#[test]
fn of_two_who_change_one_file_the_second_is_told_both_sides() {
    let world = World::new();
    let (first, second) = (world.store("first"), world.store("second"));
    let mut theirs = cluster("c1", "us");
    theirs.about.owner = Some("theirs".to_owned());
    put(&second, &theirs).unwrap();
    let mut ours = cluster("c1", "us");
    ours.about.owner = Some("ours".to_owned());
    let error = put(&first, &ours).unwrap_err();
    assert_eq!(
        world.shown(&error),
        "`git::file://HERE/remote.git//inventory/clusters/c1.yaml?ref=main` was changed by somebody else while this run worked on it"
    );
    let Error::Git(trouble) = error else { panic!("{error}") };
    let Trouble::Conflict { ours, theirs, .. } = &*trouble else { panic!("{trouble}") };
    assert_eq!(
        (ours, theirs),
        (&vec!["  owner: ours".to_owned()], &vec!["  owner: theirs".to_owned()])
    );
    // What was refused changed nothing, and the next run goes on from what is there.
    let third = world.store("third");
    assert_eq!(
        third.cluster(&key("c1")).unwrap().unwrap().document.about.owner.as_deref(),
        Some("theirs")
    );
    // Two who write the same have no conflict.
    let (fourth, fifth) = (world.store("fourth"), world.store("fifth"));
    put(&fourth, &cluster("c4", "us")).unwrap();
    put(&fifth, &cluster("c4", "us")).unwrap();
}

/// A file that is removed by one and changed by another is a conflict, too, whoever is first.
#[test]
fn a_removal_meets_a_change() {
    let world = World::new();
    put(&world.store("seed-store"), &cluster("c1", "us")).unwrap();
    let (first, second) = (world.store("first"), world.store("second"));
    let mut changed = cluster("c1", "us");
    changed.about.owner = Some("changed".to_owned());
    put(&second, &changed).unwrap();
    let error = first.delete_cluster(&key("c1"), "us").unwrap_err();
    assert!(
        matches!(&error, Error::Git(of) if matches!(&**of, Trouble::Conflict { ours, .. } if ours.is_empty()))
    );
    let third = world.store("third");
    world.store("fourth").delete_cluster(&key("c1"), "us").unwrap();
    changed.about.owner = Some("again".to_owned());
    let error = put(&third, &changed).unwrap_err();
    assert!(
        matches!(&error, Error::Git(of) if matches!(&**of, Trouble::Conflict { theirs, .. } if theirs.is_empty()))
    );
}

#[test]
fn writes_that_wait_together_are_one_commit() {
    let world = World::new();
    let branch = world.open("first");
    let mut told = Vec::new();
    let mut batch = Vec::new();
    for name in ["a", "b", "c", "d", "e", "a"] {
        let (answer, receiver) = channel();
        let bytes: Arc<[u8]> = name.as_bytes().into();
        let change = Change { name: format!("clusters/{name}.yaml"), bytes: Some(bytes) };
        batch.push(Waiting { change, expected: Expected::Nothing, answer });
        told.push(receiver);
    }
    branch.flush(batch);
    let answers: Vec<bool> = told.iter().map(|of| of.recv().unwrap().unwrap()).collect();
    assert_eq!(answers, [false, false, false, false, false, true]);
    assert_eq!(world.commits(), 2);
}

#[test]
fn many_at_once_lose_nothing() {
    let world = World::new();
    let machines: Vec<Store> = (0..3).map(|of| world.store(&format!("m{of}"))).collect();
    thread::scope(|scope| {
        for (machine, store) in machines.iter().enumerate() {
            for record in 0..4 {
                let document = cluster(&format!("c{machine}-{record}"), "us");
                scope.spawn(move || put(store, &document).unwrap());
            }
        }
    });
    assert_eq!(world.store("last").clusters().unwrap().len(), 12);
    assert!(world.commits() <= 13);
}

#[test]
fn what_cannot_be_opened_says_why() {
    let world = World::new();
    let said = |error: Result<Branch, Error>| world.shown(&error.unwrap_err());
    insta::assert_snapshot!("no_branch", said(world.try_open("a", "trunk", "inventory")));
    insta::assert_snapshot!("no_folder", said(world.try_open("b", "main", "elsewhere")));
    fs::rename(world.path("remote.git"), world.path("moved.git")).unwrap();
    let gone = said(world.try_open("c", "main", "inventory"));
    assert!(gone.starts_with("the repository of `git::file://HERE/remote.git//inventory?ref=main` cannot be read: it answered: fatal: "), "{gone}");
    // Also of a machine that had it before, and right before a step that nothing undoes.
    git(world.directory.path(), &["init", "-q", "--bare", "-b", "main", "remote.git"]);
    let empty = said(world.try_open("c", "main", "inventory"));
    assert!(empty.ends_with("has no branch `main`"), "{empty}");
}

#[cfg(unix)]
#[test]
fn a_repository_that_takes_no_commit_is_told() {
    let world = World::new();
    let store = world.store("first");
    let hook = world.hook("pre-receive", "echo this branch is protected >&2\nexit 1");
    let error = put(&store, &cluster("c1", "us")).unwrap_err();
    let Error::Git(trouble) = &error else { panic!("{error}") };
    assert!(matches!(&**trouble, Trouble::Refused { .. }), "{trouble}");
    assert!(trouble.to_string().contains("this branch is protected"), "{trouble}");
    // The store says what the branch has, and not what was refused.
    assert_eq!(store.cluster(&key("c1")).unwrap(), None);
    fs::remove_file(&hook).unwrap();
    put(&store, &cluster("c1", "us")).unwrap();

    // A network that goes: whether it was taken is not known.
    fs::rename(world.path("remote.git"), world.path("moved.git")).unwrap();
    let error = put(&store, &cluster("c2", "us")).unwrap_err();
    assert!(matches!(&error, Error::Git(of) if matches!(&**of, Trouble::Unsure { .. })), "{error}");
    assert!(store.is_current(Freshness::Git, Upstream::default()).is_err());
    fs::rename(world.path("moved.git"), world.path("remote.git")).unwrap();
    put(&store, &cluster("c2", "us")).unwrap();
}

#[test]
fn before_a_step_that_nothing_undoes_the_branch_is_read_again() {
    let world = World::new();
    let (first, second) = (world.store("first"), world.store("second"));
    put(&second, &cluster("c9", "them")).unwrap();
    assert_eq!(first.clusters().unwrap().len(), 0, "a run has one view of the branch");
    first.is_current(Freshness::Git, Upstream::default()).unwrap();
    assert_eq!(first.clusters().unwrap().len(), 1);
    assert_eq!(first.snapshot().unwrap().clusters.len(), 1);
}

#[test]
fn what_is_no_document_is_an_error_as_in_a_directory() {
    let world = World::new();
    put(&world.store("seed-store"), &cluster("c1", "us")).unwrap();
    git(&world.path("seed"), &["pull", "-q", "--rebase", "../remote.git", "main"]);
    let clusters = || world.store("reader").clusters();
    world.add("inventory/clusters/.notes", "left alone");
    assert_eq!(clusters().unwrap().len(), 1);
    for (name, text) in [
        ("c2.yml", "a: b\n".to_owned()),
        ("sub/c2.yaml", "a: b\n".to_owned()),
        ("c2.yaml", "a: b\n".to_owned()),
        ("C2.yaml", "a: b\n".to_owned()),
        ("c2.yaml", "# a\n".repeat(1 << 19)),
    ] {
        world.add(&format!("inventory/clusters/{name}"), &text);
        let error = clusters().unwrap_err();
        let path = format!("inventory/clusters/{}", name.split('/').next().unwrap());
        assert!(error.to_string().contains(&path), "{error}");
        git(&world.path("seed"), &["rm", "-qrf", &path]);
        world.commit();
    }
    let document = fs::read_to_string(world.path("seed/inventory/clusters/c1.yaml")).unwrap();
    // Beside the store, and in the repository beside the store, is what others keep there.
    world.add("c2.yaml", &document);
    world.add("inventory/values.yaml", "a: b\n");
    world.add("inventory/other/c2.yaml", &document);
    assert_eq!(clusters().unwrap().len(), 1);
    for (name, text) in
        [("c2.yaml", document.as_str()), ("c2.yml", &document), ("Accounts/a.yaml", "")]
    {
        world.add(&format!("inventory/{name}"), text);
        let error = clusters().unwrap_err();
        let path = format!("inventory/{}", name.split('/').next().unwrap());
        assert!(matches!(&error, Error::Stray { .. }), "{error}");
        assert!(error.to_string().contains(&path), "{error}");
        git(&world.path("seed"), &["rm", "-qrf", &path]);
        world.commit();
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("nowhere", world.path("seed/inventory/clusters/c3.yaml"))
            .unwrap();
        world.commit();
        assert!(matches!(clusters().unwrap_err(), Error::Thing { thing: Thing::Link, .. }));
        git(&world.path("seed"), &["rm", "-qrf", "inventory/clusters"]);
        std::os::unix::fs::symlink("accounts", world.path("seed/inventory/clusters")).unwrap();
        world.commit();
        assert!(matches!(clusters().unwrap_err(), Error::Thing { thing: Thing::Link, .. }));
        assert!(world.store("reader").cluster(&key("c1")).is_err());
    }
}

/// A process that was killed in the copy leaves a lock, or worse.
#[test]
fn a_copy_that_is_broken_is_made_anew() {
    let world = World::new();
    put(&world.store("first"), &cluster("c1", "us")).unwrap();
    let copy = &world.copy("first");
    fs::write(copy.join("shallow.lock"), "").unwrap();
    assert_eq!(world.store("first").clusters().unwrap().len(), 1);
    fs::write(copy.join("refs/fleet/head.lock"), "").unwrap();
    put(&world.store("second"), &cluster("c2", "us")).unwrap();
    assert_eq!(world.store("first").clusters().unwrap().len(), 2);
    fs::remove_dir_all(copy.join("objects")).unwrap();
    assert_eq!(world.store("first").clusters().unwrap().len(), 2);
    // What was fetched may be broken, too, as after a loss of power.
    let blob = git(copy, &["rev-parse", "refs/fleet/head:inventory/clusters/c1.yaml"]);
    for entry in fs::read_dir(copy.join("objects/pack")).unwrap() {
        fs::remove_file(entry.unwrap().path()).unwrap();
    }
    assert_eq!(world.store("first").clusters().unwrap().len(), 2);
    let loose = copy.join("objects").join(&blob[..2]).join(&blob[2..]);
    if loose.exists() {
        fs::remove_file(&loose).unwrap();
        fs::write(&loose, "").unwrap();
    }
    assert_eq!(world.store("first").clusters().unwrap().len(), 2);
    // A process that was killed while it made a commit; and another one that makes the copy anew meanwhile.
    let store = world.store("first");
    fs::write(copy.join("refs/fleet/work.lock"), "").unwrap();
    put(&store, &cluster("c3", "us")).unwrap();
    fs::remove_dir_all(copy).unwrap();
    put(&store, &cluster("c4", "us")).unwrap();
    assert_eq!(world.store("second").clusters().unwrap().len(), 4);
    // Nobody else reads it.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(copy).unwrap().permissions().mode() & 0o077, 0);
    }
}

/// What others put into the copy is not run: it is made anew.
#[cfg(unix)]
#[test]
fn a_copy_that_others_can_write_is_not_used() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::new();
    put(&world.store("first"), &cluster("c1", "us")).unwrap();
    let copy = world.copy("first");
    let config = fs::read_to_string(copy.join("config")).unwrap();
    let is_made_anew = |why: &str| {
        fs::write(copy.join("mark"), "").unwrap();
        assert_eq!(world.store("first").clusters().unwrap().len(), 1, "{why}");
        assert!(!copy.join("mark").exists(), "{why}");
        assert_eq!(fs::read_to_string(copy.join("config")).unwrap(), config, "{why}");
    };
    fs::write(copy.join("config"), format!("{config}[core]\n\tsshCommand = mallory\n")).unwrap();
    is_made_anew("another configuration");
    for name in ["commondir", "config.worktree", "objects/info/alternates"] {
        fs::create_dir_all(copy.join(name).parent().unwrap()).unwrap();
        fs::write(copy.join(name), "/elsewhere\n").unwrap();
        is_made_anew(name);
    }
    fs::create_dir(copy.join("hooks")).unwrap();
    is_made_anew("hooks");
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o777)).unwrap();
    is_made_anew("others may write");
    // Else it is used again.
    fs::write(copy.join("mark"), "").unwrap();
    assert_eq!(world.store("first").clusters().unwrap().len(), 1);
    assert!(copy.join("mark").exists());
}

#[test]
fn a_branch_that_went_or_was_taken_back_meanwhile_is_not_brought_back() {
    let world = World::new();
    let (store, remote) = (world.store("first"), world.path("remote.git"));
    put(&store, &cluster("c1", "us")).unwrap();
    let first = git(&remote, &["rev-parse", "main"]);
    put(&store, &cluster("c2", "us")).unwrap();
    // Somebody takes the second commit back: the third comes on top of the first.
    git(&remote, &["update-ref", "refs/heads/main", &first]);
    put(&store, &cluster("c3", "us")).unwrap();
    assert_eq!(git(&remote, &["rev-parse", "main~1"]), first);
    // Somebody moves the branch elsewhere.
    git(&remote, &["branch", "-m", "main", "trunk"]);
    let error = put(&store, &cluster("c4", "us")).unwrap_err();
    assert!(
        matches!(&error, Error::Git(of) if matches!(&**of, Trouble::NoBranch { .. })),
        "{error}"
    );
    assert_eq!(git(&remote, &["branch", "--list", "--format=%(refname:short)"]), "trunk");
}

/// A rule of the server objects to one file of many.
#[cfg(unix)]
#[test]
fn a_file_that_is_refused_takes_no_other_with_it() {
    let world = World::new();
    world.hook(
        "pre-receive",
        "read old new ref\n! git ls-tree -r --name-only $new | grep -q clusters/c1.yaml",
    );
    let store = world.store("first");
    let ends = thread::scope(|scope| {
        let writes: Vec<_> = (0..4)
            .map(|n| {
                let store = &store;
                scope.spawn(move || put(store, &cluster(&format!("c{n}"), "us")).is_ok())
            })
            .collect();
        writes.into_iter().map(|write| write.join().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(ends, [true, false, true, true]);
    assert_eq!(world.store("second").clusters().unwrap().len(), 3);
}

#[test]
fn the_folder_stays_when_its_last_file_goes() {
    let world = World::new();
    let store = world.store("first");
    put(&store, &cluster("c1", "us")).unwrap();
    git(&world.path("seed"), &["pull", "-q", "--rebase", "../remote.git", "main"]);
    git(&world.path("seed"), &["rm", "-q", "inventory/.gitkeep"]);
    world.commit();
    let store = world.store("second");
    assert_eq!(store.delete_cluster(&key("c1"), "us").unwrap(), Removal::Removed);
    store.is_current(Freshness::Git, Upstream::default()).unwrap();
    assert_eq!(world.store("third").clusters().unwrap().len(), 0);
}

#[test]
fn a_repository_with_longer_ids_is_like_any_other() {
    let world = World::new();
    let remote = world.path("remote.git");
    fs::remove_dir_all(&remote).unwrap();
    fs::remove_dir_all(world.path("seed")).unwrap();
    let here = world.directory.path();
    let longer = "--object-format=sha256";
    git(here, &["init", "-q", "--bare", longer, "-b", "main", "remote.git"]);
    git(here, &["init", "-q", longer, "-b", "main", "seed"]);
    world.add("inventory/.gitkeep", "");
    put(&world.store("first"), &cluster("c1", "us")).unwrap();
    assert_eq!(world.store("first").clusters().unwrap().len(), 1);
    assert_eq!(git(&remote, &["rev-parse", "main"]).len(), 64);
}

#[test]
fn a_writer_that_panics_leaves_nobody_waiting() {
    let (answer, told) = channel();
    let change = Change { name: "accounts/a.yaml".to_owned(), bytes: None };
    let waiting = vec![Waiting { change, expected: Expected::Nothing, answer }];
    let queue = Mutex::new(Queue { waiting, is_served: true });
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _serving = Serving(&queue);
        panic!("on purpose");
    }));
    assert!(panicked.is_err());
    assert!(told.recv().is_err());
    assert!(!queue.lock().unwrap().is_served);
}

/// A repository that does not answer is asked once in a run: each time may take half a minute.
#[test]
fn a_repository_that_does_not_answer_is_asked_once() {
    let world = World::new();
    let stores = || crate::store::Stores::in_cache(world.path("cache"));
    let place = PathBuf::from(world.repository("main", "inventory").to_string());
    let (run, later) = (stores(), stores());
    fs::rename(world.path("remote.git"), world.path("moved.git")).unwrap();
    assert!(matches!(run.open(&place).unwrap_err(), Error::Git(_)));
    fs::rename(world.path("moved.git"), world.path("remote.git")).unwrap();
    // Had it been asked, it would have answered.
    assert!(matches!(run.open(&place).unwrap_err(), Error::Git(_)));
    let store = later.open(&place).unwrap();

    let is_current = || store.is_current(Freshness::Git, Upstream::default());
    is_current().unwrap();
    fs::rename(world.path("remote.git"), world.path("moved.git")).unwrap();
    let first = is_current().unwrap_err().to_string();
    fs::rename(world.path("moved.git"), world.path("remote.git")).unwrap();
    assert_eq!(is_current().unwrap_err().to_string(), first);
    // A write is tried all the same: what it records would be lost.
    put(&store, &cluster("c1", "us")).unwrap();
}

/// A server that goes away in the middle of a push: before it has taken the commit, and after it.
#[cfg(unix)]
#[test]
fn a_server_that_goes_away_midway_is_asked_what_it_took() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::new();
    let store = world.store("first");
    let goes_away = |when: &str| {
        let hook = world.path("remote.git/hooks").join(when);
        fs::create_dir_all(hook.parent().unwrap()).unwrap();
        fs::write(&hook, "#!/bin/sh\nkill -9 $PPID\n").unwrap();
        fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
        hook
    };
    let hook = goes_away("pre-receive");
    let error = put(&store, &cluster("c1", "us")).unwrap_err();
    assert!(
        matches!(&error, Error::Git(of) if matches!(&**of, Trouble::Refused { .. })),
        "{error}"
    );
    assert_eq!((store.cluster(&key("c1")).unwrap(), world.commits()), (None, 1));
    fs::remove_file(hook).unwrap();

    let hook = goes_away("post-receive");
    let written = put(&store, &cluster("c1", "us")).unwrap();
    assert_eq!((written.serial, world.commits()), (1, 2), "it was taken, and is not made twice");
    fs::remove_file(hook).unwrap();
    assert_eq!(world.store("second").clusters().unwrap().len(), 1);
}
