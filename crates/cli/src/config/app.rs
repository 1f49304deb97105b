//! The app registrations the configuration gives, with what each signs in with.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use reseat_connectors::graph::{Credentials, Secret as ClientSecret, SigningAlgorithm};
use reseat_domain::time::{Day, Timestamp};
use reseat_engine::Purpose;
use reseat_engine::clock::Clock;
use reseat_engine::connections::{algorithm_of, read_certificate};

use crate::config::{AppFile, Environment};
use crate::exit::Complaint;
use crate::secret::Secret;

/// An app registration.
#[derive(Debug, Clone)]
pub struct ConfiguredApp {
    /// Its application (client) id.
    pub client_id: String,
    /// What it signs in with.
    pub proof: AppProof,
    /// When its secret ends, where somebody wrote that down.
    pub expires_at: Option<Timestamp>,
}

/// What an app signs in with.
#[derive(Debug, Clone)]
pub enum AppProof {
    /// A client secret.
    Secret(Secret),
    /// A certificate with its private key, in PEM.
    Certificate {
        /// The text of the file.
        pem: Secret,
        /// How assertions are signed.
        algorithm: SigningAlgorithm,
    },
}

impl ConfiguredApp {
    /// What the connector signs in with; assertions are dated by `clock`.
    pub fn credentials(&self, purpose: Purpose, clock: &Arc<dyn Clock>) -> anyhow::Result<Credentials> {
        match &self.proof {
            AppProof::Secret(secret) => Ok(Credentials::secret(&self.client_id, ClientSecret::new(secret.reveal()))),
            AppProof::Certificate { pem, algorithm } => {
                let certificate = read_certificate(pem.reveal(), *algorithm, clock).map_err(|error| {
                    let remedy = error.remedy().unwrap_or_default();
                    Complaint::usage(format!("[connections.{purpose}] certificate_file: {error}"), remedy)
                })?;
                Ok(Credentials::certificate(&self.client_id, Arc::new(certificate)))
            }
        }
    }
}

impl AppFile {
    /// The app registration, if one is configured, with its secret from the environment or its file.
    pub fn app(&self, purpose: Purpose, over: &Environment, base: &Path) -> anyhow::Result<Option<ConfiguredApp>> {
        let name = |rest: &str| format!("RESEAT_{}_{rest}", purpose.as_str().to_uppercase());
        let section = format!("[connections.{purpose}]");
        let Some(client_id) = over.get(&name("CLIENT_ID")).or_else(|| self.client_id.clone()) else {
            return Ok(None);
        };
        let read = |file: String| Secret::from_file(&base.join(file)).with_context(|| section.clone());
        let secret = match over.get(&name("SECRET")) {
            Some(secret) => Some(Secret::new(secret)),
            None => over.get(&name("SECRET_FILE")).or(self.client_secret_file.clone()).map(read).transpose()?,
        };
        let certificate =
            over.get(&name("CERTIFICATE_FILE")).or(self.certificate_file.clone()).map(read).transpose()?;
        let proof = match (secret, certificate) {
            (Some(secret), None) => AppProof::Secret(secret),
            (None, Some(pem)) => AppProof::Certificate { pem, algorithm: self.algorithm(&section)? },
            (Some(_), Some(_)) => {
                return Err(Complaint::usage(
                    format!("{section} has a secret and a certificate"),
                    "Keep one of them; the certificate is the better one.",
                ));
            }
            (None, None) => {
                return Err(Complaint::usage(
                    format!("{section} has a client_id and no secret"),
                    format!(
                        "Name its file as client_secret_file, set {}, or give a certificate as certificate_file.",
                        name("SECRET")
                    ),
                ));
            }
        };
        Ok(Some(ConfiguredApp { client_id, expires_at: self.secret_end(&section, &proof)?, proof }))
    }

    fn algorithm(&self, section: &str) -> anyhow::Result<SigningAlgorithm> {
        let Some(word) = &self.certificate_algorithm else { return Ok(SigningAlgorithm::default()) };
        algorithm_of(word).ok_or_else(|| {
            let sentence = format!("{section} certificate_algorithm is {word:?}");
            Complaint::usage(sentence, "Choose PS256, which Microsoft recommends, or RS256.")
        })
    }

    fn secret_end(&self, section: &str, proof: &AppProof) -> anyhow::Result<Option<Timestamp>> {
        let Some(text) = &self.secret_expires_on else { return Ok(None) };
        if let AppProof::Certificate { .. } = proof {
            let sentence = format!("{section} secret_expires_on is for a secret");
            return Err(Complaint::usage(sentence, "Leave it out: the end of a certificate is read from it."));
        }
        let day: Day = text.parse().map_err(|_| {
            Complaint::usage(format!("{section} secret_expires_on is no day: {text:?}"), "Write it as 2027-01-31.")
        })?;
        Ok(Some(day.end()))
    }
}
