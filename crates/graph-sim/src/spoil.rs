//! Faults at work: answers in Graph's place, and answers spoiled although everything happened.

use crate::clock::Millis;
use crate::errors::GraphError;
use crate::faults::{Bite, Fault};
use crate::request::{Reply, Request, Wire};
use crate::sim::Sim;

impl Sim {
    /// Faults that answer in Graph's place before anything happened.
    pub fn before_effect(&self, request: &Request, bite: Bite) -> Option<Reply> {
        let now = self.now();
        let client = request.header("client-request-id").unwrap_or(&request.request_id);
        let throttled = || {
            Reply::json(
                429,
                &GraphError::new(429, "TooManyRequests", "Too many requests").body(now, &request.request_id, client),
            )
        };
        Some(match bite.fault {
            Fault::ThrottledWithRetryAfter | Fault::ThrottleStorm | Fault::ThrottledInsideBatch => throttled().and_header("retry-after", (1 + bite.draw % 3).to_string()),
            Fault::ThrottledWithoutRetryAfter => throttled(),
            Fault::ServerErrorBeforeEffect => server_error(bite, now, request),
            Fault::ResetBeforeFirstByte => Reply { wire: Wire::Reset, ..Reply::empty(500) },
            Fault::HtmlFromProxy => Reply::with_type(200, "text/html", b"<!DOCTYPE html><html><head><title>Sign in to the network</title></head><body>Please accept the terms of use.</body></html>".to_vec()),
            Fault::ThrottledAfterEffect
            | Fault::BatchIdsWrong
            | Fault::ServerErrorAfterEffect
            | Fault::ResetAfterEffect
            | Fault::TruncatedAnswer
            | Fault::TokenExpired
            | Fault::TokenRevoked
            | Fault::ForbiddenOnOne
            | Fault::Slow
            | Fault::StaleRead
            | Fault::FlickeringRead
            | Fault::ReAssignedByAnother
            | Fault::BecameInherited
            | Fault::AlreadyGone
            | Fault::PlansChanged
            | Fault::NextLinkExpiredOrLooping
            | Fault::DeltaExpired => return None,
        })
    }
}

fn server_error(bite: Bite, now: Millis, request: &Request) -> Reply {
    let (status, code) =
        [(500, "InternalServerError"), (502, "BadGateway"), (503, "ServiceUnavailable"), (504, "GatewayTimeout")]
            [usize::try_from(bite.draw % 4).unwrap_or(0)];
    let client = request.header("client-request-id").unwrap_or(&request.request_id);
    let body = GraphError::new(status, code, "An error has occurred.").body(now, &request.request_id, client);
    let reply = Reply::json(status, &body);
    // A busy service sometimes says when to come back, and sometimes does not.
    if status == 503 && bite.draw & 16 == 0 {
        reply.and_header("retry-after", (1 + bite.draw % 3).to_string())
    } else {
        reply
    }
}

/// Faults that spoil the answer although everything happened.
pub fn after_effect(reply: &mut Reply, bite: Bite) {
    match bite.fault {
        Fault::ThrottledAfterEffect => {
            *reply = Reply::json(
                429,
                &serde_json::json!({"error": {"code": "TooManyRequests", "message": "Too many requests"}}),
            )
            .and_header("retry-after", (1 + bite.draw % 3).to_string());
        }
        Fault::ServerErrorAfterEffect => {
            let status = [500, 502, 503, 504][usize::try_from(bite.draw % 4).unwrap_or(0)];
            *reply = Reply::json(status, &serde_json::json!({"error": {"code": "UnknownError", "message": ""}}));
        }
        Fault::ResetAfterEffect => reply.wire = Wire::Reset,
        // A redirect is never truncated: the download it leads to is.
        Fault::TruncatedAnswer if reply.status == 302 => {}
        // Of an answer without a body nothing can be missing but the answer.
        Fault::TruncatedAnswer if reply.body.len() < 2 => reply.wire = Wire::Reset,
        Fault::TruncatedAnswer => {
            let keep = 1 + usize::try_from(bite.draw >> 1).unwrap_or(7) % (reply.body.len() - 1);
            // One in two keeps the connection whole: the answer then looks complete and is not.
            if bite.draw & 1 == 0 {
                reply.cut_to(keep);
            } else {
                reply.body.truncate(keep);
            }
        }
        Fault::Slow => reply.delay_ms += bite.delay_ms,
        // These had their say before the effect, or within the route.
        Fault::ThrottledWithRetryAfter
        | Fault::ThrottledWithoutRetryAfter
        | Fault::ThrottleStorm
        | Fault::ThrottledInsideBatch
        | Fault::BatchIdsWrong
        | Fault::ServerErrorBeforeEffect
        | Fault::ResetBeforeFirstByte
        | Fault::TokenExpired
        | Fault::TokenRevoked
        | Fault::ForbiddenOnOne
        | Fault::HtmlFromProxy
        | Fault::StaleRead
        | Fault::FlickeringRead
        | Fault::ReAssignedByAnother
        | Fault::BecameInherited
        | Fault::AlreadyGone
        | Fault::PlansChanged
        | Fault::NextLinkExpiredOrLooping
        | Fault::DeltaExpired => {}
    }
}
