//! What a person asks for on the command line. A CLI gives a provider no arguments.

use std::io::{self, Write as _};

use crate::erased::Registered;
use crate::schema::json;

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Serve the CLI that started the process.
    Nothing,
    /// Wait for any CLI: `-debug`.
    Debug,
    /// Print what the provider offers: `-schema`.
    Schema,
}

/// What the arguments ask for. Providers in Go take `-debug`; both spellings work there.
pub(crate) fn asked(mut arguments: impl Iterator<Item = String>) -> Asked {
    let word = |argument: String| match argument.as_str() {
        "-debug" | "--debug" => Some(Asked::Debug),
        "-schema" | "--schema" => Some(Asked::Schema),
        _ => None,
    };
    arguments.find_map(word).unwrap_or(Asked::Nothing)
}

/// Prints what the provider offers as `providers schema -json` does, but without a CLI: for tools that make
/// documentation, and for comparing one version of an API with the next. On stderr is what is wrong with it.
pub(crate) fn print_schema(provider: &Registered) -> io::Result<()> {
    for problem in provider.problems() {
        writeln!(io::stderr(), "{problem}")?;
    }
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, &json::provider_schemas(provider))?;
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_ask_for_it() {
        for (argument, expected) in [
            ("-debug", Asked::Debug),
            ("--debug", Asked::Debug),
            ("-schema", Asked::Schema),
            ("--schema", Asked::Schema),
            ("debug", Asked::Nothing),
            ("-version", Asked::Nothing),
        ] {
            assert_eq!(asked(std::iter::once(argument.to_owned())), expected, "{argument}");
        }
        assert_eq!(asked(std::iter::empty()), Asked::Nothing);
    }
}
