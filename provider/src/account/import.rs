//! An account that exists already, by its id.

use fleet_model::name::Key;
use fleet_model::tags as fleet_tags;
use fleet_vending::{Facts, Refusal};
use tfplugin::diagnostic::Diagnostics;
use tfplugin::{Attr, Context};

use super::contract::read_back;
use super::model::Model;
use super::{Desk, facts};
use crate::diagnostic::error;
use crate::inventory::ErrorReport as _;
use crate::refusal;

impl Desk {
    /// The account as the inventory file says, for the read that follows; without a file, as AWS
    /// says. Nobody's has no `adopt` in state, so that the plan asks for it.
    pub(super) async fn import(&self, context: &Context, id: &str) -> Result<Model, Diagnostics> {
        let (of, id) = whose(id);
        let (vendor, managed_by) = (self.runtime.vendor(&of)?, self.runtime.managed_by()?);
        let store = self.runtime.inventory()?;
        let refuse = |what: String, todo: &str| -> Diagnostics {
            error("FLEET0115", format!("Account {id} cannot be imported"))
                .what(what)
                .why("An import takes what this configuration created, or what nobody manages. An account has one manager, and one inventory file.")
                .todo(todo)
                .build()
                .into()
        };
        let found = vendor.facts(id, &context.cancelled).await.map_err(|refused| {
            Diagnostics::from(refusal::report(&refused, &format!("import account {id}")).build())
        })?;
        let Some(found) = found else {
            return Err(refuse(
                match &of {
                    Attr::Known(name) => format!("The vendor `{name}` has no account `{id}`."),
                    _ => format!("The organization has no account `{id}`."),
                },
                "Give the 12 digits of the account id, with credentials of its organization; of an account of another vendor `VENDOR/ID`.",
            ));
        };
        match found.tags.get(fleet_tags::MANAGED_BY) {
            Some(manager) if *manager == managed_by => {}
            Some(manager) => {
                return Err(refuse(
                    format!("The account is managed by `{manager}`, and this is `{managed_by}`."),
                    "Import it where it is managed, or have it released there.",
                ));
            }
            None => return Ok(Model { vendor: of, ..as_found(&found, Attr::Null, Attr::Null) }),
        }
        let doing = format!("import account {id}");
        let said = |refused: Refusal| refusal::report(&refused, &doing).build();
        let duplicates = vendor.duplicates(&context.cancelled).await.map_err(said)?;
        if let Some(duplicate) = duplicates.into_iter().find(|of| of.concerns(id) && of.loses(id)) {
            return Err(said(Refusal::Duplicate(Box::new(duplicate))).into());
        }
        let key = found.tags.get(fleet_tags::KEY).cloned().unwrap_or_default();
        let file = match Key::new(key.as_str()) {
            Ok(key) => {
                store.held_account(&key, &managed_by).map_err(|trouble| trouble.report().build())?
            }
            Err(_) => None,
        };
        match file {
            Some(file) if file.document.id == id => Ok(read_back(file.document)),
            Some(file) => Err(refuse(
                format!("The file of `{key}` is about the account {}.", file.document.id),
                "Correct the file or the account's tag `fleet:key`.",
            )),
            None => {
                Ok(Model { vendor: of, ..as_found(&found, Attr::Known(false), Attr::Known(key)) })
            }
        }
    }

    /// Looks at an account of which the state holds no contract yet: an import without a file.
    pub(super) async fn read_imported(
        &self,
        context: &Context,
        state: &Model,
    ) -> Result<Option<Model>, Diagnostics> {
        let id = state.id.as_str().unwrap_or_default();
        let vendor = self.runtime.vendor(&state.vendor)?;
        let looked = vendor.facts(id, &context.cancelled).await;
        let found = looked.map_err(|refused| {
            Diagnostics::from(refusal::report(&refused, &format!("read account {id}")).build())
        })?;
        Ok(found.map(|found| Model {
            vendor: state.vendor.clone(),
            ..as_found(&found, state.adopt, state.key.clone())
        }))
    }
}

/// Whose account an import names, and its id: `VENDOR/ID`, or the id of an AWS account alone.
fn whose(id: &str) -> (Attr<String>, &str) {
    match id.split_once('/') {
        Some((vendor, id)) => (Attr::Known(vendor.to_owned()), id),
        None => (Attr::Null, id),
    }
}

/// What AWS says of an account. What a person has to decide is not there.
pub(super) fn as_found(found: &Facts, adopt: Attr<bool>, key: Attr<String>) -> Model {
    let text = |text: &str| match text {
        "" => Attr::Null,
        text => Attr::Known(text.to_owned()),
    };
    Model {
        name: text(&found.name),
        email: text(&found.email),
        key,
        adopt,
        lifecycle_state: "active".into(),
        gitops_enabled: false.into(),
        close_on_deletion: false.into(),
        id: text(&found.id),
        arn: text(&found.arn),
        organization_id: text(&found.organization_id),
        parent_id: text(&found.parent_id),
        state: facts::state_word(found.state).into(),
        joined_at: found.joined_at.clone().into(),
        lifecycle_phase: "active".into(),
        ..Model::default()
    }
}
