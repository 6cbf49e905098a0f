//! Acceptance tests: the real CLIs against the built provider and an emulated AWS.
