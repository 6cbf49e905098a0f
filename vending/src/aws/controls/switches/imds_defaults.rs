//! `imds-defaults`: new instances give their metadata to sessions with a token only, unless a launch or an image says otherwise.

use fleet_model::readiness::Severity;

use super::{SOON, Switch};
use crate::aws::api::SettingKind;
use crate::aws::controls::meta::{Meta, Place};
use crate::aws::controls::names::REGIONS;
use crate::operations::{EVERYTHING, read, write};

/// What it says of itself.
pub(in crate::aws::controls) const META: Meta = Meta {
    name: "imds-defaults",
    asks: "new instances ask for a token before they tell their metadata (IMDSv2)",
    mode: None,
    severity: Severity::High,
    place: Place::EachRegion,
    operations: &[
        read("ec2:GetInstanceMetadataDefaults", EVERYTHING),
        write("ec2:ModifyInstanceMetadataDefaults", EVERYTHING),
    ],
    parameters: "over how many hops an answer goes",
    after: &[REGIONS],
    given_up: "stays as it is set, since to weaken it could lay data open; what was there before is in the inventory file",
};

/// The control.
pub(in crate::aws::controls) const CONTROL: Switch = Switch {
    metas: [&META],
    kind: SettingKind::InstanceMetadata,
    api: "ec2:GetInstanceMetadataDefaults",
    shows: SOON,
};
