//! A JSON body in, a JSON body out.

use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::BODY_LIMIT;
use crate::problem::Problem;

/// A body of `application/json`. An empty body reads as `{}`, so that a command without arguments
/// needs none.
#[derive(Debug, Clone, Copy, Default)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let declared = is_json(request.headers());
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| unreadable_body(&rejection))?;
        if bytes.is_empty() {
            return parse(b"{}").map(Self);
        }
        if !declared {
            return Err(Problem::unsupported_media_type("application/json"));
        }
        parse(&bytes).map(Self)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        (StatusCode::OK, axum::Json(self.0)).into_response()
    }
}

/// Why a body could not be read at all.
pub(crate) fn unreadable_body(rejection: &BytesRejection) -> Problem {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return Problem::too_large(BODY_LIMIT);
    }
    Problem::unreadable("The body could not be read to its end.")
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map_err(|error| {
        let text = error.to_string();
        match named_field(&text) {
            Some(field) => Problem::invalid(field, text.clone()),
            None => Problem::unreadable(text),
        }
    })
}

/// The field that serde names in an unknown, missing or duplicate field's message.
fn named_field(message: &str) -> Option<&str> {
    ["unknown field `", "missing field `", "duplicate field `"]
        .iter()
        .find_map(|start| message.split_once(start)?.1.split_once('`'))
        .map(|(field, _)| field)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Body {
        #[expect(dead_code, reason = "only parsed")]
        reason: String,
    }

    #[test]
    fn a_wrong_body_names_its_field() {
        let refuse = |text: &str| parse::<Body>(text.as_bytes()).expect_err("refused").to_json();
        assert_eq!(refuse("{}")["field"], "reason");
        assert_eq!(refuse(r#"{"reason":"a","now":1}"#)["field"], "now");
        assert_eq!(refuse("{")["code"], "invalid");
    }
}
