//! A name and a password become a session.

use reseat_domain::audit::{Actor, Draft, Object, Readable};
use reseat_domain::ids::AccountId;
use reseat_engine::EngineError;
use reseat_store::Tx;
use reseat_store::installation::{Account, accounts, sessions};
use reseat_store::trail::Log;

use crate::auth::secret_hash;
use crate::auth::session::{self, Begun};
use crate::problem::Problem;
use crate::state::ApiState;

/// Checks name and password and begins a session. A session the browser already had ends, so that
/// nobody goes on in one that somebody else planted.
///
/// # Errors
/// [`Problem`] 401, the same for every reason, or 429 after several failures.
pub async fn sign_in(
    state: &ApiState,
    name: &str,
    password: &str,
    before: Option<&str>,
) -> Result<(Account, Begun), Problem> {
    let now = state.clock.now();
    if let Some(seconds) = state.attempts.wait_seconds(name, now) {
        return Err(Problem::rate_limited(seconds));
    }
    let mut tx = state.engine.store().read().await?;
    let known = accounts::find_account_by_name(&mut tx, name).await?;
    drop(tx);
    let hash = known.as_ref().and_then(|account| account.password_hash.clone());
    let right = state.passwords.verify(password, hash).await?;
    let account = match known {
        Some(account) if right && account.enabled => account,
        other => return Err(refuse(state, name, other).await?),
    };
    state.attempts.succeeded(name);
    let begun = begin(state, &account, before).await?;
    Ok((account, begun))
}

/// Begins a session for an account that has proven who it is.
///
/// # Errors
/// [`Problem`] when the database does not answer.
pub async fn begin(state: &ApiState, account: &Account, before: Option<&str>) -> Result<Begun, Problem> {
    let mut tx = state.engine.store().write().await?;
    if let Some(before) = before {
        sessions::delete_session(&mut tx, &secret_hash(before)).await?;
    }
    let begun = session::begin(state, &mut tx, account.id).await?;
    record(state, &mut tx, account.id, Some(&account.name), "session.begun", "Signed in").await?;
    tx.commit().await?;
    Ok(begun)
}

/// A failure for an account that exists goes into the trail; names that do not exist would let anybody
/// fill it.
async fn refuse(state: &ApiState, name: &str, account: Option<Account>) -> Result<Problem, Problem> {
    state.attempts.failed(name, state.clock.now());
    tracing::warn!(account = account.as_ref().map(|account| account.id.to_string()), "a sign-in was refused");
    if let Some(account) = account {
        let mut tx = state.engine.store().write().await?;
        record(state, &mut tx, account.id, Some(&account.name), "session.refused", "A sign-in was refused").await?;
        tx.commit().await?;
    }
    Ok(Problem::unauthenticated("The name or the password is wrong, or the account is disabled."))
}

/// Appends an entry about an account's sessions or tokens to the installation's log.
///
/// # Errors
/// [`EngineError`].
pub async fn record(
    state: &ApiState,
    tx: &mut Tx,
    account: AccountId,
    name: Option<&str>,
    verb: &str,
    text: &str,
) -> Result<(), EngineError> {
    let draft = Draft {
        at: state.engine.now(),
        actor: Actor { kind: "account".to_owned(), id: account.to_string() },
        verb: verb.to_owned(),
        object: Object { kind: "account".to_owned(), id: account.to_string() },
        from: None,
        to: None,
        details: serde_json::json!({}),
        readable: Readable { actor_name: name.map(str::to_owned), user_id: None, text: text.to_owned(), reason: None },
    };
    state.engine.append_audit(tx, Log::Installation, &draft).await?;
    Ok(())
}
