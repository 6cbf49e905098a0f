//! Panics in the rules of attributes: a message about the attribute, beside all others, and nothing is lost.

use tfplugin::erased::{Capabilities, Registered, Stored};
use tfplugin::{
    Applied, Attr, Context, Create, Delete, Object, Plan, Provider, Read, Registry, Resource,
    Update, Value,
};

use crate::cloud::{Config, block_on, filled, lines};

/// A drum.
#[derive(Debug, Clone, PartialEq, Object)]
struct Drum {
    /// Its name.
    #[attribute(required, validate(custom(refuse_bombs), length(..=3)))]
    name: Attr<String>,
    /// Its sound.
    #[attribute(optional, validate(satisfies(is_no_bomb, "a sound"), length(..=3)), plan(requires_replace_if(differ)))]
    sound: Attr<String>,
    /// Its tune; capitals mean the same.
    #[attribute(optional, plan(keep_prior_when_equal(sound_alike)))]
    tune: Attr<String>,
    /// The word that is said with it.
    #[attribute(optional, sensitive, validate(custom(refuse_bombs)))]
    word: Attr<String>,
    /// Its skins.
    #[attribute(optional)]
    skins: Attr<Vec<Skin>>,
}

/// A skin of a drum.
#[derive(Debug, Clone, PartialEq, Object)]
struct Skin {
    /// What it is of.
    #[attribute(required, validate(custom(refuse_bombs)), plan(requires_replace_if(differ)))]
    of: Attr<String>,
}

fn refuse_bombs(value: &Value) -> Result<(), String> {
    if is_no_bomb(value) { Ok(()) } else { Err("No bombs.".to_owned()) }
}

fn is_no_bomb(value: &Value) -> bool {
    assert_ne!(value.as_str(), Some("bomb"), "boom");
    true
}

fn differ(prior: &Value, planned: &Value) -> bool {
    is_no_bomb(planned);
    prior != planned
}

fn sound_alike(prior: &Value, planned: &Value) -> bool {
    is_no_bomb(planned);
    prior.as_str().map(str::to_lowercase) == planned.as_str().map(str::to_lowercase)
}

struct Drums;

impl Resource for Drums {
    type Model = Drum;
    const TYPE: &'static str = "cloud_drum";

    async fn modify_plan(&self, _: &Context, plan: &mut Plan<'_, Drum>) {
        plan.diagnostics.push(tfplugin::Diagnostic::warning("Loud", "It is a drum."));
    }

    async fn create(&self, _: &Context, request: Create<Drum>) -> Applied<Drum> {
        Applied::ok(exploded(request.planned))
    }

    async fn read(&self, _: &Context, request: Read<Drum>) -> Applied<Drum> {
        Applied::ok(exploded(request.state))
    }

    async fn update(&self, _: &Context, request: Update<Drum>) -> Applied<Drum> {
        Applied::ok(exploded(request.planned))
    }

    async fn delete(&self, _: &Context, _: Delete<Drum>) -> Applied<Drum> {
        Applied::gone()
    }
}

/// The drum in another tune, which nothing can be compared with.
fn exploded(drum: Drum) -> Drum {
    Drum { tune: "bomb".into(), ..drum }
}

struct Band;

impl Provider for Band {
    type Config = Config;
    const NAME: &'static str = "cloud";
    const ADDRESS: &'static str = "registry.terraform.io/example/cloud";

    fn register(&self, registry: &mut Registry) {
        registry.resource(Drums);
    }
}

fn drum<const N: usize>(attributes: [(&str, Value); N]) -> Value {
    filled::<Drum, N>(attributes)
}

fn skins<const N: usize>(of: [&str; N]) -> Value {
    Value::List(of.map(|of| filled::<Skin, 1>([("of", of.into())])).to_vec())
}

/// What is said of a panic while the provider tried to do `what` about the attribute at `path`.
fn crash(severity: &str, what: &str, path: &str) -> String {
    format!(
        "{severity} [{path}] The provider crashed: The provider crashed while it tried to {what} `{path}`: "
    )
}

/// Each line begins with what is expected of it, and a crash says why.
fn told(said: &[String], expected: &[&str]) {
    assert_eq!(said.len(), expected.len(), "{said:#?}");
    for (said, expected) in said.iter().zip(expected) {
        assert!(said.starts_with(expected), "{said} is not {expected}");
        assert!(!said.contains("crashed") || said.contains("boom"), "{said}");
    }
}

#[test]
fn a_validator_that_panics_is_told_of_its_attribute() {
    let config = drum([
        ("name", "bomb".into()),
        ("sound", "bomb".into()),
        ("skins", skins(["calf", "bomb", "goat", "bomb"])),
    ]);
    let provider = Registered::new(Band);
    let said = lines(&provider.validate_resource("cloud_drum", config, Capabilities::default()));
    told(
        &said,
        &[
            &crash("Error", "validate", "name"),
            "Error [name] Invalid value for `name`: ",
            &crash("Error", "validate", "skins[1].of"),
            &crash("Error", "validate", "skins[3].of"),
            &crash("Error", "validate", "sound"),
            "Error [sound] Invalid value for `sound`: ",
        ],
    );
}

#[test]
fn what_a_panic_over_a_secret_says_is_not_told() {
    let config = drum([("name", "a".into()), ("word", "bomb".into())]);
    let provider = Registered::new(Band);
    let said = lines(&provider.validate_resource("cloud_drum", config, Capabilities::default()));
    let [said] = said.as_slice() else { panic!("{said:#?}") };
    assert!(said.starts_with(&crash("Error", "validate", "word")), "{said}");
    assert!(!said.contains("bomb") && !said.contains("boom"), "{said}");
}

#[test]
fn a_modifier_that_panics_is_told_of_its_attribute() {
    let prior = drum([
        ("name", "a".into()),
        ("sound", "dum".into()),
        ("tune", "C".into()),
        ("skins", skins(["calf", "calf"])),
    ]);
    let config = drum([
        ("name", "a".into()),
        ("sound", "bomb".into()),
        ("tune", "bomb".into()),
        ("skins", skins(["goat", "bomb"])),
    ]);
    let plan = block_on(Registered::new(Band).plan_resource_change(
        "cloud_drum",
        Stored::new(prior, &[]),
        config.clone(),
        config.clone(),
        Capabilities::default(),
    ));
    let compare = "compare old and new value of";
    told(
        &lines(&plan.diagnostics),
        &[
            &crash("Error", compare, "tune"),
            &crash("Error", compare, "skins[1].of"),
            &crash("Error", compare, "sound"),
            "Warning [] Loud: It is a drum.",
        ],
    );
    assert_eq!(plan.planned, config);
    let replaces: Vec<_> = plan.requires_replace.iter().map(ToString::to_string).collect();
    assert_eq!(replaces, ["skins[0].of"]);
}

#[test]
fn a_comparison_that_panics_after_an_apply_or_a_read_loses_no_object() {
    let provider = Registered::new(Band);
    let before = drum([("name", "a".into()), ("tune", "C".into())]);
    let after = drum([("name", "a".into()), ("tune", "bomb".into())]);
    let compare = "compare old and new value of";

    let read = Stored::new(before.clone(), b"{}");
    let read = block_on(provider.read_resource("cloud_drum", read, Capabilities::default()));
    assert_eq!(read.state, before);
    told(&lines(&read.diagnostics), &[&crash("Error", compare, "tune")]);

    let apply = |prior: Value| {
        let (planned, config) = (Stored::new(before.clone(), &[]), before.clone());
        block_on(provider.apply_resource_change("cloud_drum", prior, planned, config))
    };
    // An error would have the CLI replace the new object.
    let created = apply(Value::Null);
    assert_eq!(created.state, before);
    told(
        &lines(&created.diagnostics),
        &[&crash("Warning", compare, "tune"), "Warning [tune] Inconsistent result of a create: "],
    );
    let updated = apply(drum([("name", "a".into()), ("tune", "D".into())]));
    assert_eq!(updated.state, after);
    told(&lines(&updated.diagnostics), &[&crash("Error", compare, "tune")]);
}
