//! `PUT /applications/{tenant_id}/connections/{purpose}`

use axum::extract::State;
use reseat_domain::ids::TenantId;
use reseat_engine::commands::{self, EnteredProof, NewConnection};
use reseat_engine::connections::SigningAlgorithm;
use serde::Deserialize;
use utoipa::ToSchema;

use super::Connection;
use crate::caller::Authenticated;
use crate::extract::{Json, Path};
use crate::problem::{Problem, ProblemBody};
use crate::scalar::{Day, PurposeName};
use crate::state::ApiState;
use crate::v1::applications::known_tenant;

/// How a connection signs in.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionKind {
    /// As an app, with a client secret.
    ClientSecret,
    /// As an app, with a certificate.
    Certificate,
    /// For a person, who signs in at Microsoft next.
    AuthorizationCode,
}

/// How assertions are signed.
#[derive(Clone, Copy, Deserialize, ToSchema)]
pub enum AssertionAlgorithm {
    /// RSA-PSS, which Microsoft recommends.
    #[serde(rename = "PS256")]
    Ps256,
    /// The older one.
    #[serde(rename = "RS256")]
    Rs256,
}

/// A connection as it is entered. What is secret is sealed at once and is in no answer.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConnectionEntry {
    /// How it signs in.
    pub kind: ConnectionKind,
    /// The application (client) id of the app registration.
    pub client_id: String,
    /// The client secret's value. Needed for `client_secret`; for `authorization_code` where the app is registered as
    /// a web application.
    pub client_secret: Option<String>,
    /// The secret's last day, so that people are warned before it.
    #[schema(value_type = Option<String>, format = Date)]
    pub secret_expires_on: Option<Day>,
    /// Private key and certificate in PEM, for `certificate`. Its end is read from it.
    pub certificate_pem: Option<String>,
    /// How assertions are signed; `PS256` when left out.
    pub certificate_algorithm: Option<AssertionAlgorithm>,
}

impl ConnectionEntry {
    /// What it signs in with; a field that does not belong to the kind is a mistake worth naming.
    fn proof(self) -> Result<EnteredProof, Problem> {
        let needed =
            |field: &str, what: &str| Problem::invalid(field, format!("This kind of connection needs {what}."));
        let certificate_given = self.certificate_pem.is_some() || self.certificate_algorithm.is_some();
        let unwanted = |field: &str| Err(Problem::invalid(field, "This kind of connection has none."));
        let expires_on = self.secret_expires_on.map(|day| day.0);
        match self.kind {
            ConnectionKind::ClientSecret | ConnectionKind::AuthorizationCode if certificate_given => {
                unwanted("certificate_pem")
            }
            ConnectionKind::ClientSecret => {
                let secret = self.client_secret.ok_or_else(|| needed("client_secret", "a client secret"))?;
                Ok(EnteredProof::Secret { secret, expires_on })
            }
            ConnectionKind::AuthorizationCode => Ok(EnteredProof::SignedIn { secret: self.client_secret, expires_on }),
            ConnectionKind::Certificate if self.client_secret.is_some() => unwanted("client_secret"),
            ConnectionKind::Certificate if expires_on.is_some() => unwanted("secret_expires_on"),
            ConnectionKind::Certificate => {
                let pem =
                    self.certificate_pem.ok_or_else(|| needed("certificate_pem", "a certificate with its key"))?;
                let algorithm = match self.certificate_algorithm {
                    Some(AssertionAlgorithm::Rs256) => SigningAlgorithm::Rs256,
                    Some(AssertionAlgorithm::Ps256) | None => SigningAlgorithm::Ps256,
                };
                Ok(EnteredProof::Certificate { pem, algorithm })
            }
        }
    }
}

/// Saves a connection in place of the one of the same purpose, and uses it from now on.
#[utoipa::path(
    put,
    path = "/applications/{tenant_id}/connections/{purpose}",
    tag = "connections",
    params(
        ("tenant_id" = String, Path, description = "Which tenant."),
        ("purpose" = PurposeName, Path, description = "What it is for."),
    ),
    request_body = ConnectionEntry,
    responses(
        (status = 200, description = "Saved. Nothing was sent to Microsoft yet; check it next.", body = Connection),
        (status = 409, description = "The configuration file gives this connection.", body = ProblemBody),
    ),
)]
pub async fn save_connection(
    State(state): State<ApiState>,
    Authenticated { caller, .. }: Authenticated,
    Path((tenant_id, purpose)): Path<(TenantId, PurposeName)>,
    Json(body): Json<ConnectionEntry>,
) -> Result<Json<Connection>, Problem> {
    known_tenant(&state, tenant_id)?;
    let client_id = body.client_id.clone();
    let new = NewConnection { client_id, proof: body.proof()? };
    let row = commands::save_connection(&state.engine, &caller, purpose.0, new).await?;
    Ok(Json(Connection::new(row, state.engine.now())))
}
