//! Sessions of the console: 256 random bits in a cookie, their hash in the database; over after half an
//! hour without use and after twelve hours in any case.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reseat_domain::ids::AccountId;
use reseat_domain::time::Timestamp;
use reseat_store::installation::sessions::{self, Session};
use reseat_store::{StoreError, Tx};

use crate::auth::secret_hash;
use crate::state::ApiState;

const IDLE_SECONDS: i64 = 30 * 60;
const LONGEST_SECONDS: i64 = 12 * 3_600;
/// Use is recorded once a minute at most: a write for each request would cost more than it tells.
const RECORD_USE_AFTER_SECONDS: i64 = 60;

/// A session that has just begun.
pub struct Begun {
    /// For the cookie; kept nowhere.
    pub token: String,
    /// For `X-CSRF-Token`.
    pub csrf_token: String,
}

/// Begins a session with a new id.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn begin(state: &ApiState, tx: &mut Tx, account_id: AccountId) -> Result<Begun, StoreError> {
    let now = state.clock.now();
    let begun = Begun { token: random_text(state), csrf_token: random_text(state) };
    let session = Session {
        token_hash: secret_hash(&begun.token),
        account_id,
        csrf_token: begun.csrf_token.clone(),
        created_at: now,
        last_seen_at: now,
        expires_at: now.plus_seconds(LONGEST_SECONDS),
    };
    sessions::delete_expired_sessions(tx, now, idle_since(now)).await?;
    sessions::insert_session(tx, &session).await?;
    Ok(begun)
}

/// The session of a cookie, if it goes on, with its account as it is now.
///
/// # Errors
/// [`StoreError`].
pub async fn find(
    state: &ApiState,
    token: &str,
) -> Result<Option<(Session, reseat_store::installation::Account)>, StoreError> {
    let now = state.clock.now();
    let mut tx = state.engine.store().read().await?;
    let found = sessions::find_session(&mut tx, &secret_hash(token), now, idle_since(now)).await?;
    drop(tx);
    if let Some((session, _)) = &found
        && now.seconds_since(session.last_seen_at) >= RECORD_USE_AFTER_SECONDS
    {
        let mut tx = state.engine.store().write().await?;
        sessions::touch_session(&mut tx, &session.token_hash, now).await?;
        tx.commit().await?;
    }
    Ok(found)
}

const fn idle_since(now: Timestamp) -> Timestamp {
    now.plus_seconds(-IDLE_SECONDS)
}

fn random_text(state: &ApiState) -> String {
    URL_SAFE_NO_PAD.encode(state.engine.random::<32>())
}
