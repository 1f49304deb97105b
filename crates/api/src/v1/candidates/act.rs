//! `POST /candidates/{candidate_id}/actions/{action}`

use axum::extract::State;
use reseat_domain::ids::CandidateId;
use reseat_engine::commands::{self, ActionInput};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::caller::Authenticated;
use crate::extract::{Json, Path};
use crate::problem::Problem;
use crate::scalar::{ActionName, Day};
use crate::state::ApiState;
use crate::v1::candidates::CandidateDetail;

/// What goes with the action.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActionRequest {
    /// Why; needed for `keep` and `skip`.
    pub reason: Option<String>,
    /// For `keep`: until when the seat is not found again.
    pub until: Option<Day>,
    /// How it was done; needed for `complete`.
    pub note: Option<String>,
}

/// Acts on a candidate. `allowed_actions` of the candidate says what is possible and why not.
///
/// `start` proposes to take the seat back, `approve` takes it back, `keep` lets the person keep it, `release` gives it up
/// as its holder, `restore` undoes a removal.
#[utoipa::path(
    post,
    path = "/candidates/{candidate_id}/actions/{action}",
    tag = "candidates",
    params(
        ("candidate_id" = String, Path, description = "Which candidate."),
        ("action" = ActionName, Path, description = "What to do."),
    ),
    request_body = ActionRequest,
    responses(
        (status = 200, description = "The candidate as it now stands.", body = CandidateDetail),
        (status = 409, description = "Not possible where it stands (`not_allowed`), or somebody was faster (`conflict`).", body = Problem),
        (status = 423, description = "Writes are frozen.", body = Problem),
    ),
)]
pub async fn act_on_candidate(
    State(state): State<ApiState>,
    Authenticated { caller, .. }: Authenticated,
    Path((id, action)): Path<(CandidateId, ActionName)>,
    Json(body): Json<ActionRequest>,
) -> Result<Json<CandidateDetail>, Problem> {
    let input = ActionInput { reason: body.reason, until: body.until.map(|day| day.0), note: body.note };
    let id = commands::act(&state.engine, &caller, id, action.0, &input).await?;
    Ok(Json(CandidateDetail::read(&state, &caller, id).await?))
}
