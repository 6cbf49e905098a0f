//! Canned answers over loopback, for adapters: what AWS sends, byte for byte, and what it is asked.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::session::Session;
use crate::config::{Config, StaticKeys};

/// One answer.
#[derive(Clone)]
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: u16,
    /// Header lines beside the usual ones.
    pub(crate) headers: &'static str,
    /// The body.
    pub(crate) body: String,
}

impl Answer {
    /// The answer of a service that speaks XML.
    pub(crate) fn xml(status: u16, body: impl Into<String>) -> Self {
        Self { status, headers: "content-type: text/xml\r\n", body: body.into() }
    }

    /// The answer of a service that speaks JSON, with the id of the request.
    pub(crate) fn json(status: u16, body: impl Into<String>) -> Self {
        let headers = "content-type: application/x-amz-json-1.1\r\nx-amzn-requestid: r-4711\r\n";
        Self { status, headers, body: body.into() }
    }

    /// A page of a proxy or a load balancer, which is no answer of the service.
    pub(crate) fn html(status: u16) -> Self {
        let body = "<html><head><title>Error</title></head><body>Sorry.</body></html>".into();
        Self { status, headers: "content-type: text/html\r\n", body }
    }
}

/// Answers each request with the next of `answers`, on a connection of its own, and keeps the
/// requests' bodies. Gives a session whose `service` is there.
pub(crate) async fn serve(
    service: &str,
    answers: Vec<Answer>,
) -> (Arc<Session>, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&asked);
    tokio::spawn(async move {
        let mut answers = VecDeque::from(answers);
        while let Some(Answer { status, headers, body }) = answers.pop_front() {
            let (mut stream, _) = listener.accept().await.unwrap();
            let sent = request(&mut stream).await;
            kept.lock().unwrap().push(sent);
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
            );
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    let config = Config {
        region: Some("us-east-1".into()),
        keys: Some(StaticKeys {
            access_key: "AKIAEXAMPLE".into(),
            secret_key: "example".into(),
            token: None,
        }),
        endpoints: BTreeMap::from([(service.to_owned(), url)]),
        ..Config::default()
    };
    (Arc::new(Session::new(Arc::new(config))), asked)
}

async fn request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        let count = stream.read(&mut chunk).await.unwrap();
        bytes.extend_from_slice(&chunk[..count]);
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| {
                    line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok()
                })
                .unwrap_or(0);
            if body.len() >= length {
                return body.to_owned();
            }
        }
        assert_ne!(count, 0, "the request ended early");
    }
}
