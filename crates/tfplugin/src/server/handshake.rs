//! What tells a provider from other plugins, and a CLI from a person.

use goplugin::Protocol;

/// Terraform plugin protocol 6, with the cookie that every Terraform and OpenTofu sets.
pub(crate) const PROTOCOL: Protocol = Protocol {
    cookie_key: "TF_PLUGIN_MAGIC_COOKIE",
    cookie_value: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
    version: 6,
};

/// What a person reads who starts the provider by hand. `name` is the provider's, `address` its full source address.
pub(crate) fn by_hand(name: &str, address: &str) -> String {
    let source = short(address);
    format!(
        r#"This is terraform-provider-{name}, a provider for OpenTofu and Terraform.
`tofu` and `terraform` start it; it does nothing when started by hand.

To install it, name it in a configuration and run `tofu init` or `terraform init`:

  terraform {{
    required_providers {{
      {name} = {{
        source = "{source}"
      }}
    }}
  }}

To try this very file, name its directory in a file, and that file in TF_CLI_CONFIG_FILE:

  provider_installation {{
    dev_overrides {{
      "{source}" = "/the/directory/of/this/file"
    }}
    direct {{}}
  }}

To run it under a debugger, start it with -debug. To see all that it offers as JSON, start it with -schema.
"#
    )
}

/// The address without Terraform's default registry: then each CLI puts its own registry in front.
pub(crate) fn short(address: &str) -> &str {
    address.strip_prefix("registry.terraform.io/").unwrap_or(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_reads_the_source_address() {
        let text = by_hand("cloud", "registry.terraform.io/example/cloud");
        assert!(text.contains("terraform-provider-cloud"), "{text}");
        assert!(text.contains(r#"source = "example/cloud""#), "{text}");
        assert_eq!(short("example.com/a/b"), "example.com/a/b");
    }
}
