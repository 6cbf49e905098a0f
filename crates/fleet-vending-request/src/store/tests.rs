use fleet_vending_proto::v1beta1 as pb;

use super::*;
use crate::request::asked;

fn request(key: &str) -> Request {
    let of = pb::AccountRef {
        key: key.into(),
        fleet_id: format!("id of {key}"),
        ..pb::AccountRef::default()
    };
    Request::new(&of, "fleet", "", String::new(), asked(&pb::AccountRequest::default()))
}

fn fulfilment(id: &str) -> String {
    format!(
        "version: 1\nrequest_sha256: {}\ndecision: approved\napprover: Ann\nnative_id: {id}\n",
        "0".repeat(64)
    )
}

#[test]
fn requests_are_written_once_read_back_and_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path().join("not/there"));
    assert!(store.requests().unwrap().is_empty());
    store.write(&request("b")).unwrap();
    store.write(&request("a")).unwrap();
    let path = folder.path().join("not/there/requests/a.yaml");
    let before = fs::metadata(&path).unwrap().modified().unwrap();
    store.write(&request("a")).unwrap();
    assert_eq!(
        fs::metadata(&path).unwrap().modified().unwrap(),
        before,
        "equal bytes are not written again"
    );
    let keys: Vec<String> =
        store.requests().unwrap().into_iter().map(|request| request.key).collect();
    assert_eq!(keys, ["a", "b"]);
    store.withdraw("a").unwrap();
    store.withdraw("a").unwrap();
    assert_eq!(store.request("a").unwrap(), None);
}

#[test]
fn one_call_at_a_time_works_on_a_key() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (Store::new(folder.path().into()), Store::new(folder.path().into()));
    let lock = one.lock("a").unwrap().unwrap();
    assert!(other.lock("a").unwrap().is_none());
    assert!(other.lock("b").unwrap().is_some());
    drop(lock);
    assert!(other.lock("a").unwrap().is_some());
    assert!(one.requests().unwrap().is_empty(), "a lock is no request");
}

#[test]
fn answers_that_are_no_regular_files_of_some_size_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path().into());
    let answers = folder.path().join("fulfilments");
    assert!(matches!(store.answer("none").unwrap(), Answer::None));
    fs::create_dir(&answers).unwrap();
    fs::write(answers.join("right.yaml"), fulfilment("a-1")).unwrap();
    fs::write(answers.join("long.yaml"), vec![b'#'; 64 * 1024 + 1]).unwrap();
    fs::write(answers.join("bytes.yaml"), [0xff, 0xfe]).unwrap();
    fs::create_dir(answers.join("folder.yaml")).unwrap();
    assert!(matches!(store.answer("right").unwrap(), Answer::Is(_)));
    for key in ["long", "bytes", "folder"] {
        assert!(matches!(store.answer(key).unwrap(), Answer::Refused(_)), "{key}");
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(answers.join("right.yaml"), answers.join("link.yaml")).unwrap();
        assert!(matches!(store.answer("link").unwrap(), Answer::Refused(_)));
        let elsewhere = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(&answers, elsewhere.path().join("fulfilments")).unwrap();
        let linked = Store::new(elsewhere.path().into());
        assert!(matches!(linked.answer("right").unwrap(), Answer::Refused(_)));
        assert!(linked.keys_of("a-1").is_err());
    }
}

#[test]
fn whose_answers_name_an_id_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path().into());
    assert!(store.keys_of("a-1").unwrap().is_empty());
    let answers = folder.path().join("fulfilments");
    fs::create_dir(&answers).unwrap();
    for (name, id) in [
        ("b.yaml", "a-1"),
        ("a.yaml", "a-1"),
        ("c.yaml", "a-2"),
        ("no key.yaml", "a-1"),
        (".d.yaml", "a-1"),
    ] {
        fs::write(answers.join(name), fulfilment(id)).unwrap();
    }
    assert_eq!(store.keys_of("a-1").unwrap(), ["a", "b"]);
}

#[test]
fn keys_lead_nowhere_else() {
    for key in ["", "..", "a/b", "A", "a.b", "ä", &"a".repeat(64)] {
        assert!(!is_key(key), "{key}");
    }
    assert!(is_key("a-1") && is_key(&"a".repeat(63)));
}
