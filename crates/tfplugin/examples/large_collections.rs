//! How long the SDK takes over large collections: everything between the bytes of a request and those of
//! the answer, for the plan of an update in which elements were added, removed and put into another order.
//! `cargo run --release -p tfplugin --example large_collections` prints, for each kind of collection, the
//! milliseconds of CPU for 10,000 and 20,000 elements, each the best of several runs, and their ratio: 2 is
//! linear, 4 quadratic. It asks Linux how long its thread ran: on a busy machine the clock on the wall also
//! counts the turns of others, and more of them in a longer run.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use futures::FutureExt;
use tfplugin::erased::{Capabilities, Registered, Stored};
use tfplugin::value::msgpack;
use tfplugin::{
    Applied, Attr, AttributeType, Context, Create, Delete, Provider, Read, Registry, Resource,
    Update, Value,
};

/// How often each is timed.
const RUNS: usize = 7;

/// Collections of every kind.
#[derive(Debug, Clone, tfplugin::Object)]
struct Large {
    /// A list of strings.
    #[attribute(optional)]
    strings: Attr<Vec<String>>,
    /// A set of strings.
    #[attribute(optional)]
    string_set: Attr<BTreeSet<String>>,
    /// A map of strings.
    #[attribute(optional)]
    string_map: Attr<BTreeMap<String, String>>,
    /// A list of objects.
    #[attribute(optional)]
    objects: Attr<Vec<Entry>>,
    /// A set of objects.
    #[attribute(optional)]
    object_set: Attr<BTreeSet<Entry>>,
    /// A map of objects.
    #[attribute(optional)]
    object_map: Attr<BTreeMap<String, Entry>>,
    /// Its id.
    #[attribute(computed, plan(use_state_for_unknown))]
    id: Attr<String>,
}

/// An element of a collection.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, tfplugin::Object)]
struct Entry {
    /// Its name.
    #[attribute(required, validate(length(1..)))]
    name: Attr<String>,
    /// Its weight.
    #[attribute(optional, computed, default = 10)]
    weight: Attr<i64>,
    /// Its id.
    #[attribute(computed, plan(use_state_for_unknown))]
    id: Attr<String>,
}

struct Larges;

impl Resource for Larges {
    type Model = Large;
    const TYPE: &'static str = "large_collections";

    async fn create(&self, _: &Context, request: Create<Large>) -> Applied<Large> {
        Applied::ok(known(request.planned))
    }
    async fn read(&self, _: &Context, request: Read<Large>) -> Applied<Large> {
        Applied::ok(request.state)
    }
    async fn update(&self, _: &Context, request: Update<Large>) -> Applied<Large> {
        Applied::ok(known(request.planned))
    }
    async fn delete(&self, _: &Context, _: Delete<Large>) -> Applied<Large> {
        Applied::gone()
    }
}

/// The object with an id for everything that has none yet.
fn known(mut large: Large) -> Large {
    let entry = |mut entry: Entry| {
        if entry.id.is_unknown() {
            entry.id = entry.name.clone().map(|name| format!("id of {name}"));
        }
        entry
    };
    large.id = "large".into();
    large.objects = large.objects.map(|all| all.into_iter().map(entry).collect());
    large.object_set = large.object_set.map(|all| all.into_iter().map(entry).collect());
    large.object_map =
        large.object_map.map(|all| all.into_iter().map(|(key, one)| (key, entry(one))).collect());
    large
}

/// No settings.
#[derive(tfplugin::Object)]
struct Settings {}

struct Program;

impl Provider for Program {
    type Config = Settings;
    const NAME: &'static str = "large";
    const ADDRESS: &'static str = "registry.terraform.io/example/large";

    fn register(&self, registry: &mut Registry) {
        registry.resource(Larges);
    }
}

/// The values of one run: what is configured under `attribute`, and its elements by `numbers`.
fn configured(attribute: &str, numbers: impl Iterator<Item = usize>) -> Value {
    let text = |number: usize| Value::String(format!("element-{number:08}"));
    let entry = |number: usize| {
        Value::object([("name", text(number)), ("weight", Value::Null), ("id", Value::Null)])
    };
    let key = |number: usize| format!("key-{number:08}");
    let collection = match attribute {
        "strings" => Value::List(numbers.map(text).collect()),
        "string_set" => Value::set(numbers.map(text)),
        "string_map" => Value::Map(numbers.map(|number| (key(number), text(number))).collect()),
        "objects" => Value::List(numbers.map(entry).collect()),
        "object_set" => Value::set(numbers.map(entry)),
        _ => Value::Map(numbers.map(|number| (key(number), entry(number))).collect()),
    };
    let names =
        ["id", "object_map", "object_set", "objects", "string_map", "string_set", "strings"];
    Value::object(
        names.map(|name| (name, if name == attribute { collection.clone() } else { Value::Null })),
    )
}

/// What a future that waits for nothing gives.
fn ready<T>(future: impl Future<Output = T>) -> Result<T, Box<dyn Error>> {
    future.now_or_never().ok_or_else(|| "the resource waits for something".into())
}

/// How long this thread has run so far.
fn cpu_time() -> Result<Duration, Box<dyn Error>> {
    // Linux brings the account of a thread up to date when it gives its turn away.
    std::thread::yield_now();
    let times = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds = times.split_whitespace().next().ok_or("no time in schedstat")?;
    Ok(Duration::from_nanos(nanoseconds.parse()?))
}

/// How long validation, plan and apply of an update take, with the bytes before and after.
fn time(attribute: &str, size: usize) -> Result<[Duration; 2], Box<dyn Error>> {
    let provider = Registered::new(Program);
    let ty = Large::ty();
    let bytes = |value: &Value| msgpack::encode(value, &ty);
    let value = |bytes: &[u8]| msgpack::decode(bytes, &ty);
    let capabilities = Capabilities::default();
    let plan = |prior: &[u8], config: &[u8]| -> Result<Vec<u8>, Box<dyn Error>> {
        let invalid =
            provider.validate_resource(Larges::TYPE, value(config)?, Capabilities::default());
        let planned = ready(provider.plan_resource_change(
            Larges::TYPE,
            Stored::new(value(prior)?, &[]),
            value(config)?,
            value(config)?,
            capabilities,
        ))?;
        if invalid.has_errors() || planned.diagnostics.has_errors() {
            return Err(format!("{invalid:?} {:?}", planned.diagnostics).into());
        }
        Ok(bytes(&planned.planned)?)
    };
    let apply = |prior: &[u8], planned: &[u8], config: &[u8]| -> Result<Vec<u8>, Box<dyn Error>> {
        let saved = ready(provider.apply_resource_change(
            Larges::TYPE,
            value(prior)?,
            Stored::new(value(planned)?, &[]),
            value(config)?,
        ))?;
        if !saved.diagnostics.is_empty() {
            return Err(format!("{:?}", saved.diagnostics).into());
        }
        Ok(bytes(&saved.state)?)
    };
    let nothing = bytes(&Value::Null)?;
    let before = bytes(&configured(attribute, 0..size))?;
    let state = apply(&nothing, &plan(&nothing, &before)?, &before)?;
    // One in a hundred goes, as many come, and the rest is in another order.
    let after = (0..size).rev().filter(|number| number % 100 != 7).chain(size..size + size / 100);
    let after = bytes(&configured(attribute, after))?;
    let started = cpu_time()?;
    let planned = plan(&state, &after)?;
    let between = cpu_time()?;
    apply(&state, &planned, &after)?;
    Ok([between - started, cpu_time()? - between])
}

/// The best of several runs: whatever else the machine does can only add to a time.
fn best(attribute: &str, size: usize) -> Result<[Duration; 2], Box<dyn Error>> {
    let mut best = [Duration::MAX; 2];
    for _ in 0..RUNS {
        let took = time(attribute, size)?;
        best = [best[0].min(took[0]), best[1].min(took[1])];
    }
    Ok(best)
}

fn run(mut out: impl Write) -> Result<(), Box<dyn Error>> {
    writeln!(out, "{:17} {:>12} {:>13} {:>6}", "", "10,000 in ms", "20,000 in ms", "ratio")?;
    let names = ["strings", "string_set", "string_map", "objects", "object_set", "object_map"];
    for name in names {
        let (small, large) = (best(name, 10_000)?, best(name, 20_000)?);
        for (call, (small, large)) in
            ["plan", "apply"].into_iter().zip(small.into_iter().zip(large))
        {
            let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0;
            let (small, large) = (milliseconds(small), milliseconds(large));
            let what = format!("{call} {name}");
            writeln!(out, "{what:17} {small:>12.1} {large:>13.1} {:>6.2}", large / small)?;
        }
    }
    Ok(())
}

fn main() -> ExitCode {
    match run(std::io::stdout()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}
