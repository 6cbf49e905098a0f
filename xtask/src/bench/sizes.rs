//! How large the programs are, as they are released: stripped.

use anyhow::Result;

use super::figure::{Figure, Target, Unit};
use super::process::file_size;
use super::subject::Program;

/// Megabytes that a program may have.
pub(crate) fn most(name: &str) -> f64 {
    if name == "fleet" { 25.0 } else { 6.0 }
}

/// The size of each program; the Go provider's beside ours.
pub(crate) fn measure(programs: &[Program]) -> Result<Vec<Figure>> {
    let go = programs.iter().find(|program| program.is_go);
    let go = go.map(|program| file_size(&program.path)).transpose()?;
    let mut figures = Vec::new();
    for program in programs.iter().filter(|program| !program.is_go) {
        let figure = Figure::new(
            format!("program, {}", program.name),
            Unit::Megabytes,
            file_size(&program.path)?,
        )
        .target(Target::AtMost(most(&program.name)));
        figures.push(match go {
            Some(go) => figure.beside(format!("Go {go:.1} MB")),
            None => figure,
        });
    }
    Ok(figures)
}
