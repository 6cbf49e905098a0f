//! Lists on the wire: a stream that is no further ahead than the CLI reads.

use tonic::Streaming;

use crate::client::Client;
use crate::generated::tfplugin6::attribute_path::step::Selector;
use crate::generated::tfplugin6::{
    DynamicValue, get_provider_schema, list_resource, stop_provider, validate_list_resource_config,
};
use crate::identity::page;
use crate::process::Process;
use crate::resource::Note;
use crate::wire::{Field, fields, null, object};

const TYPE: &str = "example_page";

fn search(book: &str) -> Option<DynamicValue> {
    Some(object(&[("book", book.into())]))
}

async fn list(client: &Client, book: &str, limit: i64) -> Streaming<list_resource::Event> {
    let request = list_resource::Request {
        type_name: TYPE.to_owned(),
        config: search(book),
        include_resource_object: limit % 2 == 0,
        limit,
    };
    client.stream("/tfplugin6.Provider/ListResource", request).await
}

/// What is left of a stream.
async fn rest(mut stream: Streaming<list_resource::Event>) -> Vec<list_resource::Event> {
    let mut events = Vec::new();
    while let Some(event) = stream.message().await.unwrap() {
        events.push(event);
    }
    events
}

#[tokio::test]
async fn the_schema_has_the_list_and_its_configuration_is_checked() {
    let provider = Process::start(&[]);
    let client = Client::connect(&provider.handshake).await;
    let schema: get_provider_schema::Response = client
        .provider("/tfplugin6.Provider/GetProviderSchema", get_provider_schema::Request {})
        .await;
    let block = schema.list_resource_schemas[TYPE].block.as_ref().unwrap();
    assert_eq!((block.description.as_str(), block.attributes.len()), ("The pages of a book.", 1));
    for (book, errors) in [("atlas", 0), ("lost", 1)] {
        let checked: validate_list_resource_config::Response = client
            .provider(
                "/tfplugin6.Provider/ValidateListResourceConfig",
                validate_list_resource_config::Request {
                    type_name: TYPE.to_owned(),
                    config: search(book),
                    ..Default::default()
                },
            )
            .await;
        assert_eq!(checked.diagnostics.len(), errors);
        for error in checked.diagnostics {
            // The CLI looks for it from the list's own block on.
            let steps = error.attribute.unwrap_or_default().steps;
            let names: Vec<_> = steps.into_iter().filter_map(|step| step.selector).collect();
            let name = |name: &str| Selector::AttributeName(name.to_owned());
            assert_eq!(names, [name("config"), name("book")]);
        }
    }
    client.shutdown().await;
}

#[tokio::test]
async fn as_many_as_are_wanted_with_the_objects_if_they_are() {
    let provider = Process::start(&[]);
    let client = Client::connect(&provider.handshake).await;
    for limit in [3, 4] {
        let events = rest(list(&client, "atlas", limit).await).await;
        assert_eq!(i64::try_from(events.len()).unwrap(), limit);
        let last = events.last().unwrap();
        assert_eq!(last.display_name, format!("page {limit}"));
        let identity = last.identity.as_ref().unwrap().identity_data.as_ref();
        assert_eq!(fields(identity).unwrap()[1].1, Field::Integer(limit));
        let whole = limit == 4;
        assert_eq!(last.resource_object.is_some(), whole);
        if whole {
            let object = fields(last.resource_object.as_ref());
            assert_eq!(object, fields(Some(&page(limit, Field::Null))));
        }
        assert!(events.iter().all(|event| event.diagnostic.is_empty()), "{events:?}");
    }
    client.shutdown().await;
}

#[tokio::test]
async fn a_crash_and_a_last_word_end_the_stream() {
    let provider = Process::start(&[]);
    let client = Client::connect(&provider.handshake).await;
    for (book, said) in [("torn", "The provider crashed"), ("dark", "Too dark")] {
        let events = rest(list(&client, book, 0).await).await;
        let [page, last] = events.as_slice() else { panic!("{events:?}") };
        assert!(page.identity.is_some());
        assert_eq!((last.identity.as_ref(), last.diagnostic[0].summary.as_str()), (None, said));
    }
    client.shutdown().await;
}

#[tokio::test]
async fn a_stop_ends_a_list_calmly_and_cuts_off_one_that_is_stuck() {
    let provider = Process::start(&[]);
    let client = Client::connect(&provider.handshake).await;
    let mut endless = list(&client, "atlas", 0).await;
    let mut stuck = list(&client, "stuck", 0).await;
    for stream in [&mut endless, &mut stuck] {
        assert!(stream.message().await.unwrap().is_some());
    }
    let _: stop_provider::Response =
        client.provider("/tfplugin6.Provider/StopProvider", stop_provider::Request {}).await;
    let left = rest(endless).await;
    assert!(left.iter().all(|event| event.diagnostic.is_empty()), "{left:?}");
    let cut_off = rest(stuck).await;
    assert_eq!(cut_off[0].diagnostic[0].summary, "The provider did not stop");
    client.shutdown().await;
}

#[tokio::test]
async fn a_list_that_nobody_reads_waits_and_ends_with_its_reader() {
    let provider = Process::start(&[("TF_LOG", "info")]);
    let client = Client::connect(&provider.handshake).await;
    let mut stream = list(&client, "atlas", 0).await;
    assert!(stream.message().await.unwrap().is_some());
    // As long as this takes, a list that did not wait would go on.
    for _ in 0..100 {
        Note::new(&client, "succeed").plan(null()).await;
    }
    drop(stream);
    // The next call is answered, and the list is over.
    assert_eq!(rest(list(&client, "atlas", 1).await).await.len(), 1);
    // The one that reached its limit, and the one that was dropped, whichever noticed first. HTTP/2 takes some 64 KiB unread.
    let [limited, dropped] = provider.until_it_says(both_ends).await;
    assert!((2..20_000).contains(&dropped), "{dropped}");
    assert_eq!(limited, 1);
    client.shutdown().await;
}

/// After how many pages two lists stopped, the shorter one first.
fn both_ends(log: &str) -> Option<[i64; 2]> {
    let ends = log.split("stopped after ").skip(1);
    let mut ends: Vec<_> = ends.filter_map(|rest| rest.split('"').next()?.parse().ok()).collect();
    ends.sort_unstable();
    ends.try_into().ok()
}
