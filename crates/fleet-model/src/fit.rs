//! A cluster against the account it runs in: its contract, and who may register clusters there.

use std::collections::BTreeSet;

use crate::account::Contract;
use crate::cluster::Record;

/// The cloud of the accounts that are vended.
const CLOUD: &str = "aws";

/// A fact of a cluster that its account's contract does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} {asked} is not the account's ({agreed})", self.fact.field())]
pub struct Misfit {
    /// Which fact.
    pub fact: Fact,
    /// What the cluster says.
    pub asked: String,
    /// What the contract says.
    pub agreed: String,
}

/// The facts that a contract settles for every cluster of the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fact {
    /// Both serve one environment.
    Environment,
    /// What the account was built to hold. Names are free, so no order of them is known.
    DataClassification,
    /// One of the account's regions.
    Region,
    /// The account's cloud.
    Cloud,
}

impl Fact {
    /// The field of the record, which is also the attribute of the registration.
    #[must_use]
    pub fn field(self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::DataClassification => "data_classification",
            Self::Region => "region",
            Self::Cloud => "cloud",
        }
    }
}

/// Everything in which the cluster is another one than its account was made for, in the order of
/// [`Fact`]. A contract without regions says nothing about them.
#[must_use]
pub fn misfits(record: &Record, contract: &Contract) -> Vec<Misfit> {
    let same = |fact, asked: &str, agreed: &str| {
        (asked != agreed).then(|| Misfit {
            fact,
            asked: asked.to_owned(),
            agreed: agreed.to_owned(),
        })
    };
    let regions = &contract.region_set;
    let region = (!regions.is_empty() && !regions.contains(&record.region)).then(|| Misfit {
        fact: Fact::Region,
        asked: record.region.clone(),
        agreed: regions.iter().map(String::as_str).collect::<Vec<_>>().join(", "),
    });
    let classification = contract.data_classification.as_str();
    [
        same(Fact::Environment, &record.environment, contract.environment.as_str()),
        same(Fact::DataClassification, &record.data_classification, classification),
        region,
        // Only of the built-in vendor it is known whose cloud it is.
        contract.vendor.is_none().then(|| same(Fact::Cloud, &record.cloud, CLOUD)).flatten(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A manager that registers a cluster in an account which takes none of its clusters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{manager} is not one of the account's registrars ({})", self.listed())]
pub struct Outsider {
    /// Who registers.
    pub manager: String,
    /// Who may.
    pub registrars: BTreeSet<String>,
}

impl Outsider {
    /// Those who may register, for a sentence: `nobody` when there are none.
    #[must_use]
    pub fn listed(&self) -> String {
        if self.registrars.is_empty() {
            return "nobody".to_owned();
        }
        self.registrars.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
    }
}

/// Whether `manager` may not register clusters in the account of `owner`. `registrars`: who may, where the
/// account says so; else its owner alone.
#[must_use]
pub fn outsider(
    manager: &str,
    owner: &str,
    registrars: Option<&BTreeSet<String>>,
) -> Option<Outsider> {
    let allowed =
        registrars.map_or_else(|| manager == owner, |registrars| registrars.contains(manager));
    let registrars = || match registrars {
        Some(registrars) => registrars.clone(),
        None => BTreeSet::from([owner.to_owned()]),
    };
    (!allowed).then(|| Outsider { manager: manager.to_owned(), registrars: registrars() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_list_only_the_owner_registers() {
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let said = |manager, registrars: Option<&BTreeSet<String>>| {
            outsider(manager, "platform", registrars).map(|of| of.to_string())
        };
        assert_eq!(said("platform", None), None);
        assert_eq!(
            said("team-b", None).unwrap(),
            "team-b is not one of the account's registrars (platform)"
        );
        let both = list(&["platform", "team-b"]);
        assert_eq!(said("platform", Some(&both)), None);
        assert_eq!(said("team-b", Some(&both)), None);
        assert_eq!(
            said("team-c", Some(&both)).unwrap(),
            "team-c is not one of the account's registrars (platform, team-b)"
        );
        // A list is the whole list.
        assert!(said("platform", Some(&list(&["team-b"]))).is_some());
        assert!(said("platform", Some(&list(&[]))).unwrap().ends_with("(nobody)"));
        // Names are compared as they are written.
        assert!(said("Platform", None).is_some());
    }

    #[test]
    fn each_fact_is_held_against_the_contract() {
        let contract: Contract = serde_json::from_str(
            r#"{"key": "pay", "name": "pay", "email": "pay@example.com", "account_class": "sandbox",
                "environment": "dev", "owner": "team", "data_classification": "internal",
                "region_set": ["ap-southeast-1", "eu-west-1"], "network_profile": "private",
                "baseline_policy": "sandbox", "budget_owner": "team", "gitops_enabled": false,
                "role_name": "r"}"#,
        )
        .unwrap();
        let record = |environment: &str, class: &str, region: &str, cloud: &str| {
            let text = format!(
                r#"{{"name":"c","account":"pay","environment":"{environment}","region":"{region}","cloud":"{cloud}","data_classification":"{class}"}}"#
            );
            Record::parse(&text).unwrap()
        };
        assert_eq!(misfits(&record("dev", "internal", "eu-west-1", "aws"), &contract), []);
        let said: Vec<String> = misfits(&record("prod", "pci", "us-east-1", "gcp"), &contract)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            said,
            [
                "environment prod is not the account's (dev)",
                "data_classification pci is not the account's (internal)",
                "region us-east-1 is not the account's (ap-southeast-1, eu-west-1)",
                "cloud gcp is not the account's (aws)",
            ]
        );
        let anywhere = Contract { region_set: BTreeSet::new(), ..contract };
        assert_eq!(misfits(&record("dev", "internal", "us-east-1", "aws"), &anywhere), []);
    }
}
