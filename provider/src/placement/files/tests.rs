//! Files of placements in a directory.

use std::fs;

use super::*;

fn writer(instance: &str) -> Writer {
    Writer {
        owner: Owner { managed_by: "platform".into(), placement: "app-prod".into() },
        instance: instance.into(),
        emitted: BTreeMap::new(),
        generation: 1,
    }
}

fn artifact(directory: &Path, role: &str) -> Artifact {
    let text = format!(
        "{{\"managed_by\": \"platform\", \"placement\": \"app-prod\", \"role\": \"{role}\"}}\n"
    );
    let path = directory.join("new/targets/app-prod.json").to_str().unwrap().to_owned();
    Artifact { path, is_file: true, gvk: None, text }
}

#[test]
fn writes_where_there_is_none_and_over_its_own() {
    let directory = tempfile::tempdir().unwrap();
    let files = Files::default();
    let (first, second) = (artifact(directory.path(), "a"), artifact(directory.path(), "b"));
    files.put(&first, &writer("1")).unwrap();
    files.put(&second, &writer("1")).unwrap();
    assert_eq!(sha256(&second.path).unwrap(), Some(second.sha256()));
}

#[test]
fn a_file_of_somebody_else_is_never_overwritten() {
    let directory = tempfile::tempdir().unwrap();
    let ours = artifact(directory.path(), "a");
    fs::create_dir_all(Path::new(&ours.path).parent().unwrap()).unwrap();
    let others = [
        "by hand".to_owned(),
        ours.text.replace("platform", "another"),
        ours.text.replace("app-prod", "other-prod"),
    ];
    for text in others {
        fs::write(&ours.path, &text).unwrap();
        let error = Files::default().put(&ours, &writer("1")).unwrap_err();
        assert!(matches!(error, Error::NotOurs { .. }), "{text}");
        assert_eq!(fs::read_to_string(&ours.path).unwrap(), text);
    }
    // What we wrote ourselves stays ours when `managed_by` is renamed.
    fs::write(&ours.path, ours.text.replace("platform", "before")).unwrap();
    let mut renamed = writer("1");
    renamed.emitted.insert(ours.path.clone(), sha256(&ours.path).unwrap().unwrap());
    Files::default().put(&ours, &renamed).unwrap();
    assert_eq!(sha256(&ours.path).unwrap(), Some(ours.sha256()));
}

#[test]
fn two_objects_of_one_key_in_one_run() {
    let directory = tempfile::tempdir().unwrap();
    let files = Files::default();
    let artifact = artifact(directory.path(), "a");
    let mut old = writer("old");
    old.emitted.insert(artifact.path.clone(), artifact.sha256());
    files.put(&artifact, &writer("new")).unwrap();
    // The destroy of the one that is replaced leaves what its successor wrote.
    assert_eq!(files.remove(&artifact.path, &old).unwrap(), Removal::WrittenByAnother);
    assert!(matches!(files.put(&artifact, &writer("third")), Err(Error::Twice { .. })));
    // What another run wrote is a file like any other.
    Files::default().put(&artifact, &writer("third")).unwrap();
    assert_eq!(sha256(&artifact.path).unwrap(), Some(artifact.sha256()));
}

#[test]
fn removes_only_what_is_as_it_was_written() {
    let directory = tempfile::tempdir().unwrap();
    let artifact = artifact(directory.path(), "a");
    let mut writer = writer("1");
    assert_eq!(Files::default().remove(&artifact.path, &writer).unwrap(), Removal::Missing);
    Files::default().put(&artifact, &writer).unwrap();
    writer.emitted.insert(artifact.path.clone(), artifact.sha256());
    fs::write(&artifact.path, artifact.text.replace("\"a\"", "\"by hand\"")).unwrap();
    assert_eq!(Files::default().remove(&artifact.path, &writer).unwrap(), Removal::Changed);
    fs::write(&artifact.path, &artifact.text).unwrap();
    assert_eq!(Files::default().remove(&artifact.path, &writer).unwrap(), Removal::Removed);
    assert_eq!(sha256(&artifact.path).unwrap(), None);
}

/// A clone on macOS or Windows has one of the two.
#[test]
fn a_name_that_differs_in_case_alone_is_in_the_way() {
    let directory = tempfile::tempdir().unwrap();
    let artifact = artifact(directory.path(), "a");
    let folder = Path::new(&artifact.path).parent().unwrap();
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("App-Prod.json"), &artifact.text).unwrap();
    let error = Files::default().put(&artifact, &writer("1")).unwrap_err();
    assert!(matches!(&error, Error::Alike { other, .. } if other == "App-Prod.json"), "{error}");
    fs::remove_file(folder.join("App-Prod.json")).unwrap();
    Files::default().put(&artifact, &writer("1")).unwrap();
}

/// As the inventory's: only regular files of a bounded size are read, and nothing is waited for.
#[test]
#[cfg(unix)]
fn what_is_no_regular_file_is_neither_read_nor_written_nor_removed() {
    let directory = tempfile::tempdir().unwrap();
    let artifact = artifact(directory.path(), "a");
    let path = Path::new(&artifact.path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let other = directory.path().join("other.json");
    fs::write(&other, &artifact.text).unwrap();
    let mut writer = writer("1");
    writer.emitted.insert(artifact.path.clone(), artifact.sha256());
    let refused = |thing: &str| {
        for error in [
            Files::default().put(&artifact, &writer).unwrap_err(),
            Files::default().remove(&artifact.path, &writer).unwrap_err(),
            sha256(&artifact.path).unwrap_err(),
        ] {
            let told = crate::placement::report::file(&error);
            assert!(told.detail.ends_with("FLEET0416"), "{told:?}");
            assert!(told.detail.contains(thing), "{told:?}");
        }
        assert!(path.symlink_metadata().is_ok());
    };
    std::os::unix::fs::symlink(&other, path).unwrap();
    refused("a symbolic link");
    assert_eq!(fs::read_to_string(&other).unwrap(), artifact.text);
    fs::remove_file(path).unwrap();
    fs::create_dir(path).unwrap();
    refused("a directory");
    fs::remove_dir(path).unwrap();
    fs::File::create(path).unwrap().set_len(LARGEST + 1).unwrap();
    refused("16777216 bytes");
}

/// What to do follows from what the operating system says.
#[test]
fn each_cause_of_a_refused_write_has_its_own_advice() {
    for (kind, word) in [
        (io::ErrorKind::StorageFull, "The disk is full"),
        (io::ErrorKind::ReadOnlyFilesystem, "mounted read-only"),
        (io::ErrorKind::PermissionDenied, "the right to read and write"),
        (io::ErrorKind::NotADirectory, "A file is where a directory should be"),
    ] {
        let of = |verb| Error::Write { path: "a".into(), verb, source: kind.into() };
        for error in [of("written"), of("removed")] {
            let told = crate::placement::report::file(&error);
            assert!(told.detail.contains(word), "{told:?}");
        }
    }
}

/// The same targets: but for the generation the files of two objects of one key are alike.
#[test]
fn what_a_later_object_has_taken_up_stays_whoever_goes_and_is_not_written_over() {
    let directory = tempfile::tempdir().unwrap();
    let later = |of: &Artifact| Artifact {
        text: of.text.replacen("{", "{\"generation\": 2, ", 1),
        ..of.clone()
    };
    let first = artifact(directory.path(), "a");
    let mut old = writer("1");
    Files::default().put(&first, &old).unwrap();
    old.emitted.insert(first.path.clone(), first.sha256());
    let new = Writer { generation: 2, ..writer("2") };
    Files::default().put(&later(&first), &new).unwrap();
    // In other runs, which know nothing of this one.
    assert_eq!(Files::default().remove(&first.path, &old).unwrap(), Removal::TakenUp);
    let refused = Files::default().put(&first, &old).unwrap_err();
    assert!(matches!(refused, Error::Later { .. }), "{refused}");
    assert_eq!(sha256(&first.path).unwrap(), Some(later(&first).sha256()));
    // The later one goes on, and takes its own away.
    let mut new = new;
    new.emitted.insert(first.path.clone(), later(&first).sha256());
    assert_eq!(Files::default().remove(&first.path, &new).unwrap(), Removal::Removed);
    Files::default().put(&first, &old).unwrap();
}
