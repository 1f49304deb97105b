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

#[cfg(test)]
mod tests {
    use crate::tests::Api;

    #[tokio::test]
    async fn a_seat_shows_its_person_its_finding_and_the_evidence_behind_it() {
        let api = Api::synced().await;
        let seat = api.world.idle_seats().await[0];
        let auditor = api.auditor().await;
        let found = auditor.get(&format!("/seats/{seat}")).await.ok();
        assert_eq!(found["person"]["user_id"], seat.user_id.to_string());
        assert!(found["finding"]["evidence"].as_array().is_some_and(|evidence| evidence.len() > 2));
        let id = found["finding"]["finding_id"].as_str().expect("an id");
        assert_eq!(auditor.get(&format!("/findings/{id}")).await.ok(), found["finding"]);
        let person = auditor.get(&format!("/people/{}", seat.user_id)).await.ok();
        assert!(person["seats"].as_array().is_some_and(|seats| !seats.is_empty()));
        for gone in [
            format!("/seats/{}_{}", seat.user_id, seat.user_id),
            "/seats/nonsense".to_owned(),
            "/people/00000000-0000-4000-8000-000000000000".to_owned(),
            "/findings/00000000-0000-4000-8000-000000000000".to_owned(),
        ] {
            auditor.get(&gone).await.refused(404, "not_found");
        }
        api.finish().await;
    }
}
