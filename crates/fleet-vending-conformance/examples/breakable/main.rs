//! A vendor of accounts that keeps the contract, and with `--break` breaks one rule of it. Its cloud is a directory.

mod cloud;
mod fire;
mod life;
mod service;
mod switch;
mod work;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use fleet_vending_proto::v1beta1::account_vendor_server::AccountVendorServer;
use fleet_vending_proto::{COOKIE_NAME, COOKIE_VALUE, PROTOCOL_VERSION};
use goplugin::Protocol;
use goplugin::plugin::{self, Options};

use fire::{Fire, Victim};
use service::Breakable;
use switch::Switch;

#[derive(Parser)]
struct Arguments {
    /// The rule to break.
    #[arg(long = "break", value_enum)]
    switch: Option<Switch>,
    /// A file that gets a line for each call, event and change, whichever process has it.
    #[arg(long)]
    points: Option<PathBuf>,
    /// Who dies at the lines `--at` of `--points`.
    #[arg(long, value_enum)]
    kill: Option<Victim>,
    /// Numbers of lines; the first is 1.
    #[arg(long)]
    at: Vec<usize>,
}

fn main() -> ExitCode {
    let Arguments { switch, points, kill, at } = Arguments::parse();
    let fire = Fire::new(points, kill, at);
    let protocol =
        Protocol { cookie_key: COOKIE_NAME, cookie_value: COOKIE_VALUE, version: PROTOCOL_VERSION };
    if !plugin::started_by_host(&protocol) {
        return ExitCode::FAILURE;
    }
    let supervised = switch != Some(Switch::OutlivesStdin);
    let options = Options { supervised, ..Options::default() };
    let server = AccountVendorServer::new(Breakable::new(switch, fire));
    plugin::serve(&protocol, options, |_| Ok(server)).unwrap_or(ExitCode::FAILURE)
}
