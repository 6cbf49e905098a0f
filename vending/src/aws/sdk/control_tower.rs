//! Control Tower: is an account enrolled? Only asked, never changed: `EnableBaseline` takes OUs,
//! and enrolment follows the move into one.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_config::SdkConfig;
use aws_sdk_controltower::Client;
use aws_sdk_controltower::config::Builder;
use aws_sdk_controltower::types::{EnabledBaselineFilter, EnablementStatus};

use super::session::{Clients, Session};
use crate::aws::api::{Call, ControlTower, Enrolment};
use crate::error::Error;

const CALL: &str = "controltower:ListEnabledBaselines";

/// The adapter.
pub(crate) struct AwsControlTower {
    session: Arc<Session>,
    clients: Clients<Client>,
}

impl AwsControlTower {
    pub(crate) fn new(session: Arc<Session>) -> Self {
        Self { session, clients: Clients::default() }
    }

    async fn client(&self) -> Result<&Client, Error> {
        let make = |sdk: &SdkConfig| {
            let mut builder = Builder::from(sdk);
            if let Some(endpoint) = self.session.endpoint("controltower") {
                builder = builder.endpoint_url(endpoint);
            }
            Client::from_conf(builder.build())
        };
        self.clients.of(&self.session, CALL, make).await
    }
}

impl AwsControlTower {
    /// Every enabled baseline, of accounts too, or those of one target.
    async fn enabled(
        &self,
        filter: Option<EnabledBaselineFilter>,
    ) -> Result<BTreeMap<String, Enrolment>, Error> {
        let client = self.client().await?;
        let mut found = BTreeMap::new();
        let mut next: Option<String> = None;
        loop {
            let page = self
                .session
                .sender()
                .send(CALL, || {
                    client
                        .list_enabled_baselines()
                        .set_filter(filter.clone())
                        .include_children(true)
                        .set_next_token(next.clone())
                        .send()
                })
                .await?;
            for baseline in page.enabled_baselines {
                let status = baseline.status_summary.and_then(|summary| summary.status);
                let one = enrolment(status.as_ref(), &baseline.baseline_identifier);
                let known = found.entry(baseline.target_identifier).or_insert(Enrolment::Absent);
                *known = worse(known.clone(), one);
            }
            next = page.next_token.filter(|token| !token.is_empty());
            if next.is_none() {
                return Ok(found);
            }
        }
    }
}

impl ControlTower for AwsControlTower {
    fn enrolment<'a>(&'a self, account_arn: &'a str) -> Call<'a, Enrolment> {
        Box::pin(async move {
            let filter = EnabledBaselineFilter::builder().target_identifiers(account_arn).build();
            let found = self.enabled(Some(filter)).await?;
            Ok(found.into_values().fold(Enrolment::Absent, worse))
        })
    }

    fn enrolments(&self) -> Call<'_, BTreeMap<String, Enrolment>> {
        Box::pin(self.enabled(None))
    }
}

fn enrolment(status: Option<&EnablementStatus>, baseline: &str) -> Enrolment {
    match status {
        Some(EnablementStatus::Succeeded) => Enrolment::Enrolled,
        Some(EnablementStatus::Failed) => {
            Enrolment::Failed(format!("Control Tower failed to enable {baseline}"))
        }
        _ => Enrolment::InProgress(format!("Control Tower is enabling {baseline}")),
    }
}

/// Of two baselines of an account, the one that holds the enrolment up.
fn worse(a: Enrolment, b: Enrolment) -> Enrolment {
    let rank = |of: &Enrolment| match of {
        Enrolment::Absent => 0,
        Enrolment::Enrolled => 1,
        Enrolment::InProgress(_) => 2,
        Enrolment::Failed(_) => 3,
    };
    if rank(&b) > rank(&a) { b } else { a }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_baseline_that_lags_decides() {
        let enrolled = enrolment(Some(&EnablementStatus::Succeeded), "b");
        let changing = enrolment(Some(&EnablementStatus::UnderChange), "b");
        assert_eq!(worse(Enrolment::Absent, enrolled.clone()), Enrolment::Enrolled);
        assert_eq!(worse(enrolled.clone(), changing.clone()), changing);
        assert_eq!(worse(changing.clone(), enrolled), changing);
    }
}
