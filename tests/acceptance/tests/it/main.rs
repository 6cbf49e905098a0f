//! The real CLIs against the built provider and an emulated AWS: one module per topic.

mod harness;
