//! Bearer tokens for the REST interface, each acting as its owner.

use reseat_store::installation::api_tokens::ApiToken;
use serde::Serialize;
use utoipa::ToSchema;

use crate::scalar::Moment;

pub mod create;
pub mod list;
pub mod remove;

/// A bearer token, without its secret.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Token {
    /// Its id.
    pub token_id: String,
    /// What its owner calls it.
    pub name: String,
    /// When it was made.
    pub created_at: Moment,
    /// When it ends by itself.
    pub expires_at: Option<Moment>,
}

impl From<ApiToken> for Token {
    fn from(token: ApiToken) -> Self {
        Self {
            token_id: token.id.to_string(),
            name: token.name,
            created_at: token.created_at.into(),
            expires_at: token.expires_at.map(Moment),
        }
    }
}
