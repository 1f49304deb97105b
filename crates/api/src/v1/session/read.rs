//! `GET /session`

use axum::extract::State;

use crate::caller::Authenticated;
use crate::extract::Json;
use crate::problem::Problem;
use crate::state::ApiState;
use crate::v1::session::Session;

/// Who is signed in, and what they may do.
#[utoipa::path(
    get,
    path = "/session",
    tag = "session",
    responses((status = 200, description = "Who is signed in.", body = Session)),
)]
pub async fn read_session(
    State(state): State<ApiState>,
    Authenticated { caller, session }: Authenticated,
) -> Result<Json<Session>, Problem> {
    Ok(Json(Session::read(&state, &caller, session.map(|session| session.csrf_token)).await?))
}
