use AccountLifecycleState::{Active, Frozen, Retired};
use fleet_model::readiness::Verdict;

use super::*;
use crate::account::tests::document;
use crate::inventory::Seen;

const MANAGER: &str = "platform";

/// A store with a file of the account 111122223333, `payments-prod`, at this place in its life.
fn store(phase: LifecyclePhase) -> (tempfile::TempDir, Store, AccountDocument) {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    let file = AccountDocument { lifecycle_phase: phase, ..document(Verdict::Pass) };
    store.put_account(&file, &Seen::default()).unwrap();
    (directory, store, file)
}

/// The code and the path of the refusal; none: it comes in.
fn refused(
    store: &Store,
    (key, email): (&str, &str),
    id: Option<&str>,
    wished: AccountLifecycleState,
) -> Option<(String, String)> {
    let key = &Key::new(key).unwrap();
    let refusal = Enters { key, email, id, wished }.check(store, MANAGER, Some(true)).err()?;
    let code = refusal.detail.lines().next_back().unwrap_or_default().to_owned();
    Some((code, refusal.path.map(|path| path.to_string()).unwrap_or_default()))
}

#[test]
fn a_key_is_for_the_account_of_its_file() {
    let (_directory, store, file) = store(LifecyclePhase::Active);
    let (key, email) = ("payments-prod", "aws+payments-prod@example.com");
    let twice = Some(("FLEET0105".to_owned(), "key".to_owned()));
    for (key, id, expected) in [
        (key, None, None),
        (key, Some(file.id.as_str()), None),
        (key, Some("444455556666"), twice),
        ("other", Some("444455556666"), None),
    ] {
        assert_eq!(refused(&store, (key, email), id, Active), expected, "{key} {id:?}");
    }
    let key = Key::new(key).unwrap();
    let other = self::file(&store, &key, "somebody-else", None).unwrap_err();
    assert!(other.detail.ends_with("FLEET0304"), "{other:?}");
}

#[test]
fn a_closed_account_keeps_key_and_email() {
    let (_directory, store, file) = store(LifecyclePhase::Closed);
    let buried = |at: &str| Some(("FLEET0131".to_owned(), at.to_owned()));
    let id = Some(file.id.as_str());
    for (key, email, expected) in [
        ("payments-prod", "new@example.com", buried("key")),
        ("other", "AWS+payments-prod@example.com", buried("email")),
        ("other", "new@example.com", None),
        ("other", "", None),
    ] {
        assert_eq!(refused(&store, (key, email), id, Active), expected, "{key} {email}");
    }
}

#[test]
fn it_comes_in_active_or_goes_on_where_its_file_says() {
    for (phase, jobs) in [
        (LifecyclePhase::Active, [(Active, true), (Frozen, false), (Retired, false)]),
        (LifecyclePhase::Frozen, [(Active, true), (Frozen, true), (Retired, false)]),
        (LifecyclePhase::Retired, [(Active, true), (Frozen, true), (Retired, false)]),
    ] {
        let (_directory, store, file) = store(phase);
        for (wished, comes_in) in jobs {
            for id in [None, Some(file.id.as_str())] {
                let refused = refused(&store, ("payments-prod", &file.contract.email), id, wished);
                assert_eq!(refused.is_none(), comes_in, "{phase} {wished}: {refused:?}");
                let expected = refused.map(|(code, path)| code + &path);
                assert!(expected.is_none_or(|of| of == "FLEET0127lifecycle_state"));
            }
            // The file of another key says nothing.
            let other = refused(&store, ("other", "new@example.com"), None, wished);
            assert_eq!(other.is_none(), wished == Active, "{wished}");
        }
    }
}
