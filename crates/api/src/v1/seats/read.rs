//! `GET /seats/{seat_id}`

use axum::extract::State;
use reseat_domain::ids::SeatKey;
use reseat_store::read::seats::find_seat;

use crate::extract::{Json, Path};
use crate::problem::Problem;
use crate::state::ApiState;
use crate::v1::seats::SeatDetail;

/// A seat with its finding and all evidence.
#[utoipa::path(
    get,
    path = "/seats/{seat_id}",
    tag = "seats",
    params(("seat_id" = String, Path, description = "`<user id>_<sku id>`.")),
    responses((status = 200, description = "The seat.", body = SeatDetail)),
)]
pub async fn read_seat(
    State(state): State<ApiState>,
    Path(seat_id): Path<String>,
) -> Result<Json<SeatDetail>, Problem> {
    let missing = || Problem::not_found("seat");
    let key: SeatKey = seat_id.parse().map_err(|_| missing())?;
    let mut tx = state.engine.store().read().await?;
    let found = find_seat(&mut tx, state.engine.tenant_id(), key).await?;
    Ok(Json(found.ok_or_else(missing)?.into()))
}
