//! The Resource Groups Tagging API: accounts by tag.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_config::{Region, SdkConfig};
use aws_sdk_resourcegroupstagging::Client;
use aws_sdk_resourcegroupstagging::config::Builder;
use aws_sdk_resourcegroupstagging::types::{ResourceTagMapping, TagFilter};

use super::session::{Clients, Session};
use crate::aws::api::{AccountId, Call, TagIndex};
use crate::error::Error;
use crate::partition::Partition;

const CALL: &str = "tag:GetResources";
/// The most that AWS takes.
const PAGE: i32 = 100;

/// The adapter.
pub(crate) struct AwsTagIndex {
    session: Arc<Session>,
    clients: Clients<Client>,
}

impl AwsTagIndex {
    pub(crate) fn new(session: Arc<Session>) -> Self {
        Self { session, clients: Clients::default() }
    }

    async fn client(&self) -> Result<&Client, Error> {
        let make = |sdk: &SdkConfig| {
            let region = sdk.region().map_or("", AsRef::as_ref);
            let home = Partition::of(region).organizations_region();
            let mut builder = Builder::from(sdk).region(Region::new(home));
            if let Some(endpoint) = self.session.endpoint("resourcegroupstaggingapi") {
                builder = builder.endpoint_url(endpoint);
            }
            Client::from_conf(builder.build())
        };
        self.clients.of(&self.session, CALL, make).await
    }
}

impl AwsTagIndex {
    /// The accounts that have tags, or one that passes `filter`.
    async fn accounts(&self, filter: Option<TagFilter>) -> Result<Vec<ResourceTagMapping>, Error> {
        let client = self.client().await?;
        let mut accounts = Vec::new();
        let mut next: Option<String> = None;
        loop {
            let page = self
                .session
                .sender()
                .send(CALL, || {
                    client
                        .get_resources()
                        .resource_type_filters("organizations:account")
                        .resources_per_page(PAGE)
                        .set_tag_filters(filter.clone().map(|filter| vec![filter]))
                        .set_pagination_token(next.clone())
                        .send()
                })
                .await?;
            accounts.extend(page.resource_tag_mapping_list.unwrap_or_default());
            next = page.pagination_token.filter(|token| !token.is_empty());
            if next.is_none() {
                return Ok(accounts);
            }
        }
    }
}

impl TagIndex for AwsTagIndex {
    fn accounts_tagged<'a>(&'a self, key: &'a str, value: &'a str) -> Call<'a, Vec<AccountId>> {
        Box::pin(async move {
            let filter = TagFilter::builder().key(key).values(value).build();
            let found = self.accounts(Some(filter)).await?;
            Ok(found.iter().filter_map(|of| account_id(of.resource_arn.as_deref()?)).collect())
        })
    }

    fn tags_of_accounts(&self) -> Call<'_, BTreeMap<AccountId, BTreeMap<String, String>>> {
        Box::pin(async {
            let found = self.accounts(None).await?;
            let tagged = found.into_iter().filter_map(|of| {
                let id = account_id(of.resource_arn.as_deref()?)?;
                let tags = of.tags.unwrap_or_default();
                Some((id, tags.into_iter().map(|tag| (tag.key, tag.value)).collect()))
            });
            Ok(tagged.collect())
        })
    }
}

/// The account of `arn:aws:organizations::111122223333:account/o-…/123456789012`.
fn account_id(arn: &str) -> Option<AccountId> {
    let (_, id) = arn.rsplit_once('/')?;
    AccountId::parse(id).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_arn_ends_in_its_id() {
        let arn = "arn:aws:organizations::111122223333:account/o-abc/123456789012";
        assert_eq!(account_id(arn).as_deref(), Some("123456789012"));
        assert_eq!(account_id("arn:aws:organizations::111122223333:ou/o-abc/ou-ab12-x"), None);
    }
}
