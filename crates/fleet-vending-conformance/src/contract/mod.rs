//! The rules, each with its test.

mod conflict;
mod crash;
mod create;
mod describe;
mod fault;
mod life;
mod observe;
mod settings;
mod texts;
mod time;

use std::time::Duration;

use futures::future::BoxFuture;

use crate::kit::{Broken, Kit, Tested};
use crate::report::{Row, Verdict};

/// How many of the account's patiences one test may take.
const PATIENCES: u32 = 4;

/// A rule of the contract.
struct Rule {
    number: u8,
    /// What the vendor does, after "The vendor …".
    text: &'static str,
    test: for<'a> fn(&'a Kit) -> BoxFuture<'a, Tested>,
}

macro_rules! rules {
    ($($number:literal $text:literal $test:path;)*) => {
        [$(Rule { number: $number, text: $text, test: |kit| Box::pin($test(kit)) }),*]
    };
}

/// All of them.
const RULES: [Rule; 25] = rules! {
    1 "describes itself, each time the same, with schemas that are JSON Schema" describe::is_stable;
    2 "refuses every call before it is configured, but Describe and Stop" settings::come_first;
    3 "says where in its settings something is wrong" settings::are_checked;
    4 "changes nothing when it is configured read only" settings::read_only_is_kept;
    5 "makes one account of ten calls for one key" create::ten_times_is_once;
    6 "refuses a second call for a key at which it works" create::one_call_per_key;
    7 "makes one account of one key in two processes" create::two_processes_make_one;
    8 "finds its account again when it was killed after any event" crash::is_survived;
    9 "finds its account again when the answer of its cloud was lost" fault::a_lost_answer_is_looked_up;
    10 "ends soon when it is cancelled, and goes on later" time::cancelled_and_resumed;
    11 "ends at its deadline with an outcome, not an error" time::deadline_is_an_outcome;
    12 "refuses to turn one account into another" conflict::input;
    13 "keeps away from accounts of another manager" conflict::owner;
    14 "tells what happens in order, and is never silent for long" time::events_are_in_order;
    15 "never falls behind a phase without a reason" create::phases_go_forward;
    16 "observes without changing anything, and twice the same" observe::is_stable;
    17 "looks at plans without changing anything, whatever their order" observe::preflight_is_stable;
    18 "gives each failure of its cloud its class" fault::has_its_class;
    19 "tells no secret" texts::no_secret;
    20 "closes only what is retired, and opens nothing that is closed" life::close_is_last;
    21 "lists every account once" life::list_is_whole;
    22 "stands texts that are long, hostile or not known to it" texts::hostile;
    23 "takes over what nobody manages, and lets go without harm" life::adopt_and_release;
    24 "ends when its stdin does" crash::ends_with_stdin;
    25 "says when a person has to act, and goes on after that" fault::human;
};

/// Runs them in order, or only some.
pub(crate) async fn run(kit: &Kit, only: &[u8]) -> Vec<Row> {
    let mut rows = Vec::new();
    // What must not be told is looked for in all that was told before.
    let (last, first): (Vec<&Rule>, Vec<&Rule>) = RULES
        .iter()
        .filter(|rule| only.is_empty() || only.contains(&rule.number))
        .partition(|rule| rule.number == 19);
    for rule in first.into_iter().chain(last) {
        let limit = kit.patience * PATIENCES + Duration::from_secs(60);
        let verdict = match tokio::time::timeout(limit, (rule.test)(kit)).await {
            Ok(Ok(())) => Verdict::Pass,
            Ok(Err(Broken::Fail { expected, seen })) => Verdict::Fail { expected, seen },
            Ok(Err(Broken::Skip(because))) => Verdict::Skip { because },
            Err(_) => {
                Verdict::Fail { expected: format!("an end within {limit:?}"), seen: "none".into() }
            }
        };
        rows.push(Row { number: rule.number, rule: rule.text, verdict });
    }
    rows.sort_by_key(|row| row.number);
    rows
}
