//! The phases of an account.

/// Where an account stands: the end of the unbroken run of phases whose conditions hold, or one of
/// the three states that end the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Asked for; no account yet.
    Requested,
    /// AWS made it (it may still be activating).
    Created,
    /// Every region of its set is enabled or asked for.
    Regions,
    /// It sits where it belongs.
    Placed,
    /// The landing zone has enrolled it, or there is none.
    Governed,
    /// We can get into it.
    Accessible,
    /// Every control that we own passes.
    Baselined,
    /// No check is fail or unknown.
    Ready,
    /// AWS suspended it.
    Suspended,
    /// It is being closed.
    Closing,
    /// It is closed.
    Closed,
}

impl Phase {
    /// The word in state, inventory and tags.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Created => "created",
            Self::Regions => "regions",
            Self::Placed => "placed",
            Self::Governed => "governed",
            Self::Accessible => "accessible",
            Self::Baselined => "baselined",
            Self::Ready => "ready",
            Self::Suspended => "suspended",
            Self::Closing => "closing",
            Self::Closed => "closed",
        }
    }
}

impl std::fmt::Display for Phase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
