//! States of older versions and of other types on the wire, and configurations made of a state.

use crate::client::Client;
use crate::generated::tfplugin6::{
    RawState, generate_resource_config, move_resource_state, upgrade_resource_state,
};
use crate::identity::page;
use crate::process::Process;
use crate::wire::{Field, fields};

const TYPE: &str = "example_page";

fn raw(json: &str) -> Option<RawState> {
    Some(RawState { json: json.into(), ..Default::default() })
}

#[tokio::test]
async fn an_old_state_is_brought_up_to_date() {
    let provider = Process::start(&[]);
    let client = Client::connect(&provider.handshake).await;
    let upgrade = async |version, json: &str| -> upgrade_resource_state::Response {
        client
            .provider(
                "/tfplugin6.Provider/UpgradeResourceState",
                upgrade_resource_state::Request {
                    type_name: TYPE.to_owned(),
                    version,
                    raw_state: raw(json),
                },
            )
            .await
    };
    for (version, json, number) in
        [(0, r#"{"volume":"atlas"}"#, 1), (1, r#"{"book":"atlas","number":4}"#, 4)]
    {
        let upgraded = upgrade(version, json).await;
        assert!(upgraded.diagnostics.is_empty(), "{:?}", upgraded.diagnostics);
        assert_eq!(
            fields(upgraded.upgraded_state.as_ref()),
            fields(Some(&page(number, Field::Null)))
        );
    }
    assert_eq!(upgrade(2, "{}").await.diagnostics[0].summary, "State of a newer provider");
    client.shutdown().await;
}

#[tokio::test]
async fn an_object_moves_with_all_that_is_known_of_it() {
    let provider = Process::start(&[]);
    let client = Client::connect(&provider.handshake).await;
    let moved = async |json: &str, private: &[u8]| -> move_resource_state::Response {
        client
            .provider(
                "/tfplugin6.Provider/MoveResourceState",
                move_resource_state::Request {
                    source_provider_address: "example.com/a/b".to_owned(),
                    source_type_name: "b_leaf".to_owned(),
                    source_schema_version: 5,
                    source_state: raw(json),
                    target_type_name: TYPE.to_owned(),
                    source_private: private.to_vec(),
                    ..Default::default()
                },
            )
            .await
    };
    // What another provider keeps may be bytes of its own.
    for (private, kept) in [(&br#"{"etag":"e1"}"#[..], r#"{"etag"}"#), (b"\x00\x01", "{}")] {
        let answer = moved(r#"{"volume":"atlas"}"#, private).await;
        assert!(answer.diagnostics.is_empty(), "{:?}", answer.diagnostics);
        let text = format!("example.com/a/b b_leaf 5 {kept}");
        assert_eq!(
            fields(answer.target_state.as_ref()),
            fields(Some(&page(1, text.as_str().into())))
        );
        assert!(answer.target_identity.is_some());
    }
    let refused = moved("[]", b"").await;
    assert_eq!(refused.diagnostics.len(), 1);
    assert_eq!((refused.target_state, refused.target_identity), (None, None));
    client.shutdown().await;
}

#[tokio::test]
async fn a_configuration_is_made_of_a_state() {
    let provider = Process::start(&[]);
    let client = Client::connect(&provider.handshake).await;
    let generate = async |state| -> generate_resource_config::Response {
        client
            .provider(
                "/tfplugin6.Provider/GenerateResourceConfig",
                generate_resource_config::Request { type_name: TYPE.to_owned(), state },
            )
            .await
    };
    let made = generate(Some(page(3, "loud".into()))).await;
    assert!(made.diagnostics.is_empty(), "{:?}", made.diagnostics);
    assert_eq!(fields(made.config.as_ref()), fields(Some(&page(3, "LOUD".into()))));
    let refused = generate(None).await;
    assert_eq!(refused.diagnostics[0].summary, "Nothing to generate from");
    assert_eq!(refused.config, None);
    client.shutdown().await;
}
