//! Calls to AWS, and what their number grows with.

use std::collections::BTreeMap;

/// `service:Operation` → count, as the emulated AWS gives them.
pub(crate) type Calls = BTreeMap<String, u64>;

/// Operations of Organizations that are about one account, policy target or OU: asked for each account, they grow with
/// the fleet. All others are about the organization.
const OF_ONE: [&str; 7] = [
    "organizations:DescribeAccount",
    "organizations:DescribeEffectivePolicy",
    "organizations:ListParents",
    "organizations:ListPoliciesForTarget",
    "organizations:ListTagsForResource",
    "organizations:TagResource",
    "organizations:UntagResource",
];

/// Calls by what they grow with.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Shares {
    /// About the organization as a whole, whatever service answers.
    pub(crate) organization: f64,
    /// To Organizations, about one account.
    pub(crate) account: f64,
    /// Into a member account, or about its settings.
    pub(crate) member: f64,
}

/// Sorts calls into shares. The tags of a policy are read wherever the policy itself is, and the parent of each of the
/// `units` OUs once: that is about the organization.
pub(crate) fn shares(calls: &Calls, units: u32) -> Shares {
    let mut shares = Shares::default();
    for (call, count) in calls {
        let count = number(*count);
        match call.split_once(':').map(|(service, _)| service) {
            Some("organizations") if OF_ONE.contains(&call.as_str()) => shares.account += count,
            Some("account" | "iam" | "sts") => shares.member += count,
            _ => shares.organization += count,
        }
    }
    let count = |call: &str| number(calls.get(call).copied().unwrap_or_default());
    let policies = count("organizations:DescribePolicy");
    let parents = count("organizations:ListParents").min(f64::from(units));
    shares.account -= policies + parents;
    shares.organization += policies + parents;
    shares
}

/// `iam 12.0, sts 1.0` : calls of each service, divided by `accounts`.
pub(crate) fn by_service(calls: &Calls, accounts: u32) -> String {
    let mut services: BTreeMap<&str, f64> = BTreeMap::new();
    for (call, count) in calls {
        let service = call.split_once(':').map_or(call.as_str(), |(service, _)| service);
        *services.entry(service).or_default() += number(*count);
    }
    let each =
        |(service, count): (&str, f64)| format!("{service} {:.2}", count / f64::from(accounts));
    services.into_iter().map(each).collect::<Vec<_>>().join(", ")
}

/// All of them.
pub(crate) fn total(calls: &Calls) -> f64 {
    calls.values().copied().map(number).sum()
}

/// A count as a figure.
#[expect(clippy::cast_precision_loss, reason = "nobody counts 2^52 calls")]
pub(crate) fn number(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Calls {
        [
            ("organizations:ListAccounts", 50),
            ("organizations:DescribePolicy", 1),
            ("organizations:ListParents", 7),
            ("organizations:ListTagsForResource", 1001),
            ("controltower:ListEnabledBaselines", 2),
            ("iam:GetRole", 3000),
            ("sts:AssumeRole", 1000),
        ]
        .map(|(call, count)| (call.to_owned(), count))
        .into()
    }

    #[test]
    fn calls_are_sorted_by_what_they_grow_with() {
        let shares = shares(&some(), 5);
        assert_eq!(shares, Shares { organization: 59.0, account: 1002.0, member: 4000.0 });
    }

    #[test]
    fn calls_of_each_service_are_added_up() {
        let told = by_service(&some(), 1000);
        assert_eq!(told, "controltower 0.00, iam 3.00, organizations 1.06, sts 1.00");
        assert!((total(&some()) - 5061.0).abs() < 1e-9);
    }
}
