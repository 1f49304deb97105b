//! Beginning a person's sign-in for a connection (F44, F52). Name and password are entered at Microsoft and nowhere
//! else (F45).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reseat_connectors::graph::authorization::{Pkce, SignInRequest, sign_in_url};
use reseat_domain::permission::Access;
use reseat_domain::plan::hex;
use reseat_domain::role::Permission;
use reseat_domain::time::Timestamp;
use reseat_store::integration::{self, Authorization};
use sha2::{Digest, Sha256};

use super::{get, refuse_configured, tell};
use crate::commands::permit;
use crate::connections::{Purpose, SealedColumn, least, seal_text};
use crate::engine::Engine;
use crate::error::CommandError;
use crate::moves::{By, Caller, Note};

/// How long a person may take at Microsoft; its code lives as long (section 1.4).
const MINUTES: i64 = 10;

/// Where to send the browser.
#[derive(Debug, Clone)]
pub struct Authorize {
    /// Microsoft's sign-in page.
    pub url: String,
    /// Until when the browser has to be back.
    pub expires_at: Timestamp,
}

/// Under which id a sign-in under way is kept: whoever reads the database learns no state.
pub(super) fn id_of(state: &str) -> String {
    hex(&Sha256::digest(state.as_bytes()))
}

/// Begins a sign-in for a saved connection. It can be finished once, within ten minutes, and where it was begun in a
/// session, in that session alone.
///
/// # Errors
/// [`CommandError::NotFound`] when there is no such connection, [`CommandError::NotAllowed`] when it is not for a
/// person to sign in.
pub async fn begin_authorization(
    engine: &Engine,
    caller: &Caller,
    session_hash: Option<String>,
    purpose: Purpose,
    redirect_uri: &str,
) -> Result<Authorize, CommandError> {
    permit(caller, Permission::Administer)?;
    let (tenant_id, now) = (engine.tenant_id(), engine.now());
    let mut tx = engine.store().write().await?;
    let row = get(engine, &mut tx, purpose).await?;
    refuse_configured(Some(&row), purpose)?;
    if row.kind != "authorization_code" {
        return Err(CommandError::NotAllowed(format!(
            "The {purpose} connection acts as an app, so nobody signs in for it; check it instead."
        )));
    }
    let state = URL_SAFE_NO_PAD.encode(engine.random::<32>());
    let nonce = URL_SAFE_NO_PAD.encode(engine.random::<32>());
    let pkce = Pkce::new(engine.random());
    let id = id_of(&state);
    let seal = |column, text: &str| seal_text(engine.sealer(), engine.entropy(), tenant_id, column, &id, text);
    let expires_at = now.plus_seconds(MINUTES * 60);
    let under_way = Authorization {
        purpose: purpose.as_str().to_owned(),
        connection_version: row.version,
        account_id: caller.account_id,
        session_hash,
        sealed_verifier: seal(SealedColumn::Verifier, pkce.verifier().reveal()),
        sealed_nonce: seal(SealedColumn::Nonce, &nonce),
        redirect_uri: redirect_uri.to_owned(),
        created_at: now,
        expires_at,
        id: id.clone(),
    };
    integration::insert_authorization(&mut tx, tenant_id, &under_way).await?;
    let details = serde_json::json!({ "purpose": purpose.as_str(), "client_id": row.client_id });
    let note = Note::with(format!("Sign-in for the {purpose} connection begun"), details);
    tell(engine, &mut tx, By::Person(caller), "connection.authorization_begun", purpose, &note).await?;
    tx.commit().await?;
    let scopes = least(purpose, Access::Delegated);
    let challenge = pkce.challenge();
    let request = SignInRequest {
        client_id: &row.client_id,
        redirect_uri,
        state: &state,
        nonce: &nonce,
        challenge: &challenge,
        scopes: &scopes,
    };
    Ok(Authorize { url: sign_in_url(&engine.parts().graph.cloud, tenant_id, &request), expires_at })
}
