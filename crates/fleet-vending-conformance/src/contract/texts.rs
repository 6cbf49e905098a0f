//! Texts: what may not be told, and what may be asked.

use fleet_vending_proto::v1beta1 as pb;
use pb::Capability;
use tonic::Code;

use crate::kit::{Kit, MANAGER, Tested, advance_within, ensure, show_end};
use crate::session::{Call, End};

/// A value of settings that no message may have.
const SECRET: &str = "conformance-secret-5e8f1d";

/// Seconds for a call with strange texts.
const SHORT: u32 = 5;

pub(super) async fn no_secret(kit: &Kit) -> Tested {
    // Settings that are wrong and hold a secret: it is the name of what is wrong that helps, not its value.
    let mut settings = kit.settings_object().unwrap_or_default();
    settings.insert("conformance_password".into(), SECRET.into());
    let whole = serde_json::Value::Object(settings).to_string();
    let cut = whole[..whole.len() - 1].to_owned();
    for settings in [whole, cut] {
        let request =
            pb::ConfigureRequest { settings, managed_by: MANAGER.into(), read_only: false };
        let session = kit.raw().await?;
        let _ = session.configure(request).await;
        // What it logs is read when it has ended.
        session.ends_with_stdin(std::time::Duration::from_secs(5)).await;
    }
    for secret in kit.secrets.iter().map(String::as_str).chain([SECRET]) {
        if let Some(place) = kit.said.has(secret) {
            ensure(false, "no secret in a message, a log line or a token", || {
                format!("a secret of the settings in {place}")
            })?;
        }
    }
    Ok(())
}

pub(super) async fn hostile(kit: &Kit) -> Tested {
    let session = kit.shared().await?;
    let escape = kit.world.path().join("escape");
    let up = format!("../../../../../../../..{}", escape.display());
    let long = "ä".repeat(2000);
    let texts = [
        long.as_str(),
        "a\u{1b}[31m\r\nb\u{0}c\u{202e}d",
        up.as_str(),
        "'; DROP TABLE accounts; -- ${x} {{x}} %s",
    ];
    for text in texts {
        let mut account = advance_within(&kit.account(), SHORT);
        if let Some(request) = &mut account.request {
            let contract = request.contract.get_or_insert_default();
            contract.name = text.to_owned();
            contract.owner = text.to_owned();
            contract.budget_owner = text.to_owned();
            contract.environment = text.to_owned();
            if kit.about.arguments.iter().any(|name| name == "tags") {
                request.tags.insert("text".into(), text.to_owned());
            }
        }
        answered(
            &session.advance(account).await.finish().await,
            &format!("an account with the name {:?}", text.chars().take(40).collect::<String>()),
        )?;
    }
    // Ids that lead elsewhere: nothing is made of them.
    for id in [up.as_str(), "../escape", "", "no uuid", "a\u{0}b"] {
        let mut account = advance_within(&kit.account(), SHORT);
        if let Some(of) = account.request.as_mut().and_then(|request| request.r#ref.as_mut()) {
            of.fleet_id = id.to_owned();
        }
        let call = session.advance(account).await.finish().await;
        let refused = matches!(
            call.end,
            Some(End::Refused(_) | End::Gone | End::Status(Code::InvalidArgument, _))
        );
        ensure(refused, &format!("the fleet_id {id:?} is refused"), || {
            call.end.as_ref().map_or("none".into(), show_end)
        })?;
    }
    ensure(!escape.exists(), "no file where an id leads to", || escape.display().to_string())?;
    // Words of a newer host.
    let mut account = advance_within(&kit.account(), SHORT);
    if let Some(request) = &mut account.request {
        request.lifecycle = 99;
        request.lifecycle_before = 99;
        request.phase_before = 99;
        request.arguments.insert("conformance_unknown".into(), "x".into());
    }
    answered(
        &session.advance(account).await.finish().await,
        "values of enums that it does not know",
    )?;
    let mut unknown = kit.account().planned();
    unknown.unknown_arguments = vec!["conformance_unknown".into(), "tags".into()];
    session.preflight(vec![unknown]).await?;
    if kit.can(Capability::List) {
        kit.listed(&session, false, 0).await?;
    }
    session.describe().await?;
    ensure(session.runs(), "the vendor goes on", || session.log_end())
}

/// An end that is none of a crash, and texts that a terminal can show.
fn answered(call: &Call, of: &str) -> Tested {
    let expected = format!("{of} end with an outcome, a refusal or INVALID_ARGUMENT");
    let ended = matches!(
        call.end,
        Some(End::Outcome(_) | End::Refused(_) | End::Status(Code::InvalidArgument, _))
    );
    ensure(ended, &expected, || call.end.as_ref().map_or("none".into(), show_end))?;
    let texts: Vec<&str> = match &call.end {
        Some(End::Refused(problem)) => vec![&problem.message, &problem.remedy, &problem.why],
        Some(End::Outcome(outcome)) => {
            let problems =
                outcome.unfinished.iter().chain(&outcome.failures).chain(&outcome.warnings);
            let told = problems
                .flat_map(|problem| [problem.message.as_str(), &problem.remedy, &problem.why]);
            told.chain([outcome.status_reason.as_str()]).collect()
        }
        _ => Vec::new(),
    };
    let raw = texts
        .into_iter()
        .find(|text| text.chars().any(|letter| letter.is_control() && letter != '\n'));
    ensure(raw.is_none(), "no control character in a text for people", || format!("{raw:?}"))
}
