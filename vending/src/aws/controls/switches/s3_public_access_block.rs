//! `s3-public-access-block`: no bucket of the account is public, whatever its own policy says.

use fleet_model::readiness::Severity;

use super::{SOON, Switch};
use crate::aws::api::SettingKind;
use crate::aws::controls::meta::{Meta, Place};
use crate::operations::{EVERYTHING, Operation, read, write};

/// What it says of itself.
pub(in crate::aws::controls) const META: Meta = Meta {
    name: "s3-public-access-block",
    asks: "no bucket of the account can be public",
    mode: None,
    severity: Severity::High,
    place: Place::Account,
    operations: &[
        // The actions have names of their own.
        Operation {
            action: "s3:GetAccountPublicAccessBlock",
            ..read("s3control:GetPublicAccessBlock", EVERYTHING)
        },
        Operation {
            action: "s3:PutAccountPublicAccessBlock",
            ..write("s3control:PutPublicAccessBlock", EVERYTHING)
        },
    ],
    parameters: "",
    after: &[],
    given_up: "stays as it is set, since to weaken it could lay data open; what was there before is in the inventory file",
};

/// The control.
pub(in crate::aws::controls) const CONTROL: Switch = Switch {
    metas: [&META],
    kind: SettingKind::S3PublicAccess,
    api: "s3control:GetPublicAccessBlock",
    shows: SOON,
};
