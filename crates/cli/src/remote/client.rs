//! One caller of the REST interface: the token's owner.

use std::time::Duration;

use anyhow::Context as _;
use reqwest::{Method, StatusCode, header};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use crate::exit::{Complaint, Exit};
use crate::secret::Secret;

/// Flags of every command that goes through REST.
#[derive(Debug, Clone, clap::Args)]
pub struct RemoteArgs {
    /// Where the server is, such as http://127.0.0.1:8420
    #[arg(long, value_name = "URL", env = "RESEAT_URL")]
    pub url: Option<String>,
    /// The API token of whoever acts; better given as RESEAT_TOKEN
    #[arg(long, value_name = "TOKEN", env = "RESEAT_TOKEN", hide_env_values = true)]
    pub token: Option<String>,
    /// Print JSON instead of a table
    #[arg(long)]
    pub json: bool,
}

/// Talks to a server as one person.
#[derive(Clone)]
pub struct Client {
    api: String,
    token: Secret,
    http: reqwest::Client,
}

#[derive(Deserialize)]
struct Problem {
    code: String,
    detail: String,
    field: Option<String>,
    remedy: Option<String>,
    expected: Option<u64>,
}

impl Client {
    /// From flags or environment.
    pub fn from_args(args: &RemoteArgs) -> anyhow::Result<Self> {
        let remedy = "Set RESEAT_URL and RESEAT_TOKEN, or give --url and --token; a token is made in the console under Settings.";
        let url = args.url.as_ref().ok_or_else(|| Complaint::usage("it is not known where the server is", remedy))?;
        let token = args.token.as_ref().ok_or_else(|| Complaint::usage("there is no API token to act with", remedy))?;
        Self::new(url, Secret::new(token.trim()))
    }

    /// For a server's root, or the root of its REST interface.
    pub fn new(url: &str, token: Secret) -> anyhow::Result<Self> {
        let root = url.trim().trim_end_matches('/').trim_end_matches("/api/v1");
        let parsed = reqwest::Url::parse(root).map_err(|_| {
            Complaint::usage(format!("not the address of a server: {url:?}"), "It looks like http://127.0.0.1:8420.")
        })?;
        let http = reqwest::Client::builder()
            .user_agent(concat!("reseat/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_secs(10))
            .timeout(Duration::from_secs(120));
        // Plain http is this machine: no proxy of the environment may see the token, and no roots are needed.
        let http = if parsed.scheme() == "http" { http.no_proxy().tls_certs_only([]) } else { http };
        Ok(Self { api: format!("{root}/api/v1"), token, http: http.build().context("cannot set up HTTP")? })
    }

    /// Reads.
    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.ask(self.request(Method::GET, path)).await
    }

    /// Commands.
    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.post_under(path, body, Uuid::new_v4()).await
    }

    /// A command under a key of the caller's: sent again with the same key it changes nothing twice.
    pub async fn post_under(&self, path: &str, body: &Value, key: Uuid) -> anyhow::Result<Value> {
        self.ask(self.request(Method::POST, path).header("idempotency-key", key.to_string()).json(body)).await
    }

    /// Sets.
    pub async fn put(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.ask(self.request(Method::PUT, path).json(body)).await
    }

    /// Removes.
    pub async fn delete(&self, path: &str) -> anyhow::Result<Value> {
        self.ask(self.request(Method::DELETE, path)).await
    }

    /// Sends a CSV file.
    pub async fn post_csv(&self, path: &str, bytes: Vec<u8>) -> anyhow::Result<Value> {
        self.ask(self.request(Method::POST, path).header(header::CONTENT_TYPE, "text/csv").body(bytes)).await
    }

    /// Every item of a list, page by page, at most `most`.
    pub async fn list(&self, path: &str, most: usize) -> anyhow::Result<Vec<Value>> {
        let mut items = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let page_size = (most - items.len()).min(200);
            let mut request = self.request(Method::GET, path).query(&[("limit", page_size.to_string())]);
            if let Some(cursor) = &cursor {
                request = request.query(&[("cursor", cursor)]);
            }
            let page = self.ask(request).await?;
            items.extend(page["items"].as_array().cloned().unwrap_or_default());
            cursor = page["next_cursor"].as_str().map(str::to_owned);
            if cursor.is_none() || items.len() >= most {
                return Ok(items);
            }
        }
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.api)).bearer_auth(self.token.reveal())
    }

    async fn ask(&self, request: reqwest::RequestBuilder) -> anyhow::Result<Value> {
        let response = request.send().await.map_err(|error| {
            let remedy = "Check that the server runs and that RESEAT_URL is its address.";
            Complaint::failed(format!("the server at {} does not answer: {}", self.api, why(&error)), remedy)
        })?;
        let status = response.status();
        let bytes = response.bytes().await.context("the server's answer broke off")?;
        if status.is_success() {
            if bytes.is_empty() {
                return Ok(Value::Null);
            }
            return serde_json::from_slice(&bytes)
                .context("the server's answer is not JSON; is RESEAT_URL a Reseat server?");
        }
        Err(complaint(status, &bytes))
    }
}

/// An error with its causes on one line, without the address.
fn why(error: &reqwest::Error) -> String {
    let mut source = std::error::Error::source(error);
    let mut last = "the request failed".to_owned();
    while let Some(cause) = source {
        last = cause.to_string();
        source = cause.source();
    }
    last
}

/// One sentence and its remedy from a problem.
fn complaint(status: StatusCode, bytes: &[u8]) -> anyhow::Error {
    let Ok(problem) = serde_json::from_slice::<Problem>(bytes) else {
        return Complaint::failed(
            format!("the server answered {status} and not in the words of Reseat"),
            "Check that RESEAT_URL is the address of a Reseat server.",
        );
    };
    let exit = match problem.code.as_str() {
        "forbidden"
        | "not_allowed"
        | "conflict"
        | "stale_plan"
        | "not_approved"
        | "frozen"
        | "typed_count"
        | "held"
        | "precondition_failed"
        | "idempotency_mismatch" => Exit::Refused,
        "invalid" | "too_large" => Exit::Usage,
        _ => Exit::Failed,
    };
    let sentence = match &problem.field {
        Some(field) => format!("{field}: {}", problem.detail),
        None => problem.detail,
    };
    let remedy = match (problem.code.as_str(), problem.expected) {
        ("typed_count", Some(expected)) => Some(format!("Give --count {expected} to confirm the number.")),
        _ => problem.remedy,
    };
    anyhow::Error::new(Complaint { exit, sentence, remedy })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exit_of(body: &str) -> (Exit, String) {
        let error = complaint(StatusCode::CONFLICT, body.as_bytes());
        let complaint = error.downcast_ref::<Complaint>().expect("it is one");
        (complaint.exit, complaint.to_string())
    }

    #[test]
    fn a_refusal_by_a_rule_has_its_own_code_and_says_what_helps() {
        let frozen = r#"{"code":"frozen","detail":"Writes are frozen: audit.","remedy":"Thaw first."}"#;
        assert_eq!(exit_of(frozen), (Exit::Refused, "Writes are frozen: audit.\n  Thaw first.".to_owned()));
        let count = r#"{"code":"typed_count","detail":"This concerns 12 seats.","expected":12}"#;
        assert!(exit_of(count).1.contains("--count 12"));
        assert_eq!(exit_of(r#"{"code":"unavailable","detail":"Later."}"#).0, Exit::Failed);
        assert_eq!(exit_of("<html>").0, Exit::Failed);
    }
}
