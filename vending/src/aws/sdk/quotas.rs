//! Service Quotas: how many accounts the organization may have.

use std::sync::Arc;

use aws_config::{Region, SdkConfig};
use aws_sdk_servicequotas::Client;
use aws_sdk_servicequotas::config::Builder;

use super::session::{Clients, Session};
use crate::aws::api::{Call, Quotas};
use crate::error::{Error, Kind};
use crate::partition::Partition;

const CALL: &str = "servicequotas:GetServiceQuota";
const SERVICE: &str = "organizations";
/// "Default maximum number of accounts". Only the management account sees it.
const ACCOUNTS: &str = "L-E619E033";

/// The adapter.
pub(crate) struct AwsQuotas {
    session: Arc<Session>,
    clients: Clients<Client>,
}

impl AwsQuotas {
    pub(crate) fn new(session: Arc<Session>) -> Self {
        Self { session, clients: Clients::default() }
    }

    /// Quotas of Organizations are kept where Organizations lives.
    async fn client(&self) -> Result<&Client, Error> {
        let make = |sdk: &SdkConfig| {
            let region = sdk.region().map_or("", AsRef::as_ref);
            let home = Partition::of(region).organizations_region();
            let mut builder = Builder::from(sdk).region(Region::new(home));
            if let Some(endpoint) = self.session.endpoint("servicequotas") {
                builder = builder.endpoint_url(endpoint);
            }
            Client::from_conf(builder.build())
        };
        self.clients.of(&self.session, CALL, make).await
    }
}

impl Quotas for AwsQuotas {
    fn accounts(&self) -> Call<'_, u64> {
        Box::pin(async {
            let client = self.client().await?;
            let answer = self
                .session
                .sender()
                .send(CALL, || {
                    client.get_service_quota().service_code(SERVICE).quota_code(ACCOUNTS).send()
                })
                .await?;
            answer.quota.and_then(|of| of.value).and_then(whole).ok_or_else(|| {
                Error::new(CALL, Kind::Unexpected, "EmptyAnswer", "the answer has no value")
            })
        })
    }
}

/// A quota comes as a floating-point number.
fn whole(value: f64) -> Option<u64> {
    format!("{value:.0}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::whole;

    #[test]
    fn a_quota_is_a_whole_number() {
        assert_eq!(whole(10.0), Some(10));
        assert_eq!(whole(50_000.0), Some(50_000));
        assert_eq!(whole(-1.0), None);
        assert_eq!(whole(f64::NAN), None);
    }
}
