//! Ephemeral resources: opened, renewed, closed; and what is said where one breaks the rules.

use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use tfplugin::erased::{Capabilities, Registered};
use tfplugin::{
    Attr, Context, Diagnostic, Diagnostics, EphemeralResource, Object, Opened, Private, Renewed,
    Value,
};

use crate::cloud::{Cloud, block_on, filled, lines};

/// A lease of something.
#[derive(Debug, Clone, Object)]
pub(crate) struct Lease {
    /// Of what; also what its opening does.
    #[attribute(required, validate(length(1..=12)))]
    pub(crate) of: Attr<String>,
    /// For how many minutes.
    #[attribute(optional, computed)]
    pub(crate) minutes: Attr<i64>,
    /// What proves it.
    #[attribute(computed, sensitive)]
    pub(crate) secret: Attr<String>,
}

/// Says which leases it closed.
#[derive(Default)]
pub(crate) struct Leases;

static CLOSED: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn closed(of: &str) -> usize {
    CLOSED.lock().unwrap().iter().filter(|closed| *closed == of).count()
}

fn soon() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(1_500)
}

impl EphemeralResource for Leases {
    type Model = Lease;
    const TYPE: &'static str = "cloud_lease";

    fn validate(&self, config: &Lease, diagnostics: &mut Diagnostics) {
        if config.of.as_str() == Some("everything") {
            diagnostics.push(Diagnostic::error("Too much", "Lease one thing.").at("of"));
        }
    }

    async fn open(&self, _: &Context, mut config: Lease) -> Opened<Lease> {
        let of = config.of.as_str().unwrap_or_default().to_owned();
        config.minutes = config.minutes.into_known().unwrap_or(5).into();
        config.secret = format!("{of}-secret").into();
        match of.as_str() {
            "error" => return Opened::error(Diagnostic::error("Taken", "Somebody has it.")),
            "panic" => panic!("asked to"),
            "nothing" => return Opened { result: None, ..Opened::ok(config) },
            "unknown" => config.secret = Attr::Unknown,
            "other" => config.of = "another".into(),
            _ => {}
        }
        let mut private = Private::default();
        private.set("of", of);
        Opened::ok(config).with_private(private).renew_at(soon())
    }

    async fn renew(&self, _: &Context, mut private: Private) -> Renewed {
        match private.get("of").and_then(|of| of.as_str()) {
            Some("panic") => panic!("asked to"),
            Some("lost") => return Renewed::error(Diagnostic::error("Lost", "It is gone.")),
            Some("kept") => return Renewed::until(soon()),
            _ => {}
        }
        private.set("renewed", true);
        Renewed::until(soon()).with_private(private)
    }

    async fn close(&self, _: &Context, private: Private) -> Diagnostics {
        let of = private.get("of").and_then(|of| of.as_str()).unwrap_or_default().to_owned();
        assert_ne!(of, "panic", "asked to");
        CLOSED.lock().unwrap().push(of);
        Diagnostics::new()
    }
}

fn open(of: &str) -> tfplugin::erased::OpenedEphemeral {
    let provider = Registered::new(Cloud::default());
    let config = filled::<Lease, 1>([("of", of.into())]);
    block_on(provider.open_ephemeral_resource("cloud_lease", config, Capabilities::default()))
}

#[test]
fn a_lease_is_opened_renewed_and_closed() {
    let opened = open("life");
    assert!(opened.diagnostics.is_empty(), "{:?}", lines(&opened.diagnostics));
    assert_eq!(
        opened.result,
        filled::<Lease, 3>([
            ("of", "life".into()),
            ("minutes", 5.into()),
            ("secret", "life-secret".into()),
        ])
    );
    assert_eq!(opened.renew_at, Some(soon()));
    assert_eq!(opened.private, br#"{"of":"life"}"#);

    let provider = Registered::new(Cloud::default());
    let renewed = block_on(provider.renew_ephemeral_resource("cloud_lease", &opened.private));
    assert_eq!((renewed.renew_at, renewed.diagnostics.len()), (Some(soon()), 0));
    assert_eq!(renewed.private, br#"{"of":"life","renewed":true}"#);
    let diagnostics = block_on(provider.close_ephemeral_resource("cloud_lease", &renewed.private));
    assert!(diagnostics.is_empty());
    assert_eq!(closed("life"), 1);
}

#[test]
fn what_does_not_open_is_no_object() {
    for (of, said, closes) in [
        ("error", "Error [] Taken: Somebody has it.", 0),
        (
            "panic",
            "Error [] The provider crashed: The provider crashed while it tried to open `ephemeral.cloud_lease`: asked to",
            0,
        ),
        (
            "nothing",
            "Error [] Invalid ephemeral object: `ephemeral.cloud_lease` opened nothing, and no error says why.",
            0,
        ),
        // The CLI would never close these.
        (
            "unknown",
            "Error [secret] Invalid ephemeral object: The value of `secret` is still unknown.",
            1,
        ),
        (
            "other",
            "Error [of] Invalid ephemeral object: The value of `of` is neither what is configured nor what is in state.",
            1,
        ),
    ] {
        let opened = open(of);
        assert_eq!(lines(&opened.diagnostics), [said]);
        assert_eq!((opened.result, opened.renew_at), (Value::Null, None), "{of}");
        assert_eq!(closed(of), closes, "{of}");
    }
}

#[test]
fn a_renewal_keeps_what_is_needed_to_close() {
    let provider = Registered::new(Cloud::default());
    for (private, said, renews) in [
        (&br#"{"of":"kept"}"#[..], None, true),
        (br#"{"of":"lost"}"#, Some("Error [] Lost: It is gone."), false),
        (
            br#"{"of":"panic"}"#,
            Some(
                "Error [] The provider crashed: The provider crashed while it tried to renew `ephemeral.cloud_lease`: asked to",
            ),
            false,
        ),
        (
            b"{",
            Some(
                "Error [] Unreadable private data: What the provider keeps of this ephemeral `cloud_lease` cannot be read: EOF while parsing an object at line 1 column 1.",
            ),
            false,
        ),
    ] {
        let renewed = block_on(provider.renew_ephemeral_resource("cloud_lease", private));
        assert_eq!(renewed.private, private);
        assert_eq!(renewed.renew_at.is_some(), renews);
        assert_eq!(lines(&renewed.diagnostics).first().map(String::as_str), said);
    }
    let panicked = block_on(provider.close_ephemeral_resource("cloud_lease", br#"{"of":"panic"}"#));
    assert!(lines(&panicked)[0].contains("while it tried to close `ephemeral.cloud_lease`"));
}

#[test]
fn what_need_not_be_renewed_or_closed_says_so() {
    struct Plain;
    impl EphemeralResource for Plain {
        type Model = Lease;
        const TYPE: &'static str = "cloud_plain";

        async fn open(&self, _: &Context, config: Lease) -> Opened<Lease> {
            Opened::ok(config)
        }
    }
    let cx = Context::default();
    let renewed = block_on(Plain.renew(&cx, Private::default()));
    assert_eq!(
        lines(&renewed.diagnostics),
        ["Error [] Renewal is not supported: An ephemeral `cloud_plain` cannot be renewed."]
    );
    assert!(block_on(Plain.close(&cx, Private::default())).is_empty());
}

#[test]
fn a_configuration_is_validated() {
    let provider = Registered::new(Cloud::default());
    let validate = |name: &str, of: Value| {
        lines(&provider.validate_ephemeral_resource(name, filled::<Lease, 1>([("of", of)])))
    };
    assert_eq!(validate("cloud_lease", Value::UNKNOWN), [] as [&str; 0]);
    assert_eq!(
        validate("cloud_lease", "everything".into()),
        ["Error [of] Too much: Lease one thing."]
    );
    assert_eq!(validate("cloud_lease", "".into()).len(), 1);
    assert_eq!(
        validate("cloud_other", "x".into()),
        [
            "Error [] Unknown ephemeral resource: This provider has no ephemeral resource `cloud_other`."
        ]
    );
}
