//! Identities on the wire, and what an answer may wait for.

use crate::client::Client;
use crate::generated::tfplugin6::{
    ClientCapabilities, DynamicValue, RawState, ResourceIdentityData, apply_resource_change,
    get_resource_identity_schemas, import_resource_state, plan_resource_change, read_resource,
    upgrade_resource_identity,
};
use crate::process::Process;
use crate::wire::{Field, fields, null, object};

const TYPE: &str = "example_page";

/// A page.
pub(crate) fn page(number: i64, text: Field) -> DynamicValue {
    object(&[("book", "atlas".into()), ("number", Field::Integer(number)), ("text", text)])
}

/// What identifies it.
fn identity(number: Field) -> ResourceIdentityData {
    let identity_data = Some(object(&[("book", "atlas".into()), ("number", number)]));
    ResourceIdentityData { identity_data }
}

/// The page with this number is what is meant.
#[track_caller]
fn assert_identity(found: Option<&ResourceIdentityData>, number: i64) {
    let found = fields(found.unwrap().identity_data.as_ref()).unwrap();
    let wanted =
        [("book".to_owned(), "atlas".into()), ("number".to_owned(), Field::Integer(number))];
    assert_eq!(found, wanted);
}

#[tokio::test]
async fn the_schema_says_what_an_import_needs() {
    let provider = Process::start(&[]);
    let client = Client::connect(&provider.handshake).await;
    let found: get_resource_identity_schemas::Response = client
        .provider(
            "/tfplugin6.Provider/GetResourceIdentitySchemas",
            get_resource_identity_schemas::Request {},
        )
        .await;
    assert!(found.diagnostics.is_empty());
    let types: Vec<_> = found.identity_schemas.keys().map(String::as_str).collect();
    assert_eq!(types, [TYPE]);
    let schema = &found.identity_schemas[TYPE];
    assert_eq!(schema.version, 1);
    let [book, number] = schema.identity_attributes.as_slice() else { panic!("{schema:?}") };
    assert!(book.required_for_import && !book.optional_for_import);
    assert!(!number.required_for_import && number.optional_for_import);
    assert_eq!((book.name.as_str(), book.r#type.as_slice()), ("book", &br#""string""#[..]));
    assert_eq!(number.description, "Its number; the first if there is none.");
    client.shutdown().await;
}

#[tokio::test]
async fn an_identity_goes_through_an_objects_life() {
    let provider = Process::start(&[]);
    let client = Client::connect(&provider.handshake).await;

    let plan: plan_resource_change::Response = client
        .provider(
            "/tfplugin6.Provider/PlanResourceChange",
            plan_resource_change::Request {
                type_name: TYPE.to_owned(),
                prior_state: Some(null()),
                proposed_new_state: Some(page(7, Field::Null)),
                config: Some(page(7, Field::Null)),
                ..Default::default()
            },
        )
        .await;
    assert!(plan.diagnostics.is_empty(), "{:?}", plan.diagnostics);
    assert_eq!(plan.planned_identity, None, "never unknown");

    let applied: apply_resource_change::Response = client
        .provider(
            "/tfplugin6.Provider/ApplyResourceChange",
            apply_resource_change::Request {
                type_name: TYPE.to_owned(),
                prior_state: Some(null()),
                planned_state: plan.planned_state,
                config: Some(page(7, Field::Null)),
                ..Default::default()
            },
        )
        .await;
    assert!(applied.diagnostics.is_empty(), "{:?}", applied.diagnostics);
    assert_identity(applied.new_identity.as_ref(), 7);

    let read: read_resource::Response = client
        .provider(
            "/tfplugin6.Provider/ReadResource",
            read_resource::Request {
                type_name: TYPE.to_owned(),
                current_state: applied.new_state.clone(),
                current_identity: applied.new_identity.clone(),
                ..Default::default()
            },
        )
        .await;
    assert!(read.diagnostics.is_empty(), "{:?}", read.diagnostics);
    assert_eq!(read.new_identity, applied.new_identity);

    let plan: plan_resource_change::Response = client
        .provider(
            "/tfplugin6.Provider/PlanResourceChange",
            plan_resource_change::Request {
                type_name: TYPE.to_owned(),
                prior_state: read.new_state,
                prior_identity: read.new_identity,
                proposed_new_state: Some(page(7, "changed".into())),
                config: Some(page(7, "changed".into())),
                ..Default::default()
            },
        )
        .await;
    assert_identity(plan.planned_identity.as_ref(), 7);
    client.shutdown().await;
}

#[tokio::test]
async fn import_finds_an_object_by_its_identity() {
    let provider = Process::start(&[]);
    let client = Client::connect(&provider.handshake).await;
    let imported: import_resource_state::Response = client
        .provider(
            "/tfplugin6.Provider/ImportResourceState",
            import_resource_state::Request {
                type_name: TYPE.to_owned(),
                identity: Some(identity(Field::Null)),
                ..Default::default()
            },
        )
        .await;
    assert!(imported.diagnostics.is_empty(), "{:?}", imported.diagnostics);
    let [found] = imported.imported_resources.as_slice() else { panic!("{imported:?}") };
    assert_eq!(fields(found.state.as_ref()), fields(Some(&page(1, Field::Null))));
    assert_identity(found.identity.as_ref(), 1);
    client.shutdown().await;
}

#[tokio::test]
async fn identities_of_every_version_are_read() {
    let provider = Process::start(&[]);
    let client = Client::connect(&provider.handshake).await;
    let upgrade = async |version, json: &str| -> upgrade_resource_identity::Response {
        client
            .provider(
                "/tfplugin6.Provider/UpgradeResourceIdentity",
                upgrade_resource_identity::Request {
                    type_name: TYPE.to_owned(),
                    version,
                    raw_identity: Some(RawState { json: json.into(), ..Default::default() }),
                },
            )
            .await
    };
    for (version, json, number) in
        [(1, r#"{"book":"atlas","number":9,"gone":true}"#, 9), (0, r#"{"volume":"atlas"}"#, 1)]
    {
        let upgraded = upgrade(version, json).await;
        assert!(upgraded.diagnostics.is_empty(), "{:?}", upgraded.diagnostics);
        assert_identity(upgraded.upgraded_identity.as_ref(), number);
    }
    for (version, json) in [(2, "{}"), (1, "[]"), (0, "")] {
        let refused = upgrade(version, json).await;
        assert_eq!(refused.diagnostics.len(), 1);
        assert_eq!(refused.upgraded_identity, None);
    }
    client.shutdown().await;
}

#[tokio::test]
async fn only_a_cli_that_can_wait_is_told_to() {
    let provider = Process::start(&[]);
    let client = Client::connect(&provider.handshake).await;
    let later = page(7, "later".into());
    let read = async |deferral_allowed| -> read_resource::Response {
        client
            .provider(
                "/tfplugin6.Provider/ReadResource",
                read_resource::Request {
                    type_name: TYPE.to_owned(),
                    current_state: Some(later.clone()),
                    client_capabilities: Some(ClientCapabilities {
                        deferral_allowed,
                        ..Default::default()
                    }),
                    ..Default::default()
                },
            )
            .await
    };
    let waits = read(true).await;
    assert!(waits.diagnostics.is_empty(), "{:?}", waits.diagnostics);
    // An absent prerequisite.
    assert_eq!(waits.deferred.unwrap().reason, 3);
    assert_eq!(waits.new_state, Some(later.clone()));
    let refused = read(false).await;
    assert_eq!(refused.deferred, None);
    assert_eq!(refused.diagnostics[0].summary, "Deferred answer");
    client.shutdown().await;
}
