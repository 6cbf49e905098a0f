//! The `timeouts` attribute that resources have by convention.

use std::time::Duration;

use crate::duration;
use crate::value::Attr;

/// How long each operation may take.
#[derive(Debug, Clone, Default, PartialEq, Eq, crate::Object)]
pub struct Timeouts {
    /// How long creating may take, such as `30m` or `1h30m`.
    #[attribute(optional, validate(duration()))]
    pub create: Attr<String>,
    /// How long reading may take, such as `5m`.
    #[attribute(optional, validate(duration()))]
    pub read: Attr<String>,
    /// How long updating may take, such as `30m`.
    #[attribute(optional, validate(duration()))]
    pub update: Attr<String>,
    /// How long deleting may take, such as `30m`.
    #[attribute(optional, validate(duration()))]
    pub delete: Attr<String>,
}

macro_rules! operations {
    ($($operation:ident),*) => {
        impl Timeouts {
            $(
                #[doc = concat!("The time for ", stringify!($operation), ", or `default`.")]
                #[must_use]
                pub fn $operation(&self, default: Duration) -> Duration {
                    // Validation has refused what is no duration.
                    self.$operation.as_str().and_then(|text| duration::parse(text).ok()).unwrap_or(default)
                }
            )*
        }

        impl Attr<Timeouts> {
            $(
                #[doc = concat!("The time for ", stringify!($operation), ", or `default`.")]
                #[must_use]
                pub fn $operation(&self, default: Duration) -> Duration {
                    self.known().map_or(default, |timeouts| timeouts.$operation(default))
                }
            )*
        }
    };
}
operations!(create, read, update, delete);
