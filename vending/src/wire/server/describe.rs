//! What the AWS vendor is and can do.

use fleet_vending_proto::v1beta1 as wire;

use super::settings;
use crate::aws::controls;
use crate::wire::convert::request::ARGUMENTS;

/// The controls, and what each makes sure of.
const CHECKS: [(&str, &str, wire::Severity); 5] = [
    (controls::REGIONS, "The regions of `region_set` can be used.", wire::Severity::High),
    (
        controls::PASSWORD_POLICY,
        "The account's password policy is at least as strict as the profile's.",
        wire::Severity::Medium,
    ),
    (
        controls::ACCESS_ROLES,
        "The access roles are there, with their permissions and boundary.",
        wire::Severity::High,
    ),
    (
        controls::OIDC_TRUST,
        "The identity providers and who may assume which role are as asked for.",
        wire::Severity::Critical,
    ),
    (
        controls::ORGANIZATION_POLICIES,
        "The profile's service control policies hold in the account.",
        wire::Severity::Critical,
    ),
];

/// The phases in order, and how many seconds each usually takes.
const PHASES: [(wire::Phase, u32); 8] = [
    (wire::Phase::Requested, 60),
    (wire::Phase::Created, 0),
    (wire::Phase::Regions, 300),
    (wire::Phase::Placed, 5),
    (wire::Phase::Governed, 600),
    (wire::Phase::Accessible, 60),
    (wire::Phase::Baselined, 30),
    (wire::Phase::Ready, 5),
];

/// The same each time: nothing is called.
pub(super) fn describe() -> wire::DescribeResponse {
    let capabilities = [
        wire::Capability::Adopt,
        wire::Capability::List,
        wire::Capability::ListUnmanaged,
        wire::Capability::Freeze,
        wire::Capability::Close,
        wire::Capability::Believed,
        wire::Capability::Ownership,
    ];
    wire::DescribeResponse {
        name: "AWS Organizations".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        capabilities: capabilities.map(Into::into).to_vec(),
        settings_schema: settings::SCHEMA.to_owned(),
        vendor_settings_schema: String::new(),
        arguments: ARGUMENTS.map(str::to_owned).to_vec(),
        required_arguments: vec!["email".to_owned()],
        checks: CHECKS
            .map(|(name, description, severity)| wire::CheckDescription {
                name: name.to_owned(),
                description: description.to_owned(),
                severity: severity.into(),
            })
            .to_vec(),
        phases: PHASES
            .map(|(phase, usual_seconds)| wire::PhaseDescription {
                phase: phase.into(),
                usual_seconds,
            })
            .to_vec(),
        irreversible: vec![wire::LifecycleState::Closed.into()],
        // The engine itself keeps to what AWS takes.
        max_in_flight: 0,
    }
}
