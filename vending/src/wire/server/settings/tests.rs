use super::*;

fn config(json: &str) -> Result<Config, Wrong> {
    Settings::parse(json).and_then(|settings| settings.config("us".to_owned()))
}

fn example() -> serde_json::Value {
    serde_json::json!({
        "$schema": "settings.schema.json",
        "region": "eu-west-1", "sts_region": "eu-west-1", "profile": "p",
        "shared_config_files": ["a"], "shared_credentials_files": ["b"],
        "access_key": "AKIA", "secret_key": "s", "token": "t",
        "allowed_account_ids": ["111122223333"], "forbidden_account_ids": [],
        "skip_credentials_validation": true, "retry_mode": "adaptive", "max_retries": 3,
        "refresh_readiness": "cached", "custom_ca_bundle": "/ca.pem",
        "http_proxy": "http://p", "https_proxy": "http://p", "no_proxy": "localhost",
        "use_fips_endpoint": false, "use_dualstack_endpoint": true,
        "assume_role": [{
            "role_arn": "arn:aws:iam::1:role/a", "external_id": "x", "source_identity": "me",
            "tags": {"a": "b"}, "transitive_tag_keys": ["a"],
            "session": {"session_name": "n", "duration_seconds": 900, "policy": "{}", "policy_arns": ["p"]},
        }],
        "assume_role_with_web_identity": {
            "role_arn": "arn:aws:iam::1:role/w", "session": {}, "web_identity_token_file": "/t",
        },
        "endpoints": {"account": "http://e", "controltower": "http://e", "ec2": "http://e", "iam": "http://e",
            "organizations": "http://e", "resourcegroupstaggingapi": "http://e",
            "s3control": "http://e", "servicequotas": "http://e", "sts": "http://e"},
        "organization": {"read_role_arn": "r", "write_role_arn": "w"},
        "member_access": {"bootstrap_role_names": ["a"], "manage_role_name": "m", "read_role_name": "r"},
        "quarantine": {"parent": "ou-ab12-quarant0", "policy_id": "p-1"},
    })
}

#[test]
fn what_the_schema_describes_is_taken_and_nothing_else() {
    let schema: serde_json::Value = serde_json::from_str(SCHEMA).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let example = example();
    assert!(validator.is_valid(&example));
    let names =
        |of: &serde_json::Value| of.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&schema["properties"]).len(), names(&example).len());
    let taken = config(&example.to_string()).unwrap();
    assert_eq!(taken.region.as_deref(), Some("eu-west-1"));
    assert_eq!(taken.endpoints.len(), 9);
    assert_eq!(taken.refresh_readiness, RefreshReadiness::Cached);
    assert_eq!(taken.managed_by, "us");
    for (name, value) in example.as_object().unwrap() {
        let mut one = serde_json::json!({ (name): value });
        assert!(validator.is_valid(&one), "{name}");
        one["unknown"] = 1.into();
        assert!(!validator.is_valid(&one), "{name}");
        assert!(Settings::parse(&one.to_string()).is_err(), "{name}");
    }
}

#[test]
fn without_settings_all_is_as_in_an_empty_block() {
    for json in ["", "{}"] {
        let config = config(json).unwrap();
        assert_eq!(config.bootstrap_role_names, BOOTSTRAP_ROLE_NAMES);
        assert_eq!(config.refresh_readiness, RefreshReadiness::Full);
        assert!(config.keys.is_none() && config.quarantine.is_none());
    }
}

#[test]
fn what_is_wrong_is_named_without_any_value() {
    for (json, pointer, why) in [
        ("[", "", "no JSON"),
        (r#"{"regionn": "s3cr3t"}"#, "/regionn", "unknown field `regionn`"),
        (r#"{"secret_key": 5}"#, "/secret_key", "another type"),
        (r#"{"region": ["s3cr3t"]}"#, "/region", "another type"),
        (r#"{"retry_mode": "s3cr3t"}"#, "/retry_mode", "another type"),
        (r#"{"access_key": "s3cr3t"}"#, "/secret_key", "needs secret_key"),
        (r#"{"secret_key": "s3cr3t"}"#, "/access_key", "needs access_key"),
        (r#"{"quarantine": {"parent": "a//b"}}"#, "/quarantine/parent", "a path"),
        (r#"{"region": ""}"#, "/region", "no such region"),
        (r#"{"sts_region": "s3cr3t"}"#, "/sts_region", "no such region"),
        (r#"{"endpoints": {"sts": ""}}"#, "/endpoints/sts", "no URL"),
        (r#"{"endpoints": {"s3control": "s3cr3t:5000"}}"#, "/endpoints/s3control", "no URL"),
        (
            r#"{"assume_role_with_web_identity": {"role_arn": "a"}}"#,
            "/assume_role_with_web_identity",
            "either",
        ),
    ] {
        let (of, said) = config(json).map(drop).unwrap_err();
        assert_eq!(of, pointer, "{json}");
        assert!(said.contains(why) && !said.contains("s3cr3t"), "{json}: {said}");
    }
}

#[test]
fn the_place_of_what_is_wrong_is_told() {
    for (json, place) in [
        ("[]", ""),
        ("{", ""),
        ("{} {}", ""),
        (r#"{"region": 1}"#, "/region"),
        (r#"{"quarantine": {"parent": []}}"#, "/quarantine/parent"),
        (r#"{"assume_role": [{"role_arn": "r", "tags": {"a/b": 1}}]}"#, "/assume_role/0/tags/a~1b"),
        (r#"{"access_key": "a"}"#, "/secret_key"),
    ] {
        let Err((pointer, why)) = config(json) else { panic!("{json} is taken") };
        assert_eq!(pointer, place, "{json}: {why}");
    }
}
