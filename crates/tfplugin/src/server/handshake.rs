//! go-plugin's handshake: is it a CLI that started us, and where do we listen?

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::environment::Environment;

/// The value of `TF_PLUGIN_MAGIC_COOKIE` that every Terraform and OpenTofu sets. No secret: it only tells a CLI from a person.
const COOKIE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

/// Version of go-plugin's own handshake.
const CORE_PROTOCOL: u8 = 1;

/// The Terraform plugin protocol that this crate serves.
pub(crate) const PROTOCOL: u8 = 6;

/// Whether a CLI started this process.
pub(crate) fn started_by_cli(environment: &Environment) -> bool {
    environment.cookie.as_deref() == Some(COOKIE)
}

/// The first and only line on stdout. `certificate` is the DER of the certificate we serve; none = plaintext.
pub(crate) fn line(
    network: &str,
    address: &str,
    certificate: Option<&[u8]>,
    environment: &Environment,
) -> String {
    let certificate = certificate.map(|der| STANDARD_NO_PAD.encode(der)).unwrap_or_default();
    let multiplexing = if environment.asks_multiplexing { "|false" } else { "" };
    format!("{CORE_PROTOCOL}|{PROTOCOL}|{network}|{address}|grpc|{certificate}{multiplexing}\n")
}

/// What a CLI reads in place of a handshake, and shows to the person: one line that no CLI can take for one.
pub(crate) fn no_handshake(why: &str) -> String {
    why.replace('|', "\\u{7c}").escape_debug().to_string().replace("\\\"", "\"").replace("\\'", "'")
}

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
    fn only_the_right_cookie_counts() {
        let with = |cookie: Option<&str>| Environment {
            cookie: cookie.map(str::to_owned),
            ..Environment::default()
        };
        assert!(started_by_cli(&with(Some(COOKIE))));
        assert!(!started_by_cli(&with(Some("d602"))));
        assert!(!started_by_cli(&with(None)));
    }

    #[test]
    fn the_line_has_six_fields_and_no_padding() {
        let environment = Environment::default();
        // One and two bytes over a multiple of three would be padded.
        assert_eq!(
            line("unix", "/tmp/x/s", Some(&[0xff, 0xfe]), &environment),
            "1|6|unix|/tmp/x/s|grpc|//4\n"
        );
        assert_eq!(
            line("tcp", "127.0.0.1:10000", None, &environment),
            "1|6|tcp|127.0.0.1:10000|grpc|\n"
        );
    }

    #[test]
    fn multiplexing_is_declined_only_when_asked() {
        let environment = Environment { asks_multiplexing: true, ..Environment::default() };
        assert_eq!(line("unix", "/s", None, &environment), "1|6|unix|/s|grpc||false\n");
    }

    #[test]
    fn what_comes_in_place_of_a_handshake_is_one_line_and_has_no_fields() {
        let line = no_handshake("cannot listen in /a|b|c|d|e\n1|6|unix");
        assert!(!line.contains(['|', '\n']), "{line}");
        assert!(line.starts_with("cannot listen in /a"), "{line}");
    }

    #[test]
    fn a_person_reads_the_source_address() {
        let text = by_hand("cloud", "registry.terraform.io/example/cloud");
        assert!(text.contains("terraform-provider-cloud"), "{text}");
        assert!(text.contains(r#"source = "example/cloud""#), "{text}");
        assert_eq!(short("example.com/a/b"), "example.com/a/b");
    }
}
