//! The provider of these tests: resources whose objects live in the state alone, and do what a test asks for.

#[path = "provider/page_list.rs"]
mod page_list;
#[path = "provider/pages.rs"]
mod pages;
#[path = "provider/vaults.rs"]
mod vaults;

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use tfplugin::{
    Action, ActionPlan, Applied, Attr, Context, Create, Delete, Diagnostic, Diagnostics,
    EphemeralResource, Opened, Plan, Private, Progress, Provider, Read, Registry, Renewed,
    Resource, Update, Value,
};

/// A note that lives in the state alone.
#[derive(Clone, tfplugin::Object)]
struct Note {
    /// What it says.
    #[attribute(required)]
    text: Attr<String>,
    /// What creating it does: `succeed`, `wait` until the CLI is interrupted, or `panic`. What creating, reading, changing
    /// and deleting it does: `ignore` the interruption and wait on, or `block` the thread as well.
    #[attribute(optional, computed, default = "succeed", validate(one_of(&["succeed", "wait", "panic", "ignore", "block"])))]
    creation: Attr<String>,
    /// Length of the text, in bytes.
    #[attribute(computed)]
    length: Attr<i64>,
    /// The author, if the provider block names one, and the first text.
    #[attribute(computed, plan(use_state_for_unknown))]
    id: Attr<String>,
}

/// How long a text is.
fn length(text: &Attr<String>) -> Attr<i64> {
    text.known()
        .map_or(Attr::Unknown, |text| Attr::Known(i64::try_from(text.len()).unwrap_or(i64::MAX)))
}

/// Who writes the notes, once the provider is configured.
type Author = Arc<RwLock<Option<String>>>;

struct Notes(Author);

/// Longer than any test waits.
const EVER: Duration = Duration::from_secs(600);

/// What no provider should do.
async fn dwell(creation: &Attr<String>) {
    match creation.as_str() {
        Some("ignore") => tokio::time::sleep(EVER).await,
        Some("block") => std::thread::sleep(EVER),
        _ => {}
    }
}

impl Notes {
    fn id(&self, text: Attr<String>) -> Attr<String> {
        let author = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        text.map(|text| author.map_or(text.clone(), |author| format!("{author}/{text}")))
    }
}

impl Resource for Notes {
    type Model = Note;
    const TYPE: &'static str = "example_note";

    async fn modify_plan(&self, _: &Context, plan: &mut Plan<'_, Note>) {
        if let Some(proposed) = &plan.proposed {
            let length = length(&proposed.text);
            plan.set("length", length);
        }
    }

    async fn create(&self, cx: &Context, request: Create<Note>) -> Applied<Note> {
        let planned = request.planned;
        dwell(&planned.creation).await;
        match planned.creation.known().map(String::as_str) {
            Some("wait") => {
                cx.cancelled.cancelled().await;
                Applied::error(Diagnostic::error("Interrupted", "Nothing was created."))
            }
            Some("panic") => panic!("asked to"),
            _ => Applied::ok(Note {
                length: length(&planned.text),
                id: self.id(planned.text.clone()),
                ..planned
            }),
        }
    }

    async fn read(&self, _: &Context, request: Read<Note>) -> Applied<Note> {
        dwell(&request.state.creation).await;
        Applied::ok(request.state)
    }

    async fn update(&self, _: &Context, request: Update<Note>) -> Applied<Note> {
        dwell(&request.planned.creation).await;
        let length = length(&request.planned.text);
        Applied::ok(Note { length, ..request.planned })
    }

    async fn delete(&self, _: &Context, request: Delete<Note>) -> Applied<Note> {
        dwell(&request.prior.creation).await;
        Applied::gone()
    }

    async fn import(&self, _: &Context, id: &str) -> Applied<Note> {
        let text = Attr::Known(id.to_owned());
        Applied::ok(Note {
            length: length(&text),
            id: self.id(text.clone()),
            text,
            creation: Attr::Known("succeed".to_owned()),
        })
    }
}

/// A lease that has to be renewed at once.
#[derive(Clone, tfplugin::Object)]
struct Lease {
    /// What it is of: `succeed`, or `ignore` and `block` as in a note.
    #[attribute(required)]
    of: Attr<String>,
    /// What proves it.
    #[attribute(computed, sensitive)]
    secret: Attr<String>,
}

struct Leases;

impl EphemeralResource for Leases {
    type Model = Lease;
    const TYPE: &'static str = "example_lease";

    async fn open(&self, _: &Context, config: Lease) -> Opened<Lease> {
        dwell(&config.of).await;
        let mut private = Private::default();
        private.set("of", config.of.as_str().unwrap_or_default());
        Opened::ok(Lease { secret: "lease-secret".into(), ..config })
            .with_private(private)
            .renew_at(SystemTime::UNIX_EPOCH + Duration::from_millis(1_500))
    }

    async fn renew(&self, _: &Context, private: Private) -> Renewed {
        tracing::info!("renewing lease-secret");
        dwell(&private.get("of").and_then(|of| of.as_str()).unwrap_or_default().into()).await;
        Renewed::until(SystemTime::UNIX_EPOCH + Duration::from_secs(2))
    }

    async fn close(&self, _: &Context, private: Private) -> Diagnostics {
        let of = private.get("of").and_then(|of| of.as_str()).unwrap_or_default();
        dwell(&of.into()).await;
        Diagnostic::warning("Closed", format!("The lease of `{of}` is over.")).into()
    }
}

/// Counts.
#[derive(Clone, tfplugin::Object)]
struct Count {
    /// To which number.
    #[attribute(required)]
    to: Attr<i64>,
    /// What it does then: `succeed`, `fail`, `panic`, `wait`, `ignore` or `block`. `explode` is never asked for: its check
    /// panics.
    #[attribute(required, validate(custom(explode)))]
    then: Attr<String>,
    /// A file that is written when it was interrupted.
    #[attribute(optional)]
    mark: Attr<String>,
}

struct Counts;

fn explode(then: &Value) -> Result<(), String> {
    assert_ne!(then.as_str(), Some("explode"), "as asked");
    Ok(())
}

impl Action for Counts {
    type Config = Count;
    const TYPE: &'static str = "example_count";

    async fn plan(&self, _: &Context, config: Count) -> ActionPlan {
        match config.to.known() {
            Some(..=0) => Diagnostic::error("Nothing to count", "From 1 on.").at("to").into(),
            _ => ActionPlan::default(),
        }
    }

    async fn invoke(&self, cx: &Context, config: Count, progress: Progress) -> Diagnostics {
        for number in 1..=config.to.into_known().unwrap_or_default() {
            progress.report(number.to_string());
        }
        dwell(&config.then).await;
        match config.then.as_str() {
            Some("fail") => Diagnostic::error("Failed", "As asked.").at("then").into(),
            Some("panic") => panic!("asked to"),
            Some("wait") => {
                cx.cancelled.cancelled().await;
                if let Some(Err(error)) = config.mark.as_str().map(|path| std::fs::write(path, ""))
                {
                    return Diagnostic::error("No mark", error.to_string()).into();
                }
                Diagnostic::error("Interrupted", "It was still counting.").into()
            }
            _ => Diagnostics::new(),
        }
    }
}

#[derive(Default)]
struct Example {
    author: Author,
    /// Whether it has served a run: it can serve one only.
    configured: AtomicBool,
}

/// Writes notes.
#[derive(Clone, tfplugin::Object)]
struct Config {
    /// Who writes the notes; nobody is to know.
    #[attribute(optional, sensitive)]
    author: Attr<String>,
}

impl Provider for Example {
    type Config = Config;
    const NAME: &'static str = "example";
    const ADDRESS: &'static str = "registry.terraform.io/example/example";
    const STOP_GRACE: Duration = Duration::from_millis(300);

    async fn configure(&self, _: &Context, config: Config) -> Diagnostics {
        if self.configured.swap(true, Ordering::AcqRel) {
            return Diagnostic::error("Configured twice", "It remembers another run.").into();
        }
        tracing::info!(author = config.author.as_str(), "configured");
        *self.author.write().unwrap_or_else(PoisonError::into_inner) = config.author.into_known();
        Diagnostics::default()
    }

    fn for_next_run(&self) -> Option<Self> {
        Some(Self::default())
    }

    fn register(&self, registry: &mut Registry) {
        registry
            .resource(Notes(Arc::clone(&self.author)))
            .identified_resource(pages::Pages)
            .ephemeral_resource(Leases)
            .action(Counts)
            .list_resource(page_list::PageList)
            .resource(vaults::Vaults);
    }
}

fn main() -> ExitCode {
    tfplugin::server::run(Example::default())
}
