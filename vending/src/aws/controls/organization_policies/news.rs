//! What an apply changes for more than its own account: told by its plan.

use std::collections::BTreeSet;

use super::{Change, Desired, Observation, held};
use crate::aws::api::member::{PolicyContent, ServiceControlPolicy};
use crate::aws::policy::exemption;

/// Something that an apply does to the organization's policies, and that reaches further than the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// The text of a policy is written anew, wherever it is attached.
    Rewritten(Text),
    /// Another state with the same manager keeps the policy as it wants it: nothing is done with it.
    Held(Text),
    /// Another manager has the plain name: ours is made beside it.
    Beside {
        /// The plain name.
        name: String,
        /// The `fleet:managed-by` of the one that is there.
        manager: Option<String>,
        /// The name under which ours is made.
        own: String,
    },
}

/// What the text of a policy is and should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The policy's name at AWS.
    pub name: String,
    /// The roles that it would leave out, and does not, as patterns of ARNs.
    pub comes_out: BTreeSet<String>,
    /// The roles that it leaves out, and would not.
    pub comes_in: BTreeSet<String>,
    /// The statements, by their `Sid`, that it would not have or that would say something else, but for the roles they leave
    /// out.
    pub changed: BTreeSet<String>,
    /// The accounts, units and roots that it is attached to.
    pub targets: BTreeSet<String>,
}

/// What `changes`, decided for an account, do beside it.
#[must_use]
pub fn news(desired: &Desired, observed: &Observation, changes: &[Change]) -> Vec<News> {
    let rewritten = changes.iter().filter_map(|change| {
        let Change::Update { id, .. } = change else { return None };
        let mut found = observed.found.iter();
        let (name, found) = found.find(|(_, (of, _))| of.id == *id)?;
        Some(News::Rewritten(text(desired, name, found)?))
    });
    let held = held(desired, observed)
        .into_iter()
        .filter_map(|name| Some(News::Held(text(desired, name, observed.found.get(name)?)?)));
    let beside = observed.theirs.iter().filter_map(|(name, manager)| {
        let own = &desired.policies.get(name)?.own.0;
        let makes =
            |change: &Change| matches!(change, Change::Create { policy, .. } if policy.name == *own);
        changes.iter().any(makes).then(|| News::Beside {
            name: name.clone(),
            manager: manager.clone(),
            own: own.clone(),
        })
    });
    rewritten.chain(held).chain(beside).collect()
}

/// How a policy that was found differs from what is wanted.
fn text(
    desired: &Desired,
    name: &str,
    (policy, before): &(ServiceControlPolicy, Option<PolicyContent>),
) -> Option<Text> {
    let before = before.as_ref()?;
    let wanted = desired.policies.get(name)?;
    let is_own = before.tags.get(fleet_model::tags::KEY) == Some(&wanted.own.0);
    // A text that is none leaves nobody out: it denies nothing.
    let (was, is) = (exemption::exempt(&before.content), exemption::exempt(&wanted.content));
    let (was, is) = (was.unwrap_or_default(), is.unwrap_or_default());
    Some(Text {
        name: if is_own { wanted.own.0.clone() } else { name.to_owned() },
        comes_out: is.difference(&was).cloned().collect(),
        comes_in: was.difference(&is).cloned().collect(),
        changed: exemption::differing(&before.content, &wanted.content),
        targets: policy.targets.clone(),
    })
}
