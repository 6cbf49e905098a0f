//! `data.fleet_account`: one account of the organization, by its id, its key or its email.

use std::collections::BTreeSet;
use std::sync::Arc;

use fleet_model::inventory::AccountDocument;
use fleet_vending::aws::{AccountSeen, Survey, Want};
use fleet_vending::{Duplicate, nearest};
use fleet_vending::{Refusal, Unusable};
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::{Applied, Attr, Context, DataSource};

use crate::account::state_word;
use crate::diagnostic::{error, warning};
use crate::organization_data::{filed, joined_method, keys};
use crate::refusal;
use crate::runtime::Runtime;

mod model;

use model::{Model, Readiness};

/// The data source.
pub struct AccountData {
    runtime: Arc<Runtime>,
}

impl AccountData {
    /// The data source of one provider block.
    #[must_use]
    pub fn new(runtime: Arc<Runtime>) -> Self {
        Self { runtime }
    }

    async fn look(
        &self,
        context: &Context,
        config: Model,
    ) -> Result<(Model, Option<Diagnostic>), Diagnostics> {
        let vending = self.runtime.vending()?;
        let filed = filed(&self.runtime)?;
        let by_key = config.key.known();
        let file_of_key =
            by_key.and_then(|key| filed.values().find(|of| of.contract.key.as_str() == key));
        if let Some(file) = file_of_key
            && let Some(vendor) = &file.contract.vendor
        {
            return Err(elsewhere(file.contract.key.as_str(), vendor).into());
        }
        // A key that has no file may still be a tag's.
        let want = match (by_key, file_of_key) {
            (Some(_), None) => Want::Tags(filed.keys().cloned().collect()),
            _ => Want::Accounts,
        };
        let said = |refused| refusal::report(&refused, "read the account").build();
        let survey = match vending.survey(&want, &context.cancelled).await {
            Ok(survey) => survey,
            // The plan ends with the error that was told.
            Err(refused) if self.runtime.a_refresh_has_told(&refused) => {
                return Ok((config, None));
            }
            Err(refused) => return Err(said(refused).into()),
        };
        let duplicates = vending.duplicates(&context.cancelled).await.map_err(said)?;
        let id = config.id.known().or(file_of_key.map(|of| &of.id));
        let found = survey.accounts.iter().find(|of| match (id, by_key, config.email.known()) {
            (Some(id), _, _) => of.account.id == *id,
            (None, Some(key), _) => has_key(of, key, &duplicates),
            (None, None, Some(email)) => of.account.email.eq_ignore_ascii_case(email),
            (None, None, None) => false,
        });
        if let (None, Some(file)) = (found, file_of_key) {
            let refused = Refusal::KeyTaken {
                key: file.contract.key.to_string(),
                account_id: file.id.clone(),
                problem: Unusable::NotHere { organization_id: survey.organization.id.clone() },
            };
            return Err(refusal::report(&refused, "read the account").at("key").build().into());
        }
        let Some(found) = found else {
            let keys = keys(&survey, &filed);
            return Err(missing(&config, &survey, keys).into());
        };
        let mut seen = found.clone();
        let tags = vending.tags(&seen.account.id, &context.cancelled).await.map_err(said)?;
        seen.tags = Some(tags);
        let contested = duplicates.iter().find(|of| of.concerns(&found.account.id)).map(|found| {
            let summary = format!("Two accounts have the key {}", found.key());
            refusal::duplicate::describe(warning("FLEET0158", summary), found).build()
        });
        Ok((told(config, seen, filed.get(&found.account.id)), contested))
    }
}

/// Whether the account has the key now: one that was released or closed keeps the tag and not the key, and of two that
/// carry it one has it.
fn has_key(account: &AccountSeen, key: &str, duplicates: &[Duplicate]) -> bool {
    let lost = |of: &Duplicate| of.others().iter().any(|other| other.id == account.account.id);
    account.key() == Some(key)
        && account.managed_by().is_some()
        && !account.account.state.is_closed()
        && !duplicates.iter().any(lost)
}

impl DataSource for AccountData {
    type Model = Model;

    const TYPE: &'static str = "fleet_account";

    async fn read(&self, context: &Context, config: Model) -> Applied<Model> {
        let looked = self.look(context, config).await;
        looked.map_or_else(Applied::error, |(model, contested)| {
            Applied::ok(model).with(contested.into_iter().collect::<Diagnostics>())
        })
    }
}

/// That the key is of an account of another vendor.
fn elsewhere(key: &str, vendor: &str) -> Diagnostic {
    error("FLEET0142", "There is no such account")
        .at("key")
        .what(format!("The key {key:?} is that of an account of the vendor {vendor:?}, which is not in the organization."))
        .why("This data source reads accounts of the organization of the provider's credentials.")
        .todo("Refer to the resource that vends the account, or read it where it is vended.")
        .build()
}

fn missing(config: &Model, survey: &Survey, keys: BTreeSet<String>) -> Diagnostic {
    let (attribute, wanted, candidates): (_, &str, Vec<String>) =
        match (config.id.known(), config.key.known(), config.email.known()) {
            (Some(id), _, _) => {
                ("id", id, survey.accounts.iter().map(|of| of.account.id.clone()).collect())
            }
            (None, Some(key), _) => ("key", key, keys.into_iter().collect()),
            (None, None, email) => (
                "email",
                email.map_or("", String::as_str),
                survey.accounts.iter().map(|of| of.account.email.clone()).collect(),
            ),
        };
    let near = nearest(wanted, candidates);
    let near = if near.is_empty() { "none".to_owned() } else { near.join(", ") };
    error("FLEET0142", "There is no such account")
        .at(attribute)
        .what(format!("No account of the organization has the {attribute} {wanted:?}. The nearest there are: {near}."))
        .why("The account is looked for in the organization of the provider's credentials; a key is looked for in the inventory and in the tags `fleet:key`.")
        .todo("Correct the value. An account that this configuration vends is its resource: refer to that.")
        .build()
}

fn told(config: Model, seen: AccountSeen, file: Option<&AccountDocument>) -> Model {
    let text = |text: Option<&str>| Attr::from(text.map(str::to_owned));
    let key = file.map(|of| of.contract.key.as_str()).or(seen.key()).map(str::to_owned);
    let managed_by = text(seen.managed_by());
    let AccountSeen { account, path, tags } = seen;
    // What was configured comes back as it was written.
    let or = |given: Attr<String>, found: Option<String>| match given {
        Attr::Known(given) => Attr::Known(given),
        _ => found.into(),
    };
    Model {
        id: or(config.id, Some(account.id)),
        key: or(config.key, key),
        email: or(config.email, Some(account.email)),
        arn: Attr::Known(account.arn),
        name: Attr::Known(account.name),
        state: state_word(account.state).into(),
        joined_method: Attr::Known(joined_method(account.created_here)),
        joined_at: account.joined_at.map(|at| at.to_string()).into(),
        parent_id: account.parent_id.into(),
        path: path.into(),
        managed_by,
        tags: tags.into(),
        phase: text(file.map(|of| of.phase.as_str())),
        lifecycle_phase: text(file.map(|of| of.lifecycle_phase.as_str())),
        ready: file.map(AccountDocument::is_ready).into(),
        readiness: file.map(readiness).into(),
    }
}

fn readiness(file: &AccountDocument) -> Readiness {
    let verdicts = file.verdicts.iter();
    Readiness {
        checks: Attr::Known(
            verdicts.map(|(key, verdict)| (key.clone(), verdict.as_str().to_owned())).collect(),
        ),
        open_checks: Attr::Known(file.open_checks.clone()),
        digest: Attr::Known(file.digest.clone()),
    }
}
