//! The steps of `cargo xtask test`, in order: what fails soonest comes first.

use std::process::Command;
use std::thread;

use anyhow::Result;
use fleet_acceptance::{Cli, Environment, package_dir};

use super::Part;
use super::circles;
use super::count::{Outcome, Results, check, tests};
use super::layering;
use super::pipelines;
use super::vendors;
use crate::cargo::{PRODUCT, build_examples, build_provider, build_vendors, cargo, proto, root};
use crate::docs;

/// The SDK: what others may use without the rest, each after those it depends on.
const SDK: [&str; 3] = ["goplugin", "tfplugin-macros", "tfplugin"];

/// One step.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) part: Part,
    pub(crate) run: Box<dyn Fn() -> Result<Outcome>>,
}

fn step(name: &'static str, part: Part, run: impl Fn() -> Result<Outcome> + 'static) -> Step {
    Step { name, part, run: Box::new(run) }
}

/// All of them. `filter` narrows the steps that are made of tests.
pub(crate) fn all(filter: Option<&str>) -> Vec<Step> {
    let filter: Vec<String> = filter.map(str::to_owned).into_iter().collect();
    let (unit_filter, emulator_filter, acceptance_filter) =
        (filter.clone(), filter.clone(), filter);
    vec![
        step("format", Part::Lint, || check(&mut cargo(["fmt", "--all", "--check"]))),
        step("layering", Part::Lint, || held(layering::check(root()))),
        step("no circle of modules", Part::Lint, || held(circles::check(root()))),
        step("licences, sources and forbidden crates", Part::Lint, || {
            check(guard("cargo-deny")?.args(["--locked", "check", "bans", "licenses", "sources"]))
        }),
        step("no dependency is unused", Part::Lint, || {
            check(guard("cargo-shear")?.arg("--locked"))
        }),
        step("wire messages are fresh", Part::Lint, || check(&mut proto(true))),
        step("pipelines of examples are pinned", Part::Lint, || held(pipelines::check(root()))),
        step("examples are formatted", Part::Lint, examples_are_formatted),
        step("lints", Part::Lint, || {
            check(&mut cargo([
                "clippy",
                "--workspace",
                "--all-targets",
                "--",
                "--deny",
                "warnings",
            ]))
        }),
        step("pages are fresh", Part::Lint, || held(docs::run(true))),
        step("the SDK's documentation is whole", Part::Lint, || {
            let packages = SDK.iter().flat_map(|name| ["--package", name]);
            let words = ["doc", "--no-deps"].into_iter().chain(packages);
            check(cargo(words).env("RUSTDOCFLAGS", "--deny warnings"))
        }),
        step("the SDK can be packaged", Part::Lint, the_sdk_can_be_packaged),
        step("unit, property and golden tests", Part::Unit, move || unit(&unit_filter)),
        step("tests of the emulated AWS", Part::Unit, move || emulator(&emulator_filter)),
        step("vendors keep their contract", Part::Vendors, vendors::all),
        step("acceptance on every CLI", Part::Acceptance, move || acceptance(&acceptance_filter)),
    ]
}

fn held(result: Result<()>) -> Result<Outcome> {
    result.map(|()| Outcome::success())
}

/// A tool that looks at the whole workspace, out of PyPI: compiled from source, the two would take longer than all of the
/// other checks.
fn guard(name: &str) -> Result<Command> {
    let mut command = Command::new(Environment::with("guards/requirements.txt")?.tool(name));
    command.current_dir(root());
    Ok(command)
}

fn examples_are_formatted() -> Result<Outcome> {
    let mut command = Cli::Terraform1_11.program()?.command();
    check(command.args(["fmt", "-check", "-diff", "-recursive", "examples"]).current_dir(root()))
}

/// Everything it compiles was fetched by the steps before: no answer of a registry is needed, and none of its
/// bad moments can fail this. It builds in a directory of its own, for Cargo keeps what it unpacks of
/// `tfplugin-macros` and `goplugin` in its home under the place of the build and the version alone: built at the same place
/// again, `tfplugin` would meet those of an earlier day.
fn the_sdk_can_be_packaged() -> Result<Outcome> {
    let target = tempfile::tempdir()?;
    let packages = SDK.iter().flat_map(|name| ["--package", name]);
    let mut command = cargo(["package", "--allow-dirty", "--offline"].into_iter().chain(packages));
    check(command.arg("--target-dir").arg(target.path()))
}

/// The crates of the product and xtask with the features that a build of the provider has, so that nothing
/// is compiled twice; then the harness, whose container client wants other features of the same crates.
fn unit(filter: &[String]) -> Result<Outcome> {
    let filter = || filter.iter().map(String::as_str);
    let product = ["test"].into_iter().chain(PRODUCT).chain(["--no-fail-fast"]);
    let mut outcome = tests(&mut cargo(product.chain(filter())), Results::Stdout)?;
    let tools = ["test", "--package", "xtask", "--features", "proto", "--no-fail-fast"];
    outcome += tests(&mut cargo(tools.into_iter().chain(filter())), Results::Stdout)?;
    let harness = ["test", "--package", "fleet-acceptance", "--lib"];
    outcome += tests(&mut cargo(harness.into_iter().chain(filter())), Results::Stdout)?;
    Ok(outcome)
}

fn emulator(filter: &[String]) -> Result<Outcome> {
    let mut command = Environment::emulator()?.module("unittest");
    command.args(["discover", "--top-level-directory", ".", "--start-directory", "tests"]);
    command.args(filter.iter().flat_map(|name| ["-k", name]));
    tests(command.current_dir(package_dir().join("emulator")), Results::Stderr)
}

fn acceptance(filter: &[String]) -> Result<Outcome> {
    build_provider()?;
    build_examples()?;
    build_vendors()?;
    for cli in Cli::ALL {
        cli.program()?;
        println!("{cli}: ready");
    }
    // A test is one CLI at a time and much waiting in between: one more than there are cores.
    let threads = thread::available_parallelism().map_or(2, usize::from) + 1;
    let threads = format!("--test-threads={threads}");
    let tests_of =
        ["it", "sdk", "outside", "policies"].into_iter().flat_map(|name| ["--test", name]);
    let command = ["test", "--package", "fleet-acceptance"].into_iter().chain(tests_of);
    let command = command.chain(["--no-fail-fast", "--", &threads]);
    let mut command = cargo(command.chain(filter.iter().map(String::as_str)));
    // A failed command explains itself; the stack of the harness does not help.
    tests(command.env("RUST_LIB_BACKTRACE", "0"), Results::Stdout)
}
