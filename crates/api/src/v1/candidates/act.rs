//! `POST /candidates/{candidate_id}/actions/{action}`

use axum::extract::State;
use reseat_domain::ids::CandidateId;
use reseat_engine::commands::{self, ActionInput};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::caller::Authenticated;
use crate::extract::{Json, Path};
use crate::problem::{Problem, ProblemBody};
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
        (status = 409, description = "Not possible where it stands (`not_allowed`), or somebody was faster (`conflict`).", body = ProblemBody),
        (status = 423, description = "Writes are frozen.", body = ProblemBody),
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

#[cfg(test)]
mod tests {
    use reseat_domain::detect::FindingKind;
    use serde_json::{Value, json};

    use crate::tests::{Api, Client};

    async fn open(manager: &Client<'_>, seat: impl ToString) -> String {
        let opened = manager.post("/candidates", json!({"seat_ids": [seat.to_string()]})).await.ok();
        let id = opened["items"][0]["candidate"]["candidate_id"].as_str().expect("a candidate").to_owned();
        format!("/candidates/{id}")
    }

    fn allowed(detail: &Value, action: &str) -> bool {
        let actions = detail["allowed_actions"].as_array().expect("actions");
        actions.iter().any(|answer| answer["action"] == action && answer["allowed"] == true)
    }

    #[tokio::test]
    async fn a_seat_is_proposed_approved_proven_gone_and_given_back_again() {
        let api = Api::synced().await;
        let seat = api.world.idle_seats().await[0];
        let (manager, approver) = (api.manager().await, api.approver().await);
        let path = open(&manager, seat).await;
        let opened = manager.get(&path).await.ok();
        assert!(allowed(&opened, "start") && !allowed(&approver.get(&path).await.ok(), "start"));
        assert_eq!(opened["will_be_removed"][0]["sku_id"], seat.sku_id.to_string());
        let proposed = manager.post(&format!("{path}/actions/start"), json!({})).await.ok();
        assert_eq!((&proposed["state"], &proposed["proposed_by"]), (&json!("awaiting_approval"), &json!("manager")));
        manager.post(&format!("{path}/actions/approve"), json!({})).await.refused(403, "forbidden");
        let approve = format!("{path}/actions/approve");
        let approved = approver.clone().keyed("yes").post(&approve, json!({})).await.ok();
        assert_eq!(approved["state"], "awaiting_revocation");
        assert_eq!(approved["approval"]["by"], "approver");
        let again = approver.clone().keyed("yes").post(&approve, json!({})).await;
        assert_eq!(again.header("idempotency-replayed"), "true");
        assert_eq!(again.ok(), approved);
        approver.post(&approve, json!({})).await.refused(409, "not_allowed");
        assert_eq!(approved["waits_because"], Value::Null);
        manager.post("/freeze", json!({"reason": "look first"})).await.ok();
        let waiting = manager.get(&path).await.ok();
        assert!(waiting["waits_because"].as_str().is_some_and(|why| why.contains("look first")), "{waiting:#}");
        approver.post("/thaw", json!({})).await.ok();
        manager.post("/thaw", json!({})).await.ok();
        api.world.drain().await;
        let done = manager.get(&path).await.ok();
        assert_eq!((&done["state"], &done["state_label"]), (&json!("closed_complete"), &json!("Taken back")));
        assert_eq!((&done["writes"][0]["kind"], &done["writes"][0]["state"]), (&json!("remove"), &json!("proven")));
        let states: Vec<&str> =
            done["travelled"].as_array().expect("states").iter().filter_map(|step| step["state"].as_str()).collect();
        let way = ["ready", "awaiting_approval", "awaiting_revocation", "revoking", "verifying", "closed_complete"];
        assert_eq!(states, way);
        assert!(done["history"].as_array().is_some_and(|history| history.len() >= way.len()));
        let restored = manager.post(&format!("{path}/actions/restore"), json!({})).await.ok();
        assert_eq!(restored["state"], "restoring");
        api.world.drain().await;
        assert_eq!(manager.get(&path).await.ok()["state"], "closed_restored");
        assert_eq!((api.world.removals_of(seat).await, api.world.restores_of(seat).await), (1, 1));
        api.finish().await;
    }

    #[tokio::test]
    async fn a_seat_is_kept_only_with_a_reason_and_until_a_day_in_the_future() {
        let api = Api::synced().await;
        let manager = api.manager().await;
        let path = open(&manager, api.world.idle_seats().await[0]).await;
        let keep = format!("{path}/actions/keep");
        assert_eq!(manager.post(&keep, json!({})).await.refused(422, "invalid")["field"], "reason");
        let past = json!({"reason": "needed for audits", "until": "2001-01-01"});
        assert_eq!(manager.post(&keep, past).await.refused(422, "invalid")["field"], "until");
        let until = api.world.engine().now().plus_days(60).day().to_string();
        let kept = manager.post(&keep, json!({"reason": "needed for audits", "until": until})).await.ok();
        assert_eq!(kept["state"], "closed_skipped");
        assert_eq!(kept["keep"], json!({"reason": "needed for audits", "until": until}));
        api.finish().await;
    }

    #[tokio::test]
    async fn a_seat_held_through_a_group_needs_attention_and_is_never_written_to() {
        let api = Api::synced().await;
        let manager = api.manager().await;
        let found = api.world.seats(FindingKind::Idle).await;
        let through_group = found.iter().find(|seat| seat.paths.iter().all(|path| path.group.is_some()));
        let seat = through_group.expect("this world has a seat that only a group gives").key();
        let path = open(&manager, seat).await;
        let started = manager.post(&format!("{path}/actions/start"), json!({})).await.ok();
        assert_eq!(
            (&started["state"], &started["attention"]["cause"]),
            (&json!("attention_required"), &json!("held_through_group"))
        );
        assert_eq!(started["will_be_removed"], json!([]));
        assert!(started["paths"][0]["group_name"].as_str().is_some_and(|name| !name.is_empty()));
        api.world.drain().await;
        assert_eq!(api.world.removals_of(seat).await, 0, "G26");
        api.finish().await;
    }

    #[tokio::test]
    async fn an_unknown_candidate_and_an_unknown_action_are_not_found() {
        let api = Api::unsynced().await;
        let manager = api.manager().await;
        let unknown = "/candidates/00000000-0000-4000-8000-000000000000";
        manager.get(unknown).await.refused(404, "not_found");
        manager.post(&format!("{unknown}/actions/start"), json!({})).await.refused(404, "not_found");
        manager.post(&format!("{unknown}/actions/explode"), json!({})).await.refused(404, "not_found");
        api.auditor().await.post(&format!("{unknown}/actions/start"), json!({})).await.refused(403, "forbidden");
        api.finish().await;
    }
}
