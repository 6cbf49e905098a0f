//! Clusters that a placement names, and that take workloads of other configurations only.

use std::collections::BTreeSet;

use fleet_model::name::Key;
use fleet_placement::{Evaluation, Reason, Request};
use tfplugin::diagnostic::{Diagnostic, Path};

use crate::diagnostic::error;

/// Refuses each cluster that the selector names, that would fit, and that does not take this configuration's workloads.
/// One that the selector only matches is left out, as any that does not fit: else whoever registers a cluster could stop the
/// plans of others with it.
pub(super) fn refused(request: &Request, evaluation: &Evaluation) -> Vec<Diagnostic> {
    let names = request.selector.names.iter().flatten();
    let refusals = names.filter_map(|name| {
        let name = Key::new(name.as_str()).ok()?;
        match evaluation.rejected.get(&name)?.as_slice() {
            [Reason::Tenants { want, got }] => Some(refusal(&request.key, &name, want, got)),
            _ => None,
        }
    });
    refusals.collect()
}

fn refusal(key: &Key, cluster: &Key, us: &str, tenants: &BTreeSet<String>) -> Diagnostic {
    let listed = |names: &BTreeSet<String>| {
        names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ")
    };
    let takes = match tenants.is_empty() {
        true => "no configuration may place there".to_owned(),
        false => format!("these configurations may place there: {}", listed(tenants)),
    };
    let mut with_us = tenants.clone();
    with_us.insert(us.to_owned());
    error("FLEET0436", format!("Cluster {cluster} takes no workloads of ours"))
        .at(Path::attribute("selector").nested("names"))
        .what(format!("The placement `{key}` names the cluster `{cluster}`, and is made by {us:?}; {takes}."))
        .why("`tenants` of a cluster's registration says whose placements the cluster takes, by the `managed_by` of their provider blocks. The team that registers the cluster decides that, and a placement that names it cannot go elsewhere instead.")
        .todo(format!("Take the name out of `selector.names`, or have `tenants = [{}]` set where the cluster is registered, and apply that first.", listed(&with_us)))
        .build()
}
