//! The AWS adapter: the ports, carried out with the AWS SDK. AWS crates are named nowhere else.

mod access;
mod account_settings;
mod answers;
mod callers;
#[cfg(test)]
mod canned;
mod control_tower;
mod credentials;
pub(crate) mod fault;
pub(crate) mod iam;
#[cfg(test)]
mod loopback;
pub(crate) mod organization_policies;
pub(crate) mod organizations;
mod outage;
mod pace;
mod quotas;
pub(crate) mod regional_sts;
mod regions;
pub(crate) mod retry;
pub(crate) mod session;
mod switches;
mod tag_index;
#[cfg(test)]
mod tests;
mod thin;
mod transport;
mod variables;

use std::sync::Arc;

use crate::aws::api::{Ports, SystemClock};
use crate::config::Config;

/// The ports of a configuration. Nothing is opened: each adapter makes its client at its first
/// call, and the first of them all resolves the credentials.
pub(crate) fn ports(config: &Arc<Config>) -> Ports {
    let session = Arc::new(session::Session::new(Arc::clone(config)));
    Ports {
        callers: Arc::new(callers::AwsCallers::new(Arc::clone(&session))),
        organizations: Arc::new(organizations::AwsOrganizations::new(Arc::clone(&session))),
        regions: Arc::new(regions::AwsRegions::new(Arc::clone(&session))),
        settings: Arc::new(account_settings::AwsAccountSettings::new(Arc::clone(&session))),
        policies: Arc::new(organization_policies::AwsPolicies::new(Arc::clone(&session))),
        quotas: Arc::new(quotas::AwsQuotas::new(Arc::clone(&session))),
        tag_index: Arc::new(tag_index::AwsTagIndex::new(Arc::clone(&session))),
        control_tower: Arc::new(control_tower::AwsControlTower::new(Arc::clone(&session))),
        access: Arc::new(access::AwsAccess::new(session)),
        clock: Arc::new(SystemClock),
    }
}
