//! `GET /candidates/{candidate_id}`

use axum::extract::State;
use reseat_domain::ids::CandidateId;

use crate::caller::Authenticated;
use crate::extract::{Json, Path};
use crate::problem::Problem;
use crate::state::ApiState;
use crate::v1::candidates::CandidateDetail;

/// A candidate with evidence, writes, history, and what whoever asks may do.
#[utoipa::path(
    get,
    path = "/candidates/{candidate_id}",
    tag = "candidates",
    params(("candidate_id" = String, Path, description = "Which candidate.")),
    responses((status = 200, description = "The candidate.", body = CandidateDetail)),
)]
pub async fn read_candidate(
    State(state): State<ApiState>,
    Authenticated { caller, .. }: Authenticated,
    Path(id): Path<CandidateId>,
) -> Result<Json<CandidateDetail>, Problem> {
    Ok(Json(CandidateDetail::read(&state, &caller, id).await?))
}
