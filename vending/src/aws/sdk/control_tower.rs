//! Control Tower: the landing zone, and which baselines are enabled. Only asked, never changed: `EnableBaseline` takes
//! OUs, and enrolment follows the move into one.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_config::{Region, SdkConfig};
use aws_sdk_controltower::Client;
use aws_sdk_controltower::config::Builder;
use aws_sdk_controltower::types::{
    EnabledBaselineDriftStatus, EnabledBaselineFilter, EnabledBaselineSummary, EnablementStatus,
    LandingZoneDetail, LandingZoneDriftStatus, LandingZoneStatus, RemediationType,
};
use aws_smithy_types::Document;
use tokio::sync::Mutex;

use super::answers;
use super::session::Session;
use crate::aws::api::{
    Call, ControlTower, EnabledBaseline, Enablement, LandingZone, ZoneKind, ZoneState,
};
use crate::error::Error;
use crate::operations;

const LIST_LANDING_ZONES: &str = "controltower:ListLandingZones";
const GET_LANDING_ZONE: &str = "controltower:GetLandingZone";
const LIST_BASELINES: &str = "controltower:ListBaselines";
const LIST_ENABLED_BASELINES: &str = "controltower:ListEnabledBaselines";
const GET_BASELINE_OPERATION: &str = "controltower:GetBaselineOperation";

/// The baselines that accounts inherit from their unit, the one first by which a unit is registered
/// ([types](https://docs.aws.amazon.com/controltower/latest/userguide/types-of-baselines.html)). That one has the others
/// in it, and the second is for units that are governed by controls.
const OF_UNITS: [&str; 2] = ["AWSControlTowerBaseline", "ConfigBaseline"];
/// The integrations that a unit cannot be registered without
/// ([changes of 4.0](https://docs.aws.amazon.com/controltower/latest/userguide/key-changes-lz-v4.html)).
const NEEDED: [&str; 2] = ["config", "securityRoles"];
/// The first version whose integrations can be switched off.
const INTEGRATIONS_OPTIONAL: u32 = 4;
/// The most that `ListEnabledBaselines` gives in one page.
const PAGE: i32 = 100;

/// The adapter.
pub(crate) struct AwsControlTower {
    session: Arc<Session>,
    /// By region; that of the session under no name.
    clients: Mutex<BTreeMap<Option<String>, Client>>,
}

impl AwsControlTower {
    pub(crate) fn new(session: Arc<Session>) -> Self {
        Self { session, clients: Mutex::default() }
    }

    /// The client of `call` for a region.
    async fn client(&self, call: &str, region: Option<&str>) -> Result<Client, Error> {
        let key = region.map(str::to_owned);
        let mut clients = self.clients.lock().await;
        if let Some(client) = clients.get(&key) {
            return Ok(client.clone());
        }
        let sdk: &SdkConfig = self.session.side(operations::access(call)).await?;
        let mut builder = Builder::from(sdk);
        if let Some(region) = region {
            builder = builder.region(Region::new(region.to_owned()));
        }
        if let Some(endpoint) = self.session.endpoint("controltower") {
            builder = builder.endpoint_url(endpoint);
        }
        let client = Client::from_conf(builder.build());
        clients.insert(key, client.clone());
        Ok(client)
    }

    /// The enabled baselines of a filter, of accounts too.
    async fn enabled(
        &self,
        home: &str,
        filter: Option<EnabledBaselineFilter>,
    ) -> Result<Vec<EnabledBaseline>, Error> {
        let client = self.client(LIST_ENABLED_BASELINES, Some(home)).await?;
        let mut found = Vec::new();
        let mut next: Option<String> = None;
        loop {
            let page = self
                .session
                .sender()
                .send(LIST_ENABLED_BASELINES, || {
                    client
                        .list_enabled_baselines()
                        .set_filter(filter.clone())
                        .include_children(true)
                        .max_results(PAGE)
                        .set_next_token(next.clone())
                        .send()
                })
                .await?;
            found.extend(page.enabled_baselines.into_iter().map(enabled));
            next = page.next_token.filter(|token| !token.is_empty());
            if next.is_none() {
                return Ok(found);
            }
        }
    }
}

impl ControlTower for AwsControlTower {
    fn landing_zone_arn<'a>(&'a self, region: Option<&'a str>) -> Call<'a, Option<String>> {
        Box::pin(async move {
            let client = self.client(LIST_LANDING_ZONES, region).await?;
            let answer = self
                .session
                .sender()
                .send(LIST_LANDING_ZONES, || client.list_landing_zones().send())
                .await?;
            Ok(answer.landing_zones.into_iter().find_map(|zone| zone.arn))
        })
    }

    fn landing_zone<'a>(&'a self, arn: &'a str) -> Call<'a, LandingZone> {
        Box::pin(async move {
            let home = region_of(arn)
                .ok_or_else(|| answers::incomplete(LIST_LANDING_ZONES, "landingZones[].arn"))?;
            let client = self.client(GET_LANDING_ZONE, Some(home)).await?;
            let answer = self
                .session
                .sender()
                .send(GET_LANDING_ZONE, || {
                    client.get_landing_zone().landing_zone_identifier(arn).send()
                })
                .await?;
            let detail = answer
                .landing_zone
                .ok_or_else(|| answers::incomplete(GET_LANDING_ZONE, "landingZone"))?;
            Ok(landing_zone(arn, home, &detail))
        })
    }

    fn unit_baselines<'a>(&'a self, home: &'a str) -> Call<'a, Vec<String>> {
        Box::pin(async move {
            let client = self.client(LIST_BASELINES, Some(home)).await?;
            let mut found = BTreeMap::new();
            let mut next: Option<String> = None;
            loop {
                let page = self
                    .session
                    .sender()
                    .send(LIST_BASELINES, || {
                        client.list_baselines().set_next_token(next.clone()).send()
                    })
                    .await?;
                found.extend(page.baselines.into_iter().map(|of| (of.name, of.arn)));
                next = page.next_token.filter(|token| !token.is_empty());
                if next.is_none() {
                    return Ok(OF_UNITS.iter().filter_map(|name| found.remove(*name)).collect());
                }
            }
        })
    }

    fn enabled_baselines<'a>(
        &'a self,
        home: &'a str,
        targets: &'a [String],
    ) -> Call<'a, Vec<EnabledBaseline>> {
        let of = |targets: &[String]| {
            let filter = EnabledBaselineFilter::builder();
            filter.set_target_identifiers(Some(targets.to_vec())).build()
        };
        Box::pin(self.enabled(home, (!targets.is_empty()).then(|| of(targets))))
    }

    fn under_change<'a>(
        &'a self,
        home: &'a str,
        parent: &'a str,
    ) -> Call<'a, Vec<EnabledBaseline>> {
        let filter = EnabledBaselineFilter::builder()
            .parent_identifiers(parent)
            .statuses(EnablementStatus::UnderChange)
            .build();
        Box::pin(self.enabled(home, Some(filter)))
    }

    fn status_message<'a>(&'a self, home: &'a str, operation: &'a str) -> Call<'a, Option<String>> {
        Box::pin(async move {
            let client = self.client(GET_BASELINE_OPERATION, Some(home)).await?;
            let answer = self
                .session
                .sender()
                .send(GET_BASELINE_OPERATION, || {
                    client.get_baseline_operation().operation_identifier(operation).send()
                })
                .await?;
            Ok(answer.baseline_operation.and_then(|of| of.status_message))
        })
    }
}

/// The region of an ARN.
fn region_of(arn: &str) -> Option<&str> {
    arn.split(':').nth(3).filter(|region| !region.is_empty())
}

fn landing_zone(arn: &str, home: &str, detail: &LandingZoneDetail) -> LandingZone {
    let drift = detail.drift_status.as_ref().and_then(|of| of.status.as_ref());
    LandingZone {
        arn: arn.to_owned(),
        region: home.to_owned(),
        version: detail.version.clone(),
        state: match detail.status {
            Some(LandingZoneStatus::Active) => ZoneState::Active,
            Some(LandingZoneStatus::Processing) => ZoneState::Processing,
            Some(LandingZoneStatus::Failed) => ZoneState::Failed,
            _ => ZoneState::Other,
        },
        is_drifted: drift == Some(&LandingZoneDriftStatus::Drifted),
        kind: kind(&detail.version, &detail.manifest),
        enrols: detail.remediation_types().contains(&RemediationType::InheritanceDrift),
    }
}

/// Before version 4.0 the integrations are always there; since then the manifest says which of them are switched on.
fn kind(version: &str, manifest: &Document) -> ZoneKind {
    let major = version.split('.').next().and_then(|major| major.parse::<u32>().ok());
    if major.is_none_or(|major| major < INTEGRATIONS_OPTIONAL) {
        return ZoneKind::Baselines;
    }
    let is_on = |name: &&str| {
        let integration = manifest.as_object().and_then(|all| all.get(*name));
        let enabled = integration.and_then(Document::as_object).and_then(|of| of.get("enabled"));
        enabled.and_then(Document::as_bool) == Some(true)
    };
    if NEEDED.iter().all(is_on) { ZoneKind::Baselines } else { ZoneKind::ControlsOnly }
}

fn enabled(summary: EnabledBaselineSummary) -> EnabledBaseline {
    let drift = summary.drift_status_summary.and_then(|of| of.types);
    let drift = drift.and_then(|of| of.inheritance).and_then(|of| of.status);
    let status = summary.status_summary;
    EnabledBaseline {
        arn: summary.arn,
        baseline: summary.baseline_identifier,
        target: last_segment(&summary.target_identifier),
        parent: summary.parent_identifier,
        status: match status.as_ref().and_then(|of| of.status.as_ref()) {
            Some(EnablementStatus::Succeeded) => Enablement::Succeeded,
            Some(EnablementStatus::UnderChange) => Enablement::UnderChange,
            Some(EnablementStatus::Failed) => Enablement::Failed,
            _ => Enablement::Other,
        },
        is_drifted: drift == Some(EnabledBaselineDriftStatus::Drifted),
        operation: status.and_then(|of| of.last_operation_identifier),
    }
}

/// The id of an account or a unit, by its ARN in the organization.
fn last_segment(arn: &str) -> String {
    arn.rsplit('/').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests;
