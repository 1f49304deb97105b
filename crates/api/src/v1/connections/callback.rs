//! `GET /connections/callback`

use axum::extract::{RawQuery, State};
use http::header::LOCATION;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use reseat_engine::Purpose;
use reseat_engine::commands::{Finished, ReturnedBrowser, finish_authorization};

use crate::auth::{cookie, session};
use crate::problem::Problem;
use crate::state::ApiState;

/// Where Microsoft sends a browser back to after a sign-in or a consent.
///
/// Anybody may call it; what comes without a state that was given out, or in another session than it was given to,
/// changes nothing. It always leads to the page of the tenant, whose query says how it ended: `connection=signed_in`,
/// `consented`, `refused` or `failed`, with the `purpose` where that is known. Why something failed stands on the
/// connection, never in the address.
#[utoipa::path(
    get,
    path = "/connections/callback",
    tag = "connections",
    params(
        ("code" = Option<String>, Query, description = "A code of Microsoft's, good once."),
        ("state" = Option<String>, Query, description = "As it was given out."),
        ("error" = Option<String>, Query, description = "Why there is no code."),
        ("error_description" = Option<String>, Query, description = "The same in Microsoft's words."),
        ("admin_consent" = Option<String>, Query, description = "`True` after a consent."),
        ("tenant" = Option<String>, Query, description = "For which tenant an administrator consented."),
    ),
    responses((status = 303, description = "To the tenant's page.")),
)]
pub async fn finish_connection(
    State(state): State<ApiState>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<(StatusCode, [(HeaderName, HeaderValue); 1]), Problem> {
    let session = match cookie::read(&headers, state.is_https()) {
        Some(token) => session::find(&state, token).await?.map(|(session, _)| session.token_hash),
        None => None,
    };
    let browser = ReturnedBrowser { query: query.as_deref().unwrap_or_default(), session_hash: session.as_deref() };
    let (word, purpose) = match finish_authorization(&state.engine, browser).await {
        Ok(Finished::SignedIn { purpose, .. }) => ("signed_in", Some(purpose)),
        Ok(Finished::Consented { purpose }) => ("consented", purpose),
        Ok(Finished::Refused { purpose, .. }) => ("refused", purpose),
        Err(error) => {
            tracing::warn!(error = %error, "a browser that came back from Microsoft was not let in");
            ("failed", None)
        }
    };
    let purpose = purpose.map(|purpose: Purpose| format!("&purpose={purpose}")).unwrap_or_default();
    let page = format!("/applications/{}?connection={word}{purpose}", state.engine.tenant_id());
    let location = HeaderValue::try_from(page).expect("an address of ours is plain ASCII");
    Ok((StatusCode::SEE_OTHER, [(LOCATION, location)]))
}
