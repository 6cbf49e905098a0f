//! Prints what the provider offers, in the shape of `terraform providers schema -json`: what
//! `cargo xtask docs` makes pages of, and what other documentation tools read.

use std::io::{self, Write as _};

use terraform_provider_fleet::FleetProvider;
use tfplugin::erased::Registered;
use tfplugin::schema::json;

fn main() -> io::Result<()> {
    let provider = Registered::new(FleetProvider::default());
    let schemas = serde_json::to_string_pretty(&json::provider_schemas(&provider))?;
    writeln!(io::stdout().lock(), "{schemas}")
}
