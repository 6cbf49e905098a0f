//! One plugin after the other: when one is started, how often, and how a caller knows which one it is.

use std::os::unix::process::ExitStatusExt as _;
use std::sync::Arc;
use std::time::Duration;

use goplugin::host::{Instance, Restarts, StartError, Supervisor, Unavailable};

use crate::clock::TestClock;
use crate::world::{World, call, subject, until_gone};

const SECOND: Duration = Duration::from_secs(1);

/// The default, but for a pause that is no other one's.
const RESTARTS: Restarts = Restarts { starts: 3, within: Duration::from_secs(300), backoff: PAUSE };

const PAUSE: Duration = Duration::from_secs(7);

/// Kills an instance by a call.
async fn crash(supervisor: &Supervisor, instance: &Instance) {
    call(&instance.channel, "Complain", "about to crash").await.unwrap();
    call(&instance.channel, "Crash", "").await.unwrap_err();
    let ended = supervisor.end_of(instance.generation).await.unwrap();
    assert_eq!((ended.status.signal(), ended.stderr), (Some(6), vec!["about to crash".to_owned()]));
}

#[test]
fn the_default_is_three_starts_in_five_minutes() {
    assert_eq!(Restarts { backoff: PAUSE, ..Restarts::default() }, RESTARTS);
}

#[tokio::test]
async fn it_starts_when_it_is_needed_and_once_for_all() {
    let world = World::new();
    let supervisor = Supervisor::new(world.subject("serve"), RESTARTS);
    assert_eq!((supervisor.generation(), world.left()), (0, 0));
    let (one, other) = tokio::join!(supervisor.instance(), supervisor.instance());
    assert_eq!((one.unwrap().generation, other.unwrap().generation), (1, 1));
    let again = supervisor.instance().await.unwrap();
    assert_eq!(again.generation, 1);
    assert_eq!(call(&again.channel, "Echo", "hello").await.unwrap(), "hello");
    assert_eq!(world.left(), 1);
}

#[tokio::test]
async fn a_new_one_is_told_from_the_one_before() {
    let world = World::with_clock(TestClock::passing(&[PAUSE]));
    let supervisor = Supervisor::new(world.subject("serve"), RESTARTS);
    let first = supervisor.instance().await.unwrap();
    crash(&supervisor, &first).await;
    let second = supervisor.instance().await.unwrap();
    assert_eq!((second.generation, supervisor.generation()), (2, 2));
    // Whoever's call has failed is told why after the next one has started, too.
    assert!(supervisor.end_of(first.generation).await.is_some());
    assert!(supervisor.end_of(second.generation).await.is_none());
    assert!(call(&first.channel, "Echo", "").await.is_err());
    assert_eq!(call(&second.channel, "Echo", "hello").await.unwrap(), "hello");
    // Who gives up the one before does not harm this one.
    supervisor.give_up(first.generation).await;
    assert_eq!(supervisor.instance().await.unwrap().generation, 2);
}

#[tokio::test]
async fn one_that_hangs_is_given_up() {
    let world = World::with_clock(TestClock::passing(&[PAUSE]));
    let supervisor = Supervisor::new(world.subject("stubborn"), RESTARTS);
    let first = supervisor.instance().await.unwrap();
    let hangs = tokio::spawn(async move { call(&first.channel, "Hang", "").await });
    supervisor.give_up(first.generation).await;
    assert!(hangs.await.unwrap().is_err());
    assert!(supervisor.end_of(first.generation).await.is_none());
    assert_eq!(supervisor.instance().await.unwrap().generation, 2);
}

#[tokio::test]
async fn one_that_dies_again_and_again_is_started_three_times_in_five_minutes() {
    let world = World::with_clock(TestClock::passing(&[PAUSE, 2 * PAUSE]));
    let supervisor = Supervisor::new(world.subject("serve"), RESTARTS);
    for generation in 1..=3 {
        let instance = supervisor.instance().await.unwrap();
        assert_eq!(instance.generation, generation);
        crash(&supervisor, &instance).await;
    }
    // The second waits for a pause, the third for two.
    assert_eq!(world.clock.passed(), [PAUSE, 2 * PAUSE]);
    let error = supervisor.instance().await.unwrap_err();
    assert!(matches!(error, Unavailable::TooManyStarts { starts: 3, last: None, .. }), "{error}");
    // The first was started three pauses ago.
    world.clock.advance(300 * SECOND - 3 * PAUSE - SECOND);
    assert!(supervisor.instance().await.is_err());
    world.clock.advance(SECOND);
    assert_eq!(supervisor.instance().await.unwrap().generation, 4);
}

#[tokio::test]
async fn a_start_that_fails_counts_and_one_that_fails_for_good_is_not_repeated() {
    let world = World::with_clock(TestClock::passing(&[PAUSE, 2 * PAUSE]));
    let supervisor = Supervisor::new(world.shell("echo once >&2; exit 1"), RESTARTS);
    for _ in 0..3 {
        let error = supervisor.instance().await.unwrap_err();
        assert!(
            matches!(&error, Unavailable::Start(why) if matches!(**why, StartError::Exited { .. })),
            "{error}"
        );
    }
    let Unavailable::TooManyStarts { last: Some(last), .. } =
        supervisor.instance().await.unwrap_err()
    else {
        panic!("another error")
    };
    assert!(matches!(*last, StartError::Exited { .. }), "{last}");
    assert_eq!(supervisor.generation(), 0);
    assert_eq!(world.log.lock().unwrap().len(), 3);

    // Another version of the protocol today is one tomorrow.
    let world = World::new();
    let script = "echo once >&2; echo '1|4|unix|/s|grpc|AAAA'; sleep 600";
    let supervisor = Supervisor::new(world.shell(script), RESTARTS);
    for _ in 0..5 {
        let error = supervisor.instance().await.unwrap_err();
        assert!(matches!(&error, Unavailable::Start(why) if why.is_lasting()), "{error}");
    }
    assert_eq!(world.log.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn stopped_is_stopped_for_good_while_it_starts_too() {
    let world = World::new();
    let supervisor = Supervisor::new(world.subject("serve"), RESTARTS);
    supervisor.instance().await.unwrap();
    supervisor.stop(30 * SECOND).await;
    assert_eq!(world.left(), 0);
    assert!(matches!(supervisor.instance().await, Err(Unavailable::Stopped)));
    supervisor.stop(30 * SECOND).await;

    let hangs = Arc::new(Supervisor::new(world.shell("echo >&2; sleep 600"), RESTARTS));
    let starting = tokio::spawn({
        let hangs = Arc::clone(&hangs);
        async move { hangs.instance().await.map(|instance| instance.generation) }
    });
    world.until_logged(|_| true).await;
    hangs.stop(30 * SECOND).await;
    assert!(matches!(starting.await.unwrap(), Err(Unavailable::Stopped)));
    assert_eq!(world.left(), 0);
}

#[tokio::test]
async fn what_is_dropped_while_it_starts_is_started_anew() {
    let world = World::with_clock(TestClock::passing(&[PAUSE]));
    let mut launch = world.shell(
        "d=\"$PLUGIN_UNIX_SOCKET_DIR\"/..; test -e $d/again && exec \"$0\" serve; echo $$ >$d/new; mv $d/new $d/again; sleep 600",
    );
    launch.args.push(subject().into());
    let supervisor = Supervisor::new(launch, RESTARTS);
    let again = world.place.path().join("again");
    let waits = async {
        while !again.exists() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        biased;
        _ = supervisor.instance() => panic!("it cannot start"),
        () = waits => {}
    }
    assert_eq!((world.left(), supervisor.generation()), (1, 0));
    until_gone(std::fs::read_to_string(again).unwrap().trim().parse().unwrap());
    assert_eq!(supervisor.instance().await.unwrap().generation, 1);
}
