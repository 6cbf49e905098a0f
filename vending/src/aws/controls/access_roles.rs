//! `access-roles`: `fleet-plan`, `fleet-apply` and `fleet-read-only`, each under the permissions
//! boundary `fleet-boundary`, with the policies of the profile and nothing else. `fleet-plan` has `fleet-state` as well, by
//! which a plan reads the account's Terraform state and takes its lock.
//!
//! The trust policy of a role that `identity` federates belongs to the control `oidc-trust`; of
//! the others it is checked here, and trusts the management account.
//!
//! Where the provider block names them, the roles of vending's own are made here too: each with a policy of its
//! name, generated from the calls it makes, which is its boundary as well.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::account::ControlMode;
use fleet_model::readiness::{Check, Severity};

use super::evidence::{Evidence, advice, refusal};
use super::meta::{Meta, Place};
use super::{ACCESS_ROLES, OIDC_TRUST, Scope, oidc_trust};
use crate::aws::api::member::{Change, Holder, Identities, ManagedPolicy, Member, Role, Tags};
use crate::aws::policy::permissions::Subject;
use crate::aws::policy::{Document, boundary, fingerprint, same, state_access, trust};
use crate::error::Error;
use crate::operations::{EVERYTHING, On, create, read, write};
use crate::partition::Partition;
use crate::profile::{self, ROLES};

/// What it says of itself.
pub const META: Meta = Meta {
    name: ACCESS_ROLES,
    asks: "`fleet-plan`, `fleet-apply`, `fleet-read-only`, each under the permissions boundary `fleet-boundary`; `fleet-plan` with the policy `fleet-state`",
    mode: Some(ControlMode::Own),
    severity: Severity::Critical,
    place: Place::Account,
    operations: &[
        write("iam:AttachRolePolicy", &[On::Role]),
        create("iam:CreatePolicy", &[On::OurPolicy], &["iam:TagPolicy"]),
        write("iam:CreatePolicyVersion", &[On::OurPolicy]),
        create("iam:CreateRole", &[On::Role], &["iam:TagRole"]),
        write("iam:DeletePolicyVersion", &[On::OurPolicy]),
        write("iam:DeleteRolePolicy", &[On::Role]),
        write("iam:DetachRolePolicy", &[On::Role]),
        read("iam:GetAccountAuthorizationDetails", EVERYTHING),
        read("iam:ListPolicyTags", &[On::OurPolicy]),
        write("iam:PutRolePermissionsBoundary", &[On::Role]),
        write("iam:TagRole", &[On::Role]),
        write("iam:UpdateAssumeRolePolicy", &[On::Role]),
    ],
    parameters: "the managed policies of each role",
    after: &[],
    given_up: "roles are shut and stay, since a policy that names a deleted role loses it; `fleet-boundary` stays",
};

const API: &str = "iam:GetAccountAuthorizationDetails";

/// AWS keeps at most five versions of a managed policy.
const MAX_OTHER_VERSIONS: usize = 4;

/// What the account must hold.
#[derive(Debug)]
pub struct Desired {
    boundary_arn: String,
    boundary: String,
    /// Policies that roles have attached, by name: ARN, document and description.
    policies: BTreeMap<String, (String, String, &'static str)>,
    roles: BTreeMap<String, DesiredRole>,
    marks: Tags,
}

#[derive(Debug)]
struct DesiredRole {
    /// The ARN of its permissions boundary.
    boundary: String,
    attached: BTreeSet<String>,
    /// The trust policy, where this control owns it.
    trust: Option<String>,
    /// What a role is made with.
    first_trust: String,
}

// === impl Desired ===

impl Desired {
    /// The names of its roles.
    pub(super) fn role_names(&self) -> impl Iterator<Item = &String> {
        self.roles.keys()
    }
}

/// What the contract and its profile ask for.
#[must_use]
pub fn desired(scope: &Scope<'_>) -> Desired {
    let profile = scope.profile();
    let access = scope
        .access_role_names
        .iter()
        .map(String::as_str)
        .chain([scope.contract.role_name.as_str()]);
    let management =
        trust::management(scope.partition, scope.management_account_id, scope.organization_id)
            .to_json();
    let locked = trust::locked(scope.partition, scope.account_id()).to_json();
    let federated = oidc_trust::trusts(scope);
    let owns_trust = scope.mode(OIDC_TRUST) == ControlMode::Own;
    let boundary_arn = scope.iam_arn(&format!("policy/{}", boundary::NAME));
    let mut roles: BTreeMap<String, DesiredRole> = ROLES
        .iter()
        .map(|role| {
            let name = profile::role_name(role);
            // Made with its final trust where that is ours to write, and shut otherwise: a role
            // is never open to more than it will be.
            let (trust, first_trust) = match federated.get(&name) {
                None => (Some(management.clone()), management.clone()),
                Some(Ok(document)) if owns_trust => (None, document.clone()),
                Some(_) => (None, locked.clone()),
            };
            let mut attached: BTreeSet<String> =
                profile.managed_policies(role, scope.partition).into_iter().collect();
            if *role == "plan" {
                attached.insert(scope.iam_arn(&format!("policy/{}", state_access::NAME)));
            }
            (name, DesiredRole { boundary: boundary_arn.clone(), attached, trust, first_trust })
        })
        .collect();
    let own = vending_policies(scope);
    let trusted =
        trust::vending(scope.partition, scope.vending.works_from, scope.organization_id).to_json();
    for (name, (arn, _, _)) in &own {
        let role = DesiredRole {
            boundary: arn.clone(),
            attached: BTreeSet::from([arn.clone()]),
            trust: Some(trusted.clone()),
            first_trust: trusted.clone(),
        };
        roles.insert(name.clone(), role);
    }
    let arn = scope.iam_arn(&format!("policy/{}", state_access::NAME));
    let document = state_access::document(scope.partition, scope.account_id()).to_json();
    let mut policies = BTreeMap::from([(state_access::NAME.to_owned(), (arn, document, STATE))]);
    policies.extend(own);
    Desired {
        boundary_arn,
        boundary: boundary::document(
            scope.partition,
            scope.account_id(),
            access,
            scope.contract.region_set.iter().map(String::as_str),
        )
        .to_json(),
        policies,
        roles,
        marks: scope.marks(),
    }
}

/// The policies of the roles that the provider block names, by the role's name.
fn vending_policies(scope: &Scope<'_>) -> BTreeMap<String, (String, String, &'static str)> {
    let subject = Subject {
        partition: Partition::parse(scope.partition).unwrap_or_default(),
        account_id: Some(scope.account_id()),
        manage_role_name: scope.vending.manage,
        read_role_name: scope.vending.read,
        ..Subject::default()
    };
    let calls = scope.member_calls();
    let named = |name: &str, document: Document, description| {
        let arn = scope.iam_arn(&format!("policy/{name}"));
        (name.to_owned(), (arn, document.to_json(), description))
    };
    let manage = scope.vending.manage.map(|name| {
        named(name, subject.member_manager(&calls), "What vending does in this account.")
    });
    let read = scope.vending.read.map(|name| {
        named(name, subject.member_reader(&calls), "What vending reads in this account.")
    });
    manage.into_iter().chain(read).collect()
}

/// Reads roles and boundary: one call, and one for the tags of the boundary.
///
/// # Errors
/// The call's.
pub async fn observe(member: &dyn Member, desired: &Desired) -> Result<Identities, Error> {
    let roles = desired.roles.keys().cloned().collect();
    let policies = desired.policies.keys().cloned().chain([boundary::NAME.to_owned()]).collect();
    member.identities(&roles, &policies).await
}

/// The changes that make it so, in the order in which they depend on one another.
#[must_use]
pub fn decide(mode: ControlMode, desired: &Desired, observed: &Identities) -> Vec<Change> {
    if mode != ControlMode::Own {
        return Vec::new();
    }
    let edge = (desired.boundary_arn.clone(), desired.boundary.clone(), BOUNDARY);
    let policies = [(boundary::NAME, &edge)]
        .into_iter()
        .chain(desired.policies.iter().map(|(name, policy)| (name.as_str(), policy)));
    let mut changes: Vec<Change> = policies
        .filter_map(|(name, (_, document, description))| {
            policy_change(desired, name, document, description, observed.policies.get(name))
        })
        .collect();
    for (name, wanted) in &desired.roles {
        match observed.roles.get(name) {
            None if !may_give(desired, observed, &wanted.boundary) => {}
            None => {
                changes.push(Change::CreateRole {
                    name: name.clone(),
                    description: description(name).to_owned(),
                    trust: wanted.first_trust.clone(),
                    boundary: wanted.boundary.clone(),
                    tags: desired.marks.clone(),
                });
                let given = wanted.attached.iter().filter(|of| may_give(desired, observed, of));
                changes.extend(given.map(|policy| Change::AttachPolicy {
                    role: name.clone(),
                    policy: policy.clone(),
                }));
            }
            Some(role) if Holder::of(&desired.marks, &role.tags) == Holder::Us => {
                role_changes(desired, name, wanted, role, observed, &mut changes);
            }
            Some(_) => {}
        }
    }
    changes
}

const BOUNDARY: &str = "What the fleet's access roles can never do.";
const STATE: &str = "How a plan reads the account's Terraform state and takes its lock.";

/// Whether a policy, by its ARN, may be given to a role of ours: it is none of those that we write, or it is ours, or will
/// be. What somebody else has put under its name says what nobody of us has reviewed.
fn may_give(desired: &Desired, observed: &Identities, arn: &str) -> bool {
    let found = observed.policies.values().find(|policy| policy.arn == arn);
    let written =
        desired.boundary_arn == arn || desired.policies.values().any(|(of, ..)| of == arn);
    !written || found.is_none_or(|policy| Holder::of(&desired.marks, &policy.tags) == Holder::Us)
}

/// Whether the trust of a role may be written: under its boundary, which is ours or will be. One that somebody else holds
/// bounds nothing.
pub(super) fn may_open(
    mode: ControlMode,
    desired: &Desired,
    observed: &Identities,
    role: &str,
) -> bool {
    let wanted = desired.roles.get(role).filter(|_| mode == ControlMode::Own);
    wanted.is_none_or(|wanted| may_give(desired, observed, &wanted.boundary))
}

fn policy_change(
    desired: &Desired,
    name: &str,
    document: &str,
    description: &str,
    observed: Option<&ManagedPolicy>,
) -> Option<Change> {
    match observed {
        None => Some(Change::CreatePolicy {
            name: name.to_owned(),
            description: description.to_owned(),
            document: document.to_owned(),
            tags: desired.marks.clone(),
        }),
        Some(policy)
            if Holder::of(&desired.marks, &policy.tags) == Holder::Us
                && !same(&policy.document, document) =>
        {
            Some(Change::UpdatePolicy {
                arn: policy.arn.clone(),
                document: document.to_owned(),
                delete_version: (policy.other_versions.len() >= MAX_OTHER_VERSIONS)
                    .then(|| policy.other_versions.first().cloned())
                    .flatten(),
            })
        }
        Some(_) => None,
    }
}

fn role_changes(
    desired: &Desired,
    name: &str,
    wanted: &DesiredRole,
    role: &Role,
    observed: &Identities,
    changes: &mut Vec<Change>,
) {
    let owned = || name.to_owned();
    // The boundary first: until it is back, what else is attached counts in full.
    if role.boundary.as_ref() != Some(&wanted.boundary) {
        changes.push(Change::PutBoundary { role: owned(), boundary: wanted.boundary.clone() });
    }
    if let Some(trust) = wanted.trust.as_ref().filter(|trust| !same(trust, &role.trust)) {
        changes.push(Change::UpdateTrust { role: owned(), trust: trust.clone() });
    }
    for policy in role.attached.difference(&wanted.attached) {
        changes.push(Change::DetachPolicy { role: owned(), policy: policy.clone() });
    }
    for inline in &role.inline {
        changes.push(Change::DeleteInlinePolicy { role: owned(), name: inline.clone() });
    }
    let given = wanted.attached.difference(&role.attached);
    for policy in given.filter(|of| may_give(desired, observed, of)) {
        changes.push(Change::AttachPolicy { role: owned(), policy: policy.clone() });
    }
    if desired.marks.iter().any(|(key, value)| role.tags.get(key) != Some(value)) {
        changes.push(Change::TagRole { role: owned(), tags: desired.marks.clone() });
    }
}

/// What the check says. `None`: there is no session in the account.
#[must_use]
pub fn check(
    mode: ControlMode,
    desired: &Desired,
    observed: Option<&Result<Identities, Error>>,
) -> Check {
    let (expected, _) = describe(mode, desired, None);
    let evidence = Evidence {
        control: ACCESS_ROLES,
        scope: String::new(),
        severity: Severity::Critical,
        api: API,
        expected,
    };
    match (mode, observed) {
        (ControlMode::Ignore, _) => evidence.ignored(),
        (_, None) => evidence.inaccessible(),
        (_, Some(Err(error))) => evidence.unknown(error),
        (_, Some(Ok(identities))) => {
            let (observed, differences) = describe(mode, desired, Some(identities));
            evidence.compare(observed, || {
                let refused = refused(mode, desired, identities);
                if refused.is_empty() {
                    advice(mode, ACCESS_ROLES, &differences)
                } else {
                    refusal(ACCESS_ROLES, &refused)
                }
            })
        }
    }
}

/// One line per object, the same for what is wanted (`None`) and what is there, and the names of
/// the objects whose lines differ.
fn describe(
    mode: ControlMode,
    desired: &Desired,
    observed: Option<&Identities>,
) -> (String, Vec<String>) {
    let mut lines = Vec::new();
    let mut differences = Vec::new();
    let mut add = |name: &str, wanted: String, found: Option<String>| {
        let line = found.unwrap_or_else(|| wanted.clone());
        if line != wanted {
            differences.push(name.to_owned());
        }
        lines.push(line);
    };

    let holder = |tags: &Tags| match mode {
        ControlMode::Own => Holder::of(&desired.marks, tags),
        _ => Holder::Us,
    };
    let policy_line = |name: &str, document: &str, holder: &Holder| {
        format!("{name} {}{}", fingerprint(document), held(holder))
    };
    let policies = [(boundary::NAME, &desired.boundary)]
        .into_iter()
        .chain(desired.policies.iter().map(|(name, (_, document, _))| (name.as_str(), document)));
    for (name, document) in policies {
        add(
            name,
            policy_line(name, document, &Holder::Us),
            observed.map(|identities| match identities.policies.get(name) {
                None => format!("{name} absent"),
                Some(policy) => policy_line(name, &policy.document, &holder(&policy.tags)),
            }),
        );
    }
    for (name, wanted) in &desired.roles {
        let as_wanted = Role {
            trust: wanted.trust.clone().unwrap_or_default(),
            boundary: Some(wanted.boundary.clone()),
            attached: wanted.attached.clone(),
            inline: BTreeSet::new(),
            tags: desired.marks.clone(),
        };
        let with_trust = wanted.trust.is_some();
        add(
            name,
            role_line(name, &as_wanted, with_trust, &Holder::Us),
            observed.map(|identities| match identities.roles.get(name) {
                None => format!("{name} absent"),
                Some(role) => role_line(name, role, with_trust, &holder(&role.tags)),
            }),
        );
    }
    (lines.join("\n"), differences)
}

fn role_line(name: &str, role: &Role, with_trust: bool, holder: &Holder) -> String {
    let list = |items: &BTreeSet<String>| {
        if items.is_empty() {
            "none".to_owned()
        } else {
            items.iter().map(|item| last(item)).collect::<Vec<_>>().join(" ")
        }
    };
    let trust =
        if with_trust { format!(", trust {}", fingerprint(&role.trust)) } else { String::new() };
    format!(
        "{name} boundary {}, policies {}, inline {}{trust}{}",
        role.boundary.as_deref().unwrap_or("none"),
        list(&role.attached),
        list(&role.inline),
        held(holder)
    )
}

/// AWS managed policies are known by their names; anything else is told in full.
fn last(arn: &str) -> &str {
    match arn.split_once(":iam::aws:policy/") {
        Some((_, name)) => name,
        None => arn,
    }
}

fn held(holder: &Holder) -> String {
    match holder {
        Holder::Us => String::new(),
        Holder::Other(manager) => format!(", managed by {manager}"),
        Holder::Nobody => ", managed by nobody".to_owned(),
    }
}

/// Objects under our names that we may not change, each with who holds it.
fn refused(mode: ControlMode, desired: &Desired, observed: &Identities) -> Vec<String> {
    if mode != ControlMode::Own {
        return Vec::new();
    }
    let policies = observed.policies.iter().map(|(name, policy)| ("policy", name, &policy.tags));
    let roles = observed.roles.iter().map(|(name, role)| ("role", name, &role.tags));
    policies
        .chain(roles)
        .filter_map(|(kind, name, tags)| match Holder::of(&desired.marks, tags) {
            Holder::Us => None,
            Holder::Other(manager) => Some(format!("the {kind} {name} is managed by `{manager}`")),
            Holder::Nobody => Some(format!("the {kind} {name} has no `fleet:managed-by` tag")),
        })
        .collect()
}

fn description(role: &str) -> &'static str {
    match role {
        "fleet-plan" => "Plans changes to this account; reads only.",
        "fleet-read-only" => "Looks at this account; reads no data.",
        "fleet-apply" => "Applies reviewed changes to this account, within fleet-boundary.",
        _ => "The way of vending into this account.",
    }
}

#[cfg(test)]
mod tests;
