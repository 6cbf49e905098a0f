//! `organization-policies`: the profile's service control policies bind the account, attached to
//! it or to an OU above it. Policies are the organization's, so the default is to verify.
//!
//! A policy is known by its name, and the first manager that makes it has the plain one. Where that one is another
//! manager's, what it says is theirs to change: it counts while it says what is wanted and binds the account from where
//! it is, and is never attached. Otherwise ours stands beside it, under a name of our own ([`own_name`]).
//!
//! Two states that have one `managed_by` by mistake have one policy. Each account remembers how it last was as it should be
//! ([`Made::texts`](crate::memory::Made)), and the policy says whether its text is as a configuration wrote it
//! ([`tags::TEXT`]): a text that is neither remembered nor edited is another state's, and stays ([`held`]).

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::account::ControlMode;
use fleet_model::readiness::{Check, Severity};
use fleet_model::tags;

use super::evidence::{Evidence, advice};
use super::meta::{Meta, Place};
use super::{ORGANIZATION_POLICIES, Problem, Scope};
use crate::aws::api::member::{
    Holder, NewPolicy, Policies, PolicyContent, ServiceControlPolicy, Tags,
};
use crate::aws::policy::organization::own_name;
use crate::aws::policy::{fingerprint, same};
use crate::error::{Error, Kind};

mod news;

pub use news::{News, Text, news};

/// What it says of itself.
pub const META: Meta = Meta {
    name: ORGANIZATION_POLICIES,
    asks: "the profile's service control policies on the account or above it",
    // They bind more than this account.
    mode: Some(ControlMode::Verify),
    severity: Severity::Critical,
    place: Place::Organization,
    operations: &[],
    parameters: "which policies",
    after: &[],
    given_up: "are taken off an account in use, and stay on one that is retired or released; the policies themselves stay",
};

const API: &str = "organizations:ListTargetsForPolicy";

/// What the organization must hold, by the policy's plain name.
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
    /// What it carries where it is ours, under its plain name and under our own.
    marks: Tags,
    own: (String, Tags),
    /// The fingerprint that the text had when this account last saw it as it should be.
    known: Option<String>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Observation {
    /// Whether the root has the policy type enabled.
    pub enabled: bool,
    /// The policies that count, by their plain name; the content only where it is ours to keep.
    pub found: BTreeMap<String, (ServiceControlPolicy, Option<PolicyContent>)>,
    /// Who has a policy of the plain name that does not count, since it is not ours and says something else or does not
    /// bind the account: its `fleet:managed-by`.
    pub theirs: BTreeMap<String, Option<String>>,
}

/// One change to the organization's policies.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the parameters of the Organizations calls")]
pub enum Change {
    /// `organizations:CreatePolicy`, then `organizations:AttachPolicy`.
    Create { policy: NewPolicy, target: String },
    /// `organizations:TagResource`, then `organizations:UpdatePolicy`.
    Update { id: String, content: String },
    /// `organizations:AttachPolicy`
    Attach { id: String, target: String },
}

// === impl Desired ===

impl Desired {
    /// The plain names of its policies.
    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        self.policies.keys()
    }

    /// Whose a policy is that counts for this plain name.
    pub(super) fn holder(&self, name: &str, tags: &Tags) -> Holder {
        self.policies.get(name).map_or(Holder::Nobody, |wanted| wanted.holder(tags))
    }

    /// The fingerprint of a policy of ours that is as it should be.
    pub(super) fn agreed(&self, name: &str, content: &PolicyContent) -> Option<String> {
        let wanted = self.policies.get(name)?;
        let is = same(&content.content, &wanted.content);
        let is_ours = wanted.holder(&content.tags) == Holder::Us;
        (is && is_ours).then(|| fingerprint(&content.content))
    }

    /// Whether the text of a policy with our marks is another state's: one that has our `managed_by` and wants something
    /// else. To write over it would begin a fight that each apply of either state goes on with.
    fn is_held(
        &self,
        wanted: &Wanted,
        found: &(ServiceControlPolicy, Option<PolicyContent>),
    ) -> bool {
        let (policy, Some(content)) = found else { return false };
        if same(&content.content, &wanted.content) || wanted.holder(&content.tags) != Holder::Us {
            return false;
        }
        // It binds nobody else.
        if policy.targets.iter().all(|target| *target == self.account_id) {
            return false;
        }
        let text = fingerprint(&content.content);
        let is_written = content.tags.get(tags::TEXT) == Some(&text);
        // An account that has the policy and remembers no text of it was last applied by an older version.
        let is_new = || policy.targets.is_disjoint(&self.path);
        is_written && wanted.known.as_ref().map_or_else(is_new, |known| *known != text)
    }
}

// === impl Wanted ===

impl Wanted {
    fn holder(&self, tags: &Tags) -> Holder {
        match Holder::of(&self.own.1, tags) {
            Holder::Us => Holder::Us,
            _ => Holder::of(&self.marks, tags),
        }
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
            let own = own_name(&name, scope.managed_by);
            let wanted = Wanted {
                description: guardrail.description(),
                content: guardrail.document(scope.partition, access()).to_json(),
                // One for many accounts: its key is its own name, not the account's.
                marks: scope.marks_of(&name),
                own: (own.clone(), scope.marks_of(&own)),
                known: scope.memory.made.texts.get(&name).cloned(),
            };
            (name, wanted)
        })
        .collect();
    let path = scope
        .path
        .unwrap_or_default()
        .iter()
        .cloned()
        .chain([scope.account_id().to_owned()])
        .collect();
    let entry = &scope.contract.role_name;
    let locked_out = (!scope.access_role_names.contains(entry)).then(|| entry.clone());
    Desired { policies, path, account_id: scope.account_id().to_owned(), locked_out }
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
        Observation { enabled: policies.enabled().await?, ..Observation::default() };
    if !observation.enabled {
        return Ok(observation);
    }
    for (name, wanted) in &desired.policies {
        let plain = policies.find(name).await?;
        let own = policies.find(&wanted.own.0).await?;
        if mode != ControlMode::Own {
            let binds = |of: &ServiceControlPolicy| !of.targets.is_disjoint(&desired.path);
            // Nothing here tells which of two is meant: one that binds the account is.
            let found = own.filter(|own| binds(own) || plain.is_none()).or(plain);
            observation.found.extend(found.map(|policy| (name.clone(), (policy, None))));
            continue;
        }
        if let Some(own) = own {
            let content = policies.content(&own.id).await?;
            observation.found.insert(name.clone(), (own, Some(content)));
            continue;
        }
        let Some(plain) = plain else { continue };
        let content = policies.content(&plain.id).await?;
        let counts =
            || same(&content.content, &wanted.content) && !plain.targets.is_disjoint(&desired.path);
        match wanted.holder(&content.tags) {
            Holder::Us => {}
            _ if counts() => {}
            Holder::Other(manager) => {
                observation.theirs.insert(name.clone(), Some(manager));
                continue;
            }
            Holder::Nobody => {
                observation.theirs.insert(name.clone(), None);
                continue;
            }
        }
        observation.found.insert(name.clone(), (plain, Some(content)));
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

/// The policies by name that another state with our `managed_by` keeps as it wants them: nothing is done with them.
#[must_use]
pub fn held<'a>(desired: &'a Desired, observed: &'a Observation) -> Vec<&'a String> {
    let all = desired.policies.iter();
    let held = all.filter(|(name, wanted)| {
        observed.found.get(*name).is_some_and(|found| desired.is_held(wanted, found))
    });
    held.map(|(name, _)| name).collect()
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
            None => {
                let (name, marks) = match observed.theirs.contains_key(name) {
                    true => (&wanted.own.0, &wanted.own.1),
                    false => (name, &wanted.marks),
                };
                let mut marks = marks.clone();
                marks.insert(tags::TEXT.to_owned(), fingerprint(&wanted.content));
                changes.push(Change::Create {
                    policy: NewPolicy {
                        name: name.clone(),
                        description: wanted.description.to_owned(),
                        content: wanted.content.clone(),
                        tags: marks,
                    },
                    target: desired.account_id.clone(),
                });
            }
            Some(found) if desired.is_held(wanted, found) => {}
            // What others hold may say something else tomorrow: to attach it would bind the account to that.
            Some((policy, Some(content))) if wanted.holder(&content.tags) == Holder::Us => {
                if !same(&content.content, &wanted.content) {
                    changes.push(Change::Update {
                        id: policy.id.clone(),
                        content: wanted.content.clone(),
                    });
                }
                if policy.targets.is_disjoint(&desired.path) {
                    changes.push(Change::Attach {
                        id: policy.id.clone(),
                        target: desired.account_id.clone(),
                    });
                }
            }
            Some(_) => {}
        }
    }
    changes
}

/// The policies that `changes` attach, by their plain name.
pub(super) fn attached(
    desired: &Desired,
    changes: &[Change],
    observed: &Observation,
) -> BTreeSet<String> {
    let name_of = |change: &Change| match change {
        Change::Create { policy, .. } => {
            let mut all = desired.policies.iter();
            let is =
                |(name, of): &(&String, &Wanted)| **name == policy.name || of.own.0 == policy.name;
            all.find(is).map(|(name, _)| name.clone())
        }
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
            Change::Update { id, content } => update(policies, id, content).await,
            Change::Attach { id, target } => policies.attach(id, target).await.map(|_| ()),
        };
        if let Err(error) = result {
            problems.push(Problem { control: ORGANIZATION_POLICIES, error });
        }
    }
    problems
}

/// The mark comes first: a run that dies in between leaves a text that looks edited, which the next one writes.
async fn update(policies: &dyn Policies, id: &str, content: &str) -> Result<(), Error> {
    let mark = Tags::from([(tags::TEXT.to_owned(), fingerprint(content))]);
    policies.tag(id, &mark).await?;
    policies.update(id, content).await
}

async fn create(policies: &dyn Policies, policy: &NewPolicy, target: &str) -> Result<(), Error> {
    let id = match policies.create(policy).await {
        Ok(id) => id,
        // Another account's apply was faster. What it made is compared at the next look.
        Err(error) if error.kind == Kind::AlreadyExists => {
            policies.refresh();
            let found = policies.find(&policy.name).await?.ok_or(error)?;
            let content = policies.content(&found.id).await?;
            if !same(&content.content, &policy.content)
                || Holder::of(&policy.tags, &content.tags) != Holder::Us
            {
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
            let held = match mode {
                ControlMode::Own => held(desired, observation),
                _ => Vec::new(),
            };
            let (observed, differences) = lines(mode, desired, Some(observation));
            evidence.compare(observed, || match &held[..] {
                [] => advice(mode, ORGANIZATION_POLICIES, &differences),
                held => advice_on_held(held),
            })
        }
    }
}

/// What a person does about policies that two states want to have otherwise.
fn advice_on_held(held: &[&String]) -> String {
    let names: Vec<&str> = held.iter().map(|name| name.as_str()).collect();
    format!(
        "Another state with this `managed_by` wrote {}, and each would undo what the other writes. \
         Give both the same roles in `member_access` and the same version of the provider, or set \
         `controls = {{ \"{ORGANIZATION_POLICIES}\" = \"verify\" }}` in one of them. If no other \
         state is to have it, remove the tag `{}` from the policy: the next apply of this one \
         writes it.",
        names.join(", "),
        tags::TEXT,
    )
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
            Some(None) => match observed.and_then(|of| of.theirs.get(name)) {
                None => format!("{name} absent"),
                Some(Some(manager)) => format!("{name} of `{manager}`"),
                Some(None) => format!("{name} of nobody"),
            },
            Some(Some(found)) if mode == ControlMode::Own && desired.is_held(wanted, found) => {
                format!("{name} of another state with this `managed_by`")
            }
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

#[cfg(test)]
mod tests;
