//! Actions: validated, planned, invoked.

use std::sync::{Arc, Mutex};

use tfplugin::erased::{Capabilities, Registered};
use tfplugin::{
    Action, ActionPlan, Attr, CancellationToken, Context, Diagnostic, Diagnostics, Object,
    Progress, Value,
};

use crate::cloud::{Cloud, block_on, filled, lines};

/// Restarts a server.
#[derive(Debug, Clone, Object)]
pub(crate) struct Restart {
    /// Which server; also what the action does.
    #[attribute(required, validate(length(1..=12)))]
    pub(crate) server: Attr<String>,
}

pub(crate) struct Restarts;

impl Action for Restarts {
    type Config = Restart;
    const TYPE: &'static str = "cloud_restart";

    fn validate(&self, config: &Restart, diagnostics: &mut Diagnostics) {
        if config.server.as_str() == Some("mine") {
            diagnostics.push(Diagnostic::error("Not that one", "I am in it.").at("server"));
        }
    }

    async fn plan(&self, _: &Context, config: Restart) -> ActionPlan {
        match config.server.as_str() {
            Some("gone") => Diagnostic::error("No server", "It is gone.").at("server").into(),
            Some("panic") => panic!("asked to"),
            _ => ActionPlan::default(),
        }
    }

    async fn invoke(&self, cx: &Context, config: Restart, progress: Progress) -> Diagnostics {
        progress.report("stopping");
        match config.server.as_str() {
            Some("panic") => panic!("asked to"),
            Some("waits") => {
                cx.cancelled.cancelled().await;
                return Diagnostic::error("Interrupted", "It is stopped.").into();
            }
            _ => {}
        }
        progress.clone().report("starting");
        Diagnostic::warning("Slow", "It took long.").into()
    }
}

fn invoke(server: &str, cancelled: &CancellationToken) -> (Vec<String>, Vec<String>) {
    let provider = Registered::new(Cloud::default());
    let config = filled::<Restart, 1>([("server", server.into())]);
    let said = Arc::new(Mutex::new(Vec::new()));
    let listener = Arc::clone(&said);
    let progress = Progress::new(move |message| listener.lock().unwrap().push(message));
    let diagnostics =
        block_on(provider.invoke_action("cloud_restart", config, cancelled.clone(), progress));
    let said = said.lock().unwrap().clone();
    (said, lines(&diagnostics))
}

#[test]
fn an_action_tells_of_its_progress_and_its_end() {
    let token = CancellationToken::new();
    let (said, lines) = invoke("web", &token);
    assert_eq!(said, ["stopping", "starting"]);
    assert_eq!(lines, ["Warning [] Slow: It took long."]);

    let (said, lines) = invoke("panic", &token);
    assert_eq!(said, ["stopping"]);
    assert!(lines[0].contains("while it tried to invoke `action.cloud_restart`: asked to"));

    token.cancel();
    assert_eq!(invoke("waits", &token).1, ["Error [] Interrupted: It is stopped."]);
}

#[test]
fn an_action_is_validated_and_planned() {
    let provider = Registered::new(Cloud::default());
    let config = |server: Value| filled::<Restart, 1>([("server", server)]);
    let validate =
        |server: Value| lines(&provider.validate_action("cloud_restart", config(server)));
    assert_eq!(validate(Value::UNKNOWN), [] as [&str; 0]);
    assert_eq!(validate("mine".into()), ["Error [server] Not that one: I am in it."]);
    assert_eq!(validate("".into()).len(), 1);
    let plan = |name: &str, server: Value| {
        let plan = provider.plan_action(name, config(server), Capabilities::default());
        lines(&block_on(plan).diagnostics)
    };
    assert_eq!(plan("cloud_restart", Value::UNKNOWN), [] as [&str; 0]);
    assert_eq!(plan("cloud_restart", "gone".into()), ["Error [server] No server: It is gone."]);
    assert!(plan("cloud_restart", "panic".into())[0].contains("to plan `action.cloud_restart`"));
    assert_eq!(
        plan("cloud_other", "web".into()),
        ["Error [] Unknown action: This provider has no action `cloud_other`."]
    );
}

#[test]
fn an_action_computes_nothing() {
    /// Reports a temperature.
    #[derive(Debug, Clone, Object)]
    struct Measure {
        /// In degrees.
        #[attribute(computed)]
        degrees: Attr<i64>,
    }
    struct Measures;
    impl Action for Measures {
        type Config = Measure;
        const TYPE: &'static str = "cloud_measure";

        async fn invoke(&self, _: &Context, _: Measure, _: Progress) -> Diagnostics {
            Diagnostics::new()
        }
    }
    struct Thermometer;
    impl tfplugin::Provider for Thermometer {
        type Config = crate::cloud::Config;
        const NAME: &'static str = "cloud";
        const ADDRESS: &'static str = "registry.terraform.io/example/cloud";

        fn register(&self, registry: &mut tfplugin::Registry) {
            registry.action(Measures);
        }
    }
    let problems: Vec<String> =
        Registered::new(Thermometer).problems().iter().map(ToString::to_string).collect();
    assert_eq!(
        problems,
        ["cloud_measure.degrees: an action has no result, so that nothing is computed"]
    );
}
