//! The secret in the URL: whoever has it may ask.

use crate::ServerError;
use std::fmt::Write as _;
use std::hint::black_box;

/// 128 random bits as 32 hexadecimal digits.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A new one from the system's random numbers.
    pub fn random() -> Result<Self, ServerError> {
        let mut bits = [0_u8; 16];
        getrandom::fill(&mut bits).map_err(|error| ServerError::Random(error.to_string()))?;
        Ok(Self::from_bits(bits))
    }

    /// The one with these bits; for tests, which must be repeatable.
    pub fn from_bits(bits: [u8; 16]) -> Self {
        let mut text = String::with_capacity(32);
        for byte in bits {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        Self(text)
    }

    /// As it stands in the URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `text` is this token, in a time that does not tell how much of it is right.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let (own, other) = (self.0.as_bytes(), text.as_bytes());
        if own.len() != other.len() {
            return false;
        }
        let difference = own.iter().zip(other).fold(0_u8, |sum, (a, b)| black_box(sum | (a ^ b)));
        black_box(difference) == 0
    }
}

impl std::fmt::Debug for Token {
    /// Not the secret: debug output ends in logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_token_matches() {
        let token = Token::from_bits([7; 16]);
        assert_eq!(token.as_str(), "07070707070707070707070707070707");
        assert!(token.matches("07070707070707070707070707070707"));
        for wrong in ["", "0707", "07070707070707070707070707070708", "070707070707070707070707070707070", "é"] {
            assert!(!token.matches(wrong), "{wrong}");
        }
    }

    #[test]
    fn random_tokens_differ() {
        let (a, b) = (Token::random().expect("random"), Token::random().expect("random"));
        assert_ne!(a.as_str(), b.as_str());
    }
}
