//! The way into member accounts: STS at the region's own endpoint.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

use aws_config::SdkConfig;
use aws_config::identity::IdentityCache;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_sts::types::PolicyDescriptorType;
use tokio::sync::{Mutex, OnceCell};

use super::iam::AwsMember;
use super::regional_sts::regional_sts;
use super::session::Session;
use super::{answers, credentials};
use crate::aws::api::member::Member;
use crate::aws::api::{AccountId, Call, Entry, MemberAccess};
use crate::aws::controls::member_calls;
use crate::aws::policy::permissions::Subject;
use crate::config::SESSION_NAME;
use crate::error::Error;
use crate::operations::Access;
use crate::partition::Partition;

/// The adapter. Credentials are kept while they last, so that nobody asks twice for the same role. The clients made of
/// them are not: those of thousands of accounts would be most of the process's memory.
pub(crate) struct AwsAccess {
    session: Arc<Session>,
    own: OnceCell<aws_sdk_sts::Client>,
    management: OnceCell<aws_sdk_sts::Client>,
    opened: Mutex<BTreeMap<Key, Credentials>>,
}

type Key = (AccountId, String, Entry);

impl AwsAccess {
    pub(crate) fn new(session: Arc<Session>) -> Self {
        Self {
            session,
            own: OnceCell::new(),
            management: OnceCell::new(),
            opened: Mutex::default(),
        }
    }

    async fn kept(&self, key: &Key) -> Option<Credentials> {
        #[expect(
            clippy::disallowed_methods,
            reason = "AWS says until when credentials are good, by the machine's clock"
        )]
        let soon = SystemTime::now() + credentials::EARLY;
        let opened = self.opened.lock().await;
        opened.get(key).filter(|of| of.expiry().is_some_and(|until| until > soon)).cloned()
    }

    /// STS with the credentials that open a session, and their configuration.
    async fn opener(&self, entry: Entry) -> Result<(&SdkConfig, &aws_sdk_sts::Client), Error> {
        let (sdk, client) = match entry {
            Entry::Bootstrap => (self.session.side(Access::Write).await?, &self.management),
            Entry::Look | Entry::Work => (self.session.sdk().await?, &self.own),
        };
        let made = client.get_or_init(|| async { regional_sts(self.session.config(), sdk) });
        Ok((sdk, made.await))
    }
}

impl MemberAccess for AwsAccess {
    fn assume<'a>(
        &'a self,
        account_id: &'a AccountId,
        role_name: &'a str,
        entry: Entry,
    ) -> Call<'a, Arc<dyn Member>> {
        Box::pin(async move {
            let key = (account_id.to_owned(), role_name.to_owned(), entry);
            let (sdk, client) = self.opener(entry).await?;
            let sender = self.session.sender().member();
            let member = |credentials: Credentials| {
                let sdk = member_sdk(sdk, credentials);
                let session = Arc::clone(&self.session);
                let endpoint = Arc::new(move |service: &str| session.endpoint(service));
                let member = AwsMember::new(&sdk, sender.clone(), account_id, endpoint);
                Arc::new(member) as Arc<dyn Member>
            };
            if let Some(credentials) = self.kept(&key).await {
                return Ok(member(credentials));
            }
            let partition = Partition::of(sdk.region().map_or("", AsRef::as_ref));
            let arn = format!("arn:{partition}:iam::{account_id}:role/{role_name}");
            let (policy, policy_arns) = match entry {
                Entry::Look => self.limits(partition, account_id),
                Entry::Work | Entry::Bootstrap => (None, None),
            };
            let answer = self
                .session
                .sender()
                .entry()
                .send("sts:AssumeRole", || {
                    client
                        .assume_role()
                        .role_arn(&arn)
                        .role_session_name(SESSION_NAME)
                        .set_policy(policy.clone())
                        .set_policy_arns(policy_arns.clone())
                        .send()
                })
                .await?;
            let given = answer
                .credentials()
                .ok_or_else(|| answers::incomplete("sts:AssumeRole", "Credentials"))?;
            let credentials = credentials::credentials(given);
            self.opened.lock().await.insert(key, credentials.clone());
            Ok(member(credentials))
        })
    }
}

/// The policy and the managed policies of a session.
type Limits = (Option<String>, Option<Vec<PolicyDescriptorType>>);

impl AwsAccess {
    /// What a session that only looks is limited to, whatever its role may: the reads of our checks, and AWS's
    /// `SecurityAudit`, which reads configuration and no data.
    fn limits(&self, partition: Partition, account_id: &str) -> Limits {
        let config = self.session.config();
        let subject = Subject {
            partition,
            account_id: Some(account_id),
            manage_role_name: config.manage_role_name.as_deref(),
            read_role_name: config.read_role_name.as_deref(),
            ..Subject::default()
        };
        let audit = format!("arn:{partition}:iam::aws:policy/SecurityAudit");
        (
            Some(subject.member_reader(member_calls()).to_json()),
            Some(vec![PolicyDescriptorType::builder().arn(audit).build()]),
        )
    }
}

fn member_sdk(sdk: &SdkConfig, credentials: Credentials) -> SdkConfig {
    sdk.to_builder()
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        // Credentials at hand need no cache; in the caller's, those of many accounts would push out its own.
        .identity_cache(IdentityCache::no_cache())
        .build()
}
