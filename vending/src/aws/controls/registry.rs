//! Every control there is, in one list.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use fleet_model::account::{Contract, ControlMode};

use super::control::Control;
use super::meta::Meta;
use super::root_user::RootUser;
use super::rounds::{Identity, Password, Policies, Regions};
use super::switches::{
    ami_public_access, ebs_encryption, imds_defaults, s3_public_access_block,
    snapshot_public_access,
};
use crate::operations::{self, Operation};

/// The controls. To add one, see CONTRIBUTING.md, *Adding a control*.
pub(super) const CONTROLS: &[&dyn Control] = &[
    &Identity,
    &Password,
    &Regions,
    &Policies,
    &s3_public_access_block::CONTROL,
    &ebs_encryption::CONTROL,
    &imds_defaults::CONTROL,
    &snapshot_public_access::CONTROL,
    &ami_public_access::CONTROL,
    &RootUser,
];

static METAS: LazyLock<BTreeMap<&str, &Meta>> = LazyLock::new(|| {
    let all = CONTROLS.iter().flat_map(|control| control.metas());
    all.map(|meta| (meta.name, *meta)).collect()
});

static MEMBER: LazyLock<Vec<Operation>> = LazyLock::new(|| calls_of(metas()));

fn calls_of(controls: impl Iterator<Item = &'static Meta>) -> Vec<Operation> {
    let of_controls = controls.flat_map(|meta| meta.operations);
    let mut all: Vec<Operation> = operations::MEMBER.iter().chain(of_controls).copied().collect();
    all.sort_by_key(|of| of.call);
    all.dedup();
    all
}

/// A control that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no control `{name}`; the controls are {}", names().collect::<Vec<_>>().join(", "))]
pub struct UnknownControl {
    /// The name as it was given.
    pub name: String,
}

/// What each control says of itself, in the order of their names.
pub fn metas() -> impl Iterator<Item = &'static Meta> {
    METAS.values().copied()
}

/// The names of the controls, in the order in which they are shown.
pub fn names() -> impl Iterator<Item = &'static str> {
    METAS.keys().copied()
}

/// Every call inside of a member account, the controls' and the others, by its name.
#[must_use]
pub fn member_calls() -> &'static [Operation] {
    &MEMBER
}

/// The calls inside of an account with this contract: without those of controls that it does not ask for, so that the roles
/// in it may do no more than that, and are not changed by a control that is new.
#[must_use]
pub fn member_calls_of(contract: &Contract) -> Vec<Operation> {
    calls_of(metas().filter(|meta| meta.is_asked_for(contract)))
}

/// The mode of a control: what the contract says, else the control's own. A name that is no control's is `own`: there is
/// none in a contract that was checked.
#[must_use]
pub fn mode(contract: &Contract, control: &str) -> ControlMode {
    METAS.get(control).map_or(ControlMode::Own, |meta| meta.mode(contract))
}

/// Whether a control repairs nothing: see [`Meta::is_only_checked`].
#[must_use]
pub fn is_only_checked(control: &str) -> bool {
    METAS.get(control).is_some_and(|meta| meta.is_only_checked())
}

/// Checks names.
///
/// # Errors
/// The first that is no control.
pub fn check_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<(), UnknownControl> {
    match names.into_iter().find(|name| !METAS.contains_key(name)) {
        Some(name) => Err(UnknownControl { name: name.to_owned() }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
