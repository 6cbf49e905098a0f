//! Eight processes that write two hundred records each, and are killed at random, on each kind of store.

use std::io::Read as _;
use std::process::{Child, Stdio};

use super::*;
use crate::store::Stores;

const PROCESSES: usize = 8;
const RECORDS: usize = 200;
/// How many records one process writes at the same time, as objects of one run are applied.
const AT_ONCE: usize = 100;
/// How often each process is killed.
const KILLS: usize = 2;
/// Where a process is told what it is to do: the place, the directory for copies and its number, in lines.
const TASK: &str = "FLEET_TEST_KILLED_WRITER";

fn record(process: usize, record: usize) -> ClusterDocument {
    cluster(&format!("c{process}-{record}"), &format!("us{process}"))
}

/// One of the processes. It ends when each of its records is written; what another one held up it tries again, as people do.
#[test]
#[ignore = "it is a process of the other tests here"]
fn writer() {
    let task = std::env::var(TASK).unwrap();
    let [place, cache, process] = task.lines().collect::<Vec<_>>()[..] else { panic!("{task}") };
    let process: usize = process.parse().unwrap();
    let store = (0..20).find_map(|_| Stores::in_cache(cache.into()).open(Path::new(place)).ok());
    let store = store.unwrap();
    for first in (0..RECORDS).step_by(AT_ONCE) {
        thread::scope(|scope| {
            for of in first..first + AT_ONCE {
                let store = &store;
                scope.spawn(move || {
                    let done = (0..20).find_map(|_| put(store, &record(process, of)).ok());
                    done.unwrap();
                });
            }
        });
    }
}

fn start(place: &Path, world: &World, process: usize) -> Child {
    // Two processes share a copy, as two runs on one machine do.
    let cache = world.path(&format!("cache{}", process / 2));
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "backend::git::tests::killed::writer", "--ignored"])
        .env(TASK, format!("{}\n{}\n{process}", place.display(), cache.display()))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Nothing is lost, torn or written twice.
fn write_and_kill(place: &Path, world: &World) {
    let mut children: Vec<Child> = (0..PROCESSES).map(|of| start(place, world, of)).collect();
    // A sequence that looks random, and is the same each time.
    let mut seed: u64 = 0x2545_f491_4f6c_dd1d;
    for of in 0..PROCESSES * KILLS {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        thread::sleep(Duration::from_millis(seed % 150));
        let process = of % PROCESSES;
        children[process].kill().unwrap();
        children[process].wait().unwrap();
        children[process] = start(place, world, process);
    }
    for (process, mut child) in children.into_iter().enumerate() {
        let status = child.wait().unwrap();
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert!(status.success(), "process {process}: {said}");
    }
    let store = Stores::in_cache(world.path("last")).open(place).unwrap();
    let found = store.clusters().unwrap();
    assert_eq!(found.len(), PROCESSES * RECORDS);
    for process in 0..PROCESSES {
        for of in 0..RECORDS {
            let wanted = record(process, of);
            let found = &found[&wanted.cluster.name];
            assert_eq!(found.document, ClusterDocument { serial: 1, ..wanted });
            assert!(found.is_as_written);
        }
    }
}

#[test]
fn processes_that_are_killed_lose_nothing_on_a_branch() {
    let world = World::new();
    let place = PathBuf::from(world.repository("main", "inventory").to_string());
    write_and_kill(&place, &world);
    let remote = world.path("remote.git");
    git(&remote, &["fsck", "--strict"]);
    // One line of commits, and no file in two of them.
    assert_eq!(git(&remote, &["rev-list", "--merges", "--count", "main"]), "0");
    let changes =
        git(&remote, &["log", "--format=", "--name-status", "main~0", "--", "inventory/clusters"]);
    let changes = changes.lines().filter(|line| !line.is_empty());
    let (added, others): (Vec<_>, Vec<_>) = changes.partition(|line| line.starts_with("A\t"));
    assert_eq!((added.len(), others), (PROCESSES * RECORDS, Vec::new()));
}

#[test]
fn processes_that_are_killed_lose_nothing_in_a_directory() {
    let world = World::new();
    let place = world.path("inventory");
    fs::create_dir(&place).unwrap();
    write_and_kill(&place, &world);
}
