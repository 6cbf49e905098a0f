//! How accounts are frozen and closed, for the simulated cloud.

use std::collections::{BTreeMap, BTreeSet};

use crate::aws::api::{Account, AccountState};
use crate::error::{Error, Kind};

/// AWS takes so many closes at a time.
const IN_FLIGHT: usize = 3;

pub(crate) struct Closes {
    /// How long an account stays PENDING_CLOSURE.
    pub(crate) seconds: i64,
    /// How many more closes the quota allows.
    pub(crate) left: usize,
    /// How many of the next reads of an account that is closing say ACTIVE.
    pub(crate) wavering: usize,
    /// Accounts that administer a service for the organization.
    pub(crate) administrators: Vec<&'static str>,
    /// Accounts that are closing, and when that ends.
    ends: BTreeMap<String, i64>,
}

/// A service control policy.
#[derive(Default)]
pub(crate) struct Scp {
    pub(crate) content: String,
    /// What each policy is attached to.
    pub(crate) targets: BTreeMap<String, BTreeSet<String>>,
    /// The account to which somebody attaches a policy right before it is attached to it.
    pub(crate) attached_by_hand: Option<String>,
}

impl Default for Closes {
    fn default() -> Self {
        Self {
            seconds: 600,
            left: 250,
            wavering: 0,
            administrators: Vec::new(),
            ends: BTreeMap::new(),
        }
    }
}

impl Closes {
    pub(crate) fn settle(&mut self, accounts: &mut [Account], now: i64) {
        for account in accounts {
            if self.ends.get(account.id.as_str()).is_some_and(|end| *end <= now) {
                account.state = AccountState::Closed;
                self.ends.remove(account.id.as_str());
            }
        }
    }

    pub(crate) fn close(
        &mut self,
        accounts: &mut [Account],
        id: &str,
        now: i64,
    ) -> Result<(), Error> {
        let refused = |kind, code: &str| {
            Err(Error::new("organizations:CloseAccount", kind, code, "as AWS says it"))
        };
        let Some(account) = accounts.iter_mut().find(|of| of.id == id) else {
            return refused(Kind::NotFound, "AccountNotFoundException");
        };
        if account.state == AccountState::PendingClosure {
            return refused(Kind::AlreadyExists, "ConflictException");
        }
        if self.administrators.contains(&id) {
            return refused(Kind::Invalid, "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG");
        }
        if self.left == 0 {
            return refused(Kind::Quota, "CLOSE_ACCOUNT_QUOTA_EXCEEDED");
        }
        if self.ends.len() >= IN_FLIGHT {
            return refused(Kind::InFlightLimit, "CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED");
        }
        self.left -= 1;
        self.ends.insert(id.to_owned(), now + self.seconds * 1000);
        account.state = AccountState::PendingClosure;
        Ok(())
    }

    /// What a read says of an account.
    pub(crate) fn read(&mut self, mut account: Account) -> Account {
        if account.state == AccountState::PendingClosure && self.wavering > 0 {
            self.wavering -= 1;
            account.state = AccountState::Active;
        }
        account
    }
}
