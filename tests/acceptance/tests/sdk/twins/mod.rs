//! The same configurations through the example provider and its twin, which is built with the other SDK:
//! plans, states, outputs, exit codes, and the places of diagnostics have to be equal.
//!
//! A group is a folder of `cases/`, and all its cases are planned and applied together, each as a module of
//! its own. What differs and is meant to stands in the group's `differences.txt`, with the reason.

mod case;
pub(crate) mod difference;
mod outcome;
mod script;

use std::thread;

use anyhow::{Result, anyhow};
use fleet_acceptance::{Cli, each_cli, package_dir};

use crate::provider::{sandbox, twin_sandbox};
use case::Group;
use difference::{Known, differences};

each_cli!(
    life,
    history,
    unmoved,
    closed,
    wrong_functions,
    refused,
    refused_by_plan,
    broken,
    unreadable
);

/// Objects that are created, changed, moved, imported and destroyed without an error.
fn life(cli: Cli) -> Result<()> {
    compare(cli, "life", true)
}

/// Objects with an identity, of another type, and of older versions.
fn history(cli: Cli) -> Result<()> {
    compare(cli, "history", true)
}

/// Objects that cannot become another type.
fn unmoved(cli: Cli) -> Result<()> {
    compare(cli, "unmoved", false)
}

/// Ephemeral resources and actions that fail.
fn closed(cli: Cli) -> Result<()> {
    compare(cli, "closed", false)
}

/// Functions whose arguments are wrong.
fn wrong_functions(cli: Cli) -> Result<()> {
    compare(cli, "wrong_functions", false)
}

/// Configurations that are refused before anything is planned.
fn refused(cli: Cli) -> Result<()> {
    compare(cli, "refused", false)
}

/// Configurations that a plan refuses.
fn refused_by_plan(cli: Cli) -> Result<()> {
    compare(cli, "refused_by_plan", false)
}

/// Objects for which a call fails once they are planned.
fn broken(cli: Cli) -> Result<()> {
    compare(cli, "broken", false)
}

/// Objects that can no longer be read.
fn unreadable(cli: Cli) -> Result<()> {
    compare(cli, "unreadable", false)
}

/// Runs a group with both twins; `succeeds` says that each step has to end well.
fn compare(cli: Cli, group: &str, succeeds: bool) -> Result<()> {
    let group = Group::read(&package_dir().join("tests/sdk/cases").join(group), cli)?;
    let (ours, theirs) = thread::scope(|scope| {
        let ours = scope.spawn(|| script::run(&sandbox(cli)?, &group, succeeds));
        let theirs = twin_sandbox(cli).and_then(|sandbox| script::run(&sandbox, &group, succeeds));
        (ours.join().unwrap_or_else(|_| Err(anyhow!("a thread panicked"))), theirs)
    });
    let mut found = Vec::new();
    for ((step, ours), (_, theirs)) in ours?.iter().zip(&theirs?) {
        for case in group.names() {
            let differences = differences(&ours.of(case), &theirs.of(case));
            found.extend(differences.into_iter().map(|difference| difference.of(case, step)));
        }
    }
    Known::read(&group.differences())?.judge(cli, |case| group.has(case), found.into_iter())
}
