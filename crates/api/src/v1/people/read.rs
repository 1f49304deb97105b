//! `GET /people/{user_id}`

use axum::extract::State;
use reseat_domain::ids::UserId;
use reseat_store::read::people::find_person;

use crate::extract::{Json, Path};
use crate::problem::Problem;
use crate::state::ApiState;
use crate::v1::people::PersonDetail;

/// A person with seats and signals.
#[utoipa::path(
    get,
    path = "/people/{user_id}",
    tag = "people",
    params(("user_id" = String, Path, description = "Entra object id.")),
    responses((status = 200, description = "The person.", body = PersonDetail)),
)]
pub async fn read_person(
    State(state): State<ApiState>,
    Path(user_id): Path<UserId>,
) -> Result<Json<PersonDetail>, Problem> {
    let mut tx = state.engine.store().read().await?;
    let found = find_person(&mut tx, state.engine.tenant_id(), user_id).await?;
    Ok(Json(found.ok_or_else(|| Problem::not_found("person"))?.into()))
}
