//! The AWS vendor as a program of its own, which a host of vendors starts.

use std::io::Write as _;
use std::num::NonZeroUsize;
use std::process::ExitCode;

use fleet_vending::wire::{PROTOCOL, Service};
use goplugin::plugin::{self, Options};

const ABOUT: &str = "\
fleet-vending-aws vends AWS accounts. terraform-provider-fleet starts it: name it as the command of a `vendor` block. It
does nothing when it is started by hand.
";

fn main() -> ExitCode {
    if !plugin::started_by_host(&PROTOCOL) {
        let _is_read = std::io::stderr().write_all(ABOUT.as_bytes()).is_ok();
        return ExitCode::FAILURE;
    }
    // So that a stop is heard whatever the engine does.
    let workers = NonZeroUsize::new(2);
    let options =
        Options { socket_prefix: "fleet-", supervised: true, workers, ..Options::default() };
    plugin::serve(&PROTOCOL, options, |_| Ok(Service::new().into_server())).unwrap_or_else(
        |error| {
            error.tell("fleet-vending-aws");
            ExitCode::FAILURE
        },
    )
}
