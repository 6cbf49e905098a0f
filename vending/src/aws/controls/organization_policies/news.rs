//! What an apply changes for more than its own account: told by its plan.

use std::collections::BTreeSet;

use super::{Change, Desired, Observation};
use crate::aws::policy::exemption;

/// Something that an apply does to the organization's policies, and that reaches further than the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// The text of a policy is written anew, wherever it is attached.
    Rewritten {
        /// Its name at AWS.
        name: String,
        /// The roles that it leaves out from then on, as patterns of ARNs.
        comes_out: BTreeSet<String>,
        /// The roles that it left out until then.
        comes_in: BTreeSet<String>,
        /// The statements, by their `Sid`, that it has no more or that say something else, but for the roles they leave out.
        changed: BTreeSet<String>,
        /// The accounts, units and roots that it is attached to.
        targets: BTreeSet<String>,
    },
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

/// What `changes`, decided for an account, do beside it.
#[must_use]
pub fn news(desired: &Desired, observed: &Observation, changes: &[Change]) -> Vec<News> {
    let rewritten = changes.iter().filter_map(|change| {
        let Change::Update { id, content } = change else { return None };
        let mut found = observed.found.iter();
        let (name, (policy, before)) = found.find(|(_, (of, _))| of.id == *id)?;
        let before = before.as_ref()?;
        let wanted = desired.policies.get(name)?;
        let is_own = before.tags.get(fleet_model::tags::KEY) == Some(&wanted.own.0);
        // A text that is none leaves nobody out: it denies nothing.
        let (was, is) = (exemption::exempt(&before.content), exemption::exempt(content));
        let (was, is) = (was.unwrap_or_default(), is.unwrap_or_default());
        Some(News::Rewritten {
            name: if is_own { wanted.own.0.clone() } else { name.clone() },
            comes_out: is.difference(&was).cloned().collect(),
            comes_in: was.difference(&is).cloned().collect(),
            changed: exemption::differing(&before.content, content),
            targets: policy.targets.clone(),
        })
    });
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
    rewritten.chain(beside).collect()
}
