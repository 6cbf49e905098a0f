//! Regions of accounts (Account API), from the management account or as the account itself.

use std::sync::Arc;

use aws_config::SdkConfig;
use aws_sdk_account::Client;
use aws_sdk_account::config::Builder;
use aws_sdk_account::types::RegionOptStatus;

use super::retry::Sender;
use super::session::{Clients, Session};
use crate::aws::api::member::{RegionStatus, RegionStatuses, Regions};
use crate::aws::api::{AccountId, Call};
use crate::error::Error;

/// The most that `ListRegions` gives in one page.
const PAGE: i32 = 50;

const LIST_REGIONS: &str = "account:ListRegions";
const ENABLE_REGION: &str = "account:EnableRegion";

/// The adapter.
pub(crate) struct AwsRegions {
    session: Arc<Session>,
    clients: Clients<Client>,
}

impl AwsRegions {
    pub(crate) fn new(session: Arc<Session>) -> Self {
        Self { session, clients: Clients::default() }
    }

    async fn client(&self, call: &str) -> Result<&Client, Error> {
        let make = |sdk: &SdkConfig| {
            let mut builder = Builder::from(sdk);
            if let Some(endpoint) = self.session.endpoint("account") {
                builder = builder.endpoint_url(endpoint);
            }
            Client::from_conf(builder.build())
        };
        self.clients.of(&self.session, call, make).await
    }
}

// === impl AwsRegions ===

impl Regions for AwsRegions {
    fn statuses<'a>(&'a self, account_id: &'a AccountId) -> Call<'a, RegionStatuses> {
        Box::pin(async move {
            statuses(self.client(LIST_REGIONS).await?, self.session.sender(), Some(account_id))
                .await
        })
    }

    fn of_caller(&self) -> Call<'_, RegionStatuses> {
        Box::pin(async move {
            statuses(self.client(LIST_REGIONS).await?, self.session.sender(), None).await
        })
    }

    fn enable<'a>(&'a self, account_id: &'a AccountId, region: &'a str) -> Call<'a, ()> {
        Box::pin(async move {
            enable(
                self.client(ENABLE_REGION).await?,
                self.session.sender(),
                Some(account_id),
                region,
            )
            .await
        })
    }
}

/// `account:ListRegions`, every page; without an account id, of the caller's own account.
pub(super) async fn statuses(
    client: &Client,
    sender: &Sender,
    account_id: Option<&AccountId>,
) -> Result<RegionStatuses, Error> {
    let mut all = RegionStatuses::new();
    let mut token: Option<String> = None;
    loop {
        let page = sender
            .send(LIST_REGIONS, || {
                client
                    .list_regions()
                    .max_results(PAGE)
                    .set_account_id(account_id.map(ToString::to_string))
                    .set_next_token(token.clone())
                    .send()
            })
            .await?;
        for region in page.regions.unwrap_or_default() {
            if let (Some(name), Some(status)) =
                (region.region_name, region.region_opt_status.as_ref().and_then(status))
            {
                all.insert(name, status);
            }
        }
        token = page.next_token.filter(|token| !token.is_empty());
        if token.is_none() {
            return Ok(all);
        }
    }
}

/// `account:EnableRegion`.
pub(super) async fn enable(
    client: &Client,
    sender: &Sender,
    account_id: Option<&AccountId>,
    region: &str,
) -> Result<(), Error> {
    sender
        .send(ENABLE_REGION, || {
            client
                .enable_region()
                .set_account_id(account_id.map(ToString::to_string))
                .region_name(region)
                .send()
        })
        .await
        .map(|_| ())
}

/// A word that this version does not know is left out, so that the region does not pass.
fn status(word: &RegionOptStatus) -> Option<RegionStatus> {
    match word {
        RegionOptStatus::Enabled => Some(RegionStatus::Enabled),
        RegionOptStatus::EnabledByDefault => Some(RegionStatus::EnabledByDefault),
        RegionOptStatus::Enabling => Some(RegionStatus::Enabling),
        RegionOptStatus::Disabling => Some(RegionStatus::Disabling),
        RegionOptStatus::Disabled => Some(RegionStatus::Disabled),
        _ => None,
    }
}
