//! How an account comes in, created, taken over or imported: under a key that no other account has, and in use.
//! One that has an inventory file already goes on from where the file says it is.

use fleet_model::inventory::AccountDocument;
use fleet_model::lifecycle::{AccountLifecycleState, LifecyclePhase};
use fleet_model::name::Key;
use fleet_vending::Vendor;
use fleet_vending::aws::preflight::Coming;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::{Attr, Context};

use super::model::Model;
use super::step::refuse_step;
use super::{Desk, contract};
use crate::diagnostic::{Report, error};
use crate::email::same;
use crate::inventory::{ErrorReport as _, Store};
use crate::refusal;

/// An account that comes in.
pub(super) struct Enters<'a> {
    pub(super) key: &'a Key,
    /// Empty while it is not known.
    pub(super) email: &'a str,
    /// `None` while there is no account, or it is not known which.
    pub(super) id: Option<&'a str>,
    pub(super) wished: AccountLifecycleState,
}

/// Whether the state is that of an import without an inventory file: the account comes in by its first apply.
pub(super) fn is_new(prior: &Model) -> bool {
    prior.account_class.is_null()
}

/// The inventory file of an account. `id` is the account's, as far as it is known.
///
/// # Errors
/// It is another manager's or another account's, or cannot be read.
pub(super) fn file(
    store: &Store,
    key: &Key,
    managed_by: &str,
    id: Option<&str>,
) -> Result<Option<AccountDocument>, Diagnostic> {
    let found = store.held_account(key, managed_by);
    let found = found.map_err(|trouble| trouble.report().at("key").build())?;
    match (found.map(|found| found.document), id) {
        (Some(file), Some(id)) if file.id != id => Err(of_another(&file, id).build()),
        (file, _) => Ok(file),
    }
}

/// That the file of a key is about another account than the one with this id.
pub(super) fn of_another(file: &AccountDocument, id: &str) -> Report {
    let key = &file.contract.key;
    error("FLEET0105", format!("Two accounts have the key {key}"))
        .at("key")
        .what(format!("`accounts/{key}.yaml` is about the account {} ({}), and this is the account {id}.", file.id, file.contract.name))
        .why("A key stands for one account. Under one key each would overwrite the file of the other, and clusters would be admitted by the wrong one.")
        .todo(format!("Give one that comes in another `key`. If the file is wrong, restore its last version from the repository that keeps it. If both carry the key {key:?} already, take the tags `fleet:id`, `fleet:key` and `fleet:managed-by` off the one that is to lose it, `state rm` it, and import it under another `key`."))
}

/// Refuses the key and the email of an account that was closed; an empty text is nobody's.
pub(super) fn buried(store: &Store, key: &str, email: &str) -> Option<Diagnostic> {
    let (attribute, text, tombstone) = match store.tombstone(key, email) {
        Ok(None) => return None,
        Ok(Some(tombstone)) if tombstone.contract.key.as_str() == key => ("key", key, tombstone),
        Ok(Some(tombstone)) => ("email", email, tombstone),
        Err(trouble) => return Some(trouble.report().build()),
    };
    let buried = tombstone.contract.key.as_str();
    let when = tombstone.closed_at.as_deref().map_or_else(String::new, |at| format!(" on {at}"));
    Some(
        error("FLEET0131", format!("The {attribute} belonged to a closed account"))
            .at(attribute)
            .what(format!("The plan gives an account the {attribute} `{text}`. The account `{buried}` ({}) had it and was closed{when}: `accounts/{buried}.yaml` says so.", tombstone.id))
            .why("AWS gives the address of a closed account to no other, also when it lists the account no more. A key stands for one account for ever: clusters, tags and evidence hang on it.")
            .todo(format!("Remove the block, or use another key and another email. Where this stops a `destroy` of something else, `-refresh=false` goes around it. If AWS Support reopened the account, set `lifecycle_phase: retired` in `accounts/{buried}.yaml`, leave `closed_at` out, and import the account."))
            .build(),
    )
}

/// Refuses the key of another account whose state this process has seen. `holder` is the id of the one that has it.
pub(super) fn refuse_key(key: &str, id: &str, holder: Option<&str>) -> Option<Diagnostic> {
    let holder = holder.filter(|holder| *holder != id)?;
    let what = format!(
        "The account {id} would get the key `{key}`, which the account {holder} of this configuration has."
    );
    Some(twice(key, what))
}

/// That two accounts of one configuration have one key.
pub(super) fn twice(key: &str, what: String) -> Diagnostic {
    error("FLEET0105", format!("Two accounts have the key {key}"))
        .at("key")
        .what(what)
        .why("Both would be the same account, and each would undo what the other does.")
        .todo("Give one of them another `key`, and a new account another email, too; or remove one of the blocks.")
        .build()
}

/// That one account has two addresses.
pub(super) fn in_state_twice(account: &Model) -> Diagnostic {
    let text = |value: &Attr<String>| value.as_str().unwrap_or("?").to_owned();
    let (id, key, name) = (text(&account.id), text(&account.key), text(&account.name));
    let summary = format!("Two blocks are account {key}");
    error("FLEET0105", summary)
        .at("key")
        .what(format!("The account {id} (key `{key}`, name {name:?}) has two addresses: two `fleet_account` blocks of this state, or two elements of `for_each` or `count`, or one that is planned to be imported or created beside one that is there."))
        .why("Each would undo what the other does with every apply, and the first to be destroyed would release or close the account, which the other still has.")
        .todo(format!("Keep one of them. `state list` names the addresses, and `state show` those that have the id {id}: take the other one out with `state rm`, which calls nothing, and remove its block, or its `import` block. For a block that was renamed, use `moved`."))
        .build()
}

// === impl Enters ===

impl Enters<'_> {
    /// The file that the account has already, if it may come in.
    ///
    /// # Errors
    /// Why it may not. `quarantine`: whether the provider block has one; `None` while it is not known.
    pub(super) fn check(
        &self,
        store: &Store,
        managed_by: &str,
        quarantine: Option<bool>,
    ) -> Result<Option<AccountDocument>, Diagnostic> {
        if let Some(refusal) = buried(store, self.key.as_str(), self.email) {
            return Err(refusal);
        }
        let file = file(store, self.key, managed_by, self.id)?;
        let refusal = match contract::phase(file.as_ref()) {
            // A step of decommissioning is one of an account that we have.
            LifecyclePhase::Active => self.in_use(),
            phase if self.wished.phase() > phase => Some(self.too_far()),
            phase => refuse_step(self.key.as_str(), phase, self.wished, Some(store), quarantine),
        };
        refusal.map_or(Ok(file), Err)
    }

    fn in_use(&self) -> Option<Diagnostic> {
        let Self { key, wished, .. } = self;
        (*wished != AccountLifecycleState::Active).then(|| {
            error("FLEET0127", format!("Account {key} cannot start as {wished}"))
                .at("lifecycle_state")
                .what(format!("`lifecycle_state` of the account `{key}` is {wished}. The account is new to this configuration: it is created, taken over or imported, and no inventory file says that it is frozen or retired already."))
                .why("A new account must start as `active`. From there each apply makes one step, so that an account that somebody still uses is not retired by the same apply that finds it.")
                .todo(format!("Set `lifecycle_state = \"active\"` and apply; then set the next state. If the account was {wished} before and its file is lost, restore `accounts/{key}.yaml` from the repository that keeps it first."))
                .build()
        })
    }

    fn too_far(&self) -> Diagnostic {
        let Self { key, wished, .. } = self;
        error("FLEET0127", format!("Account {key} cannot start as {wished}"))
            .at("lifecycle_state")
            .what(format!("`lifecycle_state` of the account `{key}` is {wished}. The account is new to this state: it is created, taken over or imported."))
            .why("An account that comes in is active or, where its file says so, frozen. Retiring it is a step of its own, also where its file says that it was retired: what comes after it cannot be undone, and no file alone may bring that about.")
            .todo(format!("Set `lifecycle_state = \"frozen\"` and apply; then set `{wished}` and apply again."))
            .build()
    }

    fn not_found(&self, file: &AccountDocument) -> Diagnostic {
        let Self { key, email, wished, .. } = self;
        error("FLEET0127", format!("Account {key} cannot start as {wished}"))
            .at("lifecycle_state")
            .what(format!("`accounts/{key}.yaml` says that the account {} is {}, and no account of the organization has this id and the email `{email}`.", file.id, file.lifecycle_phase))
            .why("The apply would find or create another account in its place, and a new account must start as `active`.")
            .todo(format!("Correct the email. If the account {} has left the organization, delete the file, and set `lifecycle_state = \"active\"`.", file.id))
            .build()
    }
}

impl Desk {
    /// As [`Enters::check`], for an apply. An account that comes in at rest has to be the one of its file.
    pub(super) async fn enter(
        &self,
        context: &Context,
        enters: &Enters<'_>,
        vendor: &dyn Vendor,
    ) -> Result<Option<AccountDocument>, Diagnostics> {
        let managed_by = self.runtime.managed_by()?;
        let store = self.runtime.inventory()?;
        let file = enters.check(&store, &managed_by, Some(vendor.has_quarantine()))?;
        let at_rest = enters.wished != AccountLifecycleState::Active;
        if let (Some(file), None) = (&file, enters.id) {
            let coming =
                Coming { key: enters.key.as_str(), email: enters.email, named: Some(&file.id) };
            let doing = format!("find account `{}` again", enters.key);
            let found = vendor.found(&coming, &context.cancelled).await;
            let found =
                found.map_err(|refused| refusal::report(&refused, &doing).at("key").build())?;
            if at_rest && !found.is_some_and(|found| same(&found.account.email, enters.email)) {
                return Err(enters.not_found(file).into());
            }
        }
        Ok(file)
    }
}

#[cfg(test)]
mod tests;
