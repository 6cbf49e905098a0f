//! What an apply changes of the guardrails for more accounts than its own: said by its plan, each policy once per run.

use std::collections::BTreeSet;

use fleet_model::account::BaselinePolicy;
use fleet_vending::aws::controls::organization_policies::News;
use tfplugin::diagnostic::Diagnostic;

use crate::diagnostic::warning;

/// The warnings about the policies of one profile: of what is rewritten, and of what is made beside another manager's.
pub(super) fn told(profile: BaselinePolicy, news: &[News]) -> Vec<Diagnostic> {
    let lines =
        |of: fn(&News) -> Option<String>| -> Vec<String> { news.iter().filter_map(of).collect() };
    let mut told = Vec::new();
    let rewritten = lines(rewritten);
    if !rewritten.is_empty() {
        told.push(
            warning("FLEET0182", format!("Guardrails of `{profile}` change"))
                .at("controls")
                .what(format!("The apply: {}.", rewritten.join("; ")))
                .why("One policy binds every account that it is attached to, those of other states with this `managed_by` too. A role that a guardrail leaves out may do what it denies to everybody else. Its text comes from `member_access` of the provider block, and from this version of the provider.")
                .todo("Apply, if that is meant. For each role that is left out from now on, look who may assume it. If every plan says this again, two states have one `managed_by` and another `member_access`: give each state a `managed_by` of its own.")
                .build(),
        );
    }
    let beside = lines(beside);
    if !beside.is_empty() {
        told.push(
            warning("FLEET0183", format!("Guardrails of `{profile}` are another manager's"))
                .at("controls")
                .what(format!("The apply: {}.", beside.join("; ")))
                .why("The organization has these policies, they are not this configuration's, and they say something else or do not bind the account. What another manager holds is neither changed nor attached, since it may say something else tomorrow. Guardrails differ where `member_access` does, or the version of the provider.")
                .todo("Apply, if the account is to have guardrails of its own. To share those that are there, set `controls = { organization-policies = \"verify\" }`, have their manager attach them to the account or its organizational unit, and have them leave out the roles of this provider block's `member_access`.")
                .build(),
        );
    }
    told
}

fn rewritten(news: &News) -> Option<String> {
    let News::Rewritten { name, comes_out, comes_in, changed, targets } = news else { return None };
    let bound = match targets.len() {
        0 => "is attached to nothing yet".to_owned(),
        1 => "is attached to one account, unit or root".to_owned(),
        many => format!("is attached to {many} accounts, units or roots"),
    };
    let listed =
        |of: &BTreeSet<String>| of.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    let mut parts = Vec::new();
    if !comes_out.is_empty() {
        parts.push(format!("it no longer binds {}", listed(comes_out)));
    }
    if !comes_in.is_empty() {
        parts.push(format!("it binds {} as well", listed(comes_in)));
    }
    if !changed.is_empty() {
        parts.push(format!("what it denies changes in {}", listed(changed)));
    }
    if parts.is_empty() {
        parts.push("it denies more".to_owned());
    }
    Some(format!("rewrites the policy {name}, which {bound}: {}", parts.join(", ")))
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

    #[test]
    fn a_plan_names_who_comes_out_of_a_guardrail_and_whose_policy_is_left_alone() {
        let news = [
            News::Rewritten {
                name: "fleet-sandbox-foundation".into(),
                comes_out: names(&["arn:aws:iam::*:role/Ops"]),
                comes_in: names(&["arn:aws:iam::*:role/Old"]),
                changed: names(&["KeepTheAccount"]),
                targets: names(&["111122223333", "ou-ab12-prod0000"]),
            },
            News::Beside {
                name: "fleet-sandbox-audit-trail".into(),
                manager: Some("m1".into()),
                own: "fleet-sandbox-audit-trail-0a1b2c3d".into(),
            },
        ];
        let told: Vec<String> =
            told(BaselinePolicy::Sandbox, &news).iter().map(|of| format!("{of:?}")).collect();
        let [rewritten, beside] = &told[..] else { panic!("{told:?}") };
        for part in [
            "attached to 2 accounts, units or roots: it no longer binds arn:aws:iam::*:role/Ops, it binds arn:aws:iam::*:role/Old as well, what it denies changes in KeepTheAccount",
            "FLEET0182",
        ] {
            assert!(rewritten.contains(part), "{rewritten}");
        }
        let part = "makes and attaches the policy fleet-sandbox-audit-trail-0a1b2c3d, since fleet-sandbox-audit-trail is managed by `m1`";
        assert!(beside.contains(part) && beside.contains("FLEET0183"), "{beside}");
    }
}
