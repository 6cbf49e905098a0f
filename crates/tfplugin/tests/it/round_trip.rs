//! Any value of any type survives both codecs.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use tfplugin::value::{json, msgpack};
use tfplugin::{Number, Type, Value};
use unicode_normalization::UnicodeNormalization as _;

fn name() -> impl Strategy<Value = String> {
    "[a-z]{1,4}"
}

/// A string as the CLI has them: composed.
fn text() -> impl Strategy<Value = String> {
    any::<String>().prop_map(|text| text.nfc().collect())
}

fn number() -> impl Strategy<Value = Number> {
    prop_oneof![
        any::<i64>().prop_map(Number::from),
        any::<u64>().prop_map(Number::from),
        any::<f64>().prop_filter_map("numbers are finite and not too long", |float| {
            Number::try_from(float).ok()
        }),
        "-?(0|[1-9][0-9]{0,40})(\\.[0-9]{1,30})?(e-?[0-9]{1,2})?"
            .prop_map(|text| text.parse().unwrap()),
    ]
}

fn ty() -> impl Strategy<Value = Type> {
    let leaf =
        prop_oneof![Just(Type::Bool), Just(Type::Number), Just(Type::String), Just(Type::Dynamic)];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(Type::list),
            inner.clone().prop_map(Type::set),
            inner.clone().prop_map(Type::map),
            btree_map(name(), inner.clone(), 0..4).prop_map(Type::Object),
            vec(inner, 0..4).prop_map(Type::Tuple),
        ]
    })
}

/// A value of `ty`; `unknowns` says whether parts of it may be unknown.
fn value(ty: Type, unknowns: bool) -> BoxedStrategy<Value> {
    let known = match ty {
        Type::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        Type::Number => number().prop_map(Value::Number).boxed(),
        Type::String => text().prop_map(Value::String).boxed(),
        Type::Dynamic => prop_oneof![
            any::<bool>().prop_map(|flag| (Type::Bool, Value::Bool(flag))),
            name().prop_map(|text| (Type::list(Type::String), Value::List(vec![text.into()]))),
            number().prop_map(|number| (Type::Number, number.into())),
        ]
        .prop_map(|typed| Value::Dynamic(Box::new(typed)))
        .boxed(),
        Type::List(element) => vec(value(*element, unknowns), 0..4).prop_map(Value::List).boxed(),
        Type::Set(element) => vec(value(*element, unknowns), 0..4).prop_map(Value::set).boxed(),
        Type::Map(element) => {
            btree_map(text(), value(*element, unknowns), 0..4).prop_map(Value::Map).boxed()
        }
        Type::Object(types) => types
            .into_iter()
            .map(|(name, ty)| (Just(name), value(ty, unknowns)))
            .collect::<Vec<_>>()
            .prop_map(Value::object)
            .boxed(),
        Type::Tuple(types) => types
            .into_iter()
            .map(|ty| value(ty, unknowns))
            .collect::<Vec<_>>()
            .prop_map(Value::Tuple)
            .boxed(),
    };
    if unknowns {
        prop_oneof![6 => known, 1 => Just(Value::Null), 1 => Just(Value::UNKNOWN)].boxed()
    } else {
        prop_oneof![6 => known, 1 => Just(Value::Null)].boxed()
    }
}

fn typed(unknowns: bool) -> impl Strategy<Value = (Type, Value)> {
    ty().prop_flat_map(move |ty| (Just(ty.clone()), value(ty, unknowns)))
}

proptest! {
    #[test]
    fn messagepack((ty, value) in typed(true)) {
        prop_assert!(ty.admits(&value));
        let wire = msgpack::encode(&value, &ty).unwrap();
        prop_assert_eq!(msgpack::decode(&wire, &ty).unwrap(), value);
    }

    #[test]
    fn json_text((ty, value) in typed(false)) {
        let text = json::encode(&value).unwrap();
        prop_assert_eq!(json::decode(&text, &ty).unwrap(), value);
    }

    #[test]
    fn types(ty in ty()) {
        prop_assert_eq!(Type::from_json(&ty.to_json()).unwrap(), ty);
    }

    /// Bytes from nowhere are refused or read, but never bring the process down.
    #[test]
    fn any_bytes((ty, _) in typed(false), bytes in vec(any::<u8>(), 0..64)) {
        let _ = msgpack::decode(&bytes, &ty);
        let _ = json::decode(&bytes, &ty);
    }

    #[test]
    fn equal_sets_are_equal_bytes(mut elements in vec(number().prop_map(Value::Number), 0..20)) {
        let ty = Type::set(Type::Number);
        let one = msgpack::encode(&Value::set(elements.clone()), &ty).unwrap();
        elements.reverse();
        elements.extend(elements.clone());
        prop_assert_eq!(msgpack::encode(&Value::set(elements), &ty).unwrap(), one);
    }
}
