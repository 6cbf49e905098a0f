//! A resource through its life, as core drives it.

use crate::client::Client;
use crate::generated::tfplugin6::{
    DynamicValue, RawState, apply_resource_change, configure_provider, get_metadata,
    get_provider_schema, import_resource_state, plan_resource_change, read_resource,
    upgrade_resource_state, validate_provider_config, validate_resource_config,
};
use crate::process::Process;
use crate::wire::{Field, fields, null, object};

/// Makes the provider wait for a stop.
pub(crate) const CREATE_WAITS: &str = "wait";
/// Makes the provider panic.
pub(crate) const CREATE_PANICS: &str = "panic";

/// One `example_note` in a configuration.
pub(crate) struct Note {
    client: Client,
    creation: String,
    text: String,
}

/// An empty provider block.
fn provider_config() -> DynamicValue {
    object(&[("author", Field::Null)])
}

/// Hands over an empty provider block.
pub(crate) async fn configure(client: &Client) {
    configure_with(client, Field::Null).await;
}

/// Hands over a provider block with this author.
pub(crate) async fn configure_with(client: &Client, author: Field) {
    let configured: configure_provider::Response = client
        .provider(
            "/tfplugin6.Provider/ConfigureProvider",
            configure_provider::Request {
                terraform_version: "1.11.4".to_owned(),
                config: Some(object(&[("author", author)])),
                client_capabilities: None,
            },
        )
        .await;
    assert!(configured.diagnostics.is_empty(), "{:?}", configured.diagnostics);
}

impl Note {
    pub(crate) fn new(client: &Client, creation: &str) -> Self {
        Self { client: client.clone(), creation: creation.to_owned(), text: "hello".to_owned() }
    }

    /// The block as written.
    pub(crate) fn config(&self) -> DynamicValue {
        object(&[
            ("creation", self.creation.as_str().into()),
            ("id", Field::Null),
            ("length", Field::Null),
            ("text", self.text.as_str().into()),
        ])
    }

    /// Plans it on top of `prior`.
    pub(crate) async fn plan(&self, prior: DynamicValue) -> plan_resource_change::Response {
        self.client
            .provider(
                "/tfplugin6.Provider/PlanResourceChange",
                plan_resource_change::Request {
                    type_name: "example_note".to_owned(),
                    proposed_new_state: Some(self.proposed(&prior)),
                    prior_state: Some(prior),
                    config: Some(self.config()),
                    ..Default::default()
                },
            )
            .await
    }

    /// What core proposes: the configuration, and what was computed before.
    fn proposed(&self, prior: &DynamicValue) -> DynamicValue {
        let prior = fields(Some(prior)).unwrap_or_default();
        let computed = |name: &str| {
            prior
                .iter()
                .find(|(key, _)| key == name)
                .map_or(Field::Null, |(_, field)| field.clone())
        };
        object(&[
            ("creation", self.creation.as_str().into()),
            ("id", computed("id")),
            ("length", computed("length")),
            ("text", self.text.as_str().into()),
        ])
    }

    /// Applies a plan.
    pub(crate) async fn apply(
        &self,
        prior: DynamicValue,
        planned: DynamicValue,
        config: DynamicValue,
    ) -> apply_resource_change::Response {
        self.client
            .provider(
                "/tfplugin6.Provider/ApplyResourceChange",
                apply_resource_change::Request {
                    type_name: "example_note".to_owned(),
                    prior_state: Some(prior),
                    planned_state: Some(planned),
                    config: Some(config),
                    ..Default::default()
                },
            )
            .await
    }

    /// Plans and creates it.
    pub(crate) async fn create(&self) -> apply_resource_change::Response {
        let plan = self.plan(null()).await;
        assert!(plan.diagnostics.is_empty(), "{:?}", plan.diagnostics);
        self.apply(null(), plan.planned_state.unwrap(), self.config()).await
    }
}

/// The attributes in the order of their names.
fn sorted(value: Option<&DynamicValue>) -> Vec<(String, Field)> {
    let mut fields = fields(value).unwrap();
    fields.sort_by(|one, other| one.0.cmp(&other.0));
    fields
}

/// A note as an object.
fn note(text: &str, length: Field, id: Field) -> Vec<(String, Field)> {
    [("creation", "succeed".into()), ("id", id), ("length", length), ("text", text.into())]
        .map(|(name, field)| (name.to_owned(), field))
        .to_vec()
}

#[tokio::test]
async fn the_schema_says_what_the_struct_says() {
    let provider = Process::start(&[]);
    let client = Client::connect(&provider.handshake).await;
    let first: get_provider_schema::Response = client
        .provider("/tfplugin6.Provider/GetProviderSchema", get_provider_schema::Request {})
        .await;
    assert!(first.diagnostics.is_empty());
    let capabilities = first.server_capabilities.unwrap();
    assert!(capabilities.plan_destroy && capabilities.get_provider_schema_optional);
    assert!(capabilities.move_resource_state && capabilities.generate_resource_config);

    let block = first.resource_schemas["example_note"].block.as_ref().unwrap();
    assert_eq!(block.description, "A note that lives in the state alone.");
    let attribute = |name: &str| block.attributes.iter().find(|a| a.name == name).unwrap();
    let (text, creation) = (attribute("text"), attribute("creation"));
    assert_eq!(text.r#type, br#""string""#);
    assert_eq!(text.description, "What it says.");
    assert!(text.required && !text.optional && !text.computed);
    assert!(!creation.required && creation.optional && creation.computed);
    assert_eq!(attribute("length").r#type, br#""number""#);

    let again: get_provider_schema::Response = client
        .provider("/tfplugin6.Provider/GetProviderSchema", get_provider_schema::Request {})
        .await;
    assert_eq!(again, first);

    let metadata: get_metadata::Response =
        client.provider("/tfplugin6.Provider/GetMetadata", get_metadata::Request {}).await;
    let names: Vec<_> = metadata.resources.iter().map(|r| r.type_name.as_str()).collect();
    assert_eq!(names, ["example_note", "example_page", "example_vault"]);
    client.shutdown().await;
}

#[tokio::test]
async fn from_configuration_to_destroy() {
    let provider = Process::start(&[]);
    let client = Client::connect(&provider.handshake).await;
    let validated: validate_provider_config::Response = client
        .provider(
            "/tfplugin6.Provider/ValidateProviderConfig",
            validate_provider_config::Request { config: Some(provider_config()) },
        )
        .await;
    assert!(validated.diagnostics.is_empty());
    configure(&client).await;

    // Create: what is computed is unknown in the plan and known after it.
    let mut hello = Note::new(&client, "succeed");
    let plan = hello.plan(null()).await;
    assert!(plan.diagnostics.is_empty(), "{:?}", plan.diagnostics);
    assert!(!plan.legacy_type_system);
    let planned = plan.planned_state.unwrap();
    assert_eq!(sorted(Some(&planned)), note("hello", Field::Integer(5), Field::Unknown));
    let applied = hello.apply(null(), planned, hello.config()).await;
    assert!(applied.diagnostics.is_empty(), "{:?}", applied.diagnostics);
    let created = applied.new_state.unwrap();
    assert_eq!(sorted(Some(&created)), note("hello", Field::Integer(5), "hello".into()));

    // Read, upgrade and plan again: nothing changes.
    let read: read_resource::Response = client
        .provider(
            "/tfplugin6.Provider/ReadResource",
            read_resource::Request {
                type_name: "example_note".to_owned(),
                current_state: Some(created.clone()),
                ..Default::default()
            },
        )
        .await;
    assert_eq!(read.new_state.as_ref(), Some(&created));
    let json = r#"{"creation":"succeed","id":"hello","length":5,"text":"hello","gone":1}"#;
    let upgraded: upgrade_resource_state::Response = client
        .provider(
            "/tfplugin6.Provider/UpgradeResourceState",
            upgrade_resource_state::Request {
                type_name: "example_note".to_owned(),
                version: 0,
                raw_state: Some(RawState { json: json.into(), ..Default::default() }),
            },
        )
        .await;
    assert!(upgraded.diagnostics.is_empty(), "{:?}", upgraded.diagnostics);
    assert_eq!(upgraded.upgraded_state.as_ref(), Some(&created));
    let plan = hello.plan(created.clone()).await;
    assert_eq!(plan.planned_state.as_ref(), Some(&created));

    // Update: the identifier stays.
    hello.text = "goodbye".to_owned();
    let plan = hello.plan(created.clone()).await;
    assert!(plan.requires_replace.is_empty());
    let applied = hello.apply(created, plan.planned_state.unwrap(), hello.config()).await;
    let updated = applied.new_state.unwrap();
    assert_eq!(sorted(Some(&updated)), note("goodbye", Field::Integer(7), "hello".into()));

    // Destroy: planned as null, too.
    let plan: plan_resource_change::Response = client
        .provider(
            "/tfplugin6.Provider/PlanResourceChange",
            plan_resource_change::Request {
                type_name: "example_note".to_owned(),
                prior_state: Some(updated.clone()),
                proposed_new_state: Some(null()),
                config: Some(null()),
                ..Default::default()
            },
        )
        .await;
    assert!(plan.diagnostics.is_empty(), "{:?}", plan.diagnostics);
    assert_eq!(fields(plan.planned_state.as_ref()), None);
    let applied = hello.apply(updated, null(), null()).await;
    assert!(applied.diagnostics.is_empty(), "{:?}", applied.diagnostics);
    assert_eq!(fields(applied.new_state.as_ref()), None);
    client.shutdown().await;
}

#[tokio::test]
async fn import_finds_an_object_by_its_id() {
    let provider = Process::start(&[]);
    let client = Client::connect(&provider.handshake).await;
    let imported: import_resource_state::Response = client
        .provider(
            "/tfplugin6.Provider/ImportResourceState",
            import_resource_state::Request {
                type_name: "example_note".to_owned(),
                id: "hello".to_owned(),
                ..Default::default()
            },
        )
        .await;
    assert!(imported.diagnostics.is_empty(), "{:?}", imported.diagnostics);
    let [resource] = imported.imported_resources.as_slice() else { panic!("{imported:?}") };
    assert_eq!(resource.type_name, "example_note");
    assert_eq!(sorted(resource.state.as_ref()), note("hello", Field::Integer(5), "hello".into()));
    client.shutdown().await;
}

#[tokio::test]
async fn a_mistake_in_a_configuration_is_a_diagnostic_with_a_path() {
    let provider = Process::start(&[]);
    let client = Client::connect(&provider.handshake).await;
    let validate = async |creation: &str, type_name: &str| -> validate_resource_config::Response {
        client
            .provider(
                "/tfplugin6.Provider/ValidateResourceConfig",
                validate_resource_config::Request {
                    type_name: type_name.to_owned(),
                    config: Some(Note::new(&client, creation).config()),
                    client_capabilities: None,
                },
            )
            .await
    };
    assert!(validate("succeed", "example_note").await.diagnostics.is_empty());
    let wrong = validate("explode", "example_note").await;
    let [error] = wrong.diagnostics.as_slice() else { panic!("{wrong:?}") };
    assert_eq!(error.severity, 1);
    let steps = &error.attribute.as_ref().unwrap().steps;
    assert_eq!(format!("{:?}", steps[0].selector), r#"Some(AttributeName("creation"))"#);
    // Neither an unknown type nor bytes that are no value is a gRPC error: core would blame the plugin.
    assert_eq!(validate("succeed", "example_other").await.diagnostics.len(), 1);
    let garbage: validate_resource_config::Response = client
        .provider(
            "/tfplugin6.Provider/ValidateResourceConfig",
            validate_resource_config::Request {
                type_name: "example_note".to_owned(),
                config: Some(DynamicValue { msgpack: vec![0xc1], json: Vec::new() }),
                client_capabilities: None,
            },
        )
        .await;
    assert_eq!(garbage.diagnostics.len(), 1);
    client.shutdown().await;
}

#[tokio::test]
async fn a_large_value_passes_in_both_directions() {
    let provider = Process::start(&[]);
    let client = Client::connect(&provider.handshake).await;
    let mut large = Note::new(&client, "succeed");
    large.text = "x".repeat(6 << 20);
    let applied = large.create().await;
    let state = sorted(applied.new_state.as_ref());
    assert_eq!(state, note(&large.text, Field::Integer(6 << 20), large.text.as_str().into()));
    client.shutdown().await;
}
