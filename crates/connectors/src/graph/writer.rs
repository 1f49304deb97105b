//! The writer: one write, one request, no second try of any kind.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use reqwest::header::CONTENT_LENGTH;
use reqwest::{RequestBuilder, Url};
use reseat_domain::ids::{TenantId, UserId};
use reseat_domain::plan::Write;
use uuid::Uuid;

use crate::error::ConnectorError;
use crate::license_writer::{LicenseWriter, WriteOutcome};

use super::answer::Answer;
use super::auth::Bearer;
use super::claims::challenge;
use super::client::{Client, note};
use super::cloud::Cloud;
use super::credentials::Credentials;
use super::follow::{Lost, send};
use super::monotonic::Moment;
use super::write_address::{Wire, wire};
use super::write_answers::{Expect, judge};

/// How long no write is sent after a 429 that does not say how long (G2).
const UNASKED_PAUSE: Duration = Duration::from_secs(30);

/// How long no write is sent when the app cannot sign in: somebody has to act first (G13).
const SIGN_IN_PAUSE: Duration = Duration::from_secs(300);

/// Changes licenses in one tenant through Microsoft Graph.
pub struct GraphWriter {
    pub(super) client: Client,
    /// Until when Graph wants no write.
    paused: Mutex<Option<Moment>>,
    /// Whether the last answer refused the token.
    token_refused: AtomicBool,
}

impl GraphWriter {
    /// A writer for one tenant. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ConnectorError::Configuration`] when the credentials are empty or the CA file is not usable.
    pub fn new(
        cloud: Cloud,
        tenant_id: TenantId,
        credentials: Credentials,
        ca_file: Option<&Path>,
    ) -> Result<Self, ConnectorError> {
        let client = Client::new(cloud, tenant_id, credentials, ca_file, false)?;
        Ok(Self { client, paused: Mutex::new(None), token_refused: AtomicBool::new(false) })
    }

    async fn write_until(&self, write: &Write, client_request_id: Uuid, until: Moment) -> WriteOutcome {
        match self.ready(until).await {
            Ok(bearer) => self.send_once(write, &bearer, client_request_id, until).await,
            Err(not_sent) => not_sent,
        }
    }

    /// A token to send with; otherwise why nothing is sent.
    async fn ready(&self, until: Moment) -> Result<Bearer, WriteOutcome> {
        if let Some(left) = self.pause_left() {
            let why = "Microsoft Graph asked for a pause".to_owned();
            return Err(WriteOutcome::NotSent { why, retry_after: Some(left) });
        }
        match tokio::time::timeout(until.left(), self.client.tokens.bearer()).await {
            Ok(Ok(bearer)) => Ok(bearer),
            Ok(Err(error)) => Err(no_token(&error)),
            Err(_) => {
                let why = "the sign-in service did not answer in time".to_owned();
                Err(WriteOutcome::NotSent { why, retry_after: None })
            }
        }
    }

    /// The one request. Whatever interrupts it from here on, it may have arrived.
    async fn send_once(&self, write: &Write, bearer: &Bearer, client_request_id: Uuid, until: Moment) -> WriteOutcome {
        let Some(Wire { method, url, body, expect }) = wire(&self.client.cloud, write) else {
            let why = "the address of this write would have meant something else".to_owned();
            return WriteOutcome::NotSent { why, retry_after: None };
        };
        let left = until.left();
        if left.is_zero() {
            return WriteOutcome::NotSent { why: "the deadline had passed".to_owned(), retry_after: None };
        }
        let request = self.client.http.request(method, url.clone()).timeout(left).bearer_auth(bearer.as_str());
        let request = match &body {
            Some(body) => request.json(body),
            None => request,
        };
        self.outcome(&url, request, client_request_id, bearer, expect).await
    }

    /// Sends a request once and says what became of it.
    async fn outcome(
        &self,
        url: &Url,
        request: RequestBuilder,
        client_request_id: Uuid,
        bearer: &Bearer,
        expect: Expect,
    ) -> WriteOutcome {
        let result = send(request.header("client-request-id", client_request_id.to_string())).await;
        note(url, client_request_id, &result);
        match result {
            Ok(answer) => {
                self.heed(&answer, bearer).await;
                judge(&answer, expect)
            }
            Err(Lost::NotConnected(why)) => WriteOutcome::NotSent { why, retry_after: None },
            Err(Lost::Broken(why)) => WriteOutcome::Unknown { why, request_id: None },
        }
    }

    /// What an answer asks of the next writes.
    async fn heed(&self, answer: &Answer, bearer: &Bearer) {
        let refused = answer.status == 401;
        let refused_again = self.token_refused.swap(refused, Ordering::Relaxed) && refused;
        if refused {
            // The next write signs in with what Graph asks for; this one is never sent again from here.
            self.client.tokens.forget(bearer, challenge(&answer.headers)).await;
        }
        let pause = match answer.status {
            // A new token was refused too (G13, G16).
            401 if refused_again => Some(SIGN_IN_PAUSE),
            429 => Some(answer.retry_after().unwrap_or(UNASKED_PAUSE)),
            503 => answer.retry_after(),
            _ => None,
        };
        if let Some(pause) = pause {
            let until = Moment::now().plus(pause);
            let mut paused = self.paused.lock().unwrap_or_else(PoisonError::into_inner);
            *paused = Some(paused.map_or(until, |known| known.max(until)));
        }
    }

    /// Asks Graph to reconcile a person's licenses once more: the answer is the true reason behind a license
    /// that hangs (4.3). It changes nothing that was not decided already, and needs `User.ReadWrite.All`.
    pub async fn reprocess(&self, user_id: UserId, client_request_id: Uuid, deadline: Duration) -> WriteOutcome {
        let until = Moment::now().plus(deadline);
        let bearer = match self.ready(until).await {
            Ok(bearer) => bearer,
            Err(not_sent) => return not_sent,
        };
        let url = self.client.cloud.graph(&format!("v1.0/users/{user_id}/reprocessLicenseAssignment"));
        let request = self.client.http.post(url.clone()).timeout(until.left()).bearer_auth(bearer.as_str());
        let request = request.header(CONTENT_LENGTH, 0);
        self.outcome(&url, request, client_request_id, &bearer, Expect::Object).await
    }

    fn pause_left(&self) -> Option<Duration> {
        let paused = self.paused.lock().unwrap_or_else(PoisonError::into_inner);
        paused.map(Moment::left).filter(|left| !left.is_zero())
    }
}

/// Without a token nothing was sent.
fn no_token(error: &ConnectorError) -> WriteOutcome {
    let why = match error.remedy() {
        Some(remedy) => format!("{error} {remedy}"),
        None => error.to_string(),
    };
    let retry_after = match error {
        ConnectorError::Throttled { retry_after } => Some(retry_after.unwrap_or(UNASKED_PAUSE)),
        ConnectorError::SignIn { .. } | ConnectorError::WrongTenant { .. } => Some(SIGN_IN_PAUSE),
        ConnectorError::MissingPermission { .. }
        | ConnectorError::Premium
        | ConnectorError::NotFound
        | ConnectorError::RestartListing
        | ConnectorError::Transient(_)
        | ConnectorError::Malformed(_)
        | ConnectorError::Configuration(_)
        | ConnectorError::File(_) => None,
    };
    WriteOutcome::NotSent { why, retry_after }
}

#[async_trait]
impl LicenseWriter for GraphWriter {
    async fn write(&self, write: &Write, client_request_id: Uuid, deadline: Duration) -> WriteOutcome {
        let until = Moment::now().plus(deadline);
        self.write_until(write, client_request_id, until).await
    }
}
