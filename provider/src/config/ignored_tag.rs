//! Which tags of others can be ignored.

use fleet_model::tags;
use tfplugin::diagnostic::{Diagnostics, Path};

use crate::diagnostic::error;

/// Others may not manage our own tags: by them an account is found again, and its owner is known. `setting` names where
/// the word stands.
pub(super) fn check_ignored_tag(
    setting: &str,
    at: Option<Path>,
    word: &str,
    is_prefix: bool,
    diagnostics: &mut Diagnostics,
) {
    let is_ours = word.starts_with(tags::PREFIX) || (is_prefix && tags::PREFIX.starts_with(word));
    let why = if word.is_empty() && is_prefix {
        "Every key begins with nothing, so that all tags would be ignored, the provider's own too."
    } else if word.is_empty() {
        "No tag has an empty key."
    } else if is_ours {
        "Tags whose keys begin with `fleet:` are the provider's own: by them it finds an account again, and knows whose it is."
    } else {
        return;
    };
    let report = error("FLEET0007", "A tag cannot be ignored")
        .what(format!("{setting} holds {word:?}."))
        .why(why)
        .todo("Remove it, or give the keys of tags that others manage.");
    diagnostics.push(match at {
        Some(at) => report.at(at).build(),
        None => report.build(),
    });
}
