//! `GET /accounts`

use axum::extract::State;
use reseat_store::installation::accounts;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::extract::{Json, Limit, Page, Query};
use crate::problem::Problem;
use crate::state::ApiState;
use crate::v1::accounts::Account;

/// Accounts.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AccountList {
    /// This page.
    pub items: Vec<Account>,
    /// Where the next page begins; null on the last one.
    pub next_cursor: Option<String>,
}

/// Which accounts.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AccountQuery {
    /// How many, 1 to 200; 50 when left out.
    #[param(minimum = 1, maximum = 200, default = 50, value_type = Option<u32>)]
    pub limit: Option<Limit>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// The accounts that sign in.
#[utoipa::path(
    get,
    path = "/accounts",
    tag = "accounts",
    params(AccountQuery),
    responses((status = 200, description = "Accounts.", body = AccountList)),
)]
pub async fn list_accounts(
    State(state): State<ApiState>,
    Query(query): Query<AccountQuery>,
) -> Result<Json<AccountList>, Problem> {
    let mut tx = state.engine.store().read().await?;
    let all: Vec<Account> = accounts::list_accounts(&mut tx).await?.into_iter().map(Account::from).collect();
    let page = Page::new(query.limit, query.cursor);
    let (items, next_cursor) = page.cut(all, |account| account.account_id.clone())?;
    Ok(Json(AccountList { items, next_cursor }))
}
