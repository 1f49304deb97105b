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
use crate::problem::{Problem, ProblemBody};
use crate::scalar::{ActionName, CandidateStateName, Day};
use crate::state::ApiState;

/// Which candidates, and what goes with the action.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkActionRequest {
    /// Which candidates.
    #[schema(value_type = Vec<String>, min_items = 1, max_items = 2000)]
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
        (status = 422, description = "A value is wrong (`invalid`), or the count must be typed (`typed_count`).", body = ProblemBody),
        (status = 423, description = "Writes are frozen.", body = ProblemBody),
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::tests::Api;

    #[tokio::test]
    async fn over_the_bulk_limit_the_count_must_be_typed_and_another_person_decides() {
        let api = Api::synced().await;
        let manager = api.manager().await;
        let seats: Vec<String> = api.world.idle_seats().await.iter().take(11).map(ToString::to_string).collect();
        assert_eq!(seats.len(), 11, "this story needs eleven idle seats");
        let opened = manager.post("/candidates", json!({"seat_ids": seats})).await.ok();
        let ids: Vec<&Value> =
            opened["items"].as_array().expect("items").iter().map(|item| &item["candidate"]["candidate_id"]).collect();
        let body = |typed: Value| json!({"candidate_ids": ids, "typed_count": typed});
        let refused = manager.post("/candidates/actions/start", body(Value::Null)).await.refused(422, "typed_count");
        assert_eq!(refused["expected"], 11, "H15");
        manager.post("/candidates/actions/start", body(json!(10))).await.refused(422, "typed_count");
        let started = manager.post("/candidates/actions/start", body(json!(11))).await.ok();
        let states = started["items"].as_array().expect("items").iter().map(|item| &item["state"]);
        assert!(states.into_iter().all(|state| state == "awaiting_approval"), "{started:#}");
        let waiting = manager.get("/candidates?state=awaiting_approval&state=ready&limit=200").await.ok();
        assert_eq!(waiting["total"], 11);
        assert_eq!(manager.get("/candidates?state=closed_complete").await.ok()["total"], 0);
        let none = json!({"candidate_ids": []});
        let refused = manager.post("/candidates/actions/start", none).await.refused(422, "invalid");
        assert_eq!(refused["field"], "candidate_ids");
        let one = json!({"candidate_ids": [ids[0], "00000000-0000-4000-8000-000000000000"]});
        let mixed = api.approver().await.post("/candidates/actions/approve", one).await.ok();
        assert_eq!(mixed["items"][0]["state"], "awaiting_revocation");
        assert!(mixed["items"][1]["state"].is_null() && mixed["items"][1]["problem"].is_string());
        api.finish().await;
    }
}
