//! `DELETE /skus/{sku_id}/price`

use axum::extract::State;
use reseat_domain::ids::SkuId;
use reseat_engine::commands;

use crate::caller::Authenticated;
use crate::extract::{Json, Path};
use crate::problem::Problem;
use crate::state::ApiState;
use crate::v1::skus::Sku;

/// Takes a price away: the license type is then shown as unpriced, never as free.
#[utoipa::path(
    delete,
    path = "/skus/{sku_id}/price",
    tag = "skus",
    params(("sku_id" = String, Path, description = "Which license type.")),
    responses((status = 200, description = "Taken away.", body = Sku)),
)]
pub async fn clear_price(
    State(state): State<ApiState>,
    Authenticated { caller, .. }: Authenticated,
    Path(sku_id): Path<SkuId>,
) -> Result<Json<Sku>, Problem> {
    commands::clear_price(&state.engine, &caller, sku_id).await?;
    Ok(Json(Sku::read(&state, sku_id).await?))
}
