//! Golden bytes: what is on the wire, and in state.

use tfplugin::value::{json, msgpack};
use tfplugin::{Number, Refinement, Type, Value};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}

fn bytes(hex: &str) -> Vec<u8> {
    hex.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
}

fn number(text: &str) -> Value {
    Value::Number(text.parse().unwrap())
}

fn strings<const N: usize>(texts: [&str; N]) -> Vec<Value> {
    texts.map(Value::from).to_vec()
}

#[test]
fn messagepack_both_ways() {
    let object = Type::object([("b", Type::Bool), ("a", Type::String)]);
    let dynamic = Value::Dynamic(Box::new((Type::String, "x".into())));
    for (ty, value, wire) in [
        (Type::String, Value::Null, "c0"),
        (Type::String, Value::UNKNOWN, "d4 00 00"),
        (Type::Dynamic, Value::UNKNOWN, "d4 00 00"),
        (Type::Bool, Value::Bool(true), "c3"),
        (Type::Bool, Value::Bool(false), "c2"),
        (Type::String, "hi".into(), "a2 68 69"),
        (Type::Number, number("1"), "01"),
        (Type::Number, number("-1"), "ff"),
        (Type::Number, number("300"), "cd 01 2c"),
        (Type::Number, number("-300"), "d1 fe d4"),
        (Type::Number, number("18446744073709551615"), "cf ff ff ff ff ff ff ff ff"),
        (Type::Number, number("0.5"), "cb 3f e0 00 00 00 00 00 00"),
        (Type::Number, number("0.1"), "a3 30 2e 31"),
        (Type::list(Type::String), Value::List(strings(["b", "a"])), "92 a1 62 a1 61"),
        (Type::set(Type::String), Value::set(strings(["a", "b"])), "92 a1 61 a1 62"),
        (
            Type::Tuple(vec![Type::Bool, Type::String]),
            Value::Tuple(vec![Value::Bool(true), Value::Null]),
            "92 c3 c0",
        ),
        (
            Type::map(Type::Bool),
            Value::Map([("k".to_owned(), Value::Bool(true))].into()),
            "81 a1 6b c3",
        ),
        (
            object,
            Value::object([("a", Value::UNKNOWN), ("b", Value::Null)]),
            "82 a1 61 d4 00 00 a1 62 c0",
        ),
        (Type::Dynamic, dynamic, "92 c4 08 22 73 74 72 69 6e 67 22 a1 78"),
    ] {
        assert_eq!(hex(&msgpack::encode(&value, &ty).unwrap()), wire, "{value:?}");
        assert_eq!(msgpack::decode(&bytes(wire), &ty).unwrap(), value, "{wire}");
    }
}

#[test]
fn long_numbers_go_as_decimal_text() {
    for text in [
        "12345678901234567890123",
        "120000000000000000000000000000",
        "0.30000000000000004440892098500626161694526672363281",
    ] {
        let wire = msgpack::encode(&number(text), &Type::Number).unwrap();
        assert_eq!(&wire[wire.len() - text.len()..], text.as_bytes());
        assert_eq!(msgpack::decode(&wire, &Type::Number).unwrap(), number(text));
    }
}

fn known_of(value: &Value) -> Option<&Refinement> {
    match value {
        Value::Unknown(unknown) => unknown.refinement(),
        other => panic!("{other:?} is known"),
    }
}

#[test]
fn what_is_known_of_an_unknown_value_goes_back_as_it_came() {
    let refine = Refinement::new;
    let large: Number = "1.2e29".parse().unwrap();
    let large_wire = format!("c7 23 0c 81 03 92 be {} c3", hex(large.to_string().as_bytes()));
    for (ty, wire, known) in [
        (Type::String, "c7 09 0c 82 01 c2 02 a4 70 72 65 2d", refine().not_null().prefix("pre-")),
        (Type::Bool, "c7 03 0c 81 01 c2", refine().not_null()),
        (Type::object([("a", Type::Bool)]), "c7 03 0c 81 01 c2", refine().not_null()),
        (Type::Number, "c7 0b 0c 82 03 92 01 c3 04 92 cd 01 2c c2", refine().range(1_i64..300)),
        (Type::Number, large_wire.as_str(), refine().range(large..)),
        (Type::list(Type::String), "c7 03 0c 81 05 02", refine().length(2..)),
        (
            Type::map(Type::String),
            "c7 07 0c 83 01 c2 05 02 06 0c",
            refine().not_null().length(2..=12),
        ),
    ] {
        let value = msgpack::decode(&bytes(wire), &ty).unwrap();
        assert_eq!(known_of(&value), Some(&known), "{wire}");
        assert_eq!(hex(&msgpack::encode(&value, &ty).unwrap()), wire);
    }
}

/// A kind of unknown of a newer CLI, or one that makes no sense, is still unknown.
#[test]
fn an_extension_never_fails_a_request() {
    let long = "c8 04 01 0c".to_owned() + &" 80".repeat(1025);
    for (ty, wire) in [
        (Type::String, "d4 00 00"),
        (Type::Dynamic, "d4 00 00"),
        (Type::String, "c7 00 00"),
        (Type::String, "d5 0c 80 00"),
        (Type::list(Type::String), "c8 00 01 0c 80"),
        (Type::String, long.as_str()),
        // Another extension with the same content.
        (Type::String, "c7 03 0d 81 01 c2"),
        // Not a map; a key that is no number; cut off; null is known (which is no unknown value).
        (Type::String, "d5 0c 92 c2"),
        (Type::String, "d6 0c 81 a1 61 c2"),
        (Type::String, "d5 0c 81 01"),
        (Type::String, "c7 03 0c 81 01 c3"),
        // Values of a wrong kind, bounds that are none, a prefix that is not UTF-8.
        (Type::String, "c7 03 0c 81 02 01"),
        (Type::String, "d6 0c 81 02 a1 ff"),
        (Type::Number, "c7 03 0c 81 03 01"),
        (Type::Number, "c7 05 0c 81 03 92 c0 c3"),
        (Type::Number, "c7 06 0c 81 03 92 a1 78 c3"),
        (Type::list(Type::Bool), "c7 03 0c 81 05 ff"),
        // What the type cannot have.
        (Type::String, "c7 03 0c 81 05 02"),
        (Type::Number, "d6 0c 81 02 a1 61"),
        (Type::Dynamic, "c7 03 0c 81 01 c2"),
    ] {
        let value = msgpack::decode(&bytes(wire), &ty).unwrap();
        assert_eq!(known_of(&value), None, "{ty:?} {wire}");
        assert_eq!(hex(&msgpack::encode(&value, &ty).unwrap()), "d4 00 00");
    }
    // An unknown key is passed over, whatever its value is; those around it count.
    let not_null = Refinement::new().not_null();
    for other in [
        "c0",
        "c3",
        "07",
        "cc ff",
        "cd 01 02",
        "ce 01 02 03 04",
        "cf 01 02 03 04 05 06 07 08",
        "ff",
        "a1 61",
        "c4 01 61",
        "92 c0 91 c0",
        "81 01 81 02 03",
        "d4 00 00",
        "c7 02 0c 00 00",
        "ca 00 00 00 00",
    ] {
        let content = bytes(&format!("82 09 {other} 01 c2"));
        let wire =
            [&[0xc7, u8::try_from(content.len()).unwrap(), 0x0c], content.as_slice()].concat();
        let value = msgpack::decode(&wire, &Type::String).unwrap();
        assert_eq!(known_of(&value), Some(&not_null), "{other}");
    }
    assert!(msgpack::decode(&bytes("c7 09 0c 82 01"), &Type::String).is_err());
}

#[test]
fn what_is_known_is_written_where_the_type_has_it() {
    let all = Refinement::new().not_null().prefix("a").range(0_i64..9).length(1..=2);
    for (ty, wire) in [
        (Type::String, "c7 06 0c 82 01 c2 02 a1 61"),
        (Type::Bool, "c7 03 0c 81 01 c2"),
        (Type::set(Type::Bool), "c7 07 0c 83 01 c2 05 01 06 02"),
        (Type::Dynamic, "d4 00 00"),
    ] {
        let value = Value::unknown(all.clone());
        assert_eq!(hex(&msgpack::encode(&value, &ty).unwrap()), wire);
    }
    let long = Value::unknown(Refinement::new().prefix("a".repeat(1100)));
    assert_eq!(hex(&msgpack::encode(&long, &Type::String).unwrap()), "d4 00 00");
}

/// Other peers may write the same value in another way.
#[test]
fn messagepack_in_other_spellings() {
    for (ty, wire, value) in [
        // A number as text with an exponent, as a wide integer, as a 32-bit float.
        (Type::Number, "a6 31 2e 32 65 32 39", number("120000000000000000000000000000")),
        (Type::Number, "d3 00 00 00 00 00 00 00 01", number("1")),
        (Type::Number, "ca 3f 00 00 00", number("0.5")),
        // A set in another order, and with a duplicate.
        (Type::set(Type::String), "93 a1 62 a1 61 a1 62", Value::set(strings(["a", "b"]))),
        // A typed null and an unknown inside a dynamic value.
        (
            Type::Dynamic,
            "92 c4 08 22 73 74 72 69 6e 67 22 c0",
            Value::Dynamic(Box::new((Type::String, Value::Null))),
        ),
        // No message at all.
        (Type::String, "", Value::Null),
    ] {
        assert_eq!(msgpack::decode(&bytes(wire), &ty).unwrap(), value, "{wire}");
    }
}

#[test]
fn what_is_not_of_the_type_is_refused() {
    let object = Type::object([("a", Type::String)]);
    for (ty, wire) in [
        (Type::Bool, "01"),
        (Type::String, "a2 68"),
        (Type::String, "a1 ff"),
        (Type::String, "a1 61 a1 61"),
        (Type::Number, "a1 78"),
        (Type::Number, "cb 7f f0 00 00 00 00 00 00"),
        (Type::list(Type::String), "dd ff ff ff ff"),
        (Type::list(Type::String), "81 a1 61 a1 61"),
        (Type::Tuple(vec![Type::Bool]), "92 c3 c3"),
        (object.clone(), "80"),
        (object.clone(), "81 a1 62 c0"),
        (object, "c4 01 00"),
        (Type::Dynamic, "91 c0"),
        (Type::Dynamic, "92 c4 01 31 c0"),
        (Type::String, "c7 ff 0c"),
    ] {
        assert!(msgpack::decode(&bytes(wire), &ty).is_err(), "{ty:?} {wire}");
    }
}

#[test]
fn a_value_of_another_type_is_not_written() {
    let object = Type::object([("a", Type::String)]);
    for (ty, value) in [
        (Type::Bool, Value::from("true")),
        (Type::Dynamic, Value::from("without its type")),
        (Type::set(Type::String), Value::List(Vec::new())),
        (object.clone(), Value::object([("b", Value::Null)])),
        (object, Value::object([("a", Value::Null), ("b", Value::Null)])),
    ] {
        assert!(msgpack::encode(&value, &ty).is_err(), "{ty:?} {value:?}");
    }
}

#[test]
fn json_both_ways() {
    let ty = Type::object([
        ("bool", Type::Bool),
        ("big", Type::Number),
        ("tenth", Type::Number),
        ("set", Type::set(Type::Number)),
        ("map", Type::map(Type::String)),
        ("any", Type::Dynamic),
        ("none", Type::String),
    ]);
    let value = Value::object([
        ("bool", Value::Bool(true)),
        ("big", number("12345678901234567890123")),
        ("tenth", number("0.1")),
        ("set", Value::set([number("2"), number("1")])),
        ("map", Value::Map([("k".to_owned(), "v".into())].into())),
        ("any", Value::Dynamic(Box::new((Type::Bool, Value::Bool(false))))),
        ("none", Value::Null),
    ]);
    let text = concat!(
        r#"{"any":{"type":"bool","value":false},"big":12345678901234567890123,"bool":true,"#,
        r#""map":{"k":"v"},"none":null,"set":[1,2],"tenth":0.1}"#
    );
    assert_eq!(String::from_utf8(json::encode(&value).unwrap()).unwrap(), text);
    assert_eq!(json::decode(text.as_bytes(), &ty).unwrap(), value);
}

#[test]
fn state_json_may_come_from_another_schema() {
    let ty =
        Type::object([("kept", Type::String), ("new", Type::String), ("was_text", Type::Number)]);
    let state = br#"{"kept":"x","dropped":{"a":[1]},"was_text":"1.2e29"}"#;
    let large: Number = "1.2e29".parse().unwrap();
    assert_eq!(
        json::decode(state, &ty).unwrap(),
        Value::object([
            ("kept", "x".into()),
            ("new", Value::Null),
            ("was_text", Value::Number(large))
        ])
    );
    assert!(json::decode(br#"{"kept":["x"]}"#, &ty).is_err());
    assert!(json::encode(&Value::List(vec![Value::UNKNOWN])).is_err());
}
