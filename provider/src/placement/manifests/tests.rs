//! Directories of manifests as they grow in repositories.

use std::fs;

use super::*;

const US: &str = "platform";

fn owner(managed_by: &str, placement: &str) -> Owner {
    Owner { managed_by: managed_by.into(), placement: placement.into() }
}

fn manifest(managed_by: &str, placement: &str, cluster: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata:\n  name: {placement}\n  namespace: argocd\n  annotations:\n    \
         fleet-iac.github.io/managed-by: {managed_by}\n    fleet-iac.github.io/placement: {placement}\nspec:\n  generators:\n  \
         - list:\n      elements:\n      - name: {cluster}\n        region: eu-west-1\n        role: active\n"
    )
}

/// A repository with a directory `apps/pay`, and the files that are put into it.
struct Repository(tempfile::TempDir);

impl Repository {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir_all(directory.path().join("apps/pay")).unwrap();
        fs::create_dir(directory.path().join(".git")).unwrap();
        Self(directory)
    }

    fn put(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn look(&self) -> Manifests {
        Manifests::around(&self.0.path().join("apps/pay"))
    }

    /// Who makes `pay-prod-eu-a`, beside our placement `pay-prod-eu`.
    fn maker(&self) -> Option<String> {
        let found = self.look();
        assert!(found.unread.is_empty(), "{:?}", found.unread);
        let maker = found.maker("argocd", "pay-prod-eu-a", &owner(US, "pay-prod-eu"))?.clone();
        Some(maker.owner.map_or_else(String::new, |owner| owner.managed_by))
    }
}

/// Wherever a controller that reads the directory, or one above it, comes by.
#[test]
fn an_application_is_found_in_below_and_above_in_every_form() {
    let theirs = manifest("elsewhere", "pay-prod", "eu-a");
    for path in [
        "apps/pay/x.yaml",
        "apps/pay/x.yml",
        "apps/pay/X.YAML",
        "apps/pay/x.json",
        "apps/pay/deep/er/x.yaml",
        "apps/x.yaml",
        "x.yaml",
    ] {
        let repository = Repository::new();
        repository.put(path, format!("# first\nkind: Other\n---\n{theirs}"));
        assert_eq!(repository.maker().as_deref(), Some("elsewhere"), "{path}");
    }
    for elsewhere in ["other/x.yaml", "apps/other/x.yaml", "apps/pay/.x.yaml", "apps/pay/x.txt"] {
        let repository = Repository::new();
        repository.put(elsewhere, &theirs);
        assert_eq!(repository.maker(), None, "{elsewhere}");
    }
}

/// Another state may have the same `managed_by`; what we write ourselves is not in our way.
#[test]
fn every_placement_but_our_own_counts() {
    let repository = Repository::new();
    repository.put("apps/pay/own.yaml", manifest(US, "pay-prod-eu", "a"));
    assert_eq!(repository.maker(), None);
    repository.put("apps/pay/other.yaml", manifest(US, "pay-prod", "eu-a"));
    assert_eq!(repository.maker().as_deref(), Some(US));
    let repository = Repository::new();
    let by_hand =
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: pay-prod-eu-a\n";
    repository.put("apps/pay/hand.yaml", by_hand);
    assert_eq!(repository.maker().as_deref(), Some(""));
    repository.put("apps/pay/hand.yaml", format!("{by_hand}  namespace: argo-two\n"));
    assert_eq!(repository.maker(), None, "another Argo CD has names of its own");
}

#[test]
fn what_may_be_a_placements_and_cannot_be_read_is_told() {
    let theirs = manifest("elsewhere", "pay-prod", "eu-a");
    let control = theirs.replacen("elsewhere", "else\u{1b}where", 1);
    let mut binary = theirs.clone().into_bytes();
    binary.push(0xff);
    for (path, bytes, told) in [
        ("apps/pay/x.yaml", control.clone().into_bytes(), true),
        ("apps/x.yaml", control.clone().into_bytes(), true),
        ("apps/pay/deep/x.yml", control.into_bytes(), true),
        ("apps/pay/x.json", binary.clone(), true),
        ("apps/x.json", binary, true),
        ("apps/pay/x.yaml", theirs.replacen("generators", "generator", 1).into_bytes(), true),
        ("apps/pay/binary.json", b"\xff\xfe".to_vec(), true),
        ("apps/binary.json", b"\xff\xfe".to_vec(), false),
        // The template of a chart.
        ("apps/pay/chart/templates/x.yaml", b"{{- if .Values.argoproj.io }}".to_vec(), false),
        ("apps/pay/values.yaml", b"a: [".to_vec(), false),
    ] {
        let repository = Repository::new();
        repository.put(path, bytes);
        let found = repository.look();
        assert_eq!(found.unread.len(), usize::from(told), "{path}: {:?}", found.unread);
    }
}

#[test]
#[cfg(unix)]
fn links_and_pipes_are_told_in_the_directory_and_never_waited_for() {
    use std::os::unix::fs::symlink;
    for (place, told) in [("apps/pay", 2), ("apps/pay/deep", 0), ("apps", 0)] {
        let repository = Repository::new();
        let folder = repository.0.path().join(place);
        fs::create_dir_all(&folder).unwrap();
        symlink("/dev/zero", folder.join("zero.yaml")).unwrap();
        let pipe = folder.join("pipe.json");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &pipe,
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RUSR,
            0,
        )
        .unwrap();
        assert_eq!(repository.look().unread.len(), told, "{place}");
    }
    // A directory that leads to itself ends.
    let repository = Repository::new();
    symlink(".", repository.0.path().join("apps/pay/self")).unwrap();
    assert!(repository.look().unread.is_empty());
}
