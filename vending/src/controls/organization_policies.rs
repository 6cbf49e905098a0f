//! `organization-policies`: the profile's service control policies bind the account, attached to
//! it or to an OU above it. Policies are the organization's, so the default is to verify.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::account::ControlMode;
use fleet_model::readiness::{Check, Severity};

use super::evidence::{Evidence, advice, refusal};
use super::{ORGANIZATION_POLICIES, Problem, Scope};
use crate::error::{Error, Kind};
use crate::policy::{fingerprint, same};
use crate::ports::member::{
    Holder, NewPolicy, Policies, PolicyContent, ServiceControlPolicy, Tags,
};

const API: &str = "organizations:ListTargetsForPolicy";

/// What the organization must hold, by the policy's name.
#[derive(Debug)]
pub struct Desired {
    policies: BTreeMap<String, Wanted>,
    /// The account, and every OU above it up to the root.
    path: BTreeSet<String>,
    account_id: String,
    /// The role by which vending enters this account, where the policies would deny it what it
    /// does. They are the same for every account, so they cannot leave out a role of one.
    locked_out: Option<String>,
}

#[derive(Debug)]
struct Wanted {
    description: &'static str,
    content: String,
    marks: Tags,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Observation {
    /// Whether the root has the policy type enabled.
    pub enabled: bool,
    /// The policies that are there, by name; the content only where it is ours to keep.
    pub found: BTreeMap<String, (ServiceControlPolicy, Option<PolicyContent>)>,
}

/// One change to the organization's policies.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the parameters of the Organizations calls")]
pub enum Change {
    /// `organizations:CreatePolicy`, then `organizations:AttachPolicy`.
    Create { policy: NewPolicy, target: String },
    /// `organizations:UpdatePolicy`
    Update { id: String, content: String },
    /// `organizations:AttachPolicy`
    Attach { id: String, target: String },
}

// === impl Desired ===

impl Desired {
    /// The names of its policies, with the marks that they carry where they are ours.
    pub(super) fn names(&self) -> impl Iterator<Item = (&String, &Tags)> {
        self.policies.iter().map(|(name, of)| (name, &of.marks))
    }
}

/// What the profile asks for.
#[must_use]
pub fn desired(scope: &Scope<'_>) -> Desired {
    let profile = scope.profile();
    let access = || scope.access_role_names.iter().map(String::as_str);
    let policies = profile
        .guardrails
        .iter()
        .map(|guardrail| {
            let name = guardrail.policy_name(profile.policy);
            let wanted = Wanted {
                description: guardrail.description(),
                content: guardrail.document(scope.partition, access()).to_json(),
                // One per organization: its key is its own name, not the account's.
                marks: scope.marks_of(&name),
            };
            (name, wanted)
        })
        .collect();
    let path = scope
        .path
        .unwrap_or_default()
        .iter()
        .cloned()
        .chain([scope.account_id.to_owned()])
        .collect();
    let entry = &scope.contract.role_name;
    let locked_out = (!scope.access_role_names.contains(entry)).then(|| entry.clone());
    Desired { policies, path, account_id: scope.account_id.to_owned(), locked_out }
}

/// Reads the policies by name. Content is read only for `own`.
///
/// # Errors
/// The first call's that failed.
pub async fn observe(
    mode: ControlMode,
    policies: &dyn Policies,
    desired: &Desired,
) -> Result<Observation, Error> {
    let mut observation =
        Observation { enabled: policies.enabled().await?, found: BTreeMap::new() };
    if !observation.enabled {
        return Ok(observation);
    }
    for name in desired.policies.keys() {
        if let Some(policy) = policies.find(name).await? {
            let content = match mode {
                ControlMode::Own => Some(policies.content(&policy.id).await?),
                _ => None,
            };
            observation.found.insert(name.clone(), (policy, content));
        }
    }
    Ok(observation)
}

/// The policies by name that do not bind the account yet: they are not there, or attached neither to it nor above.
#[must_use]
pub fn missing(desired: &Desired, observed: &Observation) -> Vec<String> {
    let binds = |name: &&String| {
        let found = observed.found.get(*name);
        found.is_some_and(|(policy, _)| !policy.targets.is_disjoint(&desired.path))
    };
    desired.policies.keys().filter(|name| !binds(name)).cloned().collect()
}

/// The changes that make it so. Enabling the policy type is not ours: it changes every account.
#[must_use]
pub fn decide(mode: ControlMode, desired: &Desired, observed: &Observation) -> Vec<Change> {
    let mut changes = Vec::new();
    if mode != ControlMode::Own || !observed.enabled || desired.locked_out.is_some() {
        return changes;
    }
    for (name, wanted) in &desired.policies {
        match observed.found.get(name) {
            None => changes.push(Change::Create {
                policy: NewPolicy {
                    name: name.clone(),
                    description: wanted.description.to_owned(),
                    content: wanted.content.clone(),
                    tags: wanted.marks.clone(),
                },
                target: desired.account_id.clone(),
            }),
            Some((policy, Some(content))) => {
                let differs = !same(&content.content, &wanted.content);
                let ours = Holder::of(&wanted.marks, &content.tags) == Holder::Us;
                if differs && ours {
                    changes.push(Change::Update {
                        id: policy.id.clone(),
                        content: wanted.content.clone(),
                    });
                }
                // To attach is a change to the account, which is ours; but never attach what says
                // something else than was reviewed.
                if policy.targets.is_disjoint(&desired.path) && (ours || !differs) {
                    changes.push(Change::Attach {
                        id: policy.id.clone(),
                        target: desired.account_id.clone(),
                    });
                }
            }
            Some((_, None)) => {}
        }
    }
    changes
}

/// The policies that `changes` attach, by name.
pub(super) fn attached(changes: &[Change], observed: &Observation) -> BTreeSet<String> {
    let name_of = |change: &Change| match change {
        Change::Create { policy, .. } => Some(policy.name.clone()),
        Change::Attach { id, .. } => {
            let mut found = observed.found.iter();
            found.find(|(_, (of, _))| of.id == *id).map(|(name, _)| name.clone())
        }
        Change::Update { .. } => None,
    };
    changes.iter().filter_map(name_of).collect()
}

/// Carries the changes out, one after the other.
pub async fn act(policies: &dyn Policies, changes: &[Change]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for change in changes {
        let result = match change {
            Change::Create { policy, target } => create(policies, policy, target).await,
            Change::Update { id, content } => policies.update(id, content).await,
            Change::Attach { id, target } => policies.attach(id, target).await.map(|_| ()),
        };
        if let Err(error) = result {
            problems.push(Problem { control: ORGANIZATION_POLICIES, error });
        }
    }
    problems
}

async fn create(policies: &dyn Policies, policy: &NewPolicy, target: &str) -> Result<(), Error> {
    let id = match policies.create(policy).await {
        Ok(id) => id,
        // Another account's apply was faster. What it made is compared at the next look.
        Err(error) if error.kind == Kind::AlreadyExists => {
            policies.refresh();
            let found = policies.find(&policy.name).await?.ok_or(error)?;
            let content = policies.content(&found.id).await?;
            if !same(&content.content, &policy.content) {
                return Ok(());
            }
            found.id
        }
        Err(error) => return Err(error),
    };
    policies.attach(&id, target).await.map(|_| ())
}

/// What the check says.
#[must_use]
pub fn check(mode: ControlMode, desired: &Desired, observed: &Result<Observation, Error>) -> Check {
    let evidence = Evidence {
        control: ORGANIZATION_POLICIES,
        scope: String::new(),
        severity: Severity::High,
        api: API,
        expected: lines(mode, desired, None).0,
    };
    match (mode, observed) {
        (ControlMode::Ignore, _) => evidence.ignored(),
        (_, Err(error)) => evidence.unknown(error),
        (_, Ok(observation)) if !observation.enabled => evidence.fail(
            "SERVICE_CONTROL_POLICY is not enabled on the root".to_owned(),
            format!(
                "Enable service control policies for the organization \
                 (organizations:EnablePolicyType on the root, once, by whoever owns it), or set \
                 `controls = {{ \"{ORGANIZATION_POLICIES}\" = \"ignore\" }}`."
            ),
        ),
        (ControlMode::Own, Ok(_)) if desired.locked_out.is_some() => {
            let role = desired.locked_out.as_deref().unwrap_or_default();
            evidence.fail(
                format!("the policies would deny the role {role}"),
                format!(
                    "Add {role} to `member_access.bootstrap_role_names` of the provider block: the \
                     policies leave out the roles that are named there, and no others."
                ),
            )
        }
        (_, Ok(observation)) => {
            let (observed, differences) = lines(mode, desired, Some(observation));
            evidence.compare(observed, || {
                let refused = refused(mode, desired, observation);
                if refused.is_empty() {
                    advice(mode, ORGANIZATION_POLICIES, &differences)
                } else {
                    refusal(ORGANIZATION_POLICIES, &refused)
                }
            })
        }
    }
}

/// One line per policy, the same for what is wanted (`None`) and what is there.
fn lines(
    mode: ControlMode,
    desired: &Desired,
    observed: Option<&Observation>,
) -> (String, Vec<String>) {
    let mut lines = Vec::new();
    let mut differences = Vec::new();
    for (name, wanted) in &desired.policies {
        let line = |state: &str, content: &str| match mode {
            ControlMode::Own => format!("{name} {}, {state}", fingerprint(content)),
            _ => format!("{name} {state}"),
        };
        let expected = line("attached", &wanted.content);
        let found = match observed.map(|observation| observation.found.get(name)) {
            None => expected.clone(),
            Some(None) => format!("{name} absent"),
            Some(Some((policy, content))) => {
                let state = if policy.targets.is_disjoint(&desired.path) {
                    "not attached"
                } else {
                    "attached"
                };
                line(state, content.as_ref().map_or("", |content| &content.content))
            }
        };
        if found != expected {
            differences.push(found.clone());
        }
        lines.push(found);
    }
    (lines.join("\n"), differences)
}

/// Policies under our names that say something else and that we may not change.
fn refused(mode: ControlMode, desired: &Desired, observed: &Observation) -> Vec<String> {
    if mode != ControlMode::Own {
        return Vec::new();
    }
    desired
        .policies
        .iter()
        .filter_map(|(name, wanted)| {
            let (_, content) = observed.found.get(name)?;
            let content = content.as_ref()?;
            if same(&content.content, &wanted.content) {
                return None;
            }
            match Holder::of(&wanted.marks, &content.tags) {
                Holder::Us => None,
                Holder::Other(manager) => {
                    Some(format!("the policy {name} is managed by `{manager}`"))
                }
                Holder::Nobody => Some(format!("the policy {name} has no `fleet:managed-by` tag")),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests;
