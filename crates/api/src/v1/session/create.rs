//! `POST /session`

use axum::extract::State;
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderName, HeaderValue};
use reseat_engine::CallerKind;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::auth::{self, cookie};
use crate::caller::caller_of;
use crate::extract::Json;
use crate::problem::Problem;
use crate::state::ApiState;
use crate::v1::session::Session;

/// A local account's name and password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The sign-in name.
    pub name: String,
    /// The password.
    pub password: String,
}

/// Signs in: a new session with a new id, in a cookie.
#[utoipa::path(
    post,
    path = "/session",
    tag = "session",
    request_body(content = SignIn),
    responses(
        (status = 200, description = "Signed in; the session cookie is set.", body = Session),
        (status = 401, description = "Name or password is wrong, or the account is disabled.", body = Problem),
        (status = 429, description = "Too many failed attempts for this name.", body = Problem),
    ),
)]
pub async fn sign_in(
    State(state): State<ApiState>,
    headers: HeaderMap,
    Json(body): Json<SignIn>,
) -> Result<([(HeaderName, HeaderValue); 1], Json<Session>), Problem> {
    let before = cookie::read(&headers, state.is_https());
    let (account, begun) = auth::sign_in::sign_in(&state, &body.name, &body.password, before).await?;
    let cookie = cookie::set(&begun.token, state.is_https());
    let caller = caller_of(&state, account, CallerKind::Session);
    let session = Session::read(&state, &caller, Some(begun.csrf_token)).await?;
    Ok(([(SET_COOKIE, cookie)], Json(session)))
}
