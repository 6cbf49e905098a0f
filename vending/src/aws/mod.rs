//! The AWS adapter: the ports, carried out with the AWS SDK. AWS crates are named nowhere else.

mod control_tower;
pub(crate) mod fault;
pub(crate) mod iam;
pub(crate) mod organization_policies;
pub(crate) mod organizations;
pub(crate) mod regions;
pub(crate) mod retry;
pub(crate) mod session;
mod tag_index;
