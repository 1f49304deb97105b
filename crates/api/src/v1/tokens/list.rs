//! `GET /tokens`

use axum::extract::State;
use reseat_store::installation::api_tokens;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::caller::Authenticated;
use crate::extract::{Json, Limit, Page, Query};
use crate::problem::Problem;
use crate::state::ApiState;
use crate::v1::tokens::Token;

/// Tokens.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TokenList {
    /// This page.
    pub items: Vec<Token>,
    /// Where the next page begins; null on the last one.
    pub next_cursor: Option<String>,
}

/// Which tokens.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct TokenQuery {
    /// How many, 1 to 200; 50 when left out.
    #[param(minimum = 1, maximum = 200, default = 50, value_type = Option<u32>)]
    pub limit: Option<Limit>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// The tokens of whoever asks that still work, without their secrets.
#[utoipa::path(
    get,
    path = "/tokens",
    tag = "accounts",
    params(TokenQuery),
    responses((status = 200, description = "Tokens.", body = TokenList)),
)]
pub async fn list_tokens(
    State(state): State<ApiState>,
    Authenticated { caller, .. }: Authenticated,
    Query(query): Query<TokenQuery>,
) -> Result<Json<TokenList>, Problem> {
    let now = state.clock.now();
    let mut tx = state.engine.store().read().await?;
    let mut all = api_tokens::list_tokens(&mut tx, caller.account_id).await?;
    all.retain(|token| token.revoked_at.is_none() && token.expires_at.is_none_or(|end| end > now));
    let page = Page::new(query.limit, query.cursor);
    let (items, next_cursor) = page.cut(all, |token| token.id.to_string())?;
    Ok(Json(TokenList { items: items.into_iter().map(Token::from).collect(), next_cursor }))
}
