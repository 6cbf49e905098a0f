//! The checksum of a file.

use std::fmt;
use std::str::FromStr;

/// SHA-256 (FIPS 180-4) of a file's content, written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha256(pub [u8; 32]);

/// A text that is no SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a SHA-256 has 64 hexadecimal digits")]
pub struct NoSha256;

impl FromStr for Sha256 {
    type Err = NoSha256;

    fn from_str(text: &str) -> Result<Self, NoSha256> {
        let text = text.as_bytes();
        if text.len() != 64 {
            return Err(NoSha256);
        }
        let mut sum = [0; 32];
        for (byte, digits) in sum.iter_mut().zip(text.chunks_exact(2)) {
            *byte = digit(digits[0])? << 4 | digit(digits[1])?;
        }
        Ok(Self(sum))
    }
}

/// The value of a hexadecimal digit.
fn digit(text: u8) -> Result<u8, NoSha256> {
    match text {
        b'0'..=b'9' => Ok(text - b'0'),
        b'a'..=b'f' => Ok(text - b'a' + 10),
        b'A'..=b'F' => Ok(text - b'A' + 10),
        _ => Err(NoSha256),
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_as_it_is_written() {
        let text = "00ff".repeat(16);
        assert_eq!(text.parse::<Sha256>().map(|sum| sum.to_string()), Ok(text.clone()));
        assert_eq!(text.to_uppercase().parse::<Sha256>(), text.parse());
    }

    #[test]
    fn nothing_else_is_read() {
        let good = "0".repeat(64);
        for text in [
            "",
            &good[1..],
            &format!("{good}0"),
            &good.replacen('0', "g", 1),
            &good.replacen("00", "é", 1),
        ] {
            assert_eq!(text.parse::<Sha256>(), Err(NoSha256), "{text}");
        }
    }
}
