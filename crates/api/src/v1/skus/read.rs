//! `GET /skus/{sku_id}`

use axum::extract::State;
use reseat_domain::ids::SkuId;

use crate::extract::{Json, Path};
use crate::problem::Problem;
use crate::state::ApiState;
use crate::v1::skus::Sku;

/// A license type with seats, price and findings.
#[utoipa::path(
    get,
    path = "/skus/{sku_id}",
    tag = "skus",
    params(("sku_id" = String, Path, description = "Which license type.")),
    responses((status = 200, description = "The license type.", body = Sku)),
)]
pub async fn read_sku(State(state): State<ApiState>, Path(sku_id): Path<SkuId>) -> Result<Json<Sku>, Problem> {
    Ok(Json(Sku::read(&state, sku_id).await?))
}
