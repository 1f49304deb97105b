//! `POST /plans/{plan_id}/apply`

use axum::extract::State;
use reseat_domain::ids::PlanId;
use reseat_engine::commands;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::caller::Authenticated;
use crate::extract::{Json, Path};
use crate::problem::{Problem, ProblemBody};
use crate::state::ApiState;
use crate::v1::plans::Plan;

/// Which plan exactly.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanApplication {
    /// The hash of the plan that was looked at.
    pub hash: String,
}

/// Hands a plan to write-back. Refused when anything in it moved since, or was not approved.
#[utoipa::path(
    post,
    path = "/plans/{plan_id}/apply",
    tag = "plans",
    params(("plan_id" = String, Path, description = "Which plan.")),
    request_body = PlanApplication,
    responses(
        (status = 200, description = "Applied.", body = Plan),
        (status = 409, description = "Something moved since (`stale_plan`), or was not approved (`not_approved`).", body = ProblemBody),
        (status = 423, description = "Writes are frozen.", body = ProblemBody),
    ),
)]
pub async fn apply_plan(
    State(state): State<ApiState>,
    Authenticated { caller, .. }: Authenticated,
    Path(id): Path<PlanId>,
    Json(body): Json<PlanApplication>,
) -> Result<Json<Plan>, Problem> {
    commands::apply_plan(&state.engine, &caller, id, &body.hash).await?;
    Ok(Json(Plan::read(&state, id).await?))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::tests::Api;

    #[tokio::test]
    async fn a_plan_is_applied_only_as_it_was_looked_at_approved_and_not_frozen() {
        let api = Api::synced().await;
        let manager = api.manager().await;
        let seats = api.world.idle_seats().await;
        let proposed = api.world.propose(seats[0]).await;
        let draft = json!({"candidate_ids": [proposed]});
        for client in [api.approver().await, api.admin().await, api.auditor().await] {
            client.post("/plans", draft.clone()).await.refused(403, "forbidden");
        }
        let made = manager.post("/plans", draft.clone()).await;
        assert_eq!(made.status, 201);
        let plan = made.ok();
        assert_eq!((&plan["origin"], &plan["created_by"]), (&json!("person"), &json!("manager")));
        assert_eq!(plan["items"][0]["request"]["body"]["removeLicenses"], json!([seats[0].sku_id]));
        let apply = |plan: &Value| format!("/plans/{}/apply", plan["plan_id"].as_str().expect("an id"));
        let hash = |plan: &Value| json!({"hash": plan["hash"]});
        manager.post(&apply(&plan), hash(&plan)).await.refused(409, "not_approved");
        manager.post(&apply(&plan), json!({"hash": "another"})).await.refused(409, "stale_plan");
        api.auditor().await.post("/freeze", json!({"reason": "a test"})).await.ok();
        let approved = api.world.reclaim(seats[1]).await;
        let plan = manager.post("/plans", json!({"candidate_ids": [approved]})).await.ok();
        manager.post(&apply(&plan), hash(&plan)).await.refused(423, "frozen");
        manager.post("/thaw", json!({})).await.ok();
        api.approver().await.post("/thaw", json!({})).await.ok();
        let applied = manager.clone().keyed("k").post(&apply(&plan), hash(&plan)).await.ok();
        assert!(applied["applied_at"].is_string());
        assert_eq!(manager.clone().keyed("k").post(&apply(&plan), hash(&plan)).await.ok(), applied);
        let listed = manager.get("/plans").await.ok();
        assert_eq!(listed["items"][0]["item_count"], 1);
        manager.get("/plans/00000000-0000-4000-8000-000000000000").await.refused(404, "not_found");
        api.world.drain().await;
        assert_eq!(api.world.removals_of(seats[1]).await, 1);
        assert_eq!(api.world.removals_of(seats[0]).await, 0);
        api.finish().await;
    }
}
