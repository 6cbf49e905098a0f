//! What can be wrong with a `vendor` block, seen before anything is started.

use std::path::Path as File;

use fleet_model::name::Name;
use tfplugin::diagnostic::{Diagnostic, Diagnostics, Path};

use crate::config::VendorBlock;
use crate::diagnostic::error;

/// The names that the provider keeps for itself.
const BUILT_IN: &str = "aws";

/// Checks what is known of a block. `path` leads to it.
pub(crate) fn check(path: &Path, name: &str, block: &VendorBlock, diagnostics: &mut Diagnostics) {
    if name == BUILT_IN {
        let what = "the built-in vendor has this name, and accounts without `vendor` are its";
        diagnostics.push(invalid(path.clone(), name, what, Because::Name));
    } else if let Err(problem) = Name::new(name) {
        diagnostics.push(invalid(path.clone(), name, &problem.to_string(), Because::Name));
    }
    if let Some(command) = block.command.as_str() {
        check_command(path, command, block, diagnostics);
    }
    for (file, sum) in block.sha256.known().into_iter().flatten() {
        let path = path.clone().nested("sha256").key(file);
        let is_command = block.command.as_str().is_none_or(|command| command == file);
        if !is_command && !File::new(file).is_absolute() {
            let what = "it is neither the `command` nor an absolute path";
            diagnostics.push(invalid(path, file, what, Because::Sum));
        } else if sum.len() != 64 || !sum.bytes().all(|b| b.is_ascii_hexdigit()) {
            let what = "a SHA-256 checksum is 64 hexadecimal digits";
            diagnostics.push(invalid(path, sum, what, Because::Sum));
        }
    }
    let variables = block.env.known().into_iter().flat_map(|env| env.keys());
    let inherited = block.inherit_env.known().into_iter().flatten();
    let variables = variables.map(|name| ("env", name));
    for (argument, variable) in variables.chain(inherited.map(|name| ("inherit_env", name))) {
        let is_name = !variable.is_empty() && !variable.contains(['=', '\0']);
        if !is_name {
            let what = "the name of a variable is a text without `=`";
            diagnostics.push(invalid(
                path.clone().nested(argument),
                variable,
                what,
                Because::Variable,
            ));
        } else if variable.starts_with("PLUGIN_") || variable == "FLEET_VENDING_PLUGIN" {
            let what = "the provider itself sets the variables of this name, by which both find each other";
            diagnostics.push(invalid(
                path.clone().nested(argument),
                variable,
                what,
                Because::Variable,
            ));
        }
    }
    if let Some(settings) = block.settings.as_str()
        && let Err(problem) = json_object(settings)
    {
        let path = path.clone().nested("settings");
        // The text itself may hold secrets.
        diagnostics.push(invalid(path, "…", &problem, Because::Settings));
    }
}

/// Whether a text is a JSON object.
///
/// # Errors
/// What is wrong, as the end of a sentence, without the text.
pub(crate) fn json_object(text: &str) -> Result<(), String> {
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(serde_json::Value::Object(_)) => Ok(()),
        Ok(_) => Err("it is JSON, and not an object".to_owned()),
        Err(error) => {
            Err(format!("it is not JSON (line {}, column {})", error.line(), error.column()))
        }
    }
}

fn check_command(path: &Path, command: &str, block: &VendorBlock, diagnostics: &mut Diagnostics) {
    let at = path.clone().nested("command");
    let file = File::new(command);
    let is_bare = file.file_name().is_some_and(|name| name == command);
    if !is_bare && !file.is_absolute() {
        let what = "it is neither a bare name nor an absolute path";
        diagnostics.push(invalid(at, command, what, Because::Command));
        return;
    }
    let sums = match &block.sha256 {
        tfplugin::Attr::Unknown => return,
        sums => sums.known(),
    };
    if !is_bare && !sums.is_some_and(|sums| sums.contains_key(command)) {
        diagnostics.push(unpinned(at, command));
    }
    for (index, argument) in (0_i64..).zip(block.args.known().into_iter().flatten()) {
        let is_file = File::new(argument).is_absolute() && File::new(argument).is_file();
        if is_file && !sums.is_some_and(|sums| sums.contains_key(argument)) {
            diagnostics.push(unpinned(path.clone().nested("args").index(index), argument));
        }
    }
}

#[derive(Clone, Copy)]
enum Because {
    Name,
    Command,
    Sum,
    Variable,
    Settings,
}

impl Because {
    fn why(self) -> &'static str {
        match self {
            Self::Name => "Accounts name their vendor by it, and inventory files carry it.",
            Self::Command => {
                "A path that depends on where the CLI was started, or a search in `PATH`, could start another program than the one that was reviewed."
            }
            Self::Sum => "The program is started only when each of its files has its checksum.",
            Self::Variable => "The program is started with these variables alone.",
            Self::Settings => "The program gets its settings as a JSON object.",
        }
    }

    fn todo(self) -> &'static str {
        match self {
            Self::Name => "Give the block a name such as `azure`.",
            Self::Command => {
                "Give the name of a program that lies beside the provider's executable, such as `fleet-vending-aws`, or an absolute path such as `/opt/vendors/ticket`."
            }
            Self::Sum => "Write what `sha256sum FILE` prints, by the file's absolute path.",
            Self::Variable => "Correct the name, or leave the variable out.",
            Self::Settings => "Write the settings as `jsonencode({ … })`.",
        }
    }
}

fn invalid(path: Path, value: &str, what: &str, because: Because) -> Diagnostic {
    error("FLEET0563", "A vendor block is not valid")
        .at(path.clone())
        .what(format!("`{path}`: {value:?} is not accepted: {what}."))
        .why(because.why())
        .todo(because.todo())
        .build()
}

fn unpinned(path: Path, file: &str) -> Diagnostic {
    error("FLEET0564", "A file of a vendor has no checksum")
        .at(path)
        .what(format!("The vendor would run {file:?}, and `sha256` of its block does not name that file."))
        .why("The program runs with your rights and your credentials. Without a checksum in the reviewed configuration, whoever can write the file decides what an apply does.")
        .todo(format!("Add `{file:?} = \"…\"` to `sha256`, with the checksum of the file that you reviewed; `sha256sum` prints it. Every file of an interpreted program belongs there."))
        .build()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use tfplugin::Attr;

    use super::*;

    fn block(command: &str) -> VendorBlock {
        VendorBlock {
            command: command.into(),
            args: Attr::Null,
            sha256: Attr::Null,
            env: Attr::Null,
            inherit_env: Attr::Null,
            settings: Attr::Null,
            max_in_flight: Attr::Null,
            start_timeout: Attr::Null,
        }
    }

    fn map(of: &[(&str, &str)]) -> Attr<BTreeMap<String, String>> {
        Attr::Known(of.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect())
    }

    fn said(name: &str, block: &VendorBlock) -> Vec<String> {
        let mut diagnostics = Diagnostics::new();
        check(&Path::attribute("vendor").key(name), name, block, &mut diagnostics);
        diagnostics
            .iter()
            .map(|of| {
                let path = of.path.as_ref().map(ToString::to_string).unwrap_or_default();
                format!("{} {path}", of.detail.lines().last().unwrap_or_default())
            })
            .collect()
    }

    #[test]
    fn a_block_that_can_be_started_is_accepted() {
        let sum = "0".repeat(64);
        assert_eq!(said("azure", &block("fleet-vending-aws")), [""; 0]);
        let pinned = VendorBlock {
            args: Attr::Known(vec!["/does/not/exist".into(), "--fast".into()]),
            sha256: map(&[("/opt/vendor", &sum)]),
            env: map(&[("AZURE_TENANT_ID", "x")]),
            inherit_env: Attr::Known(BTreeSet::from(["HOME".to_owned()])),
            settings: r#"{"a":1}"#.into(),
            ..block("/opt/vendor")
        };
        assert_eq!(said("azure", &pinned), [""; 0]);
        assert_eq!(
            said("azure", &VendorBlock { sha256: Attr::Unknown, ..block("/opt/v") }),
            [""; 0]
        );
    }

    #[test]
    fn what_nobody_reviewed_is_not_started() {
        assert_eq!(said("x", &block("/opt/vendor")), ["FLEET0564 vendor[\"x\"].command"]);
        let script = std::env::current_exe().unwrap();
        let script = script.to_str().unwrap();
        let sum = "a".repeat(64);
        let interpreted = VendorBlock {
            args: Attr::Known(vec![script.into()]),
            sha256: map(&[("/usr/bin/python3", &sum)]),
            ..block("/usr/bin/python3")
        };
        assert_eq!(said("x", &interpreted), ["FLEET0564 vendor[\"x\"].args[0]"]);
    }

    #[test]
    fn each_bad_value_is_told_at_its_place() {
        for (name, block, told) in [
            ("aws", block("v"), "FLEET0563 vendor[\"aws\"]"),
            ("A b", block("v"), "FLEET0563 vendor[\"A b\"]"),
            ("x", block("./v"), "FLEET0563 vendor[\"x\"].command"),
            ("x", block("../v"), "FLEET0563 vendor[\"x\"].command"),
            ("x", block(".."), "FLEET0563 vendor[\"x\"].command"),
            ("x", block("a/b"), "FLEET0563 vendor[\"x\"].command"),
            ("x", block(""), "FLEET0563 vendor[\"x\"].command"),
            (
                "x",
                VendorBlock { sha256: map(&[("v", "12")]), ..block("v") },
                "FLEET0563 vendor[\"x\"].sha256[\"v\"]",
            ),
            (
                "x",
                VendorBlock { sha256: map(&[("w", &"0".repeat(64))]), ..block("v") },
                "FLEET0563 vendor[\"x\"].sha256[\"w\"]",
            ),
            (
                "x",
                VendorBlock { env: map(&[("PLUGIN_CLIENT_CERT", "")]), ..block("v") },
                "FLEET0563 vendor[\"x\"].env",
            ),
            (
                "x",
                VendorBlock { env: map(&[("A=B", "")]), ..block("v") },
                "FLEET0563 vendor[\"x\"].env",
            ),
            (
                "x",
                VendorBlock { settings: "[1]".into(), ..block("v") },
                "FLEET0563 vendor[\"x\"].settings",
            ),
        ] {
            assert_eq!(said(name, &block), [told]);
        }
    }

    #[test]
    fn settings_that_are_no_json_are_not_shown() {
        let mut diagnostics = Diagnostics::new();
        let secret = VendorBlock { settings: "{ hunter2".into(), ..block("v") };
        check(&Path::attribute("vendor").key("x"), "x", &secret, &mut diagnostics);
        let told = format!("{diagnostics:?}");
        assert!(told.contains("FLEET0563") && !told.contains("hunter2"), "{told}");
    }
}
