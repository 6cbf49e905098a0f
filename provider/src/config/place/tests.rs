use super::*;

fn git(url: &str) -> GitStore {
    GitStore {
        url: url.into(),
        branch: Attr::Null,
        path: Attr::Null,
        author_name: Attr::Null,
        author_email: Attr::Null,
    }
}

fn block(path: Attr<String>, git: Attr<Vec<GitStore>>) -> Inventory {
    Inventory {
        path,
        freshness: Attr::Null,
        remote: Attr::Null,
        branch: Attr::Null,
        acknowledge: Attr::Null,
        git,
    }
}

fn in_git(git: GitStore) -> Inventory {
    block(Attr::Null, Attr::Known(vec![git]))
}

const URL: &str = "https://git.example.com/fleet.git";

fn said(block: &Inventory) -> Vec<String> {
    let mut diagnostics = Diagnostics::default();
    check(&Path::attribute("inventory").index(0), block, &mut diagnostics);
    let told = diagnostics.iter().map(|of| {
        let place = of.path.as_ref().map(ToString::to_string).unwrap_or_default();
        format!("{place}: {}\n{}\n", of.summary, of.detail)
    });
    told.collect()
}

fn codes(block: &Inventory) -> Vec<String> {
    let last = |told: String| told.trim_end().rsplit('\n').next().map(str::to_owned);
    said(block).into_iter().filter_map(last).collect()
}

#[test]
fn the_inventory_has_one_place() {
    assert_eq!(codes(&block("inventory".into(), Attr::Null)), [""; 0]);
    assert_eq!(codes(&block("inventory".into(), Attr::Known(Vec::new()))), [""; 0]);
    assert_eq!(codes(&in_git(git(URL))), [""; 0]);
    // What is not known yet may be there or not.
    assert_eq!(codes(&block(Attr::Unknown, Attr::Null)), [""; 0]);
    assert_eq!(codes(&block(Attr::Null, Attr::Unknown)), [""; 0]);
    assert_eq!(codes(&in_git(GitStore { url: Attr::Unknown, ..git("") })), [""; 0]);

    assert_eq!(codes(&block(Attr::Null, Attr::Null)), ["FLEET0604"]);
    assert_eq!(codes(&block("inventory".into(), Attr::Known(vec![git(URL)]))), ["FLEET0604"]);
    let of_directories = Inventory {
        freshness: "git".into(),
        remote: "origin".into(),
        branch: "main".into(),
        ..in_git(git(URL))
    };
    assert_eq!(codes(&of_directories), ["FLEET0604"; 3]);
}

#[test]
fn each_fault_of_a_repository_is_said_at_its_attribute() {
    let faults = [
        git("https://user:s3cr3t@git.example.com/fleet.git"),
        git("ext::sh -c id"),
        git("../fleet.git"),
        GitStore { branch: "a..b".into(), ..git(URL) },
        GitStore { path: "../elsewhere".into(), ..git(URL) },
        GitStore { author_name: " ".into(), ..git(URL) },
        GitStore { author_email: "a>\nb".into(), ..git(URL) },
    ];
    let told: Vec<String> = faults.into_iter().flat_map(|git| said(&in_git(git))).collect();
    assert_eq!(told.len(), 7);
    let told = told.join("\n----\n");
    assert!(!told.contains("s3cr3t"), "{told}");
    insta::assert_snapshot!(told);
}

#[test]
fn a_place_is_one_text() {
    let text = |block: Inventory| location(&Attr::Known(vec![block]));
    assert_eq!(location(&Attr::Null), Attr::Null);
    assert_eq!(location(&Attr::Unknown), Attr::Unknown);
    assert_eq!(text(block("inventory".into(), Attr::Null)), "inventory".into());
    assert_eq!(text(in_git(git(URL))), "git::https://git.example.com/fleet.git?ref=main".into());
    let whole = GitStore { branch: "fleet".into(), path: "a/b".into(), ..git(URL) };
    assert_eq!(text(in_git(whole)), "git::https://git.example.com/fleet.git//a/b?ref=fleet".into());
    for unknown in [
        GitStore { url: Attr::Unknown, ..git(URL) },
        GitStore { branch: Attr::Unknown, ..git(URL) },
        GitStore { path: Attr::Unknown, ..git(URL) },
    ] {
        assert_eq!(text(in_git(unknown)), Attr::Unknown);
    }
}
