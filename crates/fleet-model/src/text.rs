//! Texts that people write and people read: in files, in plans, in terminals.

/// The most characters of a text of that kind.
const LONGEST_TEXT: usize = 256;

/// The rule that such a text breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing in it.
    #[error("it is empty; leave it out, or set it to null")]
    Empty,
    /// More than a word or a sentence.
    #[error("it has more than {LONGEST_TEXT} characters")]
    Long,
    /// A line break, an escape sequence of a terminal …
    #[error("it has a control character")]
    Control,
}

/// Checks such a text, for example the owner of a cluster.
///
/// # Errors
/// The rule that it breaks.
pub fn check_text(text: &str) -> Result<(), TextError> {
    if text.is_empty() {
        Err(TextError::Empty)
    } else if text.chars().count() > LONGEST_TEXT {
        Err(TextError::Long)
    } else if text.chars().any(char::is_control) {
        Err(TextError::Control)
    } else {
        Ok(())
    }
}
