//! From a row and what is sealed for it to something that signs in.

use std::sync::Arc;

use reseat_connectors::graph::{
    Certificate, ClientProof, Cloud, Credentials, GraphReader, GraphWriter, PermissionProbe, Proof, Secret, SignedIn,
    SigningAlgorithm, WallClock,
};
use reseat_connectors::{ConnectorError, DirectoryReader, LicenseWriter};
use reseat_domain::ids::TenantId;
use reseat_domain::time::Timestamp;
use reseat_store::Store;
use reseat_store::integration::ConnectionRow;

use crate::clock::Clock;
use crate::connections::tokens::StoredTokens;
use crate::connections::{ConfiguredConnection, GraphAt, Purpose, SealedColumn, open_text};
use crate::engine::Engine;
use crate::entropy::Entropy;
use crate::sealing::Sealer;

/// What it takes to build a connection: where the tenant is, what the configuration gives, and the key to what was
/// entered.
pub struct Ways {
    /// Where the tenant is.
    pub graph: GraphAt,
    /// The pinned tenant.
    pub tenant_id: TenantId,
    /// What the configuration gives.
    pub configured: Vec<ConfiguredConnection>,
    /// Where what was entered is kept.
    pub store: Store,
    /// The master key.
    pub sealer: Sealer,
    /// What time it is, for assertions.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Whether rotated refresh tokens are kept. Whoever only looks keeps none: the token they came from stays good
    /// (section 1.4 of Microsoft's behavior).
    pub keeps_tokens: bool,
}

/// The engine's own.
pub fn ways_of(engine: &Engine) -> Ways {
    let parts = engine.parts();
    Ways {
        graph: parts.graph.clone(),
        tenant_id: parts.tenant_id,
        configured: parts.configured.clone(),
        store: parts.store.clone(),
        sealer: parts.sealer.clone(),
        clock: Arc::clone(&parts.clock),
        entropy: Arc::clone(&parts.entropy),
        keeps_tokens: true,
    }
}

impl Ways {
    /// What a connection signs in with; `None` where the configuration that gave it is gone, or nobody has signed in
    /// for it yet.
    ///
    /// # Errors
    /// [`ConnectorError`] when what was entered does not open or cannot be used.
    pub fn credentials(&self, row: &ConnectionRow) -> Result<Option<Credentials>, ConnectorError> {
        if row.origin == "configuration" {
            return Ok(row.purpose.parse().ok().and_then(|purpose| self.configured_credentials(purpose)));
        }
        let client_id = row.client_id.clone();
        let missing = || ConnectorError::Configuration("this connection was kept without its secret".to_owned());
        match row.kind.as_str() {
            "client_secret" => Ok(Some(Credentials::secret(client_id, self.secret(row)?.ok_or_else(missing)?))),
            "certificate" => Ok(Some(Credentials::certificate(client_id, self.certificate(row)?))),
            "authorization_code" if row.sealed_refresh_token.is_none() => Ok(None),
            "authorization_code" => {
                let refresh_tokens = Arc::new(StoredTokens::of(self, row));
                Ok(Some(Credentials::signed_in(
                    client_id,
                    SignedIn { refresh_tokens, client_proof: self.client_proof(row)? },
                )))
            }
            other => Err(ConnectorError::Configuration(format!("there is no connection of kind {other:?}"))),
        }
    }

    /// What the configuration gives for a purpose.
    pub fn configured_credentials(&self, purpose: Purpose) -> Option<Credentials> {
        let found = self.configured.iter().find(|connection| connection.purpose == purpose)?;
        Some(found.credentials.clone())
    }

    /// The proof an app gives of itself while it acts for a person.
    ///
    /// # Errors
    /// [`ConnectorError`] when what was entered does not open.
    pub fn client_proof(&self, row: &ConnectionRow) -> Result<Option<ClientProof>, ConnectorError> {
        if row.certificate_thumbprint.is_some() {
            return Ok(Some(ClientProof::Certificate(self.certificate(row)?)));
        }
        Ok(self.secret(row)?.map(ClientProof::Secret))
    }

    fn secret(&self, row: &ConnectionRow) -> Result<Option<Secret>, ConnectorError> {
        let Some(sealed) = &row.sealed_secret else { return Ok(None) };
        open_text(&self.sealer, self.tenant_id, SealedColumn::Secret, &row.purpose, sealed)
            .map(|text| Some(Secret::new(text)))
            .map_err(|error| ConnectorError::Configuration(error.to_string()))
    }

    fn certificate(&self, row: &ConnectionRow) -> Result<Arc<Certificate>, ConnectorError> {
        let pem = self.secret(row)?;
        let pem = pem.ok_or_else(|| ConnectorError::Configuration("this connection has no certificate".to_owned()))?;
        let algorithm = row.certificate_algorithm.as_deref().and_then(algorithm_of).unwrap_or_default();
        read_certificate(pem.reveal(), algorithm, &self.clock).map(Arc::new)
    }

    /// The row that a connection of the configuration will be at the first start.
    pub(crate) fn unsaved(&self, purpose: Purpose) -> Option<ConnectionRow> {
        let connection = self.configured.iter().find(|connection| connection.purpose == purpose)?.row(&self.graph);
        Some(ConnectionRow {
            purpose: connection.purpose,
            kind: connection.kind,
            client_id: connection.client_id,
            graph_url: connection.graph_url,
            authority_url: connection.authority_url,
            origin: "configuration".to_owned(),
            status: "configured".to_owned(),
            status_at: None,
            problem: None,
            remedy: None,
            sealed_secret: None,
            certificate_algorithm: None,
            certificate_thumbprint: connection.certificate_thumbprint,
            expires_at: connection.expires_at.map(Timestamp::as_micros),
            sealed_refresh_token: None,
            sealed_previous_token: None,
            signed_in_as: None,
            signed_in_at: None,
            last_check: None,
            last_check_at: None,
            version: 1,
        })
    }

    /// The cloud.
    pub const fn cloud(&self) -> &Cloud {
        &self.graph.cloud
    }
}

/// Reads a certificate whose assertions are dated by `clock`.
///
/// # Errors
/// [`ConnectorError::SignIn`] says what is wrong with the file.
pub fn read_certificate(
    pem: &str,
    algorithm: SigningAlgorithm,
    clock: &Arc<dyn Clock>,
) -> Result<Certificate, ConnectorError> {
    let clock = Arc::clone(clock);
    let wall: WallClock = Arc::new(move || clock.now());
    Certificate::from_pem(pem.as_bytes(), algorithm, wall)
}

/// An algorithm by its name in the assertion.
pub fn algorithm_of(word: &str) -> Option<SigningAlgorithm> {
    match word {
        "PS256" => Some(SigningAlgorithm::Ps256),
        "RS256" => Some(SigningAlgorithm::Rs256),
        _ => None,
    }
}

/// Its name in the assertion.
pub const fn algorithm_name(algorithm: SigningAlgorithm) -> &'static str {
    match algorithm {
        SigningAlgorithm::Ps256 => "PS256",
        SigningAlgorithm::Rs256 => "RS256",
    }
}

pub(super) fn reader(ways: &Ways, credentials: Credentials) -> Result<Arc<dyn DirectoryReader>, ConnectorError> {
    Ok(Arc::new(graph_reader(ways, credentials)?))
}

pub(super) fn writer(ways: &Ways, credentials: Credentials) -> Result<Arc<dyn LicenseWriter>, ConnectorError> {
    let GraphAt { cloud, ca_file, .. } = &ways.graph;
    Ok(Arc::new(GraphWriter::new(cloud.clone(), ways.tenant_id, credentials, ca_file.as_deref())?))
}

/// What says which rights a connection has, whatever it is for.
pub(super) fn probe(ways: &Ways, credentials: Credentials) -> Result<Arc<dyn PermissionProbe>, ConnectorError> {
    Ok(Arc::new(graph_reader(ways, credentials)?))
}

fn graph_reader(ways: &Ways, credentials: Credentials) -> Result<GraphReader, ConnectorError> {
    let GraphAt { cloud, ca_file, patience } = &ways.graph;
    let reader = GraphReader::new(cloud.clone(), ways.tenant_id, credentials, ca_file.as_deref())?;
    Ok(match patience {
        Some(patience) => reader.with_patience(*patience),
        None => reader,
    })
}

/// The word for how it signs in.
pub(super) const fn kind_of(credentials: &Credentials) -> &'static str {
    match &credentials.proof {
        Proof::Secret(_) => "client_secret",
        Proof::Certificate(_) => "certificate",
        Proof::SignedIn(_) => "authorization_code",
    }
}

pub(super) fn thumbprint_of(credentials: &Credentials) -> Option<String> {
    match &credentials.proof {
        Proof::Certificate(certificate) => Some(certificate.thumbprint().to_owned()),
        Proof::Secret(_) | Proof::SignedIn(_) => None,
    }
}

pub(super) fn certificate_end(credentials: &Credentials) -> Option<Timestamp> {
    match &credentials.proof {
        Proof::Certificate(certificate) => Some(certificate.not_after()),
        Proof::Secret(_) | Proof::SignedIn(_) => None,
    }
}
