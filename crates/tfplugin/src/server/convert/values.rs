//! Values in messages. What does not fit is a diagnostic: a gRPC error would make core say that the plugin crashed.

use std::error::Error;

use crate::diagnostic::{Diagnostic, Notice, Severity};
use crate::server::generated::tfplugin6::DynamicValue;
use crate::value::{Type, Value, json, msgpack};

/// The value in a message; nothing at all is null. `what` says what it is, for the diagnostic.
pub(crate) fn decode(
    message: Option<&DynamicValue>,
    ty: &Type,
    what: &str,
) -> Result<Value, Diagnostic> {
    let read = match message {
        None => return Ok(Value::Null),
        Some(DynamicValue { msgpack, .. }) if !msgpack.is_empty() => {
            msgpack::decode(msgpack, ty).map_err(|error| chain(&error))
        }
        Some(DynamicValue { json, .. }) if !json.is_empty() => {
            json::decode(json, ty).map_err(|error| chain(&error))
        }
        Some(_) => return Ok(Value::Null),
    };
    read.map_err(|error| {
        Diagnostic::noticed(
            Notice::Unreadable, "Unreadable message from the CLI",
            format!(
                "The {what} does not fit the provider's schema: {error}.\n\nThe CLI may have started \
                 another version of the provider than the one whose schema it read. Run `init` again."
            ),
        )
    })
}

/// The message for a value. `what` says what it is, for the diagnostic.
pub(crate) fn encode(value: &Value, ty: &Type, what: &str) -> Result<DynamicValue, Diagnostic> {
    match msgpack::encode(value, ty) {
        Ok(msgpack) => Ok(DynamicValue { msgpack, json: Vec::new() }),
        Err(error) => {
            let detail = format!("The {what} does not fit the schema: {}.", chain(&error));
            Err(Diagnostic::fault(Severity::Error, "Invalid value", &detail))
        }
    }
}

/// An error and its causes, in one line.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn msgpack_json_and_nothing_are_read() {
        let text = Value::String("a".to_owned());
        let read = |msgpack: &[u8], json: &[u8]| {
            let message = DynamicValue { msgpack: msgpack.to_vec(), json: json.to_vec() };
            decode(Some(&message), &Type::String, "state").unwrap()
        };
        assert_eq!(read(b"\xa1a", b""), text);
        assert_eq!(read(b"", br#""a""#), text);
        assert_eq!(read(b"", b""), Value::Null);
        assert_eq!(decode(None, &Type::String, "state").unwrap(), Value::Null);
    }

    #[test]
    fn what_does_not_fit_is_a_diagnostic_that_says_what_it_was() {
        let message = DynamicValue { msgpack: vec![0xc3], json: Vec::new() };
        let error = decode(Some(&message), &Type::String, "prior state").unwrap_err();
        assert!(error.detail.starts_with("The prior state does not fit"), "{}", error.detail);
        let error = encode(&Value::Bool(true), &Type::String, "new state").unwrap_err();
        assert!(error.detail.starts_with("The new state does not fit"), "{}", error.detail);
    }

    #[test]
    fn answers_are_msgpack() {
        let message = encode(&Value::Bool(true), &Type::Bool, "result").unwrap();
        assert_eq!((message.msgpack.as_slice(), message.json.as_slice()), (&[0xc3][..], &[][..]));
    }
}
