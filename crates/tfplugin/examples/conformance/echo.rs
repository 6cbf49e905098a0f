//! `data.conformance_echo`: what it is given, and what the provider was told.

use tfplugin::{Applied, Attr, Context, DataSource, Diagnostic, Value};

use crate::provider::Region;

/// Gives back what it is given.
#[derive(Debug, Clone, tfplugin::Object)]
pub(crate) struct Echo {
    /// A value of any type.
    #[attribute(optional)]
    input: Attr<Value>,
    /// Any text; `nothing` is not found.
    #[attribute(optional)]
    text: Attr<String>,
    /// Parts in order.
    #[attribute(optional)]
    parts: Attr<Vec<Part>>,
    /// The value of any type.
    #[attribute(computed)]
    output: Attr<Value>,
    /// The text in capitals.
    #[attribute(computed)]
    upper: Attr<String>,
    /// The region of the provider.
    #[attribute(computed)]
    region: Attr<String>,
}

/// A part.
#[derive(Debug, Clone, tfplugin::Object)]
pub(crate) struct Part {
    /// Its name.
    #[attribute(required, validate(length(1..)))]
    name: Attr<String>,
    /// Characters of its name.
    #[attribute(computed)]
    length: Attr<i64>,
}

pub(crate) struct Echoes(pub(crate) Region);

impl DataSource for Echoes {
    type Model = Echo;
    const TYPE: &'static str = "conformance_echo";

    async fn read(&self, _: &Context, mut config: Echo) -> Applied<Echo> {
        if config.text.as_str() == Some("nothing") {
            let missing = Diagnostic::error("Nothing found", "Nothing is called `nothing`.");
            return Applied::error(missing.at("text"));
        }
        for part in config.parts.known_mut().into_iter().flatten() {
            let characters = part.name.as_str().unwrap_or_default().chars().count();
            part.length = i64::try_from(characters).unwrap_or(i64::MAX).into();
        }
        Applied::ok(Echo {
            output: config.input.clone(),
            upper: config.text.as_ref().map(|text| text.to_uppercase()),
            region: self.0.get().into(),
            ..config
        })
    }
}
