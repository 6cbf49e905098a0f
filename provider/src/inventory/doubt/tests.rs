use std::path::PathBuf;

use super::*;

fn told(doubt: &Doubt) -> String {
    doubt.report("retires the account `a`").build().detail
}

#[test]
fn each_doubt_says_what_to_do() {
    let path = || PathBuf::from("HERE/second/inventory");
    let (remote, branch) = (|| "origin".to_owned(), || "main".to_owned());
    let behind =
        |follows| Doubt::Behind { path: path(), remote: remote(), branch: branch(), follows };
    let files = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    insta::assert_snapshot!("behind", told(&behind(true)));
    insta::assert_snapshot!("behind_the_default_branch", told(&behind(false)));
    insta::assert_snapshot!("detached", told(&Doubt::NoUpstream { path: path() }));
    let no_default = Doubt::NoBranch { path: path(), remote: remote(), branch: None };
    insta::assert_snapshot!("no_default", told(&no_default));
    let one_of_two = Doubt::OfSeveral {
        doubt: Box::new(behind(false)),
        remotes: files(&["`fork`", "`origin`"]),
    };
    insta::assert_snapshot!("one_of_two_remotes", told(&one_of_two));
    let uncommitted = Doubt::Uncommitted {
        path: path(),
        files: files(&["clusters/c1.yaml", "clusters/c2.yaml"]),
    };
    insta::assert_snapshot!("uncommitted", told(&uncommitted));
    let unpushed = Doubt::Unpushed {
        path: path(),
        remote: remote(),
        branch: branch(),
        files: files(&["clusters/c1.yaml (only there)"]),
    };
    insta::assert_snapshot!("unpushed", told(&unpushed));
    let shallow = Doubt::Shallow { path: path(), remote: remote(), branch: branch() };
    assert!(told(&shallow).contains("--unshallow"));
    let failure = Failure::Said("no".to_owned());
    let unreachable = Doubt::Unreachable { path: path(), remote: remote(), failure };
    assert!(told(&unreachable).contains("`freshness = \"asserted\"`"));
    let gone = Doubt::NoBranch { path: path(), remote: remote(), branch: Some("b".to_owned()) };
    assert!(!told(&gone).contains("asserted"));
}
