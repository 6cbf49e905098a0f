use super::*;

fn of() -> pb::AccountRef {
    let fleet_id = "3c0c7ee2-1d25-5d6e-9d2e-9a9c2a8f7a11".into();
    pb::AccountRef { key: "shop".into(), fleet_id, ..pb::AccountRef::default() }
}

fn host() -> pb::AccountRequest {
    pb::AccountRequest {
        contract: Some(pb::Contract {
            name: "Shop: \"prod\"".into(),
            account_class: "prod-workloads".into(),
            environment: "prod".into(),
            owner: "yes".into(),
            region_set: vec!["eu-central-1".into()],
            identity: r#"{"b":1,"a":1.50}"#.into(),
            ..pb::Contract::default()
        }),
        parent: "/workloads".into(),
        tags: [("cost".to_owned(), "0017".to_owned())].into(),
        ..pb::AccountRequest::default()
    }
}

const FILE: &str = r#"# A request for a cloud account. fleet-vending-request writes this file; an edit is lost.
# Answer in fulfilments/shop.yaml, with the request_sha256 of this file: see the page "Accounts that people make".
"#;

#[test]
fn the_file_is_the_same_each_time_and_reads_back() {
    let request =
        Request::new(&of(), "fleet", "team", "2026-12-14T00:00:00Z".into(), asked(&host()));
    let text = request.to_text().unwrap();
    assert!(text.starts_with(FILE), "{text}");
    assert_eq!(text, request.to_text().unwrap());
    assert_eq!(Request::from_text(&text).unwrap(), request);
    // What some reader of YAML takes for something else is in quotes.
    assert!(text.contains("owner: \"yes\"") && text.contains("cost: \"0017\""), "{text}");
    assert!(text.contains(&format!("request_sha256: {}", request.asked.sha256())), "{text}");
}

#[test]
fn the_hash_is_of_the_json_with_its_keys_in_order() {
    let asked = Asked { parent: "p".into(), ..Asked::default() };
    let json = concat!(
        r#"{"contract":{"account_class":"","baseline_policy":"","budget_owner":"","data_classification":"","#,
        r#""environment":"","gitops_enabled":false,"name":"","owner":""},"parent":"p"}"#
    );
    let expected: String = Sha256::digest(json).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(asked.sha256(), expected);
}

#[test]
fn only_what_a_person_approves_is_in_the_hash() {
    let base = asked(&host()).sha256();
    let mut other = host();
    other.generation = 7;
    other.memory = vec![1];
    other.lifecycle = pb::LifecycleState::Retired.into();
    other.phase_before = 3;
    assert_eq!(asked(&other).sha256(), base);
    let changes: [fn(&mut pb::AccountRequest); 5] = [
        |request| request.parent = "/other".into(),
        |request| drop(request.tags.insert("a".into(), "b".into())),
        |request| request.vendor_settings = "{}".into(),
        |request| request.contract.get_or_insert_default().owner = "no".into(),
        |request| request.contract.get_or_insert_default().identity = "{}".into(),
    ];
    for change in changes {
        let mut other = host();
        change(&mut other);
        assert_ne!(asked(&other).sha256(), base);
    }
}

#[test]
fn what_changed_since_an_answered_request_is_kept_until_it_is_back() {
    let first = Request::new(&of(), "fleet", "", String::new(), asked(&host()));
    assert_eq!(
        first.asking(asked(&host()), "2027-01-01T00:00:00Z".into()),
        first,
        "an equal request keeps its due_by"
    );
    let mut other = host();
    other.parent = "/other".into();
    let second = first.asking(asked(&other), String::new());
    other.contract.get_or_insert_default().owner = "them".into();
    let third = second.asking(asked(&other), String::new());
    let changed = third.changed.clone().unwrap();
    assert_eq!(changed.request_sha256, first.request_sha256);
    assert_eq!(changed.fields, ["contract.owner", "parent"]);
    assert_eq!(third.asking(asked(&host()), String::new()).changed, None);
}

#[test]
fn a_file_of_another_form_or_version_is_refused() {
    let request = Request::new(&of(), "fleet", "", String::new(), asked(&host()));
    let text = request.to_text().unwrap();
    for bad in [
        text.replace("version: 1", "version: 2"),
        text.replace("key:", "kay:"),
        text.clone() + "more: 1\n",
        String::new(),
    ] {
        assert!(Request::from_text(&bad).is_err(), "{bad}");
    }
}
