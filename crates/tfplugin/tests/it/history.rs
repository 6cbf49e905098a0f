//! State of older versions, and of other types.

use tfplugin::erased::{Registered, Saved};
use tfplugin::{
    Applied, Attr, Context, Create, Delete, Diagnostic, Diagnostics, Identified, MovedFrom, Object,
    Private, Provider, RawState, Read, Registry, Resource, Update, Value,
};

use crate::cloud::{Config, Servers, block_on, filled, lines};

/// A disk image, as version 2 has it.
#[derive(Debug, Clone, Object)]
struct Image {
    /// Its name.
    #[attribute(required)]
    name: Attr<String>,
    /// Its size in bytes.
    #[attribute(optional)]
    bytes: Attr<i64>,
    /// What opens it.
    #[attribute(optional, write_only)]
    key: Attr<String>,
}

/// What identifies an image.
#[derive(Debug, Clone, Object)]
struct ImageIdentity {
    /// Its name.
    #[attribute(required)]
    name: Attr<String>,
}

/// An image, as version 1 had it.
#[derive(Object)]
struct ImageV1 {
    /// Its name.
    #[attribute(required)]
    name: Attr<String>,
    /// Its size in kilobytes.
    #[attribute(optional)]
    kilobytes: Attr<i64>,
}

struct Images;

impl Resource for Images {
    type Model = Image;
    const TYPE: &'static str = "cloud_image";
    const VERSION: i64 = 2;

    fn state_loaded(&self, state: &Image) {
        assert_ne!(state.name.as_str(), Some("cursed"), "this one again");
    }
    async fn create(&self, _: &Context, request: Create<Image>) -> Applied<Image> {
        Applied::ok(request.planned)
    }
    async fn read(&self, _: &Context, request: Read<Image>) -> Applied<Image> {
        Applied::ok(request.state)
    }
    async fn update(&self, _: &Context, request: Update<Image>) -> Applied<Image> {
        Applied::ok(request.planned)
    }
    async fn delete(&self, _: &Context, _: Delete<Image>) -> Applied<Image> {
        Applied::gone()
    }

    fn upgrade(&self, version: i64, state: RawState<'_>) -> Result<Image, Diagnostics> {
        match version {
            1 => {
                let ImageV1 { name, kilobytes } = state.decode()?;
                let bytes = kilobytes.map(|kilobytes| kilobytes * 1000);
                Ok(Image { name, bytes, key: "secret".into() })
            }
            // Version 0 was nothing but a name.
            0 => {
                let name = state.json()?.as_str().map(str::to_owned).into();
                Ok(Image { name, bytes: Attr::Unknown, key: Attr::Null })
            }
            version => panic!("there never was a version {version}"),
        }
    }

    async fn move_state(&self, _: &Context, from: MovedFrom<'_>) -> Applied<Image> {
        match (from.provider_address, from.type_name, from.schema_version) {
            ("registry.terraform.io/example/other", "other_image", 7) => {
                let ImageV1 { name, .. } = match from.state.decode() {
                    Ok(old) => old,
                    Err(error) => return Applied::error(error),
                };
                match name.as_str() {
                    Some("nothing") => return Applied::gone(),
                    Some("unknown") => {
                        return Applied::ok(Image { name, bytes: Attr::Unknown, key: Attr::Null });
                    }
                    _ => {}
                }
                let had_identity = from.identity.map(|identity| identity.json().unwrap());
                assert_eq!(had_identity.unwrap()["id"], from.identity_version);
                let mut private = Private::default();
                private.set("from", from.private.get("etag").cloned().unwrap_or_default());
                Applied::ok(Image { name, bytes: Attr::Null, key: Attr::Null })
                    .with_private(private)
            }
            (provider, name, version) => Applied::error(Diagnostic::error(
                "No such move",
                format!("{provider} {name} {version}"),
            )),
        }
    }
}

impl Identified for Images {
    type Identity = ImageIdentity;

    fn identity(&self, state: &Image) -> Option<ImageIdentity> {
        Some(ImageIdentity { name: state.name.clone() })
    }

    async fn import_by_identity(&self, _: &Context, _: ImageIdentity) -> Applied<Image> {
        Applied::gone()
    }
}

struct Cloud;

impl Provider for Cloud {
    type Config = Config;
    const NAME: &'static str = "cloud";
    const ADDRESS: &'static str = "registry.terraform.io/example/cloud";

    fn register(&self, registry: &mut Registry) {
        registry.identified_resource(Images).resource(Servers::default());
    }
}

fn image(name: &str, bytes: Value) -> Value {
    filled::<Image, 2>([("name", name.into()), ("bytes", bytes)])
}

fn upgrade(version: i64, json: &str) -> Result<Value, Vec<String>> {
    let provider = Registered::new(Cloud);
    let (state, found) = provider.upgrade_resource_state("cloud_image", version, json.as_bytes());
    if found.is_empty() {
        return Ok(state);
    }
    assert_eq!(state, Value::Null);
    Err(lines(&found))
}

fn moved(to: &str, type_name: &str, json: &str) -> Saved {
    let mut private = Private::default();
    private.set("etag", "e1");
    let from = MovedFrom {
        provider_address: "registry.terraform.io/example/other",
        type_name,
        schema_version: 7,
        state: RawState::new(json.as_bytes()),
        private,
        identity: Some(RawState::new(br#"{"id":3}"#)),
        identity_version: 3,
    };
    block_on(Registered::new(Cloud).move_resource_state(to, from))
}

#[test]
fn every_older_version_has_its_way_up() {
    let today = r#"{"name":"a","bytes":2000,"key":null,"kilobytes":2}"#;
    assert_eq!(upgrade(2, today), Ok(image("a", 2000.into())));
    // Write-only values stay out of the state, whatever an upgrade says.
    assert_eq!(upgrade(1, r#"{"name":"a","kilobytes":2}"#), Ok(image("a", 2000.into())));
    assert_eq!(upgrade(1, "null"), Ok(Value::Null));
}

#[test]
fn what_is_wrong_with_an_upgrade_is_said() {
    for (version, json, said) in [
        (
            0,
            r#""a""#,
            "Error [bytes] Invalid state: After the upgrade, the value of `bytes` is unknown.",
        ),
        (1, r#"{"name":["a"]}"#, "Error [] Unreadable state: "),
        (1, "[", "Error [] Unreadable state: "),
        (1, r#"{"name":"cursed"}"#, "Error [] The provider crashed: "),
        (-1, "{}", "Error [] The provider crashed: "),
        (3, "{}", "Error [] State of a newer provider: "),
    ] {
        let found = upgrade(version, json).unwrap_err();
        assert!(found[0].starts_with(said), "{json}: {found:?}");
    }
    let server = Registered::new(Cloud).upgrade_resource_state("cloud_server", 1, b"{}");
    assert_eq!(
        lines(&server.1),
        [
            "Error [] No upgrade of this state: The state of this `cloud_server` was written under schema version 1, and \
             this version of the provider has no upgrade from it to version 2."
        ]
    );
}

#[test]
fn a_move_takes_over_state_private_state_and_identity() {
    let saved = moved("cloud_image", "other_image", r#"{"name":"a","more":1}"#);
    assert!(saved.diagnostics.is_empty(), "{:?}", lines(&saved.diagnostics));
    assert_eq!(saved.state, image("a", Value::Null));
    assert_eq!(saved.identity, filled::<ImageIdentity, 1>([("name", "a".into())]));
    assert_eq!(saved.private, br#"{"from":"e1"}"#);
}

#[test]
fn what_is_wrong_with_a_move_is_said() {
    for (to, from, json, said) in [
        (
            "cloud_image",
            "other_disk",
            "{}",
            "Error [] No such move: registry.terraform.io/example/other other_disk 7",
        ),
        ("cloud_image", "other_image", "[]", "Error [] Unreadable state: "),
        ("cloud_image", "other_image", r#"{"name":"nothing"}"#, "Error [] Nothing was moved: "),
        (
            "cloud_image",
            "other_image",
            r#"{"name":"unknown"}"#,
            "Error [bytes] Invalid state: After the move, ",
        ),
        ("cloud_image", "other_image", r#"{"name":"cursed"}"#, "Error [] The provider crashed: "),
        ("cloud_image", "other_image", "{}", "Error [] Incomplete identity: "),
        (
            "cloud_server",
            "other_image",
            "{}",
            "Error [] Move is not supported: A `other_image` of the provider `registry.terraform.io/example/other` cannot \
             become a `cloud_server`.",
        ),
        ("cloud_lake", "other_image", "{}", "Error [] Unknown resource: "),
    ] {
        let saved = moved(to, from, json);
        assert_eq!((&saved.state, &saved.identity), (&Value::Null, &Value::Null));
        let found = lines(&saved.diagnostics);
        assert!(found[0].starts_with(said), "{found:?}");
    }
}

#[test]
fn a_raw_state_shows_nothing_of_itself() {
    assert_eq!(format!("{:?}", RawState::new(b"secret")), "RawState(6 bytes)");
}
