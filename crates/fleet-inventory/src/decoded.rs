//! Snapshots that this process has decoded: a thousand placements carry the same text.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use fleet_artifacts::digest::sha256_hex;
use fleet_model::snapshot::{Error, Snapshot};

/// A configuration has one fleet, sometimes two; more would only hold memory.
const KEPT: usize = 4;

static DECODED: Mutex<VecDeque<(String, Arc<Snapshot>)>> = Mutex::new(VecDeque::new());

/// [`Snapshot::decode`], remembered by the SHA-256 of the text.
///
/// # Errors
/// As [`Snapshot::decode`]; a text that is refused is not remembered.
pub fn decode(text: &str) -> Result<Arc<Snapshot>, Error> {
    let sha256 = sha256_hex(text.as_bytes());
    // Held while decoding, so that placements that are planned at the same time decode once.
    let mut kept = DECODED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, snapshot)) = kept.iter().find(|(known, _)| *known == sha256) {
        return Ok(Arc::clone(snapshot));
    }
    let snapshot = Arc::new(Snapshot::decode(text)?);
    if kept.len() == KEPT {
        kept.pop_front();
    }
    kept.push_back((sha256, Arc::clone(&snapshot)));
    Ok(snapshot)
}
