//! What an apply changes of the guardrails for more accounts than its own: said by its plan, each policy once per run.

use std::collections::BTreeSet;

use fleet_model::account::BaselinePolicy;
use fleet_vending::aws::controls::ORGANIZATION_POLICIES;
use fleet_vending::aws::controls::organization_policies::{News, Text};
use tfplugin::diagnostic::{Diagnostic, Path};

use crate::diagnostic::warning;

/// The warnings about the policies of one profile: of what is rewritten, of what another state with the same manager has, and
/// of what is made beside another manager's.
pub(super) fn told(profile: BaselinePolicy, news: &[News]) -> Vec<Diagnostic> {
    let lines =
        |of: fn(&News) -> Option<String>| -> Vec<String> { news.iter().filter_map(of).collect() };
    let mut told = Vec::new();
    let rewritten = lines(|news| match news {
        News::Rewritten(text) => Some(rewritten(text)),
        _ => None,
    });
    if !rewritten.is_empty() {
        told.push(
            warning("FLEET0182", format!("Guardrails of `{profile}` change"))
                .at(control())
                .what(format!("The apply: {}.", rewritten.join("; ")))
                .why("One policy binds every account that it is attached to, those of other states with this `managed_by` too. A role that a guardrail leaves out may do what it denies to everybody else. Its text comes from `member_access` of the provider block, and from this version of the provider.")
                .todo("Apply, if that is meant. For each role that is left out from now on, look who may assume it.")
                .build(),
        );
    }
    let held = lines(|news| match news {
        News::Held(text) => Some(held(text)),
        _ => None,
    });
    if !held.is_empty() {
        told.push(
            warning("FLEET0225", format!("Guardrails of `{profile}` are another state's"))
                .at(control())
                .what(format!("{}. The apply does not change this, and the account is not ready.", held.join("; ")))
                .why("The policy has this configuration's `managed_by`, and an apply wrote it as it is now, but not one that this account was in: another state has the same `managed_by`, and other roles in `member_access` or another version of the provider. If each wrote the policy as it wants it, each would undo what the other has written, for all accounts that have the policy.")
                .todo("Name the same roles in `member_access` of both configurations, and use one version of the provider. Or set `controls = { organization-policies = \"verify\" }` here. If the change is this configuration's own, and its other accounts make it in this run (FLEET0182), apply, and apply once more. If no other state is to have the policy, remove its tag `fleet:text` (`aws organizations untag-resource`) and apply: then this configuration writes it.")
                .build(),
        );
    }
    let beside = lines(beside);
    if !beside.is_empty() {
        told.push(
            warning("FLEET0183", format!("Guardrails of `{profile}` are another manager's"))
                .at(control())
                .what(format!("The apply: {}.", beside.join("; ")))
                .why("The organization has these policies, they are not this configuration's, and they say something else or do not bind the account. What another manager holds is neither changed nor attached, since it may say something else tomorrow. Guardrails differ where `member_access` does, or the version of the provider.")
                .todo("Apply, if the account is to have guardrails of its own. To share those that are there, set `controls = { organization-policies = \"verify\" }`, have their manager attach them to the account or its organizational unit, and have them leave out the roles of this provider block's `member_access`.")
                .build(),
        );
    }
    told
}

fn rewritten(text: &Text) -> String {
    let mut parts = Vec::new();
    if !text.comes_out.is_empty() {
        parts.push(format!("it no longer binds {}", listed(&text.comes_out)));
    }
    if !text.comes_in.is_empty() {
        parts.push(format!("it binds {} as well", listed(&text.comes_in)));
    }
    if !text.changed.is_empty() {
        parts.push(format!("what it denies changes in {}", listed(&text.changed)));
    }
    if parts.is_empty() {
        parts.push("it denies more".to_owned());
    }
    let parts = parts.join(", ");
    format!("rewrites the policy {}, which {}: {parts}", text.name, bound(text))
}

/// What a policy says that another state has, beside what this configuration wants.
fn held(text: &Text) -> String {
    let mut parts = Vec::new();
    if !text.comes_in.is_empty() {
        parts.push(format!("it leaves out {}, and is not to", listed(&text.comes_in)));
    }
    if !text.comes_out.is_empty() {
        parts.push(format!("it does not leave out {}", listed(&text.comes_out)));
    }
    if !text.changed.is_empty() {
        parts.push(format!("it says something else in {}", listed(&text.changed)));
    }
    if parts.is_empty() {
        parts.push("it denies less".to_owned());
    }
    let parts = parts.join(", ");
    format!(
        "The policy {}, which {}, differs from what this configuration wants: {parts}",
        text.name,
        bound(text)
    )
}

/// The argument that makes the policies ours.
fn control() -> Path {
    Path::attribute("controls").key(ORGANIZATION_POLICIES)
}

fn bound(text: &Text) -> String {
    match text.targets.len() {
        0 => "is attached to nothing yet".to_owned(),
        1 => "is attached to one account, unit or root".to_owned(),
        many => format!("is attached to {many} accounts, units or roots"),
    }
}

fn listed(of: &BTreeSet<String>) -> String {
    of.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

fn beside(news: &News) -> Option<String> {
    let News::Beside { name, manager, own } = news else { return None };
    let whose = match manager {
        Some(manager) => format!("is managed by `{manager}`"),
        None => "has no `fleet:managed-by` tag".to_owned(),
    };
    Some(format!("makes and attaches the policy {own}, since {name} {whose}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(of: &[&str]) -> BTreeSet<String> {
        of.iter().map(|name| (*name).to_owned()).collect()
    }

    fn text() -> Text {
        Text {
            name: "fleet-sandbox-foundation".into(),
            comes_out: names(&["arn:aws:iam::*:role/Ops"]),
            comes_in: names(&["arn:aws:iam::*:role/Old"]),
            changed: names(&["KeepTheAccount"]),
            targets: names(&["111122223333", "ou-ab12-prod0000"]),
        }
    }

    #[test]
    fn a_plan_names_who_comes_out_of_a_guardrail_and_whose_policy_is_left_alone() {
        let news = [
            News::Rewritten(text()),
            News::Held(text()),
            News::Beside {
                name: "fleet-sandbox-audit-trail".into(),
                manager: Some("m1".into()),
                own: "fleet-sandbox-audit-trail-0a1b2c3d".into(),
            },
        ];
        let said = told(BaselinePolicy::Sandbox, &news).into_iter().collect();
        insta::assert_snapshot!(crate::diagnostic::plain(&said));
    }
}
