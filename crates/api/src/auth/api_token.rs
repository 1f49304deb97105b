//! Bearer tokens: `rst_` and 256 random bits. Only the hash is kept.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, header};

/// What every token begins with, so that one in the wrong place is recognized by scanners.
pub const PREFIX: &str = "rst_";

/// A new token from fresh randomness.
pub fn new_token(random: [u8; 32]) -> String {
    format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random))
}

/// The token of a request, if it carries one. Anything else after `Bearer` is none of ours.
pub fn read(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = text.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_256_bits_of_text_behind_its_prefix() {
        let token = new_token([255; 32]);
        assert!(token.starts_with("rst_"));
        assert_eq!(token.len(), 4 + 43);
        assert_ne!(token, new_token([0; 32]));
    }
}
