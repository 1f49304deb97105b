//! One answer as it came over the wire, and what an error body says.

use std::time::Duration;

use bytes::Bytes;
use jiff::fmt::rfc2822;
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, RETRY_AFTER};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::ConnectorError;

use super::patience::{Passing, Trouble};

/// How long a wait may be asked for before it counts as nonsense (G2).
const LONGEST_BELIEVED: Duration = Duration::from_secs(86_400);

/// How often an answer that is cut or not JSON is fetched again.
const TRIES_WHEN_GARBLED: u32 = 4;

/// How often the premium gate has to refuse: it does so now and then in tenants that have the
/// license (9#3).
const TRIES_AT_PREMIUM_GATE: u32 = 4;

/// Status, headers and the whole body.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    fn header(&self, name: impl reqwest::header::AsHeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Graph's own id of the request.
    pub(super) fn request_id(&self) -> Option<String> {
        self.header("request-id").map(|id| id.chars().take(80).collect())
    }

    /// Whether the answer says of itself that it is JSON; a captive portal's page does not (G17).
    pub(super) fn says_json(&self) -> bool {
        self.header(CONTENT_TYPE).is_some_and(|kind| kind.to_ascii_lowercase().contains("json"))
    }

    /// Whether the answer says of itself that it is a web page.
    pub(super) fn says_html(&self) -> bool {
        self.header(CONTENT_TYPE).is_some_and(|kind| kind.to_ascii_lowercase().contains("html"))
    }

    /// Where a redirect points.
    pub(super) fn location(&self) -> Option<&str> {
        self.header(reqwest::header::LOCATION)
    }

    /// How long to wait, in seconds or until an HTTP date. A date counts from the answer's own
    /// `Date`, so that no clock of ours takes part.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        let text = self.header(RETRY_AFTER)?.trim();
        let wait = match text.parse::<u64>() {
            Ok(seconds) => Duration::from_secs(seconds),
            Err(_) => {
                let seconds = http_date(text)? - http_date(self.header(DATE)?)?;
                Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
            }
        };
        (wait <= LONGEST_BELIEVED).then_some(wait)
    }

    /// The error this answer carries, if it is one in Graph's envelope.
    pub(super) fn graph_error(&self) -> Option<GraphError> {
        let value: Value = serde_json::from_slice(&self.body).ok()?;
        GraphError::read(&value)
    }

    /// The body as JSON of a known shape.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, Trouble> {
        if !self.says_json() {
            return Err(garbled(format!("{} came where JSON was expected; is there a proxy?", self.kind())));
        }
        serde_json::from_slice(&self.body).map_err(|error| {
            if error.is_data() {
                // Whole and valid, and not what it must be: nothing is concluded from it (9#11, 9#12).
                Trouble::Final(ConnectorError::Malformed(error.to_string()))
            } else {
                garbled(format!("the answer was cut off: {error}"))
            }
        })
    }

    /// The body as one number, which is all of it.
    pub(super) fn number(&self) -> Result<u64, Trouble> {
        let text = std::str::from_utf8(&self.body).unwrap_or_default().trim_start_matches('\u{feff}').trim();
        text.parse()
            .map_err(|_| garbled(format!("{} came where a number was expected; is there a proxy?", self.kind())))
    }

    fn kind(&self) -> String {
        let kind = self.header(CONTENT_TYPE).unwrap_or("an answer without a content type");
        kind.chars().take(60).collect()
    }

    /// What an answer other than a success means for a reading. `scope` is the permission that the
    /// reading needs.
    pub(super) fn reading_trouble(&self, scope: &str) -> Trouble {
        let error = self.graph_error();
        let passing = |error: ConnectorError| {
            Trouble::Passing(Passing { error, retry_after: self.retry_after(), tries: u32::MAX })
        };
        let words = error.as_ref().map_or_else(|| self.kind(), GraphError::words);
        match self.status {
            429 => passing(ConnectorError::Throttled { retry_after: self.retry_after() }),
            408 | 409 | 423 | 500 | 502..=599 => {
                passing(ConnectorError::Transient(format!("Microsoft Graph answered {}: {words}", self.status)))
            }
            300..=399 => garbled(format!("an unexpected redirect ({}); is there a proxy?", self.status)),
            // Not from Graph, whatever the number says.
            _ if error.is_none() => garbled(format!("{} with status {}; is there a proxy?", self.kind(), self.status)),
            403 if error.as_ref().is_some_and(GraphError::is_premium_gate) => Trouble::Passing(Passing {
                error: ConnectorError::Premium,
                retry_after: None,
                tries: TRIES_AT_PREMIUM_GATE,
            }),
            403 => Trouble::Final(ConnectorError::MissingPermission { scope: scope.to_owned() }),
            // A property or collection this cloud does not offer reads like one that is not there.
            404 | 501 => Trouble::Final(ConnectorError::NotFound),
            410 => Trouble::Final(ConnectorError::RestartListing),
            400 if error.as_ref().is_some_and(|error| error.has_code("Directory_ExpiredPageToken")) => {
                Trouble::Final(ConnectorError::RestartListing)
            }
            status => Trouble::Final(ConnectorError::Malformed(format!("Microsoft Graph answered {status}: {words}"))),
        }
    }
}

/// An answer that was spoiled on its way.
pub(super) fn garbled(why: String) -> Trouble {
    Trouble::Passing(Passing { tries: TRIES_WHEN_GARBLED, ..Passing::new(ConnectorError::Transient(why)) })
}

/// Seconds since 1970 of an HTTP date.
fn http_date(text: &str) -> Option<i64> {
    // RFC 2822 with the zone spelled out, which is how every server of today writes it.
    let text = text.trim().strip_suffix("GMT").map_or_else(|| text.to_owned(), |start| format!("{start}+0000"));
    rfc2822::DateTimeParser::new().parse_timestamp(&text).ok().map(jiff::Timestamp::as_second)
}

/// What an error body says: every code it carries, outermost first, and its message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GraphError {
    pub codes: Vec<String>,
    pub message: String,
}

impl GraphError {
    /// Reads the envelope. Reports answer with a second one, encoded as the first one's message; the
    /// inner error may nest, and its key has two spellings.
    fn read(value: &Value) -> Option<Self> {
        let mut error = value.get("error").filter(|error| error.is_object())?.clone();
        let mut found = Self { codes: Vec::new(), message: String::new() };
        // Deeper than this is nobody's error body.
        for _ in 0..8 {
            if let Some(code) = error["code"].as_str().filter(|code| !code.is_empty()) {
                found.codes.push(code.to_owned());
            }
            let message = error["message"].as_str().unwrap_or_default();
            let encoded: Option<Value> = serde_json::from_str(message).ok().filter(Value::is_object);
            if encoded.is_none() && !message.is_empty() {
                message.clone_into(&mut found.message);
            }
            let inner = encoded.map(|outer| outer["error"].clone());
            let Some(deeper) = inner.or_else(|| error.get("innerError").or_else(|| error.get("innererror")).cloned())
            else {
                break;
            };
            error = deeper;
        }
        Some(found)
    }

    /// Whether any of its codes is this one.
    pub(super) fn has_code(&self, code: &str) -> bool {
        self.codes.iter().any(|found| found == code)
    }

    fn is_premium_gate(&self) -> bool {
        self.has_code("Authentication_RequestFromNonPremiumTenantOrB2CTenant")
    }

    /// Code and message on one short line.
    pub(super) fn words(&self) -> String {
        let code = self.codes.last().map_or("no code", String::as_str);
        format!("{code}: {}", self.message).chars().take(300).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, headers: &[(&'static str, &str)], body: &str) -> Answer {
        let headers = headers
            .iter()
            .map(|(name, value)| {
                (reqwest::header::HeaderName::from_static(name), value.parse().expect("a header value"))
            })
            .collect();
        Answer { status, headers, body: Bytes::copy_from_slice(body.as_bytes()) }
    }

    const JSON: (&str, &str) = ("content-type", "application/json; charset=utf-8");

    #[test]
    fn both_forms_of_retry_after_are_read_and_nonsense_is_not() {
        let wait = |headers: &[(&'static str, &str)]| answer(429, headers, "").retry_after();
        let date = ("date", "Tue, 24 Nov 2026 13:00:00 GMT");
        assert_eq!(wait(&[("retry-after", "10")]), Some(Duration::from_secs(10)));
        assert_eq!(wait(&[date, ("retry-after", "Tue, 24 Nov 2026 13:01:30 GMT")]), Some(Duration::from_secs(90)));
        assert_eq!(wait(&[date, ("retry-after", "Tue, 24 Nov 2026 12:00:00 GMT")]), Some(Duration::ZERO));
        for nonsense in ["soon", "-4", "99999999", "1.5", ""] {
            assert_eq!(wait(&[date, ("retry-after", nonsense)]), None, "G2: {nonsense}");
        }
        assert_eq!(
            wait(&[("retry-after", "Tue, 24 Nov 2026 13:01:30 GMT")]),
            None,
            "a date needs a date to count from"
        );
        assert_eq!(wait(&[]), None);
    }

    #[test]
    fn an_error_is_read_in_every_shape_graph_gives_it() {
        let read = |body: &str| GraphError::read(&serde_json::from_str(body).expect("JSON"));
        let plain = read(r#"{"error":{"code":"Request_BadRequest","message":"No.","innerError":{"date":"x"}}}"#);
        assert_eq!(plain, Some(GraphError { codes: vec!["Request_BadRequest".into()], message: "No.".into() }));
        let nested = read(r#"{"error":{"code":"","message":"m","innererror":{"code":"a","innerError":{"code":"b"}}}}"#);
        assert_eq!(nested.expect("an error").codes, ["a", "b"]);
        let twice = read(
            r#"{"error":{"code":"UnknownError","message":"{\"error\":{\"code\":\"S2SUnauthorized\",\"message\":\"Invalid permission.\"}}"}}"#,
        )
        .expect("an error");
        assert_eq!(twice.codes, ["UnknownError", "S2SUnauthorized"]);
        assert_eq!(twice.message, "Invalid permission.");
        assert_eq!(read(r#"{"value":[]}"#), None);
        assert_eq!(read(r#"{"error":"invalid_client"}"#), None, "the sign-in service has another shape");
    }

    #[test]
    fn every_status_says_what_the_caller_can_do() {
        let body = |code: &str| format!(r#"{{"error":{{"code":"{code}","message":"m"}}}}"#);
        let table = [
            (429, "TooManyRequests", "passing: Microsoft Graph is throttling this app"),
            (500, "InternalServerError", "passing: Microsoft Graph answered 500: InternalServerError: m"),
            (503, "ServiceUnavailable", "passing: Microsoft Graph answered 503: ServiceUnavailable: m"),
            (504, "GatewayTimeout", "passing: Microsoft Graph answered 504: GatewayTimeout: m"),
            (
                409,
                "Directory_ConcurrencyViolation",
                "passing: Microsoft Graph answered 409: Directory_ConcurrencyViolation: m",
            ),
            (403, "Authorization_RequestDenied", "final: the permission User.Read.All is missing"),
            (
                403,
                "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
                "passing: sign-in activity needs Microsoft Entra ID P1",
            ),
            (404, "Request_ResourceNotFound", "final: not found"),
            (501, "NotImplemented", "final: not found"),
            (410, "resyncRequired", "final: the listing has to begin again"),
            (400, "Directory_ExpiredPageToken", "final: the listing has to begin again"),
            (
                400,
                "Request_BadRequest",
                "final: the answer cannot be read: Microsoft Graph answered 400: Request_BadRequest: m",
            ),
        ];
        for (status, code, expected) in table {
            let words = match answer(status, &[JSON], &body(code)).reading_trouble("User.Read.All") {
                Trouble::Passing(passing) => format!("passing: {}", passing.error),
                Trouble::Final(error) => format!("final: {error}"),
            };
            assert_eq!(words, expected);
        }
    }

    #[test]
    fn a_page_from_a_proxy_is_never_taken_for_graph() {
        for status in [302, 400, 401, 403, 404, 407, 511] {
            let trouble = answer(status, &[("content-type", "text/html")], "<html>").reading_trouble("x");
            assert!(matches!(trouble, Trouble::Passing(_)), "G17: {status}");
        }
        let page = answer(200, &[("content-type", "text/html")], "<html>").json::<Value>();
        assert!(matches!(page, Err(Trouble::Passing(_))));
    }

    #[test]
    fn a_cut_answer_is_fetched_again_and_a_wrong_one_is_not() {
        #[derive(Debug, serde::Deserialize)]
        struct Shape {
            #[expect(dead_code, reason = "only its presence matters")]
            value: Vec<u32>,
        }
        let read = |body: &str| answer(200, &[JSON], body).json::<Shape>();
        assert!(read(r#"{"value":[1,2]}"#).is_ok());
        for cut in [r#"{"value":[1,"#, r#"{"val"#, "", "{"] {
            assert!(matches!(read(cut), Err(Trouble::Passing(_))), "G11: {cut:?}");
        }
        for wrong in [r#"{"vale":[1]}"#, "{}", r#"{"value":null}"#, "[]"] {
            assert!(matches!(read(wrong), Err(Trouble::Final(ConnectorError::Malformed(_)))), "9#12: {wrong:?}");
        }
    }
}
