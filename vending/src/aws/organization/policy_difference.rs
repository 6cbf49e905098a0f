//! Which policies start and stop to apply to an account that moves: those on the way from its parent
//! up to the root, before and after. What is attached to the account itself goes with it.

use std::collections::{BTreeMap, BTreeSet};

use super::parent;
use super::shared::Shared;
use crate::aws::api::Ports;
use crate::error::Error;
use crate::refusal::Refusal;
use crate::unit_path::Parent;

/// Names of policies by their type, as AWS names it (`SERVICE_CONTROL_POLICY` …).
pub type PolicyNames = BTreeMap<String, BTreeSet<String>>;

/// What a move changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PolicyDifference {
    /// Policies that apply only after it.
    pub starts: PolicyNames,
    /// Policies that apply only before it.
    pub stops: PolicyNames,
}

impl PolicyDifference {
    fn between(before: &PolicyNames, after: &PolicyNames) -> Self {
        Self { starts: without(after, before), stops: without(before, after) }
    }

    /// Whether the same policies apply before and after.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty() && self.stops.is_empty()
    }
}

fn without(these: &PolicyNames, those: &PolicyNames) -> PolicyNames {
    let none = BTreeSet::new();
    these
        .iter()
        .map(|(kind, names)| (kind.clone(), names - those.get(kind).unwrap_or(&none)))
        .filter(|(_, names)| !names.is_empty())
        .collect()
}

/// The difference of a move from the OU or root `from` to the parent `to`.
///
/// # Errors
/// There is no such parent, or a call failed.
pub(crate) async fn of_move(
    ports: &Ports,
    shared: &Shared,
    from: &str,
    to: &Parent,
) -> Result<PolicyDifference, Refusal> {
    let to = parent::resolve(ports, shared, to).await?;
    if to == from {
        return Ok(PolicyDifference::default());
    }
    let before = above(ports, shared, from).await?;
    let after = above(ports, shared, &to).await?;
    Ok(PolicyDifference::between(&before, &after))
}

/// The policies on the OU or root and on everything above it.
async fn above(ports: &Ports, shared: &Shared, id: &str) -> Result<PolicyNames, Error> {
    let mut all = PolicyNames::new();
    for node in shared.path(ports, id).await? {
        for (kind, names) in ports.policies.names_at(&node).await? {
            all.entry(kind).or_default().extend(names);
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::simulation::{Cloud, PROD, ROOT};
    use crate::error::Kind;

    const SCP: &str = "SERVICE_CONTROL_POLICY";
    const RCP: &str = "RESOURCE_CONTROL_POLICY";
    const WORKLOADS: &str = "ou-ab12-work0000";
    const NONPROD: &str = "ou-ab12-nonprod0";

    fn attach(cloud: &Cloud, node: &str, kind: &str, name: &str) {
        let mut world = cloud.world();
        let kinds = world.policy_names.entry(node.to_owned()).or_default();
        kinds.entry(kind.to_owned()).or_default().insert(name.to_owned());
    }

    fn names(rows: &[(&str, &[&str])]) -> PolicyNames {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        rows.iter().map(|(kind, names)| ((*kind).to_owned(), set(names))).collect()
    }

    async fn moved(cloud: &Cloud, from: &str, to: &str) -> Result<PolicyDifference, Refusal> {
        let to = Parent::parse(to).unwrap();
        of_move(&cloud.ports(), &Shared::default(), from, &to).await
    }

    #[tokio::test]
    async fn what_holds_on_both_ways_neither_starts_nor_stops() {
        let cloud = Cloud::new();
        for node in [ROOT, WORKLOADS, PROD, NONPROD] {
            attach(&cloud, node, SCP, "FullAWSAccess");
        }
        attach(&cloud, ROOT, SCP, "foundation");
        attach(&cloud, WORKLOADS, RCP, "perimeter");
        attach(&cloud, PROD, SCP, "deny-public");
        attach(&cloud, PROD, "TAG_POLICY", "costs");
        attach(&cloud, NONPROD, SCP, "small-machines");
        // Also attached above: leaving the lower place changes nothing.
        attach(&cloud, NONPROD, SCP, "foundation");

        let difference = moved(&cloud, NONPROD, PROD).await.unwrap();
        assert_eq!(
            difference.starts,
            names(&[(SCP, &["deny-public"]), ("TAG_POLICY", &["costs"])])
        );
        assert_eq!(difference.stops, names(&[(SCP, &["small-machines"])]));

        let difference = moved(&cloud, PROD, ROOT).await.unwrap();
        assert_eq!(difference.starts, PolicyNames::new());
        assert_eq!(
            difference.stops,
            names(&[(RCP, &["perimeter"]), (SCP, &["deny-public"]), ("TAG_POLICY", &["costs"])])
        );
        assert!(moved(&cloud, PROD, "Workloads/Prod").await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_no_difference_of_nothing() {
        use crate::aws::testing::simulation::Fault;
        let cloud = Cloud::new();
        cloud.fault("ListPoliciesForTarget", Fault::Before(Kind::Denied, "AccessDeniedException"));
        assert!(matches!(moved(&cloud, PROD, ROOT).await, Err(Refusal::Call(_))));
        let nowhere = moved(&cloud, PROD, "Nowhere").await;
        assert!(matches!(nowhere, Err(Refusal::NoSuchParent { .. })));
    }
}
