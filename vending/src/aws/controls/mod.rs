//! The controls of a baseline (guide §14): each one small file with the same four verbs.
//!
//! *observe* reads, through a port; *decide* compares what was read with what the profile asks for
//! and gives changes as data; *act* carries them out; *check* turns an observation into evidence.
//! [`evaluate`] observes and checks and never writes: refresh and plan use it. [`repair`] runs all
//! four: apply uses it. Controls that depend on one another (boundary, roles, trust) act in that
//! order; the others run beside them.

pub mod access_roles;
mod act;
mod control;
mod evidence;
mod meta;
pub(crate) mod names;
pub mod oidc_trust;
pub mod organization_policies;
pub mod password_policy;
pub mod regions;
mod registry;
mod release;
mod root_user;
mod round;
mod rounds;
pub mod shed;
mod switches;
#[cfg(test)]
mod testing;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use fleet_model::account::{Contract, ControlMode};
use fleet_model::readiness::{Check, Readiness, Severity, Verdict};
use fleet_model::tags;
use jiff::Timestamp;

pub use meta::{Meta, Place};
pub use names::{ACCESS_ROLES, OIDC_TRUST, ORGANIZATION_POLICIES, PASSWORD_POLICY, REGIONS};
pub use registry::{
    UnknownControl, check_names, is_only_checked, member_calls, member_calls_of, metas, mode, names,
};
pub use release::{Released, release};
pub use round::{evaluate, repair};
pub use shed::Shed;

use crate::aws::api::member::{Member, Policies, RegionStatus, Regions, Tags};
use crate::aws::api::{AccountId, Clock};
use crate::error::{Error, Kind};
use crate::memory::{Made, Memory};
use crate::operations::Operation;
use crate::profile::{self, Profile};
use crate::warning::Warning;

/// What the controls must know of the account: all of it observed or asked for before.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// What was asked for.
    pub contract: &'a Contract,
    /// The account; `None`: it is not made yet.
    pub account: Option<&'a AccountId>,
    /// `o-…`
    pub organization_id: &'a str,
    /// The account that manages the organization.
    pub management_account_id: &'a str,
    /// `aws`, `aws-us-gov`, `aws-cn`.
    pub partition: &'a str,
    /// The mutation owner.
    pub managed_by: &'a str,
    /// The ids of the OU that holds the account, of that OU's parent, and so on up to the root; or why they could not be
    /// read: what binds the account from above is not known then.
    pub path: Result<&'a [String], &'a Error>,
    /// The roles by which vending enters accounts (`member_access.bootstrap_role_names`): policies
    /// of ours leave them out of what they deny.
    pub access_role_names: &'a [String],
    /// The roles of vending's own.
    pub vending: VendingRoles<'a>,
    /// What is remembered of the account.
    pub memory: &'a Memory,
    /// Until when a denial in the account may be one that passes: this run made the account, and what AWS made in it has
    /// not spread. `None`: a denial is a denial.
    pub denied_until: Option<Timestamp>,
}

/// The roles by which vending itself works in an account and looks at it, and who may assume them.
#[derive(Debug, Clone, Copy, Default)]
pub struct VendingRoles<'a> {
    /// The account that vending works from.
    pub works_from: &'a str,
    /// The role that an apply works with.
    pub manage: Option<&'a str>,
    /// The role that a plan looks with.
    pub read: Option<&'a str>,
}

/// The ports of one account. Without a session in the account its IAM is `unknown`.
#[derive(Clone, Copy)]
pub struct Ports<'a> {
    /// The session in the account, once it is accessible.
    pub member: Option<&'a dyn Member>,
    /// Regions, from the management account.
    pub regions: &'a dyn Regions,
    /// Service control policies.
    pub policies: &'a dyn Policies,
    /// Time: IAM's reads lag its writes for seconds.
    pub clock: &'a dyn Clock,
}

/// What a round of controls found, and what it changed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Every check.
    pub readiness: Readiness,
    /// The owned controls that fail, and of which the next apply has something to change or to wait for. What another
    /// manager holds is for a person.
    pub work: BTreeSet<&'static str>,
    /// Changes that were tried and failed.
    pub problems: Vec<Problem>,
    /// What could not be observed: the checks of these controls are `unknown` for it.
    pub unread: Vec<Problem>,
    /// The state of each region of the set, as far as it was read; `None`: there is no such region.
    pub regions: BTreeMap<String, Option<RegionStatus>>,
    /// What objects without tags were before this round changed them. The caller keeps what was first.
    pub before: Memory,
    /// What the controls hold now, as far as this round saw it.
    pub made: Made,
    /// Whether the password policy is no more ours, and what there was before it is of no more use.
    pub password_is_back: bool,
    /// Whether something is still there that nothing asks for any more.
    pub has_leftovers: bool,
    /// What nothing asks for any more and stays all the same.
    pub warnings: Vec<Warning>,
}

/// A call that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The control that made it.
    pub control: &'static str,
    /// Why it failed.
    pub error: Error,
}

/// How long a repaired object may take to show in reads: IAM is eventually consistent.
pub const SETTLE: &[Duration] = &[
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
];

// === impl Report ===

impl Report {
    /// Why checks of `control` are `unknown`, where a call failed.
    pub(crate) fn unread(&self, control: &str) -> Option<&Error> {
        self.unread.iter().find(|of| of.control == control).map(|of| &of.error)
    }
}

// === impl Scope ===

impl<'a> Scope<'a> {
    /// The profile that the contract names.
    #[must_use]
    pub fn profile(&self) -> &'static Profile {
        profile::asked(self.contract)
    }

    /// The mode of a control.
    #[must_use]
    pub fn mode(&self, control: &str) -> ControlMode {
        mode(self.contract, control)
    }

    /// Whether a control is asked for in the account.
    #[must_use]
    pub fn asks_for(&self, control: &Meta) -> bool {
        control.is_asked_for(self.contract)
    }

    /// Every call that is made in the account, whichever control it is of.
    #[must_use]
    pub fn member_calls(&self) -> Vec<Operation> {
        member_calls_of(self.contract)
    }

    /// The marks on every object of ours in this account.
    #[must_use]
    pub fn marks(&self) -> Tags {
        self.marks_of(self.contract.key.as_str())
    }

    /// The marks on an object of ours that stands under another key.
    #[must_use]
    pub fn marks_of(&self, key: &str) -> Tags {
        BTreeMap::from([
            (tags::ID.to_owned(), tags::fleet_id(self.organization_id, key)),
            (tags::KEY.to_owned(), key.to_owned()),
            (tags::MANAGED_BY.to_owned(), self.managed_by.to_owned()),
        ])
    }

    /// The account's id, as documents have it; empty while there is none.
    #[must_use]
    pub fn account_id(&self) -> &'a str {
        self.account.map_or("", AccountId::as_str)
    }

    /// The account, for a call about it.
    ///
    /// # Errors
    /// It is not made yet.
    pub(crate) fn account(&self) -> Result<&'a AccountId, Error> {
        self.account.ok_or_else(|| {
            Error::new("fleet", Kind::NotFound, "NoAccount", "the account is not made yet")
        })
    }

    /// The ARN of an IAM object of this account, for example `role/fleet-plan`.
    #[must_use]
    pub fn iam_arn(&self, resource: &str) -> String {
        format!("arn:{}:iam::{}:{resource}", self.partition, self.account_id())
    }
}

/// The checks of an account to which no control applies (it is retired): every one
/// `not_applicable`, with the reason as what was observed.
#[must_use]
pub fn not_applicable(contract: &Contract, reason: &str) -> Readiness {
    let asked = metas().filter(|meta| meta.is_asked_for(contract));
    Readiness::from_checks(asked.map(|meta| Check {
        check: meta.name.to_owned(),
        scope: String::new(),
        verdict: Verdict::NotApplicable,
        severity: Severity::Low,
        expected: String::new(),
        observed: reason.to_owned(),
        api: String::new(),
        what_to_do: String::new(),
    }))
}
