//! Log lines as a CLI reads them from a provider's stderr: hclog's JSON, one object a line.
//!
//! Without `TF_LOG` nothing is set up at all, so that a `tracing` macro costs a load and a branch.

use std::borrow::Cow;
use std::fmt;
use std::io::Write;
use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Metadata, Subscriber, span};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;

use super::secrets;

/// Crates that are told to be quiet below a warning: at their lower levels they write headers and bodies, credentials
/// among them, and a line for every frame.
const QUIET: [&str; 12] = [
    "aws_",
    "h2",
    "hyper",
    "hyper_util",
    "mio",
    "reqwest",
    "rustls",
    "tokio",
    "tokio_util",
    "tonic",
    "tower",
    "want",
];

/// This crate and its transport, as the targets of lines name them.
const SDK: [&str; 2] = ["tfplugin", "goplugin"];

/// Installs the layer when `asked` (the value of `TF_LOG` or one of its kin) says so, or `sdk` for the lines of this
/// crate. `address` is the provider's.
pub(crate) fn install(asked: Option<&str>, sdk: Option<&str>, address: &'static str) {
    let own = level(asked);
    let sdk = sdk.map_or(own, |sdk| level(Some(sdk)));
    if own == LevelFilter::OFF && sdk == LevelFilter::OFF {
        return;
    }
    secrets::keep();
    let layer = HclogLayer { level: own, sdk, address, out: Mutex::new(std::io::stderr()) };
    // There already is one when somebody embeds us; theirs stays.
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer));
}

/// The level for a value of `TF_LOG`. Like the CLI, an unknown word (`1`, `JSON`) is everything.
fn level(asked: Option<&str>) -> LevelFilter {
    match asked.map(str::to_ascii_lowercase).as_deref() {
        None | Some("" | "off") => LevelFilter::OFF,
        Some("error") => LevelFilter::ERROR,
        Some("warn") => LevelFilter::WARN,
        Some("info") => LevelFilter::INFO,
        Some("debug") => LevelFilter::DEBUG,
        Some(_) => LevelFilter::TRACE,
    }
}

/// Writes each event, with the fields of the spans around it, as one JSON line.
struct HclogLayer<W> {
    level: LevelFilter,
    /// The level for the lines of this crate.
    sdk: LevelFilter,
    address: &'static str,
    out: Mutex<W>,
}

/// The fields of a span, kept with it.
struct Fields(Map<String, Value>);

impl<W> HclogLayer<W> {
    /// Whether lines of this place and level are wanted.
    fn wants(&self, metadata: &Metadata<'_>) -> bool {
        let quiet = || {
            let name = metadata.target().split("::").next().unwrap_or_default();
            QUIET
                .iter()
                .any(|quiet| name == *quiet || (quiet.ends_with('_') && name.starts_with(quiet)))
        };
        let level = if is_sdk(metadata.target()) { self.sdk } else { self.level };
        *metadata.level() <= level && (*metadata.level() <= Level::WARN || !quiet())
    }
}

impl<S, W> Layer<S> for HclogLayer<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: Write + 'static,
    Self: Send + Sync,
{
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        self.wants(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.level.max(self.sdk))
    }

    fn on_new_span(&self, attributes: &span::Attributes<'_>, id: &span::Id, cx: Context<'_, S>) {
        if let Some(span) = cx.span(id) {
            let mut fields = Fields(Map::new());
            attributes.record(&mut fields);
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &span::Id, values: &span::Record<'_>, cx: Context<'_, S>) {
        if let Some(span) = cx.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, cx: Context<'_, S>) {
        let mut line = Map::new();
        for span in cx.event_scope(event).into_iter().flat_map(|scope| scope.from_root()) {
            if let Some(fields) = span.extensions().get::<Fields>() {
                line.extend(fields.0.clone());
            }
        }
        let mut fields = Fields(Map::new());
        event.record(&mut fields);
        let message = fields.0.remove("message");
        line.extend(fields.0);
        line.values_mut().for_each(mask);

        let metadata = event.metadata();
        line.insert("tf_provider_addr".to_owned(), self.address.into());
        // Every @ field is a string: a number in one of them panics the CLI itself.
        line.insert("@level".to_owned(), metadata.level().as_str().to_ascii_lowercase().into());
        line.insert(
            "@message".to_owned(),
            secrets::masked(&message.map(text).unwrap_or_default()).into(),
        );
        line.insert("@module".to_owned(), module(metadata.target()).into());
        #[expect(clippy::disallowed_methods, reason = "a line of a log says when it was written")]
        let now = jiff::Timestamp::now();
        line.insert("@timestamp".to_owned(), format!("{now:.6}").into());
        if let (Some(file), Some(number)) = (metadata.file(), metadata.line()) {
            line.insert("@caller".to_owned(), format!("{file}:{number}").into());
        }

        let mut bytes = Value::Object(line).to_string().into_bytes();
        bytes.push(b'\n');
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        // There is nobody to tell when stderr is gone.
        let _ = out.write_all(&bytes);
    }
}

/// `sdk.proto` for the lines of this crate, `provider.…` for those of the provider and what it uses.
fn module(target: &str) -> String {
    if is_sdk(target) {
        "sdk.proto".to_owned()
    } else {
        format!("provider.{}", target.replace("::", "."))
    }
}

/// Whether a line of this target is the SDK's own.
fn is_sdk(target: &str) -> bool {
    target.split("::").next().is_some_and(|name| SDK.contains(&name))
}

/// Takes the secrets out of a field.
fn mask(field: &mut Value) {
    let text = match &*field {
        Value::String(text) => Cow::Borrowed(text.as_str()),
        Value::Number(number) => Cow::Owned(number.to_string()),
        _ => return,
    };
    if let Cow::Owned(masked) = secrets::masked(&text) {
        *field = masked.into();
    }
}

/// A message as text, whatever it was recorded as.
fn text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

impl Fields {
    fn insert(&mut self, field: &Field, value: Value) {
        // The @ names are ours alone.
        if !field.name().starts_with('@') {
            self.0.insert(field.name().to_owned(), value);
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.insert(field, format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.insert(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.insert(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.insert(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.insert(field, value.into());
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        let mut text = value.to_string();
        let mut cause = value.source();
        while let Some(error) = cause {
            text = format!("{text}: {error}");
            cause = error.source();
        }
        self.insert(field, text.into());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// The lines that `act` logs.
    fn lines(level: LevelFilter, act: impl FnOnce()) -> Vec<Map<String, Value>> {
        let out = Shared::default();
        let layer = HclogLayer {
            level,
            sdk: level,
            address: "registry.terraform.io/example/example",
            out: Mutex::new(out.clone()),
        };
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), act);
        let bytes = out.0.lock().unwrap().clone();
        String::from_utf8(bytes)
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    #[test]
    fn a_line_has_the_fields_of_the_event_and_of_the_spans_around_it() {
        let lines = lines(LevelFilter::TRACE, || {
            let span = tracing::info_span!(
                "rpc",
                tf_rpc = "ReadResource",
                tf_req_id = tracing::field::Empty
            );
            span.record("tf_req_id", "1-2");
            span.in_scope(|| tracing::info!(count = 3, ready = true, "hello {}", "there"));
        });
        let [line] = lines.as_slice() else { panic!("{lines:?}") };
        for (key, value) in [
            ("@level", Value::from("info")),
            ("@message", "hello there".into()),
            ("tf_rpc", "ReadResource".into()),
            ("tf_req_id", "1-2".into()),
            ("tf_provider_addr", "registry.terraform.io/example/example".into()),
            ("count", 3.into()),
            ("ready", true.into()),
        ] {
            assert_eq!(line.get(key), Some(&value), "{key} in {line:?}");
        }
    }

    #[test]
    fn every_at_field_is_a_string_and_the_time_has_six_digits() {
        let lines = lines(LevelFilter::TRACE, || {
            tracing::info!(message = 7);
            tracing::info!("@message" = 8, "said");
        });
        assert_eq!(lines.len(), 2);
        for line in &lines {
            for (key, value) in line.iter().filter(|(key, _)| key.starts_with('@')) {
                assert!(value.is_string(), "{key} = {value}");
            }
            let time = line["@timestamp"].as_str().unwrap();
            let (_, fraction) = time.split_once('.').unwrap();
            assert_eq!(fraction.len(), "123456Z".len(), "{time}");
            assert!(fraction.ends_with('Z'), "{time}");
        }
        assert_eq!(lines[0]["@message"], "7");
        assert_eq!(lines[1]["@message"], "said");
    }

    #[test]
    fn lower_levels_and_chatty_crates_are_left_out() {
        let lines = lines(LevelFilter::DEBUG, || {
            tracing::trace!("too low");
            tracing::debug!("kept");
            tracing::debug!(target: "h2::codec", "headers");
            tracing::debug!(target: "aws_smithy_runtime::client", "body");
            tracing::warn!(target: "h2::codec", "kept too");
            tracing::debug!(target: "h2o", "another crate");
        });
        let messages: Vec<_> =
            lines.iter().map(|line| line["@message"].as_str().unwrap()).collect();
        assert_eq!(messages, ["kept", "kept too", "another crate"]);
    }

    #[test]
    fn words_of_tf_log() {
        for (word, expected) in [
            (None, LevelFilter::OFF),
            (Some("OFF"), LevelFilter::OFF),
            (Some("Warn"), LevelFilter::WARN),
            (Some("ERROR"), LevelFilter::ERROR),
            (Some("info"), LevelFilter::INFO),
            (Some("DEBUG"), LevelFilter::DEBUG),
            (Some("JSON"), LevelFilter::TRACE),
            (Some("1"), LevelFilter::TRACE),
        ] {
            assert_eq!(level(word), expected, "{word:?}");
        }
    }
}
