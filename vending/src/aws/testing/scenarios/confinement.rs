//! What an apply does to an account at rest when the quarantine is another one by now, against the simulated cloud.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::lifecycle::AccountLifecycleState;
use tokio_util::sync::CancellationToken;

use super::freeze::{Frozen, QUARANTINE};
use crate::aws::account::quarantine::Confinement;
use crate::aws::testing::simulation::PROD;

/// The quarantine has another place and another policy by now: what an apply does about it is known before.
#[tokio::test]
async fn what_an_apply_does_to_an_account_at_rest_is_known_before_it() {
    let confinement = async |account: &Frozen| {
        let (engine, cancel) = (account.engine(), CancellationToken::new());
        let place = account.place();
        engine.confinement(&account.job, &account.id, &place, &cancel).await.unwrap()
    };
    let mut account = Frozen::new().await;
    account.apply(AccountLifecycleState::Frozen).await;
    assert_eq!(confinement(&account).await, Confinement::default());
    // Moved out by hand, with another policy in the provider block.
    account.cloud.world().parents.insert(account.id.clone(), PROD.to_owned());
    account.policy_id = Some("p-another".to_owned());
    let known = confinement(&account).await;
    assert_eq!(known.moves_to.as_deref(), Some(QUARANTINE));
    assert_eq!(known.attaches.as_deref(), Some("p-another"));
    account.apply(AccountLifecycleState::Frozen).await;
    assert_eq!(
        (account.place().as_str(), account.binding()),
        (QUARANTINE, vec!["p-another".to_owned()])
    );
    assert_eq!(confinement(&account).await, Confinement::default());
    // A policy above it binds it already.
    let targets = std::mem::take(&mut account.cloud.world().policy.targets);
    assert!(!targets.is_empty());
    assert_eq!(confinement(&account).await.attaches.as_deref(), Some("p-another"));
    let bound = BTreeMap::from([("p-another".to_owned(), BTreeSet::from([QUARANTINE.to_owned()]))]);
    account.cloud.world().policy.targets = bound;
    assert_eq!(confinement(&account).await, Confinement::default());
    account.without_quarantine = true;
    account.cloud.world().parents.insert(account.id.clone(), PROD.to_owned());
    assert_eq!(confinement(&account).await, Confinement::default());
}
