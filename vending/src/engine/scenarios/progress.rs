//! What the log of a run tells.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use super::*;

/// Keeps the lines of the level INFO.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == Level::INFO
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut line = Line(String::new());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn each_phase_is_one_line_with_the_key_and_the_request() {
    let cloud = Cloud::new();
    let log = Log::default();
    // Whether anybody listens to a line is decided when it is first met. With one listener only the thread that meets
    // it is asked, which may be another test's, where nobody listens; with two, each of them is.
    let _second = tracing::Dispatch::new(log.clone());
    let guard = tracing::subscriber::set_default(log.clone());
    assert!(vend(&cloud, &wish("payments")).await.unwrap().ready());
    drop(guard);
    let calls = cloud.world().calls.clone();
    // The number of the last such call is the id of its request.
    let request = |call: &str| calls.iter().rposition(|of| of == call).unwrap() + 1;
    let lines = log.0.lock().unwrap().clone();
    let of = |phase: &str| {
        let mut found = lines.iter().filter(|of| of.contains(&format!("phase=\"{phase}\"")));
        let line = found.next().unwrap_or_else(|| panic!("{phase}: {lines:#?}"));
        assert!(found.next().is_none(), "{phase} once: {lines:#?}");
        assert!(line.contains("account=\"payments\""), "{line}");
        line.clone()
    };
    let created = request("CreateAccount");
    let requested = of("requested");
    assert!(requested.contains("create_request_id=\"car-0001\""), "{requested}");
    assert!(requested.contains(&format!("request_id=\"r-{created}\"")), "{requested}");
    assert!(of("created").contains("account_id=\"100000000001\""));
    let moved = request("MoveAccount");
    let placed = of("placed");
    assert!(placed.contains(&format!("call=\"MoveAccount\" request_id=\"r-{moved}\"")), "{placed}");
    for phase in ["regions", "accessible", "ready"] {
        assert!(of(phase).contains(" request_id=\"r-"), "{lines:#?}");
    }
}
