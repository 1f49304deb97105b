//! `GET /skus`

use axum::extract::State;
use reseat_store::read::skus;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::extract::{Json, Limit, Page, Query};
use crate::problem::Problem;
use crate::state::ApiState;
use crate::v1::skus::Sku;
use crate::v1::skus::SkuList;

/// Which license types.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct SkuQuery {
    /// How many, 1 to 200; 50 when left out.
    #[param(minimum = 1, maximum = 200, default = 50, value_type = Option<u32>)]
    pub limit: Option<Limit>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// License types with seats, prices and findings.
#[utoipa::path(
    get,
    path = "/skus",
    tag = "skus",
    params(SkuQuery),
    responses((status = 200, description = "License types.", body = SkuList)),
)]
pub async fn list_skus(State(state): State<ApiState>, Query(query): Query<SkuQuery>) -> Result<Json<SkuList>, Problem> {
    let mut tx = state.engine.store().read().await?;
    let all = skus::list_skus(&mut tx, state.engine.tenant_id()).await?;
    let page = Page::new(query.limit, query.cursor);
    let (items, next_cursor) = page.cut(all, |item| item.sku.sku_id.to_string())?;
    Ok(Json(SkuList { items: items.into_iter().map(Sku::from).collect(), next_cursor }))
}
