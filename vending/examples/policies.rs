//! Prints the policies that vending writes, for one account of an organization, as one JSON object by name: for whoever
//! wants to read them, or to evaluate them with a program of another's.

#![expect(clippy::print_stdout, reason = "it is a program that prints")]

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;

use fleet_model::account::{FederatedRole, OidcProvider, SubjectFormat};
use fleet_vending::aws::policy::organization::Guardrail;
use fleet_vending::aws::policy::permissions::Subject;
use fleet_vending::aws::policy::{boundary, state_access, trust};
use serde_json::Value;

const PARTITION: &str = "aws";
const MANAGEMENT: &str = "999988887777";
const MEMBER: &str = "111122223333";
/// Where the pipeline runs.
const TOOLING: &str = "444455556666";
const ORGANIZATION: &str = "o-exampleorgid";
const ACCESS: [&str; 4] = [
    "OrganizationAccountAccessRole",
    "AWSControlTowerExecution",
    "fleet-vending",
    "fleet-vending-plan",
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut policies: BTreeMap<String, Value> = BTreeMap::new();
    let mut add = |name: &str, json: String| -> Result<(), Box<dyn Error>> {
        policies.insert(name.to_owned(), serde_json::from_str(&json)?);
        Ok(())
    };
    let regions = ["eu-central-1", "eu-west-1"];
    add("boundary", boundary::document(PARTITION, MEMBER, ACCESS, regions).to_json())?;
    add("state", state_access::document(PARTITION, MEMBER).to_json())?;
    for guardrail in Guardrail::ALL {
        let document = guardrail.document(PARTITION, ACCESS);
        add(&format!("guardrail/{}", guardrail.as_str()), document.to_json())?;
    }

    let bootstrap = ACCESS[..2].iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let access = Subject {
        organization_id: Some(ORGANIZATION),
        management_account_id: Some(MANAGEMENT),
        managed_by: Some("platform"),
        bootstrap_role_names: &bootstrap,
        manage_role_name: Some("fleet-vending"),
        read_role_name: Some("fleet-vending-plan"),
        ..Subject::default()
    };
    add("access/plan_reader", access.plan_reader().to_json())?;
    add("access/vending_writer", access.vending_writer().to_json())?;
    let inside = Subject { account_id: Some(MEMBER), ..access };
    add("access/member_reader", inside.member_reader().to_json())?;
    add("access/member_manager", inside.member_manager().to_json())?;

    add("trust/management", trust::management(PARTITION, MANAGEMENT, ORGANIZATION).to_json())?;
    add("trust/vending", trust::vending(PARTITION, TOOLING, ORGANIZATION).to_json())?;
    add("trust/locked", trust::locked(PARTITION, MEMBER).to_json())?;
    let github = "https://token.actions.githubusercontent.com";
    let repository = ("repository", "example/platform");
    let gitlab = [
        ("sub", "project_path:example/platform:ref_type:branch:ref:main"),
        ("project_id", "7"),
        ("ref_protected", "true"),
    ];
    for (name, role, url, ids, claims) in [
        ("apply-github", "apply", github, true, &[repository, ("environment", "prod")][..]),
        ("plan-github", "plan", github, true, &[repository, ("pull_request", "true")][..]),
        ("apply-gitlab", "apply", "https://gitlab.com", false, &gitlab[..]),
    ] {
        let provider = OidcProvider {
            url: url.to_owned(),
            audiences: BTreeSet::from(["sts.amazonaws.com".to_owned()]),
        };
        let federated = FederatedRole {
            provider: "issuer".to_owned(),
            owner_id: ids.then(|| "123456".to_owned()),
            repository_id: ids.then(|| "456789".to_owned()),
            subject_format: SubjectFormat::Immutable,
            claims: claims.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect(),
        };
        let document = trust::federated(role, &federated, &provider, PARTITION, MEMBER)?;
        add(&format!("trust/{name}"), document.to_json())?;
    }
    println!("{}", serde_json::to_string_pretty(&policies)?);
    Ok(())
}
