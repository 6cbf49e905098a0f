//! An ephemeral object, as core opens, renews and closes it.

use std::time::Duration;

use crate::client::Client;
use crate::generated::tfplugin6::{
    close_ephemeral_resource, get_metadata, get_provider_schema, open_ephemeral_resource,
    renew_ephemeral_resource, stop_provider, validate_ephemeral_resource_config,
};
use crate::process::Process;
use crate::wire::{Field, fields, object};

fn open_request(of: &str) -> open_ephemeral_resource::Request {
    open_ephemeral_resource::Request {
        type_name: "example_lease".to_owned(),
        config: Some(object(&[("of", of.into()), ("secret", Field::Null)])),
        client_capabilities: None,
    }
}

async fn open(client: &Client, of: &str) -> open_ephemeral_resource::Response {
    client.provider("/tfplugin6.Provider/OpenEphemeralResource", open_request(of)).await
}

fn private(of: &str) -> Option<Vec<u8>> {
    Some(format!(r#"{{"of":"{of}"}}"#).into_bytes())
}

async fn renew(client: &Client, of: &str) -> renew_ephemeral_resource::Response {
    let type_name = "example_lease".to_owned();
    let request = renew_ephemeral_resource::Request { type_name, private: private(of) };
    client.provider("/tfplugin6.Provider/RenewEphemeralResource", request).await
}

async fn close(client: &Client, of: &str) -> close_ephemeral_resource::Response {
    let type_name = "example_lease".to_owned();
    let request = close_ephemeral_resource::Request { type_name, private: private(of) };
    client.provider("/tfplugin6.Provider/CloseEphemeralResource", request).await
}

#[tokio::test]
async fn from_open_to_close() {
    let provider = Process::start(&[]);
    let client = Client::connect(&provider.handshake).await;
    let schemas: get_provider_schema::Response = client
        .provider("/tfplugin6.Provider/GetProviderSchema", get_provider_schema::Request {})
        .await;
    assert!(schemas.ephemeral_resource_schemas.contains_key("example_lease"));
    let metadata: get_metadata::Response =
        client.provider("/tfplugin6.Provider/GetMetadata", get_metadata::Request {}).await;
    assert_eq!(metadata.ephemeral_resources[0].type_name, "example_lease");

    let validated: validate_ephemeral_resource_config::Response = client
        .provider(
            "/tfplugin6.Provider/ValidateEphemeralResourceConfig",
            validate_ephemeral_resource_config::Request {
                type_name: "example_lease".to_owned(),
                config: Some(object(&[("of", Field::Unknown), ("secret", Field::Null)])),
            },
        )
        .await;
    assert!(validated.diagnostics.is_empty(), "{validated:?}");

    let opened = open(&client, "house").await;
    assert!(opened.diagnostics.is_empty(), "{opened:?}");
    let result = fields(opened.result.as_ref()).unwrap();
    assert!(result.contains(&("secret".to_owned(), "lease-secret".into())), "{result:?}");
    assert_eq!(opened.private, private("house"));
    let renew_at = opened.renew_at.unwrap();
    assert_eq!((renew_at.seconds, renew_at.nanos), (1, 500_000_000));

    let renewed = renew(&client, "house").await;
    assert_eq!((renewed.renew_at.unwrap().seconds, renewed.private), (2, private("house")));
    let closed = close(&client, "house").await;
    assert_eq!(closed.diagnostics[0].detail, "The lease of `house` is over.");
    client.shutdown().await;
}

#[tokio::test]
async fn what_ignores_a_stop_is_cut_off() {
    for of in ["ignore", "block"] {
        let provider = Process::start(&[]);
        let client = Client::connect(&provider.handshake).await;
        let stop = async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            let path = "/tfplugin6.Provider/StopProvider";
            client.provider::<_, stop_provider::Response>(path, stop_provider::Request {}).await
        };
        let (opened, renewed, closed, _) =
            futures::join!(open(&client, of), renew(&client, of), close(&client, of), stop);
        assert_eq!((opened.result, opened.private), (None, None));
        assert_eq!((renewed.renew_at, renewed.private), (None, private(of)));
        for (diagnostics, rpc, left) in [
            (opened.diagnostics, "`OpenEphemeralResource`", "may stay open"),
            (renewed.diagnostics, "`RenewEphemeralResource`", "may expire"),
            (closed.diagnostics, "`CloseEphemeralResource`", "may stay open"),
        ] {
            let [error] = diagnostics.as_slice() else { panic!("{diagnostics:?}") };
            for words in [rpc, "`ephemeral.example_lease`", "0.3 s", left] {
                assert!(error.detail.contains(words), "{words} is not in {}", error.detail);
            }
        }
        client.shutdown().await;
    }
}
