//! What the AWS vendor is and can do.

use fleet_vending_proto::v1beta1 as wire;

use super::settings;
use crate::aws::controls;
use crate::wire::convert::readiness::severity_to;
use crate::wire::convert::request::ARGUMENTS;

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

/// As a sentence of its own.
fn sentence(clause: &str) -> String {
    let mut letters = clause.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}

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
        checks: controls::metas()
            .map(|meta| wire::CheckDescription {
                name: meta.name.to_owned(),
                description: sentence(meta.asks),
                severity: severity_to(meta.severity).into(),
            })
            .collect(),
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
