//! `fleet-vending-request`: a vendor of accounts that asks people.
//!
//! For each account it writes `requests/<key>.yaml`; a person, or any program, answers with `fulfilments/<key>.yaml`.

mod fulfilment;
mod request;
mod service;
mod settings;
mod standing;
mod store;
mod teller;
mod vendor;

use std::io::Write as _;
use std::num::NonZeroUsize;
use std::process::ExitCode;

use fleet_vending_proto::v1beta1::account_vendor_server::AccountVendorServer;
use fleet_vending_proto::{COOKIE_NAME, COOKIE_VALUE, PROTOCOL_VERSION, limits};
use goplugin::Protocol;
use goplugin::plugin::{self, Options};

const ABOUT: &str = "\
fleet-vending-request is a vendor of cloud accounts that asks people. terraform-provider-fleet starts it: name it as the
command of a `vendor` block. It does nothing when it is started by hand.
";

fn main() -> ExitCode {
    let protocol =
        Protocol { cookie_key: COOKIE_NAME, cookie_value: COOKIE_VALUE, version: PROTOCOL_VERSION };
    if !plugin::started_by_host(&protocol) {
        let _ = std::io::stderr().write_all(ABOUT.as_bytes());
        return ExitCode::FAILURE;
    }
    // Files are read where calls are answered: not on the thread that hears the host.
    let workers = NonZeroUsize::new(2);
    let options =
        Options { socket_prefix: "fleet-", supervised: true, workers, ..Options::default() };
    let server = AccountVendorServer::new(service::Service::new())
        .max_decoding_message_size(limits::MESSAGE_TO_VENDOR)
        .max_encoding_message_size(limits::MESSAGE_OF_VENDOR);
    plugin::serve(&protocol, options, |_| Ok(server)).unwrap_or_else(|error| {
        error.tell("fleet-vending-request");
        ExitCode::FAILURE
    })
}
