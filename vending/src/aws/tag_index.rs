//! The Resource Groups Tagging API: accounts by tag.

use std::sync::Arc;

use aws_config::Region;
use aws_sdk_resourcegroupstagging::Client;
use aws_sdk_resourcegroupstagging::config::Builder;
use aws_sdk_resourcegroupstagging::types::TagFilter;
use tokio::sync::OnceCell;

use super::session::Session;
use crate::error::Error;
use crate::ports::{Call, TagIndex};

/// The adapter. Its client is made by the first call.
pub(crate) struct AwsTagIndex {
    session: Arc<Session>,
    client: OnceCell<Client>,
}

impl AwsTagIndex {
    pub(crate) fn new(session: Arc<Session>) -> Self {
        Self { session, client: OnceCell::new() }
    }

    async fn client(&self) -> Result<&Client, Error> {
        self.client
            .get_or_try_init(|| async {
                let sdk = self.session.sdk().await?;
                let home = home_region(sdk.region().map_or("", AsRef::as_ref));
                let mut builder = Builder::from(sdk).region(Region::new(home));
                if let Some(endpoint) = self.session.endpoint("resourcegroupstaggingapi") {
                    builder = builder.endpoint_url(endpoint);
                }
                Ok(Client::from_conf(builder.build()))
            })
            .await
    }
}

/// The region in which the partition of `region` keeps the tags of Organizations' resources.
pub(super) fn home_region(region: &str) -> &'static str {
    match region {
        _ if region.starts_with("us-gov-") => "us-gov-west-1",
        _ if region.starts_with("cn-") => "cn-northwest-1",
        _ => "us-east-1",
    }
}

impl TagIndex for AwsTagIndex {
    fn accounts_tagged<'a>(&'a self, key: &'a str, value: &'a str) -> Call<'a, Vec<String>> {
        Box::pin(async move {
            let client = self.client().await?;
            let filter = TagFilter::builder().key(key).values(value).build();
            let mut accounts = Vec::new();
            let mut next: Option<String> = None;
            loop {
                let page = self
                    .session
                    .sender()
                    .send("tag:GetResources", || {
                        client
                            .get_resources()
                            .resource_type_filters("organizations:account")
                            .tag_filters(filter.clone())
                            .set_pagination_token(next.clone())
                            .send()
                    })
                    .await?;
                accounts.extend(
                    page.resource_tag_mapping_list
                        .unwrap_or_default()
                        .into_iter()
                        .filter_map(|of| account_id(of.resource_arn.as_deref()?)),
                );
                next = page.pagination_token.filter(|token| !token.is_empty());
                if next.is_none() {
                    return Ok(accounts);
                }
            }
        })
    }
}

/// The account of `arn:aws:organizations::111122223333:account/o-…/123456789012`.
fn account_id(arn: &str) -> Option<String> {
    let (_, id) = arn.rsplit_once('/')?;
    (id.len() == 12 && id.bytes().all(|b| b.is_ascii_digit())).then(|| id.to_owned())
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

    #[test]
    fn organizations_live_in_one_region_of_a_partition() {
        assert_eq!(home_region("ap-southeast-3"), "us-east-1");
        assert_eq!(home_region("us-gov-east-1"), "us-gov-west-1");
        assert_eq!(home_region("cn-north-1"), "cn-northwest-1");
    }
}
