//! A plugin that listens on a port: this very program as a child, behind a relay.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::process::{Command, ExitCode, Stdio};
use std::thread;

/// Serves until the child ends.
pub(crate) fn serve() -> io::Result<ExitCode> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let mut child =
        Command::new(std::env::current_exe()?).arg("serve").stdout(Stdio::piped()).spawn()?;
    let mut line = String::new();
    BufReader::new(child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?).read_line(&mut line)?;
    let socket = line.split('|').nth(3).unwrap_or_default().to_owned();
    let port = format!("tcp|{}", listener.local_addr()?);
    let mut out = io::stdout();
    out.write_all(line.replace(&format!("unix|{socket}"), &port).as_bytes())?;
    out.flush()?;
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            let _ = relay(&connection, &socket);
        }
    });
    child.wait()?;
    Ok(ExitCode::SUCCESS)
}

/// Carries what comes from either side to the other one.
fn relay(connection: &TcpStream, socket: &str) -> io::Result<()> {
    let plugin = UnixStream::connect(socket)?;
    let (mut from, mut to) = (connection.try_clone()?, plugin.try_clone()?);
    thread::spawn(move || {
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    });
    let (mut from, mut to) = (plugin, connection.try_clone()?);
    thread::spawn(move || {
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    });
    Ok(())
}
