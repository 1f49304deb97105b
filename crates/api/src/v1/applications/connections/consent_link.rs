//! `GET /applications/{tenant_id}/consent-link`

use axum::extract::State;
use reseat_domain::ids::TenantId;
use reseat_engine::commands;
use serde::Serialize;
use utoipa::ToSchema;

use super::{PurposeQuery, redirect_uri};
use crate::caller::Authenticated;
use crate::extract::{Json, Path, Query};
use crate::problem::{Problem, ProblemBody};
use crate::state::ApiState;
use crate::v1::applications::known_tenant;

/// What an administrator of the tenant is sent.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ConsentLink {
    /// Where they consent to everything the app registration declares.
    pub url: String,
    /// The address Microsoft sends their browser back to; the app registration has to list it.
    pub redirect_uri: String,
    /// Whether these are delegated permissions, for a connection that acts for a person.
    pub delegated: bool,
    /// What the app registration has to declare for this purpose, and nothing else.
    pub permissions: Vec<ConsentPermission>,
}

/// A permission of Microsoft Graph.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ConsentPermission {
    /// Its name at Microsoft.
    pub permission: String,
    /// What for.
    pub why: String,
}

/// The admin consent link of a saved connection, and what it asks for.
#[utoipa::path(
    get,
    path = "/applications/{tenant_id}/consent-link",
    tag = "connections",
    params(("tenant_id" = String, Path, description = "Which tenant."), PurposeQuery),
    responses(
        (status = 200, description = "The link.", body = ConsentLink),
        (status = 409, description = "This server has no address Microsoft takes.", body = ProblemBody),
    ),
)]
pub async fn read_consent_link(
    State(state): State<ApiState>,
    Authenticated { caller, .. }: Authenticated,
    Path(tenant_id): Path<TenantId>,
    Query(query): Query<PurposeQuery>,
) -> Result<Json<ConsentLink>, Problem> {
    known_tenant(&state, tenant_id)?;
    let redirect_uri = redirect_uri(&state)?;
    let link = commands::consent_link(&state.engine, &caller, query.purpose.0, &redirect_uri).await?;
    let permissions = link.permissions.into_iter();
    Ok(Json(ConsentLink {
        url: link.url,
        redirect_uri,
        delegated: link.delegated,
        permissions: permissions.map(|(name, why)| ConsentPermission { permission: name.to_owned(), why }).collect(),
    }))
}
