//! What a control says of itself. Names, default modes, permissions, generated policies and documentation come from here.

use fleet_model::account::{Contract, ControlMode};
use fleet_model::readiness::Severity;

use crate::operations::{Access, Operation};
use crate::profile;

/// A control, described. One constant per control, `META`, in its own file.
#[derive(Debug)]
pub struct Meta {
    /// Its name in configurations and checks.
    pub name: &'static str,
    /// What it makes sure of: one sentence for the documentation, in Markdown.
    pub asks: &'static str,
    /// Its mode where the configuration says nothing. `None`: what the version of the profile says, so that an account that
    /// is there already is the same after an upgrade; where that says nothing either, only `controls` asks for it.
    pub mode: Option<ControlMode>,
    /// How much a failure weighs.
    pub severity: Severity,
    /// Where it applies.
    pub place: Place,
    /// The calls that it makes in a member account, in their order by name. Those about the organization are in
    /// [`crate::operations::ORGANIZATION`].
    pub operations: &'static [Operation],
    /// What of the profile it goes by; empty where every profile asks for the same.
    pub parameters: &'static str,
    /// The controls that have to be through before it begins.
    pub after: &'static [&'static str],
    /// What becomes of what it did once it is `ignore`, or the account is retired or released: for the documentation.
    pub given_up: &'static str,
}

/// Where a control applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// At the organization, for the account.
    Organization,
    /// In the account.
    Account,
    /// In each region of `region_set`. One region's failure does not stop the others.
    EachRegion,
}

// === impl Meta ===

impl Meta {
    /// Its mode in an account: what the configuration says, else its default, else the profile's. One that is not asked
    /// for is ignored.
    #[must_use]
    pub fn mode(&self, contract: &Contract) -> ControlMode {
        let said = contract.controls.get(self.name).copied();
        said.or_else(|| self.by_default(contract)).unwrap_or(ControlMode::Ignore)
    }

    fn by_default(&self, contract: &Contract) -> Option<ControlMode> {
        self.mode.or_else(|| profile::asked(contract).mode(self.name))
    }

    /// Whether there is nothing that it could repair: what it looks at is a person's to change.
    #[must_use]
    pub fn is_only_checked(&self) -> bool {
        let reads = self.operations.iter().all(|of| of.access == Access::Read);
        self.place != Place::Organization && reads
    }

    /// Whether it is asked for in an account, if only by being ignored by name: then there is a check of it.
    #[must_use]
    pub fn is_asked_for(&self, contract: &Contract) -> bool {
        self.by_default(contract).is_some() || contract.controls.contains_key(self.name)
    }
}
