//! Errors as Graph words them.

use crate::clock::{Millis, second_text};
use serde_json::{Value, json};

/// A refusal: status, code and message on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphError {
    pub status: u16,
    pub code: &'static str,
    pub message: String,
}

impl GraphError {
    pub fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    /// 400 with the code most license refusals share.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "Request_BadRequest", message)
    }

    pub fn denied() -> Self {
        Self::new(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
    }

    pub fn not_found(id: &str) -> Self {
        Self::new(
            404,
            "Request_ResourceNotFound",
            format!("Resource '{id}' does not exist or one of its queried reference-property objects are not present."),
        )
    }

    /// What reports and their settings answer without their permission: the true error lies encoded in the message.
    pub fn report_denied() -> Self {
        let inner = json!({"error": {"code": "S2SUnauthorized", "message": "Invalid permission."}});
        Self::new(403, "UnknownError", inner.to_string())
    }

    /// The error envelope.
    pub fn body(&self, now: Millis, request_id: &str, client_request_id: &str) -> Value {
        json!({"error": {
            "code": self.code,
            "message": self.message,
            "innerError": {
                "date": second_text(now / 1000).trim_end_matches('Z'),
                "request-id": request_id,
                "client-request-id": client_request_id,
            },
        }})
    }
}
