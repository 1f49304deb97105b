//! What a browser is sent to, and what it brings back: admin consent (graph-facts 1.5) and sign-in
//! with authorization code and PKCE (1.4).

use std::collections::BTreeSet;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Url;
use reseat_domain::ids::{TenantId, UserId};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::error::ConnectorError;

use super::auth::same_tenant;
use super::claims::Claims;
use super::cloud::Cloud;
use super::credentials::{ClientProof, Fields};
use super::patience::{Patience, Tries, Trouble};
use super::secret::Secret;
use super::token_endpoint::{Grant, TokenEndpoint};
use super::token_errors::{SIGN_IN_AGAIN, redirect_trouble};

/// What every sign-in asks for besides Graph: who it is, and a refresh token.
const OF_SIGN_IN: &str = "openid profile offline_access";

/// The secret of one sign-in, so that a stolen code is worth nothing (RFC 7636).
#[derive(Debug, Clone)]
pub struct Pkce {
    verifier: Secret,
}

impl Pkce {
    /// A new one from randomness.
    pub fn new(random: [u8; 32]) -> Self {
        Self { verifier: Secret::new(URL_SAFE_NO_PAD.encode(random)) }
    }

    /// One that was kept while the browser was away.
    pub const fn from_verifier(verifier: Secret) -> Self {
        Self { verifier }
    }

    /// What is kept, sealed, until the code comes.
    pub const fn verifier(&self) -> &Secret {
        &self.verifier
    }

    /// What the browser carries: SHA-256 of the verifier.
    pub fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier.reveal().as_bytes()))
    }
}

/// Where an administrator consents to every application permission the app registration declares.
pub fn consent_url(cloud: &Cloud, tenant_id: TenantId, client_id: &str, redirect_uri: &str, state: &str) -> String {
    let mut url = cloud.authority(&format!("{tenant_id}/adminconsent"));
    url.query_pairs_mut()
        .append_pair("client_id", client_id)
        .append_pair("state", state)
        .append_pair("redirect_uri", redirect_uri);
    url.into()
}

/// One sign-in that is about to begin.
#[derive(Debug, Clone, Copy)]
pub struct SignInRequest<'a> {
    /// The app.
    pub client_id: &'a str,
    /// Where the browser comes back to; registered with the app.
    pub redirect_uri: &'a str,
    /// Comes back unchanged, so that the answer belongs to a question of ours.
    pub state: &'a str,
    /// Comes back inside the signed token of the person.
    pub nonce: &'a str,
    /// [`Pkce::challenge`].
    pub challenge: &'a str,
    /// The delegated permissions of Graph, by name (`reseat_domain::permission::least_for`).
    pub scopes: &'a [&'a str],
}

/// Where a person signs in for a connection.
pub fn sign_in_url(cloud: &Cloud, tenant_id: TenantId, request: &SignInRequest<'_>) -> String {
    let mut url = cloud.authority(&format!("{tenant_id}/oauth2/v2.0/authorize"));
    url.query_pairs_mut()
        .append_pair("client_id", request.client_id)
        .append_pair("response_type", "code")
        .append_pair("response_mode", "query")
        .append_pair("redirect_uri", request.redirect_uri)
        .append_pair("scope", &scope_text(cloud, request.scopes))
        .append_pair("state", request.state)
        .append_pair("nonce", request.nonce)
        .append_pair("code_challenge", request.challenge)
        .append_pair("code_challenge_method", "S256")
        // The browser may be signed in as somebody; who signs in here is chosen, not met by chance.
        .append_pair("prompt", "select_account");
    url.into()
}

/// Scopes with the address of this cloud's Graph before them: a bare name means the global one.
fn scope_text(cloud: &Cloud, scopes: &[&str]) -> String {
    let root = cloud.scope().trim_end_matches(".default");
    let ours = scopes.iter().map(|scope| format!("{root}{scope}"));
    ours.chain(std::iter::once(OF_SIGN_IN.to_owned())).collect::<Vec<_>>().join(" ")
}

/// What a browser brought back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Returned {
    /// A code to redeem.
    Code {
        /// The code, good once and for ten minutes.
        code: Secret,
        /// The state of the question.
        state: String,
    },
    /// An administrator consented.
    Consented {
        /// For this tenant.
        tenant_id: TenantId,
        /// The state of the question.
        state: String,
    },
    /// Microsoft, or the person, said no.
    Refused {
        /// What happened, in one sentence.
        message: String,
        /// What to do about it.
        remedy: String,
        /// The state of the question, where it came back.
        state: Option<String>,
    },
}

impl Returned {
    /// Reads the query of the address the browser came back to. `pinned` is the connection's tenant.
    ///
    /// # Errors
    /// [`ConnectorError::WrongTenant`] for a consent in another tenant, [`ConnectorError::Malformed`]
    /// for anything that is no answer at all.
    pub fn read(query: &str, pinned: TenantId) -> Result<Self, ConnectorError> {
        let fields: Vec<(String, String)> = parse(query);
        let field = |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        let state = field("state");
        if let Some(error) = field("error") {
            let (message, remedy) = redirect_trouble(&error, &field("error_description").unwrap_or_default());
            return Ok(Self::Refused { message, remedy, state });
        }
        let no_answer = |what: &str| ConnectorError::Malformed(format!("the browser brought back no {what}"));
        let state = state.ok_or_else(|| no_answer("state"))?;
        if let Some(code) = field("code") {
            return Ok(Self::Code { code: Secret::new(code), state });
        }
        if field("admin_consent").is_some_and(|word| word.eq_ignore_ascii_case("true")) {
            same_tenant(&field("tenant").ok_or_else(|| no_answer("tenant"))?, pinned)?;
            return Ok(Self::Consented { tenant_id: pinned, state });
        }
        Err(no_answer("code and no consent"))
    }
}

fn parse(query: &str) -> Vec<(String, String)> {
    let mut url = Url::parse("http://localhost/").expect("an address of ours is one");
    url.set_query(Some(query.trim_start_matches('?')));
    url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

/// A code that is to be redeemed.
#[derive(Debug, Clone, Copy)]
pub struct Redemption<'a> {
    /// The app.
    pub client_id: &'a str,
    /// The app's own proof, where its registration asks for one.
    pub client_proof: Option<&'a ClientProof>,
    /// The code.
    pub code: &'a Secret,
    /// The same address as in the question.
    pub redirect_uri: &'a str,
    /// What was kept while the browser was away.
    pub pkce: &'a Pkce,
    /// The nonce of the question.
    pub nonce: &'a str,
}

/// Who signed in, and the token that keeps the sign-in alive.
#[derive(Debug, Clone)]
pub struct Redeemed {
    /// To be stored sealed.
    pub refresh_token: Secret,
    /// What was granted, by name, without the address of Graph.
    pub scopes: BTreeSet<String>,
    /// The tenant, equal to the pinned one.
    pub tenant_id: TenantId,
    /// Who.
    pub user_id: UserId,
    /// The name they sign in with; it may change.
    pub user_name: String,
}

/// Redeems a code.
///
/// # Errors
/// [`ConnectorError::SignIn`] with a remedy, [`ConnectorError::WrongTenant`], or what failed in between.
pub async fn redeem_code(
    cloud: &Cloud,
    tenant_id: TenantId,
    redemption: &Redemption<'_>,
    ca_file: Option<&Path>,
) -> Result<Redeemed, ConnectorError> {
    let endpoint = TokenEndpoint::new(cloud.http_client(ca_file, false)?, cloud, tenant_id);
    let mut tries = Tries::begin(Patience::TOKEN);
    let grant = loop {
        let spread = Uuid::new_v4();
        let form = form(redemption, &endpoint)?;
        // A code whose answer was lost is spent; trying again then says so, and harms nobody.
        match endpoint.ask(&form, spread, tries.left()).await.map_err(|refused| refused.trouble) {
            Ok(grant) => break grant,
            Err(Trouble::Final(error)) => return Err(error),
            Err(Trouble::Passing(passing)) => tries.wait(passing, spread.as_u64_pair().1).await?,
        }
    };
    redeemed(grant, tenant_id, redemption)
}

fn form(redemption: &Redemption<'_>, endpoint: &TokenEndpoint) -> Result<Fields, ConnectorError> {
    let proof = redemption.client_proof.map(|proof| proof.fields(redemption.client_id, &endpoint.url));
    let mut form = proof.transpose()?.unwrap_or_default();
    form.extend([
        ("client_id", redemption.client_id.to_owned()),
        ("grant_type", "authorization_code".to_owned()),
        ("code", redemption.code.reveal().to_owned()),
        ("redirect_uri", redemption.redirect_uri.to_owned()),
        ("code_verifier", redemption.pkce.verifier.reveal().to_owned()),
    ]);
    Ok(form)
}

/// The id token came straight from the token endpoint, over TLS: its words may be taken as they are
/// (OpenID Connect Core 3.1.3.7, 6).
fn redeemed(grant: Grant, pinned: TenantId, redemption: &Redemption<'_>) -> Result<Redeemed, ConnectorError> {
    let no = |what: &str| ConnectorError::Malformed(format!("the sign-in service gave no {what}"));
    let id_token = grant.id_token.as_deref().and_then(Claims::read).ok_or_else(|| no("id token"))?;
    let claim = |name: &str| id_token.text(name).ok_or_else(|| no(name));
    same_tenant(claim("tid")?, pinned)?;
    if !claim("aud")?.eq_ignore_ascii_case(redemption.client_id) || claim("nonce")? != redemption.nonce {
        return Err(ConnectorError::SignIn {
            message: "The sign-in that came back is not the one that was begun.".to_owned(),
            remedy: SIGN_IN_AGAIN.to_owned(),
        });
    }
    let refresh_token = grant.refresh_token.ok_or_else(|| ConnectorError::SignIn {
        message: "Microsoft gave no refresh token.".to_owned(),
        remedy: "Allow the permission offline_access for the app, and sign in again.".to_owned(),
    })?;
    let scopes = grant.scope.unwrap_or_default();
    let bare = |scope: &str| scope.rsplit('/').next().unwrap_or_default().to_owned();
    Ok(Redeemed {
        refresh_token: Secret::new(refresh_token),
        scopes: scopes.split_whitespace().map(bare).collect(),
        tenant_id: pinned,
        user_id: claim("oid")?.parse().map_err(|_| no("usable object id"))?,
        user_name: claim("preferred_username").or_else(|_| claim("name"))?.chars().take(200).collect(),
    })
}

#[cfg(test)]
mod tests;
