//! What has to hold right before a step that nothing takes back.

use std::fmt;
use std::sync::Arc;

use crate::refusal::Refusal;

/// Asked before each such step, and again where the step had to wait: what was shown when the run began may have changed
/// by then. Who is asked keeps what there is to say about a "no".
#[derive(Clone)]
pub struct Proof(Arc<dyn Fn() -> bool + Send + Sync>);

impl Proof {
    /// One that `holds` says. It may block, and is asked seldom.
    pub fn by(holds: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(holds))
    }

    /// There is nothing to prove: the run takes no such step.
    #[must_use]
    pub fn not_needed() -> Self {
        Self::by(|| true)
    }

    /// Whether it holds now.
    #[must_use]
    pub fn holds(&self) -> bool {
        (self.0)()
    }

    /// Asks. `object` is what the step would be taken with.
    ///
    /// # Errors
    /// [`Refusal::NotProven`].
    pub(crate) fn ask(&self, object: &str) -> Result<(), Refusal> {
        if self.holds() { Ok(()) } else { Err(Refusal::NotProven { object: object.to_owned() }) }
    }
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Proof")
    }
}
