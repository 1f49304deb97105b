//! An app's certificate with its private key, and the assertion it signs (graph-facts 1.3).

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use reseat_domain::time::Timestamp;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;
use x509_parser::pem::Pem;

use crate::error::ConnectorError;

/// How long an assertion is good for; Microsoft recommends five to ten minutes.
const ASSERTION_SECONDS: i64 = 600;

const AS_PEM: &str = "Give one PEM file that holds the private key without a password and the certificate. \
                      From a .pfx file: openssl pkcs12 -in app.pfx -nodes -out app.pem";
const NEW_CERTIFICATE: &str =
    "Make a new certificate, upload it to the app registration in Microsoft Entra, and give it to Reseat with its key.";

/// What time it is on the wall. An assertion says when it was signed.
pub type WallClock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How an assertion is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SigningAlgorithm {
    /// RSA-PSS with SHA-256, which Microsoft recommends.
    #[default]
    Ps256,
    /// RSA PKCS #1 v1.5 with SHA-256, the older one.
    Rs256,
}

/// A certificate and the private key that belongs to it.
pub struct Certificate {
    key: EncodingKey,
    algorithm: Algorithm,
    thumbprint: String,
    subject: String,
    not_before: Timestamp,
    not_after: Timestamp,
    clock: WallClock,
}

impl Certificate {
    /// Reads a PEM file with the private key and the certificate, in whichever order. Further
    /// certificates of a chain are passed over.
    ///
    /// # Errors
    /// [`ConnectorError::SignIn`] says what is wrong with the file and how to get a right one.
    pub fn from_pem(pem: &[u8], algorithm: SigningAlgorithm, clock: WallClock) -> Result<Self, ConnectorError> {
        let algorithm = match algorithm {
            SigningAlgorithm::Ps256 => Algorithm::PS256,
            SigningAlgorithm::Rs256 => Algorithm::RS256,
        };
        let blocks = blocks(pem)?;
        let key = private_key(&blocks)?;
        let certificates: Vec<&Pem> = blocks.iter().filter(|block| block.label.ends_with("CERTIFICATE")).collect();
        if certificates.is_empty() {
            return Err(wrong("The file holds a private key and no certificate.", AS_PEM));
        }
        for certificate in certificates {
            let parsed =
                certificate.parse_x509().map_err(|_| wrong("The certificate in the file cannot be read.", AS_PEM))?;
            if !belongs(&key, &parsed.subject_pki.subject_public_key.data)? {
                continue;
            }
            let moment =
                |time: x509_parser::time::ASN1Time| Timestamp::from_micros(time.timestamp().saturating_mul(1_000_000));
            return Ok(Self {
                key,
                algorithm,
                thumbprint: URL_SAFE_NO_PAD.encode(Sha256::digest(&certificate.contents)),
                subject: parsed.subject().to_string(),
                not_before: moment(parsed.validity().not_before),
                not_after: moment(parsed.validity().not_after),
                clock,
            });
        }
        Err(wrong("The private key does not belong to the certificate in the file.", AS_PEM))
    }

    /// SHA-256 over the certificate, as the assertion names it (`x5t#S256`).
    pub fn thumbprint(&self) -> &str {
        &self.thumbprint
    }

    /// Whose certificate it says it is.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The last moment at which it may be used.
    pub const fn not_after(&self) -> Timestamp {
        self.not_after
    }

    /// A signed statement that this app asks, for one token request.
    ///
    /// # Errors
    /// [`ConnectorError::SignIn`] outside the certificate's time.
    pub(super) fn assertion(&self, client_id: &str, audience: &str) -> Result<String, ConnectorError> {
        let now = (self.clock)();
        if now > self.not_after {
            let message = format!("The app's certificate expired on {}.", self.not_after.day());
            return Err(wrong(&message, NEW_CERTIFICATE));
        }
        if now < self.not_before {
            let message = format!("The app's certificate is not valid before {}.", self.not_before.day());
            return Err(wrong(&message, "Set the clock of this machine, or wait until then."));
        }
        let seconds = now.as_micros().div_euclid(1_000_000);
        let claims = json!({
            "aud": audience, "iss": client_id, "sub": client_id, "jti": Uuid::new_v4(),
            "nbf": seconds, "iat": seconds, "exp": seconds + ASSERTION_SECONDS,
        });
        let header = Header { x5t_s256: Some(self.thumbprint.clone()), ..Header::new(self.algorithm) };
        jsonwebtoken::encode(&header, &claims, &self.key)
            .map_err(|_| wrong("The private key cannot sign.", "Use an RSA key of at least 2,048 bits."))
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("subject", &self.subject)
            .field("thumbprint", &self.thumbprint)
            .finish_non_exhaustive()
    }
}

fn wrong(message: &str, remedy: &str) -> ConnectorError {
    ConnectorError::SignIn { message: message.to_owned(), remedy: remedy.to_owned() }
}

fn blocks(pem: &[u8]) -> Result<Vec<Pem>, ConnectorError> {
    if contains(pem, b"ENCRYPTED") {
        let remedy = "Take the password away: openssl rsa -in key.pem -out key-open.pem; keep that file readable by Reseat alone.";
        return Err(wrong("The private key is protected by a password.", remedy));
    }
    if !contains(pem, b"-----BEGIN ") {
        return Err(wrong("The file is not PEM.", AS_PEM));
    }
    Pem::iter_from_buffer(pem).collect::<Result<_, _>>().map_err(|_| wrong("The PEM file is damaged.", AS_PEM))
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

fn private_key(blocks: &[Pem]) -> Result<EncodingKey, ConnectorError> {
    let not_rsa = || {
        let remedy = "Make an RSA key of at least 2,048 bits; Microsoft Entra takes no other kind for this.";
        wrong("The private key is not an RSA key.", remedy)
    };
    let Some(block) = blocks.iter().find(|block| block.label.ends_with("PRIVATE KEY")) else {
        return Err(wrong("The file holds no private key.", AS_PEM));
    };
    if !matches!(block.label.as_str(), "PRIVATE KEY" | "RSA PRIVATE KEY") {
        return Err(not_rsa());
    }
    // Written anew, because the reader of keys looks at the first block of a text only.
    let label = &block.label;
    let text = format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(&block.contents));
    EncodingKey::from_rsa_pem(text.as_bytes()).map_err(|_| not_rsa())
}

/// Whether what the key signs is what the certificate vouches for. `public_key` is PKCS #1 for RSA.
fn belongs(key: &EncodingKey, public_key: &[u8]) -> Result<bool, ConnectorError> {
    const TEXT: &[u8] = b"whose key is this?";
    let signature = jsonwebtoken::crypto::sign(TEXT, key, Algorithm::RS256)
        .map_err(|_| wrong("The private key cannot sign.", "Use an RSA key of at least 2,048 bits."))?;
    let public_key = DecodingKey::from_rsa_der(public_key);
    Ok(jsonwebtoken::crypto::verify(&signature, TEXT, &public_key, Algorithm::RS256).unwrap_or(false))
}

#[cfg(test)]
mod tests;
