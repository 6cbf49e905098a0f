//! `snapshot-public-access`: EBS snapshots cannot be shared with everybody.

use fleet_model::readiness::Severity;

use super::{SOON, Switch};
use crate::aws::api::SettingKind;
use crate::aws::controls::meta::{Meta, Place};
use crate::aws::controls::names::REGIONS;
use crate::operations::{EVERYTHING, read, write};

/// What it says of itself.
pub(in crate::aws::controls) const META: Meta = Meta {
    name: "snapshot-public-access",
    asks: "EBS snapshots are not shared with everybody",
    mode: None,
    severity: Severity::High,
    place: Place::EachRegion,
    operations: &[
        write("ec2:EnableSnapshotBlockPublicAccess", EVERYTHING),
        read("ec2:GetSnapshotBlockPublicAccessState", EVERYTHING),
    ],
    parameters: "whether what is shared already is blocked, too",
    after: &[REGIONS],
    given_up: "stays as it is set, since to weaken it could lay data open; what was there before is in the inventory file",
};

/// The control.
pub(in crate::aws::controls) const CONTROL: Switch = Switch {
    metas: [&META],
    kind: SettingKind::SnapshotSharing,
    api: "ec2:GetSnapshotBlockPublicAccessState",
    shows: SOON,
};
