//! `regions`.

use std::collections::BTreeMap;

use fleet_model::account::ControlMode;
use futures::future::BoxFuture;

use super::super::control::{Control, Part, Round};
use super::super::meta::Meta;
use super::super::{REGIONS, regions};
use crate::aws::api::member::RegionStatus;

/// The control.
pub(in super::super) struct Regions;

impl Control for Regions {
    fn metas(&self) -> &[&'static Meta] {
        &[&regions::META]
    }

    fn round<'a>(&'a self, round: &'a Round<'a>) -> BoxFuture<'a, Part> {
        Box::pin(opt_in(round))
    }
}

async fn opt_in(round: &Round<'_>) -> Part {
    let Round { ports, scope, write, .. } = *round;
    let mode = scope.mode(REGIONS);
    let set = &scope.contract.region_set;
    let mut part = Part::default();
    if mode == ControlMode::Ignore || set.is_empty() {
        part.checks = regions::check(mode, set, &Ok(BTreeMap::new()));
        return part;
    }
    let mut seen = regions::observe(ports, scope).await;
    if let (true, Ok(statuses)) = (write, &seen) {
        let opt_ins = regions::act(ports, scope, &regions::decide(mode, set, statuses)).await;
        part.problems.extend(opt_ins.problems);
        for region in &opt_ins.sent {
            part.before.regions.insert(region.clone());
        }
        if !opt_ins.sent.is_empty() {
            seen = regions::observe(ports, scope).await;
        }
    }
    part.unread(REGIONS, Some(&seen));
    if let Ok(statuses) = &seen {
        part.regions = set.iter().map(|of| (of.clone(), statuses.get(of).copied())).collect();
        // One that AWS does not have is not there to be asked or waited for.
        let comes = |of: &Option<RegionStatus>| of.is_some_and(|status| !status.is_usable());
        if mode == ControlMode::Own && part.regions.values().any(comes) {
            part.work.insert(REGIONS);
        }
    }
    part.checks = regions::check(mode, set, &seen);
    part
}
