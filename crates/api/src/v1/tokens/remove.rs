//! `DELETE /tokens/{token_id}`

use axum::extract::State;
use http::StatusCode;
use reseat_domain::ids::ApiTokenId;
use reseat_store::installation::api_tokens;

use crate::auth::sign_in;
use crate::caller::Authenticated;
use crate::extract::Path;
use crate::problem::Problem;
use crate::state::ApiState;

/// Revokes one of the own tokens at once.
#[utoipa::path(
    delete,
    path = "/tokens/{token_id}",
    tag = "accounts",
    params(("token_id" = String, Path, description = "Which token.")),
    responses((status = 204, description = "Revoked.")),
)]
pub async fn revoke_token(
    State(state): State<ApiState>,
    Authenticated { caller, .. }: Authenticated,
    Path(id): Path<ApiTokenId>,
) -> Result<StatusCode, Problem> {
    let mut tx = state.engine.store().write().await?;
    if !api_tokens::revoke_token(&mut tx, caller.account_id, id, state.clock.now()).await? {
        return Err(Problem::not_found("token"));
    }
    sign_in::record(&state, &mut tx, caller.account_id, Some(&caller.name), "token.revoked", "API token revoked")
        .await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
