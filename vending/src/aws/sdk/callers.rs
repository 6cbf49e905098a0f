//! Who calls: the accounts of the credentials, as far as possible without opening any.

use std::sync::Arc;

use super::organizations::client;
use super::session::{Clients, Session};
use crate::aws::api::{AccountId, Call, Caller, Callers};
use crate::error::{Error, Kind};

/// The adapter.
pub(crate) struct AwsCallers {
    session: Arc<Session>,
    clients: Clients<aws_sdk_organizations::Client>,
}

impl AwsCallers {
    pub(crate) fn new(session: Arc<Session>) -> Self {
        Self { session, clients: Clients::default() }
    }

    /// The account of a role of the provider block, or the caller's own.
    async fn account(&self, role_arn: Option<&String>) -> Result<AccountId, Error> {
        match role_arn.and_then(|arn| arn.split(':').nth(4)) {
            Some(account) => AccountId::given(account),
            None => self.session.account().await.cloned(),
        }
    }
}

impl Callers for AwsCallers {
    fn caller(&self) -> Call<'_, Caller> {
        Box::pin(async {
            let roles = &self.session.config().organization;
            let region = self.session.sdk().await?.region().map(ToString::to_string);
            Ok(Caller {
                own: self.session.account().await?.clone(),
                reads_from: self.account(roles.read_role_arn.as_ref()).await?,
                writes_from: self.account(roles.write_role_arn.as_ref()).await?,
                region: region.unwrap_or_default(),
            })
        })
    }

    fn is_let_in(&self) -> Call<'_, bool> {
        Box::pin(async {
            const CALL: &str = "organizations:ListDelegatedAdministrators";
            let make = |sdk: &_| client(&self.session, sdk);
            let client = self.clients.of(&self.session, CALL, make).await?;
            // One entry is enough: what counts is whether there is an answer.
            let asked = self
                .session
                .sender()
                .send(CALL, || client.list_delegated_administrators().max_results(1).send());
            match asked.await {
                Ok(_) => Ok(true),
                Err(Error { kind: Kind::Denied, .. }) => Ok(false),
                Err(error) => Err(error),
            }
        })
    }
}
