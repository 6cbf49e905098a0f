//! What belongs to another account or to another manager.

use fleet_vending_proto::v1beta1 as pb;
use pb::{Capability, LifecycleState, ProblemClass};
use prost::Message as _;

use crate::kit::{Kit, MANAGER, Tested, advance, classes, ensure, show_end, transition};
use crate::session::Call;

/// Another manager in the same cloud.
const OTHER: &str = "conformance-other";

pub(super) async fn input(kit: &Kit) -> Tested {
    let session = kit.shared().await?;
    let mut account = kit.account();
    kit.settle(&session, &mut account).await?;
    let before = session.observe(account.request()).await?;
    let mut request = advance(&account.forgotten());
    let other = kit.account();
    if let Some(of) = request.request.as_mut().and_then(|request| request.r#ref.as_mut()) {
        of.key.clone_from(&other.key);
    }
    let call = session.advance(request).await.finish().await;
    told(&call, ProblemClass::ConflictInput, "the fleet_id of an account with another key")?;
    let after = session.observe(account.request()).await?;
    ensure(before.encode_to_vec() == after.encode_to_vec(), "the account as it was", || {
        format!("{before:?}\n{after:?}")
    })
}

pub(super) async fn owner(kit: &Kit) -> Tested {
    kit.needs(Capability::Ownership)?;
    let session = kit.shared().await?;
    let mut account = kit.account();
    kit.settle(&session, &mut account).await?;
    let before = session.observe(account.request()).await?;
    let witness = kit.world.witnessed()?;
    let stranger = kit.own(OTHER, false).await?;
    let call = stranger.advance(advance(&account.forgotten())).await.finish().await;
    told(
        &call,
        ProblemClass::ConflictOwner,
        &format!("Advance of an account that {MANAGER} manages"),
    )?;
    let call =
        stranger.transition(transition(&account, LifecycleState::Retired)).await.finish().await;
    told(
        &call,
        ProblemClass::ConflictOwner,
        &format!("Transition of an account that {MANAGER} manages"),
    )?;
    let after = session.observe(account.request()).await?;
    ensure(before.encode_to_vec() == after.encode_to_vec(), "the account as it was", || {
        format!("{before:?}\n{after:?}")
    })?;
    ensure(witness == kit.world.witnessed()?, "nothing is written", || {
        "the witness has changed".into()
    })
}

fn told(call: &Call, class: ProblemClass, of: &str) -> Tested {
    ensure(
        classes(call).contains(&class),
        &format!("{of} is told as {}", class.as_str_name()),
        || call.end.as_ref().map_or("none".into(), show_end),
    )
}
