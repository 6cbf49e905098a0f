//! How a program becomes a plugin, and each way in which it fails to.

use std::time::Duration;

use goplugin::host::{HandshakeError, Launch, Malformed, Sha256, StartError};

use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use crate::clock::TestClock;
use crate::world::{World, call, subject, until_gone};

#[tokio::test]
async fn it_is_started_and_called() {
    let world = World::new();
    for what in ["serve", "tcp"] {
        let plugin = world.subject(what).start().await.unwrap();
        assert!(plugin.alive());
        assert_eq!(call(&plugin.channel(), "Echo", "hello").await.unwrap(), "hello");
    }
    let plugin = world.subject("serve").start().await.unwrap();
    // What it does not know it says so; go-plugin's broker is such.
    let unknown = call(&plugin.channel(), "Nothing", "").await.unwrap_err();
    assert_eq!(unknown.code(), Code::Unimplemented);
}

#[tokio::test]
async fn it_says_that_it_is_well() {
    let world = World::new();
    let plugin = world.subject("serve").start().await.unwrap();
    let mut health = HealthClient::new(plugin.channel());
    for (service, expected) in [("plugin", Ok(1)), ("", Ok(1)), ("other", Err(Code::NotFound))] {
        let request = HealthCheckRequest { service: service.to_owned() };
        let answer = health.check(request.clone()).await;
        let status = answer.map(|answer| answer.into_inner().status);
        assert_eq!(status.map_err(|status| status.code()), expected, "{service}");
        if expected.is_ok() {
            let mut watched = health.watch(request).await.unwrap().into_inner();
            assert_eq!(watched.message().await.unwrap().unwrap().status, 1);
        }
    }
}

#[tokio::test]
async fn it_has_the_environment_that_is_named_and_nothing_else() {
    let world = World::new();
    let mut launch = world.subject("serve");
    // The first is set wherever tests run. What is ours to say is the last word.
    launch.inherit_env = vec!["PATH".into(), "NOT_SET_ANYWHERE".into()];
    launch.env.insert("GREETING".into(), "good day".into());
    launch.env.insert("PLUGIN_CLIENT_CERT".into(), "forged".into());
    let plugin = launch.start().await.unwrap();
    let told = call(&plugin.channel(), "Environment", "").await.unwrap();
    let names: Vec<&str> = told
        .lines()
        .filter_map(|line| line.split_once('=').map(|(name, _)| name))
        .filter(|name| name.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_'))
        .collect();
    let mut names = names;
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "GREETING",
            "PATH",
            "PLUGIN_CLIENT_CERT",
            "PLUGIN_MAX_PORT",
            "PLUGIN_MIN_PORT",
            "PLUGIN_PROTOCOL_VERSIONS",
            "PLUGIN_UNIX_SOCKET_DIR",
            "SUBJECT_COOKIE",
        ]
    );
    for line in ["GREETING=good day", "PLUGIN_PROTOCOL_VERSIONS=3", "SUBJECT_COOKIE=4f1c"] {
        assert!(told.lines().any(|found| found == line), "{line} is not in\n{told}");
    }
    assert!(!told.contains("forged"));
}

#[tokio::test]
async fn a_checked_program_runs_under_its_own_name() {
    let world = World::new();
    let mut launch = world.subject("serve");
    let content = std::fs::read(subject()).unwrap();
    let sum = {
        use sha2::Digest as _;
        Sha256(sha2::Sha256::digest(content).into())
    };
    launch.files = vec![(subject().to_owned(), sum)];
    let plugin = launch.start().await.unwrap();
    let arguments = call(&plugin.channel(), "Arguments", "").await.unwrap();
    assert_eq!(arguments, format!("{}\nserve", subject().display()));
    launch.files[0].1 = Sha256([0; 32]);
    let error = launch.start().await.unwrap_err();
    assert!(matches!(error, StartError::WrongSum { found, .. } if found == sum), "{error}");
}

/// The error of a launch, of which nothing is left: neither a directory, nor the process, which says its number on stderr.
async fn failure(world: &World, launch: &Launch) -> StartError {
    let error = launch.start().await.unwrap_err();
    assert_eq!(world.left(), 0, "{error}");
    let stderr = match &error {
        StartError::Exited { stderr, .. }
        | StartError::TimedOut { stderr, .. }
        | StartError::Handshake { stderr, .. }
        | StartError::Connect { stderr, .. } => stderr,
        _ => panic!("{error}"),
    };
    until_gone(stderr[0].parse().unwrap());
    error
}

#[tokio::test]
async fn a_first_line_that_is_no_handshake_is_told() {
    let world = World::new();
    let malformed = |line: &str, what| HandshakeError::Malformed { line: line.to_owned(), what };
    for (line, expected) in [
        ("hello", HandshakeError::Noise { line: "hello".to_owned() }),
        ("", HandshakeError::Noise { line: String::new() }),
        ("1|3|unix", malformed("1|3|unix", Malformed::Fields)),
        ("1|3|unix|s|grpc|AAAA", malformed("1|3|unix|s|grpc|AAAA", Malformed::Address)),
        ("2|3|unix|/s|grpc|AAAA", HandshakeError::CoreVersion { found: "2".to_owned() }),
        (
            "1|4|unix|/s|grpc|AAAA",
            HandshakeError::AppVersion { found: "4".to_owned(), expected: 3 },
        ),
        ("1|3|unix|/s|grpc|", HandshakeError::NoCertificate),
    ] {
        // Whether it goes on, or ends at once, or would say more.
        for after in ["exec sleep 600", "exit 4", "echo '1|3|unix|/s|grpc|AAAA'; exec sleep 600"] {
            let script = format!("echo $$ >&2; echo '{line}'; {after}");
            match failure(&world, &world.shell(&script)).await {
                StartError::Handshake { problem, .. } => assert_eq!(problem, expected, "{script}"),
                error => panic!("{script}: {error}"),
            }
        }
    }
}

#[tokio::test]
async fn a_line_without_an_end_is_no_handshake() {
    let world = World::new();
    let script = "echo $$ >&2; printf '1|3|'; while :; do printf 0123456789012345; done";
    let error = failure(&world, &world.shell(script)).await;
    assert!(
        matches!(
            &error,
            StartError::Handshake {
                problem: HandshakeError::Malformed { what: Malformed::TooLong, .. },
                ..
            }
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn one_that_ends_is_told_with_its_status_and_its_last_lines() {
    let world = World::new();
    let script = "echo $$ >&2; echo 'no such module' >&2; exit 7";
    let StartError::Exited { status, stderr } = failure(&world, &world.shell(script)).await else {
        panic!("another error")
    };
    assert_eq!(status.code(), Some(7));
    assert_eq!(stderr[1..], ["no such module"]);
    // The log had them as well.
    assert_eq!(*world.log.lock().unwrap(), stderr);

    // One that dies after its handshake is no other case.
    let script = "echo $$ >&2; echo '1|3|unix|/nowhere|grpc|AAAA'; kill -9 $$";
    let error = failure(&world, &world.shell(script)).await;
    assert!(
        matches!(&error, StartError::Exited { status, .. } if status.code().is_none()),
        "{error:?}"
    );

    // A person's program says what it is and ends.
    let mut launch = world.shell("echo $$ >&2; unset SUBJECT_COOKIE; exec \"$0\" serve");
    launch.args.push(subject().into());
    let error = failure(&world, &launch).await;
    assert!(
        matches!(&error, StartError::Exited { status, .. } if status.code() == Some(65)),
        "{error:?}"
    );
}

#[tokio::test]
async fn one_that_says_nothing_is_killed_when_its_time_is_over() {
    let limit = Duration::from_secs(60);
    let world = World::with_clock(TestClock::passing(&[limit]));
    for script in ["sleep 600", "printf '1|3|unix'; sleep 600", "exec >&-; sleep 600"] {
        let mut launch = world.shell(script);
        launch.start_timeout = limit;
        let error = launch.start().await.unwrap_err();
        assert!(matches!(error, StartError::TimedOut { after, .. } if after == limit), "{error}");
        assert_eq!(world.left(), 0);
    }
}

#[tokio::test]
async fn a_start_that_nobody_waits_for_any_more_leaves_nothing() {
    let world = World::new();
    let launch = world.shell("echo $$ >&2; sleep 600");
    {
        let starting = launch.start();
        tokio::select! {
            biased;
            started = starting => panic!("{started:?}"),
            () = world.until_logged(|_| true) => {}
        }
    }
    let id = world.log.lock().unwrap()[0].parse().unwrap();
    until_gone(id);
    assert_eq!(world.left(), 0);
}

#[tokio::test]
async fn whoever_listens_where_the_plugin_said_has_to_be_the_plugin() {
    let world = World::new();
    let nobody = "echo $$ >&2; echo \"1|3|unix|$PLUGIN_UNIX_SOCKET_DIR/none|grpc|AAAA\"; sleep 600";
    let error = failure(&world, &world.shell(nobody)).await;
    assert!(matches!(error, StartError::Connect { .. }), "{error:?}");

    // The plugin itself, with another certificate in its line.
    let other = "echo $$ >&2; exec 3<&0; \"$0\" serve <&3 | sed -u 's/grpc|..../grpc|AAAA/'";
    let mut launch = world.shell(other);
    launch.args.push(subject().into());
    let error = failure(&world, &launch).await;
    let StartError::Connect { source, .. } = &error else { panic!("{error:?}") };
    let mut cause: &dyn std::error::Error = source;
    while let Some(next) = cause.source() {
        cause = next;
    }
    assert!(cause.to_string().contains("ApplicationVerificationFailure"), "{cause}");
}

#[tokio::test]
async fn what_the_system_does_not_start_is_told() {
    let world = World::new();
    for command in ["/nowhere/at/all", "/etc/passwd"] {
        let error = world.launch(command.as_ref(), &[]).start().await.unwrap_err();
        let StartError::Spawn { command: told, .. } = &error else { panic!("{error}") };
        assert_eq!(told.to_str(), Some(command));
        assert!(error.is_lasting());
        assert_eq!(world.left(), 0);
    }
}
