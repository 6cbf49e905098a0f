//! What looks and changes nothing.

use fleet_vending_proto::v1beta1 as pb;
use pb::Capability;
use pb::observation::Result as Seen;
use prost::Message as _;

use crate::kit::{Kit, MANAGER, Tested, ensure, fail};

/// What a digest of other readiness looks like.
const ANOTHER: &str = "0000000000000000000000000000000000000000000000000000000000000000";

pub(super) async fn is_stable(kit: &Kit) -> Tested {
    let session = kit.shared().await?;
    let mut account = kit.account();
    kit.settle(&session, &mut account).await?;
    let witness = kit.world.witnessed()?;
    let first = session.observe(account.request()).await?;
    ensure(first.fleet_id == account.fleet_id, "the fleet_id of the request", || {
        first.fleet_id.clone()
    })?;
    let Some(Seen::Found(outcome)) = &first.result else {
        return Err(fail("Found", format!("{:?}", first.result)));
    };
    let native_id = outcome
        .facts
        .as_ref()
        .and_then(|facts| facts.r#ref.as_ref())
        .map_or("", |of| of.native_id.as_str());
    ensure(native_id == account.native_id, "the native_id of the account", || {
        format!("{native_id:?}, not {:?}", account.native_id)
    })?;
    // By another process, and by a host that lost its state: nothing may hang on what a process remembers.
    let other = kit.own(MANAGER, false).await?;
    let readings = [
        session.observe(account.request()).await?,
        other.observe(account.request()).await?,
        other.observe(account.forgotten().request()).await?,
    ];
    for second in readings {
        ensure(
            second.encode_to_vec() == first.encode_to_vec(),
            "the same bytes each time",
            || format!("{first:?}\n{second:?}"),
        )?;
    }
    for check in session.check(account.request()).await? {
        if let Some(pb::check_response::Result::Problem(problem)) = check.result {
            return Err(fail("Check makes the checks", format!("{problem:?}")));
        }
    }
    let unknown = session.observe(kit.account().request()).await?;
    ensure(
        matches!(unknown.result, Some(Seen::Gone(_))),
        "an account that nobody asked for is Gone",
        || format!("{:?}", unknown.result),
    )?;
    if kit.can(Capability::Believed) {
        let believed = session
            .observe_believed(
                account.request(),
                fleet_vending_proto::digest::of(&outcome.readiness),
            )
            .await?;
        ensure(
            matches!(believed.result, Some(Seen::AsBelieved(_))),
            "AsBelieved for the digest of what there is",
            || format!("{:?}", believed.result),
        )?;
        let wrong = session.observe_believed(account.request(), ANOTHER.into()).await?;
        ensure(matches!(wrong.result, Some(Seen::Found(_))), "Found for another digest", || {
            format!("{:?}", wrong.result)
        })?;
    }
    ensure(witness == kit.world.witnessed()?, "nothing is written", || {
        "the witness has changed".into()
    })
}

pub(super) async fn preflight_is_stable(kit: &Kit) -> Tested {
    let session = kit.shared().await?;
    let mut there = kit.account();
    kit.settle(&session, &mut there).await?;
    let witness = kit.world.witnessed()?;
    let fresh = kit.account();
    let batch = [there.planned(), fresh.planned(), there.forgotten().planned()];
    let there_first = session.preflight(vec![batch[0].clone(), batch[1].clone()]).await?;
    let fresh_first = session.preflight(vec![batch[1].clone(), batch[0].clone()]).await?;
    let findings = |answer: &pb::PreflightResponse| {
        let mut all: Vec<Vec<u8>> =
            answer.findings.iter().map(prost::Message::encode_to_vec).collect();
        all.extend(answer.existing.iter().map(prost::Message::encode_to_vec));
        all.sort();
        all
    };
    ensure(
        findings(&there_first) == findings(&fresh_first),
        "the same findings whatever the order",
        || format!("{there_first:?}\n{fresh_first:?}"),
    )?;
    let answer = session.preflight(vec![batch[2].clone()]).await?;
    let found = answer.existing.iter().any(|existing| existing.fleet_id == there.fleet_id);
    ensure(found, "an account of ours that is there is among `existing`", || {
        format!("{answer:?}")
    })?;
    let blocked = there_first.findings.iter().find(|finding| finding.blocks);
    ensure(blocked.is_none(), "nothing in the way of an account that was just made", || {
        format!("{blocked:?}")
    })?;
    ensure(witness == kit.world.witnessed()?, "nothing is written", || {
        "the witness has changed".into()
    })
}
