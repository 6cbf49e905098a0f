//! What a move to another parent changes about an account, told while it is planned.

use fleet_vending::aws::{PolicyDifference, PolicyNames};
use fleet_vending::{Parent, Refusal};
use tfplugin::diagnostic::Diagnostic;
use tfplugin::{Change, Context, Plan};

use super::model::Model;
use super::{Account, report};
use crate::diagnostic::warning;
use crate::refusal;

impl Account {
    /// Warns of the policies that start and stop to apply. Only a change of a parent that is known
    /// asks AWS anything, and no failure to read fails the plan.
    pub(super) async fn tell_of_move(&self, context: &Context, plan: &mut Plan<'_, Model>) {
        let (Change::Update, Some(prior), Some(desired)) =
            (plan.change, plan.prior, &plan.proposed)
        else {
            return;
        };
        let to = desired.parent.known().filter(|_| desired.parent != prior.parent).cloned();
        if let (Some(from), Some(to)) = (prior.parent_id.as_str(), to) {
            self.tell_of_move_to(context, plan, prior, from, &to).await;
        }
    }

    /// The same of an account that goes from the OU or root `from` to the parent `to`.
    pub(super) async fn tell_of_move_to(
        &self,
        context: &Context,
        plan: &mut Plan<'_, Model>,
        account: &Model,
        from: &str,
        to: &str,
    ) {
        let (Ok(parent), Some(vending)) = (Parent::parse(to), self.desk.aws(account)) else {
            return;
        };
        let answer = vending.policy_difference(from, &parent, &context.cancelled).await;
        plan.diagnostics.extend(said(account, to, &answer));
    }
}

fn said(
    account: &Model,
    to: &str,
    answer: &Result<PolicyDifference, Refusal>,
) -> Option<Diagnostic> {
    let subject = report::subject(account);
    let told = match answer {
        // That there is no such parent is told as the error that it is.
        Err(Refusal::NoSuchParent { .. } | Refusal::NoSuchObject { .. }) => return None,
        Ok(difference) if difference.is_empty() => return None,
        Ok(difference) => warning("FLEET0118", format!("{subject}: other policies apply after its move"))
            .what(lines(to, difference))
            .why("Policies of the organization bind everyone in the account, the roles of its pipelines and of this provider too.")
            .todo("Look whether what runs in the account still may do what it has to, and nothing is allowed that should not be."),
        // In the words of what stands behind it: a missing permission, an outage, credentials that ended.
        Err(refusal) => refusal::report(refusal, &format!("tell which policies start and stop to apply under `{to}`"))
            .into_warning("FLEET0118", format!("{subject}: the policies at its new parent were not read"))
            .todo("The move itself is planned all the same. The policies bind everyone in the account, the roles of its pipelines and of this provider too: without this check, compare those of both parents by hand."),
    };
    Some(told.at("parent").build())
}

fn lines(to: &str, difference: &PolicyDifference) -> String {
    let mut lines = vec![format!("Under `{to}`:")];
    for (what, names) in [("start", &difference.starts), ("stop", &difference.stops)] {
        lines.extend(
            listed(names).map(|(kind, names)| format!("- {what} to apply, {kind}: {names}")),
        );
    }
    lines.join("\n")
}

fn listed(names: &PolicyNames) -> impl Iterator<Item = (String, String)> {
    names.iter().map(|(kind, names)| {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        (kind.to_lowercase().replace('_', " "), names.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use fleet_vending::error::{Error, Kind};

    use super::*;
    use crate::account::tests::planned;

    fn names(kind: &str, name: &str) -> PolicyNames {
        BTreeMap::from([(kind.to_owned(), BTreeSet::from([name.to_owned()]))])
    }

    #[test]
    fn a_difference_is_listed_by_type() {
        let difference = PolicyDifference {
            starts: names("SERVICE_CONTROL_POLICY", "deny-public"),
            stops: names("TAG_POLICY", "costs"),
        };
        let told = said(&planned(), "Workloads/Prod", &Ok(difference)).unwrap();
        assert!(
            told.detail.contains("- start to apply, service control policy: deny-public"),
            "{told:?}"
        );
        assert!(told.detail.contains("- stop to apply, tag policy: costs"), "{told:?}");
    }

    #[test]
    fn silence_says_that_nothing_changes_and_a_failure_is_told() {
        assert!(said(&planned(), "Prod", &Ok(PolicyDifference::default())).is_none());
        let denied =
            Error::new("organizations:ListPoliciesForTarget", Kind::Denied, "AccessDenied", "");
        let told = said(&planned(), "Prod", &Err(Refusal::Call(denied))).unwrap();
        assert!(told.summary.contains("were not read"), "{told:?}");
    }
}
