//! Secrets come from a file or the environment, are given on to whoever signs in with them, and are
//! never shown.

use std::path::Path;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::exit::Complaint;

/// A text that is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

impl Secret {
    /// Keeps a text from being printed.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// For whoever has to send it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Reads a file whose whole text is the secret; the line break an editor adds is no part of it.
    pub fn from_file(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let text = text.trim();
        anyhow::ensure!(!text.is_empty(), "{} is empty", path.display());
        Ok(Self::new(text))
    }
}

/// How to make a master key, for messages.
pub const HOW_TO_MAKE_A_KEY: &str = "Make one with `openssl rand -base64 32 > master.key`, keep a copy apart from the database, and name it as \
     master_key_file in the configuration or as RESEAT_MASTER_KEY_FILE.";

/// Reads a master key: 32 bytes in base64.
pub fn master_key(text: &Secret) -> anyhow::Result<[u8; 32]> {
    let bytes = STANDARD.decode(text.reveal().trim()).ok();
    bytes
        .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
        .ok_or_else(|| Complaint::usage("the master key is not 32 bytes in base64", HOW_TO_MAKE_A_KEY))
}

/// `N` random bytes as text for a file or a sign-in.
pub fn random_text<const N: usize>() -> String {
    URL_SAFE_NO_PAD.encode(random_bytes::<N>())
}

/// A new master key as it stands in its file.
pub fn new_master_key() -> String {
    STANDARD.encode(random_bytes::<32>())
}

fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_printed() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "Secret(hidden)");
    }

    #[test]
    fn a_master_key_has_exactly_32_bytes() {
        assert!(master_key(&Secret::new(new_master_key())).is_ok());
        assert!(master_key(&Secret::new("c2hvcnQ=")).is_err());
        assert!(master_key(&Secret::new("not base64!")).is_err());
    }
}
