//! Every digit of a number survives the way to the CLI and back, in whatever form MessagePack has it.

use proptest::prelude::*;
use rmp::encode;
use tfplugin::value::msgpack;
use tfplugin::{Number, Type, Value};

fn number(text: &str) -> Value {
    Value::Number(text.parse().unwrap())
}

fn written(text: &str) -> Vec<u8> {
    msgpack::encode(&number(text), &Type::Number).unwrap()
}

/// What a state file of the CLI says of a number it got as these bytes, which shares no code with ours. The CLI keeps
/// whole numbers of up to 64 bits and decimal text with every digit, and prints a float in the fewest digits that only
/// that float has.
fn in_state(bytes: &[u8]) -> String {
    let all = |size: usize| bytes.get(1..).filter(|rest| rest.len() == size).unwrap();
    match bytes[0] {
        small @ 0x00..=0x7f => small.to_string(),
        small @ 0xe0..=0xff => (i64::from(small) - 256).to_string(),
        0xcc => u8::from_be_bytes(all(1).try_into().unwrap()).to_string(),
        0xcd => u16::from_be_bytes(all(2).try_into().unwrap()).to_string(),
        0xce => u32::from_be_bytes(all(4).try_into().unwrap()).to_string(),
        0xcf => u64::from_be_bytes(all(8).try_into().unwrap()).to_string(),
        0xd0 => i8::from_be_bytes(all(1).try_into().unwrap()).to_string(),
        0xd1 => i16::from_be_bytes(all(2).try_into().unwrap()).to_string(),
        0xd2 => i32::from_be_bytes(all(4).try_into().unwrap()).to_string(),
        0xd3 => i64::from_be_bytes(all(8).try_into().unwrap()).to_string(),
        0xca => f32::from_be_bytes(all(4).try_into().unwrap()).to_string(),
        0xcb => f64::from_be_bytes(all(8).try_into().unwrap()).to_string(),
        short @ 0xa0..=0xbf => String::from_utf8(all(usize::from(short & 0x1f)).to_vec()).unwrap(),
        0xd9 => String::from_utf8(bytes[2..].to_vec()).unwrap(),
        0xda => String::from_utf8(bytes[3..].to_vec()).unwrap(),
        other => panic!("{other:#x} is no number"),
    }
}

/// A decimal number as its digits, without a float or a library in between.
fn plain(negative: bool, whole: &str, fraction: &str) -> String {
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    let whole = if whole.is_empty() { "0" } else { whole };
    let sign = if negative && (whole, fraction) != ("0", "") { "-" } else { "" };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// All digits of a float; the standard library prints as many as it is asked for.
fn digits_of(float: f64) -> String {
    let text = format!("{:.1100}", float.abs());
    let (whole, fraction) = text.split_once('.').unwrap();
    plain(float < 0.0, whole, fraction)
}

#[test]
fn whole_numbers_that_are_floats_go_as_text() {
    for (float, text) in [
        (2_f64.powi(64), "18446744073709551616"),
        (2_f64.powi(65), "36893488147419103232"),
        (2_f64.powi(128), "340282366920938463463374607431768211456"),
        (f64::from(f32::MAX), "340282346638528859811704183484516925440"),
        (-(2_f64.powi(63)) * 2.0, "-18446744073709551616"),
        (-(2_f64.powi(100)), "-1267650600228229401496703205376"),
    ] {
        assert_eq!(digits_of(float), text);
        assert_eq!(in_state(&written(text)), text);
        let (mut wide, mut narrow) = (Vec::new(), Vec::new());
        encode::write_f64(&mut wide, float).unwrap();
        assert_eq!(msgpack::decode(&wide, &Type::Number).unwrap(), number(text));
        #[expect(clippy::cast_possible_truncation, reason = "powers of two, and an f32")]
        encode::write_f32(&mut narrow, float as f32).unwrap();
        if float.abs() <= f64::from(f32::MAX) {
            assert_eq!(msgpack::decode(&narrow, &Type::Number).unwrap(), number(text));
        }
    }
}

#[test]
fn what_needs_no_text_is_written_as_the_cli_writes_it() {
    for (text, first) in [
        ("9223372036854775807", 0xcf),
        ("-9223372036854775808", 0xd3),
        ("18446744073709551615", 0xcf),
        ("0.5", 0xcb),
        ("-123.25", 0xcb),
    ] {
        assert_eq!(written(text)[0], first, "{text}");
        assert_eq!(in_state(&written(text)), text);
    }
    // The float next to one tenth, with all of its digits.
    let tenth = digits_of(0.1);
    assert_eq!(tenth.len(), 57);
    assert_eq!(in_state(&written(&tenth)), tenth);
}

proptest! {
    #[test]
    fn every_digit_that_is_written_is_in_state(
        negative in any::<bool>(),
        whole in "[0-9]{1,60}",
        fraction in "[0-9]{0,40}",
    ) {
        let text = plain(negative, &whole, &fraction);
        prop_assert_eq!(in_state(&written(&text)), text);
    }

    #[test]
    fn near_powers_of_two_too(power in 0_u32..=126, distance in -3_i128..=3, negative in any::<bool>()) {
        let value = (1_i128 << power) + distance;
        let text = (if negative { -value } else { value }).to_string();
        prop_assert_eq!(in_state(&written(&text)), text);
    }

    #[test]
    fn an_exponent_is_written_out(digits in "[1-9][0-9]{0,20}", exponent in 0_usize..60) {
        let text = format!("{digits}{}", "0".repeat(exponent));
        prop_assert_eq!(in_state(&written(&format!("{digits}e{exponent}"))), text);
    }

    #[test]
    fn every_digit_of_a_float_is_read(float in any::<f64>()) {
        prop_assume!(float.is_finite());
        let mut bytes = Vec::new();
        encode::write_f64(&mut bytes, float).unwrap();
        let Value::Number(read) = msgpack::decode(&bytes, &Type::Number).unwrap() else {
            panic!("no number")
        };
        prop_assert_eq!(read.to_string(), digits_of(float));
        // And goes back without loss.
        prop_assert_eq!(in_state(&written(&digits_of(float))), digits_of(float));
        prop_assert_eq!(Number::try_from(float).unwrap(), read);
    }
}
