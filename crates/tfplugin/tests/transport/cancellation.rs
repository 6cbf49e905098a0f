//! Handlers that do not end when the CLI is stopped.

use std::time::Duration;

use crate::client::Client;
use crate::generated::tfplugin6::{DynamicValue, read_resource, stop_provider};
use crate::process::{PATIENCE, Process};
use crate::resource::Note;
use crate::wire::{Field, null, object};

/// More handlers than the process has threads.
const MANY: usize = 10;

/// Handlers that block do so for longer than this waits.
async fn stop(client: &Client) {
    let stopping = client.provider::<_, stop_provider::Response>(
        "/tfplugin6.Provider/StopProvider",
        stop_provider::Request {},
    );
    let answer = tokio::time::timeout(PATIENCE, stopping).await.expect("it waits for the handlers");
    assert_eq!(answer.error, "");
}

/// A note that exists.
fn existing(creation: &str) -> DynamicValue {
    object(&[
        ("creation", creation.into()),
        ("id", "old".into()),
        ("length", Field::Integer(3)),
        ("text", "old".into()),
    ])
}

#[tokio::test]
async fn what_ignores_a_stop_is_cut_off_with_the_state_as_it_was() {
    for creation in ["ignore", "block"] {
        let provider = Process::start(&[]);
        let client = Client::connect(&provider.handshake).await;
        let note = Note::new(&client, creation);
        let planned = object(&[
            ("creation", creation.into()),
            ("id", "old".into()),
            ("length", Field::Integer(5)),
            ("text", "hello".into()),
        ]);
        let old = existing(creation);
        let read = client.provider::<_, read_resource::Response>(
            "/tfplugin6.Provider/ReadResource",
            read_resource::Request {
                type_name: "example_note".to_owned(),
                current_state: Some(old.clone()),
                private: b"{}".to_vec(),
                ..Default::default()
            },
        );
        let stopping = async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            stop(&client).await;
        };
        let (created, updated, deleted, read, ()) = futures::join!(
            note.create(),
            note.apply(old.clone(), planned, note.config()),
            note.apply(old.clone(), null(), null()),
            read,
            stopping,
        );
        for (answer, state, left) in [
            (&created, null(), "may have been created"),
            (&updated, old.clone(), "may be changed in part"),
            (&deleted, old.clone(), "may be deleted"),
        ] {
            assert_eq!(answer.new_state.as_ref(), Some(&state), "{left}");
            let [error] = answer.diagnostics.as_slice() else { panic!("{answer:?}") };
            assert_eq!((error.severity, error.summary.as_str()), (1, "The provider did not stop"));
            for words in ["`ApplyResourceChange` of `example_note`", "0.3 s", left] {
                assert!(error.detail.contains(words), "{words} is not in {}", error.detail);
            }
        }
        assert_eq!(read.new_state, Some(old));
        assert_eq!(read.private, b"{}");
        assert!(read.diagnostics[0].detail.contains("nothing was changed"));
        client.shutdown().await;
    }
}

#[tokio::test]
async fn handlers_that_block_every_thread_hold_up_nobody_else() {
    let mut provider = Process::start(&[]);
    let client = Client::connect(&provider.handshake).await;
    for _ in 0..MANY {
        let blocking = Note::new(&client, "block");
        let plan = blocking.plan(null()).await;
        tokio::spawn(async move {
            blocking.apply(null(), plan.planned_state.unwrap(), blocking.config()).await
        });
    }
    // No stop: they block for as long as they like, and the others are served.
    assert!(Note::new(&client, "succeed").create().await.diagnostics.is_empty());
    stop(&client).await;
    assert!(Note::new(&client, "succeed").create().await.diagnostics.is_empty());
    client.shutdown().await;
    // They still block, and are not waited for.
    let status = provider.wait();
    assert!(status.success(), "{status}");
}
