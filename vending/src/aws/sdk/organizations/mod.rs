//! Organizations: reads with the credentials that read it, writes with those that write.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_config::SdkConfig;
use aws_sdk_organizations::Client;
use aws_sdk_organizations::config::Builder;
use aws_sdk_organizations::operation::close_account::CloseAccountError;
use aws_sdk_organizations::types;
use aws_types::request_id::RequestId as _;
use fleet_model::account::BillingAccess;

use super::answers;
use super::session::{Clients, Session};
use crate::aws::api::{
    Account, AccountId, Call, CreateAccount, CreateStatus, Organization, OrganizationalUnit,
    Organizations, Root,
};
use crate::error::{Answer, Error};
use crate::trying;

pub(super) mod shapes;
#[cfg(test)]
mod tests;

use shapes::{account, close_fault, create_fault, create_status, missing, tags, unit, unit_fault};

/// The most that `ListAccounts` and its neighbours give in one page.
const PAGE: i32 = 20;

/// Every page of a listing. A page may be empty and still have a next one.
macro_rules! pages {
    ($sender:expr, $call:expr, |$token:ident| $request:expr, $items:ident) => {{
        let mut all = Vec::new();
        let mut next: Option<String> = None;
        loop {
            let page = $sender
                .send($call, || {
                    let $token = next.clone();
                    $request.send()
                })
                .await?;
            all.extend(page.$items.unwrap_or_default());
            next = page.next_token.filter(|token| !token.is_empty());
            if next.is_none() {
                break all;
            }
        }
    }};
}
pub(crate) use pages;

/// The adapter.
pub(crate) struct AwsOrganizations {
    session: Arc<Session>,
    clients: Clients<Client>,
}

impl AwsOrganizations {
    pub(crate) fn new(session: Arc<Session>) -> Self {
        Self { session, clients: Clients::default() }
    }

    async fn client(&self, call: &str) -> Result<&Client, Error> {
        self.clients.of(&self.session, call, |sdk| client(&self.session, sdk)).await
    }
}

/// A client of Organizations with the credentials of `sdk`.
pub(crate) fn client(session: &Session, sdk: &SdkConfig) -> Client {
    let mut builder = Builder::from(sdk);
    if let Some(endpoint) = session.endpoint("organizations") {
        builder = builder.endpoint_url(endpoint);
    }
    Client::from_conf(builder.build())
}

// === impl AwsOrganizations ===

impl Organizations for AwsOrganizations {
    fn organization(&self) -> Call<'_, Organization> {
        Box::pin(async {
            const CALL: &str = "organizations:DescribeOrganization";
            let client = self.client(CALL).await?;
            let answer =
                self.session.sender().send(CALL, || client.describe_organization().send()).await?;
            let organization = answer.organization.ok_or_else(|| missing(CALL))?;
            Ok(Organization {
                id: organization.id.ok_or_else(|| missing(CALL))?,
                arn: organization.arn.unwrap_or_default(),
                management_account_id: answers::account_id(
                    CALL,
                    organization.master_account_id.unwrap_or_default(),
                )?,
                feature_set: organization
                    .feature_set
                    .map(|of| of.as_str().to_owned())
                    .unwrap_or_default(),
            })
        })
    }

    fn root(&self) -> Call<'_, Root> {
        Box::pin(async {
            const CALL: &str = "organizations:ListRoots";
            let client = self.client(CALL).await?;
            let roots = pages!(
                self.session.sender(),
                CALL,
                |token| client.list_roots().set_next_token(token),
                roots
            );
            let root = roots.into_iter().next().ok_or_else(|| missing(CALL))?;
            let policy_types = root
                .policy_types
                .unwrap_or_default()
                .into_iter()
                .filter(|of| of.status == Some(types::PolicyTypeStatus::Enabled))
                .filter_map(|of| of.r#type.map(|of| of.as_str().to_owned()))
                .collect();
            Ok(Root { id: root.id.unwrap_or_default(), policy_types })
        })
    }

    fn trusted_services(&self) -> Call<'_, BTreeSet<String>> {
        Box::pin(async {
            const CALL: &str = "organizations:ListAWSServiceAccessForOrganization";
            let client = self.client(CALL).await?;
            let services = pages!(
                self.session.sender(),
                CALL,
                |token| client.list_aws_service_access_for_organization().set_next_token(token),
                enabled_service_principals
            );
            Ok(services.into_iter().filter_map(|of| of.service_principal).collect())
        })
    }

    fn effective_tag_policy(&self) -> Call<'_, Option<String>> {
        Box::pin(async {
            const CALL: &str = "organizations:DescribeEffectivePolicy";
            let client = self.client(CALL).await?;
            let answer = self
                .session
                .sender()
                .send(CALL, || {
                    client
                        .describe_effective_policy()
                        .policy_type(types::EffectivePolicyType::TagPolicy)
                        .send()
                })
                .await;
            match answer {
                Ok(answer) => Ok(answer.effective_policy.and_then(|of| of.policy_content)),
                // No tag policy reaches the account, or the root has the type not enabled.
                Err(error)
                    if error.is_not_found() || error.answer() == Some(Answer::PolicyTypeOff) =>
                {
                    Ok(None)
                }
                Err(error) => Err(error),
            }
        })
    }

    fn accounts(&self) -> Call<'_, Vec<Account>> {
        Box::pin(async {
            const CALL: &str = "organizations:ListAccounts";
            let client = self.client(CALL).await?;
            let accounts = pages!(
                self.session.sender(),
                CALL,
                |token| client.list_accounts().max_results(PAGE).set_next_token(token),
                accounts
            );
            accounts.into_iter().map(|of| account(CALL, of)).collect()
        })
    }

    fn account<'a>(&'a self, id: &'a AccountId) -> Call<'a, Option<Account>> {
        Box::pin(async move {
            const CALL: &str = "organizations:DescribeAccount";
            let client = self.client(CALL).await?;
            let answer = self
                .session
                .sender()
                .send(CALL, || client.describe_account().account_id(id.as_str()).send())
                .await;
            match answer {
                Ok(answer) => answer.account.map(|of| account(CALL, of)).transpose(),
                Err(error) if error.is_not_found() => Ok(None),
                Err(error) => Err(error),
            }
        })
    }

    fn create_requests(&self, in_progress: bool) -> Call<'_, Vec<CreateStatus>> {
        Box::pin(async move {
            use types::CreateAccountState::{Failed, InProgress, Succeeded};
            let states = if in_progress { vec![InProgress] } else { vec![Succeeded, Failed] };
            const CALL: &str = "organizations:ListCreateAccountStatus";
            let client = self.client(CALL).await?;
            let requests = pages!(
                self.session.sender(),
                CALL,
                |token| client
                    .list_create_account_status()
                    .set_states(Some(states.clone()))
                    .max_results(PAGE)
                    .set_next_token(token),
                create_account_statuses
            );
            Ok(requests.into_iter().filter_map(create_status).collect())
        })
    }

    fn create_request<'a>(&'a self, request_id: &'a str) -> Call<'a, CreateStatus> {
        Box::pin(async move {
            const CALL: &str = "organizations:DescribeCreateAccountStatus";
            let client = self.client(CALL).await?;
            let answer = self
                .session
                .sender()
                .send(CALL, || {
                    client
                        .describe_create_account_status()
                        .create_account_request_id(request_id)
                        .send()
                })
                .await?;
            answer.create_account_status.and_then(create_status).ok_or_else(|| missing(CALL))
        })
    }

    fn create_account<'a>(&'a self, request: &'a CreateAccount) -> Call<'a, CreateStatus> {
        Box::pin(async move {
            const CALL: &str = "organizations:CreateAccount";
            let client = self.client(CALL).await?;
            let request = async {
                client
                    .create_account()
                    .email(&request.email)
                    .account_name(&request.name)
                    .role_name(&request.role_name)
                    .iam_user_access_to_billing(match request.billing_access {
                        BillingAccess::Allow => types::IamUserAccessToBilling::Allow,
                        BillingAccess::Deny => types::IamUserAccessToBilling::Deny,
                    })
                    .set_tags(Some(tags(&request.tags)))
                    .send()
                    .await
                    .map_err(|error| create_fault(CALL, &error))
            };
            let answer = self.session.sender().once(CALL, Box::pin(request)).await?;
            trying::answered(CALL, answer.request_id());
            answer.create_account_status.and_then(create_status).ok_or_else(|| missing(CALL))
        })
    }

    fn close_account<'a>(&'a self, id: &'a AccountId) -> Call<'a, ()> {
        Box::pin(async move {
            const CALL: &str = "organizations:CloseAccount";
            let client = self.client(CALL).await?;
            let request = async move {
                match client.close_account().account_id(id.as_str()).send().await {
                    Ok(answer) => {
                        trying::answered(CALL, answer.request_id());
                        Ok(())
                    }
                    Err(error) => match error.as_service_error() {
                        Some(CloseAccountError::AccountAlreadyClosedException(_)) => Ok(()),
                        _ => Err(close_fault(CALL, &error)),
                    },
                }
            };
            // Never again by itself: what speaks for it may not hold any more.
            self.session.sender().once(CALL, Box::pin(request)).await
        })
    }

    fn move_account<'a>(&'a self, id: &'a AccountId, from: &'a str, to: &'a str) -> Call<'a, ()> {
        Box::pin(async move {
            const CALL: &str = "organizations:MoveAccount";
            let client = self.client(CALL).await?;
            self.session
                .sender()
                .send(CALL, || {
                    client
                        .move_account()
                        .account_id(id.as_str())
                        .source_parent_id(from)
                        .destination_parent_id(to)
                        .send()
                })
                .await
                .map(drop)
        })
    }

    fn parent<'a>(&'a self, child_id: &'a str) -> Call<'a, String> {
        Box::pin(async move {
            const CALL: &str = "organizations:ListParents";
            let client = self.client(CALL).await?;
            let answer = self
                .session
                .sender()
                .send(CALL, || client.list_parents().child_id(child_id).send())
                .await?;
            let parent = answer.parents.unwrap_or_default().into_iter().next();
            parent.and_then(|parent| parent.id).ok_or_else(|| missing(CALL))
        })
    }

    fn tags<'a>(&'a self, resource_id: &'a str) -> Call<'a, BTreeMap<String, String>> {
        Box::pin(async move {
            const CALL: &str = "organizations:ListTagsForResource";
            let client = self.client(CALL).await?;
            let tags = pages!(
                self.session.sender(),
                CALL,
                |token| client
                    .list_tags_for_resource()
                    .resource_id(resource_id)
                    .set_next_token(token),
                tags
            );
            Ok(tags.into_iter().map(|tag| (tag.key, tag.value)).collect())
        })
    }

    fn tag<'a>(
        &'a self,
        resource_id: &'a str,
        wanted: &'a BTreeMap<String, String>,
    ) -> Call<'a, ()> {
        Box::pin(async move {
            const CALL: &str = "organizations:TagResource";
            let client = self.client(CALL).await?;
            self.session
                .sender()
                .send(CALL, || {
                    client
                        .tag_resource()
                        .resource_id(resource_id)
                        .set_tags(Some(tags(wanted)))
                        .send()
                })
                .await
                .map(drop)
        })
    }

    fn untag<'a>(&'a self, resource_id: &'a str, keys: &'a BTreeSet<String>) -> Call<'a, ()> {
        Box::pin(async move {
            const CALL: &str = "organizations:UntagResource";
            let client = self.client(CALL).await?;
            self.session
                .sender()
                .send(CALL, || {
                    client
                        .untag_resource()
                        .resource_id(resource_id)
                        .set_tag_keys(Some(keys.iter().cloned().collect()))
                        .send()
                })
                .await
                .map(drop)
        })
    }

    fn organizational_units<'a>(&'a self, parent_id: &'a str) -> Call<'a, Vec<OrganizationalUnit>> {
        Box::pin(async move {
            const CALL: &str = "organizations:ListOrganizationalUnitsForParent";
            let client = self.client(CALL).await?;
            let units = pages!(
                self.session.sender(),
                CALL,
                |token| client
                    .list_organizational_units_for_parent()
                    .parent_id(parent_id)
                    .max_results(PAGE)
                    .set_next_token(token),
                organizational_units
            );
            Ok(units.into_iter().map(unit).collect())
        })
    }

    fn organizational_unit<'a>(&'a self, id: &'a str) -> Call<'a, Option<OrganizationalUnit>> {
        Box::pin(async move {
            const CALL: &str = "organizations:DescribeOrganizationalUnit";
            let client = self.client(CALL).await?;
            let answer = self
                .session
                .sender()
                .send(CALL, || {
                    client.describe_organizational_unit().organizational_unit_id(id).send()
                })
                .await;
            match answer {
                Ok(answer) => Ok(answer.organizational_unit.map(unit)),
                Err(error) if error.is_not_found() => Ok(None),
                Err(error) => Err(error),
            }
        })
    }

    fn create_organizational_unit<'a>(
        &'a self,
        parent_id: &'a str,
        name: &'a str,
        wanted: &'a BTreeMap<String, String>,
    ) -> Call<'a, OrganizationalUnit> {
        Box::pin(async move {
            const CALL: &str = "organizations:CreateOrganizationalUnit";
            let client = self.client(CALL).await?;
            let answer = self
                .session
                .sender()
                .send_read(CALL, || {
                    let request = client
                        .create_organizational_unit()
                        .parent_id(parent_id)
                        .name(name)
                        .set_tags(Some(tags(wanted)))
                        .send();
                    async move { request.await.map_err(|error| unit_fault(CALL, &error)) }
                })
                .await?;
            let made = answer.organizational_unit.map(unit).filter(|unit| !unit.id.is_empty());
            made.ok_or_else(|| missing(CALL))
        })
    }

    fn rename_organizational_unit<'a>(&'a self, id: &'a str, name: &'a str) -> Call<'a, ()> {
        Box::pin(async move {
            const CALL: &str = "organizations:UpdateOrganizationalUnit";
            let client = self.client(CALL).await?;
            self.session
                .sender()
                .send(CALL, || {
                    client.update_organizational_unit().organizational_unit_id(id).name(name).send()
                })
                .await
                .map(drop)
        })
    }

    fn delete_organizational_unit<'a>(&'a self, id: &'a str) -> Call<'a, ()> {
        Box::pin(async move {
            const CALL: &str = "organizations:DeleteOrganizationalUnit";
            let client = self.client(CALL).await?;
            self.session
                .sender()
                .send(CALL, || {
                    client.delete_organizational_unit().organizational_unit_id(id).send()
                })
                .await
                .map(drop)
        })
    }

    fn accounts_in<'a>(&'a self, parent_id: &'a str) -> Call<'a, Vec<(AccountId, String)>> {
        Box::pin(async move {
            const CALL: &str = "organizations:ListAccountsForParent";
            let client = self.client(CALL).await?;
            let accounts = pages!(
                self.session.sender(),
                CALL,
                |token| client
                    .list_accounts_for_parent()
                    .parent_id(parent_id)
                    .max_results(PAGE)
                    .set_next_token(token),
                accounts
            );
            let pair = |of: types::Account| {
                let id = answers::account_id(CALL, of.id.unwrap_or_default())?;
                Ok((id, of.name.unwrap_or_default()))
            };
            accounts.into_iter().map(pair).collect()
        })
    }
}
