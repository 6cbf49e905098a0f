//! `password-policy`.

use std::time::Duration;

use fleet_model::account::ControlMode;
use futures::future::BoxFuture;

use super::super::act::act;
use super::super::control::{Control, Part, Round};
use super::super::meta::Meta;
use super::super::{PASSWORD_POLICY, SETTLE, password_policy, shed};
use crate::aws::api::member::Change;

/// The control.
pub(in super::super) struct Password;

impl Control for Password {
    fn metas(&self) -> &[&'static Meta] {
        &[&password_policy::META]
    }

    fn round<'a>(&'a self, round: &'a Round<'a>) -> BoxFuture<'a, Part> {
        Box::pin(password(round))
    }
}

async fn password(round: &Round<'_>) -> Part {
    let Round { ports, scope, write, .. } = *round;
    let mode = scope.mode(PASSWORD_POLICY);
    let wanted = &scope.profile().password;
    let mut part = Part::default();
    let mut put = None;
    let mut seen = match mode {
        ControlMode::Ignore => None,
        _ => password_policy::observe(ports).await,
    };
    if let (true, Some(member), Some(Ok(first))) = (write, ports.member, &seen) {
        let first = *first;
        if let Some(change) = password_policy::decide(mode, wanted, first.as_ref()) {
            if let Change::PutPasswordPolicy(policy) = &change {
                put = Some(*policy);
            }
            part.problems.extend(
                act(member, ports.clock, scope.denied_until, PASSWORD_POLICY, &[change]).await,
            );
            if part.problems.is_empty() {
                part.before.password_policy = Some(password_policy::prior(first.as_ref()));
                for pause in [Duration::ZERO].iter().chain(SETTLE) {
                    ports.clock.sleep(*pause).await;
                    seen = password_policy::observe(ports).await;
                    let settled = match &seen {
                        Some(Ok(now)) => {
                            password_policy::decide(mode, wanted, now.as_ref()).is_none()
                        }
                        _ => true,
                    };
                    if settled {
                        break;
                    }
                }
            }
        }
    }
    if let (ControlMode::Own, Some(Ok(now))) = (mode, &seen) {
        let before = scope.memory.password_policy.or(part.before.password_policy);
        let held = shed::password(scope.memory, before, wanted, *now, put);
        part.holds = Some(Box::new(move |made| made.password = held));
    }
    if let Some(Ok(now)) = &seen
        && password_policy::decide(mode, wanted, now.as_ref()).is_some()
    {
        part.work.insert(PASSWORD_POLICY);
    }
    part.unread(PASSWORD_POLICY, seen.as_ref());
    part.checks.push(password_policy::check(mode, wanted, seen.as_ref()));
    part
}
