//! `POST /setup/bootstrap`

use axum::extract::State;
use http::header::SET_COOKIE;
use http::{HeaderName, HeaderValue, StatusCode};
use reseat_engine::CallerKind;
use reseat_engine::accounts as engine_accounts;
use reseat_store::installation::accounts;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::auth::{cookie, sign_in};
use crate::caller::caller_of;
use crate::extract::Json;
use crate::problem::Problem;
use crate::state::ApiState;
use crate::v1::session::Session;

/// Wrong codes slow down under one name: there is only one code.
const ATTEMPTS: &str = "one-time code";

/// The first administrator.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Bootstrap {
    /// The one-time code the server printed.
    pub code: String,
    /// The sign-in name.
    pub name: String,
    /// At least 12 characters.
    pub password: String,
    /// Whether one person does everything: then the account also is License Manager and Approver, and every
    /// record says so.
    pub single_operator: bool,
}

/// Makes the first administrator with the one-time code the server printed, and signs them in.
#[utoipa::path(
    post,
    path = "/setup/bootstrap",
    tag = "session",
    request_body = Bootstrap,
    responses(
        (status = 201, description = "Made and signed in; the session cookie is set.", body = Session),
        (status = 409, description = "There is an administrator already.", body = Problem),
        (status = 429, description = "Too many attempts.", body = Problem),
    ),
)]
pub async fn bootstrap(
    State(state): State<ApiState>,
    Json(body): Json<Bootstrap>,
) -> Result<(StatusCode, [(HeaderName, HeaderValue); 1], Json<Session>), Problem> {
    let now = state.clock.now();
    if let Some(seconds) = state.attempts.wait_seconds(ATTEMPTS, now) {
        return Err(Problem::rate_limited(seconds));
    }
    let mut tx = state.engine.store().read().await?;
    if accounts::count_accounts(&mut tx).await? > 0 {
        return Err(Problem::not_allowed("There is an administrator already; sign in."));
    }
    drop(tx);
    let hash = state.passwords.hash(&body.password, state.engine.random()).await?;
    let made = engine_accounts::bootstrap(&state.engine, &body.code, &body.name, hash, body.single_operator).await;
    let account = made.inspect_err(|_| state.attempts.failed(ATTEMPTS, now))?;
    let begun = sign_in::begin(&state, &account, None).await?;
    let cookie = cookie::set(&begun.token, state.is_https());
    let caller = caller_of(&state, account, CallerKind::Session);
    let session = Session::read(&state, &caller, Some(begun.csrf_token)).await?;
    Ok((StatusCode::CREATED, [(SET_COOKIE, cookie)], Json(session)))
}
