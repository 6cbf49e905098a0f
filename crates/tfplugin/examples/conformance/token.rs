//! An ephemeral resource: a token that is renewed while the CLI runs, and closed at the end. Nothing of it is secret
//! in truth: it names whom it is for.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::time::{Duration, SystemTime};

use tfplugin::{
    Attr, Context, Diagnostic, Diagnostics, EphemeralResource, Opened, Private, Renewed,
};

/// A token for somebody.
#[derive(Debug, Clone, tfplugin::Object)]
pub(crate) struct Token {
    /// Whom it is for.
    #[attribute(required, validate(length(1..)))]
    audience: Attr<String>,
    /// After how many seconds it has to be renewed; never, if not set.
    #[attribute(optional, validate(range(1..)))]
    renew_after: Attr<i64>,
    /// A file that gets a line whenever the token is opened, renewed or closed.
    #[attribute(optional)]
    log: Attr<String>,
    /// What fails: `open`, `renew` or `close`.
    #[attribute(optional, validate(one_of(&["open", "renew", "close"])))]
    fails: Attr<String>,
    /// What it can do; `read` if not set.
    #[attribute(optional, computed)]
    scope: Attr<String>,
    /// The token.
    #[attribute(computed, sensitive)]
    value: Attr<String>,
}

pub(crate) struct Tokens;

impl EphemeralResource for Tokens {
    type Model = Token;
    const TYPE: &'static str = "conformance_token";

    async fn open(&self, _: &Context, config: Token) -> Opened<Token> {
        let audience = config.audience.as_str().unwrap_or_default().to_owned();
        if config.fails.as_str() == Some("open") {
            let detail = format!("There is no token for `{audience}`.");
            return Opened::error(Diagnostic::error("No token", detail).at("audience"));
        }
        let mut private = Private::default();
        private.set("audience", audience.as_str());
        for (name, value) in [("log", config.log.as_str()), ("fails", config.fails.as_str())] {
            if let Some(value) = value {
                private.set(name, value);
            }
        }
        if let Some(seconds) = config.renew_after.known() {
            private.set("renew_after", *seconds);
        }
        if let Err(error) = write(&private, "open") {
            return Opened::error(error);
        }
        let renew_at = renew_at(&private);
        let scope = config.scope.clone().into_known().unwrap_or_else(|| "read".to_owned());
        let value = format!("token-for-{audience}");
        let token = Token { scope: scope.into(), value: value.into(), ..config };
        Opened { renew_at, ..Opened::ok(token).with_private(private) }
    }

    async fn renew(&self, _: &Context, private: Private) -> Renewed {
        match change(&private, "renew", "Not renewed") {
            Ok(()) => Renewed { renew_at: renew_at(&private), ..Renewed::default() },
            Err(error) => Renewed::error(error),
        }
    }

    async fn close(&self, _: &Context, private: Private) -> Diagnostics {
        change(&private, "close", "Not closed").map_or_else(Into::into, |()| Diagnostics::new())
    }
}

/// Renews or closes, unless that is to fail.
fn change(private: &Private, what: &str, summary: &str) -> Result<(), Diagnostic> {
    if text(private, "fails") == Some(what) {
        let audience = text(private, "audience").unwrap_or_default();
        return Err(Diagnostic::error(summary, format!("The token for `{audience}` stays.")));
    }
    write(private, what)
}

/// When to renew.
#[expect(clippy::disallowed_methods, reason = "the CLI renews by the machine's clock")]
fn renew_at(private: &Private) -> Option<SystemTime> {
    let seconds = private.get("renew_after")?.as_u64()?;
    Some(SystemTime::now() + Duration::from_secs(seconds))
}

/// Writes a line to the file of the log, if there is one.
fn write(private: &Private, what: &str) -> Result<(), Diagnostic> {
    let Some(path) = text(private, "log") else { return Ok(()) };
    let line = format!("{what} {}\n", text(private, "audience").unwrap_or_default());
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .and_then(|mut file| file.write_all(line.as_bytes()))
        .map_err(|error| Diagnostic::error("No log", format!("`{path}`: {error}.")).at("log"))
}

fn text<'a>(private: &'a Private, name: &str) -> Option<&'a str> {
    private.get(name)?.as_str()
}
