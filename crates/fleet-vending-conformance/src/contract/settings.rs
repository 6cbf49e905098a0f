//! Settings: before them, wrong ones, and read only.

use fleet_vending_proto::v1beta1 as pb;
use pb::{Capability, LifecycleState, ProblemClass};
use serde_json::{Value, json};
use tonic::{Code, Status};

use crate::kit::{Kit, MANAGER, Tested, advance, ensure, fail, show, show_end, transition};
use crate::session::End;

pub(super) async fn come_first(kit: &Kit) -> Tested {
    let session = kit.raw().await?;
    let account = kit.account();
    let request = account.request();
    let refused = |call: &str, code: Option<Code>| {
        ensure(
            code == Some(Code::FailedPrecondition),
            &format!("{call} ends with FAILED_PRECONDITION"),
            || code.map_or("an answer".into(), |code| format!("{code:?}")),
        )
    };
    refused("Preflight", code(session.preflight(vec![account.planned()]).await))?;
    refused("Observe", code(session.observe(request.clone()).await))?;
    refused("Check", code(session.check(request.clone()).await))?;
    if kit.can(Capability::List) {
        refused("List", code(session.list(pb::ListRequest::default()).await))?;
    }
    if kit.can(Capability::Adopt) {
        let adopt = pb::AdoptRequest { request: Some(request), native_id: "x".into() };
        refused("Adopt", code(session.adopt(adopt).await))?;
    }
    let ends = [
        ("Advance", session.advance(advance(&account)).await.end().await),
        (
            "Transition",
            session.transition(transition(&account, LifecycleState::Retired)).await.end().await,
        ),
    ];
    for (call, end) in ends {
        ensure(is_precondition(&end), &format!("{call} ends with FAILED_PRECONDITION"), || {
            show_end(&end)
        })?;
    }
    session.describe().await?;
    session.stop().await?;
    Ok(())
}

pub(super) async fn are_checked(kit: &Kit) -> Tested {
    wrong(kit, "{\"a\": ", None).await?;
    wrong(kit, "[]", None).await?;
    let Some(settings) = kit.settings_object() else { return Ok(()) };
    let schema: Value = serde_json::from_str(&kit.about.settings_schema).unwrap_or_default();
    // A value of the wrong kind, in the place of one that is right.
    let Some((name, value)) = settings.iter().next() else { return Ok(()) };
    let mut settings = settings.clone();
    let bad = if value.is_object() { json!("x") } else { json!({ "x": [] }) };
    let Ok(schema) = jsonschema::draft202012::new(&schema) else { return Ok(()) };
    settings.insert(name.clone(), bad);
    let settings = Value::Object(settings);
    if schema.is_valid(&settings) {
        return Ok(());
    }
    wrong(
        kit,
        &settings.to_string(),
        Some(&format!("/{}", name.replace('~', "~0").replace('/', "~1"))),
    )
    .await
}

/// Expects that the settings are not taken, and, with `pointer`, that the place is named.
async fn wrong(kit: &Kit, settings: &str, pointer: Option<&str>) -> Tested {
    let request = pb::ConfigureRequest {
        settings: settings.to_owned(),
        managed_by: MANAGER.into(),
        read_only: false,
    };
    let answer = kit.raw().await?.configure(request).await?;
    let problems: Vec<String> = answer.problems.iter().map(show).collect();
    let of_class =
        answer.problems.iter().filter(|problem| problem.class() == ProblemClass::Invalid);
    let found =
        of_class.into_iter().any(|problem| pointer.is_none_or(|pointer| problem.object == pointer));
    let place = pointer.map_or(String::new(), |pointer| format!(" with the object {pointer}"));
    ensure(found, &format!("settings {settings} are a problem of the class INVALID{place}"), || {
        if problems.is_empty() { "no problem".into() } else { problems.join("; ") }
    })
}

pub(super) async fn read_only_is_kept(kit: &Kit) -> Tested {
    let shared = kit.shared().await?;
    let mut there = kit.account();
    kit.settle(&shared, &mut there).await?;
    let before = kit.world.witnessed()?;
    let session = kit.own(MANAGER, true).await?;
    let fresh = kit.account();
    for (call, end) in [
        ("Advance", session.advance(advance(&fresh)).await.end().await),
        (
            "Transition",
            session.transition(transition(&there, LifecycleState::Retired)).await.end().await,
        ),
    ] {
        ensure(is_precondition(&end), &format!("{call} ends with FAILED_PRECONDITION"), || {
            show_end(&end)
        })?;
    }
    let seen = session.observe(there.request()).await?;
    if !matches!(seen.result, Some(pb::observation::Result::Found(_))) {
        return Err(fail("Observe works all the same", format!("{:?}", seen.result)));
    }
    ensure(before == kit.world.witnessed()?, "nothing is written", || {
        "the witness has changed".into()
    })
}

fn is_precondition(end: &End) -> bool {
    matches!(end, End::Status(Code::FailedPrecondition, _))
}

fn code<T>(answer: Result<T, Status>) -> Option<Code> {
    answer.err().map(|status| status.code())
}
