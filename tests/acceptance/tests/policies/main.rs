//! The policies that fleet writes, evaluated by a simulator of IAM that shares no code with it: who may do what, to which
//! resource, under which conditions. `documented.rs` holds the simulator itself to examples of AWS's documentation.

mod boundary;
mod documented;
mod evaluator;
mod guardrails;
mod organization;
mod state;
mod trusts;

/// What IAM says.
const ALLOWED: bool = true;
const DENIED: bool = false;

const MEMBER: &str = "111122223333";
const MANAGEMENT: &str = "999988887777";
const TOOLING: &str = "444455556666";
const ORGANIZATION: &str = "o-exampleorgid";
