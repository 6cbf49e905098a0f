//! What an answer to a read always holds. The SDK takes a member that is missing for an empty one, so that an answer from
//! something in between (`{}` from a proxy, half a page) would look like an organization without policies.

use aws_smithy_runtime_api::client::http::HttpConnectorFuture;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use serde_json::Value;

use crate::aws::api::AccountId;
use crate::error::{Cause, Error, Kind};
use crate::trying;

/// An answer without a member that it always has.
#[derive(Debug, thiserror::Error)]
#[error("the answer has no `{0}`")]
pub(super) struct Incomplete(&'static str);

/// The error of an answer without `member`, for the services that speak XML, whose answers the adapters look at themselves.
pub(super) fn incomplete(call: &str, member: &'static str) -> Error {
    let said = Incomplete(member).to_string();
    let error = Error::new(call, Kind::Unanswered, "IncompleteAnswer", said)
        .with_cause(Cause::IncompleteAnswer);
    trying::given_up(&error);
    error
}

/// The id of an account in an answer.
///
/// # Errors
/// What came is no id of an account: the error says what came.
pub(super) fn account_id(call: &str, text: String) -> Result<AccountId, Error> {
    AccountId::parse(text).map_err(|refused| {
        let error = Error::new(call, Kind::Unexpected, "UnreadableId", refused.to_string())
            .with_cause(Cause::IncompleteAnswer);
        trying::given_up(&error);
        error
    })
}

/// By what a request names its operation (`x-amz-target`, or the path), the members that its answer always has: names from the
/// outside in, `[]` for each element of a list. AWS sends a list of nothing as `[]`. Of the services that speak XML the SDK
/// itself refuses what is no answer, and the adapters look at the lists.
const MEMBERS: &[(&str, &[&str])] = &[
    ("/get-baseline-operation", &["baselineOperation"]),
    ("/get-landingzone", &["landingZone.version"]),
    ("/getAlternateContact", &["AlternateContact"]),
    ("/list-baselines", &["baselines[].arn", "baselines[].name"]),
    ("/list-enabled-baselines", &["enabledBaselines[].targetIdentifier"]),
    ("/list-landingzones", &["landingZones[].arn"]),
    ("/listRegions", &["Regions[].RegionName", "Regions[].RegionOptStatus"]),
    ("AWSOrganizationsV20161128.DescribeAccount", &["Account.Id"]),
    (
        "AWSOrganizationsV20161128.DescribeCreateAccountStatus",
        &["CreateAccountStatus.Id", "CreateAccountStatus.State"],
    ),
    ("AWSOrganizationsV20161128.DescribeEffectivePolicy", &["EffectivePolicy.PolicyContent"]),
    (
        "AWSOrganizationsV20161128.DescribeOrganization",
        &["Organization.Id", "Organization.Arn", "Organization.MasterAccountId"],
    ),
    (
        "AWSOrganizationsV20161128.DescribeOrganizationalUnit",
        &["OrganizationalUnit.Id", "OrganizationalUnit.Name"],
    ),
    ("AWSOrganizationsV20161128.DescribePolicy", &["Policy.Content"]),
    (
        "AWSOrganizationsV20161128.ListAWSServiceAccessForOrganization",
        &["EnabledServicePrincipals[].ServicePrincipal"],
    ),
    ("AWSOrganizationsV20161128.ListAccounts", &["Accounts[].Id", "Accounts[].Email"]),
    ("AWSOrganizationsV20161128.ListAccountsForParent", &["Accounts[].Id"]),
    (
        "AWSOrganizationsV20161128.ListCreateAccountStatus",
        &["CreateAccountStatuses[].Id", "CreateAccountStatuses[].State"],
    ),
    ("AWSOrganizationsV20161128.ListDelegatedAdministrators", &["DelegatedAdministrators"]),
    (
        "AWSOrganizationsV20161128.ListOrganizationalUnitsForParent",
        &["OrganizationalUnits[].Id", "OrganizationalUnits[].Name"],
    ),
    ("AWSOrganizationsV20161128.ListParents", &["Parents[].Id"]),
    ("AWSOrganizationsV20161128.ListPolicies", &["Policies[].Id", "Policies[].Name"]),
    ("AWSOrganizationsV20161128.ListPoliciesForTarget", &["Policies[].Id", "Policies[].Name"]),
    ("AWSOrganizationsV20161128.ListRoots", &["Roots[].Id"]),
    ("AWSOrganizationsV20161128.ListTagsForResource", &["Tags[].Key", "Tags[].Value"]),
    ("AWSOrganizationsV20161128.ListTargetsForPolicy", &["Targets[].TargetId"]),
    ("ResourceGroupsTaggingAPI_20170126.GetResources", &["ResourceTagMappingList[].ResourceARN"]),
    ("ServiceQuotasV20190624.GetServiceQuota", &["Quota.Value"]),
];

/// The members that the answer to a request always has; empty where none is known.
pub(super) fn members(request: &HttpRequest) -> &'static [&'static str] {
    let operation = request.headers().get("x-amz-target").or_else(|| {
        let (_, rest) = request.uri().split_once("://")?;
        let path = &rest[rest.find('/')?..];
        path.split('?').next()
    });
    let found = MEMBERS.iter().find(|(of, _)| Some(*of) == operation);
    found.map_or(&[], |(_, members)| members)
}

/// The answer, if it has these members or is an error of the service's.
pub(super) fn checked(
    members: &'static [&'static str],
    answering: HttpConnectorFuture,
) -> HttpConnectorFuture {
    if members.is_empty() {
        return answering;
    }
    HttpConnectorFuture::new(async move { check(members, answering.await?).await })
}

async fn check(
    members: &[&'static str],
    mut response: HttpResponse,
) -> Result<HttpResponse, ConnectorError> {
    if !response.status().is_success() {
        return Ok(response);
    }
    let body = std::mem::replace(response.body_mut(), SdkBody::taken());
    let read = ByteStream::new(body).collect().await;
    let bytes = read.map_err(|error| ConnectorError::io(error.into()))?.into_bytes();
    // What is no JSON the SDK refuses itself.
    if let Ok(answer) = serde_json::from_slice::<Value>(&bytes)
        && let Some(missing) = members.iter().find(|member| !has(&answer, member))
    {
        return Err(ConnectorError::other(Incomplete(missing).into(), None));
    }
    *response.body_mut() = SdkBody::from(bytes);
    Ok(response)
}

fn has(value: &Value, member: &str) -> bool {
    let (name, rest) = member.split_once('.').map_or((member, None), |(a, b)| (a, Some(b)));
    let (name, each) = name.strip_suffix("[]").map_or((name, false), |name| (name, true));
    let Some(found) = value.get(name).filter(|found| !found.is_null()) else { return false };
    match (each, rest) {
        (false, None) => true,
        (false, Some(rest)) => has(found, rest),
        (true, rest) => found.as_array().is_some_and(|elements| {
            elements.iter().all(|element| rest.is_none_or(|rest| has(element, rest)))
        }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::operations::{self, Access};

    #[test]
    fn a_list_of_nothing_is_an_answer_and_no_list_is_none() {
        for (answer, complete) in [
            (json!({}), false),
            (json!({"Tags": null}), false),
            (json!({"Tags": []}), true),
            (json!({"Tags": [{"Key": "a", "Value": ""}]}), true),
            (json!({"Tags": [{"Value": "a"}]}), false),
            (json!({"Tags": {}}), false),
            (json!([]), false),
        ] {
            assert_eq!(has(&answer, "Tags[].Key"), complete, "{answer}");
        }
        assert!(has(&json!({"Account": {"Id": "1"}}), "Account.Id"));
        assert!(!has(&json!({"Account": {}}), "Account.Id"));
    }

    /// Of the services that speak JSON, each read that is made is in the table, and nothing else.
    #[test]
    fn each_read_has_its_members() {
        let spoken = |call: &str| -> Option<String> {
            let (service, operation) = call.split_once(':').unwrap();
            Some(match (service, operation) {
                ("organizations", _) => format!("AWSOrganizationsV20161128.{operation}"),
                ("tag", _) => format!("ResourceGroupsTaggingAPI_20170126.{operation}"),
                ("servicequotas", _) => format!("ServiceQuotasV20190624.{operation}"),
                ("account", "GetAlternateContact") => "/getAlternateContact".to_owned(),
                ("account", "ListRegions") => "/listRegions".to_owned(),
                ("controltower", "GetBaselineOperation") => "/get-baseline-operation".to_owned(),
                ("controltower", "GetLandingZone") => "/get-landingzone".to_owned(),
                ("controltower", "ListBaselines") => "/list-baselines".to_owned(),
                ("controltower", "ListEnabledBaselines") => "/list-enabled-baselines".to_owned(),
                ("controltower", "ListLandingZones") => "/list-landingzones".to_owned(),
                ("ec2" | "iam" | "s3control", _) => return None,
                _ => panic!("how does {call} name its operation?"),
            })
        };
        let mut made: Vec<String> = operations::ORGANIZATION
            .iter()
            .chain(crate::aws::controls::member_calls())
            .filter(|of| of.access == Access::Read)
            .filter_map(|of| spoken(of.call))
            .collect();
        made.sort();
        made.dedup();
        let known: Vec<&str> = MEMBERS.iter().map(|(of, _)| *of).collect();
        assert_eq!(known, made);
    }
}
