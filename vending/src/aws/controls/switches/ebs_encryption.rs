//! `ebs-encryption`: new EBS volumes are encrypted, whoever makes them.

use fleet_model::readiness::Severity;

use super::{SOON, Switch};
use crate::aws::api::SettingKind;
use crate::aws::controls::meta::{Meta, Place};
use crate::aws::controls::names::REGIONS;
use crate::operations::{EVERYTHING, read, write};

/// What it says of itself.
pub(in crate::aws::controls) const META: Meta = Meta {
    name: "ebs-encryption",
    asks: "new EBS volumes are encrypted by default",
    mode: None,
    severity: Severity::High,
    place: Place::EachRegion,
    operations: &[
        write("ec2:EnableEbsEncryptionByDefault", EVERYTHING),
        read("ec2:GetEbsEncryptionByDefault", EVERYTHING),
    ],
    parameters: "",
    after: &[REGIONS],
    given_up: "stays as it is set, since to weaken it could lay data open; what was there before is in the inventory file",
};

/// The control.
pub(in crate::aws::controls) const CONTROL: Switch = Switch {
    metas: [&META],
    kind: SettingKind::EbsEncryption,
    api: "ec2:GetEbsEncryptionByDefault",
    shows: SOON,
};
