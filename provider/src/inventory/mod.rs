//! The inventory, as this provider uses it: how its trouble is told to people, and what of it private state keeps. The
//! store itself is `fleet-inventory`.

pub use fleet_inventory::{
    Admission, Author, Error, Found, Freshness, Instead, Kind, Lost, Older, Removal, Seen, Store,
    Stores, Upstream, decode, file, holds_back,
};

mod doubt;
mod lost;
mod medium;
mod remembered;
pub(crate) mod report;
mod repository;

pub(crate) use doubt::DoubtReport;
pub(crate) use lost::LostReport;
pub(crate) use medium::Medium;
pub(crate) use remembered::Remembered;
pub(crate) use report::ErrorReport;
