//! `POST /candidates`

use axum::extract::State;
use reseat_domain::ids::SeatKey;
use reseat_engine::commands::{self, Opened};
use reseat_store::candidates::find_candidate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::caller::Authenticated;
use crate::extract::Json;
use crate::problem::Problem;
use crate::state::ApiState;
use crate::v1::candidates::CandidateRef;

/// Which seats become candidates.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCandidates {
    /// Seats whose finding is `idle` or `needs_person`.
    #[schema(min_items = 1, max_items = 2000)]
    pub seat_ids: Vec<String>,
}

/// What became of each seat.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OpenedCandidates {
    /// In the order asked.
    pub items: Vec<OpenedCandidate>,
}

/// What became of one seat.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OpenedCandidate {
    /// Which seat.
    pub seat_id: String,
    /// Its candidate; null when none could be opened.
    pub candidate: Option<CandidateRef>,
    /// Why not.
    pub problem: Option<String>,
}

/// Opens candidates for seats. Each seat has its own answer; one that cannot be opened stops no other.
#[utoipa::path(
    post,
    path = "/candidates",
    tag = "candidates",
    request_body = NewCandidates,
    responses((status = 200, description = "What became of each seat.", body = OpenedCandidates)),
)]
pub async fn create_candidates(
    State(state): State<ApiState>,
    Authenticated { caller, .. }: Authenticated,
    Json(body): Json<NewCandidates>,
) -> Result<Json<OpenedCandidates>, Problem> {
    let seats = body.seats()?;
    let opened = commands::open(&state.engine, &caller, &seats).await?;
    let mut tx = state.engine.store().read().await?;
    let mut items = Vec::with_capacity(opened.len());
    for Opened { seat, result } in opened {
        let (candidate, problem) = match result {
            Ok(id) => (find_candidate(&mut tx, state.engine.tenant_id(), id).await?.map(Into::into), None),
            Err(problem) => (None, Some(problem)),
        };
        items.push(OpenedCandidate { seat_id: seat.to_string(), candidate, problem });
    }
    Ok(Json(OpenedCandidates { items }))
}

impl NewCandidates {
    /// The most seats one request opens; a larger choice is sent in parts.
    const MOST: usize = 2_000;

    fn seats(&self) -> Result<Vec<SeatKey>, Problem> {
        if self.seat_ids.is_empty() || self.seat_ids.len() > Self::MOST {
            return Err(Problem::invalid("seat_ids", format!("Name 1 to {} seats.", Self::MOST)));
        }
        let parse = |id: &String| id.parse().map_err(|bad| Problem::invalid("seat_ids", format!("{bad}")));
        self.seat_ids.iter().map(parse).collect::<Result<_, Problem>>()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::tests::Api;

    #[tokio::test]
    async fn seats_become_candidates_each_with_its_own_answer() {
        let api = Api::synced().await;
        let seat = api.world.idle_seats().await[0].to_string();
        let unknown = "00000000-0000-4000-8000-000000000000_00000000-0000-4000-8000-000000000000";
        let body = json!({"seat_ids": [seat, unknown]});
        for client in [api.approver().await, api.admin().await, api.auditor().await] {
            client.post("/candidates", body.clone()).await.refused(403, "forbidden");
        }
        api.nobody().post("/candidates", body.clone()).await.refused(401, "unauthenticated");
        let manager = api.manager().await;
        let opened = manager.clone().keyed("k").post("/candidates", body.clone()).await.ok();
        assert_eq!(opened["items"][0]["candidate"]["state"], "ready");
        assert_eq!(opened["items"][1]["candidate"], Value::Null);
        assert!(opened["items"][1]["problem"].is_string());
        assert_eq!(manager.clone().keyed("k").post("/candidates", body.clone()).await.ok(), opened);
        assert_eq!(manager.post("/candidates", body).await.ok(), opened, "an open candidate stays the one");
        let wrong = manager.post("/candidates", json!({"seat_ids": ["nonsense"]})).await.refused(422, "invalid");
        assert_eq!(wrong["field"], "seat_ids");
        api.finish().await;
    }
}
