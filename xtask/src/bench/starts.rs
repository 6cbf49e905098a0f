//! What a provider costs before it can be asked anything: a CLI starts it three to five times per command.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;

use super::figure::{Figure, Target, Unit};
use super::numbers::{maximum, median, milliseconds};
use super::process::{cpu_so_far, resident};
use super::subject::Program;

/// A certificate as a CLI makes it for every plugin that it starts: P-521, self-signed.
const CLI_CERTIFICATE: &str =
    include_str!("../../../crates/tfplugin/tests/transport/data/cli-cert.pem");

/// What a CLI sets, so that a provider knows it from a person.
const COOKIE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

/// Milliseconds that may pass, on the CPU.
const MOST_MILLISECONDS: f64 = 3.0;

/// A provider, and what its starts cost so far.
struct Starts<'a> {
    program: &'a Program,
    cpu: Vec<f64>,
    memory: Vec<f64>,
}

/// Starts each of `programs` `count` times, taking turns.
pub(crate) fn measure(programs: &[Program], count: u32) -> Result<Vec<Figure>> {
    let directory = tempfile::tempdir()?;
    let mut all: Vec<Starts<'_>> = programs
        .iter()
        .map(|program| Starts { program, cpu: Vec::new(), memory: Vec::new() })
        .collect();
    for _ in 0..count {
        for starts in &mut all {
            let (cpu, memory) = start(&starts.program.path, &directory)?;
            starts.cpu.push(cpu);
            starts.memory.push(memory);
        }
    }
    let go = all.iter().find(|starts| starts.program.is_go).and_then(|starts| median(&starts.cpu));
    Ok(all
        .iter()
        .filter(|starts| !starts.program.is_go)
        .flat_map(|ours| figures(ours, go))
        .collect())
}

fn figures(starts: &Starts<'_>, go: Option<f64>) -> Vec<Figure> {
    let name = &starts.program.name;
    let figure = |what: &str, unit, measured: Option<f64>| {
        measured.map(|measured| Figure::new(format!("{what}, {name}"), unit, measured))
    };
    let beside = |figure: Figure| match go {
        Some(go) => {
            let ratio = go / figure.measured;
            figure.beside(format!("Go {go:.1} ms, {ratio:.1}x as much"))
        }
        None => figure,
    };
    let within = Target::AtMost(MOST_MILLISECONDS);
    [
        figure("CPU to the handshake line", Unit::Milliseconds, median(&starts.cpu))
            .map(|figure| beside(figure.target(within))),
        figure("the most of all starts", Unit::Milliseconds, maximum(&starts.cpu))
            .map(|figure| figure.target(within)),
        figure("memory at the handshake line", Unit::Megabytes, median(&starts.memory)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Starts a provider as a CLI does, reads its line, and ends it: milliseconds of CPU and megabytes of memory.
fn start(program: &Path, directory: &TempDir) -> Result<(f64, f64)> {
    let mut child = Command::new(program)
        .env_clear()
        .env("TF_PLUGIN_MAGIC_COOKIE", COOKIE)
        .env("PLUGIN_PROTOCOL_VERSIONS", "5,6")
        .env("PLUGIN_MIN_PORT", "10000")
        .env("PLUGIN_MAX_PORT", "25000")
        .env("PLUGIN_CLIENT_CERT", CLI_CERTIFICATE)
        .env("PLUGIN_UNIX_SOCKET_DIR", directory.path())
        .env("TMPDIR", directory.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("{} cannot be started", program.display()))?;
    let mut line = String::new();
    let read = child.stdout.take().map(|stdout| BufReader::new(stdout).read_line(&mut line));
    let measured = cpu_so_far(child.id()).and_then(|cpu| Ok((cpu, resident(child.id())?)));
    child.kill()?;
    child.wait()?;
    read.context("a provider has no stdout")??;
    ensure!(is_handshake(&line), "{} said {line:?} for a handshake", program.display());
    let (cpu, memory) = measured?;
    Ok((milliseconds(cpu), memory))
}

/// Whether a line says where to connect, over mutual TLS.
fn is_handshake(line: &str) -> bool {
    let fields: Vec<&str> = line.trim_end().split('|').collect();
    matches!(fields[..], ["1", "5" | "6", "unix" | "tcp", _, "grpc", certificate, ..] if !certificate.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handshake_without_tls_does_not_count() {
        assert!(is_handshake("1|6|unix|/tmp/s|grpc|MIIB\n"));
        assert!(is_handshake("1|6|unix|/tmp/s|grpc|MIIB|false\n"));
        assert!(!is_handshake("1|6|unix|/tmp/s|grpc|\n"));
        assert!(!is_handshake("panic: no\n"));
    }
}
