//! Entering a connection: an app registration with a client secret or a certificate, or one for which a person is to
//! sign in.

use std::fmt;

use reseat_connectors::graph::SigningAlgorithm;
use reseat_domain::role::Permission;
use reseat_domain::time::Day;
use reseat_store::integration::{self, Connection, ConnectionRow, EnteredConnection};

use super::{changed, get, refuse_configured, tell};
use crate::commands::permit;
use crate::connections::{Purpose, SealedColumn, algorithm_name, read_certificate, root, seal_text};
use crate::engine::Engine;
use crate::error::CommandError;
use crate::moves::{By, Caller, Note};

/// No secret is longer; a longer text is something else.
const LONGEST_SECRET: usize = 1_000;
/// A certificate with a chain and its key.
const LONGEST_PEM: usize = 64 * 1024;

/// What an app registration signs in with, as it was entered. Never printed.
#[derive(Clone)]
pub enum EnteredProof {
    /// A client secret.
    Secret {
        /// Its value.
        secret: String,
        /// Its last day, where somebody wrote it down.
        expires_on: Option<Day>,
    },
    /// A certificate.
    Certificate {
        /// Certificate and private key.
        pem: String,
        /// How assertions are signed.
        algorithm: SigningAlgorithm,
    },
    /// A person signs in next; an app registered as a web application also has a secret of its own.
    SignedIn {
        /// The app's own secret.
        secret: Option<String>,
        /// Its last day.
        expires_on: Option<Day>,
    },
}

impl fmt::Debug for EnteredProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())
    }
}

impl EnteredProof {
    /// The word for the kind of connection it makes.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Secret { .. } => "client_secret",
            Self::Certificate { .. } => "certificate",
            Self::SignedIn { .. } => "authorization_code",
        }
    }
}

/// A connection as it was entered.
#[derive(Debug, Clone)]
pub struct NewConnection {
    /// The app registration.
    pub client_id: String,
    /// What it signs in with.
    pub proof: EnteredProof,
}

/// Saves a connection in place of the one of the same purpose, and uses it from now on.
///
/// # Errors
/// [`CommandError::Invalid`] names the field that is wrong; [`CommandError::NotAllowed`] where the configuration file
/// gives the connection.
pub async fn save_connection(
    engine: &Engine,
    caller: &Caller,
    purpose: Purpose,
    new: NewConnection,
) -> Result<ConnectionRow, CommandError> {
    permit(caller, Permission::Administer)?;
    let (entered, details) = sealed(engine, purpose, &new)?;
    let tenant_id = engine.tenant_id();
    let mut tx = engine.store().write().await?;
    let before = integration::find_connection(&mut tx, tenant_id, purpose.as_str()).await?;
    refuse_configured(before.as_ref(), purpose)?;
    integration::save_connection(&mut tx, tenant_id, &entered).await.map_err(|error| changed(error, purpose))?;
    let note = Note::with(format!("Connection {purpose} entered"), details);
    tell(engine, &mut tx, By::Person(caller), "connection.saved", purpose, &note).await?;
    let row = get(engine, &mut tx, purpose).await?;
    tx.commit().await?;
    engine.refresh_connections().await?;
    engine.nudge();
    Ok(row)
}

/// The row with everything secret sealed, and what the trail tells of it.
fn sealed(
    engine: &Engine,
    purpose: Purpose,
    new: &NewConnection,
) -> Result<(EnteredConnection, serde_json::Value), CommandError> {
    let client_id = client_id(&new.client_id)?;
    let parts = engine.parts();
    let seal = |text: &str| {
        let (tenant_id, row) = (engine.tenant_id(), purpose.as_str());
        seal_text(engine.sealer(), engine.entropy(), tenant_id, SealedColumn::Secret, row, text)
    };
    let (secret, algorithm, thumbprint, expires_at) = match &new.proof {
        EnteredProof::Secret { secret, expires_on } => {
            (Some(seal(checked_secret(secret)?)), None, None, expires_on.map(Day::end))
        }
        EnteredProof::Certificate { pem, algorithm } => {
            if pem.len() > LONGEST_PEM {
                return Err(invalid("certificate_pem", "this is too long for a certificate with its key".to_owned()));
            }
            let certificate = read_certificate(pem, *algorithm, &parts.clock).map_err(|error| {
                let remedy = error.remedy().unwrap_or_default();
                invalid("certificate_pem", format!("{error} {remedy}"))
            })?;
            let name = algorithm_name(*algorithm).to_owned();
            (Some(seal(pem)), Some(name), Some(certificate.thumbprint().to_owned()), Some(certificate.not_after()))
        }
        EnteredProof::SignedIn { secret, expires_on } => {
            let secret = secret.as_deref().map(checked_secret).transpose()?.map(seal);
            (secret, None, None, expires_on.map(Day::end))
        }
    };
    let details = serde_json::json!({
        "purpose": purpose.as_str(), "kind": new.proof.kind(), "client_id": client_id,
        "certificate_thumbprint": thumbprint, "expires_at": expires_at,
    });
    let connection = Connection {
        purpose: purpose.as_str().to_owned(),
        kind: new.proof.kind().to_owned(),
        client_id,
        graph_url: root(parts.graph.cloud.graph_url().as_str()),
        authority_url: root(parts.graph.cloud.authority_url().as_str()),
        certificate_thumbprint: thumbprint,
        expires_at,
    };
    Ok((EnteredConnection { connection, certificate_algorithm: algorithm, sealed_secret: secret }, details))
}

fn client_id(text: &str) -> Result<String, CommandError> {
    let text = text.trim();
    match uuid::Uuid::try_parse(text) {
        Ok(id) => Ok(id.hyphenated().to_string()),
        Err(_) => {
            Err(invalid("client_id", "give the application (client) id of the app registration, a GUID".to_owned()))
        }
    }
}

fn checked_secret(secret: &str) -> Result<&str, CommandError> {
    let secret = secret.trim();
    if secret.is_empty() {
        return Err(invalid("client_secret", "the client secret is empty".to_owned()));
    }
    if secret.len() > LONGEST_SECRET || secret.chars().any(char::is_control) {
        return Err(invalid("client_secret", "this is no client secret".to_owned()));
    }
    if uuid::Uuid::try_parse(secret).is_ok() {
        // The commonest mistake by far (section 1.6, AADSTS7000215).
        let message = "this looks like the secret's id; give its value, which Microsoft Entra shows once";
        return Err(invalid("client_secret", message.to_owned()));
    }
    Ok(secret)
}

const fn invalid(field: &'static str, message: String) -> CommandError {
    CommandError::Invalid { field, message }
}
