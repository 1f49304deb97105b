//! The one shape of every refusal: RFC 9457, with a stable `code`, what to do about it, and the id
//! under which the log tells more.
//!
//! A handler answers `Result<_, Problem>`. Use the constructors here; a command's error becomes one
//! by `?`. What a caller must not learn goes to the log, not into `detail`.

use std::borrow::Cow;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use reseat_engine::{CommandError, EngineError};
use reseat_store::StoreError;
use serde::Serialize;
use utoipa::ToSchema;

/// Why a request was not carried out. Boxed, because it travels in every `Result`.
#[derive(Debug, Clone)]
pub struct Problem(Box<ProblemBody>);

/// Why a request was not carried out (RFC 9457).
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Always `about:blank`: `code` says which problem it is.
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    kind: &'static str,
    /// The status in words.
    title: Cow<'static, str>,
    /// The HTTP status.
    status: u16,
    /// What happened, in one sentence.
    detail: String,
    /// Which problem, for programs. Stable.
    code: ProblemCode,
    /// Which field is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// What can be done about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
    /// The number to type, for `typed_count`.
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<usize>,
    /// Seconds to wait, for `rate_limited`.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_seconds: Option<i64>,
    /// Under which id the log tells more.
    request_id: String,
}

/// Which problem it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProblemCode {
    /// Nobody is signed in, or the sign-in has ended.
    Unauthenticated,
    /// The roles of this account do not permit it.
    Forbidden,
    /// There is no such thing.
    NotFound,
    /// The method does not fit the address.
    MethodNotAllowed,
    /// A value is wrong; `field` says which.
    Invalid,
    /// It is not possible where things stand.
    NotAllowed,
    /// Somebody else was faster.
    Conflict,
    /// The plan no longer is what the world is.
    StalePlan,
    /// Something in the plan was not approved.
    NotApproved,
    /// What was read is not believed, and nothing of it is used.
    Held,
    /// Writes are frozen.
    Frozen,
    /// So many at once need the count typed.
    TypedCount,
    /// The same `Idempotency-Key` came with another request.
    IdempotencyMismatch,
    /// It changed since it was read.
    PreconditionFailed,
    /// An edit needs `If-Match`.
    PreconditionRequired,
    /// More than is accepted.
    TooLarge,
    /// The body is not of the expected media type.
    UnsupportedMediaType,
    /// Too many attempts.
    RateLimited,
    /// The database, the tenant or a source did not answer.
    Unavailable,
    /// A fault of this program.
    Internal,
}

impl ProblemCode {
    const fn status(self) -> StatusCode {
        match self {
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotAllowed | Self::Conflict | Self::StalePlan | Self::NotApproved => StatusCode::CONFLICT,
            Self::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
            Self::PreconditionRequired => StatusCode::PRECONDITION_REQUIRED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Invalid | Self::Held | Self::TypedCount | Self::IdempotencyMismatch => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Self::Frozen => StatusCode::LOCKED,
            Self::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl Problem {
    fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        let status = code.status();
        Self(Box::new(ProblemBody {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Problem").into(),
            status: status.as_u16(),
            detail: detail.into(),
            code,
            field: None,
            remedy: None,
            expected: None,
            retry_after_seconds: None,
            request_id: String::new(),
        }))
    }

    /// Nobody is signed in.
    pub fn unauthenticated(detail: impl Into<String>) -> Self {
        Self::new(ProblemCode::Unauthenticated, detail).remedy("Sign in, or send a valid API token.")
    }

    /// The roles do not permit it.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(ProblemCode::Forbidden, detail)
    }

    /// There is no such thing: unknown, or of another tenant.
    pub fn not_found(what: &str) -> Self {
        Self::new(ProblemCode::NotFound, format!("There is no such {what}."))
    }

    /// The method does not fit the address.
    pub fn method_not_allowed() -> Self {
        Self::new(ProblemCode::MethodNotAllowed, "This address does not take that method.")
    }

    /// A value is wrong.
    pub fn invalid(field: &str, detail: impl Into<String>) -> Self {
        let mut problem = Self::new(ProblemCode::Invalid, detail);
        problem.0.field = Some(field.to_owned());
        problem
    }

    /// The request as a whole cannot be read.
    pub fn unreadable(detail: impl Into<String>) -> Self {
        Self::new(ProblemCode::Invalid, detail)
    }

    /// It is not possible where things stand.
    pub fn not_allowed(detail: impl Into<String>) -> Self {
        Self::new(ProblemCode::NotAllowed, detail)
    }

    /// Somebody else was faster.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(ProblemCode::Conflict, detail)
    }

    /// It changed since it was read.
    pub fn precondition_failed() -> Self {
        Self::new(ProblemCode::PreconditionFailed, "It was changed since you read it.")
            .remedy("Read it again, then repeat your change with its new version.")
    }

    /// An edit needs `If-Match`.
    pub fn precondition_required() -> Self {
        Self::new(ProblemCode::PreconditionRequired, "An edit needs an If-Match header.")
            .remedy("Send If-Match with the version you read, such as \"3\" in quotes.")
    }

    /// The same key came with another request.
    pub fn idempotency_mismatch() -> Self {
        Self::new(ProblemCode::IdempotencyMismatch, "This Idempotency-Key was used for another request.")
            .remedy("Use a new key for each new request.")
    }

    /// More than is accepted.
    pub fn too_large(limit_bytes: usize) -> Self {
        Self::new(ProblemCode::TooLarge, format!("The body is larger than {limit_bytes} bytes."))
    }

    /// The body is not of the expected media type.
    pub fn unsupported_media_type(expected: &str) -> Self {
        Self::new(ProblemCode::UnsupportedMediaType, format!("The body must be {expected}."))
    }

    /// Too many attempts.
    pub fn rate_limited(retry_after_seconds: i64) -> Self {
        let mut problem = Self::new(ProblemCode::RateLimited, "Too many attempts.")
            .remedy(format!("Wait {retry_after_seconds} seconds, then try again."));
        problem.0.retry_after_seconds = Some(retry_after_seconds);
        problem
    }

    /// Something did not answer. `detail` is shown; what may not be shown goes to the log.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(ProblemCode::Unavailable, detail).remedy("Try again in a moment.")
    }

    /// A fault of this program; the log tells more under the request's id.
    pub fn internal() -> Self {
        Self::new(ProblemCode::Internal, "Something went wrong in this program.")
            .remedy("Report it together with the request id.")
    }

    /// Adds what can be done about it.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.0.remedy = Some(remedy.into());
        self
    }

    /// The sentence.
    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    pub(crate) fn set_request_id(&mut self, id: &str) {
        id.clone_into(&mut self.0.request_id);
    }

    /// As tests look at it.
    #[cfg(test)]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(&self.0).expect("a problem is plain JSON")
    }

    /// The answer's bytes.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(&self.0).expect("a problem is plain JSON")
    }
}

/// The media type of a problem.
pub const PROBLEM_JSON: &str = "application/problem+json";

impl IntoResponse for Problem {
    /// The body is written by the outermost layer, which knows the request's id.
    fn into_response(self) -> Response {
        let mut response = self.0.code.status().into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if self.0.code == ProblemCode::Unauthenticated {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.0.retry_after_seconds {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        *response.body_mut() = self.to_bytes().into();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<CommandError> for Problem {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::Forbidden(detail) => Self::forbidden(detail),
            CommandError::NotAllowed(detail) => Self::not_allowed(detail),
            CommandError::NotFound(detail) => Self::new(ProblemCode::NotFound, detail),
            CommandError::Invalid { field, message } => Self::invalid(field, message),
            CommandError::Held { message, remedy } => Self::new(ProblemCode::Held, message).remedy(remedy),
            CommandError::Frozen(detail) => Self::new(ProblemCode::Frozen, detail)
                .remedy("Thaw first: that takes two people, or the typed word in single-operator mode."),
            CommandError::StalePlan(detail) => {
                Self::new(ProblemCode::StalePlan, detail).remedy("Make a new plan and look at it again.")
            }
            CommandError::NotApproved(detail) => {
                Self::new(ProblemCode::NotApproved, detail).remedy("Have it approved first.")
            }
            CommandError::TypedCount { expected } => {
                let mut problem = Self::new(ProblemCode::TypedCount, CommandError::TypedCount { expected }.to_string());
                problem.0.field = Some("typed_count".to_owned());
                problem.0.expected = Some(expected);
                problem
            }
            CommandError::Conflict => {
                Self::conflict("Somebody else changed this at the same moment.").remedy("Look again, then repeat.")
            }
            CommandError::Unavailable(detail) => {
                tracing::error!(error = %detail, "a command could not be carried out");
                Self::unavailable("Something this needs did not answer.")
            }
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        CommandError::from(error).into()
    }
}

impl From<EngineError> for Problem {
    fn from(error: EngineError) -> Self {
        CommandError::from(error).into()
    }
}
