//! `POST /candidates/actions/{action}`

use axum::extract::State;
use reseat_domain::candidate::StateName;
use reseat_domain::ids::CandidateId;
use reseat_engine::CommandError;
use reseat_engine::commands::{self, ActionInput};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::caller::Authenticated;
use crate::extract::{Json, Path};
use crate::problem::Problem;
use crate::scalar::{ActionName, CandidateStateName, Day};
use crate::state::ApiState;

/// Which candidates, and what goes with the action.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkActionRequest {
    /// Which candidates.
    #[schema(value_type = Vec<String>)]
    pub candidate_ids: Vec<CandidateId>,
    /// Why; needed for `keep` and `skip`.
    pub reason: Option<String>,
    /// For `keep`: until when the seats are not found again.
    pub until: Option<Day>,
    /// How many there are, typed by a person; needed over the bulk limit.
    pub typed_count: Option<usize>,
}

/// What became of each candidate.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BulkActionResult {
    /// In the order asked.
    pub items: Vec<BulkActionItem>,
}

/// What became of one candidate.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BulkActionItem {
    /// Which.
    pub candidate_id: String,
    /// Where it now stands; null when nothing was done.
    pub state: Option<CandidateStateName>,
    /// Why nothing was done.
    pub problem: Option<String>,
}

/// Acts on many candidates. Each has its own answer; one that cannot be acted on stops no other.
///
/// Over ten seats, or over one percent of a large license type, `typed_count` must equal the count.
#[utoipa::path(
    post,
    path = "/candidates/actions/{action}",
    tag = "candidates",
    params(("action" = ActionName, Path, description = "What to do.")),
    request_body = BulkActionRequest,
    responses(
        (status = 200, description = "What became of each candidate.", body = BulkActionResult),
        (status = 422, description = "A value is wrong (`invalid`), or the count must be typed (`typed_count`).", body = Problem),
        (status = 423, description = "Writes are frozen.", body = Problem),
    ),
)]
pub async fn act_on_candidates(
    State(state): State<ApiState>,
    Authenticated { caller, .. }: Authenticated,
    Path(action): Path<ActionName>,
    Json(body): Json<BulkActionRequest>,
) -> Result<Json<BulkActionResult>, Problem> {
    if body.candidate_ids.is_empty() || body.candidate_ids.len() > MOST {
        return Err(Problem::invalid("candidate_ids", format!("Name 1 to {MOST} candidates.")));
    }
    let input = ActionInput { reason: body.reason, until: body.until.map(|day| day.0), note: None };
    let (ids, typed) = (&body.candidate_ids, body.typed_count);
    let done = commands::act_on_many(&state.engine, &caller, ids, action.0, &input, typed).await?;
    let items = done.into_iter().map(|(id, result)| BulkActionItem::new(id, result)).collect();
    Ok(Json(BulkActionResult { items }))
}

/// The most candidates one request acts on; a larger choice is sent in parts.
const MOST: usize = 2_000;

impl BulkActionItem {
    fn new(id: CandidateId, result: Result<StateName, CommandError>) -> Self {
        let candidate_id = id.to_string();
        match result {
            Ok(state) => Self { candidate_id, state: Some(state.into()), problem: None },
            Err(error) => Self { candidate_id, state: None, problem: Some(Problem::from(error).detail().to_owned()) },
        }
    }
}
