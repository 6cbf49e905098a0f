//! `ami-public-access`: machine images cannot be shared with everybody.

use fleet_model::readiness::Severity;

use super::Switch;
use crate::aws::api::SettingKind;
use crate::aws::controls::meta::{Meta, Place};
use crate::aws::controls::names::REGIONS;
use crate::operations::{EVERYTHING, read, write};

/// What it says of itself.
pub(in crate::aws::controls) const META: Meta = Meta {
    name: "ami-public-access",
    asks: "machine images are not shared with everybody",
    mode: None,
    severity: Severity::High,
    place: Place::EachRegion,
    operations: &[
        write("ec2:EnableImageBlockPublicAccess", EVERYTHING),
        read("ec2:GetImageBlockPublicAccessState", EVERYTHING),
    ],
    parameters: "",
    after: &[REGIONS],
    given_up: "stays as it is set, since to weaken it could lay data open; what was there before is in the inventory file",
};

/// The control.
pub(in crate::aws::controls) const CONTROL: Switch = Switch {
    metas: [&META],
    kind: SettingKind::ImageSharing,
    api: "ec2:GetImageBlockPublicAccessState",
    shows: "up to ten minutes",
};
