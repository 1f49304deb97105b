//! Who signs in, and with what proof: the three kinds of connection (F25, F27, F44).

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use reqwest::Url;
use reseat_domain::permission::Access;

use crate::error::ConnectorError;

use super::certificate::Certificate;
use super::secret::Secret;

/// What `client_assertion_type` has to say (graph-facts 1.2).
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Who signs in.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The application (client) id of the app registration.
    pub client_id: String,
    /// How it proves to be that.
    pub proof: Proof,
}

impl Credentials {
    /// An app with a client secret.
    pub fn secret(client_id: impl Into<String>, secret: Secret) -> Self {
        Self { client_id: client_id.into(), proof: Proof::Secret(secret) }
    }

    /// An app with a certificate.
    pub fn certificate(client_id: impl Into<String>, certificate: Arc<Certificate>) -> Self {
        Self { client_id: client_id.into(), proof: Proof::Certificate(certificate) }
    }

    /// An app that acts for the person who signed in.
    pub fn signed_in(client_id: impl Into<String>, signed_in: SignedIn) -> Self {
        Self { client_id: client_id.into(), proof: Proof::SignedIn(signed_in) }
    }

    /// As itself, or for a person.
    pub const fn access(&self) -> Access {
        match self.proof {
            Proof::Secret(_) | Proof::Certificate(_) => Access::Application,
            Proof::SignedIn(_) => Access::Delegated,
        }
    }

    /// # Errors
    /// [`ConnectorError::Configuration`] when something is empty.
    pub(super) fn check(&self) -> Result<(), ConnectorError> {
        let secret = match &self.proof {
            Proof::Secret(secret)
            | Proof::SignedIn(SignedIn { client_proof: Some(ClientProof::Secret(secret)), .. }) => Some(secret),
            Proof::Certificate(_) | Proof::SignedIn(_) => None,
        };
        if self.client_id.trim().is_empty() || secret.is_some_and(|secret| secret.reveal().is_empty()) {
            return Err(ConnectorError::Configuration("client id and client secret must not be empty".to_owned()));
        }
        Ok(())
    }
}

/// How an app proves who it is, or for whom it acts.
#[derive(Debug, Clone)]
pub enum Proof {
    /// A client secret.
    Secret(Secret),
    /// A certificate with its private key.
    Certificate(Arc<Certificate>),
    /// A person's sign-in.
    SignedIn(SignedIn),
}

/// How the app itself proves who it is while it acts for a person: needed by an app registered as a
/// web application.
#[derive(Debug, Clone)]
pub enum ClientProof {
    /// A client secret.
    Secret(Secret),
    /// A certificate with its private key.
    Certificate(Arc<Certificate>),
}

impl ClientProof {
    /// The fields of a token request that prove it.
    ///
    /// # Errors
    /// [`ConnectorError::SignIn`] when the certificate cannot sign.
    pub(super) fn fields(&self, client_id: &str, token_url: &Url) -> Result<Fields, ConnectorError> {
        match self {
            Self::Secret(secret) => Ok(secret_fields(secret)),
            Self::Certificate(certificate) => assertion_fields(certificate, client_id, token_url),
        }
    }
}

/// Fields of a form.
pub(super) type Fields = Vec<(&'static str, String)>;

pub(super) fn secret_fields(secret: &Secret) -> Fields {
    vec![("client_secret", secret.reveal().to_owned())]
}

pub(super) fn assertion_fields(
    certificate: &Certificate,
    client_id: &str,
    token_url: &Url,
) -> Result<Fields, ConnectorError> {
    let assertion = certificate.assertion(client_id, token_url.as_str())?;
    Ok(vec![("client_assertion_type", JWT_BEARER.to_owned()), ("client_assertion", assertion)])
}

/// A person's sign-in, kept alive by its refresh token (F44, F45).
#[derive(Clone)]
pub struct SignedIn {
    /// Where the refresh tokens are kept.
    pub refresh_tokens: Arc<dyn RefreshTokens>,
    /// The app's own proof, where its registration asks for one.
    pub client_proof: Option<ClientProof>,
}

impl fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedIn").field("client_proof", &self.client_proof).finish_non_exhaustive()
    }
}

/// Where the refresh tokens of one sign-in are kept, sealed. Microsoft gives a new one with every
/// access token and does not revoke the old one (graph-facts 1.4), so two are kept: the newest, and
/// the one it came from, until the newest has been used once.
#[async_trait]
pub trait RefreshTokens: Send + Sync {
    /// The tokens that may work, the newest first: none before anybody signed in, two at most.
    ///
    /// # Errors
    /// [`ConnectorError::Transient`] when they cannot be read now.
    async fn current(&self) -> Result<Vec<Secret>, ConnectorError>;

    /// `used` worked and brought `new`. From now on the kept ones are `new`, then `used`, and nothing
    /// else. Stored durably before this returns: the access token that came along is not used before.
    ///
    /// # Errors
    /// [`ConnectorError::Transient`] when they could not be stored; the access token is then thrown away.
    async fn rotated(&self, used: &Secret, new: Secret) -> Result<(), ConnectorError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_printed() {
        let credentials = Credentials::secret("an app", Secret::new("hunter2"));
        let printed = format!("{credentials:?} {credentials:#?}");
        assert!(printed.contains("an app") && !printed.contains("hunter2"), "{printed}");
    }

    #[test]
    fn empty_credentials_are_refused() {
        assert!(Credentials::secret("an app", Secret::new("hunter2")).check().is_ok());
        assert!(Credentials::secret(" ", Secret::new("hunter2")).check().is_err());
        assert!(Credentials::secret("an app", Secret::new("")).check().is_err());
    }
}
