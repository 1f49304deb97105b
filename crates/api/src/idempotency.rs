//! A repeated command gives its first answer again. The key is taken before the command runs, so that
//! two at the same moment are not carried out twice; only an answer that changed something is kept.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use reseat_domain::ids::AccountId;
use reseat_domain::plan::hex;
use reseat_store::installation::idempotency::{self, Begun, KeyedRequest};
use sha2::{Digest, Sha256};

use crate::BODY_LIMIT;
use crate::problem::Problem;
use crate::state::ApiState;

/// Under which name the key comes.
pub const KEY_HEADER: &str = "idempotency-key";
/// Says that an answer was given before.
pub const REPLAYED_HEADER: &str = "idempotency-replayed";

const LONGEST_KEY: usize = 200;
/// How long an answer is kept.
const KEPT_SECONDS: i64 = 24 * 3_600;
/// After how long a request that never ended may be begun again; no request runs that long.
const ABANDONED_SECONDS: i64 = 10 * 60;

/// The key of a request, if it carries one.
///
/// # Errors
/// [`Problem`] 422 for a key that is empty or too long.
pub fn key_of(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(KEY_HEADER) else { return Ok(None) };
    match value.to_str() {
        Ok(key) if !key.is_empty() && key.len() <= LONGEST_KEY => Ok(Some(key.to_owned())),
        Ok(_) | Err(_) => {
            Err(Problem::invalid("Idempotency-Key", format!("A key has 1 to {LONGEST_KEY} plain characters.")))
        }
    }
}

/// Runs a command under its key, or gives the answer it had.
///
/// # Errors
/// [`Problem`] 409 while the same request is being worked on, 422 when the key was used for another.
pub async fn once(
    state: &ApiState,
    account_id: AccountId,
    key: &str,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, BODY_LIMIT).await.map_err(|_| Problem::too_large(BODY_LIMIT))?;
    let mut hasher = Sha256::new();
    hasher.update(format!("{} {}\n", parts.method, parts.uri));
    hasher.update(&body);
    let request_hash = hex(&hasher.finalize());
    let keyed = KeyedRequest { account_id, key, request_hash: &request_hash };
    match begin(state, keyed).await? {
        Begun::New => {}
        Begun::Running => return Err(Problem::conflict("The same request is being worked on.")),
        Begun::Mismatch => return Err(Problem::idempotency_mismatch()),
        Begun::Answered { status, body } => return Ok(replay(status, body)),
    }
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    finish(state, keyed, response).await
}

async fn begin(state: &ApiState, keyed: KeyedRequest<'_>) -> Result<Begun, Problem> {
    let now = state.clock.now();
    let mut tx = state.engine.store().write().await?;
    idempotency::delete_keys_before(&mut tx, now.plus_seconds(-KEPT_SECONDS)).await?;
    let begun = idempotency::begin(&mut tx, keyed, now, now.plus_seconds(-ABANDONED_SECONDS)).await?;
    tx.commit().await?;
    Ok(begun)
}

/// Keeps an answer that changed something, and lets go of the key otherwise: what was refused may be
/// allowed later.
async fn finish(state: &ApiState, keyed: KeyedRequest<'_>, response: Response) -> Result<Response, Problem> {
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.map_err(|_| Problem::unavailable("The answer could not be made."))?;
    let mut tx = state.engine.store().write().await?;
    match std::str::from_utf8(&bytes) {
        Ok(text) if parts.status.is_success() => {
            idempotency::finish(&mut tx, keyed, i64::from(parts.status.as_u16()), text).await?;
        }
        Ok(_) | Err(_) => idempotency::release(&mut tx, keyed).await?,
    }
    tx.commit().await?;
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

fn replay(status: i64, body: String) -> Response {
    let status = u16::try_from(status).ok().and_then(|status| StatusCode::from_u16(status).ok());
    let json = HeaderValue::from_static("application/json");
    let mut response = (status.unwrap_or(StatusCode::OK), [(header::CONTENT_TYPE, json)], body).into_response();
    response.headers_mut().insert(REPLAYED_HEADER, HeaderValue::from_static("true"));
    response
}
