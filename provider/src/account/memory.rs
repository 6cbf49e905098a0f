//! What is kept beside the state of an account: what earlier applies did that this one may undo, and which inventory
//! file was seen.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fleet_model::inventory::AccountDocument;
use fleet_vending::{AccountJob, Memory};
use tfplugin::Private;
use tfplugin::diagnostic::Diagnostic;

use crate::diagnostic::error;

/// The name under which private state keeps what was seen of the inventory file.
pub(super) const SEEN: &str = "inventory_file";
/// The name under which private state keeps the memory.
const MEMORY: &str = "memory";
/// The name under which private state keeps what a vendor over a wire wants to be handed back.
const OF_VENDOR: &str = "vendor_memory";

/// What the state remembers. Only where it remembers nothing at all, after an import or a create of what was there
/// already, the file is asked: what comes of that, the plan names.
///
/// # Errors
/// The state is damaged, or a newer version of the provider wrote it.
pub(super) fn read(
    private: &Private,
    file: Option<&AccountDocument>,
) -> Result<Memory, Diagnostic> {
    match private.get(MEMORY) {
        None => Ok(file.map(|of| Memory::from_file(&of.prior_settings)).unwrap_or_default()),
        // One text, so that a log masks it whole, and not each id in it.
        Some(kept) => Memory::parse(kept.as_str().unwrap_or_default()).map_err(|unreadable| {
            error("FLEET0146", "What an account remembers cannot be read")
                .what(format!("Beside the state stands what earlier applies did to the account and this one may have to undo, and {unreadable}."))
                .why("Without it an apply could leave an account in quarantine, or move it to where it never was.")
                .todo("Use the version of the provider that wrote the state, or a newer one. If the state was edited, restore it from its backup. As a last resort take the account out of the state (`state rm`) and import it: what its inventory file and its tags say is then shown in the plan.")
                .build()
        }),
    }
}

/// Keeps the memory beside the state.
pub(super) fn keep(private: &mut Private, memory: &Memory) {
    private.set(MEMORY, memory.to_text());
}

/// The job, with what its vendor wants to be handed back.
pub(super) fn of_vendor(mut job: AccountJob, private: &Private) -> AccountJob {
    let kept = private.get(OF_VENDOR).and_then(|kept| kept.as_str());
    job.past.vendor = kept.and_then(|text| STANDARD.decode(text).ok());
    job
}

/// Keeps what a vendor wants to be handed back.
pub(super) fn keep_of_vendor(private: &mut Private, remembered: Option<&[u8]>) {
    match remembered {
        Some(bytes) => private.set(OF_VENDOR, STANDARD.encode(bytes)),
        None => drop(private.remove(OF_VENDOR)),
    }
}

#[cfg(test)]
mod tests;
