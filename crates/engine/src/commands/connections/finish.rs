//! What the browser brings back from Microsoft: a person's sign-in, a consent, or a no.

use reseat_connectors::ConnectorError;
use reseat_connectors::graph::Secret;
use reseat_connectors::graph::authorization::{Pkce, Redeemed, Redemption, Returned, redeem_code};
use reseat_domain::ids::AccountId;
use reseat_domain::role::{Permission, grants};
use reseat_domain::time::Timestamp;
use reseat_store::installation::accounts;
use reseat_store::integration::{self, AuthorizationRow, ConnectionRow};

use super::authorize::id_of;
use super::{changed, get, refused, tell};
use crate::connections::{Purpose, SealedColumn, look_at, open_text, seal_text, ways_of};
use crate::engine::Engine;
use crate::error::{CommandError, EngineError};
use crate::moves::{By, Caller, CallerKind, Note};

/// What comes with a browser that is back.
#[derive(Debug, Clone, Copy)]
pub struct ReturnedBrowser<'a> {
    /// The query of the address it came back to.
    pub query: &'a str,
    /// Hash of the session it is in, if it is in one.
    pub session_hash: Option<&'a str>,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finished {
    /// Somebody signed in, and the connection acts for them from now on.
    SignedIn {
        /// Which connection.
        purpose: Purpose,
        /// The name they signed in with.
        name: String,
    },
    /// An administrator of the tenant consented.
    Consented {
        /// For which connection, where that came back.
        purpose: Option<Purpose>,
    },
    /// Microsoft, or the person, said no.
    Refused {
        /// For which connection, where that is known.
        purpose: Option<Purpose>,
        /// What happened.
        message: String,
        /// What to do about it.
        remedy: String,
    },
}

/// Finishes what [`super::begin_authorization`] began: redeems the code, compares the tenant, and stores the refresh
/// token sealed with the name of who signed in.
///
/// # Errors
/// [`CommandError::NotAllowed`] for an answer to no question of ours, or one that was answered already;
/// [`CommandError::Forbidden`] when whoever began it may no longer, or another browser brought it.
pub async fn finish_authorization(engine: &Engine, browser: ReturnedBrowser<'_>) -> Result<Finished, CommandError> {
    let returned = Returned::read(browser.query, engine.tenant_id()).map_err(|error| refused(&error))?;
    match returned {
        Returned::Consented { state, .. } => {
            // Nothing hangs on it, so nothing is done: the page the browser goes to offers to check the connection.
            Ok(Finished::Consented { purpose: state.strip_prefix("consent-").and_then(|word| word.parse().ok()) })
        }
        Returned::Refused { message, remedy, state } => {
            if let Some(state) = state {
                // A no is an answer too: the same question is not answered twice.
                let mut tx = engine.store().write().await?;
                let taken = integration::take_authorization(&mut tx, engine.tenant_id(), &id_of(&state)).await?;
                tx.commit().await?;
                if let Some(purpose) = taken.and_then(|row| row.purpose.parse().ok()) {
                    remember(engine, purpose, &message, &remedy).await?;
                    return Ok(Finished::Refused { purpose: Some(purpose), message, remedy });
                }
            }
            Ok(Finished::Refused { purpose: None, message, remedy })
        }
        Returned::Code { code, state } => sign_in(engine, browser, &code, &state).await,
    }
}

async fn sign_in(
    engine: &Engine,
    browser: ReturnedBrowser<'_>,
    code: &Secret,
    state: &str,
) -> Result<Finished, CommandError> {
    let tenant_id = engine.tenant_id();
    let id = id_of(state);
    let unknown = || {
        let message =
            "This sign-in was not begun here, is finished already, or took longer than ten minutes; begin again.";
        CommandError::NotAllowed(message.to_owned())
    };
    // Taken away before anything else happens with it, so that it cannot be used twice.
    let mut tx = engine.store().write().await?;
    let under_way = integration::take_authorization(&mut tx, tenant_id, &id).await?;
    tx.commit().await?;
    let under_way =
        under_way.filter(|row| Timestamp::from_micros(row.expires_at) > engine.now()).ok_or_else(unknown)?;
    let caller = whoever_began(engine, browser, &under_way).await?;
    let purpose: Purpose = under_way.purpose.parse().map_err(|_| unknown())?;
    let mut tx = engine.store().read().await?;
    let row = get(engine, &mut tx, purpose).await?;
    drop(tx);
    if row.version != under_way.connection_version || row.kind != "authorization_code" {
        return Err(changed(reseat_store::StoreError::Conflict, purpose));
    }
    let redeemed = match redeem(engine, &under_way, &row, &id, code).await? {
        Ok(redeemed) => redeemed,
        Err(error) => {
            let (message, remedy) = (error.to_string(), error.remedy().unwrap_or_else(|| "Begin again.".to_owned()));
            remember(engine, purpose, &message, &remedy).await?;
            return Ok(Finished::Refused { purpose: Some(purpose), message, remedy });
        }
    };
    keep(engine, &caller, purpose, &under_way, &redeemed).await?;
    look_again(engine, purpose).await;
    Ok(Finished::SignedIn { purpose, name: redeemed.user_name })
}

/// Whoever began it has to be an administrator still, and the browser the one they began it in.
async fn whoever_began(
    engine: &Engine,
    browser: ReturnedBrowser<'_>,
    under_way: &AuthorizationRow,
) -> Result<Caller, CommandError> {
    let another =
        || CommandError::Forbidden("This sign-in was begun by somebody else, or in another session.".to_owned());
    if under_way.session_hash.is_some() && under_way.session_hash.as_deref() != browser.session_hash {
        return Err(another());
    }
    let account_id: AccountId = under_way.account_id.parse().map_err(|_| another())?;
    let mut tx = engine.store().read().await?;
    let account = accounts::find_account(&mut tx, account_id).await?.filter(|account| account.enabled);
    let account = account.ok_or_else(another)?;
    if !grants(&account.roles, Permission::Administer) {
        return Err(CommandError::Forbidden("Whoever began this sign-in is no administrator any more.".to_owned()));
    }
    let here = account.tenant_id == Some(engine.tenant_id());
    Ok(Caller {
        account_id,
        name: account.name,
        roles: account.roles,
        user_id: account.user_id.filter(|_| here),
        kind: if under_way.session_hash.is_some() { CallerKind::Session } else { CallerKind::Token },
    })
}

async fn redeem(
    engine: &Engine,
    under_way: &AuthorizationRow,
    row: &ConnectionRow,
    id: &str,
    code: &Secret,
) -> Result<Result<Redeemed, ConnectorError>, CommandError> {
    let tenant_id = engine.tenant_id();
    let open = |column, sealed: &str| {
        open_text(engine.sealer(), tenant_id, column, id, sealed)
            .map_err(|error| CommandError::from(EngineError::from(error)))
    };
    let pkce = Pkce::from_verifier(Secret::new(open(SealedColumn::Verifier, &under_way.sealed_verifier)?));
    let nonce = open(SealedColumn::Nonce, &under_way.sealed_nonce)?;
    let ways = ways_of(engine);
    let client_proof = ways.client_proof(row).map_err(|error| refused(&error))?;
    let redemption = Redemption {
        client_id: &row.client_id,
        client_proof: client_proof.as_ref(),
        code,
        redirect_uri: &under_way.redirect_uri,
        pkce: &pkce,
        nonce: &nonce,
    };
    Ok(redeem_code(ways.cloud(), tenant_id, &redemption, ways.graph.ca_file.as_deref()).await)
}

/// Keeps with the connection why a sign-in for it did not work; how the connection does meanwhile is not touched.
async fn remember(engine: &Engine, purpose: Purpose, message: &str, remedy: &str) -> Result<(), CommandError> {
    let (tenant_id, word, now) = (engine.tenant_id(), purpose.as_str(), engine.now());
    let mut tx = engine.store().write().await?;
    let Some(row) = integration::find_connection(&mut tx, tenant_id, word).await? else { return Ok(()) };
    let problem = format!("The last sign-in did not work: {message}");
    integration::set_connection_problem(&mut tx, tenant_id, word, &row.status, (&problem, remedy), now).await?;
    let details = serde_json::json!({ "purpose": word });
    let note = Note::with(format!("Sign-in for the {purpose} connection failed: {message}"), details);
    tell(engine, &mut tx, By::Stage("setup"), "connection.authorization_failed", purpose, &note).await?;
    tx.commit().await?;
    Ok(())
}

async fn keep(
    engine: &Engine,
    caller: &Caller,
    purpose: Purpose,
    under_way: &AuthorizationRow,
    redeemed: &Redeemed,
) -> Result<(), CommandError> {
    let (tenant_id, word, now) = (engine.tenant_id(), purpose.as_str(), engine.now());
    let token = redeemed.refresh_token.reveal();
    let sealed = seal_text(engine.sealer(), engine.entropy(), tenant_id, SealedColumn::RefreshToken, word, token);
    let mut tx = engine.store().write().await?;
    let version = under_way.connection_version;
    integration::record_signed_in(&mut tx, tenant_id, word, version, &redeemed.user_name, &sealed, now)
        .await
        .map_err(|error| changed(error, purpose))?;
    let details = serde_json::json!({ "purpose": word, "scopes": redeemed.scopes });
    let text = format!("{} signed in for the {purpose} connection", redeemed.user_name);
    tell(engine, &mut tx, By::Person(caller), "connection.authorized", purpose, &Note::with(text, details)).await?;
    tx.commit().await?;
    engine.refresh_connections().await?;
    engine.nudge();
    Ok(())
}

/// Looks at the connection right away, so that the page the browser goes to shows what is granted. What a look cannot
/// find is found by the next one.
async fn look_again(engine: &Engine, purpose: Purpose) {
    let looked = async {
        let mut tx = engine.store().read().await?;
        let row = integration::find_connection(&mut tx, engine.tenant_id(), purpose.as_str()).await?;
        drop(tx);
        match row {
            Some(row) => look_at(engine, purpose, &row).await.map(|_| ()),
            None => Ok(()),
        }
    };
    if let Err(error) = looked.await {
        tracing::warn!(error = %error, "the connection could not be looked at after its sign-in");
    }
}
