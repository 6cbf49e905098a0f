use std::fs;

use super::*;

fn vendor(folder: &tempfile::TempDir) -> Vendor {
    let text = format!(r#"{{"directory":{:?}}}"#, folder.path().display().to_string());
    let settings = crate::settings::read(&text).unwrap();
    let vendor =
        Vendor::new(settings, "fleet".into(), false, watch::Sender::new(false).subscribe());
    Vendor { clock: || Timestamp::UNIX_EPOCH, ..vendor }
}

fn of(key: &str) -> pb::AccountRef {
    let fleet_id = Uuid::new_v5(&Uuid::NAMESPACE_DNS, key.as_bytes()).to_string();
    pb::AccountRef { key: key.into(), fleet_id, ..pb::AccountRef::default() }
}

fn asked(of: pb::AccountRef) -> pb::AccountRequest {
    pb::AccountRequest { r#ref: Some(of), ..pb::AccountRequest::default() }
}

fn class(refusal: Refusal) -> ProblemClass {
    match refusal {
        Refusal::Problem(problem) => problem.class(),
        Refusal::Gone => panic!("gone"),
    }
}

/// Answers the request of a key.
fn approve(folder: &tempfile::TempDir, request: &Request, id: &str) {
    let answers = folder.path().join("fulfilments");
    fs::create_dir_all(&answers).unwrap();
    let text = format!(
        "version: 1\nrequest_sha256: {}\ndecision: approved\napprover: Ann\nnative_id: {id}\nevidence: [x]\n",
        request.request_sha256
    );
    fs::write(answers.join(format!("{}.yaml", request.key)), text).unwrap();
}

#[test]
fn what_nobody_has_answered_is_withdrawn_and_what_exists_is_asked_to_be_closed() {
    let folder = tempfile::tempdir().unwrap();
    let vendor = vendor(&folder);
    vendor.ask(&asked(of("shop"))).unwrap();
    let outcome = vendor.step(&of("shop"), LifecycleState::Closed).unwrap();
    assert_eq!(
        (outcome.lifecycle(), outcome.let_go_at.is_empty()),
        (LifecycleState::Closed, false)
    );
    assert!(!folder.path().join("requests/shop.yaml").exists());
    assert!(matches!(vendor.step(&of("shop"), LifecycleState::Closed), Err(Refusal::Gone)));

    let request = vendor.ask(&asked(of("shop"))).unwrap();
    approve(&folder, &request, "a-1");
    let early = vendor.step(&of("shop"), LifecycleState::Closed).unwrap();
    assert_eq!(early.failures[0].class(), ProblemClass::Invalid);
    vendor.step(&of("shop"), LifecycleState::Retired).unwrap();
    let closing = vendor.step(&of("shop"), LifecycleState::Closed).unwrap();
    assert_eq!(closing.phase(), pb::Phase::Closing);
    let again = vendor.step(&of("shop"), LifecycleState::Closed).unwrap();
    assert_eq!(again.let_go_at, closing.let_go_at);
    // Asking for it again opens nothing.
    vendor.ask(&asked(of("shop"))).unwrap();
    let seen = vendor.outcome(&vendor.find(&of("shop")).unwrap().unwrap(), "a-1").unwrap();
    assert_eq!(seen.lifecycle(), LifecycleState::Closed);
}

#[test]
fn an_account_that_the_host_knows_is_not_asked_for_anew() {
    let folder = tempfile::tempdir().unwrap();
    let known = pb::AccountRef { native_id: "a-1".into(), ..of("shop") };
    assert!(matches!(vendor(&folder).ask(&asked(known)), Err(Refusal::Gone)));
    assert!(!folder.path().join("requests").exists());
}

#[test]
fn a_request_that_is_not_the_one_of_its_digest_is_not_asked() {
    let folder = tempfile::tempdir().unwrap();
    let vendor = vendor(&folder);
    let mut request = asked(of("shop"));
    request.request_sha256 = fleet_vending_proto::digest::of_request(&request);
    vendor.ask(&request).unwrap();
    request.parent = "/other".into();
    assert_eq!(class(vendor.ask(&request).unwrap_err()), ProblemClass::Invalid);
}

#[test]
fn the_place_of_another_account_is_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    let vendor = vendor(&folder);
    vendor.ask(&asked(of("shop"))).unwrap();
    let another = pb::AccountRef { fleet_id: of("other").fleet_id, ..of("shop") };
    assert_eq!(class(vendor.ask(&asked(another)).unwrap_err()), ProblemClass::ConflictKey);
    let renamed = pb::AccountRef { key: "renamed".into(), ..of("shop") };
    assert_eq!(class(vendor.ask(&asked(renamed)).unwrap_err()), ProblemClass::ConflictInput);
    let stranger = Vendor { managed_by: "others".into(), ..vendor.clone() };
    assert_eq!(class(stranger.ask(&asked(of("shop"))).unwrap_err()), ProblemClass::ConflictOwner);
}

#[test]
fn two_new_accounts_with_one_id_are_both_refused_and_one_that_is_known_stays() {
    let folder = tempfile::tempdir().unwrap();
    let vendor = vendor(&folder);
    let requests = ["a", "b"].map(|key| vendor.ask(&asked(of(key))).unwrap());
    for request in &requests {
        approve(&folder, request, "a-1");
    }
    for request in &requests {
        let outcome = vendor.outcome(request, "").unwrap();
        assert_eq!(outcome.failures[0].class(), ProblemClass::ConflictKey);
        assert!(outcome.identity_pending);
    }
    assert!(vendor.outcome(&requests[0], "a-1").unwrap().failures.is_empty());
    // An import by such an id finds nothing: whose it is is not known.
    let import = pb::AccountRef { native_id: "a-1".into(), ..pb::AccountRef::default() };
    assert_eq!(vendor.find(&import).unwrap(), None);
}

#[test]
fn a_file_of_ours_that_cannot_be_read_is_no_absence() {
    let folder = tempfile::tempdir().unwrap();
    let vendor = vendor(&folder);
    vendor.ask(&asked(of("shop"))).unwrap();
    fs::write(folder.path().join("requests/shop.yaml"), "nonsense").unwrap();
    assert_eq!(class(vendor.ask(&asked(of("shop"))).unwrap_err()), ProblemClass::Unexpected);
    assert_eq!(class(vendor.find_ours(&of("shop")).unwrap_err()), ProblemClass::Unexpected);
}

#[test]
fn a_request_is_due_from_when_it_was_asked_or_changed() {
    let folder = tempfile::tempdir().unwrap();
    let vendor = vendor(&folder);
    let settings =
        Settings { due_in: Some(Duration::from_secs(86_400)), ..(*vendor.settings).clone() };
    let vendor = Vendor { settings: Arc::new(settings), ..vendor };
    assert_eq!(vendor.ask(&asked(of("shop"))).unwrap().due_by, "1970-01-02T00:00:00Z");
    let later =
        Vendor { clock: || Timestamp::UNIX_EPOCH + Duration::from_secs(2 * 86_400), ..vendor };
    let request = later.ask(&asked(of("shop"))).unwrap();
    assert_eq!(request.due_by, "1970-01-02T00:00:00Z", "asked again it is due when it was");
    assert_eq!(later.outcome(&request, "").unwrap().warnings[0].object, "due_by");
    let changed = pb::AccountRequest { parent: "/other".into(), ..asked(of("shop")) };
    assert_eq!(later.ask(&changed).unwrap().due_by, "1970-01-04T00:00:00Z");
}

#[test]
fn a_request_whose_answer_names_an_account_is_not_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let vendor = vendor(&folder);
    let request = vendor.ask(&asked(of("shop"))).unwrap();
    approve(&folder, &request, "a-1");
    // An answer to an earlier request: the account may be there all the same.
    let changed = pb::AccountRequest { parent: "/other".into(), ..asked(of("shop")) };
    vendor.ask(&changed).unwrap();
    let outcome = vendor.step(&of("shop"), LifecycleState::Released).unwrap();
    assert_eq!(outcome.failures[0].class(), ProblemClass::Human);
    assert!(folder.path().join("requests/shop.yaml").exists());
}
