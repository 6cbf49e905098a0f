//! `organization-policies`.

use fleet_model::account::ControlMode;
use futures::future::BoxFuture;

use super::super::control::{Control, Part, Round};
use super::super::meta::Meta;
use super::super::shed::{self, Acted};
use super::super::{ORGANIZATION_POLICIES, organization_policies};

/// The control.
pub(in super::super) struct Policies;

impl Control for Policies {
    fn metas(&self) -> &[&'static Meta] {
        &[&organization_policies::META]
    }

    fn round<'a>(&'a self, round: &'a Round<'a>) -> BoxFuture<'a, Part> {
        Box::pin(policies(round))
    }
}

async fn policies(round: &Round<'_>) -> Part {
    let Round { ports, scope, write, .. } = *round;
    let mode = scope.mode(ORGANIZATION_POLICIES);
    let desired = organization_policies::desired(scope);
    let mut part = Part::default();
    let mut acted = Acted::default();
    let mut seen = match (mode, scope.path) {
        (ControlMode::Ignore, _) => Ok(organization_policies::Observation::default()),
        (_, Err(error)) => Err(error.clone()),
        _ => organization_policies::observe(mode, ports.policies, &desired).await,
    };
    if let (true, Ok(first)) = (write, &seen) {
        let changes = organization_policies::decide(mode, &desired, first);
        acted.attached.extend(organization_policies::attached(&desired, &changes, first));
        part.problems = organization_policies::act(ports.policies, &changes).await;
        if !changes.is_empty() {
            ports.policies.refresh();
            seen = organization_policies::observe(mode, ports.policies, &desired).await;
        }
    }
    if let Ok(observed) = &seen {
        if !organization_policies::decide(mode, &desired, observed).is_empty() {
            part.work.insert(ORGANIZATION_POLICIES);
        }
        let held = shed::policies(scope, &desired, observed, &acted);
        let texts = shed::texts(scope, &desired, observed, &held);
        part.holds = Some(Box::new(|made| (made.guardrails, made.texts) = (held, texts)));
    }
    part.unread(ORGANIZATION_POLICIES, Some(&seen));
    part.checks.push(organization_policies::check(mode, &desired, &seen));
    part
}
