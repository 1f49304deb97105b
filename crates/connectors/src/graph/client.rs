//! Reading over one connection: sign in, send, and try again as far as patience goes.

use std::path::Path;
use std::time::Duration;

use reqwest::Url;
use reseat_domain::ids::TenantId;
use reseat_domain::permission::Access;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::error::ConnectorError;

use super::answer::Answer;
use super::auth::{Bearer, Tokens};
use super::breaker::Breaker;
use super::claims::challenge;
use super::cloud::Cloud;
use super::credentials::Credentials;
use super::follow::{Lost, send};
use super::patience::{Passing, Patience, Tries, Trouble};
use super::token_errors::SIGN_IN_AGAIN;
use super::units::{Units, cost};

/// How long one reading may take. A full page of people takes Graph some seconds (G20).
const READ_TIMEOUT: Duration = Duration::from_secs(40);

/// One connection to one tenant.
pub(super) struct Client {
    pub(super) http: reqwest::Client,
    pub(super) cloud: Cloud,
    pub(super) tokens: Tokens,
    breaker: Breaker,
    units: Units,
}

/// What a reading needs besides its address.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading<'a> {
    /// The permission that is missing when Graph says no.
    pub scope: &'a str,
    /// How patient it is.
    pub patience: Patience,
}

impl Client {
    /// # Errors
    /// [`ConnectorError::Configuration`].
    pub(super) fn new(
        cloud: Cloud,
        tenant_id: TenantId,
        credentials: Credentials,
        ca_file: Option<&Path>,
        keep_connections: bool,
    ) -> Result<Self, ConnectorError> {
        credentials.check()?;
        let http = cloud.http_client(ca_file, keep_connections)?;
        let tokens = Tokens::new(http.clone(), &cloud, tenant_id, credentials);
        Ok(Self { http, cloud, tokens, breaker: Breaker::new(), units: Units::new() })
    }

    /// Reads JSON of a known shape.
    ///
    /// # Errors
    /// [`ConnectorError`] by what the caller can do.
    pub(super) async fn read<T: DeserializeOwned>(&self, url: &Url, reading: Reading<'_>) -> Result<T, ConnectorError> {
        self.read_with(url, reading, |answer| match answer.status {
            200 => answer.json(),
            _ => Err(answer.reading_trouble(reading.scope)),
        })
        .await
    }

    /// Reads, and lets the caller say what an answer is.
    ///
    /// # Errors
    /// [`ConnectorError`] by what the caller can do.
    pub(super) async fn read_with<T>(
        &self,
        url: &Url,
        reading: Reading<'_>,
        judge: impl Fn(&Answer) -> Result<T, Trouble>,
    ) -> Result<T, ConnectorError> {
        let mut tries = Tries::begin(reading.patience);
        loop {
            let client_request_id = Uuid::new_v4();
            let trouble = match self.read_once(url, client_request_id, &tries, &judge).await {
                Ok(value) => return Ok(value),
                Err(Trouble::Final(error)) => return Err(error),
                Err(Trouble::Passing(passing)) => passing,
            };
            tries.wait(trouble, client_request_id.as_u64_pair().1).await?;
        }
    }

    /// One try behind the layers that go easy on Graph: our own pace, and a breaker that leaves a host
    /// alone which keeps failing.
    async fn read_once<T>(
        &self,
        url: &Url,
        client_request_id: Uuid,
        tries: &Tries,
        judge: &impl Fn(&Answer) -> Result<T, Trouble>,
    ) -> Result<T, Trouble> {
        if let Err((wait, failures)) = self.breaker.permit() {
            let why = format!("Microsoft Graph failed {failures} times in a row and is left alone for some seconds");
            let error = ConnectorError::Transient(why);
            return Err(Trouble::Passing(Passing { retry_after: Some(wait), ..Passing::new(error) }));
        }
        let pause = self.units.take(cost(url));
        if pause >= tries.left() {
            return Err(ConnectorError::Throttled { retry_after: Some(pause) }.into());
        }
        tokio::time::sleep(pause).await;
        let result = self.read_signed_in(url, client_request_id, tries).await.and_then(|answer| judge(&answer));
        match &result {
            Err(Trouble::Passing(Passing { error: ConnectorError::Transient(_), .. })) => self.breaker.failed(),
            Ok(_) | Err(_) => self.breaker.answered(),
        }
        result
    }

    /// One try. A token that Graph does not accept any more is replaced once (G12).
    async fn read_signed_in(&self, url: &Url, client_request_id: Uuid, tries: &Tries) -> Result<Answer, Trouble> {
        let bearer = self.tokens.bearer().await?;
        let answer = self.get(url, Some(&bearer), client_request_id, tries.left()).await?;
        if answer.status != 401 {
            return Ok(answer);
        }
        if answer.graph_error().is_none() {
            return Err(answer.reading_trouble(""));
        }
        self.tokens.forget(&bearer, challenge(&answer.headers)).await;
        let bearer = self.tokens.bearer().await?;
        let answer = self.get(url, Some(&bearer), Uuid::new_v4(), tries.left()).await?;
        if answer.status == 401 && answer.graph_error().is_some() {
            let claims = challenge(&answer.headers);
            let error = not_accepted(self.tokens.access(), claims.is_some());
            self.tokens.forget(&bearer, claims).await;
            return Err(error.into());
        }
        Ok(answer)
    }

    /// One request, with a token or without.
    pub(super) async fn get(
        &self,
        url: &Url,
        bearer: Option<&Bearer>,
        client_request_id: Uuid,
        left: Duration,
    ) -> Result<Answer, Trouble> {
        let mut request = self.http.get(url.clone()).timeout(left.min(READ_TIMEOUT));
        if url.path().ends_with("/$count") || url.query_pairs().any(|(name, _)| name == "$count") {
            // Nothing is counted, and nothing chosen by a count, for those who do not accept that it may lag (2.1).
            request = request.header("ConsistencyLevel", "eventual");
        }
        if let Some(bearer) = bearer {
            request = request.bearer_auth(bearer.as_str()).header("client-request-id", client_request_id.to_string());
        }
        let result = send(request).await;
        note(url, client_request_id, &result);
        result.map_err(|lost| lost.trouble(url.host_str().unwrap_or("the source")))
    }
}

/// A fresh token is refused too: something about the app or the person, not about the token (G13,
/// G16). `challenged` says that Graph asked for claims (1.7) and the new token does not bring them.
fn not_accepted(access: Access, challenged: bool) -> ConnectorError {
    let message = if challenged {
        "Microsoft Graph asks for more than the sign-in service vouches for, even after a new sign-in."
    } else {
        "Microsoft Graph does not accept the connection's token, not even a new one."
    };
    let remedy = match access {
        Access::Application => {
            "Check that the app is enabled and that no conditional access policy for apps blocks it."
        }
        Access::Delegated => SIGN_IN_AGAIN,
    };
    ConnectorError::SignIn { message: message.to_owned(), remedy: remedy.to_owned() }
}

/// Both ids of a request in the log, so that Microsoft's support can find it.
pub(super) fn note(url: &Url, client_request_id: Uuid, result: &Result<Answer, Lost>) {
    let path = url.path();
    match result {
        Ok(answer) => {
            let request_id = answer.request_id().unwrap_or_default();
            tracing::debug!(path, %client_request_id, request_id, status = answer.status, "Microsoft Graph answered");
        }
        Err(Lost::NotConnected(why) | Lost::Broken(why)) => {
            tracing::debug!(path, %client_request_id, why, "no answer from Microsoft Graph");
        }
    }
}
