//! What identifies an object: in plans, after reads and applies, and for imports.

use std::sync::Mutex;

use tfplugin::erased::{Capabilities, Planned, Registered, Saved, Stored};
use tfplugin::{
    Applied, Attr, Context, Create, Delete, Diagnostic, Diagnostics, Identified, Object, Provider,
    RawState, Read, Registry, Resource, Update, Value,
};

use crate::cloud::{Config, block_on, filled, lines};

/// A bucket.
#[derive(Debug, Clone, Object)]
struct Bucket {
    /// Its name.
    #[attribute(required)]
    name: Attr<String>,
    /// Where it is.
    #[attribute(optional, computed, plan(requires_replace_if_configured, use_state_for_unknown))]
    region: Attr<String>,
    /// What it is for.
    #[attribute(optional)]
    purpose: Attr<String>,
}

/// What identifies a bucket.
#[derive(Debug, Clone, Object)]
struct BucketIdentity {
    /// Its name.
    #[attribute(required, validate(length(1..=9)))]
    name: Attr<String>,
    /// Where it is; the provider's own region if there is none.
    #[attribute(optional)]
    region: Attr<String>,
}

/// The identity as version 0 had it.
#[derive(Object)]
struct OldIdentity {
    /// Region and name.
    #[attribute(required)]
    path: Attr<String>,
}

type Answer = Box<dyn Fn(Bucket) -> Applied<Bucket> + Send + Sync>;

/// Buckets; the test says what the calls bring back.
struct Buckets(Answer);

impl Resource for Buckets {
    type Model = Bucket;
    const TYPE: &'static str = "cloud_bucket";

    async fn create(&self, _: &Context, request: Create<Bucket>) -> Applied<Bucket> {
        (self.0)(request.planned)
    }
    async fn read(&self, _: &Context, request: Read<Bucket>) -> Applied<Bucket> {
        (self.0)(request.state)
    }
    async fn update(&self, _: &Context, request: Update<Bucket>) -> Applied<Bucket> {
        (self.0)(request.planned)
    }
    async fn delete(&self, _: &Context, request: Delete<Bucket>) -> Applied<Bucket> {
        if request.prior.name.as_str() == Some("full") {
            return Applied::error(Diagnostic::error("Not empty", "There is something in it."));
        }
        Applied::gone()
    }
}

impl Identified for Buckets {
    type Identity = BucketIdentity;
    const IDENTITY_VERSION: i64 = 1;

    fn identity(&self, state: &Bucket) -> Option<BucketIdentity> {
        assert_ne!(state.purpose.as_str(), Some("panic"), "whose is it");
        let Bucket { name, region, .. } = state.clone();
        (name.as_str() != Some("nobody")).then_some(BucketIdentity { name, region })
    }

    async fn import_by_identity(&self, _: &Context, identity: BucketIdentity) -> Applied<Bucket> {
        let BucketIdentity { name, region } = identity;
        match name.as_str() {
            Some("none") => Applied::gone(),
            _ => (self.0)(Bucket { name, region, purpose: Attr::Null }),
        }
    }

    fn upgrade_identity(
        &self,
        version: i64,
        identity: RawState<'_>,
    ) -> Result<BucketIdentity, Diagnostics> {
        assert_eq!(version, 0);
        let old = identity.decode::<OldIdentity>()?;
        let (region, name) = old.path.as_str().and_then(|path| path.split_once('/')).unzip();
        Ok(BucketIdentity {
            name: name.map(str::to_owned).into(),
            region: region.map(str::to_owned).into(),
        })
    }
}

struct Cloud(Mutex<Option<Buckets>>);

impl Provider for Cloud {
    type Config = Config;
    const NAME: &'static str = "cloud";
    const ADDRESS: &'static str = "registry.terraform.io/example/cloud";

    fn register(&self, registry: &mut Registry) {
        registry.resource(crate::cloud::Servers::default());
        if let Some(buckets) = self.0.lock().unwrap().take() {
            registry.identified_resource(buckets);
        }
    }
}

const TYPE: &str = "cloud_bucket";

fn cloud(answer: impl Fn(Bucket) -> Applied<Bucket> + Send + Sync + 'static) -> Registered {
    Registered::new(Cloud(Mutex::new(Some(Buckets(Box::new(answer))))))
}

/// Buckets that are as they should be, in the region `eu` if it is left open.
fn settled() -> Registered {
    cloud(|bucket| {
        let region = if bucket.region.is_known() { bucket.region } else { "eu".into() };
        Applied::ok(Bucket { region, ..bucket })
    })
}

/// Buckets that are somewhere else than before whenever they are looked at.
fn moving() -> Registered {
    cloud(|bucket| Applied::ok(Bucket { region: "us".into(), ..bucket }))
}

fn bucket(name: &str, region: Value) -> Value {
    filled::<Bucket, 2>([("name", name.into()), ("region", region)])
}

fn identity(name: &str, region: Value) -> Value {
    filled::<BucketIdentity, 2>([("name", name.into()), ("region", region)])
}

fn stored(identity: Value) -> Stored<'static> {
    Stored { identity, ..Stored::new(bucket("a", "eu".into()), &[]) }
}

fn plan(prior: Stored<'_>, proposed: Value) -> Planned {
    let config = proposed.clone();
    block_on(settled().plan_resource_change(TYPE, prior, proposed, config, Capabilities::default()))
}

fn create(provider: &Registered, planned: Value) -> Saved {
    let config = bucket("a", Value::Null);
    let planned = Stored::new(planned, &[]);
    block_on(provider.apply_resource_change(TYPE, Value::Null, planned, config))
}

fn update(provider: &Registered, before: Value) -> Saved {
    let prior = bucket("a", "eu".into());
    let config = bucket("a", Value::Null);
    let planned = Stored { identity: before, ..Stored::new(bucket("a", Value::UNKNOWN), &[]) };
    block_on(provider.apply_resource_change(TYPE, prior, planned, config))
}

fn read(provider: &Registered, before: Value) -> Saved {
    block_on(provider.read_resource(TYPE, stored(before), Capabilities::default()))
}

fn import(provider: &Registered, identity: Value) -> Saved {
    block_on(provider.import_by_identity(TYPE, identity, Capabilities::default()))
}

#[test]
fn a_plan_has_the_identity_of_what_is_there() {
    let created = plan(Stored::nothing(), bucket("a", Value::Null));
    assert!(created.diagnostics.is_empty(), "{:?}", lines(&created.diagnostics));
    assert_eq!(created.identity, Value::Null);
    // Terraform 1.15 plans the create of a replacement so: the identity is that of what goes.
    let known = identity("a", "eu".into());
    let replacing = Stored { identity: known.clone(), ..Stored::nothing() };
    let replacement = plan(replacing, bucket("b", Value::Null));
    assert!(replacement.diagnostics.is_empty(), "{:?}", lines(&replacement.diagnostics));
    assert_eq!(replacement.identity, Value::Null);
    for proposed in [bucket("a", "eu".into()), Value::Null] {
        let planned = plan(stored(known.clone()), proposed);
        assert!(planned.diagnostics.is_empty(), "{:?}", lines(&planned.diagnostics));
        assert_eq!(planned.identity, known);
    }
}

#[test]
fn a_plan_that_changes_the_identity_has_to_replace() {
    let replaced = plan(stored(identity("a", "eu".into())), bucket("a", "us".into()));
    assert!(replaced.diagnostics.is_empty(), "{:?}", lines(&replaced.diagnostics));
    assert_eq!(replaced.requires_replace.len(), 1);
    // Then the CLI asks for a create, and tells the identity of the object that goes.
    let goes = Stored { state: Value::Null, ..stored(identity("a", "eu".into())) };
    let created = plan(goes, bucket("a", "us".into()));
    assert!(created.diagnostics.is_empty(), "{:?}", lines(&created.diagnostics));
    assert_eq!(created.identity, Value::Null);
    let changed = plan(stored(identity("a", "eu".into())), bucket("b", "eu".into()));
    assert_eq!(
        lines(&changed.diagnostics),
        [
            "Error [] Changed identity: The plan changes the attribute `name` of the identity of `cloud_bucket`. The \
             identity of an object never changes while it lives: what it is made of has to replace the object."
        ]
    );
}

#[test]
fn a_create_gives_the_identity() {
    let saved = create(&settled(), bucket("a", Value::UNKNOWN));
    assert!(saved.diagnostics.is_empty(), "{:?}", lines(&saved.diagnostics));
    assert_eq!(saved.identity, identity("a", "eu".into()));
}

#[test]
fn a_create_is_not_tainted_by_a_bad_identity() {
    let nobody = create(&settled(), bucket("nobody", Value::UNKNOWN));
    assert_eq!(nobody.state, bucket("nobody", "eu".into()));
    assert_eq!(nobody.identity, Value::Null);
    assert_eq!(
        lines(&nobody.diagnostics),
        [
            "Warning [] Incomplete identity: After the create, the identity of the new `cloud_bucket` is not known."
        ]
    );
    let crashed = cloud(|bucket| {
        Applied::ok(Bucket { region: "eu".into(), purpose: "panic".into(), ..bucket })
    });
    let planned = filled::<Bucket, 3>([
        ("name", "a".into()),
        ("region", Value::UNKNOWN),
        ("purpose", "panic".into()),
    ]);
    let saved = create(&crashed, planned.clone());
    assert!(!saved.state.is_null() && saved.identity.is_null());
    let said = lines(&saved.diagnostics);
    assert!(said[0].starts_with("Warning [] The provider crashed: "), "{said:?}");
}

#[test]
fn an_update_and_a_read_keep_the_identity() {
    for apply in [update, read] {
        // A state from before there were identities gets one.
        for before in [Value::Null, identity("a", "eu".into()), identity("a", Value::Null)] {
            let saved = apply(&settled(), before);
            assert!(saved.diagnostics.is_empty(), "{:?}", lines(&saved.diagnostics));
            assert_eq!(saved.identity, identity("a", "eu".into()));
        }
    }
}

#[test]
fn a_changed_identity_is_the_providers_fault() {
    let before = identity("a", "eu".into());
    let updated = update(&moving(), before.clone());
    assert_eq!(updated.state, bucket("a", "us".into()), "what is really there");
    let seen = read(&moving(), before.clone());
    assert_eq!(seen.state, bucket("a", "eu".into()), "another object is not ours");
    for (saved, of) in
        [(updated, "the updated `cloud_bucket`"), (seen, "`cloud_bucket`, as it was read,")]
    {
        assert_eq!(saved.identity, before);
        assert_eq!(
            lines(&saved.diagnostics),
            [format!(
                "Error [] Changed identity: The attribute `region` of the identity of {of} is another than before. \
                 The identity of an object never changes while it lives."
            )]
        );
    }
}

#[test]
fn an_identity_is_wholly_known() {
    let saved = import(
        &cloud(|bucket| Applied::ok(Bucket { name: Attr::Null, ..bucket })),
        identity("a", "eu".into()),
    );
    assert_eq!(saved.state, Value::Null);
    assert!(
        lines(&saved.diagnostics)[0].contains("`name` of the identity of"),
        "{:?}",
        lines(&saved.diagnostics)
    );
}

#[test]
fn what_is_gone_has_no_identity() {
    let delete = |name: &str| {
        let planned = Stored { identity: identity(name, "eu".into()), ..Stored::nothing() };
        let prior = bucket(name, "eu".into());
        block_on(settled().apply_resource_change(TYPE, prior, planned, Value::Null))
    };
    assert_eq!(delete("a").identity, Value::Null);
    assert_eq!(delete("full").identity, identity("full", "eu".into()), "it is still there");
    let gone = read(&cloud(|_| Applied::gone()), identity("a", "eu".into()));
    assert_eq!((gone.state, gone.identity), (Value::Null, Value::Null));
}

#[test]
fn an_import_by_identity() {
    let saved = import(&settled(), identity("a", Value::Null));
    assert!(saved.diagnostics.is_empty(), "{:?}", lines(&saved.diagnostics));
    assert_eq!(saved.state, bucket("a", "eu".into()));
    assert_eq!(saved.identity, identity("a", "eu".into()), "what was left open is filled");

    let other = import(&moving(), identity("a", "eu".into()));
    assert_eq!((other.state, other.identity), (Value::Null, Value::Null));
    assert!(lines(&other.diagnostics)[0].starts_with("Error [] Changed identity: "));

    let none = import(&settled(), identity("none", Value::Null));
    assert_eq!(
        lines(&none.diagnostics),
        ["Error [] Nothing to import: There is no `cloud_bucket` with the identity \
             `{\"name\":\"none\",\"region\":null}`."]
    );
    let long = import(&settled(), identity("much too long", Value::Null));
    assert_eq!(
        lines(&long.diagnostics),
        [
            "Error [name] Invalid value for `name`: The value must be 1 to 9 characters long; it has 13."
        ]
    );
}

#[test]
fn what_has_no_identity_says_so() {
    let provider = settled();
    let imported =
        provider.import_by_identity("cloud_server", Value::Null, Capabilities::default());
    let said = [
        "Error [] No identity: An object of type `cloud_server` has no identity in this version of the provider. Use \
         its id.",
    ];
    assert_eq!(lines(&block_on(imported).diagnostics), said);
    assert_eq!(
        lines(&provider.upgrade_resource_identity("cloud_server", 0, b"{}").unwrap_err()),
        said
    );
    assert!(provider.identity_schema("cloud_server").is_none());
}

#[test]
fn identities_of_every_version() {
    let upgrade = |version, json: &str| {
        settled()
            .upgrade_resource_identity(TYPE, version, json.as_bytes())
            .map_err(|errors| lines(&errors).join("\n"))
    };
    let today = r#"{"name":"a","region":"eu","another_version_had_this":1}"#;
    assert_eq!(upgrade(1, today), Ok(identity("a", "eu".into())));
    assert_eq!(upgrade(0, r#"{"path":"eu/a"}"#), Ok(identity("a", "eu".into())));
    assert!(upgrade(0, r#"{"path":"eu"}"#).unwrap_err().contains("`name` of the identity"));
    assert!(upgrade(2, today).unwrap_err().contains("newer version of the provider"));
    assert!(upgrade(1, "[").unwrap_err().starts_with("Error [] Unreadable state: "));
}
