//! The version an edit rests on.

use axum::extract::FromRequestParts;
use http::header;
use http::request::Parts;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::{IntoParams, openapi::Required};

use crate::problem::Problem;

/// The version that whoever edits has read, from `If-Match: "<version>"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IfMatch(pub i64);

impl IfMatch {
    /// Goes on only if the thing still is as it was read.
    ///
    /// # Errors
    /// [`Problem`] 412 when it changed since.
    pub fn check(self, version: i64) -> Result<i64, Problem> {
        if self.0 == version { Ok(version) } else { Err(Problem::precondition_failed()) }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let given = parts.headers.get(header::IF_MATCH).ok_or_else(Problem::precondition_required)?;
        let text = given.to_str().unwrap_or_default();
        let version = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).and_then(|it| it.parse().ok());
        // What is no version of ours matches nothing.
        version.map(Self).ok_or_else(Problem::precondition_failed)
    }
}

impl IntoParams for IfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let parameter = ParameterBuilder::new()
            .name("If-Match")
            .parameter_in(ParameterIn::Header)
            .required(Required::True)
            .description(Some("The version that was read, in quotes."))
            .schema(Some(ObjectBuilder::new().schema_type(Type::String).build()))
            .build();
        vec![parameter]
    }
}
