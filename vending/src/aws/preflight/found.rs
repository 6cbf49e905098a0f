//! What a create would find again: an account that carries our tags already, or that the inventory
//! file of its key names. Told at plan, so that nothing is taken up without a word.

use std::collections::BTreeMap;

use fleet_model::tags as fleet_tags;

use super::Preflight;
use crate::aws::account::ownership;
use crate::aws::account::ownership::Holder;
use crate::aws::api::{Account, AccountId};
use crate::duplicate::{AllClaims, Duplicate};
use crate::error::Error;
use crate::refusal::{Refusal, Unusable};

/// An account that comes in by a create.
#[derive(Debug, Clone, Copy)]
pub struct Coming<'a> {
    /// Its key.
    pub key: &'a str,
    /// The root user's address.
    pub email: &'a str,
    /// The account that the inventory file of the key names.
    pub named: Option<&'a str>,
}

/// An account of ours that is there already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The account as it is.
    pub account: Account<String>,
    /// All of its tags, ours too.
    pub tags: BTreeMap<String, String>,
    /// Another account carries the key, too.
    pub duplicate: Option<Duplicate>,
}

impl Taken {
    /// Whether an apply came to its end on it, whatever that was: one that was interrupted writes no verdict.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.tags.contains_key(fleet_tags::READINESS)
    }
}

impl Preflight<'_> {
    /// The account that a create would bind, by the rules of its look-up: the one that the inventory
    /// names, or else the one of ours that has the email, or else our `fleet:id`. `None`: it would be
    /// created, or what stands in its way is found by its email.
    ///
    /// # Errors
    /// The account that the inventory names cannot be used, so no other may have its key; or a call
    /// failed.
    pub(crate) async fn found(&self, coming: &Coming<'_>) -> Result<Option<Taken>, Refusal> {
        let census = self.census().await;
        let (accounts, organization) = (census.accounts.clone()?, census.organization.clone()?);
        let fleet_id = fleet_tags::fleet_id(&organization.id, coming.key);
        let claims = self.claims().await?;
        let claimants = claims.get(&fleet_id).map(Vec::as_slice).unwrap_or_default();
        let duplicate = Duplicate::of(coming.key, claimants.to_vec());
        let by_email = accounts.values().find(|of| of.email.eq_ignore_ascii_case(coming.email));
        if let Some(id) = coming.named {
            let taken = |problem| Refusal::KeyTaken {
                key: coming.key.to_owned(),
                account_id: id.to_owned(),
                problem,
            };
            let account = match accounts.get(id) {
                Some(account) => Some(account.clone()),
                None => {
                    self.patience
                        .within(self.ports.organizations.account(&AccountId::given(id)?))
                        .await?
                }
            };
            let Some(account) = account else {
                let organization_id = organization.id.clone();
                return Err(taken(Unusable::NotHere { organization_id }));
            };
            if !account.is_open() {
                return Err(taken(Unusable::Over(account.state.in_words().to_owned())));
            }
            let has_email = account.email.eq_ignore_ascii_case(coming.email);
            let object = format!("account {} ({})", account.id, account.name);
            return match self.whose(account, &fleet_id).await? {
                (Holder::Us, taken) => Ok(Some(Taken { duplicate, ..taken })),
                // The look by email tells of it.
                _ if has_email => Ok(None),
                (Holder::Nobody(_), _) => Err(taken(Unusable::Unmarked)),
                (Holder::Other(manager), _) => Err(Refusal::OtherManager { object, manager }),
                (Holder::OtherKey(key), _) => {
                    // One that would be taken over stands against the file, and is told by its email.
                    let of_email = match by_email {
                        Some(account) => Some(self.whose(account.clone(), &fleet_id).await?.0),
                        None => None,
                    };
                    match of_email {
                        Some(Holder::Nobody(_)) => Ok(None),
                        _ => Err(Refusal::OtherKey { object, key }),
                    }
                }
            };
        }
        let by_id = || accounts.get(claimants.first()?.id.as_str());
        let found = match &duplicate {
            Some(duplicate) => accounts.get(duplicate.winner().id.as_str()).or(by_email),
            None => by_email.or_else(by_id),
        };
        // Another account than the one that has the key is never gone on with.
        if let (Some(duplicate), Some(by_email)) = (&duplicate, by_email)
            && duplicate.loses(&by_email.id)
        {
            return Err(Refusal::Duplicate(Box::new(duplicate.clone())));
        }
        let has_email = by_email.is_some();
        let Some(account) = found.filter(|of| of.is_open()).cloned() else { return Ok(None) };
        Ok(match self.whose(account, &fleet_id).await? {
            (Holder::Us, taken) => Some(Taken { duplicate, ..taken }),
            // The look by email tells of it.
            _ if has_email => None,
            (Holder::Other(manager), Taken { account, .. }) => {
                let object = format!("account {} ({})", account.id, account.name);
                return Err(Refusal::OtherManager { object, manager });
            }
            _ => None,
        })
    }

    async fn whose(&self, account: Account, fleet_id: &str) -> Result<(Holder, Taken), Error> {
        let tags = self.patience.within(self.ports.organizations.tags(&account.id)).await?;
        let holder = ownership::holder(&tags, &self.config.managed_by, fleet_id);
        Ok((holder, Taken { account: account.of_any_vendor(), tags, duplicate: None }))
    }

    /// Who has which key, as it was at the first look.
    async fn claims(&self) -> Result<AllClaims, Error> {
        let asking = || self.patience.within(self.shared.claims(self.ports));
        self.shared.preflight.claims.get_or_init(asking).await.clone()
    }
}
