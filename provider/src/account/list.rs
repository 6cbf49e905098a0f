//! The list of `fleet_account`: the accounts that no configuration manages, for `terraform query`.

use std::sync::Arc;

use fleet_vending::{Facts, Parent, Refusal};
use tfplugin::diagnostic::Diagnostics;
use tfplugin::{Attr, Context, Found, List, ListResource, Listed, Object};

use super::identity::Identity;
use super::import::as_found;
use super::{Account, check};
use crate::organization_data::filed;
use crate::refusal;
use crate::runtime::Runtime;

/// Finds the accounts of the organization that no configuration manages, by name: open accounts that
/// carry no tag `fleet:managed-by` and have no file in the inventory, never the management account. The
/// blocks that `terraform query -generate-config-out` writes take them over once they are filled in.
#[derive(Debug, Clone, Object)]
pub struct Search {
    /// Only accounts in this place or anywhere below it: the id of an organizational unit or of the root, or the path
    /// of an organizational unit (`Workloads/Prod`; a `/` in a name is written `%2F`). Default: the whole
    /// organization.
    #[attribute(optional)]
    pub parent: Attr<String>,
}

/// The list.
pub struct AccountList {
    runtime: Arc<Runtime>,
}

impl AccountList {
    /// The list of one provider block.
    #[must_use]
    pub fn new(runtime: Arc<Runtime>) -> Self {
        Self { runtime }
    }

    async fn find(
        &self,
        context: &Context,
        request: List<Search>,
        found: &mut Found<Account>,
    ) -> Result<(), Diagnostics> {
        let cancel = &context.cancelled;
        let vending = self.runtime.vending()?;
        // An account of the inventory is ours, even where its tags were taken off.
        let filed = filed(&self.runtime)?;
        let place = request.config.parent.as_str().and_then(|text| Parent::parse(text).ok());
        let accounts = vending.unmanaged(place.as_ref(), cancel).await.map_err(|refused| {
            let report = refusal::report(&refused, "list the accounts that nobody manages");
            let is_place = matches!(refused, Refusal::NoSuchObject { .. });
            Diagnostics::from(if is_place { report.at("parent") } else { report }.build())
        })?;
        for account in accounts.iter().filter(|of| !filed.contains_key(of.id.as_str())) {
            // A list with a gap must not look whole: what AWS refuses here, after every retry, it
            // refuses for the next account too.
            let looked = vending.if_unmanaged(account, cancel).await.map_err(|refused| {
                let doing = format!("tell who manages account {} ({})", account.id, account.name);
                Diagnostics::from(refusal::report(&refused, &doing).build())
            })?;
            let Some(facts) = looked else { continue };
            if found.push(listed(&facts, request.include_resource)).await.is_break() {
                break;
            }
        }
        Ok(())
    }
}

impl ListResource for AccountList {
    type Resource = Account;
    type Config = Search;

    fn validate(&self, config: &Search, diagnostics: &mut Diagnostics) {
        check::check_parent(&config.parent, diagnostics);
    }

    async fn list(
        &self,
        context: &Context,
        request: List<Search>,
        found: &mut Found<Account>,
    ) -> Diagnostics {
        self.find(context, request, found).await.err().unwrap_or_default()
    }
}

/// Names are not unique in an organization, emails are; the id stands beside it in any case.
fn listed(facts: &Facts, with_resource: bool) -> Listed<Account> {
    let name = format!("{} ({})", facts.name, facts.email);
    let listed = Listed::new(name, Identity { id: Attr::Known(facts.id.clone()) });
    let resource = with_resource.then(|| as_found(facts, Attr::Null, Attr::Null));
    Listed { resource, ..listed }
}
