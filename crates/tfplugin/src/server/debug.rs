//! `-debug`: a provider that somebody starts under a debugger, and that any number of CLI runs connect to.

use goplugin::plugin::Address;

use super::handshake;

/// Tells the person how to let a CLI connect. On stdout, which is no handshake here. `address` is the provider's.
pub(crate) fn announcement(name: &str, address: &str, listens: &Address) -> String {
    let reattach = reattach(address, listens, std::process::id());
    format!(
        "terraform-provider-{name} is waiting. In another shell, set this and run `tofu` or `terraform`:\n\n\
         \tTF_REATTACH_PROVIDERS='{reattach}'\n\nCtrl-C ends it.\n"
    )
}

/// The value of `TF_REATTACH_PROVIDERS`: JSON by source address. The default registry is left out of the address, so
/// that the same line works with OpenTofu, whose default is another one.
fn reattach(address: &str, listens: &Address, process: u32) -> String {
    let mut providers = serde_json::Map::new();
    providers.insert(
        handshake::short(address).to_owned(),
        serde_json::json!({
            "Protocol": "grpc",
            // A CLI takes a missing version for 5.
            "ProtocolVersion": handshake::PROTOCOL.version,
            "Pid": process,
            // The process is not the CLI's to end.
            "Test": true,
            "Addr": { "Network": listens.network, "String": listens.address },
        }),
    );
    serde_json::Value::Object(providers).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reattach_value_is_what_a_cli_parses() {
        let listens = Address { network: "unix", address: "/tmp/plugin1/s".to_owned() };
        let value = reattach("registry.terraform.io/example/thing", &listens, 42);
        let value: serde_json::Value = serde_json::from_str(&value).unwrap();
        let expected = serde_json::json!({"example/thing": {
            "Protocol": "grpc", "ProtocolVersion": 6, "Pid": 42, "Test": true,
            "Addr": {"Network": "unix", "String": "/tmp/plugin1/s"},
        }});
        assert_eq!(value, expected);
    }
}
