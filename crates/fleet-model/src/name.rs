//! Names and ids, checked when they are made.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a text is not the name or id it should be. The `Display` text completes the sentence
/// "`<value>` is not valid: …".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Not a free name: environment, owner, tier, data classification, network profile, labels.
    #[error(
        "a name is 1 to 63 characters of a-z, 0-9 and -, and starts with a letter (for example `prod` or `private-service`)"
    )]
    Name,
    /// Not a key of an account or a name of a cluster or placement: they name files.
    #[error(
        "a key is 1 to 63 characters of a-z, 0-9, `-`, `_` and `.`, and starts and ends with a letter or digit, since it names a file of the inventory"
    )]
    Key,
    /// A file of this name cannot be checked out on Windows, whatever its extension.
    #[error("`{0}` is the name of a device on Windows, where no file can have it")]
    Device(String),
    /// The inventory has another use for files of this name.
    #[error(
        "a key must not end in `{OBSERVED}`: `NAME{OBSERVED}.yaml` is the file of observed facts of `NAME`"
    )]
    Observed,
    /// Terraform and OpenTofu take `KEY.json` for their own: configuration, variables, tests, state.
    #[error(
        "`.{0}` is an ending of files that Terraform and OpenTofu keep or read as a part of the configuration that they lie in"
    )]
    Cli(String),
    /// A tool that deploys manifests takes the file, or the directory that it is in, for another thing.
    #[error("`{name}` is the name of a file of {tool}, which would read the directory otherwise")]
    Tool {
        /// The key.
        name: String,
        /// The tool.
        tool: &'static str,
    },
    /// Not an AWS account id.
    #[error("an AWS account id is exactly 12 digits")]
    AccountId,
}

/// What the file of a cluster's observed facts has between name and extension.
pub const OBSERVED: &str = ".observed";

macro_rules! text_newtype {
    ($(#[$doc:meta])* $name:ident, $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks `text` and keeps it.
            ///
            /// # Errors
            /// The rule that `text` breaks.
            pub fn new(text: impl Into<String>) -> Result<Self, Error> {
                let text = text.into();
                let check: fn(&str) -> Result<(), Error> = $check;
                check(&text).map(|()| Self(text))
            }

            /// The text as it was given.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = Error;
            fn try_from(text: String) -> Result<Self, Error> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    };
}

text_newtype!(
    /// A free name, `^[a-z][a-z0-9-]{0,62}$`: environment, data classification, tier, network profile.
    Name,
    |text| {
        let bytes = text.as_bytes();
        let holds = matches!(bytes.first(), Some(b'a'..=b'z'))
            && bytes.len() <= 63
            && bytes.iter().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if holds { Ok(()) } else { Err(Error::Name) }
    }
);

text_newtype!(
    /// The key of an account or placement, or the name of a cluster: one rule for all, since each
    /// names a file, of the inventory or of what is emitted. It holds nothing that a file system
    /// could read as a path, has no capital that some file systems would fold, and is not a name
    /// that a system, the inventory, or a tool which reads what lies beside it has another use for.
    Key,
    |text| {
        if !is_file_stem(text) {
            return Err(Error::Key);
        }
        // Windows looks at what stands before the first dot.
        let stem = text.split('.').next().unwrap_or_default();
        if is_device(stem) {
            return Err(Error::Device(stem.to_owned()));
        }
        if let Some(ending) = text.split('.').skip(1).find(|ending| is_of_cli(ending)) {
            return Err(Error::Cli(ending.to_owned()));
        }
        if let Some(tool) = tool(text) {
            return Err(Error::Tool { name: text.to_owned(), tool });
        }
        if text.ends_with(OBSERVED) { Err(Error::Observed) } else { Ok(()) }
    }
);

text_newtype!(
    /// The 12 digits of an AWS account id.
    AccountId,
    |text| {
        let holds = text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
        if holds { Ok(()) } else { Err(Error::AccountId) }
    }
);

/// The characters of keys, which are those of zones, too.
pub(crate) fn is_file_stem(text: &str) -> bool {
    let bytes = text.as_bytes();
    let ends = |b: Option<&u8>| matches!(b, Some(b'a'..=b'z' | b'0'..=b'9'));
    ends(bytes.first())
        && ends(bytes.last())
        && bytes.len() <= 63
        && bytes.iter().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.'))
}

/// Microsoft, "Naming Files, Paths, and Namespaces", section "Naming Conventions", as far as keys
/// have the characters.
fn is_device(stem: &str) -> bool {
    let numbered = |stem: &str| {
        let number = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
        number.is_some_and(|number| matches!(number.as_bytes(), [b'0'..=b'9']))
    };
    matches!(stem, "con" | "prn" | "aux" | "nul") || numbered(stem)
}

/// `tf`, `tofu`, `tfvars`, `tfstate`, `tftest`, `tofutest`, `tfmock` and what is yet to come. `KEY.json` or
/// `KEY.yaml` is read where it is the last one; with more behind it, it is what the usual `.gitignore` leaves out.
fn is_of_cli(ending: &str) -> bool {
    let is_theirs = ending.starts_with("tf") || ending.starts_with("tofu");
    is_theirs && ending.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// Whose file `KEY.yaml` or `KEY.json` is, where a file system does not tell `Chart` from `chart`, either.
fn tool(text: &str) -> Option<&'static str> {
    match text {
        "kustomization" => Some("Kustomize"),
        "chart" | "values" | "values.schema" | "requirements" => Some("Helm"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_their_rule() {
        for good in ["a", "prod", "private-service", "a1"] {
            assert!(Name::new(good).is_ok(), "{good}");
        }
        let long = "a".repeat(64);
        for bad in ["", "1a", "Prod", "a_b", "a b", long.as_str()] {
            assert_eq!(Name::new(bad), Err(Error::Name), "{bad}");
        }
    }

    #[test]
    fn keys_cannot_leave_their_directory() {
        for good in ["payments-prod", "prod-apse1-pay-01", "a.b_c", "4711"] {
            assert!(Key::new(good).is_ok(), "{good}");
        }
        for bad in ["", "..", ".hidden", "a/b", "a\\b", "A", "a-", "a."] {
            assert_eq!(Key::new(bad), Err(Error::Key), "{bad}");
        }
        assert_eq!(Key::new("a".repeat(64)), Err(Error::Key));
    }

    #[test]
    fn keys_name_a_file_everywhere_and_nothing_else() {
        for device in ["con", "prn", "aux", "nul", "com0", "com9", "lpt1", "con.prod", "nul.a.b"] {
            let stem = device.split('.').next().unwrap();
            assert_eq!(Key::new(device), Err(Error::Device(stem.into())), "{device}");
        }
        for good in ["console", "com", "com10", "comx", "lpt", "a.con", "con-prod", "null"] {
            assert!(Key::new(good).is_ok(), "{good}");
        }
        assert_eq!(Key::new("pay.observed"), Err(Error::Observed));
        for good in ["observed", "pay-observed", "pay.observed-2", "pay.observed.eu"] {
            assert!(Key::new(good).is_ok(), "{good}");
        }
    }

    /// What is written beside a configuration or a chart must not become a part of it.
    #[test]
    fn keys_name_no_file_that_a_tool_reads_as_its_own() {
        for (key, ending) in [
            ("main.tf", "tf"),
            ("main.tofu", "tofu"),
            ("terraform.tfvars", "tfvars"),
            ("x.auto.tfvars", "tfvars"),
            ("terraform.tfstate", "tfstate"),
            ("terraform.tfstate.backup", "tfstate"),
            ("a.tftest", "tftest"),
            ("a.tofutest", "tofutest"),
            ("a.tfmock", "tfmock"),
            ("a.tfquery", "tfquery"),
            ("9.tf", "tf"),
        ] {
            assert_eq!(Key::new(key), Err(Error::Cli(ending.into())), "{key}");
        }
        for (key, of) in [
            ("kustomization", "Kustomize"),
            ("chart", "Helm"),
            ("values", "Helm"),
            ("values.schema", "Helm"),
            ("requirements", "Helm"),
        ] {
            assert_eq!(Key::new(key), Err(Error::Tool { name: key.into(), tool: of }), "{key}");
        }
        for good in
            ["tf", "tfstate", "main-tf", "x.tf-prod", "x.tf1", "a.stf", "values-prod", "chart.eu"]
        {
            assert!(Key::new(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn account_ids_are_twelve_digits() {
        assert!(AccountId::new("123456789012").is_ok());
        for bad in ["12345678901", "1234567890123", "12345678901a", ""] {
            assert_eq!(AccountId::new(bad), Err(Error::AccountId), "{bad}");
        }
    }
}
