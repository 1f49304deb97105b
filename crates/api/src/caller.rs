//! Who is calling: settled once for each request, before anything else of it is read. Roles are those of
//! this moment, so that taking one away works at once.

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderMap, Method};
use reseat_engine::{Caller, CallerKind};
use reseat_store::installation::{Account, api_tokens};

use crate::auth::{api_token, cookie, csrf, secret_hash, session};
use crate::problem::Problem;
use crate::state::ApiState;

/// Whoever is signed in.
#[derive(Debug, Clone)]
pub struct Authenticated {
    /// Who gives the command.
    pub caller: Caller,
    /// The session, for a caller of the console.
    pub session: Option<CallerSession>,
}

/// What a handler may need to know of a session.
#[derive(Debug, Clone)]
pub struct CallerSession {
    /// Hash of its token.
    pub token_hash: String,
    /// For `X-CSRF-Token`.
    pub csrf_token: String,
}

/// Finds out who is calling, by bearer token or by session; `None` when the request says nothing.
///
/// # Errors
/// [`Problem`] 401 for a token that is not in force, 403 for a change without the session's own token.
pub async fn authenticate(
    state: &ApiState,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Option<Authenticated>, Problem> {
    if headers.contains_key(http::header::AUTHORIZATION) {
        return by_token(state, headers).await.map(Some);
    }
    match cookie::read(headers, state.is_https()) {
        Some(token) => by_session(state, token, method, headers).await,
        None => Ok(None),
    }
}

async fn by_token(state: &ApiState, headers: &HeaderMap) -> Result<Authenticated, Problem> {
    let refused = || Problem::unauthenticated("This API token is unknown, ended or revoked.");
    let token = api_token::read(headers).ok_or_else(refused)?;
    let mut tx = state.engine.store().read().await?;
    let found = api_tokens::find_token(&mut tx, &secret_hash(token), state.clock.now()).await?;
    let (_, account) = found.ok_or_else(refused)?;
    Ok(Authenticated { caller: caller_of(state, account, CallerKind::Token), session: None })
}

async fn by_session(
    state: &ApiState,
    token: &str,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Option<Authenticated>, Problem> {
    let Some((found, account)) = session::find(state, token).await? else { return Ok(None) };
    if csrf::is_unsafe(method) {
        csrf::check_token(headers, &found.csrf_token)?;
    }
    let session = CallerSession { token_hash: found.token_hash, csrf_token: found.csrf_token };
    Ok(Some(Authenticated { caller: caller_of(state, account, CallerKind::Session), session: Some(session) }))
}

/// The caller that an account is, here and now.
pub fn caller_of(state: &ApiState, account: Account, kind: CallerKind) -> Caller {
    // A person of another tenant is nobody here.
    let here = account.tenant_id == Some(state.engine.tenant_id());
    Caller {
        account_id: account.id,
        name: account.name,
        roles: account.roles,
        user_id: account.user_id.filter(|_| here),
        kind,
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Authenticated {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Problem::unauthenticated("Nobody is signed in."))
    }
}
