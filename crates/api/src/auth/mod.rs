//! Signing in: passwords, sessions, tokens, and what keeps another site from acting for whoever is
//! signed in.

pub mod api_token;
pub(crate) mod attempts;
pub(crate) mod cookie;
pub(crate) mod csrf;
pub mod password;
pub(crate) mod session;
pub(crate) mod sign_in;

use reseat_domain::plan::hex;
use sha2::{Digest, Sha256};

/// What is kept of a secret: enough to recognize it, too little to use it.
pub fn secret_hash(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}
