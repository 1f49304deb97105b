//! The token endpoint of one tenant: one form, one answer.

use std::time::Duration;

use reqwest::Url;
use reseat_domain::ids::TenantId;
use serde::Deserialize;
use uuid::Uuid;

use crate::error::ConnectorError;

use super::answer::{Answer, garbled};
use super::cloud::Cloud;
use super::credentials::Fields;
use super::follow::send;
use super::patience::{Passing, Trouble};
use super::token_errors::{TokenError, TokenTrouble};

/// How long the sign-in service may take for one answer.
pub(super) const TOKEN_TIMEOUT: Duration = Duration::from_secs(15);

pub(super) struct TokenEndpoint {
    http: reqwest::Client,
    pub(super) url: Url,
}

/// What was granted.
#[derive(Deserialize)]
pub(super) struct Grant {
    pub access_token: String,
    #[serde(default)]
    pub expires_in: u64,
    #[serde(default)]
    pub refresh_token: Option<String>,
    #[serde(default)]
    pub id_token: Option<String>,
    #[serde(default)]
    pub scope: Option<String>,
}

/// A token request that was not granted.
pub(super) struct Refused {
    pub trouble: Trouble,
    /// It was about the refresh token itself: another one may do.
    pub token_unknown: bool,
}

impl From<Trouble> for Refused {
    fn from(trouble: Trouble) -> Self {
        Self { trouble, token_unknown: false }
    }
}

impl From<ConnectorError> for Refused {
    fn from(error: ConnectorError) -> Self {
        Self::from(Trouble::Final(error))
    }
}

impl TokenEndpoint {
    pub(super) fn new(http: reqwest::Client, cloud: &Cloud, tenant_id: TenantId) -> Self {
        Self { http, url: cloud.authority(&format!("{tenant_id}/oauth2/v2.0/token")) }
    }

    /// Sends one request once.
    pub(super) async fn ask(
        &self,
        form: &Fields,
        client_request_id: Uuid,
        timeout: Duration,
    ) -> Result<Grant, Refused> {
        let request = self
            .http
            .post(self.url.clone())
            .header("client-request-id", client_request_id.to_string())
            .timeout(timeout.min(TOKEN_TIMEOUT))
            .form(form);
        let answer = send(request).await.map_err(|lost| lost.trouble("Microsoft's sign-in service"))?;
        if answer.status != 200 {
            return Err(refusal(&answer));
        }
        Ok(answer.json::<Grant>()?)
    }
}

/// What a refused token request means.
fn refusal(answer: &Answer) -> Refused {
    let passing = |error| Trouble::Passing(Passing { error, retry_after: answer.retry_after(), tries: u32::MAX });
    if answer.status == 429 {
        return passing(ConnectorError::Throttled { retry_after: answer.retry_after() }).into();
    }
    let body = serde_json::from_slice::<TokenError>(&answer.body).ok().filter(|_| answer.says_json());
    let Some(body) = body.filter(|_| answer.status >= 400) else {
        let why = format!("the sign-in service answered {} without saying why; is there a proxy?", answer.status);
        return garbled(why).into();
    };
    match body.trouble() {
        TokenTrouble::Later { message } => passing(ConnectorError::Transient(message)).into(),
        TokenTrouble::Stop { .. } if answer.status >= 500 => {
            passing(ConnectorError::Transient(format!("the sign-in service answered {}", answer.status))).into()
        }
        TokenTrouble::Stop { message, remedy } => Refused {
            trouble: Trouble::Final(ConnectorError::SignIn { message, remedy }),
            token_unknown: body.is_about_the_refresh_token(),
        },
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use reqwest::header::HeaderMap;

    use super::*;

    #[test]
    fn a_refusal_stops_and_a_fault_passes() {
        let answer = |status, kind: &str, body: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("content-type", kind.parse().expect("a header value"));
            Answer { status, headers, body: Bytes::copy_from_slice(body.as_bytes()) }
        };
        let json = "application/json";
        let expired = r#"{"error":"invalid_client","error_codes":[7000222]}"#;
        let stopped = refusal(&answer(401, json, expired)).trouble;
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
            let trouble = refusal(&answer(status, kind, body)).trouble;
            assert!(matches!(trouble, Trouble::Passing(_)), "{status} {body}");
        }
    }
}
