//! Names that people give, at AWS and in HCL: two that read alike are one name.

use unicode_normalization::UnicodeNormalization as _;

/// Whether two names are the same text. `ü` can be one character or two; AWS keeps what it was given, and the CLIs
/// compose every text (NFC), so the two sides of a comparison may be spelled differently.
#[must_use]
pub(crate) fn same(one: &str, other: &str) -> bool {
    one.nfc().eq(other.nfc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_same_however_its_characters_are_composed() {
        assert!(same("Z\u{fc}rich", "Zu\u{308}rich"));
        assert!(!same("Z\u{fc}rich", "Zurich"));
        assert!(!same("Prod", "prod"));
    }
}
