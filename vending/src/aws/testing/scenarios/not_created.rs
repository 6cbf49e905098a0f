//! AWS makes no account: for each of its reasons, what becomes of the run.

use super::*;

/// What becomes of a run in which AWS gives `reason` to every request that it takes.
async fn always(reason: &'static str) -> (Cloud, Refusal) {
    let cloud = Cloud::new();
    cloud.world().failure_reasons.extend([reason; 1_000]);
    let refusal = vend(&cloud, &job("payments")).await.unwrap_err();
    assert!(cloud.world().accounts.is_empty(), "{reason}");
    (cloud, refusal)
}

#[tokio::test]
async fn most_reasons_are_final_and_told_with_the_request() {
    for reason in [
        "ACCOUNT_LIMIT_EXCEEDED",
        "FAILED_BUSINESS_VALIDATION",
        "GOVCLOUD_ACCOUNT_ALREADY_EXISTS",
        "INVALID_ADDRESS",
        "INVALID_EMAIL",
        "INVALID_IDENTITY_FOR_BUSINESS_VALIDATION",
        "INVALID_PAYMENT_INSTRUMENT",
        "MISSING_BUSINESS_VALIDATION",
        "MISSING_PAYMENT_INSTRUMENT",
        "PENDING_BUSINESS_VALIDATION",
        "UNKNOWN_BUSINESS_VALIDATION",
        "UPDATE_EXISTING_RESOURCE_POLICY_WITH_TAGS_NOT_SUPPORTED",
        "A_REASON_OF_TOMORROW",
    ] {
        let (cloud, refusal) = always(reason).await;
        let expected = Refusal::CreateFailed {
            reason: NotCreated::parse(reason),
            message: String::new(),
            request_id: Some("car-0001".into()),
        };
        assert_eq!(refusal, expected);
        assert_eq!(cloud.count("CreateAccount"), 1, "{reason}");
    }
}

#[tokio::test]
async fn an_internal_failure_is_asked_for_again_three_times() {
    let cloud = Cloud::new();
    cloud.world().failure_reasons.extend(["INTERNAL_FAILURE"; 3]);
    assert!(vend(&cloud, &job("payments")).await.unwrap().ready());
    assert_eq!((cloud.count("CreateAccount"), cloud.world().accounts.len()), (4, 1));

    let (cloud, refusal) = always("INTERNAL_FAILURE").await;
    assert!(matches!(refusal, Refusal::CreateFailed { reason: NotCreated::InternalFailure, .. }));
    assert_eq!(cloud.count("CreateAccount"), 4);
}

#[tokio::test]
async fn a_repeated_request_waits_for_the_one_before_it() {
    // What the earlier request makes shows after a while: it is ours, and taken up.
    let cloud = Cloud::new();
    cloud.world().failure_reasons.extend(["CONCURRENT_ACCOUNT_MODIFICATION"; 2]);
    assert!(vend(&cloud, &job("payments")).await.unwrap().ready());
    assert_eq!((cloud.count("CreateAccount"), cloud.world().accounts.len()), (3, 1));

    // It never does: the run ends with its time, says what it was told, and has not hammered.
    let (cloud, refusal) = always("CONCURRENT_ACCOUNT_MODIFICATION").await;
    let Refusal::OutOfTime { tried: Some(tries), .. } = refusal else { panic!("{refusal:?}") };
    assert_eq!(tries.last.code, "CONCURRENT_ACCOUNT_MODIFICATION");
    let sent = cloud.count("CreateAccount");
    assert!((10..=60).contains(&sent), "{sent} requests in half an hour");
}

#[tokio::test]
async fn an_error_that_is_final_is_told_in_its_own_words() {
    for (kind, code) in [
        (Kind::Quota, "ACCOUNT_NUMBER_LIMIT_EXCEEDED"),
        (Kind::Invalid, "TAG_POLICY_VIOLATION"),
        (Kind::Invalid, "MASTER_ACCOUNT_MISSING_CONTACT_INFO"),
        (Kind::Invalid, "MASTER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED"),
        (Kind::Invalid, "MASTER_ACCOUNT_MISSING_BUSINESS_LICENSE"),
        (Kind::Invalid, "MASTER_ACCOUNT_ADDRESS_DOES_NOT_MATCH_MARKETPLACE"),
        (Kind::Invalid, "ACCOUNT_CREATION_NOT_COMPLETE"),
        (Kind::Invalid, "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE"),
        (Kind::Invalid, "MAX_TAG_LIMIT_EXCEEDED"),
        (Kind::Invalid, "INVALID_PATTERN"),
        (Kind::Invalid, "InvalidInputException"),
        (Kind::Invalid, "A_CONSTRAINT_OF_TOMORROW"),
        (Kind::Invalid, "AWSOrganizationsNotInUseException"),
        (Kind::Denied, "AccessDeniedException"),
        (Kind::Unsupported, "UnsupportedAPIEndpointException"),
        // Nobody knows whether this one had an effect: looked for, and not sent again.
        (Kind::Unexpected, "SomethingOfTomorrow"),
    ] {
        let cloud = Cloud::new();
        cloud.fault("CreateAccount", Fault::Before(kind, code));
        let refusal = vend(&cloud, &job("payments")).await.unwrap_err();
        let expected = NotCreated::parse(code);
        assert!(
            matches!(&refusal, Refusal::CreateFailed { reason, request_id: None, .. } if *reason == expected),
            "{code}: {refusal:?}"
        );
        assert_eq!(cloud.count("CreateAccount"), 1, "{code}");
        assert!(cloud.world().accounts.is_empty());
    }
}

#[tokio::test]
async fn an_error_that_passes_is_waited_out_and_told_when_the_time_is_over() {
    for (kind, code) in [
        (Kind::InFlightLimit, "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED"),
        (Kind::Busy, "FinalizingOrganizationException"),
        (Kind::Busy, "ConcurrentModificationException"),
        (Kind::Throttled, "TooManyRequestsException"),
    ] {
        let cloud = Cloud::new();
        for _ in 0..6 {
            cloud.fault("CreateAccount", Fault::Before(kind, code));
        }
        assert!(vend(&cloud, &job("payments")).await.unwrap().ready(), "{code}");
        assert_eq!((cloud.count("CreateAccount"), cloud.world().accounts.len()), (7, 1), "{code}");

        let cloud = Cloud::new();
        for _ in 0..10_000 {
            cloud.fault("CreateAccount", Fault::Before(kind, code));
        }
        let begin = cloud.world().now;
        let refusal = vend(&cloud, &job("payments")).await.unwrap_err();
        let Refusal::OutOfTime { tried: Some(tries), .. } = refusal else { panic!("{refusal:?}") };
        assert_eq!((tries.last.code.as_str(), tries.last.kind), (code, kind));
        assert_eq!(tries.times as usize, cloud.count("CreateAccount"), "{code}");
        assert_eq!(cloud.world().now - begin, 1_800_000, "{code}: to the second");
    }
}

/// An account with the job's email that listings show only some time after AWS has said
/// `EMAIL_ALREADY_EXISTS`: the five cases cannot be told before.
async fn email_already_exists(
    tags: &[(&str, &str)],
    state: AccountState,
) -> (Cloud, Result<Outcome, Refusal>) {
    let cloud = Cloud::new();
    cloud.put_account("555555555555", "aws+payments@example.com", tags);
    {
        let mut world = cloud.world();
        world.accounts[0].state = state;
        world.read_lag_seconds = 86_400 + 25;
    }
    let answer = vend(&cloud, &job("payments")).await;
    assert_eq!(cloud.count("CreateAccount"), 1, "{tags:?}");
    assert_eq!(cloud.world().accounts.len(), 1, "{tags:?}");
    (cloud, answer)
}

#[tokio::test]
async fn a_taken_email_has_five_cases() {
    let id = tags::fleet_id(ORGANIZATION, "payments");
    let marks = |manager| [(tags::MANAGED_BY, manager), (tags::ID, id.as_str())];

    let (_, ours) = email_already_exists(&marks("us"), AccountState::Active).await;
    let ours = ours.unwrap();
    assert_eq!((ours.facts.id.as_str(), ours.ready()), ("555555555555", true));

    let (_, unmanaged) = email_already_exists(&[], AccountState::Active).await;
    assert!(matches!(unmanaged, Err(Refusal::Unmanaged { .. })), "{unmanaged:?}");

    let (_, theirs) = email_already_exists(&marks("them"), AccountState::Active).await;
    assert!(
        matches!(&theirs, Err(Refusal::OtherManager { manager, .. }) if manager == "them"),
        "{theirs:?}"
    );

    for state in [AccountState::Suspended, AccountState::PendingClosure, AccountState::Closed] {
        let (_, closed) = email_already_exists(&marks("us"), state).await;
        assert!(matches!(closed, Err(Refusal::Inactive { .. })), "{closed:?}");
    }

    let cloud = Cloud::new();
    cloud.world().taken_elsewhere.insert("aws+payments@example.com".into());
    let begin = cloud.world().now;
    let refusal = vend(&cloud, &job("payments")).await.unwrap_err();
    assert!(
        matches!(&refusal, Refusal::CreateFailed { reason: NotCreated::EmailAlreadyExists, .. }),
        "{refusal:?}"
    );
    assert_eq!((cloud.count("CreateAccount"), cloud.world().accounts.len()), (1, 0));
    assert!(cloud.world().now - begin < 60_000, "it does not wait for what never comes");
}
