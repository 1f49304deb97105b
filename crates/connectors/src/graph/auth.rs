//! Tokens by client credentials: fetched once for everybody who waits, kept until shortly before they
//! end, and compared with the pinned tenant before anything is sent with them (C1).

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Url;
use reseat_domain::ids::TenantId;
use serde::Deserialize;
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::error::ConnectorError;

use super::answer::{Answer, garbled};
use super::cloud::Cloud;
use super::follow::{Lost, send};
use super::monotonic::Moment;
use super::patience::{Passing, Patience, Tries, Trouble};
use super::secret::Credentials;
use super::token_errors::{TokenError, TokenTrouble};

/// A token is renewed this long before its end, or after four fifths of a short life.
const MARGIN: Duration = Duration::from_secs(300);

/// How long the sign-in service may take for one answer.
const TOKEN_TIMEOUT: Duration = Duration::from_secs(15);

/// An access token.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Bearer(Arc<str>);

impl Bearer {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The tokens of one connection.
pub(super) struct Tokens {
    http: reqwest::Client,
    token_url: Url,
    organization_url: Url,
    tenant_id: TenantId,
    credentials: Credentials,
    scope: String,
    /// Held while a token is fetched, so that many who need one make one request.
    kept: Mutex<Option<Kept>>,
}

struct Kept {
    bearer: Bearer,
    until: Moment,
}

#[derive(Deserialize)]
struct Grant {
    access_token: String,
    #[serde(default)]
    expires_in: u64,
}

impl Tokens {
    pub(super) fn new(http: reqwest::Client, cloud: &Cloud, tenant_id: TenantId, credentials: Credentials) -> Self {
        Self {
            http,
            token_url: cloud.authority(&format!("{tenant_id}/oauth2/v2.0/token")),
            organization_url: cloud.graph("v1.0/organization?$select=id"),
            tenant_id,
            credentials,
            scope: cloud.scope().to_owned(),
            kept: Mutex::new(None),
        }
    }

    /// The token in use, or a new one.
    ///
    /// # Errors
    /// [`ConnectorError::SignIn`], [`ConnectorError::WrongTenant`], or what failed in between.
    pub(super) async fn bearer(&self) -> Result<Bearer, ConnectorError> {
        let mut kept = self.kept.lock().await;
        if let Some(token) = kept.as_ref().filter(|token| !token.until.left().is_zero()) {
            return Ok(token.bearer.clone());
        }
        *kept = None;
        let fresh = self.fetch().await?;
        let bearer = fresh.bearer.clone();
        *kept = Some(fresh);
        Ok(bearer)
    }

    /// Forgets a token that Graph did not accept, unless it was replaced meanwhile.
    pub(super) async fn forget(&self, refused: &Bearer) {
        let mut kept = self.kept.lock().await;
        if kept.as_ref().is_some_and(|token| token.bearer == *refused) {
            *kept = None;
        }
    }

    async fn fetch(&self) -> Result<Kept, ConnectorError> {
        let mut tries = Tries::begin(Patience::TOKEN);
        loop {
            let spread = Uuid::new_v4();
            let trouble = match self.fetch_once(spread, tries.left().min(TOKEN_TIMEOUT)).await {
                Ok(kept) => return Ok(kept),
                Err(Trouble::Final(error)) => return Err(error),
                Err(Trouble::Passing(passing)) => passing,
            };
            tries.wait(trouble, spread.as_u64_pair().1).await?;
        }
    }

    async fn fetch_once(&self, client_request_id: Uuid, timeout: Duration) -> Result<Kept, Trouble> {
        let asked_at = Moment::now();
        let form = [
            ("client_id", self.credentials.client_id.as_str()),
            ("client_secret", self.credentials.secret.expose()),
            ("scope", self.scope.as_str()),
            ("grant_type", "client_credentials"),
        ];
        let request = self
            .http
            .post(self.token_url.clone())
            .header("client-request-id", client_request_id.to_string())
            .timeout(timeout)
            .form(&form);
        let answer = send(request).await.map_err(|lost| lost.trouble("Microsoft's sign-in service"))?;
        if answer.status != 200 {
            return Err(refusal(&answer));
        }
        let grant: Grant = answer.json()?;
        let bearer = Bearer(grant.access_token.into());
        self.check_tenant(&bearer).await?;
        let life = Duration::from_secs(grant.expires_in);
        Ok(Kept { bearer, until: asked_at.plus(life.saturating_sub(MARGIN.min(life / 5))) })
    }

    async fn check_tenant(&self, bearer: &Bearer) -> Result<(), Trouble> {
        let pinned = self.tenant_id.to_string();
        let found = match tenant_of(bearer.as_str()) {
            Some(found) => found,
            None => match self.ask_organization(bearer).await? {
                Some(found) => found,
                None => {
                    // Microsoft gives a token for the tenant in the address, and says no more.
                    tracing::warn!("the tenant could not be read from the token or from Graph");
                    return Ok(());
                }
            },
        };
        if found.eq_ignore_ascii_case(&pinned) {
            Ok(())
        } else {
            Err(ConnectorError::WrongTenant { found: found.chars().take(80).collect(), pinned }.into())
        }
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

/// What a refused token request means.
fn refusal(answer: &Answer) -> Trouble {
    let passing = |error| Trouble::Passing(Passing { error, retry_after: answer.retry_after(), tries: u32::MAX });
    if answer.status == 429 {
        return passing(ConnectorError::Throttled { retry_after: answer.retry_after() });
    }
    let body = serde_json::from_slice::<TokenError>(&answer.body).ok().filter(|_| answer.says_json());
    let Some(body) = body.filter(|_| matches!(answer.status, 400..=499) || answer.status >= 500) else {
        return garbled(format!(
            "the sign-in service answered {} without saying why; is there a proxy?",
            answer.status
        ));
    };
    match body.trouble() {
        TokenTrouble::Later { message } => passing(ConnectorError::Transient(message)),
        TokenTrouble::Stop { .. } if answer.status >= 500 => {
            passing(ConnectorError::Transient(format!("the sign-in service answered {}", answer.status)))
        }
        TokenTrouble::Stop { message, remedy } => Trouble::Final(ConnectorError::SignIn { message, remedy }),
    }
}

/// The tenant a token is for, where it can be read. The signature is Graph's to check.
fn tenant_of(token: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Claims {
        tid: String,
    }
    let mut parts = token.split('.');
    let (_, claims, _) = (parts.next()?, parts.next()?, parts.next()?);
    let bytes = URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok()?;
    serde_json::from_slice::<Claims>(&bytes).ok().map(|claims| claims.tid)
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

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use reqwest::header::HeaderMap;

    use super::*;

    #[test]
    fn the_tenant_is_read_from_a_token_and_only_from_one() {
        let token = |claims: &str| format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims));
        assert_eq!(tenant_of(&token(r#"{"tid":"a-tenant","aud":"x"}"#)).as_deref(), Some("a-tenant"));
        for opaque in ["opaque", "EwBwA8l6BAAU", "a.b", "a.!!.c", "", "e30.e30.e30"] {
            assert_eq!(tenant_of(opaque), None, "{opaque}");
        }
    }

    #[test]
    fn a_refusal_stops_and_a_fault_passes() {
        let answer = |status, kind: &str, body: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("content-type", kind.parse().expect("a header value"));
            Answer { status, headers, body: Bytes::copy_from_slice(body.as_bytes()) }
        };
        let json = "application/json";
        let expired = r#"{"error":"invalid_client","error_codes":[7000222]}"#;
        let stopped = refusal(&answer(401, json, expired));
        assert!(matches!(stopped, Trouble::Final(ConnectorError::SignIn { .. })), "{stopped:?}");
        for (status, kind, body) in [
            (503, json, "{}"),
            (500, json, expired),
            (429, json, "{}"),
            (407, "text/html", "<html>"),
            (400, json, "{\"error\":\"inv"),
            (302, "text/html", ""),
            (400, json, r#"{"error":"server_error","error_codes":[90033]}"#),
        ] {
            assert!(matches!(refusal(&answer(status, kind, body)), Trouble::Passing(_)), "{status} {body}");
        }
    }
}
