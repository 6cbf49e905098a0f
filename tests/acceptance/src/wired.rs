//! Tests of accounts that run a second time, with the vendor of AWS as a program at the other end of a wire.

use std::cell::Cell;

use anyhow::Result;

/// What the provider block calls the vendor then.
pub(crate) const WIRED: &str = "organization";

thread_local! {
    /// Whether the test of this thread is such a one: each test has a thread of its own.
    static IS_WIRED: Cell<bool> = const { Cell::new(false) };
}

/// Runs a test so that the accounts of its configurations are vended by `fleet-vending-aws`.
pub fn over_the_wire(test: impl FnOnce() -> Result<()>) -> Result<()> {
    IS_WIRED.set(true);
    let done = test();
    IS_WIRED.set(false);
    done
}

/// The vendor that accounts of this test have to name; `None`: the built-in one.
pub fn vendor() -> Option<&'static str> {
    IS_WIRED.get().then_some(WIRED)
}

/// The block of the vendor that a provider block has in it then: a program that lies beside the provider, with the environment
/// by which it finds AWS.
pub(crate) fn block(variables: &[(String, String)]) -> String {
    if !IS_WIRED.get() {
        return String::new();
    }
    let names: Vec<String> = variables.iter().map(|(name, _)| format!("{name:?}")).collect();
    format!(
        "\n  vendor \"{WIRED}\" {{\n    command     = \"fleet-vending-aws\"\n    inherit_env = [{}]\n    \
         settings    = jsonencode({{ region = \"us-east-1\" }})\n  }}\n",
        names.join(", ")
    )
}
