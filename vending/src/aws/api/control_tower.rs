//! Control Tower, as vending looks at it. There is no call that changes anything here: what Control Tower owns (its landing
//! zone, baselines, controls and roles) only Control Tower changes.

use super::Call;

/// Whether a role of a member account is Control Tower's, by the names that it gives: the one by which it enters accounts, and
/// those that its baseline makes. IAM's names differ by more than their case.
#[must_use]
pub fn owns_role(name: &str) -> bool {
    let begins =
        |with: &str| name.get(..with.len()).is_some_and(|of| of.eq_ignore_ascii_case(with));
    ["AWSControlTower", "aws-controltower-"].into_iter().any(begins)
}

/// The landing zone (`GetLandingZone`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LandingZone {
    /// Its ARN.
    pub arn: String,
    /// Its home region: the only one in which Control Tower answers about it.
    pub region: String,
    /// The version that is deployed, for example `3.3`.
    pub version: String,
    /// Whether an update of it is running or has failed.
    pub state: ZoneState,
    /// Whether it is not as Control Tower made it.
    pub is_drifted: bool,
    /// What it governs accounts by.
    pub kind: ZoneKind,
    /// Whether it enrols by itself what is moved into a registered unit (remediation of `INHERITANCE_DRIFT`).
    pub enrols: bool,
}

/// How the landing zone itself is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ZoneState {
    /// In use.
    Active,
    /// Being set up, updated or reset.
    Processing,
    /// The last of these failed.
    Failed,
    /// A word that this version does not know.
    Other,
}

/// What a landing zone governs accounts by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ZoneKind {
    /// Baselines, which accounts inherit from their unit.
    Baselines,
    /// Controls alone: an integration is off without which no unit can be registered (since version 4.0).
    ControlsOnly,
}

/// How far a baseline is on what it is enabled on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enablement {
    /// It is in place.
    Succeeded,
    /// It is being enabled, updated, reset or taken away.
    UnderChange,
    /// The last operation failed.
    Failed,
    /// A word that this version does not know.
    Other,
}

/// A baseline that is enabled on a unit, or that an account has from one (`EnabledBaselineSummary`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnabledBaseline {
    /// Its own ARN.
    pub arn: String,
    /// The ARN of the baseline that is enabled.
    pub baseline: String,
    /// The id of the unit or the account on which it is enabled.
    pub target: String,
    /// The ARN of the enabled baseline from which it is inherited; only accounts have one.
    pub parent: Option<String>,
    /// How far it is.
    pub status: Enablement,
    /// Whether an account's is not as that of its unit.
    pub is_drifted: bool,
    /// The last operation on it.
    pub operation: Option<String>,
}

/// Control Tower, where the organization has it.
pub trait ControlTower: Send + Sync {
    /// `ListLandingZones`, asked in a region, or in that of the session: the ARN of the landing zone, whose region is its
    /// home. Regions that are enabled by default know it wherever it is, and those that are opted in only if it is there
    /// ([user guide](https://docs.aws.amazon.com/controltower/latest/userguide/lz-api-list.html)).
    fn landing_zone_arn<'a>(&'a self, region: Option<&'a str>) -> Call<'a, Option<String>>;
    /// `GetLandingZone`, in its home region.
    fn landing_zone<'a>(&'a self, arn: &'a str) -> Call<'a, LandingZone>;
    /// `ListBaselines`, in the home region: the ARNs of the baselines that accounts inherit from their unit, the one first by
    /// which a unit is registered.
    fn unit_baselines<'a>(&'a self, home: &'a str) -> Call<'a, Vec<String>>;
    /// `ListEnabledBaselines`, in the home region: on these units and accounts, by their ARNs, five at most; without any,
    /// on all.
    fn enabled_baselines<'a>(
        &'a self,
        home: &'a str,
        targets: &'a [String],
    ) -> Call<'a, Vec<EnabledBaseline>>;
    /// `ListEnabledBaselines`, in the home region: of the accounts that inherit from this enabled baseline, those on which
    /// Control Tower is at work.
    fn under_change<'a>(&'a self, home: &'a str, parent: &'a str)
    -> Call<'a, Vec<EnabledBaseline>>;
    /// `GetBaselineOperation`, in the home region: what Control Tower says of an operation, as it wrote it.
    fn status_message<'a>(&'a self, home: &'a str, operation: &'a str) -> Call<'a, Option<String>>;
}

#[cfg(test)]
mod tests {
    use super::owns_role;

    #[test]
    fn a_role_is_control_tower_s_by_its_name() {
        for (name, is_its) in [
            ("AWSControlTowerExecution", true),
            ("awscontroltowerexecution", true),
            ("AWSControlTowerAdmin", true),
            ("aws-controltower-ConfigRecorderRole", true),
            ("fleet-vending", false),
            ("my-AWSControlTower", false),
            ("AWSControl", false),
            ("", false),
        ] {
            assert_eq!(owns_role(name), is_its, "{name}");
        }
    }
}
