//! A session in a member account: its IAM and its own regions.

use std::collections::BTreeSet;

use aws_config::SdkConfig;
use aws_sdk_iam::Client;
use aws_sdk_iam::operation::get_account_authorization_details::GetAccountAuthorizationDetailsOutput;
use aws_sdk_iam::types::{EntityType, Tag};
use percent_encoding::percent_decode_str;

use super::account_settings::OwnSettings;
use super::answers;
use super::regions;
use super::retry::Sender;
use super::switches::AwsSwitches;
use super::thin::{Endpoints, Thin};
use crate::aws::api::member::{
    Change, Identities, ManagedPolicy, Member, OidcProvider, PasswordPolicy, RegionStatuses, Role,
    Tags,
};
use crate::aws::api::{AccountSettings, Call, RootUser, Settings};
use crate::aws::policy::speaks_of;
use crate::error::{Error, Kind};

mod providers;
mod summary;

/// The most that `GetAccountAuthorizationDetails` gives in one page.
const PAGE: i32 = 1000;

/// The adapter, over a role's credentials.
pub(crate) struct AwsMember {
    sender: Sender,
    iam: Client,
    account: aws_sdk_account::Client,
    settings: OwnSettings,
    switches: AwsSwitches,
}

impl AwsMember {
    /// Clients over the credentials in `sdk`, which are of the account, with the endpoints of the provider block.
    pub(crate) fn new(
        sdk: &SdkConfig,
        sender: Sender,
        account_id: &str,
        endpoint: Endpoints,
    ) -> Self {
        let mut iam = aws_sdk_iam::config::Builder::from(sdk);
        if let Some(url) = endpoint("iam") {
            iam = iam.endpoint_url(url);
        }
        let mut account = aws_sdk_account::config::Builder::from(sdk);
        if let Some(url) = endpoint("account") {
            account = account.endpoint_url(url);
        }
        let account = aws_sdk_account::Client::from_conf(account.build());
        let region = sdk.region().map(ToString::to_string).unwrap_or_default();
        let thin = Thin::new(sdk.clone(), sender.clone(), endpoint);
        Self {
            settings: OwnSettings::new(account.clone(), sender.clone()),
            switches: AwsSwitches::new(thin, account_id.to_owned(), &region),
            sender,
            iam: Client::from_conf(iam.build()),
            account,
        }
    }

    /// A page of the account's roles and of its own policies.
    async fn details(
        &self,
        marker: Option<String>,
    ) -> Result<GetAccountAuthorizationDetailsOutput, Error> {
        let call = "iam:GetAccountAuthorizationDetails";
        let sending = self.sender.send(call, || {
            self.iam
                .get_account_authorization_details()
                .filter(EntityType::Role)
                .filter(EntityType::LocalManagedPolicy)
                .max_items(PAGE)
                .set_marker(marker.clone())
                .send()
        });
        let page = sending.await?;
        // A page may be of the one alone or of the other.
        if page.role_detail_list.is_none() && page.policies.is_none() {
            return Err(answers::incomplete(call, "RoleDetailList"));
        }
        Ok(page)
    }

    async fn policy_tags(&self, arn: &str) -> Result<Tags, Error> {
        let answer = self
            .sender
            .send("iam:ListPolicyTags", || {
                self.iam.list_policy_tags().policy_arn(arn).max_items(100).send()
            })
            .await?;
        Ok(tag_map(answer.tags))
    }
}

// === impl AwsMember ===

impl Member for AwsMember {
    fn identities<'a>(
        &'a self,
        roles: &'a BTreeSet<String>,
        policies: &'a BTreeSet<String>,
    ) -> Call<'a, Identities> {
        Box::pin(async move {
            let mut found = Identities::default();
            let mut marker = None;
            loop {
                let page = self.details(marker).await?;
                for detail in page.role_detail_list.unwrap_or_default() {
                    if let Some(name) = detail.role_name.clone().filter(|name| roles.contains(name))
                    {
                        found.roles.insert(name, role(detail));
                    }
                }
                for detail in page.policies.unwrap_or_default() {
                    // By the end of its ARN: emulators leave the name itself out.
                    let name = detail.arn().and_then(|arn| arn.rsplit('/').next());
                    if let Some(name) = name.filter(|name| policies.contains(*name)) {
                        found.policies.insert(name.to_owned(), policy(detail));
                    }
                }
                marker = page.marker.filter(|marker| page.is_truncated && !marker.is_empty());
                if marker.is_none() {
                    break;
                }
            }
            // The details of a policy have no tags.
            for policy in found.policies.values_mut() {
                policy.tags = self.policy_tags(&policy.arn).await?;
            }
            Ok(found)
        })
    }

    fn oidc_provider<'a>(&'a self, arn: &'a str) -> Call<'a, Option<OidcProvider>> {
        Box::pin(async move {
            let answer = self
                .sender
                .send("iam:GetOpenIDConnectProvider", || {
                    self.iam.get_open_id_connect_provider().open_id_connect_provider_arn(arn).send()
                })
                .await;
            match answer {
                Ok(found) => Ok(Some(OidcProvider {
                    arn: arn.to_owned(),
                    audiences: found.client_id_list.unwrap_or_default().into_iter().collect(),
                    tags: tag_map(found.tags.unwrap_or_default()),
                })),
                Err(error) if error.is_not_found() => Ok(None),
                Err(error) => Err(error),
            }
        })
    }

    fn oidc_providers(&self) -> Call<'_, Vec<OidcProvider>> {
        Box::pin(async move {
            let answer = self
                .sender
                .send("iam:ListOpenIDConnectProviders", || {
                    self.iam.list_open_id_connect_providers().send()
                })
                .await?;
            let mut providers = Vec::new();
            let lacks = || {
                let member = "OpenIDConnectProviderList";
                answers::incomplete("iam:ListOpenIDConnectProviders", member)
            };
            for entry in answer.open_id_connect_provider_list.ok_or_else(lacks)? {
                if let Some(arn) = entry.arn {
                    providers.extend(self.oidc_provider(&arn).await?);
                }
            }
            Ok(providers)
        })
    }

    fn trusting<'a>(&'a self, provider_arn: &'a str) -> Call<'a, BTreeSet<String>> {
        Box::pin(async move {
            let (mut names, mut marker) = (BTreeSet::new(), None);
            loop {
                let page = self.details(marker).await?;
                for detail in page.role_detail_list.unwrap_or_default() {
                    let name = detail.role_name.clone();
                    if speaks_of(&role(detail).trust, provider_arn) {
                        names.extend(name);
                    }
                }
                marker = page.marker.filter(|marker| page.is_truncated && !marker.is_empty());
                if marker.is_none() {
                    return Ok(names);
                }
            }
        })
    }

    fn role_names(&self) -> Call<'_, Vec<String>> {
        Box::pin(async move {
            let (mut names, mut marker) = (Vec::new(), None);
            loop {
                let answer = self
                    .sender
                    .send("iam:ListRoles", || {
                        self.iam.list_roles().set_marker(marker.clone()).send()
                    })
                    .await?;
                names.extend(answer.roles.into_iter().map(|role| role.role_name));
                marker = answer.marker.filter(|_| answer.is_truncated);
                if marker.is_none() {
                    return Ok(names);
                }
            }
        })
    }

    fn password_policy(&self) -> Call<'_, Option<PasswordPolicy>> {
        Box::pin(async move {
            let answer = self
                .sender
                .send("iam:GetAccountPasswordPolicy", || {
                    self.iam.get_account_password_policy().send()
                })
                .await;
            match answer {
                Ok(found) => Ok(found.password_policy.map(|policy| PasswordPolicy {
                    minimum_length: policy.minimum_password_length.unwrap_or(6),
                    lowercase: policy.require_lowercase_characters,
                    uppercase: policy.require_uppercase_characters,
                    numbers: policy.require_numbers,
                    symbols: policy.require_symbols,
                    users_may_change: policy.allow_users_to_change_password,
                    // Zero and absent both mean that the rule is off.
                    max_age_days: policy.max_password_age.filter(|days| *days > 0),
                    reuse_prevention: policy.password_reuse_prevention.filter(|n| *n > 0),
                    hard_expiry: policy.hard_expiry.unwrap_or(false),
                })),
                Err(error) if error.is_not_found() => Ok(None),
                Err(error) => Err(error),
            }
        })
    }

    fn root_user(&self) -> Call<'_, RootUser> {
        Box::pin(summary::root_user(&self.iam, &self.sender))
    }

    fn change<'a>(&'a self, change: &'a Change) -> Call<'a, ()> {
        Box::pin(async move {
            change.check()?;
            match change {
                Change::PutPasswordPolicy(policy) => self.put_password_policy(policy).await,
                Change::DeletePasswordPolicy => self.delete_password_policy().await,
                Change::CreatePolicy { .. } | Change::UpdatePolicy { .. } => {
                    self.change_policy(change).await
                }
                Change::CreateProvider { .. }
                | Change::AddAudience { .. }
                | Change::RemoveAudience { .. }
                | Change::TagProvider { .. }
                | Change::DeleteProvider { .. } => self.change_provider(change).await,
                _ => self.change_role(change).await,
            }
        })
    }

    fn own_regions(&self) -> Call<'_, RegionStatuses> {
        Box::pin(regions::statuses(&self.account, &self.sender, None))
    }

    fn enable_own_region<'a>(&'a self, region: &'a str) -> Call<'a, ()> {
        Box::pin(regions::enable(&self.account, &self.sender, None, region))
    }

    fn own_settings(&self) -> &dyn AccountSettings {
        &self.settings
    }

    fn switches(&self) -> &dyn Settings {
        &self.switches
    }
}

impl AwsMember {
    async fn put_password_policy(&self, policy: &PasswordPolicy) -> Result<(), Error> {
        // What is left out goes back to AWS's default, so everything is said.
        self.sender
            .send("iam:UpdateAccountPasswordPolicy", || {
                self.iam
                    .update_account_password_policy()
                    .minimum_password_length(policy.minimum_length)
                    .require_lowercase_characters(policy.lowercase)
                    .require_uppercase_characters(policy.uppercase)
                    .require_numbers(policy.numbers)
                    .require_symbols(policy.symbols)
                    .allow_users_to_change_password(policy.users_may_change)
                    .set_max_password_age(policy.max_age_days)
                    .set_password_reuse_prevention(policy.reuse_prevention)
                    .hard_expiry(policy.hard_expiry)
                    .send()
            })
            .await
            .map(|_| ())
    }

    async fn delete_password_policy(&self) -> Result<(), Error> {
        let deleted = self.sender.send("iam:DeleteAccountPasswordPolicy", || {
            self.iam.delete_account_password_policy().send()
        });
        deleted.await.map(|_| ())
    }

    async fn change_policy(&self, change: &Change) -> Result<(), Error> {
        match change {
            Change::CreatePolicy { name, description, document, tags } => {
                let tags = tag_list(tags)?;
                self.sender
                    .send("iam:CreatePolicy", || {
                        self.iam
                            .create_policy()
                            .policy_name(name)
                            .description(description)
                            .policy_document(document)
                            .set_tags(Some(tags.clone()))
                            .send()
                    })
                    .await
                    .map(|_| ())
            }
            Change::UpdatePolicy { arn, document, delete_version } => {
                if let Some(version) = delete_version {
                    let deleted = self
                        .sender
                        .send("iam:DeletePolicyVersion", || {
                            self.iam
                                .delete_policy_version()
                                .policy_arn(arn)
                                .version_id(version)
                                .send()
                        })
                        .await;
                    match deleted {
                        Err(error) if !error.is_not_found() => return Err(error),
                        _ => {}
                    }
                }
                self.sender
                    .send("iam:CreatePolicyVersion", || {
                        self.iam
                            .create_policy_version()
                            .policy_arn(arn)
                            .policy_document(document)
                            .set_as_default(true)
                            .send()
                    })
                    .await
                    .map(|_| ())
            }
            _ => Err(unexpected()),
        }
    }

    async fn change_role(&self, change: &Change) -> Result<(), Error> {
        let iam = &self.iam;
        match change {
            Change::CreateRole { name, description, trust, boundary, tags } => {
                let tags = tag_list(tags)?;
                self.sender
                    .send("iam:CreateRole", || {
                        iam.create_role()
                            .role_name(name)
                            .description(description)
                            .assume_role_policy_document(trust)
                            .permissions_boundary(boundary)
                            .set_tags(Some(tags.clone()))
                            .send()
                    })
                    .await
                    .map(|_| ())
            }
            Change::PutBoundary { role, boundary } => self
                .sender
                .send("iam:PutRolePermissionsBoundary", || {
                    iam.put_role_permissions_boundary()
                        .role_name(role)
                        .permissions_boundary(boundary)
                        .send()
                })
                .await
                .map(|_| ()),
            Change::AttachPolicy { role, policy } => self
                .sender
                .send("iam:AttachRolePolicy", || {
                    iam.attach_role_policy().role_name(role).policy_arn(policy).send()
                })
                .await
                .map(|_| ()),
            Change::DetachPolicy { role, policy } => self
                .sender
                .send("iam:DetachRolePolicy", || {
                    iam.detach_role_policy().role_name(role).policy_arn(policy).send()
                })
                .await
                .map(|_| ()),
            Change::DeleteInlinePolicy { role, name } => self
                .sender
                .send("iam:DeleteRolePolicy", || {
                    iam.delete_role_policy().role_name(role).policy_name(name).send()
                })
                .await
                .map(|_| ()),
            Change::UpdateTrust { role, trust } => self
                .sender
                .send("iam:UpdateAssumeRolePolicy", || {
                    iam.update_assume_role_policy().role_name(role).policy_document(trust).send()
                })
                .await
                .map(|_| ()),
            Change::TagRole { role, tags } => {
                let tags = tag_list(tags)?;
                self.sender
                    .send("iam:TagRole", || {
                        iam.tag_role().role_name(role).set_tags(Some(tags.clone())).send()
                    })
                    .await
                    .map(|_| ())
            }
            _ => Err(unexpected()),
        }
    }
}

fn role(detail: aws_sdk_iam::types::RoleDetail) -> Role {
    let attached = detail.attached_managed_policies.unwrap_or_default();
    let inline = detail.role_policy_list.unwrap_or_default();
    Role {
        trust: decoded(detail.assume_role_policy_document.as_deref().unwrap_or_default()),
        boundary: detail.permissions_boundary.and_then(|of| of.permissions_boundary_arn),
        attached: attached.into_iter().filter_map(|policy| policy.policy_arn).collect(),
        inline: inline.into_iter().filter_map(|policy| policy.policy_name).collect(),
        tags: tag_map(detail.tags.unwrap_or_default()),
    }
}

fn policy(detail: aws_sdk_iam::types::ManagedPolicyDetail) -> ManagedPolicy {
    let mut versions = detail.policy_version_list.unwrap_or_default();
    // Numbered v1, v2, … v10: by number, not by text.
    versions.sort_by_key(|version| {
        let id = version.version_id.as_deref().unwrap_or_default();
        id.trim_start_matches('v').parse::<u32>().unwrap_or(u32::MAX)
    });
    let default = versions.iter().find(|version| version.is_default_version);
    ManagedPolicy {
        document: decoded(default.and_then(|version| version.document()).unwrap_or_default()),
        other_versions: versions
            .iter()
            .filter(|version| !version.is_default_version)
            .filter_map(|version| version.version_id.clone())
            .collect(),
        arn: detail.arn.unwrap_or_default(),
        tags: Tags::new(),
    }
}

/// IAM gives documents URL-encoded (RFC 3986).
fn decoded(document: &str) -> String {
    // One that is there as it was written: a percent sign in it is its own.
    if document.trim_start().starts_with('{') {
        return document.to_owned();
    }
    percent_decode_str(document).decode_utf8_lossy().into_owned()
}

fn tag_map(tags: Vec<Tag>) -> Tags {
    tags.into_iter().map(|tag| (tag.key, tag.value)).collect()
}

fn tag_list(tags: &Tags) -> Result<Vec<Tag>, Error> {
    tags.iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build().map_err(|_| unexpected()))
        .collect()
}

fn unexpected() -> Error {
    Error::new("iam", Kind::Unexpected, "Change", "a change that this call does not carry out")
}

#[cfg(test)]
mod tests;
