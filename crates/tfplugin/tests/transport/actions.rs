//! An action, as core plans and invokes it.

use std::time::{Duration, Instant};

use tonic::Streaming;

use crate::client::Client;
use crate::generated::tfplugin6::attribute_path::step::Selector;
use crate::generated::tfplugin6::invoke_action::{self, Event, event};
use crate::generated::tfplugin6::{
    DynamicValue, get_metadata, get_provider_schema, plan_action, stop_provider,
    validate_action_config,
};
use crate::process::{PATIENCE, Process};
use crate::wire::{Field, object};

fn config(to: i64, then: &str, mark: Field) -> DynamicValue {
    object(&[("mark", mark), ("then", then.into()), ("to", Field::Integer(to))])
}

async fn invoke(client: &Client, config: DynamicValue) -> Streaming<Event> {
    let request = invoke_action::Request {
        action_type: "example_count".to_owned(),
        config: Some(config),
        client_capabilities: None,
    };
    client.stream("/tfplugin6.Provider/InvokeAction", request).await
}

/// The progress, and the messages at the end. Nothing comes after the end.
async fn to_the_end(mut events: Streaming<Event>) -> (Vec<String>, Vec<String>) {
    let mut progress = Vec::new();
    while let Some(event) = events.message().await.unwrap() {
        match event.r#type.unwrap() {
            event::Type::Progress(said) => progress.push(said.message),
            event::Type::Completed(completed) => {
                assert_eq!(events.message().await.unwrap(), None);
                let said = |found: crate::generated::tfplugin6::Diagnostic| {
                    format!("{}: {}", found.summary, found.detail)
                };
                return (progress, completed.diagnostics.into_iter().map(said).collect());
            }
        }
    }
    panic!("no end after {progress:?}")
}

#[tokio::test]
async fn from_the_schema_to_the_end() {
    let provider = Process::start(&[]);
    let client = Client::connect(&provider.handshake).await;
    let schemas: get_provider_schema::Response = client
        .provider("/tfplugin6.Provider/GetProviderSchema", get_provider_schema::Request {})
        .await;
    let schema = schemas.action_schemas["example_count"].schema.clone().unwrap();
    assert_eq!(schema.block.unwrap().attributes.len(), 3);
    let metadata: get_metadata::Response =
        client.provider("/tfplugin6.Provider/GetMetadata", get_metadata::Request {}).await;
    assert_eq!(metadata.actions[0].type_name, "example_count");

    let validated: validate_action_config::Response = client
        .provider(
            "/tfplugin6.Provider/ValidateActionConfig",
            validate_action_config::Request {
                type_name: "example_count".to_owned(),
                config: Some(config(3, "succeed", Field::Unknown)),
            },
        )
        .await;
    assert!(validated.diagnostics.is_empty(), "{validated:?}");
    for (to, errors) in [(3, 0), (0, 1)] {
        let planned: plan_action::Response = client
            .provider(
                "/tfplugin6.Provider/PlanAction",
                plan_action::Request {
                    action_type: "example_count".to_owned(),
                    config: Some(config(to, "succeed", Field::Null)),
                    client_capabilities: None,
                },
            )
            .await;
        assert_eq!(planned.diagnostics.len(), errors, "{planned:?}");
    }

    let many: Vec<String> = (1..=100).map(|number| number.to_string()).collect();
    let events = invoke(&client, config(100, "succeed", Field::Null)).await;
    assert_eq!(to_the_end(events).await, (many, Vec::new()));
    let events = invoke(&client, config(1, "fail", Field::Null)).await;
    assert_eq!(to_the_end(events).await.1, ["Failed: As asked."]);
    client.shutdown().await;
}

#[tokio::test]
async fn a_panic_ends_it_calmly() {
    let mut provider = Process::start(&[]);
    let client = Client::connect(&provider.handshake).await;
    let events = invoke(&client, config(2, "panic", Field::Null)).await;
    let (progress, said) = to_the_end(events).await;
    assert_eq!(progress, ["1", "2"]);
    assert!(said[0].contains("tried to invoke `action.example_count`: asked to"), "{said:?}");
    let events = invoke(&client, config(1, "succeed", Field::Null)).await;
    assert_eq!(to_the_end(events).await.1, [] as [&str; 0]);
    client.shutdown().await;
    assert!(provider.stderr().starts_with("panic: asked to"));
}

#[tokio::test]
async fn a_check_that_panics_is_told_of_its_attribute() {
    let mut provider = Process::start(&[]);
    let client = Client::connect(&provider.handshake).await;
    for (then, errors) in [("explode", 1), ("succeed", 0)] {
        let validated: validate_action_config::Response = client
            .provider(
                "/tfplugin6.Provider/ValidateActionConfig",
                validate_action_config::Request {
                    type_name: "example_count".to_owned(),
                    config: Some(config(3, then, Field::Null)),
                },
            )
            .await;
        assert_eq!(validated.diagnostics.len(), errors, "{validated:?}");
        for error in validated.diagnostics {
            assert!(error.detail.contains("while it tried to validate `then`: "), "{error:?}");
            let step = error.attribute.unwrap().steps[0].selector.clone().unwrap();
            assert_eq!(step, Selector::AttributeName("then".to_owned()));
        }
    }
    client.shutdown().await;
    assert!(provider.stderr().starts_with("panic: "));
}

#[tokio::test]
async fn a_stop_ends_it() {
    for (then, said) in [
        ("wait", "Interrupted: It was still counting."),
        ("ignore", "The provider did not stop: `InvokeAction` of `action.example_count` was still"),
        ("block", "The provider did not stop: `InvokeAction` of `action.example_count` was still"),
    ] {
        let provider = Process::start(&[]);
        let client = Client::connect(&provider.handshake).await;
        let mut events = invoke(&client, config(1, then, Field::Null)).await;
        assert!(matches!(
            events.message().await.unwrap().unwrap().r#type,
            Some(event::Type::Progress(_))
        ));
        let _: stop_provider::Response =
            client.provider("/tfplugin6.Provider/StopProvider", stop_provider::Request {}).await;
        let (_, ended) = to_the_end(events).await;
        assert!(ended[0].starts_with(said), "{ended:?}");
        client.shutdown().await;
    }
}

#[tokio::test]
async fn a_cli_that_hangs_up_ends_it() {
    let provider = Process::start(&[]);
    let client = Client::connect(&provider.handshake).await;
    let mark = provider.directory.path().join("mark");
    let mut events = invoke(&client, config(1, "wait", mark.to_str().unwrap().into())).await;
    assert!(events.message().await.unwrap().is_some());
    drop(events);
    let start = Instant::now();
    while !mark.exists() {
        assert!(start.elapsed() < PATIENCE, "it does not know that nobody listens");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // And the others are served.
    let events = invoke(&client, config(1, "succeed", Field::Null)).await;
    assert_eq!(to_the_end(events).await.0, ["1"]);
    client.shutdown().await;
}
