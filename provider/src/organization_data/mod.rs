//! `data.fleet_organization`: the organization as it is, and whose its accounts are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fleet_model::inventory::AccountDocument;
use fleet_vending::aws::{AccountSeen, Survey, UnitSeen, Want};
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::{Applied, Attr, Context, DataSource};

use crate::account::state_word;
use crate::diagnostic::warning;
use crate::inventory::ErrorReport as _;
use crate::refusal;
use crate::runtime::Runtime;

mod model;
#[cfg(test)]
mod tests;

use model::{Account, Model, Unit};

/// The data source.
pub struct OrganizationData {
    runtime: Arc<Runtime>,
}

/// The inventory's accounts, by account id.
type Filed = BTreeMap<String, AccountDocument>;

impl OrganizationData {
    /// The data source of one provider block.
    #[must_use]
    pub fn new(runtime: Arc<Runtime>) -> Self {
        Self { runtime }
    }

    async fn look(
        &self,
        context: &Context,
        config: Model,
    ) -> Result<(Model, Diagnostics), Diagnostics> {
        let wanted = config.include_accounts.known() != Some(&false);
        let filed = if wanted { filed(&self.runtime)? } else { Filed::new() };
        let want = if wanted { Want::Tags(filed.keys().cloned().collect()) } else { Want::Tree };
        let vending = self.runtime.vending()?;
        let said = |refused| refusal::report(&refused, "read the organization").build();
        let survey = match vending.survey(&want, &context.cancelled).await {
            Ok(survey) => survey,
            // The plan ends with the error that was told.
            Err(refused) if self.runtime.a_refresh_has_told(&refused) => {
                return Ok((config, Diagnostics::default()));
            }
            Err(refused) => return Err(said(refused).into()),
        };
        let duplicates = match wanted {
            true => vending.duplicates(&context.cancelled).await.map_err(said)?,
            false => Vec::new(),
        };
        let contested = duplicates.iter().map(|found| {
            let summary = format!("Two accounts have the key {}", found.key());
            let told = refusal::duplicate::describe(warning("FLEET0158", summary), found);
            // A data source has no argument that is about one of its accounts.
            told.at("include_accounts").build()
        });
        let contested = contested.collect();
        Ok((told(config, survey, wanted.then_some(&filed)), contested))
    }
}

impl DataSource for OrganizationData {
    type Model = Model;

    const TYPE: &'static str = "fleet_organization";

    async fn read(&self, context: &Context, config: Model) -> Applied<Model> {
        let looked = self.look(context, config).await;
        looked.map_or_else(Applied::error, |(model, contested)| Applied::ok(model).with(contested))
    }
}

/// The accounts of the inventory, where the provider block names one.
pub(crate) fn filed(runtime: &Runtime) -> Result<Filed, Diagnostic> {
    let Some(store) = runtime.inventory_if_configured()? else { return Ok(Filed::new()) };
    let found = store.accounts().map_err(|trouble| trouble.report().build())?;
    Ok(found.into_values().map(|of| (of.document.id.clone(), of.document)).collect())
}

fn told(config: Model, survey: Survey, filed: Option<&Filed>) -> Model {
    let Survey { organization, root, units, accounts } = survey;
    let with_tags = config.include_tags.known() == Some(&true);
    let accounts =
        filed.map(|filed| accounts.iter().map(|of| account(of, filed, with_tags)).collect());
    Model {
        include_accounts: config.include_accounts,
        include_tags: config.include_tags,
        id: Attr::Known(organization.id),
        arn: Attr::Known(organization.arn),
        root_id: Attr::Known(root.id),
        feature_set: Attr::Known(organization.feature_set),
        management_account_id: Attr::Known(organization.management_account_id.into()),
        policy_types: Attr::Known(root.policy_types),
        organizational_units: Attr::Known(units.into_iter().map(unit).collect()),
        accounts: accounts.into(),
    }
}

fn unit(seen: UnitSeen) -> Unit {
    Unit {
        id: Attr::Known(seen.unit.id),
        arn: Attr::Known(seen.unit.arn),
        name: Attr::Known(seen.unit.name),
        path: Attr::Known(seen.path),
        parent_id: Attr::Known(seen.parent_id),
    }
}

fn account(seen: &AccountSeen, filed: &Filed, with_tags: bool) -> Account {
    let AccountSeen { account, path, tags } = seen;
    let file = filed.get(&account.id);
    let text = |text: Option<&str>| Attr::from(text.map(str::to_owned));
    let key = file.map(|of| of.contract.key.as_str()).or(seen.key());
    Account {
        id: Attr::Known(account.id.clone()),
        arn: Attr::Known(account.arn.clone()),
        name: Attr::Known(account.name.clone()),
        email: Attr::Known(account.email.clone()),
        state: state_word(account.state).into(),
        joined_method: Attr::Known(joined_method(account.created_here)),
        joined_at: account.joined_at.map(|at| at.to_string()).into(),
        parent_id: account.parent_id.clone().into(),
        path: path.clone().into(),
        managed_by: text(seen.managed_by()),
        key: text(key),
        phase: text(file.map(|of| of.phase.as_str())),
        ready: file.map(AccountDocument::is_ready).into(),
        tags: tags.clone().filter(|_| with_tags).into(),
    }
}

/// `Account.JoinedMethod`.
pub(crate) fn joined_method(created_here: bool) -> String {
    if created_here { "CREATED" } else { "INVITED" }.to_owned()
}

/// The keys of the fleet that a survey and the inventory know.
pub(crate) fn keys(survey: &Survey, filed: &Filed) -> BTreeSet<String> {
    let tagged = survey.accounts.iter().filter_map(AccountSeen::key).map(str::to_owned);
    let written = filed.values().map(|of| of.contract.key.as_str().to_owned());
    tagged.chain(written).collect()
}
