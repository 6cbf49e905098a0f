//! A server for the `http` backend: states by path, in memory.
//!
//! With the local backend a CLI rewrites the whole state file after every resource, and nothing else can be seen.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read as _, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use anyhow::{Context as _, Result};

/// A running server. It answers until the process ends.
pub(crate) struct StateServer {
    address: SocketAddr,
    /// How many states were given out.
    states: AtomicU32,
}

/// States by path.
type States = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

/// A request, as far as the backend makes any.
struct Request {
    method: String,
    path: String,
    body: Vec<u8>,
}

impl StateServer {
    /// Starts one on a free port of loopback.
    pub(crate) fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port is free")?;
        let address = listener.local_addr()?;
        let states = States::default();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let states = Arc::clone(&states);
                // A connection that breaks is the CLI's to complain of.
                thread::spawn(move || serve(&stream, &states));
            }
        });
        Ok(Self { address, states: AtomicU32::new(0) })
    }

    /// The address of a state that nobody else has.
    pub(crate) fn fresh(&self) -> String {
        format!("http://{}/{}", self.address, self.states.fetch_add(1, Ordering::Relaxed))
    }
}

/// Answers the requests of one connection.
fn serve(stream: &TcpStream, states: &States) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    while let Some(request) = read(&mut reader)? {
        let (status, body) = answer(request, states);
        let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n", body.len());
        writer.write_all(&[head.as_bytes(), &body].concat())?;
    }
    Ok(())
}

/// The next request; none when the connection has ended.
fn read(reader: &mut impl BufRead) -> io::Result<Option<Request>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.split_once(':') else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
    }
    let mut body = Vec::new();
    reader.take(length).read_to_end(&mut body)?;
    Ok(Some(Request { method, path, body }))
}

fn answer(request: Request, states: &States) -> (&'static str, Vec<u8>) {
    let mut states = states.lock().unwrap_or_else(PoisonError::into_inner);
    match request.method.as_str() {
        "GET" => match states.get(&request.path) {
            Some(state) => ("200 OK", state.clone()),
            None => ("404 Not Found", Vec::new()),
        },
        "POST" => {
            states.insert(request.path, request.body);
            ("200 OK", Vec::new())
        }
        "DELETE" => {
            states.remove(&request.path);
            ("200 OK", Vec::new())
        }
        _ => ("405 Method Not Allowed", Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends requests over one connection; the answers as they come.
    fn ask(server: &StateServer, requests: &str) -> String {
        let mut stream = TcpStream::connect(server.address).unwrap();
        stream.write_all(requests.as_bytes()).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut answers = String::new();
        stream.read_to_string(&mut answers).unwrap();
        answers
    }

    #[test]
    fn what_was_posted_is_there_until_it_is_deleted() {
        let server = StateServer::start().unwrap();
        assert_ne!(server.fresh(), server.fresh());
        let answers = ask(
            &server,
            "GET /a HTTP/1.1\r\nHost: x\r\n\r\n\
             POST /a HTTP/1.1\r\ncontent-length: 5\r\n\r\n{\n  }\
             GET /a HTTP/1.1\r\n\r\n\
             GET /b HTTP/1.1\r\n\r\n\
             DELETE /a HTTP/1.1\r\n\r\n\
             GET /a HTTP/1.1\r\n\r\n",
        );
        let codes: Vec<&str> =
            answers.split("HTTP/1.1 ").skip(1).filter_map(|answer| answer.get(..3)).collect();
        assert_eq!(codes, ["404", "200", "200", "404", "200", "404"], "{answers}");
        assert!(answers.contains("Content-Length: 5\r\n\r\n{\n  }"), "{answers}");
    }
}
