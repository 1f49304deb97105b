//! Access tokens: fetched once for everybody who waits, kept until shortly before they end, and
//! compared with the pinned tenant before anything is sent with them (C1).

use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use reseat_domain::ids::TenantId;
use reseat_domain::permission::Access;
use serde::Deserialize;
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::error::ConnectorError;

use super::claims::Claims;
use super::cloud::Cloud;
use super::credentials::{ClientProof, Credentials, Fields, Proof, SignedIn, assertion_fields, secret_fields};
use super::follow::{Lost, send};
use super::monotonic::Moment;
use super::patience::{Passing, Patience, Tries, Trouble};
use super::secret::Secret;
use super::token_endpoint::{Grant, Refused, TOKEN_TIMEOUT, TokenEndpoint};
use super::token_errors::SIGN_IN_AGAIN;

/// A token is renewed this long before its end, or after four fifths of a short life.
const MARGIN: Duration = Duration::from_secs(300);

/// An access token.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Bearer(Arc<str>);

impl Bearer {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// How a connection's tenant was compared with the pinned one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TenantCheck {
    /// The token names its tenant.
    Token,
    /// The token is opaque; Graph named the organization.
    Organization,
    /// Neither could be read. Microsoft gives a token for the tenant in the address of the request,
    /// and says no more.
    Address,
}

/// The tokens of one connection.
pub(super) struct Tokens {
    http: reqwest::Client,
    endpoint: TokenEndpoint,
    organization_url: Url,
    tenant_id: TenantId,
    credentials: Credentials,
    scope: String,
    /// Held while a token is fetched, so that many who need one make one request.
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    kept: Option<Kept>,
    /// What the next token has to claim, said by Graph when it refused one.
    claims: Option<String>,
}

#[derive(Clone)]
struct Kept {
    bearer: Bearer,
    until: Moment,
    tenant: TenantCheck,
}

impl Tokens {
    pub(super) fn new(http: reqwest::Client, cloud: &Cloud, tenant_id: TenantId, credentials: Credentials) -> Self {
        Self {
            endpoint: TokenEndpoint::new(http.clone(), cloud, tenant_id),
            http,
            organization_url: cloud.graph("v1.0/organization?$select=id"),
            tenant_id,
            credentials,
            scope: cloud.scope().to_owned(),
            state: Mutex::default(),
        }
    }

    /// As itself, or for a person.
    pub(super) const fn access(&self) -> Access {
        self.credentials.access()
    }

    /// The token in use, or a new one.
    ///
    /// # Errors
    /// [`ConnectorError::SignIn`], [`ConnectorError::WrongTenant`], or what failed in between.
    pub(super) async fn bearer(&self) -> Result<Bearer, ConnectorError> {
        let mut state = self.state.lock().await;
        if let Some(token) = state.kept.as_ref().filter(|token| !token.until.left().is_zero()) {
            return Ok(token.bearer.clone());
        }
        self.replace(&mut state).await.map(|kept| kept.bearer)
    }

    /// A new token whatever the one in use is worth: what was granted since is in a new one only
    /// (graph-facts 1.5).
    ///
    /// # Errors
    /// As [`Tokens::bearer`].
    pub(super) async fn renewed(&self) -> Result<(Bearer, TenantCheck), ConnectorError> {
        let mut state = self.state.lock().await;
        self.replace(&mut state).await.map(|kept| (kept.bearer, kept.tenant))
    }

    async fn replace(&self, state: &mut State) -> Result<Kept, ConnectorError> {
        state.kept = None;
        // Asked for once: if it cannot be had, the next token is an ordinary one again.
        let claims = state.claims.take();
        let fresh = self.fetch(claims.as_deref()).await?;
        state.kept = Some(fresh.clone());
        Ok(fresh)
    }

    /// Forgets a token that Graph did not accept, unless it was replaced meanwhile, and remembers
    /// what Graph wants the next one to claim.
    pub(super) async fn forget(&self, refused: &Bearer, claims: Option<String>) {
        let mut state = self.state.lock().await;
        if state.kept.as_ref().is_some_and(|token| token.bearer == *refused) {
            state.kept = None;
            state.claims = claims;
        }
    }

    async fn fetch(&self, claims: Option<&str>) -> Result<Kept, ConnectorError> {
        let mut tries = Tries::begin(Patience::TOKEN);
        loop {
            let spread = Uuid::new_v4();
            let trouble = match self.fetch_once(claims, spread, tries.left()).await {
                Ok(kept) => return Ok(kept),
                Err(Trouble::Final(error)) => return Err(error),
                Err(Trouble::Passing(passing)) => passing,
            };
            tries.wait(trouble, spread.as_u64_pair().1).await?;
        }
    }

    async fn fetch_once(
        &self,
        claims: Option<&str>,
        client_request_id: Uuid,
        timeout: Duration,
    ) -> Result<Kept, Trouble> {
        let asked_at = Moment::now();
        let grant = match &self.credentials.proof {
            Proof::SignedIn(signed_in) => self.refresh(signed_in, claims, client_request_id, timeout).await?,
            Proof::Secret(_) | Proof::Certificate(_) => {
                let form = self.application_form(claims)?;
                self.endpoint.ask(&form, client_request_id, timeout).await.map_err(|refused| refused.trouble)?
            }
        };
        let bearer = Bearer(grant.access_token.into());
        let tenant = self.check_tenant(&bearer).await?;
        let life = Duration::from_secs(grant.expires_in);
        Ok(Kept { bearer, until: asked_at.plus(life.saturating_sub(MARGIN.min(life / 5))), tenant })
    }

    /// The request of an app that acts as itself (graph-facts 1.2).
    fn application_form(&self, claims: Option<&str>) -> Result<Fields, ConnectorError> {
        let client_id = &self.credentials.client_id;
        let proof = match &self.credentials.proof {
            Proof::Secret(secret) => secret_fields(secret),
            Proof::Certificate(certificate) => assertion_fields(certificate, client_id, &self.endpoint.url)?,
            Proof::SignedIn(_) => Vec::new(),
        };
        let mut form = self.form("client_credentials", proof, claims);
        form.push(("scope", self.scope.clone()));
        Ok(form)
    }

    fn form(&self, grant_type: &str, proof: Fields, claims: Option<&str>) -> Fields {
        let mut form = vec![("client_id", self.credentials.client_id.clone()), ("grant_type", grant_type.to_owned())];
        form.extend(proof);
        form.extend(claims.map(|claims| ("claims", claims.to_owned())));
        form
    }

    /// A token for a person: the newest refresh token, and where Microsoft does not know that one,
    /// the one before it once (graph-facts 1.4).
    async fn refresh(
        &self,
        signed_in: &SignedIn,
        claims: Option<&str>,
        client_request_id: Uuid,
        timeout: Duration,
    ) -> Result<Grant, Trouble> {
        let known = signed_in.refresh_tokens.current().await?;
        let mut refused = nobody_signed_in();
        for (number, token) in known.iter().take(2).enumerate() {
            match self.redeem(signed_in, token, claims, client_request_id, timeout).await {
                Ok(grant) => return Ok(grant),
                Err(again) => {
                    let may_go_on = again.token_unknown;
                    // The newest one's refusal is the one to tell of; it came from the one before.
                    if number == 0 {
                        refused = again.trouble;
                    } else if let Trouble::Passing(_) = again.trouble {
                        return Err(again.trouble);
                    }
                    if !may_go_on {
                        break;
                    }
                    tracing::warn!("Microsoft does not know the newest refresh token; the one before it is tried");
                }
            }
        }
        Err(refused)
    }

    async fn redeem(
        &self,
        signed_in: &SignedIn,
        token: &Secret,
        claims: Option<&str>,
        client_request_id: Uuid,
        timeout: Duration,
    ) -> Result<Grant, Refused> {
        let client_id = &self.credentials.client_id;
        let proof =
            signed_in.client_proof.as_ref().map(|proof: &ClientProof| proof.fields(client_id, &self.endpoint.url));
        // Without a scope the new token is for what was consented to when the person signed in.
        let mut form = self.form("refresh_token", proof.transpose()?.unwrap_or_default(), claims);
        form.push(("refresh_token", token.reveal().to_owned()));
        let mut grant = self.endpoint.ask(&form, client_request_id, timeout).await?;
        if let Some(new) = grant.refresh_token.take() {
            signed_in.refresh_tokens.rotated(token, Secret::new(new)).await?;
        }
        Ok(grant)
    }

    async fn check_tenant(&self, bearer: &Bearer) -> Result<TenantCheck, Trouble> {
        let named = Claims::read(bearer.as_str()).and_then(|claims| claims.text("tid").map(str::to_owned));
        let (found, check) = match named {
            Some(found) => (found, TenantCheck::Token),
            None => match self.ask_organization(bearer).await? {
                Some(found) => (found, TenantCheck::Organization),
                None => {
                    tracing::warn!("the tenant could not be read from the token or from Graph");
                    return Ok(TenantCheck::Address);
                }
            },
        };
        same_tenant(&found, self.tenant_id)?;
        Ok(check)
    }

    /// The tenant as Graph names it, `None` where the app may not read it.
    async fn ask_organization(&self, bearer: &Bearer) -> Result<Option<String>, Trouble> {
        #[derive(Deserialize)]
        struct Organizations {
            value: Vec<Organization>,
        }
        #[derive(Deserialize)]
        struct Organization {
            id: String,
        }
        let request = self
            .http
            .get(self.organization_url.clone())
            .header("client-request-id", Uuid::new_v4().to_string())
            .timeout(TOKEN_TIMEOUT)
            .bearer_auth(bearer.as_str());
        let answer = send(request).await.map_err(|lost| lost.trouble("Microsoft Graph"))?;
        match answer.status {
            200 => {
                let list: Organizations = answer.json()?;
                let found = list.value.into_iter().next().map(|organization| organization.id);
                found
                    .map(Some)
                    .ok_or_else(|| ConnectorError::Malformed("Microsoft Graph names no organization".to_owned()).into())
            }
            403 if answer.graph_error().is_some() => Ok(None),
            _ => Err(answer.reading_trouble("Organization.Read.All")),
        }
    }
}

/// # Errors
/// [`ConnectorError::WrongTenant`].
pub(super) fn same_tenant(found: &str, pinned: TenantId) -> Result<(), ConnectorError> {
    let pinned = pinned.to_string();
    if found.eq_ignore_ascii_case(&pinned) {
        Ok(())
    } else {
        Err(ConnectorError::WrongTenant { found: found.chars().take(80).collect(), pinned })
    }
}

fn nobody_signed_in() -> Trouble {
    Trouble::Final(ConnectorError::SignIn {
        message: "Nobody has signed in for this connection yet.".to_owned(),
        remedy: SIGN_IN_AGAIN.to_owned(),
    })
}

impl Lost {
    /// A request of a reading that got no answer: the next one may.
    pub(super) fn trouble(self, who: &str) -> Trouble {
        let why = match self {
            Self::NotConnected(why) => format!("{who} cannot be reached: {why}"),
            Self::Broken(why) => format!("the connection to {who} broke: {why}"),
        };
        Trouble::Passing(Passing::new(ConnectorError::Transient(why)))
    }
}
