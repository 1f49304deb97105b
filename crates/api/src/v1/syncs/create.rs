//! `POST /syncs`

use axum::extract::State;
use http::StatusCode;
use reseat_engine::commands;
use reseat_store::read::syncs::find_run;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::caller::Authenticated;
use crate::extract::Json;
use crate::problem::{Problem, ProblemBody};
use crate::scalar::TaskName;
use crate::state::ApiState;
use crate::v1::syncs::Sync;

/// What to read.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SyncRequest {
    /// Only this task; all enabled reading tasks when left out.
    pub task: Option<TaskName>,
}

/// The runs that were asked for.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct QueuedSyncs {
    /// One for each task.
    pub items: Vec<Sync>,
}

/// Asks for a reading now.
#[utoipa::path(
    post,
    path = "/syncs",
    tag = "syncs",
    request_body = SyncRequest,
    responses(
        (status = 202, description = "Queued.", body = QueuedSyncs),
        (status = 409, description = "The task is switched off, or reads nothing.", body = ProblemBody),
    ),
)]
pub async fn create_sync(
    State(state): State<ApiState>,
    Authenticated { caller, .. }: Authenticated,
    Json(body): Json<SyncRequest>,
) -> Result<(StatusCode, Json<QueuedSyncs>), Problem> {
    let ids = commands::sync_now(&state.engine, &caller, body.task.map(|task| task.0)).await?;
    let mut tx = state.engine.store().read().await?;
    let mut items = Vec::with_capacity(ids.len());
    for id in ids {
        items.extend(find_run(&mut tx, state.engine.tenant_id(), id).await?.map(Sync::try_from).transpose()?);
    }
    Ok((StatusCode::ACCEPTED, Json(QueuedSyncs { items })))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::tests::Api;

    #[tokio::test]
    async fn a_sync_is_queued_and_can_be_followed_to_its_end() {
        let api = Api::unsynced().await;
        let manager = api.manager().await;
        let queued = manager.clone().keyed("k").post("/syncs", json!({"task": "license_information"})).await;
        assert_eq!(queued.status, 202);
        let queued = queued.ok();
        let run = &queued["items"][0];
        assert_eq!((&run["status"], &run["label"]), (&json!("queued"), &json!("License Information")));
        let again = manager.keyed("k").post("/syncs", json!({"task": "license_information"})).await;
        assert_eq!((again.status, again.header("idempotency-replayed")), (202, "true"));
        assert_eq!(again.ok()["items"][0]["sync_id"], run["sync_id"]);
        api.world.tick().await.expect("a pass");
        let auditor = api.auditor().await;
        let ended = auditor.get(&format!("/syncs/{}", run["sync_id"].as_str().expect("an id"))).await.ok();
        assert_eq!(ended["status"], "succeeded", "{ended:#}");
        assert!(ended["counts"].as_object().is_some_and(|counts| !counts.is_empty()), "{ended:#}");
        auditor.post("/syncs", json!({})).await.refused(403, "forbidden");
        auditor.get("/syncs/00000000-0000-4000-8000-000000000000").await.refused(404, "not_found");
        let listed = auditor.get("/syncs?task=license_information&limit=1").await.ok();
        assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));
        api.finish().await;
    }
}
