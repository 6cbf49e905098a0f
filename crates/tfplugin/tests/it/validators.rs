//! What validators say, word by word.

use std::collections::BTreeMap;

use tfplugin::schema::{Offered, check};
use tfplugin::{
    Applied, Attr, Context, DataSource, Diagnostics, Number, Object, Provider, Registry, Value,
    erased::Registered, schema::Schema, validator,
};

use crate::cloud::{filled, lines};

/// A rule for traffic.
#[derive(Debug, Clone, Object)]
struct Rule {
    /// From which network, or `any`.
    #[attribute(optional, validate(
        any_of(cidr, one_of(&["any"])),
        exactly_one_of(&["group", "source"]),
    ))]
    source: Attr<String>,
    /// From which group.
    #[attribute(optional, validate(exactly_one_of(&["source"]), not(one_of(&["default", "all"]))))]
    group: Attr<String>,
    /// Networks that are left out.
    #[attribute(
        optional,
        validate(unique, each(all_of(cidr_v4, not(regex("/0$", "all addresses")))))
    )]
    except: Attr<Vec<String>>,
    /// Who answers for it.
    #[attribute(optional, validate(email, at_least_one_of(&["role"])))]
    contact: Attr<String>,
    /// The role that answers for it.
    #[attribute(optional, validate(arn_of("iam"), at_least_one_of(&["contact"])))]
    role: Attr<String>,
    /// A network that nobody is to know.
    #[attribute(optional, sensitive, validate(cidr_v6, length(..=9)))]
    secret: Attr<String>,
    /// From when.
    #[attribute(optional, validate(rfc3339, required_with(&["until", "zone"])))]
    since: Attr<String>,
    /// Until when.
    #[attribute(optional, validate(rfc3339, conflicts_with(&["lasts"])))]
    until: Attr<String>,
    /// How long.
    #[attribute(optional, validate(duration, conflicts_with(&["until"])))]
    lasts: Attr<String>,
    /// The zone of the times.
    #[attribute(optional)]
    zone: Attr<String>,
    /// Which part of the traffic.
    #[attribute(optional, validate(range(0.1..1.0)))]
    share: Attr<Number>,
    /// How many rules at most.
    #[attribute(optional, validate(satisfies(is_even, "an even number"), not(range(10..=20))))]
    limit: Attr<i64>,
    /// Ports by name.
    #[attribute(optional, validate(keys(any_of(length(1..=1), one_of(&["http", "https"]))), each(range(1..))))]
    ports: Attr<BTreeMap<String, i64>>,
    /// Other rules.
    #[attribute(optional)]
    others: Attr<Vec<Other>>,
}

/// Another rule.
#[derive(Debug, Clone, Object)]
struct Other {
    /// Its name.
    #[attribute(optional, validate(at_least_one_of(&["arn"])))]
    name: Attr<String>,
    /// Its ARN.
    #[attribute(optional, validate(arn))]
    arn: Attr<String>,
}

fn is_even(value: &Value) -> bool {
    matches!(value, Value::Number(number) if number.as_i64().is_some_and(|number| number % 2 == 0))
}

struct Rules;

impl DataSource for Rules {
    type Model = Rule;
    const TYPE: &'static str = "net_rule";

    async fn read(&self, _: &Context, config: Rule) -> Applied<Rule> {
        Applied::ok(config)
    }
}

/// No settings.
#[derive(Debug, Clone, Object)]
struct Settings {
    /// One way to log in.
    #[attribute(optional, validate(exactly_one_of(&["role"])))]
    token: Attr<String>,
    /// Another way.
    #[block(list(max = 1))]
    role: Attr<Vec<Other>>,
}

struct Net;

impl Provider for Net {
    type Config = Settings;
    const NAME: &'static str = "net";
    const ADDRESS: &'static str = "registry.terraform.io/example/net";

    async fn configure(&self, _: &Context, _: Settings) -> Diagnostics {
        Diagnostics::new()
    }

    fn register(&self, registry: &mut Registry) {
        registry.data_source(Rules);
    }
}

fn said<const N: usize>(attributes: [(&str, Value); N]) -> Vec<String> {
    let config = filled::<Rule, N>(attributes);
    lines(&Registered::new(Net).validate_data_source("net_rule", config))
}

fn strings<const N: usize>(texts: [&str; N]) -> Value {
    Value::List(texts.map(Value::from).to_vec())
}

/// What is set in every case, so that only what the case is about is said.
const SOURCE: (&str, Value) = ("source", Value::UNKNOWN);
const CONTACT: (&str, Value) = ("contact", Value::UNKNOWN);

#[test]
fn the_schema_is_sound() {
    assert_eq!(Registered::new(Net).problems(), []);
}

#[test]
fn good_values_are_not_spoken_of() {
    let map =
        Value::Map(BTreeMap::from([("http".to_owned(), 80.into()), ("x".to_owned(), 1.into())]));
    let found = said([
        ("source", "any".into()),
        ("except", strings(["10.0.0.0/8", "192.168.0.0/16"])),
        ("contact", "net@example.com".into()),
        ("role", "arn:aws:iam::123456789012:role/net".into()),
        ("secret", "::/0".into()),
        ("since", "2026-01-02T15:04:05Z".into()),
        ("until", "2026-02-02T15:04:05+01:00".into()),
        ("zone", "UTC".into()),
        ("share", Value::Number("0.1".parse().unwrap())),
        ("limit", 4.into()),
        ("ports", map),
    ]);
    assert_eq!(found, [] as [&str; 0]);
}

#[test]
fn formats() {
    for (name, value, message) in [
        (
            "source",
            "10.0.0.0",
            "The value must be an IPv4 or IPv6 network such as `10.0.0.0/16`, or `any`.",
        ),
        (
            "contact",
            "net at example.com",
            "The value must be an email address such as `name@example.com`.",
        ),
        (
            "role",
            "arn:aws:s3:::bucket",
            "The value must be an ARN that starts with `arn:aws:iam:`; its service is `s3`.",
        ),
        (
            "until",
            "2026-02-30T00:00:00Z",
            "The value must be a time in RFC 3339 such as `2026-01-02T15:04:05Z`; there is no such day.",
        ),
        (
            "until",
            "tomorrow",
            "The value must be a time in RFC 3339 such as `2026-01-02T15:04:05Z`.",
        ),
        (
            "lasts",
            "1 day",
            "The value must be a duration such as `30m` or `1h30m`; this is not one: ` day` is not a unit \
             (ns, us, ms, s, m or h).",
        ),
    ] {
        let role = if name == "role" { ("zone", Value::Null) } else { CONTACT };
        let mut attributes = BTreeMap::from([SOURCE, role]);
        attributes.insert(name, value.into());
        let found = match attributes.into_iter().collect::<Vec<_>>().as_slice() {
            [a, b] => said([a.clone(), b.clone()]),
            [a, b, c] => said([a.clone(), b.clone(), c.clone()]),
            other => panic!("{other:?}"),
        };
        assert_eq!(found, [format!("Error [{name}] Invalid value for `{name}`: {message}")]);
    }
}

#[test]
fn collections() {
    let map = Value::Map(BTreeMap::from([("ftp".to_owned(), 0.into())]));
    let except = strings(["10.0.0.0/8", "0.0.0.0/0", "10.0.0.0/8", "10.1.2.3/8", "::/8"]);
    assert_eq!(
        said([SOURCE, CONTACT, ("except", except), ("ports", map)]),
        [
            "Error [except[2]] Invalid value for `except[2]`: The value must be a list without duplicates; \
             this element is the same as the one at index 0.",
            "Error [except[1]] Invalid value for `except[1]`: The value must not be all addresses.",
            "Error [except[3]] Invalid value for `except[3]`: The value must be an IPv4 network such as \
             `10.0.0.0/16`; this is an address inside of the network `10.0.0.0/8`.",
            "Error [except[4]] Invalid value for `except[4]`: The value must be an IPv4 network such as \
             `10.0.0.0/16`; this is an IPv6 network.",
            "Error [ports[\"ftp\"]] Invalid value for `ports[\"ftp\"]`: The value must be exactly 1 \
             character long, or `http` or `https`.",
            "Error [ports[\"ftp\"]] Invalid value for `ports[\"ftp\"]`: The value must be at least 1.",
        ]
    );
    let unknown = Value::List(vec![Value::UNKNOWN, Value::UNKNOWN, "10.0.0.0/8".into()]);
    assert_eq!(said([SOURCE, CONTACT, ("except", unknown)]), [] as [&str; 0]);
}

#[test]
fn numbers() {
    let share = |text: &str| ("share", Value::Number(text.parse().unwrap()));
    for text in ["0.09", "1", "1e3"] {
        assert_eq!(
            said([SOURCE, CONTACT, share(text)]),
            [
                "Error [share] Invalid value for `share`: The value must be at least 0.1 and less than 1."
            ]
        );
    }
    for text in ["0.1", "0.99999999999999999999999"] {
        assert_eq!(said([SOURCE, CONTACT, share(text)]), [] as [&str; 0]);
    }
    assert_eq!(
        said([SOURCE, CONTACT, ("limit", 15.into())]),
        [
            "Error [limit] Invalid value for `limit`: The value must be an even number.",
            "Error [limit] Invalid value for `limit`: The value must not be between 10 and 20.",
        ]
    );
}

#[test]
fn a_secret_is_not_described() {
    assert_eq!(
        said([SOURCE, CONTACT, ("secret", "2001:db8::1/32".into())]),
        [
            "Error [secret] Invalid value for `secret`: The value must be an IPv6 network such as \
             `2001:db8::/32`.",
            "Error [secret] Invalid value for `secret`: The value must be at most 9 characters long.",
        ]
    );
}

#[test]
fn siblings() {
    let text = || Value::from("2026-01-02T15:04:05Z");
    assert_eq!(
        said([]),
        [
            "Error [contact] Missing attribute: At least one of `contact` and `role` must be set.",
            "Error [group] Missing attribute: One of `group` and `source` must be set.",
        ]
    );
    assert_eq!(
        said([("source", "any".into()), ("group", "web".into()), CONTACT]),
        [
            "Error [group] Conflicting attributes: Only one of `group` and `source` can be set; here \
             `group` and `source` are."
        ]
    );
    assert_eq!(
        said([SOURCE, CONTACT, ("since", text())]),
        [
            "Error [since] Missing attribute: Where `since` is set, `until` and `zone` must be set too."
        ]
    );
    assert_eq!(
        said([SOURCE, CONTACT, ("until", text()), ("lasts", "1h".into())]),
        [
            "Error [lasts] Conflicting attributes: `lasts` cannot be set together with `until`. Remove one \
             or the other."
        ]
    );
    let other = |name: Value| filled::<Other, 1>([("name", name)]);
    let others = vec![other("x".into()), other(Value::Null), Value::Null, Value::UNKNOWN];
    assert_eq!(
        said([SOURCE, CONTACT, ("others", Value::List(others))]),
        ["Error [others[1].name] Missing attribute: At least one of `name` and `arn` must be set."]
    );
}

/// Whatever is not known yet may turn out to be null, or to be set.
#[test]
fn unknown_siblings_are_not_judged() {
    let text = || Value::from("2026-01-02T15:04:05Z");
    for unknown in [
        said([("source", "any".into()), ("group", Value::UNKNOWN), CONTACT]),
        said([
            SOURCE,
            CONTACT,
            ("since", text()),
            ("until", Value::UNKNOWN),
            ("zone", Value::UNKNOWN),
        ]),
        said([SOURCE, CONTACT, ("until", text()), ("lasts", Value::UNKNOWN)]),
        said([SOURCE, CONTACT, ("since", Value::UNKNOWN)]),
        said([SOURCE, ("role", Value::UNKNOWN)]),
    ] {
        assert_eq!(unknown, [] as [&str; 0]);
    }
}

#[test]
fn a_block_is_a_sibling_and_none_of_it_is_not_set() {
    let provider = Registered::new(Net);
    let other = filled::<Other, 1>([("name", "x".into())]);
    let validate = |token: Value, role: Vec<Value>| {
        let config = filled::<Settings, 2>([("token", token), ("role", Value::List(role))]);
        lines(&provider.validate_provider(config))
    };
    assert_eq!(validate("t".into(), Vec::new()), [] as [&str; 0]);
    assert_eq!(validate(Value::Null, vec![other.clone()]), [] as [&str; 0]);
    assert_eq!(
        validate(Value::Null, Vec::new()),
        ["Error [token] Missing attribute: One of `token` and `role` must be set."]
    );
    assert_eq!(
        validate("t".into(), vec![other]),
        [
            "Error [token] Conflicting attributes: Only one of `token` and `role` can be set; here `token` \
             and `role` are."
        ]
    );
}

#[test]
fn unsound_rules_are_problems_of_the_schema() {
    let with = |name: &str, rule: validator::Validator| {
        let mut schema = Schema { version: 0, block: Rule::block() };
        schema.block.attributes.get_mut(name).unwrap().validators = vec![rule];
        check(Offered::Resource, &schema)
            .into_iter()
            .map(|problem| problem.to_string())
            .collect::<Vec<_>>()
    };
    use validator::{
        any_of, arn, conflicts_with, custom, each, keys, length, not, one_of, range, regex,
        required_with, unique,
    };
    for (name, rule, problem) in [
        ("zone", regex("(", "a word"), "`(` is not a regular expression: "),
        (
            "zone",
            conflicts_with(&["color"]),
            "`conflicts_with` names `color`, which is no attribute",
        ),
        ("zone", required_with::<&str>(&[]), "`required_with` names no attribute"),
        ("zone", one_of::<&str>(&[]), "no value is allowed"),
        ("zone", unique(), "a string cannot have an element twice"),
        ("zone", each(arn()), "a string has no elements"),
        ("zone", keys(arn()), "a string has no keys"),
        ("zone", range(1..), "a string is never at least 1"),
        ("limit", length(1..), "a number has no length"),
        ("limit", arn(), "a number is never an ARN such as"),
        ("except", each(range(1..)), "a string is never at least 1"),
        ("except", each(conflicts_with(&["zone"])), "`conflicts_with` is about a whole attribute"),
        ("zone", not(not(arn())), "`not` inside of `any_of` or `not` is hard to read"),
        ("zone", any_of([custom(|_| Ok(()))]), "`custom` has no words of its own"),
        ("share", range(f64::NAN..), "a limit of its range is not a number"),
    ] {
        let found = with(name, rule);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with(&format!("{name}: {problem}")), "{found:?}");
    }
}

/// How many of unknown elements there are in a set is not known either.
#[test]
fn lengths_of_what_is_not_wholly_known() {
    let length = |value: &Value, range: std::ops::RangeInclusive<usize>| {
        let mut diagnostics = Diagnostics::new();
        validator::length(range).check(value, &"set".into(), &mut diagnostics);
        diagnostics.is_empty()
    };
    let set = Value::set([Value::UNKNOWN, Value::UNKNOWN, "a".into()]);
    assert!(length(&set, 1..=1) && length(&set, 3..=3) && !length(&set, 4..=9));
    let list = Value::List(vec![Value::UNKNOWN, Value::UNKNOWN]);
    assert!(!length(&list, 1..=1) && length(&list, 2..=2));
}
