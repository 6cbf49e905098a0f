//! Planted secrets, a provider that logs all it is given, and a log of everything.

use crate::client::Client;
use crate::generated::tfplugin6::{
    DynamicValue, apply_resource_change, open_ephemeral_resource, plan_resource_change,
    read_resource, renew_ephemeral_resource,
};
use crate::process::Process;
use crate::resource::configure_with;
use crate::wire::{Field, null, object};

/// A vault as it is configured.
fn vault() -> DynamicValue {
    object(&[
        ("door", Field::Object(vec![("code", "code-secret".into())])),
        ("key", "key-secret".into()),
        ("name", "plain".into()),
        ("password", "password-secret".into()),
        ("pin", Field::Integer(739_164)),
        ("token", Field::Null),
    ])
}

#[tokio::test]
async fn no_secret_reaches_a_log_line() {
    let mut provider = Process::start(&[("TF_LOG", "trace")]);
    let client = Client::connect(&provider.handshake).await;
    configure_with(&client, "author-secret".into()).await;
    let type_name = "example_vault".to_owned();
    let planned: plan_resource_change::Response = client
        .provider(
            "/tfplugin6.Provider/PlanResourceChange",
            plan_resource_change::Request {
                type_name: type_name.clone(),
                prior_state: Some(null()),
                proposed_new_state: Some(vault()),
                config: Some(vault()),
                client_capabilities: Some(crate::generated::tfplugin6::ClientCapabilities {
                    write_only_attributes_allowed: true,
                    ..Default::default()
                }),
                ..Default::default()
            },
        )
        .await;
    assert!(planned.diagnostics.is_empty(), "{planned:?}");
    let apply = async |prior, planned, config, private: Vec<u8>| {
        client
            .provider::<_, apply_resource_change::Response>(
                "/tfplugin6.Provider/ApplyResourceChange",
                apply_resource_change::Request {
                    type_name: type_name.clone(),
                    prior_state: Some(prior),
                    planned_state: Some(planned),
                    config: Some(config),
                    planned_private: private,
                    ..Default::default()
                },
            )
            .await
    };
    let planned = planned.planned_state.unwrap();
    let created = apply(null(), planned, vault(), b"{\"etag\":\"etag-first\"}".to_vec()).await;
    // The person is told what the provider says.
    assert!(created.diagnostics[0].detail.contains("password-secret"), "{created:?}");
    let state = created.new_state.unwrap();
    let read: read_resource::Response = client
        .provider(
            "/tfplugin6.Provider/ReadResource",
            read_resource::Request {
                type_name: type_name.clone(),
                current_state: Some(state.clone()),
                private: created.private,
                ..Default::default()
            },
        )
        .await;
    assert!(read.diagnostics[0].detail.contains("etag-secret"), "{read:?}");
    let deleted = apply(state, null(), null(), Vec::new()).await;
    assert!(deleted.diagnostics[0].detail.contains("cannot forget"), "{deleted:?}");

    let type_name = "example_lease".to_owned();
    let opened: open_ephemeral_resource::Response = client
        .provider(
            "/tfplugin6.Provider/OpenEphemeralResource",
            open_ephemeral_resource::Request {
                type_name: type_name.clone(),
                config: Some(object(&[("of", "house-of-cards".into()), ("secret", Field::Null)])),
                client_capabilities: None,
            },
        )
        .await;
    let _: renew_ephemeral_resource::Response = client
        .provider(
            "/tfplugin6.Provider/RenewEphemeralResource",
            renew_ephemeral_resource::Request { type_name, private: opened.private },
        )
        .await;
    client.shutdown().await;

    let log = provider.stderr();
    for planted in [
        "author-secret",
        "password-secret",
        "key-secret",
        "739164",
        "code-secret",
        "token\"secret",
        "token\\\"secret",
        "token\\\\\\\"secret",
        "etag-first",
        "etag-secret",
        "lease-secret",
    ] {
        assert!(!log.contains(planted), "{planted} is in the log:\n{log}");
    }
    // And the lines are there.
    for words in ["\"told\"", "all of it: ", "\"diagnostic_detail\"", "***", "plain", "renewing"] {
        assert!(log.contains(words), "{words} is not in the log:\n{log}");
    }
}
