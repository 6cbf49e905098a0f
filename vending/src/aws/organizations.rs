//! Organizations, with the credentials of the provider block.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_sdk_organizations::Client;
use aws_sdk_organizations::config::Builder;
use aws_sdk_organizations::operation::close_account::CloseAccountError;
use aws_sdk_organizations::operation::create_account::CreateAccountError;
use aws_sdk_organizations::types::error::ConstraintViolationException;
use aws_sdk_organizations::types::{self, Tag};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use jiff::Timestamp;
use tokio::sync::OnceCell;

use super::fault::{self, Signer};
use super::retry::{send, send_read};
use super::session::Session;
use crate::error::{Error, Kind};
use crate::ports::{
    Account, AccountState, Call, CreateAccount, CreateState, CreateStatus, Organization,
    OrganizationalUnit, Organizations, Root,
};

/// The most that `ListAccounts` and its neighbours give in one page.
const PAGE: i32 = 20;

/// Every page of a listing. A page may be empty and still have a next one.
macro_rules! pages {
    ($call:literal, |$token:ident| $request:expr, $items:ident) => {{
        let mut all = Vec::new();
        let mut next: Option<String> = None;
        loop {
            let page = send(Signer::Caller, $call, || {
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

/// The adapter. Its client is made by the first call.
pub(crate) struct AwsOrganizations {
    session: Arc<Session>,
    client: OnceCell<Client>,
}

impl AwsOrganizations {
    pub(crate) fn new(session: Arc<Session>) -> Self {
        Self { session, client: OnceCell::new() }
    }

    async fn client(&self) -> Result<&Client, Error> {
        self.client.get_or_try_init(|| client(&self.session)).await
    }
}

/// A client of Organizations with the provider block's credentials.
pub(crate) async fn client(session: &Session) -> Result<Client, Error> {
    let mut builder = Builder::from(session.sdk().await?);
    if let Some(endpoint) = session.endpoint("organizations") {
        builder = builder.endpoint_url(endpoint);
    }
    Ok(Client::from_conf(builder.build()))
}

// === impl AwsOrganizations ===

impl Organizations for AwsOrganizations {
    fn organization(&self) -> Call<'_, Organization> {
        Box::pin(async {
            let client = self.client().await?;
            const CALL: &str = "organizations:DescribeOrganization";
            let answer =
                send(Signer::Caller, CALL, || client.describe_organization().send()).await?;
            let organization = answer.organization.ok_or_else(|| missing(CALL))?;
            Ok(Organization {
                id: organization.id.ok_or_else(|| missing(CALL))?,
                management_account_id: organization.master_account_id.unwrap_or_default(),
            })
        })
    }

    fn root(&self) -> Call<'_, Root> {
        Box::pin(async {
            let client = self.client().await?;
            let roots = pages!(
                "organizations:ListRoots",
                |token| client.list_roots().set_next_token(token),
                roots
            );
            let root =
                roots.into_iter().next().ok_or_else(|| missing("organizations:ListRoots"))?;
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
            let client = self.client().await?;
            let services = pages!(
                "organizations:ListAWSServiceAccessForOrganization",
                |token| client.list_aws_service_access_for_organization().set_next_token(token),
                enabled_service_principals
            );
            Ok(services.into_iter().filter_map(|of| of.service_principal).collect())
        })
    }

    fn accounts(&self) -> Call<'_, Vec<Account>> {
        Box::pin(async {
            let client = self.client().await?;
            let accounts = pages!(
                "organizations:ListAccounts",
                |token| client.list_accounts().max_results(PAGE).set_next_token(token),
                accounts
            );
            Ok(accounts.into_iter().map(account).collect())
        })
    }

    fn account<'a>(&'a self, id: &'a str) -> Call<'a, Option<Account>> {
        Box::pin(async move {
            let client = self.client().await?;
            let answer = send(Signer::Caller, "organizations:DescribeAccount", || {
                client.describe_account().account_id(id).send()
            })
            .await;
            match answer {
                Ok(answer) => Ok(answer.account.map(account)),
                Err(error) if error.is_not_found() => Ok(None),
                Err(error) => Err(error),
            }
        })
    }

    fn create_requests(&self, in_progress: bool) -> Call<'_, Vec<CreateStatus>> {
        Box::pin(async move {
            use types::CreateAccountState::{Failed, InProgress, Succeeded};
            let states = if in_progress { vec![InProgress] } else { vec![Succeeded, Failed] };
            let client = self.client().await?;
            let requests = pages!(
                "organizations:ListCreateAccountStatus",
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
            let client = self.client().await?;
            let answer = send(Signer::Caller, CALL, || {
                client.describe_create_account_status().create_account_request_id(request_id).send()
            })
            .await?;
            answer.create_account_status.and_then(create_status).ok_or_else(|| missing(CALL))
        })
    }

    fn create_account<'a>(&'a self, request: &'a CreateAccount) -> Call<'a, CreateStatus> {
        Box::pin(async move {
            const CALL: &str = "organizations:CreateAccount";
            let client = self.client().await?;
            let answer = client
                .create_account()
                .email(&request.email)
                .account_name(&request.name)
                .role_name(&request.role_name)
                .set_tags(Some(tags(&request.tags)))
                .send()
                .await
                .map_err(|error| create_fault(CALL, &error))?;
            answer.create_account_status.and_then(create_status).ok_or_else(|| missing(CALL))
        })
    }

    fn close_account<'a>(&'a self, id: &'a str) -> Call<'a, ()> {
        Box::pin(async move {
            const CALL: &str = "organizations:CloseAccount";
            let client = self.client().await?;
            send_read(|| async move {
                match client.close_account().account_id(id).send().await {
                    Ok(_) => Ok(()),
                    Err(error) => match error.as_service_error() {
                        Some(CloseAccountError::AccountAlreadyClosedException(_)) => Ok(()),
                        _ => Err(close_fault(CALL, &error)),
                    },
                }
            })
            .await
        })
    }

    fn move_account<'a>(&'a self, id: &'a str, from: &'a str, to: &'a str) -> Call<'a, ()> {
        Box::pin(async move {
            let client = self.client().await?;
            send(Signer::Caller, "organizations:MoveAccount", || {
                client
                    .move_account()
                    .account_id(id)
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
            let client = self.client().await?;
            let answer =
                send(Signer::Caller, CALL, || client.list_parents().child_id(child_id).send())
                    .await?;
            let parent = answer.parents.unwrap_or_default().into_iter().next();
            parent.and_then(|parent| parent.id).ok_or_else(|| missing(CALL))
        })
    }

    fn tags<'a>(&'a self, resource_id: &'a str) -> Call<'a, BTreeMap<String, String>> {
        Box::pin(async move {
            let client = self.client().await?;
            let tags = pages!(
                "organizations:ListTagsForResource",
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
            let client = self.client().await?;
            send(Signer::Caller, "organizations:TagResource", || {
                client.tag_resource().resource_id(resource_id).set_tags(Some(tags(wanted))).send()
            })
            .await
            .map(drop)
        })
    }

    fn untag<'a>(&'a self, resource_id: &'a str, keys: &'a BTreeSet<String>) -> Call<'a, ()> {
        Box::pin(async move {
            let client = self.client().await?;
            send(Signer::Caller, "organizations:UntagResource", || {
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
            let client = self.client().await?;
            let units = pages!(
                "organizations:ListOrganizationalUnitsForParent",
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
            let client = self.client().await?;
            let answer = send(Signer::Caller, "organizations:DescribeOrganizationalUnit", || {
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
            let client = self.client().await?;
            let answer = send(Signer::Caller, CALL, || {
                client
                    .create_organizational_unit()
                    .parent_id(parent_id)
                    .name(name)
                    .set_tags(Some(tags(wanted)))
                    .send()
            })
            .await?;
            answer.organizational_unit.map(unit).ok_or_else(|| missing(CALL))
        })
    }

    fn rename_organizational_unit<'a>(&'a self, id: &'a str, name: &'a str) -> Call<'a, ()> {
        Box::pin(async move {
            let client = self.client().await?;
            send(Signer::Caller, "organizations:UpdateOrganizationalUnit", || {
                client.update_organizational_unit().organizational_unit_id(id).name(name).send()
            })
            .await
            .map(drop)
        })
    }

    fn delete_organizational_unit<'a>(&'a self, id: &'a str) -> Call<'a, ()> {
        Box::pin(async move {
            let client = self.client().await?;
            send(Signer::Caller, "organizations:DeleteOrganizationalUnit", || {
                client.delete_organizational_unit().organizational_unit_id(id).send()
            })
            .await
            .map(drop)
        })
    }

    fn accounts_in<'a>(&'a self, parent_id: &'a str) -> Call<'a, Vec<(String, String)>> {
        Box::pin(async move {
            let client = self.client().await?;
            let accounts = pages!(
                "organizations:ListAccountsForParent",
                |token| client
                    .list_accounts_for_parent()
                    .parent_id(parent_id)
                    .max_results(PAGE)
                    .set_next_token(token),
                accounts
            );
            let pair =
                |of: types::Account| (of.id.unwrap_or_default(), of.name.unwrap_or_default());
            Ok(accounts.into_iter().map(pair).collect())
        })
    }
}

// === from AWS's shapes to ours ===

fn missing(call: &str) -> Error {
    Error::new(call, Kind::Unexpected, "EmptyAnswer", "the answer lacks what was asked for")
}

fn tags(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    tags.iter()
        .filter_map(|(key, value)| Tag::builder().key(key).value(value).build().ok())
        .collect()
}

fn unit(of: types::OrganizationalUnit) -> OrganizationalUnit {
    OrganizationalUnit {
        id: of.id.unwrap_or_default(),
        arn: of.arn.unwrap_or_default(),
        name: of.name.unwrap_or_default(),
    }
}

fn timestamp(of: Option<aws_smithy_types::DateTime>) -> Option<Timestamp> {
    of.and_then(|at| Timestamp::from_second(at.secs()).ok())
}

fn account(of: types::Account) -> Account {
    Account {
        state: account_state(&of),
        parent_id: of.paths.as_deref().and_then(|paths| paths.first()).and_then(|p| last_of(p)),
        id: of.id.unwrap_or_default(),
        arn: of.arn.unwrap_or_default(),
        name: of.name.unwrap_or_default(),
        email: of.email.unwrap_or_default(),
        created_here: of.joined_method == Some(types::AccountJoinedMethod::Created),
        joined_at: timestamp(of.joined_timestamp),
    }
}

/// The OU or root at the end of `o-…/r-…/ou-…/` (with or without the account itself after it).
fn last_of(path: &str) -> Option<String> {
    path.split('/')
        .rev()
        .find(|part| part.starts_with("ou-") || part.starts_with("r-"))
        .map(str::to_owned)
}

/// `State` is the one that AWS keeps; `Status` is on its way out, and only speaks where `State` is
/// silent. A word that we do not know is not taken for inactive.
fn account_state(of: &types::Account) -> AccountState {
    let word = match (&of.state, status(of)) {
        (Some(state), _) => state.as_str().to_owned(),
        (None, Some(status)) => status,
        (None, None) => return AccountState::Other,
    };
    match word.as_str() {
        "PENDING_ACTIVATION" => AccountState::PendingActivation,
        "ACTIVE" => AccountState::Active,
        "SUSPENDED" => AccountState::Suspended,
        "PENDING_CLOSURE" => AccountState::PendingClosure,
        "CLOSED" => AccountState::Closed,
        _ => AccountState::Other,
    }
}

fn status(of: &types::Account) -> Option<String> {
    of.status.as_ref().map(|status| status.as_str().to_owned())
}

fn create_status(of: types::CreateAccountStatus) -> Option<CreateStatus> {
    use types::CreateAccountState as State;
    let state = match of.state? {
        State::Succeeded => CreateState::Succeeded { account_id: of.account_id? },
        State::Failed => CreateState::Failed {
            reason: of
                .failure_reason
                .map_or_else(|| "no reason given".to_owned(), |reason| reason.as_str().to_owned()),
        },
        // A state that we do not know has not ended.
        _ => CreateState::InProgress,
    };
    Some(CreateStatus {
        request_id: of.id?,
        name: of.account_name.unwrap_or_default(),
        requested_at: timestamp(of.requested_timestamp),
        state,
    })
}

// === constraint violations: the reason decides ===

fn create_fault(call: &str, error: &SdkError<CreateAccountError, HttpResponse>) -> Error {
    let fault = fault::read(Signer::Caller, call, error);
    match error.as_service_error() {
        Some(CreateAccountError::ConstraintViolationException(violation)) => {
            constraint(fault, violation)
        }
        _ => fault,
    }
}

fn close_fault(call: &str, error: &SdkError<CloseAccountError, HttpResponse>) -> Error {
    let fault = fault::read(Signer::Caller, call, error);
    match error.as_service_error() {
        Some(CloseAccountError::ConstraintViolationException(violation)) => {
            constraint(fault, violation)
        }
        _ => fault,
    }
}

/// `ConstraintViolationException` says in its reason what it is; emulators and old endpoints leave
/// the reason out and begin the message with it.
fn constraint(fault: Error, violation: &ConstraintViolationException) -> Error {
    let reason = match violation.reason() {
        Some(reason) => reason.as_str().to_owned(),
        None => violation
            .message()
            .unwrap_or_default()
            .split(|c: char| !(c.is_ascii_uppercase() || c == '_'))
            .find(|word| word.contains('_'))
            .unwrap_or("ConstraintViolationException")
            .to_owned(),
    };
    let kind = match reason.as_str() {
        "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED" | "CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED" => {
            Kind::InFlightLimit
        }
        "ACCOUNT_NUMBER_LIMIT_EXCEEDED" | "CLOSE_ACCOUNT_QUOTA_EXCEEDED" => Kind::Quota,
        _ => Kind::Invalid,
    };
    Error { kind, code: reason, ..fault }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_speaks_before_status() {
        let of = |state: Option<&str>, status: Option<&str>| {
            let mut builder = types::Account::builder();
            if let Some(state) = state {
                builder = builder.state(state.into());
            }
            if let Some(status) = status {
                builder = builder.status(status.into());
            }
            account_state(&builder.build())
        };
        assert_eq!(of(Some("PENDING_CLOSURE"), Some("SUSPENDED")), AccountState::PendingClosure);
        assert_eq!(of(Some("CLOSED"), Some("SUSPENDED")), AccountState::Closed);
        assert_eq!(of(None, Some("ACTIVE")), AccountState::Active);
        assert_eq!(of(Some("BRAND_NEW"), Some("SUSPENDED")), AccountState::Other);
        assert_eq!(of(None, None), AccountState::Other);
    }

    #[test]
    fn a_path_ends_in_the_parent() {
        for (path, parent) in [
            ("o-abc/r-ab12/ou-ab12-11111111/", Some("ou-ab12-11111111")),
            ("o-abc/r-ab12/ou-ab12-11111111/123456789012/", Some("ou-ab12-11111111")),
            ("o-abc/r-ab12/", Some("r-ab12")),
            ("", None),
        ] {
            assert_eq!(last_of(path).as_deref(), parent, "{path}");
        }
    }

    #[test]
    fn the_reason_of_a_constraint_decides() {
        let fault = || Error::new("organizations:CreateAccount", Kind::Invalid, "C", "m");
        let with = |reason: Option<&str>, message: &str| {
            let mut builder = ConstraintViolationException::builder().message(message);
            if let Some(reason) = reason {
                builder = builder.reason(reason.into());
            }
            constraint(fault(), &builder.build())
        };
        for (reason, message, kind) in [
            (Some("ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED"), "", Kind::InFlightLimit),
            (Some("ACCOUNT_NUMBER_LIMIT_EXCEEDED"), "", Kind::Quota),
            (Some("CLOSE_ACCOUNT_QUOTA_EXCEEDED"), "", Kind::Quota),
            (Some("TAG_POLICY_VIOLATION"), "", Kind::Invalid),
            (None, "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED: later", Kind::InFlightLimit),
            (None, "no reason at all", Kind::Invalid),
        ] {
            assert_eq!(with(reason, message).kind, kind, "{reason:?} {message}");
        }
    }
}
