//! What ends the process, what does not, and what it writes.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde_json::Value;

use crate::client::Client;
use crate::generated::tfplugin6::{get_provider_schema, stop_provider};
use crate::process::{COOKIE, Handshake, PATIENCE, Process, command, provider};
use crate::resource::{CREATE_PANICS, CREATE_WAITS, Note};

#[tokio::test]
async fn shutdown_is_answered_and_the_process_is_gone() {
    let mut provider = Process::start(&[]);
    let client = Client::connect(&provider.handshake).await;
    // A CLI has this open until the end: a provider that waits for it does not end by itself.
    let mut stdio = client.stdio().await;
    client.shutdown().await;
    let status = provider.wait();
    assert!(status.success(), "{status}");
    assert_eq!(provider.directory.path().read_dir().unwrap().count(), 0, "the socket is left");
    let _ = stdio.message().await;
}

#[tokio::test]
async fn the_stream_of_output_stays_open_and_silent() {
    let provider = Process::start(&[]);
    let client = Client::connect(&provider.handshake).await;
    let mut stdio = client.stdio().await;
    let message = tokio::time::timeout(Duration::from_millis(300), stdio.message()).await;
    assert!(message.is_err(), "{message:?}");
}

#[tokio::test]
async fn signals_that_reach_the_whole_group_do_not_end_it() {
    let mut provider = Process::start(&[]);
    // Connected: it is past the handshake, and its handlers of signals are in place.
    let client = Client::connect(&provider.handshake).await;
    for signal in [Signal::INT, Signal::TERM, Signal::INT] {
        provider.signal(signal);
        // An answer shows that it has lived on, and that the next signal is one of its own.
        Note::new(&client, "succeed").plan(crate::wire::null()).await;
    }
    assert!(provider.is_running());
    client.shutdown().await;
    assert!(provider.wait().success());
}

#[test]
fn it_ends_when_the_cli_is_killed() {
    let directory = tempfile::tempdir().unwrap();
    // A shell plays the CLI: it starts the provider, says which process that is, and waits.
    let mut shell = std::process::Command::new("/bin/sh")
        .args(["-c", r#""$0" & echo "$!" >&2; wait"#])
        .arg(provider())
        .env_clear()
        .env("TF_PLUGIN_MAGIC_COOKIE", COOKIE)
        .env("PLUGIN_UNIX_SOCKET_DIR", directory.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(shell.stdout.take().unwrap()).read_line(&mut line).unwrap();
    Handshake::parse(&line);
    let mut id = String::new();
    BufReader::new(shell.stderr.take().unwrap()).read_line(&mut id).unwrap();
    let provider = Pid::from_raw(id.trim().parse().unwrap()).unwrap();
    assert!(test_kill_process(provider).is_ok());

    kill_process(Pid::from_child(&shell), Signal::KILL).unwrap();
    shell.wait().unwrap();
    let start = Instant::now();
    while directory.path().read_dir().unwrap().count() > 0 {
        assert!(start.elapsed() < PATIENCE, "an orphan is left");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[tokio::test]
async fn the_next_one_removes_what_a_killed_one_left() {
    let mut killed = Process::start(&[]);
    let place = killed.directory.path().to_str().unwrap().to_owned();
    killed.signal(Signal::KILL);
    killed.wait();
    let left = std::path::Path::new(&killed.handshake.address).parent().unwrap();
    assert!(left.exists());
    let mut next = Process::start(&[("PLUGIN_UNIX_SOCKET_DIR", &place)]);
    let start = Instant::now();
    while left.exists() {
        assert!(start.elapsed() < PATIENCE, "the directory is left");
        std::thread::sleep(Duration::from_millis(2));
    }
    Client::connect(&next.handshake).await.shutdown().await;
    assert!(next.wait().success());
}

#[tokio::test]
async fn a_temporary_directory_that_is_not_fit_for_a_socket_is_passed_over() {
    let root = tempfile::tempdir().unwrap();
    for name in ["a|b", &"long/".repeat(40), "nowhere"] {
        let place = root.path().join(name);
        if name != "nowhere" {
            std::fs::create_dir_all(&place).unwrap();
        }
        let temporary = ("TMPDIR", place.to_str().unwrap());
        let mut provider = Process::start(&[("PLUGIN_UNIX_SOCKET_DIR", ""), temporary]);
        assert!(!provider.handshake.address.starts_with(root.path().to_str().unwrap()), "{name}");
        Client::connect(&provider.handshake).await.shutdown().await;
        assert!(provider.wait().success());
    }
}

#[test]
fn why_it_cannot_start_is_told_where_a_person_sees_it() {
    // A CLI prints the first line of stdout that is no handshake, and stderr only into its log.
    let output = command()
        .env("TF_PLUGIN_MAGIC_COOKIE", COOKIE)
        .env("PLUGIN_UNIX_SOCKET_DIR", "/no|where|at|all")
        .output()
        .unwrap();
    assert!(!output.status.success());
    let line = String::from_utf8(output.stdout).unwrap();
    assert_eq!(line.lines().count(), 1, "{line}");
    assert!(line.starts_with("terraform-provider-"), "{line}");
    assert!(line.contains("/no") && line.contains("cannot be told in a handshake line"), "{line}");
    assert!(!line.contains('|'), "{line}");
}

#[tokio::test]
async fn a_stop_reaches_the_handler_that_waits() {
    let provider = Process::start(&[]);
    let client = Client::connect(&provider.handshake).await;
    let note = Note::new(&client, CREATE_WAITS);
    let applying = tokio::spawn(async move { note.create().await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!applying.is_finished());

    let answer: stop_provider::Response =
        client.provider("/tfplugin6.Provider/StopProvider", stop_provider::Request {}).await;
    assert_eq!(answer.error, "");
    let applied = applying.await.unwrap();
    assert_eq!(applied.diagnostics[0].summary, "Interrupted");
    client.shutdown().await;
}

#[tokio::test]
async fn a_panic_is_an_error_of_that_resource_and_a_stack_trace_for_the_cli() {
    let mut provider = Process::start(&[]);
    let client = Client::connect(&provider.handshake).await;
    let applied = Note::new(&client, CREATE_PANICS).create().await;
    let error = &applied.diagnostics[0];
    assert!(error.detail.contains("asked to"), "{error:?}");
    assert_eq!(crate::wire::fields(applied.new_state.as_ref()), None);

    // The others go on.
    let applied = Note::new(&client, "succeed").create().await;
    assert!(applied.diagnostics.is_empty());
    client.shutdown().await;
    let stderr = provider.stderr();
    assert!(stderr.starts_with("panic: asked to"), "{stderr}");
    assert!(stderr.lines().count() > 3, "no backtrace in:\n{stderr}");
}

/// Everything a CLI does in a run, and what the provider wrote to stderr meanwhile.
async fn stderr_of_a_run(variables: &[(&str, &str)]) -> String {
    let mut provider = Process::start(variables);
    let client = Client::connect(&provider.handshake).await;
    let _: get_provider_schema::Response = client
        .provider("/tfplugin6.Provider/GetProviderSchema", get_provider_schema::Request {})
        .await;
    assert!(Note::new(&client, "succeed").create().await.diagnostics.is_empty());
    client.shutdown().await;
    provider.stderr()
}

#[tokio::test]
async fn nothing_is_written_unless_a_log_is_asked_for() {
    assert_eq!(stderr_of_a_run(&[]).await, "");
    assert_eq!(stderr_of_a_run(&[("TF_LOG", "off")]).await, "");
    assert_eq!(stderr_of_a_run(&[("TF_LOG_PROVIDER_OTHER", "trace")]).await, "");
}

#[tokio::test]
async fn a_log_is_json_that_the_cli_can_read() {
    for variable in ["TF_LOG", "TF_LOG_PROVIDER", "TF_LOG_PROVIDER_EXAMPLE"] {
        let stderr = stderr_of_a_run(&[(variable, "trace")]).await;
        let lines: Vec<Value> =
            stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        for line in &lines {
            for key in ["@level", "@message", "@module", "@timestamp", "tf_provider_addr"] {
                assert!(line[key].is_string(), "{key} in {line}");
            }
        }
        let apply = lines.iter().find(|line| line["tf_rpc"] == "ApplyResourceChange").unwrap();
        assert_eq!(apply["tf_resource_type"], "example_note");
        assert!(apply["tf_req_id"].is_string());
        let schema = lines.iter().find(|line| line["@message"] == "Announced server capabilities");
        assert_eq!(schema.unwrap()["tf_server_capability_plan_destroy"], true);
        let silent =
            lines.iter().find(|line| line["@message"] == "No announced client capabilities");
        assert_eq!(silent.unwrap()["tf_rpc"], "PlanResourceChange");
    }
}

/// Starts it with `-debug`, and reads how to connect from what it prints.
fn debugged() -> Process {
    let directory = tempfile::tempdir().unwrap();
    let mut command = command();
    command.arg("-debug").env("PLUGIN_UNIX_SOCKET_DIR", directory.path());
    Process::spawn(command, directory, |said| {
        let line = said.lines().find(|line| line.starts_with('\t')).unwrap();
        let value = line.trim().strip_prefix("TF_REATTACH_PROVIDERS='").unwrap();
        let value: Value = serde_json::from_str(value.strip_suffix('\'').unwrap()).unwrap();
        let provider = &value["example/example"];
        assert_eq!(provider["ProtocolVersion"], 6);
        assert_eq!(provider["Protocol"], "grpc");
        assert_eq!(provider["Test"], true);
        Handshake {
            network: provider["Addr"]["Network"].as_str().unwrap().to_owned(),
            address: provider["Addr"]["String"].as_str().unwrap().to_owned(),
            certificate: None,
        }
    })
}

#[tokio::test]
async fn under_debug_it_serves_one_run_after_the_other() {
    let mut provider = debugged();
    for _ in 0..2 {
        // Each run of a CLI configures, and may stop what it started; the next one begins anew.
        let client = Client::connect(&provider.handshake).await;
        crate::resource::configure(&client).await;
        let note = Note::new(&client, CREATE_WAITS);
        let applying = tokio::spawn(async move { note.create().await });
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert!(!applying.is_finished());
        let _: stop_provider::Response =
            client.provider("/tfplugin6.Provider/StopProvider", stop_provider::Request {}).await;
        assert_eq!(applying.await.unwrap().diagnostics[0].summary, "Interrupted");
        client.shutdown().await;
    }
    assert!(provider.is_running());
}

#[tokio::test]
async fn under_debug_it_ends_when_a_person_says_so() {
    for signal in [Signal::INT, Signal::TERM] {
        let mut provider = debugged();
        let _client = Client::connect(&provider.handshake).await;
        provider.signal(signal);
        let status = provider.wait();
        assert!(status.success(), "{status}");
        assert_eq!(provider.directory.path().read_dir().unwrap().count(), 0, "the socket is left");
    }
}
