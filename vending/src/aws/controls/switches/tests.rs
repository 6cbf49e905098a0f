//! Each switch through its life, on the account in memory.

use std::collections::BTreeSet;

use fleet_model::account::{BaselinePolicy, BaselineVersion};
use fleet_model::readiness::{Check, Severity, Verdict};

use super::super::registry::CONTROLS;
use super::super::testing::{Example, Fake, World};
use super::super::{Report, evaluate, release, repair};
use super::*;
use crate::aws::api::member::RegionStatus;
use crate::aws::api::{InstanceMetadata, S3PublicAccess, SnapshotSharing};
use crate::aws::testing::switches::at;
use crate::error::Kind;
use crate::profile;

const REGIONS: [&str; 2] = ["ap-northeast-1", "eu-west-1"];

const ALL: [&Switch; 5] = [
    &s3_public_access_block::CONTROL,
    &ebs_encryption::CONTROL,
    &imds_defaults::CONTROL,
    &snapshot_public_access::CONTROL,
    &ami_public_access::CONTROL,
];

/// An account whose regions can be used, and what is asked for in it: this control alone.
fn only(switch: &Switch, mode: ControlMode) -> (Fake, Example) {
    let mut example = Example::new();
    example.contract.baseline_policy = BaselinePolicy::Regulated;
    example.contract.region_set = REGIONS.map(str::to_owned).into();
    let others = super::super::metas().filter(|meta| meta.mode.is_some());
    let ignored = others.map(|meta| (meta.name.to_owned(), ControlMode::Ignore));
    example.contract.controls = ignored.collect();
    example.contract.controls.insert(switch.meta().name.to_owned(), mode);
    let regions = REGIONS.map(|name| (name.to_owned(), RegionStatus::EnabledByDefault)).into();
    (Fake::new(World { regions, ..World::default() }), example)
}

/// Where it is, with the keys of its checks.
fn sites(switch: &Switch) -> Vec<(Site<'static>, String)> {
    let name = switch.meta().name;
    match switch.meta().place {
        Place::EachRegion => REGIONS
            .iter()
            .map(|region| (Site::Region(region), key(name, Site::Region(region))))
            .collect(),
        _ => vec![(Site::Account, key(name, Site::Account))],
    }
}

fn wanted(switch: &Switch) -> Setting {
    let settings = profile::of(BaselinePolicy::Regulated, BaselineVersion::default()).settings;
    *settings.iter().find(|of| of.kind() == switch.kind).unwrap()
}

fn check<'a>(report: &'a Report, key: &str) -> &'a Check {
    &report.readiness.checks[key]
}

#[test]
fn every_switch_of_the_list_is_tested_here() {
    let other = ["root-user"];
    let listed = CONTROLS.iter().flat_map(|of| of.metas()).filter(|meta| meta.mode.is_none());
    let listed = listed.filter(|meta| !other.contains(&meta.name));
    let listed: BTreeSet<&str> = listed.map(|meta| meta.name).collect();
    assert_eq!(listed, ALL.map(|of| of.meta().name).into());
}

/// Made, checked, broken behind its back, found, repaired; what was before is remembered; given up it stays.
#[tokio::test]
async fn through_its_life() {
    for switch in ALL {
        let name = switch.meta().name;
        let (fake, mut example) = only(switch, ControlMode::Own);
        let seen = evaluate(&fake.ports(), &example.scope()).await;
        assert!(seen.work.contains(name) && fake.writes().is_empty(), "{name}");
        let first = repair(&fake.ports(), &example.scope()).await;
        assert!(first.readiness.ready() && first.work.is_empty(), "{name}: {first:?}");
        for (site, key) in sites(switch) {
            let set = fake.0.lock().unwrap().switches.set[&at(switch.kind, site)];
            assert_eq!(set, wanted(switch), "{key}");
            assert_eq!(check(&first, &key).verdict, Verdict::Pass, "{key}");
            assert!(!first.before.settings[&key].is_empty(), "{key}");
        }
        let writes = fake.writes().len();
        let second = repair(&fake.ports(), &example.scope()).await;
        assert_eq!(fake.writes().len(), writes, "{name}: nothing left to change");
        assert_eq!(second.readiness.digest(), first.readiness.digest(), "{name}");

        // Somebody puts one back.
        let (site, broken) = sites(switch).pop().unwrap();
        fake.0.lock().unwrap().switches.set.remove(&at(switch.kind, site));
        let seen = evaluate(&fake.ports(), &example.scope()).await;
        assert_eq!(check(&seen, &broken).verdict, Verdict::Fail, "{name}");
        assert_eq!(check(&seen, &broken).severity, Severity::High, "{name}");
        assert!(seen.work.contains(name), "{name}");
        let others = sites(switch).into_iter().filter(|(_, key)| *key != broken);
        for (_, key) in others {
            assert_eq!(check(&seen, &key).verdict, Verdict::Pass, "{key}");
        }
        let mended = repair(&fake.ports(), &example.scope()).await;
        assert!(mended.readiness.ready(), "{name}: {mended:?}");
        assert_eq!(fake.writes().len(), writes + 1, "{name}: one is set, and no other");

        // Given up, or not named any more, or released: it stays as it is.
        let set = fake.0.lock().unwrap().switches.set.clone();
        release(&fake, &fake, &example.scope(), false).await.unwrap();
        example.contract.controls.insert(name.to_owned(), ControlMode::Ignore);
        let ignored = repair(&fake.ports(), &example.scope()).await;
        assert_eq!(check(&ignored, name).verdict, Verdict::NotApplicable, "{name}");
        example.contract.controls.remove(name);
        let unasked = repair(&fake.ports(), &example.scope()).await;
        assert!(!unasked.readiness.checks.keys().any(|key| key.starts_with(name)), "{name}");
        assert_eq!(fake.0.lock().unwrap().switches.set, set, "{name}");
    }
}

#[tokio::test]
async fn what_another_manager_sets_is_checked_and_never_written() {
    for switch in ALL {
        let name = switch.meta().name;
        // Somebody else in the account: by `verify`. A declarative policy: by what AWS says of it.
        for (mode, declared) in [(ControlMode::Verify, false), (ControlMode::Own, true)] {
            let (fake, example) = only(switch, mode);
            let everywhere = sites(switch).into_iter().map(|(site, _)| at(switch.kind, site));
            if declared {
                fake.0.lock().unwrap().switches.declared = everywhere.clone().collect();
            }
            let weak = repair(&fake.ports(), &example.scope()).await;
            assert!(weak.work.is_empty() && weak.problems.is_empty(), "{name}");
            for (_, key) in sites(switch) {
                assert_eq!(check(&weak, &key).verdict, Verdict::Fail, "{key}");
                let todo = &check(&weak, &key).what_to_do;
                let says = if declared { "declarative policy" } else { "whoever manages it" };
                assert!(todo.contains(says), "{todo}");
            }
            let strict = everywhere.map(|at| (at, wanted(switch))).collect();
            fake.0.lock().unwrap().switches.set = strict;
            let strict = repair(&fake.ports(), &example.scope()).await;
            assert!(strict.readiness.ready(), "{name}: {strict:?}");
            assert_eq!(fake.writes(), Vec::<String>::new(), "{name}");
        }
    }
}

#[tokio::test]
async fn one_region_s_failure_does_not_stop_the_others() {
    let switches = ALL.into_iter().filter(|of| of.meta().place == Place::EachRegion);
    for switch in switches {
        let name = switch.meta().name;
        let [good, bad] = REGIONS.map(|region| format!("{name}/{region}"));
        for kind in [Kind::Denied, Kind::NotYet, Kind::Unanswered] {
            let (fake, example) = only(switch, ControlMode::Own);
            fake.0.lock().unwrap().failing_regions.insert(REGIONS[1], kind);
            let report = repair(&fake.ports(), &example.scope()).await;
            assert_eq!(check(&report, &good).verdict, Verdict::Pass, "{good} {kind:?}");
            assert_eq!(check(&report, &bad).verdict, Verdict::Unknown, "{bad} {kind:?}");
            assert_eq!(report.unread.len(), 1, "{name} {kind:?}");
        }
        // One that is not enabled yet is not asked, and waited for by the control of regions alone.
        let (fake, mut example) = only(switch, ControlMode::Own);
        example.contract.controls.insert("regions".to_owned(), ControlMode::Verify);
        let disabled = (REGIONS[1].to_owned(), RegionStatus::Disabled);
        fake.0.lock().unwrap().regions.extend([disabled]);
        let report = repair(&fake.ports(), &example.scope()).await;
        assert_eq!(check(&report, &good).verdict, Verdict::Pass, "{good}");
        assert_eq!(check(&report, &bad).verdict, Verdict::Unknown, "{bad}");
        assert!(check(&report, &bad).what_to_do.contains("regions/eu-west-1"));
        let asked = fake.0.lock().unwrap().calls.clone();
        assert!(!asked.iter().any(|of| of.starts_with("switch:") && of.contains(REGIONS[1])));
    }
}

#[tokio::test]
async fn a_denied_write_is_told_and_not_waited_for() {
    for switch in ALL {
        let (fake, example) = only(switch, ControlMode::Own);
        fake.0.lock().unwrap().failing.insert("switch:Put", Kind::Denied);
        let report = repair(&fake.ports(), &example.scope()).await;
        let places = sites(switch).len();
        assert_eq!(report.problems.len(), places, "{}", switch.meta().name);
        assert_eq!(fake.writes().len(), places, "{}: tried once each", switch.meta().name);
        assert!(report.before.settings.is_empty(), "nothing was changed");
    }
}

/// It took effect: it is as it was asked for, and what was there before is not lost with the answer.
#[tokio::test]
async fn a_lost_answer_loses_nothing_of_what_was_there() {
    for switch in ALL {
        let (fake, example) = only(switch, ControlMode::Own);
        fake.0.lock().unwrap().lost.insert("switch:Put");
        let report = repair(&fake.ports(), &example.scope()).await;
        for (_, key) in sites(switch) {
            assert_eq!(check(&report, &key).verdict, Verdict::Pass, "{key}");
            assert!(!report.before.settings[&key].is_empty(), "{key}");
        }
        assert_eq!(report.problems, [], "{}", switch.meta().name);
        // It did not: it is told.
        let (fake, example) = only(switch, ControlMode::Own);
        fake.0.lock().unwrap().failing.insert("switch:Put", Kind::Unanswered);
        let report = repair(&fake.ports(), &example.scope()).await;
        assert_eq!(report.problems.len(), sites(switch).len(), "{}", switch.meta().name);
    }
}

#[tokio::test]
async fn reads_that_lag_are_waited_for_and_then_told() {
    let switch = &ami_public_access::CONTROL;
    for (stale, verdict) in [(3, Verdict::Pass), (1_000, Verdict::Fail)] {
        let (fake, example) = only(switch, ControlMode::Own);
        fake.0.lock().unwrap().switches.stale_reads = stale;
        let report = repair(&fake.ports(), &example.scope()).await;
        let (_, key) = sites(switch).pop().unwrap();
        assert_eq!(check(&report, &key).verdict, verdict, "{stale}");
        let told = check(&report, &key).what_to_do.contains("ten minutes");
        assert_eq!(told, verdict == Verdict::Fail, "{stale}");
        assert_eq!(fake.writes().len(), REGIONS.len(), "{stale}: set once each");
    }
}

#[test]
fn decisions_and_verdicts() {
    let metadata = |tokens_required, hop_limit| {
        Setting::InstanceMetadata(InstanceMetadata { tokens_required, hop_limit })
    };
    let block = |a, b| {
        Setting::S3PublicAccess(S3PublicAccess {
            block_public_acls: a,
            ignore_public_acls: b,
            ..S3PublicAccess::default()
        })
    };
    let snapshots = Setting::SnapshotSharing;
    use SnapshotSharing::{BlockAll, BlockNew, Unblocked};
    for (wanted, found, target) in [
        (
            Setting::EbsEncryption(true),
            Setting::EbsEncryption(false),
            Some(Setting::EbsEncryption(true)),
        ),
        (Setting::EbsEncryption(true), Setting::EbsEncryption(true), None),
        (
            Setting::ImageSharing(true),
            Setting::ImageSharing(false),
            Some(Setting::ImageSharing(true)),
        ),
        (snapshots(BlockNew), snapshots(Unblocked), Some(snapshots(BlockNew))),
        (snapshots(BlockNew), snapshots(BlockAll), None),
        (snapshots(BlockAll), snapshots(BlockNew), Some(snapshots(BlockAll))),
        // What is set and not asked for stays set.
        (block(true, false), block(false, true), Some(block(true, true))),
        (block(true, false), block(true, true), None),
        (metadata(Some(true), Some(2)), metadata(None, None), Some(metadata(Some(true), Some(2)))),
        (metadata(Some(true), Some(2)), metadata(Some(true), Some(1)), None),
        (
            metadata(Some(true), Some(2)),
            metadata(Some(false), Some(1)),
            Some(metadata(Some(true), Some(1))),
        ),
        (
            metadata(Some(true), Some(2)),
            metadata(Some(true), Some(64)),
            Some(metadata(Some(true), Some(2))),
        ),
    ] {
        for (mode, managed_by) in [
            (ControlMode::Own, ManagedBy::Account),
            (ControlMode::Own, ManagedBy::DeclarativePolicy),
            (ControlMode::Verify, ManagedBy::Account),
        ] {
            let found = Found { setting: found, managed_by };
            let may = mode == ControlMode::Own && managed_by == ManagedBy::Account;
            let decided = decide(mode, wanted, &found);
            assert_eq!(decided, target.filter(|_| may), "{wanted}: {found:?} {mode}");
            assert_eq!(wanted.is_met_by(found.setting), target.is_none(), "{wanted}: {found:?}");
            // A repair is final, and no weaker than what it found.
            if let Some(set) = decided {
                assert!(wanted.is_met_by(set) && found.setting.is_met_by(set), "{set}");
            }
        }
    }
}

/// Nothing is asked of a switch whose account cannot be entered, or that the profile has no row for.
#[tokio::test]
async fn without_a_way_in_or_a_row_nothing_is_called() {
    for switch in ALL {
        let (fake, mut example) = only(switch, ControlMode::Own);
        let ports = super::super::Ports { member: None, ..fake.ports() };
        let report = repair(&ports, &example.scope()).await;
        for (_, key) in sites(switch) {
            assert_eq!(check(&report, &key).verdict, Verdict::Unknown, "{key}");
        }
        example.contract.region_set.clear();
        example.contract.baseline_policy = BaselinePolicy::Sandbox;
        let report = repair(&fake.ports(), &example.scope()).await;
        let has_row = profile::of(BaselinePolicy::Sandbox, BaselineVersion::default())
            .settings
            .iter()
            .any(|of| of.kind() == switch.kind);
        if !has_row || switch.meta().place == Place::EachRegion {
            assert_eq!(check(&report, switch.meta().name).verdict, Verdict::NotApplicable);
        }
    }
}
