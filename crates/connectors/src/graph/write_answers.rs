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
    ("cannot be assigned to a user", |_| Refusal::CompanyWide),
];

/// Microsoft's words about memberships (4.4).
const GROUP_TEXTS: &[(&str, Reason)] = &[
    ("on-premises mastered directory sync objects", |_| Refusal::SyncedGroup),
    ("mail-enabled security group", |_| Refusal::MailEnabledGroup),
    ("originated within an external service", |_| Refusal::MailEnabledGroup),
    ("dynamic membership", |_| Refusal::DynamicGroup),
    ("added object references already exist", |_| Refusal::AlreadyMember),
];

/// What a success of a write looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expect {
    /// 200 with an object.
    Object,
    /// 204 without a body, after a membership was removed.
    NothingAfterLeaving,
    /// 204 without a body, after one was added.
    NothingAfterJoining,
}

/// What an answer says about a write.
pub(super) fn judge(answer: &Answer, expect: Expect) -> WriteOutcome {
    let request_id = answer.request_id();
    let unknown = |why: String| WriteOutcome::Unknown { why, request_id: answer.request_id() };
    match answer.status {
        204 if expect != Expect::Object => {
            if answer.body.is_empty() {
                WriteOutcome::Accepted { request_id }
            } else {
                unknown("status 204 with a body".to_owned())
            }
        }
        200..=299 => {
            let whole = expect == Expect::Object
                && answer.says_json()
                && serde_json::from_slice::<serde_json::Value>(&answer.body).is_ok_and(|body| body.is_object());
            if whole {
                WriteOutcome::Accepted { request_id }
            } else {
                unknown(format!("status {} without what a success has", answer.status))
            }
        }
        // Microsoft has answered 429 after the change had happened (G5).
        429 => unknown("throttled (429)".to_owned()),
        400..=499 => match answer.graph_error().filter(|_| answer.says_json()) {
            Some(error) => refused(answer, &error, expect),
            None => unknown(format!("status {} that is not in Graph's form", answer.status)),
        },
        status => unknown(format!("status {status}")),
    }
}

fn refused(answer: &Answer, error: &GraphError, expect: Expect) -> WriteOutcome {
    let not_sent = |why: &str| WriteOutcome::NotSent { why: why.to_owned(), retry_after: answer.retry_after() };
    let reason = match answer.status {
        // Refused at the door, before the request was looked at (G12).
        401 => return not_sent("Microsoft Graph did not accept the token"),
        // Known not applied (G32).
        409 if error.has_code("Directory_ConcurrencyViolation") => {
            return not_sent("somebody else was changing the same account");
        }
        403 => Refusal::Forbidden,
        404 if error.has_code("Request_ResourceNotFound") => match expect {
            Expect::Object => Refusal::UserNotFound,
            Expect::NothingAfterLeaving => Refusal::NotAMember,
            // Which of the two is gone is not told.
            Expect::NothingAfterJoining => Refusal::Other,
        },
        408 | 423 => {
            let why = format!("status {}: {}", answer.status, error.words());
            return WriteOutcome::Unknown { why, request_id: answer.request_id() };
        }
        _ => by_text(if expect == Expect::Object { TEXTS } else { GROUP_TEXTS }, &error.message),
    };
    WriteOutcome::Refused {
        reason,
        message: error.message.chars().take(RAW_CHARS).collect(),
        request_id: answer.request_id(),
        raw: String::from_utf8_lossy(&answer.body).chars().take(RAW_CHARS).collect(),
    }
}

fn by_text(texts: &[(&str, Reason)], message: &str) -> Refusal {
    let folded = message.to_ascii_lowercase();
    texts.iter().find(|(part, _)| folded.contains(part)).map_or(Refusal::Other, |(_, reason)| reason(message))
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
        judge(&answer(status, "application/json", &body), Expect::Object)
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

    /// Each row of the failure matrix of 4.1 becomes a test of its own.
    macro_rules! rows {
        ($($name:ident: $status:literal $code:literal $text:expr => $reason:expr;)+) => {
            $(
                #[test]
                fn $name() {
                    assert_eq!(reason($status, $code, $text), $reason, "4.1: {}", $text);
                }
            )+
        };
    }

    rows! {
        row_4_1_not_held: 400 "Request_BadRequest" "User does not have a corresponding license." => Refusal::NotHeld;
        row_4_1_inherited: 400 "Request_BadRequest"
            "User license is inherited from a group membership and it cannot be removed directly from the user."
            => Refusal::Inherited;
        row_4_1_not_owned_by_the_tenant: 400 "Request_BadRequest"
            "License 06ebc4ee-1bb5-47dd-8120-11324bc54e06 does not correspond to a valid company License."
            => Refusal::NotCompanySku;
        row_4_1_no_seats_left: 400 "Request_BadRequest"
            "Subscription with SKU 06ebc4ee-1bb5-47dd-8120-11324bc54e06 does not have any available licenses."
            => Refusal::NoSeats;
        row_4_1_usage_location: 400 "Request_BadRequest"
            "License assignment cannot be done for user with invalid usage location." => Refusal::UsageLocation;
        row_4_1_mutually_exclusive: 400 "Request_BadRequest"
            "License assignment failed because service plans a, b are mutually exclusive." => Refusal::Exclusive;
        row_4_1_dependency: 400 "Request_BadRequest"
            "License assignment failed because service plan a depends on the service plan(s) b"
            => Refusal::Dependency {
                plans: "License assignment failed because service plan a depends on the service plan(s) b".to_owned()
            };
        row_4_1_company_level: 400 "Request_BadRequest" "License x cannot be assigned to a user."
            => Refusal::CompanyWide;
        row_4_1_plan_of_another_sku_has_no_confirmed_text: 400 "Request_BadRequest"
            "License assignment failed because service plan x is not a part of license y." => Refusal::Other;
        row_4_1_malformed_body_has_no_confirmed_text: 400 "Request_BadRequest" "Invalid GUID:x" => Refusal::Other;
        row_4_1_self_service_purchase_has_no_confirmed_text: 400 "Request_BadRequest"
            "This license was bought by the user." => Refusal::Other;
        row_4_1_caller_lacks_permission: 403 "Authorization_RequestDenied"
            "Insufficient privileges to complete the operation." => Refusal::Forbidden;
        row_4_1_unknown_user: 404 "Request_ResourceNotFound" "Resource 'x' does not exist." => Refusal::UserNotFound;
        another_404_is_no_missing_user: 404 "BadRequest" "Resource not found for the segment 'userz'."
            => Refusal::Other;
        another_409_is_no_concurrent_change: 409 "Conflict" "Something." => Refusal::Other;
        a_text_in_another_language_is_never_taken_for_success: 400 "Request_BadRequest"
            "Der Benutzer hat keine entsprechende Lizenz." => Refusal::Other;
    }

    #[test]
    fn row_4_1_concurrent_change_is_known_not_applied_and_throttled_is_not_known() {
        assert!(matches!(error(409, "Directory_ConcurrencyViolation", "m"), WriteOutcome::NotSent { .. }), "4.1, G32");
        assert!(matches!(error(429, "TooManyRequests", "m"), WriteOutcome::Unknown { .. }), "4.1, G5");
        assert!(matches!(error(429, "Request_ThrottledTemporarily", "m"), WriteOutcome::Unknown { .. }), "4.1, G5");
    }

    fn of_group(status: u16, code: &str, message: &str, expect: Expect) -> WriteOutcome {
        let body = json!({"error": {"code": code, "message": message, "innerError": {"request-id": "x"}}}).to_string();
        judge(&answer(status, "application/json", &body), expect)
    }

    #[test]
    fn each_refusal_of_a_membership_is_told_by_its_text() {
        let leaving = Expect::NothingAfterLeaving;
        for (status, code, text, expect, wanted) in [
            (
                400,
                "Request_BadRequest",
                "Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration.",
                leaving,
                Refusal::SyncedGroup,
            ),
            (
                400,
                "Request_BadRequest",
                "Cannot Update a mail-enabled security groups and or distribution list.",
                leaving,
                Refusal::MailEnabledGroup,
            ),
            (
                400,
                "Request_BadRequest",
                "Unable to update the specified properties for objects that have originated within an external service.",
                leaving,
                Refusal::MailEnabledGroup,
            ),
            (
                400,
                "Request_BadRequest",
                "A group with dynamic membership cannot be changed.",
                leaving,
                Refusal::DynamicGroup,
            ),
            (403, "Authorization_RequestDenied", "Insufficient privileges.", leaving, Refusal::Forbidden),
            (404, "Request_ResourceNotFound", "Resource 'x' does not exist.", leaving, Refusal::NotAMember),
            (404, "BadRequest", "Resource not found for the segment.", leaving, Refusal::Other),
            (
                400,
                "Request_BadRequest",
                "One or more added object references already exist for the following modified properties: 'members'.",
                Expect::NothingAfterJoining,
                Refusal::AlreadyMember,
            ),
            (404, "Request_ResourceNotFound", "Resource 'x'.", Expect::NothingAfterJoining, Refusal::Other),
            (400, "Request_BadRequest", "User does not have a corresponding license.", leaving, Refusal::Other),
        ] {
            match of_group(status, code, text, expect) {
                WriteOutcome::Refused { reason, raw, .. } => {
                    assert_eq!(reason, wanted, "4.4: {text}");
                    assert!(raw.contains(code), "the raw body is evidence");
                }
                other => panic!("4.4: {text}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_membership_is_changed_by_an_answer_without_a_body_and_by_no_other() {
        for expect in [Expect::NothingAfterLeaving, Expect::NothingAfterJoining] {
            let accepted = WriteOutcome::Accepted { request_id: Some("r-1".to_owned()) };
            assert_eq!(judge(&answer(204, "", ""), expect), accepted, "4.4");
            for (status, kind, body) in [
                (200, "application/json", r#"{"id":"x"}"#),
                (200, "text/html", "<html>"),
                (202, "", ""),
                (204, "text/html", "<html>"),
            ] {
                let outcome = judge(&answer(status, kind, body), expect);
                assert!(matches!(outcome, WriteOutcome::Unknown { .. }), "G17: {status} {kind}: {outcome:?}");
            }
        }
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
            let outcome = judge(&answer(status, kind, body), Expect::Object);
            assert!(
                matches!(&outcome, WriteOutcome::Unknown { request_id, .. } if request_id.as_deref() == Some("r-1")),
                "G5, G9 to G11, G17: {status} {kind} {body}: {outcome:?}"
            );
        }
    }

    #[test]
    fn a_whole_answer_is_accepted() {
        let outcome = judge(&answer(200, "application/json; charset=utf-8", r#"{"id":"x"}"#), Expect::Object);
        assert_eq!(outcome, WriteOutcome::Accepted { request_id: Some("r-1".to_owned()) });
    }
}
