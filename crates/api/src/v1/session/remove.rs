//! `DELETE /session`

use axum::extract::State;
use http::header::SET_COOKIE;
use http::{HeaderName, HeaderValue, StatusCode};
use reseat_store::installation::sessions;

use crate::auth::{cookie, sign_in};
use crate::caller::Authenticated;
use crate::problem::Problem;
use crate::state::ApiState;

/// Signs out: the session ends on the server too.
#[utoipa::path(
    delete,
    path = "/session",
    tag = "session",
    responses((status = 204, description = "Signed out.")),
)]
pub async fn sign_out(
    State(state): State<ApiState>,
    Authenticated { caller, session }: Authenticated,
) -> Result<(StatusCode, [(HeaderName, HeaderValue); 1]), Problem> {
    let Some(session) = session else {
        return Err(Problem::not_allowed("A bearer token has no session; revoke it under /tokens."));
    };
    let mut tx = state.engine.store().write().await?;
    sessions::delete_session(&mut tx, &session.token_hash).await?;
    sign_in::record(&state, &mut tx, caller.account_id, Some(&caller.name), "session.ended", "Signed out").await?;
    tx.commit().await?;
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, cookie::clear(state.is_https()))]))
}
