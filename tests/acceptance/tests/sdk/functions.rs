//! What the CLIs make of functions in ways of their own. What they have in common is in the cases of `twins`.

use anyhow::Result;
use fleet_acceptance::{Cli, each_cli};
use serde_json::{Value, json};

use crate::provider::{hcl, sandbox};

each_cli!(a_bare_null_may_never_arrive);

/// What `describe(null)` is. A bare `null` is of no type, and OpenTofu declares to its expression language that no function of a
/// provider takes such a value (`AllowDynamicType: false`): the call is then never made, and the result stays unknown,
/// which is null as an output. Terraform asks the provider.
fn described(cli: Cli) -> Value {
    if cli.is_opentofu() { Value::Null } else { json!("null") }
}

fn a_bare_null_may_never_arrive(cli: Cli) -> Result<()> {
    let sandbox = sandbox(cli)?;
    sandbox.hcl_whole(&hcl(
        "output \"bare\" {\n  value = provider::conformance::describe(null)\n}\n\n\
         output \"typed\" {\n  value = provider::conformance::describe(tostring(null))\n}\n",
    ))?;
    sandbox.apply()?;
    let outputs = sandbox.state()?.outputs;
    assert_eq!(outputs.get("bare").unwrap_or(&Value::Null), &described(cli));
    assert_eq!(outputs["typed"], "null");
    Ok(())
}
