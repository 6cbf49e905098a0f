//! The plugin of these tests, and a host that is killed in one of them. The first argument says what to be.

mod service;
mod tcp;

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use goplugin::Protocol;
use goplugin::host::Launch;
use goplugin::plugin::{self, Options};

use self::service::Subject;

/// What the tests have too.
const PROTOCOL: Protocol =
    Protocol { cookie_key: "SUBJECT_COOKIE", cookie_value: "4f1c", version: 3 };

/// Longer than any test waits.
const EVER: Duration = Duration::from_secs(600);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["host", program] => host(program),
        // Supervised, as our own plugins are.
        ["serve"] => serve(true),
        // Blocks its only thread, and hears nothing.
        ["blocked"] => {
            let options = Options { supervised: true, ..Options::default() };
            let blocks = |_: &_| {
                std::thread::sleep(EVER);
                Ok(Subject)
            };
            plugin::serve(&PROTOCOL, options, blocks).unwrap_or(ExitCode::FAILURE)
        }
        // Ends by Shutdown alone, as plugins of other hosts do.
        ["shared"] => serve(false),
        // Ends by nothing: Shutdown ends what it serves, and it goes on; what it handled SIGTERM with is still in its place.
        ["stubborn"] => {
            serve(false);
            std::thread::sleep(EVER);
            ExitCode::FAILURE
        }
        // Listens on a port, as plugins do on Windows.
        ["tcp"] => tcp::serve().unwrap_or(ExitCode::FAILURE),
        _ => ExitCode::from(64),
    }
}

fn serve(supervised: bool) -> ExitCode {
    if !plugin::started_by_host(&PROTOCOL) {
        let _ = writeln!(io::stderr(), "not started by a host");
        return ExitCode::from(65);
    }
    let options = Options { supervised, ..Options::default() };
    plugin::serve(&PROTOCOL, options, |_| Ok(Subject)).unwrap_or_else(|error| {
        error.tell("subject");
        ExitCode::FAILURE
    })
}

/// Starts a plugin, says which process that is, and waits to be killed.
fn host(program: &str) -> ExitCode {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
        return ExitCode::FAILURE;
    };
    let mut launch = Launch::new(PROTOCOL, program);
    launch.args = vec!["serve".into()];
    launch.places = vec![std::env::temp_dir()];
    match runtime.block_on(launch.start()) {
        Ok(plugin) => {
            let _ = writeln!(io::stdout(), "{}", plugin.process_id());
            std::thread::sleep(EVER);
            ExitCode::SUCCESS
        }
        Err(error) => {
            let _ = writeln!(io::stdout(), "{error}");
            ExitCode::FAILURE
        }
    }
}
