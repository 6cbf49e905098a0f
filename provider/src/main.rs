//! The plugin process that OpenTofu and Terraform start.

use std::process::ExitCode;

use terraform_provider_fleet::FleetProvider;

fn main() -> ExitCode {
    tfplugin::server::run(FleetProvider::of_process())
}
