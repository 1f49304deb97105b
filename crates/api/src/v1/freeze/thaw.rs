//! `POST /thaw`

use axum::extract::State;
use reseat_engine::commands;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::caller::Authenticated;
use crate::extract::Json;
use crate::problem::{Problem, ProblemBody};
use crate::state::ApiState;
use crate::v1::freeze::FreezeState;

/// A wish to go on.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ThawRequest {
    /// The word `thaw`, needed in single-operator mode only.
    pub typed: Option<String>,
}

/// Asks that writes go on, or agrees to it.
///
/// The first person asks; another one agrees and thereby thaws. In single-operator mode one person thaws by typing
/// `thaw`.
#[utoipa::path(
    post,
    path = "/thaw",
    tag = "freeze",
    request_body = ThawRequest,
    responses(
        (status = 200, description = "Still frozen with `thaw_asked_by`, or thawed with null.", body = FreezeState),
        (status = 409, description = "Nothing is frozen, or the same person asked before.", body = ProblemBody),
    ),
)]
pub async fn thaw(
    State(state): State<ApiState>,
    Authenticated { caller, .. }: Authenticated,
    Json(body): Json<ThawRequest>,
) -> Result<Json<FreezeState>, Problem> {
    commands::thaw(&state.engine, &caller, body.typed.as_deref()).await?;
    let mut tx = state.engine.store().read().await?;
    Ok(Json(FreezeState::read(&mut tx, state.engine.tenant_id()).await?))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::tests::Api;

    #[tokio::test]
    async fn anyone_with_a_role_freezes_and_two_people_thaw() {
        let api = Api::unsynced().await;
        let (manager, approver) = (api.manager().await, api.approver().await);
        manager.post("/thaw", json!({})).await.refused(409, "not_allowed");
        let auditor = api.auditor().await;
        assert_eq!(auditor.post("/freeze", json!({"reason": " "})).await.refused(422, "invalid")["field"], "reason");
        let frozen = auditor.post("/freeze", json!({"reason": "something looks odd"})).await.ok();
        assert_eq!(frozen["freeze"]["frozen_by"], "auditor");
        auditor.post("/thaw", json!({})).await.refused(403, "forbidden");
        let asked = manager.post("/thaw", json!({})).await.ok();
        assert_eq!(asked["freeze"]["thaw_asked_by"], "manager");
        manager.post("/thaw", json!({})).await.refused(409, "not_allowed");
        assert_eq!(approver.post("/thaw", json!({})).await.ok()["freeze"], Value::Null);
        api.finish().await;
    }
}
