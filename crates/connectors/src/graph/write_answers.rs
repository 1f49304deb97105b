//! What became of a write, judged by the answer alone. Only an answer that Graph itself gave, whole,
//! is believed; of everything else nobody knows whether it happened, and that is what is said (I2).

use crate::license_writer::{Refusal, WriteOutcome};

use super::answer::{Answer, GraphError};

/// How much of a refused body is kept for the evidence.
const RAW_CHARS: usize = 4_000;

/// Makes a reason out of the whole message.
type Reason = fn(&str) -> Refusal;

/// Microsoft's words for each reason. All share one status and one code; the text is the only
/// difference, so a part that is the same in every known wording decides (4.1).
const TEXTS: &[(&str, Reason)] = &[
    ("does not have a corresponding license", |_| Refusal::NotHeld),
    ("inherited from a group membership", |_| Refusal::Inherited),
    ("does not have any available licenses", |_| Refusal::NoSeats),
    ("invalid usage location", |_| Refusal::UsageLocation),
    ("depends on the service plan", |message| Refusal::Dependency { plans: message.to_owned() }),
    ("are mutually exclusive", |_| Refusal::Exclusive),
    ("does not correspond to a valid company license", |_| Refusal::NotCompanySku),
];

/// What an answer says about a write.
pub(super) fn judge(answer: &Answer) -> WriteOutcome {
    let request_id = answer.request_id();
    let unknown = |why: String| WriteOutcome::Unknown { why, request_id: answer.request_id() };
    match answer.status {
        200..=299 => {
            let whole = answer.says_json()
                && serde_json::from_slice::<serde_json::Value>(&answer.body).is_ok_and(|body| body.is_object());
            if whole {
                WriteOutcome::Accepted { request_id }
            } else {
                unknown(format!("status {} without a whole JSON body", answer.status))
            }
        }
        // Microsoft has answered 429 after the change had happened (G5).
        429 => unknown("throttled (429)".to_owned()),
        400..=499 => match answer.graph_error().filter(|_| answer.says_json()) {
            Some(error) => refused(answer, &error),
            None => unknown(format!("status {} that is not in Graph's form", answer.status)),
        },
        status => unknown(format!("status {status}")),
    }
}

fn refused(answer: &Answer, error: &GraphError) -> WriteOutcome {
    let not_sent = |why: &str| WriteOutcome::NotSent { why: why.to_owned(), retry_after: answer.retry_after() };
    let reason = match answer.status {
        // Refused at the door, before the request was looked at (G12).
        401 => return not_sent("Microsoft Graph did not accept the token"),
        // Known not applied (G32).
        409 if error.has_code("Directory_ConcurrencyViolation") => {
            return not_sent("somebody else was changing the same account");
        }
        403 => Refusal::Forbidden,
        404 if error.has_code("Request_ResourceNotFound") => Refusal::UserNotFound,
        408 | 423 => {
            let why = format!("status {}: {}", answer.status, error.words());
            return WriteOutcome::Unknown { why, request_id: answer.request_id() };
        }
        _ => by_text(&error.message),
    };
    WriteOutcome::Refused {
        reason,
        message: error.message.chars().take(RAW_CHARS).collect(),
        request_id: answer.request_id(),
        raw: String::from_utf8_lossy(&answer.body).chars().take(RAW_CHARS).collect(),
    }
}

fn by_text(message: &str) -> Refusal {
    let folded = message.to_ascii_lowercase();
    TEXTS.iter().find(|(part, _)| folded.contains(part)).map_or(Refusal::Other, |(_, reason)| reason(message))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use reqwest::header::{HeaderMap, HeaderName};
    use serde_json::json;

    use super::*;

    fn answer(status: u16, kind: &str, body: &str) -> Answer {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", kind.parse().expect("a header value"));
        headers.insert(HeaderName::from_static("request-id"), "r-1".parse().expect("a header value"));
        Answer { status, headers, body: Bytes::copy_from_slice(body.as_bytes()) }
    }

    fn error(status: u16, code: &str, message: &str) -> WriteOutcome {
        let body = json!({"error": {"code": code, "message": message, "innerError": {"request-id": "x"}}}).to_string();
        judge(&answer(status, "application/json", &body))
    }

    fn reason(status: u16, code: &str, message: &str) -> Refusal {
        match error(status, code, message) {
            WriteOutcome::Refused { reason, message: kept, raw, request_id } => {
                assert_eq!(kept, message);
                assert!(raw.contains(code), "the raw body is evidence");
                assert_eq!(request_id.as_deref(), Some("r-1"));
                reason
            }
            other => panic!("{status} {message}: {other:?}"),
        }
    }

    #[test]
    fn every_refusal_is_told_by_its_text() {
        let bad = |message: &str| reason(400, "Request_BadRequest", message);
        assert_eq!(bad("User does not have a corresponding license."), Refusal::NotHeld);
        assert_eq!(
            bad("User license is inherited from a group membership and it cannot be removed directly from the user."),
            Refusal::Inherited
        );
        assert_eq!(
            bad("License 06ebc4ee-1bb5-47dd-8120-11324bc54e06 does not correspond to a valid company License."),
            Refusal::NotCompanySku
        );
        assert_eq!(
            bad("Subscription with SKU 06ebc4ee-1bb5-47dd-8120-11324bc54e06 does not have any available licenses."),
            Refusal::NoSeats
        );
        assert_eq!(
            bad("License assignment cannot be done for user with invalid usage location."),
            Refusal::UsageLocation
        );
        assert_eq!(
            bad("License assignment failed because service plans a, b are mutually exclusive."),
            Refusal::Exclusive
        );
        let dependent = "License assignment failed because service plan a depends on the service plan(s) b";
        assert_eq!(bad(dependent), Refusal::Dependency { plans: dependent.to_owned() });
        assert_eq!(bad("License x cannot be assigned to a user."), Refusal::Other);
        assert_eq!(bad("Der Benutzer hat keine entsprechende Lizenz."), Refusal::Other, "never taken for success");
        assert_eq!(reason(403, "Authorization_RequestDenied", "Insufficient privileges."), Refusal::Forbidden, "G14");
        assert_eq!(reason(404, "Request_ResourceNotFound", "Resource 'x' does not exist."), Refusal::UserNotFound);
        assert_eq!(reason(404, "BadRequest", "Resource not found for the segment 'userz'."), Refusal::Other);
        assert_eq!(reason(409, "Conflict", "Something."), Refusal::Other);
    }

    #[test]
    fn what_was_provably_not_processed_is_not_sent() {
        assert!(matches!(error(401, "InvalidAuthenticationToken", "Expired."), WriteOutcome::NotSent { .. }), "G12");
        assert!(matches!(error(409, "Directory_ConcurrencyViolation", "m"), WriteOutcome::NotSent { .. }), "G32");
    }

    #[test]
    fn what_nobody_knows_is_unknown() {
        for (status, kind, body) in [
            (429, "application/json", r#"{"error":{"code":"TooManyRequests","message":"m"}}"#),
            (500, "application/json", r#"{"error":{"code":"UnknownError","message":""}}"#),
            (502, "text/html", "<html>"),
            (503, "application/json", ""),
            (504, "application/json", "{}"),
            (200, "application/json", r#"{"@odata.context":"x","id":"#),
            (200, "application/json", ""),
            (200, "application/json", "[]"),
            (200, "text/html", "<html>"),
            (200, "text/html", r#"{"id":"x"}"#),
            (204, "application/json", ""),
            (302, "text/html", ""),
            (400, "text/html", "<html>"),
            (400, "application/json", r#"{"error":{"code":"Request_BadRequest","mess"#),
            (403, "text/html", "blocked by the proxy"),
            (401, "text/html", "sign in to the proxy"),
            (408, "application/json", r#"{"error":{"code":"x","message":"m"}}"#),
        ] {
            let outcome = judge(&answer(status, kind, body));
            assert!(
                matches!(&outcome, WriteOutcome::Unknown { request_id, .. } if request_id.as_deref() == Some("r-1")),
                "G5, G9 to G11, G17: {status} {kind} {body}: {outcome:?}"
            );
        }
    }

    #[test]
    fn a_whole_answer_is_accepted() {
        let outcome = judge(&answer(200, "application/json; charset=utf-8", r#"{"id":"x"}"#));
        assert_eq!(outcome, WriteOutcome::Accepted { request_id: Some("r-1".to_owned()) });
    }
}
