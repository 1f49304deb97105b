//! `GET /skus/{sku_id}`

use axum::extract::State;
use reseat_domain::ids::SkuId;

use crate::extract::{Json, Path};
use crate::problem::Problem;
use crate::state::ApiState;
use crate::v1::skus::SkuDetail;

/// A license type with seats, price, findings, purchases and groups.
#[utoipa::path(
    get,
    path = "/skus/{sku_id}",
    tag = "skus",
    params(("sku_id" = String, Path, description = "Which license type.")),
    responses((status = 200, description = "The license type.", body = SkuDetail)),
)]
pub async fn read_sku(State(state): State<ApiState>, Path(sku_id): Path<SkuId>) -> Result<Json<SkuDetail>, Problem> {
    Ok(Json(SkuDetail::read(&state, sku_id).await?))
}
