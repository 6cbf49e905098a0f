//! The pure placement decision (guide §11, §13): which clusters a workload goes to, in which role,
//! and why.
//!
//! [`decide`] filters every cluster and keeps every reason, orders what is left (incumbents first,
//! then by rendezvous hash), takes targets greedily under `count`, the cap per region and
//! `min_regions`, gives them roles, and compares the result with the targets there are now. Those
//! three bounds form a matroid, so the greedy choice is optimal: most targets, then most incumbents
//! kept, then the best order. A property test compares it with brute force.
//!
//! Same inputs, same decision: no clock, no random number, no hash-map order.

mod change;
mod decide;
mod explain;
mod filter;
mod labels;
mod order;
mod reason;
mod request;
mod select;
mod unmatched;
mod validate;
mod version;

pub use change::{Broken, Change, Limit, acknowledges, gone_fingerprint};
pub use decide::{Decision, Error, Evaluation, Waiting, decide};
pub use labels::{MatchExpression, Operator};
pub use reason::Reason;
pub use request::{
    Limits, Mode, Request, Role, Selector, Strategy, Target, Toleration, TolerationOperator,
};
pub use unmatched::{Subject, Unmatched, alike, unmatched};
pub use validate::{Invalid, Segment};
pub use version::{VersionRange, VersionRangeError};
