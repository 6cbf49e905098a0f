//! The way into member accounts: STS at the region's own endpoint.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use tokio::sync::{Mutex, OnceCell};

use super::credentials;
use super::iam::AwsMember;
use super::session::{self, Session};
use crate::config::SESSION_NAME;
use crate::error::{Error, Kind};
use crate::partition::Partition;
use crate::ports::member::Member;
use crate::ports::{Call, MemberAccess};

/// The adapter. Sessions are kept while they last: a round of controls every few seconds does not
/// need a role each time.
pub(crate) struct AwsAccess {
    session: Arc<Session>,
    client: OnceCell<aws_sdk_sts::Client>,
    members: Mutex<BTreeMap<(String, String), Entered>>,
}

struct Entered {
    member: Arc<AwsMember>,
    until: Option<SystemTime>,
}

impl AwsAccess {
    pub(crate) fn new(session: Arc<Session>) -> Self {
        Self { session, client: OnceCell::new(), members: Mutex::default() }
    }

    async fn kept(&self, key: &(String, String), now: SystemTime) -> Option<Arc<AwsMember>> {
        let members = self.members.lock().await;
        let entered = members.get(key)?;
        let lasts = entered.until.is_some_and(|until| until > now + credentials::EARLY);
        lasts.then(|| Arc::clone(&entered.member))
    }
}

impl MemberAccess for AwsAccess {
    fn assume<'a>(&'a self, account_id: &'a str, role_name: &'a str) -> Call<'a, Arc<dyn Member>> {
        Box::pin(async move {
            let key = (account_id.to_owned(), role_name.to_owned());
            if let Some(member) = self.kept(&key, SystemTime::now()).await {
                return Ok(member as Arc<dyn Member>);
            }
            let sdk = self.session.sdk().await?;
            let client = self
                .client
                .get_or_init(|| async { session::sts(self.session.config(), sdk) })
                .await;
            let arn = role_arn(sdk.region().map_or("", AsRef::as_ref), account_id, role_name);
            let sender = self.session.sender().member();
            let answer = sender
                .send("sts:AssumeRole", || {
                    client.assume_role().role_arn(&arn).role_session_name(SESSION_NAME).send()
                })
                .await?;
            let given = answer.credentials().ok_or_else(|| {
                Error::new("sts:AssumeRole", Kind::Unexpected, "EmptyAnswer", "no credentials")
            })?;
            let credentials = credentials::credentials(given);
            let until = credentials.expiry();
            let member =
                Arc::new(AwsMember::new(&member_sdk(sdk, credentials), sender, |service| {
                    self.session.endpoint(service)
                }));
            let entered = Entered { member: Arc::clone(&member), until };
            self.members.lock().await.insert(key, entered);
            Ok(member as Arc<dyn Member>)
        })
    }
}

fn member_sdk(sdk: &SdkConfig, credentials: Credentials) -> SdkConfig {
    sdk.to_builder().credentials_provider(SharedCredentialsProvider::new(credentials)).build()
}

/// The role's ARN in the partition of `region`.
fn role_arn(region: &str, account_id: &str, role_name: &str) -> String {
    format!("arn:{}:iam::{account_id}:role/{role_name}", Partition::of(region))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_in_its_region_s_partition() {
        for (region, arn) in [
            ("ap-southeast-3", "arn:aws:iam::123456789012:role/R"),
            ("us-gov-west-1", "arn:aws-us-gov:iam::123456789012:role/R"),
            ("cn-north-1", "arn:aws-cn:iam::123456789012:role/R"),
        ] {
            assert_eq!(role_arn(region, "123456789012", "R"), arn);
        }
    }
}
