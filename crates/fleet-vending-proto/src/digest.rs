//! The digests of readiness and of a request, as the guide "Write a vendor" defines them.

use std::collections::BTreeMap;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::v1beta1 as pb;

/// Lower-case hex SHA-256 over check, scope, verdict, expected and observed of each check, each text after its length.
#[must_use]
pub fn of(checks: &[pb::ReadinessCheck]) -> String {
    let mut checks: Vec<&pb::ReadinessCheck> = checks.iter().collect();
    checks.sort_by_key(|check| match check.scope.as_str() {
        "" => check.check.clone(),
        scope => format!("{}/{scope}", check.check),
    });
    let mut total = Sha256::new();
    for check in checks {
        let verdict = match check.verdict() {
            pb::Verdict::Pass => "pass",
            pb::Verdict::Fail => "fail",
            pb::Verdict::Skipped => "not_applicable",
            pb::Verdict::Unknown | pb::Verdict::Unspecified => "unknown",
        };
        for text in [&check.check, &check.scope, verdict, &check.expected, &check.observed] {
            total.update((text.len() as u64).to_be_bytes());
            total.update(text.as_bytes());
        }
    }
    hex(total)
}

/// What a person would approve of a request: lower-case hex SHA-256 of a JSON object without blanks that has its `contract`,
/// `parent`, `tags` and `vendor_settings`, and of the contract every field, by their names in the protocol and in alphabetical
/// order. What is empty, or false, is left out.
#[must_use]
pub fn of_request(request: &pb::AccountRequest) -> String {
    let approved = Approved {
        contract: request.contract.as_ref().map(approved).unwrap_or_default(),
        parent: &request.parent,
        tags: sorted(&request.tags),
        vendor_settings: &request.vendor_settings,
    };
    // Of texts, lists and maps of texts: there is nothing that JSON could not say.
    let text = serde_json::to_string(&approved).unwrap_or_default();
    hex(Sha256::new().chain_update(text))
}

#[derive(Serialize)]
struct Approved<'a> {
    contract: Contract<'a>,
    #[serde(skip_serializing_if = "str::is_empty")]
    parent: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    tags: BTreeMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    vendor_settings: &'a str,
}

#[derive(Serialize, Default)]
struct Contract<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    account_class: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    baseline_policy: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    budget_owner: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    controls: BTreeMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    data_classification: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    email: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    environment: &'a str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    gitops_enabled: bool,
    #[serde(skip_serializing_if = "str::is_empty")]
    identity: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    network_profile: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    owner: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    region_set: &'a [String],
}

fn approved(contract: &pb::Contract) -> Contract<'_> {
    Contract {
        account_class: &contract.account_class,
        baseline_policy: &contract.baseline_policy,
        budget_owner: &contract.budget_owner,
        controls: sorted(&contract.controls),
        data_classification: &contract.data_classification,
        email: &contract.email,
        environment: &contract.environment,
        gitops_enabled: contract.gitops_enabled,
        identity: &contract.identity,
        name: &contract.name,
        network_profile: &contract.network_profile,
        owner: &contract.owner,
        region_set: &contract.region_set,
    }
}

fn sorted<'a>(
    map: impl IntoIterator<Item = (&'a String, &'a String)>,
) -> BTreeMap<&'a str, &'a str> {
    map.into_iter().map(|(name, text)| (name.as_str(), text.as_str())).collect()
}

fn hex(digest: Sha256) -> String {
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use fleet_model::readiness::{Check, Readiness, Severity, Verdict};

    use super::*;

    #[test]
    fn it_is_the_digest_that_the_provider_keeps() {
        let verdicts = [
            (Verdict::Pass, pb::Verdict::Pass),
            (Verdict::Fail, pb::Verdict::Fail),
            (Verdict::Unknown, pb::Verdict::Unknown),
            (Verdict::NotApplicable, pb::Verdict::Skipped),
        ];
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for (number, (provider, wire)) in verdicts.into_iter().enumerate() {
            // Not in the order of their names, some of which are the beginning of others; and with what a digest leaves out.
            let check = ["role", "role-b", "a", "role-a"][number].to_owned();
            ours.push(pb::ReadinessCheck {
                check: check.clone(),
                scope: "eu-central-1".into(),
                verdict: wire.into(),
                expected: "ä".into(),
                observed: "b".into(),
                api: "x".into(),
                ..pb::ReadinessCheck::default()
            });
            theirs.push(Check {
                check,
                scope: "eu-central-1".into(),
                verdict: provider,
                severity: Severity::Low,
                expected: "ä".into(),
                observed: "b".into(),
                api: String::new(),
                what_to_do: String::new(),
            });
        }
        assert_eq!(of(&ours), Readiness::from_checks(theirs).digest());
    }

    #[test]
    fn what_a_person_approves_has_one_digest() {
        let of_all = |change: fn(&mut pb::AccountRequest)| {
            let mut request = pb::AccountRequest {
                contract: Some(pb::Contract {
                    name: "Payments".into(),
                    region_set: vec!["b".into(), "a".into()],
                    ..pb::Contract::default()
                }),
                tags: [("z".to_owned(), "1".to_owned()), ("a".to_owned(), "2".to_owned())].into(),
                ..pb::AccountRequest::default()
            };
            change(&mut request);
            of_request(&request)
        };
        // printf '{"contract":{"name":"Payments","region_set":["b","a"]},"tags":{"a":"2","z":"1"}}' | sha256sum
        let base = of_all(|_| {});
        assert_eq!(base, "3f8e0a892543dc04f649ff4bd658a53e67a0a5c410505413bef6f0a2868025ca");
        // How far it is, and what is remembered, is nothing that anybody approves.
        assert_eq!(of_all(|of| of.phase_before = 3), base);
        assert_eq!(of_all(|of| of.memory = vec![1]), base);
        for changed in [
            of_all(|of| of.parent = "x".into()),
            of_all(|of| of.vendor_settings = "{}".into()),
            of_all(|of| drop(of.tags.remove("a"))),
            of_all(|of| of.contract.as_mut().unwrap().gitops_enabled = true),
            of_all(|of| of.contract.as_mut().unwrap().identity = "{}".into()),
            of_all(|of| of.contract.as_mut().unwrap().region_set.reverse()),
        ] {
            assert_ne!(changed, base);
        }
    }
}
