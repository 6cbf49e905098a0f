//! Who may connect, and where.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::client::{Client, Shows};
use crate::process::{COOKIE, Process, command};

#[test]
fn started_by_hand_it_says_what_it_is_and_how_it_is_installed() {
    for cookie in [None, Some("d602")] {
        let mut command = command();
        command.envs(cookie.map(|cookie| ("TF_PLUGIN_MAGIC_COOKIE", cookie)));
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(output.stdout.is_empty());
        let said = String::from_utf8(output.stderr).unwrap();
        for words in
            ["terraform-provider-example", "required_providers", "dev_overrides", "example/example"]
        {
            assert!(said.contains(words), "{words} is not in:\n{said}");
        }
    }
}

#[test]
fn asked_for_its_schema_it_prints_that_and_ends() {
    let output = command().arg("-schema").output().unwrap();
    assert!(output.status.success(), "{}", output.status);
    assert!(output.stderr.is_empty());
    let schemas: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let provider = &schemas["provider_schemas"]["registry.terraform.io/example/example"];
    assert_eq!(provider["resource_schemas"]["example_note"]["version"], 0);
}

#[tokio::test]
async fn only_the_cli_that_started_the_provider_may_talk_to_it() {
    let mut provider = Process::start(&[("TF_LOG", "warn")]);
    for shows in [Shows::Nothing, Shows::Another, Shows::Stolen] {
        let refused = Client::try_connect(&provider.handshake, shows).await;
        assert!(refused.is_err());
    }
    // And it still serves the one that may.
    let client = Client::try_connect(&provider.handshake, Shows::Cli).await.unwrap();
    client.shutdown().await;

    // The reasons: no mistake of this client, and a different one each time.
    let log = provider.stderr();
    let lines: Vec<_> = log.lines().collect();
    let reasons = ["peer sent no certificates", "ApplicationVerificationFailure", "BadSignature"];
    assert_eq!(lines.len(), reasons.len(), "{log}");
    for (line, reason) in lines.iter().zip(reasons) {
        assert!(line.contains("refused a connection") && line.contains(reason), "{line}");
    }
}

#[tokio::test]
async fn the_socket_is_in_a_private_directory_below_the_one_that_the_cli_named() {
    let provider = Process::start(&[]);
    let socket = Path::new(&provider.handshake.address);
    let directory = socket.parent().unwrap();
    assert_eq!(directory.parent(), Some(provider.directory.path()));
    assert_eq!(directory.metadata().unwrap().permissions().mode() & 0o777, 0o700);
}

#[tokio::test]
async fn without_a_certificate_of_the_cli_it_speaks_plaintext() {
    // TF_DISABLE_PLUGIN_TLS makes the CLI leave it out.
    let provider = Process::start_plain(&[]);
    assert!(provider.handshake.certificate.is_none());
    Client::connect(&provider.handshake).await.shutdown().await;
}

#[test]
fn a_certificate_that_is_none_ends_the_process_with_a_reason() {
    let mut command = command();
    command.env("TF_PLUGIN_MAGIC_COOKIE", COOKIE).env("PLUGIN_CLIENT_CERT", "garbage");
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    // Where the CLI looks for the handshake, so that a person sees it.
    let line = String::from_utf8(output.stdout).unwrap();
    assert!(line.contains("PLUGIN_CLIENT_CERT holds no PEM certificate"), "{line}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("PLUGIN_CLIENT_CERT holds no PEM certificate"), "{said}");
}

#[test]
fn a_directory_that_is_not_there_ends_the_process_with_a_reason() {
    let mut command = command();
    command.env("TF_PLUGIN_MAGIC_COOKIE", COOKIE).env("PLUGIN_UNIX_SOCKET_DIR", "/nowhere/at/all");
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("/nowhere/at/all") && said.contains("No such file"), "{said}");
}
