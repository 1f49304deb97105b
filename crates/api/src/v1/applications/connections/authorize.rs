//! `POST /applications/{tenant_id}/connections/{purpose}/authorize`

use axum::extract::State;
use reseat_domain::ids::TenantId;
use reseat_engine::commands;
use serde::Serialize;
use utoipa::ToSchema;

use super::redirect_uri;
use crate::caller::Authenticated;
use crate::extract::{Json, Path};
use crate::problem::{Problem, ProblemBody};
use crate::scalar::{Moment, PurposeName};
use crate::state::ApiState;
use crate::v1::applications::known_tenant;

/// Where to send the browser.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AuthorizationBegun {
    /// Microsoft's sign-in page. Good once.
    pub authorize_url: String,
    /// Until when the browser has to be back.
    pub expires_at: Moment,
    /// The address Microsoft sends the browser back to; the app registration has to list it.
    pub redirect_uri: String,
}

/// Begins a person's sign-in for a connection of kind `authorization_code`.
///
/// Name and password are entered at Microsoft and nowhere else. Begun in the console, it is finished in the same
/// session; begun with a token, in any browser.
#[utoipa::path(
    post,
    path = "/applications/{tenant_id}/connections/{purpose}/authorize",
    tag = "connections",
    params(
        ("tenant_id" = String, Path, description = "Which tenant."),
        ("purpose" = PurposeName, Path, description = "What it is for."),
    ),
    responses(
        (status = 200, description = "Begun; the browser has ten minutes.", body = AuthorizationBegun),
        (status = 409, description = "Nobody signs in for this connection, or this server has no address Microsoft takes.", body = ProblemBody),
    ),
)]
pub async fn begin_authorization(
    State(state): State<ApiState>,
    Authenticated { caller, session }: Authenticated,
    Path((tenant_id, purpose)): Path<(TenantId, PurposeName)>,
) -> Result<Json<AuthorizationBegun>, Problem> {
    known_tenant(&state, tenant_id)?;
    let redirect_uri = redirect_uri(&state)?;
    let session = session.map(|session| session.token_hash);
    let begun = commands::begin_authorization(&state.engine, &caller, session, purpose.0, &redirect_uri).await?;
    Ok(Json(AuthorizationBegun { authorize_url: begun.url, expires_at: begun.expires_at.into(), redirect_uri }))
}
