//! The pure domain of a fleet: account contract, cluster record, lifecycle, readiness, snapshot and overlay.
