//! Sealing of secrets the product makes or receives itself. A sealed text opens only in its own
//! place: tenant, table, column and row are part of what is authenticated.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::entropy::Entropy;

/// Where a sealed text lives.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Tenant id, or `installation`.
    pub tenant: &'a str,
    /// Table.
    pub table: &'a str,
    /// Column.
    pub column: &'a str,
    /// The row's key.
    pub row: &'a str,
}

impl Place<'_> {
    fn associated_data(&self) -> Vec<u8> {
        let Self { tenant, table, column, row } = self;
        format!("reseat\u{1f}{tenant}\u{1f}{table}\u{1f}{column}\u{1f}{row}\u{1f}1").into_bytes()
    }
}

/// A sealed text did not open: another key, another place, or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealed value does not open; is this the master key the database was made with?")]
pub struct DoesNotOpen;

/// Holds the master key.
#[derive(Clone)]
pub struct Sealer {
    cipher: Aes256Gcm,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer(hidden)")
    }
}

impl Sealer {
    /// With a 256-bit master key from a file or the environment.
    pub fn from_key(key: [u8; 32]) -> Self {
        Self { cipher: Aes256Gcm::new(&key.into()) }
    }

    /// Seals `secret` for its place.
    pub fn seal(&self, place: &Place<'_>, secret: &[u8], entropy: &dyn Entropy) -> String {
        let mut nonce = [0_u8; 12];
        entropy.fill(&mut nonce);
        let aad = place.associated_data();
        let payload = Payload { msg: secret, aad: &aad };
        let sealed = self.cipher.encrypt(&Nonce::from(nonce), payload).expect("AES-GCM seals short texts");
        let mut all = nonce.to_vec();
        all.extend_from_slice(&sealed);
        format!("v1:{}", STANDARD_NO_PAD.encode(all))
    }

    /// Opens what was sealed for this place.
    ///
    /// # Errors
    /// [`DoesNotOpen`].
    pub fn open(&self, place: &Place<'_>, sealed: &str) -> Result<Vec<u8>, DoesNotOpen> {
        let text = sealed.strip_prefix("v1:").ok_or(DoesNotOpen)?;
        let all = STANDARD_NO_PAD.decode(text).map_err(|_| DoesNotOpen)?;
        let (nonce, sealed) = all.split_first_chunk::<12>().ok_or(DoesNotOpen)?;
        let aad = place.associated_data();
        self.cipher.decrypt(&Nonce::from(*nonce), Payload { msg: sealed, aad: &aad }).map_err(|_| DoesNotOpen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SeededEntropy;

    #[test]
    fn a_sealed_text_opens_only_in_its_own_place_and_with_its_own_key() {
        let sealer = Sealer::from_key([7; 32]);
        let place = Place { tenant: "t", table: "subject_keys", column: "sealed_key", row: "a" };
        let sealed = sealer.seal(&place, b"secret", &SeededEntropy::new(1));
        assert!(!sealed.contains("secret"));
        assert_eq!(sealer.open(&place, &sealed).as_deref(), Ok(b"secret".as_slice()));
        assert_eq!(sealer.open(&Place { row: "b", ..place }, &sealed), Err(DoesNotOpen), "swapped between rows");
        assert_eq!(Sealer::from_key([8; 32]).open(&place, &sealed), Err(DoesNotOpen));
        assert_eq!(sealer.open(&place, &sealed.replace("v1:", "v1:A")), Err(DoesNotOpen));
    }
}
