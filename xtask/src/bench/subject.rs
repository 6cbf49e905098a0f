//! What is compared: providers, and the resources that they are asked for.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::PathBuf;

/// A provider's program.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    /// What a person calls it.
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    /// Whether it is the Go provider that ours is compared with.
    pub(crate) is_go: bool,
}

/// The arguments of a thing, of which it has some thirty: plain ones, and nested ones of each kind.
pub(crate) const THING: &str = "\
    name = \"thing ${count.index}\"
    text = \"text of ${count.index}\"
    cores = 4
    lines = [\"one\", \"two\"]
    tags = [\"red\", \"blue\"]
    labels = { number = count.index }
    settings = { level = 3 }
    disks = [{ name = \"root\" }, { name = \"data\", gigabytes = 20 }]
    ports = { http = { number = 80 } }";

/// A resource type, and the provider that has it.
#[derive(Clone, Debug)]
pub(crate) struct Subject<'a> {
    /// The provider's name, as in `terraform-provider-example`.
    pub(crate) provider: &'static str,
    /// The provider. None = the one inside of the CLI.
    pub(crate) program: Option<&'a Program>,
    /// The type of the resource.
    pub(crate) resource: &'static str,
    /// Whether it has no more attributes than the built-in resource.
    pub(crate) is_small: bool,
    /// The arguments of one; `${count.index}` is its number.
    pub(crate) arguments: Cow<'static, str>,
}

impl<'a> Subject<'a> {
    /// Text files of the SDK's smallest example.
    pub(crate) fn file(program: &'a Program) -> Self {
        Self {
            provider: "example",
            program: Some(program),
            resource: "example_file",
            is_small: true,
            arguments: "path = \"files/${count.index}\"\ncontent = \"text of ${count.index}\""
                .into(),
        }
    }

    /// Things of the example that uses everything, each with these arguments. The Go provider has them as well.
    pub(crate) fn thing(program: &'a Program, arguments: impl Into<Cow<'static, str>>) -> Self {
        Self {
            provider: "conformance",
            program: Some(program),
            resource: "conformance_thing",
            is_small: false,
            arguments: arguments.into(),
        }
    }

    /// The source address, without the registry that each CLI puts in front.
    pub(crate) fn source(&self) -> String {
        format!("example/{}", self.provider)
    }

    /// The block that says where the provider comes from; nothing for the one inside of the CLI.
    pub(crate) fn requirement(&self) -> String {
        if self.program.is_none() {
            return String::new();
        }
        format!(
            "terraform {{\n  required_providers {{\n    {} = {{\n      source = \"{}\"\n    }}\n  }}\n}}\n",
            self.provider,
            self.source()
        )
    }

    /// `count` of the resource.
    pub(crate) fn resources(&self, count: u32) -> String {
        let mut hcl = format!("resource \"{}\" \"this\" {{\n  count = {count}\n", self.resource);
        for line in self.arguments.lines() {
            // Writing to a string does not fail.
            let _ = writeln!(hcl, "  {}", line.trim());
        }
        hcl.push_str("}\n");
        hcl
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hcl_asks_for_as_many_as_wanted() {
        let program = Program { name: "x".to_owned(), path: "/x".into(), is_go: false };
        let subject = Subject {
            provider: "example",
            program: Some(&program),
            resource: "example_file",
            is_small: true,
            arguments: "path = \"/x/${count.index}\"\n     content = \"x\"".into(),
        };
        assert_eq!(
            subject.resources(7),
            "resource \"example_file\" \"this\" {\n  count = 7\n  path = \"/x/${count.index}\"\n  \
             content = \"x\"\n}\n"
        );
        assert!(subject.requirement().contains("source = \"example/example\""));
        assert_eq!(Subject { program: None, ..subject }.requirement(), "");
    }
}
