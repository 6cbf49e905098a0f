//! The settings of the `vendor` block.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

/// Names of the settings.
const NAMES: [&str; 5] = ["directory", "due_in", "on_overdue", "wait", "requested_by"];

/// What a vendor is configured with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Holds `requests/` and `fulfilments/`.
    pub(crate) directory: PathBuf,
    /// From the request until it is due. None: no request is ever due.
    pub(crate) due_in: Option<Duration>,
    /// Whether an account whose request is overdue is a failure, and not only a warning.
    pub(crate) overdue_fails: bool,
    /// How long an apply waits for the answer.
    pub(crate) wait: Duration,
    /// Who asks: whoever that is may not approve. Empty: not said.
    pub(crate) requested_by: String,
}

/// What is wrong, and the JSON pointer of where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    pub(crate) pointer: String,
    pub(crate) what: &'static str,
}

/// The JSON Schema of the settings.
pub(crate) fn schema() -> Value {
    let duration = json!({ "type": "string", "pattern": "^[0-9]{1,6}[smhd]$" });
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            "directory": { "type": "string", "minLength": 1 },
            "due_in": duration,
            "on_overdue": { "enum": ["warn", "fail"] },
            "wait": duration,
            "requested_by": { "type": "string", "minLength": 1, "maxLength": 256 },
        },
        "required": ["directory"],
        "additionalProperties": false,
    })
}

/// Reads the settings.
///
/// # Errors
///
/// Everything that is wrong with them. No value of a setting is in it.
pub(crate) fn read(text: &str) -> Result<Settings, Vec<Wrong>> {
    let at = |pointer: &str, what| Wrong { pointer: pointer.to_owned(), what };
    let settings = match serde_json::from_str(text) {
        Ok(Value::Object(settings)) => settings,
        Ok(_) => return Err(vec![at("", "The settings are no JSON object.")]),
        Err(_) => return Err(vec![at("", "The settings are no JSON.")]),
    };
    let mut wrong: Vec<Wrong> = settings
        .keys()
        .filter(|name| !NAMES.contains(&name.as_str()))
        .map(|name| {
            at(
                &format!("/{}", name.replace('~', "~0").replace('/', "~1")),
                "There is no such setting.",
            )
        })
        .collect();
    let mut text = |name: &str| match settings.get(name) {
        None => None,
        Some(Value::String(text)) if !text.is_empty() && text.len() <= 4096 => Some(text.clone()),
        Some(_) => {
            wrong.push(at(&format!("/{name}"), "This has to be a text that is not empty."));
            None
        }
    };
    let (directory, due_in, on_overdue) = (text("directory"), text("due_in"), text("on_overdue"));
    let (wait, requested_by) = (text("wait"), text("requested_by"));
    let mut span = |name: &str, text: Option<String>| {
        let span = text.as_deref().map(duration);
        if span == Some(None) {
            wrong.push(at(
                &format!("/{name}"),
                "This has to be a time such as 30s, 10m, 8h or 14d.",
            ));
        }
        span.flatten()
    };
    let (due_in, wait) = (span("due_in", due_in), span("wait", wait));
    if !matches!(on_overdue.as_deref(), None | Some("warn" | "fail")) {
        wrong.push(at("/on_overdue", "This has to be warn or fail."));
    }
    if !settings.contains_key("directory") {
        wrong.push(at("/directory", "This setting is required."));
    }
    match directory {
        Some(directory) if wrong.is_empty() => Ok(Settings {
            directory: directory.into(),
            due_in,
            overdue_fails: on_overdue.as_deref() == Some("fail"),
            wait: wait.unwrap_or_default(),
            requested_by: requested_by.unwrap_or_default(),
        }),
        _ => Err(wrong),
    }
}

/// `14d`, `8h`, `10m`, `30s`.
fn duration(text: &str) -> Option<Duration> {
    let unit = match text.chars().last()? {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        _ => return None,
    };
    let number = &text[..text.len() - 1];
    let digits =
        (1..=6).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    digits
        .then(|| number.parse::<u64>().ok())
        .flatten()
        .map(|number| Duration::from_secs(number * unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wrong_setting_is_told_with_its_place_and_without_its_value() {
        for (text, pointers) in [
            ("{", vec![""]),
            ("[]", vec![""]),
            ("{}", vec!["/directory"]),
            (r#"{"directory":1}"#, vec!["/directory"]),
            (r#"{"directory":""}"#, vec!["/directory"]),
            (r#"{"directory":"a","secret":"x"}"#, vec!["/secret"]),
            (r#"{"directory":"a","a/b":"x"}"#, vec!["/a~1b"]),
            (r#"{"directory":"a","wait":"10"}"#, vec!["/wait"]),
            (r#"{"directory":"a","wait":"m","due_in":"-1d"}"#, vec!["/due_in", "/wait"]),
            (r#"{"directory":"a","due_in":"1234567d"}"#, vec!["/due_in"]),
            (r#"{"directory":"a","on_overdue":"stop"}"#, vec!["/on_overdue"]),
        ] {
            let wrong = read(text).unwrap_err();
            let found: Vec<&str> = wrong.iter().map(|wrong| wrong.pointer.as_str()).collect();
            assert_eq!(found, pointers, "{text}");
        }
    }

    #[test]
    fn right_settings_are_read() {
        let text = r#"{"directory":"a","due_in":"14d","on_overdue":"fail","wait":"10m","requested_by":"team"}"#;
        let settings = Settings {
            directory: "a".into(),
            due_in: Some(Duration::from_secs(14 * 24 * 60 * 60)),
            overdue_fails: true,
            wait: Duration::from_secs(600),
            requested_by: "team".into(),
        };
        assert_eq!(read(text), Ok(settings));
        assert_eq!(read(r#"{"directory":"a"}"#).map(|settings| settings.wait), Ok(Duration::ZERO));
    }
}
